//! Holds a lock against the manifests, and against what it was before.

use cascade_manifest::{
    ALL, Discord, Ecosystem, Entry, Lock, LockFacts, Locked, LockedSource, Names, Spot, Vendored,
    ecosystem, resolved,
};
use cascade_plan::{Churn, LockMove, PinFate, PinMove, Relock, Step, churn};

use super::Fault;
use super::beside::{Beside, Files};
use super::files::gathered;
use crate::export::Export;
use crate::path::{folder_of, joined};

/// Subjects of a disagreement that are fields of the lock and stand for all of it.
const FIELDS: &[&str] = &["content-hash", "digest"];

/// Why a lock is not what it should be.
pub(super) struct Wrong(pub(super) String);

/// Knows what a lock was, and what it has to be.
pub(super) struct Judge<'a> {
    ecosystem: &'static Ecosystem,
    format: &'static dyn Lock,
    file: &'a str,
    pins: Vec<&'a PinMove>,
    /// What the step moves.
    names: Names,
    files: Files,
    before: String,
    facts: LockFacts,
    entries: Vec<Entry>,
    discords: Vec<Discord>,
}

impl<'a> Judge<'a> {
    /// Returns the judge of a lock, with what it is now.
    pub(super) fn of(step: &'a Step, it: &'a Relock, export: &Export) -> Result<Self, Fault> {
        let file = it.file.as_str();
        let unknown = || Fault::Why(format!("`{file}` is no lock cascade knows"));
        let (ecosystem, format) = format_of(step, file).ok_or_else(unknown)?;
        let pins = pins(step, ecosystem, file);
        let bytes = export.read(file);
        let bytes = bytes.ok_or_else(|| Fault::Why(format!("`{file}` is not there before")))?;
        let before = String::from_utf8(bytes)
            .map_err(|_| Fault::Unread(format!("`{file}` can not be read: it is not UTF-8")))?;
        let mut judge = Self {
            ecosystem,
            format,
            file,
            names: names(step, ecosystem, it, &pins),
            pins,
            files: gathered(export.path(), folder_of(file), ecosystem, format),
            facts: LockFacts::default(),
            entries: Vec::new(),
            discords: Vec::new(),
            before,
        };
        let read = |Wrong(why)| Fault::Unread(why);
        resolved(&judge.before).map_err(|it| read(judge.unread(&it.message)))?;
        judge.facts = judge.find(&judge.before).map_err(read)?;
        judge.entries = judge.entries_of(&judge.before).map_err(read)?;
        judge.discords = judge.discords_of(&judge.before).map_err(read)?;
        Ok(judge)
    }

