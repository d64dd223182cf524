use super::super::PackageLock;
use crate::{Ask, Bump, Facts, Fallback, Lock, Move};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

mod entries;
mod guards;
mod reading;
mod workspaces;

/// Recorded answers.
#[derive(Default)]
struct Recorded {
    versions: BTreeMap<(String, String), Value>,
    others: BTreeMap<Ask, Vec<u8>>,
}

impl Facts for Recorded {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let answer = match question {
            Ask::NpmVersion { name, version, .. } => {
                let document = self.versions.get(&(name.clone(), version.clone()));
                document.map(|it| it.to_string().into_bytes())
            }
            other => self.others.get(other).cloned(),
        };
        answer
            .map(Arc::from)
            .ok_or_else(|| Fallback::because(format!("no answer to {question:?}")))
    }
}

fn tarball(name: &str, version: &str) -> String {
    format!("https://registry.example/{name}/-/{name}-{version}.tgz")
}

impl Recorded {
    /// Adds a version, with these fields.
    fn version(mut self, name: &str, version: &str, more: &Value) -> Self {
        let mut document = json!({
            "name": name, "version": version, "_id": "x", "description": "text",
            "dist": {"integrity": format!("sha512-{}==", version.replace('.', "")), "tarball": tarball(name, version)},
        });
        for (key, value) in more.as_object().unwrap() {
            document[key] = value.clone();
        }
        let key = (name.to_owned(), version.to_owned());
        self.versions.insert(key, document);
        self
    }

    fn tagged(mut self, tag: &str, commit: &str, manifest: &Value) -> Self {
        let url = "https://git.example/up.git".to_owned();
        let tag = tag.to_owned();
        let file = Ask::GitFile {
            url: url.clone(),
            tag: tag.clone(),
            path: "package.json".to_owned(),
        };
        self.others.insert(Ask::GitTag { url, tag }, commit.into());
        self.others.insert(file, manifest.to_string().into_bytes());
        self
    }
}

fn moved(name: &str, from: &str, to: &str) -> Move {
    Move {
        name: name.to_owned(),
        from: Some(from.to_owned()),
        to: to.to_owned(),
    }
}

struct Case {
    lock: String,
    moves: Vec<Move>,
    own: Vec<Move>,
    files: BTreeMap<String, String>,
    facts: Recorded,
}

impl Case {
    fn rewritten(&self, text: &str) -> Result<String, Fallback> {
        let bump = Bump {
            moves: &self.moves,
            own: &self.own,
            files: &self.files,
            facts: &self.facts,
        };
        PackageLock.rewrite(text, &bump)
    }

    /// Returns the lock after the move: twice is once, in step, in whatever layout.
    fn moved(&self) -> String {
        let new = self.rewritten(&self.lock).unwrap();
        assert_eq!(self.rewritten(&new).unwrap(), new);
        assert_eq!(PackageLock.discords(&new, &self.files).unwrap(), []);
        let layouts: [fn(&str) -> String; 5] = [
            |it| it.replace('\n', "\r\n"),
            |it| format!("\u{feff}{it}"),
            |it| it.replace("  ", "\t"),
            |it| it.replace("  ", "    "),
            |it| it.trim_end().to_owned(),
        ];
        for layout in layouts {
            assert_eq!(self.rewritten(&layout(&self.lock)).unwrap(), layout(&new));
        }
        new
    }

    fn reason(&self) -> String {
        self.rewritten(&self.lock).unwrap_err().0
    }
}

const APP: &str = r#"{
  "name": "app",
  "version": "0.1.0",
  "dependencies": {
    "@sc/up": "1.1.0",
    "user": "^1.0.0"
  }
}
"#;

