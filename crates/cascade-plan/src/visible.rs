//! What an index shows of a version, and what several readings of it come to.
//!
//! A tag that is pushed only starts a publisher. A version is *visible* when the index that
//! resolvers read lists it, with every file and every digest, in two readings in a row.

mod beyond;
mod image;
mod pace;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cascade_manifest::{Ecosystem, ListedFile, Listing, Version};
use serde::{Deserialize, Serialize};

use crate::name_pattern;

pub use beyond::{Beyond, beyond};
pub use image::{CHART, DigestSight, IMAGE, TagsShown, judge_chart, judge_image};
pub use pace::Pace;
pub use watch::{Turn, Watch};

/// The files of a version: their digests by name.
pub type Digests = BTreeMap<String, String>;

/// What a version has to be like before it counts as visible.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expected {
    /// Patterns of file names, each of which a file has to match; without any, the files have to be
    /// of the kinds that the earlier release had.
    #[serde(default)]
    pub files: Vec<String>,
    /// The digests that files must have, by name, where they are known: `sha256:...`.
    #[serde(default)]
    pub digests: Digests,
}

/// A version that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Awaited {
    /// The ecosystem of its package; [`IMAGE`] or [`CHART`] for one of these.
    pub ecosystem: String,
    /// The name of its package, as its manifest writes it; the repository of an image.
    pub name: String,
    /// The version.
    pub version: String,
    /// Where it appears.
    pub outlet: Outlet,
    /// What it has to be like.
    pub expected: Expected,
}

/// Where a package appears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Outlet {
    /// Where the settings of its ecosystem's own tools say.
    #[default]
    Configured,
    /// In the index at this address.
    Address(String),
    /// In this folder, from that of the workspace file.
    Folder(String),
    /// In the registry that an image's own name says.
    Image {
        /// The tags that follow the latest final version.
        moving: Vec<String>,
    },
    /// On a git remote, as any one of these tags.
    Tags {
        /// The remote.
        remote: String,
        /// The tags.
        tags: Vec<String>,
    },
}

/// What one reading of an index showed of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "sight",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Sight {
    /// It is listed with every file that was expected, and with their digests.
    Complete {
        /// The files.
        files: Digests,
    },
    /// It is listed, and something is missing yet.
    Incomplete {
        /// The files that are there and have a digest.
        files: Digests,
        /// What is missing, in words.
        lacking: Vec<String>,
        /// Whether all that is missing may have been left for as much that is new: the wheels of
        /// an old Python, where there are those of a new one.
        left: bool,
    },
    /// The project is known, and the version is not.
    Absent {
        /// The highest version that is known.
        latest: Option<String>,
    },
    /// The project is not known.
    NoProject,
    /// It is listed, and was taken back.
    Yanked {
        /// Why, as its publisher said; may be empty.
        why: String,
    },
    /// A file is not the one that was expected, or that was there before.
    Differs {
        /// Its name.
        file: String,
        /// The digest that it should have.
        expected: String,
        /// The digest that it has.
        found: String,
    },
    /// Nothing says where to look.
    Nowhere {
        /// Why.
        why: String,
    },
    /// The index did not answer, which says nothing of what it lists.
    Unreached {
        /// Why.
        why: String,
        /// How long it asks to be left alone.
        wait: Option<Duration>,
    },
}

/// Returns what a listing shows of a version.
pub fn judge(
    listing: &Listing,
    ecosystem: &Ecosystem,
    version: &str,
    expected: &Expected,
) -> Sight {
    let wanted = parsed(ecosystem, version);
    let is_it = |it: &str| match &wanted {
        Some(wanted) => parsed(ecosystem, it).as_ref() == Some(wanted),
        None => it == version,
    };
    let all = listing.releases().filter(|it| is_it(it.0));
    let all: Vec<&ListedFile> = all.flat_map(|it| it.1).collect();
    let (there, gone): (Vec<&ListedFile>, Vec<&ListedFile>) =
        all.into_iter().partition(|it| it.yanked.is_none());
    if there.is_empty() {
        return gone_or_absent(&gone, listing, ecosystem);
    }
    if let Some(differs) = there.iter().find_map(|it| expected.differs(it)) {
        return differs;
    }
    let (lacking, left) = if expected.files.is_empty() {
        let before = earlier(listing, ecosystem, wanted.as_ref());
        (lacking_kinds(&there, &before), is_left(&there, &before))
    } else {
        (lacking_files(&there, &expected.files), false)
    };
    let undigested = there.iter().filter(|it| it.digest.is_none());
    let undigested = undigested.map(|it| format!("the digest of {}", it.name));
    let undigested: Vec<String> = undigested.collect();
    let left = left && undigested.is_empty();
    let lacking: Vec<String> = lacking.into_iter().chain(undigested).collect();
    let files = there.iter();
    let files = files.filter_map(|it| Some((it.name.clone(), it.digest.clone()?)));
    let files = files.collect();
    if lacking.is_empty() {
        Sight::Complete { files }
    } else {
        Sight::Incomplete {
            files,
            lacking,
            left,
        }
    }
}

