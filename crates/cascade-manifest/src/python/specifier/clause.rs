//! One clause of a requirement: an operator and a version, each at its place in the text.

use std::ops::Range;

use pep440_rs::{Operator, Version, VersionSpecifier};

use crate::Scheme;

/// What a clause says of its version. PEP 440 has most; caret, tilde and bare are Poetry's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    /// `1.4.2`, Poetry's way to write `==1.4.2`, and `==` itself.
    Equal,
    /// `===`.
    Arbitrary,
    /// `!=`.
    Not,
    /// `~=`.
    Compatible,
    /// `^`.
    Caret,
    /// `~`.
    Tilde,
    /// `>=`.
    AtLeast,
    /// `>`.
    Above,
    /// `<=`.
    AtMost,
    /// `<`.
    Below,
}

/// The longer spelling stands before its own beginning; the empty one is last.
const SPELLINGS: &[(&str, Op)] = &[
    ("===", Op::Arbitrary),
    ("==", Op::Equal),
    ("~=", Op::Compatible),
    ("!=", Op::Not),
    (">=", Op::AtLeast),
    ("<=", Op::AtMost),
    ("^", Op::Caret),
    ("~", Op::Tilde),
    (">", Op::Above),
    ("<", Op::Below),
    ("=", Op::Equal),
    ("", Op::Equal),
];

/// An operator and its version.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    pub(super) op: Op,
    pub(super) version: Version,
    /// The bytes of the version in the requirement, without `.*`, and without `v` where that says
    /// nothing.
    pub(super) number: Range<usize>,
    /// What stands there.
    text: String,
    /// Whether `.*` follows.
    pub(super) starred: bool,
    checks: Vec<VersionSpecifier>,
}

/// Clauses that must all hold; none for "any version".
pub(super) type Alternative = Vec<Clause>;

/// Returns the alternatives of a requirement, each a list of clauses; `None` for a shape that
/// neither PEP 440 nor Poetry has.
pub(super) fn parse(text: &str) -> Option<Vec<Alternative>> {
    if text.trim().is_empty() {
        return Some(vec![Alternative::new()]);
    }
    let mut alternatives = Vec::new();
    let mut at = 0;
    loop {
        let (clauses, end) = alternative(text, at)?;
        alternatives.push(clauses);
        let rest = text.get(end..)?;
        if rest.is_empty() {
            return Some(alternatives);
        }
        at = end + if rest.starts_with("||") { 2 } else { 1 };
    }
}

/// Returns the clauses from byte `at` up to a `|` or the end, and where they end.
fn alternative(text: &str, at: usize) -> Option<(Alternative, usize)> {
    let mut clauses = Alternative::new();
    let mut at = skip_blanks(text, at);
    let mut seen_any = false;
    while !matches!(text.as_bytes().get(at), None | Some(b'|')) {
        let (clause, end) = clause(text, at)?;
        clauses.extend(clause);
        seen_any = true;
        at = skip_blanks(text, end);
        if text.as_bytes().get(at) == Some(&b',') {
            at = skip_blanks(text, at + 1);
        }
    }
    seen_any.then_some((clauses, at))
}

/// Returns the clause at byte `at` (nothing for `*`) and where it ends.
fn clause(text: &str, at: usize) -> Option<(Option<Clause>, usize)> {
    let rest = text.get(at..)?;
    let (spelling, op) = SPELLINGS.iter().find(|(it, _)| rest.starts_with(it))?;
    let start = skip_blanks(text, at + spelling.len());
    let rest = text.get(start..)?;
    let length = rest
        .find(|c: char| c.is_whitespace() || matches!(c, ',' | '|'))
        .unwrap_or(rest.len());
    let token = rest.get(..length)?;
    if token == "*" && spelling.is_empty() {
        return Some((None, start + length));
    }
    let bare = match op {
        Op::Arbitrary => token,
        _ => without_v(token),
    };
    let unstarred = bare.strip_suffix(".*").or_else(|| {
        let is_bare = spelling.is_empty();
        bare.strip_suffix(['x', 'X'])
            .filter(|_| is_bare)?
            .strip_suffix('.')
    });
    let number = unstarred.unwrap_or(bare);
    let start_of_number = start + (token.len() - bare.len());
    let span = start_of_number..start_of_number + number.len();
    let clause = Clause::new(*op, number, span, unstarred.is_some())?;
    Some((Some(clause), start + length))
}

