//! A clone by itself, as most developers have it: what can be judged without the family.

use std::path::Path;

use cascade_plan::declare_alone;
use cascade_run::{Site, find_clone, find_workspace, read_alone, usual_mode, which_repo};

use super::Call;
use super::workspace::{Reach, Workspace, nowhere, place};
use crate::exit::Exit;
use crate::failure::Failure;

/// The name of the file in which a clone says how it is released.
const FILE: &str = ".cascade.toml";

impl Workspace {
    /// Returns the workspace that the call means; where there is none, the clone that one stands in.
    pub(crate) fn open_or_alone(call: &Call) -> Result<Self, Failure> {
        let here = &call.environment.here;
        if call.global.workspace.is_some() {
            let family = Self::read(&place(call)?)?;
            return Ok(match find_clone(here) {
                Some(clone) => family.seen_from(&clone),
                None => family,
            });
        }
        if find_workspace(here).is_some() {
            return Self::open(call);
        }
        let clone = find_clone(here).ok_or_else(|| nowhere(call))?;
        Self::alone(&clone)
    }

    /// Returns a clone by itself, or with its family where it says where that is declared.
    fn alone(clone: &Path) -> Result<Self, Failure> {
        let text = read_alone(clone).map_err(|error| {
            let help = format!("mend `{FILE}`, or take it out");
            Failure::new(Exit::Usage, error.to_string(), help)
        })?;
        let name = clone.file_name().unwrap_or_default().to_string_lossy();
        let file = clone.join(FILE);
        let shown = file.display().to_string();
        let alone = declare_alone(&name, usual_mode(clone), &text)
            .map_err(|it| Failure::in_file(Exit::Usage, it, &shown, &text))?;
        if let Some(family) = alone.workspace.map(|it| clone.join(it))
            && let Some(family) = declaration(&family)
        {
            return Ok(Self::read(&family)?.seen_from(clone));
        }
        let site = |repo: &cascade_plan::RepoId| Site {
            repo: repo.clone(),
            folder: clone.to_owned(),
        };
        Ok(Self {
            sites: alone.graph.repos().keys().map(site).collect(),
            graph: alone.graph,
            file,
            reach: Reach::Alone,
        })
    }

    /// Returns the family as it is seen from a clone: all of it where the clone lies where it is
    /// declared to lie, or is none of the family's; else that clone alone.
    fn seen_from(mut self, clone: &Path) -> Self {
        let same = |site: &Site| site.folder.canonicalize().ok() == clone.canonicalize().ok();
        if self.sites.iter().any(same) {
            return self;
        }
        if let Some(repo) = which_repo(&self.graph, clone).cloned() {
            let folder = clone.to_owned();
            self.sites = vec![Site { repo, folder }];
            self.reach = Reach::OneOf;
        }
        self
    }
}

/// Returns the file of a workspace at a path: itself, or in that folder.
fn declaration(path: &Path) -> Option<std::path::PathBuf> {
    let file = if path.is_dir() {
        path.join("workspace.toml")
    } else {
        path.to_owned()
    };
    file.is_file().then_some(file)
}
