//! `cascade check` and `cascade explain`: the rules, for people and machines.

use cascade_tests::Town;

use crate::family::{cascade, cascade_in, crate_toml, family};

#[test]
fn a_check_fails_from_the_severity_on_that_a_person_says() {
    let town = family();
    let manifest = town.read("core", "Cargo.toml").replace("1.2.0", "2.0.0");
    town.commit("core", "feat!: frames", &[("Cargo.toml", &manifest)]);
    town.git("core", &["tag", "-a", "v2.0.0", "-m", "v2.0.0"]);
    let found = cascade(&town, &["check"]).exits(1);
    found.says(&["pin-excluded", "cascade explain CODE"]);
    cascade(&town, &["check", "--fail-on", "block"]).exits(0);
    cascade(&town, &["check", "--ignore", "pin-*", "--ignore", "lock-*"]).exits(0);
    let only = cascade(
        &town,
        &["check", "--select", "pin-excluded", "--format", "json"],
    );
    let only = only.exits(1).json();
    assert_eq!(only["schema"], "cascade.check/1");
    let findings = only["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for it in findings {
        assert_eq!(it["code"], "pin-excluded");
        assert!(
            town.work().join(it["path"].as_str().unwrap()).is_file(),
            "{it}"
        );
    }
    let one = cascade(&town, &["check", "--repo", "core"]).exits(0);
    one.says(&["1 of"]);
    cascade(&town, &["check", "--select", "pin-exclude"])
        .exits(2)
        .says(&["did you mean `pin-excluded`?"]);
}

#[test]
fn a_rule_is_explained() {
    let town = family();
    let rule = cascade(&town, &["explain", "lock-stale"]).exits(0);
    rule.says(&["*warn*", "Mend it: `cascade lock --repo REPO`"]);
    cascade(&town, &["explain"])
        .exits(0)
        .says(&["cycle", "block"]);
    cascade(&town, &["explain", "nonsense"]).exits(2);
}

#[test]
fn a_clone_by_itself_is_judged_as_far_as_it_can_be() {
    let town = Town::new();
    town.repo(
        "solo",
        "v1.0.0",
        &[("Cargo.toml", &crate_toml("solo", "1.0.0", ""))],
    );
    let solo = town.clone_of("solo");
    let check = |args: &[&str]| {
        let all = [&["check", "--select", "version-mismatch"], args].concat();
        cascade_in(&town, &solo, &all)
    };
    check(&[]).exits(0).says(&["judged alone"]);
    town.commit("solo", "feat: frames", &[("src/lib.rs", "")]);
    town.git("solo", &["tag", "-a", "v1.1.0", "-m", "v1.1.0"]);
    check(&[]).exits(1).says(&["`v1.1.0`", "says 1.0.0"]);
    check(&["--ref", "v1.1.0"]).exits(1);
    check(&["--ref", "v1.0.0"]).exits(0);
    check(&["--ref", "v9"])
        .exits(2)
        .says(&["has a commit `v9`"]);
    town.write("solo", ".cascade.toml", "tag = \"solo-{version}\"\n");
    check(&[]).exits(0);
    town.write("solo", ".cascade.toml", "ready = [[\"sh\"]]\n");
    check(&[])
        .exits(2)
        .says(&[".cascade.toml:1:1", "never makes cascade run a program"]);
}

#[test]
fn what_is_staged_is_judged_and_not_what_lies_about() {
    let town = Town::new();
    town.repo(
        "solo",
        "",
        &[("Cargo.toml", &crate_toml("solo", "1.0.0", ""))],
    );
    let solo = town.clone_of("solo");
    let check = |args: &[&str]| {
        let all = [&["check", "--select", "manifest-unreadable"], args].concat();
        cascade_in(&town, &solo, &all)
    };
    town.write("solo", "Cargo.toml", "[package\n");
    check(&[]).exits(1);
    check(&["--staged"]).exits(0);
    town.git("solo", &["add", "-A"]);
    town.write("solo", "Cargo.toml", &crate_toml("solo", "1.0.0", ""));
    check(&[]).exits(0);
    check(&["--staged"]).exits(1);
}
