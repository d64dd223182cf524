use std::cell::Cell;
use std::fs::File;

use super::*;
use crate::mirror::Mirror;
use crate::{End, Runs, Told};

/// Commits to the branch as a person would, and pushes.
fn by_hand(world: &World, repo: &str, files: &[(&str, &str)]) -> Oid {
    world.town.commit(repo, "chore: by hand (#7)", files);
    world.town.git(repo, &["push", "-q", "origin", "main"]);
    Oid::parse(&world.town.git(repo, &["rev-parse", "HEAD"])).unwrap()
}

fn done(world: &World, plan: &Plan, repo: &str) -> Option<Oid> {
    match &world.release(plan).fates[&id(repo)] {
        Fate::Done { commit, .. } => commit.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn pins_that_came_by_hand_are_adopted_and_tagged() {
    let world = World::new();
    world.repo("root");
    let plan = plan(vec![world.step("root", &[])]);
    by_hand(&world, "root", &[("docs/readme", "before\n")]);
    let squashed = by_hand(&world, "root", &[("pin", "new\n"), ("more", "too\n")]);
    by_hand(&world, "root", &[("docs/readme", "after\n")]);
    assert_eq!(done(&world, &plan, "root"), Some(squashed.clone()));
    let tagged = world
        .town
        .git_origin("root", &["rev-parse", "v1.0.1^{commit}"]);
    assert_eq!(tagged, squashed.as_str());
}

#[test]
fn a_tag_made_by_hand_where_the_pins_are_is_adopted() {
    let world = World::new();
    world.repo("root");
    let plan = plan(vec![world.step("root", &[])]);
    let commit = by_hand(&world, "root", &[("pin", "new\n")]);
    world.town.git("root", &["tag", "v1.0.1"]);
    world.town.git("root", &["push", "-q", "origin", "v1.0.1"]);
    let before = world.refs("root");
    assert_eq!(done(&world, &plan, "root"), Some(commit));
    assert_eq!(world.refs("root"), before, "no tag ever moves");
}

#[test]
fn pins_that_were_taken_back_are_no_release() {
    let world = World::new();
    world.repo("root");
    let plan = plan(vec![world.step("root", &[])]);
    by_hand(&world, "root", &[("pin", "new\n")]);
    by_hand(&world, "root", &[("pin", "old\n")]);
    let outcome = world.release(&plan);
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Drifted { .. }),
        "{outcome:?}"
    );
}

#[test]
fn the_journal_knows_of_a_push_before_the_remote_does() {
    let world = World::new();
    world.repo("root");
    let folder = world.state.folder().join("runs").join(RUN);
    let seen = world.town.path().join("seen");
    world.hook(
        "root",
        "pre-receive",
        &format!("cp {}/journal {}", folder.display(), seen.display()),
    );
    let plan = plan(vec![world.step("root", &[])]);
    world.release(&plan);
    let text = fs::read_to_string(seen).unwrap();
    assert!(text.contains("refs/tags/v1.0.1"), "{text}");
    let runs = Runs::of(&world.state).all().unwrap();
    let [story] = &runs[..] else {
        panic!("{runs:?}")
    };
    assert_eq!(story.plan.as_ref(), Some(&plan));
    assert_eq!((story.end(), story.torn), (End::Finished, false));
    assert!(
        story
            .entries
            .last()
            .is_some_and(|it| it.what == Told::Ended)
    );
}

#[test]
fn a_run_that_can_not_be_written_down_pushes_nothing() {
    let world = World::new();
    world.repo("root");
    let before = world.refs("root");
    let runs = world.state.folder().join("runs");
    save(&runs, "in the way", Overwrite::Never).unwrap();
    let plan = plan(vec![world.step("root", &[])]);
    let told = crate::release(&plan, &world.git(), &world.state, TWO, &mut |_: Event| {});
    let why = told.unwrap_err().to_string();
    assert!(why.contains("journal"), "{why}");
    assert_eq!(world.refs("root"), before);
}

#[test]
fn what_gits_housekeeping_clears_away_before_it_is_pinned_is_made_anew() {
    let world = World::new();
    world.repo("root");
    let origin = world.town.origin("root");
    let mirror = Mirror::open(&world.git(), &world.state, &id("root"), origin.to_str()).unwrap();
    mirror.refresh().unwrap();
    let base = Oid::parse(&world.town.git("root", &["rev-parse", "HEAD"])).unwrap();
    let gone = Oid::parse(&"0123456789".repeat(4)).unwrap();
    let who = mirror.identity(0).unwrap();
    let kept = |lost: usize| {
        let left = Cell::new(lost);
        mirror.kept(&RunId(RUN.to_owned()), "tags/x", || {
            let there = left.replace(left.get().saturating_sub(1)) == 0;
            mirror.tag("x", if there { &base } else { &gone }, "x", &who)
        })
    };
    let made = kept(2).unwrap();
    let pinned = format!("refs/cascade/{RUN}/tags/x");
    let at = world.town.run(mirror.path(), &["rev-parse", &pinned]);
    assert_eq!(at, made.as_str());
    let lost = kept(9).unwrap_err().to_string();
    assert!(lost.contains("can not be read"), "{lost}");
}

/// Requires that a release comes to its end though these files of the mirror were emptied.
#[track_caller]
fn ends_without(files: &[&str]) {
    let world = World::new();
    world.repo("root");
    let plan = plan(vec![world.step("root", &[])]);
    let base = world.town.git_origin("root", &["rev-parse", "main"]);
    world.release(&plan);
    for file in files {
        File::create(world.state.mirror(&id("root")).join(file)).unwrap();
    }
    for args in [
        ["update-ref", "refs/heads/main", base.as_str()],
        ["update-ref", "-d", "refs/tags/v1.0.1"],
    ] {
        world.town.git_origin("root", &args);
    }
    let outcome = world.release(&plan);
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Done { .. }),
        "{outcome:?}"
    );
}

#[test]
fn pins_that_a_power_failure_tore_are_written_anew() {
    let pins = ["commit", "tags/v1.0.1"].map(|it| format!("refs/cascade/{RUN}/{it}"));
    ends_without(&[&pins[0], &pins[1]]);
}

#[test]
fn a_mirror_whose_head_a_power_failure_tore_is_made_anew() {
    ends_without(&["HEAD"]);
}
