//! The edit of one version, and of the digest or commit that holds it.

use std::ops::Range;

use super::spelling::is_short;
use super::stay::{Unmoved, is_tag, is_writable};
use super::{DeployFormat, Host, Reference, Says, Sharing, says};
use crate::yaml::{Word, Yaml, is_plain};
use crate::{EditError, ReadError, Splice, splice};

/// A reference that says another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The bytes of the version that it says now; of what names none, those of what holds it.
    pub span: Range<usize>,
    /// The version that it shall say, spelled as the old one is; empty where it names none.
    pub to: String,
    /// The digest or commit that shall hold it, spelled as the old one is; `None` where nothing does.
    pub held: Option<String>,
    /// What it is moved as.
    pub how: How,
    /// Whether all references that stand on its bytes move with it ([`Reference::together`]).
    pub together: bool,
}

/// As what a reference is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// As a version, from one to another of the same spelling.
    Version,
    /// As a range, from one to another.
    Range,
    /// As a tag of git, whose spelling its repository says and no text tells.
    Tag,
}

/// Why a text could not be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// The text is not of its format.
    #[error("it can not be read: {0}")]
    Unreadable(ReadError),
    /// No reference has its version there.
    #[error("no version stands at byte {0}")]
    NoReference(usize),
    /// A reference stays as it is.
    #[error("line {line}: {why}")]
    Unmoved {
        /// The 1-based line.
        line: usize,
        /// Why.
        why: Unmoved,
    },
    /// The edits do not fit the text, or each other.
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl Move {
    /// Returns the move of a reference that nothing holds to a version, as a text with the words
    /// before its numbers.
    ///
    /// # Errors
    /// When the reference can not move, or not to that.
    pub fn of(reference: &Reference, to: &str) -> Result<Self, Unmoved> {
        if let Some(why) = reference.unmoved() {
            return Err(why);
        }
        reference.may_say(to)?;
        let span = reference.span.clone().ok_or(Unmoved::Spread)?;
        let to = to.to_owned();
        let held = None;
        let how = How::Version;
        let together = reference.shared == Sharing::Together;
        Ok(Self {
            span,
            to,
            held,
            how,
            together,
        })
    }

    /// Returns the move of a range to another one.
    ///
    /// # Errors
    /// When the reference is no range or can not move, or not to that.
    pub fn ranged(reference: &Reference, to: &str) -> Result<Self, Unmoved> {
        if let Some(why) = reference.unranged() {
            return Err(why);
        }
        let is_one = says(to) == Says::Range || (is_short(&reference.version) && is_short(to));
        if !is_one || !is_writable(to) {
            return Err(Unmoved::Unfit(to.to_owned()));
        }
        Self::as_it_is(reference, to, How::Range)
    }

    /// Returns the move of a reference on a repository of git from one tag to another, each of a
    /// spelling that the caller answers for: `net-v1.4.2`, `setup/v1.4.2`.
    ///
    /// # Errors
    /// When the reference names no tag of git or can not move, or that can be none.
    pub fn tagged(reference: &Reference, to: &str) -> Result<Self, Unmoved> {
        if let Some(why) = reference.untagged() {
            return Err(why);
        }
        if !is_tag(to) {
            return Err(Unmoved::Unfit(to.to_owned()));
        }
        Self::as_it_is(reference, to, How::Tag)
    }

    fn as_it_is(reference: &Reference, to: &str, how: How) -> Result<Self, Unmoved> {
        Ok(Self {
            span: reference.span.clone().ok_or(Unmoved::Spread)?,
            to: to.to_owned(),
            held: None,
            how,
            together: reference.shared == Sharing::Together,
        })
    }

    /// Returns the move of a reference to a version together with the digest (`sha256:...`) or commit
    /// that holds it. One that names no version moves what holds it alone: `to` is not written. Of one
    /// that a comment tells by a tag of git, `to` is that tag, or empty where the comment stays.
    ///
    /// # Errors
    /// When nothing holds the reference, or it can not move, or not to that.
    pub fn held(reference: &Reference, to: &str, held: &str) -> Result<Self, Unmoved> {
        let old = reference.held.as_ref().ok_or(Unmoved::Unheld)?;
        if let Some(why) = reference.stays() {
            return Err(why);
        }
        let held = Some(old.respelled(held)?);
        let span = reference.place().cloned().ok_or(Unmoved::Spread)?;
        if reference.version.is_empty() {
            let to = String::new();
            let how = How::Version;
            return Ok(Self {
                span,
                to,
                held,
                how,
                together: false,
            });
        }
        if reference.is_told_by_tag() {
            let to = if to.is_empty() {
                &reference.version
            } else {
                to
            };
            let fits = is_tag(to).then(|| to.to_owned());
            return Ok(Self {
                span,
                to: fits.ok_or_else(|| Unmoved::Unfit(to.to_owned()))?,
                held,
                how: How::Tag,
                together: false,
            });
        }
        reference.may_say(to)?;
        Ok(Self {
            span,
            to: to.to_owned(),
            held,
            how: How::Version,
            together: false,
        })
    }
}

