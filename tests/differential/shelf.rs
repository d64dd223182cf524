//! The folder that the registry serves: archives by ecosystem, and when they came out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::archive::{Files, record, sha256, tgz, zip};
use crate::world::{How, Needs, Published, Range, Release, Require};

/// When what the first locks hold came out, and when what is bumped to: seconds since 1970.
pub(crate) const BEFORE: u64 = 1_767_225_600;
pub(crate) const AFTER: u64 = 1_769_904_000;

/// A folder of packages.
pub(crate) struct Shelf {
    root: PathBuf,
    times: BTreeMap<String, String>,
    yanked: Vec<String>,
}

impl Shelf {
    /// Returns an empty one.
    pub(crate) fn new(root: &Path) -> Self {
        for folder in ["pypi", "npm", "cargo/index", "cargo/crates", "go"] {
            fs::create_dir_all(root.join(folder)).expect("a folder");
        }
        Self {
            root: root.to_owned(),
            times: BTreeMap::new(),
            yanked: Vec::new(),
        }
    }

    /// Publishes a release in an ecosystem; one that is there already is yanked or not.
    pub(crate) fn publish(&mut self, ecosystem: &str, release: &Release, when: u64) {
        match ecosystem {
            "python" => self.python(release, when),
            "npm" => self.npm(release, when),
            "cargo" => self.cargo(release, when),
            _ => self.go(release, when),
        }
        self.put("times.json", json!(self.times).to_string().as_bytes(), when);
        self.put(
            "yanked.json",
            json!(self.yanked).to_string().as_bytes(),
            when,
        );
    }

    fn put(&self, path: &str, bytes: &[u8], when: u64) {
        let at = self.root.join(path);
        fs::create_dir_all(at.parent().expect("a folder above it")).expect("a folder");
        #[expect(clippy::disallowed_methods, reason = "a scratch folder")]
        fs::write(&at, bytes).expect("a file");
        let file = fs::File::options().append(true).open(&at).expect("a file");
        // A fraction, so that what is written of it can be told apart.
        let when = SystemTime::UNIX_EPOCH + Duration::from_micros(when * 1_000_000 + 123_450);
        file.set_modified(when).expect("a time");
    }

    fn keep(&mut self, path: &str, bytes: &[u8], when: u64) {
        self.put(path, bytes, when);
        let day = if when == BEFORE {
            "2026-01-01"
        } else {
            "2026-02-01"
        };
        self.times
            .insert(path.to_owned(), format!("{day}T00:00:00.123450Z"));
    }

    fn python(&mut self, release: &Release, when: u64) {
        let stem = format!(
            "{}-{}",
            release.name.replace('-', "_"),
            python_version(release.version)
        );
        let tags: &[&str] = match release.facets.files {
            Published::Both | Published::Built => &["py3-none-any"],
            Published::Source => &[],
            Published::Platforms => &PLATFORMS[..3],
            Published::MorePlatforms => PLATFORMS,
        };
        let mut files: Vec<_> = tags
            .iter()
            .map(|tag| (format!("pypi/{stem}-{tag}.whl"), zip(&wheel(release, tag))))
            .collect();
        if release.facets.files != Published::Built {
            files.push((format!("pypi/{stem}.tar.gz"), tgz(&source(release, &stem))));
        }
        for (path, bytes) in files {
            if release.facets.yanked {
                self.yanked.push(path.clone());
            }
            if !self.times.contains_key(&path) {
                self.keep(&path, &bytes, when);
            }
        }
    }

    fn npm(&mut self, release: &Release, when: u64) {
        let file = release.name.rsplit('/').next().unwrap_or_default();
        let folder = release.name.replace('/', "%2f");
        let path = format!("npm/{folder}/{file}-{}.tgz", release.version);
        if self.times.contains_key(&path) {
            return; // What is out stays as it is.
        }
        let mut document = package_json(release);
        if release.facets.yanked {
            document["deprecated"] = json!("take another");
        }
        let text = serde_json::to_string_pretty(&document).expect("JSON");
        let files = vec![
            ("package/package.json".to_owned(), text + "\n"),
            (
                "package/index.js".to_owned(),
                format!("module.exports = '{}';\n", release.version),
            ),
        ];
        self.keep(&path, &tgz(&files), when);
    }

    fn cargo(&mut self, release: &Release, when: u64) {
        let (name, version) = (&release.name, release.version);
        let stem = format!("{name}-{version}");
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n");
        let files = vec![
            (format!("{stem}/Cargo.toml"), manifest),
            (format!("{stem}/src/lib.rs"), String::new()),
        ];
        let archive = tgz(&files);
        self.keep(&format!("cargo/crates/{stem}.crate"), &archive, when);
        let index = format!("cargo/index/{}/{name}", prefix(name));
        let old = fs::read_to_string(self.root.join(&index)).unwrap_or_default();
        let this = format!("\"vers\":\"{version}\"");
        let mut lines: Vec<_> = old
            .lines()
            .filter(|it| !it.contains(&this))
            .map(str::to_owned)
            .collect();
        lines.push(index_line(release, &sha256(&archive)).to_string());
        self.put(&index, (lines.join("\n") + "\n").as_bytes(), when);
    }