    pub(super) fn format(&self) -> &'static dyn Lock {
        self.format
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn ecosystem(&self) -> &'static Ecosystem {
        self.ecosystem
    }

    pub(super) fn file(&self) -> &str {
        self.file
    }

    pub(super) fn files(&self) -> &Files {
        &self.files
    }

    /// Returns the path from the repository's root of a file in the lock's folder.
    pub(super) fn path_of(&self, name: &str) -> String {
        joined(folder_of(self.file), name)
    }

    pub(super) fn before(&self) -> &str {
        &self.before
    }

    /// Returns what moved that nobody named, in a lock that holds what it has to and with which
    /// these manifests changed.
    pub(super) fn verdict(&self, text: &str, beside: &Beside) -> Result<Vec<Churn>, Wrong> {
        self.holds(&self.find(text)?)?;
        let mut files = self.files.clone();
        for (name, text) in &mut files {
            if let Some(changed) = beside.text(&self.path_of(name)) {
                text.clone_from(changed);
            }
        }
        self.agrees(&self.discords_with(text, &files)?)?;
        let mut named = self.names.clone();
        // What the manifests asked for and the lock lacked has to move, and so has what they ask
        // for by now.
        named.extend(self.discords.iter().map(|it| it.subject.clone()));
        named.extend(beside.subjects());
        Ok(churn(&self.entries, &self.entries_of(text)?, &named))
    }

    /// Returns the copies beside the lock of what is locked, which would not fit it any more.
    pub(super) fn vendored(&self, commands: &[Vec<String>], export: &Export) -> Option<Vendored> {
        let folder = export.path().join(folder_of(self.file));
        let is_there = |path: &str| folder.join(path).symlink_metadata().is_ok();
        self.format.vendored(&self.files, &is_there, commands)
    }

    /// Returns the manifests beside the lock that the tool edited, as they are now.
    pub(super) fn edited(&self, export: &Export) -> Files {
        let beside = self.files.iter().filter(|(name, _)| !name.contains('/'));
        let edited = beside.filter_map(|(name, before)| {
            let text = String::from_utf8(export.read(&self.path_of(name))?).ok()?;
            (text != *before).then(|| (name.clone(), text))
        });
        edited.collect()
    }

    /// Returns the environment in which no gate refuses what moves, and in which the lock is
    /// written as it was.
    pub(super) fn told(&self) -> Vec<(&'static str, &'static str)> {
        let gates = self.names.iter();
        let gates = gates.filter_map(|it| self.format.age_gate(it, &self.files));
        let lifted = gates.flat_map(|it| it.lifted_by.iter().copied());
        lifted
            .chain(self.format.environment(&self.before))
            .collect()
    }

    /// Puts manifests and settings back as they were, since other locks are made from them too.
    pub(super) fn put_back(&self, export: &Export) {
        let folder = folder_of(self.file);
        let now = gathered(export.path(), folder, self.ecosystem, self.format);
        let others = self
            .files
            .iter()
            .filter(|it| joined(folder, it.0) != self.file);
        for (path, text) in others {
            if now.get(path) != Some(text) {
                export.write(&joined(folder, path), text.as_bytes());
            }
        }
        for path in now.keys().filter(|it| !self.files.contains_key(*it)) {
            export.remove(&joined(folder, path));
        }
    }

    fn unread(&self, why: &str) -> Wrong {
        Wrong(format!("`{}` can not be read: {why}", self.file))
    }

    fn find(&self, text: &str) -> Result<LockFacts, Wrong> {
        let found = self.format.find(text, &self.names);
        found.map_err(|it| self.unread(&it.message))
    }

    fn entries_of(&self, text: &str) -> Result<Vec<Entry>, Wrong> {
        let found = self.format.entries(text);
        found.map_err(|it| self.unread(&it.message))
    }

    fn discords_of(&self, text: &str) -> Result<Vec<Discord>, Wrong> {
        self.discords_with(text, &self.files)
    }

    fn discords_with(&self, text: &str, files: &Files) -> Result<Vec<Discord>, Wrong> {
        let found = self.format.discords(text, files);
        found.map_err(|it| match &it.beside {
            None => self.unread(&it.error.message),
            Some(path) => {
                let at = it.error.span.as_ref().zip(files.get(path));
                let at = at.map(|(span, text)| format!("{}: ", Spot::of(text, span.start)));
                let (path, at) = (self.path_of(path), at.unwrap_or_default());
                Wrong(format!(
                    "`{path}` can not be read: {at}{}",
                    it.error.message
                ))
            }
        })
    }

    fn holds(&self, after: &LockFacts) -> Result<(), Wrong> {
        for pin in &self.pins {
            let name = (self.ecosystem.canonical)(&pin.upstream.name);
            let (old, new) = (taken(&self.facts, &name), taken(after, &name));
            let holds = new
                .iter()
                .any(|it| it.version.as_deref() == Some(&pin.version));
            let kept = !matches!(pin.fate, PinFate::Updated(_));
            if holds || (old.is_empty() && new.is_empty()) || (kept && old == new) {
                continue;
            }
            let found: Vec<&str> = new.iter().filter_map(|it| it.version.as_deref()).collect();
            let found = if found.is_empty() {
                "none".to_owned()
            } else {
                found.join(", ")
            };
            return Err(Wrong(format!(
                "`{}` holds {found} of `{name}` instead of {}; {} may not be published yet",
                self.file, pin.version, pin.version,
            )));
        }
        Ok(())
    }

    /// Fails where lock and manifests disagree about what the step moves, or about anything that
    /// they agreed on before.
    fn agrees(&self, after: &[Discord]) -> Result<(), Wrong> {
        let concerned = |it: &&Discord| {
            self.names.contains(&it.subject)
                || FIELDS.contains(&it.subject.as_str())
                || !self.discords.contains(it)
        };
        let Some(it) = after.iter().find(concerned) else {
            return Ok(());
        };
        Err(Wrong(format!("`{}` {}", self.file, told(it))))
    }
}

