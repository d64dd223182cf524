//! How ready each repository is for 1.0: a score, what keeps it from there, and what else there is.

use cascade_plan::checks::{Readiness, of_readiness};
use cascade_plan::{Finding, RepoId, Severity};
use serde::Serialize;

use super::Located;
use crate::page::{BAD, DIM, GOOD, Page, STRONG, WARN, paint};
use crate::report::markdown::{cell, code, row, rule};
use crate::report::{Known, findings};
use crate::shown::Shown;

/// How ready one repository is.
pub(crate) struct Ready<'a> {
    repo: &'a RepoId,
    readiness: Readiness<'a>,
}

/// Returns how ready each repository is that was looked at, in release order.
pub(crate) fn of<'a>(known: Known<'a>, found: &[Located<'a>]) -> Vec<Ready<'a>> {
    let looked = known.repos().filter(|it| {
        let audit = it.seen.audit.as_ref();
        audit.is_some_and(|it| !it.files.paths.is_empty())
    });
    let of = |repo: &'a RepoId| {
        let its = found.iter().map(|it| it.finding);
        its.filter(move |it| it.repo.as_ref() == Some(repo))
    };
    looked
        .map(|it| Ready {
            repo: it.id,
            readiness: of_readiness(of(it.id)),
        })
        .collect()
}

/// Returns it for people.
pub(crate) fn human(all: &[Ready<'_>]) -> String {
    let mut page = Page::default();
    for it in all {
        let Readiness {
            score,
            blockers,
            others,
        } = &it.readiness;
        let style = match score {
            100 => GOOD,
            70.. => WARN,
            _ => BAD,
        };
        page.gap();
        page.line(format!(
            "{}  {}",
            paint(STRONG, Shown(it.repo.as_str())),
            paint(style, format!("{score} of 100"))
        ));
        part(&mut page, "keeps it from 1.0", blockers);
        part(&mut page, "would be better", others);
    }
    if all.is_empty() {
        page.line("nothing was there to look at");
    }
    page.finish()
}

fn part(page: &mut Page, head: &str, found: &[&Finding]) {
    if found.is_empty() {
        return;
    }
    page.line(format!("  {}", paint(DIM, head)));
    for it in found {
        let place = it.place.as_ref().map(|place| match place.line {
            Some(line) => format!("{}:{line}: ", place.path),
            None => format!("{}: ", place.path),
        });
        let place = place.unwrap_or_default();
        page.line(format!(
            "    {}  {}{}",
            paint(STRONG, it.code.0),
            Shown(&place),
            Shown(&it.what)
        ));
        if let Some(mend) = &it.mend {
            page.line(format!("      {} {}", paint(DIM, "mend:"), Shown(mend)));
        }
    }
}

/// Returns it as a Markdown table.
pub(crate) fn markdown(known: Known<'_>, all: &[Ready<'_>]) -> String {
    let mut page = Page::default();
    page.line(format!("# {}: readiness for 1.0", cell(known.graph.name())));
    page.gap();
    let head = ["repository", "score", "rule", "keeps from 1.0", "what"];
    page.line(row(head.map(str::to_owned)));
    page.line(rule(head.len()));
    for it in all {
        let Readiness {
            score,
            blockers,
            others,
        } = &it.readiness;
        let name = cell(it.repo.as_str());
        if blockers.is_empty() && others.is_empty() {
            page.line(row([
                name.clone(),
                score.to_string(),
                String::new(),
                String::new(),
                String::new(),
            ]));
        }
        let rows = blockers
            .iter()
            .map(|it| (it, "yes"))
            .chain(others.iter().map(|it| (it, "")));
        for (finding, keeps) in rows {
            page.line(row([
                name.clone(),
                score.to_string(),
                code(finding.code.0),
                keeps.to_owned(),
                cell(&findings::sentence(finding)),
            ]));
        }
    }
    page.finish()
}

/// `cascade.readiness/1`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Report<'a> {
    schema: &'static str,
    workspace: &'a str,
    repos: Vec<Repo<'a>>,
}

/// How ready one repository is.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Repo<'a> {
    #[serde(rename = "repo")]
    id: &'a RepoId,
    /// Of 100.
    score: usize,
    /// What keeps it from 1.0.
    blockers: Vec<Row<'a>>,
    /// What else there is to mend.
    others: Vec<Row<'a>>,
}

/// One finding.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row<'a> {
    code: &'a str,
    severity: Severity,
    path: Option<&'a str>,
    line: Option<usize>,
    what: &'a str,
    mend: Option<&'a str>,
}

/// Returns it for machines.
pub(crate) fn json<'a>(known: Known<'a>, all: &'a [Ready<'a>]) -> Report<'a> {
    let rows = |found: &'a [&'a Finding]| found.iter().map(|it| as_row(it)).collect();
    let repos = all.iter().map(|it| Repo {
        id: it.repo,
        score: it.readiness.score,
        blockers: rows(&it.readiness.blockers),
        others: rows(&it.readiness.others),
    });
    Report {
        schema: "cascade.readiness/1",
        workspace: known.graph.name(),
        repos: repos.collect(),
    }
}

fn as_row(it: &Finding) -> Row<'_> {
    Row {
        code: it.code.0,
        severity: it.severity,
        path: it.place.as_ref().map(|it| it.path.as_str()),
        line: it.place.as_ref().and_then(|it| it.line),
        what: &it.what,
        mend: it.mend.as_deref(),
    }
}
