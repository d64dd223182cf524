//! The package that a `pyproject.toml` declares, and where its version comes from.

use std::collections::BTreeSet;

use pep440_rs::Version;

use crate::python::{canonical, pep508};
use crate::toml::{Node, Text};
use crate::{Package, Publish, VersionField};

/// Build requirements that ask git for the version, by the name that is reported.
const VCS: &[&str] = &[
    "hatch-vcs",
    "setuptools-scm",
    "setuptools-git-versioning",
    "versioningit",
    "uv-dynamic-versioning",
    "flit-scm",
    "vcs-versioning",
    "versioneer",
    "dunamai",
    "pbr",
];

/// Tables of tools that ask git for the version as soon as they are there.
const VCS_TABLES: &[(&str, &str)] = &[
    ("setuptools_scm", "setuptools-scm"),
    ("setuptools-scm", "setuptools-scm"),
    ("setuptools-git-versioning", "setuptools-git-versioning"),
    ("versioningit", "versioningit"),
    ("uv-dynamic-versioning", "uv-dynamic-versioning"),
    ("vcs-versioning", "vcs-versioning"),
    ("versioneer", "versioneer"),
];

const POETRY_DYNAMIC: &str = "poetry-dynamic-versioning";

/// Returns the package that the manifest declares, if any.
pub(in crate::python) fn package(root: Node<'_>) -> Option<Package> {
    let project = root.get("project");
    let poetry = root.find(&["tool", "poetry"]);
    let in_project = project.and_then(|it| it.string_at("name"));
    let name = in_project.or_else(|| poetry?.string_at("name"))?.value;
    Some(Package {
        name: name.to_owned(),
        version: version(root, name),
        publish: if is_private(root) {
            Publish::Never
        } else {
            Publish::Yes
        },
    })
}

/// Returns what a manifest says of a version that git makes, whichever of its words counts.
pub(in crate::python) fn wiring(root: Node<'_>) -> Option<crate::python::Wiring> {
    let project = root.get("project")?;
    let VersionField::Vcs(backend) = of_tools(root.get("tool")?)? else {
        return None;
    };
    let literal = project.string_at("version");
    Some(crate::python::Wiring {
        backend,
        literal: literal.map(|it| (it.value.to_owned(), it.span)),
        declared: declares_dynamic_version(root),
    })
}

fn is_private(root: Node<'_>) -> bool {
    let is_off = |path: &[&str]| root.find(path).and_then(Node::bool) == Some(false);
    let classified = |path: &[&str]| {
        let items = root.find(path).map(Node::items).unwrap_or_default();
        let mut strings = items.into_iter().filter_map(Node::string);
        strings.any(|it| it.value.starts_with("Private ::"))
    };
    is_off(&["tool", "uv", "package"])
        || is_off(&["tool", "poetry", "package-mode"])
        || is_off(&["tool", "pdm", "distribution"])
        || classified(&["project", "classifiers"])
        || classified(&["tool", "poetry", "classifiers"])
}

fn version(root: Node<'_>, package: &str) -> VersionField {
    if let Some(text) = root.find(&["project", "version"]).and_then(Node::string) {
        return said(&text);
    }
    let tool = root.get("tool");
    let is_dynamic = tool
        .and_then(|it| it.get(POETRY_DYNAMIC))
        .is_some_and(|it| it.bool_at("enable") == Some(true));
    if is_dynamic {
        return VersionField::Vcs(POETRY_DYNAMIC);
    }
    let is_static = root.get("project").is_some() && !declares_dynamic_version(root);
    let by_tools = || {
        tool.and_then(of_tools)
            .or_else(|| of_backend(root, package))
    };
    let found = if is_static { None } else { by_tools() };
    let in_poetry = || Some(said(&tool?.get("poetry")?.string_at("version")?));
    found.or_else(in_poetry).unwrap_or(VersionField::Unknown)
}

fn declares_dynamic_version(root: Node<'_>) -> bool {
    let dynamic = root.find(&["project", "dynamic"]).map(Node::items);
    let mut strings = dynamic.into_iter().flatten().filter_map(Node::string);
    strings.any(|it| it.value == "version")
}

/// Returns what a version in the manifest itself is: all zeros are for the publisher to replace.
fn said(text: &Text<'_>) -> VersionField {
    if is_placeholder(text.value) {
        return VersionField::Placeholder(text.value.to_owned());
    }
    match text.editable() {
        Some(span) => VersionField::Static {
            text: text.value.to_owned(),
            span,
        },
        None => VersionField::Unknown,
    }
}

/// Returns whether a version is for the publisher to replace: all zeros.
pub(in crate::python) fn is_placeholder(text: &str) -> bool {
    let is_zero = |it: Version| {
        it.release().iter().all(|it| *it == 0) && it.pre().is_none() && it.post().is_none()
    };
    text == "0.0.0-development" || text.parse().is_ok_and(is_zero)
}

/// Returns what the tables of build tools say of the version.
fn of_tools(tool: Node<'_>) -> Option<VersionField> {
    if let Some(hatch) = tool.find(&["hatch", "version"]) {
        return Some(of_hatch(hatch));
    }
    if let Some(pdm) = tool.find(&["pdm", "version"]) {
        return Some(of_pdm(pdm));
    }
    let vcs = VCS_TABLES
        .iter()
        .find(|(table, _)| tool.get(table).is_some());
    if let Some((_, backend)) = vcs {
        return Some(VersionField::Vcs(backend));
    }
    of_setuptools(tool.get("setuptools")?)
}

