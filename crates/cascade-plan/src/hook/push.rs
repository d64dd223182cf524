//! The lines of `pre-push` and `pre-receive`: which refs a push changes, and how.

use crate::Oid;

/// A ref that a push changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefChange {
    /// The ref's full name there; bytes that are no UTF-8 are replaced, which no version has.
    pub name: String,
    /// What it was; `None` where there was none.
    pub old: Option<Oid>,
    /// What it becomes; `None` where it goes.
    pub new: Option<Oid>,
}

/// What becomes of a ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is made.
    Create(Oid),
    /// It moves from one object to another.
    Move {
        /// What it was.
        from: Oid,
        /// What it becomes.
        to: Oid,
    },
    /// It goes.
    Delete(Oid),
    /// It stays as it is.
    Nothing,
}

/// What kind of ref a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ref<'a> {
    /// A tag, by its short name.
    Tag(&'a str),
    /// A branch, by its short name.
    Branch(&'a str),
    /// Notes, replacements, changes of a review, and whatever else.
    Other,
}

/// A line that git would not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {number} of what git hands to the hook names no ref and no two objects")]
pub struct NotALine {
    /// Which line, from 1.
    pub number: usize,
}

impl RefChange {
    /// Returns what becomes of it.
    pub fn change(&self) -> Change {
        match (self.old.clone(), self.new.clone()) {
            (None, Some(new)) => Change::Create(new),
            (Some(old), None) => Change::Delete(old),
            (Some(from), Some(to)) if from != to => Change::Move { from, to },
            _ => Change::Nothing,
        }
    }

    /// Returns what kind of ref it is.
    pub fn place(&self) -> Ref<'_> {
        let name = self.name.as_str();
        let tag = name.strip_prefix("refs/tags/").map(Ref::Tag);
        let branch = || name.strip_prefix("refs/heads/").map(Ref::Branch);
        tag.or_else(branch).unwrap_or(Ref::Other)
    }
}

/// Returns what `pre-push` reads: `LOCAL-REF LOCAL-OBJECT REMOTE-REF REMOTE-OBJECT` a line. What
/// stands first is what a person typed (`HEAD~1`, `@{1 day ago}`), and is not read.
///
/// # Errors
/// At the first line that git would not say.
pub fn pre_push(input: &[u8]) -> Result<Vec<RefChange>, NotALine> {
    lines(input, |line| {
        let mut words = line.rsplitn(4, |&byte| byte == b' ');
        let (old, name, new) = (words.next()?, words.next()?, words.next()?);
        words.next()?;
        change(name, old, new)
    })
}

/// Returns what `pre-receive` reads: `OLD-OBJECT NEW-OBJECT REF` a line.
///
/// # Errors
/// At the first line that git would not say.
pub fn pre_receive(input: &[u8]) -> Result<Vec<RefChange>, NotALine> {
    lines(input, |line| {
        let mut words = line.splitn(3, |&byte| byte == b' ');
        let (old, new, name) = (words.next()?, words.next()?, words.next()?);
        change(name, old, new)
    })
}

/// Reads every line that is not empty.
fn lines(
    input: &[u8],
    read: impl Fn(&[u8]) -> Option<RefChange>,
) -> Result<Vec<RefChange>, NotALine> {
    let lines = input.split(|&byte| byte == b'\n').zip(1..);
    let filled = lines.filter(|(line, _)| !line.is_empty());
    filled
        .map(|(line, number)| read(line).ok_or(NotALine { number }))
        .collect()
}

/// Returns the change of a ref between two objects.
fn change(name: &[u8], old: &[u8], new: &[u8]) -> Option<RefChange> {
    if name.is_empty() || name.contains(&b' ') {
        return None;
    }
    Some(RefChange {
        name: String::from_utf8_lossy(name).into_owned(),
        old: there(object(old)?),
        new: there(object(new)?),
    })
}

/// Returns the object of these digits, be it none.
fn object(digits: &[u8]) -> Option<Oid> {
    Oid::parse(str::from_utf8(digits).ok()?)
}

/// Returns an object that there is: git says 0 throughout where there is none.
fn there(object: Oid) -> Option<Oid> {
    let none = object.as_str().bytes().all(|digit| digit == b'0');
    (!none).then_some(object)
}
