//! Real origins, real clones, plans made by hand.

mod bump;
mod conflicts;
mod locks;
mod propose;
mod release;
mod remotes;
mod resume;
mod tag;
mod tools;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cascade_manifest::Level;
use cascade_plan::{
    Action, Event, Fate, Oid, OnFailure, Outcome, PackageId, Plan, Purpose, Reason, Release,
    ReleaseMode, RepoId, Request, RunId, Step, TagFormat, TagTemplate,
};
use cascade_tests::Town;

use crate::{Environment, Git, Manner, Overwrite, Site, State, save};

/// Returns the environment of a town, as a face would read it.
pub(crate) fn environment_of(town: &Town) -> Environment {
    let command = town.command("git");
    let owned = |(name, value): (&OsStr, Option<&OsStr>)| {
        Some((name.to_os_string(), value?.to_os_string()))
    };
    Environment::new(command.get_envs().filter_map(owned))
}

/// Returns the git of a town.
pub(crate) fn git_of(town: &Town) -> Git {
    Git::find(environment_of(town)).unwrap()
}

/// Two repositories at once, and siblings go on.
pub(super) const TWO: Manner = Manner {
    graph: None,
    jobs: 2,
    on_failure: OnFailure::GoOn,
    scope: None,
    until: None,
};

/// A town with everything that carrying out needs.
pub(super) struct World {
    pub(super) town: Town,
    pub(super) environment: Environment,
    pub(super) state: State,
}

impl World {
    pub(super) fn new() -> Self {
        Self::of(Town::new())
    }

    pub(super) fn of(town: Town) -> Self {
        town.workspace("");
        let file = town.work().join("workspace.toml");
        let state = State::open(&town.path().join("home/state"), &file).unwrap();
        let mut environment = environment_of(&town);
        environment.patience.silence = Duration::ZERO;
        environment.patience.tag = Duration::from_millis(900);
        Self {
            town,
            environment,
            state,
        }
    }

    /// Founds a repository with one file and the tag `v1.0.0`.
    pub(super) fn repo(&self, name: &str) {
        self.town
            .repo(name, "v1.0.0", &[("pin", "old\n"), ("docs/readme", "x\n")]);
    }

    pub(super) fn git(&self) -> Git {
        Git::find(self.environment.clone()).unwrap()
    }

    /// Takes the name and address away that git commits with in a clone.
    pub(super) fn forget_who(&mut self, repo: &str) {
        for name in [
            "AUTHOR_NAME",
            "AUTHOR_EMAIL",
            "COMMITTER_NAME",
            "COMMITTER_EMAIL",
        ] {
            let name = OsString::from(format!("GIT_{name}"));
            self.environment.vars.remove(&name).unwrap();
        }
        self.town
            .git(repo, &["config", "user.useConfigOnly", "true"]);
    }

    /// Puts a script of this name first in `PATH`.
    pub(super) fn tool(&mut self, name: &str, script: &str) {
        let bin = self.town.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        executable(&bin.join(name), script);
        let path = self
            .environment
            .vars
            .get(OsStr::new("PATH"))
            .cloned()
            .unwrap();
        let first = OsString::from(format!("{}:{}", bin.display(), path.to_str().unwrap()));
        self.environment.vars.insert("PATH".into(), first);
    }

    /// Puts a hook into the origin.
    pub(super) fn hook(&self, repo: &str, name: &str, script: &str) {
        executable(&self.town.origin(repo).join("hooks").join(name), script);
    }

    /// Returns a step that writes `pin`, commits, tags `v1.0.1` and pushes.
    pub(super) fn step(&self, repo: &str, after: &[&str]) -> Step {
        let mut step = self.bare_step(repo, after);
        step.actions = vec![
            write("pin", "old\n", "new\n"),
            Action::Commit {
                message: format!("fix(deps): pin old -> new\n\nCascade-Run: {RUN}"),
            },
            tag("v1.0.1"),
            push(&["v1.0.1"]),
            Action::AwaitTag {
                template: TagTemplate::parse("v{version}").unwrap(),
                format: TagFormat::Semver,
                name: Some("v1.0.1".to_owned()),
            },
        ];
        step
    }

