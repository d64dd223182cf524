//! What a plan can not know yet: digests and commits that there are once something is out.
//!
//! The writes of a step hold a *placeholder* in the place of each, which no digest and no commit is.
//! What is found at a commit counts as the write of a step where it says the same, and any digest or
//! commit in the place of a placeholder.

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::deploy::{Move, MoveError, Unmoved, format_at};
use serde::{Deserialize, Serialize};

use crate::{Action, Oid, RepoId, Step};

/// One thing that is asked for before a step is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Resolve {
    /// The path of the file that names it; empty where it goes into a message.
    pub path: String,
    /// The 1-based line; 0 in a message.
    pub line: usize,
    /// What is asked for.
    pub what: Wanted,
    /// What stands for the answer in the write of the file; `None` where it only has to be there.
    pub placeholder: Option<String>,
}

impl Resolve {
    /// Returns whether the answer goes into a message, and into no file.
    pub fn is_for_message(&self) -> bool {
        self.path.is_empty()
    }
}

/// What is asked for, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Wanted {
    /// The digest of an image, or of a chart that lies in a registry of images.
    Digest {
        /// The name of the image, as registries know it.
        image: String,
        /// Its tag, as the file spells it; one of several where it names none.
        tags: Vec<String>,
    },
    /// The commit that a tag stands for.
    Commit {
        /// The repository.
        repo: RepoId,
        /// Its remote.
        remote: Option<String>,
        /// The tag.
        tag: String,
    },
}

/// What placeholders begin with: letters, so that YAML reads no number, and zeros enough that nothing
/// else begins so.
const MARK: &str = "facade000000000000000000000000";
/// What a digest begins with.
const SHA256: &str = "sha256:";

impl Wanted {
    /// Returns the text that stands for the answer: a digest or commit of a mark, zeros and a number, as
    /// which no other of the step is spelled.
    pub(crate) fn placeholder(&self, number: usize) -> String {
        let number = number + 1;
        match self {
            Self::Digest { .. } => format!("{SHA256}{MARK}{number:034x}"),
            Self::Commit { .. } => format!("{MARK}{number:010x}"),
        }
    }
}

/// Returns whether a text is a placeholder: what stands for a digest or a commit that is not known yet.
pub fn is_placeholder(text: &str) -> bool {
    digits(text).starts_with(MARK)
}

/// Returns whether a placeholder stands anywhere in a text.
pub(crate) fn has_placeholder(text: &str) -> bool {
    text.contains(MARK)
}

/// Returns a digest or commit without the algorithm before it.
fn digits(text: &str) -> &str {
    text.strip_prefix(SHA256).unwrap_or(text)
}

/// Why a step could not be filled. Nothing of it may be written then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfilled {
    /// What was asked for has no place, or several.
    #[error("what was asked for stands nowhere in {0}, or more than once")]
    Nowhere(String),
    /// An answer can not stand in its place.
    #[error("`{path}` can not be edited: {why}")]
    Edit {
        /// The file.
        path: String,
        /// Why not.
        why: MoveError,
    },
    /// A placeholder is still there.
    #[error("{0} still holds a placeholder, `facade000...`, and none is ever written")]
    Left(String),
}

impl Step {
    /// Returns what is asked for before the step is written.
    pub fn resolves(&self) -> impl Iterator<Item = &Resolve> {
        self.actions.iter().filter_map(|it| match it {
            Action::Resolve(it) => Some(it),
            _ => None,
        })
    }

    /// Returns the step with these answers, in the order of [`Step::resolves`], in the places of their
    /// placeholders and spelled as those; what was not asked for keeps its own.
    ///
    /// # Errors
    /// When an answer has no place, or can not stand in it.
    pub fn filled(&self, answers: &[Option<String>]) -> Result<Self, Unfilled> {
        let mut open: BTreeMap<&str, Answers<'_>> = BTreeMap::new();
        for (it, answer) in self.resolves().zip(answers) {
            if let (Some(placeholder), Some(answer)) = (&it.placeholder, answer) {
                let answers = open.entry(it.path.as_str()).or_default();
                answers.insert(placeholder, answer);
            }
        }
        let mut filled = self.clone();
        let mut placed = BTreeSet::new();
        for action in &mut filled.actions {
            let path = match action {
                Action::Write { path, .. } | Action::Submodule { path, .. } => path.clone(),
                Action::Dispatch(_) | Action::AwaitPage(_) => String::new(),
                _ => continue,
            };
            if let Some(answers) = open.get(path.as_str()) {
                fill(action, answers)?;
                placed.insert(path);
            }
        }
        match open.keys().find(|it| !placed.contains(**it)) {
            Some(path) => Err(Unfilled::Nowhere(words(path))),
            None => Ok(filled),
        }
    }

