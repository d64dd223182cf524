//! How a hook stands: not by its file alone, but by running it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::install::{is_executable, read};
use super::shim::is_shim;
use super::{HookError, HookHome, HookType, entry};
use crate::environment::{Environment, Purpose};
use crate::exec::{Call, End, Leftovers, shown};

/// The variable that asks a hook to say that it is alive, and to do nothing.
pub const SELF_TEST: &str = "CASCADE_HOOK_SELF_TEST";
/// How long a hook may take to say so.
const LIMIT: Duration = Duration::from_secs(20);

/// How a hook stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookStanding {
    /// It was run, and cascade answered.
    Alive {
        /// The file that git runs.
        hook: PathBuf,
        /// The hook that was there before and is run first.
        kept: Option<PathBuf>,
    },
    /// The tool that manages hooks has the entry, and its own hook stands where git looks.
    Entered(PathBuf),
    /// cascade has nothing there.
    Absent {
        /// Somebody else's hook, where there is one.
        other: Option<PathBuf>,
    },
    /// It is there, and does nothing.
    Dead {
        /// The file.
        hook: PathBuf,
        /// Why, in words that are safe to show.
        why: String,
    },
}

impl HookHome {
    /// Returns how a hook stands; the shim is really run.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn standing(
        &self,
        hook: HookType,
        environment: &Environment,
    ) -> Result<HookStanding, HookError> {
        let at = self.hooks.join(hook.name());
        if let Some(ours) = self.ours(hook)? {
            return Ok(self.tried(hook, &at, ours, environment));
        }
        if let Some(file) = self.entered(hook) {
            let found = self.reaches(&at).and_then(|()| in_path(environment));
            return Ok(match found {
                Ok(()) => HookStanding::Entered(file),
                Err(why) => HookStanding::Dead { hook: file, why },
            });
        }
        if let Some(dead) = self.elsewhere(hook)? {
            return Ok(dead);
        }
        let other = Some(at).filter(|it| it.symlink_metadata().is_ok());
        Ok(HookStanding::Absent { other })
    }

    fn entered(&self, hook: HookType) -> Option<PathBuf> {
        entry::stands(self, self.neighbour.as_ref()?, hook)
    }

    /// Returns whether the tool's own hook stands where git looks.
    fn reaches(&self, at: &Path) -> Result<(), String> {
        let tool = self.neighbour.as_ref().map_or("", |it| it.name());
        if is_executable(at) {
            return Ok(());
        }
        let why = if at.exists() {
            "is not executable"
        } else {
            "is not there"
        };
        let what = format!("`{}` {why}, so that git never asks {tool}", at.display());
        Err(match tool {
            "husky" => format!("{what}: run `npx husky`"),
            "lefthook" => format!("{what}: run `lefthook install`"),
            _ => {
                let name = at.file_name().unwrap_or_default().to_string_lossy();
                format!("{what}: run `pre-commit install --hook-type {name}`")
            }
        })
    }

    /// Finds a shim where git does not look: beside another `core.hooksPath`, or moved away by a tool.
    fn elsewhere(&self, hook: HookType) -> Result<Option<HookStanding>, HookError> {
        let usual = self.common.join("hooks").join(hook.name());
        let moved = self.hooks.join(format!("{}.old", hook.name()));
        for at in [usual, moved] {
            if at.starts_with(&self.hooks) && !at.to_string_lossy().ends_with(".old") {
                continue;
            }
            if read(&at)?.is_some_and(|it| is_shim(&it)) {
                let hooks = self.hooks.display();
                let why = format!(
                    "git looks for hooks in `{hooks}`, and finds another: run `cascade hook install`"
                );
                return Ok(Some(HookStanding::Dead { hook: at, why }));
            }
        }
        Ok(None)
    }

    /// Runs the shim as git would, with nothing to judge.
    fn tried(
        &self,
        hook: HookType,
        at: &Path,
        (ours, _): (PathBuf, Vec<u8>),
        environment: &Environment,
    ) -> HookStanding {
        let dead = |why: String| HookStanding::Dead {
            hook: ours.clone(),
            why,
        };
        for file in [at, &ours] {
            if !is_executable(file) {
                let words = "is not executable, so that git passes it over";
                let mend = "run `cascade hook install`";
                return dead(format!("`{}` {words}: {mend}", file.display()));
            }
        }
        match self.answer(&ours, environment) {
            Ok(answer) if answer.contains(&token(hook)) => HookStanding::Alive {
                kept: Some(self.kept(hook)).filter(|it| it.symlink_metadata().is_ok()),
                hook: ours,
            },
            Ok(answer) | Err(answer) => dead(format!(
                "it was run, and cascade did not answer: {}",
                if answer.trim().is_empty() {
                    "not a word"
                } else {
                    answer.trim()
                }
            )),
        }
    }

    fn answer(&self, shim: &Path, environment: &Environment) -> Result<String, String> {
        let mut vars = environment.allowed(Purpose::Plumbing);
        vars.insert(SELF_TEST.into(), "1".into());
        let call = Call {
            program: shim.to_owned(),
            args: vec!["self-test".into(), "self-test".into()],
            folder: self.root.clone(),
            vars,
            input: Some(Vec::new()),
            limit: LIMIT,
            cancel: None,
            leftovers: Leftovers::Swept,
        };
        let heard = call.run().map_err(|it| it.to_string())?;
        let said = format!("{}{}", String::from_utf8_lossy(&heard.answer), heard.saying);
        let said = shown(&said, environment);
        match heard.end {
            End::Exit(0) => Ok(said),
            End::Late(limit) => Err(format!("it did not end within {} s", limit.as_secs())),
            _ => Err(said),
        }
    }
}

/// Returns whether an entry of a tool's finds cascade.
fn in_path(environment: &Environment) -> Result<(), String> {
    let found = environment.program("cascade").map(drop);
    found.ok_or_else(|| "`cascade` is not in `PATH`, where the entry looks for it".to_owned())
}

/// Returns what cascade answers in a self-test of a hook.
pub(crate) fn token(hook: HookType) -> String {
    format!("cascade hook {} is alive", hook.name())
}

impl HookType {
    /// Returns what cascade answers in a self-test of this hook.
    pub fn alive(self) -> String {
        token(self)
    }
}
