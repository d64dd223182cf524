//! What stands in the way of a reference that shall say another version.

use super::spelling::{is_alike, is_commit, is_of_build};
use super::{Held, Hold, Reference, Says, Sharing, says, variant};
use crate::Kind;

/// Why a reference stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmoved {
    /// Its digest has to move too.
    #[error("it is held by a digest, which has to move with it")]
    Digest,
    /// Its commit has to move too.
    #[error("it is held by a commit, which has to move with it")]
    Commit,
    /// It was to move with what holds it, and nothing does.
    #[error("nothing holds it: no digest and no commit")]
    Unheld,
    /// There is nothing to move.
    #[error("it names no version")]
    Unversioned,
    /// It leaves the choice to another tool.
    #[error("it is a range, and what deploys is moved to one version")]
    Range,
    /// Its version has more to it than its numbers.
    #[error("its shape is not known: a version of three numbers at most, with or without `v`")]
    Shape,
    /// Its version is only a part of what is named.
    #[error("it is put together with something else to one name: write that in one piece")]
    Part,
    /// What stands behind its version names one build of it, and another version has others.
    #[error(
        "what stands behind its version is the number, day or commit of a build, which no other version has"
    )]
    Build,
    /// What holds it is no digest as registries write them.
    #[error("its digest is not known: `sha256:` and hexadecimal digits")]
    OddDigest,
    /// What holds it is no whole commit.
    #[error("its commit is not known: 40 hexadecimal digits")]
    OddCommit,
    /// Two digests hold it, of which one edit moves one.
    #[error("two digests hold it: write one of them")]
    Twice,
    /// Something else stands on the same bytes.
    #[error("other things are named by the same text: write it for each of them")]
    Shared,
    /// Its bytes do not stand for themselves.
    #[error("it is not written in one piece")]
    Spread,
    /// The new version, digest or commit can not stand in its place.
    #[error("`{0}` can not stand there")]
    Unfit(String),
}

impl Reference {
    /// Returns why it can not say another version by itself; `None` where it can. What is held by a
    /// digest or a commit can not: ask [`Reference::stays`] whether both can move.
    pub fn unmoved(&self) -> Option<Unmoved> {
        match &self.held {
            Some(held) => Some(held.moves_with()),
            None => self.stays(),
        }
    }

    /// Returns why it can not say another version, not even together with what holds it; `None`
    /// where it can. A digest or a commit without a version moves alone.
    pub fn stays(&self) -> Option<Unmoved> {
        let held = self.held.as_ref();
        let is_named = !self.name.contains(['$', '{']);
        let is_bare = self.version.is_empty() || self.is_told_by_tag();
        let moves_alone = held.is_some() && is_bare && is_named;
        match self.says {
            Says::Nothing if !moves_alone => Some(Unmoved::Unversioned),
            Says::Range => Some(Unmoved::Range),
            Says::Other if is_of_build(&self.version) => Some(Unmoved::Build),
            // A version by itself, and yet no one: what is named has more to it elsewhere.
            Says::Other if says(&self.version) != Says::Other => Some(Unmoved::Part),
            Says::Other => Some(Unmoved::Shape),
            Says::Variant if !self.varies() => Some(Unmoved::Shape),
            _ if held.is_some_and(|it| !it.is_known()) => held.map(Held::odd),
            _ if self.held_twice => Some(Unmoved::Twice),
            _ if self.shared > Sharing::Together => Some(Unmoved::Shared),
            _ if held.is_some_and(|it| it.span.is_none()) => Some(Unmoved::Spread),
            _ if self.span.is_none() && !moves_alone => Some(Unmoved::Spread),
            _ => None,
        }
    }

    /// Returns whether it names a variant of an image: `1.4.2-alpine`.
    pub fn varies(&self) -> bool {
        let is_known = matches!(self.says, Says::Version | Says::Variant);
        is_known && self.kind == Kind::Image && variant(&self.tagged(&self.version)).is_some()
    }

    /// Returns the whole tag of an image in the place of whose version `to` stands: with the words around
    /// an argument, as in `${TAG}-alpine`.
    pub fn tagged(&self, to: &str) -> String {
        let [before, behind] = &self.around;
        format!("{before}{to}{behind}")
    }

    /// Returns whether it stands on the very bytes of another reference of the same text.
    pub fn is_beside(&self, other: &Self) -> bool {
        self.span.is_some() && self.span == other.span
    }

    /// Returns it as one that moves with all others on its bytes, which the caller answers for: they are
    /// of one upstream, in one version. What something else takes from the same bytes stays as it is.
    #[must_use]
    pub fn together(&self) -> Self {
        let mut it = self.clone();
        if it.shared == Sharing::Read {
            it.shared = Sharing::Together;
        }
        it
    }

