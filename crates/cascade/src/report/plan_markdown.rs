//! The plan as Markdown, for a comment or a page.

use cascade_plan::{Action, PinFate, Plan, Release, Step};
use similar::TextDiff;

use super::markdown::{cell, code, row, rule};
use super::others::{awaited, page_of, pin, to_whom};
use super::plan_human::{EVIDENCE, asked, command, in_waves, moved_to, reason, wave_of, ways};
use super::wait::visible;
use crate::page::Page;
use crate::shown::ShownLines;

/// Returns the plan: a table of what moves, then every repository's acts.
pub(crate) fn plan_markdown(plan: &Plan) -> String {
    let mut page = Page::default();
    page.line(format!(
        "# Plan for {} (run {})",
        cell(&plan.workspace),
        code(&plan.run.0)
    ));
    page.gap();
    let head = [
        "wave",
        "repository",
        "package",
        "from",
        "to",
        "level",
        "why",
    ];
    page.line(row(head.map(str::to_owned)));
    page.line(rule(head.len()));
    for step in in_waves(plan) {
        for line in releases(plan, step) {
            page.line(line);
        }
    }
    for step in in_waves(plan) {
        write_step(&mut page, step);
    }
    page.finish()
}

/// Returns the rows of the table of one repository.
fn releases(plan: &Plan, step: &Step) -> Vec<String> {
    let rows = step.releases.iter().map(|it| {
        row([
            wave_of(plan, step).to_string(),
            cell(step.repo.as_str()),
            cell(&it.package.name),
            cell(it.from.as_deref().unwrap_or_default()),
            cell(&it.to),
            it.level.word().to_owned(),
            cell(&reason(&it.reason)),
        ])
    });
    rows.collect()
}

/// Adds what happens in one repository.
fn write_step(page: &mut Page, step: &Step) {
    page.gap();
    page.line(format!("## {}", cell(step.repo.as_str())));
    page.gap();
    for release in &step.releases {
        write_evidence(page, release);
    }
    if let Some(held) = &step.held {
        page.line(format!("- **held**: {}", cell(&held.why)));
    }
    for pin in &step.pins {
        let place = code(&format!("{}:{}", pin.manifest, pin.line));
        let name = cell(&pin.upstream.name);
        let fate = match &pin.fate {
            PinFate::Updated(to) => format!("{} → {}", code(&pin.from), code(to)),
            PinFate::Kept(why) => format!("{} kept: {}", code(&pin.from), cell(why)),
            PinFate::Refused(why) => format!("{} **refused**: {}", code(&pin.from), cell(why)),
        };
        page.line(format!("- {place} {name} {fate}"));
    }
    for action in &step.actions {
        write_action(page, action);
    }
}

/// Adds the commits that ask for a release.
fn write_evidence(page: &mut Page, release: &Release) {
    if release.evidence.is_empty() {
        return;
    }
    page.line(format!(
        "- {} {} for",
        cell(&release.package.name),
        code(&release.to)
    ));
    for it in release.evidence.iter().take(EVIDENCE) {
        page.line(format!(
            "  - {} {} {}: {}",
            it.level,
            cell(&it.kind),
            code(it.commit.short()),
            cell(&it.subject)
        ));
    }
    let more = release.evidence.len().saturating_sub(EVIDENCE);
    if more > 0 {
        page.line(format!("  - and {more} more"));
    }
}

/// Adds one act.
fn write_action(page: &mut Page, action: &Action) {
    match action {
        Action::Write {
            path,
            before,
            after,
        } => write_diff(page, path, before, after),
        Action::Resolve(it) => {
            let place = if it.is_for_message() {
                "the message".to_owned()
            } else {
                code(&format!("{}:{}", it.path, it.line))
            };
            page.line(format!("- ask for {}, for {place}", asked(&it.what)));
        }
        Action::Submodule { path, after, .. } => page.line(format!(
            "- move submodule {} to {}",
            code(path),
            moved_to(after)
        )),
        Action::Relock(it) => page.line(format!("- relock {}: {}", code(&it.file), ways(it))),
        Action::Check { argv } => page.line(format!("- check {}", code(&command(argv)))),
        Action::Gate { run, .. } => {
            for argv in run {
                page.line(format!("- gate: {}", code(&command(argv))));
            }
        }
        Action::Ready { argv } => page.line(format!("- ready: {}", code(&command(argv)))),
        Action::After { argv } => page.line(format!("- after: {}", code(&command(argv)))),
        Action::Commit { message } => {
            let subject = message.lines().next().unwrap_or_default();
            page.line(format!("- commit {}", code(subject)));
        }
        Action::Tag { name, .. } => page.line(format!("- tag {}", code(name))),
        Action::Propose { base } => {
            page.line(format!(
                "- pull request into {}, until it is merged",
                code(base)
            ));
        }
        Action::Push { branch, tags } => {
            let mut tags = tags.iter();
            let first: Vec<String> = branch
                .iter()
                .chain(tags.next())
                .map(|it| code(it))
                .collect();
            let rest = tags.map(|it| code(it));
            let pushes: Vec<String> = std::iter::once(first.join(", ")).chain(rest).collect();
            page.line(format!("- push {}", pushes.join(", then ")));
        }
        Action::AwaitTag { template, name, .. } => {
            let what = name.as_deref().unwrap_or(template.text());
            page.line(format!("- wait for {}", code(what)));
        }
        Action::Dispatch(it) => {
            page.line(format!("- send {}", cell(&to_whom(it))));
            page.line(format!("  - payload: {}", code(&it.payload.to_string())));
        }
        Action::AwaitPins(it) => {
            page.line(format!("- wait until {}", cell(&awaited(it))));
            for at in &it.pins {
                page.line(format!("  - {}", code(&pin(at))));
            }
        }
        Action::AwaitPage(it) => page.line(format!("- wait until {}", code(&page_of(it)))),
        Action::AwaitVisible(it) => {
            page.line(format!("- wait until {}", code(&visible(it))));
            for argv in &it.smoke {
                page.line(format!("- smoke: {}", code(&command(argv))));
            }
        }
    }
}

/// Adds an edit as a fenced diff; the fence is longer than any run of backticks in it.
fn write_diff(page: &mut Page, path: &str, before: &str, after: &str) {
    let diff = TextDiff::from_lines(before, after);
    let text = ShownLines(&diff.unified_diff().context_radius(1).to_string()).to_string();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    page.line(format!("- edit {}", code(path)));
    page.gap();
    page.line(format!("{fence}diff"));
    page.line(text.trim_end());
    page.line(fence);
    page.gap();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample_plan::plan;

    #[test]
    fn a_plan_is_a_table_and_a_list() {
        let text = plan_markdown(&plan());
        assert!(
            text.contains("| 1 | urn | tea-urn | 1.4.0 | 1.5.0 | minor |"),
            "{text}"
        );
        assert!(
            text.contains("  - minor feat `ddddddd`: feat: pour"),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(
            text.contains("+dependencies = [\"tea-urn==1.5.0\"]"),
            "{text}"
        );
        assert!(
            text.contains("**refused**: it has an upper bound only"),
            "{text}"
        );
    }
}
