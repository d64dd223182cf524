//! A package that is locked at a commit of a repository, and what its lock says at another tag.
//!
//! pnpm clones a repository (`type: git`), or takes the archive that a forge makes of a commit, and
//! then locks the archive's digest as well.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};

use super::lockfile::Locator;
use crate::lock::is_commit_id;
use crate::npm::outline::Entry;
use crate::npm::published::{Published, Witness};
use crate::npm::spec::{Spec, is_name};
use crate::{Ask, Facts, Fallback, Form, Move, Source};

/// Where the one forge whose archives are known serves them.
const ARCHIVES: &str = "https://codeload.github.com/";

/// Where that forge serves its repositories.
const REPOSITORIES: &str = "https://github.com/";

/// A package as it is locked at a commit.
pub(super) struct Commit<'t> {
    /// The address of the repository.
    url: String,
    /// The commit.
    pub(super) id: &'t str,
    /// The digest of its archive, where that is what is taken.
    digest: Option<&'t str>,
    /// What the lock calls it: an address that names the commit.
    pub(super) locator: &'t str,
    /// What the lock says of where it is from.
    resolution: &'t str,
    /// Its version.
    pub(super) version: &'t str,
}

/// What a package is locked as after its move.
pub(super) struct Tagged {
    /// What the lock calls it.
    pub(super) locator: String,
    /// What the lock says of where it is from.
    pub(super) resolution: String,
    /// What its manifest says there and said before.
    pub(super) documents: (Published, Published),
}

impl<'t> Commit<'t> {
    /// Returns what a record says, where it is one of git as pnpm writes it.
    pub(super) fn of(record: &Entry<'t>) -> Option<Self> {
        let locator = Locator::of_key(record.key)?.version;
        let resolution = record.get("resolution")?.value;
        let inner = resolution.strip_prefix('{')?.strip_suffix('}')?;
        let fields: Option<Vec<_>> = inner.split(", ").map(|it| it.split_once(": ")).collect();
        let (url, id, digest) = match *fields? {
            [("commit", id), ("repo", url), ("type", "git")] => {
                let before = locator.strip_suffix(id)?.strip_suffix('#')?;
                let plain = !before.contains(id) && !url.contains(id) && !url.contains(['\'', '"']);
                plain.then_some((url.to_owned(), id, None))?
            }
            [
                ("gitHosted", "true"),
                ("integrity", digest),
                ("tarball", at),
            ] => {
                let (repository, id) = at.strip_prefix(ARCHIVES)?.split_once("/tar.gz/")?;
                let (owner, name) = repository.split_once('/')?;
                let plain = at == locator && is_name(owner) && is_name(name);
                let url = format!("{REPOSITORIES}{repository}.git");
                plain.then_some((url, id, Some(digest)))?
            }
            _ => return None,
        };
        is_commit(id).then_some(Self {
            url,
            id,
            digest,
            locator,
            resolution,
            version: record.get("version")?.str()?,
        })
    }

    /// Returns what the package is locked as when its requirement, which was the first, is the
    /// second.
    ///
    /// # Errors
    /// When these are not two tags of one repository, when the lock holds something else than the
    /// first one, or when the second can not be known.
    pub(super) fn moved(
        &self,
        facts: &dyn Facts,
        it: &Move,
        (before, after): (&str, &str),
    ) -> Result<Tagged, Fallback> {
        let because = |why: &str| Fallback(format!("`{}` {why}", it.name));
        let tags = (tag(before), tag(after));
        let (Some((old_source, old_tag)), Some((source, tag))) = tags else {
            return Err(because("comes from git, and not from a tag"));
        };
        if old_source != source {
            return Err(because("comes from another repository now"));
        }
        if facts.commit(&self.url, &old_tag)? != self.id {
            let told = format!("is locked at another commit than `{old_tag}` names now");
            return Err(because(&told));
        }
        let id = facts.commit(&self.url, &tag)?;
        if !is_commit(&id) {
            return Err(because("is of a commit that is written in another way"));
        }
        let read = |tag: &str, version: &str| {
            Published::told(facts, Witness::Tag(&self.url, tag), (&it.name, version))
        };
        let documents = (read(&tag, &it.to)?, read(&old_tag, self.version)?);
        let moved = |text: &str| text.replace(self.id, &id);
        let mut resolution = moved(self.resolution);
        if let Some(held) = self.digest {
            if digest(facts, self.locator)? != held {
                return Err(because(
                    "is locked with another digest than its archive has",
                ));
            }
            let new = digest(facts, &moved(self.locator))?;
            resolution = resolution.replace(held, &new);
        }
        Ok(Tagged {
            locator: moved(self.locator),
            resolution,
            documents,
        })
    }
}

/// Returns the repository and the tag that a requirement names.
fn tag(spec: &str) -> Option<(Source, String)> {
    let read = Spec::of(spec);
    let source = read.source.filter(|_| read.form == Form::GitTag)?;
    Some((source, read.requirement))
}

/// Returns whether it is a commit, and one that YAML does not take for a number.
fn is_commit(text: &str) -> bool {
    let is_lower = !text.bytes().any(|it| it.is_ascii_uppercase());
    is_commit_id(text) && is_lower && text.contains(['a', 'b', 'c', 'd', 'f'])
}

fn digest(facts: &dyn Facts, url: &str) -> Result<String, Fallback> {
    let archive = facts.ask(&Ask::Tarball {
        url: url.to_owned(),
    })?;
    Ok(format!(
        "sha512-{}",
        STANDARD.encode(Sha512::digest(&archive))
    ))
}
