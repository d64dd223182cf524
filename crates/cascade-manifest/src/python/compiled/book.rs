//! The rows of a requirements file, with the lines of hashes and comments below each.

use std::ops::Range;

use super::name_in;
use crate::lock::is_commit_id;
use crate::python::pep508::{self, Wanted};
use crate::python::reference;

/// The rows of the file.
pub(super) struct Book {
    pub(super) rows: Vec<Row>,
    /// Whether the comments below the rows say what requires each.
    pub(super) is_annotated: bool,
}

/// A text, at its place.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// One requirement with what stands below it.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The canonical name.
    pub(super) name: String,
    /// The byte at which it begins.
    pub(super) at: usize,
    /// The requirement as written, without hashes and comments.
    pub(super) written: String,
    /// The version behind `==`.
    pub(super) version: Option<Spot>,
    /// The address of a direct reference.
    pub(super) address: Option<String>,
    /// The tag or commit in that address.
    pub(super) reference: Option<Spot>,
    /// The hashes, in the order of the text.
    pub(super) hashes: Vec<Spot>,
    /// What the comments say requires it: canonical names, or files.
    pub(super) via: Vec<String>,
}

impl Row {
    /// Returns the commit that the row holds.
    pub(super) fn commit(&self) -> Option<&str> {
        let text = self.reference.as_ref()?.text.as_str();
        is_commit_id(text).then_some(text)
    }

    /// Returns what the row holds.
    pub(super) fn held(&self) -> String {
        let version = self.version.as_ref().map(|it| it.text.clone());
        version.or_else(|| self.address.clone()).unwrap_or_default()
    }
}

impl Book {
    /// Returns the rows of a requirements file.
    pub(super) fn read(text: &str) -> Self {
        let mut book = Self {
            rows: Vec::new(),
            is_annotated: false,
        };
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            book.line(line.trim_end_matches(['\n', '\r']), at);
            at += line.len();
        }
        book.is_annotated = book.rows.iter().any(|it| !it.via.is_empty());
        book
    }

    fn line(&mut self, line: &str, at: usize) {
        let bare = line.trim_start_matches('\u{feff}').trim_start();
        let start = at + (line.len() - bare.len());
        if bare.starts_with('#') {
            let indented = start > at;
            if let Some(row) = self.rows.last_mut().filter(|_| indented) {
                row.comment(bare);
            }
        } else if bare.starts_with("--hash=") {
            if let Some(row) = self.rows.last_mut() {
                row.hash(bare, start);
            }
        } else if let Some(row) = Row::read(bare, start) {
            self.rows.push(row);
        }
    }
}

impl Row {
    fn read(line: &str, start: usize) -> Option<Self> {
        let comment = line.find(" #");
        let (written, comment) = line.split_at_checked(comment.unwrap_or(line.len()))?;
        let hashes = written.find(" --hash=").unwrap_or(written.len());
        let (requirement, hashes) = written.split_at_checked(hashes)?;
        let requirement = requirement.trim_end().trim_end_matches('\\').trim_end();
        let parts = pep508::split(requirement)?;
        let mut row = Self {
            name: name_in(requirement)?,
            at: start,
            written: requirement.to_owned(),
            ..Self::default()
        };
        match parts.wanted {
            Wanted::Specifier(range) => row.version = pinned(requirement, range, start),
            Wanted::Url(range) => {
                let address = requirement.get(range.clone())?;
                row.reference = reference::of_url(address).version.and_then(|it| {
                    let from = start + range.start;
                    Some(Spot {
                        text: address.get(it.clone())?.to_owned(),
                        span: from + it.start..from + it.end,
                    })
                });
                row.address = Some(address.to_owned());
            }
            Wanted::Unknown(_) => {}
        }
        let behind = start + requirement.len() + (written.len() - requirement.len() - hashes.len());
        row.hash(hashes, behind);
        row.comment(comment.trim_start());
        Some(row)
    }

    /// Adds the hashes of a line that begins at byte `start`.
    fn hash(&mut self, line: &str, start: usize) {
        const FLAG: &str = "--hash=";
        for (at, _) in line.match_indices(FLAG) {
            let from = at + FLAG.len();
            let rest = line.get(from..).unwrap_or_default();
            let text = rest.split([' ', '\\', '\t']).next().unwrap_or_default();
            self.hashes.push(Spot {
                text: text.to_owned(),
                span: start + from..start + from + text.len(),
            });
        }
    }

    /// Adds what a comment says requires the row: `# via a, -r b.in`, `#   a`.
    fn comment(&mut self, comment: &str) {
        let said = comment.trim_start_matches('#').trim();
        let begins = said == "via" || said.starts_with("via ");
        if !begins && self.via.is_empty() {
            return;
        }
        let said = said.strip_prefix("via").filter(|_| begins).unwrap_or(said);
        for one in said.split(',').map(str::trim) {
            self.via
                .push(match name_in(one).filter(|_| !one.contains(' ')) {
                    Some(name) => name,
                    None => one.to_owned(),
                });
        }
    }
}

/// Returns the version of `==1.4.2`.
fn pinned(requirement: &str, range: Range<usize>, start: usize) -> Option<Spot> {
    let written = requirement.get(range.clone())?;
    let text = written.strip_prefix("==")?.trim_start();
    let is_version = crate::python::demand::version(text).is_some();
    is_version.then(|| Spot {
        span: start + range.end - text.len()..start + range.end,
        text: text.to_owned(),
    })
}
