//! What only a push tells of tags and branches, judged: what moves, what goes, and what nobody makes
//! by hand. The rest is for the rules about tags.

use cascade_manifest::{Scheme, Version};

use super::Change;
use crate::branches::Allowed;
use crate::shell::word;
use crate::{JudgedTag, ObservedRepo, ReleaseMode, RepoDeclaration, TagTemplate};

/// Where a push is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Before it leaves, by the hook of the person who pushes.
    Push,
    /// Before it is taken, by the server's.
    Receive,
}

/// Why a ref is not pushed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The tag or branch.
    pub subject: String,
    /// What is wrong, in a sentence without a full stop.
    pub what: String,
    /// What to do instead.
    pub mend: Option<String>,
}

/// What a tag is by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A version of something that the repository releases.
    Version,
    /// It is spelled as versions are there, and is none.
    Misspelt,
    /// Something else, which is free.
    Other,
}

/// What release-please's own pages say of who chooses the version.
const RELEASE_PLEASE: &str =
    "https://github.com/googleapis/release-please#how-do-i-change-the-version-number";

/// Returns what a tag is by its name: by the templates of the packages that its commit holds, else by
/// the one that is declared or usual.
pub fn meaning(declared: &RepoDeclaration, tag: &JudgedTag) -> Meaning {
    if !tag.claims.is_empty() {
        return Meaning::Version;
    }
    let packages = &tag.holds.packages;
    let mut spelled = packages
        .iter()
        .filter_map(|it| it.template.version(&tag.name));
    if let Some(text) = spelled.next() {
        return if floats(tag, text) {
            Meaning::Other
        } else {
            Meaning::Misspelt
        };
    }
    if packages
        .iter()
        .any(|it| it.template.for_package(&it.name).resembles(&tag.name))
    {
        return Meaning::Misspelt;
    }
    if !packages.is_empty() {
        return Meaning::Other;
    }
    let usual = TagTemplate::parse("v{version}").ok();
    let template = declared.tag.clone().or(usual).filter(|it| !it.names());
    match template.as_ref().and_then(|it| it.version(&tag.name)) {
        None if template.is_some_and(|it| it.resembles(&tag.name)) => Meaning::Misspelt,
        None => Meaning::Other,
        Some(text) if floats(tag, text) => Meaning::Other,
        Some(text) => {
            let reads = |scheme| Version::parse(scheme, text).is_some();
            let version = reads(Scheme::Semver) || reads(Scheme::Pep440);
            if version {
                Meaning::Version
            } else {
                Meaning::Misspelt
            }
        }
    }
}

/// Returns whether a tag is one that an action of GitHub's lets float: `v1`, `v1.2`.
fn floats(tag: &JudgedTag, text: &str) -> bool {
    let action = ["action.yml", "action.yaml"]
        .iter()
        .any(|it| tag.files.has(it));
    let numbers = text
        .split('.')
        .all(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit()));
    action && numbers && text.split('.').count() < 3
}

/// Returns why a tag is not pushed, by what becomes of it; `None` where only the rules have a say.
pub fn tag_refusal(
    declared: &RepoDeclaration,
    tag: &JudgedTag,
    change: &Change,
    door: Door,
) -> Option<Refusal> {
    let name = &tag.name;
    let refuse = |what: String, mend: String| {
        Some(Refusal {
            subject: name.clone(),
            what,
            mend: Some(mend),
        })
    };
    let forward = "what is out stays as it is: release the next version instead".to_owned();
    match (change, meaning(declared, tag)) {
        (_, Meaning::Other) | (Change::Nothing, _) | (Change::Delete(_), Meaning::Misspelt) => None,
        (Change::Delete(_), _) => refuse(
            "it is out, and a version that is out is not deleted".to_owned(),
            forward,
        ),
        (Change::Move { .. }, Meaning::Version) => refuse(
            "it is out, and would move to another commit".to_owned(),
            forward,
        ),
        (_, Meaning::Misspelt) => refuse(
            "it is spelled as versions are here, and is no version".to_owned(),
            format!(
                "give it a name of another shape, or one with a version: `git tag -d {}`",
                word(name)
            ),
        ),
        (Change::Create(_), _) => {
            by_hand(declared, tag, door).and_then(|(what, mend)| refuse(what, mend))
        }
    }
}

/// Returns that release-please makes the tags of this repository, where it does.
fn by_hand(declared: &RepoDeclaration, tag: &JudgedTag, door: Door) -> Option<(String, String)> {
    if declared.mode != ReleaseMode::ReleasePlease {
        return None;
    }
    // On a server its own tags come by too: those that the file of versions at their commit names.
    if door == Door::Receive && is_announced(tag) {
        return None;
    }
    Some((
        "release-please makes the version tags of this repository, not people".to_owned(),
        format!(
            "merge the release pull request that it keeps open, and it tags what was merged; to choose the \
             version, commit with the trailer `Release-As: X.Y.Z`: {RELEASE_PLEASE}"
        ),
    ))
}

/// Returns whether release-please's file of versions at the tag's commit names its version.
fn is_announced(tag: &JudgedTag) -> bool {
    let Some(text) = tag.files.text(".release-please-manifest.json") else {
        return false;
    };
    let versions: Option<std::collections::BTreeMap<String, serde_json::Value>> =
        serde_json::from_str(text).ok();
    let versions = versions.unwrap_or_default();
    let named = |it: &crate::TagClaim| {
        let same =
            |said: &str| Version::parse(it.version.scheme(), said).as_ref() == Some(&it.version);
        versions.values().filter_map(|it| it.as_str()).any(same)
    };
    !tag.claims.is_empty() && tag.claims.iter().all(named)
}

/// Returns why a branch does not go: the one that versions come from stays.
pub fn branch_deletion(
    declared: &RepoDeclaration,
    seen: &ObservedRepo,
    branch: &str,
) -> Option<Refusal> {
    let allowed = Allowed::of(declared, seen);
    (allowed.holds(branch) && allowed.is_main(branch)).then(|| Refusal {
        subject: branch.to_owned(),
        what: "it is the branch that is released, and would be deleted".to_owned(),
        mend: Some("release another branch first: `branch` in the declaration".to_owned()),
    })
}

/// Returns why a branch is not rewritten: versions stand on what it would forget.
pub fn branch_rewrite(
    declared: &RepoDeclaration,
    seen: &ObservedRepo,
    (branch, forgets): (&str, &[JudgedTag]),
) -> Option<Refusal> {
    if !Allowed::of(declared, seen).holds(branch) {
        return None;
    }
    let versions = forgets
        .iter()
        .filter(|it| meaning(declared, it) == Meaning::Version);
    let names: Vec<&str> = versions.map(|it| it.name.as_str()).collect();
    let (first, more) = names.split_first()?;
    let more = match more.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(Refusal {
        subject: branch.to_owned(),
        what: format!("it would be rewritten, and forget the commit of `{first}`{more}"),
        mend: Some("undo by a commit that reverts: `git revert`".to_owned()),
    })
}
