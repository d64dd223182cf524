//! Texts that the laws are held to, by format and lock.

use std::collections::BTreeMap;

use cascade_manifest::Names;
use proptest::prelude::*;

/// The samples of each manifest format.
pub(crate) const MANIFESTS: &[(&str, &[&str])] = &[
    ("Cargo.toml", &[CARGO, CARGO_WORKSPACE]),
    (
        "package.json",
        &[PACKAGE, PACKAGE_ONE_LINE, PACKAGE_OVERRIDES],
    ),
    ("pnpm-workspace.yaml", &[PNPM_WORKSPACE]),
    (".yarnrc.yml", &[YARN_SETTINGS]),
    ("go.mod", &[GO_MOD, GO_MOD_BLOCKS, GO_MOD_V2]),
    ("go.work", &[GO_WORK]),
    ("pyproject.toml", &[PYPROJECT, POETRY]),
    ("requirements.txt", &[REQUIREMENTS, COMPILED]),
    ("setup.cfg", &[SETUP_CFG]),
    ("setup.py", &[SETUP_PY]),
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

const GO_MOD: &str = "// SPDX-License-Identifier: none
// require example.org/core v1.2.0 is no pin here.

// Deprecated: use example.org/app/v2.
module example.org/app

go 1.21.0

toolchain go1.24.1

require example.org/core v1.2.3 // v1.2.3

require (
\texample.org/swag v0.25.1
\t\"example.org/quoted\"   v1.0.0
\texample.org/swag/jsonutils\tv0.25.1 // indirect
\texample.org/legacy v2.1.0+incompatible // indirect; kept
\texample.org/near v0.0.0
\texample.org/pseudo v0.0.0-20191109021931-daa7c04131f5
\texample.org/next v1.2.4-0.20191109021931-daa7c04131f5
\texample.org/yaml.v2 v2.4.0-rc.1
\texample.org/branch master
)

replace example.org/near => ../near

replace example.org/core v1.2.0 => example.org/fork v1.2.1 // é
exclude example.org/core v1.2.2
retract [v0.1.0, v0.2.0] // v0.1.0 was broken
tool example.org/swag/cmd/gen
";

const GO_MOD_BLOCKS: &str = "module \"example.org/swag/jsonutils\"
require(
example.org/swag     v0.25.1 //indirect
   example.org/swag/jsonutils/adapters v0.25.1//not indirect
)
require ()
replace (
\texample.org/swag => ../
\texample.org/a v1.0.0 => `example.org/b` v1.0.0
)
exclude (
\texample.org/swag v0.24.0
)
";

const GO_MOD_V2: &str = "module example.org/core/v2 // v2\nrequire gopkg.in/yaml.v3 v3.0.1\nrequire example.org/core v1.9.0\n";

const GO_WORK: &str = "go 1.22

use ./app // all
use (
\t./core
\t../beside
)

replace example.org/core => example.org/core v1.2.3 // not v1.2.4
replace example.org/near => ./near
";

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

const PACKAGE_OVERRIDES: &str = r#"{
  "name": "root",
  "private": true,
  "packageManager": "pnpm@10.34.9",
  "dependencies": { "core": "^1.4.2", "types": "catalog:", "named": "catalog:old" },
  "overrides": {
    "core": "$core",
    "one": "1.4.2",
    "parent": { ".": "2.0.0", "@family/one": "^1.4.2", "deep": { "one": "npm:@family/one@1.4" } },
    "one@^1": "1.4.2"
  },
  "resolutions": { "**/one": "1.4.2", "@family/parent/@family/one": "~1.4", "one@npm:^1": "1.4.2" },
  "pnpm": { "overrides": { "parent@1>one": ">=1.4 <2", "gone": "-", "one@>=1": "1.4.2" } }
}
"#;

const PNPM_WORKSPACE: &str = r#"# core: ^1.4.2
packages:
  - "pkgs/*" # all
  - '!**/test'
catalog:
  core: ^1.4.2 # not 1.4.2
  '@family/types': "16.2.0"
  alias: npm:@family/core@~1.4
  number: 1.4
  quoted: '1.4'
catalogs: { old: { core: 1.x, one: '>=1.2.3 <2.0.0' } }
overrides:
  parent>one: 1.4.2
  "one@^1": 1.4.2
  é: $core
minimumReleaseAgeExclude:
  - core@1.4.2
"#;

const YARN_SETTINGS: &str = r#"nodeLinker: node-modules
catalog:
  core: ^1.4.2
  "@family/types": 16.2.0
catalogs:
  old:
    core: "npm:core@^1.0.0 || ^2.0.0"