    fn go(&mut self, release: &Release, when: u64) {
        let (module, version) = (go_module(&release.name), format!("v{}", release.version));
        let folder = format!("go/{module}/@v");
        let text = go_mod(release);
        let mut code = format!("package {}\n\n", release.name.replace('-', ""));
        for it in release.requires.iter().filter(|it| it.how == How::Plain) {
            code += &format!("import _ \"{}\"\n", go_module(&it.name));
        }
        let at = format!("{module}@{version}");
        let files = vec![
            (format!("{at}/go.mod"), text.clone()),
            (format!("{at}/code.go"), code),
        ];
        let info = json!({"Version": version, "Time": "2026-01-01T00:00:00Z"});
        self.keep(&format!("{folder}/{version}.mod"), text.as_bytes(), when);
        self.keep(&format!("{folder}/{version}.zip"), &zip(&files), when);
        self.keep(
            &format!("{folder}/{version}.info"),
            info.to_string().as_bytes(),
            when,
        );
        let list = format!("{folder}/list");
        let old = fs::read_to_string(self.root.join(&list)).unwrap_or_default();
        if !old.lines().any(|it| it == version) {
            self.put(&list, (old + &version + "\n").as_bytes(), when);
        }
    }
}

const PLATFORMS: &[&str] = &[
    "cp39-cp39-manylinux_2_17_x86_64",
    "cp39-cp39-macosx_11_0_arm64",
    "cp39-cp39-win_amd64",
    "cp310-cp310-manylinux_2_17_x86_64",
];

/// Returns a version as Python spells it.
pub(crate) fn python_version(version: &str) -> String {
    version.replace("-rc.", "rc")
}

/// Returns the Python versions that a release is for.
pub(crate) fn needed_python(release: &Release) -> &'static str {
    match release.facets.needs {
        Needs::Old => ">=3.8",
        Needs::Middle => ">=3.9",
        Needs::New => ">=3.11",
    }
}

/// Returns a range as Python writes it.
pub(crate) fn python_range(range: &Range) -> String {
    match range {
        Range::Caret(from) => format!("<{},>={from}", next_major(from)),
        Range::From(from) => format!(">={from}"),
        Range::Exact(version) => format!("=={}", python_version(version)),
    }
}

/// Returns a range as Cargo writes it.
pub(crate) fn cargo_range(range: &Range) -> String {
    match range {
        Range::Caret(from) => format!("^{from}"),
        Range::From(from) => format!(">={from}"),
        Range::Exact(version) => format!("={version}"),
    }
}

fn metadata(release: &Release) -> String {
    let python = needed_python(release);
    let summary = Some(release.facets.summary).filter(|it| !it.is_empty());
    let mut text = format!(
        "Metadata-Version: 2.2\nName: {}\nVersion: {}\nSummary: {}\nRequires-Python: {python}\n",
        release.name,
        python_version(release.version),
        summary.unwrap_or("A package of the test."),
    );
    for it in &release.requires {
        let (extra, marker) = match it.how {
            How::Optional => ("more", " ; extra == 'more'"),
            How::Dev => ("test", " ; extra == 'test'"),
            How::Windows => ("", " ; sys_platform == 'win32'"),
            How::Never => ("", " ; python_version < '3'"),
            How::Plain | How::Peer => ("", ""),
        };
        if !extra.is_empty() {
            text += &format!("Provides-Extra: {extra}\n");
        }
        let range = python_range(&it.range);
        text += &format!("Requires-Dist: {}{range}{marker}\n", it.name);
    }
    if !release.facets.feature.is_empty() {
        text += &format!("Provides-Extra: {}\n", release.facets.feature);
    }
    text
}

fn next_major(from: &str) -> String {
    let mut parts = from.split('.').map(|it| it.parse::<u64>().unwrap_or(0));
    match (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) {
        (0, minor) => format!("0.{}", minor + 1),
        (major, _) => format!("{}", major + 1),
    }
}

fn wheel(release: &Release, tag: &str) -> Files {
    let module = release.name.replace('-', "_");
    let info = format!("{module}-{}.dist-info", python_version(release.version));
    let mut files = vec![
        (format!("{module}/__init__.py"), format!("# {tag}\n")),
        (format!("{info}/METADATA"), metadata(release)),
        (
            format!("{info}/WHEEL"),
            format!(
                "Wheel-Version: 1.0\nGenerator: differential\nRoot-Is-Purelib: true\nTag: {tag}\n"
            ),
        ),
    ];
    if !release.facets.program.is_empty() {
        let entry = format!(
            "[console_scripts]\n{} = {module}:main\n",
            release.facets.program
        );
        files.push((format!("{info}/entry_points.txt"), entry));
    }
    let rows: String = files
        .iter()
        .map(|(path, text)| record(path, text))
        .collect();
    files.push((format!("{info}/RECORD"), format!("{rows}{info}/RECORD,,\n")));
    files
}

