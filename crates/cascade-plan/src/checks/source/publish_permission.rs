//! A workflow publishes or makes a release without the permission that this needs.

use cascade_manifest::workflow::{Access, Job, Permissions, Scalar, Step, Workflow};

use super::publishing::{runs, workflows};
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "publish-permission",
    "a workflow publishes without the permission that this needs",
    check,
);

/// Actions that make a release with the workflow's own token.
const RELEASES: &[&str] = &[
    "softprops/action-gh-release",
    "ncipollo/release-action",
    "actions/create-release",
    "actions/upload-release-asset",
];

/// Finds steps whose job lacks `id-token: write` for trusted publishing, or `contents: write` for a
/// release.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for it in workflows(view) {
        for (job, step) in it.steps() {
            let needs = needed(step).filter(|scope| !is_granted(&it.workflow, job, scope));
            if let Some(scope) = needs {
                let (path, name) = (it.path, &job.id);
                let what =
                    format!("the job `{name}` of `{path}` needs `{scope}: write`, and has it not");
                let told = Told::of(it.repo, what).at(path, Some(step.line));
                all.push(told.mend(format!(
                    "add `permissions: {{ {scope}: write }}` to the job `{name}`"
                )));
            }
        }
    }
    all
}

/// Returns the scope that a step has to write to.
fn needed(step: &Step) -> Option<&'static str> {
    let is = |action: &str| step.uses.as_ref().is_some_and(|it| it.is(action));
    let has = |words: &str, option: &str| runs(step, words).any(|it| it.contains(option));
    let trusted = is("pypa/gh-action-pypi-publish") && !step.with.contains_key("password")
        || is("rust-lang/crates-io-auth-action")
        || has("npm publish", "--provenance")
        || has("uv publish", "--trusted-publishing always");
    if trusted {
        return Some("id-token");
    }
    let releases = RELEASES.iter().any(|it| is(it))
        || ["gh release create", "gh release upload"]
            .iter()
            .any(|it| runs(step, it).next().is_some());
    (releases && !has_own_token(step)).then_some("contents")
}

/// Returns whether a step is given another token than the workflow's.
fn has_own_token(step: &Step) -> bool {
    let values = step.with.values().chain(step.env.values());
    let other = |it: &Scalar| {
        let mut secrets = it.secrets();
        secrets.any(|it| it != "GITHUB_TOKEN") || it.value.contains("steps.")
    };
    values.into_iter().any(other)
}

/// Returns whether the token of a job may write to a scope. What nobody says depends on settings that
/// are not here; but none of them ever grants `id-token`, unless a calling workflow does.
fn is_granted(workflow: &Workflow, job: &Job, scope: &str) -> bool {
    let permissions = workflow.permissions_of(job);
    if *permissions == Permissions::Unsaid {
        return scope != "id-token" || workflow.on("workflow_call").is_some();
    }
    permissions.of(scope) == Some(Access::Write)
}