fn of_hatch(version: Node<'_>) -> VersionField {
    match version.string_at("source").map(|it| it.value) {
        Some("vcs") => VersionField::Vcs("hatch-vcs"),
        Some("uv-dynamic-versioning") => VersionField::Vcs("uv-dynamic-versioning"),
        Some("versioningit") => VersionField::Vcs("versioningit"),
        None | Some("regex" | "regex_commit") => hatch_file(version, "pattern"),
        // It runs the file; of a plain name that is what the file says.
        Some("code") => match version.string_at("expression") {
            Some(it) if !is_name(it.value) => VersionField::Unknown,
            _ => hatch_file(version, "expression"),
        },
        Some("nodejs") => {
            let path = version.string_at("path");
            in_file([path.map_or("package.json", |it| it.value)], NPM_VERSION)
        }
        // `env` reads the environment.
        Some(_) => VersionField::Unknown,
    }
}

/// Returns the version that the file of a hatch table says; `key` names the attribute in it.
fn hatch_file(version: Node<'_>, key: &str) -> VersionField {
    let attribute = version.string_at(key).map_or("__version__", |it| it.value);
    match version.string_at("path") {
        Some(path) => in_file([path.value], attribute),
        None => VersionField::Unknown,
    }
}

fn is_name(text: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    !text.is_empty() && text.chars().all(inner)
}

/// The version of a `package.json`, before anything nested in it.
const NPM_VERSION: &str = r#"\A[^{]*\{[^{}]*?"version"\s*:\s*"(?P<version>[^"\n]+)""#;

fn of_pdm(version: Node<'_>) -> VersionField {
    let is_scm = version.bool_at("use_scm") == Some(true);
    let path = version
        .string_at("path")
        .or_else(|| version.string_at("from"));
    match version.string_at("source").map(|it| it.value) {
        Some("scm") => VersionField::Vcs("pdm-scm"),
        None if is_scm => VersionField::Vcs("pdm-scm"),
        None | Some("file") => match path {
            Some(path) => in_file([path.value], "__version__"),
            None => VersionField::Unknown,
        },
        Some(_) => VersionField::Unknown,
    }
}

/// Returns what `[tool.setuptools.dynamic] version` says: `attr` or `file`.
fn of_setuptools(setuptools: Node<'_>) -> Option<VersionField> {
    let version = setuptools.find(&["dynamic", "version"])?;
    if let Some(attr) = version.string_at("attr") {
        let (module, attribute) = attr.value.rsplit_once('.')?;
        let root = setuptools.find(&["package-dir", ""]);
        let root = root.or_else(|| {
            Some(
                *setuptools
                    .find(&["packages", "find", "where"])?
                    .items()
                    .first()?,
            )
        });
        let root = root.and_then(Node::string);
        let root = root.map_or("src", |it| it.value.trim_matches('/'));
        return Some(in_file(module_files(module, root), attribute));
    }
    let file = version.get("file")?;
    let paths = super::origin::tables(file)
        .into_iter()
        .filter_map(Node::string);
    Some(in_file(paths.map(|it| it.value.to_owned()), ""))
}

/// Returns what the build backend does where no table says it.
fn of_backend(root: Node<'_>, package: &str) -> Option<VersionField> {
    let strings = root.find(&["build-system", "requires"]).map(Node::items);
    let strings = strings.into_iter().flatten().filter_map(Node::string);
    let required: BTreeSet<String> = strings
        .filter_map(|it| {
            let parts = pep508::split(it.value)?;
            Some(canonical(it.value.get(parts.name)?).into_owned())
        })
        .collect();
    if let Some(backend) = VCS.iter().find(|it| required.contains(**it)) {
        return Some(VersionField::Vcs(backend));
    }
    let backend = root
        .find(&["build-system", "build-backend"])?
        .string()?
        .value;
    if backend.starts_with("flit_core") || backend.starts_with("flit.") {
        let declared = root
            .find(&["tool", "flit", "module", "name"])
            .and_then(Node::string);
        let module = declared.map_or_else(|| package.replace('-', "_"), |it| it.value.to_owned());
        return Some(in_file(module_files(&module, "src"), "__version__"));
    }
    if backend == "mesonpy" {
        return Some(in_file(["meson.build"], MESON_VERSION));
    }
    if backend == "maturin" {
        let declared = root
            .find(&["tool", "maturin", "manifest-path"])
            .and_then(Node::string);
        let path = declared.map_or("Cargo.toml", |it| it.value);
        return Some(in_file([path], CARGO_VERSION));
    }
    None
}

/// The version of a `meson.build`, which meson-python takes for the package's own.
const MESON_VERSION: &str =
    r"\A(?:\s|#[^\n]*\n)*project\s*\([^()#]*?\bversion\s*:\s*'(?P<version>[^'\n]+)'";

/// The version of a `Cargo.toml`, which maturin takes for the package's own.
const CARGO_VERSION: &str = r#"^\[package\]\s(?:[^\[]*\n)?version\s*=\s*"(?P<version>[^"\n]+)""#;

/// Returns the files that may be the module: a module or a package, beside the manifest or below
/// `root`.
pub(in crate::python) fn module_files(module: &str, root: &str) -> Vec<String> {
    let path = module.replace('.', "/");
    let files = [format!("{path}/__init__.py"), format!("{path}.py")];
    let below = files.iter().map(|it| format!("{root}/{it}"));
    below.chain(files.iter().cloned()).collect()
}

/// Returns the version that one of these files says.
pub(in crate::python) fn in_file<P: Into<String>>(
    paths: impl IntoIterator<Item = P>,
    attribute: &str,
) -> VersionField {
    VersionField::File {
        paths: paths.into_iter().map(Into::into).collect(),
        attribute: attribute.to_owned(),
    }
}
