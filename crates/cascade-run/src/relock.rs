//! Brings a lock in step with its ecosystem's own command, in an export of the tree.

use std::collections::BTreeSet;

use cascade_manifest::{Ecosystem, LockFacts, Locked, LockedSource, ecosystem};
use cascade_plan::{LockMove, PinFate, PinMove, Step};

use crate::Git;
use crate::environment::Purpose;
use crate::exec::{Call, End, Leftovers};
use crate::export::Export;
use crate::git::said;

/// The programs that may bring a lock in step.
const PROGRAMS: &[&str] = &["uv", "poetry", "npm", "cargo"];

/// What came of a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Relocked {
    /// It is in step; this is its text.
    InStep(Vec<u8>),
    /// It could not be brought in step.
    Stale {
        /// Why.
        why: String,
        /// The command that mends it.
        mend: String,
    },
    /// A person interrupted.
    Interrupted,
}

/// Why a command did not bring a lock in step.
enum Fault {
    Why(String),
    Interrupted,
}

/// Runs the commands of a lock in the export and takes the lock alone back, if it holds what the
/// step's pins ask for and moved nothing else of the family.
pub(crate) fn relock(
    git: &Git,
    step: &Step,
    (file, commands): (&str, &[Vec<String>]),
    export: &Export,
) -> Relocked {
    match brought(git, step, (file, commands), export) {
        Ok(text) => Relocked::InStep(text),
        Err(Fault::Interrupted) => Relocked::Interrupted,
        Err(Fault::Why(why)) => Relocked::Stale {
            why,
            mend: mend(step, file, commands),
        },
    }
}

/// Returns whether a step is worth nothing without this lock.
pub(crate) fn required(step: &Step, file: &str) -> bool {
    step.locks.iter().any(|it| it.file == file && it.required)
}

/// Returns the command that a person types to bring the lock in step.
pub(crate) fn mend(step: &Step, file: &str, commands: &[Vec<String>]) -> String {
    let folder = match folder_of(file) {
        "" => step.path.clone(),
        below => format!("{}/{below}", step.path),
    };
    let words = |argv: &Vec<String>| {
        argv.iter()
            .map(|it| quoted(it))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let lines: Vec<String> = commands.iter().map(words).collect();
    format!("cd {} && {}", quoted(&folder), lines.join(" && "))
}

fn brought(
    git: &Git,
    step: &Step,
    (file, commands): (&str, &[Vec<String>]),
    export: &Export,
) -> Result<Vec<u8>, Fault> {
    let judge = Judge::of(step, file)?;
    let read = |when: &str| {
        let bytes = export.read(file);
        bytes.ok_or_else(|| Fault::Why(format!("`{file}` is not there {when}")))
    };
    let before = judge.facts(&read("before")?)?;
    for argv in commands {
        run(git, step, (folder_of(file), argv), export)?;
    }
    let bytes = read("any more")?;
    judge.compare(&before, &judge.facts(&bytes)?)?;
    Ok(bytes)
}

fn run(
    git: &Git,
    step: &Step,
    (folder, argv): (&str, &[String]),
    export: &Export,
) -> Result<(), Fault> {
    let environment = git.environment();
    let (name, rest) = argv
        .split_first()
        .filter(|(name, _)| PROGRAMS.contains(&name.as_str()))
        .ok_or_else(|| {
            Fault::Why("the plan names a program that cascade does not run".to_owned())
        })?;
    let program = environment.program(name);
    let call = Call {
        program: program.ok_or_else(|| Fault::Why(format!("`{name}` is not installed")))?,
        args: rest.iter().map(Into::into).collect(),
        folder: export.path().join(folder),
        vars: tool_vars(git, step),
        input: None,
        limit: environment.patience.relock,
        cancel: Some(environment.interrupt.clone()),
        leftovers: Leftovers::Swept,
    };
    let heard = call
        .run()
        .map_err(|error| Fault::Why(format!("`{name}` did not start: {error}")))?;
    match heard.end {
        End::Exit(0) => Ok(()),
        End::Interrupted => Err(Fault::Interrupted),
        _ => Err(Fault::Why(format!(
            "`{}` failed: {}",
            argv.join(" "),
            said(&heard, environment)
        ))),
    }
}

/// Returns the environment of a tool or a check. An export has no git: what asks git for its
/// version is told the planned one.
pub(crate) fn tool_vars(
    git: &Git,
    step: &Step,
) -> std::collections::BTreeMap<std::ffi::OsString, std::ffi::OsString> {
    let mut vars = git.environment().allowed(Purpose::Tool);
    let planned = step
        .releases
        .iter()
        .find(|it| it.package.ecosystem == "python");
    if let Some(release) = planned {
        for name in ["SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION"] {
            vars.insert(name.into(), release.to.clone().into());
        }
    }
    vars
}

/// Knows what a lock has to hold after it was brought in step.
struct Judge<'a> {
    ecosystem: &'static Ecosystem,
    file: &'a str,
    pins: Vec<&'a PinMove>,
    names: BTreeSet<String>,
}

