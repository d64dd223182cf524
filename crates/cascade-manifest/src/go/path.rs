//! What a module path says: its major version, what is left without it, the folder of its tags.

/// Where the major version of a path stands behind a dot, and always stands.
const DOTTED: &str = "gopkg.in/";

/// Returns the path without its major version: `example.org/x` of `example.org/x/v2`,
/// `gopkg.in/yaml` of `gopkg.in/yaml.v3`.
pub(super) fn stem(path: &str) -> &str {
    parted(path).map_or(path, |(stem, _)| stem)
}

/// Returns the major version that a path says.
pub(super) fn major(path: &str) -> Option<u64> {
    parted(path).map(|(_, major)| major)
}

/// Returns the folder that stands before the version in the tags of a module: that of its `go.mod`,
/// without the folder of its major version (`sub/v2` is tagged `sub/v2.1.0`).
pub(super) fn tag_folder<'f>(path: &str, folder: &'f str) -> &'f str {
    let (above, last) = folder.rsplit_once('/').unwrap_or(("", folder));
    let major = major(path).map(|it| format!("v{it}"));
    if major.as_deref() == Some(last) {
        above
    } else {
        folder
    }
}

/// Returns the stem and the major version of a path that says one.
fn parted(path: &str) -> Option<(&str, u64)> {
    let dotted = path.starts_with(DOTTED);
    let (stem, major) = if dotted {
        let path = path.strip_suffix("-unstable").unwrap_or(path);
        path.rsplit_once(".v")?
    } else {
        path.rsplit_once("/v")?
    };
    let digits = !major.is_empty() && major.bytes().all(|b| b.is_ascii_digit());
    let plain = digits && (major == "0" || !major.starts_with('0'));
    let number: u64 = major.parse().ok().filter(|_| plain)?;
    (!stem.is_empty() && (dotted || number >= 2)).then_some((stem, number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scheme, Version};

    #[test]
    fn a_path_says_its_major_version_from_two_on() {
        for (path, expected) in [
            ("example.org/x", "example.org/x"),
            ("example.org/x/v2", "example.org/x"),
            ("example.org/x/v10", "example.org/x"),
            ("example.org/x/v1", "example.org/x/v1"),
            ("example.org/x/v02", "example.org/x/v02"),
            ("example.org/x/vendor", "example.org/x/vendor"),
            ("example.org/x/v2/y", "example.org/x/v2/y"),
            ("gopkg.in/yaml.v3", "gopkg.in/yaml"),
            ("gopkg.in/user/yaml.v1", "gopkg.in/user/yaml"),
            ("gopkg.in/yaml.v2-unstable", "gopkg.in/yaml"),
            ("/v2", "/v2"),
            ("v2", "v2"),
        ] {
            assert_eq!(stem(path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_takes_only_versions_of_its_line() {
        let takes = |path: &str, text: &str| {
            let version = Version::parse(Scheme::Semver, text).unwrap();
            super::super::GO.takes(path, &version)
        };
        assert!(takes("example.org/x", "0.1.0") && takes("example.org/x", "1.9.0"));
        assert!(!takes("example.org/x", "2.0.0") && takes("example.org/x/v2", "2.0.0-rc.1"));
        assert!(!takes("example.org/x/v2", "3.0.0") && !takes("example.org/x/v2", "1.0.0"));
        assert!(takes("gopkg.in/yaml.v1", "1.2.0") && !takes("gopkg.in/yaml.v1", "0.2.0"));
    }

    #[test]
    fn tags_stand_below_the_folder_and_not_below_the_major_versions_own() {
        for (path, folder, expected) in [
            ("example.org/x", "", ""),
            ("example.org/x/sub", "sub", "sub"),
            ("example.org/x/sub/v2", "sub/v2", "sub"),
            ("example.org/x/sub/v2", "sub", "sub"),
            ("example.org/x/v2", "v2", ""),
            ("example.org/x/v3", "v2", "v2"),
            ("vanity.example/deep", "modules/deep", "modules/deep"),
        ] {
            assert_eq!(tag_folder(path, folder), expected, "{path}");
        }
    }
}
