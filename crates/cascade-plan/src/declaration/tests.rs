use super::*;
use miette::Diagnostic as _;
use proptest::prelude::*;

mod errors;
mod limits;
mod whole;

/// What a text is refused for: `line: message [label `text under the caret`] (help)`.
fn told(text: &str) -> Vec<String> {
    let errors = declare(text).expect_err("it is refused");
    errors.errors().iter().map(|it| shown(text, it)).collect()
}

fn shown(text: &str, error: &DeclareError) -> String {
    let mut out = String::new();
    let mut line = 0;
    for label in &error.labels {
        let under = part(text, &(label.offset()..label.offset() + label.len()));
        let at = cascade_manifest::line_of(text, label.offset());
        line = if line == 0 { at } else { line };
        let what = label.label().unwrap_or_default();
        out.push_str(" [");
        out.extend([at.to_string().as_str(), ": ", what, " `", under, "`]"]);
    }
    let help = error.help.as_deref().unwrap_or("-");
    format!("{line}: {}{out} ({help})", error.message)
}

fn part<'a>(text: &'a str, at: &Range<usize>) -> &'a str {
    text.get(at.clone()).expect("a part of the text")
}

/// A file with this below `[workspace]` and `[repo.a]`, `[repo.b]` above it.
fn file(rest: &str) -> String {
    format!("[workspace]\nname = \"w\"\n[repo.a]\n[repo.b]\n{rest}")
}

fn refused(rest: &str) -> Vec<String> {
    told(&file(rest))
}

fn one(rest: &str) -> RepoDeclaration {
    let text = file(&format!("[repo.x]\n{rest}"));
    let mut declared = declare(&text).unwrap_or_else(|it| panic!("{rest}: {:?}", it.errors()));
    declared.repos.remove(&RepoId::new("x")).expect("declared")
}
