//! Files that a command changes, as far as its words name them.

use super::shell::Word;
use super::words::{has, plain};

/// Commands that change every file that they name.
const WRITERS: &[&str] = &[
    "tee", "rm", "mv", "truncate", "touch", "shred", "unlink", "rmdir", "ed", "ex", "vi", "vim",
    "nvim", "nano", "emacs", "code", "sponge", "chmod", "chown", "dos2unix", "unix2dos", "trash",
    "tar", "unzip", "rename",
];

/// Commands that change what they name only with one of these options.
const WITH_OPTION: &[(&str, &[&str])] = &[
    ("sed", &["-i", "--in-place"]),
    ("gsed", &["-i", "--in-place"]),
    ("perl", &["-i"]),
    ("ruby", &["-i"]),
    ("yq", &["-i", "--inplace"]),
    ("prettier", &["-w", "--write"]),
    ("sort", &["-o", "--output"]),
    ("curl", &["-o", "--output", "-O"]),
    ("wget", &["-O", "-P"]),
];

/// Returns the words of a command that name files which it changes.
pub(super) fn written<'w>(name: &str, rest: &'w [Word]) -> Vec<&'w Word> {
    if matches!(name, "cp" | "ln" | "install" | "rsync") {
        return target(rest);
    }
    if name == "find" && has(rest, &["-delete"]) {
        return roots(rest);
    }
    let option = WITH_OPTION.iter().find(|it| it.0 == name);
    let edits = option.is_some_and(|it| has(rest, it.1) || rest.iter().any(inline));
    if edits || WRITERS.contains(&name) {
        return plain(rest, &[]);
    }
    Vec::new()
}

/// Returns what is written of words of which the last is the target; the rest is read.
fn target(rest: &[Word]) -> Vec<&Word> {
    let at = rest
        .iter()
        .position(|it| matches!(it.text.as_str(), "-t" | "--target-directory"));
    let named = at.and_then(|it| rest.get(it + 1));
    let last = || plain(rest, &["-m", "--mode", "-o", "-g", "-S"]).pop();
    named.or_else(last).into_iter().collect()
}

/// Returns the folders that `find` looks into.
pub(super) fn roots(rest: &[Word]) -> Vec<&Word> {
    let roots = rest
        .iter()
        .skip_while(|it| matches!(it.text.as_str(), "-L" | "-H" | "-P"));
    roots
        .take_while(|it| !it.text.starts_with(['-', '(', '!']))
        .collect()
}

/// Returns the tokens of a program that may be paths.
pub(super) fn paths(code: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| !(c.is_alphanumeric() || "._-/*~$".contains(c));
    let all = code.split(part).take(2_000);
    all.filter(|it| it.contains('/') || (it.starts_with('.') && it.len() > 2))
}

/// Returns the file that `dd` writes.
pub(super) fn of_dd(rest: &[Word]) -> Option<Word> {
    let mut outs = rest.iter().filter_map(|it| {
        Some(Word {
            text: it.text.strip_prefix("of=")?.to_owned(),
            dynamic: it.dynamic,
        })
    });
    outs.next()
}

/// Returns whether an option is `-i` with what the copy is called: `-i.bak`, `-pi`.
fn inline(word: &Word) -> bool {
    word.text.starts_with("-i") || word.text.starts_with("-pi") || word.text.starts_with("-Ei")
}

/// Returns whether a command runs what its words make up.
pub(super) fn runs_code(name: &str) -> bool {
    matches!(name, "source" | "." | "make" | "just" | "task")
}

/// Returns a path from the repository's root, of one from a folder below it.
pub(super) fn joined(here: &str, path: &str) -> String {
    let absolute = path.starts_with('/');
    let whole = if absolute || here.is_empty() {
        path.to_owned()
    } else {
        format!("{here}/{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|it| *it != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute {
        format!("/{joined}")
    } else {
        joined
    }
}
