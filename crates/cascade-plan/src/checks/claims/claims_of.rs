//! What a package claims to run with: classifiers, bounds, rows of a table.

use std::sync::LazyLock;

use cascade_manifest::Topic;
use regex::Regex;

use super::tested::{Os, Subject};
use crate::TrackedFiles;
use crate::checks::readiness::packages::Published;

/// Something that a package claims to run with, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// What it is about.
    pub(super) subject: Subject,
    /// How it is made: `a classifier`, `requires-python`.
    pub(super) how: &'static str,
    /// The file.
    pub(super) path: String,
    /// The 1-based line.
    pub(super) line: usize,
}

/// The first version of an alternative of a requirement, as far as its minor.
static VERSION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:>=|~=|==|=|\^|~|v)?\s*v?(\d+)(?:\.(\d+))?").ok());

/// Returns what a package claims.
pub(super) fn claims_of(it: &Published<'_>, files: &TrackedFiles) -> Vec<Claim> {
    let claim = |how, line| {
        move |subject| Claim {
            subject,
            how,
            path: it.file.path.clone(),
            line,
        }
    };
    let mut claims: Vec<Claim> = it
        .about
        .classifiers
        .iter()
        .flat_map(|said| {
            let subjects = of_classifier(&said.value).into_iter();
            subjects.map(claim("a classifier", said.line))
        })
        .collect();
    if let Some(said) = it.about.fields.get(&Topic::Requires) {
        let (how, subjects) = match it.package.ecosystem.name {
            "python" => ("`requires-python`", floors(&said.value, Subject::python)),
            "npm" => (
                "`engines.node`",
                floors(&said.value, |major, _| Some(Subject::Node(major))),
            ),
            "cargo" => ("`rust-version`", floors(&said.value, Subject::rust)),
            _ => ("", Vec::new()),
        };
        claims.extend(subjects.into_iter().map(claim(how, said.line)));
    }
    if it.package.ecosystem.name != "cargo" {
        claims.extend(rows(it.package.ecosystem.name, files));
    }
    claims
}

/// Returns what a classifier claims: a minor version of Python, or systems.
fn of_classifier(text: &str) -> Vec<Subject> {
    if let Some(version) = text.strip_prefix("Programming Language :: Python :: ") {
        let parts = version.split_once('.');
        let numbers = parts.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        let python = numbers.map(|(major, minor)| Subject::Python(major, minor));
        return python.into_iter().collect();
    }
    let Some(system) = text.strip_prefix("Operating System :: ") else {
        return Vec::new();
    };
    let systems: &[Os] = match system {
        "OS Independent" => &[Os::Linux, Os::Mac, Os::Windows],
        "POSIX :: Linux" => &[Os::Linux],
        it if it.starts_with("MacOS") => &[Os::Mac],
        it if it.starts_with("Microsoft :: Windows") || it == "Microsoft" => &[Os::Windows],
        _ => &[],
    };
    systems.iter().map(|it| Subject::Os(*it)).collect()
}

/// Returns the lowest version of each alternative of a requirement.
fn floors(text: &str, subject: impl Fn(u64, Option<u64>) -> Option<Subject>) -> Vec<Subject> {
    let alternatives = text.split("||").filter_map(|alternative| {
        let mut clauses = alternative.split(',');
        clauses.find_map(|clause| {
            let found = VERSION.as_ref()?.captures(clause)?;
            let major = found.get(1)?.as_str().parse().ok()?;
            let minor = found.get(2).and_then(|it| it.as_str().parse().ok());
            subject(major, minor)
        })
    });
    alternatives.collect()
}

/// Files that tables of what is supported stand in.
const TABLES: &[&str] = &[
    "README.md",
    "COMPATIBILITY.md",
    "SUPPORT.md",
    "docs/compatibility.md",
    "docs/support.md",
    "docs/installation.md",
];

/// Words in a row that say that its version is not supported any more, or not yet.
const GONE: &[&str] = &[
    "no",
    "eol",
    "dropped",
    "unsupported",
    "end of life",
    "❌",
    "✗",
    "planned",
];

/// Returns the rows of tables under a column that is called after the language.
fn rows(ecosystem: &str, files: &TrackedFiles) -> Vec<Claim> {
    let heads: &[&str] = match ecosystem {
        "python" => &["python", "python version", "python versions"],
        "npm" => &["node", "node.js", "node version", "node.js version"],
        _ => return Vec::new(),
    };
    let mut claims = Vec::new();
    for path in TABLES {
        let Some(text) = files.text(path) else {
            continue;
        };
        let mut column = None;
        for (at, line) in text.lines().enumerate() {
            let cells: Option<Vec<String>> = cells(line);
            let Some(cells) = cells else {
                column = None;
                continue;
            };
            let head = cells.iter().position(|it| heads.contains(&it.as_str()));
            column = head.or(column);
            let gone = cells.iter().any(|it| GONE.contains(&it.as_str()));
            let cell = column
                .and_then(|it| cells.get(it))
                .filter(|_| !gone && head.is_none());
            let subjects = cell.map(|it| of_cell(ecosystem, it)).unwrap_or_default();
            claims.extend(subjects.into_iter().map(|subject| Claim {
                subject,
                how: "a row of a table",
                path: (*path).to_owned(),
                line: at + 1,
            }));
        }
    }
    claims
}

/// Returns the cells of a row of a Markdown table, in small letters; `None` for any other line.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let cells = inner
        .split('|')
        .map(|it| it.trim().trim_matches(['`', '*']).to_lowercase());
    Some(cells.collect())
}

/// Returns the versions that a cell names: `3.10`, `3.10, 3.11`; of a range nothing.
fn of_cell(ecosystem: &str, cell: &str) -> Vec<Subject> {
    let words = cell.split([',', ' ', '/']).filter(|it| !it.is_empty());
    let read = words.map(|word| {
        let mut parts = word.trim_start_matches('v').split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next().map(str::parse).transpose().ok()?;
        match ecosystem {
            "python" => Subject::python(major, minor),
            _ => Some(Subject::Node(major)),
        }
    });
    read.collect::<Option<Vec<Subject>>>().unwrap_or_default()
}
