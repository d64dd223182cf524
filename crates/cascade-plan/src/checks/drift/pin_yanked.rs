//! A pin or lock holds a version that the registry took back.

use cascade_manifest::Version;

use super::{listed, versions};
use crate::checks::{Check, Told, View};
use crate::{LockSurvey, PinSurvey};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "pin-yanked",
    "a pin or lock holds a version that the registry took back",
    check,
);

/// Finds pins that name a yanked version and admit no other, and locks that hold one.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, pin) in view.pins().filter(|(_, pin)| !pin.auxiliary) {
        let (Some(kind), Some(listed)) = (pin.ecosystem, listed(view, &pin.upstream)) else {
            continue;
        };
        let yanked: Vec<Version> = versions(kind.scheme, &listed.yanked).collect();
        let fits = |it| kind.grammar.admits(&pin.requirement, &it).unwrap_or(true);
        let named = pin.named.as_ref().filter(|it| yanked.contains(it));
        let only = named.filter(|_| !versions(kind.scheme, &listed.versions).any(fits));
        let mend = format!("cascade bump --repo {}", pin.upstream.repo);
        if only.is_some() {
            found.push(Told::requirement(id, pin, "is taken back by the registry").mend(mend));
        } else if let Some((lock, version)) = locked(pin, &yanked) {
            let (file, name) = (&lock.file, &pin.upstream.name);
            let what = format!("`{file}` holds `{name}` {version}, which the registry took back");
            let mend = format!("cascade lock --repo {id}; else `{mend}`");
            let told = Told::of(id, what).at(file, lock.line);
            found.push(told.about(name).mend(mend));
        }
    }
    found
}

/// Returns the lock that holds one of these versions for a pin.
fn locked<'p>(pin: &'p PinSurvey, yanked: &[Version]) -> Option<(&'p LockSurvey, Version)> {
    let lock = pin.lock.as_ref()?;
    let version = Version::parse(pin.ecosystem?.scheme, lock.version.as_deref()?)?;
    yanked.contains(&version).then_some((lock, version))
}
