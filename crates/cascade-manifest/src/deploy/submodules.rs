//! `.gitmodules`: repositories inside of this one. Their commits stand in git's tree, not here.

use super::{Draft, Found, Piece};
use crate::Kind;

pub(super) fn is_at(path: &str) -> bool {
    path == ".gitmodules"
}

pub(super) fn read(text: &str, found: &mut Found<'_>) {
    let mut section = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim_start_matches('\u{feff}').trim();
        if let Some(head) = body.strip_prefix('[') {
            let name = head
                .strip_prefix("submodule")
                .and_then(|it| it.split('"').nth(1));
            section = name.map(str::to_owned);
            continue;
        }
        let Some((name, (key, value))) = section.as_ref().zip(body.split_once('=')) else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        if key.trim() == "url" && !value.is_empty() {
            let url = Piece::bare(value, start);
            found.below(name, |found| {
                found.add(Draft::git(Kind::Submodule, &url, None));
            });
        }
    }
}
