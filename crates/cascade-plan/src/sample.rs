//! A family made of texts, for tests: what observe would see of it, and what applying a plan does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cascade_manifest::{ALL, Ecosystem, Names, Version};

use crate::{
    Action, Ask, Changelog, Commit, DeployFile, Graph, LockFile, ManifestFile, ObservedPackage,
    ObservedRepo, Oid, Plan, Purpose, RepoDeclaration, RepoId, Request, SiteMatch, Snapshot,
    Survey, Tag, TagHit, TrackedFiles, Trouble, What, declare, packages_of, plan, survey,
};

/// A family: its declaration, and each repository's files and history.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) declared: String,
    pub(crate) repos: BTreeMap<RepoId, Repo>,
}

/// One repository: a line of commits, tags on them, the files as they are now.
#[derive(Debug, Clone)]
pub(crate) struct Repo {
    pub(crate) files: BTreeMap<String, String>,
    /// Messages, oldest first.
    pub(crate) commits: Vec<String>,
    /// Tags, each with how many commits it contains.
    pub(crate) tags: BTreeMap<String, usize>,
    /// Tags on no commit of the branch.
    pub(crate) lost: Vec<String>,
    pub(crate) dirty: bool,
    pub(crate) branch: Option<String>,
    pub(crate) release_please: bool,
    pub(crate) missing: bool,
}

impl Sample {
    /// Returns a family of these repositories, each `needs` as said: `[("a", ""), ("b", "a")]`.
    pub(crate) fn new(repos: &[(&str, &str)]) -> Self {
        let mut declared = "[workspace]\nname = \"sample\"\n".to_owned();
        for (name, needs) in repos {
            let needs: Vec<String> = needs
                .split_whitespace()
                .map(|it| format!("\"{it}\""))
                .collect();
            let table = format!(
                "\n[repo.{name}]\nremote = \"https://forge.example/{name}.git\"\nneeds = [{}]\n",
                needs.join(", ")
            );
            declared.push_str(&table);
        }
        Self::declared(declared)
    }

    pub(crate) fn declared(declared: String) -> Self {
        let graph = Graph::build(declare(&declared).expect("declared")).expect("graph");
        let repos = graph.repos().keys();
        let empty = Repo {
            files: BTreeMap::new(),
            commits: vec!["feat: found it".to_owned()],
            tags: BTreeMap::new(),
            lost: Vec::new(),
            dirty: false,
            branch: Some("main".to_owned()),
            release_please: false,
            missing: false,
        };
        Self {
            repos: repos.map(|it| (it.clone(), empty.clone())).collect(),
            declared,
        }
    }

    /// Replaces text in the declaration.
    pub(crate) fn declare(mut self, from: &str, to: &str) -> Self {
        assert!(self.declared.contains(from), "{}", self.declared);
        self.declared = self.declared.replace(from, to);
        self
    }

    pub(crate) fn file(mut self, repo: &str, path: &str, text: &str) -> Self {
        self.at(repo).files.insert(path.to_owned(), text.to_owned());
        self
    }

    pub(crate) fn commit(mut self, repo: &str, message: &str) -> Self {
        self.at(repo).commits.push(message.to_owned());
        self
    }

    pub(crate) fn tag(mut self, repo: &str, tag: &str) -> Self {
        let repo = self.at(repo);
        repo.tags.insert(tag.to_owned(), repo.commits.len());
        self
    }

    pub(crate) fn at(&mut self, repo: &str) -> &mut Repo {
        self.repos
            .get_mut(&RepoId::new(repo))
            .expect("declared repo")
    }

    pub(crate) fn text(&self, repo: &str, path: &str) -> &str {
        &self.repos[&RepoId::new(repo)].files[path]
    }

    pub(crate) fn graph(&self) -> Graph {
        Graph::build(declare(&self.declared).expect("declared")).expect("graph")
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let graph = self.graph();
        let names = self.names();
        let repos = self.repos.iter().map(|(id, repo)| {
            let declared = graph.repo(id).expect("declared");
            (id.clone(), observe(id, repo, declared, &names))
        });
        Snapshot {
            taken: 1_795_219_200,
            repos: repos.collect(),
            ..Snapshot::default()
        }
    }

    fn names(&self) -> Names {
        let files = self.repos.values().flat_map(|it| &it.files);
        files
            .filter_map(|(path, text)| {
                let (ecosystem, format) = format_of(path)?;
                let name = format.read(text).ok()?.package?.name;
                Some((ecosystem.canonical)(&name).into_owned())
            })
            .collect()
    }