    /// Checks that no placeholder is left in what the step writes.
    ///
    /// # Errors
    /// Where one is.
    pub fn is_written(&self) -> Result<(), Unfilled> {
        let left = self.actions.iter().find_map(|it| match it {
            Action::Write { path, after, .. } => has_placeholder(after).then_some(path),
            Action::Submodule { path, after, .. } => is_placeholder(after.as_str()).then_some(path),
            _ => None,
        });
        left.map_or(Ok(()), |it| Err(Unfilled::Left(words(it))))
    }

    /// Checks that no placeholder is left in what the step tells others.
    ///
    /// # Errors
    /// Where one is.
    pub fn is_told(&self) -> Result<(), Unfilled> {
        let is_open = |it: &Action| match it {
            Action::Dispatch(it) => it.is_open(),
            Action::AwaitPage(it) => it.is_open(),
            _ => false,
        };
        if self.actions.iter().any(is_open) {
            return Err(Unfilled::Left(words("")));
        }
        Ok(())
    }

    /// Returns whether all that the step writes may be there already: nothing of it differs but what is
    /// asked for first.
    pub fn may_be_there(&self) -> bool {
        let mut asks = false;
        let mut acts = self.actions.iter();
        let may = acts.all(|it| match it {
            Action::Write {
                path,
                before,
                after,
            } => {
                asks = true;
                self.is_filled(path, after, before)
            }
            Action::Submodule { after, .. } => {
                asks = true;
                is_placeholder(after.as_str())
            }
            Action::Relock(_) | Action::Tag { .. } | Action::Dispatch(_) => false,
            _ => true,
        });
        may && asks
    }

    /// Returns whether a file says what the step wants it to say, whatever the answers are.
    pub fn is_filled(&self, path: &str, planned: &str, now: &str) -> bool {
        let placeholders = self.resolves().filter(|it| it.path == path);
        let mut placeholders: Vec<&str> = placeholders
            .filter_map(|it| it.placeholder.as_deref())
            .collect();
        placeholders.sort_by_key(|it| planned.find(it));
        let (mut planned, mut now) = (planned, now);
        for it in placeholders {
            let Some((before, behind)) = planned.split_once(it) else {
                continue;
            };
            let Some(rest) = now.strip_prefix(before) else {
                return false;
            };
            let Some(rest) = without_answer(rest, it) else {
                return false;
            };
            (planned, now) = (behind, rest);
        }
        planned == now
    }
}

/// What was answered, by placeholder.
type Answers<'a> = BTreeMap<&'a str, &'a str>;

/// Returns a path as an error names it.
fn words(path: &str) -> String {
    if path.is_empty() {
        return "the message".to_owned();
    }
    format!("`{path}`")
}

