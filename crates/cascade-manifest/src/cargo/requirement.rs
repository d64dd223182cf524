//! Cargo's version requirements: `1.4`, `^1.4`, `~1.4`, `=1.4.2`, `1.*`, `>=1.2, <1.5`.
//!
//! The semver crate, which is Cargo's own, says what a text means; this file only finds where
//! each clause's version stands, and puts another of the same precision there.

use std::ops::Range;

use semver::{Comparator, Op, VersionReq};

use crate::{Grammar, Keep, Refusal, Rewrite, Scheme, Splice, Style, UnknownShape, Version};

/// Cargo's version requirements.
pub(super) struct CargoGrammar;

/// A requirement that Cargo reads, clause by clause.
struct Requirement<'r> {
    text: &'r str,
    meaning: VersionReq,
    clauses: Vec<Clause<'r>>,
}

/// One clause, and where its version stands.
struct Clause<'r> {
    comparator: Comparator,
    version: &'r str,
    span: Range<usize>,
}

impl Grammar for CargoGrammar {
    fn named(&self, requirement: &str) -> Result<Option<Version>, UnknownShape> {
        if requirement.trim().is_empty() {
            return Ok(None);
        }
        let read = Requirement::read(requirement)?;
        let named = read.named();
        Ok(named.and_then(|it| Version::parse(Scheme::Semver, &it.to_string())))
    }

    fn admits(&self, requirement: &str, version: &Version) -> Result<bool, UnknownShape> {
        let Some(version) = plain(version) else {
            return Err(UnknownShape(version.text().to_owned()));
        };
        if requirement.trim().is_empty() {
            return Ok(true);
        }
        Ok(Requirement::read(requirement)?.meaning.matches(&version))
    }

    fn rewrite(&self, requirement: &str, to: &Version, style: Style) -> Rewrite {
        if requirement.trim().is_empty() {
            return Rewrite::Kept(Keep::Unbounded);
        }
        match (Requirement::read(requirement), plain(to)) {
            (Ok(read), Some(to)) => read.rewrite(&to, style),
            _ => Rewrite::Refused(Refusal::UnknownShape),
        }
    }

