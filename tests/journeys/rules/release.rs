//! The rules about what a release tells: commits, changelogs, release-please's manifest.

use cascade_tests::Town;

use super::{Case, hold};
use crate::family::crate_toml;

const CHANGES: &str = "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n- The first one.\n";

/// A released repository with these files, and then a commit with those.
fn released(files: &[(&str, &str)], message: &str, then: &[(&str, &str)]) -> Town {
    let town = Town::new();
    let manifest = crate_toml("solo", "1.0.0", "");
    let all = [&[("Cargo.toml", manifest.as_str())], files].concat();
    town.repo("solo", "v1.0.0", &all);
    town.workspace("[workspace]\nname = \"t\"\n[repo.solo]\n");
    town.commit("solo", message, then);
    town
}

fn changelog(then: &str) -> Town {
    released(
        &[("CHANGELOG.md", CHANGES)],
        "fix: it",
        &[("CHANGELOG.md", then)],
    )
}

#[test]
fn changelogs() {
    hold(&[
        Case {
            code: "changelog-edited",
            args: &[],
            breaks: || changelog(&CHANGES.replace("first", "second")),
            keeps: || {
                changelog(
                    "# Changelog\n\n## [1.1.0]\n\n- x\n\n## [1.0.0]\n- The first one.\n\n[1.0.0]: u\n",
                )
            },
        },
        Case {
            code: "changelog-edited",
            args: &[],
            breaks: || changelog("# Changelog\n\n## [1.1.0]\n\n- x\n"),
            keeps: || {
                changelog("# Changelog\n\n## Unreleased\n\n- x\n\n## 1.0.0\n\n- The first one.\n")
            },
        },
        Case {
            code: "changelog-section",
            args: &[],
            breaks: || changelog("## 1.0.0\n\n### Added\n\n## 0.9.0\n- x\n"),
            keeps: || changelog("## 1.0.0\n\n### Added\n- y\n\n## 0.9.0\n- x\n"),
        },
        Case {
            code: "changelog-section",
            args: &["--ref", "v1.0.0"],
            breaks: || released(&[("CHANGELOG.md", "## 0.9.0\n- x\n")], "fix: it", &[]),
            keeps: || {
                released(
                    &[("CHANGELOG.md", "All of it is told elsewhere.\n")],
                    "fix: it",
                    &[],
                )
            },
        },
    ]);
}

#[test]
fn commits() {
    hold(&[Case {
        code: "commit-unconventional",
        args: &[],
        breaks: || released(&[], "It works now", &[("a", "")]),
        keeps: || released(&[], "fix(deps)!: it works now", &[("a", "")]),
    }]);
}

#[test]
fn release_please() {
    const FILE: &str = ".release-please-manifest.json";
    hold(&[
        Case {
            code: "release-please-behind",
            args: &[],
            breaks: || released(&[(FILE, "{\".\": \"0.9.0\"}")], "fix: it", &[]),
            keeps: || released(&[(FILE, "{\".\": \"1.0.0\"}")], "fix: it", &[]),
        },
        Case {
            code: "release-please-stuck",
            args: &[],
            breaks: || released(&[], "chore: release", &[(FILE, "{\".\": \"1.1.0\"}")]),
            keeps: || released(&[], "chore: release", &[(FILE, "{\"sub\": \"1.1.0\"}")]),
        },
    ]);
}
