//! A pin names an older version than it did.

use cascade_manifest::{Manifest, Pin};

use crate::checks::{Check, Told, View};
use crate::{Audit, PinSurvey};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "pin-downgraded",
    "a pin names an older version than it did",
    check,
);

/// Finds pins on packages of the family that moved down since the release below, or since the commit
/// that what is judged comes after.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, declared, _, audit) in view.audited() {
        let Some(repo) = view.survey.repos.get(id) else {
            continue;
        };
        for pin in repo.pins.iter().filter(|it| !it.auxiliary) {
            let Some(before) = higher(pin, audit) else {
                continue;
            };
            let is = format!("was `{before}`, and a pin never moves down by itself");
            let mend = format!(
                "git -C {} log -p -- {}: bring it back, or waive it with the reason",
                declared.path, pin.manifest
            );
            found.push(Told::requirement(id, pin, &is).mend(mend));
        }
    }
    found
}

/// Returns what the pin was, where it named a higher version.
fn higher<'a>(pin: &PinSurvey, audit: &'a Audit) -> Option<&'a str> {
    let ecosystem = pin.ecosystem?;
    let named = |text: &str| ecosystem.grammar.named(text).ok().flatten();
    let now = named(&pin.requirement)?;
    let file = audit.before.iter().find(|it| it.path == pin.manifest)?;
    let manifest: &Manifest = file.read.as_ref().ok()?;
    let canonical = ecosystem.canonical;
    let same = |it: &&Pin| {
        it.section == pin.section && canonical(&it.name) == canonical(&pin.upstream.name)
    };
    let mut all = manifest.pins.iter().filter(same);
    let (only, none) = (all.next()?, all.next());
    // Several rows of one name are told apart by their markers, which may have moved too.
    let before = none.is_none().then_some(only)?;
    (named(&before.requirement)? > now).then_some(before.requirement.as_str())
}
