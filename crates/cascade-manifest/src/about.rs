//! What a manifest says about its package beside versions and requirements: what people and indexes
//! read before they use it.

mod cargo;
mod npm;
mod python;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::ReadError;

pub use python::without_license_classifiers;

/// What a manifest says about its package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// What it says, each at its place.
    pub fields: BTreeMap<Topic, Field>,
    /// How it says under which licence the package is.
    pub license: License,
    /// The files, or globs of them, that it names as the licence's text.
    pub license_files: Vec<Field>,
    /// The classifiers of a Python package.
    pub classifiers: Vec<Field>,
    /// What the workspace's root says instead.
    pub inherited: BTreeSet<Topic>,
    /// What members inherit from it (`[workspace.package]`).
    pub shared: Option<Box<About>>,
}

/// Something that a manifest says, at its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// What it says; of a list its members, with `, ` between.
    pub value: String,
    /// The 1-based line.
    pub line: usize,
}

/// What a manifest may say about its package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Its name.
    Name,
    /// What it is, in a line.
    Description,
    /// Its page.
    Readme,
    /// Its licence, of whatever spelling.
    License,
    /// The versions of the language that it runs with.
    Requires,
    /// Who wrote it.
    Authors,
    /// Words to find it by.
    Keywords,
    /// What indexes file it under.
    Classifiers,
    /// Where it lives.
    Homepage,
    /// Where its source is.
    Repository,
    /// Where problems are told.
    Issues,
    /// Where its documentation is.
    Documentation,
    /// Where its changes are.
    Changelog,
}

/// How a manifest says its licence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum License {
    /// It does not.
    #[default]
    Unsaid,
    /// As an expression of SPDX, or what should be one.
    Expression(Field),
    /// In words, in a place where no expression is asked for.
    Words(Field),
    /// By naming the file of its text.
    File(Field),
}

impl License {
    /// Returns what is said, if anything is.
    pub fn field(&self) -> Option<&Field> {
        match self {
            Self::Unsaid => None,
            Self::Expression(it) | Self::Words(it) | Self::File(it) => Some(it),
        }
    }
}

impl About {
    /// Reads a manifest by the name of its file; `None` for a format that says nothing of this kind, or
    /// none that is read.
    ///
    /// # Errors
    /// When the text is not of its format.
    pub fn read(file_name: &str, text: &str) -> Option<Result<Self, ReadError>> {
        match file_name {
            "pyproject.toml" => Some(python::read(text)),
            "Cargo.toml" => Some(cargo::read(text)),
            "package.json" => Some(npm::read(text)),
            _ => None,
        }
    }

    /// Returns it with what it inherits from the manifest of its workspace.
    #[must_use]
    pub fn within(mut self, root: &Self) -> Self {
        let Some(shared) = root.shared.as_deref() else {
            return self;
        };
        for topic in &self.inherited {
            if let Some(field) = shared.fields.get(topic) {
                self.fields.insert(*topic, field.clone());
            }
        }
        if self.inherited.contains(&Topic::License) && self.license == License::Unsaid {
            self.license = shared.license.clone();
            self.license_files.clone_from(&shared.license_files);
        }
        self
    }

    /// Returns whether it says something, or the workspace's root does for it.
    pub fn says(&self, topic: Topic) -> bool {
        self.fields.contains_key(&topic) || self.inherited.contains(&topic)
    }

    /// Adds what is said of a topic; the first one holds.
    fn put(&mut self, topic: Topic, field: Option<Field>) {
        if let Some(field) = field.filter(|it| !it.value.trim().is_empty()) {
            self.fields.entry(topic).or_insert(field);
        }
    }
}
