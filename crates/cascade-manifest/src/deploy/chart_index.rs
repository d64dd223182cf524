//! `index.yaml`: what a repository of charts lists.

use crate::yaml::{Node, Yaml};
use crate::{Limit, ListedFile, Listing};

/// Returns what the `index.yaml` of a repository of charts lists of a chart; `None` where it is none.
///
/// ```
/// use cascade_manifest::deploy::chart_listing;
/// let index = b"entries:\n  core:\n  - version: 1.4.0\n    digest: 0a\n    urls: [x/core-1.4.0.tgz]\n";
/// let listing = chart_listing(index, "core").unwrap();
/// let (version, files) = listing.releases().next().unwrap();
/// assert_eq!((version, files[0].name.as_str()), ("1.4.0", "core-1.4.0.tgz"));
/// ```
pub fn chart_listing(document: &[u8], name: &str) -> Option<Listing> {
    let text = std::str::from_utf8(document).ok()?;
    Limit::YAML.check(text).ok()?;
    let yaml = Yaml::parse(text).ok()?;
    let entries = yaml.root()?.get("entries")?;
    let mut listing = Listing::default();
    let versions = entries.get(name).into_iter().flat_map(Node::elements);
    for entry in versions {
        let word = |key: &str| entry.get(key).and_then(Node::str);
        let Some(version) = word("version") else {
            continue;
        };
        let url = entry.get("urls").and_then(|it| it.elements().next());
        let file = url.and_then(Node::str).and_then(|it| it.rsplit('/').next());
        let file = file.filter(|it| !it.is_empty());
        let algorithm = |it: &str| if it.contains(':') { "" } else { "sha256:" };
        let digest = word("digest").map(|it| format!("{}{it}", algorithm(it)));
        listing.add(
            version,
            ListedFile {
                name: file.map_or_else(|| format!("{name}-{version}.tgz"), str::to_owned),
                kind: "chart".to_owned(),
                line: None,
                digest: digest.filter(|it| it.len() > "sha256:".len()),
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
    fn each_version_has_its_file_and_digest() {
        let index = "apiVersion: v1\nentries:\n  other:\n  - version: 9.0.0\n  core:\n  \
            - name: core\n    version: v1.4.0\n    digest: ab\n    urls:\n    - https://c.example/core-v1.4.0.tgz\n  \
            - version: 1.3.0\n    digest: sha256:cd\n  - name: none\n";
        let listing = chart_listing(index.as_bytes(), "core").unwrap();
        let all = listing.releases().map(|(version, files)| {
            let file = &files[0];
            (version, file.name.as_str(), file.digest.as_deref())
        });
        let all: Vec<_> = all.collect();
        assert_eq!(
            all,
            [
                ("1.3.0", "core-1.3.0.tgz", Some("sha256:cd")),
                ("v1.4.0", "core-v1.4.0.tgz", Some("sha256:ab"))
            ]
        );
        assert_eq!(
            chart_listing(index.as_bytes(), "x")
                .unwrap()
                .releases()
                .count(),
            0
        );
    }

    #[test]
    fn what_is_no_index_is_none() {
        for text in ["", "a: [", "entries", "<html>", "- a"] {
            assert!(chart_listing(text.as_bytes(), "core").is_none(), "{text}");
        }
        assert!(chart_listing(b"\xff", "core").is_none());
        for odd in [
            "entries: 1",
            "entries: {core: 1}",
            "entries: {core: [1, {version: [1]}]}",
        ] {
            assert!(
                chart_listing(odd.as_bytes(), "core")
                    .unwrap()
                    .releases()
                    .next()
                    .is_none()
            );
        }
    }
}
