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
    /// Returns the rules that these codes, globs and groups mean: all where none is selected.
    pub(crate) fn of(select: &[String], ignore: &[String]) -> Result<Self, Failure> {
        Ok(Self {
            select: codes(select)?,
            ignore: codes(ignore)?,
        })
    }

    /// Returns the findings of these rules.
    pub(crate) fn among<'a>(&self, known: Known<'a>) -> Vec<&'a Finding> {
        let found = findings::all(known).into_iter();
        found.filter(|it| self.want(it.code.0)).collect()
    }

    fn want(&self, code: &str) -> bool {
        let selected = self.select.is_empty() || self.select.contains(code);
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
