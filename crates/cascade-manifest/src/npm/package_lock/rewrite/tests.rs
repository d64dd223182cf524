use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::PackageLock;
use crate::{Ask, Bump, Facts, Fallback, Lock, Move};

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

#[test]
fn only_the_entry_and_the_requirement_change() {
    assert_eq!(plain(&same()).moved(), plainly_moved());
}

#[test]
fn the_entry_is_made_as_npm_makes_it() {
    let new = json!({
        "license": {"type": "ISC", "url": "x"}, "funding": "https://fund.example",
        "bin": {"b": "lib\\b.js", "A": "a.js", "a_b": "q.js", "none": "", "x/a-b": "z.js"},
        "engines": {"npm": ">=5", "node": ">=10"}, "cpu": [], "deprecated": "no \"more\" \u{e9}",
        "scripts": {"postinstall": "x"}, "dependencies": {"third": ">=1.0.0 <3"},
        "optionalDependencies": {}, "bundledDependencies": [], "os": null,
    });
    let expected = plainly_moved().replace(
        r#"      "license": "MIT",
      "dependencies": {
        "third": "^1.0.0"
      },
      "bin": {
        "up": "cli.js"
      }
"#,
        r#"      "deprecated": "no \"more\" é",
      "hasInstallScript": true,
      "license": "ISC",
      "dependencies": {
        "third": ">=1.0.0 <3"
      },
      "bin": {
        "A": "a.js",
        "a_b": "q.js",
        "a-b": "z.js",
        "b": "lib/b.js"
      },
      "engines": {
        "node": ">=10",
        "npm": ">=5"
      },
      "funding": {
        "url": "https://fund.example"
      }
"#,
    );
    assert_eq!(plain(&new).moved(), expected);
}

#[test]
fn flags_stay_and_what_was_left_out_stays_out() {
    let mut case = plain(&same());
    let address = "      \"resolved\": \"https://registry.example/@sc/up/-/@sc/up-1.0.0.tgz\",\n";
    let flagged = |it: String| {
        it.replace(address, "")
            .replace(&address.replace("1.0.0", "1.1.0"), "")
            .replace(
                "      \"license\": \"MIT\",\n",
                "      \"dev\": true,\n      \"license\": \"MIT\",\n",
            )
    };
    case.lock = flagged(case.lock);
    assert_eq!(case.moved(), flagged(plainly_moved()));
}

#[test]
fn whatever_else_could_change_is_for_npm() {
    let with = |key: &str, value: Value| {
        let mut new = same();
        new[key] = value;
        plain(&new).reason()
    };
    assert_eq!(
        with("dependencies", json!({"third": "^1.0.0", "extra": "1"})),
        "the dependencies of `@sc/up` changed: `extra` was added"
    );
    assert_eq!(
        with("dependencies", json!({})),
        "the dependencies of `@sc/up` changed: `third` was dropped"
    );
    assert_eq!(
        with("dependencies", json!({"third": "^1.2.0"})),
        "`@sc/up` now needs `third` ^1.2.0, and 1.0.0 is locked"
    );
    assert_eq!(
        with("peerDependencies", json!({"host": "1"})),
        "the peerDependencies of `@sc/up` changed: `host` was added"
    );
    assert_eq!(with("os", json!(["linux"])), "`os` of `@sc/up` changed");
    assert_eq!(
        with("bundleDependencies", json!(["third"])),
        "the document of `@sc/up` 1.1.0 brings its dependencies along"
    );
    assert_eq!(
        with("version", json!("1.1.1")),
        "the document of `@sc/up` 1.1.0 is of another package or version"
    );
    assert_eq!(
        with("dist", json!({"tarball": "x"})),
        "the registry gives `@sc/up` 1.1.0 no hash"
    );
    assert_eq!(
        with("engines", json!({"1": "x"})),
        "`@sc/up` 1.1.0 has a field that can not be written as npm does"
    );
}

#[test]
fn the_lock_itself_may_be_in_the_way() {
    let with = |from: &str, to: &str| {
        let lock = LOCK.replace(from, to);
        assert_ne!(lock, LOCK);
        Case {
            lock,
            ..plain(&same())
        }
        .reason()
    };
    assert_eq!(
        with("\"lockfileVersion\": 3", "\"lockfileVersion\": 1"),
        "the lock is of version 1, which is not rewritten natively"
    );
    assert_eq!(
        with("{\n  \"name\"", "{ \"name\""),
        "the lock is not laid out as npm writes it"
    );
    assert_eq!(
        with("node_modules/@sc/up\"", "node_modules/@sc/other\""),
        "`@sc/up` is not in the lock"
    );
    assert_eq!(
        with(
            "node_modules/third\"",
            "node_modules/third/node_modules/@sc/up\""
        ),
        "the lock holds several copies: `node_modules/@sc/up`, \
         `node_modules/third/node_modules/@sc/up`"
    );
    assert_eq!(
        with(
            "node_modules/third\": {",
            "node_modules/al\": {\n      \"name\": \"@sc/up\","
        ),
        "the lock holds several copies: `node_modules/@sc/up`, `node_modules/al`"
    );
    assert_eq!(
        with("\"@sc/up\": \"^1.0.0\"", "\"@sc/up\": \"~1.0.0\""),
        "`node_modules/user` needs `@sc/up` ~1.0.0"
    );
    assert_eq!(
        with("@sc/up/-/", "elsewhere/-/"),
        "`@sc/up` is locked from another address than the registry gives"
    );
    assert_eq!(
        with("cli.js\"\n", "cli.js\" \n"),
        "`@sc/up` has an entry that npm would now write otherwise"
    );
    assert_eq!(
        with("\"license\": \"MIT\"", "\"license\": \"ISC\""),
        "`@sc/up` has an entry that npm would now write otherwise"
    );
}

