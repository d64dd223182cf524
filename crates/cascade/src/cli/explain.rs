//! `cascade explain`: what a rule means.

use cascade_plan::checks;
use clap::Args;

use super::Call;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{PLACE, Page, paint};
use crate::report::findings::severity;
use crate::report::table::{Column, table};
use crate::shown::Shown;

/// The page of every rule.
pub(crate) const PAGE: &str = include_str!("../../../../docs/checks.md");

/// Says what a rule means, why, and what mends it
#[derive(Debug, Args)]
#[command(
    long_about = "Says what a rule of `cascade check` and `cascade status` means, why it matters, \
        and what mends it. Without a code it lists every rule, the worst first.",
    after_help = "Examples:\n  \
        cascade explain\n  \
        cascade explain pin-excluded"
)]
pub(crate) struct Explain {
    /// The code of the rule
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

impl Explain {
    /// Prints the page of a rule, or the list of all.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let Some(code) = &self.code else {
            call.printer.report(&list(call.printer.width()))?;
            return Ok(Exit::Done);
        };
        let section = section(code).ok_or_else(|| unknown(code))?;
        let mut page = Page::default();
        page.line(paint(PLACE.bold(), code));
        page.gap();
        for line in section.trim().lines() {
            page.line(line.to_owned());
        }
        call.printer.report(&page.finish())?;
        Ok(Exit::Done)
    }
}

/// Returns what the page says of a rule, below its heading.
pub(crate) fn section(code: &str) -> Option<&'static str> {
    checks::all().find(|it| it.code == code)?;
    let heading = format!("\n## `{code}`\n");
    let (_, rest) = PAGE.split_once(&heading)?;
    Some(rest.split("\n## ").next().unwrap_or(rest).trim())
}

/// Returns the failure for a code that no rule has.
pub(crate) fn unknown(code: &str) -> Failure {
    let near = checks::all()
        .map(|it| (strsim::jaro_winkler(it.code, code), it.code))
        .filter(|it| it.0 > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let help = match near {
        Some((_, near)) => format!("did you mean `{near}`? `cascade explain` lists all rules"),
        None => "`cascade explain` lists all rules".to_owned(),
    };
    let what = format!("no rule has the code `{}`", Shown(code));
    Failure::new(Exit::Usage, what, help)
}

fn list(width: Option<usize>) -> String {
    let mut all: Vec<_> = checks::all().collect();
    all.sort_by_key(|it| (std::cmp::Reverse(it.severity), it.code));
    let columns = ["rule", "severity", "finds"].map(Column::kept);
    let row = |check: &&checks::Check| {
        let (style, word) = severity(check.severity);
        vec![
            check.code.to_owned(),
            paint(style, word.trim_end()),
            check.title.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    format!("{}\n", table(&columns, &rows, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_page_that_says_how_bad_it_is() {
        for check in checks::all() {
            let text = section(check.code).unwrap_or_else(|| panic!("{}: no page", check.code));
            let (_, word) = severity(check.severity);
            let first = text.lines().next().unwrap();
            assert!(
                first.starts_with(&format!("*{}*", word.trim_end())),
                "{}: {first}",
                check.code
            );
            assert!(text.contains("Mend"), "{}: nothing mends it", check.code);
        }
        let headings = PAGE.lines().filter(|it| it.starts_with("## `"));
        assert_eq!(headings.count(), checks::all().count(), "a page of no rule");
    }

    #[test]
    fn a_code_that_is_nearly_one_is_guessed() {
        let said = unknown("pin-exclude");
        let help = said.diagnostic().help().unwrap().to_string();
        assert!(help.contains("`pin-excluded`"), "{help}");
    }
}
