//! Two tags of a package stand for one version.

use super::{again, told};
use crate::Severity;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "tag-twins",
    "two tags stand for one version, but for build metadata",
    check,
);

/// Finds tags that differ from another one in build metadata or spelling alone.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, _, tag) in view.tags() {
        let mut released = tag.released();
        let twin = released.find_map(|(package, it)| Some((package, it.twins.first()?)));
        if let Some((package, twin)) = twin {
            let what = format!(
                "`{}` and `{twin}` stand for one version of `{}`: build metadata and spelling have no order",
                tag.name, package.name
            );
            let mend = again(id, tag, "take the next version");
            all.push(told(id, tag, Severity::Warn, what).mend(mend));
        }
    }
    all
}
