//! What a registry of images shows of a version, and a repository of charts.

use cascade_manifest::{ListedFile, Listing, Scheme, Version};

use super::{Digests, Expected, Sight};
use crate::image_tags;

/// The word for images where ecosystems are named.
pub const IMAGE: &str = "image";
/// The word for charts where ecosystems are named.
pub const CHART: &str = "chart";

/// What one reading of an image's repository showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagsShown {
    /// The digests of the tags that were asked for and are there.
    pub digests: Digests,
    /// Every tag of the repository, where it was asked for them; `None` where there is no repository.
    pub all: Option<Vec<String>>,
}

impl TagsShown {
    /// Returns the highest final version among the tags, else the highest.
    fn latest(&self) -> Option<Version> {
        let all = self.all.iter().flatten();
        let all = all.filter_map(|it| version(it));
        all.max_by_key(|it| (it.is_final(), it.clone()))
    }

    /// Returns whether the tags have a final version above this one, which moving tags follow.
    fn is_passed(&self, wanted: &Version) -> bool {
        self.latest()
            .is_some_and(|it| it.is_final() && it > *wanted)
    }
}

/// What a registry shows of a digest that stands beside tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DigestSight {
    /// It is that of one of the tags, or of one platform in the index of one.
    Same,
    /// It is none of them.
    Other {
        /// The first of the tags that is there.
        tag: String,
        /// Its digest.
        digest: String,
    },
    /// It can not be known.
    Unknown {
        /// Why.
        why: String,
    },
    /// The registry gave no answer, and may later.
    Unreached {
        /// Why.
        why: String,
    },
}

/// Returns the version that a tag stands for.
fn version(tag: &str) -> Option<Version> {
    Version::parse(Scheme::Semver, tag.strip_prefix('v').unwrap_or(tag))
}

/// Returns what the tags of an image show of a version: all of it where the tag of the version has
/// one digest, and the moving tags have the same, unless a higher version has them.
pub fn judge_image(
    shown: &TagsShown,
    wanted: &str,
    moving: &[String],
    expected: &Expected,
) -> Sight {
    let tags = image_tags(wanted);
    let there = tags
        .iter()
        .filter_map(|it| Some((it, shown.digests.get(it)?)));
    let there: Vec<(&String, &String)> = there.collect();
    let Some((first, digest)) = there.first() else {
        return match &shown.all {
            None => Sight::NoProject,
            Some(_) => Sight::Absent {
                latest: shown.latest().map(|it| it.text().to_owned()),
            },
        };
    };
    if let Some(differs) = there.iter().find_map(|it| differs(expected, it)) {
        return differs;
    }
    let same = there.iter().filter(|it| it.1 == *digest);
    let mut files: Digests = same
        .map(|(tag, it)| ((*tag).clone(), (*it).clone()))
        .collect();
    let other = there.iter().filter(|it| it.1 != *digest);
    let other = other.map(|(tag, it)| {
        let [one, two] = [digest, it].map(|it| short(it));
        format!("one digest of `{first}` and `{tag}` ({one}, {two}: push one of them anew)")
    });
    let mut lacking: Vec<String> = other.collect();
    let final_one = version(wanted).filter(Version::is_final);
    let follows = final_one.is_some_and(|it| !shown.is_passed(&it));
    for tag in moving.iter().filter(|it| follows && !tags.contains(it)) {
        match shown.digests.get(tag) {
            Some(it) if it == *digest => {
                files.insert(tag.clone(), it.clone());
            }
            Some(it) => lacking.push(format!(
                "`{tag}`, which has the digest of another version ({}, not {})",
                short(it),
                short(digest)
            )),
            None => lacking.push(format!("`{tag}`")),
        }
    }
    if lacking.is_empty() {
        return Sight::Complete { files };
    }
    Sight::Incomplete {
        files,
        lacking,
        left: false,
    }
}

/// Returns the beginning of a digest, by which people tell digests apart.
fn short(digest: &str) -> String {
    const SHOWN: usize = "sha256:".len() + 12;
    digest.chars().take(SHOWN).collect()
}

fn differs(expected: &Expected, (tag, found): &(&String, &String)) -> Option<Sight> {
    let file = ListedFile {
        name: (*tag).clone(),
        kind: "tag".to_owned(),
        line: None,
        digest: Some((*found).clone()),
        yanked: None,
    };
    expected.differs(&file)
}

