//! A workflow is none, so nothing that is claimed of it can be judged.

use super::files::ci;
use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check =
    Check::warn("workflow-unreadable", "a workflow can not be read", check);

/// Finds workflows that are no YAML, or no workflow.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, _, audit) in view.audited() {
        for file in ci(&audit.files).files {
            let Err(error) = &file.read else { continue };
            let start = error.span.as_ref().map(|it| it.start);
            let line = start.map(|it| cascade_manifest::line_of(file.text, it));
            let what = format!("the workflow can not be read: {}", error.message);
            let mend = "mend it there; a forge runs nothing of it".to_owned();
            told.push(Told::of(id, what).at(file.path, line).mend(mend));
        }
    }
    told
}
