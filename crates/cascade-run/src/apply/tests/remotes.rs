use cascade_plan::{Graph, Trouble, declare};

use super::*;
use crate::{Depth, Difference, FastForward};

/// Returns the graph of these repositories, each with its origin as remote.
fn graph(world: &World, repos: &[&str]) -> Graph {
    let text = repos
        .iter()
        .fold("[workspace]\nname = \"town\"\n".to_owned(), |text, repo| {
            let origin = world.town.origin(repo);
            let origin = origin.display();
            format!("{text}[repo.{repo}]\nremote = \"{origin}\"\nbranch = \"main\"\n")
        });
    Graph::build(declare(&text).unwrap()).unwrap()
}

fn look(world: &World, repos: &[&str]) -> (cascade_plan::Snapshot, Vec<Difference>) {
    let graph = graph(world, repos);
    let sites = world.sites(repos);
    crate::observe_remotes(
        &graph,
        &sites,
        &world.git(),
        &world.state,
        2,
        Depth::Plan,
        1_700_100_000,
        &mut |_| {},
    )
    .unwrap()
}

#[test]
fn the_remote_is_seen_and_not_the_checkout() {
    let world = World::new();
    world.repo("root");
    world.repo("gone");
    let tip = world.town.git("root", &["rev-parse", "HEAD"]);
    world
        .town
        .commit("root", "feat: unpushed", &[("more", "x")]);
    world.town.git("root", &["tag", "v9.0.0"]);
    fs::remove_dir_all(world.town.origin("gone")).unwrap();
    let before = fingerprint(&world.town.clone_of("root"));
    let (snapshot, differences) = look(&world, &["root", "gone"]);
    let root = &snapshot.repos[&id("root")];
    assert_eq!(root.head.as_ref().map(Oid::as_str), Some(tip.as_str()));
    assert_eq!(root.branch.as_deref(), Some("main"));
    let tags: Vec<&str> = root.tags.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(tags, ["v1.0.0"]);
    assert!(
        matches!(&snapshot.repos[&id("gone")].trouble, Some(Trouble::Unreadable(why)) if why.contains("gone.git"))
    );
    let told: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["`root` has 1 unpushed commit"]);
    assert_eq!(fingerprint(&world.town.clone_of("root")), before);
}

#[test]
fn checkouts_that_differ_are_named() {
    let world = World::new();
    for repo in ["behind", "dirty", "elsewhere", "same"] {
        world.repo(repo);
    }
    world.town.commit("behind", "feat: more", &[("more", "x")]);
    world.town.git("behind", &["push", "-q", "origin", "main"]);
    world
        .town
        .git("behind", &["reset", "-q", "--hard", "HEAD~1"]);
    world.town.write("dirty", "pin", "mine\n");
    world
        .town
        .git("elsewhere", &["switch", "-q", "-c", "feature"]);
    let (_, differences) = look(&world, &["behind", "dirty", "elsewhere", "same"]);
    let told: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "`behind` lacks 1 remote commit",
            "`dirty` has uncommitted changes",
            "`elsewhere` is on feature, and `main` is released",
        ]
    );
}

fn fetched(world: &World, repos: &[&str], ff: FastForward) -> Outcome {
    let graph = graph(world, repos);
    crate::fetch(
        &graph,
        &world.sites(repos),
        &world.git(),
        2,
        (crate::Mode::Checkout, ff),
        &mut |_| {},
    )
}

#[test]
fn what_is_missing_is_cloned_and_the_rest_is_fetched() {
    let world = World::new();
    world.repo("here");
    world.repo("missing");
    world.repo("unreachable");
    fs::remove_dir_all(world.town.clone_of("missing")).unwrap();
    fs::remove_dir_all(world.town.origin("unreachable")).unwrap();
    let outcome = fetched(
        &world,
        &["here", "missing", "unreachable"],
        FastForward::Never,
    );
    assert!(
        matches!(outcome.fates[&id("here")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert!(
        matches!(outcome.fates[&id("missing")], Fate::Done { .. }),
        "{outcome:?}"
    );
    assert_eq!(world.town.read("missing", "pin"), "old\n");
    assert_eq!(world.town.git("missing", &["tag"]), "v1.0.0");
    let Fate::Failed {
        why,
        help: Some(help),
        ..
    } = &outcome.fates[&id("unreachable")]
    else {
        panic!("{outcome:?}")
    };
    assert!(
        why.contains("unreachable.git") && help.contains("cascade fetch"),
        "{why}"
    );
    let left = fs::read_dir(world.town.work()).unwrap().count();
    assert_eq!(
        left, 4,
        "three clones and workspace.toml, nothing half-made"
    );
}

#[test]
fn clean_checkouts_are_fast_forwarded_and_others_are_told_of() {
    let world = World::new();
    for repo in ["clean", "dirty", "own"] {
        world.repo(repo);
        world.town.commit(repo, "feat: more", &[("more", "x")]);
        world.town.git(repo, &["push", "-q", "origin", "main"]);
        world.town.git(repo, &["reset", "-q", "--hard", "HEAD~1"]);
    }
    world.town.write("dirty", "pin", "mine\n");
    world.town.commit("own", "feat: mine", &[("mine", "x")]);
    let outcome = fetched(&world, &["clean", "dirty", "own"], FastForward::Clean);
    assert_eq!(world.town.read("clean", "more"), "x");
    assert!(!world.town.clone_of("dirty").join("more").exists());
    assert!(!world.town.clone_of("own").join("more").exists());
    let mut told: Vec<&str> = outcome
        .notes
        .iter()
        .map(|(repo, _)| repo.as_str())
        .collect();
    told.sort_unstable();
    assert_eq!(told, ["dirty", "own"]);
}

#[test]
fn a_folder_that_is_no_clone_is_left_alone() {
    let world = World::new();
    world.repo("root");
    fs::rename(
        world.town.clone_of("root").join(".git"),
        world.town.path().join("git"),
    )
    .unwrap();
    let outcome = fetched(&world, &["root"], FastForward::Never);
    assert!(why(&outcome.fates[&id("root")]).contains("not a clone"));
    assert_eq!(world.town.read("root", "pin"), "old\n");
}
