//! What waiting for versions came to.

use std::collections::BTreeMap;
use std::time::Duration;

use cascade_plan::{AwaitVisible, Awaited, Outlet, RepoId, spelled};
use cascade_run::Waited;
use serde::Serialize;

use super::plan_human::command;
use crate::page::{BAD, DIM, GOOD, Page, WARN, count, paint};
use crate::shown::Shown;

/// Returns what is waited for, and where it appears.
pub(crate) fn visible(it: &AwaitVisible) -> String {
    let place = match &it.awaited.outlet {
        Outlet::Configured => "the index that its tools are told".to_owned(),
        Outlet::Image { moving } if !moving.is_empty() => {
            format!(
                "{}, with {} at its digest",
                it.registry,
                moving.join(" and ")
            )
        }
        _ => it.registry.clone(),
    };
    let time = spelled(Duration::from_secs(it.timeout));
    format!(
        "{} {} is visible in {}, for {time} at most",
        Shown(&it.awaited.name),
        Shown(&it.awaited.version),
        Shown(&place)
    )
}

/// Adds a wait of a plan, who is asked between, and what is tried then.
pub(crate) fn write_visible(page: &mut Page, it: &AwaitVisible) {
    page.line(format!("  wait   until {}", visible(it)));
    if !it.status.is_empty() {
        page.line(format!("         asking {}", command(&it.status)));
    }
    for argv in &it.smoke {
        page.line(format!("  smoke  {}", command(argv)));
    }
}

/// Adds a test of several repositories together, which holds a step until it passes.
pub(crate) fn write_gate_of(page: &mut Page, after: &[RepoId], run: &[Vec<String>]) {
    let names: Vec<&str> = after.iter().map(RepoId::as_str).collect();
    let names = Shown(&names.join(", ")).to_string();
    for argv in run {
        page.line(format!(
            "  gate   {} {}",
            command(argv),
            paint(
                DIM,
                format!("tests {names} together, and holds everything here until it passes")
            )
        ));
    }
}

/// One package that was waited for.
#[derive(Debug)]
pub(crate) struct Row {
    /// What.
    pub(crate) awaited: Awaited,
    /// Where: the name of a registry, or an address.
    pub(crate) registry: String,
    /// What came of it.
    pub(crate) waited: Waited,
}

/// Returns the report for people.
pub(crate) fn wait_human(rows: &[Row]) -> String {
    let mut page = Page::default();
    for it in rows {
        let what = format!("{} {}", Shown(&it.awaited.name), Shown(&it.awaited.version));
        let registry = Shown(&it.registry);
        match &it.waited {
            Waited::Visible { files, readings } => {
                let files = count(files.len(), "file", "files");
                let state = paint(GOOD, "visible");
                page.line(format!(
                    "{state}  {what}  {files}, {readings} readings  ({registry})"
                ));
            }
            Waited::Never { why } => {
                let state = paint(BAD, "failed");
                page.line(format!("{state}  {what}  {}  ({registry})", Shown(why)));
            }
            Waited::Late { why } => {
                let state = paint(WARN, "waiting");
                page.line(format!("{state}  {what}  {}  ({registry})", Shown(why)));
                page.line(paint(
                    DIM,
                    "  the same command goes on; `--timeout` gives it more time",
                ));
            }
            Waited::Interrupted => {
                let state = paint(WARN, "interrupted");
                page.line(format!("{state}  {what}  ({registry})"));
            }
        }
    }
    page.finish()
}

/// The whole report.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    schema: &'static str,
    packages: Vec<Package<'a>>,
}

/// One package.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Package<'a> {
    ecosystem: &'a str,
    name: &'a str,
    version: &'a str,
    registry: &'a str,
    /// `visible`, `failed`, `waiting` or `interrupted`.
    state: &'static str,
    /// The digests of its files, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<&'a BTreeMap<String, String>>,
    /// How often the index was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    readings: Option<u32>,
    /// Why it is not visible.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

/// Returns what came of each package, as `cascade.wait/1`.
pub(crate) fn wait_json(rows: &[Row]) -> impl Serialize {
    Report {
        schema: "cascade.wait/1",
        packages: rows.iter().map(package).collect(),
    }
}

fn package(row: &Row) -> Package<'_> {
    let (state, files, readings, why) = match &row.waited {
        Waited::Visible { files, readings } => ("visible", Some(files), Some(*readings), None),
        Waited::Never { why } => ("failed", None, None, Some(why.as_str())),
        Waited::Late { why } => ("waiting", None, None, Some(why.as_str())),
        Waited::Interrupted => ("interrupted", None, None, None),
    };
    Package {
        ecosystem: &row.awaited.ecosystem,
        name: &row.awaited.name,
        version: &row.awaited.version,
        registry: &row.registry,
        state,
        files,
        readings,
        why,
    }
}
