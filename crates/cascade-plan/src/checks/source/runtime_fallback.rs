//! What a Python package says of itself where it is not installed is not the placeholder.

use std::sync::LazyLock;

use cascade_manifest::{Scheme, Version};
use regex::Regex;

use crate::checks::{Check, Told, View};
use crate::snapshot::{folder_of, is_within};
use crate::{ObservedPackage, Severity, VersionSource};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "runtime-fallback",
    "a Python package falls back to another version than the placeholder",
    check,
);

/// What is fallen back to where nothing else is declared.
const USUAL: &str = "0.0.0-dev";

/// Finds fallbacks behind `except PackageNotFoundError` that are not the placeholder. One that looks
/// like a release is a lie in waiting; any other only differs.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, seen, audit) in view.audited() {
        let texts = audit.files.texts.iter();
        for (path, text) in
            texts.filter(|(path, _)| path.rsplit_once('.').is_some_and(|it| it.1 == "py"))
        {
            let Some(package) = owner(&seen.packages, path) else {
                continue;
            };
            let wanted = match package.source {
                VersionSource::Placeholder => package.version.as_deref().unwrap_or(USUAL),
                VersionSource::Vcs => USUAL,
                VersionSource::Static => continue,
            };
            for (line, says) in fallbacks(text).filter(|it| !is_same(it.1, wanted)) {
                let what = format!(
                    "`{}` falls back to `{says}`, not to `{wanted}`",
                    package.name
                );
                let told = Told::of(id, what).at(path, Some(line));
                let mend = format!("write `{wanted}` there, so that nobody takes it for a release");
                all.push(told.ranked(rank(says)).mend(mend));
            }
        }
    }
    all
}

/// Returns the Python package that a file is of: the one with the nearest manifest above it.
fn owner<'a>(packages: &'a [ObservedPackage], path: &str) -> Option<&'a ObservedPackage> {
    let python = packages.iter().filter(|it| it.ecosystem.name == "python");
    let above = python.filter(|it| is_within(folder_of(path), folder_of(&it.manifest)));
    above.max_by_key(|it| folder_of(&it.manifest).len())
}

fn is_same(says: &str, wanted: &str) -> bool {
    let read = |text| Version::parse(Scheme::Pep440, text);
    says == wanted || read(says).is_some_and(|it| Some(it) == read(wanted))
}

fn rank(says: &str) -> Severity {
    let public = says.split('+').next().unwrap_or_default();
    let is_release = Version::parse(Scheme::Pep440, public).is_some()
        && !cascade_manifest::python::is_placeholder(public);
    if is_release {
        Severity::Warn
    } else {
        Severity::Info
    }
}

/// Returns the literals that a name with `version` in it gets where the package is not found, each with
/// its line.
pub(super) fn fallbacks(text: &str) -> impl Iterator<Item = (usize, &str)> {
    static ASSIGNS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let pattern = r#"^\s*\w*(?i:version)\w*\s*(?::[^=]+)?=\s*["']([^"'\\]*)["']\s*(?:#.*)?$"#;
        Regex::new(pattern).ok()
    });
    let mut inside: Option<usize> = None;
    let lines = text.lines().enumerate();
    lines.filter_map(move |(number, line)| {
        let bare = line.trim_start();
        let depth = line.len() - bare.len();
        let mut statement = bare;
        if let Some(behind) = bare
            .strip_prefix("except")
            .filter(|it| it.contains("PackageNotFoundError"))
        {
            inside = Some(depth);
            statement = behind.split_once(':').map_or("", |it| it.1);
        } else if !bare.is_empty() && !bare.starts_with('#') && inside.is_some_and(|it| depth <= it)
        {
            inside = None;
        }
        inside?;
        let captures = ASSIGNS.as_ref()?.captures(statement)?;
        Some((number + 1, captures.get(1)?.as_str()))
    })
}
