//! PEP 440 version specifiers, and the carets and tildes that Poetry adds.

use std::collections::BTreeSet;

use pep440_rs::Version as Pep440;

use self::clause::{Alternative, Clause, Op};
use crate::{Grammar, Keep, Refusal, Rewrite, Scheme, Splice, Style, UnknownShape, Version};

mod clause;

/// PEP 440 version specifiers.
pub(super) struct PythonGrammar;

impl Grammar for PythonGrammar {
    fn named(&self, requirement: &str) -> Result<Option<Version>, UnknownShape> {
        let highest = parse(requirement)?
            .into_iter()
            .flatten()
            .filter(Clause::names)
            .max_by(|a, b| a.version.cmp(&b.version));
        let text = highest.and_then(|it| requirement.get(it.number));
        Ok(text.and_then(|it| Version::parse(Scheme::Pep440, clause::without_v(it))))
    }

    fn admits(&self, requirement: &str, version: &Version) -> Result<bool, UnknownShape> {
        let alternatives = parse(requirement)?;
        Ok(pep440(version).is_some_and(|it| any_admits(&alternatives, &it)))
    }

    fn rewrite(&self, requirement: &str, to: &Version, style: Style) -> Rewrite {
        let (Ok(alternatives), Some(to)) = (parse(requirement), pep440(to)) else {
            return Rewrite::Refused(Refusal::UnknownShape);
        };
        let rewriter = Rewriter {
            text: requirement,
            alternatives: &alternatives,
            to: &to,
        };
        rewriter.judge(style)
    }

    fn same(&self, a: &str, b: &str) -> bool {
        match (parse(a), parse(b)) {
            (Ok(a), Ok(b)) => meaning(&a) == meaning(&b),
            _ => a.trim() == b.trim(),
        }
    }
}

fn parse(requirement: &str) -> Result<Vec<Alternative>, UnknownShape> {
    clause::parse(requirement).ok_or_else(|| UnknownShape(requirement.to_owned()))
}

/// Returns the PEP 440 reading; one tag may release packages of several ecosystems.
fn pep440(version: &Version) -> Option<Pep440> {
    match version.pep440() {
        Some(it) => Some(it.clone()),
        None => version.text().parse().ok(),
    }
}

fn any_admits(alternatives: &[Alternative], version: &Pep440) -> bool {
    alternatives.iter().any(|it| all_admit(it, version))
}

/// Returns whether all clauses hold. A pre-release is wanted only where a clause names one.
fn all_admit(clauses: &[Clause], version: &Pep440) -> bool {
    let named = |it: &Clause| it.op != Op::Not && it.version.any_prerelease();
    (!version.any_prerelease() || clauses.iter().any(named))
        && clauses.iter().all(|it| it.admits(version))
}

fn meaning(alternatives: &[Alternative]) -> BTreeSet<BTreeSet<(Op, Pep440, bool, usize)>> {
    let of = |it: &Alternative| it.iter().map(Clause::meaning).collect();
    alternatives.iter().map(of).collect()
}

/// What happens to clauses when a requirement is rewritten.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Travel {
    /// Floors are raised inside a range that admits the version.
    Raise,
    /// The whole range moves.
    Move,
}

struct Rewriter<'a> {
    text: &'a str,
    alternatives: &'a [Alternative],
    to: &'a Pep440,
}

