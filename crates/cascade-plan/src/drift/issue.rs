//! The one issue of a workspace: which of a forge's issues it is, and what has to be done to it.
//!
//! Invariant: of all issues with the marker the lowest number is the one; every other is a double, and
//! is closed. So whoever races, one stays.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

/// How long a name may be in a marker; for a longer one its digest stands.
const LONGEST: usize = 200;

/// An issue with the marker, as a forge shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenIssue {
    /// Its number in its project.
    pub number: u64,
    /// Whether it is open.
    pub open: bool,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
}

/// What an issue says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueText {
    /// Its title.
    pub title: String,
    /// Its text, with the marker.
    pub body: String,
}

/// One thing to be done to issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueDeed {
    /// One is made.
    Create(IssueText),
    /// One becomes another.
    Change {
        /// Its number.
        number: u64,
        /// What it says from now on, where that is new.
        text: Option<IssueText>,
        /// Whether it is opened or closed, where it is not so already.
        open: Option<bool>,
    },
    /// A double is closed.
    CloseDouble {
        /// Its number.
        number: u64,
    },
}

/// Returns the marker of a workspace's issue: a comment that no name can leave, and that says each name
/// in its own way.
///
/// ```
/// use cascade_plan::drift::marker;
/// assert_eq!(marker("town"), "<!-- cascade-drift: town -->");
/// assert_eq!(marker("a --> b"), "<!-- cascade-drift: a%20-%2d%3e%20b -->");
/// ```
pub fn marker(workspace: &str) -> String {
    let mut name = String::new();
    for byte in workspace.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/');
        if is_plain || (byte == b'-' && !name.ends_with('-')) {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02x}");
        }
    }
    if name.len() > LONGEST {
        name = blake3::hash(workspace.as_bytes()).to_hex().to_string();
    }
    format!("<!-- cascade-drift: {name} -->")
}

/// Returns what has to be done so that the one issue says this, or is closed where there is nothing to
/// say; nothing where it is so already.
pub fn issue_deeds(seen: &[SeenIssue], wanted: Option<&IssueText>) -> Vec<IssueDeed> {
    let Some(one) = seen.iter().min_by_key(|it| it.number) else {
        return wanted.cloned().map(IssueDeed::Create).into_iter().collect();
    };
    let text = wanted.filter(|it| !says(one, it)).cloned();
    let open = (one.open != wanted.is_some()).then_some(wanted.is_some());
    let change = (text.is_some() || open.is_some()).then_some(IssueDeed::Change {
        number: one.number,
        text,
        open,
    });
    let doubles = seen.iter().filter(|it| it.open && it.number != one.number);
    let doubles = doubles.map(|it| IssueDeed::CloseDouble { number: it.number });
    change.into_iter().chain(doubles).collect()
}

/// Returns whether an issue says a text already; forges keep line ends in their own way.
fn says(issue: &SeenIssue, text: &IssueText) -> bool {
    let plain = |it: &str| it.replace("\r\n", "\n").trim_end().to_owned();
    plain(&issue.title) == plain(&text.title) && plain(&issue.body) == plain(&text.body)
}
