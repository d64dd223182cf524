//! Nothing keeps dependencies up to date.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "dependency-updates-missing",
    "nothing proposes updates of dependencies",
    check,
);

/// Where the configurations of the tools that do it stand.
const CONFIGURATIONS: &[&str] = &[
    ".github/dependabot.yaml",
    ".github/dependabot.yml",
    ".github/renovate.json",
    ".github/renovate.json5",
    ".gitlab/renovate.json",
    ".gitlab/renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
    ".renovaterc.json5",
    "renovate.json",
    "renovate.json5",
];

/// Finds repositories with manifests that no such tool is configured for.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        let configured = CONFIGURATIONS.iter().any(|it| audit.files.has(it));
        let nothing = seen.manifests.is_empty() || audit.files.paths.is_empty();
        if configured || nothing {
            continue;
        }
        let what = format!("nothing proposes updates of the dependencies of `{id}`");
        let mend = "add `.github/dependabot.yml`, or `renovate.json`".to_owned();
        told.push(Told::of(id, what).mend(mend).before_one(seen));
    }
    told
}