    fn same(&self, a: &str, b: &str) -> bool {
        match (sorted(a), sorted(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a.trim() == b.trim(),
        }
    }
}

impl<'r> Requirement<'r> {
    fn read(text: &'r str) -> Result<Self, UnknownShape> {
        let unknown = || UnknownShape(text.to_owned());
        let meaning = VersionReq::parse(text).map_err(|_| unknown())?;
        let spans: Vec<_> = version_spans(text).collect();
        if !meaning.comparators.is_empty() && meaning.comparators.len() != spans.len() {
            return Err(unknown());
        }
        let clauses = meaning
            .comparators
            .iter()
            .zip(spans)
            .map(|(comparator, span)| {
                let version = text.get(span.clone()).ok_or_else(unknown)?;
                Ok(Clause {
                    comparator: comparator.clone(),
                    version,
                    span,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            text,
            meaning,
            clauses,
        })
    }

    /// Returns the highest version that a clause with a floor names.
    fn named(&self) -> Option<semver::Version> {
        let floors = self.clauses.iter().filter(|it| it.is_floor());
        floors.map(Clause::named).max()
    }

    fn rewrite(&self, to: &semver::Version, style: Style) -> Rewrite {
        if style == Style::Exact {
            return self.replaced(exact(to), to);
        }
        let Some(named) = self.named() else {
            return self.without_floor(to);
        };
        let admits = self.meaning.matches(to);
        if admits && named == *to && (to.pre.is_empty() || self.is_exact()) {
            return Rewrite::Kept(Keep::InStep);
        }
        if !to.pre.is_empty() {
            return self.replaced(exact(to), to);
        }
        // A stable package may never depend on a pre-release, so a final version always moves one.
        if admits && style != Style::Floor && named.pre.is_empty() && !self.is_exact() {
            return Rewrite::Kept(Keep::Admits);
        }
        self.moved(to)
    }

    fn is_exact(&self) -> bool {
        matches!(self.clauses.as_slice(), [one] if one.comparator.op == Op::Exact)
    }

    fn without_floor(&self, to: &semver::Version) -> Rewrite {
        match self.clauses.is_empty() {
            true => Rewrite::Kept(Keep::Unbounded),
            false if self.meaning.matches(to) => Rewrite::Kept(Keep::Admits),
            false => Rewrite::Refused(Refusal::UpperBoundOnly),
        }
    }

    /// Returns the requirement in the same shape and precision, moved to the version.
    fn moved(&self, to: &semver::Version) -> Rewrite {
        let (floors, ceilings): (Vec<_>, Vec<_>) =
            self.clauses.iter().partition(|it| it.is_floor());
        let (floor, ceiling) = match (floors.as_slice(), ceilings.as_slice()) {
            ([floor], []) => (floor, None),
            ([floor], [ceiling]) => (floor, Some(ceiling)),
            _ if self.meaning.matches(to) => return Rewrite::Kept(Keep::Admits),
            _ => return Rewrite::Refused(Refusal::UnknownShape),
        };
        let mut splices = vec![floor.splice(floor.at(to))];
        if let Some(ceiling) = ceiling
            && !ceiling.comparator.matches(to)
        {
            let Some(next) = ceiling.next_above(&floor.named(), &floor.truncated(to)) else {
                return Rewrite::Refused(Refusal::Ceiling);
            };
            splices.push(ceiling.splice(ceiling.at(&next)));
        }
        match crate::splice(self.text, &splices) {
            Ok(text) => self.replaced(text, to),
            Err(_) => Rewrite::Refused(Refusal::UnknownShape),
        }
    }

    /// Returns the new text, if it differs and admits the version.
    fn replaced(&self, text: String, to: &semver::Version) -> Rewrite {
        let admits = VersionReq::parse(&text).is_ok_and(|it| it.matches(to));
        if !admits {
            Rewrite::Refused(Refusal::NotAdmitted)
        } else if text != self.text {
            Rewrite::Updated(text)
        } else if self.named().is_some_and(|it| it == *to) {
            Rewrite::Kept(Keep::InStep)
        } else {
            Rewrite::Kept(Keep::Admits)
        }
    }
}

impl Clause<'_> {
    fn is_floor(&self) -> bool {
        !matches!(self.comparator.op, Op::Less | Op::LessEq)
    }

    /// Returns the version it names; missing parts are 0.
    fn named(&self) -> semver::Version {
        let it = &self.comparator;
        semver::Version {
            pre: it.pre.clone(),
            ..semver::Version::new(it.major, it.minor.unwrap_or(0), it.patch.unwrap_or(0))
        }
    }

    /// Returns how many numbers it writes.
    fn precision(&self) -> usize {
        1 + usize::from(self.comparator.minor.is_some())
            + usize::from(self.comparator.patch.is_some())
    }

    /// Returns the version as far as this clause would write it; the other parts are 0.
    fn truncated(&self, to: &semver::Version) -> semver::Version {
        let part = |n: usize, value: u64| if n < self.precision() { value } else { 0 };
        semver::Version::new(to.major, part(1, to.minor), part(2, to.patch))
    }

    /// Returns the text of the version at this clause's precision, wildcards kept.
    fn at(&self, to: &semver::Version) -> String {
        let numbers = [to.major, to.minor, to.patch].map(|it| it.to_string());
        let written = numbers.into_iter().take(self.precision());
        let wildcards = self.version.split('.').skip(self.precision());
        let wildcards = wildcards.filter(|it| matches!(*it, "*" | "x" | "X"));
        let parts: Vec<_> = written.chain(wildcards.map(str::to_owned)).collect();
        parts.join(".")
    }

    fn splice(&self, to: String) -> Splice {
        Splice {
            span: self.span.clone(),
            to,
        }
    }

    /// Returns the ceiling of the new floor, where this one was the old floor's next major, minor
    /// or patch.
    fn next_above(&self, old: &semver::Version, new: &semver::Version) -> Option<semver::Version> {
        let ours = self.named();
        if self.comparator.op != Op::Less || !ours.pre.is_empty() {
            return None;
        }
        let nexts: [fn(&semver::Version) -> semver::Version; 3] = [
            |it| semver::Version::new(it.major.saturating_add(1), 0, 0),
            |it| semver::Version::new(it.major, it.minor.saturating_add(1), 0),
            |it| semver::Version::new(it.major, it.minor, it.patch.saturating_add(1)),
        ];
        let next = nexts.into_iter().find(|next| next(old) == ours)?;
        Some(next(new))
    }
}

/// Returns where the version of each clause stands.
fn version_spans(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    text.split(',').map(move |clause| {
        let trimmed = clause.trim_end();
        let version = trimmed.trim_start_matches([' ', '\t', '=', '<', '>', '^', '~']);
        let end = start + trimmed.len();
        start += clause.len() + 1;
        end - version.len()..end
    })
}

/// Returns the version without build metadata, which no requirement compares.
fn plain(version: &Version) -> Option<semver::Version> {
    let mut it = match version.semver() {
        Some(it) => it.clone(),
        None => semver::Version::parse(version.text()).ok()?,
    };
    it.build = semver::BuildMetadata::EMPTY;
    Some(it)
}

fn exact(to: &semver::Version) -> String {
    format!("={to}")
}

/// Returns the clauses in an order of their own, so that two spellings compare.
fn sorted(requirement: &str) -> Option<Vec<Comparator>> {
    if requirement.trim().is_empty() {
        return Some(Vec::new());
    }
    let mut clauses = VersionReq::parse(requirement).ok()?.comparators;
    clauses.sort_by(|a, b| {
        let key = |it: &Comparator| (rank(it.op), it.major, it.minor, it.patch);
        key(a).cmp(&key(b)).then_with(|| a.pre.cmp(&b.pre))
    });
    Some(clauses)
}

fn rank(op: Op) -> u8 {
    match op {
        Op::Exact => 0,
        Op::Greater => 1,
        Op::GreaterEq => 2,
        Op::Less => 3,
        Op::LessEq => 4,
        Op::Tilde => 5,
        Op::Caret => 6,
        // The semver crate may learn operators; two unknown ones are alike.
        _ => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn version(text: &str) -> Version {
        Version::parse(Scheme::Semver, text).unwrap()
    }

    fn rewrite(requirement: &str, to: &str, style: Style) -> Rewrite {
        CargoGrammar.rewrite(requirement, &version(to), style)
    }

    fn updated(text: &str) -> Rewrite {
        Rewrite::Updated(text.to_owned())
    }

    #[test]
    fn out_of_range_moves_in_the_same_shape_and_precision() {
        for (from, to, expected) in [
            ("1.4", "2.1.0", "2.1"),
            ("^1.4", "2.1.0", "^2.1"),
            ("~1.4", "2.1.0", "~2.1"),
            ("=1.4.2", "2.1.0", "=2.1.0"),
            ("= 1.4.2", "2.1.0", "= 2.1.0"),
            ("1.*", "2.1.0", "2.*"),
            ("1.4.*", "2.1.0", "2.1.*"),
            ("1.*.*", "2.1.0", "2.*.*"),
            ("0.6.8", "0.7.0", "0.7.0"),
            ("0.6", "0.7.0", "0.7"),
            ("0", "1.0.0", "1"),
            ("0.12", "0.13.4", "0.13"),
            ("0.0.3", "0.0.4", "0.0.4"),
            (">=1.4, <2", "2.1.0", ">=2.1, <3"),
            (">=1.4,<2.0.0", "2.1.3", ">=2.1,<3.0.0"),
            ("<2, >=1.4", "2.1.0", "<3, >=2.1"),
            (">= 1.2 , < 1.3", "1.5.2", ">= 1.5 , < 1.6"),
            (">=1.2.3, <1.2.4", "1.5.2", ">=1.5.2, <1.5.3"),
            ("^1.4.2-rc.1", "1.4.2", "^1.4.2"),
            ("=2.0.0-rc.1", "2.0.0", "=2.0.0"),
        ] {
            assert_eq!(
                rewrite(from, to, Style::Auto),
                updated(expected),
                "{from} -> {to}"
            );
            assert_eq!(
                rewrite(from, to, Style::Widen),
                updated(expected),
                "{from} -> {to}"
            );
        }
    }

    #[test]
    fn what_admits_or_says_it_keeps_its_text() {
        for (text, to, keep) in [
            ("1.4", "1.9.0", Keep::Admits),
            ("1", "1.12.1", Keep::Admits),
            ("1", "1.0.0", Keep::InStep),
            ("=1.4", "1.4.2", Keep::Admits),
            ("=1.4.2", "1.4.2", Keep::InStep),
            (">=1.4", "9.0.0", Keep::Admits),
            ("<2", "1.4.0", Keep::Admits),
            ("*", "2.1.0", Keep::Unbounded),
            ("", "2.1.0", Keep::Unbounded),
            ("=2.0.0-rc.1", "2.0.0-rc.1", Keep::InStep),
        ] {
            assert_eq!(
                rewrite(text, to, Style::Auto),
                Rewrite::Kept(keep),
                "{text} -> {to}"
            );
        }
    }

    #[test]
    fn what_can_not_move_safely_is_refused() {
        for (text, to, refusal) in [
            (">=1.2, <1.5", "2.1.0", Refusal::Ceiling),
            (">=1.2, <=1.9", "2.1.0", Refusal::Ceiling),
            (">=1.2, <2.0.0-0", "2.1.0", Refusal::Ceiling),
            ("<2", "2.1.0", Refusal::UpperBoundOnly),
            ("<=1.9", "2.1.0", Refusal::UpperBoundOnly),
            (">1.4", "1.4.0", Refusal::NotAdmitted),
            (">=1.2, <1.2.1", "1.5.3", Refusal::NotAdmitted),
            ("1.4, 1.5", "2.1.0", Refusal::UnknownShape),
            ("1 || 2", "2.1.0", Refusal::UnknownShape),
            ("1.4.2.0", "2.1.0", Refusal::UnknownShape),
            ("latest", "2.1.0", Refusal::UnknownShape),
        ] {
            assert_eq!(
                rewrite(text, to, Style::Auto),
                Rewrite::Refused(refusal),
                "{text} -> {to}"
            );
        }
    }

    #[test]
    fn a_pin_to_a_pre_release_is_exact() {
        for text in ["1.4", "^2.0.0-rc.1", ">=1.4, <2", "=1.4.2", "~1"] {
            assert_eq!(
                rewrite(text, "2.0.0-rc.2", Style::Auto),
                updated("=2.0.0-rc.2"),
                "{text}"
            );
        }
        assert_eq!(
            rewrite("^2.0.0-rc.1", "2.0.0-rc.1", Style::Auto),
            updated("=2.0.0-rc.1")
        );
        assert!(!CargoGrammar.admits(">=1", &version("2.0.0-rc.1")).unwrap());
        assert!(
            CargoGrammar
                .admits("=2.0.0-rc.1", &version("2.0.0-rc.1"))
                .unwrap()
        );
    }

    #[test]
    fn styles_make_exact_or_raise_the_floor() {
        assert_eq!(rewrite("1.4", "1.6.2", Style::Exact), updated("=1.6.2"));
        assert_eq!(
            rewrite("=1.6.2", "1.6.2", Style::Exact),
            Rewrite::Kept(Keep::InStep)
        );
        assert_eq!(rewrite("1.4", "1.6.2", Style::Floor), updated("1.6"));
        assert_eq!(rewrite("^1.4.0", "1.6.2", Style::Floor), updated("^1.6.2"));
        assert_eq!(
            rewrite(">=1.4, <2", "1.6.2", Style::Floor),
            updated(">=1.6, <2")
        );
        assert_eq!(
            rewrite("1", "1.6.2", Style::Floor),
            Rewrite::Kept(Keep::Admits)
        );
    }

    #[test]
    fn the_version_named_is_the_highest_floor() {
        let named = |text: &str| {
            CargoGrammar
                .named(text)
                .unwrap()
                .map(|it| it.text().to_owned())
        };
        for (text, expected) in [
            ("1", Some("1.0.0")),
            ("~0.4", Some("0.4.0")),
            (">1.2, <3", Some("1.2.0")),
            (">=1.2, ^1.4", Some("1.4.0")),
            ("=2.0.0-rc.1", Some("2.0.0-rc.1")),
            ("1.*", Some("1.0.0")),
            ("<2", None),
            ("<=2, <3", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(named(text).as_deref(), expected, "{text}");
        }
        assert!(CargoGrammar.named("1.x.y").is_err());
    }

    #[test]
    fn order_of_clauses_and_spaces_say_the_same() {
        assert!(CargoGrammar.same(">=1.2, <2", "<2,>=1.2"));
        assert!(CargoGrammar.same("1.4", "^1.4"));
        assert!(!CargoGrammar.same("~1.4", "^1.4"));
        assert!(!CargoGrammar.same("=1.4", "=1.4.0"));
    }

    fn requirement() -> impl Strategy<Value = String> {
        let clause = "(=|\\^|~|>=|<|<=|>| ?)? ?[0-2](\\.[0-2](\\.[0-2](-rc\\.1)?)?)?(\\.\\*)?";
        prop_oneof![
            clause.prop_map(|it| it),
            (clause, clause).prop_map(|(a, b)| format!("{a}, {b}")),
            ">=[0-3]\\.[0-3], ?<[0-4](\\.[0-3])?".prop_map(|it| it),
            "\\PC{0,24}".prop_map(|it| it),
        ]
    }

    proptest! {
        #[test]
        fn an_updated_text_differs_admits_the_version_and_is_stable(
            text in requirement(), to in "[0-3]\\.[0-3]\\.[0-3](-rc\\.[12])?"
        ) {
            let to = version(&to);
            for style in [Style::Auto, Style::Exact, Style::Floor, Style::Widen] {
                match CargoGrammar.rewrite(&text, &to, style) {
                    Rewrite::Updated(new) => {
                        prop_assert_ne!(&new, &text);
                        prop_assert!(CargoGrammar.admits(&new, &to).unwrap());
                        let again = CargoGrammar.rewrite(&new, &to, style);
                        prop_assert!(matches!(again, Rewrite::Kept(_)), "{new} {again:?}");
                        prop_assert!(CargoGrammar.same(&new, &new));
                    }
                    Rewrite::Kept(Keep::InStep) => {
                        prop_assert_eq!(CargoGrammar.named(&text).unwrap(), Some(to.clone()));
                    }
                    Rewrite::Kept(Keep::Admits) => {
                        prop_assert!(CargoGrammar.admits(&text, &to).unwrap());
                    }
                    Rewrite::Kept(Keep::Unbounded) => {
                        prop_assert_eq!(CargoGrammar.named(&text).unwrap(), None);
                    }
                    Rewrite::Refused(_) => {}
                }
            }
        }
    }
}
