use cascade_manifest::Move;
use proptest::prelude::*;

use crate::sample::{Sample, cargo, python, request, vcs};
use crate::{Action, LockMove, PinFate, Plan, PlanError, Purpose, Reason, RepoId, Step, tag_plan};

mod paths;

const LIBRARY: &str = "core = \"=1.2.0\"";
const BOTH: &str = "core = \"1.2\"\nlib = { version = \"0.3\", default-features = false } # both";

/// `core` 1.2.0, `lib` that pins it exactly, `app` on both, and `side`, which stands on nothing.
fn family() -> Sample {
    Sample::new(&[
        ("core", ""),
        ("lib", "core"),
        ("app", "core lib"),
        ("side", ""),
    ])
    .file("core", "Cargo.toml", &cargo("core", "1.2.0", ""))
    .tag("core", "v1.2.0")
    .file("lib", "Cargo.toml", &cargo("lib", "0.3.1", LIBRARY))
    .tag("lib", "v0.3.1")
    .file("app", "Cargo.toml", &cargo("app", "2.0.0", BOTH))
    .tag("app", "v2.0.0")
    .file("side", "Cargo.toml", &cargo("side", "0.1.0", ""))
    .tag("side", "v0.1.0")
}

fn bump(sample: &Sample, asks: &[&str]) -> Plan {
    sample.plan(&request(Purpose::Bump, asks)).expect("plan")
}

fn release(sample: &Sample, asks: &[&str]) -> Plan {
    sample.plan(&request(Purpose::Release, asks)).expect("plan")
}

fn step<'a>(plan: &'a Plan, repo: &str) -> &'a Step {
    let mut steps = plan.steps.iter();
    steps.find(|it| it.repo == RepoId::new(repo)).expect("step")
}

fn changed(plan: &Plan) -> Vec<&str> {
    let steps = plan.steps.iter().filter(|it| it.changes());
    steps.map(|it| it.repo.as_str()).collect()
}

fn message(step: &Step) -> &str {
    let mut actions = step.actions.iter();
    actions
        .find_map(|it| match it {
            Action::Commit { message } => Some(message.as_str()),
            _ => None,
        })
        .expect("commit")
}

