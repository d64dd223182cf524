//! Generated packages in a folder that a registry serves, and a project that stands on them.
//!
//! The project requires every tenth package, and each of these the nine behind it. One of them
//! moves; what it requires stays.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::json;

use crate::archive::{Files, record, sha256, tgz, zip};

/// The package that moves.
pub(crate) const MOVED: &str = "pack-0050";
/// Its versions.
pub(crate) const OLD: &str = "1.0.0";
pub(crate) const NEW: &str = "1.1.0";

/// An ecosystem: how a package is published, what a project looks like, and what its tool is told.
pub(crate) struct Trade {
    pub(crate) lock: &'static str,
    /// Publishes a version of a package that requires these.
    pub(crate) publish: fn(&Path, (&str, &str), &[String]),
    /// The files of a project of so many packages, of which the moving one is at this version; the
    /// last argument is the registry's address.
    pub(crate) files: fn(usize, &str, &str) -> Vec<(&'static str, String)>,
    /// The manifest of the moving package itself.
    pub(crate) own: (&'static str, &'static str),
    /// The command that makes the first lock.
    pub(crate) first: &'static [&'static str],
    /// The tool's command that moves the package, and what keeps it from asking anybody.
    pub(crate) bump: &'static [&'static str],
    pub(crate) offline: &'static str,
}

pub(crate) const ALL: &[Trade] = &[
    Trade {
        lock: "uv.lock",
        publish: wheel,
        files: |count, version, base| {
            let rows = requirements(count, version, |name, version| {
                format!("    \"{name}=={version}\",\n")
            });
            let text = format!(
                "[project]\nname = \"app\"\nversion = \"1.0.0\"\nrequires-python = \">=3.9\"\ndependencies = [\n{rows}]\n\n[[tool.uv.index]]\nurl = \"{base}/pypi/simple/\"\ndefault = true\n"
            );
            vec![("pyproject.toml", text)]
        },
        own: (
            "pyproject.toml",
            "[project]\nname = \"pack-0050\"\nversion = \"1.1.0\"\n",
        ),
        first: &["uv", "lock"],
        bump: &["uv", "lock", "-P", "pack-0050==1.1.0"],
        offline: "--offline",
    },
    Trade {
        lock: "package-lock.json",
        publish: tarball,
        files: |count, version, base| {
            let rows = requirements(count, version, |name, version| {
                format!("    \"{name}\": \"{version}\",\n")
            });
            let rows = rows.trim_end_matches(",\n");
            let text = format!(
                "{{\n  \"name\": \"app\",\n  \"version\": \"1.0.0\",\n  \"dependencies\": {{\n{rows}\n  }}\n}}\n"
            );
            vec![
                ("package.json", text),
                (".npmrc", format!("registry={base}/npm/\n")),
            ]
        },
        own: (
            "package.json",
            "{\n  \"name\": \"pack-0050\",\n  \"version\": \"1.1.0\"\n}\n",
        ),
        first: NPM,
        bump: NPM,
        offline: "--offline",
    },
    Trade {
        lock: "Cargo.lock",
        publish: krate,
        files: |count, version, base| {
            let rows = requirements(count, version, |name, version| {
                format!("{name} = \"={version}\"\n")
            });
            let text = format!(
                "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\n[dependencies]\n{rows}"
            );
            let sources = format!(
                "[source.crates-io]\nreplace-with = \"local\"\n[source.local]\nregistry = \"sparse+{base}/cargo/\"\n"
            );
            vec![
                ("Cargo.toml", text),
                ("src/lib.rs", String::new()),
                (".cargo/config.toml", sources),
            ]
        },
        own: (
            "Cargo.toml",
            "[package]\nname = \"pack-0050\"\nversion = \"1.1.0\"\nedition = \"2021\"\n",
        ),
        first: &["cargo", "generate-lockfile"],
        bump: &["cargo", "update", "-p", "pack-0050@1", "--precise", "1.1.0"],
        offline: "--offline",
    },
];

const NPM: &[&str] = &[
    "npm",
    "install",
    "--package-lock-only",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
];

