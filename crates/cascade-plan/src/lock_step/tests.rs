use cascade_manifest::ecosystem;

use super::*;
use crate::sample::Sample;

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"core\"\nversion = \"1.2.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\n\n[[package]]\nname = \"lib\"\nversion = \"0.3.1\"\ndependencies = [\n \"core\",\n]\n";

fn manifest(version: &str, core: &str) -> String {
    format!(
        "[package]\nname = \"lib\"\nversion = \"{version}\"\n\n[dependencies]\ncore = \"{core}\"\n"
    )
}

fn stand(manifest: String) -> LockStand {
    let ecosystem = ecosystem("cargo").expect("cargo");
    let format = ecosystem.lock("Cargo.lock").expect("a lock");
    let files = BTreeMap::from([("Cargo.toml".to_owned(), manifest)]);
    LockStand {
        file: "Cargo.lock".to_owned(),
        ecosystem,
        read: Held::read(format, (LOCK, &files), &FamilyTags::default()),
        files,
    }
}

fn told(version: &str, core: &str) -> Option<(Vec<String>, Vec<String>)> {
    let sample = Sample::new(&[("core", ""), ("lib", "core")])
        .file(
            "core",
            "Cargo.toml",
            &manifest("1.4.0", "1").replace("lib", "core"),
        )
        .tag("core", "v1.4.0")
        .file("lib", "Cargo.toml", &manifest(version, core));
    let (graph, survey) = (sample.graph(), sample.survey());
    let id = RepoId::new("lib");
    let declared = graph.repo(&id).expect("declared");
    let base = Oid::parse(&"a".repeat(40)).expect("oid");
    let stands = [stand(manifest(version, core))];
    let step = lock_step((&id, declared), (base, LockMode::Auto), &stands, &survey)?;
    let text = |it: &Move| {
        format!(
            "{} {} -> {}",
            it.name,
            it.from.as_deref().unwrap_or("?"),
            it.to
        )
    };
    let lock = &step.locks[0];
    Some((
        lock.moves.iter().map(text).collect(),
        lock.own.iter().map(text).collect(),
    ))
}

#[test]
fn a_lock_in_step_asks_for_nothing() {
    assert_eq!(told("0.3.1", "1.2"), None);
}

#[test]
fn an_exact_pin_says_where_its_package_goes() {
    let (moves, own) = told("0.3.1", "=1.3.0").expect("a step");
    assert_eq!(moves, ["core 1.2.0 -> 1.3.0"]);
    assert_eq!(own, [""; 0]);
}

#[test]
fn a_range_that_left_the_lock_goes_to_the_latest() {
    let (moves, _) = told("0.3.1", "1.3").expect("a step");
    assert_eq!(moves, ["core 1.2.0 -> 1.4.0"]);
}

#[test]
fn a_package_itself_follows_its_manifest() {
    let (moves, own) = told("0.4.0", "1.2").expect("a step");
    assert_eq!(moves, [""; 0]);
    assert_eq!(own, ["lib 0.3.1 -> 0.4.0"]);
}

#[test]
fn a_compiled_file_is_no_manifest_of_its_own() {
    let ecosystem = ecosystem("python").expect("python");
    let format = ecosystem.lock("dev-requirements.txt").expect("a lock");
    let text = "# uv pip compile requirements.in -o dev-requirements.txt\ncore==1.2.0\n    # via -r requirements.in\n";
    let files = BTreeMap::from([
        ("dev-requirements.txt".to_owned(), text.to_owned()),
        ("requirements.in".to_owned(), "core==1.3.0\n".to_owned()),
    ]);
    let stand = LockStand {
        file: "app/dev-requirements.txt".to_owned(),
        ecosystem,
        read: Held::read(format, (text, &files), &FamilyTags::default()),
        files,
    };
    let sample = Sample::new(&[("lib", "")]);
    let (graph, survey) = (sample.graph(), sample.survey());
    let id = RepoId::new("lib");
    let declared = graph.repo(&id).expect("declared");
    let base = Oid::parse(&"a".repeat(40)).expect("oid");
    let step = lock_step((&id, declared), (base, LockMode::Auto), &[stand], &survey);
    let step = step.expect("a step");
    let moves: Vec<_> = step.locks[0]
        .moves
        .iter()
        .map(|it| it.to.as_str())
        .collect();
    assert_eq!(moves, ["1.3.0"]);
}

#[test]
fn a_bare_commit_is_told_by_the_tags_of_the_family() {
    let ecosystem = ecosystem("python").expect("python");
    let format = ecosystem.lock("requirements.txt").expect("a lock");
    let sample = Sample::new(&[("core", ""), ("lib", "core")])
        .file(
            "core",
            "pyproject.toml",
            &crate::sample::python("Core", "1.2.0", ""),
        )
        .tag("core", "v1.1.0")
        .commit("core", "fix: it")
        .tag("core", "v1.2.0");
    let snapshot = sample.snapshot();
    let tags = &snapshot.repos[&RepoId::new("core")].tags;
    let commit = |name: &str| {
        let found = tags.iter().find(|it| it.name == name);
        found.map_or("0".repeat(40), |it| it.commit.as_str().to_owned())
    };
    let told = |held: &str, wanted: &str| {
        let url = "git+https://git.example/core";
        let text = format!(
            "# uv pip compile requirements.in -o requirements.txt\ncore @ {url}@{}\n    # via -r requirements.in\n",
            commit(held)
        );
        let files = BTreeMap::from([(
            "requirements.in".to_owned(),
            format!("core @ {url}@{wanted}\n"),
        )]);
        let read = Held::read(format, (&text, &files), &FamilyTags::of(&snapshot));
        let discords = read.expect("a lock").discords.into_iter();
        let told = discords.map(|it| format!("{} {} {:?}", it.subject, it.wanted, it.held));
        let told: Vec<_> = told.collect();
        let stand = LockStand {
            file: "requirements.txt".to_owned(),
            ecosystem,
            read: Held::read(format, (&text, &files), &FamilyTags::of(&snapshot)),
            files,
        };
        let moves = lock_move(&stand, LockMode::Auto, &sample.survey());
        let moves = moves.into_iter().flat_map(|it| it.moves).map(|it| it.to);
        (told, moves.collect::<Vec<_>>())
    };
    let moved = vec!["core v1.2.0 Some(\"v1.1.0\")".to_owned()];
    assert_eq!(told("v1.1.0", "v1.2.0"), (moved, vec!["1.2.0".to_owned()]));
    assert_eq!(told("v1.2.0", "v1.2.0").0, [""; 0]);
    // A fork's, or one that is not fetched.
    assert_eq!(told("v0.0.0", "v1.2.0").0, [""; 0]);
}
