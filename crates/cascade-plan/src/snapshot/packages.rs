//! Which manifests are packages, where their versions come from, how their tags are spelled.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use cascade_manifest::{Ecosystem, Manifest, Publish, Scheme, VersionField};

use super::by_tags::by_tags;
use super::{ManifestFile, ObservedPackage, VersionSource};
use crate::{PackageDeclaration, RepoDeclaration, TagTemplate};

/// Folders whose manifests are never packages, unless declared.
const AUXILIARY: &[&str] = &[
    "test",
    "tests",
    "example",
    "examples",
    "bench",
    "benches",
    "fuzz",
    "doc",
    "docs",
    "util",
    "scripts",
    "fixtures",
    "internal",
    "projects",
    "testdata",
    "testintegration",
    "_examples",
];

/// Returns the packages that a repository publishes, their tags not looked up yet, and marks the
/// manifests that are auxiliary. `read` returns the text of another file of the repository.
pub fn packages_of(
    declared: &RepoDeclaration,
    manifests: &mut [ManifestFile],
    read: &mut dyn FnMut(&str) -> Option<Arc<str>>,
) -> Vec<ObservedPackage> {
    let auxiliary: Vec<bool> = manifests
        .iter()
        .map(|file| is_auxiliary(declared, file, manifests))
        .collect();
    for (file, auxiliary) in manifests.iter_mut().zip(auxiliary) {
        file.auxiliary = auxiliary;
    }
    let published = published(manifests);
    let named = published.iter();
    let several = several(named.map(|(file, name)| (file.ecosystem, *name, file.path.as_str())));
    let mut packages: Vec<ObservedPackage> = published
        .iter()
        .filter_map(|(file, name)| {
            let said = declared_as(declared, file, name);
            let mut package = ObservedPackage {
                ecosystem: file.ecosystem,
                name: shown_name(file.ecosystem, name).into_owned(),
                manifest: file.path.clone(),
                version: None,
                source: VersionSource::Vcs,
                version_at: None,
                version_text: None,
                template: template(declared, said, (file, name), several)?,
                tag_format: said
                    .and_then(|it| it.tag_format)
                    .unwrap_or(declared.tag_format),
                latest: None,
                retracted: None,
                retracts: Vec::new(),
                reachable: None,
                announced: None,
                since: Vec::new(),
            };
            if let Ok(manifest) = &file.read {
                package.retracts.clone_from(&manifest.retracts);
            }
            find_version(&mut package, file, manifests, read);
            obey(&mut package, said);
            Some(package)
        })
        .collect();
    let by_tags = by_tags(declared, &packages);
    packages.extend(by_tags);
    packages.sort_by(|a, b| (&a.manifest, a.ecosystem.name).cmp(&(&b.manifest, b.ecosystem.name)));
    packages
}

/// Returns the manifests that are packages with their names, each name of an ecosystem once.
fn published(manifests: &[ManifestFile]) -> Vec<(&ManifestFile, &str)> {
    let mut seen = BTreeSet::new();
    let mut files: Vec<&ManifestFile> = manifests.iter().filter(|it| !it.auxiliary).collect();
    files.sort_by_key(|it| (it.path.matches('/').count(), it.path.as_str()));
    files
        .into_iter()
        .filter_map(|file| {
            let package = file.read.as_ref().ok()?.package.as_ref()?;
            let name = (file.ecosystem.canonical)(&package.name);
            seen.insert((file.ecosystem.name, name))
                .then_some((file, package.name.as_str()))
        })
        .collect()
}

/// Returns whether a manifest is neither a package nor a plain workspace root.
fn is_auxiliary(
    declared: &RepoDeclaration,
    file: &ManifestFile,
    manifests: &[ManifestFile],
) -> bool {
    let below = has_auxiliary_folder(&file.path);
    let Ok(manifest) = &file.read else {
        return below;
    };
    let Some(package) = &manifest.package else {
        let root = file.ecosystem.name == "cargo" || !manifest.members.include.is_empty();
        return below || !(root || file.is_requirements());
    };
    match declared_as(declared, file, &package.name).and_then(|it| it.publish) {
        Some(publish) => !publish,
        None => below || is_private(package.publish, file, manifests),
    }
}

/// Returns whether a package is never published: by its own word, or by its workspace's.
fn is_private(publish: Publish, file: &ManifestFile, manifests: &[ManifestFile]) -> bool {
    let said = match publish {
        Publish::Inherited => shared(file, manifests, |it| it.shared_publish).map(|it| it.1),
        said => Some(said),
    };
    said == Some(Publish::Never)
}

/// Returns whether a folder of the path is one whose manifests are never packages.
pub(crate) fn has_auxiliary_folder(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders
        .split('/')
        .any(|it| AUXILIARY.iter().any(|name| it.eq_ignore_ascii_case(name)))
}

