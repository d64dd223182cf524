//! The message of a commit, as the hook `commit-msg` finds it: what a person wrote of it, and whether
//! that is a Conventional Commit.

use crate::commits::subject_of;

/// What git puts behind the mark of comments above what `commit --verbose` shows.
const SCISSORS: &str = " ------------------------ >8 ------------------------";
/// The marks that git chooses from where it chooses by itself, in its order.
const MARKS: &str = "#;@!$%^&|:";
/// The types that ask for a release, or say that there is none to ask for.
const TYPES: &[&str] = &[
    "feat", "fix", "perf", "revert", "security", "docs", "chore", "ci", "test", "style",
    "refactor", "build",
];

/// How lines of comment begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommentMark {
    /// With this text (`core.commentString`; `#` unless a person says otherwise).
    Text(String),
    /// With whatever git chose, so that no line of the message began with it.
    Auto,
}

/// Whether git takes comments out of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleanup {
    /// It does: an editor showed them.
    Strip,
    /// It does not: they are the message's own.
    Keep,
}

/// A message that keeps the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conventional {
    /// What to know about it all the same.
    pub notices: Vec<String>,
}

/// A message that does not keep the form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unconventional {
    /// Its subject.
    pub subject: String,
    /// What is wrong with it.
    pub why: String,
    /// The same, as it could be said.
    pub example: String,
}

/// Returns what a person wrote of a message's file: without what stands below the scissors, and
/// without comments.
pub fn written(file: &str, mark: &CommentMark, cleanup: Cleanup) -> String {
    let mut marks: Vec<String> = match mark {
        CommentMark::Text(text) => vec![text.clone()],
        CommentMark::Auto => MARKS.chars().map(String::from).collect(),
    };
    let scissors = |line: &str| {
        let mut marks = marks.iter();
        marks.find(|it| line.strip_prefix(it.as_str()).is_some_and(is_scissors))
    };
    let cut = file.lines().position(|it| scissors(it).is_some());
    let kept: Vec<&str> = file.lines().take(cut.unwrap_or(usize::MAX)).collect();
    if *mark == CommentMark::Auto {
        let chosen = file.lines().find_map(scissors).cloned();
        marks = chosen.or_else(|| chosen_mark(&kept)).into_iter().collect();
    }
    let is_comment = |line: &str| marks.iter().any(|it| line.starts_with(it.as_str()));
    let own = kept
        .into_iter()
        .filter(|line| cleanup == Cleanup::Keep || !is_comment(line));
    let lines: Vec<&str> = own.map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

fn is_scissors(rest: &str) -> bool {
    rest.trim_end() == SCISSORS
}

/// Returns the mark that git chose: its own words end the file, and each of their lines begins with it.
fn chosen_mark(lines: &[&str]) -> Option<String> {
    let last = lines.iter().rfind(|it| !it.trim().is_empty())?;
    let mark = last.chars().next().filter(|it| MARKS.contains(*it))?;
    let rest = last.get(mark.len_utf8()..)?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| mark.to_string())
}

/// Returns that a message is a Conventional Commit 1.0.0, or is git's own: a merge, a revert, a commit
/// that will be squashed into another. An empty one is git's to refuse.
///
/// # Errors
/// When it is neither, with what is wrong and how it could be said.
pub fn conventional(message: &str) -> Result<Conventional, Unconventional> {
    let subject = subject_of(message);
    let fine = |notices| Ok(Conventional { notices });
    if subject.is_empty() || is_gits_own(subject) {
        return fine(Vec::new());
    }
    let parsed = git_conventional::Commit::parse(subject);
    let by_parser = || parsed.as_ref().err().map(ToString::to_string);
    if let Some(why) = fault(subject)
        .or_else(by_parser)
        .or_else(|| crowded(message))
    {
        return Err(Unconventional {
            subject: subject.to_owned(),
            why,
            example: example(subject),
        });
    }
    fine(
        unknown_type(subject)
            .into_iter()
            .chain(lost_mark(message))
            .collect(),
    )
}

/// Returns whether git or a forge wrote the subject, or will fold the commit into another.
fn is_gits_own(subject: &str) -> bool {
    const FOLDED: &[&str] = &["fixup! ", "squash! ", "amend! "];
    const REVERTS: &[&str] = &["Revert \"", "Reapply \""];
    const MERGED: &[&str] = &[
        "branch ",
        "branches ",
        "tag ",
        "tags ",
        "commit ",
        "commits ",
        "remote-tracking ",
        "pull request ",
        "remote ",
        "HEAD ",
        "'",
        "refs/",
    ];
    let starts = |text: &str, all: &[&str]| all.iter().any(|it| text.starts_with(it));
    let merge = subject.strip_prefix("Merge ");
    starts(subject, FOLDED)
        || starts(subject, REVERTS)
        || merge.is_some_and(|it| starts(it, MERGED))
}

/// Returns what is wrong with a subject, in words.
fn fault(subject: &str) -> Option<String> {
    let Some((head, description)) = subject.split_once(':') else {
        return Some("it has no type: `TYPE: what changes`".to_owned());
    };
    let head = head.strip_suffix('!').unwrap_or(head);
    let (kind, scope) = match head.split_once('(') {
        Some((kind, rest)) => (kind, Some(rest)),
        None => (head, None),
    };
    let word = |it: &str| it.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    if kind.is_empty() {
        return Some("nothing stands before the colon: it wants a type".to_owned());
    }
    if !word(kind) {
        return Some(format!("`{kind}` is no type: a type is one word"));
    }
    match scope.map(|it| it.strip_suffix(')')) {
        Some(None) => {
            return Some("the bracket of its scope is not closed before the colon".to_owned());
        }
        Some(Some(scope)) if scope.trim().is_empty() => {
            return Some(
                "its scope is empty: name what it is about, or leave the brackets out".to_owned(),
            );
        }
        Some(Some(scope)) if scope.contains(['(', ')']) => {
            return Some("its scope has brackets in it".to_owned());
        }
        _ => {}
    }
    if description.trim().is_empty() {
        return Some("nothing stands behind the colon: it wants a description".to_owned());
    }
    (!description.starts_with(' ')).then(|| "a space is missing behind the colon".to_owned())
}