/// Returns the text without a leading `v`.
pub(super) fn without_v(text: &str) -> &str {
    text.strip_prefix(['v', 'V']).unwrap_or(text)
}

fn skip_blanks(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + (rest.len() - rest.trim_start().len())
}

impl Clause {
    fn new(op: Op, text: &str, number: Range<usize>, starred: bool) -> Option<Self> {
        let version = crate::Version::parse(Scheme::Pep440, without_v(text))?
            .pep440()?
            .clone();
        let checks = checks(op, &version, starred)?;
        Some(Self {
            op,
            version,
            number,
            text: text.to_owned(),
            starred,
            checks,
        })
    }

    /// Returns whether the clause names the version that the requirement is about.
    pub(super) fn names(&self) -> bool {
        !matches!(self.op, Op::Not | Op::AtMost | Op::Below)
    }

    /// Returns whether the clause admits one version only.
    pub(super) fn is_exact(&self) -> bool {
        matches!(self.op, Op::Equal | Op::Arbitrary) && !self.starred
    }

    /// Returns whether the version satisfies the clause, rules for pre-releases aside.
    pub(super) fn admits(&self, version: &Version) -> bool {
        match self.op {
            Op::Arbitrary => return version.to_string().eq_ignore_ascii_case(&self.text),
            // The matcher keeps out all pre-releases of these numbers, the lower ones too.
            Op::Below if self.version.any_prerelease() => return *version < self.version,
            _ => {}
        }
        let parts = self.version.release().len();
        if self.starred && version.release().len() < parts {
            // The matcher compares as many numbers as there are: `1` would be within `1.4.*`.
            let mut release = version.release().to_vec();
            release.resize(parts, 0);
            let version = version.clone().with_release(release);
            return self.checks.iter().all(|it| it.contains(&version));
        }
        self.checks.iter().all(|it| it.contains(version))
    }

    /// Returns what two clauses must share to say the same: trailing zeros count only where the
    /// number of components has a meaning.
    pub(super) fn meaning(&self) -> (Op, Version, bool, usize) {
        use Op::{Arbitrary, Caret, Compatible, Tilde};
        let counts = self.starred || matches!(self.op, Arbitrary | Compatible | Caret | Tilde);
        let parts = if counts {
            self.version.release().len()
        } else {
            0
        };
        (self.op, self.version.clone(), self.starred, parts)
    }
}

/// Returns PEP 440's own specifiers for a clause; `None` where the operator can not stand before
/// such a version.
fn checks(op: Op, version: &Version, starred: bool) -> Option<Vec<VersionSpecifier>> {
    let plain = |op, version: &Version| VersionSpecifier::from_version(op, version.clone()).ok();
    if starred {
        let is_release = !version.any_prerelease() && !version.is_post() && !version.is_local();
        let op = match op {
            Op::Equal if is_release => Operator::EqualStar,
            Op::Not if is_release => Operator::NotEqualStar,
            _ => return None,
        };
        return Some(vec![plain(op, version)?]);
    }
    let op = match op {
        Op::Equal => Operator::Equal,
        Op::Arbitrary => Operator::ExactEqual,
        Op::Not => Operator::NotEqual,
        Op::Compatible => Operator::TildeEqual,
        Op::AtLeast => Operator::GreaterThanEqual,
        Op::Above => Operator::GreaterThan,
        Op::AtMost => Operator::LessThanEqual,
        Op::Below => Operator::LessThan,
        Op::Caret | Op::Tilde => {
            let floor = plain(Operator::GreaterThanEqual, version)?;
            let ceiling = plain(Operator::LessThan, &poetry_ceiling(op, version)?)?;
            return Some(vec![floor, ceiling]);
        }
    };
    Some(vec![plain(op, version)?])
}

/// Returns the first version that Poetry's caret or tilde no longer admits.
fn poetry_ceiling(op: Op, version: &Version) -> Option<Version> {
    let release = version.release();
    let kept = match op {
        Op::Caret => release.iter().take_while(|it| **it == 0).count(),
        _ => 1,
    };
    let raised = kept.min(release.len().checked_sub(1)?);
    let mut numbers: Vec<u64> = release.iter().copied().take(raised + 1).collect();
    let last = numbers.last_mut()?;
    *last = last.checked_add(1)?;
    Some(Version::new(numbers).with_epoch(version.epoch()))
}
