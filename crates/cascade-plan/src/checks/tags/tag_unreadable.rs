//! What a tag leads to can not be judged: no commit, a broken one, or a manifest of no format.

use super::{again, told};
use crate::checks::{Check, Told, View};
use crate::{JudgedTag, Severity, Trouble};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "tag-unreadable",
    "what a tag leads to can not be judged",
    check,
);

/// Finds tags without a commit, or whose commit or manifests can not be read.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, _, tag) in view.tags() {
        if let Some(why) = fault(tag) {
            let what = format!("`{}` {why}", tag.name);
            let mend = again(id, tag, "tag a commit whose manifests can be read");
            all.push(told(id, tag, Severity::Warn, what).mend(mend));
        }
    }
    all
}

fn fault(tag: &JudgedTag) -> Option<String> {
    if tag.commit.is_none() {
        return Some("leads to no commit".to_owned());
    }
    if let Some(Trouble::Unreadable(why)) = &tag.holds.trouble {
        return Some(format!("leads to a commit that can not be read: {why}"));
    }
    let mut manifests = tag.holds.manifests.iter().filter(|it| !it.auxiliary);
    manifests.find_map(|it| {
        let error = it.read.as_ref().err()?;
        Some(format!(
            "holds a `{}` that can not be read: {error}",
            it.path
        ))
    })
}
