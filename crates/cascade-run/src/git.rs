//! The user's own git, called so that no repository can make it do something else.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cascade_plan::RunId;

use crate::environment::{Environment, Purpose};
use crate::exec::{Call, End, Heard, Leftovers, shown, tail};
use crate::hosts::Hosts;

/// The user's own git, at an absolute path, in a clean environment.
#[derive(Debug, Clone)]
pub struct Git {
    program: PathBuf,
    environment: Arc<Environment>,
    fence: Option<Arc<dyn Fence>>,
    /// How to reach remotes, as the configuration of a checkout says it.
    speech: Arc<[(String, String)]>,
}

/// What stands between a run and its pushes.
pub(crate) trait Fence: fmt::Debug + Send + Sync {
    /// Returns when a push may be made now.
    ///
    /// # Errors
    /// With why not, in words that are safe to show.
    fn passes(&self) -> Result<(), String>;

    /// Hears which run it stands for.
    fn names(&self, run: &RunId);
}

/// No git on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`git` was not found in `PATH`")]
pub struct GitMissing;

/// Why a call of git did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It did not start.
    #[error("`git {what}` did not start: {source}")]
    Start {
        /// Its first words.
        what: String,
        /// Why.
        source: std::io::Error,
    },
    /// It said no.
    #[error("`git {what}` failed: {text}")]
    Failed {
        /// Its first words.
        what: String,
        /// The end of what it said, safe to show.
        text: String,
    },
    /// It took too long.
    #[error("`git {what}` did not end within {} s", .limit.as_secs())]
    Late {
        /// Its first words.
        what: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// A person interrupted.
    #[error("interrupted")]
    Interrupted,
    /// The run lost its right to push.
    #[error("nothing was pushed: {0}")]
    Fenced(String),
}

/// The settings of a checkout that say how to reach a remote.
const SPEECH: &str = "^((http|credential|url)\\.|core\\.sshcommand$)";
/// How many of them are taken over.
const MOST_SETTINGS: usize = 100;

/// What git says in repositories that cascade does not trust with code of their own.
const PLUMBING: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "push.recurseSubmodules=no",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
];

impl Git {
    /// Returns the git that `PATH` names.
    ///
    /// # Errors
    /// When it names none.
    pub fn find(environment: Environment) -> Result<Self, GitMissing> {
        let program = environment.program("git").ok_or(GitMissing)?;
        Ok(Self {
            program,
            environment: Arc::new(environment),
            fence: None,
            speech: Arc::default(),
        })
    }

    /// Returns the same git, whose pushes this fence has to let through.
    pub(crate) fn behind(&self, fence: Arc<dyn Fence>) -> Self {
        Self {
            fence: Some(fence),
            ..self.clone()
        }
    }

    /// Returns the same git without a fence, which waits no longer than this for a remote.
    pub(crate) fn prompt(&self, network: Duration) -> Self {
        let mut environment = Environment::clone(&self.environment);
        environment.patience.network = environment.patience.network.min(network);
        Self {
            program: self.program.clone(),
            environment: Arc::new(environment),
            fence: None,
            speech: Arc::clone(&self.speech),
        }
    }

    /// Returns the same git, which reaches remotes as it does from a person's checkout: by the
    /// credentials, addresses and proxies of its own configuration, and by nothing else of it.
    pub(crate) fn speaking_as(&self, checkout: &Path) -> Self {
        let call = self
            .checkout(checkout)
            .args(["config", "--local", "--includes", "-z"]);
        // Where it has none of them, git says so by its exit code.
        let said = call
            .args(["--get-regexp", SPEECH])
            .answer()
            .unwrap_or_default();
        let settings = said.split('\0').filter_map(|it| it.split_once('\n'));
        let speech = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Self {
            speech: speech.take(MOST_SETTINGS).collect(),
            ..self.clone()
        }
    }

    /// Returns when a push may be made now.
    ///
    /// # Errors
    /// When the run lost its right to it.
    pub(crate) fn may_push(&self) -> Result<(), GitError> {
        let fence = self.fence.as_ref();
        fence.map_or(Ok(()), |it| it.passes().map_err(GitError::Fenced))
    }

