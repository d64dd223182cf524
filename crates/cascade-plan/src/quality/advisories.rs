//! Advisories, as tools tell of them: one format a file.

mod cargo;
mod cvss;
mod npm;
mod pip_audit;
mod sarif;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::AuditFormat;

/// How many advisories are read: who has more mends these first.
const MOST: usize = 1000;

/// Something that is known to be bad of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advisory {
    /// Its identifiers, that of the tool first; never empty.
    pub ids: Vec<String>,
    /// The package, with its version where that is told.
    pub package: String,
    /// What it is about.
    pub title: String,
    /// How bad it is.
    pub rank: Rank,
}

/// How bad an advisory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// It is ignored.
    Low,
    /// It warns.
    Medium,
    /// It blocks.
    High,
    /// Nobody says, so it blocks.
    Unknown,
    /// It blocks.
    Critical,
}

impl Rank {
    /// Returns whether it is in the way of a release.
    pub fn blocks(self) -> bool {
        self >= Self::High
    }

    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Unknown => "of unknown severity",
            Self::Critical => "critical",
        }
    }

    /// Returns what a tool's word means; a word that is not known is not harmless.
    fn of_word(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "critical" => Self::Critical,
            "high" => Self::High,
            "medium" | "moderate" => Self::Medium,
            "low" | "info" | "none" => Self::Low,
            _ => Self::Unknown,
        }
    }

    /// Returns what a score from 0 to 10 means.
    fn of_score(score: f64) -> Self {
        match score {
            0.0..4.0 => Self::Low,
            4.0..7.0 => Self::Medium,
            7.0..9.0 => Self::High,
            9.0..=10.0 => Self::Critical,
            _ => Self::Unknown,
        }
    }
}

impl Advisory {
    /// Returns its first identifier.
    pub fn name(&self) -> &str {
        self.ids.first().map_or("", String::as_str)
    }

    /// Returns whether an identifier means it.
    pub(super) fn is(&self, id: &str) -> bool {
        self.ids.iter().any(|it| it.eq_ignore_ascii_case(id))
    }
}

/// Returns the advisories that a tool's answer tells of.
///
/// # Errors
/// Where the answer is not of the format, or says that the tool failed.
pub(super) fn read(format: AuditFormat, answer: &str) -> Result<Vec<Advisory>, String> {
    let json: Value =
        serde_json::from_str(answer).map_err(|error| format!("its answer is no JSON: {error}"))?;
    let found = match format {
        AuditFormat::Npm => npm::read(&json),
        AuditFormat::PipAudit => pip_audit::read(&json),
        AuditFormat::Cargo => cargo::read(&json),
        AuditFormat::Sarif => sarif::read(&json),
    };
    let mut found = found?;
    for it in found.iter_mut().filter(|it| it.ids.is_empty()) {
        it.ids.push("an advisory without a name".to_owned());
    }
    if found.len() > MOST {
        return Err(format!("it tells of more than {MOST} advisories"));
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|it| seen.insert((it.ids.clone(), it.package.clone())));
    Ok(found)
}

/// Returns the failure to find what an answer of a format has.
fn lacks(what: &str) -> String {
    format!("its answer has no `{what}`, so it is not of the format that is declared")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the texts of a list.
fn texts(value: &Value, key: &str) -> impl Iterator<Item = String> {
    let list = value.get(key).and_then(Value::as_array);
    let list = list.into_iter().flatten();
    list.filter_map(Value::as_str)
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Returns a name and a version in one.
fn named(name: &str, version: &str) -> String {
    match version {
        "" => name.to_owned(),
        _ => format!("{name} {version}"),
    }
}
