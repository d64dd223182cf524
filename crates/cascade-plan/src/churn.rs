//! The churn guard: what moved in a lock that nobody named.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cascade_manifest::{Entry, Names};

/// A package that moved in a lock although nobody named it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Churn {
    /// Its canonical name.
    pub name: String,
    /// The versions that went.
    pub from: Vec<String>,
    /// The versions that came.
    pub to: Vec<String>,
}

impl fmt::Display for Churn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, from, to) = (&self.name, self.from.join(", "), self.to.join(", "));
        match (self.from.is_empty(), self.to.is_empty()) {
            (true, _) => write!(f, "{name} {to} came"),
            (false, true) => write!(f, "{name} {from} went"),
            (false, false) if from == to => write!(f, "{name} {from} comes from elsewhere"),
            (false, false) => write!(f, "{name} {from} -> {to}"),
        }
    }
}

/// The versions of a package, each with where it comes from.
type Versions<'a> = BTreeSet<(&'a str, &'a str)>;

/// One state of a lock: what it holds and who requires what, by name.
struct State<'a> {
    versions: BTreeMap<&'a str, Versions<'a>>,
    requires: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> State<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let mut state = Self {
            versions: BTreeMap::new(),
            requires: BTreeMap::new(),
        };
        for it in entries {
            let versions = state.versions.entry(&it.name).or_default();
            versions.insert((&it.version, &it.source));
            let requires = state.requires.entry(&it.name).or_default();
            requires.extend(it.requires.iter().map(String::as_str));
        }
        state
    }

    fn versions(&self, name: &str) -> impl Iterator<Item = &(&'a str, &'a str)> {
        self.versions.get(name).into_iter().flatten()
    }

    fn requires(&self, name: &str, other: &str) -> bool {
        self.requires.get(name).is_some_and(|it| it.contains(other))
    }
}

/// Returns what moved between two states of a lock that was not named, is no new dependency of what
/// was, and was not left without anyone who requires it.
pub fn churn(before: &[Entry], after: &[Entry], named: &Names) -> Vec<Churn> {
    let (old, new) = (State::of(before), State::of(after));
    let all: BTreeSet<&str> = old
        .versions
        .keys()
        .chain(new.versions.keys())
        .copied()
        .collect();
    let moves: BTreeMap<&str, Churn> = all
        .into_iter()
        .filter(|it| !named.contains(*it))
        .filter_map(|it| Some((it, moved(&old, &new, it)?)))
        .collect();
    let came = welcome(&new, &moves, named);
    let went = orphans(&old, &new, &moves, named);
    let excused = |it: &Churn| match (it.from.is_empty(), it.to.is_empty()) {
        (true, _) => came.contains(it.name.as_str()),
        (_, true) => went.contains(it.name.as_str()),
        _ => false,
    };
    moves.into_values().filter(|it| !excused(it)).collect()
}

/// Returns how a package's versions differ; `None` where they do not.
fn moved(old: &State<'_>, new: &State<'_>, name: &str) -> Option<Churn> {
    let (a, b): (Versions<'_>, Versions<'_>) = (
        old.versions(name).copied().collect(),
        new.versions(name).copied().collect(),
    );
    let told = |it: &(&str, &str)| it.0.to_owned();
    (a != b).then(|| Churn {
        name: name.to_owned(),
        from: a.difference(&b).map(told).collect(),
        to: b.difference(&a).map(told).collect(),
    })
}

/// Returns the packages that only came, and that what was named requires, directly or through
/// others that only came.
fn welcome<'a>(
    new: &State<'a>,
    moves: &BTreeMap<&'a str, Churn>,
    named: &'a Names,
) -> BTreeSet<&'a str> {
    let came = |it: &str| moves.get(it).is_some_and(|it| it.from.is_empty());
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = named.iter().map(String::as_str).collect();
    while let Some(at) = open.pop() {
        for it in new.requires.get(at).into_iter().flatten() {
            if came(it) && found.insert(*it) {
                open.push(it);
            }
        }
    }
    found
}

/// Returns the packages that only went, and that what was named, or what went with them, requires
/// no longer.
fn orphans<'a>(
    old: &State<'a>,
    new: &State<'a>,
    moves: &BTreeMap<&'a str, Churn>,
    named: &'a Names,
) -> BTreeSet<&'a str> {
    let went = |it: &str| moves.get(it).is_some_and(|it| it.to.is_empty());
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = named.iter().map(String::as_str).collect();
    while let Some(at) = open.pop() {
        for it in old.requires.get(at).into_iter().flatten() {
            if went(it) && !new.requires(at, it) && found.insert(*it) {
                open.push(it);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
