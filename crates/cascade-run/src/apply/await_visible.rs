//! Waits until what a step released is really there.

use std::path::Path;
use std::time::{Duration, Instant};

use cascade_plan::{Action, AwaitVisible, Awaited, CHART, Fate, Oid, Outlet, Sight, Step};

use super::errand::{Ended, Errand, Ran, facts};
use super::failed;
use super::smoke::{Place, recipe};
use crate::Git;
use crate::drive::Teller;
use crate::exec::shown;
use crate::export::Export;
use crate::journal::Journal;
use crate::mirror::Mirror;
use crate::visible::{Company, Lookout, Publishing, Waited};
use crate::write::Edits;

/// How long a publisher may take to say how it goes.
const ANSWER: Duration = Duration::from_mins(1);

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
        let acts = awaited_by(step);
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
            let status = self.status(step, act, (commit, folder));
            let waited = self.one(step, (act, &awaited), (folder, status), left);
            let smoked = waited.and_then(|()| self.smoke(step, (act, &awaited), (commit, folder)));
            smoked.map_err(|fate| match fate {
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

    /// Looks once, before anything is out, whether it is known where the packages appear.
    ///
    /// # Errors
    /// With the fate of the step, where it is not.
    pub(crate) fn placed(&self, step: &Step, commit: &Oid) -> Result<(), Fate> {
        let acts = awaited_by(step);
        let settings = self.settings(&acts, commit);
        let folder = settings.as_ref().map_or(self.root, Export::path);
        for act in acts {
            if let Sight::Nowhere { why } = self.lookout.look(&act.awaited, folder, self.root) {
                let why = format!("`{}` would be waited for, and {why}", act.awaited.name);
                let help = format!("set `registry` in [repo.{}] of workspace.toml", step.repo);
                return Err(failed(why, help));
            }
        }
        Ok(())
    }

    /// Waits for one package.
    ///
    /// # Errors
    /// With the fate of the step, where it does not come.
    pub(super) fn one(
        &self,
        step: &Step,
        (act, awaited): (&AwaitVisible, &Awaited),
        (folder, mut status): (&Path, Option<impl FnMut() -> Publishing>),
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
            publisher: status
                .as_mut()
                .map(|it| it as &mut dyn FnMut() -> Publishing),
            tell: &mut tell,
        };
        let pace = environment.patience.index.within(left);
        let places = (folder, self.root);
        let wait = || self.lookout.wait(awaited, places, &pace, company);
        let waited = self.teller.resting(wait);
        self.end(step, (&what, &registry), awaited, waited)
    }

    /// Tells what a wait came to.
    fn end(
        &self,
        step: &Step,
        (what, registry): (&str, &str),
        awaited: &Awaited,
        waited: Waited,
    ) -> Result<(), Fate> {
        let environment = self.git.environment();
        let again = format!("cascade wait {}", typed(step, awaited));
        match waited {
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
                Err(failed(format!("{what} in `{registry}`: {why}"), again))
            }
            Waited::Late { why } => {
                let why = shown(&why, environment);
                Err(Fate::Waiting {
                    what: format!("{what} to be visible in `{registry}`: {why}"),
                    help: Some(again),
                })
            }
        }
    }

    /// Runs the commands that have to succeed with exactly this version installed, in an
    /// environment of their own.
    fn smoke(
        &self,
        step: &Step,
        (act, awaited): (&AwaitVisible, &Awaited),
        (commit, source): (&Oid, &Path),
    ) -> Result<(), Fate> {
        if act.smoke.is_empty() {
            return Ok(());
        }
        let what = format!("`{}` {}", awaited.name, awaited.version);
        self.teller.progress(format!("installing {what} to try it"));
        let fault = |why: String| failed(format!("{what} can not be tried: {why}"), None);
        let dir = tempfile::Builder::new()
            .prefix("cascade-")
            .tempdir_in(self.git.environment().scratch());
        let dir = dir.map_err(|it| fault(format!("the temporary folder: {it}")))?;
        let place = Place {
            root: self.root,
            at: dir.path(),
            source,
        };
        let recipe = recipe(awaited, &place, self.git.environment()).map_err(fault)?;
        recipe
            .write(dir.path())
            .map_err(|it| fault(it.to_string()))?;
        let mut errand = self.errand(step, dir.path(), commit);
        errand.scripts = source;
        errand.facts.extend(recipe.facts);
        errand.facts.push(("CASCADE_PACKAGE", awaited.name.clone()));
        errand
            .facts
            .push(("CASCADE_SOURCE", source.display().to_string()));
        for argv in &recipe.commands {
            let ended = errand.run(argv)?;
            if ended.ran == Ran::Badly {
                return Err(fault(format!("it does not install: {}", ended.said)));
            }
        }
        errand.programs = recipe.programs;
        for argv in &act.smoke {
            let line = argv.join(" ");
            self.teller.progress(format!("trying {what}: `{line}`"));
            let ended = errand.run(argv)?;
            if ended.ran == Ran::Badly {
                let why = format!("{what} is out, and `{line}` fails with it: {}", ended.said);
                return Err(failed(why, None));
            }
        }
        Ok(())
    }

    /// Returns what asks the publisher of a package; `None` where nobody says how.
    fn status<'s>(
        &'s self,
        step: &'s Step,
        act: &'s AwaitVisible,
        (commit, folder): (&'s Oid, &'s Path),
    ) -> Option<impl FnMut() -> Publishing + 's> {
        let argv = (!act.status.is_empty()).then_some(act.status.as_slice())?;
        let mut told = false;
        Some(move || {
            let mut errand = self.errand(step, folder, commit);
            errand
                .facts
                .push(("CASCADE_PACKAGE", act.awaited.name.clone()));
            // It is asked again, and must not outlast what it is asked for.
            errand.limit = errand.limit.min(ANSWER);
            match errand.run(argv) {
                Ok(ended) => publishing(&ended),
                Err(Fate::Failed { why, .. }) if !told => {
                    // It is no word on what is published.
                    told = true;
                    self.teller
                        .note(format!("`publish-status` says nothing: {why}"));
                    Publishing::Running
                }
                Err(_) => Publishing::Running,
            }
        })
    }

    /// Runs what is to be run once everything is out, and did not run yet: it is told of, and fails
    /// nothing.
    ///
    /// # Errors
    /// When a person interrupts.
    pub(crate) fn afterwards(
        &self,
        step: &Step,
        commit: &Oid,
        journal: &Journal,
    ) -> Result<(), Fate> {
        let acts = step.actions.iter().filter_map(|it| match it {
            Action::After { argv } => Some(argv),
            _ => None,
        });
        let open = |(nth, _): &(usize, _)| !journal.has_followed(&step.repo, *nth);
        let acts: Vec<(usize, &Vec<String>)> = acts.enumerate().filter(open).collect();
        if acts.is_empty() {
            return Ok(());
        }
        let Ok(export) = self.export(commit) else {
            let note = "`after` was not run: the tree can not be exported";
            self.teller.note(note);
            return Ok(());
        };
        for (nth, argv) in acts {
            let line = argv.join(" ");
            self.teller.progress(format!("running `{line}`"));
            let why = match self.errand(step, export.path(), commit).run(argv) {
                Ok(ended) if ended.ran == Ran::Well => None,
                Ok(ended) => Some(ended.said),
                Err(Fate::Failed { why, .. }) => Some(why),
                Err(other) => return Err(other),
            };
            journal.followed(&step.repo, nth);
            if let Some(why) = why {
                let note = format!("`{line}`, run after the release, failed: {why}");
                self.teller.note(note);
            }
        }
        Ok(())
    }

    /// Returns what runs the repository's own commands in a folder.
    pub(crate) fn errand<'e>(
        &'e self,
        step: &'e Step,
        folder: &'e Path,
        commit: &Oid,
    ) -> Errand<'e> {
        Errand {
            git: self.git,
            step: Some(step),
            folder,
            scripts: folder,
            facts: facts(step, commit),
            programs: Vec::new(),
            limit: self.git.environment().patience.check,
        }
    }

    /// Returns the files of the commit, where settings in them may say where to look.
    fn settings(&self, acts: &[&AwaitVisible], commit: &Oid) -> Option<Export> {
        let needed = |it: &&AwaitVisible| {
            let asked = !it.status.is_empty() || !it.smoke.is_empty();
            asked || !matches!(it.awaited.outlet, Outlet::Folder(_))
        };
        acts.iter().find(|it| needed(it))?;
        self.export(commit).ok()
    }

    /// Returns the files of a commit, in a folder of their own.
    ///
    /// # Errors
    /// With the fate of the step, where they can not be had.
    pub(crate) fn export(&self, commit: &Oid) -> Result<Export, Fate> {
        let fault = |it: &dyn std::fmt::Display| {
            failed(format!("the tree can not be exported: {it}"), None)
        };
        let store = self.mirror.store().map_err(|it| fault(&it))?;
        let tree = store.tree(commit).map_err(|it| fault(&it))?;
        let scratch = self.git.environment().scratch();
        Export::of(&store, tree, &Edits::default(), &scratch).map_err(|it| fault(&it))
    }
}

/// Returns what a step waits for.
pub(super) fn awaited_by(step: &Step) -> Vec<&AwaitVisible> {
    let acts = step.actions.iter().filter_map(|it| match it {
        Action::AwaitVisible(it) => Some(it),
        _ => None,
    });
    acts.collect()
}

/// Returns what a publisher says: the first word of the last line of its answer. A command that says
/// no such word, whatever it ends with, says nothing of what is published.
fn publishing(ended: &Ended) -> Publishing {
    match ended.word() {
        "done" => Publishing::Done,
        "failed" => Publishing::Failed(format!("its publisher says: {}", ended.last)),
        _ => Publishing::Running,
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
    match (awaited.ecosystem.as_str(), &awaited.outlet) {
        // Its name alone may be that of a package.
        (CHART, Outlet::Address(origin)) => {
            format!("chart:{origin}/{}@{}", awaited.name, awaited.version)
        }
        _ => format!("{}/{}@{}", step.repo, awaited.name, awaited.version),
    }
}
