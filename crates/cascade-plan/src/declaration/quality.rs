//! Quality gates of a repository: commands with a value that has to be good enough.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use jiff::civil::Date;
use regex::RegexBuilder;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::value::Datetime;

use super::fault::DeclareError;
use super::file::Text;
use super::path::{Climb, inside};
use super::resolve::Room;

/// How long a command may take that says nothing else.
const USUAL: Duration = Duration::from_hours(1);
/// How large an expression may become.
const SIZE: usize = 1 << 20;

/// One `[[repo.NAME.quality]]`: a command, and when what it comes to is good enough.
#[derive(Debug, Clone)]
pub struct QualityDeclaration {
    /// How reports call it.
    pub name: String,
    /// The command, as an argument list.
    pub run: Vec<String>,
    /// Whether nothing is released while it fails.
    pub critical: bool,
    /// How long it may take.
    pub timeout: Duration,
    /// The exit codes with which it may end.
    pub exits: Vec<i32>,
    /// The file that it writes its answer into, from the repository's root; standard output without.
    pub file: Option<String>,
    /// What is looked at.
    pub measure: Measure,
    /// The bytes of the entry in the file.
    pub at: Range<usize>,
}

/// What is looked at once a command ended.
#[derive(Debug, Clone)]
pub enum Measure {
    /// Its exit code.
    Exit,
    /// A number in its answer, and its bounds.
    Number(Number),
    /// The advisories in its answer.
    Advisories(Advisories),
}

/// A number in an answer, and its bounds; at least one of them.
#[derive(Debug, Clone)]
pub struct Number {
    /// Where it stands.
    pub by: Locator,
    /// The least that is good enough.
    pub min: Option<f64>,
    /// The most that is good enough.
    pub max: Option<f64>,
}

/// Where a number stands in an answer.
#[derive(Debug, Clone)]
pub enum Locator {
    /// In JSON, at this pointer (RFC 6901).
    Pointer(String),
    /// In the group `value`, or else the first one, of the last match of this expression.
    Regex(String),
}

/// Advisories in an answer, and which of them do not count.
#[derive(Debug, Clone)]
pub struct Advisories {
    /// The format of the answer.
    pub format: AuditFormat,
    /// The advisories that do not count, for a time.
    pub waived: Vec<AdvisoryWaiver>,
}

/// The format in which a tool tells of advisories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AuditFormat {
    /// `npm audit --json`, `pnpm audit --json`.
    Npm,
    /// `pip-audit --format json`.
    PipAudit,
    /// `cargo audit --json`.
    Cargo,
    /// SARIF 2.1.0, which many scanners write.
    Sarif,
}

/// An advisory that does not count, until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvisoryWaiver {
    /// Its identifier, or one of those that mean the same.
    pub advisory: String,
    /// Why it does not count.
    pub reason: String,
    /// The last day on which it does not, in UTC.
    pub until: Date,
}

/// A command of a repository whose value has to be good enough.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct QualityTable {
    /// How reports call it.
    #[schemars(with = "String")]
    name: Text,
    /// The command, as an argument list.
    #[schemars(with = "Vec<String>")]
    run: Spanned<Vec<String>>,
    /// Whether nothing is released while it fails.
    #[schemars(extend("default" = true))]
    critical: Option<bool>,
    /// How long it may take: `10m`.
    #[schemars(with = "Option<String>", extend("default" = "1h"))]
    timeout: Option<Text>,
    /// The exit codes with which it may end.
    #[schemars(with = "Option<Vec<i32>>", extend("default" = [0]))]
    exit: Option<Spanned<Vec<i32>>>,
    /// The file that it writes its answer into, from the repository's root; standard output without.
    #[schemars(with = "Option<String>")]
    file: Option<Text>,
    /// The number in its answer that has to be good enough.
    #[schemars(with = "Option<ValueTable>")]
    value: Option<Spanned<ValueTable>>,
    /// The format in which it tells of advisories.
    #[schemars(with = "Option<AuditFormat>")]
    audit: Option<Text>,
    /// The advisories that do not count, for a time.
    #[serde(default)]
    #[schemars(with = "Vec<WaiveTable>")]
    waive: Vec<Spanned<WaiveTable>>,
}

