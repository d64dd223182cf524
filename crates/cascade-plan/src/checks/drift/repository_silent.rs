//! Nothing happens in a repository although its upstream moved.

use crate::PinStatus;
use crate::checks::family::pin_behind;
use crate::checks::{Check, Told, View};
use crate::drift::missed;

/// How many days an upstream's release may wait while nothing else happens.
const PATIENCE: i64 = 90;
/// How many seconds a day has.
const DAY: i64 = 86_400;

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "repository-silent",
    "nothing happens in a repository although its upstream moved",
    check,
)
.of_today();

/// Finds repositories without a commit since a release that one of their pins missed, where that was
/// longer ago than anybody would wait; of each the release that waits longest.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, _, _, audit) in view.with_releases() {
        let Some(committed) = audit.committed else {
            continue;
        };
        let pins = view.survey.repos.get(id).map_or(&[][..], |it| &it.pins);
        let waits = pins.iter().filter(|it| it.orders()).filter_map(|pin| {
            let missed = missed(view.snapshot, pin)?;
            Some((missed.at?, missed.tag, pin))
        });
        let Some((at, tag, pin)) = waits.min_by_key(|it| it.0) else {
            continue;
        };
        let days = (view.snapshot.taken - at) / DAY;
        if committed >= at || days < PATIENCE {
            continue;
        }
        let name = &pin.upstream.name;
        let what = format!("no commit since `{name}` came out as `{tag}`, {days} days ago");
        let told = Told::pin(id, pin, what);
        found.push(told.mend(match pin.status {
            PinStatus::Behind => pin_behind::mend(id, pin),
            _ => format!("cascade bump --repo {}", pin.upstream.repo),
        }));
    }
    found
}
