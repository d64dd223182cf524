//! A place that carries the version once more says another one at a tag.

use cascade_manifest::python::version_in;
use cascade_manifest::{LockedSource, Scheme, Version};
use serde_json::Value;

use super::{again, told};
use crate::checks::{Check, Told, View};
use crate::snapshot::folder_of;
use crate::survey::lock_of;
use crate::{JudgedTag, ObservedPackage, RepoDeclaration, RepoId, Severity, VersionSource};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "version-copy",
    "a copy of the version says another one at a tag",
    check,
);

/// A place that says a version, and what it says.
struct Copy {
    path: String,
    line: Option<usize>,
    says: String,
    /// How bad it is where it is out: a lock is not part of what is published.
    once_out: Severity,
}

/// Finds copies that say another version than the tag: a lock's own row, `__version__`, manifests of
/// servers and plugins, declared sites.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, declared, _, tag) in view.tags() {
        for (package, claim) in tag.released() {
            let copies = copies(id, declared, tag, package);
            for copy in copies.into_iter().filter(|it| !agrees(it, &claim.version)) {
                let what = format!("`{}` says {} at `{}`", copy.path, copy.says, tag.name);
                let first = format!("write {} into `{}`", claim.version, copy.path);
                let told = told(id, tag, copy.once_out, what).at(&copy.path, copy.line);
                all.push(told.mend(again(id, tag, &first)));
            }
        }
    }
    // One file may be the copy of several packages.
    all.dedup_by(|a, b| a.what == b.what);
    all
}

fn agrees(copy: &Copy, version: &Version) -> bool {
    let bare = copy.says.trim_start_matches('v');
    is_placeholder(bare) || Version::parse(version.scheme(), bare).as_ref() == Some(version)
}

/// Returns whether a text is for the publisher to replace.
fn is_placeholder(text: &str) -> bool {
    cascade_manifest::python::is_placeholder(text) || text.starts_with("0.0.0-")
}

fn copies(
    id: &RepoId,
    declared: &RepoDeclaration,
    tag: &JudgedTag,
    package: &ObservedPackage,
) -> Vec<Copy> {
    let mut all: Vec<Copy> = own_row(tag, package).into_iter().collect();
    all.extend(in_modules(tag, package));
    all.extend(in_json(tag, package));
    all.extend(at_sites(id, declared, tag, package));
    all
}

/// Returns the row of the package itself in its lock, where its version is not git's or the publisher's.
fn own_row(tag: &JudgedTag, package: &ObservedPackage) -> Option<Copy> {
    if package.source != VersionSource::Static {
        return None;
    }
    let name = (package.ecosystem.canonical)(&package.name);
    let (lock, facts) = lock_of(
        &tag.holds,
        package.ecosystem,
        &package.manifest,
        Some(&name),
    )?;
    let mut rows = facts.entries.iter();
    let own = rows.find(|it| it.name == name && it.source == LockedSource::Local)?;
    Some(Copy {
        path: lock.path.clone(),
        line: Some(own.line),
        says: own.version.clone()?,
        once_out: Severity::Info,
    })
}

/// Returns the literals `__version__` of a Python package's own modules.
fn in_modules(tag: &JudgedTag, package: &ObservedPackage) -> Vec<Copy> {
    if package.ecosystem.name != "python" {
        return Vec::new();
    }
    let said = package.version_at.as_ref().map(|it| it.0.as_str());
    let texts = tag.files.texts.iter();
    let modules = texts.filter(|(path, _)| is_module(path, package) && Some(path.as_str()) != said);
    modules
        .filter_map(|(path, text)| {
            let span = version_in(text, "__version__")?;
            Some(Copy {
                path: path.clone(),
                line: Some(cascade_manifest::line_of(text, span.start)),
                says: text.get(span)?.to_owned(),
                once_out: Severity::Block,
            })
        })
        .collect()
}

