//! The rules about single tags.

use cascade_tests::Town;

use super::{Case, hold};
use crate::family::{crate_toml, declaration, family};

/// A Python project whose version git makes, with more rows in its hatch table.
fn hatch(rows: &str) -> String {
    format!(
        "[build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\nbuild-backend = \"hatchling.build\"\n\n\
         [project]\nname = \"py\"\ndynamic = [\"version\"]\n\n[tool.hatch.version]\nsource = \"vcs\"\n{rows}\n"
    )
}

/// One repository `py` of these files, tagged `v1.0.0`.
fn python(files: &[(&str, &str)]) -> Town {
    let town = Town::new();
    town.repo("py", "v1.0.0", files);
    town.workspace(&declaration(&town, &[("py", "")]));
    town
}

/// `core` at 1.3.0, committed and not pushed, with this tag on it.
fn core(tag: &str) -> Town {
    let town = core_untagged();
    town.git("core", &["tag", "-a", "-m", tag, tag]);
    town
}

fn core_untagged() -> Town {
    let town = family();
    let manifest = crate_toml("core", "1.3.0", "");
    town.commit("core", "feat: more", &[("Cargo.toml", &manifest)]);
    town
}

#[test]
fn a_tag_says_what_its_commit_says() {
    const STATIC: &str = "[project]\nname = \"py\"\nversion = \"1.0.0\"\n";
    hold(&[
        Case {
            code: "version-mismatch",
            args: &["--ref", "v1.4.0"],
            breaks: || core("v1.4.0"),
            keeps: || {
                let town = family();
                let manifest = crate_toml("core", "1.4.0", "");
                town.commit("core", "feat: more", &[("Cargo.toml", &manifest)]);
                town.git("core", &["tag", "-a", "-m", "x", "v1.4.0"]);
                town
            },
        },
        Case {
            code: "version-copy",
            args: &["--ref", "v1.0.0"],
            breaks: || {
                let module = ("src/py/__init__.py", "__version__ = \"0.9.0\"\n");
                python(&[("pyproject.toml", STATIC), module])
            },
            keeps: || {
                let module = ("src/py/__init__.py", "__version__ = \"1.0.0\"\n");
                python(&[("pyproject.toml", STATIC), module])
            },
        },
        Case {
            code: "version-copy",
            args: &[],
            breaks: || {
                let server = r#"{"name": "x", "version": "1.0.0", "packages": [
                    {"identifier": "py", "version": "0.9.0"}]}"#;
                python(&[("pyproject.toml", STATIC), ("server.json", server)])
            },
            keeps: || {
                let server = r#"{"name": "x", "version": "1.0.0", "packages": [
                    {"identifier": "py", "version": "1.0.0"},
                    {"identifier": "other", "version": "0.9.0"}]}"#;
                python(&[("pyproject.toml", STATIC), ("server.json", server)])
            },
        },
        Case {
            code: "tag-unreadable",
            args: &["--ref", "v1.5.0"],
            breaks: || {
                let town = family();
                town.commit("core", "feat: more", &[("Cargo.toml", "[package\n")]);
                town.git("core", &["tag", "-a", "-m", "x", "v1.5.0"]);
                town
            },
            keeps: || core("v1.5.0"),
        },
    ]);
}

#[test]
fn a_tag_is_a_version_of_its_own() {
    hold(&[
        Case {
            code: "tag-malformed",
            args: &["--ref", "v1.3"],
            breaks: || core("v1.3"),
            keeps: || {
                let town = core("v1.3.0");
                town.git("core", &["branch", "v1.3"]);
                town
            },
        },
        Case {
            code: "tag-format",
            args: &[],
            breaks: || {
                let town = python(&[("pyproject.toml", &hatch(""))]);
                town.git("py", &["tag", "-a", "-m", "x", "v1.1.0rc1"]);
                town
            },
            keeps: || {
                let town = python(&[("pyproject.toml", &hatch(""))]);
                town.git("py", &["tag", "-a", "-m", "x", "v1.1.0-rc.1"]);
                town
            },
        },
        Case {
            code: "tag-numeric-prerelease",
            args: &[],
            breaks: || core("v1.3.0-1"),
            keeps: || core("v1.3.0-rc.1"),
        },
        Case {
            code: "tag-twins",
            args: &["--fetch"],
            breaks: || {
                let town = core("v1.3.0+a");
                town.git("core", &["tag", "-a", "-m", "x", "v1.3.0+b"]);
                town
            },
            keeps: || core("v1.3.0+a"),
        },
    ]);
}

