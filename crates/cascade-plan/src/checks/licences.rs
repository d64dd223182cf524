//! The rules about the licences of what is locked: as expressions of SPDX, never as letters.

mod license_denied;
mod license_unknown;
mod license_unlisted;
#[cfg(test)]
mod tests;

use cascade_manifest::{LicenseExpression, Verdict};

use super::{Check, Told, View, readiness};
use crate::{CheckDeclaration, LockLicenses, LockedLicense, RepoId};

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &license_denied::CHECK,
    &license_unknown::CHECK,
    &license_unlisted::CHECK,
];

/// Returns what is said of each repository's locks by the packages that `word` takes, of a lock in one
/// finding; each package with its word.
fn each(
    view: &View<'_>,
    word: fn(&LockedLicense, &CheckDeclaration) -> Option<String>,
    tell: fn(&RepoId, &LockLicenses, &[String]) -> Told,
) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, declared, _, audit) in view.audited() {
        for lock in &audit.licenses {
            let words = lock.packages.iter().filter_map(|it| {
                let word = word(it, &declared.check)?;
                Some(format!("`{} {}` ({word})", it.name, it.version))
            });
            let words: Vec<String> = words.collect();
            if !words.is_empty() {
                told.push(tell(id, lock, &words).at(&lock.path, None));
            }
        }
    }
    told
}

/// Returns what becomes of a package's licence; `None` where it is unknown.
fn verdict(it: &LockedLicense, declared: &CheckDeclaration) -> Option<Verdict> {
    let expression = LicenseExpression::parse(it.license.as_deref()?).ok()?;
    Some(expression.judge(&declared.allow_licenses, &declared.deny_licenses))
}
