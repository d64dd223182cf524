//! What an npm registry lists of a package, read off its document.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{ListedFile, Listing};

#[derive(Deserialize)]
struct Packument {
    name: String,
    versions: BTreeMap<String, Release>,
}

#[derive(Deserialize)]
struct Release {
    #[serde(default)]
    dist: Dist,
}

#[derive(Deserialize, Default)]
struct Dist {
    tarball: Option<String>,
    integrity: Option<String>,
    shasum: Option<String>,
}

/// Returns what a package's document lists; `None` where it is of another package, or none.
pub(super) fn listing(document: &[u8], name: &str) -> Option<Listing> {
    let packument: Packument = serde_json::from_slice(document).ok()?;
    if packument.name != name {
        return None;
    }
    let mut listing = Listing::default();
    for (version, Release { dist }) in packument.versions {
        let Some(url) = dist.tarball else {
            continue;
        };
        let file = url.split(['?', '#']).next().unwrap_or_default();
        let sum = dist.shasum.filter(|it| !it.is_empty());
        let digest = dist.integrity.filter(|it| !it.is_empty());
        listing.add(
            &version,
            ListedFile {
                name: file.rsplit('/').next().unwrap_or_default().to_owned(),
                kind: "tarball".to_owned(),
                line: None,
                digest: digest.or_else(|| sum.map(|it| format!("sha1:{it}"))),
                yanked: None,
            },
        );
    }
    Some(listing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_lists_the_tarball_of_each_version() {
        let document = br#"{"name": "@own/core", "versions": {
            "1.0.0": {"dist": {"tarball": "https://r.example/@own/core/-/core-1.0.0.tgz?x=y", "integrity": "sha512-aa"}},
            "1.0.1": {"dist": {"tarball": "https://r.example/core-1.0.1.tgz", "shasum": "bb"}},
            "1.0.2": {}}}"#;
        let listing = listing(document, "@own/core").unwrap();
        let all: Vec<_> = listing.releases().collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].1[0].name, "core-1.0.0.tgz");
        assert_eq!(all[0].1[0].digest.as_deref(), Some("sha512-aa"));
        assert_eq!(all[1].1[0].digest.as_deref(), Some("sha1:bb"));
        assert_eq!(super::listing(document, "core"), None);
    }
}
