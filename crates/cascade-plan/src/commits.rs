//! Conventional Commits 1.0.0: how far commits ask a package to move.

use cascade_manifest::{Ecosystem, Level, Version};
use serde::{Deserialize, Serialize};

use crate::{Commit, Oid};

/// A commit that asks for a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Evidence {
    /// The level it asks for.
    pub level: Level,
    /// The commit.
    pub commit: Oid,
    /// Its type (`feat`), `unconventional`, or `release-level` where a trailer says it.
    pub kind: String,
    /// Its subject.
    pub subject: String,
}

/// Returns how far the commits (newest first) ask a package to move, the evidence (the strongest
/// first), and the version that a `Release-As:` trailer names.
///
/// A `Release-Level:` trailer settles its commit and all older ones; newer commits add to it.
pub fn read_level<'a>(
    commits: impl Iterator<Item = &'a Commit>,
) -> (Level, Vec<Evidence>, Option<String>) {
    let (mut evidence, mut named, mut settled) = (Vec::new(), None, false);
    for commit in commits.filter(|it| !it.merge) {
        let trailers = trailers_of(&commit.message);
        if named.is_none() {
            named = trailer(&trailers, "Release-As").and_then(version_text);
        }
        if settled {
            continue;
        }
        let said = trailer(&trailers, "Release-Level").and_then(|it| it.parse().ok());
        settled = said.is_some();
        let (level, kind) = match said {
            Some(level) => (level, "release-level".to_owned()),
            None => asked_by(subject_of(&commit.message), &trailers),
        };
        if level > Level::None {
            let (commit, subject) = (commit.id.clone(), subject_of(&commit.message).to_owned());
            evidence.push(Evidence {
                level,
                commit,
                kind,
                subject,
            });
        }
    }
    evidence.sort_by_key(|it| std::cmp::Reverse(it.level));
    let level = evidence.first().map_or(Level::None, |it| it.level);
    (level, evidence, named)
}

/// The trailer that names the version of the next release.
const RELEASE_AS: &str = "Release-As";

fn is_release_as(key: &str) -> bool {
    key.eq_ignore_ascii_case(RELEASE_AS)
}

/// Returns the version that a `Release-As:` trailer of the commits (newest first) names.
pub(crate) fn release_as<'a>(commits: impl Iterator<Item = &'a Commit>) -> Option<String> {
    let begins = |line: &str| line.get(..RELEASE_AS.len()).is_some_and(is_release_as);
    // Nearly no message has one, and each would be taken apart for it.
    let mut own = commits.filter(|it| !it.merge && it.message.lines().any(begins));
    own.find_map(|it| trailer(&trailers_of(&it.message), RELEASE_AS).and_then(version_text))
}

/// Returns the final version that follows `from` by this level under the ecosystem's custom: in
/// 0.y a breaking change is a minor, a feature is a patch for Cargo; 0.x never becomes 1.0 by itself.
pub fn next_version(ecosystem: &Ecosystem, from: &Version, level: Level) -> Version {
    let [major, ..] = from.numbers();
    let custom = match level {
        Level::Major if major == 0 => Level::Minor,
        Level::Minor if major == 0 && ecosystem.name == "cargo" => Level::Patch,
        _ => level,
    };
    from.bumped(custom)
}

/// Returns the final version that follows `from` by a level that a person typed: the number that
/// the level is called after, only that 0.x still never becomes 1.0 by a level.
pub(crate) fn typed_version(from: &Version, level: Level) -> Version {
    let [major, ..] = from.numbers();
    let level = if level == Level::Major && major == 0 {
        Level::Minor
    } else {
        level
    };
    from.bumped(level)
}

/// Returns whether a message follows Conventional Commits 1.0.0, or is one that git itself writes for
/// a revert.
pub(crate) fn is_conventional(message: &str) -> bool {
    let subject = subject_of(message);
    let written_by_git = subject.starts_with("Revert \"") || subject.starts_with("Reapply \"");
    written_by_git || git_conventional::Commit::parse(subject).is_ok()
}

