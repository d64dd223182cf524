//! `cascade hook`: the doors at which git asks before it commits and pushes.

mod brought;
mod bypass;
mod message;
mod place;
mod protected;
mod push;
mod run;
mod staged;

use cascade_run::{HookHome, HookType, Installed, Removed, Scribe};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

use self::place::{Homes, homes, unfit};
use super::Call;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::report::hooks::{HookRow, human, json};
use crate::shown::Shown;

/// Lets git ask cascade before it commits and pushes
#[derive(Debug, Args)]
#[command(
    long_about = "Lets git ask cascade before it commits and pushes, in one repository or in all of a \
        workspace.\n\n\
        pre-commit judges what is staged, where a manifest, a lock or a changelog is among it. commit-msg \
        wants Conventional Commits. pre-push refuses tags that are no good release: not a version, \
        lightweight, moved or deleted, another version than the manifest's, below what is released \
        already, off the release branch, made by hand where release-please tags; and for a branch that is \
        released it repeats what the other two refuse, since they can be gone past. pre-receive does the \
        same on a server of one's own. Whatever is pushed otherwise goes at once.\n\n\
        A hook that is there is kept and runs first. husky, lefthook and the pre-commit framework keep \
        their files: the entry that they want is shown, and written with `--write`.",
    after_help = "Examples:\n  \
        cascade hook install             in the repository that you stand in\n  \
        cascade hook install --all       in every repository of the workspace\n  \
        cascade hook status              does git really run them? They are run to find out\n  \
        cascade hook uninstall           everything as it was before, byte for byte\n  \
        cascade hook run commit-msg -- .git/COMMIT_EDITMSG   what git runs\n  \
        CASCADE_HOOK=0 git push          for once without; it is written down"
)]
pub(crate) struct Hook {
    #[command(subcommand)]
    what: What,
}

/// What is done with hooks.
#[derive(Debug, Subcommand)]
enum What {
    /// Puts hooks where git runs them
    Install(Install),
    /// Takes hooks away, and puts back what was there before
    Uninstall(Where),
    /// Runs every hook with nothing to judge, and tells which are dead
    Status(Status),
    /// Judges, as git asks it: what the hooks themselves call
    Run(run::Run),
}

/// Which hooks of which repositories.
#[derive(Debug, Clone, Args)]
struct Where {
    /// In every repository of the workspace
    #[arg(long, conflicts_with = "repos")]
    all: bool,
    /// In these repositories of the workspace; globs, repeatable [default: the one you stand in]
    #[arg(long = "repo", short, value_name = "REPO")]
    repos: Vec<String>,
    /// These hooks alone; repeatable [default: all that a clone has; pre-receive in a bare repository]
    #[arg(long = "type", short, value_name = "TYPE", value_parser = hook_type())]
    types: Vec<HookType>,
    /// The same, said without `--type`
    #[arg(value_name = "HOOK", value_parser = hook_type())]
    named: Vec<HookType>,
}

/// Which hooks to install.
#[derive(Debug, Args)]
struct Install {
    #[command(flatten)]
    of: Where,
    /// Write the entry into the file of husky, lefthook or the pre-commit framework
    #[arg(long)]
    write: bool,
}

/// Which hooks to try.
#[derive(Debug, Args)]
struct Status {
    #[command(flatten)]
    of: Where,
    /// How it is written
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// A format of the hooks' standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line a hook.
    Human,
    /// `cascade.hooks/1`, for machines.
    Json,
}

impl Hook {
    /// Does it.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        match &self.what {
            What::Install(it) => it.run(call),
            What::Uninstall(it) => it.uninstall(call),
            What::Status(it) => it.run(call),
            What::Run(it) => it.run(call),
        }
    }
}

impl Install {
    fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let program = call.environment.program()?;
        let scribe = if self.write {
            Scribe::Write
        } else {
            Scribe::Print
        };
        if call.global.workspace.is_some() && !self.of.all && self.of.repos.is_empty() {
            let what = "a hook is run without options, so `--workspace` would be forgotten";
            let help = "write `workspace = \"PATH or URL\"` into `.cascade.toml` of the repository and commit \
                it; then `cascade hook install`";
            return Err(Failure::new(Exit::Usage, what, help));
        }
        let homes = homes(call, &self.of)?;
        let mut exit = Exit::Done;
        for (name, home) in &homes.found {
            for hook in self.of.types(home) {
                match home.install(hook, program, scribe) {
                    Ok(done) => {
                        if matches!(done, Installed::Wanted { .. }) {
                            exit = Exit::Findings;
                        }
                        call.printer
                            .report(&homes.line(name, &installed(hook, &done)))?;
                    }
                    Err(error) => {
                        exit = Exit::Failed;
                        complain(call, &homes, (name, hook), &unfit(&error, hook));
                    }
                }
            }
        }
        Ok(exit)
    }
}

