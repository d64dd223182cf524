//! A workspace and its registry, recorded: the locks in `tests/fixtures` are what pnpm and Yarn
//! wrote for it, before and after `manifest` moved from 1.0.0 to 1.1.0.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::{Ask, Bump, Facts, Fallback, Lock, Move};

/// Paths and texts.
pub(super) type Files = BTreeMap<String, String>;

const ROOT: &str = r#"{
  "name": "app",
  "version": "1.0.0",
  "dependencies": {
    "manifest": "1.0.0", "runtime": "^1.0.0", "third": "^1.0.0", "@fam/core": "1.0.0",
    "@fam/plug": "1.0.0", "dep": "1.0.0", "ali": "npm:manifest@1.0.0"
  },
  "devDependencies": { "@fam/tool": "^1.0.0" },
  "optionalDependencies": { "@fam/opt": "1.0.0" }
}
"#;

const A: &str = r#"{
  "name": "a",
  "version": "1.0.0",
  "dependencies": { "manifest": "catalog:", "b": "workspace:^1.0.0" },
  "peerDependencies": { "peerless": "^1.0.0" }
}
"#;

const B: &str = r#"{
  "name": "b",
  "version": "1.0.0",
  "dependencies": { "manifest": "^1.0.0", "@fam/core": "catalog:old" }
}
"#;

const CATALOGUES: &str =
    "catalog:\n  manifest: 1.0.0\ncatalogs:\n  old:\n    \"@fam/core\": ^1.0.0\n";

const DIGESTS: [(&str, &str); 2] = [
    (
        "1.0.0",
        "y/ODLSOu2giuint4uAjq7TQnSn/bO4uScMsdAuzoOoiPmK8PR50gBmMV8yn93EaLhpwUIeLfM6/YjN1qzUvnxQ==",
    ),
    (
        "1.1.0",
        "cOm1a4irolfw/SO4qsP9080ClwrKezQOB3f9oj/2Vr1kyiI4rgd4e11kUPC6mzugzzOlj4SBNJpPNCJNUzJldw==",
    ),
];

/// Returns the manifests, their catalogues in this file.
pub(super) fn files(catalogues: &str) -> Files {
    let all = [
        ("package.json", ROOT),
        ("pkgs/a/package.json", A),
        ("pkgs/b/package.json", B),
        (catalogues, CATALOGUES),
    ];
    all.map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into()
}

/// Returns the files with a text in place of another, wherever it stands.
pub(super) fn replaced(files: &Files, pairs: &[(&str, &str)]) -> Files {
    let new = |text: &String| {
        pairs
            .iter()
            .fold(text.clone(), |text, (a, b)| text.replace(a, b))
    };
    files
        .iter()
        .map(|(path, text)| (path.clone(), new(text)))
        .collect()
}

/// Returns the files after every pin on `manifest` moved.
pub(super) fn moved(files: &Files) -> Files {
    replaced(
        files,
        &[
            ("\"manifest\": \"1.0.0\"", "\"manifest\": \"1.1.0\""),
            ("manifest@1.0.0", "manifest@1.1.0"),
            ("  manifest: 1.0.0", "  manifest: 1.1.0"),
        ],
    )
}

/// Returns the move of one package.
pub(super) fn step(name: &str, from: &str, to: &str) -> Move {
    Move {
        name: name.to_owned(),
        from: Some(from.to_owned()),
        to: to.to_owned(),
    }
}

/// The registry, with what its documents say otherwise.
#[derive(Default)]
pub(super) struct Registry {
    /// Fields of `manifest` 1.1.0.
    pub(super) new: Vec<(&'static str, Value)>,
    /// The range of `runtime` on `manifest`.
    pub(super) range: Option<&'static str>,
}

impl Facts for Registry {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        match question {
            Ask::NpmVersion { name, version, .. } => {
                let document = self.document(name, version);
                let document =
                    document.ok_or_else(|| Fallback(format!("no `{name}` {version}")))?;
                Ok(document.to_string().into_bytes().into())
            }
            Ask::Tarball { url } if url.ends_with("1.0.0.tgz") => Ok(include_bytes!(
                "../../tests/fixtures/yarn/manifest-1.0.0.tgz"
            )
            .as_slice()
            .into()),
            Ask::Tarball { .. } => Ok(include_bytes!(
                "../../tests/fixtures/yarn/manifest-1.1.0.tgz"
            )
            .as_slice()
            .into()),
            _ => Err(Fallback::because("not asked for here")),
        }
    }
}

impl Registry {
    fn document(&self, name: &str, version: &str) -> Option<Value> {
        let mut document = match name {
            "manifest" => json!({"dependencies": {"third": "^1.0.0"}}),
            "runtime" => {
                json!({"dependencies": {"manifest": self.range.unwrap_or("^1.0.0"), "third": "^1.0.0"}})
            }
            _ => return None,
        };
        document["name"] = name.into();
        document["version"] = version.into();
        let digest = DIGESTS.iter().find(|it| it.0 == version)?.1;
        document["dist"] = json!({
            "integrity": format!("sha512-{digest}"),
            "tarball": format!("https://registry.example/{name}/-/{name}-{version}.tgz"),
        });
        if (name, version) == ("manifest", "1.1.0") {
            for (key, value) in &self.new {
                document[key] = value.clone();
            }
        }
        Some(document)
    }
}

/// Returns the lock after `manifest` moved.
pub(super) fn rewritten(
    lock: &dyn Lock,
    text: &str,
    files: &Files,
    facts: &Registry,
) -> Result<String, String> {
    let moves = [step("manifest", "1.0.0", "1.1.0")];
    let bump = Bump {
        moves: &moves,
        own: &[],
        files,
        facts,
    };
    lock.rewrite(text, &bump).map_err(|it| it.0)
}

/// Checks what every native rewrite has to keep: what the tool writes, line ends and mark, once.
pub(super) fn check_rewrite(lock: &dyn Lock, (before, after): (&str, &str), files: &Files) {
    let registry = Registry::default();
    let new = |text: &str| rewritten(lock, text, files, &registry);
    assert_eq!(new(before).as_deref(), Ok(after));
    assert_eq!(new(after).as_deref(), Ok(after));
    assert_eq!(lock.discords(after, files), Ok(Vec::new()));
    let crlf = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(new(&crlf(before)), Ok(crlf(after)));
    let names = |text: &str| lock.entries(text).unwrap();
    let (old, now) = (names(before), names(after));
    let differ = now.iter().filter(|it| !old.contains(it));
    assert_eq!(
        differ.map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["manifest"]
    );
}

/// Checks that a registry or files that differ are a fallback for this reason.
pub(super) fn check_fallback(
    lock: &dyn Lock,
    text: &str,
    files: &Files,
    registry: &Registry,
    reason: &str,
) {
    let told = rewritten(lock, text, files, registry).unwrap_err();
    assert!(told.contains(reason), "{told}");
}
