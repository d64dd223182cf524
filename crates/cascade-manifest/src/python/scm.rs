//! What setuptools-scm and hatch-vcs build at a commit that carries tags, by a project's own settings.
//!
//! Both ask `git describe` for a tag, cut the version out of its name by a regular expression, and
//! leave a tagged commit's version as it is. The rules are those of the release of setuptools-scm
//! that this repeats (10.3, with vcs-versioning 2.6) and of hatch-vcs 0.5, to which
//! `tests/oracle` holds it. What a program of the project decides is not repeated, and said so.

mod describe;
mod settings;
mod tag;

use self::settings::Settings;

/// A tag of the commit that is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagAt<'a> {
    /// Its name.
    pub name: &'a str,
    /// When its tag object was made, in seconds since 1970; `None` for a lightweight tag.
    pub made: Option<i64>,
}

/// What is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Built {
    /// This version.
    Version(String),
    /// Not the version of a tag: why, in words that follow "it".
    Otherwise(String),
    /// Nobody can tell without running the project's own code: why, in words that follow "it".
    Unjudged(String),
}

/// Returns the version that is built at a clean commit with these tags, by the `pyproject.toml` in
/// this folder of the repository (empty for its root).
///
/// ```
/// use cascade_manifest::python::{Built, TagAt, built_version};
/// let text = "[build-system]\nrequires = ['hatchling', 'hatch-vcs']\n\
///     [project]\nname = 'x'\ndynamic = ['version']\n[tool.hatch.version]\nsource = 'vcs'\n";
/// let at = |name| built_version(text, "", &[TagAt { name, made: Some(1) }]);
/// assert_eq!(at("v1.0.0-rc1"), Built::Version("1.0.0rc1".to_owned()));
/// assert_eq!(at("pkg-v1.0"), Built::Version("1.0".to_owned()));
/// assert!(matches!(at("stable"), Built::Otherwise(_)));
/// ```
pub fn built_version(text: &str, folder: &str, tags: &[TagAt<'_>]) -> Built {
    settings::read(text)
        .and_then(|it| built(&it, folder, tags))
        .map_or_else(|it| it, Built::Version)
}

fn built(settings: &Settings, folder: &str, tags: &[TagAt<'_>]) -> Result<String, Built> {
    if !settings.is_at_top(folder)? {
        return Err(Built::Otherwise(match &settings.fallback {
            Some(version) => format!(
                "looks for git in `{}` alone, which is not the top of the repository, and always builds {version}",
                settings.root
            ),
            None => format!(
                "looks for git in `{}` alone, which is not the top of the repository",
                settings.root
            ),
        }));
    }
    let tag = describe::describe(&settings.describe, tags)?;
    tag::version(settings, tag)
}

#[cfg(test)]
mod tests;
