//! The published packages of a repository, and what each says of itself.

use cascade_manifest::About;

use crate::{ManifestFile, ObservedPackage, ObservedRepo};

/// A published package, its manifest, and what that says of it.
pub(in crate::checks) struct Published<'a> {
    /// The package.
    pub(in crate::checks) package: &'a ObservedPackage,
    /// Its manifest.
    pub(in crate::checks) file: &'a ManifestFile,
    /// What it says, with what it inherits.
    pub(in crate::checks) about: About,
}

/// Returns the published packages whose manifest says something of them, and can be read.
pub(in crate::checks) fn published(seen: &ObservedRepo) -> impl Iterator<Item = Published<'_>> {
    seen.packages.iter().filter_map(|package| {
        let mut manifests = seen.manifests.iter();
        let file = manifests.find(|it| it.path == package.manifest)?;
        let about = about(file)?;
        let root = root_of(seen, file).and_then(about_of_root);
        Some(Published {
            package,
            file,
            about: match root {
                Some(root) => about.within(&root),
                None => about,
            },
        })
    })
}

fn about(file: &ManifestFile) -> Option<About> {
    let name = file.path.rsplit('/').next()?;
    About::read(name, &file.text)?.ok()
}

fn about_of_root(file: &ManifestFile) -> Option<About> {
    about(file).filter(|it| it.shared.is_some())
}

/// Returns the nearest manifest above one, or itself, that members inherit from.
fn root_of<'a>(seen: &'a ObservedRepo, file: &ManifestFile) -> Option<&'a ManifestFile> {
    let (folder, name) = split(&file.path);
    let above = seen.manifests.iter().filter(|it| {
        let (root, own) = split(&it.path);
        own == name && it.text.contains("[workspace") && is_below(folder, root)
    });
    above.max_by_key(|it| it.path.len())
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn is_below(folder: &str, root: &str) -> bool {
    let rest = folder.strip_prefix(root);
    root.is_empty() || rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
}
