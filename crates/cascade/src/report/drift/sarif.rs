//! Drift as a SARIF log: the rows, each recognised in the next log by its id.

use cascade_plan::drift::Drift;

use crate::report::sarif::Row;

/// Returns the findings that are no part of the baseline, as results.
pub(crate) fn rows(drift: &Drift) -> impl Iterator<Item = Row<'_>> {
    let open = drift.findings.iter().filter(|it| !it.accepted);
    open.map(|it| Row {
        code: &it.code,
        severity: it.severity,
        path: it.path.as_deref().unwrap_or("workspace.toml"),
        line: it.line,
        what: &it.what,
        mend: it.mend.as_deref(),
        id: Some(&it.id),
    })
}
