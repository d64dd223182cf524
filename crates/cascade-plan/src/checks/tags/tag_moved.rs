//! A tag stands elsewhere than on the remote.

use crate::TagStanding;
use crate::checks::{Check, Told, View};
use crate::shell::word;

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "tag-moved",
    "a tag stands elsewhere than on the remote",
    check,
);

/// Finds tags that the remote has at another object.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, declared, _, tag) in view.tags() {
        let TagStanding::Moved(there) = &tag.standing else {
            continue;
        };
        let (name, here) = (&tag.name, tag.object.short());
        let what = format!(
            "`{name}` is at {here} here, and at {} on the remote",
            there.short()
        );
        let both = word(&format!("+refs/tags/{name}:refs/tags/{name}"));
        let mend = format!(
            "a pushed tag is never moved: `git -C {} fetch origin {both}` takes the \
             remote's, `cascade release --repo {id}=patch` makes the next one",
            declared.path
        );
        all.push(Told::tag(id, tag, what).mend(mend));
    }
    all
}
