//! git is meant to make a version, and the manifest says it too, or does not say that it is dynamic.

use cascade_manifest::python::wiring;
use cascade_manifest::{VersionField, line_of};

use crate::checks::{Check, Told, View};
use crate::{ManifestFile, ObservedPackage, VersionSource};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "dynamic-undeclared",
    "git is meant to make a version, and the manifest says otherwise",
    check,
);

/// Finds packages with a backend that asks git beside a version of their own or without `dynamic`, and
/// packages declared `vcs` whose manifest says a version.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, seen, _) in view.audited() {
        for package in &seen.packages {
            let mut manifests = seen.manifests.iter();
            let Some(manifest) = manifests.find(|it| it.path == package.manifest) else {
                continue;
            };
            if let Some((what, line, mend)) = fault(package, manifest) {
                all.push(Told::of(id, what).at(&manifest.path, line).mend(mend));
            }
        }
    }
    all
}

/// Returns what is the matter, on which line, and what mends it.
fn fault(
    package: &ObservedPackage,
    manifest: &ManifestFile,
) -> Option<(String, Option<usize>, String)> {
    let name = &package.name;
    if let Some(found) = wiring(&manifest.text) {
        let backend = found.backend;
        return match found.literal {
            Some((text, at)) => Some((
                format!("`{name}` says {text}, and has the table of `{backend}`, which asks git"),
                Some(line_of(&manifest.text, at.start)),
                "drop `version` and write `dynamic = [\"version\"]`, or drop the table".to_owned(),
            )),
            None if !found.declared => Some((
                format!("`{name}` has the table of `{backend}`, and no `dynamic = [\"version\"]`"),
                None,
                "write `dynamic = [\"version\"]` into `[project]`".to_owned(),
            )),
            None => None,
        };
    }
    let read = manifest.read.as_ref().ok()?.package.as_ref()?;
    let VersionField::Static { text, span } = &read.version else {
        return None;
    };
    let declared = package.source == VersionSource::Vcs;
    declared.then(|| {
        (
            format!(
                "`{name}` is declared `version-source = \"vcs\"`, and its manifest says {text}"
            ),
            Some(line_of(&manifest.text, span.start)),
            "let the manifest ask git, or declare `version-source = \"static\"`".to_owned(),
        )
    })
}
