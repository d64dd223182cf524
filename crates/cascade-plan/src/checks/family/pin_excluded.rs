//! A pin names an older version, and does not admit the latest.

use cascade_manifest::Kind;

use crate::checks::{Check, Told, View, latest};
use crate::{EdgePolicy, PinStatus};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "pin-excluded",
    "a pin does not admit the latest version",
    check,
)
.of_today();

/// Finds pins that exclude the latest version, in what is published or developed.
fn check(view: &View<'_>) -> Vec<Told> {
    view.pins_of(PinStatus::Excluded)
        .map(|(id, pin)| {
            let is = format!("excludes {}", latest(pin));
            let up = &pin.upstream.repo;
            // What a checkout can not move alone, a release does, or waits for.
            let needs = view.graph.repo(id).map(|it| it.needs.as_slice());
            let edge = needs.unwrap_or_default().iter().find(|it| it.repo == *up);
            let external = edge.is_some_and(|it| it.policy == EdgePolicy::External);
            let verb = if external || pin.kind == Kind::Submodule {
                "release"
            } else {
                "bump"
            };
            let mend = format!("cascade {verb} --repo {up}");
            Told::requirement(id, pin, &is).mend(mend)
        })
        .collect()
}
