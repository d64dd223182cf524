//! Artefacts for `check`: built or given, each with the repository that it is of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cascade_plan::{RepoId, Snapshot};
use cascade_run::{
    ArtifactSource, Exhibit, Inspection, Label, Shelf, Tools, artifacts_at, inspect, label,
};

use clap::Args;

use super::carry::{git, watched};
use super::workspace::{Seen, Workspace};
use super::{Call, quality};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::means;
use crate::shown::Shown;

/// What is run, so that more is known than reading tells: builds, tools, and quality gates.
#[derive(Debug, Args)]
pub(crate) struct Proof {
    /// Run the quality gates that `workspace.toml` declares, in an export of each repository
    #[arg(long, conflicts_with = "staged")]
    quality: bool,
    /// Look into artefacts that were built: files, or folders of them; repeatable
    #[arg(long, value_name = "PATH", num_args = 1..)]
    artifact: Vec<PathBuf>,
    /// Build what would be published, in an export of each repository, and look into that
    #[arg(long, conflicts_with_all = ["staged", "artifact"])]
    build: bool,
    /// Install what is missing of the tools that try artefacts, each in an environment of its own
    #[arg(long)]
    install_tools: bool,
}

impl Proof {
    /// Adds what was asked for to what is known, and says what was not.
    pub(crate) fn add(
        &self,
        call: &Call,
        workspace: &Workspace,
        seen: Seen,
        chosen: &mut BTreeSet<RepoId>,
    ) -> Result<Seen, Failure> {
        let seen = self.looked_into(call, workspace, seen, chosen)?;
        if self.quality {
            return quality::measured(call, workspace, seen, chosen);
        }
        quality::unrun(call, &workspace.graph, chosen);
        Ok(seen)
    }

    /// Looks into artefacts where that was asked for, and returns what is known then. Where no
    /// repository was named, those are meant whose artefacts were given.
    fn looked_into(
        &self,
        call: &Call,
        workspace: &Workspace,
        seen: Seen,
        chosen: &mut BTreeSet<RepoId>,
    ) -> Result<Seen, Failure> {
        if !self.build && self.artifact.is_empty() {
            return Ok(seen);
        }
        let tools = if self.install_tools {
            Tools::Installed
        } else {
            Tools::Found
        };
        let mut snapshot = seen.snapshot;
        let sources = if self.artifact.is_empty() {
            let all = snapshot.repos.keys();
            workspace.want_checkouts(all.filter(|it| means(chosen, it)))?;
            built(&snapshot, chosen)
        } else {
            self.given(call, &snapshot)?
        };
        if chosen.is_empty() && !self.artifact.is_empty() {
            chosen.extend(sources.keys().cloned());
        }
        let inspections = sources.into_iter().filter_map(|(repo, source)| {
            let (repo, seen) = snapshot.repos.get_key_value(&repo)?;
            let exhibit = Exhibit {
                repo,
                declared: workspace.graph.repo(repo)?,
                seen,
                commit: seen.head.as_ref()?,
                shelf: Shelf::Checkout(workspace.folder(repo)?),
            };
            Some(Inspection { exhibit, source })
        });
        let inspections: Vec<Inspection<'_>> = inspections.collect();
        let git = git(call)?;
        let found = watched(call, inspections.len(), |on_event| {
            inspect(&inspections, &git, tools, on_event)
        });
        drop(inspections);
        let found = found.ok_or_else(|| {
            let what = "interrupted while artefacts were tried; nothing was changed";
            Failure::new(Exit::Interrupted, what, "run the same command again")
        })?;
        for (repo, artifacts) in found {
            if let Some(seen) = snapshot.repos.get_mut(&repo) {
                seen.audit.get_or_insert_default().artifacts = Some(artifacts);
            }
        }
        Ok(Seen::new(&workspace.graph, snapshot))
    }

    /// Returns the files that were given, each with the repository that publishes its package.
    fn given(
        &self,
        call: &Call,
        snapshot: &Snapshot,
    ) -> Result<BTreeMap<RepoId, ArtifactSource>, Failure> {
        let mut all: BTreeMap<RepoId, Vec<PathBuf>> = BTreeMap::new();
        for path in &self.artifact {
            let at = call.environment.here.join(path);
            let shown = Shown(&path.display().to_string()).to_string();
            let files = artifacts_at(&at).map_err(|error| {
                let what = format!("`{shown}` can not be read: {error}");
                Failure::new(
                    Exit::Usage,
                    what,
                    "name a file, or a folder that holds some",
                )
            })?;
            if files.is_empty() {
                let what = format!("no artefact is in `{shown}`");
                let help = "an artefact is a `.whl`, `.tar.gz`, `.tgz` or `.crate`";
                return Err(Failure::new(Exit::Usage, what, help));
            }
            for file in files {
                let label = label(&file).map_err(|why| {
                    let what = format!("`{}` is no artefact: {why}", file.display());
                    let help = "build it anew; `cascade check --build` does so by itself";
                    Failure::new(Exit::Usage, what, help)
                })?;
                let home = home(snapshot, &label).ok_or_else(|| {
                    let (file, name) = (file.display(), &label.name);
                    let what = format!("`{file}` is of `{name}`, which no repository publishes");
                    let help = "`cascade graph` names every package; `packages` declares one";
                    Failure::new(Exit::Usage, what, help)
                })?;
                all.entry(home).or_default().push(file);
            }
        }
        let files = |(repo, files)| (repo, ArtifactSource::Files(files));
        Ok(all.into_iter().map(files).collect())
    }
}

/// Returns the repositories meant that publish something.
fn built(snapshot: &Snapshot, chosen: &BTreeSet<RepoId>) -> BTreeMap<RepoId, ArtifactSource> {
    let repos = snapshot.repos.iter();
    let meant = repos.filter(|(id, seen)| means(chosen, id) && !seen.packages.is_empty());
    meant
        .map(|(id, _)| (id.clone(), ArtifactSource::Build))
        .collect()
}

fn home(snapshot: &Snapshot, label: &Label) -> Option<RepoId> {
    let has = |it: &cascade_plan::ObservedPackage| {
        let canonical = it.ecosystem.canonical;
        it.ecosystem.name == label.ecosystem && canonical(&it.name) == canonical(&label.name)
    };
    let mut repos = snapshot.repos.iter();
    let found = repos.find(|(_, seen)| seen.packages.iter().any(has))?;
    Some(found.0.clone())
}
