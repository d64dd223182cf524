//! The versions that a requirement asks for, as Poetry writes them into its lock.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use pep440_rs::Version;

use crate::python::demand;
use crate::python::pep508::{self, Wanted};

/// The versions that a requirement asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// As a row of `[package.dependencies]` has them: `1.0.0`, `>=1.0,<2`, `*`.
    pub(super) row: String,
    /// As the parentheses of `[package.extras]` have them: `==1.0.0`; nothing where all are admitted.
    pub(super) extra: Option<String>,
}

/// Returns how Poetry writes the versions of a requirement; `None` for shapes that it writes in its
/// own way.
pub(super) fn written(requirement: &str) -> Option<Written> {
    let clauses = clauses(requirement)?;
    let range = match clauses.as_slice() {
        [] => {
            let row = "*".to_owned();
            return Some(Written { row, extra: None });
        }
        [(operator @ ("==" | "!="), version)] if version.ends_with(".*") => {
            final_release(version.strip_suffix(".*")?)?;
            format!("{operator}{version}")
        }
        [("==", version)] => {
            let extra = Some(format!("=={}", canonical(version)?));
            let row = (*version).to_owned();
            return Some(Written { row, extra });
        }
        clauses => Bounds::of(clauses)?.written()?,
    };
    let extra = Some(range.clone());
    Some(Written { row: range, extra })
}

/// Returns the clauses of a requirement, each as its operator and its version.
fn clauses(requirement: &str) -> Option<Vec<(&str, &str)>> {
    let range = specifier(requirement)?;
    let written = requirement.get(range)?.trim();
    if written.is_empty() {
        return Some(Vec::new());
    }
    written.split(',').map(clause).collect()
}

fn clause(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let operator = text.find(|c: char| !"<>=!~".contains(c))?;
    let (operator, version) = text.split_at_checked(operator)?;
    Some((operator, version.trim()))
}

/// Returns the bytes of the versions in a requirement, without parentheses.
pub(super) fn specifier(requirement: &str) -> Option<Range<usize>> {
    match pep508::split(requirement)?.wanted {
        Wanted::Specifier(range) => Some(range),
        _ => None,
    }
}

/// On which side of a range a clause stands.
fn bound(operator: &str) -> Option<Ordering> {
    match operator {
        ">" | ">=" => Some(Ordering::Less),
        "<" | "<=" => Some(Ordering::Greater),
        _ => None,
    }
}

/// One range, and what is left out of its inside.
#[derive(Default)]
struct Bounds {
    low: Option<(String, Version)>,
    high: Option<(String, Version)>,
    /// In the order of the versions.
    holes: BTreeMap<Version, String>,
}

impl Bounds {
    /// Returns the range of clauses; `None` where a side is bounded twice, or a version is left out
    /// twice: Poetry writes what is left of those.
    fn of(clauses: &[(&str, &str)]) -> Option<Self> {
        let mut bounds = Self::default();
        for (operator, version) in clauses {
            let parsed = final_release(version)?;
            let text = format!("{operator}{version}");
            let again = match bound(operator) {
                Some(Ordering::Less) => bounds.low.replace((text, parsed)).is_some(),
                Some(_) => bounds.high.replace((text, parsed)).is_some(),
                None if *operator == "!=" => bounds.holes.insert(parsed, text).is_some(),
                None if *operator == "~=" => {
                    let (next, above) = above_compatible(&parsed)?;
                    let low = bounds.low.replace((format!(">={version}"), parsed));
                    low.or(bounds.high.replace((format!("<{next}"), above)))
                        .is_some()
                }
                None => return None,
            };
            if again {
                return None;
            }
        }
        Some(bounds)
    }

    /// Returns the range as Poetry writes it, if every version left out lies inside.
    fn written(self) -> Option<String> {
        let (low, high) = (self.low, self.high);
        let above = |it: &Version| low.as_ref().is_none_or(|(_, low)| low < it);
        let below = |it: &Version| high.as_ref().is_none_or(|(_, high)| it < high);
        let is_wide = high.as_ref().is_none_or(|(_, high)| above(high));
        if !is_wide || !self.holes.keys().all(|it| above(it) && below(it)) {
            return None;
        }
        let ends = |it: Option<(String, Version)>| it.map(|(text, _)| text);
        let all = ends(low).into_iter().chain(self.holes.into_values());
        let all: Vec<String> = all.chain(ends(high)).collect();
        Some(all.join(","))
    }
}

