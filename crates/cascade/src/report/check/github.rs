//! Findings as annotations: workflow commands of GitHub Actions.

use cascade_plan::Severity;

use super::Located;
use crate::page::Page;
use crate::shown::Shown;

/// Returns a workflow command a finding.
pub(crate) fn github(found: &[Located<'_>]) -> String {
    let mut page = Page::default();
    for it in found {
        let command = match it.finding.severity {
            Severity::Block => "error",
            Severity::Warn => "warning",
            Severity::Info => "notice",
        };
        let line = it.line.map(|line| format!(",line={line}"));
        let mend = it.finding.mend.as_deref();
        let mend = mend.map(|it| format!(" (mend: {it})"));
        page.line(format!(
            "::{command} file={}{},title={}::{}",
            property(&it.path),
            line.unwrap_or_default(),
            property(&format!("cascade: {}", it.finding.code.0)),
            data(&format!("{}{}", it.finding.what, mend.unwrap_or_default())),
        ));
    }
    page.finish()
}

/// Returns a text as the data of a command: on one line, and no command of its own.
fn data(text: &str) -> String {
    let text = Shown(text).to_string();
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Returns a text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
