//! A lock holds a version of the family that was never released.

use cascade_manifest::Version;

use crate::checks::{Check, Told, View, relocked};
use crate::{LockSurvey, PinSurvey};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "lock-prerelease",
    "a lock holds a development version or pre-release of the family",
    check,
);

/// Finds locks that hold a version that is not final, where the pin beside it names a final one.
fn check(view: &View<'_>) -> Vec<Told> {
    let pins = view.pins().filter(|(_, pin)| !pin.auxiliary);
    let mut found = Vec::new();
    for (id, pin) in pins {
        let Some((lock, version)) = held(pin) else {
            continue;
        };
        let (file, name) = (&lock.file, &pin.upstream.name);
        let what = format!("`{file}` holds `{name}` {version}, which is no release");
        let told = Told::of(id, what).at(file, lock.line).about(name);
        found.push(relocked(view, (id, pin), told));
    }
    found
}

/// Returns a lock with the version that is not final, where the pin names a final one or none.
fn held(pin: &PinSurvey) -> Option<(&LockSurvey, Version)> {
    let lock = pin.lock.as_ref()?;
    let version = Version::parse(pin.ecosystem?.scheme, lock.version.as_deref()?)?;
    let meant = pin.named.as_ref().is_some_and(|it| !it.is_final());
    let placeholder = version.numbers() == [0; 3];
    (!version.is_final() && !meant && !placeholder && pin.source.is_none())
        .then_some((lock, version))
}
