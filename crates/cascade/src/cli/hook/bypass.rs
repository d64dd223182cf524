//! Who goes past a hook, and that it is written down. The one place that decides it.

use std::ffi::OsStr;
use std::path::Path;

use cascade_run::{BYPASSES, HookType, PushPlace, record_bypass};

use crate::cli::Call;

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
    } else if says("CASCADE_AGENT", "1") {
        Bypass::Denied
    } else {
        Bypass::Granted
    }
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
