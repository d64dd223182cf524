//! A clone lacks a hook that others of the family have.

use std::collections::BTreeSet;

use crate::checks::{Check, Told, View};
use crate::{Audit, RepoId};

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "hook-missing",
    "a clone lacks a hook that others of the family have",
    check,
);

/// Finds clones without cascade's hooks, where another clone on this machine has them. Where none has,
/// as on a machine that only reports, nobody misses them.
fn check(view: &View<'_>) -> Vec<Told> {
    let clones: Vec<(&RepoId, &BTreeSet<String>)> = view
        .with_releases()
        .filter_map(|(id, _, _, audit): (_, _, _, &Audit)| Some((id, audit.hooks.as_ref()?)))
        .collect();
    let used: BTreeSet<&String> = clones.iter().flat_map(|it| it.1).collect();
    let mut found = Vec::new();
    for (id, hooks) in clones {
        let missing: Vec<&str> = used
            .iter()
            .filter(|it| !hooks.contains(**it))
            .map(|it| it.as_str())
            .collect();
        if !missing.is_empty() {
            let what = format!(
                "the clone lacks the hook {} that others here have",
                missing.join(", ")
            );
            found.push(Told::of(id, what).mend("cascade hook install --all".to_owned()));
        }
    }
    found
}