/// Returns what is declared of the package of this name in this manifest.
fn declared_as<'a>(
    declared: &'a RepoDeclaration,
    file: &ManifestFile,
    name: &str,
) -> Option<&'a PackageDeclaration> {
    let canonical = file.ecosystem.canonical;
    declared.packages.iter().find(|it| {
        canonical(&it.name) == canonical(name)
            && it
                .ecosystem
                .as_deref()
                .is_none_or(|eco| eco == file.ecosystem.name)
            && it.manifest.as_deref().is_none_or(|path| path == file.path)
    })
}

/// Whether a repository has packages of several names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Several {
    /// All its packages have one name.
    One,
    /// They have several.
    Many,
}

/// Returns whether these packages (ecosystem, name, manifest) have several names, ecosystems apart:
/// one tag `v{version}` may release a Python, an npm and a Cargo package of one name. A package
/// whose folder tells its tags from all others does not count.
pub(crate) fn several<'a>(
    packages: impl Iterator<Item = (&'static Ecosystem, &'a str, &'a str)>,
) -> Several {
    let told = |it: &(&'static Ecosystem, &str, &str)| tag_folder(*it).is_none_or(str::is_empty);
    let names = packages
        .filter(told)
        .map(|(eco, name, _)| tag_name(eco, name));
    if names.collect::<BTreeSet<_>>().len() > 1 {
        Several::Many
    } else {
        Several::One
    }
}

/// Returns a package's name as it is told: Python's names are normalised wherever they are shown,
/// others are as their manifest writes them.
fn shown_name<'a>(ecosystem: &Ecosystem, name: &'a str) -> Cow<'a, str> {
    match ecosystem.scheme {
        Scheme::Pep440 => (ecosystem.canonical)(name),
        Scheme::Semver => Cow::Borrowed(name),
    }
}

/// Returns a package's name as it stands in tags: canonical, without an npm scope; of an import path
/// the last part that is no major version.
pub(crate) fn tag_name<'a>(ecosystem: &Ecosystem, name: &'a str) -> Cow<'a, str> {
    if let Some(paths) = ecosystem.paths {
        let stem = (paths.stem)(name);
        return Cow::Borrowed(stem.rsplit('/').next().unwrap_or(stem));
    }
    let bare = match name.strip_prefix('@').and_then(|it| it.split_once('/')) {
        Some((_, bare)) => bare,
        None => name,
    };
    (ecosystem.canonical)(bare)
}

/// Returns the folder that stands in a package's tags, where its ecosystem reads them so.
fn tag_folder<'a>((ecosystem, name, manifest): (&Ecosystem, &str, &'a str)) -> Option<&'a str> {
    let paths = ecosystem.paths?;
    Some((paths.tag_folder)(name, folder_of(manifest)))
}

/// Returns the template of a package (ecosystem, name, manifest) of which nothing is declared.
pub(crate) fn default_template(
    package: (&Ecosystem, &str, &str),
    several: Several,
) -> Option<TagTemplate> {
    let text = match (tag_folder(package), several) {
        (Some(""), _) | (None, Several::One) => "v{version}".to_owned(),
        (Some(folder), _) => format!("{folder}/v{{version}}"),
        (None, Several::Many) => "{name}-v{version}".to_owned(),
    };
    TagTemplate::parse(&text).ok()
}

/// Returns the template of a package's tags: its own, its repository's, or the default.
fn template(
    declared: &RepoDeclaration,
    said: Option<&PackageDeclaration>,
    (file, name): (&ManifestFile, &str),
    several: Several,
) -> Option<TagTemplate> {
    let ecosystem = file.ecosystem;
    let said = said.and_then(|it| it.tag.clone());
    let template = said
        .or_else(|| declared.tag.clone())
        .or_else(|| default_template((ecosystem, name, &file.path), several))?;
    Some(template.for_package(&tag_name(ecosystem, name)))
}

/// Finds the version of a package: in its manifest, the workspace's root, or another file.
fn find_version(
    package: &mut ObservedPackage,
    file: &ManifestFile,
    manifests: &[ManifestFile],
    read: &mut dyn FnMut(&str) -> Option<Arc<str>>,
) {
    let Some(field) = file
        .read
        .as_ref()
        .ok()
        .and_then(|it| it.package.as_ref())
        .map(|it| &it.version)
    else {
        return;
    };
    match field {
        VersionField::Inherited => {
            if let Some((root, field)) = shared(file, manifests, |it| it.shared_version.as_ref()) {
                take(package, &root.path, field, read);
            }
        }
        field => take(package, &file.path, field, read),
    }
}

