//! What is refused or held, and the next step that is named.

use super::*;

#[test]
fn a_dirty_checkout_holds_its_bump_by_name_unless_skipped() {
    let mut sample = family();
    sample.at("lib").dirty = true;
    let held = bump(&sample, &["core=minor"]);
    let held = step(&held, "lib").held.as_ref().expect("held");
    assert!(held.why.contains("`lib`"), "{held:?}");
    let mut skipping = request(Purpose::Bump, &["core=minor"]);
    skipping.skip.insert(RepoId::new("lib"));
    let plan = sample.plan(&skipping).unwrap();
    assert_eq!(changed(&plan), ["core"]);
}

#[test]
fn what_can_not_be_asked_for_is_said_with_the_next_step() {
    let sample = family();
    let error = |asks: &[&str]| sample.plan(&request(Purpose::Bump, asks)).unwrap_err();
    let unknown = error(&["cor=minor"]);
    assert!(matches!(unknown, PlanError::UnknownRepo { .. }));
    assert_eq!(unknown.help().as_deref(), Some("did you mean `core`?"));
    assert!(matches!(
        error(&["core/x=minor"]),
        PlanError::UnknownPackage { .. }
    ));
    assert!(matches!(
        error(&["core=1.2"]),
        PlanError::NotAVersion { .. }
    ));
    assert!(matches!(error(&["core=1.1.0"]), PlanError::Below { .. }));
    let early = sample
        .clone()
        .commit("core", "feat: x")
        .tag("core", "v1.3.0-rc.2")
        .commit("core", "fix: y");
    let below = early
        .plan(&request(Purpose::Bump, &["core=1.2.1"]))
        .unwrap_err();
    assert!(below.to_string().contains("v1.3.0-rc.2"), "{below}");
    let moved = sample.clone().commit("core", "fix: x");
    let tagged = moved
        .plan(&request(Purpose::Bump, &["core=v1.2.0"]))
        .unwrap_err();
    assert!(
        tagged.to_string().contains("v1.2.0") && tagged.is_refusal(),
        "{tagged}"
    );
    let python = Sample::new(&[("a", "")]).file("a", "pyproject.toml", &vcs("a", ""));
    let numeric = python
        .plan(&request(Purpose::Bump, &["a=1.0.0-1"]))
        .unwrap_err();
    assert!(numeric.help().unwrap().contains("rc1"), "{numeric:?}");
}

#[test]
fn a_missing_clone_that_stands_on_what_moves_is_named() {
    let mut sample = family();
    sample.at("lib").missing = true;
    let error = sample
        .plan(&request(Purpose::Bump, &["core=minor"]))
        .unwrap_err();
    assert!(
        matches!(&error, PlanError::Unseen { repo, .. } if repo == "lib"),
        "{error:?}"
    );
    assert!(error.help().unwrap().contains("cascade fetch"));
}

#[test]
fn a_release_without_a_name_goes_round_no_repository_that_it_can_not_see() {
    let mut sample = family().commit("core", "feat: frames");
    sample.at("lib").missing = true;
    let unseen = |purpose| sample.plan(&request(purpose, &[])).err();
    let error = unseen(Purpose::Release).expect("nobody knows what lib pins");
    assert!(
        matches!(&error, PlanError::Unseen { repo, .. } if repo == "lib"),
        "{error:?}"
    );
    assert_eq!(unseen(Purpose::Bump), None, "a bump mends what it sees");
}

#[test]
fn a_manifest_that_can_not_be_read_stops_the_plan_above_it() {
    let sample = family().file("app", "Cargo.toml", "[package]\nname = \"app\"\nname = 1\n");
    let error = sample
        .plan(&request(Purpose::Bump, &["core=minor"]))
        .unwrap_err();
    assert!(error.is_refusal(), "{error:?}");
    for word in ["app", "Cargo.toml"] {
        assert!(error.to_string().contains(word), "{error}");
    }
    assert_eq!(changed(&bump(&sample, &["side=minor"])), ["side"]);
}
