//! The settings: `[tool.setuptools_scm]`, or `[tool.hatch.version]` with its `raw-options`.

use super::Built;
use super::describe::Command;
use crate::toml::{Node, Toml};
use crate::{VersionField, python::pyproject};

/// What decides which version is built at a tag.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// The folder in which git is looked for, from the project's own.
    pub(super) root: String,
    /// Whether the folders above it are looked in too.
    pub(super) climbs: bool,
    /// What is built where there is no git.
    pub(super) fallback: Option<String>,
    /// The regular expression that cuts the version out of a tag.
    pub(super) regex: String,
    /// What a tag starts with before that.
    pub(super) prefix: String,
    /// How git is asked for the tag.
    pub(super) describe: Command,
    /// Whether the version is normalised.
    pub(super) normalize: bool,
}

/// `DEFAULT_TAG_REGEX` of setuptools-scm: dashed words, a version, and build metadata.
pub(super) const DEFAULT_REGEX: &str =
    r"^(?:[\w-]+-)?(?P<version>[vV]?\d+(?:\.\d+){0,2}[^\+]*)(?:\+.*)?$";

/// Ways to count on that leave the version of a tagged commit as it is.
const VERSION_SCHEMES: &[&str] = &[
    "guess-next-dev",
    "no-guess-dev",
    "only-version",
    "post-release",
    "python-simplified-semver",
    "semver-pep440",
    "release-branch-semver",
    "semver-pep440-release-branch",
    "calver-by-date",
];

/// Ways to mark a build that leave a clean tagged commit without a mark.
const LOCAL_SCHEMES: &[&str] = &[
    "node-and-date",
    "node-and-timestamp",
    "dirty-tag",
    "no-local-version",
    "no-local-version-strict",
];

/// Options that change nothing about a clean tagged commit.
const WITHOUT_EFFECT: &[&str] = &[
    "write_to",
    "write_to_template",
    "write_to_source",
    "version_file",
    "version_file_template",
    "fallback_root",
    "dist_name",
    "enabled",
];

/// The tables of setuptools-scm, the one that is read first before the others.
const TABLES: &[&str] = &["setuptools_scm", "setuptools-scm", "vcs-versioning"];

fn unjudged<T>(why: impl Into<String>) -> Result<T, Built> {
    Err(Built::Unjudged(why.into()))
}

/// Returns the settings of a `pyproject.toml`.
pub(super) fn read(text: &str) -> Result<Settings, Built> {
    let toml = Toml::parse(text).or_else(|_| unjudged("is no TOML"))?;
    let root = toml.root();
    let package = pyproject::package(root).map(|it| it.version);
    match package {
        Some(VersionField::Vcs("hatch-vcs")) => of_hatch(root.find(&["tool", "hatch", "version"])),
        Some(VersionField::Vcs("setuptools-scm")) => {
            let tools = root.get("tool");
            let table = TABLES.iter().find_map(|it| tools?.get(it));
            if table.is_none() && !is_simple(root) {
                return unjudged(
                    "has no table `[tool.setuptools_scm]`, without which `setup.py` decides",
                );
            }
            with_options(Settings::default(), table)
        }
        Some(VersionField::Vcs(other)) => unjudged(format!(
            "takes its version from `{other}`, which is not simulated"
        )),
        _ => unjudged("does not say that git makes its version"),
    }
}

/// Returns whether the build requires `setuptools-scm[simple]`, which needs no table.
fn is_simple(root: Node<'_>) -> bool {
    let required = root.find(&["build-system", "requires"]).map(Node::items);
    let mut required = required.into_iter().flatten().filter_map(Node::string);
    required.any(|it| it.value.contains("scm[") && it.value.contains("simple"))
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            root: ".".to_owned(),
            climbs: false,
            fallback: None,
            regex: DEFAULT_REGEX.to_owned(),
            prefix: String::new(),
            describe: Command::default(),
            normalize: true,
        }
    }
}

/// Returns what hatch-vcs hands on: its own options overrule the raw ones where they say something.
fn of_hatch(version: Option<Node<'_>>) -> Result<Settings, Built> {
    let options = version.and_then(|it| it.get("raw-options"));
    if options.is_some_and(|it| it.get("tag").is_some()) {
        return unjudged("has the raw option `tag`, which hatch-vcs does not hand on");
    }
    let mut settings = with_options(Settings::default(), options)?;
    let said = |key| version?.string_at(key).map(|it| it.value.to_owned());
    let said = |key| said(key).filter(|it: &String| !it.is_empty());
    if let Some(pattern) = said("tag-pattern") {
        settings.regex = pattern;
    }
    settings.fallback = said("fallback-version").or(settings.fallback);
    Ok(settings)
}