fn tags(step: &Step) -> Vec<&str> {
    let actions = step.actions.iter();
    actions
        .filter_map(|it| match it {
            Action::Tag { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_bump_moves_the_version_and_the_pins_below_and_then_nothing() {
    let mut sample = family();
    let plan = bump(&sample, &["core=minor"]);
    assert_eq!(changed(&plan), ["core", "lib"]);
    assert_eq!(message(step(&plan, "core")), "chore(release): core 1.3.0\n");
    assert_eq!(
        message(step(&plan, "lib")),
        "fix(deps): core 1.2.0 -> 1.3.0\n\n- lib 0.3.2\n"
    );
    let kept = &step(&plan, "app").pins;
    assert!(kept.iter().all(|it| matches!(it.fate, PinFate::Kept(_))));
    sample.apply(&plan);
    assert_eq!(
        sample.text("lib", "Cargo.toml"),
        cargo("lib", "0.3.2", "core = \"=1.3.0\"")
    );
    assert_eq!(
        sample.text("app", "Cargo.toml"),
        cargo("app", "2.0.0", BOTH)
    );
    assert!(changed(&bump(&sample, &["core=minor"])).is_empty());
    assert!(changed(&bump(&sample, &["core"])).is_empty());
    assert!(changed(&bump(&sample, &[])).is_empty());
}

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
fn dynamic_versions_are_moved_by_tags_alone() {
    let mut sample = Sample::new(&[("a", ""), ("b", "a"), ("c", "b")])
        .file("a", "pyproject.toml", &vcs("a", ""))
        .tag("a", "v1.0.0")
        .file("b", "pyproject.toml", &vcs("b", "\"a==1.0.0\""))
        .tag("b", "v0.2.0")
        .file("c", "pyproject.toml", &vcs("c", "\"b>=0.2,<0.3\""))
        .tag("c", "v3.0.0");
    let plan = bump(&sample, &["a=major"]);
    assert_eq!(changed(&plan), ["b"]);
    let plan = release(&sample.clone().commit("a", "fix: x"), &["a=major"]);
    assert_eq!(tags(step(&plan, "a")), ["v2.0.0"]);
    assert_eq!(tags(step(&plan, "b")), ["v0.2.1"]);
    assert_eq!(
        message(step(&plan, "b")).lines().next(),
        Some("fix(deps): a 1.0.0 -> 2.0.0")
    );
    // The pins of `b` were pushed, and the run was cut off before its tag.
    sample = sample.commit("a", "fix: x");
    sample.apply(&release(&sample, &["a=major"]));
    sample.at("b").tags.remove("v0.2.1");
    let again = release(&sample, &["a=major"]);
    assert_eq!(changed(&again), ["b"]);
    assert_eq!(tags(step(&again, "b")), ["v0.2.1"]);
}

#[test]
fn a_package_on_two_moving_upstreams_moves_once() {
    let sample = Sample::new(&[("a", ""), ("b", "a"), ("c", "a b")])
        .file("a", "Cargo.toml", &cargo("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("b", "Cargo.toml", &cargo("b", "1.0.0", "a = \"=1.0.0\""))
        .tag("b", "v1.0.0")
        .file(
            "c",
            "Cargo.toml",
            &cargo("c", "1.0.0", "a = \"=1.0.0\"\nb = \"=1.0.0\""),
        )
        .tag("c", "v1.0.0");
    let plan = bump(&sample, &["a=minor"]);
    let c = step(&plan, "c");
    assert_eq!(
        message(c),
        "fix(deps): a 1.0.0 -> 1.1.0, b 1.0.0 -> 1.0.1\n\n- c 1.0.1\n"
    );
    assert_eq!(c.after, [RepoId::new("a"), RepoId::new("b")]);
}

#[test]
fn only_packages_whose_pins_moved_are_released_in_a_monorepo() {
    let root = "[workspace]\nmembers = [\"x\", \"x-core\", \"x-other\"]\n\n[workspace.dependencies]\na = \"=1.0.0\"\n";
    let sample = Sample::new(&[("a", ""), ("x", "a")])
        .file("a", "Cargo.toml", &cargo("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("x", "Cargo.toml", root)
        .file(
            "x",
            "x-core/Cargo.toml",
            &cargo("x-core", "0.5.0", "a = { workspace = true }"),
        )
        .file(
            "x",
            "x/Cargo.toml",
            &cargo(
                "x",
                "0.8.0",
                "x-core = { path = \"../x-core\", version = \"=0.5.0\" }",
            ),
        )
        .file("x", "x-other/Cargo.toml", &cargo("x-other", "0.1.0", ""))
        .tag("x", "x-core-v0.5.0")
        .tag("x", "x-v0.8.0")
        .tag("x", "x-other-v0.1.0");
    let plan = release(&sample.clone().commit("a", "feat: y"), &["a"]);
    let step = step(&plan, "x");
    let released: Vec<&str> = step.releases.iter().map(|it| it.tag.as_str()).collect();
    assert_eq!(released, ["x-v0.8.1", "x-core-v0.5.1"]);
    assert_eq!(tags(step).len(), 2);
}

#[test]
fn one_tag_for_all_moves_all() {
    let sample = Sample::new(&[("m", "")])
        .declare("[repo.m]\n", "[repo.m]\ntag = \"v{version}\"\n")
        .file("m", "pyproject.toml", &vcs("m", ""))
        .file(
            "m",
            "package.json",
            "{ \"name\": \"@s/m\", \"version\": \"1.0.0\" }\n",
        )
        .file("m", "Cargo.toml", &cargo("m", "1.0.0", ""))
        .tag("m", "v1.0.0")
        .commit("m", "feat: z");
    let plan = release(&sample, &[]);
    let step = step(&plan, "m");
    assert_eq!(tags(step), ["v1.1.0"]);
    assert_eq!(step.releases.len(), 3);
    let writes = step
        .actions
        .iter()
        .filter(|it| matches!(it, Action::Write { .. }));
    assert_eq!(writes.count(), 2);
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
        lib.actions.last(),
        Some(Action::AwaitTag { name: None, .. })
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
fn modes_that_cascade_does_not_have_yet_hold() {
    for mode in ["pull-request", "manual"] {
        let to = format!("[repo.core]\nrelease = \"{mode}\"\n");
        let sample = family()
            .declare("[repo.core]\n", &to)
            .commit("core", "feat: x");
        let plan = release(&sample, &["core=minor"]);
        let held = step(&plan, "core").held.as_ref().expect("held");
        assert!(
            held.why.contains(mode) && held.why.contains("core"),
            "{held:?}"
        );
        assert!(
            bump(&sample, &["core=minor"])
                .steps
                .iter()
                .all(|it| it.held.is_none())
        );
    }
}

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

#[test]
fn pre_releases_count_from_the_last_final_one_and_are_pinned_exactly() {
    let mut sample = Sample::new(&[("a", ""), ("b", "a")])
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .commit("a", "feat: x")
        .file(
            "b",
            "pyproject.toml",
            &python("b", "1.0.0", "\"a>=1.0,<2\""),
        )
        .tag("b", "v1.0.0");
    let mut pre = request(Purpose::Release, &["a=minor"]);
    pre.pre = Some("rc".to_owned());
    let plan = sample.plan(&pre).unwrap();
    assert_eq!(tags(step(&plan, "a")), ["v1.1.0-rc.1"]);
    sample.apply(&plan);
    assert!(
        sample
            .text("a", "pyproject.toml")
            .contains("version = \"1.1.0rc1\"")
    );
    assert!(
        sample.text("b", "pyproject.toml").contains("a==1.1.0rc1"),
        "{}",
        sample.text("b", "pyproject.toml")
    );
    sample = sample.commit("a", "fix: y");
    let plan = sample.plan(&pre).unwrap();
    assert_eq!(tags(step(&plan, "a")), ["v1.1.0-rc.2"]);
}

#[test]
fn stable_never_pins_a_pre_release() {
    let sample = family();
    let plan = bump(&sample, &["core=2.0.0-rc.1"]);
    let row = &step(&plan, "lib").pins[0];
    assert_eq!(
        row.fate,
        PinFate::Kept("stable never depends on a pre-release".to_owned())
    );
}

#[test]
fn development_versions_are_left_by_a_bump_and_finished_by_a_release() {
    let mut sample = Sample::new(&[("a", ""), ("b", "a")])
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .commit("a", "feat: x")
        .file(
            "b",
            "pyproject.toml",
            &python("b", "3.2.0.dev", "\"a==1.0.0\""),
        )
        .tag("b", "v3.1.3");
    let plan = release(&sample, &["a"]);
    assert_eq!(tags(step(&plan, "b")), ["v3.2.0"]);
    sample.apply(&bump(&sample, &["a=1.1.0"]));
    assert_eq!(
        sample.text("b", "pyproject.toml"),
        python("b", "3.2.0.dev", "\"a==1.1.0\"")
    );
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

#[test]
fn declared_sites_move_and_keep_their_v() {
    let sample = Sample::new(&[("a", ""), ("ops", "a")])
        .declare("[repo.ops]\n", "[[repo.ops.site]]\nfile = \"app.yaml\"\nregex = 'image: x/a:(?P<version>\\S+)'\nupstream = \"a\"\nkind = \"image\"\n\n[repo.ops]\n")
        .file("a", "Cargo.toml", &cargo("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("ops", "app.yaml", "image: x/a:v1.0.0 # 1.0.0\n");
    let mut after = sample.clone();
    after.apply(&bump(&sample, &["a=minor"]));
    assert_eq!(after.text("ops", "app.yaml"), "image: x/a:v1.1.0 # 1.0.0\n");
}

#[test]
fn the_changelog_gets_its_version_once() {
    let log = "# Changelog\n\n## [Unreleased]\n\n- frames\n\n## [1.2.0] - 2020-01-01\n\n- all\n";
    let mut sample = family().file("core", "CHANGELOG.md", log);
    sample.apply(&bump(&sample, &["core=minor"]));
    let text = sample.text("core", "CHANGELOG.md").to_owned();
    assert!(text.contains("## [1.3.0] - 2026-11-21"), "{text}");
    assert!(changed(&bump(&sample, &["core=minor"])).is_empty());
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

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"core\"\nversion = \"1.2.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\n\n[[package]]\nname = \"lib\"\nversion = \"0.3.1\"\ndependencies = [\n \"core\",\n]\n";

#[test]
fn a_lock_moves_with_the_pin_and_with_the_packages_own_version() {
    let sample = family().file("lib", "Cargo.lock", LOCK);
    let plan = bump(&sample, &["core=minor"]);
    let [lock] = step(&plan, "lib").locks.as_slice() else {
        panic!("{:?}", step(&plan, "lib").locks)
    };
    assert!(lock.required, "{lock:?}");
    assert_eq!(
        (lock.file.as_str(), lock.ecosystem.as_str()),
        ("Cargo.lock", "cargo")
    );
    for word in ["core is pinned to 1.3.0", "lib itself becomes 0.3.2"] {
        assert!(lock.reason.contains(word), "{lock:?}");
    }
    let words = lock.commands.iter().map(|it| it.join(" "));
    let words: Vec<String> = words.collect();
    assert!(
        words
            .iter()
            .any(|it| it.contains("core") && it.contains("1.3.0")),
        "{words:?}"
    );
    let at = |wanted: fn(&Action) -> bool| step(&plan, "lib").actions.iter().position(wanted);
    let relock = at(|it| matches!(it, Action::Relock(_)));
    assert!(at(|it| matches!(it, Action::Write { .. })) < relock);
    assert!(relock < at(|it| matches!(it, Action::Commit { .. })));
}

#[test]
fn a_lock_move_carries_what_moves_and_how() {
    let sample = family().file("lib", "Cargo.lock", LOCK);
    let plan = bump(&sample, &["core=minor"]);
    let lib = step(&plan, "lib");
    let told = |it: &Move| format!("{} {:?} {}", it.name, it.from, it.to);
    let moves: Vec<String> = lib.locks[0].moves.iter().map(told).collect();
    let own: Vec<String> = lib.locks[0].own.iter().map(told).collect();
    assert_eq!(moves, ["core Some(\"1.2.0\") 1.3.0"]);
    assert_eq!(own, ["lib Some(\"0.3.1\") 0.3.2"]);
    let acts: Vec<_> = lib.locks.iter().filter_map(LockMove::act).collect();
    assert_eq!(acts.len(), 1);
    assert!(lib.actions.contains(&Action::Relock(acts[0].clone())));
    let text = serde_json::to_string(&plan).expect("JSON");
    assert_eq!(serde_json::from_str::<Plan>(&text).expect("plan"), plan);
}

#[test]
fn a_lock_that_is_left_alone_is_told_of_and_holds_nobody() {
    for mode in ["off", "native", "tool"] {
        let said = format!("[repo.lib]\nlock = \"{mode}\"\n");
        let sample = family()
            .file("lib", "Cargo.lock", LOCK)
            .declare("[repo.lib]\n", &said);
        let plan = bump(&sample, &["core=minor"]);
        let lib = step(&plan, "lib");
        assert!(lib.locks[0].required && lib.held.is_none(), "{lib:?}");
        let acts = lib.actions.iter();
        let relocks = acts.filter(|it| matches!(it, Action::Relock(_))).count();
        assert_eq!(relocks, usize::from(mode != "off"), "{mode}");
        assert_eq!(lib.locks[0].mode.word(), mode);
    }
}

const PNPM: &str = "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n  excludeLinksFromLockfile: false\n\nimporters:\n\n  .:\n    dependencies:\n      core:\n        specifier: 1.2.0\n        version: 1.2.0\n\npackages:\n\n  core@1.2.0:\n    resolution: {integrity: sha512-AA==}\n\nsnapshots:\n\n  core@1.2.0: {}\n";

/// `app`, which has a pnpm of today, stands on `core`.
fn gated() -> Sample {
    let app = "{\n  \"name\": \"app\",\n  \"version\": \"1.0.0\",\n  \"packageManager\": \"pnpm@12.21.0\",\n  \"dependencies\": { \"core\": \"1.2.0\" }\n}\n";
    Sample::new(&[("core", ""), ("app", "core")])
        .file(
            "core",
            "package.json",
            "{ \"name\": \"core\", \"version\": \"1.2.0\" }\n",
        )
        .tag("core", "v1.2.0")
        .file("app", "package.json", app)
        .file("app", "pnpm-lock.yaml", PNPM)
        .tag("app", "v1.0.0")
}

#[test]
fn a_release_age_gate_is_shown_and_opened_where_that_is_declared() {
    let plan = bump(&gated(), &["core=minor"]);
    let lock = &step(&plan, "app").locks[0];
    let gate = &lock.gates[0];
    assert_eq!(
        (gate.package.as_str(), gate.version.as_str()),
        ("core", "1.3.0")
    );
    assert_eq!(gate.until, "2026-11-22 00:00 UTC");
    assert!(gate.stops_installs && !gate.exempted, "{gate:?}");
    let file = gate.exemption.clone().expect("a way through");
    let written = |plan: &Plan| {
        let mut acts = step(plan, "app").actions.clone().into_iter();
        acts.find_map(|it| match it {
            Action::Write { path, after, .. } if path == file => Some(after),
            _ => None,
        })
    };
    assert_eq!(written(&plan), None);
    let open = gated().declare("[repo.app]\n", "[repo.app]\nexempt-family = true\n");
    let plan = bump(&open, &["core=minor"]);
    assert!(step(&plan, "app").locks[0].gates[0].exempted);
    let text = written(&plan).expect("an edit");
    assert!(text.contains("core"), "{text}");
}

const YARN: &str = "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n  dependencies:\n    core: \"npm:1.2.0\"\n    other: \"npm:1.0.0\"\n  languageName: unknown\n  linkType: soft\n\n\"core@npm:1.2.0, core@npm:^1.2.0\":\n  version: 1.2.0\n  resolution: \"core@npm:1.2.0\"\n  languageName: node\n  linkType: hard\n";

#[test]
fn the_commands_of_a_lock_are_made_for_its_text_and_the_manifests_after_the_edit() {
    let commands = |app: &str, (file, text): (&str, &str)| -> Vec<String> {
        let mut sample = gated().file("app", "package.json", app);
        sample.at("app").files.remove("pnpm-lock.yaml");
        let sample = sample.file("app", file, text);
        let plan = bump(&sample, &["core=minor"]);
        let commands = &step(&plan, "app").locks[0].commands;
        commands.iter().map(|it| it.join(" ")).collect()
    };
    let asks = |key: &str| {
        format!(
            "{{ \"name\": \"app\", \"version\": \"1.0.0\", \"{key}\": {{ \"core\": \"1.2.0\" }} }}\n"
        )
    };
    let yarn = commands(&asks("dependencies"), ("yarn.lock", YARN));
    assert_eq!(
        yarn,
        [
            "yarn install --mode=update-lockfile",
            "yarn set resolution core@npm:^1.2.0 npm:1.3.0",
            "yarn dedupe --mode=update-lockfile core",
        ]
    );
    let classic = "# yarn lockfile v1\n\n\ncore@1.2.0:\n  version \"1.2.0\"\n";
    let classic = commands(&asks("dependencies"), ("yarn.lock", classic));
    assert_eq!(classic, ["yarn install --ignore-scripts --non-interactive"]);
    let install = "pnpm install --no-frozen-lockfile --lockfile-only --ignore-scripts";
    let pnpm = commands(&asks("dependencies"), ("pnpm-lock.yaml", PNPM));
    assert_eq!(pnpm.first().map(String::as_str), Some(install));
    assert!(
        pnpm[1].starts_with("pnpm update ") && pnpm[1].ends_with(" core@1.3.0"),
        "{pnpm:?}"
    );
    // pnpm refuses to update what only an override asks for.
    let forced = asks("dependencies").replace("\"dependencies\": ", "\"pnpm\": { \"overrides\": ");
    let forced = forced.replace("} }\n", "} } }\n");
    assert_eq!(commands(&forced, ("pnpm-lock.yaml", PNPM)), [install]);
}

#[test]
fn a_lock_that_only_could_be_fresher_is_not_required_and_holds_nobody() {
    let mut sample = family()
        .file(
            "lib",
            "Cargo.toml",
            &cargo("lib", "0.3.1", "core = \"1.2\""),
        )
        .file("lib", "Cargo.lock", LOCK);
    let plan = bump(&sample, &["core=minor"]);
    let lib = step(&plan, "lib");
    assert!(!lib.locks[0].required && lib.releases.is_empty());
    assert_eq!(message(lib), "chore(deps): lock Cargo.lock\n");
    sample.at("lib").dirty = true;
    let plan = bump(&sample, &["core=minor"]);
    assert!(step(&plan, "lib").held.is_none() && !step(&plan, "lib").changes());
}

#[test]
fn a_lock_that_a_bump_left_behind_is_taken_up_by_the_next() {
    let mut sample = family().file("lib", "Cargo.lock", LOCK);
    sample.apply(&bump(&sample, &["core=minor"]));
    for asks in [&["core=1.3.0"][..], &["core"], &["core=minor"]] {
        let plan = bump(&sample, asks);
        assert_eq!(changed(&plan), ["lib"], "{asks:?}");
        let lib = step(&plan, "lib");
        assert!(lib.locks[0].required, "{lib:?}");
        let mut lines = lib.locks[0].commands.iter().map(|it| it.join(" "));
        assert!(lines.any(|it| it == "cargo update -p core@1 --precise 1.3.0"));
        assert_eq!(message(lib), "chore(deps): lock Cargo.lock\n");
        assert!(
            lib.actions
                .iter()
                .all(|it| !matches!(it, Action::Write { .. }))
        );
    }
    sample = sample.file(
        "lib",
        "Cargo.lock",
        &LOCK.replace("1.2.0", "1.3.0").replace("0.3.1", "0.3.2"),
    );
    assert!(changed(&bump(&sample, &["core"])).is_empty());
}

#[test]
fn a_bump_that_left_its_edits_uncommitted_changes_nothing_again() {
    let mut sample = family().file("lib", "Cargo.lock", LOCK);
    sample.apply(&bump(&sample, &["core=minor"]));
    for repo in ["core", "lib"] {
        sample.at(repo).dirty = true;
    }
    let plan = bump(&sample, &["core=minor"]);
    assert!(changed(&plan).is_empty());
    assert!(plan.steps.iter().all(|it| it.held.is_none()), "{plan:?}");
    let left = &step(&plan, "lib").locks[0].reason;
    assert!(left.contains("not committed"), "{left}");
    let more = sample.plan(&request(Purpose::Bump, &["core=2.0.0"]));
    assert!(
        step(&more.unwrap(), "core").held.is_some(),
        "more edits on top"
    );
}

#[test]
fn a_repository_is_not_tagged_beside_a_lock_that_is_not_in_step() {
    let tagged = |sample: &Sample| {
        let (graph, snapshot) = (sample.graph(), sample.snapshot());
        let survey = crate::survey(&graph, &snapshot);
        let lib = RepoId::new("lib");
        tag_plan(&graph, &snapshot, &survey, &lib, None, None)
    };
    let mut sample = family().file("lib", "Cargo.lock", LOCK);
    sample.apply(&bump(&sample, &["core=minor"]));
    let error = tagged(&sample).unwrap_err();
    assert!(error.is_refusal());
    assert!(error.to_string().contains("`Cargo.lock`"), "{error}");
    let help = error.help().unwrap();
    assert!(
        help.contains("`cd lib && cargo update -p core@1 --precise 1.3.0`"),
        "{help}"
    );
    let pinned = LOCK.replace("1.2.0", "1.3.0");
    let error = tagged(&sample.clone().file("lib", "Cargo.lock", &pinned)).unwrap_err();
    assert!(
        error.to_string().contains("`lib` itself at 0.3.1"),
        "{error}"
    );
    let whole = pinned.replace("0.3.1", "0.3.2");
    let tags = tagged(&sample.file("lib", "Cargo.lock", &whole)).unwrap();
    assert_eq!(tags[0].1, "v0.3.2");
}

#[test]
fn no_version_is_chosen_for_what_a_lock_takes_from_git() {
    let needs = "core = { git = \"https://forge.example/core.git\", tag = \"v1.2.0\" }";
    let lock = LOCK.replace(
        "registry+https://github.com/rust-lang/crates.io-index",
        "git+https://forge.example/core.git?tag=v1.2.0#0000000000000000000000000000000000000001",
    );
    let sample = family()
        .file("lib", "Cargo.toml", &cargo("lib", "0.3.1", needs))
        .file("lib", "Cargo.lock", &lock);
    let plan = bump(&sample, &["core=minor"]);
    let lib = step(&plan, "lib");
    assert!(
        matches!(&lib.pins[0].fate, PinFate::Updated(to) if to == "v1.3.0"),
        "{:?}",
        lib.pins
    );
    let words: Vec<String> = lib.locks[0]
        .commands
        .iter()
        .map(|it| it.join(" "))
        .collect();
    assert!(
        words.iter().all(|it| !it.contains("core")) && !words.is_empty(),
        "{words:?}"
    );
}

const SHAPES: &[&str] = &["={}", "{}", "^{}", "~{}", ">={}"];

prop_compose! {
    /// A family of up to five crates, each on some of those before it, at any shape of pin.
    fn families()(
        edges in proptest::collection::vec((0usize..5, 0usize..5, 0usize..5), 0..9),
        versions in proptest::collection::vec((0u64..3, 0u64..4, 0u64..4), 5),
        kinds in proptest::collection::vec(0usize..3, 5),
    ) -> Sample {
        let names = ["a", "b", "c", "d", "e"];
        let version = |at: usize| format!("{}.{}.{}", versions[at].0, versions[at].1, versions[at].2 + 1);
        let needs: Vec<String> = (0..5).map(|at| {
            let mut ups: Vec<&str> = edges.iter().filter(|it| it.0 == at && it.1 < at).map(|it| names[it.1]).collect();
            ups.sort_unstable();
            ups.dedup();
            ups.join(" ")
        }).collect();
        let declared: Vec<(&str, &str)> = names.iter().copied().zip(needs.iter().map(String::as_str)).collect();
        let mut sample = Sample::new(&declared);
        for (at, name) in names.iter().enumerate() {
            let mut rows = std::collections::BTreeMap::new();
            for (_, up, shape) in edges.iter().filter(|it| it.0 == at && it.1 < at) {
                rows.insert(names[*up], SHAPES[*shape].replace("{}", &version(*up)));
            }
            let table = ["dependencies", "dev-dependencies", "build-dependencies"][kinds[at]];
            let rows: Vec<String> = rows.iter().map(|(up, it)| format!("{up} = \"{it}\"")).collect();
            let text = format!("[package]\nname = \"{name}\"\nversion = \"{}\"\n\n[{table}]\n{}\n", version(at), rows.join("\n"));
            sample = sample.file(name, "Cargo.toml", &text).tag(name, &format!("v{}", version(at)));
        }
        sample
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_to_do_is_no_plan(sample in families()) {
        prop_assert!(bump(&sample, &[]).steps.is_empty());
        prop_assert!(release(&sample, &[]).steps.is_empty());
    }

    #[test]
    fn typing_bump_twice_changes_nothing(mut sample in families(), at in 0usize..5, level in 0usize..3) {
        let ask = format!("{}={}", ["a", "b", "c", "d", "e"][at], ["patch", "minor", "major"][level]);
        let plan = bump(&sample, &[&ask]);
        prop_assert!(plan.steps.iter().all(|it| it.held.is_none()));
        sample.apply(&plan);
        prop_assert!(changed(&bump(&sample, &[&ask])).is_empty());
    }

    #[test]
    fn a_release_comes_to_an_end(mut sample in families(), at in 0usize..5, level in 0usize..3) {
        let name = ["a", "b", "c", "d", "e"][at];
        sample = sample.commit(name, "feat!: x");
        let ask = format!("{name}={}", ["patch", "minor", "major"][level]);
        let plan = release(&sample, &[&ask]);
        prop_assert_eq!(&plan, &release(&sample, &[&ask]));
        for step in &plan.steps {
            prop_assert!(step.after.iter().all(|it| plan.steps.iter().position(|other| other.repo == *it)
                < plan.steps.iter().position(|other| other.repo == step.repo)));
        }
        sample.apply(&plan);
        prop_assert!(changed(&release(&sample, &[&ask])).is_empty());
        prop_assert!(bump(&sample, &[]).steps.iter().all(|it| !it.changes()));
        for repo in sample.survey().repos.values() {
            prop_assert!(repo.pins.iter().all(|it| it.status != crate::PinStatus::Excluded));
        }
    }

    #[test]
    fn every_pin_on_what_moves_ends_in_exactly_one_fate(sample in families(), at in 0usize..5) {
        let name = ["a", "b", "c", "d", "e"][at];
        let plan = bump(&sample, &[&format!("{name}=major")]);
        for (id, repo) in &sample.survey().repos {
            for pin in repo.pins.iter().filter(|it| it.upstream.name == name) {
                let mut rows = plan.steps.iter().filter(|it| it.repo == *id).flat_map(|it| &it.pins);
                let found = rows.by_ref().filter(|it| it.manifest == pin.manifest && it.line == pin.line);
                prop_assert_eq!(found.count(), 1);
            }
        }
    }
}

const COMPILED: &str = "\
# This file was autogenerated by uv via the following command:
#    uv pip compile --generate-hashes requirements.in -o requirements.txt
a==1.0.0 \\
    --hash=sha256:00
    # via -r requirements.in
";

#[test]
fn a_compiled_file_moves_as_a_lock_and_its_source_as_a_manifest() {
    let sample = Sample::new(&[("a", ""), ("b", "a")])
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("b", "pyproject.toml", &python("b", "1.0.0", "\"a>=1\""))
        .file("b", "requirements.in", "a==1.0.0\n")
        .file("b", "requirements.txt", COMPILED)
        .file("b", "plain-requirements.txt", "a==1.0.0  # why\n")
        .tag("b", "v1.0.0");
    let plan = bump(&sample, &["a=minor"]);
    let step = step(&plan, "b");
    let written = step.actions.iter().filter_map(|it| match it {
        Action::Write { path, after, .. } => Some((path.as_str(), after.as_str())),
        _ => None,
    });
    let written: Vec<_> = written.filter(|(path, _)| path.contains("req")).collect();
    assert_eq!(
        written,
        [
            ("plain-requirements.txt", "a==1.1.0  # why\n"),
            ("requirements.in", "a==1.1.0\n")
        ]
    );
    let [lock] = step.locks.as_slice() else {
        panic!("{:?}", step.locks)
    };
    assert_eq!(
        (lock.file.as_str(), lock.required),
        ("requirements.txt", true)
    );
    let [command] = lock.commands.as_slice() else {
        panic!("{:?}", lock.commands)
    };
    assert_eq!(
        command.join(" "),
        "uv pip compile -q -P a==1.1.0 --generate-hashes requirements.in -o requirements.txt"
    );
    let row = |manifest: &str| step.pins.iter().find(|it| it.manifest == manifest).unwrap();
    let updated = PinFate::Updated("==1.1.0".to_owned());
    assert_eq!(row("requirements.txt").fate, updated);
}

#[test]
fn a_program_is_read_and_never_edited() {
    let program = "setup(name='b', version='1.0.0', install_requires=['a==1.0.0'])\n";
    let sample = Sample::new(&[("a", ""), ("b", "a")])
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("b", "setup.py", program)
        .tag("b", "v1.0.0");
    let plan = bump(&sample, &["a=minor"]);
    let step = step(&plan, "b");
    let fates: Vec<_> = step.pins.iter().map(|it| &it.fate).collect();
    let [PinFate::Refused(why)] = fates.as_slice() else {
        panic!("{fates:?}")
    };
    for word in ["is a program", "`pyproject.toml`", "`site`"] {
        assert!(why.contains(word), "{why}");
    }
    let mut after = sample.clone();
    after.apply(&plan);
    assert_eq!(after.text("b", "setup.py"), program);
    let own = bump(&sample, &["b=minor"]);
    after.apply(&own);
    assert_eq!(after.text("b", "setup.py"), program);
    let held = format!("{:?}", own.steps);
    assert!(held.contains("is a program"), "{held}");
}

const COPIES: &str = "\
[[repo.a.site]]
file = \"src/a/__init__.py\"
regex = '^__version__ = \"(?P<version>[^\"]+)\"'
upstream = \"a\"

[[repo.a.site]]
file = \"server.json\"
regex = '\"version\": \"(?P<version>[^\"]+)\"'
upstream = \"a\"
count = 2

";

#[test]
fn static_copies_of_the_own_version_move_with_it() {
    let server = "{\n  \"version\": \"1.0.0\",\n  \"packages\": [{ \"version\": \"1.0.0\" }]\n}\n";
    let mut sample = Sample::new(&[("a", "")])
        .declare("[repo.a]\n", &format!("{COPIES}[repo.a]\n"))
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .file(
            "a",
            "src/a/__init__.py",
            "__version__ = \"1.0.0\"  # 1.0.0\n",
        )
        .file("a", "server.json", server)
        .tag("a", "v1.0.0")
        .commit("a", "feat: x");
    sample.apply(&release(&sample, &["a"]));
    assert_eq!(sample.text("a", "pyproject.toml"), python("a", "1.1.0", ""));
    assert_eq!(
        sample.text("a", "src/a/__init__.py"),
        "__version__ = \"1.1.0\"  # 1.0.0\n"
    );
    assert_eq!(
        sample.text("a", "server.json"),
        server.replace("1.0.0", "1.1.0")
    );
    sample.apply(&bump(&sample, &["a=2.0.0"]));
    assert!(sample.text("a", "server.json").contains("2.0.0"));
}

#[test]
fn a_development_pin_against_the_order_moves_in_a_bump() {
    let down = "[package]\nname = \"lib\"\nversion = \"0.3.1\"\n[dependencies]\ncore = \"1.2.0\"\n";
    let mut sample = Sample::new(&[("core", ""), ("lib", "core")])
        .file(
            "core",
            "Cargo.toml",
            "[package]\nname = \"core\"\nversion = \"1.2.0\"\n[dev-dependencies]\nlib = \"0.2\"\n",
        )
        .tag("core", "v1.2.0")
        .file("lib", "Cargo.toml", down)
        .tag("lib", "v0.3.1");
    let dev = |sample: &Sample| {
        sample
            .text("core", "Cargo.toml")
            .lines()
            .last()
            .map(str::to_owned)
    };
    for (asks, expected) in [
        (&[][..], "lib = \"0.3\""),
        (&["lib=minor"][..], "lib = \"0.4\""),
    ] {
        let plan = bump(&sample, asks);
        assert!(
            step(&plan, "core").releases.iter().all(|it| it.out),
            "{asks:?}"
        );
        sample.apply(&plan);
        assert_eq!(dev(&sample).as_deref(), Some(expected), "{asks:?}");
    }
    let left = release(&sample, &["lib"]);
    assert!(left.steps.iter().all(|it| it.repo != RepoId::new("core")));
}
