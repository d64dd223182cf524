use std::sync::atomic::Ordering;
use std::time::Instant;

use cascade_plan::{AwaitVisible, Awaited, Expected, Held, Outlet};

use super::*;

fn chain() -> (World, Plan) {
    let world = World::new();
    for repo in ["root", "leaf", "aside"] {
        world.repo(repo);
    }
    let steps = vec![
        world.step("root", &[]),
        world.step("aside", &[]),
        world.step("leaf", &["root"]),
    ];
    (world, plan(steps))
}

#[test]
fn a_release_is_one_commit_and_one_tag_upstream_first() {
    let (world, plan) = chain();
    let mut ended = Vec::new();
    let outcome = crate::release(&plan, &world.git(), &world.state, TWO, &mut |event| {
        if let Event::Ended { repo, .. } = event {
            ended.push(repo);
        }
    });
    let outcome = outcome.unwrap();
    let at = |repo: &str| ended.iter().position(|it| it.as_str() == repo);
    assert!(at("root") < at("leaf"), "{ended:?}");
    for repo in ["root", "leaf", "aside"] {
        let Fate::Done {
            commit: Some(commit),
            out,
        } = &outcome.fates[&id(repo)]
        else {
            panic!("{repo}: {:?}", outcome.fates)
        };
        assert_eq!(out, &["v1.0.1"]);
        let git = |args: &[&str]| world.town.git_origin(repo, args);
        assert_eq!(git(&["rev-parse", "main"]), commit.as_str());
        assert_eq!(git(&["rev-parse", "v1.0.1^{commit}"]), commit.as_str());
        assert_eq!(git(&["rev-list", "--count", "v1.0.0..main"]), "1");
        assert_eq!(git(&["diff", "--name-only", "v1.0.0", "main"]), "pin");
        assert_eq!(git(&["show", "main:pin"]), "new");
        assert_eq!(git(&["cat-file", "-t", "v1.0.1"]), "tag");
        let message = git(&["cat-file", "-p", "v1.0.1"]);
        assert!(message.contains("# notes") && message.contains(&format!("Cascade-Run: {RUN}")));
        assert_eq!(
            git(&["log", "-1", "--format=%an %ae %at %ct", "main"]),
            "release manager release@example.invalid 1700100000 1700100000"
        );
    }
}

#[test]
fn the_same_plan_gives_the_same_ids_on_another_machine() {
    let refs = || {
        let (world, plan) = chain();
        world.release(&plan);
        ["root", "leaf"].map(|it| world.refs(it))
    };
    assert_eq!(refs(), refs());
}

