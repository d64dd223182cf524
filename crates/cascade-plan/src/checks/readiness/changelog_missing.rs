//! No changelog is tracked.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check =
    Check::warn("changelog-missing", "a repository has no changelog", check);

/// How the names of changelogs begin, in small letters.
const NAMES: &[&str] = &[
    "changelog",
    "changes",
    "history",
    "news",
    "release_notes",
    "releases",
];

/// Finds repositories that publish something and tell nobody what changes.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        let has = audit.files.paths.iter().any(|it| is_changelog(it));
        if has || seen.packages.is_empty() || audit.files.paths.is_empty() {
            continue;
        }
        let what = format!("`{id}` publishes packages, and has no changelog");
        let mend = "add a `CHANGELOG.md` with a section for each version".to_owned();
        told.push(Told::of(id, what).mend(mend).before_one(seen));
    }
    told
}

fn is_changelog(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let (stem, end) = name.rsplit_once('.').unwrap_or((&name, ""));
    NAMES.contains(&stem) && matches!(end, "" | "md" | "rst" | "txt" | "adoc" | "markdown")
}
