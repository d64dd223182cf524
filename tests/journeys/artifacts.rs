//! Artefacts: built by real tools from real repositories, looked into, installed and used.

use std::fs;

use cascade_tests::Town;

use crate::family::{Said, cascade};

/// Returns whether a program is installed; that it is not is said.
pub(crate) fn is_there(program: &str) -> bool {
    let found = Town::new().command(program).arg("--version").output();
    let there = found.is_ok_and(|it| it.status.success());
    if !there {
        skipped(&format!("skipped: `{program}` is not installed"));
    }
    there
}

/// Returns whether packages can be installed; that they can not is said.
pub(crate) fn reaches_an_index() -> bool {
    let twine = ["tool", "run", "--quiet", "twine", "--version"];
    let reached = Town::new().call("uv", &twine).status.success();
    if !reached {
        skipped("skipped: no index of packages is in reach");
    }
    reached
}

#[expect(clippy::print_stderr, reason = "what was not tried is said")]
fn skipped(words: &str) {
    eprintln!("{words}");
}

/// A repository of these files, tagged `v1.2.0`.
fn town(files: &[(&str, &str)]) -> Town {
    let town = Town::new();
    town.repo("core", "v1.2.0", files);
    town.workspace("[workspace]\nname = \"town\"\n[repo.core]\n");
    town
}

/// Builds, and returns what is found of artefacts.
fn built(town: &Town, more: &[&str]) -> Said {
    let own = [
        "check",
        "--build",
        "--select",
        "artifacts",
        "--fail-on",
        "warn",
    ];
    cascade(town, &[&own[..], more].concat())
}

const PYTHON: &str = "[project]\nname = \"core\"\nversion = \"1.2.0\"\ndescription = \"It\"\nreadme = \"README.md\"\n\
    license-files = [\"LICENSE\"]\n\n[project.scripts]\ncore = \"core:main\"\n\n\
    [build-system]\nrequires = [\"uv_build\"]\nbuild-backend = \"uv_build\"\n\n\
    [tool.uv.build-backend]\nmodule-root = \"\"\n";

const MODULE: &str =
    "from importlib.metadata import version\n\n\ndef main():\n    print('core', version('core'))\n";

#[test]
fn a_python_package_is_built_installed_imported_and_asked() {
    if !is_there("uv") {
        return;
    }
    let files = [
        ("pyproject.toml", PYTHON),
        ("README.md", "# core\n"),
        ("LICENSE", "MIT\n"),
        ("core/__init__.py", MODULE),
        ("core/data/table.json", "{}\n"),
    ];
    let town = town(&files);
    let said = built(&town, &[]).exits(0);
    said.says(&[
        "building `core`",
        "installing `core-1.2.0-py3-none-any.whl`",
    ]);
    assert!(town.git("core", &["status", "--porcelain"]).is_empty());
    // What is imported at the top and is not there is only seen once it is installed.
    let broken = format!("import a_module_that_is_not_there\n{MODULE}");
    town.commit("core", "feat: more", &[("core/__init__.py", &broken)]);
    let said = built(&town, &[]).exits(1);
    said.says(&["artifact-unusable", "a_module_that_is_not_there"]);
    let stale = MODULE.replace("version('core')", "'1.1.0'");
    town.commit("core", "fix: less", &[("core/__init__.py", &stale)]);
    built(&town, &[])
        .exits(1)
        .says(&["artifact-version", "1.1.0"]);
}

/// A version that comes from git: the export has the tags of the commit.
#[test]
fn a_version_from_git_is_that_of_the_tag() {
    if !is_there("uv") || !reaches_an_index() {
        return;
    }
    let manifest = "[project]\nname = \"core\"\ndynamic = [\"version\"]\n\n\
        [build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\nbuild-backend = \"hatchling.build\"\n\n\
        [tool.hatch.version]\nsource = \"vcs\"\n";
    let town = town(&[("pyproject.toml", manifest), ("core/__init__.py", "")]);
    built(&town, &[]).exits(0);
    let out = town.work().join("dist");
    fs::create_dir(&out).unwrap();
    let build = [
        "build",
        "--wheel",
        "--out-dir",
        out.to_str().unwrap(),
        "core",
    ];
    town.commit("core", "feat: more", &[]);
    assert!(town.call("uv", &build).status.success());
    town.git("core", &["tag", "-a", "v1.3.0", "-m", "v1.3.0"]);
    let given = [
        "check",
        "--artifact",
        "dist",
        "--select",
        "artifact-version",
    ];
    let said = cascade(&town, &given).exits(1);
    said.says(&["dev", "1.3.0 is released"]);
}

#[test]
fn a_crate_is_published_up_to_the_upload() {
    let manifest = "[package]\nname = \"cascade-journey-core\"\nversion = \"1.2.0\"\nedition = \"2021\"\n\
        description = \"It\"\nlicense = \"MIT\"\nrepository = \"https://forge.example/core\"\n";
    let town = town(&[
        ("Cargo.toml", manifest),
        ("src/lib.rs", "pub fn it() {}\n"),
        ("LICENSE", "MIT\n"),
    ]);
    let said = built(&town, &[]);
    if said.err.contains("not installed") || said.out.contains("failed to fetch") {
        skipped("skipped: the index of crates is not in reach");
        return;
    }
    said.exits(0).says(&[
        "rehearsing to publish `cascade-journey-core`",
        "looking into",
    ]);
    town.commit("core", "feat: more", &[("src/lib.rs", "pub fn it( {}\n")]);
    built(&town, &[])
        .exits(1)
        .says(&["artifact-build-failed", "be published"]);
}

#[test]
fn what_is_given_has_to_be_an_artefact_of_the_family() {
    let town = town(&[(
        "package.json",
        "{\"name\": \"core\", \"version\": \"1.2.0\"}\n",
    )]);
    let check = |path: &str| cascade(&town, &["check", "--artifact", path]);
    check("gone").exits(2).says(&["can not be read"]);
    check("core").exits(2).says(&["no artefact is in `core`"]);
    town.write(".", "other-1.0.0.tgz", "not an archive");
    check("other-1.0.0.tgz")
        .exits(2)
        .says(&["which no repository publishes"]);
    town.write(".", "core-1.2.0.tgz", "not an archive");
    check("core-1.2.0.tgz")
        .exits(1)
        .says(&["artifact-unsafe", "can not be read"]);
    cascade(&town, &["check", "--build", "--artifact", "x"]).exits(2);
}