/// Returns the nearest workspace root above a manifest that says what its members share, and that.
fn shared<'a, T>(
    file: &ManifestFile,
    manifests: &'a [ManifestFile],
    says: impl Fn(&'a Manifest) -> Option<T>,
) -> Option<(&'a ManifestFile, T)> {
    let folder = folder_of(&file.path);
    manifests
        .iter()
        .filter(|it| it.ecosystem == file.ecosystem && is_within(folder, folder_of(&it.path)))
        .filter_map(|it| Some((it, says(it.read.as_ref().ok()?)?)))
        .max_by_key(|(it, _)| it.path.len())
}

/// Takes over what a version field says. `path` is the manifest that it stands in.
fn take(
    package: &mut ObservedPackage,
    path: &str,
    field: &VersionField,
    read: &mut dyn FnMut(&str) -> Option<Arc<str>>,
) {
    match field {
        VersionField::Static { text, span } => {
            package.source = VersionSource::Static;
            package.version = Some(text.clone());
            package.version_at = Some((path.to_owned(), span.clone()));
        }
        VersionField::File { paths, attribute } => {
            package.source = VersionSource::Static;
            if let Some((at, text, span)) = in_file(path, paths, attribute, read) {
                package.version = text.get(span.clone()).map(str::to_owned);
                let said = package.version.as_deref().unwrap_or_default();
                if cascade_manifest::python::is_placeholder(said) {
                    package.source = VersionSource::Placeholder;
                    return;
                }
                package.version_at = Some((at, span));
                package.version_text = Some(text);
            }
        }
        VersionField::Placeholder(text) => {
            package.source = VersionSource::Placeholder;
            package.version = Some(text.clone());
        }
        VersionField::Program(text) => {
            package.source = VersionSource::Static;
            package.version = Some(text.clone());
        }
        // Without a source of its own that cascade can read, the tag is what counts.
        VersionField::Vcs(_) | VersionField::Inherited | VersionField::Unknown => {
            package.source = VersionSource::Vcs;
        }
    }
}

/// Returns the first of the files that holds the version, its text, and the bytes of the version.
fn in_file(
    manifest: &str,
    paths: &[String],
    attribute: &str,
    read: &mut dyn FnMut(&str) -> Option<Arc<str>>,
) -> Option<(String, Arc<str>, Range<usize>)> {
    paths.iter().find_map(|path| {
        let at = beside(manifest, path)?;
        let text = read(&at)?;
        let span = cascade_manifest::python::version_in(&text, attribute)?;
        Some((at, text, span))
    })
}

