//! What a run came to: what is out, what is not, and the command that continues.

use std::collections::BTreeSet;

use cascade_plan::{Fate, Outcome, Plan, Purpose, RepoId};

use crate::page::{BAD, DIM, GOOD, Page, STRONG, WARN, count, paint};
use crate::shown::{Shown, ShownLines};

/// Returns the outcome of a plan, repositories in the plan's order; `again` is the command that
/// continues where something is left.
pub(crate) fn outcome(plan: &Plan, outcome: &Outcome, again: &str) -> String {
    let order: Vec<&RepoId> = plan.steps.iter().map(|it| &it.repo).collect();
    let mut page = Page::default();
    for step in &plan.steps {
        match (outcome.fates.get(&step.repo), &step.held) {
            (Some(fate), _) => write_fate(&mut page, &step.repo, fate),
            (None, Some(held)) => {
                page.line(line(
                    &step.repo,
                    &paint(WARN, "held"),
                    &Shown(&held.why).to_string(),
                ));
                if let Some(help) = &held.help {
                    next(&mut page, help);
                }
            }
            (None, None) => {}
        }
    }
    if outcome.fates.is_empty() {
        idle(&mut page, plan);
    }
    write(
        &mut page,
        &order,
        outcome,
        again,
        plan.steps.iter().any(|it| it.held.is_some()).into(),
    );
    page.finish()
}

/// Adds why nothing was done, where nothing was.
fn idle(page: &mut Page, plan: &Plan) {
    if plan.steps.is_empty() && plan.request.asks.is_empty() {
        let why = match plan.request.purpose {
            Purpose::Release => "no repository has commits that ask for a release",
            Purpose::Bump => "no pin is behind or excluded",
        };
        page.line(why);
    }
    for step in plan.steps.iter().filter(|it| !it.changes()) {
        for release in step.releases.iter().filter(|it| it.out) {
            let tag = Shown(&release.tag).to_string();
            let why = format!("{tag} is out, and no commit since asks for another release");
            page.line(line(&step.repo, &paint(DIM, "nothing to do"), &why));
        }
    }
}

/// Returns the outcome of a run without a plan (`fetch`).
pub(crate) fn outcome_of(order: &[RepoId], outcome: &Outcome, again: &str) -> String {
    let order: Vec<&RepoId> = order.iter().collect();
    let mut page = Page::default();
    for repo in &order {
        if let Some(fate) = outcome.fates.get(*repo) {
            write_fate(&mut page, repo, fate);
        }
    }
    write(&mut page, &order, outcome, again, Left::Nothing);
    page.finish()
}

/// Whether something is left that no fate tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    Held,
}

impl From<bool> for Left {
    fn from(held: bool) -> Self {
        if held { Self::Held } else { Self::Nothing }
    }
}

/// Adds the notes, the totals and the command that continues.
fn write(page: &mut Page, order: &[&RepoId], outcome: &Outcome, again: &str, left: Left) {
    for it in &outcome.locks {
        let told = format!("{} {}", Shown(&it.file), Shown(&it.way.to_string()));
        page.line(line(&it.repo, &paint(DIM, "lock"), &told));
    }
    for (repo, note) in &outcome.notes {
        page.line(line(repo, &paint(WARN, "note"), &Shown(note).to_string()));
    }
    page.gap();
    page.line(totals(outcome));
    let unfinished = order
        .iter()
        .filter_map(|it| outcome.fates.get(*it))
        .any(|it| !matches!(it, Fate::Done { .. } | Fate::Nothing | Fate::LeftOut { .. }));
    if unfinished || left == Left::Held {
        page.line(format!("to continue: {}", paint(STRONG, Shown(again))));
    }
}

/// Returns a repository, how it ended, and the rest.
fn line(repo: &RepoId, word: &str, rest: &str) -> String {
    let text = format!("{}  {word}  {rest}", paint(STRONG, Shown(repo.as_str())));
    text.trim_end().to_owned()
}

/// Adds the next command of one repository.
fn next(page: &mut Page, help: &str) {
    page.line(format!("    {} {}", paint(DIM, "next:"), Shown(help)));
}

/// Adds how one repository ended.
fn write_fate(page: &mut Page, repo: &RepoId, fate: &Fate) {
    let (word, rest) = told(fate);
    let mut lines = rest.lines();
    page.line(line(repo, &word, lines.next().unwrap_or_default()));
    for more in lines {
        page.line(format!("    {more}"));
    }
    if let Fate::Failed {
        help: Some(help), ..
    }
    | Fate::Waiting {
        help: Some(help), ..
    } = fate
    {
        next(page, help);
    }
}

