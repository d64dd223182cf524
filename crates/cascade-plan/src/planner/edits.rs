//! Whole-file writes: the spliced texts, read back before they are planned.

use std::collections::BTreeMap;

use cascade_manifest::{Format, Splice, release_changelog, splice, verified, verified_from};

use super::moves::Moves;
use super::versions::is_edited;
use super::world::{Home, World};
use super::{charts, deploys};
use crate::{Action, ManifestFile, PackageSurvey, day};

/// Why a file can not be edited safely.
pub(super) struct Unwritten {
    /// The file, where it is known.
    pub(super) path: Option<String>,
    /// A sentence.
    pub(super) why: String,
}

impl Unwritten {
    /// Returns that an edit of a file would not be safe.
    pub(super) fn of(path: &str, why: &dyn std::fmt::Display) -> Self {
        Self {
            path: Some(path.to_owned()),
            why: format!("`{path}` can not be edited: {why}"),
        }
    }
}

/// Returns the writes of a step, by path.
///
/// # Errors
/// When a file can not be edited safely.
pub(super) fn writes(
    world: &World<'_>,
    home: Home<'_>,
    moves: &Moves<'_>,
) -> Result<Vec<Action>, Unwritten> {
    let mut edits: BTreeMap<String, Vec<Splice>> = BTreeMap::new();
    for it in &moves.pins {
        let at = edits.entry(it.pin.manifest.clone()).or_default();
        at.extend(it.splices.iter().cloned());
    }
    for (path, splice) in version_edits(home, moves)? {
        edits.entry(path).or_default().push(splice);
    }
    let mut writes = Vec::new();
    let (asked, deployed) = deploys::writes(home, moves)?;
    for (path, splices) in deployed {
        edits.entry(path).or_default().extend(splices);
    }
    for (path, splices) in edits.into_iter().filter(|(_, it)| !it.is_empty()) {
        writes.push(write(home, path, &splices)?);
    }
    writes.extend(charts::locks(home, moves, &writes)?);
    writes.extend(asked);
    writes.extend(changelog(world, home, moves));
    writes.sort_by(|a, b| path_of(a).cmp(path_of(b)));
    Ok(writes)
}

fn path_of(action: &Action) -> &str {
    match action {
        Action::Write { path, .. } => path,
        _ => "",
    }
}

/// Returns the edits of version texts: of packages that move and whose file says another version.
fn version_edits(home: Home<'_>, moves: &Moves<'_>) -> Result<Vec<(String, Splice)>, Unwritten> {
    let mut edits = Vec::new();
    for moved in moves.packages.values().filter(|it| !it.out) {
        let package = moved.package;
        if !is_edited(home, package) || package.version.as_deref() == Some(moved.to.text()) {
            continue;
        }
        let at = home.observed(package).and_then(|it| it.version_at.clone());
        let Some((path, span)) = at else {
            return Err(Unwritten {
                path: None,
                why: no_version(package),
            });
        };
        let to = moved.to.text().to_owned();
        edits.push((path, Splice { span, to }));
    }
    Ok(edits)
}

fn no_version(package: &PackageSurvey) -> String {
    let name = &package.id.name;
    if is_program(&package.manifest) {
        return format!(
            "the version of `{name}` stands in `{}`: {PROGRAM}",
            package.manifest
        );
    }
    format!("the version of `{name}` can not be found in any file")
}

/// Why nothing in a program is edited, and what to do.
pub(super) const PROGRAM: &str = "`setup.py` is a program, which cascade never edits; move it to \
    `pyproject.toml`, or declare a `site`";

/// Returns whether a manifest is a program.
pub(super) fn is_program(manifest: &str) -> bool {
    manifest.rsplit('/').next() == Some("setup.py")
}

fn write(home: Home<'_>, path: String, splices: &[Splice]) -> Result<Action, Unwritten> {
    let Some(before) = home.text(&path) else {
        return Err(Unwritten::of(&path, &"it was not read"));
    };
    let file = home.seen.manifests.iter().find(|it| it.path == path);
    let after = match file.and_then(|it| Some((format_of(it)?, &it.read))) {
        Some((format, Ok(read))) => verified_from(format, (before, read.clone()), splices),
        Some((format, Err(_))) => verified(format, before, splices),
        None => splice(before, splices),
    };
    let after = after.map_err(|why| Unwritten::of(&path, &why))?;
    Ok(Action::Write {
        path,
        before: before.clone(),
        after,
    })
}

/// Returns the format of a manifest.
pub(super) fn format_of(file: &ManifestFile) -> Option<&'static dyn Format> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    file.ecosystem.format(name)
}

/// Returns the write that gives the changelog's unreleased section its version and date: where one
/// version moves, and the changelog has no heading for it yet.
fn changelog(world: &World<'_>, home: Home<'_>, moves: &Moves<'_>) -> Option<Action> {
    let log = home.seen.changelog.as_ref()?;
    if home.is_release_please() {
        return None;
    }
    let moving = moves.packages.values().filter(|it| !it.out);
    let mut versions: Vec<&str> = moving
        .filter(|it| it.to.is_final())
        .map(|it| it.to.text())
        .collect();
    versions.sort_unstable();
    versions.dedup();
    let [version] = versions.as_slice() else {
        return None;
    };
    if has_heading(&log.text, version) {
        return None;
    }
    let after = release_changelog(&log.text, version, &date(world.snapshot.taken))?;
    (*after != *log.text).then(|| Action::Write {
        path: log.path.clone(),
        before: log.text.clone(),
        after,
    })
}

fn has_heading(text: &str, version: &str) -> bool {
    let headings = text.lines().filter(|it| it.starts_with("##"));
    let mut words = headings.flat_map(|it| it.split([' ', '[', ']', '(', ')']));
    words.any(|it| it.strip_prefix('v').unwrap_or(it) == version)
}

/// Returns the day of a moment (seconds since 1970, UTC) as `2026-11-21`.
pub(super) fn date(moment: i64) -> String {
    written(moment, "%Y-%m-%d")
}

/// Returns a moment (seconds since 1970, UTC) in this format of strftime.
pub(super) fn written(moment: i64, format: &str) -> String {
    day::moment(moment).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_right() {
        for (moment, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_795_219_200, "2026-11-21"),
            (1_795_305_599, "2026-11-21"),
            (-1, "1969-12-31"),
        ] {
            assert_eq!(date(moment), day);
        }
    }

    #[test]
    fn a_heading_is_known_however_it_is_spelled() {
        assert!(has_heading("## [1.2.0] - 2020-01-01", "1.2.0"));
        assert!(has_heading("## v1.2.0 (2020)", "1.2.0"));
        assert!(!has_heading("## [1.2.0.1]\n1.2.0", "1.2.0"));
    }
}
