//! A command that uploads packages, images or charts past the publish workflow.

use crate::checks::{Check, Told, View};
use crate::policy::{Deed, Permission, Policy, in_file};
use crate::{path_pattern, policy};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "direct-upload",
    "a command uploads past the publish workflow",
    check,
);

/// Finds upload commands in scripts, task files, manifests and workflows other than those that
/// publish, where the policy forbids uploads.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, declared, _, audit) in view.audited() {
        let policy = &declared.policy;
        if policy.uploads.value == Permission::Allow {
            continue;
        }
        for (path, text) in &audit.files.texts {
            if publishes(policy, path) {
                continue;
            }
            for (line, done) in in_file(path, text) {
                let Deed::Upload(ware) = done.deed else {
                    continue;
                };
                let what = format!("`{}` uploads {}", done.command.escape_debug(), ware.word());
                let mend = mend(policy);
                told.push(Told::of(id, what).at(path, Some(line)).mend(mend));
            }
        }
    }
    told
}

/// Returns whether a file is one of a workflow that may publish.
fn publishes(policy: &Policy, path: &str) -> bool {
    let mut globs = policy.publish_workflow.value.iter();
    globs.any(|it| it == path || path_pattern(it).is_ok_and(|it| it.is_match(path)))
}

fn mend(policy: &policy::Policy) -> String {
    match policy.publish_workflow.value.as_slice() {
        [] => {
            "take it out, and declare the workflow that publishes: `publish-workflow` of the policy"
                .to_owned()
        }
        all => format!(
            "take it out: `{}` publishes what a pushed tag asks for",
            all.join("`, `")
        ),
    }
}
