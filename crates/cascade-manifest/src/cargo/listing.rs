//! What a Cargo index lists of a crate: one line of JSON a version.

use serde::Deserialize;

use crate::{ListedFile, Listing};

#[derive(Deserialize)]
struct Line {
    name: String,
    vers: String,
    #[serde(default)]
    cksum: String,
    #[serde(default)]
    yanked: Option<bool>,
}

/// Returns what a crate's lines list; `None` where one can not be read.
pub(super) fn listing(document: &[u8], name: &str) -> Option<Listing> {
    let text = std::str::from_utf8(document).ok()?;
    let mut listing = Listing::default();
    for line in text.lines().filter(|it| !it.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).ok()?;
        if super::canonical(&line.name) != super::canonical(name) {
            return None;
        }
        let file = ListedFile {
            name: format!("{}-{}.crate", line.name, line.vers),
            kind: "crate".to_owned(),
            line: None,
            digest: (!line.cksum.is_empty()).then(|| format!("sha256:{}", line.cksum)),
            yanked: (line.yanked == Some(true)).then(String::new),
        };
        listing.add(&line.vers, file);
    }
    Some(listing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_version() {
        let lines = b"{\"name\":\"a\",\"vers\":\"1.0.0\",\"deps\":[],\"cksum\":\"00\",\"yanked\":true}\n\n{\"name\":\"a\",\"vers\":\"1.0.1\"}\n";
        let listing = listing(lines, "a").unwrap();
        let all: Vec<_> = listing.releases().collect();
        assert_eq!(all[0].1[0].digest.as_deref(), Some("sha256:00"));
        assert_eq!(all[0].1[0].yanked.as_deref(), Some(""));
        assert_eq!(all[1].1[0].digest, None);
        assert_eq!(super::listing(lines, "b"), None);
        assert_eq!(super::listing(b"<html>", "a"), None);
    }
}