/// Returns that the body begins without a blank line, where it does.
fn crowded(message: &str) -> Option<String> {
    let second = message.trim_start().lines().nth(1)?;
    let crowds = !second.trim().is_empty();
    crowds.then(|| "its second line is not blank: the body begins after one blank line".to_owned())
}

/// Returns the subject as it could be said.
fn example(subject: &str) -> String {
    let (head, rest) = subject.split_once(':').unwrap_or(("", subject));
    let word = head
        .split(['(', '!'])
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    let (kind, words) = match known(&word) {
        Some(kind) => (kind, rest),
        None => (guessed(subject), subject),
    };
    let words = words.trim().trim_end_matches('.').trim();
    if words.is_empty() {
        return format!("{kind}: say what changes");
    }
    format!("{kind}: {}", lowered(words))
}

/// Returns the type that a word means.
fn known(word: &str) -> Option<&'static str> {
    const MEANT: &[(&str, &str)] = &[
        ("feature", "feat"),
        ("features", "feat"),
        ("bugfix", "fix"),
        ("hotfix", "fix"),
        ("bug", "fix"),
        ("doc", "docs"),
        ("tests", "test"),
        ("chores", "chore"),
        ("performance", "perf"),
        ("refactoring", "refactor"),
        ("builds", "build"),
    ];
    let own = TYPES.iter().find(|it| **it == word).copied();
    own.or_else(|| MEANT.iter().find(|(said, _)| *said == word).map(|it| it.1))
}

/// Returns the type that the first word of a plain sentence asks for.
fn guessed(subject: &str) -> &'static str {
    const WORDS: &[(&str, &[&str])] = &[
        (
            "feat",
            &[
                "add",
                "implement",
                "introduce",
                "support",
                "allow",
                "let",
                "new",
                "offer",
            ],
        ),
        (
            "docs",
            &["document", "docs", "readme", "explain", "describe"],
        ),
        (
            "chore",
            &["bump", "update", "upgrade", "release", "version", "wip"],
        ),
        (
            "refactor",
            &[
                "refactor", "rename", "move", "clean", "simplify", "extract", "split",
            ],
        ),
        ("test", &["test", "tests", "cover"]),
        ("ci", &["ci", "workflow", "pipeline"]),
    ];
    let first = subject
        .split(|c: char| !c.is_alphanumeric())
        .find(|it| !it.is_empty());
    let first = first.unwrap_or_default().to_lowercase();
    let stem = first
        .trim_end_matches("ed")
        .trim_end_matches("ing")
        .trim_end_matches('s');
    let meant = WORDS.iter().find(|(_, words)| {
        words
            .iter()
            .any(|it| *it == first || it.trim_end_matches(['e', 's']) == stem.trim_end_matches('e'))
    });
    meant.map_or("fix", |(kind, _)| kind)
}

/// Returns the words with a small first letter, unless they begin with a name in capitals.
fn lowered(words: &str) -> String {
    let mut letters = words.chars();
    let (Some(first), second) = (letters.next(), letters.next()) else {
        return String::new();
    };
    if second.is_some_and(char::is_uppercase) {
        return words.to_owned();
    }
    let rest = words.get(first.len_utf8()..).unwrap_or_default();
    format!("{}{rest}", first.to_lowercase())
}

/// Returns what to know of a type that says nothing about a release.
fn unknown_type(subject: &str) -> Option<String> {
    let kind = subject.split(['(', '!', ':']).next()?.to_lowercase();
    if TYPES.contains(&kind.as_str()) {
        return None;
    }
    let near = known(&kind).map(str::to_owned).or_else(|| nearest(&kind));
    let meant = near.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
    Some(format!(
        "`{kind}` is no type that cascade knows: it counts as a patch{meant}"
    ))
}

/// Returns the type that a mistyped word is near to.
fn nearest(word: &str) -> Option<String> {
    let likeness = |it: &&str| strsim::jaro_winkler(word, it);
    let near = TYPES.iter().copied().filter(|it| likeness(it) > 0.85);
    let best = near.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    Some(best.to_owned())
}

/// Returns what to know of words that look as if they said that something breaks, and do not.
fn lost_mark(message: &str) -> Option<String> {
    const WORDS: &str = "BREAKING CHANGE";
    let says = |line: &str| {
        let begin = line
            .get(..WORDS.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(WORDS));
        begin
            && line
                .get(WORDS.len()..)
                .is_some_and(|it| it.starts_with([':', ' ']))
    };
    let subject = subject_of(message);
    if !message.lines().skip(1).any(says) || subject.split(':').next()?.ends_with('!') {
        return None;
    }
    let counts = crate::commits::breaks(message);
    (!counts).then(|| {
        "`BREAKING CHANGE` does not count here: it wants capitals, a colon, and to stand in the last \
         paragraph; or write `!` before the colon of the subject"
            .to_owned()
    })
}

/// Returns as much of a line as a person reads.
pub fn begun(line: &str) -> String {
    const LONGEST: usize = 100;
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}\u{2026}", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}