/// Returns what is shown of a version without a file that stands.
fn gone_or_absent(gone: &[&ListedFile], listing: &Listing, ecosystem: &Ecosystem) -> Sight {
    match gone.first() {
        Some(it) => Sight::Yanked {
            why: it.yanked.clone().unwrap_or_default(),
        },
        None => Sight::Absent {
            latest: latest(listing, ecosystem),
        },
    }
}

impl Expected {
    fn differs(&self, file: &ListedFile) -> Option<Sight> {
        let expected = self.digests.get(&file.name)?;
        let found = file.digest.as_ref()?;
        (!agree(expected, found)).then(|| Sight::Differs {
            file: file.name.clone(),
            expected: expected.clone(),
            found: found.clone(),
        })
    }
}

/// Returns whether two digests may be of one file: two of different algorithms say nothing.
fn agree(one: &str, two: &str) -> bool {
    let algorithm = |it: &str| it.split([':', '-']).next().map(str::to_ascii_lowercase);
    if algorithm(one) != algorithm(two) {
        return true;
    }
    // Hexadecimal digits may be of either case; base64, behind a dash, may not.
    one == two || (one.contains(':') && one.eq_ignore_ascii_case(two))
}

/// Returns a version as an index spells it; Go writes a `v` before it.
fn parsed(ecosystem: &Ecosystem, text: &str) -> Option<Version> {
    let plain = match ecosystem.paths {
        Some(_) => text.strip_prefix('v').unwrap_or(text),
        None => text,
    };
    Version::parse(ecosystem.scheme, plain)
}

/// Returns the highest version of a listing, a final one where there is one.
fn latest(listing: &Listing, ecosystem: &Ecosystem) -> Option<String> {
    let all = listing.releases();
    let all = all.filter_map(|it| parsed(ecosystem, it.0));
    let highest = all.max_by_key(|it| (it.is_final(), it.clone()))?;
    Some(highest.text().to_owned())
}

/// Returns the files of the release before: the highest version below, of those that
/// were not taken back, and a final one where the version is.
fn earlier<'l>(
    listing: &'l Listing,
    ecosystem: &Ecosystem,
    wanted: Option<&Version>,
) -> Vec<&'l ListedFile> {
    let Some(wanted) = wanted else {
        return Vec::new();
    };
    let stands = |files: &[ListedFile]| files.iter().any(|it| it.yanked.is_none());
    let below = listing
        .releases()
        .filter(|it| stands(it.1))
        .filter_map(|it| Some((parsed(ecosystem, it.0)?, it.1)))
        .filter(|(version, _)| version < wanted);
    let like = |it: &Version| it.is_final() || !wanted.is_final();
    let below: Vec<(Version, &[ListedFile])> = below.collect();
    let highest = below.iter().max_by_key(|it| (like(&it.0), &it.0));
    let Some((before, _)) = highest else {
        return Vec::new();
    };
    let same = below.iter().filter(|it| it.0 == *before);
    same.flat_map(|it| it.1).collect()
}

fn lacking_kinds(there: &[&ListedFile], before: &[&ListedFile]) -> Vec<String> {
    let kinds = |files: &[&ListedFile]| -> BTreeSet<String> {
        files.iter().map(|it| it.kind.clone()).collect()
    };
    kinds(before).difference(&kinds(there)).cloned().collect()
}

/// Returns whether all that is missing was for lines that ended, and as many new ones began.
fn is_left(there: &[&ListedFile], before: &[&ListedFile]) -> bool {
    let lines = |files: &[&ListedFile]| -> BTreeSet<String> {
        files.iter().filter_map(|it| it.line.clone()).collect()
    };
    let (old, new) = (lines(before), lines(there));
    let ended: BTreeSet<&String> = old.difference(&new).collect();
    let have: BTreeSet<&str> = there.iter().map(|it| it.kind.as_str()).collect();
    let mut missing = before.iter().filter(|it| !have.contains(it.kind.as_str()));
    let left = missing.all(|it| it.line.as_ref().is_some_and(|it| ended.contains(it)));
    left && !ended.is_empty() && new.difference(&old).count() >= ended.len()
}

fn lacking_files(there: &[&ListedFile], patterns: &[String]) -> Vec<String> {
    let unmatched = |pattern: &&String| match name_pattern(pattern) {
        Ok(pattern) => !there.iter().any(|it| pattern.is_match(&it.name)),
        Err(_) => true,
    };
    patterns.iter().filter(unmatched).cloned().collect()
}

#[cfg(test)]
mod tests;