/// Returns what a listing of charts shows of a version.
pub fn judge_chart(listing: &Listing, wanted: &str, expected: &Expected) -> Sight {
    let is_it = |it: &str| match (version(it), version(wanted)) {
        (Some(one), Some(two)) => one == two,
        _ => it == wanted,
    };
    let found = listing.releases().filter(|it| is_it(it.0));
    let found: Vec<&ListedFile> = found.flat_map(|it| it.1).collect();
    if found.is_empty() {
        let all = listing.releases().filter_map(|it| version(it.0));
        let latest = all.max_by_key(|it| (it.is_final(), it.clone()));
        let latest = latest.map(|it| it.text().to_owned());
        return Sight::Absent { latest };
    }
    if let Some(differs) = found.iter().find_map(|it| expected.differs(it)) {
        return differs;
    }
    let lacking = found.iter().filter(|it| it.digest.is_none());
    let lacking = lacking.map(|it| format!("the digest of {}", it.name));
    let lacking: Vec<String> = lacking.collect();
    let files = found.iter();
    let files = files.filter_map(|it| Some((it.name.clone(), it.digest.clone()?)));
    let files = files.collect();
    if lacking.is_empty() {
        return Sight::Complete { files };
    }
    Sight::Incomplete {
        files,
        lacking,
        left: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tags: &[(&str, &str)], all: &[&str]) -> TagsShown {
        let pairs = tags.iter().map(|it| (it.0.to_owned(), it.1.to_owned()));
        let all = (!all.is_empty()).then(|| all.iter().map(|it| (*it).to_owned()).collect());
        TagsShown {
            digests: pairs.collect(),
            all,
        }
    }

    fn judged(shown: &TagsShown, version: &str) -> Sight {
        judge_image(shown, version, &["latest".to_owned()], &Expected::default())
    }

    fn lacking(sight: &Sight) -> String {
        match sight {
            Sight::Incomplete { lacking, .. } => lacking.join("; "),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn either_spelling_is_the_version_and_both_are_one() {
        let one = judge_image(
            &shown(&[("v1.0.0", "a")], &[]),
            "1.0.0",
            &[],
            &Expected::default(),
        );
        assert!(matches!(one, Sight::Complete { files } if files.len() == 1));
        let two = shown(&[("v1.0.0", "a"), ("1.0.0", "b"), ("latest", "b")], &[]);
        assert_eq!(
            lacking(&judged(&two, "1.0.0")),
            "one digest of `1.0.0` and `v1.0.0` (b, a: push one of them anew)"
        );
    }

    #[test]
    fn moving_tags_follow_the_latest_final_version_alone() {
        let early = shown(
            &[("1.1.0", "b"), ("latest", "a")],
            &["1.0.0", "1.1.0", "latest"],
        );
        assert_eq!(
            lacking(&judged(&early, "1.1.0")),
            "`latest`, which has the digest of another version (a, not b)"
        );
        assert_eq!(
            lacking(&judged(&shown(&[("1.1.0", "b")], &[]), "1.1.0")),
            "`latest`"
        );
        let whole = shown(&[("1.1.0", "b"), ("latest", "b")], &[]);
        assert!(matches!(judged(&whole, "1.1.0"), Sight::Complete { files } if files.len() == 2));
        let older = shown(&[("1.0.1", "c"), ("latest", "b")], &["1.0.1", "v1.1.0"]);
        assert!(matches!(judged(&older, "1.0.1"), Sight::Complete { .. }));
        let before = shown(&[("1.2.0-rc.1", "c"), ("latest", "b")], &["1.1.0"]);
        assert!(matches!(
            judged(&before, "1.2.0-rc.1"),
            Sight::Complete { .. }
        ));
        let pre = shown(&[("1.1.0", "b"), ("latest", "a")], &["1.1.0", "2.0.0-rc.1"]);
        assert!(matches!(judged(&pre, "1.1.0"), Sight::Incomplete { .. }));
    }

    #[test]
    fn an_absent_version_tells_the_latest_that_is_there() {
        assert_eq!(judged(&shown(&[], &[]), "1.1.0"), Sight::NoProject);
        let absent = judged(&shown(&[], &["latest", "v1.0.0", "2.0.0-rc.1"]), "1.1.0");
        let latest = Some("1.0.0".to_owned());
        assert_eq!(absent, Sight::Absent { latest });
    }

    #[test]
    fn another_digest_than_expected_is_told() {
        let expected = Expected {
            digests: [("1.0.0".to_owned(), "sha256:aa".to_owned())].into(),
            ..Expected::default()
        };
        let sight = judge_image(
            &shown(&[("1.0.0", "sha256:bb")], &[]),
            "1.0.0",
            &[],
            &expected,
        );
        assert!(matches!(sight, Sight::Differs { .. }));
    }

    #[test]
    fn a_chart_is_there_with_its_digest() {
        let file = |digest: Option<&str>| ListedFile {
            name: "core-1.0.0.tgz".to_owned(),
            kind: CHART.to_owned(),
            line: None,
            digest: digest.map(str::to_owned),
            yanked: None,
        };
        let of = |digest| {
            let mut listing = Listing::default();
            listing.add("v1.0.0", file(digest));
            listing
        };
        let judged =
            |listing: &Listing, version| judge_chart(listing, version, &Expected::default());
        assert!(matches!(
            judged(&of(Some("sha256:a")), "1.0.0"),
            Sight::Complete { .. }
        ));
        assert_eq!(
            lacking(&judged(&of(None), "1.0.0")),
            "the digest of core-1.0.0.tgz"
        );
        let latest = Some("1.0.0".to_owned());
        assert_eq!(judged(&of(None), "1.1.0"), Sight::Absent { latest });
    }
}
