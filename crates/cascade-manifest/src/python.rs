//! Python: `pyproject.toml`, `setup.cfg`, `setup.py`, requirements files, `uv.lock` and
//! `poetry.lock`.

use std::borrow::Cow;

use crate::{Ecosystem, Scheme};

mod assignment;
mod compiled;
mod demand;
mod headers;
mod index;
mod listing;
mod metadata;
mod moving;
mod pep508;
mod pins;
mod poetry_lock;
mod pyproject;
mod reference;
mod requirements;
mod scm;
mod setup_cfg;
mod setup_py;
mod specifier;
mod upstream;
mod uv_lock;

pub use scm::{Built, TagAt, built_version};

/// Python, by its packaging standards.
pub static PYTHON: Ecosystem = Ecosystem {
    name: "python",
    scheme: Scheme::Pep440,
    grammar: &specifier::PythonGrammar,
    formats: &[
        &pyproject::Pyproject,
        &requirements::Requirements,
        &setup_cfg::SetupCfg,
        &setup_py::SetupPy,
    ],
    locks: &[
        &uv_lock::UvLock,
        &poetry_lock::PoetryLock,
        &compiled::Compiled,
    ],
    canonical,
    listing: listing::listing,
    paths: None,
};

/// Returns the normalised name of PEP 503: lower case, runs of `-_.` become one `-`.
fn canonical(name: &str) -> Cow<'_, str> {
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if plain && !name.contains("--") {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            _ => out.extend(c.to_lowercase()),
        }
    }
    Cow::Owned(out)
}

/// Returns whether a version is a placeholder, which the publisher replaces: `0.0.0-dev`.
pub fn is_placeholder(version: &str) -> bool {
    pyproject::is_placeholder(version)
}

/// What a `pyproject.toml` says of a version that git makes, by the table of the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// The backend whose table is there.
    pub backend: &'static str,
    /// The version that stands beside it in `[project]`, and its bytes.
    pub literal: Option<(String, std::ops::Range<usize>)>,
    /// Whether `dynamic` of `[project]` names the version.
    pub declared: bool,
}

/// Returns how a `pyproject.toml` with a `[project]` asks git for its version; `None` where it does not,
/// or is no TOML.
pub fn wiring(text: &str) -> Option<Wiring> {
    let toml = crate::toml::Toml::parse(text).ok()?;
    pyproject::wiring(toml.root())
}

/// Returns the bytes of the version text that `text` assigns to `attribute` (`__version__ =
/// "1.2.3"`), of the `version` group where `attribute` is a regular expression, or of the whole
/// version where it is empty and the file is only that; `None` where that is not one literal.
pub fn version_in(text: &str, attribute: &str) -> Option<std::ops::Range<usize>> {
    assignment::version_in(text, attribute)
}