/// A number in an answer, and its bounds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ValueTable {
    /// A JSON pointer to it.
    #[schemars(with = "Option<String>")]
    json: Option<Text>,
    /// A regular expression with one group, or one named `value`; the last match counts.
    #[schemars(with = "Option<String>")]
    regex: Option<Text>,
    /// The least that is good enough.
    min: Option<f64>,
    /// The most that is good enough.
    max: Option<f64>,
}

/// An advisory that does not count, until a day.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct WaiveTable {
    /// Its identifier, as the tool or another list names it.
    #[schemars(with = "String")]
    advisory: Text,
    /// Why it does not count.
    #[schemars(with = "String")]
    reason: Text,
    /// The last day on which it does not: `2026-12-31`.
    #[schemars(with = "String", extend("format" = "date"))]
    until: Spanned<Datetime>,
}

/// Returns the quality gates that a repository declares.
pub(super) fn gates(
    room: &mut Room<'_>,
    tables: &[Spanned<QualityTable>],
) -> Vec<QualityDeclaration> {
    let mut names = BTreeSet::new();
    let mut gates = Vec::new();
    for entry in tables {
        let name = &entry.get_ref().name;
        if !names.insert(name.get_ref().clone()) {
            let what = format!("two quality gates are called `{}`", shown(name));
            let what = DeclareError::new(what).at(&name.span(), "and here again");
            room.errors.push(what.help("give one of them another name"));
        }
        gates.extend(gate(room, entry));
    }
    gates
}

fn gate(room: &mut Room<'_>, entry: &Spanned<QualityTable>) -> Option<QualityDeclaration> {
    let table = entry.get_ref();
    let name = room.keep(&table.name, gate_name);
    let run = room.commands(std::slice::from_ref(&table.run), "a quality gate");
    let measure = measure(room, table);
    let usual = match measure {
        // What audits find they say by their exit code as well.
        Some(Measure::Advisories(_)) => vec![0, 1],
        _ => vec![0],
    };
    Some(QualityDeclaration {
        name: name?,
        run: run.into_iter().next()?,
        critical: table.critical.unwrap_or(true),
        timeout: room.span(table.timeout.as_ref()).unwrap_or(USUAL),
        exits: exits(room, table).unwrap_or(usual),
        file: table
            .file
            .as_ref()
            .and_then(|it| room.keep(it, |it| inside(it, Climb::Never))),
        measure: measure?,
        at: entry.span(),
    })
}

fn gate_name(name: &str) -> Result<String, DeclareError> {
    let odd = name.trim().is_empty() || name.chars().any(char::is_control);
    if odd || name.chars().count() > 60 {
        let what =
            DeclareError::new("a quality gate's name is empty, very long or holds a control");
        return Err(what.help("a word or two: `coverage`, `unit tests`"));
    }
    Ok(name.to_owned())
}

fn exits(room: &mut Room<'_>, table: &QualityTable) -> Option<Vec<i32>> {
    let said = table.exit.as_ref()?;
    let fits = |it: &i32| (0..=255).contains(it);
    if said.get_ref().is_empty() || !said.get_ref().iter().all(fits) {
        let what = DeclareError::new("`exit` lists the exit codes with which a command may end");
        let help = "write `exit = [0, 1]`; a code is a number from 0 to 255";
        room.errors.push(what.at(&said.span(), "here").help(help));
        return None;
    }
    Some(said.get_ref().clone())
}

