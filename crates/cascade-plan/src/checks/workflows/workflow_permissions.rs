//! The token of a workflow may do more than it needs, or nobody said what.

use cascade_manifest::workflow::{Access, Permissions, Workflow};

use super::files::ci;
use crate::checks::readiness::list;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "workflow-permissions",
    "the token of a workflow may do more than it needs",
    check,
);

/// Finds workflows whose token's rights are unsaid or unbounded, of a repository in one finding.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        let ci = ci(&audit.files);
        let wide: Vec<(&str, &str)> = ci
            .read()
            .filter_map(|(path, workflow)| Some((path, too_wide(workflow)?)))
            .collect();
        let Some((first, _)) = wide.first() else {
            continue;
        };
        let words = wide.iter().map(|(path, why)| {
            let name = path.rsplit('/').next().unwrap_or(path);
            format!("`{name}` ({why})")
        });
        let words: Vec<String> = words.collect();
        let what = format!("the token may do more than it needs in {}", list(&words));
        let mend =
            "say `permissions: { contents: read }` at the top, and more in the job that needs it";
        let told_of = Told::of(id, what).at(first, None);
        told.push(told_of.mend(mend.to_owned()).before_one(seen));
    }
    told
}

/// Returns why the rights of a workflow are too wide.
fn too_wide(workflow: &Workflow) -> Option<&'static str> {
    let all = || {
        std::iter::once(&workflow.permissions).chain(workflow.jobs.iter().map(|it| &it.permissions))
    };
    if all().any(|it| *it == Permissions::All(Access::Write)) {
        return Some("`write-all`");
    }
    let mut jobs = workflow.jobs.iter();
    let unsaid = jobs.any(|it| *workflow.permissions_of(it) == Permissions::Unsaid);
    if unsaid {
        return Some("nothing is said");
    }
    let writes = !workflow.permissions.writes().is_empty() && workflow.jobs.len() > 1;
    writes.then_some("every job may write")
}
