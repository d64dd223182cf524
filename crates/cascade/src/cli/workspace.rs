//! From a folder to everything that is known: declare, discover, observe, survey.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cascade_plan::drift::history::History;
use cascade_plan::{Graph, RepoId, Snapshot, Survey, declare};
use cascade_run::{
    Depth, Git, Look, Site, Stand, State, dated_survey, discover, find_workspace, list_packages,
    observe, observe_for_rules, observe_releases, read_workspace, stand, survey,
};

use super::Call;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::Known;

/// A declared workspace, found.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its file.
    pub(crate) file: PathBuf,
    /// What it declares.
    pub(crate) graph: Graph,
    /// Where its repositories are; of those that are out of reach nothing is said.
    pub(crate) sites: Vec<Site>,
    /// How much of the family is in reach.
    pub(crate) reach: Reach,
}

/// How much of a family is in reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All of it.
    Family,
    /// One clone, of a family whose declaration is at hand.
    OneOf,
    /// One clone, whose family is not known.
    Alone,
}

/// What was seen, and what it comes to.
#[derive(Debug)]
pub(crate) struct Seen {
    /// What was seen.
    pub(crate) snapshot: Snapshot,
    /// What it comes to.
    pub(crate) survey: Survey,
}

impl Seen {
    /// Returns a snapshot with its survey.
    pub(crate) fn new(graph: &Graph, snapshot: Snapshot) -> Self {
        Self {
            survey: survey(graph, &snapshot),
            snapshot,
        }
    }

    /// Returns it, as reports take it.
    pub(crate) fn known<'a>(&'a self, workspace: &'a Workspace) -> Known<'a> {
        Known::new(&workspace.graph, &self.snapshot, &self.survey)
    }
}

impl Workspace {
    /// Returns the workspace that the call means: `--workspace`, or the nearest one upwards.
    pub(crate) fn open(call: &Call) -> Result<Self, Failure> {
        Self::read(&place(call)?)
    }

