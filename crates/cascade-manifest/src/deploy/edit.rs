//! The edit of one version, and what stands in its way.

use std::ops::Range;

use super::spelling::is_alike;
use super::{DeployFormat, Hold, Host, Reference, Says, says};
use crate::yaml::{Word, Yaml, is_plain};
use crate::{EditError, Kind, ReadError, Splice, splice};

/// A reference that says another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The bytes of the version that it says now.
    pub span: Range<usize>,
    /// The version that it shall say, spelled as the old one is.
    pub to: String,
}

/// Why a reference stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmoved {
    /// Its digest would have to move too.
    #[error("it is held by a digest, and digests are not moved yet")]
    Digest,
    /// Its commit would have to move too.
    #[error("it is held by a commit, and commits are not moved yet")]
    Commit,
    /// There is nothing to move.
    #[error("it names no version")]
    Unversioned,
    /// It leaves the choice to another tool.
    #[error("it is a range, and what deploys is moved to one version")]
    Range,
    /// Its version has more to it than its numbers.
    #[error("its shape is not known: a version of three numbers at most, with or without `v`")]
    Shape,
    /// Something else stands on the same bytes.
    #[error("other things are named by the same text: write it for each of them")]
    Shared,
    /// Its bytes do not stand for themselves.
    #[error("it is not written in one piece")]
    Spread,
    /// The new version can not stand in its place.
    #[error("`{0}` can not stand there")]
    Unfit(String),
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
    /// Returns the move of a reference to a version, as a text with the words before its numbers.
    ///
    /// # Errors
    /// When the reference can not move, or not to that.
    pub fn of(reference: &Reference, to: &str) -> Result<Self, Unmoved> {
        reference.may_say(to)?;
        let span = reference.span.clone().ok_or(Unmoved::Spread)?;
        let to = to.to_owned();
        Ok(Self { span, to })
    }
}

impl Reference {
    /// Returns why it can not say another version; `None` where it can.
    pub fn unmoved(&self) -> Option<Unmoved> {
        match (self.held.as_ref().map(|it| it.by), self.says) {
            (Some(Hold::Digest), _) => Some(Unmoved::Digest),
            (Some(Hold::Commit), _) => Some(Unmoved::Commit),
            (None, Says::Nothing) => Some(Unmoved::Unversioned),
            (None, Says::Range) => Some(Unmoved::Range),
            (None, Says::Other) => Some(Unmoved::Shape),
            (None, Says::Version) if self.shared => Some(Unmoved::Shared),
            (None, Says::Version) if self.span.is_none() => Some(Unmoved::Spread),
            (None, Says::Version) => None,
        }
    }

    fn may_say(&self, to: &str) -> Result<(), Unmoved> {
        if let Some(why) = self.unmoved() {
            return Err(why);
        }
        let is_one = says(to) == Says::Version && is_alike(to, &self.version);
        let fits = self.kind != Kind::Image || to.len() <= 128;
        let lines = !to.contains(|c: char| c.is_control() || "'\"\\#".contains(c));
        if is_one && fits && lines {
            Ok(())
        } else {
            Err(Unmoved::Unfit(to.to_owned()))
        }
    }

    /// Returns the edit after which it says `to`: in quotes where YAML would read another type.
    fn edit(&self, text: &str, to: &str) -> Result<Splice, Unmoved> {
        self.may_say(to)?;
        let span = self.span.clone().ok_or(Unmoved::Spread)?;
        let bare = Splice {
            span: span.clone(),
            to: to.to_owned(),
        };
        let content = match &self.host {
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
        if !is_plain(&whole) {
            return Err(Unmoved::Unfit(to.to_owned()));
        }
        if Word::of(&whole) == Word::Text {
            return Ok(bare);
        }
        let to = format!("\"{whole}\"");
        Ok(Splice { span: content, to })
    }
}

impl DeployFormat {
    /// Returns the text in which these references say other versions, read again: everything else in
    /// it says the same as before. A reference that says the version already is not touched.
    ///
    /// # Errors
    /// When the text is not of this format, a reference can not move, or anything else would say
    /// something else afterwards.
    pub fn moved(&self, text: &str, moves: &[Move]) -> Result<String, MoveError> {
        let before = self.read(text).map_err(MoveError::Unreadable)?;
        let mut splices = Vec::new();
        for it in moves {
            let at = |reference: &&Reference| reference.span.as_ref() == Some(&it.span);
            let reference = before.iter().find(at);
            let reference = reference.ok_or(MoveError::NoReference(it.span.start))?;
            let unmoved = |why| MoveError::Unmoved {
                line: reference.line,
                why,
            };
            if let Some(why) = reference.unmoved() {
                return Err(unmoved(why));
            }
            if reference.version != it.to {
                splices.push(reference.edit(text, &it.to).map_err(unmoved)?);
            }
        }
        if splices.is_empty() {
            return Ok(text.to_owned());
        }
        let edited = splice(text, &splices)?;
        let after = self.read(&edited).map_err(EditError::Broken)?;
        if !is_moved(&before, &after, moves) {
            return Err(EditError::Collateral("another reference").into());
        }
        if self.is_yaml() && !is_same_but(text, &edited, &splices) {
            return Err(EditError::Collateral("another value").into());
        }
        Ok(edited)
    }
}

/// Returns whether the same references stand there, in the versions that they were moved to.
fn is_moved(before: &[Reference], after: &[Reference], moves: &[Move]) -> bool {
    let wanted = |it: &Reference| {
        let to = moves.iter().find(|to| it.span.as_ref() == Some(&to.span));
        to.map_or(it.version.clone(), |it| it.to.clone())
    };
    let held = |it: &Reference| it.held.as_ref().map(|it| (it.by, it.text.clone()));
    let is_same = |(a, b): (&Reference, &Reference)| {
        (a.kind, &a.name, &a.origin, a.line) == (b.kind, &b.name, &b.origin, b.line)
            && (&a.section, a.says, a.shared) == (&b.section, b.says, b.shared)
            && held(a) == held(b)
            && wanted(a) == b.version
    };
    before.len() == after.len() && before.iter().zip(after).all(is_same)
}

fn is_same_but(before: &str, after: &str, splices: &[Splice]) -> bool {
    let touched: Vec<_> = splices.iter().map(|it| it.span.clone()).collect();
    let (before, after) = (Yaml::parse(before), Yaml::parse(after));
    before.is_ok_and(|before| after.is_ok_and(|after| before.is_same_but(&after, &touched)))
}