/// Returns how a lock and a manifest disagree, in words.
pub(crate) fn told(it: &Discord) -> String {
    let held = it.held.as_deref().unwrap_or("nothing");
    format!(
        "holds `{held}` for `{}`, and `{}` says `{}`",
        it.subject, it.manifest, it.wanted
    )
}

/// Returns the ecosystem and the format of a lock.
pub(super) fn format_of(
    step: &Step,
    file: &str,
) -> Option<(&'static Ecosystem, &'static dyn Lock)> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let planned = step.locks.iter().find(|it| it.file == file);
    let planned = planned.map(|it| ecosystem(&it.ecosystem));
    let mut known = planned.map_or_else(|| ALL.to_vec(), |it| it.into_iter().collect());
    known.retain(|it| it.lock(name).is_some());
    let first = known.first()?;
    Some((first, first.lock(name)?))
}

fn pins<'a>(step: &'a Step, ecosystem: &Ecosystem, file: &str) -> Vec<&'a PinMove> {
    let ours = |it: &&PinMove| {
        it.upstream.ecosystem == ecosystem.name
            && !it.auxiliary
            && governs(&step.locks, ecosystem, file, &it.manifest)
    };
    step.pins.iter().filter(ours).collect()
}

fn names(step: &Step, ecosystem: &Ecosystem, it: &Relock, pins: &[&PinMove]) -> Names {
    let own = step
        .releases
        .iter()
        .filter(|it| it.package.ecosystem == ecosystem.name);
    let moves = it.moves.iter().chain(&it.own).map(|it| it.name.as_str());
    pins.iter()
        .map(|it| it.upstream.name.as_str())
        .chain(own.map(|it| it.package.name.as_str()))
        .chain(moves)
        .map(|it| (ecosystem.canonical)(it).into_owned())
        .collect()
}

/// Returns the entries of a package that come from a registry: others say no version of their own.
fn taken<'f>(facts: &'f LockFacts, name: &str) -> Vec<&'f Locked> {
    facts
        .entries
        .iter()
        .filter(|it| it.name == name && it.source == LockedSource::Registry)
        .collect()
}

/// Returns whether this lock is the nearest one that reaches a manifest.
fn governs(locks: &[LockMove], ecosystem: &Ecosystem, file: &str, manifest: &str) -> bool {
    let reaches = |lock: &str| {
        let (own, at) = (folder_of(lock), folder_of(manifest));
        let inside = own.is_empty() || at.strip_prefix(own).is_some_and(|it| it.starts_with('/'));
        let format = ecosystem.lock(lock.rsplit('/').next().unwrap_or(lock));
        at == own || inside && format.is_none_or(Lock::reaches_below)
    };
    let rivals = locks
        .iter()
        .filter(|it| it.ecosystem == ecosystem.name && reaches(&it.file));
    let nearest = rivals
        .map(|it| folder_of(&it.file).len())
        .max()
        .unwrap_or(0);
    reaches(file) && folder_of(file).len() >= nearest
}
