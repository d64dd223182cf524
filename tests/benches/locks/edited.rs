//! Reading and editing in one process, beside a document tree of the same text.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

use cascade_manifest::{
    Ask, Bump, Facts, Fallback, Lock, LockedSource, Move, Names, Splice, splice,
};

use crate::texts::{HASH, cargo_lock, package_lock, uv_lock};
use crate::{beside, head, lock, row};

/// The package that moves, in every lock.
const MOVED: &str = "pack-0050";

/// What the family holds in a lock of 3,000 packages, found and told.
pub(crate) fn judged() {
    head();
    let names: Names = (0..3000)
        .step_by(600)
        .map(|it| format!("pack-{it:04}"))
        .collect();
    for (name, text) in [
        ("uv.lock", uv_lock(3000)),
        ("Cargo.lock", cargo_lock(3000)),
        ("package-lock.json", package_lock(3000)),
    ] {
        let format = lock(name);
        let mut own = || {
            let facts = format.find(black_box(&text), &names).expect("a lock");
            assert_eq!(facts.entries.len(), names.len());
        };
        let mut json = || {
            let read = serde_json::from_str::<serde_json::Value>(black_box(&text));
            drop(black_box(read));
        };
        let mut toml = || drop(black_box(text.parse::<toml_edit::DocumentMut>()));
        let (other, theirs): (_, &mut dyn FnMut()) = match name {
            "package-lock.json" => ("serde_json parse", &mut json),
            _ => ("toml_edit parse", &mut toml),
        };
        row(
            &format!(
                "5 of 3,000 packages in a `{name}` of {} KB",
                text.len() / 1000
            ),
            other,
            beside(&mut own, theirs),
        );
    }
}

/// One package of each lock of 100 or 3,000 moves.
pub(crate) fn edited() {
    head();
    for (name, text) in [
        ("uv.lock", uv_lock(100)),
        ("Cargo.lock", cargo_lock(100)),
        ("package-lock.json", package_lock(100)),
        ("uv.lock", uv_lock(3000)),
        ("Cargo.lock", cargo_lock(3000)),
        ("package-lock.json", package_lock(3000)),
    ] {
        let format = lock(name);
        let what = format!("a `{name}` of {} KB", text.len() / 1000);
        let mut tree = || drop(black_box(by_tree(name, black_box(&text))));
        assert!(by_tree(name, &text).contains("1.1.0"));
        let other = "parse, set, write";
        let mut at_once = || drop(black_box(spliced_at_once(name, black_box(&text))));
        assert_eq!(spliced_at_once(name, &text), spliced(format, &text));
        row(
            &format!("the record found and spliced in {what}"),
            other,
            beside(&mut at_once, &mut tree),
        );
        let mut found = || drop(black_box(spliced(format, black_box(&text))));
        assert_eq!(edited_lines(&text, &spliced(format, &text)), 1);
        row(
            &format!("the same once the whole lock was searched for it and judged, in {what}"),
            other,
            beside(&mut found, &mut tree),
        );
        whole(name, &text, (&what, &mut tree));
    }
}

/// The native rewrite with its proof and all its guards.
fn whole(name: &str, text: &str, (what, tree): (&str, &mut dyn FnMut())) {
    let format = lock(name);
    let index = Index::new();
    let moves = [Move {
        name: MOVED.to_owned(),
        from: Some("1.0.0".to_owned()),
        to: "1.1.0".to_owned(),
    }];
    let files = manifest(name);
    let bump = Bump {
        moves: &moves,
        own: &[],
        files: &files,
        facts: &index,
    };
    let native = format.rewrite(text, &bump).expect("a native rewrite");
    assert!(edited_lines(text, &native) > 1);
    let mut whole = || drop(black_box(format.rewrite(black_box(text), &bump)));
    row(
        &format!("the native rewrite with its proof and all guards, of {what}"),
        "parse, set, write",
        beside(&mut whole, tree),
    );
}

/// Finds the one record by its head, judges what stands around the version, and replaces that.
fn spliced_at_once(name: &str, text: &str) -> String {
    let (place, behind) = match name {
        "package-lock.json" => (
            format!("node_modules/{MOVED}"),
            "1.0.0\",\n      \"resolved\": ",
        ),
        _ => (String::new(), "1.0.0\"\nsource = "),
    };
    let start = version_at((MOVED, &place), text);
    assert!(text[start..].starts_with(behind));
    put(text, start)
}

/// Finds the package, judges what is held of it, and replaces its version.
fn spliced(format: &dyn Lock, text: &str) -> String {
    let names = Names::from([MOVED.to_owned()]);
    let facts = format.find(text, &names).expect("a lock");
    let [held] = &facts.entries[..] else {
        panic!("one copy of it");
    };
    assert_eq!(held.version.as_deref(), Some("1.0.0"));
    assert_ne!(held.source, LockedSource::Local);
    put(text, version_at((&held.name, &held.place), text))
}

fn put(text: &str, start: usize) -> String {
    let one = Splice {
        span: start..start + "1.0.0".len(),
        to: "1.1.0".to_owned(),
    };
    splice(text, &[one]).expect("it fits")
}

