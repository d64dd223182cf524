//! Texts that the laws are held to, by format and lock.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

/// The samples of each manifest format.
pub(crate) const MANIFESTS: &[(&str, &[&str])] = &[
    ("Cargo.toml", &[CARGO, CARGO_WORKSPACE]),
    ("package.json", &[PACKAGE, PACKAGE_ONE_LINE]),
    ("pyproject.toml", &[PYPROJECT, POETRY]),
    ("requirements.txt", &[REQUIREMENTS]),
];

const CARGO: &str = r#"# The tail of the family: http = "0.1" is no pin.
[package]
name = "tail"
version = "0.5.6" # remember to bump the others: 0.5.6
keywords = ["http", "1.0"]

[dependencies]
http = "1" # not 2
bytes = { version = "1.2.3", default-features = false } # "1.2.3"
tower = { path = "../tower", version = '0.5' }
hyper = { git = "https://git.example/hyper", tag = "v1.4.2", version = "~1.4" }
h2 = { git = "https://git.example/h2", rev = "0123456789abcdef" } # v0.4.1
body = { package = "http-body", version = ">=1.0, <2" }
shared.workspace = true

[dependencies.tower-http]
features = ["full"] # é
version = "0.6.8"

[target.'cfg(not(any(target_os = "none", target_arch = "wasm32")))'.dev-dependencies]
http = "=1.4.2"
loose = "*"

[build-dependencies]
cc = "1.*"
"#;

const CARGO_WORKSPACE: &str = r#"[workspace]
members = ["a", "b-*"] # all
[workspace.package]
version = "2.0.0"
[workspace.dependencies]
http = "^1.1"
bytes = { version = "1.0" }
"#;

const PACKAGE: &str = r#"{
  "name": "@family/app",
  "version": "3.1.4",
  "description": "pins \"@family/core\": \"^7.0.7\" in prose, é",
  "keywords": ["7.0.7"],
  "dependencies": {
    "@family/core": "^7.0.7",
    "@family/types": "16.2.0",
    "@family/one": "~1.4",
    "@family/x": "1.x",
    "@family/both": ">=1.2.3 <2.0.0",
    "@family/either": "^1.0.0 || ^2.0.0",
    "@family/tagged": "latest",
    "@family/alias": "npm:@family/core@^7.0.0",
    "@family/near": "workspace:^1.4.0",
    "@family/file": "file:../file"
  },
  "devDependencies": {
    "@family/core": "7.0.6"
  },
  "peerDependencies": {
    "@family/core": ">=6"
  },
  "optionalDependencies": {
    "@family/opt": "*"
  },
  "workspaces": ["packages/*"]
}
"#;

const PACKAGE_ONE_LINE: &str =
    "{\"name\":\"b\",\"version\":\"1.0.0\",\"dependencies\":{\"c\":\"^1.0.0\",\"d\":\"1.0.0\"}}\n";

const PYPROJECT: &str = r#"# click>=1 in a comment
[build-system]
requires = ["hatchling>=1.0", "hatch-vcs"]
build-backend = "hatchling.build"

[project]
name = "Quart"
version = "0.20.1" # 0.20.1
dependencies = [
    "click>=8.0", # not 9
    # "click==1",
    'Jinja2 >= 3.1.2, < 4',
    "MarkupSafe~=3.0 ; python_version < '4'",
    "werkzeug[watchdog]==3.1.*",
    "flask==3.1.0",
    "blinker",
    "its @ git+https://git.example/its@v2.2.0",
]
optional-dependencies.dotenv = ["python-dotenv!=1.0.0,>=0.9"]

[dependency-groups]
dev = ["pytest>=8", { include-group = "docs" }]
docs = ["sphinx"]

[tool.uv.sources]
flask = { git = "https://git.example/flask", tag = "3.1.0" }
"#;

const POETRY: &str = r#"[tool.poetry]
name = "old"
version = "1.2.3"
[tool.poetry.dependencies]
python = "^3.10"
click = "^8.1"
jinja2 = { version = "~3.1", extras = ["i18n"] } # é
flask = { git = "https://git.example/flask", tag = "3.1.0" }
[tool.poetry.group.dev.dependencies]
pytest = "*"
"#;

const REQUIREMENTS: &str = "# click==1.0
-r base.txt
click==8.1.7  # pinned
Jinja2>=3.1,<4 ; python_version < '4'
markupsafe~=3.0
werkzeug[watchdog]==3.1.3 \\
    --hash=sha256:00
blinker
flask @ git+https://git.example/flask@3.1.0
";