/// Publishes so many packages, each at the old version.
pub(crate) fn publish(trade: &Trade, root: &Path, count: usize) {
    for nth in 0..count {
        let name = name(nth);
        (trade.publish)(root, (&name, OLD), &required(nth, count));
    }
}

/// Publishes the version that the package moves to.
pub(crate) fn publish_new(trade: &Trade, root: &Path, count: usize) {
    (trade.publish)(root, (MOVED, NEW), &required(50, count));
}

fn name(nth: usize) -> String {
    format!("pack-{nth:04}")
}

fn required(nth: usize, count: usize) -> Vec<String> {
    let behind = if nth.is_multiple_of(10) {
        nth + 1..nth + 10
    } else {
        0..0
    };
    behind.filter(|it| *it < count).map(name).collect()
}

fn requirements(count: usize, moved: &str, row: fn(&str, &str) -> String) -> String {
    let direct = (0..count).step_by(10).map(name);
    let version = |name: &str| if name == MOVED { moved } else { OLD }.to_owned();
    direct.map(|it| row(&it, &version(&it))).collect()
}

fn wheel(root: &Path, (name, version): (&str, &str), requires: &[String]) {
    let module = name.replace('-', "_");
    let info = format!("{module}-{version}.dist-info");
    let rows: String = requires
        .iter()
        .map(|it| format!("Requires-Dist: {it}>=1,<2\n"))
        .collect();
    let metadata = format!(
        "Metadata-Version: 2.2\nName: {name}\nVersion: {version}\nRequires-Python: >=3.8\n{rows}"
    );
    let mut files: Files = vec![
        (format!("{module}/__init__.py"), String::new()),
        (format!("{info}/METADATA"), metadata),
        (
            format!("{info}/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
                .to_owned(),
        ),
    ];
    let rows: String = files
        .iter()
        .map(|(path, text)| record(path, text))
        .collect();
    files.push((format!("{info}/RECORD"), format!("{rows}{info}/RECORD,,\n")));
    let path = format!("pypi/{module}-{version}-py3-none-any.whl");
    put(root, &path, &zip(&files));
}

fn tarball(root: &Path, (name, version): (&str, &str), requires: &[String]) {
    let rows = requires.iter().map(|it| (it.clone(), json!("^1.0.0")));
    let mut document = json!({"name": name, "version": version, "license": "MIT"});
    if !requires.is_empty() {
        document["dependencies"] = serde_json::Value::Object(rows.collect());
    }
    let files = vec![("package/package.json".to_owned(), document.to_string())];
    put(
        root,
        &format!("npm/{name}/{name}-{version}.tgz"),
        &tgz(&files),
    );
}

fn krate(root: &Path, (name, version): (&str, &str), requires: &[String]) {
    let stem = format!("{name}-{version}");
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n");
    let archive = tgz(&vec![
        (format!("{stem}/Cargo.toml"), manifest),
        (format!("{stem}/src/lib.rs"), String::new()),
    ]);
    put(root, &format!("cargo/crates/{stem}.crate"), &archive);
    let deps = requires.iter().map(|it| {
        json!({"name": it, "req": "^1", "features": [], "optional": false,
            "default_features": true, "target": null, "kind": "normal"})
    });
    let line = json!({"name": name, "vers": version, "deps": deps.collect::<Vec<_>>(),
        "cksum": sha256(&archive), "features": {}, "yanked": false, "links": null});
    let index = format!("cargo/index/{}/{}/{name}", &name[0..2], &name[2..4]);
    let old = fs::read_to_string(root.join(&index)).unwrap_or_default();
    put(root, &index, format!("{old}{line}\n").as_bytes());
}

/// Writes a file, and the folders above it.
pub(crate) fn put(root: &Path, path: &str, bytes: &[u8]) {
    let at = root.join(path);
    fs::create_dir_all(at.parent().expect("a folder above it")).expect("a folder");
    let written = fs::File::create(at).and_then(|mut it| it.write_all(bytes));
    written.expect("a file");
}
