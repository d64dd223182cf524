//! The rules about readiness: what people and indexes look for before they trust a package.
//!
//! None of them blocks a release by itself, and below 1.0 each is only worth knowing.

mod changelog_missing;
mod ci_missing;
mod community_files_missing;
mod dependency_updates_missing;
mod license_classifier;
mod license_contradicts;
mod license_expression;
mod license_missing;
mod license_text;
mod license_unrecognized;
mod metadata_missing;
pub(super) mod packages;
mod secret_scan_missing;
mod source_header;
#[cfg(test)]
mod tests;

use super::{Check, Told};
use crate::{ObservedRepo, Severity, VersionSource};

/// Every one of them. A new one is registered here by name.
pub(crate) static ALL: &[&Check] = &[
    &changelog_missing::CHECK,
    &ci_missing::CHECK,
    &community_files_missing::CHECK,
    &dependency_updates_missing::CHECK,
    &license_classifier::CHECK,
    &license_contradicts::CHECK,
    &license_expression::CHECK,
    &license_missing::CHECK,
    &license_unrecognized::CHECK,
    &metadata_missing::CHECK,
    &secret_scan_missing::CHECK,
    &source_header::CHECK,
];

impl Told {
    /// Makes it only worth knowing where no package of the repository has come to 1.0 yet.
    pub(super) fn before_one(self, seen: &ObservedRepo) -> Self {
        if is_stable(seen) {
            self
        } else {
            self.ranked(Severity::Info)
        }
    }
}

/// Returns whether some package of a repository has come to 1.0, or is about to.
fn is_stable(seen: &ObservedRepo) -> bool {
    seen.packages.iter().any(|package| {
        let said = package.version.as_deref();
        let said = said.filter(|_| package.source == VersionSource::Static);
        let parse = |it| cascade_manifest::Version::parse(package.ecosystem.scheme, it);
        let versions = [
            said.and_then(parse),
            package.latest.as_ref().map(|it| it.version.clone()),
        ];
        versions
            .iter()
            .flatten()
            .any(|it| it.numbers().first() > Some(&0))
    })
}

/// Returns words as a list: `a, b and c`; of many the first, and how many more.
pub(super) fn list(words: &[String]) -> String {
    const SHOWN: usize = 8;
    if words.len() > SHOWN {
        let first: Vec<&str> = words.iter().take(SHOWN).map(String::as_str).collect();
        return format!("{} and {} more", first.join(", "), words.len() - SHOWN);
    }
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
