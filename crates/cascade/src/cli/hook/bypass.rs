//! Who goes past a hook, and that it is written down. The one place that decides it.

use std::ffi::OsStr;
use std::path::Path;

use cascade_run::{BYPASSES, HookType, PushPlace, record_bypass};

use crate::cli::Call;
use crate::cli::alone::Fetch;
use crate::cli::carry::git;
use crate::cli::guard::Who;
use crate::cli::workspace::Workspace;

/// How `CASCADE_HOOK=0` is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bypass {
    /// Nobody asked for it.
    NotAsked,
    /// The hook lets everything pass.
    Granted,
    /// Who asked may not: an agent's commits and pushes are judged all the same.
    Denied,
}

/// Returns whether a hook lets everything pass.
pub(super) fn bypass(call: &Call) -> Bypass {
    let says = |name: &str, value: &str| {
        call.environment
            .var(name)
            .is_some_and(|it| it == OsStr::new(value))
    };
    if !says("CASCADE_HOOK", "0") {
        Bypass::NotAsked
    } else if is_agent(call) {
        Bypass::Denied
    } else {
        Bypass::Granted
    }
}

/// Returns whether an agent acts: by what the call says, or by the `agents` of a policy in reach.
fn is_agent(call: &Call) -> bool {
    let Ok(git) = git(call) else {
        return true;
    };
    let Ok(workspace) = Workspace::open_or_alone(call, Fetch::Never) else {
        return Who::nowhere(call, &git).agent.is_some();
    };
    let who = Who::new(call, &git, &workspace);
    let repos = workspace.graph.repos().values().map(|it| &it.policy);
    let mut policies = repos.chain([workspace.graph.policy()]);
    policies.any(|it| who.of(None, it).agent.is_some())
}

/// Writes down that a hook let something pass, where that can be written, and says where.
pub(super) fn record(call: &Call, hook: HookType, what: &str) {
    let here = &call.environment.here;
    let place = PushPlace::of(here, call.environment.var("GIT_DIR"));
    let common = place
        .common()
        .unwrap_or_else(|_| here.join(Path::new(".git")));
    let line = format!("{} passed by CASCADE_HOOK=0: {what}", hook.name());
    let written = match record_bypass(&common, call.environment.now, &line) {
        Ok(()) => format!("written down in {BYPASSES}"),
        Err(error) => format!("and not written down: {error}"),
    };
    let name = hook.name();
    call.printer.talk(&format!(
        "cascade: {name} was not judged (CASCADE_HOOK=0), {written}"
    ));
}
