//! A workflow uses an action that may become another one.

use cascade_manifest::workflow::{Uses, UsesKind, Workflow};

use super::files::ci;
use crate::checks::readiness::list;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "action-unpinned",
    "a workflow uses an action that may become another one",
    check,
);

/// Its workflows verify by their own tag what they run, and run under no other name.
const GENERATOR: &str = "slsa-framework/slsa-github-generator";

/// Finds actions that are not named by a whole commit, of a repository in one finding.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        let ci = ci(&audit.files);
        let loose: Vec<(&str, &Uses)> = ci
            .read()
            .flat_map(|(path, workflow)| used(workflow).map(move |it| (path, it)))
            .filter(|it| !it.1.is_pinned() && !it.1.is(GENERATOR))
            .collect();
        let Some((path, first)) = loose.first() else {
            continue;
        };
        let mut names: Vec<String> = loose.iter().map(|it| format!("`{}`", it.1.text)).collect();
        names.sort();
        names.dedup();
        let what = format!(
            "{} can become another one: no whole commit is named",
            list(&names)
        );
        let mend = match first.kind {
            UsesKind::Image => format!(
                "name the image's digest: `docker://{}@sha256:...`",
                first.name
            ),
            UsesKind::Action | UsesKind::Local => {
                let version = first.reference.as_deref().unwrap_or("VERSION");
                format!(
                    "name the commit, and the version behind it: `uses: {}@COMMIT # {version}`",
                    first.name
                )
            }
        };
        let told_of = Told::of(id, what).at(path, Some(first.line));
        told.push(told_of.mend(mend).before_one(seen));
    }
    told
}

/// Returns everything that a workflow uses.
fn used(workflow: &Workflow) -> impl Iterator<Item = &Uses> {
    let jobs = workflow.jobs.iter();
    jobs.flat_map(|job| {
        job.uses
            .iter()
            .chain(job.steps.iter().filter_map(|it| it.uses.as_ref()))
    })
}
