//! A tag is not above a version tag that its commit contains.

use super::{again, told};
use crate::Severity;
use crate::checks::{Check, Told, View};

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
        let below = released.find_map(|(package, it)| Some((package, it.contained.as_ref()?)));
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
