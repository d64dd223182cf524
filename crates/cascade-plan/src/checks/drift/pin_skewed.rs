//! Two repositories pin a package so that neither takes what the other names.

use std::collections::BTreeMap;

use cascade_manifest::Version;

use crate::checks::{Check, Told, View};
use crate::{PackageId, PinSurvey, RepoId};

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "pin-skewed",
    "siblings pin different versions of one package",
    check,
)
.of_today();

/// Finds packages whose pins in two repositories name different versions, where the older one does not
/// admit the newer; of each package the pair that lies furthest apart.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut pins: BTreeMap<&PackageId, Vec<(&Version, &RepoId, &PinSurvey)>> = BTreeMap::new();
    for (id, pin) in view.pins().filter(|(_, pin)| pin.orders()) {
        if let Some(named) = pin.named.as_ref().filter(|it| it.numbers() != [0; 3]) {
            pins.entry(&pin.upstream)
                .or_default()
                .push((named, id, pin));
        }
    }
    let mut found = Vec::new();
    for (package, pins) in pins {
        let oldest = pins.iter().min_by_key(|it| (it.0, it.1));
        let newest = pins.iter().max_by_key(|it| (it.0, it.1));
        let (Some(old), Some(new)) = (oldest, newest) else {
            continue;
        };
        if old.1 == new.1 || old.0 == new.0 || admits(old.2, new.0) {
            continue;
        }
        let is = format!(
            "is left behind by `{}`, which names {} ({}:{})",
            new.1, new.0, new.2.manifest, new.2.line
        );
        let mend = format!("cascade bump --repo {}", package.repo);
        found.push(Told::requirement(old.1, old.2, &is).mend(mend));
    }
    found
}

fn admits(pin: &PinSurvey, version: &Version) -> bool {
    let grammar = pin.ecosystem.map(|it| it.grammar);
    grammar.is_some_and(|it| it.admits(&pin.requirement, version).unwrap_or(true))
}