    /// Returns whether a comment tells its commit by a tag of git whose spelling only its repository
    /// knows: `@<commit> # net-v1.4.2`. The commit may move without it.
    pub fn is_told_by_tag(&self) -> bool {
        let held = self.held.as_ref();
        let is_commented = held.is_some_and(|it| it.by == Hold::Commit && it.commented);
        is_commented && self.says == Says::Nothing && !self.version.is_empty()
    }

    /// Returns why it can not say another range; `None` where it can.
    pub fn unranged(&self) -> Option<Unmoved> {
        match (self.says, &self.held) {
            (Says::Range, None) => self.unwritten(),
            (Says::Range, Some(held)) => Some(held.moves_with()),
            _ => self.stays().or(Some(Unmoved::Shape)),
        }
    }

    /// Returns why it can not say another tag of git, however that is spelled; `None` where it can. It
    /// does not know which tags there are.
    pub fn untagged(&self) -> Option<Unmoved> {
        let is_of_git = !matches!(self.kind, Kind::Image | Kind::Chart);
        match (self.says, &self.held) {
            (Says::Nothing | Says::Other | Says::Variant, _)
                if !is_of_git || !is_tag(&self.version) =>
            {
                self.stays().or(Some(Unmoved::Shape))
            }
            (Says::Nothing | Says::Other | Says::Variant, Some(held)) => Some(held.moves_with()),
            (Says::Nothing | Says::Other | Says::Variant, None) => self.unwritten(),
            (Says::Version | Says::Range, _) => Some(Unmoved::Shape),
        }
    }

    /// Returns why its bytes can not be others.
    fn unwritten(&self) -> Option<Unmoved> {
        match &self.span {
            _ if self.shared > Sharing::Together => Some(Unmoved::Shared),
            None => Some(Unmoved::Spread),
            Some(_) => None,
        }
    }

    /// Returns whether it can say this version, whatever holds it.
    pub(super) fn may_say(&self, to: &str) -> Result<(), Unmoved> {
        let said = says(to);
        let is_one = matches!(said, Says::Version | Says::Variant)
            && (said == Says::Variant) == (self.says == Says::Variant)
            && is_alike(to, &self.version);
        let fits = self.kind != Kind::Image || to.len() <= 128;
        if is_one && fits && is_writable(to) {
            Ok(())
        } else {
            Err(Unmoved::Unfit(to.to_owned()))
        }
    }
}

impl Held {
    /// Returns that it has to move too.
    fn moves_with(&self) -> Unmoved {
        match self.by {
            Hold::Digest => Unmoved::Digest,
            Hold::Commit => Unmoved::Commit,
        }
    }

    /// Returns whether it is written as such things are.
    fn is_known(&self) -> bool {
        match self.by {
            Hold::Commit => is_commit(&self.text),
            Hold::Digest => is_digest(&self.text),
        }
    }

    fn odd(&self) -> Unmoved {
        match self.by {
            Hold::Digest => Unmoved::OddDigest,
            Hold::Commit => Unmoved::OddCommit,
        }
    }

    /// Returns another digest or commit as this one is written: some write a digest without the
    /// `sha256:` before it.
    ///
    /// # Errors
    /// When it is none, or can not be written so.
    pub fn respelled(&self, to: &str) -> Result<String, Unmoved> {
        let (by, digits) = to.split_once(':').unwrap_or(("", to));
        let is_bare = self.by == Hold::Digest && !self.text.contains(':');
        let fits = match (self.by, by) {
            (Hold::Commit, "") => is_commit(to),
            (Hold::Digest, "") => is_bare && digits.len() == 64,
            (Hold::Digest, "sha256") => digits.len() == 64,
            (Hold::Digest, "sha512") => !is_bare && digits.len() == 128,
            _ => false,
        };
        if !fits || !is_hexadecimal(digits) {
            return Err(Unmoved::Unfit(to.to_owned()));
        }
        Ok(if is_bare { digits } else { to }.to_owned())
    }
}

/// Returns whether a text is written as digests are, with `sha256:` or without.
pub(super) fn is_digest(text: &str) -> bool {
    match text.split_once(':') {
        Some((by, digits)) => matches!(by, "sha256" | "sha512") && is_hexadecimal(digits),
        None => text.len() == 64 && is_hexadecimal(text),
    }
}

/// Returns whether a text may stand in any scalar or string.
pub(super) fn is_writable(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || "'\"\\#".contains(c))
}

/// Returns whether a text can be a tag of git, and nothing in the languages that it stands in.
pub(super) fn is_tag(text: &str) -> bool {
    let is_known = |c: char| c.is_ascii_alphanumeric() || "._/+@=-".contains(c);
    let parts = text.split('/');
    let is_part =
        |it: &str| !it.is_empty() && !it.starts_with('.') && it.strip_suffix(".lock").is_none();
    text.chars().all(is_known)
        && (1..=256).contains(&text.len())
        && !text.starts_with('-')
        && !text.contains("..")
        && !text.ends_with('.')
        && parts.into_iter().all(is_part)
}

fn is_hexadecimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_hexdigit())
}
