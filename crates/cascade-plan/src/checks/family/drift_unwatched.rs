//! Nothing looked at the workspace for longer than it should be without.

use crate::Watched;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "drift-unwatched",
    "nothing looked for drift for longer than expected",
    check,
);

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Finds that the runs which look for drift have stopped.
fn check(view: &View<'_>) -> Vec<Told> {
    let Some(Watched { last, expected }) = view.snapshot.watched else {
        return Vec::new();
    };
    let silent = view.snapshot.taken.saturating_sub(last);
    if silent <= expected {
        return Vec::new();
    }
    let what = format!(
        "nothing has run for {}, and no more than {} are expected",
        spelled(silent),
        spelled(expected)
    );
    let mend = "see why the schedule stopped, then `cascade drift --record`; \
        `expect-every` in [drift] of workspace.toml says how often it should run";
    vec![Told::anywhere(what).mend(mend.to_owned())]
}

/// Returns a span of time in days, a short one in hours.
fn spelled(seconds: i64) -> String {
    match (seconds / DAY, seconds / HOUR) {
        (days @ 2.., _) => format!("{days} days"),
        (_, 1) => "1 hour".to_owned(),
        (_, hours) => format!("{hours} hours"),
    }
}
