//! One bump of a lock as it was recorded, in one file: the lock, what moves, the manifests, what
//! was asked and answered, and what the ecosystem's own tool made of it.
//!
//! Sections begin with U+001E, a word, a space and a subject, to the end of the line:
//! `lock uv.lock`, `move NAME FROM TO`, `own NAME FROM TO`, `file PATH`, `fact QUESTION`,
//! `fact64 QUESTION` (in base64), `after` (nothing where the tool refused).

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use cascade_manifest::{Ask, Bump, Facts, Fallback, Lock, Move};

/// A recorded bump.
#[derive(Default)]
pub(crate) struct Recorded {
    /// The lock's file name.
    pub(crate) name: String,
    /// The lock before.
    pub(crate) lock: String,
    pub(crate) moves: Vec<Move>,
    pub(crate) own: Vec<Move>,
    pub(crate) files: BTreeMap<String, String>,
    /// Answers by question.
    pub(crate) facts: BTreeMap<String, Arc<[u8]>>,
    /// The lock after, by its tool.
    pub(crate) after: Option<String>,
}

impl Recorded {
    /// Returns what a file says; parts that it does not know are left out.
    pub(crate) fn read(text: &str) -> Self {
        let mut it = Self::default();
        for section in text.split('\u{1e}').skip(1) {
            let (head, body) = section.split_once('\n').unwrap_or((section, ""));
            let (word, subject) = head.split_once(' ').unwrap_or((head, ""));
            match word {
                "lock" => (it.name, it.lock) = (subject.to_owned(), body.to_owned()),
                "move" => it.moves.extend(moved(subject)),
                "own" => it.own.extend(moved(subject)),
                "file" => drop(it.files.insert(subject.to_owned(), body.to_owned())),
                "fact" => drop(it.facts.insert(subject.to_owned(), body.as_bytes().into())),
                "fact64" => {
                    let bytes = base64::engine::general_purpose::STANDARD.decode(body.trim());
                    drop(
                        it.facts
                            .insert(subject.to_owned(), bytes.unwrap_or_default().into()),
                    );
                }
                "after" => it.after = Some(body.to_owned()),
                _ => {}
            }
        }
        it
    }

    /// Returns the format of its lock.
    pub(crate) fn format(&self) -> Option<&'static dyn Lock> {
        let known = cascade_manifest::ALL.iter().flat_map(|it| it.locks);
        let mut locks = known.copied().chain([cascade_manifest::helm::CHART_LOCK]);
        locks.find(|it| it.reads(&self.name))
    }

    /// Returns what the format makes of a lock under this bump.
    pub(crate) fn rewritten(&self, format: &dyn Lock, lock: &str) -> Result<String, Fallback> {
        let bump = Bump {
            moves: &self.moves,
            own: &self.own,
            files: &self.files,
            facts: self,
        };
        format.rewrite(lock, &bump)
    }
}

impl Facts for Recorded {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let answer = self.facts.get(&format!("{question:?}"));
        answer
            .cloned()
            .ok_or_else(|| Fallback::because("nobody recorded the answer"))
    }
}

fn moved(subject: &str) -> Option<Move> {
    let mut words = subject.split(' ');
    let (name, from, to) = (words.next()?, words.next()?, words.next()?);
    Some(Move {
        name: name.to_owned(),
        from: (from != "-").then(|| from.to_owned()),
        to: to.to_owned(),
    })
}
