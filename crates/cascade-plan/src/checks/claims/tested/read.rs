//! Values of a run, by their place among the contexts.

use std::collections::BTreeSet;

use cascade_manifest::workflow::{Entry, Job, Scalar};

use super::Kind;

/// Returns the values with more of them below a context: `env.PYTHON`.
pub(super) fn with_env<'a>(
    entry: &Entry,
    context: &str,
    values: impl Iterator<Item = (&'a String, &'a Scalar)>,
) -> Entry {
    let below = values.map(|(key, it)| (format!("{context}.{key}"), it.clone()));
    entry.and(&Entry {
        values: below.collect(),
    })
}

/// Returns what a job whose matrix only a run knows may run with.
pub(super) fn kinds_of(job: &Job) -> BTreeSet<Kind> {
    let used = |names: &[&str]| {
        let mut uses = job.steps.iter().filter_map(|it| it.uses.as_ref());
        uses.any(|it| names.iter().any(|name| it.name.contains(name)))
    };
    let mut kinds = BTreeSet::from([Kind::Os]);
    let all = [
        (Kind::Python, &["python", "setup-uv", "setup-pdm"][..]),
        (Kind::Node, &["node", "pnpm", "bun"]),
        (Kind::Rust, &["rust", "toolchain"]),
    ];
    let known = all.iter().filter(|it| used(it.1));
    kinds.extend(known.map(|it| it.0));
    if kinds.len() == 1 {
        kinds.extend(all.map(|it| it.0));
    }
    kinds
}
