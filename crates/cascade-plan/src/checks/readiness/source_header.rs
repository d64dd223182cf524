//! Sources do not begin with what is declared.

use super::list;
use crate::checks::{Check, Told, View};
use crate::declaration::header_regex;
use crate::{HeaderDeclaration, TrackedFiles, path_pattern};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "source-header",
    "sources do not begin with what is declared",
    check,
);

/// How many lines of a source are its head.
const LINES: usize = 20;

/// Finds sources without their header, of one declaration in one finding.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, declared, _, audit) in view.audited() {
        for header in &declared.check.headers {
            let without = without(header, &audit.files);
            let Some(first) = without.first() else {
                continue;
            };
            let names: Vec<String> = without.iter().map(|it| format!("`{it}`")).collect();
            let what = format!(
                "{} have no header as declared for `{}`",
                list(&names),
                header.files
            );
            let mend = format!("begin each with what fits `{}`", header.regex);
            told.push(Told::of(id, what).at(first, Some(1)).mend(mend));
        }
    }
    told
}

/// Returns the files of a pattern whose head fits nothing of the expression; what was not read, being
/// empty or too large, is not judged.
fn without<'a>(header: &HeaderDeclaration, files: &'a TrackedFiles) -> Vec<&'a str> {
    let (Ok(pattern), Ok(regex)) = (path_pattern(&header.files), header_regex(&header.regex))
    else {
        return Vec::new();
    };
    let meant = files.texts.iter().filter(|it| pattern.is_match(it.0));
    let without = meant.filter(|(_, text)| {
        let head: Vec<&str> = text.lines().take(LINES).collect();
        !text.trim().is_empty() && !regex.is_match(&head.join("\n"))
    });
    without.map(|it| it.0.as_str()).collect()
}
