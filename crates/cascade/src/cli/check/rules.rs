//! Which rules are meant.

use std::collections::BTreeSet;

use cascade_plan::{Finding, checks};

use crate::cli::explain::unknown;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Known, findings};
use crate::shown::Shown;

/// The rules that are meant.
pub(crate) struct Rules {
    select: BTreeSet<&'static str>,
    ignore: BTreeSet<&'static str>,
}

impl Rules {
    /// Returns the rules that these codes, globs and groups mean; where none is selected, all but those
    /// that are told on request alone.
    pub(crate) fn of(select: &[String], ignore: &[String]) -> Result<Self, Failure> {
        Ok(Self {
            select: codes(select)?,
            ignore: codes(ignore)?,
        })
    }

    /// Returns the rules of readiness for 1.0.
    pub(crate) fn of_readiness(ignore: &[String]) -> Result<Self, Failure> {
        let groups: Vec<String> = checks::readiness_groups().map(str::to_owned).collect();
        Self::of(&groups, ignore)
    }

    /// Returns how many findings there are of rules that nobody asked for.
    pub(crate) fn untold(&self, known: Known<'_>) -> usize {
        let found = findings::all(known).into_iter();
        let quiet = found.filter(|it| checks::is_on_request(it.code.0));
        let asked = quiet.filter(|it| !self.ignore.contains(it.code.0));
        asked.filter(|it| !self.want(it.code.0)).count()
    }

    /// Returns the findings of these rules.
    pub(crate) fn among<'a>(&self, known: Known<'a>) -> Vec<&'a Finding> {
        let found = findings::all(known).into_iter();
        found.filter(|it| self.want(it.code.0)).collect()
    }

    fn want(&self, code: &str) -> bool {
        let selected = if self.select.is_empty() {
            !checks::is_on_request(code)
        } else {
            self.select.contains(code)
        };
        selected && !self.ignore.contains(code)
    }
}

/// Returns the codes that these globs mean; each means at least one.
fn codes(globs: &[String]) -> Result<BTreeSet<&'static str>, Failure> {
    let mut found = BTreeSet::new();
    for glob in globs {
        let hits = checks::matching(glob).map_err(|error| {
            let what = format!("`{}` is no pattern: {error}", Shown(glob));
            Failure::new(Exit::Usage, what, "`cascade explain` lists all rules")
        })?;
        if hits.is_empty() {
            return Err(unknown(glob));
        }
        found.extend(hits);
    }
    Ok(found)
}
