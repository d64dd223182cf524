//! A requirement in full, by the packaging standards' own grammar, for judging locks.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{
    ExtraName, MarkerExpression, MarkerTree, MarkerValueVersion, Pep508Url, VersionOrUrl,
};

/// A requirement whose address is kept as it is written.
pub(super) type Demand = pep508_rs::Requirement<Address>;

/// The address of a direct reference, as written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Address(pub(super) String);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Pep508Url for Address {
    type Err = std::convert::Infallible;

    fn parse_url(url: &str, _folder: Option<&Path>) -> Result<Self, Self::Err> {
        Ok(Self(url.to_owned()))
    }
}

mod clauses;

/// More clauses than any `requires-python` has.
const MOST_CLAUSES: usize = 8;

/// Longer requirements are not read: deciding a marker takes time that grows with it.
const LONGEST: usize = 2_000;

/// Returns the requirement that the text is; `None` where it is none, or takes too long to judge.
pub(super) fn demand(text: &str) -> Option<Demand> {
    if !text.is_ascii() || text.len() > LONGEST || !is_named(text) {
        return None;
    }
    let is_address = text.split(';').next().is_some_and(|it| it.contains('@'));
    // Behind an address, only a `;` after a blank begins the marker.
    let marker = if is_address { " ;" } else { ";" };
    match text.split_once(marker) {
        Some((_, marker)) if !clauses::is_plain(marker) => None,
        _ => Demand::from_str(text).ok(),
    }
}

/// Returns whether the names are such that the parser, which panics at others, can be given them.
fn is_named(text: &str) -> bool {
    let is_name = |it: &str| {
        let ends = |c: char| c.is_ascii_alphanumeric();
        let is_part = |c: char| ends(c) || matches!(c, '-' | '_' | '.');
        it.starts_with(ends) && it.ends_with(ends) && it.chars().all(is_part)
    };
    let Some(parts) = super::pep508::split(text) else {
        return false;
    };
    let behind = text.get(parts.name.end..).unwrap_or_default().trim_start();
    let Some(extras) = behind.strip_prefix('[') else {
        return true;
    };
    extras.split_once(']').is_some_and(|(extras, _)| {
        let mut extras = extras.split(',').map(str::trim).filter(|it| !it.is_empty());
        extras.all(is_name)
    })
}

/// Returns the marker that the text is.
pub(super) fn marker(text: &str) -> Option<MarkerTree> {
    let is_plain = text.len() <= LONGEST && clauses::is_plain(text);
    is_plain.then(|| MarkerTree::from_str(text).ok())?
}

/// Returns the versions that a requirement asks for; none for an address.
pub(super) fn specifiers(demand: &Demand) -> VersionSpecifiers {
    match &demand.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(it)) => it.clone(),
        _ => VersionSpecifiers::empty(),
    }
}

/// Returns the address of a direct reference.
pub(super) fn address(demand: &Demand) -> Option<&str> {
    match &demand.version_or_url {
        Some(VersionOrUrl::Url(it)) => Some(&it.0),
        _ => None,
    }
}

/// Returns the clauses as locks write them: sorted by version, nothing between but commas.
pub(super) fn canonical_specifiers(specifiers: &VersionSpecifiers) -> String {
    let clauses: Vec<String> = specifiers.iter().map(ToString::to_string).collect();
    clauses.join(",")
}

/// Returns the version, read as PEP 440.
pub(super) fn version(text: &str) -> Option<Version> {
    Version::from_str(text).ok()
}

/// The Pythons that a lock covers.
#[derive(Clone)]
pub(super) struct Reach(MarkerTree);

impl Reach {
    /// Returns every Python that the clauses (`>=3.9, <4`) admit; an empty text admits all.
    pub(super) fn of(requires_python: &str) -> Option<Self> {
        let mut all = MarkerTree::TRUE;
        if requires_python.trim().is_empty() {
            return Some(Self(all));
        }
        let clauses = VersionSpecifiers::from_str(requires_python).ok()?;
        for specifier in clauses.iter().take(MOST_CLAUSES) {
            all.and(MarkerTree::expression(MarkerExpression::Version {
                key: MarkerValueVersion::PythonFullVersion,
                specifier: specifier.clone(),
            }));
        }
        Some(Self(all))
    }

