//! Locks by tools that edit manifests as well, or take the newest version of a range. Where real
//! ones are not installed they are not tried.

use std::collections::BTreeMap;

use cascade_manifest::{Kind, LockFacts, Move, Stand};
use cascade_plan::{LockMode, LockMove, PinFate, PinMove, Relock};

use super::*;
use crate::{CommitHow, RegistryServer};

mod real;

const GO_MOD: &str = "module example.org/leaf\n\ngo 1.21\n\nrequire example.org/root v1.0.0\n\n\
    require example.org/third v1.0.0 // indirect\n";
const GO_SUM: &str = "example.org/root v1.0.0 h1:a=\nexample.org/root v1.0.0/go.mod h1:b=\n\
    example.org/third v1.0.0 h1:c=\nexample.org/third v1.0.0/go.mod h1:d=\n";
/// What the go command would do: the sums of both move, and the row of what `root` requires.
const BOTH: &str =
    "sed -i 's/v1\\.0\\.0/v1.1.0/' go.sum; sed -i '/third/s/v1\\.0\\.0/v1.1.0/' go.mod";

/// Returns a step that moves `root` from 1.0.0 to 1.1.0 in the lock beside a manifest of `leaf`,
/// by the tool alone.
fn step(world: &World, (ecosystem, name): (&str, &str), file: &str) -> Step {
    let format = cascade_manifest::ecosystem(ecosystem).unwrap();
    let moves = vec![Move {
        name: name.to_owned(),
        from: Some("1.0.0".to_owned()),
        to: "1.1.0".to_owned(),
    }];
    let stand = Stand {
        file_name: file,
        facts: &LockFacts::default(),
        files: &BTreeMap::new(),
    };
    let commands = format.lock(file).unwrap().relock(&stand, &moves);
    let lock = LockMove {
        file: file.to_owned(),
        ecosystem: ecosystem.to_owned(),
        mode: LockMode::Tool,
        moves: moves.clone(),
        own: Vec::new(),
        commands: commands.clone(),
        reason: "the pin moves".to_owned(),
        required: true,
        gates: Vec::new(),
    };
    let relock = Relock {
        file: file.to_owned(),
        mode: LockMode::Tool,
        moves,
        own: Vec::new(),
        commands,
    };
    let mut step = world.step("leaf", &[]);
    step.locks = vec![lock];
    step.actions[0] = Action::Relock(relock);
    step
}

fn pin((ecosystem, name): (&str, &str), manifest: &str, version: &str) -> PinMove {
    PinMove {
        manifest: manifest.to_owned(),
        line: 5,
        section: "require".to_owned(),
        kind: Kind::Runtime,
        auxiliary: false,
        upstream: PackageId {
            repo: id("root"),
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
        },
        from: "v1.0.0".to_owned(),
        version: version.to_owned(),
        fate: PinFate::Updated(format!("v{version}")),
    }
}

/// Returns a step that moves the row of `root` in `go.mod` as well.
fn go_step(world: &World, before: &str) -> Step {
    let mut step = step(world, ("go", "example.org/root"), "go.sum");
    let after = before.replace("root v1.0.0", "root v1.1.0");
    step.actions.insert(0, write("go.mod", before, &after));
    step.pins = vec![
        pin(("go", "example.org/root"), "go.mod", "1.1.0"),
        // A folder below has no sums here, and those above are none of its.
        pin(("go", "example.org/root"), "tools/go.mod", "9.9.9"),
    ];
    step
}

fn with_go(script: &str) -> (World, Step) {
    let mut world = World::new();
    let files = [("go.mod", GO_MOD), ("go.sum", GO_SUM)];
    world.town.repo("leaf", "v1.0.0", &files);
    world.tool("go", script);
    let step = go_step(&world, GO_MOD);
    (world, step)
}

fn bumped(world: &World, step: &Step) -> Outcome {
    let mut step = step.clone();
    step.actions.truncate(3);
    let sites = world.sites(&["leaf"]);
    let how = CommitHow::Here;
    crate::bump(
        &plan(vec![step]),
        &sites,
        (&world.git(), &world.state),
        how,
        &mut |_| {},
    )
}

fn is_done(outcome: &Outcome) -> bool {
    matches!(outcome.fates[&id("leaf")], Fate::Done { .. })
}

const MOVED: &str = "module example.org/leaf\n\ngo 1.21\n\nrequire example.org/root v1.1.0\n\n\
    require example.org/third v1.1.0 // indirect\n";

