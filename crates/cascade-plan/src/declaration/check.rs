//! `[check]`: what people decided about findings, for the workspace and for one repository.

use std::collections::BTreeMap;
use std::ops::Range;

use cascade_manifest::line_of;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::Declaration;
use super::fault::{DeclareError, did_you_mean};
use super::file::Text;
use super::resolve::Room;
use crate::{RepoId, Severity, checks, path_pattern};

/// What people decided about findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckDeclaration {
    /// Codes of rules that are not looked at.
    pub ignore: Vec<&'static str>,
    /// How bad the findings of a rule are, where that is not what it says itself.
    pub severity: BTreeMap<&'static str, Severity>,
    /// Findings that are accepted for a while.
    pub waivers: Vec<Waiver>,
}

/// One `[[check.waiver]]`: findings that somebody accepts for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Codes of the rules.
    pub codes: Vec<&'static str>,
    /// The repository; `None` for any.
    pub repo: Option<RepoId>,
    /// A pattern of files, from the repository's root; `None` for any, and for what is in no file.
    pub path: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds (UTC).
    pub until: Date,
    /// The bytes of the entry in the file.
    pub at: Range<usize>,
    /// That file's name.
    pub file: &'static str,
    /// Its 1-based line there.
    pub line: usize,
}

/// What people decided about findings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct CheckTable {
    /// Rules that are not looked at: codes, globs of them, or groups.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    ignore: Vec<Text>,
    /// How bad the findings of a rule are: `block`, `warn` or `info` by code, glob or group.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Severity>")]
    severity: BTreeMap<Text, Text>,
    /// Findings that are accepted for a while.
    #[serde(default)]
    #[schemars(with = "Vec<WaiverTable>")]
    waiver: Vec<Spanned<WaiverTable>>,
}

/// Findings that somebody accepts for a while.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct WaiverTable {
    /// The rule: a code, a glob of codes, or a group.
    #[schemars(with = "String")]
    code: Text,
    /// The repository, where not every one's are accepted.
    #[schemars(with = "Option<String>")]
    repo: Option<Text>,
    /// A pattern of files, where not every place is accepted.
    #[schemars(with = "Option<String>")]
    path: Option<Text>,
    /// Why.
    #[schemars(with = "String")]
    reason: Text,
    /// The last day on which it holds: `2027-03-31`.
    #[schemars(with = "String", extend("format" = "date"))]
    until: Spanned<Datetime>,
}

/// Says of every waiver on which line of which file it stands.
pub(super) fn place(declared: &mut Declaration, file: &'static str, text: &str) {
    let own = declared.repos.values_mut().map(|it| &mut it.check);
    let all = own.chain([&mut declared.check]);
    for waiver in all.flat_map(|it| &mut it.waivers) {
        waiver.file = file;
        waiver.line = line_of(text, waiver.at.start);
    }
}

impl Room<'_> {
    /// Returns what a table decides; `of` is the repository that it stands in.
    pub(super) fn check(
        &mut self,
        table: Option<&CheckTable>,
        of: Option<&str>,
    ) -> CheckDeclaration {
        let Some(table) = table else {
            return CheckDeclaration::default();
        };
        let mut ignore = Vec::new();
        for text in &table.ignore {
            ignore.extend(self.codes(text));
        }
        let mut severity = BTreeMap::new();
        for (rules, word) in &table.severity {
            if let Some(bad) = self.word::<Severity>(Some(word), "severity") {
                severity.extend(self.codes(rules).into_iter().map(|it| (it, bad)));
            }
        }
        let waivers = table.waiver.iter();
        CheckDeclaration {
            ignore,
            severity,
            waivers: waivers.filter_map(|it| self.waiver(it, of)).collect(),
        }
    }

    fn waiver(&mut self, entry: &Spanned<WaiverTable>, of: Option<&str>) -> Option<Waiver> {
        let table = entry.get_ref();
        let codes = self.codes(&table.code);
        let named = table.repo.as_ref();
        if let (Some(text), Some(_)) = (named, of) {
            let what = DeclareError::new("a repository's own waiver names a repository");
            let what = what.at(&text.span(), "here");
            self.errors.push(what.help("take `repo` out"));
            return None;
        }
        let known = named.is_none_or(|it| self.declared(it.get_ref(), &it.span()));
        let path = table.path.as_ref();
        let path = path.and_then(|it| {
            self.keep(it, |it| match path_pattern(it) {
                Ok(_) => Ok(it.to_owned()),
                Err(error) => Err(DeclareError::new(format!("this is no pattern: {error}"))),
            })
        });
        let reason = self.keep(&table.reason, |it| match it.trim() {
            "" => Err(DeclareError::new("a waiver without a reason")
                .help("write down why the finding is accepted")),
            reason => Ok(reason.to_owned()),
        });
        let until = self.date(&table.until);
        let complete = known && !codes.is_empty() && path.is_some() == table.path.is_some();
        let repo = of.or_else(|| named.map(|it| it.get_ref().as_str()));
        Some(Waiver {
            codes: complete.then_some(codes)?,
            repo: repo.map(RepoId::new),
            path,
            reason: reason?,
            until: until?,
            at: entry.span(),
            file: "workspace.toml",
            line: 1,
        })
    }

    fn codes(&mut self, text: &Text) -> Vec<&'static str> {
        let found = self.keep(text, |it| match checks::matching(it) {
            Ok(codes) if codes.is_empty() => {
                let what = format!("no rule and no group is called `{}`", it.escape_debug());
                let near = did_you_mean(it, checks::all().map(|it| it.code));
                let help = near.unwrap_or_else(|| "`cascade explain` lists all rules".to_owned());
                Err(DeclareError::new(what).help(help))
            }
            Ok(codes) => Ok(codes),
            Err(error) => Err(DeclareError::new(format!("this is no pattern: {error}"))),
        });
        found.unwrap_or_default()
    }

    fn date(&mut self, said: &Spanned<Datetime>) -> Option<Date> {
        let it = said.get_ref();
        let day = it.date.filter(|_| it.time.is_none());
        let day = day.and_then(|it| {
            let year = i16::try_from(it.year).ok()?;
            let (month, day) = (i8::try_from(it.month).ok()?, i8::try_from(it.day).ok()?);
            Date::new(year, month, day).ok()
        });
        if day.is_none() {
            let what = DeclareError::new("this is no day").at(&said.span(), "here");
            self.errors
                .push(what.help("write a date: `until = 2027-03-31`"));
        }
        day
    }
}