/// Returns what `~=1.4` stays below: `2.0`.
fn above_compatible(version: &Version) -> Option<(String, Version)> {
    let release = version.release().to_vec();
    let (_, kept) = release.split_last()?;
    let (last, kept) = kept.split_last()?;
    let mut next: Vec<String> = kept.iter().map(ToString::to_string).collect();
    next.push(last.checked_add(1)?.to_string());
    let text = format!("{}.0", next.join("."));
    let version = final_release(&text)?;
    Some((text, version))
}

/// Returns the version where it is written as it is normalised, and is no build of someone's own.
fn canonical(text: &str) -> Option<Version> {
    let version = demand::version(text)?;
    let is_plain = version.epoch() == 0 && !version.is_local();
    (is_plain && version.to_string() == text).then_some(version)
}

fn final_release(text: &str) -> Option<Version> {
    let is_plain = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    canonical(text).filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_as_poetry_writes_them() {
        // As Poetry 2.5.1 says them.
        for (requirement, row, extra) in [
            ("a", "*", None),
            ("a==1.0.0", "1.0.0", Some("==1.0.0")),
            (
                "a[q] (==1.1.0rc1) ; extra == 'x'",
                "1.1.0rc1",
                Some("==1.1.0rc1"),
            ),
            ("a>=1", ">=1", Some(">=1")),
            ("a<2,>=1", ">=1,<2", Some(">=1,<2")),
            ("a >1 , <= 2.0", ">1,<=2.0", Some(">1,<=2.0")),
            ("a (>=1.0,<2)", ">=1.0,<2", Some(">=1.0,<2")),
            ("a<0.1", "<0.1", Some("<0.1")),
            ("a~=1.4", ">=1.4,<2.0", Some(">=1.4,<2.0")),
            ("a~=1.4.2", ">=1.4.2,<1.5.0", Some(">=1.4.2,<1.5.0")),
            ("a!=1.5", "!=1.5", Some("!=1.5")),
            (
                "a!=1.6, !=1.10,!=1.5",
                "!=1.5,!=1.6,!=1.10",
                Some("!=1.5,!=1.6,!=1.10"),
            ),
            ("a>=1,<2,!=1.5", ">=1,!=1.5,<2", Some(">=1,!=1.5,<2")),
            ("a!=1.5,<=2", "!=1.5,<=2", Some("!=1.5,<=2")),
            (
                "a~=1.4,!=1.4.5",
                ">=1.4,!=1.4.5,<2.0",
                Some(">=1.4,!=1.4.5,<2.0"),
            ),
            ("a==1.*", "==1.*", Some("==1.*")),
            ("a!=1.4.*", "!=1.4.*", Some("!=1.4.*")),
        ] {
            let found = written(requirement).unwrap();
            assert_eq!((found.row.as_str(), found.extra.as_deref()), (row, extra));
        }
    }

    #[test]
    fn what_poetry_may_write_otherwise_is_not_known() {
        for requirement in [
            "a>=1,!=1.4.*",
            "a!=1.5,!=1.5.0",
            "a>=1,!=1",
            "a>=1,!=3,<2",
            "a==1.5,!=1.6",
            "a~=1.4,>=1.5",
            "a==1.0rc1.*",
            "a==*",
            "a===1.0",
            "a==1.0.0RC1",
            "a==v1.0",
            "a==1.0+local",
            "a==1!1.0",
            "a>=1.0rc1,<2",
            "a>=01.0",
            "a>=1,<=1",
            "a>=2,<1",
            "a>=1,>=2",
            "a~=1",
            "a @ git+https://git.example/a@v1",
            "a ^1.0",
        ] {
            assert_eq!(written(requirement), None, "{requirement}");
        }
    }
}
