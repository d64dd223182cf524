//! Peculiarities of real manifests that break a naive tool, each with a move: what changes is said
//! in full, and every other byte stays. The texts run through all other laws as well.

use cascade_manifest::{ALL, Ecosystem, Form, Format, Kind, Rewrite, Style, Version, verified};

use crate::{put, read, variants};

/// A text with a trap, and a move that would spring it.
pub(crate) struct Trap {
    /// What is peculiar.
    what: &'static str,
    /// The name of the format.
    pub(crate) format: &'static str,
    /// The text.
    pub(crate) text: &'static str,
    /// The package that moves, as its own repository writes it.
    name: &'static str,
    /// To which version.
    to: &'static str,
    /// Every piece of the text that changes, with enough around it to be the only one, and what
    /// stands there afterwards.
    changes: &'static [(&'static str, &'static str)],
}

pub(crate) const TRAPS: &[Trap] = &[
    Trap {
        what: "a name has many spellings",
        format: "pyproject.toml",
        text: NAMES,
        name: "coreason-manifest",
        to: "1.5.0",
        changes: &[
            ("coreason_manifest==1.4.2", "coreason_manifest==1.5.0"),
            (
                "Coreason.Manifest[cli]~=1.4.2",
                "Coreason.Manifest[cli]~=1.5.0",
            ),
        ],
    },
    Trap {
        what: "upper and lower case, in an array of one line",
        format: "pyproject.toml",
        text: NAMES,
        name: "jinja2",
        to: "4.0",
        changes: &[("'Jinja2~=3.1'", "'Jinja2~=4.0'")],
    },
    Trap {
        what: "the same name and version stand elsewhere on the page",
        format: "pyproject.toml",
        text: ELSEWHERE,
        name: "flask",
        to: "3.1.0",
        changes: &[("    \"flask==3.0.0\"", "    \"flask==3.1.0\"")],
    },
    Trap {
        what: "one name begins with another",
        format: "pyproject.toml",
        text: ELSEWHERE,
        name: "flask-login",
        to: "3.1.0",
        changes: &[("\"flask-login==3.0.0\"", "\"flask-login==3.1.0\"")],
    },
    Trap {
        what: "a marker in escaped quotes",
        format: "pyproject.toml",
        text: ESCAPED,
        name: "nbclient",
        to: "1.2.0",
        changes: &[("nbclient>=0.5.0,<1 ;", "nbclient>=1.2.0,<2 ;")],
    },
    Trap {
        what: "two rows of one name, split by Python",
        format: "pyproject.toml",
        text: SPLIT,
        name: "pandas",
        to: "3.1.0",
        changes: &[("\"^1.5\"", "\"^3.1\""), ("\"^2.0\"", "\"^3.1\"")],
    },
    Trap {
        what: "a source that overrides the requirement",
        format: "pyproject.toml",
        text: SOURCES,
        name: "near",
        to: "2.0.0",
        changes: &[("\"near==1.0.0\"", "\"near==2.0.0\"")],
    },
    Trap {
        what: "the version is in an address",
        format: "pyproject.toml",
        text: SOURCES,
        name: "far",
        to: "2.0.0",
        changes: &[("far.git@v0.77.0", "far.git@v2.0.0")],
    },
    Trap {
        what: "name and version on different lines, in both orders, in every table",
        format: "Cargo.toml",
        text: CRATES,
        name: "tower-http",
        to: "0.7.0",
        changes: &[
            ("version = \"0.6.8\" # 0.6.8", "version = \"0.7.0\" # 0.6.8"),
            (
                "package = \"tower-http\", version = '=0.6.8'",
                "package = \"tower-http\", version = '=0.7.0'",
            ),
        ],
    },
    Trap {
        what: "the same crate twice, with different requirements",
        format: "Cargo.toml",
        text: CRATES,
        name: "hyper",
        to: "2.0.0",
        changes: &[
            ("hyper = \"1.9.0\"", "hyper = \"2.0.0\""),
            (
                "version = \"1.4.0\", default",
                "version = \"2.0.0\", default",
            ),
        ],
    },
    Trap {
        what: "a path and a version, in either order, and a path alone",
        format: "Cargo.toml",
        text: CRATES,
        name: "axum-core",
        to: "0.6.0",
        changes: &[
            ("version = \"0.5.6\", path", "version = \"0.6.0\", path"),
            (
                "path = \"../axum-core\", version = \"0.5\"",
                "path = \"../axum-core\", version = \"0.6\"",
            ),
        ],
    },
    Trap {
        what: "a development range moves and the peer's floor stays",
        format: "package.json",
        text: PEERS,
        name: "@octokit/core",
        to: "8.1.0",
        changes: &[(
            "\"@octokit/core\": \"^7.0.7\"",
            "\"@octokit/core\": \"^8.1.0\"",
        )],
    },
    Trap {
        what: "protocols that say no version, and those that do",
        format: "package.json",
        text: PEERS,
        name: "types",
        to: "17.0.0",
        changes: &[
            ("npm:types@^16.2.0", "npm:types@^17.0.0"),
            ("workspace:~16.2.0", "workspace:~17.0.0"),
        ],
    },
    Trap {
        what: "a catalogue's row, quoted or not",
        format: "pnpm-workspace.yaml",
        text: CATALOG,
        name: "core",
        to: "8.1.0",
        changes: &[
            ("core: ^7.0.7 #", "core: ^8.1.0 #"),
            ("\"core\": '~6.1'", "\"core\": '~8.1'"),
        ],
    },
    Trap {
        what: "the longest module path wins, and a sum of a nested one is another",
        format: "go.mod",
        text: MODULES,
        name: "example.org/swag/jsonutils",
        to: "0.26.0",
        changes: &[(
            "\texample.org/swag/jsonutils v0.25.1",
            "\texample.org/swag/jsonutils v0.26.0",
        )],
    },
    Trap {
        what: "a replace hides a stale require, and names versions of its own",
        format: "go.mod",
        text: MODULES,
        name: "example.org/middleware",
        to: "0.33.0",
        changes: &[
            (
                "require example.org/middleware v0.30.0",
                "require example.org/middleware v0.33.0",
            ),
            (
                "=> example.org/middleware v0.30.0",
                "=> example.org/middleware v0.33.0",
            ),
        ],
    },
    Trap {
        what: "the major version is in the path",
        format: "go.mod",
        text: MODULES,
        name: "example.org/two/v2",
        to: "2.4.0",
        changes: &[("\texample.org/two/v2 v2.3.1", "\texample.org/two/v2 v2.4.0")],
    },
    Trap {
        what: "no version at all",
        format: "requirements.txt",
        text: LINES,
        name: "blinker",
        to: "2.0.0",
        changes: &[],
    },
    Trap {
        what: "extras, markers, continued lines and comments that say the same",
        format: "requirements.txt",
        text: LINES,
        name: "click",
        to: "8.2.0",
        changes: &[
            ("\nClick[x]==8.1.7;", "\nClick[x]==8.2.0;"),
            ("\nclick == 8.1.* \\", "\nclick == 8.2.* \\"),
        ],
    },
    Trap {
        what: "a section of another tool has rows of the same look",
        format: "setup.cfg",
        text: SECTIONS,
        name: "click",
        to: "9.0.0",
        changes: &[(
            "\n    click>=8.0,<9\n    flask",
            "\n    click>=9.0,<10\n    flask",
        )],
    },
];