const LOCK: &str = r#"{
  "name": "app",
  "version": "0.1.0",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": {
      "name": "app",
      "version": "0.1.0",
      "dependencies": {
        "@sc/up": "1.0.0",
        "user": "^1.0.0"
      }
    },
    "node_modules/@sc/up": {
      "version": "1.0.0",
      "resolved": "https://registry.example/@sc/up/-/@sc/up-1.0.0.tgz",
      "integrity": "sha512-100==",
      "license": "MIT",
      "dependencies": {
        "third": "^1.0.0"
      },
      "bin": {
        "up": "cli.js"
      }
    },
    "node_modules/third": {
      "version": "1.0.0",
      "resolved": "https://registry.example/third/-/third-1.0.0.tgz",
      "integrity": "sha512-100=="
    },
    "node_modules/user": {
      "version": "1.0.0",
      "resolved": "https://registry.example/user/-/user-1.0.0.tgz",
      "integrity": "sha512-100==",
      "dependencies": {
        "@sc/up": "^1.0.0"
      }
    }
  }
}
"#;

/// `app` needs `@sc/up`, which needs `third`; `user` needs it as well.
fn plain(new: &Value) -> Case {
    let old = json!({"license": "MIT", "bin": "./cli.js", "dependencies": {"third": "^1.0.0"}});
    Case {
        lock: LOCK.to_owned(),
        moves: vec![moved("@sc/up", "1.0.0", "1.1.0")],
        own: Vec::new(),
        files: [("package.json".to_owned(), APP.to_owned())].into(),
        facts: Recorded::default()
            .version("@sc/up", "1.0.0", &old)
            .version("@sc/up", "1.1.0", new),
    }
}

fn same() -> Value {
    json!({"license": "MIT", "bin": {"@sc/up": "/x/../cli.js"}, "dependencies": {"third": "^1.0.0"}})
}

/// What [`plain`] becomes where nothing but the version changes.
fn plainly_moved() -> String {
    LOCK.replace("\"@sc/up\": \"1.0.0\"", "\"@sc/up\": \"1.1.0\"")
        .replace(
            "\"version\": \"1.0.0\",\n      \"resolved\": \"https://registry.example/@sc/up/-/@sc/\
         up-1.0.0.tgz\",\n      \"integrity\": \"sha512-100==\"",
            "\"version\": \"1.1.0\",\n      \"resolved\": \"https://registry.example/@sc/up/-/@sc/\
         up-1.1.0.tgz\",\n      \"integrity\": \"sha512-110==\"",
        )
}

const WORKSPACE: &str = r#"{
  "name": "top",
  "version": "1.0.0",
  "lockfileVersion": 2,
  "requires": true,
  "packages": {
    "": {
      "name": "top",
      "version": "1.0.0",
      "workspaces": [
        "pkgs/*"
      ]
    },
    "node_modules/@s/y": {
      "resolved": "pkgs/y",
      "link": true
    },
    "node_modules/al": {
      "name": "up",
      "version": "1.0.0",
      "resolved": "https://registry.example/up/-/up-1.0.0.tgz",
      "integrity": "sha512-100==",
      "peerDependencies": {
        "up-core": "1.0.0"
      }
    },
    "node_modules/up-core": {
      "version": "1.0.0",
      "resolved": "https://registry.example/up-core/-/up-core-1.0.0.tgz",
      "integrity": "sha512-100==",
      "dev": true
    },
    "node_modules/x": {
      "resolved": "pkgs/x",
      "link": true
    },
    "pkgs/x": {
      "version": "1.0.0",
      "dependencies": {
        "al": "npm:up@1.0.0"
      }
    },
    "pkgs/y": {
      "name": "@s/y",
      "version": "1.0.0",
      "dependencies": {
        "x": "^1.0.0"
      },
      "devDependencies": {
        "up-core": "1.0.0"
      }
    }
  },
  "dependencies": {
    "@s/y": {
      "version": "file:pkgs/y",
      "requires": {
        "up-core": "1.0.0",
        "x": "^1.0.0"
      }
    },
    "al": {
      "version": "npm:up@1.0.0",
      "resolved": "https://registry.example/up/-/up-1.0.0.tgz",
      "integrity": "sha512-100==",
      "requires": {}
    },
    "up-core": {
      "version": "1.0.0",
      "resolved": "https://registry.example/up-core/-/up-core-1.0.0.tgz",
      "integrity": "sha512-100==",
      "dev": true
    },
    "x": {
      "version": "file:pkgs/x",
      "requires": {
        "al": "npm:up@1.0.0"
      }
    }
  }
}
"#;

