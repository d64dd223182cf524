//! Words of a command: what is set before it, what its options are, and how it is shown.

use super::shell::Word;

/// How much of a command is shown.
const SHOWN: usize = 120;

/// Words that a shell's grammar puts before a command.
const BEFORE: &[&str] = &[
    "if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "fi", "done", "time",
    "coproc", "function",
];

/// Returns the variables that are set before a command, and the command.
pub(super) fn settings(words: &[Word]) -> (&[Word], &[Word]) {
    let skipped = words
        .iter()
        .take_while(|it| BEFORE.contains(&it.text.as_str()));
    let words = words.get(skipped.count()..).unwrap_or_default();
    let set = words.iter().take_while(|it| is_setting(&it.text)).count();
    words.split_at_checked(set).unwrap_or((&[], words))
}

/// Returns whether a word sets a variable: `NAME=value`.
pub(super) fn is_setting(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else {
        return false;
    };
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    // `twine==6.0` is a version to take.
    starts
        && !value.starts_with('=')
        && name
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

/// Returns the words as one line of a shell.
pub(super) fn joined(words: &[Word]) -> String {
    let texts: Vec<&str> = words.iter().map(|it| it.text.as_str()).collect();
    texts.join(" ")
}

/// Returns the words for people, cut where they are long.
pub(super) fn shown(words: &[Word]) -> String {
    let mut text = String::new();
    for it in words {
        if text.len() > SHOWN {
            break;
        }
        text.push_str(if text.is_empty() { "" } else { " " });
        text.extend(it.text.chars().take(SHOWN));
    }
    let cut: String = text.chars().take(SHOWN).collect();
    if cut.len() < text.len() {
        return format!("{cut}...");
    }
    cut
}

/// Returns what stands behind the options in front; an option of `valued` takes the next word with
/// it, unless its value is in the same word.
pub(super) fn behind_options<'w>(words: &'w [Word], valued: &[&str]) -> &'w [Word] {
    let mut rest = words;
    while let Some((first, behind)) = rest.split_first() {
        let text = first.text.as_str();
        if text == "--" {
            return behind;
        }
        if !text.starts_with('-') || text == "-" {
            break;
        }
        rest = behind;
        if valued.contains(&text) {
            rest = behind.split_first().map_or(behind, |it| it.1);
        }
    }
    rest
}

/// Returns the words that are no options; an option of `valued` takes the next word with it.
pub(super) fn plain<'w>(words: &'w [Word], valued: &[&str]) -> Vec<&'w Word> {
    let mut found = Vec::new();
    let mut rest = words.iter();
    while let Some(it) = rest.next() {
        if it.text == "--" {
            found.extend(rest);
            break;
        }
        if it.text.starts_with('-') && it.text.len() > 1 {
            if valued.contains(&it.text.as_str()) {
                rest.next();
            }
        } else {
            found.push(it);
        }
    }
    found
}

/// Returns whether one of these options is said, alone, with a value, or among short ones.
pub(super) fn has(words: &[Word], options: &[&str]) -> bool {
    let said = |word: &Word, option: &str| {
        let text = word.text.as_str();
        let valued = text
            .strip_prefix(option)
            .is_some_and(|it| it.starts_with('='));
        text == option || (option.starts_with("--") && valued) || is_among(text, option)
    };
    is_said(words, |word| {
        options.iter().any(|option| said(word, option))
    })
}

/// Returns whether one of the words before `--` is such.
pub(super) fn is_said(words: &[Word], such: impl Fn(&Word) -> bool) -> bool {
    words.iter().take_while(|it| it.text != "--").any(such)
}

/// Returns whether a short option is one of several in a word: `-d` of `-qd`.
fn is_among(text: &str, option: &str) -> bool {
    let Some(letter) = option.strip_prefix('-').filter(|it| it.len() == 1) else {
        return false;
    };
    let Some(cluster) = text.strip_prefix('-').filter(|it| !it.starts_with('-')) else {
        return false;
    };
    cluster.len() <= 6
        && cluster.bytes().all(|it| it.is_ascii_alphabetic())
        && cluster.contains(letter)
}