    /// Returns what rules find that also look at files for their own sake.
    pub(crate) fn audited(&self) -> Survey {
        let (graph, mut snapshot) = (self.graph(), self.snapshot());
        for (id, seen) in &mut snapshot.repos {
            let Some(repo) = self.repos.get(id).filter(|it| !it.missing) else {
                continue;
            };
            let texts = repo.files.iter().filter(|it| TrackedFiles::reads(it.0));
            let texts = texts.map(|(path, text)| (path.clone(), Arc::from(text.as_str())));
            let audit = seen.audit.get_or_insert_default();
            audit.files = TrackedFiles {
                paths: repo.files.keys().cloned().collect(),
                texts: texts.collect(),
            };
        }
        survey(&graph, &snapshot)
    }

    pub(crate) fn survey(&self) -> Survey {
        survey(&self.graph(), &self.snapshot())
    }

    pub(crate) fn plan(&self, request: &Request) -> Result<Plan, crate::PlanError> {
        let (graph, snapshot) = (self.graph(), self.snapshot());
        plan(&graph, &snapshot, &survey(&graph, &snapshot), request)
    }

    /// Applies a plan as `bump` or `release` would, without locks and checks.
    pub(crate) fn apply(&mut self, plan: &Plan) {
        for step in plan.steps.iter().filter(|it| it.held.is_none()) {
            let repo = self.repos.get_mut(&step.repo).expect("repo");
            for action in &step.actions {
                match action {
                    Action::Write {
                        path,
                        before,
                        after,
                    } => {
                        assert_eq!(*repo.files[path], **before);
                        repo.files.insert(path.clone(), after.clone());
                    }
                    Action::Commit { message } => repo.commits.push(message.clone()),
                    Action::Tag { name, .. } => {
                        assert!(repo.tags.insert(name.clone(), repo.commits.len()).is_none());
                    }
                    Action::AwaitTag {
                        template,
                        name: None,
                        ..
                    } => {
                        let release = step.releases.iter().find(|it| !it.out);
                        let to = release.map_or("9.9.9", |it| it.to.as_str());
                        repo.tags.insert(template.tag(to), repo.commits.len());
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Returns a request with `--repo` words: `core=minor`, `core/pkg=1.2.0`, `core`.
pub(crate) fn request(purpose: Purpose, asks: &[&str]) -> Request {
    let ask = |text: &&str| {
        let (name, what) = match text.split_once('=') {
            Some((name, what)) => match what.parse() {
                Ok(level) => (name, What::Level(level)),
                Err(()) => (name, What::Version(what.to_owned())),
            },
            None => (*text, What::Unsaid),
        };
        let (repo, package) = match name.split_once('/') {
            Some((repo, package)) => (repo, Some(package.to_owned())),
            None => (name, None),
        };
        Ask {
            repo: repo.to_owned(),
            package,
            what,
        }
    };
    Request {
        purpose,
        asks: asks.iter().map(ask).collect(),
        only: BTreeSet::new(),
        skip: BTreeSet::new(),
        pins_only: false,
        allow_churn: false,
        pre: None,
        downgrade: None,
    }
}

fn oid(id: &RepoId, at: usize) -> Oid {
    let seed: usize = id.as_str().bytes().map(usize::from).sum();
    Oid::parse(&format!("{seed:020x}{at:020x}")).expect("oid")
}

fn format_of(path: &str) -> Option<(&'static Ecosystem, &'static dyn cascade_manifest::Format)> {
    let name = path.rsplit('/').next()?;
    ALL.iter().find_map(|it| Some((*it, it.format(name)?)))
}

fn observe(id: &RepoId, repo: &Repo, declared: &RepoDeclaration, names: &Names) -> ObservedRepo {
    if repo.missing {
        return ObservedRepo {
            trouble: Some(Trouble::Missing),
            ..ObservedRepo::default()
        };
    }
    let mut manifests: Vec<ManifestFile> = repo
        .files
        .iter()
        .filter_map(|(path, text)| {
            let (ecosystem, format) = format_of(path)?;
            Some(ManifestFile {
                path: path.clone(),
                text: text.as_str().into(),
                ecosystem,
                read: format.read(text),
                auxiliary: false,
            })
        })
        .collect();
    let mut read = |path: &str| repo.files.get(path).map(|it| Arc::from(it.as_str()));
    let mut packages = packages_of(declared, &mut manifests, &mut read);
    for package in &mut packages {
        look_up(id, repo, package);
    }
    let head = repo.commits.len();
    let commit = |(at, message): (usize, &String)| Commit {
        id: oid(id, at + 1),
        message: message.clone(),
        merge: false,
        time: 0,
    };
    let changelog = repo.files.get("CHANGELOG.md");
    ObservedRepo {
        head: Some(oid(id, head)),
        branch: repo.branch.clone(),
        default_branch: Some("main".to_owned()),
        dirty: repo.dirty,
        ahead: Some(0),
        behind: Some(0),
        tags: tags(id, repo),
        commits: repo.commits.iter().enumerate().rev().map(commit).collect(),
        locks: locks(repo, names),
        sites: sites(repo, declared),
        deploys: deploys(id, repo, declared),
        changelog: changelog.map(|text| Changelog {
            path: "CHANGELOG.md".to_owned(),
            text: text.as_str().into(),
        }),
        release_please: repo.release_please,
        manifests,
        packages,
        ..ObservedRepo::default()
    }
}

fn tags(id: &RepoId, repo: &Repo) -> Vec<Tag> {
    let kept = repo.tags.iter().map(|(name, at)| (name, oid(id, *at)));
    let lost = repo.lost.iter().map(|name| (name, oid(id, 9_999)));
    kept.chain(lost)
        .map(|(name, commit)| Tag {
            name: name.clone(),
            commit,
        })
        .collect()
}

fn look_up(id: &RepoId, repo: &Repo, package: &mut ObservedPackage) {
    let hit = |tag: &Tag| {
        let text = package.template.version(&tag.name)?;
        let version = Version::parse(package.ecosystem.scheme, text)?;
        package
            .ecosystem
            .takes(&package.name, &version)
            .then_some(())?;
        Some(TagHit {
            tag: tag.name.clone(),
            version,
            commit: tag.commit.clone(),
        })
    };
    let all = tags(id, repo);
    let (hits, early): (Vec<TagHit>, Vec<TagHit>) = all
        .iter()
        .filter_map(hit)
        .partition(|it| it.version.is_final());
    let best = |it: &mut dyn Iterator<Item = &TagHit>| {
        it.max_by(|a, b| a.version.cmp(&b.version)).cloned()
    };
    let is_offered = |it: &&TagHit| !package.is_retracted(&it.version);
    package.latest = best(&mut hits.iter().filter(is_offered));
    package.retracted = best(&mut hits.iter()).filter(|it| Some(it) != package.latest.as_ref());
    package.reachable = best(&mut hits.iter().filter(|it| repo.tags.contains_key(&it.tag)));
    let reached = |it: &&TagHit| repo.tags.contains_key(&it.tag);
    let above = |it: &&TagHit| {
        package
            .reachable
            .as_ref()
            .is_none_or(|hit| it.version > hit.version)
    };
    package.announced = best(&mut early.iter().filter(reached).filter(above));
    let since = package
        .reachable
        .as_ref()
        .map_or(0, |it| repo.tags[&it.tag]);
    package.since = (0..repo.commits.len() - since).collect();
}

fn locks(repo: &Repo, names: &Names) -> Vec<LockFile> {
    let files = repo.files.iter();
    files
        .filter_map(|(path, text)| {
            let name = path.rsplit('/').next()?;
            let (ecosystem, lock) = ALL.iter().find_map(|it| Some((*it, it.lock(name)?)))?;
            lock.is_lock(text).then(|| LockFile {
                path: path.clone(),
                ecosystem,
                read: lock.find(text, names),
            })
        })
        .collect()
}

fn sites(repo: &Repo, declared: &RepoDeclaration) -> Vec<SiteMatch> {
    let sites = declared.sites.iter().enumerate();
    sites
        .map(|(site, said)| {
            let text = repo.files.get(&said.file).cloned().unwrap_or_default();
            SiteMatch::of(site, said, Ok(text.into()))
        })
        .collect()
}

/// Returns the files that name something of the family; a submodule `sub` is at the seventh commit.
fn deploys(id: &RepoId, repo: &Repo, declared: &RepoDeclaration) -> Vec<DeployFile> {
    let charts = repo.files.keys().filter(|it| DeployFile::is_of_chart(it));
    let charts = charts.cloned().collect();
    let mut beside = |path: &str| repo.files.get(path).cloned().ok_or_else(String::new);
    let read = repo.files.iter().filter_map(|(path, text)| {
        let format = DeployFile::format(declared, path, &charts)?;
        let file = (path.clone(), text.clone());
        let submodules = || BTreeMap::from([("sub".to_owned(), oid(id, 7))]);
        let file = DeployFile::of(declared, format, file, submodules)?;
        Some(file.with_beside(declared, &charts, &mut beside))
    });
    read.collect()
}

/// Returns a Cargo manifest.
pub(crate) fn cargo(name: &str, version: &str, needs: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n\n[dependencies]\n{needs}\n")
}

/// Returns a Python manifest whose version is the tag's.
pub(crate) fn vcs(name: &str, needs: &str) -> String {
    format!(
        "[build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\nbuild-backend = \"hatchling.build\"\n\n[project]\nname = \"{name}\"\ndynamic = [\"version\"]\ndependencies = [{needs}]\n\n[tool.hatch.version]\nsource = \"vcs\"\n"
    )
}

/// Returns a Python manifest that says its version.
pub(crate) fn python(name: &str, version: &str, needs: &str) -> String {
    format!("[project]\nname = \"{name}\"\nversion = \"{version}\"\ndependencies = [{needs}]\n")
}