/// Two folders, an alias, and two packages that move together, in both tables of version 2.
fn workspace() -> Case {
    let file = |path: &str, text: Value| (path.to_owned(), text.to_string());
    let peers = |version: &str| json!({"peerDependencies": {"up-core": version}});
    Case {
        lock: WORKSPACE.to_owned(),
        moves: vec![
            moved("up", "1.0.0", "1.1.0"),
            moved("up-core", "1.0.0", "1.1.0"),
        ],
        own: vec![moved("x", "1.0.0", "2.0.0"), moved("top", "1.0.0", "1.5.0")],
        files: [
            file("package.json", json!({"name": "top", "version": "1.5.0"})),
            file(
                "pkgs/x/package.json",
                json!({"name": "x", "version": "2.0.0", "dependencies": {"al": "npm:up@1.1.0"}}),
            ),
            file(
                "pkgs/y/package.json",
                json!({"name": "@s/y", "version": "1.0.0", "dependencies": {"x": "^2.0.0"},
                       "devDependencies": {"up-core": "1.1.0"}}),
            ),
        ]
        .into(),
        facts: Recorded::default()
            .version("up", "1.0.0", &peers("1.0.0"))
            .version("up", "1.1.0", &peers("1.1.0"))
            .version("up-core", "1.0.0", &json!({}))
            .version("up-core", "1.1.0", &json!({})),
    }
}

proptest! {
    #[test]
    fn a_spoilt_lock_is_refused_or_only_its_entry_changes(
        cut in 0..LOCK.len(), length in 0_usize..9, put in "[{}:\"\n ,=a1.-]{0,6}"
    ) {
        let case = plain(&same());
        let end = (cut + length).min(LOCK.len());
        let mut text = LOCK.to_owned();
        text.replace_range(cut..end, &put);
        if let Ok(new) = case.rewritten(&text) {
            let changed = text.lines().zip(new.lines()).filter(|(a, b)| a != b).count();
            prop_assert_eq!(text.lines().count(), new.lines().count());
            prop_assert!(changed <= 4, "{text}\n{new}");
            prop_assert_eq!(case.rewritten(&new).unwrap(), new);
        }
        let _: Option<_> = PackageLock.entries(&text).ok();
        let _: Option<_> = PackageLock.discords(&text, &case.files).ok();
    }

    #[test]
    fn any_document_is_refused_or_leaves_a_lock(fields in prop::collection::btree_map(
        prop::sample::select(vec!["bin", "funding", "license", "engines", "os", "scripts", "man",
            "dependencies", "optionalDependencies", "deprecated", "bundledDependencies", "cpu"]),
        prop::sample::select(vec![json!(null), json!(false), json!(""), json!("a/../b"), json!([]),
            json!({}), json!(["x"]), json!({"third": "^1.0.0"}), json!({"install": "x"}), json!(1.5),
            json!({"type": "MIT"}), json!({"é": 1}), json!({"../..": "/../z"})]), 0..6)
    ) {
        let mut new = same();
        for (key, value) in fields {
            new[key] = value;
        }
        let case = plain(&new);
        if let Ok(text) = case.rewritten(&case.lock) {
            prop_assert_eq!(case.rewritten(&text).unwrap(), text.clone());
            prop_assert_eq!(PackageLock.discords(&text, &case.files).unwrap(), []);
            let before: Vec<_> = LOCK.split("    \"node_modules/third\"").skip(1).collect();
            let after: Vec<_> = text.split("    \"node_modules/third\"").skip(1).collect();
            prop_assert_eq!(before, after);
        }
    }
}