npmMinimalAgeGate: 3d
"#;

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

const COMPILED: &str = "# This file was autogenerated by uv via the following command:
#    uv pip compile --generate-hashes requirements.in -o requirements.txt
click==8.1.7 \\
    --hash=sha256:00 \\
    --hash=sha256:11
    # via flask
flask @ git+https://git.example/flask@0123456789012345678901234567890123456789
";

const SETUP_CFG: &str = r"# click==1.0 in a comment
[metadata]
name = Quart
version = 0.20.1
classifiers =
    Framework :: 1.0

[options]
install_requires =
    click>=8.0
    # click==1
    Jinja2 >= 3.1.2, < 4
    MarkupSafe~=3.0 ; python_version < '4'
    werkzeug[watchdog]==3.1.*
    its @ git+https://git.example/its@v2.2.0
setup_requires = setuptools>=61; wheel==0.40.0

[options.extras_require]
dotenv =
    python-dotenv!=1.0.0,>=0.9
[flake8]
ignore = click==8.0
";

const SETUP_PY: &str = r#"from setuptools import setup

setup(
    name="quart",
    version="0.20.1",
    install_requires=["click>=8.0", 'Jinja2>=3.1,<4'],  # "click==1"
)
"#;

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
pub(crate) fn names() -> Names {
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
        file: "go.sum",
        written: |rows| {
            let lines = rows.iter().map(|(name, version)| {
                format!("{name} v{version} h1:00=\n{name} v0.0.1/go.mod h1:11=\n")
            });
            lines.collect()
        },
        respelled: |rows| {
            let lines = rows.iter().map(|(name, version)| {
                format!("{name} v0.0.1/go.mod h1:11=\n\n  {name}\tv{version}  h1:00= \n")
            });
            lines.collect()
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
        file: "requirements.txt",
        written: |rows| {
            let entry = |name: &str, version: &str| {
                format!(
                    "{name}=={version} \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    \
                     # via zz\n"
                )
            };
            let rows: Vec<_> = rows.iter().map(|(a, b)| entry(a, b)).collect();
            format!("{COMPILED_HEAD}{}", rows.concat())
        },
        respelled: |rows| {
            let entry = |name: &str, version: &str| {
                let name = name.to_uppercase().replace('-', "_.");
                format!("{name}[x] == {version} ; os_name == 'nt' --hash=sha256:00 # via zz\n")
            };
            let rows: Vec<_> = rows.iter().map(|(a, b)| entry(a, b)).collect();
            format!(
                "#made\n{}{}",
                COMPILED_HEAD.replace("#    ", "#"),
                rows.concat()
            )
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
    LockSample {
        file: "pnpm-lock.yaml",
        written: pnpm_lock,
        respelled: |rows| {
            pnpm_lock(rows).replace("importers:\n\n  .: {}", "importers: {\".\": {}}")
        },
    },
    LockSample {
        file: "yarn.lock",
        written: yarn_lock,
        respelled: |rows| yarn_lock(rows).replace("  version:", "  \"\\u0076ersion\":"),
    },
];

fn pnpm_lock(rows: &Rows) -> String {
    let package = |(name, version): (&String, &String)| {
        format!("  {name}@{version}:\n    resolution: {{integrity: sha512-00}}\n\n")
    };
    let snapshot = |(name, version): (&String, &String)| {
        format!("  {name}@{version}:\n    dependencies:\n      zz: 1.0.0\n\n")
    };
    let packages: String = rows.iter().map(package).collect();
    let snapshots: String = rows.iter().map(snapshot).collect();
    format!(
        "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n\nimporters:\n\n  .: {{}}\n\n\
         packages:\n\n{packages}snapshots:\n\n{}\n",
        snapshots.trim_end()
    )
}

fn yarn_lock(rows: &Rows) -> String {
    let block = |(name, version): (&String, &String)| {
        format!(
            "\n\"{name}@npm:^1.0.0, {name}@npm:{version}\":\n  version: {version}\n  \
             resolution: \"{name}@npm:{version}\"\n  dependencies:\n    zz: \"npm:^1.0.0\"\n  \
             checksum: 10c0/00\n  languageName: node\n  linkType: hard\n"
        )
    };
    let blocks: String = rows.iter().map(block).collect();
    format!(
        "# This file is generated by running \"yarn install\" inside your project.\n\n\
         __metadata:\n  version: 8\n  cacheKey: 10c0\n{blocks}"
    )
}

const COMPILED_HEAD: &str = "# This file was autogenerated by uv via the following command:\n\
    #    uv pip compile --generate-hashes requirements.in -o requirements.txt\n";

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