#[test]
fn the_manifest_may_be_in_the_way() {
    let with = |app: String| {
        let files = [("package.json".to_owned(), app)].into();
        Case {
            files,
            ..plain(&same())
        }
        .reason()
    };
    assert_eq!(
        with(APP.replace("1.1.0", "1.0.0")),
        "`the project` needs `@sc/up` 1.0.0"
    );
    assert_eq!(
        with(APP.replace(
            "dependencies\": {",
            "overrides\": {\"@sc/up@1\": \"1\"}, \"dependencies\": {"
        )),
        "`overrides` of the project speak of `@sc/up`"
    );
    assert_eq!(
        with(APP.replace("\"dependencies\"", "\"devDependencies\"")),
        "`package.json` does not require `@sc/up` in `dependencies`"
    );
    let files = BTreeMap::new();
    let mut unseen = Case {
        files,
        ..plain(&same())
    };
    assert_eq!(unseen.reason(), "`the project` needs `@sc/up` 1.0.0");
    unseen.lock = LOCK.replace("\"@sc/up\": \"1.0.0\"", "\"@sc/up\": \"^1.0.0\"");
    assert_eq!(unseen.reason(), "`package.json` is not at hand");
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

#[test]
fn folders_aliases_and_sets_move_in_both_tables() {
    let expected = WORKSPACE
        .replace("up@1.0.0", "up@1.1.0")
        .replace("up-1.0.0", "up-1.1.0")
        .replace("up-core-1.0.0", "up-core-1.1.0")
        .replace("sha512-100==", "sha512-110==")
        .replace("\"up-core\": \"1.0.0\"", "\"up-core\": \"1.1.0\"")
        .replace("\"x\": \"^1.0.0\"", "\"x\": \"^2.0.0\"")
        .replace(
            "\"name\": \"up\",\n      \"version\": \"1.0.0\"",
            "\"name\": \"up\",\n      \"version\": \"1.1.0\"",
        )
        .replace(
            "\"version\": \"1.0.0\",\n      \"resolved\"",
            "\"version\": \"1.1.0\",\n      \"resolved\"",
        )
        .replace(
            "\"pkgs/x\": {\n      \"version\": \"1.0.0\"",
            "\"pkgs/x\": {\n      \"version\": \"2.0.0\"",
        )
        .replace(
            "\"name\": \"top\",\n  \"version\": \"1.0.0\"",
            "\"name\": \"top\",\n  \"version\": \"1.5.0\"",
        )
        .replace(
            "\"name\": \"top\",\n      \"version\": \"1.0.0\"",
            "\"name\": \"top\",\n      \"version\": \"1.5.0\"",
        );
    assert_eq!(workspace().moved(), expected);
    let mut alone = workspace();
    alone.moves.pop();
    assert_eq!(
        alone.reason(),
        "`up` now needs `up-core` 1.1.0, and 1.0.0 is locked"
    );
    let mut kept = workspace();
    kept.files.get_mut("pkgs/y/package.json").unwrap().replace_range(.., r#"{"name": "@s/y", "version": "1.0.0", "dependencies": {"x": "^1.0.0"}, "devDependencies": {"up-core": "1.1.0"}}"#);
    assert_eq!(kept.reason(), "`pkgs/y` needs `x` ^1.0.0");
}

#[test]
fn a_tag_moves_with_its_commit() {
    let spec = |version: &str| format!("git+https://git.example/up.git#v{version}");
    let commit = |letter: &str| letter.repeat(40);
    let app = |version: &str| json!({"name": "app", "version": "0.1.0", "dependencies": {"up": spec(version)}});
    let manifest = |version: &str| json!({"name": "up", "version": version, "license": "MIT"});
    let lock = format!(
        "{{\n  \"name\": \"app\",\n  \"version\": \"0.1.0\",\n  \"lockfileVersion\": 3,\n  \
         \"requires\": true,\n  \"packages\": {{\n    \"\": {{\n      \"name\": \"app\",\n      \
         \"version\": \"0.1.0\",\n      \"dependencies\": {{\n        \"up\": \"{}\"\n      }}\n    \
         }},\n    \"node_modules/up\": {{\n      \"version\": \"1.0.0\",\n      \"resolved\": \
         \"git+https://git.example/up.git#{}\",\n      \"license\": \"MIT\"\n    }}\n  }}\n}}\n",
        spec("1.0.0"),
        commit("a"),
    );
    let case = |new: &Value| Case {
        lock: lock.clone(),
        moves: vec![moved("up", "1.0.0", "1.1.0")],
        own: Vec::new(),
        files: [("package.json".to_owned(), app("1.1.0").to_string())].into(),
        facts: Recorded::default()
            .tagged("v1.0.0", &commit("a"), &manifest("1.0.0"))
            .tagged("v1.1.0", &commit("b"), new),
    };
    let expected = lock
        .replace("1.0.0", "1.1.0")
        .replace(&commit("a"), &commit("b"));
    assert_eq!(case(&manifest("1.1.0")).moved(), expected);
    let mut more = manifest("1.1.0");
    more["dependencies"] = json!({"third": "1"});
    assert_eq!(case(&more).reason(), "`dependencies` of `up` changed");
}

#[test]
fn what_the_manifests_say_and_the_lock_does_not_is_told() {
    let found = |lock: &str, app: &str| -> Vec<(String, String, Option<String>)> {
        let files = [("package.json".to_owned(), app.to_owned())].into();
        let found = PackageLock.discords(lock, &files).unwrap();
        found
            .into_iter()
            .map(|it| (it.subject, it.wanted, it.held))
            .collect()
    };
    let row = |subject: &str, wanted: &str, held: Option<&str>| {
        (
            subject.to_owned(),
            wanted.to_owned(),
            held.map(str::to_owned),
        )
    };
    assert_eq!(found(&plainly_moved(), APP), []);
    assert_eq!(
        found(LOCK, &APP.replace("0.1.0", "0.2.0")),
        [
            row("@sc/up", "1.1.0", Some("1.0.0")),
            row("app", "0.2.0", Some("0.1.0")),
        ]
    );
    // A range worded otherwise is out of step though what is locked satisfies it, and a lock that
    // repeats the words may hold what they exclude.
    let stale = plainly_moved();
    assert_eq!(
        found(&stale, &APP.replace("^1.0.0", "^1")),
        [row("user", "^1", Some("^1.0.0"))]
    );
    assert_eq!(
        found(
            &stale.replace("\"user\": \"^1.0.0\"", "\"user\": \"^2.0.0\""),
            &APP.replace("^1.0.0", "^2.0.0")
        ),
        [row("user", "^2.0.0", Some("1.0.0"))]
    );
    assert_eq!(
        found(
            &stale,
            &APP.replace("user\": \"^1.0.0\"", "new\": \"^1.0.0\"")
        ),
        [row("new", "^1.0.0", None), row("user", "", Some("^1.0.0"))]
    );
    let optional = APP.replace(
        "\"dependencies\"",
        "\"optionalDependencies\": {\"user\": \"^1.0.0\"}, \"dependencies\"",
    );
    assert_eq!(found(&stale, &optional).len(), 2);
    let first = "{\"version\": \"0.1.0\", \"lockfileVersion\": 1, \"dependencies\": {\"@sc/up\": \
                 {\"version\": \"1.0.0\"}}}";
    assert_eq!(
        found(first, APP),
        [
            row("@sc/up", "1.1.0", Some("1.0.0")),
            row("user", "^1.0.0", None)
        ]
    );
    assert_eq!(
        PackageLock
            .discords(WORKSPACE, &workspace().files)
            .unwrap()
            .len(),
        7
    );
}

#[test]
fn every_package_is_an_entry() {
    let entries = PackageLock.entries(WORKSPACE).unwrap();
    let rows: Vec<_> = entries
        .iter()
        .map(|it| format!("{} {} {} {:?}", it.name, it.version, it.place, it.requires))
        .collect();
    assert_eq!(
        rows,
        [
            "@s/y  node_modules/@s/y []",
            "@s/y 1.0.0 pkgs/y [\"up-core\", \"x\"]",
            "top 1.0.0  []",
            "up 1.0.0 node_modules/al [\"up-core\"]",
            "up-core 1.0.0 node_modules/up-core []",
            "x  node_modules/x []",
            "x 1.0.0 pkgs/x [\"up\"]",
        ]
    );
    let first = r#"{"dependencies": {"a": {"version": "npm:b@1.0.0", "requires": {"c": "1"},
                    "dependencies": {"c": {"version": "1.0.0"}}}}}"#;
    let entries = PackageLock.entries(first).unwrap();
    let places: Vec<_> = entries
        .iter()
        .map(|it| (&*it.name, &*it.version, &*it.place))
        .collect();
    assert_eq!(
        places,
        [
            ("b", "1.0.0", "node_modules/a"),
            ("c", "1.0.0", "node_modules/a/node_modules/c")
        ]
    );
    assert!(PackageLock.entries("[]").is_err());
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
