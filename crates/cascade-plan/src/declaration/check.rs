//! `[check]`: what people decided about findings, for the workspace and for one repository.

use std::collections::BTreeMap;
use std::ops::Range;

use cascade_manifest::{LicenseName, line_of};
use jiff::civil::Date;
use regex::{Regex, RegexBuilder};
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
    /// Licences that what is locked may have; whatever is not denied, where it is empty.
    pub allow_licenses: Vec<LicenseName>,
    /// Licences that nothing locked may have.
    pub deny_licenses: Vec<LicenseName>,
    /// What sources begin with.
    pub headers: Vec<HeaderDeclaration>,
}

/// One `[[check.header]]`: what sources begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderDeclaration {
    /// A pattern of files, from the repository's root.
    pub files: String,
    /// An expression that something in the first lines of each fits.
    pub regex: String,
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
    /// Licences that what is locked may have: names of SPDX's list, or `LicenseRef-`s.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    allow_licenses: Vec<Text>,
    /// Licences that nothing locked may have.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    deny_licenses: Vec<Text>,
    /// What sources begin with.
    #[serde(default)]
    header: Vec<HeaderTable>,
}

/// What sources begin with.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct HeaderTable {
    /// A pattern of files, from the repository's root.
    #[schemars(with = "String")]
    files: Text,
    /// An expression that something in the first lines of each fits.
    #[schemars(with = "String")]
    regex: Text,
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

/// The longest expression of a header, in bytes.
const LONGEST: usize = 4 << 10;
/// Bytes that a compiled one may take.
const SIZE: usize = 1 << 20;

/// Returns the expression that headers are held against; `^` and `$` match at lines.
///
/// # Errors
/// With what is wrong with it, in a line.
pub(crate) fn header_regex(text: &str) -> Result<Regex, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let built = RegexBuilder::new(text)
        .multi_line(true)
        .size_limit(SIZE)
        .dfa_size_limit(SIZE)
        .build();
    built.map_err(|error| {
        let told = error.to_string();
        told.lines().last().unwrap_or_default().trim().to_owned()
    })
}

impl CheckDeclaration {
    /// Takes what it does not say itself from the workspace's: lists are one or the other.
    pub(super) fn inherit(&mut self, workspace: &Self) {
        if self.allow_licenses.is_empty() && self.deny_licenses.is_empty() {
            self.allow_licenses.clone_from(&workspace.allow_licenses);
            self.deny_licenses.clone_from(&workspace.deny_licenses);
        }
        if self.headers.is_empty() {
            self.headers.clone_from(&workspace.headers);
        }
    }

    /// Returns whether licences of what is locked are judged.
    pub fn judges_licenses(&self) -> bool {
        !(self.allow_licenses.is_empty() && self.deny_licenses.is_empty())
    }
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
            allow_licenses: self.licenses(&table.allow_licenses),
            deny_licenses: self.licenses(&table.deny_licenses),
            headers: table
                .header
                .iter()
                .filter_map(|it| self.header(it))
                .collect(),
        }
    }

    fn licenses(&mut self, names: &[Text]) -> Vec<LicenseName> {
        let read = names.iter().filter_map(|text| {
            self.keep(text, |it| {
                LicenseName::parse(it).map_err(|error| {
                    let what = DeclareError::new(format!("this is no licence: {error}"));
                    what.help(
                        "write one name of SPDX's list, such as `MIT`, or a `LicenseRef-NAME`",
                    )
                })
            })
        });
        read.collect()
    }

    fn header(&mut self, table: &HeaderTable) -> Option<HeaderDeclaration> {
        let files = self.keep(&table.files, |it| match path_pattern(it) {
            Ok(_) => Ok(it.to_owned()),
            Err(error) => Err(DeclareError::new(format!("this is no pattern: {error}"))),
        });
        let regex = self.keep(&table.regex, |it| match header_regex(it) {
            Ok(_) => Ok(it.to_owned()),
            Err(error) => Err(DeclareError::new(format!("this is no expression: {error}"))),
        });
        Some(HeaderDeclaration {
            files: files?,
            regex: regex?,
        })
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

    /// Returns a day of the file.
    pub(super) fn date(&mut self, said: &Spanned<Datetime>) -> Option<Date> {
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
