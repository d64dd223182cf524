//! Runs the ecosystems' own tools on an export: clean environment, a deadline, no scripts.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use cascade_plan::Step;
use tempfile::TempDir;

use super::Fault;
use crate::Git;
use crate::environment::Purpose;
use crate::exec::{Call, End, Leftovers};
use crate::git::said;

/// The programs that may bring a lock in step.
const PROGRAMS: &[&str] = &[
    "uv",
    "poetry",
    "pip-compile",
    "npm",
    "pnpm",
    "yarn",
    "cargo",
    "go",
];

type Vars = BTreeMap<OsString, OsString>;

/// The commands of one lock, ready to be run.
pub(super) struct Run<'a> {
    pub(super) git: &'a Git,
    pub(super) step: &'a Step,
    pub(super) commands: &'a [Vec<String>],
    /// What the lock itself wants its tools to be told.
    pub(super) told: Vec<(&'static str, &'static str)>,
}

impl Run<'_> {
    /// Runs the commands in the lock's folder, one after the other.
    pub(super) fn all(&self, folder: &Path) -> Result<(), Fault> {
        self.these(self.commands, folder)
    }

    /// Runs commands of the same tool in the lock's folder, one after the other.
    pub(super) fn these(&self, commands: &[Vec<String>], folder: &Path) -> Result<(), Fault> {
        // What came out a minute ago is in no cache, or as it was before: npm's is left aside.
        let cache = tempfile::Builder::new()
            .prefix("cascade-")
            .tempdir_in(self.git.environment().scratch());
        let cache: TempDir =
            cache.map_err(|it| Fault::Why(format!("the temporary folder: {it}")))?;
        let mut vars = tool_vars(self.git, Some(self.step));
        if calls(commands, "go") {
            tell_go(&mut vars);
        }
        let told = self.told.iter().map(|(name, to)| (*name, (*to).into()));
        for (name, value) in settings(commands, cache.path()).into_iter().chain(told) {
            // npm reads its settings in any case.
            vars.retain(|it, _| !it.eq_ignore_ascii_case(name));
            vars.insert(name.into(), value);
        }
        let mut commands = commands.iter();
        commands.try_for_each(|argv| run(self.git, argv, (folder, &vars)))
    }
}

fn run(git: &Git, argv: &[String], (folder, vars): (&Path, &Vars)) -> Result<(), Fault> {
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
        folder: folder.to_path_buf(),
        vars: vars.clone(),
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

/// Returns what the tools of a lock are told beside the user's own settings: no scripts, nothing
/// stale, nobody to ask, and no gate that would refuse what this very run released.
fn settings(commands: &[Vec<String>], cache: &Path) -> Vec<(&'static str, OsString)> {
    let mut all: Vec<(&'static str, OsString)> = Vec::new();
    let mut tell = |program: &str, settings: &[(&'static str, &str)]| {
        if calls(commands, program) {
            all.extend(
                settings
                    .iter()
                    .map(|(name, value)| (*name, (*value).into())),
            );
        }
    };
    tell(
        "npm",
        &[
            ("npm_config_ignore_scripts", "true"),
            ("npm_config_audit", "false"),
            ("npm_config_fund", "false"),
            ("npm_config_update_notifier", "false"),
        ],
    );
    tell(
        "pnpm",
        &[
            ("PNPM_CONFIG_MINIMUM_RELEASE_AGE", "0"),
            ("PNPM_CONFIG_IGNORE_SCRIPTS", "true"),
            ("npm_config_ignore_scripts", "true"),
        ],
    );
    tell(
        "yarn",
        &[
            ("YARN_NPM_MINIMAL_AGE_GATE", "0"),
            ("YARN_ENABLE_SCRIPTS", "false"),
            ("YARN_ENABLE_TELEMETRY", "false"),
            ("YARN_ENABLE_IMMUTABLE_INSTALLS", "false"),
        ],
    );
    tell("uv", &[("UV_NO_PROGRESS", "1")]);
    tell("poetry", &[("POETRY_NO_INTERACTION", "1")]);
    tell(
        "pip-compile",
        &[("PIP_NO_CACHE_DIR", "1"), ("PIP_NO_INPUT", "1")],
    );
    tell("cargo", &[("CARGO_TERM_COLOR", "never")]);
    if calls(commands, "npm") {
        all.push(("npm_config_cache", cache.join("npm").into()));
    }
    all
}

fn calls(commands: &[Vec<String>], program: &str) -> bool {
    let mut programs = commands.iter().filter_map(|it| it.first());
    programs.any(|it| it == program)
}

/// Tells the go command to see this module alone and to fetch no other one of itself, unless the
/// user says otherwise. All other settings of the user stay, but for one that forbids any change.
fn tell_go(vars: &mut Vars) {
    for (name, value) in [("GOWORK", "off"), ("GOTOOLCHAIN", "local")] {
        vars.entry(name.into()).or_insert_with(|| value.into());
    }
    let flags = vars.entry("GOFLAGS".into()).or_default();
    let said = flags.to_string_lossy().into_owned();
    let kept = said.split_whitespace();
    let kept = kept.filter(|it| !it.trim_start_matches('-').starts_with("mod="));
    let all: Vec<&str> = kept.chain(["-mod=mod"]).collect();
    *flags = all.join(" ").into();
}

/// Returns the environment of a tool or a check. An export has no git: what asks git for its
/// version is told the planned one.
pub(crate) fn tool_vars(git: &Git, step: Option<&Step>) -> Vars {
    let mut vars = git.environment().allowed(Purpose::Tool);
    let mut releases = step.into_iter().flat_map(|it| &it.releases);
    let planned = releases.find(|it| it.package.ecosystem == "python");
    if let Some(release) = planned {
        for name in ["SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION"] {
            vars.insert(name.into(), release.to.clone().into());
        }
    }
    vars
}
