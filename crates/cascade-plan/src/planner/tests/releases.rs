//! Releases: what goes out, in which order, and who makes the tags.

use super::*;

#[test]
fn a_release_tags_upstream_first_and_the_same_command_continues() {
    let mut sample = family().commit("core", "feat: frames");
    let plan = release(&sample, &["core=minor"]);
    assert_eq!(changed(&plan), ["core", "lib"]);
    let lib = step(&plan, "lib");
    assert_eq!(lib.after, [RepoId::new("core")]);
    assert_eq!(tags(lib), ["v0.3.2"]);
    let words: Vec<&str> = lib
        .actions
        .iter()
        .map(|it| match it {
            Action::Write { .. } => "write",
            Action::Commit { .. } => "commit",
            Action::Tag { message, .. } => {
                let run = format!("Cascade-Run: {}\n", plan.run.0);
                assert!(message.contains(&run), "{message}");
                assert!(
                    message.contains("Cascade-Upstream: core@1.3.0\n"),
                    "{message}"
                );
                "tag"
            }
            Action::Push { .. } => "push",
            Action::AwaitTag { .. } => "await",
            _ => "?",
        })
        .collect();
    assert_eq!(words, ["write", "commit", "tag", "push", "await"]);
    assert!(message(lib).ends_with(&format!("Cascade-Run: {}\n", plan.run.0)));
    sample.apply(&plan);
    assert!(changed(&release(&sample, &["core=minor"])).is_empty());
    assert!(changed(&release(&sample, &[])).is_empty());
}

#[test]
fn a_release_after_a_bump_takes_up_what_the_bump_made() {
    let mut sample = family().commit("core", "feat: frames");
    sample.apply(&bump(&sample, &["core=minor"]));
    let plan = release(&sample, &["core"]);
    assert_eq!(tags(step(&plan, "core")), ["v1.3.0"]);
    assert_eq!(step(&plan, "core").releases[0].reason, Reason::Pending);
    assert_eq!(tags(step(&plan, "lib")), ["v0.3.2"]);
    sample.apply(&plan);
    assert!(changed(&release(&sample, &["core"])).is_empty());
}

#[test]
fn release_please_gets_its_pins_and_is_waited_for() {
    let sample = family()
        .declare("[repo.lib]\n", "[repo.lib]\nrelease = \"release-please\"\n")
        .commit("core", "feat: frames");
    let plan = release(&sample, &["core=minor"]);
    let lib = step(&plan, "lib");
    assert!(tags(lib).is_empty());
    assert!(matches!(
        lib.actions.as_slice(),
        [
            ..,
            Action::Propose { .. },
            Action::AwaitTag { name: None, .. }
        ]
    ));
    let writes: Vec<&Action> = lib
        .actions
        .iter()
        .filter(|it| matches!(it, Action::Write { .. }))
        .collect();
    let [Action::Write { after, .. }] = writes.as_slice() else {
        panic!("{writes:?}")
    };
    assert_eq!(*after, cargo("lib", "0.3.1", "core = \"=1.3.0\""));
}

#[test]
fn a_pull_request_carries_the_edits_and_its_tag_alone_is_pushed() {
    let sample = family()
        .declare("[repo.core]\n", "[repo.core]\nrelease = \"pull-request\"\n")
        .commit("core", "feat: x");
    let plan = release(&sample, &["core=minor"]);
    let core = step(&plan, "core");
    assert_eq!(core.held, None);
    let outward = core.actions.iter().filter_map(|it| match it {
        Action::Propose { base } => Some(format!("propose {base}")),
        Action::Tag { name, .. } => Some(format!("tag {name}")),
        Action::Push { branch, tags } => Some(format!("push {branch:?} {tags:?}")),
        _ => None,
    });
    let outward: Vec<String> = outward.collect();
    assert_eq!(
        outward,
        ["propose main", "tag v1.3.0", "push None [\"v1.3.0\"]"]
    );
}

#[test]
fn what_a_person_releases_holds() {
    let sample = family()
        .declare("[repo.core]\n", "[repo.core]\nrelease = \"manual\"\n")
        .commit("core", "feat: x");
    let plan = release(&sample, &["core=minor"]);
    let held = step(&plan, "core").held.as_ref().expect("held");
    assert!(
        held.why.contains("manual") && held.why.contains("core"),
        "{held:?}"
    );
    assert!(
        bump(&sample, &["core=minor"])
            .steps
            .iter()
            .all(|it| it.held.is_none())
    );
}

#[test]
fn a_tag_says_what_the_manifest_says() {
    let tagged = |sample: &Sample, version: Option<&str>| {
        let (graph, snapshot, survey) = (sample.graph(), sample.snapshot(), sample.survey());
        tag_plan(
            &graph,
            &snapshot,
            &survey,
            &RepoId::new("core"),
            None,
            version,
        )
    };
    let mut sample = family();
    let wrong = tagged(&sample, Some("v9.9.9")).unwrap_err().to_string();
    for word in ["core", "1.2.0", "9.9.9"] {
        assert!(wrong.contains(word), "{wrong}");
    }
    assert!(
        matches!(tagged(&sample, Some("1.2.0")), Err(PlanError::Tagged { tag, .. }) if tag == "v1.2.0")
    );
    sample = sample
        .file("core", "Cargo.toml", &cargo("core", "1.3.0", ""))
        .commit("core", "feat: x");
    assert_eq!(tagged(&sample, None).unwrap()[0].1, "v1.3.0");
    sample.at("core").branch = Some("elsewhere".to_owned());
    let branch = tagged(&sample, None).unwrap_err().to_string();
    assert!(
        branch.contains("elsewhere") && branch.contains("main"),
        "{branch}"
    );
    sample.at("core").branch = Some("main".to_owned());
    sample.at("core").dirty = true;
    assert!(tagged(&sample, None).unwrap_err().is_refusal());
    sample.at("core").dirty = false;
    let theirs = sample.declare(
        "[repo.core]\n",
        "[repo.core]\nrelease = \"release-please\"\n",
    );
    assert!(
        tagged(&theirs, None)
            .unwrap_err()
            .to_string()
            .contains("release-please")
    );
}
