//! What children may know of this machine: handed in by the face, never read here.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cascade_plan::Pace;

/// The environment that children are made of, the wish to stop, and how long to wait for what.
#[derive(Clone, Default)]
pub struct Environment {
    /// The variables of this process; a child gets those that its purpose allows.
    pub vars: BTreeMap<OsString, OsString>,
    /// Set when a person interrupts: nothing new is started.
    pub interrupt: Arc<AtomicBool>,
    /// How long to wait for what.
    pub patience: Patience,
}

/// How long to wait for what, before it counts as hanging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For git in a repository of this machine.
    pub local: Duration,
    /// For git and a remote.
    pub network: Duration,
    /// For one command that brings a lock in step.
    pub relock: Duration,
    /// For one of a repository's own checks, and for the hooks of a commit.
    pub check: Duration,
    /// For a remote that does not answer, over all tries of one repository.
    pub silence: Duration,
    /// For a tag to appear on a remote.
    pub tag: Duration,
    /// Between two readings of an index; how long they go on is said by a plan.
    pub index: Pace,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            local: Duration::from_mins(2),
            network: Duration::from_mins(15),
            relock: Duration::from_mins(10),
            check: Duration::from_hours(1),
            silence: Duration::from_secs(13),
            tag: Duration::from_mins(10),
            index: Pace::default(),
        }
    }
}

/// How long the flag of a person's interrupt stays unseen at most.
pub(crate) const GLANCE: Duration = Duration::from_millis(50);

/// How a pause ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rested {
    /// It was kept whole.
    Whole,
    /// A person interrupted.
    Interrupted,
}

/// Sleeps, and wakes early where a person interrupts.
pub(crate) fn rest(interrupt: &AtomicBool, pause: Duration) -> Rested {
    let until = Instant::now() + pause;
    while !interrupt.load(Ordering::Relaxed) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Rested::Whole;
        }
        thread::sleep(left.min(GLANCE));
    }
    Rested::Interrupted
}

/// What a child is for; it decides what the child may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// git in a mirror of cascade's own, or with a remote.
    Plumbing,
    /// git in a person's checkout: identity and signing are theirs.
    Checkout,
    /// An ecosystem's own tool, or a repository's own check.
    Tool,
}

const ALWAYS: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
    // They only say which of the operator's own files is read.
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
];

const PROXIES: &[&str] = &["http_proxy", "https_proxy", "all_proxy", "no_proxy"];

const IDENTITY: &[&str] = &["GIT_AUTHOR_", "GIT_COMMITTER_"];

const SIGNING: &[&str] = &[
    "GNUPGHOME",
    "GPG_TTY",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
];

const TOOLS: &[&str] = &[
    "UV_",
    "POETRY_",
    "PIP_",
    "PYENV_",
    "npm_config_",
    "NPM_CONFIG_",
    "VOLTA_",
    "NVM_",
    "CARGO_",
    "RUSTUP_",
    "PNPM_CONFIG_",
    "pnpm_config_",
    "YARN_",
    "GO",
    "MISE_",
    "ASDF_",
];

impl Environment {
    /// Returns an environment of these variables, with the usual patience.
    pub fn new(vars: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self {
            vars: vars.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Returns the variables that a child of this purpose gets, in the C locale.
    pub(crate) fn allowed(&self, purpose: Purpose) -> BTreeMap<OsString, OsString> {
        let mut vars: BTreeMap<_, _> = self
            .vars
            .iter()
            .filter(|(name, _)| name.to_str().is_some_and(|name| allows(purpose, name)))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        vars.insert("LC_ALL".into(), "C".into());
        vars
    }

    /// Returns the absolute path of a program, looked for in `PATH` alone: a relative entry would
    /// run what a repository holds.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        let path = self.vars.get(OsStr::new("PATH"))?;
        std::env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .find(|at| runnable(at))
    }

    /// Returns the folder for temporary files.
    pub(crate) fn scratch(&self) -> PathBuf {
        let said = self.vars.get(OsStr::new("TMPDIR")).map(PathBuf::from);
        said.filter(|it| it.is_absolute())
            .unwrap_or_else(|| "/tmp".into())
    }

    /// Returns the values that never may be shown: those of variables that are named as secrets.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        const NAMES: &[&str] = &["TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY"];
        self.vars
            .iter()
            .filter(|(name, _)| {
                let name = name.to_string_lossy().to_uppercase();
                NAMES.iter().any(|word| name.contains(word))
            })
            .filter_map(|(_, value)| value.to_str())
            .filter(|value| value.len() >= 6)
    }
}

fn allows(purpose: Purpose, name: &str) -> bool {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|it| name.starts_with(it));
    let own = match purpose {
        Purpose::Plumbing => false,
        Purpose::Checkout => starts(IDENTITY) || SIGNING.contains(&name),
        Purpose::Tool => starts(TOOLS),
    };
    own || ALWAYS.contains(&name)
        || PROXIES.contains(&name.to_ascii_lowercase().as_str())
        || name.starts_with("XDG_")
}

fn runnable(at: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(at).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets, and a panic's text may carry this.
        f.debug_struct("Environment")
            .field("vars", &self.vars.keys())
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(vars: &[(&str, &str)]) -> Environment {
        Environment::new(vars.iter().map(|(k, v)| (k.into(), v.into())))
    }

    #[test]
    fn a_hooks_variables_reach_no_child() {
        let here = of(&[
            ("GIT_DIR", "/victim"),
            ("GIT_INDEX_FILE", "x"),
            ("GIT_SSH_COMMAND", "touch x"),
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_TRACE", "1"),
            ("HOME", "/home/x"),
        ]);
        for purpose in [Purpose::Plumbing, Purpose::Checkout, Purpose::Tool] {
            let names: Vec<_> = here.allowed(purpose).into_keys().collect();
            assert_eq!(names, ["HOME", "LC_ALL"]);
        }
    }

    #[test]
    fn identity_is_for_checkouts_and_tool_settings_for_tools() {
        let here = of(&[("GIT_AUTHOR_NAME", "x"), ("UV_INDEX", "y")]);
        let has = |purpose, name: &str| here.allowed(purpose).contains_key(OsStr::new(name));
        assert!(has(Purpose::Checkout, "GIT_AUTHOR_NAME"));
        assert!(!has(Purpose::Plumbing, "GIT_AUTHOR_NAME"));
        assert!(has(Purpose::Tool, "UV_INDEX"));
        assert!(!has(Purpose::Checkout, "UV_INDEX"));
    }

    #[test]
    fn a_relative_entry_of_path_is_never_searched() {
        let here = of(&[("PATH", ".::bin")]);
        assert_eq!(here.program("git"), None);
        assert!(of(&[("PATH", "/usr/bin:/bin")]).program("sh").is_some());
    }

    #[test]
    fn debug_shows_no_value() {
        assert!(!format!("{:?}", of(&[("X_TOKEN", "hunter2hunter2")])).contains("hunter2"));
    }
}