    /// Returns the workspace that a file declares.
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let text = read_workspace(file).map_err(|error| {
            let help = if file.exists() {
                "mend the file, or write a new one: `cascade init --force`"
            } else {
                "say where it is: `--workspace PATH`; or write one: `cascade init DIR`"
            };
            Failure::new(Exit::Usage, error.to_string(), help)
        })?;
        let name = file.display().to_string();
        let graph = graph_of(&name, &text)?;
        let folder = file.parent().unwrap_or_else(|| Path::new("."));
        let sites = discover(&graph, &folder.join(graph.root()));
        Ok(Self {
            file: file.to_path_buf(),
            graph,
            sites,
            reach: Reach::Family,
        })
    }

    /// Returns what the checkouts show now.
    pub(crate) fn observe(&self, call: &Call, depth: Depth) -> Seen {
        let now = call.environment.now;
        Seen::new(&self.graph, observe(&self.graph, &self.sites, depth, now))
    }

    /// Returns what the clones show now: those in `looks` as the rules look at them.
    pub(crate) fn observe_for_rules(&self, call: &Call, looks: &BTreeMap<RepoId, Look>) -> Seen {
        let now = call.environment.now;
        let snapshot = observe_for_rules(&self.graph, &self.sites, looks, now);
        Seen::new(&self.graph, snapshot)
    }

    /// Returns the same, with when releases were made. With a git also the registries are asked.
    pub(crate) fn observe_over_time(
        &self,
        call: &Call,
        looks: &BTreeMap<RepoId, Look>,
        registries: Option<&Git>,
    ) -> Seen {
        let now = call.environment.now;
        let snapshot = observe_for_rules(&self.graph, &self.sites, looks, now);
        self.dated(call, snapshot, registries)
    }

    /// Returns what the clones show now of their releases: those in `looks` in that way. With a git also
    /// the registries are asked; a history says when they were looked at before.
    pub(crate) fn observe_releases(
        &self,
        call: &Call,
        looks: &BTreeMap<RepoId, Look>,
        (registries, history): (Option<&Git>, &History),
    ) -> Seen {
        let now = call.environment.now;
        let mut snapshot = observe_releases(&self.graph, &self.sites, looks, now);
        snapshot.watched = history.watched(now, self.graph.drift().expect_every);
        self.dated(call, snapshot, registries)
    }

    fn dated(&self, call: &Call, mut snapshot: Snapshot, registries: Option<&Git>) -> Seen {
        if let Some(git) = registries {
            self.ask_registries(call, git, &mut snapshot);
        }
        let survey = dated_survey(&self.graph, &self.sites, &mut snapshot);
        Seen { snapshot, survey }
    }

    /// Asks the declared registries what they list, and says which did not answer.
    fn ask_registries(&self, call: &Call, git: &Git, snapshot: &mut Snapshot) {
        let root = self.file.parent().unwrap_or_else(|| Path::new("."));
        let silent = list_packages(&self.graph, &self.sites, root, git, snapshot);
        for why in silent {
            let line =
                format!("a registry was not read, so nothing is said of its packages: {why}");
            call.printer.talk(&line);
        }
    }

    /// Returns the repository of this name; a name that does not exist meets the nearest one.
    pub(crate) fn repo(&self, name: &str) -> Result<&RepoId, Failure> {
        let found = self.graph.repos().keys().find(|it| it.as_str() == name);
        found.ok_or_else(|| self.unknown(name))
    }

    /// Returns the failure to find a repository.
    pub(crate) fn unknown(&self, name: &str) -> Failure {
        let near = self
            .graph
            .repos()
            .keys()
            .map(|it| (strsim::jaro_winkler(name, it.as_str()), it))
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let help = match near {
            Some((_, near)) => format!("did you mean `{near}`? `cascade graph` names them all"),
            None => "`cascade graph` names every repository".to_owned(),
        };
        Failure::new(
            Exit::Usage,
            format!("no repository is called `{name}`"),
            help,
        )
    }

    /// Returns the folder of a repository's checkout.
    pub(crate) fn folder(&self, repo: &RepoId) -> Option<&Path> {
        let site = self.sites.iter().find(|it| it.repo == *repo)?;
        Some(&site.folder)
    }

    /// Returns when none of these repositories is a bare clone: there is nothing to write in one.
    pub(crate) fn want_checkouts<'r>(
        &self,
        repos: impl IntoIterator<Item = &'r RepoId>,
    ) -> Result<(), Failure> {
        let is_bare = |it: &&RepoId| {
            let stand = self.folder(it).map(stand);
            matches!(stand, Some(Stand::Report | Stand::Bare))
        };
        let Some(bare) = repos.into_iter().find(is_bare) else {
            return Ok(());
        };
        let path = self.graph.repo(bare).map(|it| it.path.as_str());
        let path = path.unwrap_or(".");
        Err(Failure::new(
            Exit::Refused,
            format!(
                "`{bare}` is a bare clone, so there is no checkout to work in: nothing was done"
            ),
            format!("move `{path}` away, then `cascade fetch`, which clones a checkout"),
        ))
    }

    /// Returns the state folder of the workspace.
    pub(crate) fn state(&self, home: &Path) -> Result<State, Failure> {
        State::open(home, &self.file).map_err(|error| {
            let help = "make it writable, or set `XDG_STATE_HOME` to a folder that is";
            Failure::new(Exit::Failed, error.to_string(), help)
        })
    }
}

/// Returns the graph that a text declares, or everything that is wrong with it, with carets.
pub(crate) fn graph_of(name: &str, text: &str) -> Result<Graph, Failure> {
    let declared = declare(text).map_err(|it| Failure::in_file(Exit::Usage, it, name, text))?;
    Graph::build(declared).map_err(|it| Failure::in_file(Exit::Usage, it, name, text))
}

/// Returns the file of the workspace that the call means.
pub(super) fn place(call: &Call) -> Result<PathBuf, Failure> {
    let Some(path) = &call.global.workspace else {
        return find_workspace(&call.environment.here).ok_or_else(|| nowhere(call));
    };
    let path = call.environment.here.join(path);
    if fs::metadata(&path).is_ok_and(|it| it.is_dir()) {
        return Ok(path.join("workspace.toml"));
    }
    Ok(path)
}

/// Returns the failure to find a workspace.
pub(super) fn nowhere(call: &Call) -> Failure {
    let here = call.environment.here.display();
    Failure::new(
        Exit::Usage,
        format!("no `workspace.toml` in `{here}` or in any folder above it"),
        "write one from the clones in a folder: `cascade init DIR`; or say where it is: \
         `--workspace PATH`",
    )
}
