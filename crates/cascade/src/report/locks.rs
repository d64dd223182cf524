//! How locks stand beside their manifests, and what became of them.

use cascade_manifest::Discord;
use cascade_plan::{Fate, Illegible, LockMode, LockStand, Outcome, RepoId, Way};
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
    Unreadable,
    InStep,
    OutOfStep,
    LeftAlone,
    Relocked(Way),
    Failed(String, Option<String>),
}

impl Row<'_> {
    fn end(&self) -> End {
        let Ok(held) = &self.stand.read else {
            return End::Unreadable;
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
            Some(Fate::LeftOut { why }) => End::Failed(why.clone(), None),
            Some(Fate::Stopped { after }) => End::Failed(after.to_string(), None),
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

    /// Returns the file that keeps the lock from being judged, by its path from the repository's
    /// root, and what is wrong with it.
    fn illegible(&self) -> Option<(String, &Illegible)> {
        let it = self.stand.read.as_ref().err()?;
        let lock = &self.stand.file;
        let folder = lock.rsplit_once('/').map(|(folder, _)| folder);
        let path = match (&it.beside, folder) {
            (None, _) => lock.clone(),
            (Some(path), None) => path.clone(),
            (Some(path), Some(folder)) => format!("{folder}/{path}"),
        };
        Some((path, it))
    }

    /// Returns what keeps the lock from being judged, in words.
    fn unjudged(&self) -> &'static str {
        match &self.stand.read {
            Err(it) if it.beside.is_some() => "can not be judged",
            _ => "can not be read",
        }
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
        End::Unreadable => paint(BAD, row.unjudged()),
        End::InStep => paint(GOOD, "in step"),
        End::OutOfStep => paint(WARN, "out of step"),
        End::LeftAlone => paint(WARN, "out of step, and left alone (`lock = \"off\"`)"),
        End::Relocked(way) => format!("{} {}", paint(GOOD, "relocked"), Shown(&way.to_string())),
        End::Failed(..) => paint(BAD, "failed"),
    };
    let repo = paint(STRONG, Shown(row.repo.as_str()));
    page.line(format!("{repo}  {}  {word}", Shown(&row.stand.file)));
    let illegible = row.illegible();
    if let Some((path, it)) = &illegible {
        write_illegible(page, path, it);
    }
    if let End::Failed(why, _) = &end {
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
        End::Unreadable => illegible.map(|(path, _)| format!("mend `{path}` in `{}`", row.repo)),
        _ => None,
    };
    if let Some(next) = next {
        page.line(format!("    {} {}", paint(DIM, "next:"), Shown(&next)));
    }
}

/// Adds what is wrong with a file, and points at it.
fn write_illegible(page: &mut Page, path: &str, it: &Illegible) {
    let (path, why) = (Shown(path), Shown(&it.message));
    let Some(spot) = &it.spot else {
        page.line(format!("    `{path}` can not be read: {why}"));
        return;
    };
    let line = spot.line.to_string();
    page.line(format!("    `{path}` can not be read at {spot}: {why}"));
    page.line(format!("    {line} | {}", Shown(&spot.shown)));
    let (margin, before) = (" ".repeat(line.len()), " ".repeat(spot.caret));
    page.line(format!("    {margin} | {before}{}", paint(BAD, "^")));
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
            of(|it| matches!(it, End::Failed(..) | End::Unreadable)),
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
    /// The place of the fault, where a file can not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<At>,
    /// Where it disagreed with the manifests before.
    discords: Vec<Told<'a>>,
}

/// A place in a file.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct At {
    path: String,
    line: Option<usize>,
    column: Option<usize>,
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
    let illegible = row.illegible();
    let (state, how, why) = match row.end() {
        End::Unreadable => {
            let why = illegible.as_ref().map(|(_, it)| it.message.clone());
            ("unreadable", None, why)
        }
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
        at: illegible.map(|(path, it)| At {
            path,
            line: it.spot.as_ref().map(|it| it.line),
            column: it.spot.as_ref().map(|it| it.column),
        }),
        discords: discords.collect(),
    }
}