impl Rewriter<'_> {
    fn judge(&self, style: Style) -> Rewrite {
        let mut clauses = self.alternatives.iter().flatten();
        let excluded = |it: &Clause| it.op == Op::Not && !it.admits(self.to);
        if clauses.clone().any(excluded) {
            return Rewrite::Refused(Refusal::Excluded);
        }
        if self.text.trim().is_empty() {
            return Rewrite::Kept(Keep::Unbounded);
        }
        if style == Style::Exact {
            return self.exactly();
        }
        if !clauses.clone().any(Clause::names) {
            return self.judge_unnamed();
        }
        if self.to.any_prerelease() || self.to.is_local() {
            return self.exactly();
        }
        if !any_admits(self.alternatives, self.to) {
            return self
                .rewritten(Travel::Move)
                .unwrap_or_else(Rewrite::Refused);
        }
        if clauses.any(|it| it.names() && it.version == *self.to) {
            return Rewrite::Kept(Keep::InStep);
        }
        match self.rewritten(Travel::Raise) {
            Ok(raised) if style == Style::Floor => raised,
            _ => Rewrite::Kept(Keep::Admits),
        }
    }

    /// Judges a requirement that has upper bounds and exclusions at most.
    fn judge_unnamed(&self) -> Rewrite {
        let is_bound = |it: &Clause| it.op != Op::Not;
        if !self.alternatives.iter().flatten().any(is_bound) {
            Rewrite::Kept(Keep::Unbounded)
        } else if any_admits(self.alternatives, self.to) {
            Rewrite::Kept(Keep::Admits)
        } else {
            Rewrite::Refused(Refusal::UpperBoundOnly)
        }
    }

    /// Returns the exact form: the clause's own where it is one (`===`, bare), else `==`.
    fn exactly(&self) -> Rewrite {
        let single = match self.alternatives {
            [clauses] => match clauses.as_slice() {
                [clause] if clause.is_exact() => Some(clause),
                _ => None,
            },
            _ => None,
        };
        match single {
            Some(clause) if clause.version == *self.to && clause.admits(self.to) => {
                Rewrite::Kept(Keep::InStep)
            }
            Some(clause) => self
                .spliced(&[(clause, exact_number(clause, self.to))])
                .unwrap_or_else(Rewrite::Refused),
            None => Rewrite::Updated(format!("=={}", self.to)),
        }
    }

    fn rewritten(&self, travel: Travel) -> Result<Rewrite, Refusal> {
        let [clauses] = self.alternatives else {
            // Which of the alternatives should follow is not for cascade to guess.
            return Err(Refusal::NotAdmitted);
        };
        let mut edits = Vec::new();
        for clause in clauses {
            if let Some(number) = self.number_of(clause, clauses, travel)? {
                edits.push((clause, number));
            }
        }
        self.spliced(&edits)
    }

    /// Returns what becomes of a clause's version; `None` where it stays.
    fn number_of(
        &self,
        clause: &Clause,
        clauses: &[Clause],
        travel: Travel,
    ) -> Result<Option<String>, Refusal> {
        Ok(match clause.op {
            Op::Not => None,
            Op::Above | Op::AtMost | Op::Below if travel == Travel::Raise => None,
            Op::AtMost | Op::Below => match self.ceiling(clause, clauses) {
                None if !clause.admits(self.to) => return Err(Refusal::Ceiling),
                moved => moved,
            },
            _ if clause.is_exact() => Some(exact_number(clause, self.to)),
            _ => Some(spelled(self.to, clause.version.release().len())),
        })
    }

    /// Returns the new ceiling where the old one was the floor's next major, minor or patch.
    fn ceiling(&self, clause: &Clause, clauses: &[Clause]) -> Option<String> {
        let floors = clauses.iter().filter(|it| it.names());
        let floor = floors.map(|it| &it.version).max()?;
        let old = &clause.version;
        if clause.op != Op::Below || old.is_post() || old.is_local() || old.epoch() != floor.epoch()
        {
            return None;
        }
        let place = (0..3).find(|it| next(floor, *it).as_ref() == Some(&released(old)))?;
        let moved = next(self.to, place)?.with_epoch(self.to.epoch());
        let suffix = self.text.get(clause.number.clone())?.trim_start_matches(
            // What follows the release (`.dev0`, `a0`) keeps pre-releases of the ceiling out.
            |c: char| c.is_ascii_digit() || matches!(c, '.' | '!'),
        );
        let dot = if suffix.starts_with("dev") { "." } else { "" };
        let number = spelled(&moved, old.release().len());
        Some(if suffix.is_empty() {
            number
        } else {
            number + dot + suffix
        })
    }

    /// Returns the text with the versions of some clauses replaced, if it admits the version.
    fn spliced(&self, edits: &[(&Clause, String)]) -> Result<Rewrite, Refusal> {
        let splices: Vec<Splice> = edits
            .iter()
            .map(|(clause, number)| Splice {
                span: clause.number.clone(),
                to: number.clone(),
            })
            .collect();
        let text = crate::splice(self.text, &splices).map_err(|_| Refusal::UnknownShape)?;
        let admits = clause::parse(&text).is_some_and(|it| any_admits(&it, self.to));
        if admits && text != self.text {
            Ok(Rewrite::Updated(text))
        } else {
            Err(Refusal::NotAdmitted)
        }
    }
}

/// Returns the release numbers of a version in as many components as asked for, with its epoch.
fn spelled(version: &Pep440, parts: usize) -> String {
    let release = version.release().iter().copied();
    let numbers = release.chain(std::iter::repeat(0)).take(parts);
    let numbers: Vec<String> = numbers.map(|it| it.to_string()).collect();
    match version.epoch() {
        0 => numbers.join("."),
        epoch => format!("{epoch}!{}", numbers.join(".")),
    }
}

/// Returns the version in as many components as the clause has, in full where it has too few.
fn exact_number(clause: &Clause, to: &Pep440) -> String {
    let short = spelled(to, clause.version.release().len());
    let is_whole = clause.op != Op::Arbitrary && short.parse().ok().as_ref() == Some(to);
    if is_whole { short } else { to.to_string() }
}

/// Returns the release that follows in the component at `place`.
fn next(version: &Pep440, place: usize) -> Option<Pep440> {
    let release = version.release().iter().copied();
    let mut numbers: Vec<u64> = release
        .chain(std::iter::repeat(0))
        .take(place + 1)
        .collect();
    let last = numbers.last_mut()?;
    *last = last.checked_add(1)?;
    Some(Pep440::new(numbers))
}

/// Returns the release numbers alone.
fn released(version: &Pep440) -> Pep440 {
    Pep440::new(version.release().iter().copied())
}

#[cfg(test)]
mod tests;
