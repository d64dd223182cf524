//! `cascade unlock`: frees the lock between machines for somebody who is gone.

use cascade_plan::Oid;
use cascade_run::{Lease, Standing, Unlocked};
use clap::Args;

use super::Call;
use super::carry::{alone, git};
use super::machines::refused;
use super::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::Shown;

/// Tells who holds the lock between machines, or frees it for one that is gone
#[derive(Debug, Args)]
#[command(
    long_about = "Tells who holds the lock between machines: the ref `refs/cascade/lock` on the remote \
        of the repository that tracks workspace.toml. With OBJECT, the full name that a refused \
        command printed, it frees the lock where it still is exactly that object: its holder has \
        not shown a sign of life since.\n\n\
        A run whose lock was freed under it pushes nothing more, as soon as it knows. Where you are \
        not certain that it is gone, `cascade release --take-over` finds out.",
    after_help = "Examples:\n  \
        cascade unlock                   who holds it, since when, for which run\n  \
        cascade unlock OBJECT            free it, for certain that its holder is gone"
)]
pub(crate) struct Unlock {
    /// The full name of the object that the lock is
    #[arg(value_name = "OBJECT", value_parser = object)]
    object: Option<Oid>,
}

impl Unlock {
    /// Tells, or frees.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let state = workspace.state(call.environment.state()?)?;
        let alone = alone(&state)?;
        let (git, lock) = (git(call)?, workspace.graph.run_lock());
        let with = (&state, &alone);
        let Some(object) = &self.object else {
            let standing = Lease::look(&git, with, lock);
            let standing = standing.map_err(|it| refused(&it, "cascade unlock"))?;
            call.printer.report(&told(&standing))?;
            return Ok(Exit::Done);
        };
        let unlocked = Lease::unlock(&git, with, (lock, object));
        let unlocked = unlocked.map_err(|it| refused(&it, "cascade unlock"))?;
        match unlocked {
            Unlocked::Freed(it) => call
                .printer
                .report(&format!("freed; it was held: {}\n", Shown(&it.who)))?,
            Unlocked::Free => call.printer.report("nobody holds the lock\n")?,
            Unlocked::Other(it) => {
                let what = format!("the lock is another object now: {}", it.who);
                let help = format!(
                    "its holder shows signs of life; to free that one: `cascade unlock {}`",
                    it.object
                );
                return Err(Failure::new(Exit::Refused, what, help));
            }
            Unlocked::Refused(why) => {
                let what = format!("the remote did not let the lock be freed: {why}");
                let help = "ask somebody who may push to it";
                return Err(Failure::new(Exit::Failed, what, help));
            }
        }
        Ok(Exit::Done)
    }
}

/// Returns how the lock stands, and what to type.
fn told(standing: &Standing) -> String {
    match standing {
        Standing::Held(it) => format!(
            "{}\nto free it, for certain that its holder is gone: cascade unlock {}\n",
            Shown(&standing.to_string()),
            it.object
        ),
        other => format!("{other}\n"),
    }
}

/// Returns the full name of an object.
fn object(text: &str) -> Result<Oid, String> {
    Oid::parse(text).ok_or_else(|| "the full name of an object, 40 or 64 hexadecimal digits".into())
}
