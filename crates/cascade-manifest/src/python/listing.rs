//! What a Python index lists of a project, read off its page (PEP 691).

use serde_json::Value;

use super::index::{sdist_stem, wheel_stem};
use crate::{ListedFile, Listing};

/// How digests are chosen where there are several, the best first.
const ALGORITHMS: &[&str] = &["sha256", "sha512", "blake2b_256", "sha384", "sha1", "md5"];

/// Returns what a project's page lists; `None` where it is no page.
pub(super) fn listing(document: &[u8], name: &str) -> Option<Listing> {
    let page: Value = serde_json::from_slice(document).ok()?;
    let mut listing = Listing::default();
    for file in page.get("files")?.as_array()? {
        let Some(file_name) = file.get("filename").and_then(Value::as_str) else {
            continue;
        };
        let Some((version, (kind, line))) = taken_apart(file_name, name) else {
            continue;
        };
        let listed = ListedFile {
            name: file_name.to_owned(),
            kind,
            line,
            digest: digest(file),
            yanked: yanked(file.get("yanked")),
        };
        listing.add(&version, listed);
    }
    Some(listing)
}

fn digest(file: &Value) -> Option<String> {
    let hashes = file.get("hashes")?.as_object()?;
    ALGORITHMS.iter().find_map(|it| {
        let digest = hashes.get(*it)?.as_str().filter(|it| !it.is_empty())?;
        Some(format!("{it}:{digest}"))
    })
}

fn yanked(said: Option<&Value>) -> Option<String> {
    match said? {
        Value::Bool(true) => Some(String::new()),
        Value::String(why) => Some(why.clone()),
        _ => None,
    }
}

/// A kind, and the Python that it is bound to.
type Kind = (String, Option<String>);

/// Returns the version and the kind of a project's file; `None` for a file of another project.
fn taken_apart(file_name: &str, name: &str) -> Option<(String, Kind)> {
    let Some(stem) = wheel_stem(file_name) else {
        let (found, version) = sdist_stem(file_name)?.rsplit_once('-')?;
        let is_it = super::canonical(found) == name;
        return is_it.then(|| (version.to_owned(), ("sdist".to_owned(), None)));
    };
    let parts: Vec<&str> = stem.split('-').collect();
    let (found, version, tags) = match parts.as_slice() {
        [found, version, tags @ ..] if matches!(tags.len(), 3 | 4) => (found, version, tags),
        _ => return None,
    };
    let [.., python, abi, platform] = tags else {
        return None;
    };
    let is_it = super::canonical(found) == name;
    is_it.then(|| ((*version).to_owned(), wheel(python, abi, platform)))
}

/// Returns the kind of a wheel. A newer glibc, another macOS or the Python that a stable ABI starts
/// from make no other kind: they change from one release to the next.
fn wheel(python: &str, abi: &str, platform: &str) -> Kind {
    let python = match python.split('.').find(|it| *it == "py3") {
        Some(it) => it,
        None => python,
    };
    let first = platform.split('.').next().unwrap_or(platform);
    let platform = family(first);
    match (abi, platform.as_str()) {
        ("none", "any") => (format!("wheel ({python}, any platform)"), None),
        ("abi3", _) => (format!("wheel (abi3, {platform})"), None),
        ("none", _) => (format!("wheel ({python}-none, {platform})"), None),
        _ => {
            let line = format!("{python}-{abi}");
            (format!("wheel ({line}, {platform})"), Some(line))
        }
    }
}

/// Returns the system and the machine of a platform's tag, without versions.
fn family(platform: &str) -> String {
    let (system, mut rest) = platform.split_once('_').unwrap_or((platform, ""));
    let system = match system.strip_prefix("manylinux") {
        Some(_) => "manylinux",
        None => system,
    };
    while let Some((number, behind)) = rest.split_once('_') {
        if number.is_empty() || !number.bytes().all(|it| it.is_ascii_digit()) {
            break;
        }
        rest = behind;
    }
    if rest.is_empty() {
        return system.to_owned();
    }
    format!("{system} {rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lists_versions_files_and_what_was_taken_back() {
        let page = br#"{"files": [
            {"filename": "a_b-1.0-py3-none-any.whl", "hashes": {"sha256": "00"}},
            {"filename": "A.B-1.0.tar.gz", "hashes": {}, "yanked": "broken"},
            {"filename": "other-1.0.tar.gz", "hashes": {}},
            {"filename": "a_b-1.1.zip", "hashes": {"md5": "11"}, "yanked": false}]}"#;
        let listing = listing(page, "a-b").unwrap();
        let all: Vec<_> = listing.releases().collect();
        assert_eq!(all.len(), 2);
        let (version, files) = all[0];
        assert_eq!((version, files.len()), ("1.0", 2));
        assert_eq!(files[0].kind, "wheel (py3, any platform)");
        assert_eq!(files[0].digest.as_deref(), Some("sha256:00"));
        assert_eq!(files[1].yanked.as_deref(), Some("broken"));
        assert_eq!(all[1].1[0].digest.as_deref(), Some("md5:11"));
        assert_eq!(super::listing(b"<html>", "a"), None);
    }

    #[test]
    fn a_kind_of_wheel_is_the_same_in_the_next_release() {
        for (file, kind) in [
            (
                "a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                "wheel (cp312-cp312, manylinux x86_64)",
            ),
            (
                "a-1-cp312-cp312-manylinux2014_x86_64.whl",
                "wheel (cp312-cp312, manylinux x86_64)",
            ),
            (
                "a-1-cp312-cp312-musllinux_1_2_aarch64.whl",
                "wheel (cp312-cp312, musllinux aarch64)",
            ),
            (
                "a-1-cp39-abi3-macosx_11_0_arm64.whl",
                "wheel (abi3, macosx arm64)",
            ),
            (
                "a-1-2-cp313-cp313t-win_amd64.whl",
                "wheel (cp313-cp313t, win amd64)",
            ),
            ("a-1-cp313-cp313-win32.whl", "wheel (cp313-cp313, win32)"),
            ("a-1-py2.py3-none-any.whl", "wheel (py3, any platform)"),
            (
                "a-1-py3-none-linux_x86_64.whl",
                "wheel (py3-none, linux x86_64)",
            ),
        ] {
            let found = taken_apart(file, "a");
            let (version, (found, line)) = found.unwrap();
            assert_eq!((version.as_str(), found.as_str()), ("1", kind), "{file}");
            let bound = kind.contains("(cp");
            assert_eq!(line.is_some(), bound, "{file}");
        }
        assert_eq!(taken_apart("a-1-any.whl", "a"), None);
    }
}