impl Reference {
    /// Returns the bytes that it is known by: those of its version, else of what holds it; `None`
    /// where there are none to edit.
    pub fn place(&self) -> Option<&Range<usize>> {
        if self.version.is_empty() {
            self.held.as_ref()?.span.as_ref()
        } else {
            self.span.as_ref()
        }
    }

    /// Returns the edits after which it says what a move wants; none of what it says already.
    fn edits(&self, text: &str, it: &Move) -> Result<Vec<Splice>, Unmoved> {
        if it.together && self.shared == Sharing::Read {
            return self.together().edits(text, it);
        }
        let to = match (&it.held, it.how) {
            (None, How::Version) => Move::of(self, &it.to)?,
            (None, How::Range) => Move::ranged(self, &it.to)?,
            (None, How::Tag) => Move::tagged(self, &it.to)?,
            (Some(held), _) => Move::held(self, &it.to, held)?,
        };
        let mut splices = Vec::new();
        if self.version != to.to {
            splices.push(edit(text, self.span.as_ref(), &self.host, &to.to)?);
        }
        if let (Some(old), Some(new)) = (&self.held, &to.held)
            && old.text != *new
        {
            splices.push(edit(text, old.span.as_ref(), &old.host, new)?);
        }
        Ok(splices)
    }
}

/// Returns the edit after which bytes say `to`: in quotes where YAML would read another type.
fn edit(text: &str, span: Option<&Range<usize>>, host: &Host, to: &str) -> Result<Splice, Unmoved> {
    let span = span.cloned().ok_or(Unmoved::Spread)?;
    let bare = Splice {
        span: span.clone(),
        to: to.to_owned(),
    };
    let content = match host {
        Host::Bare | Host::Scalar { plain: false, .. } => return Ok(bare),
        Host::Spread => return Err(Unmoved::Spread),
        Host::Scalar { content, .. } => content.clone(),
    };
    let around = |range| text.get(range).ok_or(Unmoved::Spread);
    let (before, behind) = (
        around(content.start..span.start)?,
        around(span.end..content.end)?,
    );
    let whole = format!("{before}{to}{behind}");
    // What stands in braces (`${TAG:-1.4.2}`) was plain where it stands.
    let was_odd = !is_plain(around(content.clone())?);
    // A `:` within a word, as in a digest, ends none.
    let is_word = to
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-+:".contains(c))
        && !to.starts_with(':')
        && !to.ends_with(':');
    let may_stand = is_plain(&whole) || (was_odd && is_word);
    if !may_stand {
        return Err(Unmoved::Unfit(to.to_owned()));
    }
    if Word::of(&whole) == Word::Text {
        return Ok(bare);
    }
    let to = format!("\"{whole}\"");
    Ok(Splice { span: content, to })
}