    /// Tells the fence which run it stands for.
    pub(crate) fn runs(&self, run: &RunId) {
        if let Some(fence) = &self.fence {
            fence.names(run);
        }
    }

    /// Returns the environment that its children are made of.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Returns whether a person asked to stop.
    pub(crate) fn interrupted(&self) -> bool {
        self.environment
            .interrupt
            .load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Returns a call in a bare repository of cascade's own: no hooks, no identity.
    pub(crate) fn bare(&self, mirror: &Path) -> GitCall {
        let mut call = self.call(mirror, Purpose::Plumbing);
        call.vars.insert("GIT_DIR".into(), mirror.into());
        call.configured(PLUMBING)
    }

    /// Returns a call outside any repository.
    pub(crate) fn away(&self, folder: &Path) -> GitCall {
        let mut call = self.call(folder, Purpose::Plumbing);
        let ceiling = folder.parent().unwrap_or(folder);
        call.vars
            .insert("GIT_CEILING_DIRECTORIES".into(), ceiling.into());
        call.configured(PLUMBING)
    }

    /// Returns a call in a person's checkout: their hooks, signing and identity.
    pub(crate) fn checkout(&self, folder: &Path) -> GitCall {
        let mut call = self.call(folder, Purpose::Checkout);
        // A hook or an editor that asks would wait for ever: no terminal is there.
        call.vars.insert("GIT_EDITOR".into(), "true".into());
        call
    }

    fn call(&self, folder: &Path, purpose: Purpose) -> GitCall {
        let mut vars = self.environment.allowed(purpose);
        for (name, value) in [
            ("GIT_ALLOW_PROTOCOL", "https:ssh:file"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            // A child in a group of its own that asks at the terminal would be stopped.
            ("SSH_ASKPASS", "false"),
            ("SSH_ASKPASS_REQUIRE", "force"),
        ] {
            vars.insert(name.into(), value.into());
        }
        // Not as arguments: those everybody on the machine can read.
        if !self.speech.is_empty() {
            vars.insert(
                "GIT_CONFIG_COUNT".into(),
                self.speech.len().to_string().into(),
            );
        }
        for (at, (key, value)) in self.speech.iter().enumerate() {
            vars.insert(format!("GIT_CONFIG_KEY_{at}").into(), key.into());
            vars.insert(format!("GIT_CONFIG_VALUE_{at}").into(), value.into());
        }
        GitCall {
            git: self.clone(),
            folder: folder.to_path_buf(),
            vars,
            config: Vec::new(),
            args: Vec::new(),
            input: None,
            limit: self.environment.patience.local,
            ends: Ends::Early,
            host: None,
        }
    }
}

/// Whether an interrupt ends a running call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Early,
    AtItsEnd,
}

/// A call of git that is being made up.
#[derive(Debug, Clone)]
pub(crate) struct GitCall {
    git: Git,
    folder: PathBuf,
    vars: BTreeMap<OsString, OsString>,
    config: Vec<OsString>,
    args: Vec<OsString>,
    input: Option<Vec<u8>>,
    limit: Duration,
    ends: Ends,
    /// The server that is asked, of which only so much is at once.
    host: Option<String>,
}

impl GitCall {
    /// Adds `-c` settings.
    pub(crate) fn configured(mut self, settings: &[&str]) -> Self {
        for it in settings {
            self.config.push("-c".into());
            self.config.push(it.into());
        }
        self
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args
            .extend(args.into_iter().map(|it| it.as_ref().to_owned()));
        self
    }

    /// Sets a variable.
    pub(crate) fn var(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.vars.insert(name.into(), value.as_ref().to_owned());
        self
    }

    /// Lets it have an identity, and what signing needs.
    pub(crate) fn signing(mut self) -> Self {
        let allowed = self.git.environment.allowed(Purpose::Checkout);
        for (name, value) in allowed {
            self.vars.entry(name).or_insert(value);
        }
        self
    }