/// Returns the first line of a message, trimmed.
pub(crate) fn subject_of(message: &str) -> &str {
    message
        .trim_start()
        .lines()
        .next()
        .unwrap_or_default()
        .trim()
}

/// Returns the level that one commit asks for, and its type.
fn asked_by(subject: &str, trailers: &[(&str, &str)]) -> (Level, String) {
    // Only the header goes through the parser: its notion of a footer is wider than the last paragraph.
    let Ok(parsed) = git_conventional::Commit::parse(subject) else {
        if subject.starts_with("Revert \"") {
            return (Level::Patch, "revert".to_owned());
        }
        return broken(trailers, Level::Patch, "unconventional");
    };
    let kind = parsed.type_().as_str().to_ascii_lowercase();
    if parsed.breaking() {
        return (Level::Major, kind);
    }
    let level = match kind.as_str() {
        "feat" => Level::Minor,
        "fix" | "perf" | "revert" | "security" => Level::Patch,
        "docs" | "chore" | "ci" | "test" | "style" | "refactor" | "build" => Level::None,
        _ => return broken(trailers, Level::Patch, "unconventional"),
    };
    broken(trailers, level, &kind)
}

/// Returns whether a trailer of the message says that something breaks.
pub(crate) fn breaks(message: &str) -> bool {
    let (level, _) = broken(&trailers_of(message), Level::None, "");
    level == Level::Major
}

/// Returns the level, or a major where the trailers say that something breaks.
fn broken(trailers: &[(&str, &str)], level: Level, kind: &str) -> (Level, String) {
    let breaks = trailers
        .iter()
        .any(|(key, _)| matches!(*key, "BREAKING CHANGE" | "BREAKING-CHANGE"));
    (if breaks { Level::Major } else { level }, kind.to_owned())
}

/// Returns the trailers: the lines `Key: value` or `Key #value` of the last paragraph, where that
/// is not the subject's own and begins with one. A paragraph of prose holds none.
fn trailers_of(message: &str) -> Vec<(&str, &str)> {
    let mut lines = message.trim().lines().rev();
    let filled = |it: &&str| !it.trim().is_empty();
    let last: Vec<&str> = lines.by_ref().take_while(filled).collect();
    let alone = lines.next().is_none();
    if alone || last.last().and_then(|it| as_trailer(it)).is_none() {
        return Vec::new();
    }
    last.iter().rev().filter_map(|it| as_trailer(it)).collect()
}

/// Returns key and value of a trailer line.
fn as_trailer(line: &str) -> Option<(&str, &str)> {
    let colon = line.find(": ").map(|at| (at, at + 2));
    let hash = line.find(" #").map(|at| (at, at + 2));
    let (end, start) = match (colon, hash) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    let (key, value) = (line.get(..end)?, line.get(start..)?.trim());
    let word =
        |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (word(key) || key == "BREAKING CHANGE").then_some((key, value))
}

/// Returns the value of the last trailer of this name, in any case.
fn trailer<'a>(trailers: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    let mut found = trailers.iter().rev();
    found
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| *value)
}

/// Returns the value of a message's last trailer of this name, in any case.
pub(crate) fn trailer_value<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    trailer(&trailers_of(message), name)
}

