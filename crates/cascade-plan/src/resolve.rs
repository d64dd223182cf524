//! What a plan can not know yet: digests and commits that there are once something is out.
//!
//! The writes of a step hold a *placeholder* in the place of each, which no digest and no commit is.
//! What is found at a commit counts as the write of a step where it says the same, and any digest or
//! commit in the place of a placeholder.

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

/// What placeholders begin with: letters, so that YAML reads no number.
const MARK: &str = "facade";
/// How many zeros follow it at least.
const ZEROS: usize = 24;

impl Wanted {
    /// Returns the text that stands for the answer: a digest or commit of a mark, zeros and a number, as
    /// which no other of the step is spelled.
    pub(crate) fn placeholder(&self, number: usize) -> String {
        let number = number + 1;
        match self {
            Self::Digest { .. } => format!("{SHA256}{MARK}{number:058x}"),
            Self::Commit { .. } => format!("{MARK}{number:034x}"),
        }
    }
}

/// What a digest begins with.
const SHA256: &str = "sha256:";

impl Step {
    /// Returns what is asked for before the step is written.
    pub fn resolves(&self) -> impl Iterator<Item = &Resolve> {
        self.actions.iter().filter_map(|it| match it {
            Action::Resolve(it) => Some(it),
            _ => None,
        })
    }

    /// Returns the step with these answers, in the order of [`Step::resolves`], in the places of their
    /// placeholders; what was not asked for keeps its own.
    #[must_use]
    pub fn filled(&self, answers: &[Option<String>]) -> Self {
        let mut filled = self.clone();
        for (it, answer) in self.resolves().zip(answers) {
            let (Some(placeholder), Some(answer)) = (&it.placeholder, answer) else {
                continue;
            };
            for action in &mut filled.actions {
                match action {
                    Action::Write { path, after, .. } if *path == it.path => {
                        *after = after.replace(placeholder.as_str(), answer);
                    }
                    Action::Submodule { path, after, .. } if *path == it.path => {
                        if let Some(commit) = Oid::parse(answer) {
                            *after = commit;
                        }
                    }
                    Action::Dispatch(message) if it.is_for_message() => {
                        message.fill(placeholder, answer);
                    }
                    _ => {}
                }
            }
        }
        filled
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

/// Returns what stands behind an answer at the beginning of a text; `None` where none stands there.
fn without_answer<'t>(text: &'t str, placeholder: &str) -> Option<&'t str> {
    let (answer, rest) = text.split_at_checked(placeholder.len())?;
    is_answer(answer, placeholder).then_some(rest)
}

/// Returns whether a text can stand in the place of a placeholder, and is none itself.
pub fn is_answer(text: &str, placeholder: &str) -> bool {
    let held = format!("{MARK}{}", "0".repeat(ZEROS));
    let bare = match placeholder.strip_prefix(SHA256) {
        Some(_) => text.strip_prefix(SHA256),
        None => Some(text),
    };
    let is_hex = |it: &str| it.bytes().all(|b| b.is_ascii_hexdigit());
    let fits = text.len() == placeholder.len();
    fits && bare.is_some_and(|it| is_hex(it) && !it.starts_with(&held))
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
}