const NAMES: &str = r#"[project]
name = "coreason"
version = "1.4.2"
dependencies = ["MarkupSafe>=3.0", 'Jinja2~=3.1', "coreason_manifest==1.4.2"]
[project.optional-dependencies]
cli = ["Coreason.Manifest[cli]~=1.4.2"] # coreason-manifest==1.4.2
"#;

const ELSEWHERE: &str = r#"# flask==3.0.0
[project]
name = "app"
version = "3.0.0"
keywords = ["flask", "flask==3.0.0", "3.0.0"]
dependencies = [
    # "flask==3.0.0",
    "flask==3.0.0", # not flask==2
    "flask-login==3.0.0",
    "login-flask==3.0.0",
]
[tool.deptry.per_rule_ignores]
DEP003 = ["flask"]
[tool.isort]
known_first_party = ["flask"]
[tool.other]
dependencies = ["flask==3.0.0"]
"#;

const ESCAPED: &str = r#"[project]
name = "convert"
version = "7.0.0"
dependencies = ["nbclient>=0.5.0,<1 ; sys_platform == \"linux\"", "other==1.0 ; python_version < \"3.9\""]
"#;

const SPLIT: &str = r#"[tool.poetry]
name = "app"
version = "1.0.0"
[tool.poetry.dependencies]
python = ">=3.8"
pandas = [
    { version = "^1.5", python = "<3.9" }, # not ^2.0
    { version = "^2.0", python = ">=3.9" },
]
pandas-stubs = "*"
"#;

const SOURCES: &str = r#"[project]
name = "app"
version = "1.0.0"
dependencies = ["near==1.0.0", "wheel-of==1.0.0", "branch-of==1.0.0", "far @ git+https://git.example/far.git@v0.77.0"]
[tool.uv.sources]
near = { path = "../near-1.0.0", editable = true }
wheel-of = { path = "dist/wheel_of-1.0.0-py3-none-any.whl" }
branch-of = { git = "https://git.example/of", branch = "1.0.0" }
"#;