/// Puts answers into the places that one action has for them.
fn fill(action: &mut Action, answers: &Answers<'_>) -> Result<(), Unfilled> {
    let nowhere = |path: &str| Err(Unfilled::Nowhere(words(path)));
    match action {
        Action::Write { path, after, .. } => *after = written(path, after, answers)?,
        Action::Submodule { path, after, .. } => {
            match answers.get(after.as_str()).and_then(|it| Oid::parse(it)) {
                Some(commit) => *after = commit,
                None => return nowhere(path),
            }
        }
        Action::Dispatch(message) => {
            for (placeholder, answer) in answers {
                if !message.fill(placeholder, answer) {
                    return nowhere("");
                }
            }
        }
        Action::AwaitPage(page) => {
            for (placeholder, answer) in answers {
                page.contains = page.contains.replace(placeholder, answer);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Returns the text of a file with answers in the places of their placeholders, each spelled as the
/// reference that it holds is, and in quotes where YAML would take it for a number. What stands under a
/// declared key is no reference of its file, and takes the answer as it is.
fn written(path: &str, text: &str, answers: &Answers<'_>) -> Result<String, Unfilled> {
    let unfit = |why| Unfilled::Edit {
        path: path.to_owned(),
        why,
    };
    let mut left = answers.clone();
    let mut new = text.to_owned();
    if let Some(format) = format_at(path, &|_| false) {
        let read = format.read(text);
        let read = read.map_err(|why| unfit(MoveError::Unreadable(why)))?;
        let mut moves = Vec::new();
        for it in &read {
            let held = it.held.as_ref().map_or("", |it| &it.text);
            if let Some(answer) = left.remove(held) {
                let line = it.line;
                let why = |why: Unmoved| unfit(MoveError::Unmoved { line, why });
                moves.push(Move::held(it, &it.version, answer).map_err(why)?);
            }
        }
        new = format.moved(text, &moves).map_err(unfit)?;
    }
    for (placeholder, answer) in left {
        if new.matches(placeholder).count() != 1 {
            return Err(Unfilled::Nowhere(words(path)));
        }
        new = new.replace(placeholder, answer);
    }
    Ok(new)
}

/// Returns what stands behind an answer at the beginning of a text, in quotes or without; `None` where
/// none stands there.
fn without_answer<'t>(text: &'t str, placeholder: &str) -> Option<&'t str> {
    let quoted = text.strip_prefix('"');
    let bare = quoted.unwrap_or(text);
    let (answer, rest) = bare.split_at_checked(placeholder.len())?;
    let rest = match quoted {
        Some(_) => rest.strip_prefix('"')?,
        None => rest,
    };
    is_answer(answer, placeholder).then_some(rest)
}

/// Returns whether a text is an answer that can stand in the place of a placeholder, and is none itself:
/// a digest has its algorithm before it where the placeholder has.
pub fn is_answer(text: &str, placeholder: &str) -> bool {
    let is_whole = text.starts_with(SHA256) || !placeholder.starts_with(SHA256);
    let (bare, wanted) = (digits(text), digits(placeholder));
    let is_hex = bare.bytes().all(|it| it.is_ascii_hexdigit());
    is_whole && is_hex && bare.len() == wanted.len() && !is_placeholder(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted::Digest {
            image: "registry.example/acme/api".to_owned(),
            tags: vec!["v2.1.0".to_owned()],
        }
    }

    #[test]
    fn no_answer_is_a_placeholder() {
        let commit = Wanted::Commit {
            repo: RepoId::new("actions"),
            remote: None,
            tag: "v2.1.0".to_owned(),
        };
        for (it, answer) in [
            (wanted(), format!("sha256:{}", "ab".repeat(32))),
            (commit, "ab".repeat(20)),
        ] {
            let placeholder = it.placeholder(3);
            assert!(is_answer(&answer, &placeholder));
            assert!(!is_answer(&placeholder, &placeholder));
            assert!(!is_answer(&it.placeholder(0), &placeholder));
            assert!(!is_answer(&answer.replace('b', "g"), &placeholder));
            assert!(!is_answer("", &placeholder));
        }
    }
    #[test]
    fn a_digest_is_an_answer_where_its_algorithm_is_left_out() {
        let whole = format!("sha256:{}", "ab".repeat(32));
        let placeholder = wanted().placeholder(7);
        let bare = digits(&placeholder);
        assert!(is_placeholder(bare) && is_placeholder(&placeholder));
        assert!(is_answer(&whole, bare) && is_answer(digits(&whole), bare));
        assert!(!is_answer(digits(&whole), &placeholder));
        assert_eq!(
            without_answer(&format!("{} # x", digits(&whole)), bare),
            Some(" # x")
        );
        assert_eq!(
            without_answer(&format!("\"{}\"\n", digits(&whole)), bare),
            Some("\n")
        );
        assert_eq!(
            without_answer(&format!("\"{}\n", digits(&whole)), bare),
            None
        );
        assert_eq!(without_answer(&whole, bare), None);
    }
}
