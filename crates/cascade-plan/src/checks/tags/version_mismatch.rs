//! The manifest at a tag says another version than the tag. Elsewhere it may.

use cascade_manifest::{Version, line_of};

use super::again;
use crate::checks::{Check, Told, View};
use crate::{ObservedPackage, ObservedRepo, RepoId, VersionSource};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "version-mismatch",
    "a tag and the manifest at it say two versions",
    check,
);

/// Finds tags whose manifests say another version: the judged ones, and those at the head.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = judged(view);
    all.extend(of_heads(view));
    all
}

fn judged(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, _, tag) in view.tags() {
        for (package, claim) in tag.released() {
            if !denies(package, &claim.version) {
                continue;
            }
            let (path, _) = place(&tag.holds, package);
            let first = format!("write {} into `{path}`", claim.version);
            let told = told(id, (&tag.holds, package), &tag.name);
            all.push(if tag.is_new() {
                told.mend(again(id, tag, &first))
            } else {
                told
            });
        }
    }
    all
}

/// Finds packages at whose head stands a version tag that nobody judged, and none that agrees.
fn of_heads(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    // What files say that are not committed is not what the commit says.
    for (id, _, seen) in view.seen().filter(|(_, _, seen)| !seen.dirty) {
        for package in &seen.packages {
            let tags = package.versions(&seen.tags);
            let here: Vec<_> = tags
                .filter(|(_, it)| Some(&it.commit) == seen.head.as_ref())
                .collect();
            let highest = here.iter().max_by(|a, b| a.0.cmp(&b.0));
            let Some((_, tag)) = highest.filter(|_| here.iter().all(|it| denies(package, &it.0)))
            else {
                continue;
            };
            let mut judged = seen.audit.iter().flat_map(|it| &it.tags);
            if !judged.any(|it| it.name == tag.name) {
                all.push(told(id, (seen, package), &tag.name));
            }
        }
    }
    all
}

/// Returns whether the files of a package say another version, if they say one at all.
fn denies(package: &ObservedPackage, version: &Version) -> bool {
    let said = |it: &String| Version::parse(package.ecosystem.scheme, it);
    let text = package.version.as_ref();
    package.source == VersionSource::Static
        && text.is_some_and(|it| said(it).as_ref() != Some(version))
}

/// Tells that a package says another version than a tag that is out, and so stays where it is.
fn told(id: &RepoId, (seen, package): (&ObservedRepo, &ObservedPackage), tag: &str) -> Told {
    let (path, line) = place(seen, package);
    let what = format!(
        "`{}` stands at the tag `{tag}`, and its manifest says {}",
        package.name,
        package.version.as_deref().unwrap_or_default()
    );
    let told = Told {
        tag: Some(tag.to_owned()),
        ..Told::of(id, what)
    };
    told.at(path, line).mend(format!(
        "never move the tag: `cascade release --repo {id}=patch` makes the next one"
    ))
}

/// Returns the file that says the version of a package, and the line.
fn place<'a>(seen: &'a ObservedRepo, package: &'a ObservedPackage) -> (&'a str, Option<usize>) {
    let Some((path, span)) = &package.version_at else {
        return (&package.manifest, None);
    };
    let manifest = || seen.manifests.iter().find(|it| it.path == *path);
    let text = package.version_text.as_ref();
    let text = text.or_else(|| Some(&manifest()?.text));
    (path, text.map(|it| line_of(it, span.start)))
}