fn source(release: &Release, stem: &str) -> Files {
    let module = release.name.replace('-', "_");
    let tree = crate::source::tree("python", &[release]).into_iter();
    let tree = tree.map(|(path, text)| (format!("{stem}/{path}"), text));
    let mut files: Files = tree.collect();
    files.push((format!("{stem}/PKG-INFO"), metadata(release)));
    files.push((format!("{stem}/{module}/__init__.py"), String::new()));
    files
}

/// Returns a release's `package.json`.
pub(crate) fn package_json(release: &Release) -> Value {
    let facets = &release.facets;
    let license = if facets.license.is_empty() {
        "MIT"
    } else {
        facets.license
    };
    let mut document = json!({
        "name": release.name, "version": release.version, "license": license, "main": "index.js",
        "description": if facets.summary.is_empty() { "A package of the test." } else { facets.summary },
    });
    for (table, how) in [
        ("dependencies", &[How::Plain][..]),
        ("optionalDependencies", &[How::Optional, How::Windows]),
        ("peerDependencies", &[How::Peer]),
        ("devDependencies", &[How::Dev, How::Never]),
    ] {
        let rows = release.requires.iter().filter(|it| how.contains(&it.how));
        let rows: serde_json::Map<_, _> = rows
            .map(|it| (it.name.clone(), json!(npm_range(it))))
            .collect();
        if !rows.is_empty() {
            document[table] = Value::Object(rows);
        }
    }
    match facets.needs {
        Needs::Old => {}
        Needs::Middle => document["engines"] = json!({"node": ">=18"}),
        Needs::New => document["engines"] = json!({"node": ">=99"}),
    }
    if !facets.program.is_empty() {
        document["bin"] = json!({facets.program: "./index.js"});
    }
    if !facets.feature.is_empty() {
        document["funding"] = json!(format!("https://registry.example/{}", facets.feature));
    }
    match facets.files {
        Published::Platforms => document["os"] = json!(["linux", "darwin"]),
        Published::MorePlatforms => document["os"] = json!(["linux", "darwin", "win32"]),
        _ => {}
    }
    document
}

fn npm_range(it: &Require) -> String {
    match &it.range {
        Range::Caret(from) => format!("^{from}"),
        Range::From(from) => format!(">={from}"),
        Range::Exact(version) => version.clone(),
    }
}

/// Returns the folder of a crate in an index.
fn prefix(name: &str) -> String {
    let part = |range| name.get(range).unwrap_or_default();
    match name.len() {
        1 | 2 => name.len().to_string(),
        3 => format!("3/{}", part(0..1)),
        _ => format!("{}/{}", part(0..2), part(2..4)),
    }
}

fn index_line(release: &Release, sum: &str) -> Value {
    let row = |it: &Require| {
        let range = cargo_range(&it.range);
        let target = match it.how {
            How::Windows => json!("cfg(windows)"),
            How::Never => json!("cfg(target_os = \"none\")"),
            _ => Value::Null,
        };
        let kind = match it.how {
            How::Dev => "dev",
            How::Peer => "build",
            _ => "normal",
        };
        json!({
            "name": it.name, "req": range, "features": [], "optional": it.how == How::Optional,
            "default_features": true, "target": target, "kind": kind,
        })
    };
    let deps: Vec<_> = release.requires.iter().map(row).collect();
    let mut features = json!({"default": []});
    if !release.facets.feature.is_empty() {
        features[release.facets.feature] = json!([]);
    }
    let mut line = json!({
        "name": release.name, "vers": release.version, "deps": deps, "cksum": sum,
        "features": features, "yanked": release.facets.yanked, "links": null,
    });
    match release.facets.needs {
        Needs::Old => {}
        Needs::Middle => line["rust_version"] = json!("1.70"),
        Needs::New => line["rust_version"] = json!("1.999"),
    }
    line
}

/// Returns the path of a module.
pub(crate) fn go_module(name: &str) -> String {
    format!("registry.example/{name}")
}

/// Returns a release's `go.mod`.
pub(crate) fn go_mod(release: &Release) -> String {
    let language = match release.facets.needs {
        Needs::Old => "1.20",
        Needs::Middle => "1.21",
        Needs::New => "1.22",
    };
    let mut text = format!("module {}\n\ngo {language}\n", go_module(&release.name));
    for it in release.requires.iter().filter(|it| it.how == How::Plain) {
        let version = match &it.range {
            Range::Caret(from) | Range::From(from) => (*from).to_owned(),
            Range::Exact(version) => version.clone(),
        };
        // The lowest that there is.
        let version = if version == "0.9.0" {
            "1.0.0"
        } else {
            &version
        };
        text += &format!("\nrequire {} v{version}\n", go_module(&it.name));
    }
    text
}