impl Where {
    /// Returns the hooks that are meant in a repository.
    fn types(&self, home: &HookHome) -> Vec<HookType> {
        let asked = self.asked();
        if !asked.is_empty() {
            return asked;
        }
        let usual = |it: &HookType| (*it == HookType::PreReceive) == home.bare;
        HookType::ALL.iter().copied().filter(usual).collect()
    }

    /// Returns the hooks that a person named.
    fn asked(&self) -> Vec<HookType> {
        self.types.iter().chain(&self.named).copied().collect()
    }

    fn uninstall(&self, call: &Call) -> Result<Exit, Failure> {
        let homes = homes(call, self)?;
        let mut exit = Exit::Done;
        for (name, home) in &homes.found {
            let mut types = self.asked();
            if types.is_empty() {
                types = HookType::ALL.to_vec();
            }
            let mut gone = 0;
            for hook in types {
                match home.uninstall(hook) {
                    Ok(Removed::Absent) => {}
                    Ok(done) => {
                        gone += 1;
                        call.printer
                            .report(&homes.line(name, &removed(hook, &done)))?;
                    }
                    Err(error) => {
                        exit = Exit::Failed;
                        complain(call, &homes, (name, hook), &unfit(&error, hook));
                    }
                }
            }
            if gone == 0 && exit == Exit::Done {
                call.printer
                    .report(&homes.line(name, "no hook of cascade's is there"))?;
            }
        }
        Ok(exit)
    }
}

impl Status {
    fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let homes = homes(call, &self.of)?;
        let mut rows = Vec::new();
        for (name, home) in &homes.found {
            for hook in self.of.types(home) {
                let standing = home.standing(hook, &homes.environment);
                let standing = standing.map_err(|it| {
                    let told = unfit(&it, hook);
                    Failure::new(Exit::Failed, told.0, told.1)
                })?;
                rows.push(HookRow {
                    repo: name,
                    hook,
                    standing,
                });
            }
        }
        match self.format {
            Format::Human => call.printer.report(&human(&rows))?,
            Format::Json => Printer::json(&json(&rows))?,
        }
        let dead = rows.iter().any(HookRow::is_dead);
        Ok(if dead { Exit::Findings } else { Exit::Done })
    }
}

/// Returns what reads the name of a hook.
fn hook_type() -> impl TypedValueParser<Value = HookType> {
    let names = HookType::ALL.iter().map(|it| it.name());
    PossibleValuesParser::new(names).map(|name| {
        let found = HookType::ALL.iter().copied().find(|it| it.name() == name);
        found.unwrap_or(HookType::PrePush)
    })
}

/// Tells of a hook that nothing could be done about; the others go on.
fn complain(call: &Call, homes: &Homes, (name, hook): (&str, HookType), told: &(String, String)) {
    let (what, help) = told;
    let line = homes.line(name, &format!("{}: {}", hook.name(), Shown(what)));
    call.printer.talk(&format!("{line}  {}", Shown(help)));
}

/// Returns what came of installing a hook.
fn installed(hook: HookType, done: &Installed) -> String {
    let name = hook.name();
    let shown = |at: &std::path::Path| Shown(&at.display().to_string()).to_string();
    match done {
        Installed::Shim { kept: None, hook } => format!("{name}: installed as {}", shown(hook)),
        Installed::Shim {
            kept: Some(kept), ..
        } => format!(
            "{name}: installed; the hook that was there is kept as {} and runs first",
            shown(kept)
        ),
        Installed::Already(at) => format!("{name}: stands already in {}", shown(at)),
        Installed::Entry { file, next } => {
            let next = next
                .as_ref()
                .map_or_else(String::new, |it| format!("; now run `{it}`"));
            format!("{name}: written into {}{next}", shown(file))
        }
        Installed::Wanted { file, text } => {
            let lines: Vec<String> = text.lines().map(|it| format!("    {it}")).collect();
            format!(
                "{name}: add this to {} (or let `cascade hook install --write` do it):\n{}",
                shown(file),
                lines.join("\n")
            )
        }
    }
}

/// Returns what came of uninstalling a hook.
fn removed(hook: HookType, done: &Removed) -> String {
    let name = hook.name();
    match done {
        Removed::Absent => format!("{name}: was not there"),
        Removed::Gone(at) => format!("{name}: gone from {}", Shown(&at.display().to_string())),
        Removed::Restored(at) => format!(
            "{name}: gone; {} is what it was before",
            Shown(&at.display().to_string())
        ),
    }
}
