//! What was taken back of a run, what stays, and the way forward for what is out.

use std::collections::BTreeMap;

use cascade_plan::{Plan, Release, RepoId, Step};
use cascade_run::{Undo, Undoable, Undoing};

use crate::page::{DIM, GOOD, Page, STRONG, WARN, paint};
use crate::shown::{Shown, ShownLines};

/// Returns what would be taken back, a line each.
pub(crate) fn listed(acts: &[Undo]) -> String {
    let mut page = Page::default();
    for act in acts {
        page.line(line(&act.repo, &paint(WARN, "undo"), &in_words(&act.what)));
    }
    page.finish()
}

/// Returns what is taken back, in words.
pub(crate) fn in_words(what: &Undoing) -> String {
    match what {
        Undoing::Commit { commit, tags, .. } => {
            let names: Vec<&str> = tags.keys().map(String::as_str).collect();
            let tags = match names.as_slice() {
                [] => String::new(),
                names => format!(" and {}", names.join(", ")),
            };
            format!("drop {}{tags} in the checkout", commit.short())
        }
        Undoing::Files { files, .. } => {
            let names: Vec<&str> = files.keys().map(String::as_str).collect();
            format!("restore {}", names.join(", "))
        }
        Undoing::Branch { name, .. } => {
            let short = name.strip_prefix("refs/heads/").unwrap_or(name);
            format!("delete `{short}` on its remote")
        }
        Undoing::Built => "let go of what was built and is not pushed".to_owned(),
    }
}

/// Returns what was taken back, and what stays.
pub(crate) fn left(plan: &Plan, (done, all): (&[Undo], &Undoable)) -> String {
    let mut page = Page::default();
    if done.is_empty() && all.kept.is_empty() && all.out.is_empty() {
        page.line(format!("nothing of run {} is left to undo", plan.run.0));
    }
    for act in done {
        page.line(line(
            &act.repo,
            &paint(GOOD, "undone"),
            &in_words(&act.what),
        ));
    }
    for kept in &all.kept {
        page.line(line(&kept.repo, &paint(WARN, "stays"), &kept.why));
        next(&mut page, kept.help.iter());
    }
    page.finish()
}

/// Returns what is out, each with the commands that lead on: nothing published is rolled back.
pub(crate) fn way_forward(plan: &Plan, out: &BTreeMap<RepoId, Vec<String>>) -> String {
    let mut page = Page::default();
    let steps = plan.steps.iter();
    for (step, tags) in steps.filter_map(|it| Some((it, out.get(&it.repo)?))) {
        let told = format!("{}; what is out stays out", tags.join(", "));
        page.line(line(&step.repo, &paint(WARN, "out"), &told));
        let anew = format!(
            "mend it, then release a new version: cascade release patch --repo {}",
            step.repo
        );
        let made = step.releases.iter().filter(|it| tags.contains(&it.tag));
        let remedies = made.filter_map(|it| remedy(step, it));
        next(
            &mut page,
            std::iter::once(anew)
                .chain(remedies)
                .collect::<Vec<_>>()
                .iter(),
        );
    }
    page.finish()
}

/// Returns what its registry offers for a version that should not be taken any more, where it was
/// published.
fn remedy(step: &Step, release: &Release) -> Option<String> {
    let (name, to) = (&release.package.name, &release.to);
    Some(match release.package.ecosystem.as_str() {
        "python" => format!(
            "if it is on an index, yank {name} {to} there: Manage, Releases, {to}, Options, Yank"
        ),
        "npm" => format!("if it is in a registry: npm deprecate {name}@{to} \"WHY\""),
        "cargo" => format!("if it is in a registry: cargo yank --version {to} {name}"),
        "go" => format!(
            "to warn who takes it: cd {} && go mod edit -retract=v{}, and release that",
            step.path,
            to.trim_start_matches('v')
        ),
        _ => return None,
    })
}

fn line(repo: &RepoId, word: &str, rest: &str) -> String {
    let repo = paint(STRONG, Shown(repo.as_str()));
    format!("{repo}  {word}  {}", ShownLines(rest))
}

fn next<'a>(page: &mut Page, all: impl Iterator<Item = &'a String>) {
    for it in all {
        page.line(format!("    {} {}", paint(DIM, "next:"), Shown(it)));
    }
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::report::sample_plan::plan;

    #[test]
    fn every_registry_has_its_own_way_forward() {
        let mut plan = plan();
        plan.steps.truncate(1);
        let first = plan.steps[0].releases[0].clone();
        for ecosystem in ["npm", "cargo", "go", "image"] {
            let mut release = first.clone();
            ecosystem.clone_into(&mut release.package.ecosystem);
            plan.steps[0].releases.push(release);
        }
        let out = BTreeMap::from([(RepoId::new("urn"), vec!["v1.5.0".to_owned()])]);
        let text = way_forward(&plan, &out);
        insta::assert_snapshot!(strip_str(&text).to_string(), @r#"
urn  out  v1.5.0; what is out stays out
    next: mend it, then release a new version: cascade release patch --repo urn
    next: if it is on an index, yank tea-urn 1.5.0 there: Manage, Releases, 1.5.0, Options, Yank
    next: if it is in a registry: npm deprecate tea-urn@1.5.0 "WHY"
    next: if it is in a registry: cargo yank --version 1.5.0 tea-urn
    next: to warn who takes it: cd urn && go mod edit -retract=v1.5.0, and release that
"#);
    }
}
