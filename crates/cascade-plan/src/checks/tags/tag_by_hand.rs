//! A version tag was made by hand where release-please makes them.

use super::{again, told};
use crate::checks::{Check, Told, View};
use crate::{JudgedTag, ReleaseMode, RepoDeclaration, Severity};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "tag-by-hand",
    "a version tag was made by hand where release-please makes them",
    check,
);

/// The versions that release-please keeps, by folder.
const MANIFEST: &str = ".release-please-manifest.json";

/// Finds tags that release-please does not know: its manifest at their commit names another version.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, declared, _, tag) in view.tags() {
        let pleases = declared.mode == ReleaseMode::ReleasePlease;
        // A tag from before release-please came, or one that is out, is not anybody's mistake of today.
        let judged = tag.is_new() || tag.files.has(MANIFEST);
        if !pleases || !judged || tag.claims.is_empty() || is_release_pleases(declared, tag) {
            continue;
        }
        let what = format!(
            "`{}` was made by hand: `{MANIFEST}` at its commit does not name it",
            tag.name
        );
        let mut mend = again(id, tag, "merge the release pull request, which tags");
        if tag.is_new() {
            mend = format!(
                "`git tag -d {}`, then merge the release pull request, which tags",
                tag.name
            );
        }
        all.push(told(id, tag, Severity::Info, what).mend(mend));
    }
    all
}

/// Returns whether release-please makes a repository's tags and names this one at its commit.
pub(super) fn is_release_pleases(declared: &RepoDeclaration, tag: &JudgedTag) -> bool {
    let text = tag.files.text(MANIFEST);
    let said = text.and_then(|it| serde_json::from_str::<serde_json::Value>(it).ok());
    let Some(serde_json::Value::Object(said)) = said else {
        return false;
    };
    let names = |folder: &str, version: &cascade_manifest::Version| {
        let folder = if folder.is_empty() { "." } else { folder };
        let text = said.get(folder).and_then(|it| it.as_str());
        text.and_then(|it| cascade_manifest::Version::parse(version.scheme(), it))
            .as_ref()
            == Some(version)
    };
    let mut released = tag.released();
    declared.mode == ReleaseMode::ReleasePlease
        && released.any(|(package, claim)| {
            let folder = crate::snapshot::folder_of(&package.manifest);
            names(folder, &claim.version) || names("", &claim.version)
        })
}
