//! The locks: what a project of each looks like, and how its first lock is made.

use std::collections::BTreeMap;

use crate::cases::{Git, Several};
use crate::shelf::{go_module, python_version};
use crate::world::{Case, Named, Origin, Pinned};

/// One lock format and the tool that writes it.
pub(crate) struct Subject {
    /// The lock's file name.
    pub(crate) lock: &'static str,
    /// The ecosystem.
    pub(crate) ecosystem: &'static str,
    /// The program that writes it.
    pub(crate) tool: &'static str,
    /// Whether it takes packages from a tag of their repository.
    pub(crate) git: Git,
    /// Whether it holds two versions of one package at once.
    pub(crate) several: Several,
    /// The commands that make the first lock.
    pub(crate) first: &'static [&'static [&'static str]],
    /// The commands that change nothing in a lock which is in step.
    pub(crate) again: &'static [&'static [&'static str]],
    /// The manifests and settings of a project, given the registry's address.
    pub(crate) files: fn(&[Row], &str) -> BTreeMap<String, String>,
    /// What the environment of the tool adds, given the registry's address.
    pub(crate) vars: fn(&str) -> Vec<(&'static str, String)>,
}

/// One requirement of the project.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) version: &'static str,
    pub(crate) pinned: Pinned,
    /// The address of its repository, where it comes from a tag there.
    pub(crate) git: Option<String>,
}

/// Which version of a case the project requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// The one before.
    From,
    /// The one that comes out.
    To,
}

/// Returns what a project requires for these cases, whose repositories are at these addresses.
pub(crate) fn rows(cases: &[Case], at: At, address: &dyn Fn(&Case) -> String) -> Vec<Row> {
    let mut rows = Vec::new();
    for case in cases {
        let row = |name: &String, version, pinned| Row {
            name: name.clone(),
            version,
            pinned,
            git: None,
        };
        let version = if at == At::To { case.to } else { case.from };
        rows.push(Row {
            git: (case.origin == Origin::Git).then(|| address(case)),
            ..row(&case.name, version, case.pinned)
        });
        if case.named == Named::Pinned {
            rows.extend(case.siblings.iter().map(|it| row(it, version, case.pinned)));
        }
        let beside = case.beside.iter();
        rows.extend(beside.map(|(name, version)| row(name, version, Pinned::Exactly)));
    }
    rows
}

const PIP_COMPILE: &[&str] = &[
    "pip-compile",
    "-q",
    "--generate-hashes",
    "--no-strip-extras",
    "--no-emit-index-url",
    "--output-file",
    "pip-requirements.txt",
    "requirements.in",
];

pub(crate) const ALL: &[Subject] = &[
    Subject {
        lock: "uv.lock",
        ecosystem: "python",
        tool: "uv",
        git: Git::Taken,
        several: Several::Never,
        first: &[&["uv", "lock"]],
        again: &[&["uv", "lock"]],
        files: |rows, base| {
            let index =
                format!("\n[[tool.uv.index]]\nurl = \"{base}/pypi/simple/\"\ndefault = true\n");
            let sources = uv_sources(rows);
            files(&[(
                "pyproject.toml",
                pyproject(rows, uv_requirement) + &sources + &index,
            )])
        },
        vars: |_| Vec::new(),
    },
    Subject {
        lock: "package-lock.json",
        ecosystem: "npm",
        tool: "npm",
        git: Git::Taken,
        several: Several::Copies,
        first: &[&[
            "npm",
            "install",
            "--package-lock-only",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ]],
        again: &[&[
            "npm",
            "install",
            "--package-lock-only",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ]],
        files: |rows, base| {
            files(&[
                ("package.json", package_json(rows)),
                (".npmrc", format!("registry={base}/npm/\n")),
            ])
        },
        vars: |_| Vec::new(),
    },
    Subject {
        lock: "pnpm-lock.yaml",
        ecosystem: "npm",
        tool: "pnpm",
        git: Git::Taken,
        several: Several::Copies,
        first: &[&[
            "pnpm",
            "install",
            "--lockfile-only",
            "--ignore-scripts",
            "--no-frozen-lockfile",
        ]],
        again: &[&[
            "pnpm",
            "install",
            "--lockfile-only",
            "--ignore-scripts",
            "--no-frozen-lockfile",
        ]],
        files: |rows, base| {
            files(&[
                ("package.json", package_json(rows)),
                (".npmrc", format!("registry={base}/npm/\n")),
            ])
        },
        vars: |_| Vec::new(),
    },
    Subject {
        lock: "Cargo.lock",
        ecosystem: "cargo",
        tool: "cargo",
        git: Git::Taken,
        several: Several::Copies,
        first: &[&["cargo", "generate-lockfile"]],
        again: &[&["cargo", "update", "--workspace"]],
        files: |rows, base| {
            let sources = format!(
                "[source.crates-io]\nreplace-with = \"local\"\n[source.local]\nregistry = \"sparse+{base}/cargo/\"\n"
            );
            files(&[
                ("Cargo.toml", cargo_toml(rows)),
                ("src/lib.rs", String::new()),
                (".cargo/config.toml", sources),
            ])
        },
        vars: |_| Vec::new(),
    },
    Subject {
        lock: "requirements.txt",
        ecosystem: "python",
        tool: "uv",
        git: Git::Taken,
        several: Several::Never,
        first: &[&[
            "uv",
            "pip",
            "compile",
            "requirements.in",
            "--generate-hashes",
            "-o",
            "requirements.txt",
        ]],
        again: &[&[
            "uv",
            "pip",
            "compile",
            "requirements.in",
            "--generate-hashes",
            "-o",
            "requirements.txt",
        ]],
        files: |rows, _| {
            let lines: String = rows
                .iter()
                .map(|it| python_requirement(it) + "\n")
                .collect();
            files(&[("requirements.in", lines)])
        },
        vars: |base| vec![("UV_DEFAULT_INDEX", format!("{base}/pypi/simple/"))],
    },
    Subject {
        lock: "pip-requirements.txt",
        ecosystem: "python",
        tool: "pip-compile",
        git: Git::Taken,
        several: Several::Never,
        first: &[PIP_COMPILE],
        again: &[PIP_COMPILE],
        files: |rows, _| {
            let lines: String = rows.iter().map(|it| pip_requirement(it) + "\n").collect();
            files(&[("requirements.in", lines)])
        },
        vars: |base| {
            vec![
                ("PIP_INDEX_URL", format!("{base}/pypi/simple/")),
                ("PIP_CONFIG_FILE", "/dev/null".to_owned()),
            ]
        },
    },
    Subject {
        lock: "poetry.lock",
        ecosystem: "python",
        tool: "poetry",
        git: Git::Taken,
        several: Several::Never,
        first: &[&["poetry", "lock", "-n"]],
        again: &[&["poetry", "lock", "-n"]],
        files: |rows, base| {
            let source = format!(
                "\n[[tool.poetry.source]]\nname = \"local\"\nurl = \"{base}/pypi/simple/\"\npriority = \"primary\"\n"
            );
            files(&[(
                "pyproject.toml",
                pyproject(rows, python_requirement) + &source,
            )])
        },
        vars: |_| Vec::new(),
    },
    Subject {
        lock: "yarn.lock",
        ecosystem: "npm",
        tool: "yarn",
        // It takes no address of a repository on this disk.
        git: Git::Never,
        several: Several::Copies,
        first: &[&["yarn", "install", "--mode=update-lockfile"]],
        again: &[&["yarn", "install", "--mode=update-lockfile"]],
        files: |rows, base| {
            let settings = format!(
                "npmRegistryServer: \"{base}/npm\"\nunsafeHttpWhitelist:\n  - 127.0.0.1\nenableImmutableInstalls: false\n"
            );
            files(&[
                ("package.json", package_json(rows)),
                (".yarnrc.yml", settings),
            ])
        },
        vars: |_| Vec::new(),
    },
    Subject {
        lock: "go.sum",
        ecosystem: "go",
        tool: "go",
        git: Git::Never,
        several: Several::Never,
        first: &[&["go", "mod", "tidy"]],
        again: &[&["go", "mod", "tidy"]],
        files: |rows, _| files(&[("go.mod", go_mod(rows)), ("app.go", go_code(rows))]),
        vars: |base| vec![("GOPROXY", format!("{base}/go"))],
    },
];

fn files(all: &[(&str, String)]) -> BTreeMap<String, String> {
    let file = |(path, text): &(&str, String)| ((*path).to_owned(), text.clone());
    all.iter().map(file).collect()
}

fn python_requirement(row: &Row) -> String {
    if let Some(url) = &row.git {
        return format!("{} @ git+{url}@v{}", row.name, row.version);
    }
    let version = python_version(row.version);
    match row.pinned {
        Pinned::Compatibly => format!("{}>={version},<2", row.name),
        Pinned::Exactly | Pinned::ForDevelopment => format!("{}=={version}", row.name),
    }
}

/// pip takes no address of a file without a host.
fn pip_requirement(row: &Row) -> String {
    python_requirement(row).replace("file:///", "file://localhost/")
}

fn uv_requirement(row: &Row) -> String {
    if row.git.is_some() {
        return row.name.clone();
    }
    python_requirement(row)
}

/// Returns where uv finds what does not come from an index.
fn uv_sources(rows: &[Row]) -> String {
    let lines = rows.iter().filter_map(|it| {
        let (name, url, version) = (&it.name, it.git.as_ref()?, it.version);
        Some(format!(
            "{name} = {{ git = \"{url}\", tag = \"v{version}\" }}\n"
        ))
    });
    match lines.collect::<String>() {
        it if it.is_empty() => it,
        it => format!("\n[tool.uv.sources]\n{it}"),
    }
}

fn pyproject(rows: &[Row], requirement: fn(&Row) -> String) -> String {
    let list = |dev: bool| -> String {
        let of = rows
            .iter()
            .filter(|it| (it.pinned == Pinned::ForDevelopment) == dev);
        of.map(|it| format!("    \"{}\",\n", requirement(it)))
            .collect()
    };
    let groups = match list(true) {
        it if it.is_empty() => it,
        it => format!("\n[dependency-groups]\ndev = [\n{it}]\n"),
    };
    format!(
        "[project]\nname = \"app\"\nversion = \"1.0.0\"\nrequires-python = \">=3.9\"\n\
         dependencies = [\n{}]\n{groups}",
        list(false),
    )
}

fn package_json(rows: &[Row]) -> String {
    let table = |dev: bool| {
        let of = rows
            .iter()
            .filter(|it| (it.pinned == Pinned::ForDevelopment) == dev);
        let row = |it: &Row| {
            let (name, version) = (&it.name, it.version);
            let says = match (&it.git, it.pinned) {
                (Some(url), _) => format!("git+{url}#v{version}"),
                (None, Pinned::Compatibly) => format!("^{version}"),
                (None, _) => version.to_owned(),
            };
            format!("    \"{name}\": \"{says}\"")
        };
        of.map(row).collect::<Vec<_>>().join(",\n")
    };
    let dev = match table(true) {
        it if it.is_empty() => String::new(),
        it => format!(",\n  \"devDependencies\": {{\n{it}\n  }}"),
    };
    format!(
        "{{\n  \"name\": \"app\",\n  \"version\": \"1.0.0\",\n  \"dependencies\": {{\n{}\n  }}{dev}\n}}\n",
        table(false)
    )
}

fn cargo_toml(rows: &[Row]) -> String {
    let table = |dev: bool| -> String {
        let of = rows
            .iter()
            .filter(|it| (it.pinned == Pinned::ForDevelopment) == dev);
        let row = |it: &Row| {
            let (name, version) = (&it.name, it.version);
            match (&it.git, it.pinned) {
                (Some(url), _) => {
                    format!("{name} = {{ git = \"{url}\", tag = \"v{version}\" }}\n")
                }
                (None, Pinned::Compatibly) => format!("{name} = \"{version}\"\n"),
                (None, _) => format!("{name} = \"={version}\"\n"),
            }
        };
        of.map(row).collect()
    };
    format!(
        "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\n[dependencies]\n{}\n[dev-dependencies]\n{}",
        table(false),
        table(true)
    )
}

fn go_mod(rows: &[Row]) -> String {
    let lines: String = rows
        .iter()
        .map(|it| format!("\t{} v{}\n", go_module(&it.name), it.version))
        .collect();
    format!("module registry.example/app\n\ngo 1.21\n\nrequire (\n{lines})\n")
}

fn go_code(rows: &[Row]) -> String {
    let lines: String = rows
        .iter()
        .map(|it| format!("import _ \"{}\"\n", go_module(&it.name)))
        .collect();
    format!("package app\n\n{lines}")
}
