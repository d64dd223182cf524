use super::*;

/// A remote whose `main` takes nothing from a push, and names where a pull request is opened.
const PROTECTED: &str = "while read old new ref; do\n\
    test \"$ref\" = refs/heads/main && test ! -e merge && { echo 'GH006: protected' >&2; exit 1; }\n\
    echo \"visit https://forge.example/new/$ref\" >&2\ndone\nexit 0\n";

/// A protected repository, and a plan that goes by a pull request.
fn proposing() -> (World, Plan) {
    let world = World::new();
    world.repo("root");
    world.hook("root", "pre-receive", PROTECTED);
    let mut step = world.step("root", &[]);
    step.mode = ReleaseMode::PullRequest;
    step.actions.insert(
        2,
        Action::Propose {
            base: "main".to_owned(),
        },
    );
    for action in &mut step.actions {
        if let Action::Push { branch, .. } = action {
            *branch = None;
        }
    }
    (world, plan(vec![step]))
}

fn own() -> String {
    format!("cascade/{RUN}/root")
}

/// Lets a person bring commits to `main`, as a forge does.
fn merges(world: &World, how: &[&[&str]]) -> Oid {
    let flag = world.town.origin("root").join("merge");
    save(&flag, "", Overwrite::Replace).unwrap();
    world.town.git("root", &["fetch", "-q"]);
    for args in how {
        world.town.git("root", args);
    }
    world.town.git("root", &["push", "-q", "origin", "main"]);
    fs::remove_file(flag).unwrap();
    Oid::parse(&world.town.git("root", &["rev-parse", "HEAD"])).unwrap()
}

#[track_caller]
fn waits(world: &World, plan: &Plan) -> Outcome {
    let outcome = world.release(plan);
    let fate = &outcome.fates[&id("root")];
    assert!(matches!(fate, Fate::Waiting { .. }), "{outcome:?}");
    outcome
}

#[track_caller]
fn done_at(world: &World, plan: &Plan, commit: &Oid) {
    let outcome = world.release(plan);
    let Fate::Done { commit: at, out } = &outcome.fates[&id("root")] else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        (at.as_ref(), out.as_slice()),
        (Some(commit), &["v1.0.1".to_owned()][..])
    );
    let tagged = world
        .town
        .git_origin("root", &["rev-parse", "v1.0.1^{commit}"]);
    assert_eq!(tagged, commit.as_str());
}

#[test]
fn pins_wait_on_a_branch_until_they_are_squashed_and_the_squash_is_tagged() {
    let (world, plan) = proposing();
    let before = world.town.git_origin("root", &["rev-parse", "main"]);
    let outcome = waits(&world, &plan);
    let link = format!("https://forge.example/new/refs/heads/{}", own());
    assert!(
        outcome.notes.iter().any(|(_, it)| it.contains(&link)),
        "{outcome:?}"
    );
    assert_eq!(
        world.town.git_origin("root", &["rev-parse", "main"]),
        before
    );
    assert!(!world.refs("root").contains("v1.0.1"));
    let proposed = world.town.git_origin("root", &["rev-parse", &own()]);
    waits(&world, &plan);
    assert_eq!(
        world.town.git_origin("root", &["rev-parse", &own()]),
        proposed,
        "it was reused"
    );
    let branch = format!("origin/{}", own());
    let squash = merges(
        &world,
        &[
            &["merge", "-q", "--squash", &branch],
            &["commit", "-q", "-m", "deps (#3)"],
        ],
    );
    merges(&world, &[&["commit", "-q", "--allow-empty", "-m", "later"]]);
    done_at(&world, &plan, &squash);
    done_at(&world, &plan, &squash);
}

#[test]
fn of_a_merge_the_merge_itself_is_tagged_and_the_branch_may_be_gone() {
    let (world, plan) = proposing();
    waits(&world, &plan);
    let branch = format!("origin/{}", own());
    let merge = merges(
        &world,
        &[
            &[
                "commit",
                "-q",
                "--allow-empty",
                "-m",
                "the base moved meanwhile",
            ],
            &["merge", "-q", "--no-ff", "-m", "Merge #3", &branch],
        ],
    );
    world.town.git_origin("root", &["branch", "-D", &own()]);
    done_at(&world, &plan, &merge);
}

#[test]
fn a_base_that_moved_is_waited_for_once_the_pins_are_proposed() {
    let (world, plan) = proposing();
    waits(&world, &plan);
    merges(
        &world,
        &[&[
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "another pull request",
        ]],
    );
    waits(&world, &plan);
}

#[test]
fn a_strangers_commit_on_the_branch_is_held() {
    let (world, plan) = proposing();
    waits(&world, &plan);
    world.town.git("root", &["fetch", "-q"]);
    world
        .town
        .git("root", &["checkout", "-q", "-b", "theirs", "v1.0.0"]);
    world
        .town
        .commit("root", "feat: something else", &[("pin", "other\n")]);
    let refspec = format!("+HEAD:refs/heads/{}", own());
    world.town.git("root", &["push", "-q", "origin", &refspec]);
    let there = world.refs("root");
    let outcome = world.release(&plan);
    let Fate::Failed { why, .. } = &outcome.fates[&id("root")] else {
        panic!("{outcome:?}")
    };
    assert!(why.contains("somebody else"), "{why}");
    assert_eq!(world.refs("root"), there);
}

#[test]
fn a_refused_push_of_the_branch_turns_into_a_pull_request() {
    let world = World::new();
    world.repo("root");
    world.hook("root", "pre-receive", PROTECTED);
    let plan = plan(vec![world.step("root", &[])]);
    let outcome = waits(&world, &plan);
    let said = |text: &str| outcome.notes.iter().any(|(_, it)| it.contains(text));
    assert!(said("takes no push to `main`"), "{outcome:?}");
    let branch = format!("origin/{}", own());
    merges(
        &world,
        &[&["commit", "-q", "--allow-empty", "-m", "meanwhile"]],
    );
    let squash = merges(
        &world,
        &[
            &["merge", "-q", "--squash", &branch],
            &["commit", "-q", "-m", "deps (#3)"],
        ],
    );
    done_at(&world, &plan, &squash);
}
