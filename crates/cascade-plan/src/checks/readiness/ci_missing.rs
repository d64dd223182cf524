//! Workflows that every release leans on are not there.

use super::list;
use crate::checks::workflows::files::{Ci, Does, ci};
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "ci-missing",
    "no workflow runs tests, lints, looks for known holes or publishes",
    check,
);

/// Finds what no workflow does, of a repository in one finding. Other services are not read.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        let ci = ci(&audit.files);
        if audit.files.paths.is_empty() || ci.is_elsewhere {
            continue;
        }
        let publishes = !seen.packages.is_empty();
        let missing = missing(&ci, publishes);
        if missing.is_empty() {
            continue;
        }
        let what = if ci.files.is_empty() {
            format!("`{id}` has no workflow that {}", list(&missing))
        } else {
            format!("no workflow of `{id}` {}", list(&missing))
        };
        let mend = "add a workflow in `.github/workflows` for it".to_owned();
        told.push(Told::of(id, what).mend(mend).before_one(seen));
    }
    told
}

fn missing(ci: &Ci<'_>, publishes: bool) -> Vec<String> {
    let wanted = [
        (Does::Test, "runs tests"),
        (Does::Lint, "lints"),
        (Does::Audit, "looks for known vulnerabilities"),
        (Does::Publish, "publishes"),
    ];
    let wanted = wanted
        .iter()
        .filter(|it| publishes || it.0 != Does::Publish);
    let missing = wanted.filter(|it| !ci.does(it.0));
    missing.map(|it| it.1.to_owned()).collect()
}