/// Returns whether a file is a module directly inside the package's own: `src/name/__init__.py`.
fn is_module(path: &str, package: &ObservedPackage) -> bool {
    let folder = folder_of(path);
    let (above, module) = folder.rsplit_once('/').unwrap_or(("", folder));
    let root = folder_of(&package.manifest);
    let inside = above
        .strip_prefix(root)
        .map(|it| it.trim_start_matches('/'));
    let in_place = matches!(inside, Some("" | "src" | "lib" | "python"));
    in_place
        && path.rsplit_once('.').is_some_and(|it| it.1 == "py")
        && (package.ecosystem.canonical)(module) == package.name
}

/// Returns what the manifests of a server or a plugin beside the package's own say.
fn in_json(tag: &JudgedTag, package: &ObservedPackage) -> Vec<Copy> {
    let root = folder_of(&package.manifest);
    let texts = tag.files.texts.iter();
    let beside = texts.filter(|(path, _)| {
        path.rsplit_once('.').is_some_and(|it| it.1 == "json") && home_of(path) == root
    });
    let mut all = Vec::new();
    for (path, text) in beside.filter(|(path, _)| !path.contains("release-please")) {
        let Ok(read) = serde_json::from_str::<Value>(text) else {
            continue;
        };
        let entries = read.get("packages").and_then(Value::as_array);
        // Many things are called `server.json`; only a registry's lists packages.
        if path.ends_with("server.json") && entries.is_none() {
            continue;
        }
        let entries = entries
            .into_iter()
            .flatten()
            .filter(|it| names(it, package));
        let said = std::iter::once(&read).chain(entries);
        let said = said.filter_map(|it| it.get("version")?.as_str());
        let said = said.filter(|it| is_version(it));
        all.extend(said.map(|says| Copy {
            path: path.clone(),
            line: None,
            says: says.to_owned(),
            once_out: Severity::Block,
        }));
    }
    all
}

/// Returns whether a text is a version in some ecosystem, and not for a tool to replace: `%VERSION%`.
fn is_version(text: &str) -> bool {
    let schemes = [Scheme::Pep440, Scheme::Semver];
    let bare = text.trim_start_matches('v');
    schemes.iter().any(|it| Version::parse(*it, bare).is_some())
}

/// Returns the folder that a manifest of a plugin is about: that above `.claude-plugin`.
fn home_of(path: &str) -> &str {
    let folder = folder_of(path);
    let (above, last) = folder.rsplit_once('/').unwrap_or(("", folder));
    if last.starts_with('.') { above } else { folder }
}

/// Returns whether an entry of a `server.json` is about the package.
fn names(entry: &Value, package: &ObservedPackage) -> bool {
    let names = ["identifier", "name"]
        .iter()
        .filter_map(|it| entry.get(it)?.as_str());
    let canonical = package.ecosystem.canonical;
    names
        .into_iter()
        .any(|it| canonical(it) == canonical(&package.name))
}

/// Returns what declared sites say of the repository's own version.
fn at_sites(
    id: &RepoId,
    declared: &RepoDeclaration,
    tag: &JudgedTag,
    package: &ObservedPackage,
) -> Vec<Copy> {
    let mut all = Vec::new();
    for seen in &tag.holds.sites {
        let Some(site) = declared.sites.get(seen.site) else {
            continue;
        };
        let (up, name) = &site.upstream;
        let canonical = package.ecosystem.canonical;
        let its = name
            .as_ref()
            .is_none_or(|it| canonical(it) == canonical(&package.name));
        if up != id || !its {
            continue;
        }
        let spans = seen.found.iter().flatten();
        all.extend(spans.filter_map(|span| {
            Some(Copy {
                path: seen.path.clone(),
                line: Some(cascade_manifest::line_of(&seen.text, span.start)),
                says: seen.text.get(span.clone())?.to_owned(),
                once_out: Severity::Block,
            })
        }));
    }
    all
}
