//! The rules about what moves apart over time.

use std::fs;

use cascade_tests::Town;

use super::{Case, hold};
use crate::family::{cascade, crate_toml, family};
use crate::images::Harbour;

/// The family, with this done to it.
fn but(change: impl FnOnce(&Town)) -> Town {
    let town = family();
    change(&town);
    town
}

/// Makes a release of `core` in its clone.
fn release(town: &Town, version: &str) {
    let text = crate_toml("core", version, "");
    town.commit("core", "feat: more", &[("Cargo.toml", &text)]);
    town.git("core", &["tag", "-am", version, &format!("v{version}")]);
    town.git("core", &["push", "-q", "--follow-tags", "origin", "main"]);
}

/// The family, where a registry on disk has these versions of `core`, yanked where a `-` stands before.
fn listed(versions: &[&str]) -> Town {
    but(|town| {
        let line = |it: &&str| {
            let (name, yanked) = (it.trim_start_matches('-'), it.starts_with('-'));
            format!(
                "{{\"name\":\"core\",\"vers\":\"{name}\",\"deps\":[],\"cksum\":\"00\",\
                 \"features\":{{}},\"yanked\":{yanked}}}\n"
            )
        };
        let index: String = versions.iter().map(line).collect();
        town.write("registry", "index/co/re/core", &index);
        let text = town.read(".", "workspace.toml");
        let text = text.replacen("[repo.core]\n", "[repo.core]\nregistry = \"disk\"\n", 1);
        town.workspace(&format!("{text}\n[registry.disk]\nfolder = \"registry\"\n"));
    })
}

/// The family as clones for reports, of which one was fetched so many seconds before the others.
fn reported(before: u64) -> Town {
    but(|town| {
        for repo in ["core", "lib", "app", "side"] {
            fs::remove_dir_all(town.work().join(repo)).unwrap();
        }
        cascade(town, &["fetch", "--mode", "report"]).exits(0);
        let moment = std::time::SystemTime::now() - std::time::Duration::from_secs(before);
        let file = town.work().join("lib/FETCH_HEAD");
        let file = fs::File::options().append(true).open(file).unwrap();
        file.set_modified(moment).unwrap();
    })
}

/// The lock of a crate that holds `core` at a version.
fn locked(town: &Town, version: &str) {
    let text = format!(
        "version = 4\n\n[[package]]\nname = \"core\"\nversion = \"{version}\"\n\n[[package]]\nname = \
         \"lib\"\nversion = \"0.3.1\"\ndependencies = [\"core\"]\n"
    );
    let manifest = crate_toml("lib", "0.3.1", "core = \">=1.2.0-alpha\"");
    let manifest = if version.contains('-') {
        manifest.replace("1.2.0-alpha", "1.2.0")
    } else {
        manifest
    };
    town.commit(
        "lib",
        "chore: lock",
        &[("Cargo.lock", &text), ("Cargo.toml", &manifest)],
    );
}

static OVER_TIME: &[Case] = &[
    Case {
        code: "clone-outdated",
        args: &[],
        breaks: || reported(7_200),
        keeps: || reported(60),
    },
    Case {
        code: "hook-missing",
        args: &[],
        breaks: || but(|it| drop(cascade(it, &["hook", "install", "--repo", "core"]).exits(0))),
        keeps: family,
    },
    Case {
        code: "lock-prerelease",
        args: &[],
        breaks: || but(|it| locked(it, "1.3.0-dev.4")),
        keeps: || but(|it| locked(it, "1.2.0")),
    },
    Case {
        code: "pin-skewed",
        args: &[],
        breaks: || {
            but(|town| {
                release(town, "1.3.0");
                let text = crate_toml("app", "2.0.0", "core = \"1.3\"");
                town.commit("app", "chore: pin", &[("Cargo.toml", &text)]);
            })
        },
        // A range that admits what its sibling names is in nobody's way.
        keeps: || {
            but(|town| {
                release(town, "1.3.0");
                let text = crate_toml("lib", "0.3.1", "core = \"1.3\"");
                town.commit("lib", "chore: pin", &[("Cargo.toml", &text)]);
            })
        },
    },
    Case {
        code: "repository-silent",
        args: &[],
        breaks: || {
            but(|town| {
                let text = crate_toml("core", "1.3.0", "");
                town.commit("core", "feat: more", &[("Cargo.toml", &text)]);
                let tag = ["tag", "-am", "1.3.0", "v1.3.0"];
                let mut git = town.command("git");
                let git = git.args(tag).current_dir(town.work().join("core"));
                let done = git.env("GIT_COMMITTER_DATE", "1750000000 +0000").status();
                assert!(done.unwrap().success());
            })
        },
        keeps: family,
    },
    Case {
        code: "tag-orphan",
        args: &[],
        breaks: || {
            but(|town| {
                town.git("core", &["switch", "-qc", "hotfix"]);
                let text = crate_toml("core", "1.2.1", "");
                town.commit("core", "fix: less", &[("Cargo.toml", &text)]);
                town.git("core", &["tag", "-am", "1.2.1", "v1.2.1"]);
                town.git("core", &["switch", "-q", "main"]);
            })
        },
        keeps: || but(|it| release(it, "1.3.0")),
    },
];

