//! A version in a workflow loses its zeros: without quotes, YAML's `3.10` is the number 3.1.

use cascade_manifest::workflow::{Scalar, ScalarKind, Workflow};
use cascade_manifest::{Splice, splice};

use crate::checks::readiness::list;
use crate::checks::workflows::files::{WorkflowFile, ci};
use crate::checks::{Check, Told, View};
use crate::{Fix, Rewrite};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "matrix-number",
    "a version in a workflow loses its zeros: `3.10` is 3.1",
    check,
);

/// Finds versions without quotes that are another number than they look, of a file in one finding.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, _, audit) in view.audited() {
        for file in ci(&audit.files).files {
            let Ok(workflow) = &file.read else { continue };
            let short: Vec<&Scalar> = versions(workflow)
                .filter(|it| it.kind == ScalarKind::Number && it.is_shortened())
                .collect();
            let Some(first) = short.first() else { continue };
            let words = short
                .iter()
                .map(|it| format!("`{}` is {}", it.written, it.value));
            let words: Vec<String> = words.collect();
            let what = format!("without quotes, {} to the runner", list(&words));
            let told_of = Told::of(id, what).at(file.path, Some(first.line));
            let told_of = told_of.mend("quote it: `cascade check --fix`".to_owned());
            told.push(match quoted(&file, &short) {
                Some(rewrite) => told_of.fix(Fix::Write(vec![rewrite])),
                None => told_of,
            });
        }
    }
    told
}

/// Returns the values of matrices, and what is given to actions as a version.
fn versions(workflow: &Workflow) -> impl Iterator<Item = &Scalar> {
    workflow.jobs.iter().flat_map(|job| {
        let axes = job.matrix.axes.iter().flat_map(|it| &it.1);
        let entries = axes.chain(&job.matrix.include).chain(&job.matrix.exclude);
        let matrix = entries.flat_map(|it| it.values.values());
        let given = job.steps.iter().flat_map(|it| &it.with).chain(&job.with);
        let given = given.filter(|it| it.0.contains("version") || it.0 == "toolchain");
        matrix.chain(given.map(|it| it.1))
    })
}

/// Returns the file with these values in quotes, where nothing else of it changes.
fn quoted(file: &WorkflowFile<'_>, short: &[&Scalar]) -> Option<Rewrite> {
    let splices = short.iter().map(|it| Splice {
        span: it.span.clone(),
        to: format!("\"{}\"", it.written),
    });
    let after = splice(file.text, &splices.collect::<Vec<_>>()).ok()?;
    let read = Workflow::read(&after).ok()?;
    let left = versions(&read).any(Scalar::is_shortened);
    (!left).then(|| Rewrite {
        path: file.path.to_owned(),
        before: Some(file.text.clone()),
        after,
    })
}