impl<'a> Judge<'a> {
    fn of(step: &'a Step, file: &'a str) -> Result<Self, Fault> {
        let moves = step.locks.iter().find(|it| it.file == file);
        let name = file.rsplit('/').next().unwrap_or(file);
        let known = match moves {
            Some(it) => ecosystem(&it.ecosystem),
            None => cascade_manifest::ALL
                .iter()
                .copied()
                .find(|it| it.lock(name).is_some()),
        };
        let ecosystem =
            known.ok_or_else(|| Fault::Why(format!("`{file}` is no lock cascade knows")))?;
        let ours = |it: &&PinMove| {
            it.upstream.ecosystem == ecosystem.name
                && !it.auxiliary
                && governs(&step.locks, ecosystem.name, file, &it.manifest)
        };
        let pins: Vec<_> = step.pins.iter().filter(ours).collect();
        let own = step
            .releases
            .iter()
            .filter(|it| it.package.ecosystem == ecosystem.name);
        let names = pins
            .iter()
            .map(|it| it.upstream.name.as_str())
            .chain(own.map(|it| it.package.name.as_str()))
            .map(|it| (ecosystem.canonical)(it).into_owned())
            .collect();
        Ok(Self {
            ecosystem,
            file,
            pins,
            names,
        })
    }

    fn facts(&self, bytes: &[u8]) -> Result<LockFacts, Fault> {
        let name = self.file.rsplit('/').next().unwrap_or(self.file);
        let unread = |why: &str| Fault::Why(format!("`{}` can not be read: {why}", self.file));
        let format = self
            .ecosystem
            .lock(name)
            .ok_or_else(|| unread("its format is not known"))?;
        let text = std::str::from_utf8(bytes).map_err(|_| unread("it is not UTF-8"))?;
        format
            .find(text, &self.names)
            .map_err(|it| unread(&it.message))
    }

    fn compare(&self, before: &LockFacts, after: &LockFacts) -> Result<(), Fault> {
        for pin in &self.pins {
            let name = (self.ecosystem.canonical)(&pin.upstream.name);
            let (old, new) = (taken(before, &name), taken(after, &name));
            let holds = new
                .iter()
                .any(|it| it.version.as_deref() == Some(&pin.version));
            let kept = !matches!(pin.fate, PinFate::Updated(_));
            if holds || (old.is_empty() && new.is_empty()) || (kept && old == new) {
                continue;
            }
            let found: Vec<&str> = new.iter().filter_map(|it| it.version.as_deref()).collect();
            return Err(Fault::Why(format!(
                "`{}` holds {} of `{name}` instead of {}; {} may not be published yet",
                self.file,
                if found.is_empty() {
                    "none".to_owned()
                } else {
                    found.join(", ")
                },
                pin.version,
                pin.version,
            )));
        }
        Ok(())
    }
}

/// Returns the entries of a package that come from a registry: others say no version of their own.
fn taken<'f>(facts: &'f LockFacts, name: &str) -> Vec<&'f Locked> {
    facts
        .entries
        .iter()
        .filter(|it| it.name == name && it.source == LockedSource::Registry)
        .collect()
}

/// Returns whether this lock is the nearest one above a manifest.
fn governs(locks: &[LockMove], ecosystem: &str, file: &str, manifest: &str) -> bool {
    let above = |lock: &str| {
        let (lock, at) = (folder_of(lock), folder_of(manifest));
        lock.is_empty() || at == lock || at.strip_prefix(lock).is_some_and(|it| it.starts_with('/'))
    };
    let rivals = locks
        .iter()
        .filter(|it| it.ecosystem == ecosystem && above(&it.file));
    let nearest = rivals
        .map(|it| folder_of(&it.file).len())
        .max()
        .unwrap_or(0);
    above(file) && folder_of(file).len() >= nearest
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=@:+,%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
