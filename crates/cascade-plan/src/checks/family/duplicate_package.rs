//! Two repositories claim one package.

use crate::checks::{Check, Told, View};
use std::collections::BTreeMap;

use crate::RepoId;

/// The rule.
pub(crate) static CHECK: Check =
    Check::block("duplicate-package", "two places claim one package", check);

/// Finds packages that several repositories claim.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut claims: BTreeMap<(&str, String), Vec<(&RepoId, &str)>> = BTreeMap::new();
    for (id, package) in view.packages() {
        let name = (package.ecosystem.canonical)(&package.id.name).into_owned();
        let claim = claims.entry((package.ecosystem.name, name)).or_default();
        claim.push((id, &package.manifest));
    }
    let several = claims.into_iter().filter(|(_, it)| it.len() > 1);
    several
        .flat_map(|((ecosystem, name), claims)| {
            let first = claims.first().map_or("", |(id, _)| id.as_str()).to_owned();
            claims.into_iter().skip(1).map(move |(id, manifest)| {
                let what =
                    format!("`{id}` and `{first}` both claim the {ecosystem} package `{name}`");
                Told::of(id, what).at(manifest, None).mend(format!(
                    "declare `publish = false` for `{name}` in one of them"
                ))
            })
        })
        .collect()
}