const CRATES: &str = r#"[package]
name = "axum"
version = "0.8.9" # bump the version that axum-extra depends on
[dependencies]
axum-core = { version = "0.5.6", path = "../axum-core" }
hyper = "1.9.0"
tower = { version = "0.6.8", optional = true }
[dependencies.tower-http]
optional = true
version = "0.6.8" # 0.6.8
[dev-dependencies]
axum-core = { path = "../axum-core", version = "0.5" }
axum-macros = { path = "../axum-macros" }
hyper = { version = "1.4.0", default-features = false }
[target.'cfg(not(all(target_arch = "wasm32", target_os = "none")))'.dependencies]
http-layer = { package = "tower-http", version = '=0.6.8' }
tower-layer = "=0.6.8"
"#;

const PEERS: &str = r#"{
  "name": "@octokit/plugin",
  "version": "0.0.0-development",
  "keywords": ["^7.0.7"],
  "dependencies": {
    "alias": "npm:types@^16.2.0",
    "core": "^7.0.7",
    "linked": "link:../types"
  },
  "devDependencies": {
    "types": "workspace:~16.2.0",
    "@octokit/core": "^7.0.7"
  },
  "peerDependencies": {
    "types": "workspace:^",
    "@octokit/core": ">=6"
  },
  "optionalDependencies": { "@octokit/core-extra": "^7.0.7" }
}
"#;

const CATALOG: &str = r#"packages: ["."]
catalog:
  core: ^7.0.7 # core: ^7.0.7
  core-extra: ^7.0.7
catalogs:
  old:
    "core": '~6.1'
"#;

const MODULES: &str = "// example.org/swag/jsonutils v0.25.1
// Package main.
module example.org/app/v3

go 1.22

require example.org/middleware v0.30.0

require (
\texample.org/swag v0.25.1
\texample.org/swag/jsonutils v0.25.1
\texample.org/swag/jsonutils/adapters/easyjson v0.25.1
\texample.org/two v1.9.0
\texample.org/two/v2 v2.3.1
)

replace example.org/middleware => ./middleware

replace example.org/middleware v0.29.0-rc.1 => example.org/middleware v0.30.0

retract v3.0.1 // example.org/two/v2 v2.3.1
";

const LINES: &str = "# click==8.1.7\n-c constraints.txt\nblinker\nClick[x]==8.1.7; python_version < '3.9'  # click==8.1.7\n\
click == 8.1.* \\\n    ; python_version >= '3.9'\nclick-plugins==8.1.7\n";

const SECTIONS: &str = "[metadata]\nname = app\nversion = 8.0\n\n[options]\ninstall_requires =\n    click>=8.0,<9\n    flask\n\n\
[tool:pytest]\ninstall_requires =\n    click>=8.0,<9\n";

/// Returns what becomes of a text when a package comes out with a version.
fn bumped(
    ecosystem: &Ecosystem,
    format: &dyn Format,
    text: &str,
    (name, to): (&str, &str),
) -> String {
    let to = Version::parse(ecosystem.scheme, to).unwrap();
    let canonical = |it: &str| (ecosystem.canonical)(it).into_owned();
    let mut splices = Vec::new();
    for pin in read(format, text).pins {
        let is_it = canonical(&pin.name) == canonical(name) && pin.kind != Kind::Indirect;
        let Some(span) = pin.span.filter(|_| is_it) else {
            continue;
        };
        let new = match pin.form {
            Form::Range => match ecosystem
                .grammar
                .rewrite(&pin.requirement, &to, Style::Auto)
            {
                Rewrite::Updated(new) => new,
                Rewrite::Kept(_) | Rewrite::Refused(_) => continue,
            },
            Form::GitTag => format!("v{to}"),
            _ => continue,
        };
        splices.push(put(span, &new));
    }
    verified(format, text, &splices).unwrap()
}

#[test]
fn no_trap_springs() {
    for trap in TRAPS {
        let of = |it: &&&'static Ecosystem| it.formats.iter().any(|it| it.name() == trap.format);
        let ecosystem = ALL.iter().find(of).unwrap();
        let format = ecosystem
            .formats
            .iter()
            .find(|it| it.name() == trap.format)
            .unwrap();
        let mut expected = trap.text.to_owned();
        for (old, new) in trap.changes {
            assert_eq!(expected.matches(old).count(), 1, "{}: {old}", trap.what);
            expected = expected.replace(old, new);
        }
        for (text, expected) in variants(trap.text).iter().zip(variants(&expected)) {
            let new = bumped(ecosystem, *format, text, (trap.name, trap.to));
            assert_eq!(new, expected, "{}", trap.what);
            let again = bumped(ecosystem, *format, &new, (trap.name, trap.to));
            assert_eq!(again, expected, "{}: twice", trap.what);
        }
    }
}
