//! The page of a project in a Python index (PEP 691), and the files of one version.

use std::collections::BTreeMap;

use pep440_rs::Version;
use serde::Deserialize;
use serde_json::Value;

use super::demand;
use super::metadata::Core;
use crate::{Ask, Facts, Fallback};

/// The page of a project.
#[derive(Deserialize)]
pub(super) struct Page {
    files: Vec<File>,
}

/// A file of the page.
#[derive(Deserialize)]
pub(super) struct File {
    pub(super) filename: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) hashes: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) size: Option<u64>,
    #[serde(default, rename = "upload-time")]
    pub(super) upload_time: Option<String>,
    #[serde(default)]
    yanked: Value,
}

impl File {
    /// Returns the SHA-256 of the file, in hexadecimal.
    pub(super) fn sha256(&self) -> Option<&str> {
        self.hashes.get("sha256").map(String::as_str)
    }
}

/// The files of one version, by what tells them apart: the tags of a wheel, or `sdist`.
pub(super) type Files<'p> = BTreeMap<String, &'p File>;

impl Page {
    /// Returns the page of a project.
    ///
    /// # Errors
    /// When there is none, or it is not as the standard says.
    pub(super) fn ask(
        facts: &dyn Facts,
        index: Option<&str>,
        name: &str,
    ) -> Result<Self, Fallback> {
        let answer = facts.ask(&Ask::PythonProject {
            index: index.map(ToOwned::to_owned),
            name: name.to_owned(),
        })?;
        let mut page: Self = serde_json::from_slice(&answer).map_err(|_| {
            Fallback::because(format!("the index page of `{name}` can not be read"))
        })?;
        if let Some(index) = index {
            let base = format!("{}/{name}/", index.trim_end_matches('/'));
            for file in &mut page.files {
                file.url = joined(&base, &file.url);
            }
        }
        Ok(page)
    }

    /// Returns the files of a version.
    ///
    /// # Errors
    /// When there are none, or two can not be told apart.
    pub(super) fn files(&self, name: &str, version: &Version) -> Result<Files<'_>, Fallback> {
        let mut files = Files::new();
        for file in &self.files {
            let Some(key) = key_of(&file.filename, name, version) else {
                continue;
            };
            if files.insert(key, file).is_some() {
                let reason = format!("`{name}` {version} has two files of one kind");
                return Err(Fallback::because(reason));
            }
        }
        if files.is_empty() {
            let reason = format!("`{name}` {version} is not in the index");
            return Err(Fallback::because(reason));
        }
        Ok(files)
    }

    /// Returns the files of a version that is to be locked: none of them yanked.
    ///
    /// # Errors
    /// As [`Page::files`], and when one is yanked.
    pub(super) fn fresh_files(&self, name: &str, version: &Version) -> Result<Files<'_>, Fallback> {
        let files = self.files(name, version)?;
        let is_yanked = |it: &&File| !matches!(it.yanked, Value::Null | Value::Bool(false));
        if files.values().any(is_yanked) {
            let reason = format!("`{name}` {version} is yanked");
            return Err(Fallback::because(reason));
        }
        Ok(files)
    }
}

/// Returns the core metadata of a version, out of one of its wheels.
///
/// # Errors
/// When it has no wheel, or the metadata can not be had or read.
pub(super) fn core(facts: &dyn Facts, name: &str, files: &Files<'_>) -> Result<Core, Fallback> {
    let wheel = files.values().find(|it| wheel_stem(&it.filename).is_some());
    let none = || {
        Fallback::because(format!(
            "`{name}` has no wheel whose metadata could be read"
        ))
    };
    let url = wheel.ok_or_else(none)?.url.clone();
    let answer = facts.ask(&Ask::PythonMetadata { url })?;
    Core::read(&answer).map_err(|it| Fallback::because(format!("`{name}`: {it}")))
}

/// Returns what tells a file of this version apart from its others; `None` for any other file.
fn key_of(file_name: &str, name: &str, version: &Version) -> Option<String> {
    let (found, written, key) = if let Some(stem) = wheel_stem(file_name) {
        let mut parts = stem.splitn(3, '-');
        let (found, written) = (parts.next()?, parts.next()?);
        (found, written, parts.next()?.to_owned())
    } else {
        let (found, written) = sdist_stem(file_name)?.rsplit_once('-')?;
        (found, written, "sdist".to_owned())
    };
    let is_it = super::canonical(found) == name && demand::version(written)? == *version;
    is_it.then_some(key)
}

pub(super) fn wheel_stem(file_name: &str) -> Option<&str> {
    file_name.strip_suffix(".whl")
}

pub(super) fn sdist_stem(file_name: &str) -> Option<&str> {
    let ends = [".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar.zst"];
    ends.iter().find_map(|end| file_name.strip_suffix(end))
}

/// Returns what tells apart the file that an address or path ends with.
pub(super) fn key_at(url: &str, name: &str, version: &Version) -> Option<String> {
    let plain = url.split(['?', '#']).next()?;
    let file = plain.rsplit('/').next()?;
    key_of(&file.replace("%2B", "+").replace("%2b", "+"), name, version)
}

/// Returns the address that a page at `base` means by `url`.
fn joined(base: &str, url: &str) -> String {
    let plain = url.split('#').next().unwrap_or_default();
    if plain.contains("://") {
        return plain.to_owned();
    }
    let host = base.find("://").map_or(0, |it| it + 3);
    let root = base.get(host..).and_then(|it| it.find('/'));
    let root = base
        .get(..host + root.unwrap_or_default())
        .unwrap_or_default();
    if plain.starts_with('/') {
        return format!("{root}{plain}");
    }
    let mut folder = base.trim_end_matches('/').to_owned();
    let mut rest = plain;
    loop {
        if let Some(behind) = rest.strip_prefix("../") {
            let up = folder.rfind('/').filter(|it| *it >= root.len());
            folder.truncate(up.unwrap_or(folder.len()));
            rest = behind;
        } else if let Some(behind) = rest.strip_prefix("./") {
            rest = behind;
        } else {
            return format!("{folder}/{rest}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_tags() {
        let key = |file: &str| key_of(file, "a-b", &"1.0rc1".parse().unwrap());
        let expected = |it: &str| Some(it.to_owned());
        assert_eq!(key("A_B-1.0rc1-py3-none-any.whl"), expected("py3-none-any"));
        assert_eq!(
            key("a_b-1.0.0rc1-2-py3-none-any.whl"),
            expected("2-py3-none-any")
        );
        assert_eq!(key("a-b-1.0RC1.tar.gz"), expected("sdist"));
        assert_eq!(key("a-b-1.0.zip"), None);
        assert_eq!(key("a_b_c-1.0rc1-py3-none-any.whl"), None);
        assert_eq!(key("a-b-1.0rc1.exe"), None);
    }

    #[test]
    fn an_address_is_taken_from_its_page() {
        let base = "https://registry.example/simple/a/";
        for (url, expected) in [
            (
                "https://f.example/a.whl#sha256=00",
                "https://f.example/a.whl",
            ),
            ("/files/a.whl", "https://registry.example/files/a.whl"),
            ("../../files/a.whl", "https://registry.example/files/a.whl"),
            ("./a.whl", "https://registry.example/simple/a/a.whl"),
            ("../../../../a.whl", "https://registry.example/a.whl"),
        ] {
            assert_eq!(joined(base, url), expected, "{url}");
        }
    }
}