    /// Gives it something to read.
    pub(crate) fn input(mut self, text: &str) -> Self {
        self.input = Some(text.as_bytes().to_vec());
        self
    }

    /// Sets how long it may take.
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Lets it talk to a remote for as long as that may take.
    pub(crate) fn network(self) -> Self {
        let limit = self.git.environment.patience.network;
        self.within(limit)
    }

    /// Names the server that it asks.
    pub(crate) fn of_host(mut self, host: Option<&str>) -> Self {
        self.host = host.map(str::to_owned);
        self
    }

    /// Lets an interrupt wait for its end.
    pub(crate) fn uninterrupted(mut self) -> Self {
        self.ends = Ends::AtItsEnd;
        self
    }

    /// Runs it; returns what was heard, whatever its exit code.
    ///
    /// # Errors
    /// When it did not start, or did not end by itself.
    pub(crate) fn heard(self) -> Result<Heard, GitError> {
        let what = self.what();
        let interrupt = Arc::clone(&self.git.environment.interrupt);
        let seen = (self.ends == Ends::Early).then_some(&*interrupt);
        let leave = self
            .host
            .as_deref()
            .map(|it| Hosts::of_process().leave(it, seen));
        if matches!(leave, Some(None)) {
            return Err(GitError::Interrupted);
        }
        let call = Call {
            program: self.git.program,
            args: self.config.into_iter().chain(self.args).collect(),
            folder: self.folder,
            vars: self.vars,
            input: self.input,
            limit: self.limit,
            cancel: (self.ends == Ends::Early).then(|| Arc::clone(&interrupt)),
            leftovers: Leftovers::Stay,
        };
        let heard = call.run().map_err(|source| GitError::Start {
            what: what.clone(),
            source,
        })?;
        match heard.end {
            End::Late(limit) => Err(GitError::Late { what, limit }),
            End::Interrupted => Err(GitError::Interrupted),
            End::Exit(_) | End::Signal(_) => Ok(heard),
        }
    }

    /// Runs it; returns its answer.
    ///
    /// # Errors
    /// As [`GitCall::heard`], and when its exit code is not 0.
    pub(crate) fn answer(self) -> Result<String, GitError> {
        let what = self.what();
        let failed = |_| GitError::Failed {
            what,
            text: "its answer is not UTF-8".to_owned(),
        };
        String::from_utf8(self.bytes()?).map_err(failed)
    }

    /// Runs it; returns its answer, in which what is no UTF-8 is replaced.
    ///
    /// # Errors
    /// As [`GitCall::heard`], and when its exit code is not 0.
    pub(crate) fn text(self) -> Result<String, GitError> {
        Ok(String::from_utf8_lossy(&self.bytes()?).into_owned())
    }

    fn bytes(self) -> Result<Vec<u8>, GitError> {
        let what = self.what();
        let environment = Arc::clone(&self.git.environment);
        let heard = self.heard()?;
        let failed = |text: String| GitError::Failed { what, text };
        if heard.end != End::Exit(0) {
            return Err(failed(said(&heard, &environment)));
        }
        if !heard.whole {
            return Err(failed("it answered more than cascade reads".to_owned()));
        }
        Ok(heard.answer)
    }

    fn what(&self) -> String {
        let first = self
            .args
            .first()
            .map(|it| it.to_string_lossy().into_owned());
        first.unwrap_or_default()
    }
}

/// Returns the end of what a child said, safe to show; its exit where it said nothing.
pub(crate) fn said(heard: &Heard, environment: &Environment) -> String {
    let answer = String::from_utf8_lossy(&heard.answer);
    let text = [heard.saying.trim(), answer.trim()]
        .into_iter()
        .find(|it| !it.is_empty());
    match (text, heard.end) {
        (Some(text), _) => tail(&shown(text, environment)),
        (None, End::Exit(code)) => format!("exit code {code}, without a word"),
        (None, End::Signal(signal)) => format!("ended by signal {signal}"),
        (None, End::Late(limit)) => format!("did not end within {} s", limit.as_secs()),
        (None, End::Interrupted) => "interrupted".to_owned(),
    }
}