/// Returns a path relative to a manifest's folder as one from the repository's root; `None` when
/// it leaves the repository.
fn beside(manifest: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder_of(manifest)
        .split('/')
        .filter(|it| !it.is_empty())
        .collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Lets the declaration overrule where the version comes from.
fn obey(package: &mut ObservedPackage, said: Option<&PackageDeclaration>) {
    let Some(source) = said.and_then(|it| it.version_source) else {
        return;
    };
    package.source = source;
    if source != VersionSource::Static {
        package.version_at = None;
        package.version_text = None;
    }
}

/// Returns the folder of a path, without the last `/`; empty at the root.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Returns whether `folder` is `root` or lies below it.
pub(crate) fn is_within(folder: &str, root: &str) -> bool {
    root.is_empty()
        || folder
            .strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use crate::sample::{Sample, cargo, python};
    use crate::{RepoId, Snapshot, VersionSource};

    fn names(snapshot: &Snapshot) -> Vec<(&str, &str, &str)> {
        let packages = &snapshot.repos[&RepoId::new("x")].packages;
        packages
            .iter()
            .map(|it| (it.manifest.as_str(), it.name.as_str(), it.template.text()))
            .collect()
    }

    fn auxiliary(snapshot: &Snapshot) -> Vec<&str> {
        let manifests = snapshot.repos[&RepoId::new("x")].manifests.iter();
        manifests
            .filter(|it| it.auxiliary)
            .map(|it| it.path.as_str())
            .collect()
    }

    #[test]
    fn packages_are_what_is_named_public_and_in_the_open() {
        let snapshot = Sample::new(&[("x", "")])
            .file(
                "x",
                "Cargo.toml",
                "[workspace]\nmembers = [\"x\", \"x_core\"]\n",
            )
            .file("x", "x/Cargo.toml", &cargo("x", "1.0.0", ""))
            .file("x", "x_core/Cargo.toml", &cargo("x_core", "1.0.0", ""))
            .file("x", "examples/a/Cargo.toml", &cargo("a", "1.0.0", ""))
            .file("x", "tests/Cargo.toml", &cargo("t", "1.0.0", ""))
            .file("x", "projects/b/pyproject.toml", &python("b", "1.0.0", ""))
            .file(
                "x",
                "tools/package.json",
                "{\"name\": \"tools\", \"private\": true}\n",
            )
            .file("x", "requirements.txt", "x==1.0.0\n")
            .file("x", "tests/requirements.txt", "x==1.0.0\n")
            .snapshot();
        assert_eq!(
            names(&snapshot),
            [
                ("x/Cargo.toml", "x", "x-v{version}"),
                ("x_core/Cargo.toml", "x_core", "x-core-v{version}")
            ]
        );
        assert_eq!(
            auxiliary(&snapshot),
            [
                "examples/a/Cargo.toml",
                "projects/b/pyproject.toml",
                "tests/Cargo.toml",
                "tests/requirements.txt",
                "tools/package.json"
            ]
        );
    }

    #[test]
    fn one_name_in_three_ecosystems_is_one_tag() {
        let snapshot = Sample::new(&[("x", "")])
            .file("x", "pyproject.toml", &python("X", "1.0.0", ""))
            .file(
                "x",
                "package.json",
                "{\"name\": \"@org/x\", \"version\": \"1.0.0\"}\n",
            )
            .file("x", "Cargo.toml", &cargo("x", "1.0.0", ""))
            .snapshot();
        let templates: Vec<&str> = names(&snapshot).iter().map(|it| it.2).collect();
        assert_eq!(templates, ["v{version}"; 3]);
    }

    #[test]
    fn a_member_that_inherits_being_private_is_no_package() {
        let member = |name: &str| {
            format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\npublish.workspace = true\n")
        };
        let root = |publish: bool| format!("[workspace.package]\npublish = {publish}\n");
        let snapshot = Sample::new(&[("x", "")])
            .file("x", "Cargo.toml", &root(false))
            .file("x", "a/Cargo.toml", &member("a"))
            .file("x", "open/Cargo.toml", &root(true))
            .file("x", "open/b/Cargo.toml", &member("b"))
            .snapshot();
        assert_eq!(auxiliary(&snapshot), ["a/Cargo.toml"]);
        assert_eq!(names(&snapshot).len(), 1);
    }

    #[test]
    fn a_shared_version_is_the_nearest_roots() {
        let root = "[workspace]\nmembers = [\"a\"]\n\n[workspace.package]\nversion = \"0.3.0\"\n";
        let member = "[package]\nname = \"a\"\nversion.workspace = true\n";
        let snapshot = Sample::new(&[("x", "")])
            .file("x", "Cargo.toml", root)
            .file("x", "a/Cargo.toml", member)
            .snapshot();
        let package = &snapshot.repos[&RepoId::new("x")].packages[0];
        assert_eq!(package.version.as_deref(), Some("0.3.0"));
        assert_eq!(package.source, VersionSource::Static);
        let (path, span) = package.version_at.clone().unwrap();
        assert_eq!(
            (path.as_str(), root.get(span)),
            ("Cargo.toml", Some("0.3.0"))
        );
    }

    #[test]
    fn a_version_in_another_file_is_found_there() {
        let text = "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n\n[project]\nname = \"a\"\ndynamic = [\"version\"]\n\n[tool.hatch.version]\npath = \"src/a/__init__.py\"\n";
        let snapshot = Sample::new(&[("x", "")])
            .file("x", "py/pyproject.toml", text)
            .file("x", "py/src/a/__init__.py", "__version__ = \"1.4.2\"\n")
            .snapshot();
        let package = &snapshot.repos[&RepoId::new("x")].packages[0];
        assert_eq!(package.version.as_deref(), Some("1.4.2"));
        assert_eq!(
            package.version_at.as_ref().unwrap().0,
            "py/src/a/__init__.py"
        );
        let snapshot = Sample::new(&[("x", "")])
            .file("x", "py/pyproject.toml", text)
            .file("x", "py/src/a/__init__.py", "__version__ = \"0.0.0-dev\"\n")
            .snapshot();
        let package = &snapshot.repos[&RepoId::new("x")].packages[0];
        assert_eq!(package.source, VersionSource::Placeholder);
        assert_eq!(
            (package.version.as_deref(), &package.version_at),
            (Some("0.0.0-dev"), &None)
        );
    }

    #[test]
    fn a_declaration_overrules_what_was_found() {
        let said = "[repo.x]\ntag = \"{name}@{version}\"\npackages = [{ name = \"a\", publish = false }, { name = \"b\", publish = true, version-source = \"vcs\" }]\n";
        let snapshot = Sample::new(&[("x", "")])
            .declare("[repo.x]\n", said)
            .file("x", "pyproject.toml", &python("a", "1.0.0", ""))
            .file("x", "docs/pyproject.toml", &python("B", "1.0.0", ""))
            .snapshot();
        assert_eq!(
            names(&snapshot),
            [("docs/pyproject.toml", "b", "b@{version}")]
        );
        assert_eq!(auxiliary(&snapshot), ["pyproject.toml"]);
        let package = &snapshot.repos[&RepoId::new("x")].packages[0];
        assert_eq!(
            (package.source, &package.version_at),
            (VersionSource::Vcs, &None)
        );
    }
}