#[test]
fn a_tag_stands_where_it_may() {
    hold(&[
        Case {
            code: "tag-not-above",
            args: &["--ref", "v1.1.0"],
            breaks: || core("v1.1.0"),
            keeps: || {
                let town = family();
                town.git("core", &["checkout", "-q", "--orphan", "old"]);
                let manifest = crate_toml("core", "1.1.0", "");
                town.commit("core", "fix: old", &[("Cargo.toml", &manifest)]);
                town.git("core", &["tag", "-a", "-m", "x", "v1.1.0"]);
                town.git("core", &["switch", "-q", "main"]);
                town
            },
        },
        Case {
            code: "tag-off-branch",
            args: &["--ref", "v1.3.0"],
            breaks: || {
                let town = family();
                town.git("core", &["switch", "-q", "-c", "side"]);
                let manifest = crate_toml("core", "1.3.0", "");
                town.commit("core", "feat: more", &[("Cargo.toml", &manifest)]);
                town.git("core", &["tag", "-a", "-m", "x", "v1.3.0"]);
                town.git("core", &["switch", "-q", "main"]);
                town
            },
            keeps: || core("v1.3.0"),
        },
        Case {
            code: "tag-below-latest",
            args: &["--fetch", "--ref", "v1.3.0"],
            breaks: || {
                let town = with_next();
                town.git("core", &["tag", "-a", "-m", "x", "v1.3.0"]);
                town
            },
            keeps: || {
                let town = with_next();
                town.git("core", &["switch", "-q", "-c", "hotfix/1.x"]);
                town.commit("core", "fix: old", &[]);
                town.git("core", &["tag", "-a", "-m", "x", "v1.3.0"]);
                let declared = town.read(".", "workspace.toml");
                let table = "[repo.core]\nbranch = [\"main\", \"hotfix/*\"]";
                town.workspace(&declared.replace("[repo.core]", table));
                town
            },
        },
        Case {
            code: "tag-moved",
            args: &["--fetch"],
            breaks: || {
                let town = core_untagged();
                town.git("core", &["tag", "-f", "-a", "-m", "x", "v1.2.0"]);
                town
            },
            keeps: || core("v1.3.0"),
        },
        Case {
            code: "tag-lightweight",
            args: &[],
            breaks: || {
                let town = core_untagged();
                town.git("core", &["tag", "v1.3.0"]);
                town
            },
            keeps: || core("v1.3.0"),
        },
    ]);
}

/// `core` at 1.3.0 on `main`, with a `v2.0.0` that is out on another branch.
fn with_next() -> Town {
    let town = core_untagged();
    town.git("core", &["switch", "-q", "-c", "next", "HEAD~1"]);
    let manifest = crate_toml("core", "2.0.0", "");
    town.commit("core", "feat!: next", &[("Cargo.toml", &manifest)]);
    town.git("core", &["tag", "-a", "-m", "x", "v2.0.0"]);
    town.git("core", &["push", "-q", "origin", "v2.0.0"]);
    town.git("core", &["switch", "-q", "main"]);
    town
}

#[test]
fn a_tag_is_what_is_built_at_it() {
    hold(&[
        Case {
            code: "dynamic-version",
            args: &["--ref", "v1.0.0"],
            breaks: || python(&[("pyproject.toml", &hatch("tag-pattern = '^release-(.+)$'"))]),
            keeps: || python(&[("pyproject.toml", &hatch(""))]),
        },
        Case {
            code: "dynamic-version",
            args: &["--ref", "v1.0.0"],
            breaks: || {
                let town = python(&[("pyproject.toml", &hatch(""))]);
                town.git("py", &["tag", "-a", "-m", "x", "v1.0.1"]);
                town
            },
            keeps: || {
                let town = python(&[("pyproject.toml", &hatch(""))]);
                town.git("py", &["tag", "nightly-2"]);
                town
            },
        },
        Case {
            code: "tag-ambiguous",
            args: &["--ref", "v1.0.0"],
            breaks: || {
                let town = python(&[("pyproject.toml", &hatch(""))]);
                town.git("py", &["tag", "-a", "-m", "x", "v1.0.0-rc.1"]);
                town
            },
            keeps: || {
                let town = python(&[("pyproject.toml", &hatch(""))]);
                town.commit("py", "fix: x", &[]);
                town.git("py", &["tag", "-a", "-m", "x", "v1.0.1"]);
                town
            },
        },
        Case {
            code: "dynamic-version-unknown",
            args: &[],
            breaks: || {
                let rows = "raw-options = { version_scheme = 'mine:scheme' }";
                python(&[("pyproject.toml", &hatch(rows))])
            },
            keeps: || python(&[("pyproject.toml", &hatch(""))]),
        },
    ]);
}

#[test]
fn release_please_makes_its_tags_alone() {
    fn released(manifest: &str) -> Town {
        let town = family();
        let files = [
            ("Cargo.toml", &*crate_toml("core", "1.3.0", "")),
            ("release-please-config.json", "{}\n"),
            (".release-please-manifest.json", manifest),
        ];
        town.commit("core", "chore: release 1.3.0", &files);
        town.git("core", &["tag", "v1.3.0"]);
        let declared = town.read(".", "workspace.toml");
        let table = "[repo.core]\nrelease = \"release-please\"";
        town.workspace(&declared.replace("[repo.core]", table));
        town
    }
    hold(&[Case {
        code: "tag-by-hand",
        args: &["--fetch", "--ref", "v1.3.0"],
        breaks: || released("{\".\": \"1.2.0\"}\n"),
        keeps: || released("{\".\": \"1.3.0\"}\n"),
    }]);
}
