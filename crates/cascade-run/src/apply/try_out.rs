//! Runs tools and checks on the files of a step before anything of it is committed.

use cascade_plan::{Action, Fate, LockMode, Relock, Step};

use super::errand::{Errand, Ran};
use super::failed;
use crate::Git;
use crate::drive::Teller;
use crate::export::Export;
use crate::mirror::{Store, TreeId};
use crate::relock::{Desk, Relocked, mend, relock, required};
use crate::write::Edits;

/// The files of a step, as they are and as they shall be.
pub(crate) struct Trial<'a> {
    pub(crate) git: &'a Git,
    pub(crate) desk: &'a Desk<'a>,
    pub(crate) step: &'a Step,
    pub(crate) teller: &'a Teller<'a>,
    pub(crate) store: &'a Store,
    /// The tree that the edits change.
    pub(crate) tree: TreeId,
    /// Whether the step needs its locks.
    pub(crate) locks: Locks,
}

/// Whether a step needs its locks to be in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Locks {
    /// A required one holds the step up: nothing is tagged with a stale lock.
    Needed,
    /// A lock that can not be brought in step yet is told of.
    WherePossible,
}

impl Trial<'_> {
    /// Brings the locks of the step in step, and adds them to the edits.
    ///
    /// # Errors
    /// With the fate of the step, where a lock that it needs can not be.
    pub(crate) fn locks(&self, edits: &mut Edits) -> Result<(), Fate> {
        self.left_alone();
        let planned = self.step.actions.iter().filter_map(|it| match it {
            Action::Relock(it) => Some(it),
            _ => None,
        });
        let planned: Vec<_> = planned.collect();
        if planned.is_empty() {
            return Ok(());
        }
        let export = match self.export(edits) {
            Ok(export) => export,
            Err(fate) => return self.no_export(&planned, fate),
        };
        for it in planned {
            self.teller.progress(format!("relocking `{}`", it.file));
            let before = export.read(&it.file);
            match relock(self.desk, self.step, it, &export) {
                Relocked::InStep(made) => {
                    if before.as_ref() != Some(&made.text) {
                        made.tell(&it.file, self.teller);
                        made.beside.add_to(edits);
                        edits.insert(it.file.clone(), made.text);
                    }
                }
                Relocked::Interrupted => return Err(Fate::Interrupted),
                Relocked::Stale { why, mend } => self.stale(&it.file, &why, mend)?,
            }
        }
        Ok(())
    }

    /// Tells of locks that are not in step any more, where cascade leaves them alone.
    fn left_alone(&self) {
        let locks = self.step.locks.iter();
        for it in locks.filter(|it| it.mode == LockMode::Off && it.required) {
            self.teller.note(format!(
                "`{}` is left alone (`lock = \"off\"`), and is not in step: {}",
                it.file, it.reason
            ));
        }
    }

    fn no_export(&self, planned: &[&Relock], fate: Fate) -> Result<(), Fate> {
        let Fate::Failed { why, .. } = &fate else {
            return Err(fate);
        };
        for it in planned {
            self.stale(&it.file, why, mend(self.step, it))?;
        }
        Ok(())
    }

    fn stale(&self, file: &str, why: &str, mend: String) -> Result<(), Fate> {
        if self.locks == Locks::Needed && required(self.step, file) {
            return Err(Fate::Waiting {
                what: format!("`{file}` to be brought in step: {why}"),
                help: Some(mend),
            });
        }
        self.teller.note(format!(
            "`{file}` stays as it is: {}; to mend it: {mend}",
            gist(why)
        ));
        Ok(())
    }

    /// Runs the repository's own checks on the new tree.
    ///
    /// # Errors
    /// With the fate of the step, where one does not succeed.
    pub(crate) fn checks(&self, edits: &Edits) -> Result<(), Fate> {
        let planned = self.step.actions.iter().filter_map(|it| match it {
            Action::Check { argv } => Some(argv.as_slice()),
            _ => None,
        });
        let planned: Vec<_> = planned.collect();
        if planned.is_empty() {
            return Ok(());
        }
        let export = self.export(edits)?;
        planned
            .into_iter()
            .try_for_each(|argv| self.check(argv, &export))
    }

    fn check(&self, argv: &[String], export: &Export) -> Result<(), Fate> {
        let line = argv.join(" ");
        self.teller.progress(format!("checking `{line}`"));
        let errand = Errand {
            git: self.git,
            step: Some(self.step),
            folder: export.path(),
            scripts: export.path(),
            facts: Vec::new(),
            programs: Vec::new(),
            limit: self.git.environment().patience.check,
        };
        let ended = errand.run(argv)?;
        if ended.ran == Ran::Well {
            return Ok(());
        }
        Err(failed(
            format!("the check `{line}` failed: {}", ended.said),
            format!("cd {} && {line}", self.step.path),
        ))
    }

    fn export(&self, edits: &Edits) -> Result<Export, Fate> {
        let place = self.git.environment().scratch();
        Export::of(self.store, self.tree, edits, &place)
            .map_err(|error| failed(format!("the tree can not be exported: {error}"), None))
    }
}

/// Returns what matters of a tool's long complaint, on one line: a note is told beside others.
fn gist(why: &str) -> String {
    let (what, text) = why.split_once(" failed: ").unwrap_or(("", why));
    let lines = || text.lines().map(str::trim).filter(|it| !it.is_empty());
    let of = |word: &str| lines().find(|it| it.to_lowercase().starts_with(word));
    let telling = of("cause")
        .or_else(|| of("error"))
        .or_else(|| lines().next());
    let mut telling: String = telling.unwrap_or_default().to_owned();
    if let Some((at, _)) = telling.char_indices().nth(240) {
        telling.truncate(at);
        telling.push('…');
    }
    if what.is_empty() {
        return telling;
    }
    format!("{what} failed: {telling}")
}

#[cfg(test)]
mod tests {
    use super::gist;

    #[test]
    fn a_long_complaint_comes_down_to_its_cause() {
        let why = "`uv lock` failed: Using CPython 3.11\nerror: No solution\n  cause: Because x\n\nhint: y";
        assert_eq!(gist(why), "`uv lock` failed: cause: Because x");
        assert_eq!(gist("`uv` is not installed"), "`uv` is not installed");
        assert_eq!(gist(&"é".repeat(999)).chars().count(), 241);
    }
}
