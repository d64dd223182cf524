//! Brings a lock in step, in an export of the tree: natively where that can be proven right, else
//! by its ecosystem's own command. Whichever way it was made, it is held against the manifests and
//! against what it was before.

mod beside;
mod exact;
mod files;
mod judge;
mod tool;

use cascade_manifest::{Bump, Fallback, Lock, Vendored};
use cascade_plan::{Churn, LockMode, Relock, Step, Way, shell};

use crate::Git;
use crate::drive::Teller;
use crate::export::Export;
use crate::path::{folder_of, joined};
use crate::registry::Registries;
use beside::Beside;
use judge::{Judge, Wrong, format_of};

pub(crate) use beside::stands;
pub(crate) use files::{gathered, left_out};
pub(crate) use tool::tool_vars;

/// What bringing locks in step needs in one run.
pub(crate) struct Desk<'a> {
    pub(crate) git: &'a Git,
    /// The registries that native rewrites ask.
    pub(crate) registries: Registries,
    /// What becomes of a lock in which more moved than was named.
    pub(crate) surplus: Surplus,
}

/// What becomes of a lock in which more moved than was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surplus {
    /// It is refused.
    Refused,
    /// It is taken, and what moved is shown.
    Allowed,
}

impl<'a> Desk<'a> {
    /// Returns the desk of a run.
    pub(crate) fn new(git: &'a Git, request: &cascade_plan::Request) -> Self {
        Self {
            git,
            registries: Registries::new(git),
            surplus: if request.allow_churn {
                Surplus::Allowed
            } else {
                Surplus::Refused
            },
        }
    }
}

/// What came of a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Relocked {
    /// It is in step.
    InStep(Made),
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

/// A lock that was brought in step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    /// Its text.
    pub(crate) text: Vec<u8>,
    /// Which way.
    pub(crate) way: Way,
    /// What moved in it that was not named.
    pub(crate) churn: Vec<Churn>,
    /// The manifests that had to change as well, in rows of the tool's own.
    pub(crate) beside: Beside,
}

impl Made {
    /// Tells which way it was made, and what moved with it that nobody named.
    pub(crate) fn tell(&self, file: &str, teller: &Teller<'_>) {
        teller.relocked(file, self.way.clone());
        for note in self.beside.notes(file) {
            teller.note(note);
        }
        if !self.churn.is_empty() {
            teller.note(format!(
                "more than what was named moved in `{file}`, which was allowed: {}",
                listed(&self.churn)
            ));
        }
    }
}

/// Why a lock was not brought in step.
enum Fault {
    Why(String),
    /// It, or a manifest beside it, can not be read.
    Unread(String),
    /// Copies beside it would not fit it any more.
    Vendored(Vendored),
    Interrupted,
}

/// Brings a lock in step in the export. Only the lock is taken back, and what is its tool's own in
/// the manifests beside it, if it holds what the step asks for, agrees with the manifests, and
/// nothing moved in it that nobody named.
pub(crate) fn relock(desk: &Desk<'_>, step: &Step, it: &Relock, export: &Export) -> Relocked {
    let file = it.file.as_str();
    match brought(desk, step, it, export) {
        Ok(made) => Relocked::InStep(made),
        Err(Fault::Interrupted) => Relocked::Interrupted,
        Err(Fault::Why(why)) => Relocked::Stale {
            why,
            mend: mend(step, it),
        },
        Err(Fault::Unread(why)) => Relocked::Stale {
            why,
            mend: format!("mend that file in `{}`", step.repo),
        },
        Err(Fault::Vendored(it)) => Relocked::Stale {
            why: format!(
                "`{}` holds copies of what is locked, and would not fit it any more",
                it.path
            ),
            mend: typed(step, file, &it.commands),
        },
    }
}

/// Returns whether a step is worth nothing without this lock.
pub(crate) fn required(step: &Step, file: &str) -> bool {
    step.locks.iter().any(|it| it.file == file && it.required)
}

/// Returns the command that a person types to bring the lock in step: the ecosystem's own, or
/// cascade's where that one would take the newest version of a range.
pub(crate) fn mend(step: &Step, it: &Relock) -> String {
    let format = format_of(step, &it.file).map(|(_, format)| format);
    if !it.moves.is_empty() && format.is_some_and(Lock::takes_newest) {
        return format!("cascade lock --repo {}", step.repo);
    }
    if it.commands.is_empty() {
        return format!("lock `{}` in `{}` anew", it.file, step.repo);
    }
    typed(step, &it.file, &it.commands)
}

/// Returns commands that run in the folder of a lock as one line for the workspace's root.
fn typed(step: &Step, file: &str, commands: &[Vec<String>]) -> String {
    let folder = joined(&step.path, folder_of(file));
    let words = |argv: &Vec<String>| {
        let words: Vec<String> = argv.iter().map(|it| shell::word(it)).collect();
        words.join(" ")
    };
    let lines: Vec<String> = commands.iter().map(words).collect();
    format!("cd {} && {}", shell::word(&folder), lines.join(" && "))
}