fn with_options(mut settings: Settings, table: Option<Node<'_>>) -> Result<Settings, Built> {
    let entries = table.map(Node::entries).unwrap_or_default();
    for (key, value) in entries {
        option(&mut settings, key.name, value)?;
    }
    settings.describe.finish(&settings.prefix);
    Ok(settings)
}

fn option(settings: &mut Settings, key: &str, value: Node<'_>) -> Result<(), Built> {
    let text = || value.string().map(|it| it.value.to_owned());
    let odd = || Built::Unjudged(format!("has an odd `{key}`"));
    match key {
        "root" => settings.root = text().ok_or_else(odd)?,
        "search_parent_directories" => settings.climbs = value.bool().ok_or_else(odd)?,
        "fallback_version" => settings.fallback = text(),
        "normalize" => settings.normalize = value.bool().ok_or_else(odd)?,
        "tag_regex" => {
            let regex = text().ok_or_else(odd)?;
            if !regex.is_empty() {
                settings.regex = regex;
            }
        }
        "version_scheme" => schemes(key, value, VERSION_SCHEMES)?,
        "local_scheme" => schemes(key, value, LOCAL_SCHEMES)?,
        "git_describe_command" => settings.describe = Command::read(value).ok_or_else(odd)??,
        "tag" => tag_table(settings, value)?,
        "scm" => scm_table(settings, value)?,
        it if WITHOUT_EFFECT.contains(&it) => {}
        other => return unjudged(format!("has the option `{other}`, which is not simulated")),
    }
    Ok(())
}

/// Requires schemes that are known: their first decides, as each answers for a clean tagged commit.
fn schemes(key: &str, value: Node<'_>, known: &[&str]) -> Result<(), Built> {
    let all = match value.string() {
        Some(one) => vec![one.value],
        None => value
            .items()
            .into_iter()
            .filter_map(Node::string)
            .map(|it| it.value)
            .collect(),
    };
    // It only refuses what is not clean, and leaves the rest to the next one.
    let mut all = all
        .into_iter()
        .skip_while(|it| *it == "fail-on-uncommitted-changes");
    match all.next() {
        Some(first) if known.contains(&first) => Ok(()),
        Some(first) => unjudged(format!(
            "has the `{key}` `{first}`, which only its own code knows"
        )),
        None => unjudged(format!("has an odd `{key}`")),
    }
}

/// Reads `[tool.setuptools_scm.tag]`.
fn tag_table(settings: &mut Settings, table: Node<'_>) -> Result<(), Built> {
    for (key, value) in table.entries() {
        let text = value.string().map(|it| it.value.to_owned());
        match (key.name, text, value.bool()) {
            ("prefix", Some(text), _) => settings.prefix = text,
            ("regex", Some(text), _) => settings.regex = text,
            ("strict", _, Some(strict)) => settings.describe.strict = strict,
            (other, ..) => return unjudged(format!("has an odd `tag.{other}`")),
        }
    }
    Ok(())
}

/// Reads `[tool.setuptools_scm.scm]`.
fn scm_table(settings: &mut Settings, table: Node<'_>) -> Result<(), Built> {
    for (key, value) in table.entries() {
        if key.name != "git" {
            return unjudged(format!("has an odd `scm.{}`", key.name));
        }
        for (key, value) in value.entries() {
            let odd = || Built::Unjudged(format!("has an odd `scm.git.{}`", key.name));
            match key.name {
                "describe_command" => {
                    settings.describe = Command::read(value).ok_or_else(odd)??;
                }
                "pre_parse" if value.string().is_some() => {}
                "distance_scope" if value.bool() == Some(false) => {}
                _ => return Err(odd()),
            }
        }
    }
    Ok(())
}

impl Settings {
    /// Returns whether git is found: only the top of a repository counts, of the folders looked in.
    pub(super) fn is_at_top(&self, folder: &str) -> Result<bool, Built> {
        if self.root.starts_with('/') {
            return unjudged("looks for git in a folder outside the repository");
        }
        let mut parts: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
        for part in self.root.split('/') {
            match part {
                ".." if parts.pop().is_none() => return Ok(false),
                "" | "." | ".." => {}
                part => parts.push(part),
            }
        }
        Ok(self.climbs || parts.is_empty())
    }
}
