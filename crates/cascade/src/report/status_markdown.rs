//! The status as Markdown, for a comment or a page.

use cascade_plan::{Finding, PinStatus, PinSurvey, RepoId};

use super::findings;
use super::markdown::{cell, code, row, rule};
use super::{Known, KnownRepo, latest_tags, mode_word};
use crate::page::{Page, count};

/// Returns the status as a Markdown table and a list of findings.
pub(crate) fn status_markdown(known: Known<'_>) -> String {
    let mut page = Page::default();
    page.line(format!("# {}", cell(known.graph.name())));
    page.gap();
    if known.order().count() < known.survey.order.len() {
        page.line(known.size());
        page.gap();
    }
    let head = [
        "repository",
        "branch",
        "latest",
        "since",
        "level",
        "pins",
        "mode",
        "blocked by",
    ];
    page.line(row(head.map(str::to_owned)));
    page.line(rule(head.len()));
    for repo in known.repos() {
        page.line(row(cells(repo)));
    }
    let found = findings::all(known);
    if !found.is_empty() {
        page.gap();
        page.line(format!("## {}", count(found.len(), "finding", "findings")));
        page.gap();
        for finding in found {
            page.line(item(finding));
        }
    }
    page.finish()
}

/// Returns the cells of one repository.
fn cells(repo: KnownRepo<'_>) -> [String; 8] {
    let names: Vec<&str> = repo.judged.blocked_by.iter().map(RepoId::as_str).collect();
    let since = match repo.since() {
        0 => String::new(),
        n => n.to_string(),
    };
    [
        cell(repo.id.as_str()),
        cell(repo.seen.branch.as_deref().unwrap_or_default()),
        cell(&latest_tags(repo).join(", ")),
        since,
        repo.level().word().to_owned(),
        pins(&repo.judged.pins),
        mode_word(repo.declared.mode).to_owned(),
        cell(&names.join(", ")),
    ]
}

/// Returns how many pins are behind, excluded and ahead.
fn pins(pins: &[PinSurvey]) -> String {
    let of = |status: PinStatus| {
        let n = pins
            .iter()
            .filter(|it| !it.auxiliary && it.status == status);
        match n.count() {
            0 => None,
            n => Some(format!("{n} {}", status.word())),
        }
    };
    let words = [PinStatus::Excluded, PinStatus::Behind, PinStatus::Ahead].map(of);
    let words: Vec<String> = words.into_iter().flatten().collect();
    words.join(", ")
}

/// Returns a finding as a list item.
fn item(finding: &Finding) -> String {
    let (_, word) = findings::severity(finding.severity);
    let mend = finding.mend.as_deref().map(|it| format!(" — {}", code(it)));
    format!(
        "- **{}** `{}` {}{}",
        word.trim_end(),
        finding.code.0,
        cell(&findings::sentence(finding)),
        mend.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn some_of_them_are_told_of_how_many() {
        let chosen = std::collections::BTreeSet::from([RepoId::new("urn")]);
        let text = status_markdown(sample::town().known().only(&chosen));
        insta::assert_snapshot!(text, @r#"
# town

1 of 2 repositories

| repository | branch | latest | since | level | pins | mode | blocked by |
| --- | --- | --- | --- | --- | --- | --- | --- |
| urn | main | v1.4.0 | 3 | minor |  | tag |  |
"#);
    }

    #[test]
    fn pipes_are_escaped() {
        insta::assert_snapshot!(status_markdown(sample::town().known()), @r#"
# town

| repository | branch | latest | since | level | pins | mode | blocked by |
| --- | --- | --- | --- | --- | --- | --- | --- |
| urn | main | v1.4.0 | 3 | minor |  | tag |  |
| app | fe\|at\\u{1b}\[31m | v0.9.1 |  | none | 1 excluded | tag | urn |

## 1 finding

- **warn** `pin-excluded` app pyproject.toml:7: \`==1.2.0\` excludes tea-urn 1.4.0 — `cascade bump --repo urn`
"#);
    }
}
