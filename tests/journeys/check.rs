//! `cascade check` and `cascade explain`: the rules, for people and machines.

use crate::family::{cascade, family};

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
