//! A repository's own commands: an argument list, no shell, a clean environment, a deadline.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cascade_plan::{Fate, Oid, Step};

use super::failed;
use crate::Git;
use crate::exec::{Call, End, Heard, Leftovers, shown};
use crate::git::said;
use crate::relock::tool_vars;

/// How many characters of a last line are taken.
const LINE: usize = 300;

/// Where a command runs, and what it is told.
pub(crate) struct Errand<'a> {
    pub(crate) git: &'a Git,
    /// The step that it is for; `None` where it is for several.
    pub(crate) step: Option<&'a Step>,
    /// The folder that it runs in.
    pub(crate) folder: &'a Path,
    /// The folder that a program with a slash is a file of.
    pub(crate) scripts: &'a Path,
    /// What it is told beside the usual, as variables.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// Folders whose programs come first.
    pub(crate) programs: Vec<PathBuf>,
    /// How long it may take.
    pub(crate) limit: Duration,
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ran {
    /// It ended with 0.
    Well,
    /// It did not.
    Badly,
}

/// A command that ended, and what it said.
pub(crate) struct Ended {
    pub(crate) ran: Ran,
    /// The last line of its answer that is not empty.
    pub(crate) last: String,
    /// The end of what it said, safe to show.
    pub(crate) said: String,
}

impl Ended {
    /// Returns the word that its last line begins with: `done`, `failed`, `running`.
    pub(crate) fn word(&self) -> &str {
        let word = self.last.split(|c: char| !c.is_ascii_alphabetic());
        word.into_iter().next().unwrap_or_default()
    }
}

impl Errand<'_> {
    /// Runs a command to its end.
    ///
    /// # Errors
    /// With the fate of the step, where it does not start or a person interrupts.
    pub(crate) fn run(&self, argv: &[String]) -> Result<Ended, Fate> {
        let heard = self.hear(argv)?;
        if heard.end == End::Interrupted {
            return Err(Fate::Interrupted);
        }
        Ok(self.ended(&heard))
    }

    /// Runs a command to its end, and returns all that it answered.
    ///
    /// # Errors
    /// With the fate of the step, where it does not start.
    pub(crate) fn hear(&self, argv: &[String]) -> Result<Heard, Fate> {
        let line = argv.join(" ");
        let environment = self.git.environment();
        let again = || {
            let path = self.step.map_or(".", |it| it.path.as_str());
            format!("cd {path} && {line}")
        };
        let (name, rest) = argv
            .split_first()
            .ok_or_else(|| failed("a command names no program", None))?;
        let program = self.program(name);
        let call = Call {
            program: program
                .ok_or_else(|| failed(format!("`{name}` is not installed"), again()))?,
            args: rest.iter().map(Into::into).collect(),
            folder: self.folder.to_path_buf(),
            vars: self.vars(),
            input: None,
            limit: self.limit,
            cancel: Some(environment.interrupt.clone()),
            leftovers: Leftovers::Swept,
        };
        call.run()
            .map_err(|error| failed(format!("`{line}` did not start: {error}"), again()))
    }

    fn ended(&self, heard: &Heard) -> Ended {
        let answer = String::from_utf8_lossy(&heard.answer);
        let last = answer
            .lines()
            .rev()
            .map(str::trim)
            .find(|it| !it.is_empty());
        let last: String = last.unwrap_or_default().chars().take(LINE).collect();
        Ended {
            ran: if heard.end == End::Exit(0) {
                Ran::Well
            } else {
                Ran::Badly
            },
            last: shown(&last, self.git.environment()),
            said: said(heard, self.git.environment()),
        }
    }

    fn vars(&self) -> std::collections::BTreeMap<std::ffi::OsString, std::ffi::OsString> {
        let mut vars = tool_vars(self.git, self.step);
        for (name, value) in &self.facts {
            vars.insert((*name).into(), value.into());
        }
        let path = vars.remove(std::ffi::OsStr::new("PATH"));
        let old = path.iter().flat_map(|it| std::env::split_paths(it));
        let all = self.programs.iter().cloned().chain(old);
        if let Ok(path) = std::env::join_paths(all) {
            vars.insert("PATH".into(), path);
        }
        vars
    }

    /// A command may name a script of its own folder; everything else comes from `PATH`.
    fn program(&self, name: &str) -> Option<PathBuf> {
        if name.contains('/') {
            let own = name.strip_prefix("./").unwrap_or(name);
            let inside = crate::path::components(own).is_some();
            return inside
                .then(|| self.scripts.join(own))
                .filter(|it| it.is_file());
        }
        let near = self.programs.iter().map(|it| it.join(name));
        let near = near.into_iter().find(|it| it.is_file());
        near.or_else(|| self.git.environment().program(name))
    }
}

/// Returns what a command is told of a release.
pub(crate) fn facts(step: &Step, commit: &Oid) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("CASCADE_REPO", step.repo.to_string()),
        ("CASCADE_BASE", step.base.to_string()),
        ("CASCADE_COMMIT", commit.to_string()),
    ];
    if let Some(release) = step.releases.first() {
        facts.push(("CASCADE_VERSION", release.to.clone()));
        facts.push(("CASCADE_TAG", release.tag.clone()));
    }
    facts
}