/// Returns a version as typed, without a leading `v`.
fn version_text(text: &str) -> Option<String> {
    let text = text.strip_prefix('v').unwrap_or(text);
    text.starts_with(|c: char| c.is_ascii_digit())
        .then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn commit(message: &str) -> Commit {
        Commit {
            id: Oid::parse(&"a".repeat(40)).unwrap(),
            message: message.to_owned(),
            merge: false,
            time: 0,
        }
    }

    fn level(message: &str) -> Level {
        read_level([commit(message)].iter()).0
    }

    #[test]
    fn every_type_asks_for_its_level() {
        for (subject, wanted) in [
            ("feat: a", Level::Minor),
            ("Feat(x): a", Level::Minor),
            ("fix: a", Level::Patch),
            ("perf: a", Level::Patch),
            ("revert: a", Level::Patch),
            ("security: a", Level::Patch),
            ("docs: a", Level::None),
            ("chore(deps): a", Level::None),
            ("ci: a", Level::None),
            ("test: a", Level::None),
            ("style: a", Level::None),
            ("refactor: a", Level::None),
            ("build: a", Level::None),
            ("chore!: a", Level::Major),
            ("feat(x)!: a", Level::Major),
            ("Revert \"feat: a\"", Level::Patch),
            ("add a thing", Level::Patch),
            ("wip: a thing", Level::Patch),
        ] {
            assert_eq!(level(subject), wanted, "{subject}");
        }
    }

    #[test]
    fn what_is_unconventional_says_so() {
        let (_, evidence, _) = read_level([commit("add a thing")].iter());
        assert_eq!(evidence[0].kind, "unconventional");
        assert_eq!(evidence[0].subject, "add a thing");
    }

    #[test]
    fn breaking_is_a_trailer_and_never_prose() {
        assert_eq!(
            level("docs: a\n\nbody\n\nBREAKING CHANGE: gone\nfor good"),
            Level::Major
        );
        assert_eq!(
            level("fix: a\n\nReviewed-by: b\nBREAKING-CHANGE: gone"),
            Level::Major
        );
        // A sentence made a major release elsewhere.
        assert_eq!(
            level("fix: a\n\nthis text is about\nBREAKING CHANGE: handling"),
            Level::Patch
        );
        assert_eq!(
            level("fix: a\n\nBREAKING CHANGE: as an example\n\nmore prose"),
            Level::Patch
        );
        assert_eq!(level("fix: BREAKING CHANGE: no"), Level::Patch);
        assert_eq!(level("fix: a\n\nbreaking change: no"), Level::Patch);
    }

    #[test]
    fn merges_ask_nothing_themselves() {
        let mut merge = commit("feat!: merge it all");
        merge.merge = true;
        assert_eq!(read_level([merge].iter()).0, Level::None);
    }

    #[test]
    fn trailers_override_and_the_latest_wins() {
        let history = [
            commit("fix: newest"),
            commit("docs: a\n\nRelease-Level: minor\nRelease-As: v2.0.0"),
            commit("feat!: old\n\nRelease-As: 1.5.0"),
        ];
        let (level, evidence, named) = read_level(history.iter());
        assert_eq!(level, Level::Minor);
        assert_eq!(evidence.len(), 2);
        assert_eq!(named.as_deref(), Some("2.0.0"));
        let none = [commit("docs: a\n\nRelease-Level: none"), commit("feat: b")];
        assert_eq!(read_level(none.iter()).0, Level::None);
    }

    #[test]
    fn zero_stays_zero() {
        let cases = [
            ("cargo", "0.4.2", Level::Major, "0.5.0"),
            ("cargo", "0.4.2", Level::Minor, "0.4.3"),
            ("npm", "0.4.2", Level::Minor, "0.5.0"),
            ("python", "0.4.2", Level::Major, "0.5.0"),
            ("python", "1.4.2", Level::Major, "2.0.0"),
            ("cargo", "1.4.2", Level::Minor, "1.5.0"),
        ];
        for (name, from, level, to) in cases {
            let ecosystem = cascade_manifest::ecosystem(name).unwrap();
            let from = Version::parse(ecosystem.scheme, from).unwrap();
            assert_eq!(next_version(ecosystem, &from, level).text(), to);
        }
    }

    proptest! {
        #[test]
        fn any_message_is_read(messages in proptest::collection::vec("(?s).{0,80}", 0..6)) {
            let commits: Vec<Commit> = messages.iter().map(|it| commit(it)).collect();
            let (level, evidence, _) = read_level(commits.iter());
            prop_assert!(evidence.windows(2).all(|it| it[0].level >= it[1].level));
            prop_assert_eq!(level, evidence.first().map_or(Level::None, |it| it.level));
        }
    }
}