/// Returns how a repository ended: the word, and the rest.
fn told(fate: &Fate) -> (String, String) {
    match fate {
        Fate::Done { commit, out } if out.is_empty() => {
            let at = commit.as_ref().map_or("", |it| it.short());
            (paint(GOOD, "done"), at.to_owned())
        }
        Fate::Done { out, .. } => (paint(GOOD, "out"), Shown(&out.join(", ")).to_string()),
        Fate::Nothing => (paint(DIM, "nothing to do"), String::new()),
        Fate::Failed { why, out, .. } => (paint(BAD, "failed"), failure(why, out)),
        Fate::Waiting { what, .. } => (paint(WARN, "waiting"), ShownLines(what).to_string()),
        Fate::Drifted { what } => (paint(BAD, "drift"), ShownLines(what).to_string()),
        Fate::Skipped { because } => {
            let because = Shown(because.as_str()).to_string();
            (paint(WARN, "skipped"), format!("it stands on {because}"))
        }
        Fate::LeftOut { why } => (paint(WARN, "left out"), ShownLines(why).to_string()),
        Fate::Stopped { after } => (paint(WARN, "stopped"), format!("it is {after}")),
        Fate::Interrupted => (paint(WARN, "interrupted"), String::new()),
    }
}

/// Returns why something failed, and what is out all the same.
fn failure(why: &str, out: &[String]) -> String {
    let why = ShownLines(why.trim_end()).to_string();
    if out.is_empty() {
        return why;
    }
    format!("{why}\nout all the same: {}", Shown(&out.join(", ")))
}

/// Returns how many are out and how many are not.
fn totals(outcome: &Outcome) -> String {
    let of = |test: fn(&Fate) -> bool| outcome.fates.values().filter(|it| test(it)).count();
    let of_fate = |repo: &RepoId| match outcome.fates.get(repo) {
        Some(Fate::Done { out, .. } | Fate::Failed { out, .. }) => out.len(),
        _ => 0,
    };
    let told = |repo: &RepoId| outcome.out.get(repo).map_or(0, BTreeSet::len);
    let repos: BTreeSet<&RepoId> = outcome.fates.keys().chain(outcome.out.keys()).collect();
    let out: usize = repos.iter().map(|it| of_fate(it).max(told(it))).sum();
    let parts = [
        (of(|it| matches!(it, Fate::Done { .. })), "done"),
        (of(|it| matches!(it, Fate::Failed { .. })), "failed"),
        (of(|it| matches!(it, Fate::Waiting { .. })), "waiting"),
        (of(|it| matches!(it, Fate::Drifted { .. })), "drifted"),
        (of(|it| matches!(it, Fate::Skipped { .. })), "skipped"),
        (of(|it| matches!(it, Fate::LeftOut { .. })), "left out"),
        (of(|it| matches!(it, Fate::Stopped { .. })), "stopped"),
        (of(|it| matches!(it, Fate::Interrupted)), "interrupted"),
    ];
    let mut words: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    if out > 0 {
        words.push(format!("{} out", count(out, "tag", "tags")));
    }
    if words.is_empty() {
        words.push("nothing to do".to_owned());
    }
    words.join(" · ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use anstream::adapter::strip_str;

    use cascade_plan::{Relocked, Way};

    use super::*;
    use crate::report::sample_plan::plan;

    #[test]
    fn says_why_there_is_nothing_to_do() {
        let mut plan = plan();
        plan.steps.truncate(1);
        plan.steps[0].actions.clear();
        plan.steps[0].releases[0].out = true;
        let text = outcome(&plan, &Outcome::default(), "");
        let text = strip_str(&text).to_string();
        assert!(
            text.contains("urn  nothing to do  v1.5.0 is out, and no commit since"),
            "{text}"
        );
        plan.steps.clear();
        plan.request.asks.clear();
        let text = outcome(&plan, &Outcome::default(), "");
        assert!(text.starts_with("no repository has commits"), "{text}");
    }

    fn lock(file: &str, way: Way) -> Relocked {
        Relocked {
            repo: RepoId::new("app"),
            file: file.to_owned(),
            way,
        }
    }

    #[test]
    fn says_what_is_out_what_is_not_and_how_to_go_on() {
        let fates = [
            (
                "urn",
                Fate::Done {
                    commit: None,
                    out: vec!["v1.5.0".to_owned()],
                },
            ),
            (
                "app",
                Fate::Failed {
                    why: "the remote refused the push\nremote: no \u{1b}[31mred".to_owned(),
                    help: Some("git -C app fetch".to_owned()),
                    out: Vec::new(),
                },
            ),
        ];
        let told = Outcome {
            out: BTreeMap::default(),
            fates: fates
                .into_iter()
                .map(|(id, it)| (RepoId::new(id), it))
                .collect(),
            notes: vec![(RepoId::new("app"), "uv.lock is stale: `uv lock`".to_owned())],
            locks: vec![
                lock("uv.lock", Way::Natively),
                lock(
                    "package-lock.json",
                    Way::Tool {
                        program: "npm".to_owned(),
                        because: Some("its dependencies changed: `extra` was added".to_owned()),
                    },
                ),
            ],
        };
        let text = outcome(&plan(), &told, "cascade release --repo urn");
        insta::assert_snapshot!(strip_str(&text).to_string(), @r#"
urn  out  v1.5.0
app  failed  the remote refused the push
    remote: no \u{1b}[31mred
    next: git -C app fetch
site  held  a person releases it
    next: release site by hand, then `cascade release --repo urn`
app  lock  uv.lock natively
app  lock  package-lock.json by npm (its dependencies changed: `extra` was added)
app  note  uv.lock is stale: `uv lock`

1 done · 1 failed · 1 tag out
to continue: cascade release --repo urn
"#);
    }
}
