//! The rules about artefacts: what would be published, as it would be.

use cascade_tests::Town;

use super::{Case, hold};
use crate::artifacts::{is_there, reaches_an_index};

/// A repository with an npm package: more lines of its manifest, and more files.
fn package(lines: &str, files: &[(&str, &str)]) -> Town {
    let town = Town::new();
    let manifest = format!("{{\n  \"name\": \"core\",\n  \"version\": \"1.2.0\"{lines}\n}}\n");
    let own = [("package.json", manifest.as_str()), ("index.js", "")];
    town.repo("core", "v1.2.0", &[&own[..], files].concat());
    town.workspace("[workspace]\nname = \"town\"\n[repo.core]\n");
    town
}

/// The same, with a command that prints this and ends so.
fn command(script: &str) -> Town {
    let script = format!("#!/usr/bin/env node\n{script}\n");
    package(",\n  \"bin\": \"cli.js\"", &[("cli.js", &script)])
}

static PACKED: &[Case] = &[
    Case {
        code: "artifact-build-failed",
        args: &["--build"],
        breaks: || package(",\n  \"scripts\": { \"prepack\": \"exit 1\" }", &[]),
        keeps: || package(",\n  \"scripts\": { \"prepack\": \"exit 0\" }", &[]),
    },
    Case {
        code: "artifact-contents",
        args: &["--build"],
        breaks: || package("", &[(".env", "TOKEN=\n")]),
        keeps: || package(",\n  \"files\": [\"index.js\"]", &[(".env", "TOKEN=\n")]),
    },
    Case {
        code: "artifact-incomplete",
        args: &["--build"],
        breaks: || package(",\n  \"main\": \"./lib/gone.js\"", &[]),
        keeps: || package(",\n  \"main\": \"./index.js\"", &[("LICENSE", "MIT\n")]),
    },
    Case {
        code: "artifact-untried",
        args: &["--build"],
        breaks: || command("process.exit(2)"),
        keeps: || command("console.log('core 1.2.0')"),
    },
    Case {
        code: "artifact-unusable",
        args: &["--build"],
        breaks: || package(",\n  \"os\": [\"none\"]", &[]),
        keeps: || package("", &[]),
    },
    Case {
        code: "artifact-version",
        args: &["--build"],
        breaks: || command("console.log('core 1.1.0')"),
        keeps: || command("console.log('core v1.2.0 (node)')"),
    },
];

#[test]
fn what_npm_packs() {
    if is_there("npm") {
        hold(PACKED);
    }
}

/// An artefact in `dist` with this entry beside its own.
fn given(entry: &str) -> Town {
    let town = package("", &[]);
    town.write(
        ".",
        "dist/package/package.json",
        &town.read("core", "package.json"),
    );
    town.write(".", "dist/package/index.js", "");
    town.write(".", "dist/package/more.js", "");
    let rename = format!("--transform=s,^package/more.js$,{entry},");
    let files = [
        "package/package.json",
        "package/index.js",
        "package/more.js",
    ];
    let out = town
        .command("tar")
        .args(["-czPf", "core-1.2.0.tgz", &rename])
        .args(files)
        .current_dir(town.work().join("dist"))
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    town
}

static GIVEN: &[Case] = &[Case {
    code: "artifact-unsafe",
    args: &["--artifact", "dist"],
    breaks: || given("../../evil.js"),
    keeps: || given("package/lib/more.js"),
}];

#[test]
fn what_is_given() {
    hold(GIVEN);
}

/// A Python package with this readme.
fn described(readme: &str) -> Town {
    let town = Town::new();
    let manifest = "[project]\nname = \"core\"\nversion = \"1.2.0\"\ndescription = \"It\"\nreadme = \"README.rst\"\n\n\
        [build-system]\nrequires = [\"uv_build\"]\nbuild-backend = \"uv_build\"\n\n\
        [tool.uv.build-backend]\nmodule-root = \"\"\n";
    let files = [
        ("pyproject.toml", manifest),
        ("README.rst", readme),
        ("core/__init__.py", ""),
    ];
    town.repo("core", "v1.2.0", &files);
    town.workspace("[workspace]\nname = \"town\"\n[repo.core]\n");
    town
}

static JUDGED: &[Case] = &[Case {
    code: "artifact-metadata",
    args: &["--build", "--install-tools"],
    breaks: || described("It\n==\n\n.. code-blok:: python\n\n   x\n\n`open\n"),
    keeps: || described("It\n==\n\nIt is.\n"),
}];

#[test]
fn what_twine_judges() {
    if is_there("uv") && reaches_an_index() {
        hold(JUDGED);
    }
}
