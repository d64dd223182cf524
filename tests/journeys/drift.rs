//! `cascade drift`: what has moved apart, since when, whose it is, and what mends it.

use cascade_tests::Town;
use serde_json::Value;

use crate::family::{cascade, crate_toml, family};

/// The family, whose `core` has two releases that the exact pin of `lib` missed.
fn drifted() -> Town {
    let town = family();
    for (version, date) in [("1.3.0", "1750000000"), ("1.4.0", "1760000000")] {
        let text = crate_toml("core", version, "");
        town.commit("core", "feat: more", &[("Cargo.toml", &text)]);
        let mut git = town.command("git");
        let git = git.args(["tag", "-am", version, &format!("v{version}")]);
        let git = git.current_dir(town.work().join("core"));
        let dated = git.env("GIT_COMMITTER_DATE", format!("{date} +0000"));
        assert!(dated.status().unwrap().success());
    }
    town.git("core", &["push", "-q", "--follow-tags", "origin", "main"]);
    town.commit("core", "fix: one thing", &[("a.txt", "a")]);
    town.commit(
        "lib",
        "chore: owners",
        &[(".github/CODEOWNERS", "* @all\nCargo.toml @pins # who\n")],
    );
    town
}

fn found<'a>(report: &'a Value, code: &str, repo: &str) -> &'a Value {
    let all = report["findings"].as_array().unwrap();
    let mut its = all
        .iter()
        .filter(|it| it["code"] == code && it["repo"] == repo);
    let found = its.next().unwrap();
    assert!(its.next().is_none(), "{code} twice");
    found
}

#[test]
fn every_finding_says_since_when_whose_and_what_mends_it() {
    let town = drifted();
    let report = cascade(&town, &["drift", "--format", "json"])
        .exits(1)
        .json();
    let pin = found(&report, "pin-excluded", "lib");
    assert_eq!(pin["since"], 1_750_000_000, "{pin}");
    assert_eq!(pin["owners"], serde_json::json!(["@pins"]));
    assert_eq!(pin["mend"], "cascade bump --repo core");
    assert!(
        pin["path"] == "lib/Cargo.toml" && pin["line"].is_u64(),
        "{pin}"
    );
    let edges = report["edges"].as_array().unwrap();
    let is_it = |it: &&Value| it["upstream"] == "core" && it["downstream"] == "lib";
    let edge = edges.iter().find(is_it).unwrap();
    assert_eq!(edge["state"], "excluded");
    let missed = serde_json::json!({ "tag": "v1.3.0", "at": 1_750_000_000, "releases": 2 });
    assert_eq!(edge["pins"][0]["missed"], missed);
    let core = report["repos"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "core")
        .unwrap();
    assert_eq!(core["latest"][0]["at"], 1_760_000_000);
    assert_eq!(
        core["unreleased"]["subjects"],
        serde_json::json!(["fix: one thing"])
    );
    let moves = report["mend"].as_array().unwrap().iter();
    assert!(moves.clone().any(|it| it["repo"] == "lib"), "{report}");
    let told = cascade(&town, &["drift"]).exits(1);
    told.says(&[
        "pin-excluded",
        "@pins",
        "mend: cascade bump --repo core",
        "fix: one thing",
    ]);
}

#[test]
fn what_workspace_toml_says_of_owners_comes_first() {
    let town = drifted();
    let text = town.read(".", "workspace.toml");
    town.workspace(&text.replacen("[repo.lib]\n", "[repo.lib]\nowners = [\"@family\"]\n", 1));
    let report = cascade(&town, &["drift", "--format", "json"])
        .exits(1)
        .json();
    let owners = &found(&report, "pin-excluded", "lib")["owners"];
    assert_eq!(*owners, serde_json::json!(["@family"]));
}

#[test]
fn what_the_baseline_has_fails_no_run_and_what_is_new_does() {
    let town = drifted();
    cascade(
        &town,
        &["drift", "-o", "old.json", "-o", "old.md", "-o", "old.csv"],
    )
    .exits(1);
    for file in ["old.json", "old.md", "old.csv"] {
        assert!(town.read(".", file).contains("pin-excluded"), "{file}");
    }
    let baseline = ["drift", "--baseline", "old.json"];
    cascade(&town, &baseline)
        .exits(0)
        .says(&["in the baseline"]);
    let text = crate_toml("side", "0.1.0", "core = \"=1.3.0\"");
    town.commit("side", "chore: pin", &[("Cargo.toml", &text)]);
    cascade(&town, &baseline).exits(1);
    cascade(&town, &["drift", "--baseline", "old.json", "--repo", "lib"]).exits(0);
    cascade(&town, &["drift", "--fail-on", "never"]).exits(0);
}

#[test]
fn a_finding_keeps_its_id_while_its_line_and_versions_change() {
    let town = drifted();
    let id = || {
        let report = cascade(&town, &["drift", "--format", "json"])
            .exits(1)
            .json();
        found(&report, "pin-excluded", "lib")["id"].clone()
    };
    let before = id();
    let text = crate_toml("lib", "0.3.1", "\n\n# moved\ncore = \"=1.3.0\"");
    town.commit("lib", "chore: pin", &[("Cargo.toml", &text)]);
    assert_eq!(before, id());
}

#[test]
fn mistakes_are_told_with_the_way_out() {
    let town = family();
    cascade(&town, &["drift", "-o", "drift.xyz"])
        .exits(2)
        .says(&["says no format", "--format json"]);
    cascade(&town, &["drift", "--baseline", "none.json"])
        .exits(2)
        .says(&["no report of drift"]);
    town.write(".", "bad.json", "{\"schema\": \"cascade.check/1\"}");
    cascade(&town, &["drift", "--baseline", "bad.json"])
        .exits(2)
        .says(&["no report of drift"]);
    cascade(&town, &["drift", "--repo", "nobody"])
        .exits(2)
        .says(&["nobody"]);
    cascade(&town, &["drift", "-o", "no/such/folder/a.json"])
        .exits(3)
        .says(&["can not be written"]);
}
