//! A tag is not above a version tag that its commit contains.

use super::{again, told};
use crate::checks::{Check, Told, View};
use crate::{JudgedTag, Severity, TagClaim, TagHit};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "tag-not-above",
    "a tag is below a version that its commit contains",
    check,
);

/// Finds tags whose commit contains a higher version of the package.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, _, tag) in view.tags() {
        let mut released = tag.released();
        let below = released.find_map(|(package, it)| Some((package, above(tag, it)?)));
        if let Some((package, above)) = below {
            let (name, tag_name, higher) = (&package.name, &tag.name, &above.tag);
            let what =
                format!("`{tag_name}` is below `{higher}` of `{name}`, which its commit contains");
            let first = format!("take a version above {}", above.version);
            all.push(told(id, tag, Severity::Warn, what).mend(again(id, tag, &first)));
        }
    }
    all
}

/// Returns the higher version that the commit of a tag contains. Of a tag that is out none counts that
/// shares its commit: a release candidate that proved itself is tagged once more.
fn above<'a>(tag: &JudgedTag, claim: &'a TagClaim) -> Option<&'a TagHit> {
    let above = claim.contained.as_ref();
    above.filter(|it| tag.is_new() || tag.commit.as_ref() != Some(&it.commit))
}
