//! `cascade hook run TYPE`: what git runs.

use std::ffi::OsString;
use std::io::{self, Read as _};

use cascade_plan::hook::Door;
use cascade_run::{HookType, SELF_TEST};
use clap::Args;

use super::bypass::{Bypass, bypass, record};
use super::{hook_type, message, push, staged};
use crate::cli::Call;
use crate::exit::Exit;
use crate::failure::Failure;

/// The longest text that git is taken to hand to a hook.
const CAP: u64 = 256 << 20;

/// Which hook, and what git hands to it.
#[derive(Debug, Args)]
#[command(
    long_about = "Judges, as git asks it: what the hooks themselves call. It reads what git hands to a \
        hook of this type, arguments and standard input, and ends with 1 where it refuses.",
    after_help = "Examples:\n  \
        cascade hook run commit-msg -- .git/COMMIT_EDITMSG\n  \
        cascade hook run pre-commit      is what is staged fit to be committed?"
)]
pub(super) struct Run {
    /// The hook
    #[arg(value_name = "TYPE", value_parser = hook_type())]
    hook: HookType,
    /// What git hands to it
    #[arg(
        value_name = "ARG",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    args: Vec<OsString>,
}

impl Run {
    /// Judges.
    pub(super) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        if call.environment.var(SELF_TEST).is_some() {
            call.printer.report(&format!("{}\n", self.hook.alive()))?;
            return Ok(Exit::Done);
        }
        let first = self.args.first();
        let bypass = match (self.hook, bypass(call)) {
            // Whoever pushes may not say for himself that the server lets it pass.
            (HookType::PreReceive, Bypass::Granted | Bypass::Denied) => {
                let why = "cascade: CASCADE_HOOK=0 does not count on a server";
                call.printer.talk(why);
                Bypass::Denied
            }
            (_, Bypass::Denied) => {
                let why =
                    "cascade: CASCADE_HOOK=0 does not count for an agent; a person may say it";
                call.printer.talk(why);
                Bypass::Denied
            }
            (_, bypass) => bypass,
        };
        match (self.hook, bypass) {
            (HookType::PreCommit | HookType::CommitMsg, Bypass::Granted) => {
                record(call, self.hook, "a commit");
                Ok(Exit::Done)
            }
            (HookType::PreCommit, _) => staged::judge(call),
            (HookType::CommitMsg, _) => message::judge(call, first),
            (HookType::PrePush, _) => push::judge(call, Door::Push, (first, &said()?), bypass),
            (HookType::PreReceive, _) => push::judge(call, Door::Receive, (None, &said()?), bypass),
        }
    }
}

/// Returns what git says on standard input.
fn said() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(CAP).read_to_end(&mut bytes);
    read.map_err(|error| {
        let what = format!("what git says could not be read: {error}");
        Failure::new(
            Exit::Failed,
            what,
            "git runs this as a hook, and says what is pushed",
        )
    })?;
    Ok(bytes)
}
