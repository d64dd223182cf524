//! An artefact can not be read, or would write outside of its folder.

use super::{Shop, again, shops};
use crate::checks::{Check, Told, View};

/// How many entries of one artefact are told of.
const FEW: usize = 5;

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "artifact-unsafe",
    "an artefact can not be read, or has entries that leave its folder",
    check,
);

/// Finds artefacts that nobody should unpack.
fn check(view: &View<'_>) -> Vec<Told> {
    shops(view).flat_map(|it| told(&it)).collect()
}

fn told(shop: &Shop<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for artifact in &shop.artifacts.files {
        let file = &artifact.file;
        let tell = |what: String| Told::of(shop.id, what).mend(again(shop.id));
        match &artifact.read {
            Err(why) => all.push(tell(format!("`{file}` can not be read: {why}"))),
            Ok(contents) => {
                let few = contents.escapes.iter().take(FEW);
                all.extend(few.map(|it| {
                    tell(format!(
                        "`{file}` has an entry that leaves its folder: `{it}`"
                    ))
                }));
            }
        }
    }
    all
}
