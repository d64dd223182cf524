//! Which pins move, and how far.

use super::*;

#[test]
fn policies_keep_their_word() {
    let cases = [
        ("keep", "=1.2.0"),
        ("manual", "=1.2.0"),
        ("external", "=1.2.0"),
        ("exact", "=1.3.0"),
        ("floor", "=1.3.0"),
        ("auto", "=1.3.0"),
    ];
    for (policy, wanted) in cases {
        let need = format!("needs = [{{ repo = \"core\", policy = \"{policy}\" }}]");
        let mut sample = family().declare("needs = [\"core\"]", &need);
        sample.apply(&bump(&sample, &["core=minor"]));
        let text = sample.text("lib", "Cargo.toml");
        assert!(
            text.contains(&format!("core = \"{wanted}\"")),
            "{policy}: {text}"
        );
    }
}

#[test]
fn auxiliary_pins_are_listed_and_stay() {
    let sample = family().file(
        "lib",
        "examples/Cargo.toml",
        &cargo("demo", "0.0.1", LIBRARY),
    );
    let plan = bump(&sample, &["core=minor"]);
    let row = step(&plan, "lib")
        .pins
        .iter()
        .find(|it| it.auxiliary)
        .expect("row");
    assert_eq!(
        row.fate,
        PinFate::Kept("auxiliary: never moves unless declared".to_owned())
    );
}

#[test]
fn dev_pins_move_and_release_nothing() {
    let text =
        "[package]\nname = \"lib\"\nversion = \"0.3.1\"\n\n[dev-dependencies]\ncore = \"=1.2.0\"\n";
    let sample = family().file("lib", "Cargo.toml", text);
    let plan = bump(&sample, &["core=minor"]);
    let lib = step(&plan, "lib");
    assert_eq!(message(lib), "chore(deps): core 1.2.0 -> 1.3.0\n");
    assert!(lib.releases.is_empty());
}

#[test]
fn a_pin_never_moves_down_without_a_reason() {
    let sample = family().file(
        "lib",
        "Cargo.toml",
        &cargo("lib", "0.3.1", "core = \"=1.9.0\""),
    );
    let plan = bump(&sample, &["core"]);
    let row = &step(&plan, "lib").pins[0];
    assert!(
        matches!(&row.fate, PinFate::Refused(why) if why.contains("never moves down")),
        "{row:?}"
    );
    assert!(changed(&plan).is_empty());
    let mut down = request(Purpose::Bump, &["core"]);
    down.downgrade = Some("1.9.0 was never out".to_owned());
    let plan = sample.plan(&down).unwrap();
    assert!(message(step(&plan, "lib")).contains("Downgrade: 1.9.0 was never out"));
}

#[test]
fn a_pin_that_can_not_move_holds_its_repository() {
    let sample = Sample::new(&[("a", ""), ("b", "a")])
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file(
            "b",
            "pyproject.toml",
            &python("b", "1.0.0", "\"a>=1.0,<1.7\""),
        )
        .tag("b", "v1.0.0");
    let plan = bump(&sample, &["a=major"]);
    let held = step(&plan, "b").held.as_ref().expect("held");
    assert!(held.why.contains("pyproject.toml:4"), "{held:?}");
    assert!(step(&plan, "b").actions.is_empty());
}

/// A family whose `lib` leaves its pin on `core` to another system.
fn external() -> Sample {
    let need = "needs = [{ repo = \"core\", policy = \"external\" }]";
    moving().declare("needs = [\"core\"]", need)
}

/// The family, with something to release in `core` and in `lib`.
fn moving() -> Sample {
    let core = family().commit("core", "feat: frames");
    core.commit("lib", "fix: of its own")
}

fn awaited(step: &Step) -> Option<&crate::AwaitPins> {
    step.actions.iter().find_map(|it| match it {
        Action::AwaitPins(it) => Some(it),
        _ => None,
    })
}

#[test]
fn a_release_waits_for_what_another_system_moves_and_moves_nothing_of_its_own_before() {
    let plan = release(&external(), &["core=minor", "lib=minor"]);
    let lib = step(&plan, "lib");
    let wait = awaited(lib).expect("a wait");
    assert_eq!((wait.branch.as_str(), wait.timeout), ("main", None));
    assert_eq!(
        (wait.pins[0].path.as_str(), wait.pins[0].to.as_str()),
        ("Cargo.toml", "1.3.0")
    );
    assert_eq!((wait.anew.len(), wait.postponed.len()), (1, 1));
    assert!(lib.releases.is_empty() && lib.is_for_others() && lib.changes());
    assert!(lib.needs(step(&plan, "core")) && !step(&plan, "core").is_for_others());
    assert!(
        changed(&bump(&external(), &["core=minor"]))
            .iter()
            .all(|it| *it != "lib")
    );
}

#[test]
fn nothing_is_waited_for_that_is_there() {
    let there = cargo("lib", "0.3.1", "core = \"=1.4.0\"");
    let plan = release(
        &external().file("lib", "Cargo.toml", &there),
        &["core=minor"],
    );
    assert!(awaited(step(&plan, "lib")).is_none());
    let admits = cargo("lib", "0.3.1", "core = \"1.2\"");
    let plan = release(
        &external().file("lib", "Cargo.toml", &admits),
        &["core=minor"],
    );
    assert!(awaited(step(&plan, "lib")).is_none());
}

#[test]
fn a_message_goes_before_the_wait_and_knows_its_run() {
    let need = "needs = [\"core\"]\n[repo.lib.dispatch]\nurl-env = \"PROMOTE_URL\"";
    let sample = moving().declare("needs = [\"core\"]", need);
    let plan = release(&sample, &["core=minor"]);
    let [Action::Dispatch(message), Action::AwaitPins(wait)] =
        step(&plan, "lib").actions.as_slice()
    else {
        panic!("{:?}", step(&plan, "lib").actions);
    };
    assert_eq!(message.key, format!("{}/lib", plan.run.0));
    assert_eq!(message.payload["run"], plan.run.0.as_str());
    assert_eq!(message.payload["packages"][0]["version"], "1.3.0");
    assert_eq!(wait.timeout, Some(1800));
    let text = serde_json::to_string(&plan).expect("JSON");
    assert_eq!(Plan::parse(&text).expect("a plan"), plan);
}
