//! From a folder to everything that is known: declare, discover, observe, survey.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cascade_plan::{Graph, RepoId, Snapshot, Survey, declare};
use cascade_run::{
    Depth, Look, Site, State, discover, find_workspace, observe_as, read_workspace, survey,
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
        self.observe_as(call, &BTreeMap::new(), depth)
    }

    /// Returns what the clones show now; those in `looks` are looked at in that way.
    pub(crate) fn observe_as(
        &self,
        call: &Call,
        looks: &BTreeMap<RepoId, Look>,
        depth: Depth,
    ) -> Seen {
        let now = call.environment.now;
        Seen::new(
            &self.graph,
            observe_as(&self.graph, &self.sites, looks, depth, now),
        )
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