impl DeployFormat {
    /// Returns the text in which these references say other versions, read again: everything else in
    /// it says the same as before. A reference that says the version already is not touched.
    ///
    /// # Errors
    /// When the text is not of this format, a reference can not move, or anything else would say
    /// something else afterwards.
    pub fn moved(&self, text: &str, moves: &[Move]) -> Result<String, MoveError> {
        Ok(splice(text, &self.edits(text, moves)?)?)
    }

    /// Returns the edits of [`DeployFormat::moved`], which were tried.
    ///
    /// # Errors
    /// As [`DeployFormat::moved`].
    pub fn edits(&self, text: &str, moves: &[Move]) -> Result<Vec<Splice>, MoveError> {
        let is_same = if self.is_yaml() { is_same_yaml } else { is_any };
        let read = |text: &str| self.read(text);
        edits_by((&read, is_same), text, moves)
    }
}

/// Reads a text, and tells whether another one says the same but for what is spliced.
pub(super) type Reader<'r> = (
    &'r dyn Fn(&str) -> Result<Vec<Reference>, ReadError>,
    fn(&str, &str, &[Splice]) -> bool,
);

/// Does what [`DeployFormat::edits`] does, by any reader.
pub(super) fn edits_by(
    (read, is_same): Reader<'_>,
    text: &str,
    moves: &[Move],
) -> Result<Vec<Splice>, MoveError> {
    let before = read(text).map_err(MoveError::Unreadable)?;
    let mut splices = Vec::new();
    for it in moves {
        let at = |reference: &&Reference| reference.place() == Some(&it.span);
        let reference = before.iter().find(at);
        let reference = reference.ok_or(MoveError::NoReference(it.span.start))?;
        let edits = reference.edits(text, it);
        splices.extend(edits.map_err(|why| MoveError::Unmoved {
            line: reference.line,
            why,
        })?);
    }
    if splices.is_empty() {
        return Ok(splices);
    }
    let edited = splice(text, &splices)?;
    let after = read(&edited).map_err(EditError::Broken)?;
    if !is_moved(&before, &after, moves) {
        return Err(EditError::Collateral("another reference").into());
    }
    if !is_same(text, &edited, &splices) {
        return Err(EditError::Collateral("another value").into());
    }
    Ok(splices)
}

/// Returns whether the same references stand there, in the versions that they were moved to.
fn is_moved(before: &[Reference], after: &[Reference], moves: &[Move]) -> bool {
    let is_same = |(a, b): (&Reference, &Reference)| {
        let to = moves.iter().find(|to| a.place() == Some(&to.span));
        let version = to.map_or(&a.version, |it| &it.to);
        let new = to.and_then(|it| it.held.as_ref());
        let wanted = a.held.as_ref();
        let wanted = wanted.map(|it| (it.by, new.unwrap_or(&it.text), it.commented));
        let held = b.held.as_ref();
        let held = held.map(|it| (it.by, &it.text, it.commented));
        (a.kind, &a.name, &a.origin, a.line) == (b.kind, &b.name, &b.origin, b.line)
            && (&a.section, a.says, a.shared) == (&b.section, b.says, b.shared)
            && a.around == b.around
            && (version, wanted) == (&b.version, held)
    };
    before.len() == after.len() && before.iter().zip(after).all(is_same)
}

/// Returns whether a text without a tree of its own says the same: its references do already.
fn is_any(_: &str, _: &str, _: &[Splice]) -> bool {
    true
}

/// Returns whether another text of YAML says the same but for the scalars that are spliced.
pub(super) fn is_same_yaml(before: &str, after: &str, splices: &[Splice]) -> bool {
    let touched: Vec<_> = splices.iter().map(|it| it.span.clone()).collect();
    let (before, after) = (Yaml::parse(before), Yaml::parse(after));
    before.is_ok_and(|before| after.is_ok_and(|after| before.is_same_but(&after, &touched)))
}
