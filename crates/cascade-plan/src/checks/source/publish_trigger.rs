//! A workflow publishes, and no tag of the package starts it.

use super::publishing::{Publishing, workflows};
use crate::ObservedPackage;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "publish-trigger",
    "a workflow publishes, and no tag of its package starts it",
    check,
);

/// Events that lead to a tag or come from another workflow, which nobody can judge from here.
const OTHERS: &[&str] = &[
    "release",
    "create",
    "workflow_call",
    "workflow_run",
    "repository_dispatch",
    "registry_package",
];

/// Finds workflows that publish and wait for other tags than the package's, or for a person alone.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for it in workflows(view) {
        let Some((.., ecosystem)) = it.publishes().next() else {
            continue;
        };
        let packages = it.seen.packages.iter();
        let its: Vec<_> = packages
            .filter(|it| it.ecosystem.name == ecosystem)
            .collect();
        let Some(first) = its.first() else {
            continue;
        };
        if is_started(&it, &its) {
            continue;
        }
        let push = it.workflow.on("push");
        let waits = match push.map(|it| it.tags.patterns()) {
            Some(patterns) if !patterns.is_empty() => {
                format!("for tags like `{}`", patterns.join("`, `"))
            }
            _ => "for no tag at all".to_owned(),
        };
        let template = first.template.for_package(&first.name);
        let what = format!(
            "`{}` publishes `{}`, whose tags are `{template}`, and waits {waits}",
            it.path, first.name
        );
        let line = push.or(it.workflow.triggers.first()).map(|it| it.line);
        let mend = format!("let `on.push.tags` take `{}`", template.tag("*"));
        all.push(Told::of(it.repo, what).at(it.path, line).mend(mend));
    }
    all
}

/// Returns whether a tag of some package starts a workflow, or something that is not judged does.
fn is_started(it: &Publishing<'_>, packages: &[&ObservedPackage]) -> bool {
    let triggers = || it.workflow.triggers.iter();
    if triggers().next().is_none() || triggers().any(|it| OTHERS.contains(&it.event.as_str())) {
        return true;
    }
    let Some(push) = it.workflow.on("push") else {
        return false;
    };
    // One that publishes from a branch makes the tag itself.
    let from_branch = push.branches != cascade_manifest::workflow::Filter::Any;
    let by_tag = packages.iter().any(|package| {
        let template = package.template.for_package(&package.name);
        let latest = package.latest.iter().map(|it| it.tag.clone());
        let mut tags = latest.chain(["1.2.3", "0.1.0"].map(|it| template.tag(it)));
        tags.any(|it| push.starts_on_tag(&it))
    });
    from_branch || by_tag
}
