//! Waits until what a step released is really there.

use std::path::Path;
use std::time::{Duration, Instant};

use cascade_plan::{Action, AwaitVisible, Awaited, Fate, Oid, Outlet, Step};

use super::failed;
use crate::Git;
use crate::drive::Teller;
use crate::exec::shown;
use crate::export::Export;
use crate::mirror::Mirror;
use crate::visible::{Company, Lookout, Waited};
use crate::write::Edits;

/// What waiting for the packages of one repository needs.
pub(crate) struct Watch<'a> {
    pub(crate) git: &'a Git,
    pub(crate) lookout: &'a Lookout,
    /// The folder of the workspace's file, where folders of registries begin.
    pub(crate) root: &'a Path,
    pub(crate) mirror: &'a Mirror,
    pub(crate) teller: &'a Teller<'a>,
}

impl Watch<'_> {
    /// Waits until every package that the step waits for is visible: `commit` has the settings that
    /// say where, and `out` are the tags that were made.
    ///
    /// # Errors
    /// With the fate of the step: waiting, when the patience is over.
    pub(crate) fn visible(&self, step: &Step, commit: &Oid, out: &[String]) -> Result<(), Fate> {
        let acts = step.actions.iter().filter_map(|it| match it {
            Action::AwaitVisible(it) => Some(it),
            _ => None,
        });
        let acts: Vec<&AwaitVisible> = acts.collect();
        if acts.is_empty() {
            return Ok(());
        }
        let settings = self.settings(&acts, commit);
        let folder = settings.as_ref().map_or(self.root, Export::path);
        let begin = Instant::now();
        for act in acts {
            let awaited = Awaited {
                version: version_of(step, act, out),
                ..act.awaited.clone()
            };
            let left = Duration::from_secs(act.timeout).saturating_sub(begin.elapsed());
            let waited = self.one(step, (act, &awaited), folder, left);
            waited.map_err(|fate| match fate {
                Fate::Failed { why, help, .. } => Fate::Failed {
                    why,
                    help,
                    out: out.to_vec(),
                },
                other => other,
            })?;
        }
        Ok(())
    }

    fn one(
        &self,
        step: &Step,
        (act, awaited): (&AwaitVisible, &Awaited),
        folder: &Path,
        left: Duration,
    ) -> Result<(), Fate> {
        let environment = self.git.environment();
        let what = format!("`{}` {}", awaited.name, awaited.version);
        let registry = shown(&act.registry, environment);
        let mut last = String::new();
        let mut tell = |standing: &str| {
            if last != standing {
                standing.clone_into(&mut last);
                let standing = shown(standing, environment);
                let what = format!("waiting for {what} in `{registry}`: {standing}");
                self.teller.progress(what);
            }
        };
        let company = Company {
            publisher: None,
            tell: &mut tell,
        };
        let pace = environment.patience.index.within(left);
        match self
            .lookout
            .wait(awaited, (folder, self.root), &pace, company)
        {
            Waited::Visible { files, .. } => {
                let many = files.len();
                let files = if many == 1 { "file" } else { "files" };
                let told = format!("{what} is visible in `{registry}`: {many} {files}");
                self.teller.progress(told);
                Ok(())
            }
            Waited::Interrupted => Err(Fate::Interrupted),
            Waited::Never { why } => {
                let why = shown(&why, environment);
                let why = format!("{what} in `{registry}`: {why}");
                Err(failed(
                    why,
                    format!("cascade wait {}", typed(step, awaited)),
                ))
            }
            Waited::Late { why } => Err(Fate::Waiting {
                what: format!(
                    "{what} to be visible in `{registry}`: {}",
                    shown(&why, environment)
                ),
                help: Some(format!("cascade wait {}", typed(step, awaited))),
            }),
        }
    }

    /// Returns the files of the commit, where settings in them may say where to look.
    fn settings(&self, acts: &[&AwaitVisible], commit: &Oid) -> Option<Export> {
        let told = |it: &&AwaitVisible| !matches!(it.awaited.outlet, Outlet::Folder(_));
        acts.iter().find(|it| told(it))?;
        let store = self.mirror.store().ok()?;
        let tree = store.tree(commit).ok()?;
        let scratch = self.git.environment().scratch();
        Export::of(&store, tree, &Edits::default(), &scratch).ok()
    }
}

/// Returns the version that is waited for: the one planned, or the one of the tag that another
/// system made in its place.
fn version_of(step: &Step, act: &AwaitVisible, out: &[String]) -> String {
    let planned = || act.awaited.version.clone();
    if out.contains(&act.tag) {
        return planned();
    }
    let templates = step.actions.iter().filter_map(|it| match it {
        Action::AwaitTag {
            template,
            name: None,
            ..
        } => Some(template),
        _ => None,
    });
    let mut ours = templates.filter(|it| it.version(&act.tag).is_some());
    let made = ours.find_map(|it| out.iter().find_map(|tag| it.version(tag)));
    made.map_or_else(planned, str::to_owned)
}

/// Returns a package and its version as they are typed.
fn typed(step: &Step, awaited: &Awaited) -> String {
    format!("{}/{}@{}", step.repo, awaited.name, awaited.version)
}