/// Returns where the version of a package begins, by its name or, where it has one, its place.
fn version_at((name, place): (&str, &str), text: &str) -> usize {
    let before = if place.is_empty() {
        format!("\n[[package]]\nname = \"{name}\"\nversion = \"")
    } else {
        format!("\n    \"{place}\": {{\n      \"version\": \"")
    };
    let at = memchr::memmem::find(text.as_bytes(), before.as_bytes());
    at.expect("the entry") + before.len()
}

/// Returns how many lines differ.
fn edited_lines(before: &str, after: &str) -> usize {
    let pairs = before.lines().zip(after.lines());
    pairs.filter(|(a, b)| a != b).count()
}

/// Does the same by a document tree.
fn by_tree(name: &str, text: &str) -> String {
    if name == "package-lock.json" {
        let mut document: serde_json::Value = serde_json::from_str(text).expect("JSON");
        document["packages"][format!("node_modules/{MOVED}")]["version"] = "1.1.0".into();
        return serde_json::to_string_pretty(&document).expect("JSON");
    }
    let mut document: toml_edit::DocumentMut = text.parse().expect("TOML");
    let packages = document
        .get_mut("package")
        .and_then(|it| it.as_array_of_tables_mut())
        .expect("packages");
    let named = |it: &&mut toml_edit::Table| {
        it.get("name").and_then(toml_edit::Item::as_str) == Some(MOVED)
    };
    let found = packages.iter_mut().find(named).expect("the package");
    found["version"] = toml_edit::value("1.1.0");
    document.to_string()
}

/// Returns the manifest beside a lock, after the edit.
fn manifest(name: &str) -> BTreeMap<String, String> {
    let (path, text) = match name {
        "uv.lock" => (
            "pyproject.toml",
            format!(
                "[project]\nname = \"app\"\nversion = \"1.0.0\"\nrequires-python = \">=3.9\"\ndependencies = [\"{MOVED}==1.1.0\"]\n"
            ),
        ),
        "Cargo.lock" => (
            "Cargo.toml",
            format!(
                "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{MOVED} = \"=1.1.0\"\n"
            ),
        ),
        _ => (
            "package.json",
            format!(
                "{{\n  \"name\": \"app\",\n  \"version\": \"1.0.0\",\n  \"dependencies\": {{\n    \"{MOVED}\": \"1.1.0\"\n  }}\n}}\n"
            ),
        ),
    };
    BTreeMap::from([(path.to_owned(), text)])
}

/// An index in memory, of one package in two versions.
struct Index {
    page: Arc<[u8]>,
    npm: [Arc<[u8]>; 2],
    cargo: Arc<[u8]>,
    metadata: [Arc<[u8]>; 2],
}

impl Index {
    fn new() -> Self {
        let versions = ["1.0.0", "1.1.0"];
        let file = |version: &str, end: &str| {
            let file = format!("{}-{version}{end}", MOVED.replace('-', "_"));
            serde_json::json!({"filename": file, "url": format!("https://registry.example/files/{file}"),
                "hashes": {"sha256": HASH}, "size": 1001, "upload-time": "2026-02-01T00:00:00Z",
                "core-metadata": true, "yanked": false})
        };
        let ends = [".tar.gz", "-py3-none-any.whl"];
        let files = versions.iter().flat_map(|v| ends.map(|end| file(v, end)));
        let files: Vec<_> = files.collect();
        let page =
            serde_json::json!({"meta": {"api-version": "1.1"}, "name": MOVED, "files": files});
        let npm = versions.map(|version| {
            serde_json::json!({"name": MOVED, "version": version, "license": "MIT", "dist": {
                "tarball": format!("https://registry.example/{MOVED}/-/{MOVED}-{version}.tgz"),
                "integrity": format!("sha512-{}", HASH.replace('0', &version[2..3]))}})
        });
        let cargo = versions.map(|version| {
            let sum = HASH.replace('0', &version[2..3]);
            let deps = serde_json::json!([{"name": "pack-0000", "req": "^1", "features": [],
                "optional": false, "default_features": true, "target": null, "kind": "normal"}]);
            serde_json::json!({"name": MOVED, "vers": version, "deps": deps, "cksum": sum,
                "features": {}, "yanked": false})
            .to_string()
        });
        let metadata = versions.map(|version| {
            format!(
                "Metadata-Version: 2.2\nName: {MOVED}\nVersion: {version}\nRequires-Python: >=3.8\n"
            )
        });
        Self {
            page: bytes(&page.to_string()),
            npm: npm.map(|it| bytes(&it.to_string())),
            cargo: bytes(&cargo.join("\n")),
            metadata: metadata.map(|it| bytes(&it)),
        }
    }
}

impl Facts for Index {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let of = |both: &[Arc<[u8]>; 2], is_new: bool| Arc::clone(&both[usize::from(is_new)]);
        Ok(match question {
            Ask::PythonProject { name, .. } if name == MOVED => Arc::clone(&self.page),
            Ask::PythonMetadata { url } => of(&self.metadata, url.contains("1.1.0")),
            Ask::NpmVersion { name, version, .. } if name == MOVED => {
                of(&self.npm, version == "1.1.0")
            }
            Ask::CargoIndex { name, .. } if name == MOVED => Arc::clone(&self.cargo),
            _ => return Err(Fallback::because(format!("nothing answers {question:?}"))),
        })
    }
}

fn bytes(text: &str) -> Arc<[u8]> {
    text.as_bytes().into()
}
