//! What a Go proxy lists of a module: one version a line.

use crate::{ListedFile, Listing};

/// Returns what a module's list says; `None` where it is no list.
pub(super) fn listing(document: &[u8], _name: &str) -> Option<Listing> {
    let text = std::str::from_utf8(document).ok()?;
    let mut listing = Listing::default();
    for version in text.lines().map(str::trim).filter(|it| !it.is_empty()) {
        if !version.starts_with('v') || version.contains(char::is_whitespace) {
            return None;
        }
        let file = ListedFile {
            name: format!("{version}.mod"),
            kind: "module".to_owned(),
            line: None,
            digest: None,
            yanked: None,
        };
        listing.add(version, file);
    }
    Some(listing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_a_version_a_line() {
        let listing = listing(b"v1.0.0\nv1.1.0\r\n\n", "x.example/a").unwrap();
        let all: Vec<_> = listing.releases().map(|it| it.0).collect();
        assert_eq!(all, ["v1.0.0", "v1.1.0"]);
        assert_eq!(super::listing(b"not found: x", "x"), None);
    }
}
