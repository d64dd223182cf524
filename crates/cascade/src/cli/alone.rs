//! A clone by itself, as most developers have it: what can be judged without the family.

use std::path::{Path, PathBuf};

use cascade_plan::{RepoId, declare_alone};
use cascade_run::{
    Site, fetch_workspace, find_clone, find_workspace, is_address, kept, read_alone, usual_mode,
    which_repo,
};

use super::Call;
use super::carry::git;
use super::workspace::{Reach, Workspace, nowhere, place};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::Shown;

/// The name of the file in which a clone says how it is released.
const FILE: &str = ".cascade.toml";

/// When a workspace that is declared elsewhere is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fetch {
    /// Whenever a person names it, or says so.
    Now,
    /// Where a person names it, and it is not at hand yet.
    Missing,
    /// Never: what is at hand counts.
    Never,
}

impl Workspace {
    /// Returns the workspace that the call means; where there is none, the clone that one stands in.
    pub(crate) fn open_or_alone(call: &Call, fetch: Fetch) -> Result<Self, Failure> {
        let here = &call.environment.here;
        let Some(named) = &call.global.workspace else {
            if find_workspace(here).is_some() {
                return Self::open(call);
            }
            let clone = find_clone(here).ok_or_else(|| nowhere(call))?;
            return Self::alone(call, &clone, fetch);
        };
        let file = match named.to_str().filter(|it| is_address(it)) {
            Some(address) => at_hand(call, address, fetch)?.ok_or_else(|| not_at_hand(address))?,
            None => place(call)?,
        };
        let family = Self::read(&file)?;
        Ok(match find_clone(here) {
            Some(clone) => family.seen_from(&clone),
            None => family,
        })
    }

    /// Returns a clone by itself, or with its family where it says where that is declared.
    fn alone(call: &Call, clone: &Path, fetch: Fetch) -> Result<Self, Failure> {
        let text = read_alone(clone).map_err(|error| {
            let help = format!("mend `{FILE}`, or take it out");
            Failure::new(Exit::Usage, error.to_string(), help)
        })?;
        let name = clone.file_name().unwrap_or_default().to_string_lossy();
        let file = clone.join(FILE);
        let shown = file.display().to_string();
        let alone = declare_alone(&name, usual_mode(clone), &text)
            .map_err(|it| Failure::in_file(Exit::Usage, it, &shown, &text))?;
        let family = match &alone.workspace {
            Some(address) if is_address(address) => {
                // A clone alone never makes cascade talk to an address: a person has to ask for it.
                let fetch = match fetch {
                    Fetch::Now => Fetch::Now,
                    Fetch::Missing | Fetch::Never => Fetch::Never,
                };
                at_hand(call, address, fetch)?
            }
            Some(path) => declaration(&clone.join(path)),
            None => None,
        };
        if let Some(file) = family {
            let mut family = Self::read(&file)?;
            if family.lies_in_place(clone) || which_repo(&family.graph, clone).is_some() {
                family.graph = family.graph.without_commands();
                return Ok(family.seen_from(clone));
            }
        }
        let site = |repo: &RepoId| Site {
            repo: repo.clone(),
            folder: clone.to_owned(),
        };
        Ok(Self {
            sites: alone.graph.repos().keys().map(site).collect(),
            graph: alone.graph,
            file: if file.is_file() {
                file
            } else {
                clone.join(".git")
            },
            reach: Reach::Alone,
        })
    }

    /// Returns the family as it is seen from a clone: all of it where the clone lies where it is
    /// declared to lie, or is none of it; else that clone alone.
    fn seen_from(mut self, clone: &Path) -> Self {
        if !self.lies_in_place(clone)
            && let Some(repo) = which_repo(&self.graph, clone).cloned()
        {
            let folder = clone.to_owned();
            self.sites = vec![Site { repo, folder }];
            self.reach = Reach::OneOf;
        }
        self
    }

    fn lies_in_place(&self, clone: &Path) -> bool {
        let clone = clone.canonicalize().ok();
        let mut folders = self.sites.iter().map(|it| it.folder.canonicalize().ok());
        clone.is_some() && folders.any(|it| it == clone)
    }
}

/// Returns the file of a workspace that is declared at an address, as it is at hand or fetched now;
/// `None` where it is not at hand.
fn at_hand(call: &Call, address: &str, fetch: Fetch) -> Result<Option<PathBuf>, Failure> {
    let state = call.environment.state()?;
    let file = kept(state, address);
    let is_kept = file.is_file();
    if fetch == Fetch::Never || (fetch == Fetch::Missing && is_kept) {
        return Ok(is_kept.then_some(file));
    }
    match fetch_workspace(state, address, &git(call)?) {
        Ok(file) => Ok(Some(file)),
        Err(error) if is_kept => {
            let words = format!("judged by what was fetched earlier: {error}");
            call.printer.talk(&Shown(&words).to_string());
            Ok(Some(file))
        }
        Err(error) => {
            let help =
                "try `git ls-remote` with the same address, or name a path: `--workspace PATH`";
            Err(Failure::new(Exit::Failed, error.to_string(), help))
        }
    }
}

fn not_at_hand(address: &str) -> Failure {
    let what = format!("the workspace at `{}` was never fetched", Shown(address));
    let help = format!("cascade check --fetch --workspace {}", Shown(address));
    Failure::new(Exit::Usage, what, help)
}

/// Returns the file of a workspace at a path: itself, or in that folder.
fn declaration(path: &Path) -> Option<PathBuf> {
    let file = if path.is_dir() {
        path.join("workspace.toml")
    } else {
        path.to_owned()
    };
    file.is_file().then_some(file)
}
