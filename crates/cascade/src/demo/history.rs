//! A repository's past, as `git fast-import` reads it.

use std::fmt::Write as _;

use super::family::{Chapter, Member};

/// How long before now the past of a repository begins, in seconds.
const PAST: i64 = 40 * 86_400;

/// Returns the stream that `git fast-import` makes the repository of; `fill` fills its files in.
pub(super) fn stream(member: &Member, now: i64, fill: impl Fn(&str) -> String) -> String {
    let mut text = String::from("feature done\n");
    let step = PAST / i64::try_from(member.past.len() + 1).unwrap_or(1);
    let mut at = now - PAST;
    for chapter in member.past {
        match chapter {
            Chapter::Commit(message, files) => {
                let files: Vec<_> = files.iter().map(|(path, it)| (*path, fill(it))).collect();
                commit(&mut text, at, message, &files);
            }
            Chapter::Tag(name) => tag(&mut text, at, name),
        }
        at += step;
    }
    text.push_str("done\n");
    text
}

/// Adds a commit to main that writes these files.
fn commit(text: &mut String, at: i64, message: &str, files: &[(&str, String)]) {
    text.push_str("commit refs/heads/main\n");
    for who in ["author", "committer"] {
        let _ = writeln!(text, "{who} {PERSON} {at} +0000");
    }
    data(text, message);
    for (path, content) in files {
        let _ = writeln!(text, "M 100644 inline {path}");
        data(text, content);
    }
    text.push('\n');
}

/// Adds an annotated tag at the tip of main.
fn tag(text: &mut String, at: i64, name: &str) {
    let _ = writeln!(
        text,
        "tag {name}\nfrom refs/heads/main\ntagger {PERSON} {at} +0000"
    );
    data(text, name);
}

/// Adds a block of data, its length first.
fn data(text: &mut String, content: &str) {
    let _ = writeln!(text, "data {}\n{content}", content.len());
}

/// Who wrote the past.
const PERSON: &str = "A Gardener <gardener@example.invalid>";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::family::FAMILY;

    #[test]
    fn the_past_lies_behind_and_says_its_lengths() {
        let member = FAMILY.first().unwrap();
        let text = stream(member, 1_700_000_000, str::to_owned);
        let commits = member.past.iter();
        let commits = commits.filter(|it| matches!(it, Chapter::Commit(..)));
        assert_eq!(
            text.matches("commit refs/heads/main\n").count(),
            commits.count()
        );
        assert!(text.starts_with("feature done\n") && text.ends_with("done\n"));
        assert!(!text.contains("> 17000"), "a date is not before now");
    }
}