    /// Returns the marker as far as it can be told within reach.
    pub(super) fn within(&self, marker: &MarkerTree) -> MarkerTree {
        let mut both = self.0.clone();
        both.and(marker.clone());
        both
    }

    /// Returns whether the requirement can ever apply, with these extras asked for.
    pub(super) fn applies(&self, demand: &Demand, extras: &[ExtraName]) -> bool {
        let marker = self.within(&demand.marker);
        !marker.is_false() && marker.evaluate_extras(extras)
    }

    /// Returns whether every Python in reach is also one of the other's.
    pub(super) fn lies_in(&self, other: &Self) -> bool {
        self.within(&other.0.negate()).is_false()
    }
}

/// Returns the normalised name of an extra.
pub(super) fn extra(name: &str) -> Option<ExtraName> {
    ExtraName::from_str(name).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn clauses_are_sorted_by_version_and_normalised() {
        for (text, expected) in [
            ("a<2,>=1", ">=1,<2"),
            ("a >= 1 , !=1.0.5", ">=1,!=1.0.5"),
            ("a==1.0.0RC1", "==1.0.0rc1"),
            ("a ~= 1.4", "~=1.4"),
            ("a==1.*", "==1.*"),
            ("a", ""),
            ("a @ git+https://git.example/a@v1", ""),
        ] {
            let found = specifiers(&demand(text).unwrap());
            assert_eq!(canonical_specifiers(&found), expected, "{text}");
        }
    }

    #[test]
    fn a_marker_that_no_python_in_reach_meets_never_applies() {
        let reach = Reach::of(">=3.9, <4").unwrap();
        let applies = |text: &str, extras: &[&str]| {
            let extras: Vec<_> = extras.iter().filter_map(|it| extra(it)).collect();
            reach.applies(&demand(text).unwrap(), &extras)
        };
        assert!(applies("a", &[]));
        assert!(applies("a ; python_version < '3.10'", &[]));
        assert!(!applies("a ; python_version < '3.9'", &[]));
        assert!(!applies("a ; python_version >= '4'", &[]));
        assert!(!applies("a ; extra == 'x'", &["y"]));
        assert!(applies("a ; extra == 'X' and os_name == 'nt'", &["x"]));
        let lies_in = |text: &str| reach.lies_in(&Reach::of(text).unwrap());
        assert!(lies_in(">=3.8") && lies_in("") && lies_in(">=3.9,<4"));
        assert!(!lies_in(">=3.10") && !lies_in(">=3.8,<3.14"));
    }

    #[test]
    fn what_would_take_long_to_judge_is_not_read() {
        assert!(demand(&format!("a ; {}", "(".repeat(1_000))).is_none());
        let clause = |at: usize| format!("('a{at}' in os_name and 'b{at}' in sys_platform)");
        let clauses: Vec<_> = (0..20).map(clause).collect();
        assert!(marker(&clauses.join(" or ")).is_none());
    }

    #[test]
    fn names_at_which_the_parser_panics_are_none() {
        for text in ["a[A-", "a[b-]", "a-", "a[b, c.]==1"] {
            assert_eq!(demand(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(
            text in "\\PC{0,60}",
            dependency in "[a-zA-Z0-9_.-]{1,4}(\\[[a-z0-9,. _-]{0,6}\\])?([<>=~!]{1,3}[0-9.*a-z+!]{0,6},?){0,2}",
            clauses in "( ?(and|or|\\(|\\)|not)? ?(python_version|python_full_version|os_name|extra|\
                platform_release|implementation_version|'[0-9a-z. *]{0,6}')\
                ?([<>=~!]{1,3}|in|not in) ?('[0-9.a-z *!+]{0,7}'|sys_platform|extra)){0,4}",
        ) {
            let both = format!("{dependency} ; {clauses}");
            let reach = Reach::of(">=3.9").unwrap();
            for it in [&text, &dependency, &both] {
                let found = demand(it);
                if let Some(found) = &found {
                    reach.applies(found, &found.extras);
                }
                let found = found.map(|it| canonical_specifiers(&specifiers(&it)));
                prop_assert!(found.is_none_or(|it| !it.contains(' ')));
            }
            prop_assert!(marker(&clauses).is_none_or(|it| it == it.negate().negate()));
        }
    }
}
