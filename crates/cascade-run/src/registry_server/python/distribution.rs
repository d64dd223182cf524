//! Files of a Python project: what their names say, and what is written in them.

use cascade_manifest::{Scheme, Version, python::PYTHON};
use sha2::{Digest as _, Sha256};

use crate::registry_server::answer::hex;
use crate::registry_server::folder::Folder;
use crate::registry_server::moment::Moment;
use crate::registry_server::tarball;

/// A wheel or a source distribution.
#[derive(Debug)]
pub(super) struct Dist {
    /// Its file name.
    pub(super) file: String,
    /// Its version, as the file name says it.
    pub(super) version: String,
    /// Its SHA-256, in hexadecimal.
    pub(super) sha256: String,
    /// How many bytes it has.
    pub(super) size: usize,
    /// When it came.
    pub(super) came: Moment,
    /// Why it is yanked, if it is.
    pub(super) yanked: Option<String>,
    /// The metadata of a wheel, as a client may fetch it alone.
    pub(super) metadata: Option<Vec<u8>>,
    /// What the metadata says, of a source distribution too.
    pub(super) said: Said,
}

/// What metadata says of a release.
#[derive(Debug, Default)]
pub(super) struct Said {
    fields: Vec<(String, String)>,
}

impl Dist {
    /// Reads a file of the folder; `None` where it is none of a project.
    pub(super) fn read(folder: &Folder, file: String) -> Option<Self> {
        let (_, version) = name_of(&file)?;
        let at = ["pypi", file.as_str()];
        let bytes = folder.read(&at)?;
        let metadata = is_wheel(&file)
            .then(|| tarball::wheel_metadata(&bytes))
            .flatten();
        let said = match &metadata {
            Some(text) => Said::parse(text),
            None if is_wheel(&file) => Said::default(),
            None => Said::parse(&sdist_metadata(&bytes)),
        };
        Some(Self {
            version,
            sha256: sha256(&bytes),
            size: bytes.len(),
            came: folder.came(&at),
            yanked: folder.yanked(&at),
            metadata,
            said,
            file,
        })
    }

    /// Returns whether it is a wheel.
    pub(super) fn is_wheel(&self) -> bool {
        is_wheel(&self.file)
    }

    /// Returns the version, in its order.
    pub(super) fn order(&self) -> Option<Version> {
        Version::parse(Scheme::Pep440, &self.version)
    }
}

impl Said {
    /// Reads the headers of a metadata file.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.lines().take_while(|it| !it.trim().is_empty()) {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push('\n');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self { fields }
    }

    /// Returns every value of a field, by its name in small letters.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let ours = self.fields.iter().filter(move |(it, _)| it == name);
        ours.map(|(_, value)| value.as_str())
    }

    /// Returns the first value of a field.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }
}

/// Returns the canonical name and the version that a file's name says; `None` where it names no
/// wheel and no source distribution.
pub(super) fn name_of(file: &str) -> Option<(String, String)> {
    let (name, version) = match file.strip_suffix(".whl") {
        Some(stem) => {
            let parts: Vec<&str> = stem.split('-').collect();
            let (5 | 6, [name, version, ..]) = (parts.len(), parts.as_slice()) else {
                return None;
            };
            (*name, *version)
        }
        None => file.strip_suffix(".tar.gz")?.rsplit_once('-')?,
    };
    let plain = |it: &str| {
        let known = |it: u8| it.is_ascii_alphanumeric() || b"._-!+".contains(&it);
        it.starts_with(|it: char| it.is_ascii_alphanumeric()) && it.bytes().all(known)
    };
    let numbered = version.starts_with(|it: char| it.is_ascii_digit());
    let whole = numbered && plain(name) && plain(version);
    whole.then(|| (canonical(name), version.to_owned()))
}

/// Returns a project's name, as names are compared.
pub(super) fn canonical(name: &str) -> String {
    (PYTHON.canonical)(name).into_owned()
}

/// Returns whether two texts spell the same version; a file's name says `_` for `-`.
pub(super) fn same_version(one: &str, other: &str) -> bool {
    let read = |text: &str| Version::parse(Scheme::Pep440, &text.replace('_', "-"));
    one == other || read(one).is_some_and(|it| read(other) == Some(it))
}

/// Returns the SHA-256 of bytes, in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn sdist_metadata(bytes: &[u8]) -> Vec<u8> {
    let contents = tarball::open_tar(bytes, "PKG-INFO").ok();
    contents.and_then(|it| it.found).unwrap_or_default()
}

fn is_wheel(file: &str) -> bool {
    file.strip_suffix(".whl").is_some()
}