/// One lock, written as its tool does and in another spelling of the same.
pub(crate) struct LockSample {
    /// The name of the file.
    pub(crate) file: &'static str,
    /// The text as the tool writes it.
    pub(crate) written: fn(&Rows) -> String,
    /// The same facts as no tool writes them, so that a byte scan can not answer.
    pub(crate) respelled: fn(&Rows) -> String,
}

/// Names with their versions.
pub(crate) type Rows = BTreeMap<String, String>;

pub(crate) fn rows() -> impl Strategy<Value = Rows> {
    prop::collection::btree_map("[a-c]-?[a-c]", "[0-9]\\.[0-9]\\.[0-9]", 1..9)
}

/// Names that are asked for; some are in the rows and some are not.
pub(crate) fn names() -> BTreeSet<String> {
    ["aa", "ab", "a-b", "bb", "b-c", "cc", "none"]
        .map(str::to_owned)
        .into()
}

/// The locks of all ecosystems.
pub(crate) const LOCKS: &[LockSample] = &[
    LockSample {
        file: "Cargo.lock",
        written: |rows| {
            let source = "source = \"registry+https://registry.example/index\"";
            let entry = |name: &str, version: &str| {
                format!(
                    "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}\n\
                     checksum = \"00\"\ndependencies = [\n \"zz\",\n]\n"
                )
            };
            toml("version = 4\n", rows, entry, "")
        },
        respelled: |rows| {
            let source = "source = 'registry+https://registry.example/index'";
            let entry = |name: &str, version: &str| {
                format!("[[package]] # one\n{source}\nversion = '{version}'\n\"name\" = '{name}'\n")
            };
            toml("version = 4\n", rows, entry, "")
        },
    },
    LockSample {
        file: "uv.lock",
        written: |rows| {
            let source = "source = { registry = \"https://registry.example/simple\" }";
            let entry = |name: &str, version: &str| {
                format!(
                    "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}\n\
                     dependencies = [\n    {{ name = \"zz\" }},\n]\n"
                )
            };
            toml("version = 1\nrevision = 3\n", rows, entry, "")
        },
        respelled: |rows| {
            let source = "source.registry = 'https://registry.example/simple'";
            let entry = |name: &str, version: &str| {
                format!("[[package]] # one\n{source}\nversion = '{version}'\n\"name\" = '{name}'\n")
            };
            toml("version = 1\nrevision = 3\n", rows, entry, "")
        },
    },
    LockSample {
        file: "poetry.lock",
        written: |rows| {
            let entry = |name: &str, version: &str| {
                format!(
                    "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\ndescription = \"x\"\n\
                     optional = false\npython-versions = \">=3.9\"\nfiles = []\n"
                )
            };
            toml("# Made by Poetry.\n", rows, entry, POETRY_METADATA)
        },
        respelled: |rows| {
            let entry = |name: &str, version: &str| {
                format!(
                    "[[package]] # one\noptional = false\nversion = '{version}'\n\"name\" = '{name}'\n"
                )
            };
            toml("# Made by Poetry.\n", rows, entry, POETRY_METADATA)
        },
    },
    LockSample {
        file: "package-lock.json",
        written: |rows| {
            let text = package_lock(rows);
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert!(value.is_object());
            text
        },
        respelled: |rows| {
            let text = package_lock(rows).replace('\n', " ").replace("    ", "\t");
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert!(value.is_object());
            text.replace("\"version\"", "\"\\u0076ersion\"")
        },
    },
];

const POETRY_METADATA: &str =
    "[metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.9\"\ncontent-hash = \"00\"\n";

fn toml(head: &str, rows: &Rows, entry: impl Fn(&str, &str) -> String, tail: &str) -> String {
    let entries: Vec<_> = rows
        .iter()
        .map(|(name, version)| entry(name, version))
        .collect();
    format!("{head}\n{}\n{tail}", entries.join("\n"))
}

fn package_lock(rows: &Rows) -> String {
    let entry = |(name, version): (&String, &String)| {
        format!(
            "    \"node_modules/{name}\": {{\n      \"version\": \"{version}\",\n      \
             \"resolved\": \"https://registry.example/{name}-{version}.tgz\",\n      \
             \"integrity\": \"sha512-00\"\n    }}"
        )
    };
    let entries: Vec<_> = rows.iter().map(entry).collect();
    format!(
        "{{\n  \"name\": \"own\",\n  \"version\": \"1.0.0\",\n  \"lockfileVersion\": 3,\n  \
         \"requires\": true,\n  \"packages\": {{\n    \"\": {{\n      \"name\": \"own\",\n      \
         \"version\": \"1.0.0\"\n    }},\n{}\n  }}\n}}\n",
        entries.join(",\n")
    )
}
