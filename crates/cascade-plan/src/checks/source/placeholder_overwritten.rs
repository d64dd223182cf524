//! A version that the publisher puts in is no placeholder any more: somebody wrote one over it.

use cascade_manifest::{LockedSource, Scheme, Version, VersionField, line_of};

use crate::checks::{Check, Told, View};
use crate::survey::lock_of;
use crate::{ObservedPackage, ObservedRepo, RepoId, VersionSource};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "placeholder-overwritten",
    "a placeholder was written over, in a manifest or a lock",
    check,
);

/// Finds packages with a placeholder whose manifest or own row in a lock says another version.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, seen, _) in view.audited() {
        let packages = seen.packages.iter();
        for package in packages.filter(|it| it.source == VersionSource::Placeholder) {
            all.extend(in_manifest(id, seen, package));
            all.extend(in_lock(id, seen, package));
        }
    }
    all
}

/// Tells of a package that is declared to have a placeholder, and says a version.
fn in_manifest(id: &RepoId, seen: &ObservedRepo, package: &ObservedPackage) -> Option<Told> {
    let mut manifests = seen.manifests.iter();
    let manifest = manifests.find(|it| it.path == package.manifest)?;
    let read = manifest.read.as_ref().ok()?.package.as_ref()?;
    let VersionField::Static { text, span } = &read.version else {
        return None;
    };
    let (name, path) = (&package.name, &manifest.path);
    let what = format!("`{name}` is declared to have a placeholder, and `{path}` says {text}");
    let placeholder = match package.ecosystem.scheme {
        Scheme::Pep440 => "0.0.0-dev",
        Scheme::Semver => "0.0.0",
    };
    let told = Told::of(id, what).at(path, Some(line_of(&manifest.text, span.start)));
    Some(told.mend(format!(
        "write `{placeholder}` into `{path}`: the publisher puts the tag's version in"
    )))
}

/// Tells of a lock whose row of the package itself is not what its manifest says.
fn in_lock(id: &RepoId, seen: &ObservedRepo, package: &ObservedPackage) -> Option<Told> {
    let said = package.version.as_deref()?;
    let name = (package.ecosystem.canonical)(&package.name);
    let (lock, facts) = lock_of(seen, package.ecosystem, &package.manifest, Some(&name))?;
    let mut rows = facts.entries.iter();
    let own = rows.find(|it| it.name == name && it.source == LockedSource::Local)?;
    let locked = own.version.as_deref()?;
    let read = |text| Version::parse(package.ecosystem.scheme, text);
    let is_same = locked == said || read(locked).is_some_and(|it| Some(it) == read(said));
    (!is_same).then(|| {
        let what = format!(
            "`{}` holds `{}` itself at {locked}, and its manifest says {said}",
            lock.path, package.name
        );
        let mend =
            format!("lock again: `cascade lock --repo {id}`, or the ecosystem's own command");
        Told::of(id, what).at(&lock.path, None).mend(mend)
    })
}