/// The family, whose `core` has these tags of an image in a registry, each for a text.
fn shipped(tags: &[(&str, &str)]) -> Town {
    let harbour = Harbour::new("");
    for (tag, text) in tags {
        harbour.push(tag, text);
    }
    harbour.into_town()
}

/// The family, whose `core` has an image for two platforms, and which deploys it by this digest of the
/// tag, or by that of a platform.
fn deployed(by: fn([String; 2]) -> String) -> Town {
    let harbour = Harbour::new("");
    let platform = harbour.push_to("acme/core", "amd64", "amd64");
    let index = ["v1.2.0", "latest"].map(|it| harbour.push_index("acme/core", it, &[&platform]));
    let [index, _] = index;
    let digest = by([index, platform]);
    let text = format!("FROM {}/acme/core:v1.2.0@{digest}\n", harbour.host());
    harbour
        .town
        .commit("lib", "chore: an image", &[("Dockerfile", &text)]);
    harbour.into_town()
}

static REGISTRIES: &[Case] = &[
    Case {
        code: "digest-stale",
        args: &["--fetch"],
        breaks: || deployed(|_| format!("sha256:{}", "a".repeat(64))),
        keeps: || deployed(|[_, platform]| platform),
    },
    Case {
        code: "image-skewed",
        args: &["--fetch"],
        breaks: || shipped(&[("v1.2.0", "new"), ("latest", "old")]),
        keeps: || shipped(&[("v1.2.0", "new"), ("1.2.0", "new"), ("latest", "new")]),
    },
    Case {
        code: "image-unpublished",
        args: &["--fetch"],
        breaks: || shipped(&[("1.1.0", "old"), ("latest", "old")]),
        keeps: || shipped(&[("1.2.0", "new"), ("latest", "new")]),
    },
    Case {
        code: "pin-yanked",
        args: &["--fetch"],
        breaks: || listed(&["-1.2.0", "1.2.1"]),
        keeps: || listed(&["1.2.0", "-1.1.0"]),
    },
    Case {
        code: "pin-unpublished",
        args: &["--fetch"],
        breaks: || listed(&["1.1.0"]),
        keeps: || listed(&["1.2.0"]),
    },
    Case {
        code: "release-untagged",
        args: &["--fetch"],
        breaks: || listed(&["1.2.0", "1.3.0"]),
        keeps: || listed(&["1.2.0", "1.3.0-rc.1", "-1.4.0"]),
    },
    Case {
        code: "tag-unpublished",
        args: &["--fetch"],
        breaks: || listed(&["1.1.0"]),
        // What was taken back was out.
        keeps: || listed(&["1.1.0", "-1.2.0"]),
    },
];

#[test]
fn what_moves_apart_over_time() {
    hold(OVER_TIME);
}

#[test]
fn what_registries_say() {
    hold(REGISTRIES);
}

#[test]
fn a_registry_that_does_not_answer_is_said_and_nothing_is_guessed() {
    let town = listed(&["1.1.0"]);
    fs::remove_dir_all(town.work().join("registry")).unwrap();
    let said = cascade(&town, &["check", "--fetch", "--select", "drift"]).exits(0);
    said.says(&["a registry was not read", "is not there"]);
}
