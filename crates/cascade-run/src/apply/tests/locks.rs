use cascade_manifest::Kind;
use cascade_plan::{LockMode, LockMove, PinFate, PinMove, Relock, Way};

use super::*;
use crate::CommitHow;

const MANIFEST: &str =
    "[project]\nname = \"leaf\"\nversion = \"1.0.0\"\ndependencies = [\"root==1.0.0\"]\n";
const LOCK: &str = "version = 1\nrequires-python = \">=3.12\"\n\n[[package]]\nname = \"leaf\"\nversion = \"1.0.0\"\nsource = { editable = \".\" }\ndependencies = [\n    { name = \"root\" },\n]\n\n[package.metadata]\nrequires-dist = [{ name = \"root\", specifier = \"==1.0.0\" }]\n\n[[package]]\nname = \"root\"\nversion = \"1.0.0\"\nsource = { registry = \"https://registry.example/simple\" }\n";
/// What the ecosystem's tool would do: the version and the specifier move.
const MOVES: &str =
    "sed -i '/^name = \"root\"/{n;s/1\\.0\\.0/1.0.1/}; s/==1\\.0\\.0/==1.0.1/' uv.lock";

/// Returns a world with a lock, and a step that moves a pin and the lock beside it.
fn locked(required: bool, script: Option<&str>) -> (World, Step) {
    let mut world = World::new();
    world.town.repo(
        "leaf",
        "v1.0.0",
        &[("pyproject.toml", MANIFEST), ("uv.lock", LOCK)],
    );
    if let Some(script) = script {
        world.tool("uv", script);
    }
    let commands = vec![
        ["uv", "lock", "-P", "root==1.0.1"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut step = world.step("leaf", &[]);
    step.pins = vec![PinMove {
        manifest: "pyproject.toml".to_owned(),
        line: 4,
        section: "project.dependencies".to_owned(),
        kind: Kind::Runtime,
        auxiliary: false,
        upstream: package("root"),
        from: "==1.0.0".to_owned(),
        version: "1.0.1".to_owned(),
        fate: PinFate::Updated("==1.0.1".to_owned()),
    }];
    step.locks = vec![LockMove {
        file: "uv.lock".to_owned(),
        ecosystem: "python".to_owned(),
        mode: LockMode::Tool,
        moves: Vec::new(),
        own: Vec::new(),
        commands: commands.clone(),
        reason: "the pin moves".to_owned(),
        required,
        gates: Vec::new(),
    }];
    let after = MANIFEST.replace("root==1.0.0", "root==1.0.1");
    step.actions[0] = write("pyproject.toml", MANIFEST, &after);
    step.actions.insert(1, Action::Relock(relock(commands)));
    (world, step)
}

fn relock(commands: Vec<Vec<String>>) -> Relock {
    Relock {
        file: "uv.lock".to_owned(),
        mode: LockMode::Tool,
        moves: Vec::new(),
        own: Vec::new(),
        commands,
    }
}

#[test]
fn the_lock_alone_is_taken_back_from_the_tool() {
    let script = format!("test -e .git && exit 9; touch junk; echo x >> pyproject.toml; {MOVES}");
    let (world, step) = locked(true, Some(&script));
    let outcome = world.release(&plan(vec![step]));
    assert!(
        matches!(outcome.fates[&id("leaf")], Fate::Done { .. }),
        "{outcome:?}"
    );
    let git = |args: &[&str]| world.town.git_origin("leaf", args);
    assert_eq!(
        git(&["diff", "--name-only", "v1.0.0", "main"]),
        "pyproject.toml\nuv.lock"
    );
    let manifest = git(&["show", "main:pyproject.toml"]);
    assert_eq!(
        manifest,
        MANIFEST.replace("root==1.0.0", "root==1.0.1").trim()
    );
    assert!(git(&["show", "main:uv.lock"]).contains("specifier = \"==1.0.1\""));
}

#[test]
fn a_lock_that_can_not_be_brought_in_step_is_never_tagged() {
    for (script, word) in [
        (None, "not installed"),
        (
            Some("echo 'no such version: root 1.0.1' >&2; exit 1"),
            "no such version",
        ),
        (Some("exit 0"), "instead of 1.0.1"),
        (Some("echo '[[[' > uv.lock"), "can not be read"),
        (Some("rm uv.lock"), "not there"),
        (Some("ln -sf /etc/hostname uv.lock"), "not there"),
    ] {
        let (mut world, step) = locked(true, script);
        if script.is_none() {
            // Only git is installed here.
            let bin = world.town.path().join("bin");
            fs::create_dir_all(&bin).unwrap();
            std::os::unix::fs::symlink(world.environment.program("git").unwrap(), bin.join("git"))
                .unwrap();
            world.environment.vars.insert("PATH".into(), bin.into());
        }
        let before = world.refs("leaf");
        let outcome = world.release(&plan(vec![step]));
        let Fate::Waiting { what, help } = &outcome.fates[&id("leaf")] else {
            panic!("{word}: {outcome:?}")
        };
        assert!(what.contains(word), "{word}: {what}");
        assert_eq!(help.as_deref(), Some("cd leaf && uv lock -P root==1.0.1"));
        assert_eq!(world.refs("leaf"), before);
    }
}

#[test]
fn a_lock_that_only_could_be_fresher_is_noted() {
    let (world, step) = locked(false, Some("exit 1"));
    let outcome = world.release(&plan(vec![step.clone()]));
    assert!(
        matches!(outcome.fates[&id("leaf")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert!(
        outcome.notes[0].1.contains("cd leaf && uv lock"),
        "{:?}",
        outcome.notes
    );

    let (world, mut step) = locked(false, Some("exit 1"));
    step.actions.remove(0);
    let before = world.refs("leaf");
    let outcome = world.release(&plan(vec![step]));
    assert_eq!(outcome.fates[&id("leaf")], Fate::Nothing);
    assert_eq!(world.refs("leaf"), before);
}

#[test]
fn a_hanging_tool_is_ended() {
    let (mut world, step) = locked(true, Some("sleep 66.5"));
    world.environment.patience.relock = Duration::from_millis(200);
    let outcome = world.release(&plan(vec![step]));
    assert!(
        matches!(&outcome.fates[&id("leaf")], Fate::Waiting { what, .. } if what.contains("did not end"))
    );
}

#[test]
fn a_plan_names_no_program_of_its_own() {
    let (world, mut step) = locked(true, None);
    step.actions[1] = Action::Relock(relock(vec![["touch", "x"].map(str::to_owned).to_vec()]));
    let outcome = world.release(&plan(vec![step]));
    assert!(
        matches!(&outcome.fates[&id("leaf")], Fate::Waiting { what, .. } if what.contains("does not run"))
    );
}

fn bumped(world: &World, step: Step) -> Outcome {
    let sites = world.sites(&["leaf"]);
    crate::bump(
        &plan(vec![step]),
        &sites,
        (&world.git(), &world.state),
        CommitHow::Here,
        &mut |_| {},
    )
}

#[test]
fn a_bump_takes_the_lock_along_where_it_can() {
    let (world, mut step) = locked(true, Some(MOVES));
    step.actions.truncate(3);
    let outcome = bumped(&world, step);
    assert!(
        matches!(outcome.fates[&id("leaf")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert!(
        world
            .town
            .read("leaf", "uv.lock")
            .contains("specifier = \"==1.0.1\"")
    );
    assert_eq!(world.town.git("leaf", &["status", "--porcelain"]), "");
    assert_eq!(
        world
            .town
            .git("leaf", &["show", "--format=", "--name-only"]),
        "pyproject.toml\nuv.lock"
    );
}

#[test]
fn a_bump_moves_the_pin_and_tells_of_the_lock_where_it_can_not() {
    let (world, mut step) = locked(true, Some("exit 1"));
    step.actions.truncate(3);
    let outcome = bumped(&world, step);
    assert!(
        matches!(outcome.fates[&id("leaf")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert!(
        outcome.notes[0].1.contains("cd leaf && uv lock"),
        "{:?}",
        outcome.notes
    );
    assert_eq!(world.town.read("leaf", "uv.lock"), LOCK);

    let (world, mut step) = locked(false, Some("exit 1"));
    step.actions.truncate(3);
    step.actions.remove(0);
    let outcome = bumped(&world, step);
    assert_eq!(outcome.fates[&id("leaf")], Fate::Nothing);
    assert_eq!(outcome.notes.len(), 1);
}

/// What the tool would do, and more: a third package moves too.
fn greedy() -> String {
    format!("{MOVES}; sed -i '/^name = \"third\"/{{n;s/3\\.0\\.0/3.1.0/}}' uv.lock")
}

/// Returns the world and step of [`locked`], with a third package in the lock.
fn with_third(script: &str) -> (World, Step) {
    let (world, mut step) = locked(true, Some(script));
    let third = "\n[[package]]\nname = \"third\"\nversion = \"3.0.0\"\nsource = { registry = \"https://registry.example/simple\" }\n";
    let lock = format!("{LOCK}{third}");
    let head = world
        .town
        .commit("leaf", "chore: third", &[("uv.lock", &lock)]);
    world.town.git("leaf", &["push", "-q"]);
    step.base = cascade_plan::Oid::parse(head.trim()).unwrap();
    (world, step)
}

#[test]
fn more_than_was_named_is_refused_and_shown() {
    let (world, step) = with_third(&greedy());
    let before = world.refs("leaf");
    let outcome = world.release(&plan(vec![step]));
    let Fate::Waiting { what, .. } = &outcome.fates[&id("leaf")] else {
        panic!("{outcome:?}")
    };
    assert!(what.contains("third 3.0.0 -> 3.1.0"), "{what}");
    assert!(what.contains("--allow-churn"), "{what}");
    assert_eq!(world.refs("leaf"), before);
}

#[test]
fn more_than_was_named_may_be_allowed_and_is_shown_all_the_same() {
    let (world, step) = with_third(&greedy());
    let mut plan = plan(vec![step]);
    plan.request.allow_churn = true;
    let outcome = world.release(&plan);
    assert!(
        matches!(outcome.fates[&id("leaf")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert!(
        outcome.notes[0].1.contains("third 3.0.0 -> 3.1.0"),
        "{outcome:?}"
    );
    let way = Way::Tool {
        program: "uv".to_owned(),
        because: None,
    };
    assert_eq!(outcome.locks[0].way, way);
}

/// Returns a step whose lock is brought in step in this mode.
fn in_mode(mut step: Step, mode: LockMode) -> Step {
    step.locks[0].mode = mode;
    step.locks[0].moves = vec![cascade_manifest::Move {
        name: "root".to_owned(),
        from: Some("1.0.0".to_owned()),
        to: "1.0.1".to_owned(),
    }];
    match step.locks[0].act() {
        Some(act) => step.actions[1] = Action::Relock(act),
        None => drop(step.actions.remove(1)),
    }
    step
}

#[test]
fn the_tool_comes_second_and_says_why() {
    let (world, step) = locked(true, Some(MOVES));
    let outcome = world.release(&plan(vec![in_mode(step, LockMode::Auto)]));
    assert!(
        matches!(outcome.fates[&id("leaf")], Fate::Done { .. }),
        "{outcome:?}"
    );
    let Way::Tool {
        because: Some(why), ..
    } = &outcome.locks[0].way
    else {
        panic!("{outcome:?}")
    };
    assert!(!why.is_empty());
}

#[test]
fn native_alone_runs_no_tool_and_says_why_not() {
    let (world, step) = locked(true, Some("touch ran; exit 0"));
    let outcome = world.release(&plan(vec![in_mode(step, LockMode::Native)]));
    let Fate::Waiting { what, help } = &outcome.fates[&id("leaf")] else {
        panic!("{outcome:?}")
    };
    assert!(what.contains("can not be rewritten natively"), "{what}");
    assert_eq!(help.as_deref(), Some("cd leaf && uv lock -P root==1.0.1"));
}

#[test]
fn a_lock_that_is_left_alone_is_told_of_and_holds_nobody() {
    let (world, step) = locked(true, Some("exit 1"));
    let outcome = world.release(&plan(vec![in_mode(step, LockMode::Off)]));
    assert!(
        matches!(outcome.fates[&id("leaf")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert!(outcome.notes[0].1.contains("left alone"), "{outcome:?}");
    let git = |args: &[&str]| world.town.git_origin("leaf", args);
    assert_eq!(
        git(&["diff", "--name-only", "v1.0.0", "main"]),
        "pyproject.toml"
    );
}

#[test]
fn manifests_that_a_tool_rewrote_are_as_they_were_for_the_next_lock() {
    let script = format!("{MOVES}; echo '# x' >> pyproject.toml; echo x > uv.toml");
    let (world, step) = locked(true, Some(&script));
    let outcome = world.release(&plan(vec![step]));
    assert!(
        matches!(outcome.fates[&id("leaf")], Fate::Done { .. }),
        "{outcome:?}"
    );
    let git = |args: &[&str]| world.town.git_origin("leaf", args);
    assert!(!git(&["show", "main:pyproject.toml"]).contains("# x"));
    assert_eq!(
        git(&["ls-tree", "--name-only", "main"]),
        "pyproject.toml\nuv.lock"
    );
}

#[test]
fn a_lock_that_can_not_be_read_is_mended_by_hand() {
    let (world, mut step) = locked(true, Some(MOVES));
    let broken = format!("{LOCK}<<<<<<< ours\n=======\n>>>>>>> theirs\n");
    world
        .town
        .commit("leaf", "fix: merge", &[("uv.lock", &broken)]);
    world.town.git("leaf", &["push", "-q", "origin", "main"]);
    step.base = Oid::parse(&world.town.git("leaf", &["rev-parse", "HEAD"])).unwrap();
    let outcome = world.release(&plan(vec![step]));
    let Fate::Waiting { what, help } = &outcome.fates[&id("leaf")] else {
        panic!("{outcome:?}")
    };
    assert!(
        what.contains("`uv.lock` can not be read: a merge"),
        "{what}"
    );
    assert_eq!(help.as_deref(), Some("mend that file in `leaf`"));
}
