//! An ecosystem is data: what its files are called and how its versions read.

use std::borrow::Cow;
use std::fmt;

use crate::{Grammar, Limit, Listing, Lock, Manifest, ReadError, Scheme, Version, resolved};

/// One package ecosystem: its formats, its locks, its names and its version grammar.
pub struct Ecosystem {
    /// The name in `workspace.toml` and in reports: `python`, `npm`, `cargo`, `go`, `git`.
    pub name: &'static str,
    /// How versions are spelled and ordered.
    pub scheme: Scheme,
    /// How requirements are read and rewritten.
    pub grammar: &'static dyn Grammar,
    /// The manifest formats, each one file.
    pub formats: &'static [&'static dyn Format],
    /// The lock formats, each one file.
    pub locks: &'static [&'static dyn Lock],
    /// The canonical spelling of a package name, by which names are compared.
    pub canonical: fn(&str) -> Cow<'_, str>,
    /// What a registry's document lists of the package of this canonical name; `None` where it is
    /// no such document.
    pub listing: fn(&[u8], &str) -> Option<Listing>,
    /// What names say where they are import paths; `None` where they are only names.
    pub paths: Option<&'static ImportPaths>,
}

/// What the names of an ecosystem say, where they are import paths.
pub struct ImportPaths {
    /// The name without its major version: `example.org/x` of `example.org/x/v2`. Names of one stem
    /// are the major versions of one package.
    pub stem: fn(&str) -> &str,
    /// The major version that the name says; every one says it from 2 on.
    pub major: fn(&str) -> Option<u64>,
    /// The folder that stands before the version in the tags of a package: of its name and the
    /// folder of its manifest.
    pub tag_folder: for<'f> fn(&str, &'f str) -> &'f str,
}

/// Every ecosystem. A new one is registered here by name.
pub static ALL: &[&Ecosystem] = &[
    &crate::cargo::CARGO,
    &crate::git::GIT,
    &crate::go::GO,
    &crate::npm::NPM,
    &crate::python::PYTHON,
];

/// Returns the ecosystem of this name.
pub fn ecosystem(name: &str) -> Option<&'static Ecosystem> {
    ALL.iter().copied().find(|it| it.name == name)
}

impl Ecosystem {
    /// Returns the format that reads files of this name (the last component of a path).
    pub fn format(&self, file_name: &str) -> Option<&'static dyn Format> {
        self.formats.iter().copied().find(|it| it.reads(file_name))
    }

    /// Returns the lock format of this file name.
    pub fn lock(&self, file_name: &str) -> Option<&'static dyn Lock> {
        self.locks.iter().copied().find(|it| it.reads(file_name))
    }

    /// Returns the major version that a name says, where names are import paths.
    pub fn major(&self, name: &str) -> Option<u64> {
        (self.paths?.major)(name)
    }

    /// Returns whether a package of this name may have this version: of an import path, only one of
    /// the major version that it says, and one below 2 where it says none.
    pub fn takes(&self, name: &str, version: &Version) -> bool {
        let [major, ..] = version.numbers();
        match self.major(name) {
            Some(said) => major == said,
            None => self.paths.is_none() || major < 2,
        }
    }
}

impl fmt::Debug for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Ecosystem {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Ecosystem {}

/// One manifest format: text to facts. Edits go through [`crate::splice`] by the spans it gives.
pub trait Format: Sync {
    /// Returns the name of the format, as people say it: `pyproject.toml`.
    fn name(&self) -> &'static str;

    /// Returns whether files of this name (the last component of a path) are of this format.
    fn reads(&self, file_name: &str) -> bool;

    /// Returns what the text says. All spans are byte ranges of `text`, a BOM included.
    ///
    /// # Errors
    /// When the text is larger than [`Limit::MANIFEST`], a merge in it is not resolved, or it is not
    /// of this format, has a duplicate key, or is nested too deep.
    fn read(&self, text: &str) -> Result<Manifest, ReadError> {
        Limit::MANIFEST.check(text)?;
        resolved(text)?;
        self.parse(text)
    }

    /// Does what [`Format::read`] does to a text that is known to be small enough.
    ///
    /// # Errors
    /// When the text is not of this format, has a duplicate key, or is nested too deep.
    fn parse(&self, text: &str) -> Result<Manifest, ReadError>;
}