#[test]
fn checkouts_are_never_touched() {
    let (world, plan) = chain();
    let town = &world.town;
    town.write("root", "pin", "half an edit\n");
    town.write("root", "docs/readme", "staged\n");
    town.git("root", &["add", "docs/readme"]);
    town.write("leaf", "untracked", "mine\n");
    town.write("leaf", ".git/index.lock", "stale\n");
    let before = fingerprint(&town.work());
    let outcome = world.release(&plan);
    assert!(
        matches!(outcome.fates[&id("leaf")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert_eq!(fingerprint(&town.work()), before);
}

#[test]
fn once_more_changes_nothing_and_says_the_same() {
    let (world, plan) = chain();
    let first = world.release(&plan);
    let refs = ["root", "leaf"].map(|it| world.refs(it));
    assert_eq!(world.release(&plan).fates, first.fates);
    assert_eq!(["root", "leaf"].map(|it| world.refs(it)), refs);
}

#[test]
fn a_half_state_is_rolled_forward() {
    let (world, plan) = chain();
    world.release(&plan);
    let whole = world.refs("root");
    // A server that died between two renames: the branch is new, the tag is absent.
    world
        .town
        .git_origin("root", &["update-ref", "-d", "refs/tags/v1.0.1"]);
    let outcome = world.release(&plan);
    assert!(matches!(&outcome.fates[&id("root")], Fate::Done { out, .. } if out == &["v1.0.1"]));
    assert_eq!(world.refs("root"), whole);
}

#[test]
fn a_branch_that_went_on_from_our_commit_still_gets_its_tag() {
    let (world, plan) = chain();
    world.release(&plan);
    let commit = world.town.git_origin("root", &["rev-parse", "main"]);
    world
        .town
        .git_origin("root", &["update-ref", "-d", "refs/tags/v1.0.1"]);
    world.town.git("root", &["pull", "-q", "--ff-only"]);
    world.town.commit("root", "feat: more", &[("more", "x")]);
    world.town.git("root", &["push", "-q", "origin", "main"]);
    let outcome = world.release(&plan);
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert_eq!(
        world
            .town
            .git_origin("root", &["rev-parse", "v1.0.1^{commit}"]),
        commit
    );
}

#[test]
fn several_tags_go_one_a_push() {
    let world = World::new();
    world.repo("root");
    world.hook("root", "post-receive", "wc -l >> pushes");
    let mut step = world.step("root", &[]);
    let tags = ["v1.0.1", "sub/v1.0.1", "other-v1.0.1", "last-v1.0.1"];
    step.actions
        .retain(|it| !matches!(it, Action::Tag { .. } | Action::AwaitTag { .. }));
    step.actions.extend(tags.map(tag));
    let outcome = world.release(&plan(vec![step]));
    assert!(matches!(&outcome.fates[&id("root")], Fate::Done { out, .. } if out == &tags));
    let pushes = fs::read_to_string(world.town.origin("root").join("pushes")).unwrap();
    let pushes: Vec<&str> = pushes.split_whitespace().collect();
    assert_eq!(pushes, ["2", "1", "1", "1"]);
}

#[test]
fn a_tag_alone_stands_on_the_base() {
    let world = World::new();
    world.repo("root");
    world.town.commit("root", "feat: more", &[("more", "x")]);
    world.town.git("root", &["push", "-q", "origin", "main"]);
    let mut step = world.step("root", &[]);
    step.actions
        .retain(|it| !matches!(it, Action::Write { .. } | Action::Commit { .. }));
    let base = step.base.clone();
    let outcome = world.release(&plan(vec![step]));
    assert!(
        matches!(&outcome.fates[&id("root")], Fate::Done { commit: Some(it), .. } if *it == base)
    );
    let git = |args: &[&str]| world.town.git_origin("root", args);
    assert_eq!(
        git(&["rev-parse", "v1.0.1^{commit}"]),
        git(&["rev-parse", "main"])
    );
}

#[test]
fn a_remote_without_atomic_gets_the_branch_first() {
    let world = World::new();
    world.repo("root");
    world
        .town
        .git_origin("root", &["config", "receive.advertiseAtomic", "false"]);
    world.hook("root", "post-receive", "cat >> log");
    let outcome = world.release(&plan(vec![world.step("root", &[])]));
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert_eq!(outcome.notes.len(), 1);
    let log = fs::read_to_string(world.town.origin("root").join("log")).unwrap();
    assert!(
        log.find("refs/heads/main") < log.find("refs/tags/v1.0.1"),
        "{log}"
    );
}

#[test]
fn checks_run_on_the_new_tree_and_a_failing_one_stops_all() {
    let world = World::new();
    world.repo("good");
    world.repo("bad");
    let check = |script: &str| Action::Check {
        argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
    };
    let with = |repo: &str, script: &str| {
        let mut step = world.step(repo, &[]);
        step.actions.insert(1, check(script));
        step
    };
    let steps = vec![
        with("good", "grep new pin && ! test -e .git && echo junk > junk"),
        with("bad", "echo first; printf 'broken\\033[31m' >&2; exit 7"),
    ];
    let before = world.refs("bad");
    let outcome = world.release(&plan(steps));
    assert!(
        matches!(outcome.fates[&id("good")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert_eq!(
        world
            .town
            .git_origin("good", &["ls-tree", "--name-only", "main"]),
        "docs\npin"
    );
    let why = why(&outcome.fates[&id("bad")]);
    assert!(why.contains("broken\\u{1b}[31m"), "{why}");
    assert_eq!(world.refs("bad"), before);
}

#[test]
fn a_hanging_check_is_ended() {
    let mut world = World::new();
    world.repo("root");
    world.environment.patience.check = Duration::from_millis(200);
    let mut step = world.step("root", &[]);
    step.actions.insert(
        1,
        Action::Check {
            argv: ["sleep", "64.125"].map(str::to_owned).to_vec(),
        },
    );
    let begin = Instant::now();
    let outcome = world.release(&plan(vec![step]));
    assert!(why(&outcome.fates[&id("root")]).contains("sleep 64.125"));
    assert!(begin.elapsed() < Duration::from_secs(8));
}

#[test]
fn held_steps_wait_and_steps_without_actions_are_nothing() {
    let world = World::new();
    world.repo("held");
    world.repo("still");
    world.repo("below");
    let mut held = world.step("held", &[]);
    held.held = Some(Held {
        why: "it is released by hand".to_owned(),
        help: None,
    });
    let steps = vec![
        held,
        world.bare_step("still", &[]),
        world.step("below", &["held"]),
    ];
    let outcome = world.release(&plan(steps));
    assert!(matches!(outcome.fates[&id("held")], Fate::Waiting { .. }));
    assert_eq!(outcome.fates[&id("still")], Fate::Nothing);
    assert!(
        matches!(&outcome.fates[&id("below")], Fate::Skipped { because } if because.as_str() == "held")
    );
}

#[test]
fn an_interrupt_before_the_push_leaves_the_remote_alone() {
    let world = World::new();
    world.repo("root");
    let before = world.refs("root");
    world.environment.interrupt.store(true, Ordering::Relaxed);
    let outcome = world.release(&plan(vec![world.step("root", &[])]));
    assert_eq!(outcome.fates[&id("root")], Fate::Interrupted);
    assert_eq!(world.refs("root"), before);
}

#[test]
fn a_push_whose_answer_is_lost_is_settled_by_reading_the_remote() {
    let mut world = World::new();
    world.repo("root");
    // The refs are there when this runs; the client never hears of it.
    world.hook("root", "post-receive", "sleep 67.5");
    world.environment.patience.network = Duration::from_secs(3);
    let outcome = world.release(&plan(vec![world.step("root", &[])]));
    let out = |it: &Fate| matches!(it, Fate::Done { out, .. } if out == &["v1.0.1"]);
    assert!(out(&outcome.fates[&id("root")]), "{outcome:?}");
}

#[test]
fn an_interrupt_lets_a_running_push_end() {
    let world = World::new();
    world.repo("root");
    world.repo("leaf");
    let begun = world.town.origin("root").join("begun");
    world.hook("root", "pre-receive", "touch begun; sleep 1.5");
    let steps = vec![world.step("root", &[]), world.step("leaf", &["root"])];
    let flag = world.environment.interrupt.clone();
    let watcher = std::thread::spawn(move || {
        while !begun.exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        flag.store(true, Ordering::Relaxed);
    });
    let outcome = world.release(&plan(steps));
    watcher.join().unwrap();
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert_eq!(outcome.fates[&id("leaf")], Fate::Interrupted);
}

/// Returns a world whose repository is tagged by its own remote, as release-please would.
fn release_please(tag: &str) -> (World, Vec<Step>) {
    let world = World::new();
    world.repo("site");
    world.repo("below");
    let script = format!(
        "while read old new ref; do case $ref in refs/heads/main) (sleep 0.4; \
         GIT_COMMITTER_NAME=bot GIT_COMMITTER_EMAIL=bot@b.example \
         git tag -a {tag} -m {tag} $new) > /dev/null 2>&1 & ;; esac; done"
    );
    world.hook("site", "post-receive", &script);
    let mut step = world.step("site", &[]);
    step.mode = ReleaseMode::ReleasePlease;
    step.actions.truncate(2);
    step.actions.push(push(&[]));
    step.actions.push(Action::AwaitTag {
        template: TagTemplate::parse("v{version}").unwrap(),
        format: TagFormat::Semver,
        name: None,
    });
    let below = world.step("below", &["site"]);
    (world, vec![step, below])
}

#[test]
fn the_tag_of_release_please_is_waited_for() {
    let (mut world, steps) = release_please("v1.0.1");
    world.environment.patience.tag = Duration::from_secs(20);
    let outcome = world.release(&plan(steps));
    assert!(matches!(&outcome.fates[&id("site")], Fate::Done { out, .. } if out == &["v1.0.1"]));
    assert!(
        matches!(outcome.fates[&id("below")], Fate::Done { .. }),
        "{outcome:?}"
    );
}

#[test]
fn another_version_than_foreseen_stops_what_stands_on_it() {
    let (mut world, steps) = release_please("v1.1.0");
    world.environment.patience.tag = Duration::from_secs(20);
    let before = world.refs("below");
    let outcome = world.release(&plan(steps));
    assert!(matches!(&outcome.fates[&id("site")], Fate::Done { out, .. } if out == &["v1.1.0"]));
    assert!(
        matches!(&outcome.fates[&id("below")], Fate::Drifted { what } if what.contains("v1.1.0"))
    );
    assert_eq!(world.refs("below"), before);
}

#[test]
fn a_tag_that_does_not_come_is_waited_for_later() {
    let (world, mut steps) = release_please("other");
    steps.truncate(1);
    let outcome = world.release(&plan(steps));
    assert!(
        matches!(&outcome.fates[&id("site")], Fate::Waiting { what, .. } if what.contains("v1.0.1"))
    );
}

#[test]
fn the_version_that_was_made_is_waited_for_and_not_the_one_foreseen() {
    let (mut world, mut steps) = release_please("v1.1.0");
    world.environment.patience.tag = Duration::from_secs(20);
    world.environment.patience.index.first = Duration::from_millis(5);
    let shelf = world.town.work().join("shelf");
    fs::create_dir_all(&shelf).unwrap();
    let file = shelf.join("site-1.1.0.tar.gz");
    crate::save(&file, "x", crate::Overwrite::Never).unwrap();
    steps.truncate(1);
    let wait = |timeout| {
        Action::AwaitVisible(AwaitVisible {
            awaited: Awaited {
                ecosystem: "python".to_owned(),
                name: "site".to_owned(),
                version: "1.0.1".to_owned(),
                outlet: Outlet::Folder("shelf".to_owned()),
                expected: Expected::default(),
            },
            registry: "shelf".to_owned(),
            tag: "v1.0.1".to_owned(),
            timeout,
            status: Vec::new(),
            smoke: Vec::new(),
        })
    };
    steps[0].actions.push(wait(20));
    let outcome = world.release(&plan(steps));
    assert!(
        matches!(&outcome.fates[&id("site")], Fate::Done { out, .. } if out == &["v1.1.0"]),
        "{outcome:?}"
    );
    fs::remove_file(file).unwrap();
    let mut late = world.bare_step("site", &[]);
    late.actions = vec![wait(0)];
    let outcome = world.release(&plan(vec![late]));
    let Fate::Waiting { what, help } = &outcome.fates[&id("site")] else {
        panic!("{outcome:?}")
    };
    assert!(
        what.starts_with("`site` 1.0.1 to be visible in `shelf`: never published"),
        "{what}"
    );
    assert_eq!(help.as_deref(), Some("cascade wait site/site@1.0.1"));
}
