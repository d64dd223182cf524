//! What is in artefacts, and what tools said of them, unjudged.

/// The artefacts of one repository.
#[derive(Debug, Clone, Default)]
pub struct Artifacts {
    /// Those that were looked into.
    pub files: Vec<Artifact>,
    /// What tools came to.
    pub trials: Vec<Trial>,
}

/// A file that is published.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// Its name.
    pub file: String,
    /// The ecosystem that it is of.
    pub ecosystem: &'static str,
    /// What is in it; or why it can not be read.
    pub read: Result<Contents, String>,
}

/// What is in an artefact.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// The package, as its own metadata names it.
    pub name: String,
    /// The version, as its own metadata says it.
    pub version: String,
    /// The paths of its files, as it has them.
    pub paths: Vec<String>,
    /// Entries that would leave the folder that it is unpacked in: `..`, absolute paths, links.
    pub escapes: Vec<String>,
    /// What its own list of contents says otherwise.
    pub amiss: Vec<String>,
    /// What its own metadata promises and it has not.
    pub missing: Vec<String>,
}

/// Something that was tried with a tool.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What was tried.
    pub what: Tried,
    /// On what: a package, a file, a command.
    pub subject: String,
    /// What it came to.
    pub end: TrialEnd,
}

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// To build it, by the project's own build.
    Build,
    /// To publish it, up to the upload.
    Publish,
    /// To have its metadata judged.
    Metadata,
    /// To install it in a fresh environment.
    Install,
    /// To import what it holds.
    Import,
    /// To load the data files that it holds.
    Data,
    /// To ask a command of it for its version.
    Command,
}

/// What a trial came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialEnd {
    /// It went well, and this is what was said.
    Well(String),
    /// It failed, for this reason.
    Badly(String),
    /// It was not tried, for this reason.
    Untried(String),
}
