//! The shape of an npm range: alternatives of comparators, each at its place in the text.
//!
//! Stricter than npm's own reader in its loose mode: what it would only guess at has no shape here.

use std::ops::Range;

use crate::{Scheme, Version};

/// npm's own limit for the length of a version.
const LONGEST: usize = 256;
/// The largest number that every reader of npm's versions agrees on, with room for one more.
const LARGEST: u64 = 900_719_925_474_098;

/// What a registry requirement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::npm) enum Shape<'t> {
    /// A name that the registry gives to a version (`latest`).
    Tag,
    /// Alternatives between `||`, one at least.
    Range(Vec<Alternative<'t>>),
}

/// What stands between two `||`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::npm) struct Alternative<'t> {
    /// Its text, without the spaces around it.
    pub(super) text: &'t str,
    /// Its clauses, all of which must hold; none admits everything.
    pub(super) clauses: Vec<Clause<'t>>,
}

/// One condition on a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clause<'t> {
    /// An operator and a version.
    Comparator(Operator, Partial<'t>),
    /// `1.2 - 1.4`.
    Hyphen(Partial<'t>, Partial<'t>),
}

/// How a comparator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `1.4.2`, `=1.4.2`, `1.x`.
    Equal,
    /// `^1.4`.
    Caret,
    /// `~1.4`.
    Tilde,
    /// `>=1.4`.
    AtLeast,
    /// `>1.4`.
    Above,
    /// `<=1.9`.
    AtMost,
    /// `<2`.
    Below,
}

/// A version of which the last parts may be missing or wild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partial<'t> {
    /// The parts that are numbers.
    pub(super) numbers: Vec<u64>,
    /// The wild parts as written, with their dots (`.x`).
    pub(super) wild: &'t str,
    /// The pre-release, without its hyphen.
    pub(super) pre: &'t str,
    /// Its bytes in the requirement, build metadata included.
    pub(super) span: Range<usize>,
}

impl<'t> Shape<'t> {
    /// Returns the shape of the text; `None` where it has none that is known.
    pub(in crate::npm) fn of(text: &'t str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut at = 0;
        let mut alternatives = Vec::new();
        for piece in text.split("||") {
            match Alternative::of(piece, at) {
                Some(it) => alternatives.push(it),
                None => return is_tag(text.trim()).then_some(Self::Tag),
            }
            at += piece.len() + 2;
        }
        Some(Self::Range(alternatives))
    }
}

impl<'t> Alternative<'t> {
    fn of(piece: &'t str, at: usize) -> Option<Self> {
        let mut scan = Scan { text: piece, at: 0 };
        let mut clauses = Vec::new();
        scan.spaces();
        while !scan.is_done() {
            clauses.push(scan.clause(at)?);
            if scan.spaces() == 0 && !scan.is_done() {
                return None;
            }
        }
        let text = piece.trim_matches(is_space);
        let hyphens = clauses.iter().any(|it| matches!(it, Clause::Hyphen(..)));
        (!hyphens || clauses.len() == 1).then_some(Self { text, clauses })
    }

    /// Returns whether it admits every final version.
    pub(super) fn is_any(&self) -> bool {
        self.clauses
            .iter()
            .all(|it| matches!(it, Clause::Comparator(_, partial) if partial.numbers.is_empty()))
    }

    /// Returns whether npm makes nothing of it but "any version", and so forgets the alternatives
    /// beside it.
    pub(super) fn is_forgetful(&self) -> bool {
        self.clauses.iter().all(Clause::is_nothing)
    }

    /// Returns the highest version that a lower bound of it names.
    pub(super) fn named(&self) -> Option<Version> {
        self.clauses.iter().filter_map(Clause::named).max()
    }
}

impl Clause<'_> {
    /// Returns whether npm takes it for no clause at all: `*`, and `>=0` as well.
    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Comparator(Operator::AtLeast, it) if it.pre.is_empty() => it.filled() == [0; 3],
            Self::Comparator(_, it) => it.numbers.is_empty(),
            Self::Hyphen(..) => false,
        }
    }

    fn named(&self) -> Option<Version> {
        match self {
            Self::Comparator(Operator::Below | Operator::AtMost, _) => None,
            Self::Comparator(_, partial) | Self::Hyphen(partial, _) => partial.named(),
        }
    }

    /// Returns the one way to write it, in a form that any reader of npm's ranges understands.
    pub(super) fn plain(&self) -> String {
        match self {
            Self::Hyphen(low, high) => format!("{} - {}", low.plain(), high.plain()),
            // A bound that lacks parts excludes the pre-releases of what it names.
            Self::Comparator(Operator::Below, it) if it.numbers.len() < 3 => {
                let [major, minor, patch] = it.filled();
                format!("<{major}.{minor}.{patch}-0")
            }
            Self::Comparator(_, it) if it.numbers.is_empty() => "*".to_owned(),
            Self::Comparator(operator, it) => format!("{}{}", operator.sign(), it.plain()),
        }
    }
}

impl Operator {
    fn sign(self) -> &'static str {
        match self {
            Self::Equal => "",
            Self::Caret => "^",
            Self::Tilde => "~",
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::Below => "<",
        }
    }
}

