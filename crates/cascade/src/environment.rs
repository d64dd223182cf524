//! The environment, the clock and the terminal: read here, once, and handed down.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::exit::Exit;
use crate::failure::Failure;

/// What cascade knows of the machine and the moment it was called in.
#[derive(Clone)]
pub(crate) struct Environment {
    /// The folder that it was called in.
    pub(crate) here: PathBuf,
    /// The file that this process runs.
    program: Option<PathBuf>,
    /// Where state lives: `$XDG_STATE_HOME`, or `~/.local/state`.
    pub(crate) state: Option<PathBuf>,
    /// Every variable; what children get of it is decided where they start.
    pub(crate) vars: Vec<(OsString, OsString)>,
    /// The moment, in seconds since 1970.
    pub(crate) now: i64,
    /// Whether a person is there to answer.
    pub(crate) asks: bool,
    /// Whether a person watches stderr.
    pub(crate) watched: bool,
    /// The width of the terminal that reports go to, where it is one.
    pub(crate) width: Option<usize>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Variables may be secrets, and a panic's text may carry this.
        f.debug_struct("Environment")
            .field("here", &self.here)
            .finish_non_exhaustive()
    }
}

impl Environment {
    /// Returns the environment of this process.
    pub(crate) fn read() -> Result<Self, Failure> {
        let here = std::env::current_dir().map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("the current folder can not be read: {error}"),
                "change to a folder that exists and run the same command again",
            )
        })?;
        let watched = io::stderr().is_terminal();
        Ok(Self {
            here,
            program: std::env::current_exe().ok(),
            state: state_home(),
            vars: std::env::vars_os().collect(),
            now: now(),
            asks: io::stdin().is_terminal() && watched,
            watched,
            width: width(),
        })
    }

    /// Returns the value of a variable.
    pub(crate) fn var(&self, name: &str) -> Option<&OsStr> {
        let found = self.vars.iter().find(|(it, _)| it == name);
        found.map(|it| it.1.as_os_str())
    }

    /// Returns the file that this process runs.
    pub(crate) fn program(&self) -> Result<&Path, Failure> {
        self.program.as_deref().ok_or_else(|| {
            let help = "put `cascade` into a folder of `PATH` and run the same command again";
            Failure::new(
                Exit::Failed,
                "where `cascade` itself is can not be told",
                help,
            )
        })
    }

    /// Returns where state lives.
    pub(crate) fn state(&self) -> Result<&Path, Failure> {
        self.state.as_deref().ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                "neither `XDG_STATE_HOME` nor `HOME` is set, so there is no place for state",
                "set `XDG_STATE_HOME` to an absolute path and run the same command again",
            )
        })
    }
}

/// Returns the folder for state; a relative one is ignored, as its specification says.
fn state_home() -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))
}

/// Returns the seconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |it| i64::try_from(it.as_secs()).unwrap_or(i64::MAX))
}

/// Returns the width of the terminal on stdout; `COLUMNS` says it where a person wants another.
fn width() -> Option<usize> {
    let said = std::env::var_os("COLUMNS").and_then(|it| it.to_str()?.parse().ok());
    let real = || terminal_size::terminal_size_of(io::stdout()).map(|(w, _)| usize::from(w.0));
    said.filter(|it| *it > 0).or_else(real)
}
