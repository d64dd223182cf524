//! How locks stand beside their manifests, and what became of them.

use cascade_manifest::Discord;
use cascade_plan::{Fate, LockMode, LockStand, Outcome, RepoId, Way};
use serde::Serialize;

use crate::page::{BAD, DIM, GOOD, Page, STRONG, WARN, count, paint};
use crate::shown::{Shown, ShownLines};

/// How many disagreements of one lock people are shown.
const SHOWN: usize = 8;

/// One lock of the report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Its repository.
    pub(crate) repo: &'a RepoId,
    /// How it is brought in step.
    pub(crate) mode: LockMode,
    /// How it stood.
    pub(crate) stand: &'a LockStand,
    /// What became of it; `None` where it was only looked at.
    pub(crate) outcome: Option<&'a Outcome>,
}

/// What a lock came to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Unreadable(String),
    InStep,
    OutOfStep,
    LeftAlone,
    Relocked(Way),
    Failed(String, Option<String>),
}

impl Row<'_> {
    fn end(&self) -> End {
        let held = match &self.stand.read {
            Err(error) => return End::Unreadable(error.message.clone()),
            Ok(held) => held,
        };
        if held.discords.is_empty() {
            return End::InStep;
        }
        let Some(outcome) = self.outcome else {
            return End::OutOfStep;
        };
        if self.mode == LockMode::Off {
            return End::LeftAlone;
        }
        match outcome.fates.get(self.repo) {
            Some(Fate::Failed { why, help, .. }) => End::Failed(why.clone(), help.clone()),
            Some(Fate::Interrupted) => End::Failed("interrupted".to_owned(), None),
            Some(Fate::Drifted { what } | Fate::Waiting { what, .. }) => {
                End::Failed(what.clone(), None)
            }
            _ => self.way(outcome).map_or(End::OutOfStep, End::Relocked),
        }
    }

    fn way(&self, outcome: &Outcome) -> Option<Way> {
        let mut locks = outcome.locks.iter();
        let found = locks.find(|it| it.repo == *self.repo && it.file == self.stand.file);
        found.map(|it| it.way.clone())
    }

    fn discords(&self) -> &[Discord] {
        self.stand.read.as_ref().map_or(&[], |it| &it.discords)
    }
}

/// Returns how locks stand, for people.
pub(crate) fn locks_human(rows: &[Row<'_>]) -> String {
    let mut page = Page::default();
    for row in rows {
        write_row(&mut page, row);
    }
    let outcome = rows.iter().find_map(|it| it.outcome);
    for (repo, note) in outcome.into_iter().flat_map(|it| &it.notes) {
        let repo = paint(STRONG, Shown(repo.as_str()));
        page.line(format!("{repo}  {}  {}", paint(WARN, "note"), Shown(note)));
    }
    page.gap();
    page.line(totals(rows));
    page.finish()
}

fn write_row(page: &mut Page, row: &Row<'_>) {
    let end = row.end();
    let word = match &end {
        End::Unreadable(_) => paint(BAD, "can not be read"),
        End::InStep => paint(GOOD, "in step"),
        End::OutOfStep => paint(WARN, "out of step"),
        End::LeftAlone => paint(WARN, "out of step, and left alone (`lock = \"off\"`)"),
        End::Relocked(way) => format!("{} {}", paint(GOOD, "relocked"), Shown(&way.to_string())),
        End::Failed(..) => paint(BAD, "failed"),
    };
    let repo = paint(STRONG, Shown(row.repo.as_str()));
    page.line(format!("{repo}  {}  {word}", Shown(&row.stand.file)));
    if let End::Unreadable(why) | End::Failed(why, _) = &end {
        for line in ShownLines(why).to_string().lines() {
            page.line(format!("    {line}"));
        }
    }
    if let End::OutOfStep | End::LeftAlone | End::Failed(..) = end {
        write_discords(page, row.discords());
    }
    let next = match &end {
        End::OutOfStep => Some(format!("cascade lock --repo {}", row.repo)),
        End::Failed(_, help) => help.clone(),
        _ => None,
    };
    if let Some(next) = next {
        page.line(format!("    {} {}", paint(DIM, "next:"), Shown(&next)));
    }
}

fn write_discords(page: &mut Page, discords: &[Discord]) {
    for it in discords.iter().take(SHOWN) {
        page.line(format!(
            "    {}: {} in {}, {} in the lock",
            Shown(&it.subject),
            Shown(&it.wanted),
            Shown(&it.manifest),
            Shown(it.held.as_deref().unwrap_or("nothing"))
        ));
    }
    if discords.len() > SHOWN {
        page.line(format!("    and {} more", discords.len() - SHOWN));
    }
}

fn totals(rows: &[Row<'_>]) -> String {
    let ends: Vec<End> = rows.iter().map(Row::end).collect();
    let of = |test: fn(&End) -> bool| ends.iter().filter(|it| test(it)).count();
    let parts = [
        (of(|it| *it == End::InStep), "in step"),
        (of(|it| matches!(it, End::Relocked(_))), "relocked"),
        (
            of(|it| matches!(it, End::OutOfStep | End::LeftAlone)),
            "out of step",
        ),
        (
            of(|it| matches!(it, End::Failed(..) | End::Unreadable(_))),
            "failed",
        ),
    ];
    let words = parts.iter().filter(|(n, _)| *n > 0);
    let words: Vec<String> = words.map(|(n, word)| format!("{n} {word}")).collect();
    let all = count(rows.len(), "lock", "locks");
    if words.is_empty() {
        return all;
    }
    format!("{all}: {}", words.join(" · "))
}

/// The whole report.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    schema: &'static str,
    locks: Vec<Lock<'a>>,
}

/// One lock.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Lock<'a> {
    repo: &'a RepoId,
    file: &'a str,
    ecosystem: &'a str,
    mode: LockMode,
    /// `in-step`, `out-of-step`, `unreadable`, `relocked` or `failed`.
    state: &'static str,
    /// How it was brought in step.
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<Way>,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// Where it disagreed with the manifests before.
    discords: Vec<Told<'a>>,
}

/// One disagreement.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Told<'a> {
    subject: &'a str,
    manifest: &'a str,
    wanted: &'a str,
    held: Option<&'a str>,
}

/// Returns how locks stand, as `cascade.lock/1`.
pub(crate) fn locks_json<'a>(rows: &[Row<'a>]) -> impl Serialize + use<'a> {
    Report {
        schema: "cascade.lock/1",
        locks: rows.iter().map(lock).collect(),
    }
}

fn lock<'a>(row: &Row<'a>) -> Lock<'a> {
    let (state, how, why) = match row.end() {
        End::Unreadable(why) => ("unreadable", None, Some(why)),
        End::InStep => ("in-step", None, None),
        End::OutOfStep | End::LeftAlone => ("out-of-step", None, None),
        End::Relocked(way) => ("relocked", Some(way), None),
        End::Failed(why, _) => ("failed", None, Some(why)),
    };
    let held = row.stand.read.as_ref().ok();
    let discords = held.into_iter().flat_map(|it| &it.discords).map(|it| Told {
        subject: &it.subject,
        manifest: &it.manifest,
        wanted: &it.wanted,
        held: it.held.as_deref(),
    });
    Lock {
        repo: row.repo,
        file: &row.stand.file,
        ecosystem: row.stand.ecosystem.name,
        mode: row.mode,
        state,
        how,
        why,
        discords: discords.collect(),
    }
}
