//! `.gitmodules`: repositories inside of this one. Their commits stand in git's tree, at the folder
//! that is told here, and so no edit of this file moves them. A `branch` says where a person looks
//! for the next commit: it holds nothing.

use super::{Draft, Found, Piece};
use crate::Kind;

pub(super) fn is_at(path: &str) -> bool {
    path == ".gitmodules"
}

pub(super) fn read(text: &str, found: &mut Found<'_>) {
    let mut module = Module::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim_start_matches('\u{feff}').trim();
        if let Some(head) = body.strip_prefix('[') {
            std::mem::replace(&mut module, Module::of(head)).add(found);
        } else if let Some((key, value)) = body.split_once('=') {
            module.set(key.trim(), value_of(value), start);
        }
    }
    module.add(found);
}

/// A section, as far as it is read.
#[derive(Default)]
struct Module<'t> {
    name: Option<&'t str>,
    folder: Option<&'t str>,
    url: Option<Piece<'t>>,
}

impl<'t> Module<'t> {
    fn of(head: &'t str) -> Self {
        let name = head
            .strip_prefix("submodule")
            .and_then(|it| it.split('"').nth(1));
        Self {
            name,
            ..Self::default()
        }
    }

    /// Takes a key: of several of one name git believes the last.
    fn set(&mut self, key: &str, value: &'t str, at: usize) {
        if key.eq_ignore_ascii_case("path") {
            self.folder = Some(value).filter(|it| is_folder(it));
        } else if key.eq_ignore_ascii_case("url") && !value.is_empty() {
            self.url = Some(Piece::bare(value, at));
        }
    }

    fn add(self, found: &mut Found<'_>) {
        let (Some(name), Some(url)) = (self.name, self.url) else {
            return;
        };
        found.below(name, |found| {
            found.add(Draft {
                folder: self.folder,
                ..Draft::git(Kind::Submodule, &url, None)
            });
        });
    }
}

/// Returns a value without its quotes, or without the comment behind it.
fn value_of(text: &str) -> &str {
    let text = text.trim();
    let quoted = text.strip_prefix('"').and_then(|it| it.split_once('"'));
    let plain = || text.split([';', '#']).next().unwrap_or_default().trim_end();
    quoted.map_or_else(plain, |it| it.0)
}

/// Returns whether a text is the path of a folder inside of a repository.
fn is_folder(text: &str) -> bool {
    let is_part = |it: &str| !matches!(it, "" | "." | ".." | ".git");
    text.trim_end_matches('/').split('/').all(is_part)
        && !text.contains(|c: char| c.is_control() || "\\:".contains(c))
}
