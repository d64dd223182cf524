//! An image is named in one version and held by the digest of another.

use crate::checks::{Check, Told, View};
use crate::{DigestSight, Severity};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "digest-stale",
    "an image is named in one version and held by another digest",
    check,
);

/// Finds pins whose tag names a whole version and whose digest is not the one that the registry has for
/// it, as far as it was asked.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, pin) in view.pins() {
        let audit = view
            .snapshot
            .repos
            .get(id)
            .and_then(|it| it.audit.as_deref());
        let (Some(held), Some(audit)) = (&pin.digest, audit) else {
            continue;
        };
        let shown = audit.digests.iter().find(|it| it.0 == *held);
        let (image, digest) = (&held.image, &held.digest);
        match shown.map(|it| &it.1) {
            Some(DigestSight::Other { tag, digest: now }) => {
                let is = format!("is held by {digest}, and `{image}:{tag}` is {now}");
                let mend = format!("write `{now}` in its place, or name the version that runs");
                found.push(Told::requirement(id, pin, &is).mend(mend));
            }
            Some(DigestSight::Unknown { why }) => {
                let is = format!(
                    "is held by {digest}, and whether that is its digest is not known: {why}"
                );
                found.push(Told::requirement(id, pin, &is).ranked(Severity::Info));
            }
            Some(DigestSight::Same | DigestSight::Unreached { .. }) | None => {}
        }
    }
    found
}