#[test]
fn a_manifests_rows_that_are_the_tools_own_come_back_with_the_lock() {
    let (world, step) = with_go(BOTH);
    let outcome = bumped(&world, &step);
    assert!(is_done(&outcome), "{outcome:?}");
    assert_eq!(world.town.read("leaf", "go.mod"), MOVED);
    assert!(
        world
            .town
            .read("leaf", "go.sum")
            .contains("third v1.1.0 h1")
    );
    assert_eq!(world.town.git("leaf", &["status", "--porcelain"]), "");
    let note = &outcome.notes[0].1;
    assert!(
        note.contains("`go.mod`: example.org/third v1.0.0 -> v1.1.0"),
        "{note}"
    );
    // The same once more has nothing left to do.
    let again = bumped(&world, &step);
    assert_eq!(again.fates[&id("leaf")], Fate::Nothing, "{again:?}");

    let (world, step) = with_go(BOTH);
    let outcome = world.release(&plan(vec![step.clone()]));
    assert!(is_done(&outcome), "{outcome:?}");
    let git = |args: &[&str]| world.town.git_origin("leaf", args);
    assert_eq!(git(&["show", "main:go.mod"]), MOVED.trim());
    let refs = world.refs("leaf");
    let again = world.release(&plan(vec![step]));
    assert!(is_done(&again), "{again:?}");
    assert_eq!(world.refs("leaf"), refs);
}

#[test]
fn a_row_of_a_persons_own_is_refused_and_named() {
    let script = format!("{BOTH}; sed -i 's/root v1\\.1\\.0/root v1.2.0/' go.mod");
    let (world, step) = with_go(&script);
    let before = world.refs("leaf");
    let outcome = world.release(&plan(vec![step]));
    let Fate::Waiting { what, .. } = &outcome.fates[&id("leaf")] else {
        panic!("{outcome:?}")
    };
    assert!(what.contains("`require example.org/root v1.2.0`"), "{what}");
    assert_eq!(world.refs("leaf"), before);
}

#[test]
fn copies_that_would_not_fit_a_lock_hold_it_back_and_say_what_makes_them_anew() {
    let mut world = World::new();
    let files = [
        ("go.mod", GO_MOD),
        ("go.sum", GO_SUM),
        ("vendor/modules.txt", "# example.org/root v1.0.0\n"),
    ];
    world.town.repo("leaf", "v1.0.0", &files);
    world.tool("go", BOTH);
    let step = go_step(&world, GO_MOD);
    let mend = "cd leaf && go get example.org/root@v1.1.0 && go mod tidy && go mod vendor";
    let released = world.release(&plan(vec![step.clone()]));
    let Fate::Waiting { what, help } = &released.fates[&id("leaf")] else {
        panic!("{released:?}")
    };
    assert!(what.contains("`vendor` holds copies"), "{what}");
    assert_eq!(help.as_deref(), Some(mend));
    let outcome = bumped(&world, &step);
    assert!(is_done(&outcome), "{outcome:?}");
    assert_eq!(world.town.read("leaf", "go.sum"), GO_SUM);
    assert!(outcome.notes[0].1.ends_with(mend), "{:?}", outcome.notes);
}

#[test]
fn what_takes_two_steps_is_mended_by_cascade_and_the_reason_comes_first() {
    let mut world = World::new();
    let manifest = "{ \"dependencies\": { \"root\": \"^1.0.0\" } }\n";
    let lock = "{ \"lockfileVersion\": 3, \"packages\": { \"\": { \"dependencies\": { \"root\": \"^1.0.0\" } }, \
        \"node_modules/root\": { \"version\": \"1.0.0\" } } }\n";
    let files = [("package.json", manifest), ("package-lock.json", lock)];
    world.town.repo("leaf", "v1.0.0", &files);
    world.tool("npm", "echo 'error: of npm' >&2; exit 1");
    let mut step = step(&world, ("npm", "root"), "package-lock.json");
    let Action::Relock(it) = &mut step.actions[0] else {
        panic!("{step:?}")
    };
    it.mode = LockMode::Auto;
    let released = world.release(&plan(vec![step]));
    let Fate::Waiting { what, help } = &released.fates[&id("leaf")] else {
        panic!("{released:?}")
    };
    assert_eq!(help.as_deref(), Some("cascade lock --repo leaf"));
    let reason = what.find("not natively, since ").unwrap();
    assert!(reason < what.find("error: of npm").unwrap(), "{what}");
}

#[test]
fn the_go_command_hears_the_users_settings_and_its_own() {
    let script = format!(
        "{BOTH}; echo \"$GOWORK|$GOTOOLCHAIN|$GOFLAGS|$GOPROXY|$GONOSUMDB\" > \"$HOME/said\""
    );
    for (users, said) in [
        (&[][..], "off|local|-mod=mod||\n"),
        (
            &[
                ("GOWORK", "/w"),
                ("GOTOOLCHAIN", "auto"),
                ("GOFLAGS", "-x -mod=vendor"),
                ("GOPROXY", "direct"),
                ("GONOSUMDB", "y"),
            ],
            "/w|auto|-x -mod=mod|direct|y\n",
        ),
    ] {
        let (mut world, step) = with_go(&script);
        let vars = users.iter().map(|(name, it)| (name.into(), it.into()));
        world.environment.vars.extend(vars);
        let outcome = bumped(&world, &step);
        assert!(is_done(&outcome), "{outcome:?}");
        let heard = fs::read_to_string(world.town.path().join("home/said")).unwrap();
        assert_eq!(heard, said);
    }
}