fn brought(desk: &Desk<'_>, step: &Step, it: &Relock, export: &Export) -> Result<Made, Fault> {
    let judge = Judge::of(step, it, export)?;
    if let Some(it) = judge.vendored(&it.commands, export) {
        return Err(Fault::Vendored(it));
    }
    let because = match it.mode {
        LockMode::Tool | LockMode::Off => None,
        LockMode::Auto | LockMode::Native => match natively(desk, &judge, it, export) {
            Ok((text, beside)) => {
                beside.write(export);
                return Ok(Made {
                    text: text.into_bytes(),
                    way: Way::Natively,
                    churn: Vec::new(),
                    beside,
                });
            }
            Err(_) if desk.git.interrupted() => return Err(Fault::Interrupted),
            Err(Fallback(why)) => Some(crate::exec::shown(&why, desk.git.environment())),
        },
    };
    if let (LockMode::Native, Some(why)) = (it.mode, &because) {
        return Err(Fault::Why(format!(
            "it can not be rewritten natively, and `lock = \"native\"` wants no tool: {why}"
        )));
    }
    by_tool(desk, step, (it, because), (&judge, export))
}

/// Returns the lock as cascade itself rewrites it, and the manifests in which rows of the tool's own
/// follow. Nothing but what was named may have moved.
fn natively(
    desk: &Desk<'_>,
    judge: &Judge<'_>,
    it: &Relock,
    export: &Export,
) -> Result<(String, Beside), Fallback> {
    let wrong = |Wrong(why): Wrong| Fallback(why);
    let followed = judge.format().followed(judge.files(), &it.moves);
    let beside = Beside::of(judge, &followed).map_err(wrong)?;
    let mut files = judge.files().clone();
    files.extend(followed);
    let fresh = judge.names().clone();
    let reach = desk
        .registries
        .reach(export.path(), folder_of(&it.file), fresh);
    let bump = Bump {
        moves: &it.moves,
        own: &it.own,
        files: &files,
        facts: &reach,
    };
    let text = judge.format().rewrite(judge.before(), &bump)?;
    let churn = judge.verdict(&text, &beside).map_err(wrong)?;
    if churn.is_empty() {
        return Ok((text, beside));
    }
    Err(Fallback::because(format!(
        "more than what was named would move: {}",
        listed(&churn)
    )))
}

fn by_tool(
    desk: &Desk<'_>,
    step: &Step,
    (it, because): (&Relock, Option<String>),
    (judge, export): (&Judge<'_>, &Export),
) -> Result<Made, Fault> {
    let not_natively = |why: String| match &because {
        Some(reason) => format!("not natively, since {reason}; by its tool: {why}"),
        None => why,
    };
    let program = it.commands.first().and_then(|it| it.first());
    let Some(program) = program else {
        return Err(Fault::Why(not_natively(
            "no command is known for it".to_owned(),
        )));
    };
    let run = tool::Run {
        git: desk.git,
        step,
        commands: &it.commands,
        told: judge.told(),
    };
    let ran = exact::run(&run, judge, it, export);
    let text = export.read(&it.file);
    let edited = judge.edited(export);
    judge.put_back(export);
    ran.map_err(|fault| match fault {
        Fault::Why(why) => Fault::Why(not_natively(why)),
        other => other,
    })?;
    let gone = || Fault::Why(format!("`{}` is not there any more", it.file));
    let text = text.ok_or_else(gone)?;
    let wrong = |Wrong(why): Wrong| Fault::Why(why);
    let beside = Beside::of(judge, &edited).map_err(wrong)?;
    let churn = taken(desk, judge, &text, &beside).map_err(wrong)?;
    beside.write(export);
    Ok(Made {
        text,
        way: Way::Tool {
            program: program.clone(),
            because,
        },
        churn,
        beside,
    })
}

/// Returns what moved that nobody named, in a lock that a tool made and that can be taken.
fn taken(
    desk: &Desk<'_>,
    judge: &Judge<'_>,
    text: &[u8],
    beside: &Beside,
) -> Result<Vec<Churn>, Wrong> {
    let file = judge.file();
    let unread = |_| Wrong(format!("`{file}` can not be read: it is not UTF-8"));
    let text = std::str::from_utf8(text).map_err(unread)?;
    let churn = judge.verdict(text, beside)?;
    if desk.surplus == Surplus::Refused && !churn.is_empty() {
        return Err(Wrong(format!(
            "more than what was named moved in `{file}`: {}; `--allow-churn` takes it all the same",
            listed(&churn)
        )));
    }
    Ok(churn)
}

/// Returns what moved, as it is told: the first few, and how many more.
fn listed(churn: &[Churn]) -> String {
    const SHOWN: usize = 12;
    let mut all: Vec<String> = churn.iter().take(SHOWN).map(ToString::to_string).collect();
    if churn.len() > SHOWN {
        all.push(format!("and {} more", churn.len() - SHOWN));
    }
    all.join(", ")
}