fn measure(room: &mut Room<'_>, table: &QualityTable) -> Option<Measure> {
    let waived = waivers(room, &table.waive);
    match (&table.value, &table.audit) {
        (None, None) => {
            let needless = table.file.as_ref().map(|it| (it.span(), "`file` is read"));
            let waive = table.waive.first();
            let needless = needless.or(waive.map(|it| (it.span(), "advisories are waived")));
            if let Some((at, what)) = needless {
                let what = format!("{what}, and nothing says what is in the answer");
                let help = "say it with `value = { json = ..., min = ... }` or `audit = ...`";
                let what = DeclareError::new(what).at(&at, "never read");
                room.errors.push(what.help(help));
            }
            Some(Measure::Exit)
        }
        (Some(value), None) => number(room, value).map(Measure::Number),
        (None, Some(audit)) => {
            let format = room.word(Some(audit), "format of an audit")?;
            Some(Measure::Advisories(Advisories { format, waived }))
        }
        (Some(_), Some(audit)) => {
            let what = DeclareError::new("a quality gate has one value: a number or advisories");
            let help = "make two gates of it, or leave `value` or `audit` out";
            room.errors
                .push(what.at(&audit.span(), "and here").help(help));
            None
        }
    }
}

fn number(room: &mut Room<'_>, entry: &Spanned<ValueTable>) -> Option<Number> {
    let table = entry.get_ref();
    let real = |it: Option<f64>| it.is_none_or(f64::is_finite);
    let ordered = table.min.zip(table.max).is_none_or(|(min, max)| min <= max);
    let bounded = table.min.or(table.max).is_some();
    if !bounded || !ordered || !real(table.min) || !real(table.max) {
        let what = DeclareError::new("a value has no bound that a number can keep");
        let help = "write the least, the most, or both: `min = 85`, `max = 0`";
        room.errors.push(what.at(&entry.span(), "here").help(help));
    }
    let by = match (&table.json, &table.regex) {
        (Some(json), None) => room.keep(json, pointer).map(Locator::Pointer),
        (None, Some(regex)) => room.keep(regex, expression).map(Locator::Regex),
        _ => {
            let what = DeclareError::new("a value is found in one way");
            let help = "write `json = \"/totals/percent\"` or `regex = '...'`";
            room.errors.push(what.at(&entry.span(), "here").help(help));
            None
        }
    };
    Some(Number {
        by: by?,
        min: table.min,
        max: table.max,
    })
}

fn pointer(text: &str) -> Result<String, DeclareError> {
    if text.is_empty() || text.starts_with('/') {
        return Ok(text.to_owned());
    }
    let what = format!("`{}` is no JSON pointer", text.escape_debug());
    Err(DeclareError::new(what).help("it begins with a slash: `/totals/percent_covered`"))
}

fn expression(text: &str) -> Result<String, DeclareError> {
    let read = RegexBuilder::new(text).size_limit(SIZE).build();
    let read = read.map_err(|error| DeclareError::new(error.to_string()))?;
    let named = read.capture_names().flatten().any(|it| it == "value");
    if !named && read.captures_len() != 2 {
        let what = DeclareError::new("the expression has no group for the value, or several");
        return Err(what.help("put parentheses around the number, or name one `(?P<value>...)`"));
    }
    Ok(text.to_owned())
}

fn waivers(room: &mut Room<'_>, tables: &[Spanned<WaiveTable>]) -> Vec<AdvisoryWaiver> {
    let mut all = Vec::new();
    for entry in tables {
        let table = entry.get_ref();
        let said = |what: &'static str| {
            move |it: &str| match it.trim() {
                "" => Err(DeclareError::new(format!("a waiver has no {what}"))),
                it => Ok(it.to_owned()),
            }
        };
        let advisory = room.keep(&table.advisory, said("advisory"));
        let reason = room.keep(&table.reason, said("reason"));
        let until = room.date(&table.until);
        if let (Some(advisory), Some(reason), Some(until)) = (advisory, reason, until) {
            all.push(AdvisoryWaiver {
                advisory,
                reason,
                until,
            });
        }
    }
    all
}

fn shown(text: &Text) -> String {
    text.get_ref().escape_debug().to_string()
}
