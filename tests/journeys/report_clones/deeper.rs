//! What a clone for reports lacks for once: it is said with the command that fetches it, and fetched where
//! that is asked for.

use std::fs;

use super::{cascade_in, commit, crate_toml, fetched, lacks, runner, tag, town};

#[test]
fn the_past_is_fetched_when_told_and_never_guessed() {
    let town = town();
    for version in ["1.1.0", "1.2.0"] {
        let pins = format!("core = \"{version}\"");
        let manifest = crate_toml("lib", "0.3.1", &pins);
        commit(&town, "lib", &[("Cargo.toml", &manifest)]);
    }
    let here = runner(&town, "runner");
    fetched(&town, &here);
    let replay = ["drift", "replay", "lib", "--format", "json"];
    let said = cascade_in(&town, &here, &replay);
    assert_eq!(said.code, 3, "{}", said.out);
    assert!(said.out.is_empty(), "{}", said.out);
    for told in ["not fetched", "cascade drift replay lib --fetch"] {
        assert!(said.err.contains(told), "{}", said.err);
    }
    let since = [&replay[..], &["--since", "2001-01-01"]].concat();
    let said = cascade_in(&town, &here, &since);
    let next = "cascade drift replay lib --fetch --since 2001-01-01";
    assert!(said.err.contains(next), "{}", said.err);
    let before = lacks(&town, &here.join("lib"));
    let whole = cascade_in(&town, &here, &[&replay[..], &["--fetch"]].concat()).exits(0);
    assert!(lacks(&town, &here.join("lib")) < before);
    let fresh = runner(&town, "fresh");
    cascade_in(&town, &fresh, &["fetch"]).exits(0);
    let theirs = cascade_in(&town, &fresh, &replay).exits(0);
    assert_eq!(whole.json()["states"], theirs.json()["states"]);
    // What is there is not asked for again, and a fetch in between does not lose it.
    fetched(&town, &here);
    cascade_in(&town, &here, &replay).exits(0);
}

#[test]
fn another_commit_is_judged_once_its_files_are_there() {
    let town = town();
    let manifest = crate_toml("core", "1.3.0", "");
    commit(&town, "core", &[("Cargo.toml", &manifest)]);
    tag(&town, "core", "v1.3.0");
    let manifest = crate_toml("core", "1.4.0", "");
    commit(&town, "core", &[("Cargo.toml", &manifest)]);
    tag(&town, "core", "v1.4.0");
    let here = runner(&town, "runner");
    fetched(&town, &here);
    let check = ["check", "--repo", "core", "--ref", "v1.3.0"];
    let said = cascade_in(&town, &here, &check);
    assert_eq!(said.code, 3, "{}", said.out);
    let next = "cascade check --fetch --ref v1.3.0";
    assert!(said.err.contains(next), "{} {}", said.out, said.err);
    let json = [&check[..], &["--format", "json", "--fail-on", "never"]].concat();
    let ours = cascade_in(&town, &here, &[&json[..], &["--fetch"]].concat()).exits(0);
    let fresh = runner(&town, "fresh");
    cascade_in(&town, &fresh, &["fetch"]).exits(0);
    let theirs = cascade_in(&town, &fresh, &json).exits(0);
    let codes = |said: &super::Said| {
        let all = said.json();
        let found = all["findings"].as_array().unwrap().iter();
        let codes = found.map(|it| it["code"].as_str().unwrap().to_owned());
        codes
            .filter(|it| !super::OF_CHECKOUTS.contains(&it.as_str()))
            .collect::<Vec<_>>()
    };
    assert!(
        !codes(&ours).contains(&"unreadable".to_owned()),
        "{}",
        ours.out
    );
    assert_eq!(codes(&ours), codes(&theirs));
    cascade_in(&town, &here, &json).exits(0);
}

#[test]
fn a_clone_that_lacks_is_made_as_the_others_are() {
    let town = town();
    let here = runner(&town, "runner");
    fetched(&town, &here);
    fs::remove_dir_all(here.join("core")).unwrap();
    let mend = |folder: &std::path::Path| {
        let all = cascade_in(
            &town,
            folder,
            &["drift", "--format", "json", "--fail-on", "never"],
        );
        let all = all.exits(0).json();
        let findings = all["findings"].as_array().unwrap().clone();
        let found = findings
            .into_iter()
            .find(|it| it["code"] == "missing-clone");
        found.unwrap()["mend"].as_str().unwrap().to_owned()
    };
    assert_eq!(mend(&here), "cascade fetch --mode report");
    fetched(&town, &here);
    let fresh = runner(&town, "fresh");
    cascade_in(&town, &fresh, &["fetch"]).exits(0);
    fs::remove_dir_all(fresh.join("core")).unwrap();
    assert_eq!(mend(&fresh), "cascade fetch");
}
