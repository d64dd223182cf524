//! The acts of a step, one behind the other.

use cascade_manifest::{ALL, Lock};
use cascade_plan::{Action, LockMode, Oid, Relock, Resolve, Wanted, is_placeholder, shell};
use similar::TextDiff;

use crate::page::{BAD, DIM, GOOD, PLACE, Page, paint};
use crate::report::others::{page_of, write_dispatch, write_pins};
use crate::report::wait::{write_gate_of, write_visible};
use crate::shown::{Shown, ShownLines};

/// Returns whether a lock's tool takes the newest version of a range, so that its command runs once
/// with the exact version in the range's place before it runs on the manifests as they are.
fn takes_newest(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let found = ALL.iter().find_map(|it| it.lock(name));
    found.is_some_and(Lock::takes_newest)
}

/// Returns the ways that a lock may be brought in step, in the order in which they are tried.
pub(crate) fn ways(it: &Relock) -> String {
    let tool = || {
        let lines = it
            .commands
            .iter()
            .map(|argv| format!("`{}`", command(argv)));
        let twice = if takes_newest(&it.file) {
            ", twice where a pin on it is a range"
        } else {
            ""
        };
        format!("{}{twice}", lines.collect::<Vec<_>>().join(", then "))
    };
    match it.mode {
        LockMode::Native => "natively, or not at all".to_owned(),
        LockMode::Tool | LockMode::Off => tool(),
        LockMode::Auto if it.commands.is_empty() => "natively".to_owned(),
        LockMode::Auto => format!("natively, else {}", tool()),
    }
}

/// Adds one act.
pub(super) fn write_action(page: &mut Page, action: &Action) {
    match action {
        Action::Write {
            path,
            before,
            after,
        } => {
            page.line(format!("  edit   {}", Shown(path)));
            diff(page, path, before, after);
        }
        Action::Resolve(it) => write_resolve(page, it),
        Action::Submodule {
            path,
            before,
            after,
        } => page.line(format!(
            "  move   submodule {}: {} -> {}",
            Shown(path),
            before.short(),
            moved_to(after)
        )),
        Action::Relock(it) => page.line(format!(
            "  relock {} {}",
            Shown(&it.file),
            paint(DIM, ways(it))
        )),
        Action::Check { argv } => page.line(format!("  check  {}", command(argv))),
        Action::Gate { after, run } => write_gate_of(page, after, run),
        Action::Ready { argv } => page.line(format!("  ready  {}", command(argv))),
        Action::After { argv } => page.line(format!("  after  {}", command(argv))),
        Action::Commit { message } => multiline(page, "commit", message),
        Action::Tag { name, message } => {
            multiline(page, "tag", &format!("{name}\n{message}"));
        }
        Action::Propose { base } => page.line(format!(
            "  propose a pull request into {}, and wait until it is merged",
            Shown(base)
        )),
        Action::Push { branch, tags } => {
            page.line(format!("  push   {}", pushed(branch.as_deref(), tags)));
        }
        Action::AwaitTag { template, name, .. } => {
            let what = match name {
                Some(name) => format!("{} is on the remote", Shown(name)),
                None => format!(
                    "release-please made its tag, like {}",
                    Shown(template.text())
                ),
            };
            page.line(format!("  wait   until {what}"));
        }
        Action::AwaitVisible(it) => write_visible(page, it),
        Action::Dispatch(it) => write_dispatch(page, it),
        Action::AwaitPins(it) => write_pins(page, it),
        Action::AwaitPage(it) => page.line(format!("  wait   until {}", page_of(it))),
    }
}

/// Adds what is asked for before anything is written.
fn write_resolve(page: &mut Page, it: &Resolve) {
    let place = if it.is_for_message() {
        "the message".to_owned()
    } else {
        format!("{}:{}", Shown(&it.path), it.line)
    };
    let asked = asked(&it.what);
    page.line(match &it.placeholder {
        Some(placeholder) => format!(
            "  ask    {asked}, once it is out, for {}",
            paint(DIM, format!("{place} (shown as {})", short(placeholder)))
        ),
        None => format!(
            "  ask    whether {} is there, for {}",
            asked.trim_start_matches("the digest of "),
            paint(DIM, place)
        ),
    });
}

/// Returns what is asked for, in words.
pub(crate) fn asked(what: &Wanted) -> String {
    match what {
        Wanted::Digest { image, tags } => {
            let tags = tags.join(" or ");
            format!("the digest of {}:{}", Shown(image), Shown(&tags))
        }
        Wanted::Commit { repo, tag, .. } => {
            format!("the commit of {} of {}", Shown(tag), Shown(repo.as_str()))
        }
    }
}

/// Returns the commit that a submodule comes to be at, as people know it.
pub(crate) fn moved_to(after: &Oid) -> String {
    if is_placeholder(after.as_str()) {
        "the commit that is asked for".to_owned()
    } else {
        after.short().to_owned()
    }
}

/// Returns a placeholder as people know it again: its last digits.
fn short(placeholder: &str) -> String {
    let start = placeholder.len().saturating_sub(4);
    format!("...{}", placeholder.get(start..).unwrap_or_default())
}

/// Returns what is pushed: one tag a push, the branch with the first of them.
pub(super) fn pushed(branch: Option<&str>, tags: &[String]) -> String {
    let mut tags = tags.iter().map(|it| Shown(it).to_string());
    let first = match (branch.map(Shown), tags.next()) {
        (Some(branch), Some(tag)) => format!("{branch} and {tag}, all or nothing"),
        (Some(branch), None) => branch.to_string(),
        (None, tag) => tag.unwrap_or_default(),
    };
    let pushes = std::iter::once(first).chain(tags);
    pushes.collect::<Vec<_>>().join(", then ")
}

/// Adds a text of several lines behind a word.
fn multiline(page: &mut Page, word: &str, text: &str) {
    let mut head = format!("  {word:<7}");
    for line in ShownLines(text.trim_end()).to_string().lines() {
        page.line(format!("{head}{line}").trim_end());
        " ".repeat(9).clone_into(&mut head);
    }
}

/// Adds an edit as a unified diff.
pub(crate) fn diff(page: &mut Page, path: &str, before: &str, after: &str) {
    let path = Shown(path).to_string();
    let diff = TextDiff::from_lines(before, after);
    let text = diff
        .unified_diff()
        .context_radius(1)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string();
    for line in ShownLines(&text).to_string().lines() {
        let style = match line.chars().next() {
            Some('+') => GOOD,
            Some('-') => BAD,
            Some('@') => PLACE,
            _ => DIM,
        };
        page.line(format!("         {}", paint(style, line)));
    }
}

/// Returns a command as a person would type it.
pub(crate) fn command(argv: &[String]) -> String {
    let words = argv.iter().map(|it| shell::word(it));
    Shown(&words.collect::<Vec<_>>().join(" ")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_takes_one_tag_and_only_the_first_takes_the_branch() {
        let said = |branch, tags: &[&str]| {
            let tags: Vec<String> = tags.iter().map(|it| (*it).to_owned()).collect();
            pushed(branch, &tags)
        };
        assert_eq!(said(Some("main"), &[]), "main");
        assert_eq!(
            said(Some("main"), &["a-v1"]),
            "main and a-v1, all or nothing"
        );
        assert_eq!(
            said(Some("main"), &["a-v1", "b-v2", "c-v3"]),
            "main and a-v1, all or nothing, then b-v2, then c-v3"
        );
        assert_eq!(said(None, &["a-v1", "b-v2"]), "a-v1, then b-v2");
    }
}