impl Partial<'_> {
    /// Returns the numbers, missing ones as 0.
    pub(super) fn filled(&self) -> [u64; 3] {
        let part = |n: usize| self.numbers.get(n).copied().unwrap_or(0);
        [part(0), part(1), part(2)]
    }

    fn named(&self) -> Option<Version> {
        let [major, minor, patch] = self.filled();
        let hyphen = if self.pre.is_empty() { "" } else { "-" };
        let text = format!("{major}.{minor}.{patch}{hyphen}{}", self.pre);
        let any = self.numbers.is_empty();
        Version::parse(Scheme::Semver, &text).filter(|_| !any)
    }

    fn plain(&self) -> String {
        let hyphen = if self.pre.is_empty() { "" } else { "-" };
        format!("{}{hyphen}{}", dotted(&self.numbers), self.pre)
    }
}

/// Returns the numbers with dots between them.
pub(super) fn dotted(numbers: &[u64]) -> String {
    let texts: Vec<String> = numbers.iter().map(u64::to_string).collect();
    texts.join(".")
}

/// A place in the text of an alternative.
struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scan<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn is_done(&self) -> bool {
        self.rest().is_empty()
    }

    fn eat(&mut self, word: &str) -> bool {
        let there = self.rest().starts_with(word);
        self.at += if there { word.len() } else { 0 };
        there
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn spaces(&mut self) -> usize {
        self.take(is_space).len()
    }

    fn clause(&mut self, base: usize) -> Option<Clause<'t>> {
        let sign = self.operator();
        if sign.is_some() {
            self.spaces();
        }
        self.eat("v");
        let partial = self.partial(base)?;
        let operator = sign.unwrap_or(Operator::Equal);
        if matches!(operator, Operator::Above | Operator::Below) && partial.numbers.is_empty() {
            return None;
        }
        match sign {
            None if self.hyphen() => {
                self.eat("v");
                let high = self.partial(base)?;
                let both = !partial.numbers.is_empty() && !high.numbers.is_empty();
                both.then_some(Clause::Hyphen(partial, high))
            }
            _ => Some(Clause::Comparator(operator, partial)),
        }
    }

    fn operator(&mut self) -> Option<Operator> {
        // The longer spelling first.
        let signs = [
            (">=", Operator::AtLeast),
            ("<=", Operator::AtMost),
            ("~>", Operator::Tilde),
            (">", Operator::Above),
            ("<", Operator::Below),
            ("=", Operator::Equal),
            ("^", Operator::Caret),
            ("~", Operator::Tilde),
        ];
        signs
            .into_iter()
            .find_map(|(sign, it)| self.eat(sign).then_some(it))
    }

    /// Moves behind a ` - ` if one follows.
    fn hyphen(&mut self) -> bool {
        let start = self.at;
        let there = self.spaces() > 0 && self.eat("-") && self.spaces() > 0;
        if !there {
            self.at = start;
        }
        there
    }

    fn partial(&mut self, base: usize) -> Option<Partial<'t>> {
        let start = self.at;
        let numbers = self.numbers()?;
        let wild = self.wild(numbers.len())?;
        let pre = if numbers.len() == 3 {
            self.extras()?
        } else {
            ""
        };
        (self.at > start).then_some(Partial {
            numbers,
            wild,
            pre,
            span: start + base..self.at + base,
        })
    }

    fn numbers(&mut self) -> Option<Vec<u64>> {
        let mut numbers = Vec::new();
        while numbers.len() < 3 {
            let before = self.at;
            let dot = numbers.is_empty() || self.eat(".");
            let digits = self.take(|c| c.is_ascii_digit());
            if !dot || digits.is_empty() {
                self.at = before;
                break;
            }
            numbers.push(number(digits)?);
        }
        Some(numbers)
    }

    /// Returns the wild parts behind so many numbers; `None` where there are too many.
    fn wild(&mut self, numbers: usize) -> Option<&'t str> {
        let start = self.at;
        let mut parts = numbers;
        loop {
            let before = self.at;
            let dot = parts == 0 || self.eat(".");
            if !dot || !["x", "X", "*"].into_iter().any(|it| self.eat(it)) {
                self.at = before;
                break;
            }
            parts += 1;
        }
        let wild = self.text.get(start..self.at)?;
        (parts <= 3).then_some(wild)
    }

    /// Returns the pre-release behind a whole version, and moves behind its build metadata.
    fn extras(&mut self) -> Option<&'t str> {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let pre = if self.eat("-") { self.take(word) } else { "" };
        let hyphen = self.text.get(..self.at)?.ends_with('-');
        if (hyphen && pre.is_empty()) || semver::Prerelease::new(pre).is_err() {
            return None;
        }
        if self.eat("+") {
            let build = self.take(word);
            (!build.is_empty() && semver::BuildMetadata::new(build).is_ok()).then_some(())?;
        }
        Some(pre)
    }
}

fn number(digits: &str) -> Option<u64> {
    let plain = digits.len() == 1 || !digits.starts_with('0');
    let value = digits.parse().ok().filter(|&it| it <= LARGEST)?;
    plain.then_some(value)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Returns whether the registry may know a version by this name. A text that was meant as a version
/// (`v1.2.3.4`, `x.1`) is none.
fn is_tag(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next().unwrap_or(' ');
    let second = chars.next().unwrap_or(' ');
    let version = matches!(first, 'v' | 'V' | 'x' | 'X')
        && (second.is_ascii_digit() || matches!(second, '.' | '*'));
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    first.is_ascii_alphabetic() && !version && text.chars().all(word)
}
