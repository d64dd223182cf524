//! The files of a repository that hold the text of a licence.

use std::sync::Arc;

use crate::TrackedFiles;

/// How the names of such files begin, in small letters.
const NAMES: &[&str] = &["license", "licence", "copying", "unlicense"];

/// Returns the paths of the licence's texts: at the root, or in `LICENSES`; of a text that names
/// licences of others none.
pub(super) fn paths(files: &TrackedFiles) -> impl Iterator<Item = &str> {
    let paths = files.paths.iter().map(String::as_str);
    paths.filter(|path| match path.split_once('/') {
        Some((folder, rest)) => folder.eq_ignore_ascii_case("LICENSES") && !rest.contains('/'),
        None => is_license(path),
    })
}

fn is_license(name: &str) -> bool {
    let name = name.to_lowercase();
    let starts = NAMES.iter().any(|it| {
        let rest = name.strip_prefix(it);
        rest.is_some_and(|it| !it.starts_with(|c: char| c.is_alphanumeric() && c != 's'))
    });
    let is_code = [
        ".py", ".rs", ".js", ".ts", ".toml", ".json", ".yml", ".yaml",
    ];
    let of_others = [
        "third",
        "bundled",
        "vendor",
        "dependenc",
        "header",
        "template",
    ];
    starts
        && !is_code.iter().any(|it| name.ends_with(it))
        && !of_others.iter().any(|it| name.contains(it))
}

/// A text of a licence, and which licences it is known as.
pub(super) struct LicenseText<'a> {
    /// Its path.
    pub(super) path: &'a str,
    /// The names of the licences; none where it is known as none.
    pub(super) names: Vec<&'static str>,
}

/// Returns the texts that were read; what is too large to be read is absent.
pub(super) fn texts(files: &TrackedFiles) -> impl Iterator<Item = LicenseText<'_>> {
    paths(files).filter_map(|path| {
        let text: &Arc<str> = files.text(path)?;
        Some(LicenseText {
            path,
            names: cascade_manifest::recognized(text),
        })
    })
}