    /// Returns a step of a repository without actions.
    pub(super) fn bare_step(&self, repo: &str, after: &[&str]) -> Step {
        Step {
            repo: id(repo),
            path: repo.to_owned(),
            remote: Some(self.town.origin(repo).to_str().unwrap().to_owned()),
            branch: Some("main".to_owned()),
            mode: ReleaseMode::Tag,
            base: Oid::parse(&self.town.git(repo, &["rev-parse", "HEAD"])).unwrap(),
            wave: 0,
            after: after.iter().map(|it| id(it)).collect(),
            releases: vec![Release {
                package: package(repo),
                from: Some("1.0.0".to_owned()),
                to: "1.0.1".to_owned(),
                tag: "v1.0.1".to_owned(),
                out: false,
                level: Level::Patch,
                reason: Reason::Asked,
                evidence: Arc::default(),
            }],
            pins: Vec::new(),
            locks: Vec::new(),
            actions: Vec::new(),
            held: None,
        }
    }

    pub(super) fn release(&self, plan: &Plan) -> Outcome {
        crate::release(plan, &self.git(), &self.state, TWO, &mut |_: Event| {}).unwrap()
    }

    pub(super) fn sites(&self, repos: &[&str]) -> Vec<Site> {
        let site = |repo: &&str| Site {
            repo: id(repo),
            folder: self.town.clone_of(repo),
        };
        repos.iter().map(site).collect()
    }

    /// Returns every ref of the origin.
    pub(super) fn refs(&self, repo: &str) -> String {
        self.town
            .git_origin(repo, &["for-each-ref", "--format=%(refname) %(objectname)"])
    }
}

pub(super) const RUN: &str = "0123456789ab";

pub(super) fn id(name: &str) -> RepoId {
    RepoId::new(name)
}

pub(super) fn package(repo: &str) -> PackageId {
    PackageId {
        repo: id(repo),
        ecosystem: "python".to_owned(),
        name: repo.to_owned(),
    }
}

pub(super) fn write(path: &str, before: &str, after: &str) -> Action {
    Action::Write {
        path: path.to_owned(),
        before: before.into(),
        after: after.to_owned(),
    }
}

pub(super) fn tag(name: &str) -> Action {
    Action::Tag {
        name: name.to_owned(),
        message: format!("{name}\n\n# notes\n\nCascade-Run: {RUN}"),
    }
}

pub(super) fn push(tags: &[&str]) -> Action {
    Action::Push {
        branch: Some("main".to_owned()),
        tags: tags.iter().map(|it| (*it).to_owned()).collect(),
    }
}

pub(super) fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        schema: "cascade.plan/1".to_owned(),
        workspace: "town".to_owned(),
        request: Request {
            purpose: Purpose::Release,
            asks: Vec::new(),
            only: BTreeSet::new(),
            skip: BTreeSet::new(),
            pins_only: false,
            allow_churn: false,
            pre: None,
            downgrade: None,
        },
        taken: 1_700_100_000,
        run: RunId(RUN.to_owned()),
        steps,
    }
}

pub(super) fn executable(at: &Path, script: &str) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    save(at, &format!("#!/bin/sh\n{script}\n"), Overwrite::Replace).unwrap();
    fs::set_permissions(at, fs::Permissions::from_mode(0o755)).unwrap();
}

pub(super) fn why(fate: &Fate) -> String {
    match fate {
        Fate::Failed { why, .. } => why.clone(),
        other => panic!("not a failure: {other:?}"),
    }
}

/// Returns every path below a folder with its bytes, mode, inode and time of change.
pub(super) fn fingerprint(folder: &Path) -> BTreeMap<String, (Vec<u8>, u32, u64, i64, i64)> {
    use std::os::unix::fs::MetadataExt as _;
    let mut all = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(at) = open.pop() {
        let about = at.symlink_metadata().unwrap();
        let bytes = if about.is_file() {
            fs::read(&at).unwrap()
        } else {
            Vec::new()
        };
        let facts = (
            bytes,
            about.mode(),
            about.ino(),
            about.mtime(),
            about.mtime_nsec(),
        );
        all.insert(at.display().to_string(), facts);
        if about.is_dir() {
            open.extend(fs::read_dir(&at).unwrap().map(|it| it.unwrap().path()));
        }
    }
    all
}
