//! Whole observations of real checkouts.

mod readings;

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::symlink;

use cascade_plan::{Graph, ObservedPackage, declare};
use cascade_tests::Town;

use super::*;
use crate::{discover, find_workspace};

fn snapshot(town: &Town, declaration: &str) -> Snapshot {
    town.workspace(declaration);
    let file = find_workspace(&town.work()).unwrap();
    let text = crate::read_workspace(&file).unwrap();
    let graph = Graph::build(declare(&text).unwrap()).unwrap();
    let sites = discover(&graph, &town.work().join(graph.root()));
    observe(&graph, &sites, Depth::Plan, 7)
}

/// Observes one repository, declared with these lines.
fn one(town: &Town, lines: &str) -> ObservedRepo {
    let text = format!("[workspace]\nname = \"t\"\n[repo.r]\npath = \"r\"\n{lines}");
    let mut snapshot = snapshot(town, &text);
    assert_eq!(snapshot.taken, 7);
    snapshot.repos.remove(&RepoId::new("r")).unwrap()
}

fn cargo(name: &str, version: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n")
}

fn only(repo: &ObservedRepo) -> &ObservedPackage {
    assert_eq!(repo.packages.len(), 1, "{:?}", repo.packages);
    &repo.packages[0]
}

#[test]
fn a_package_has_its_latest_and_its_reachable_tag() {
    let town = Town::new();
    town.repo("r", "v1.0.0", &[("Cargo.toml", &cargo("r", "1.0.0"))]);
    for tag in [
        "v1.1.0-rc.1",
        "v0.9.0",
        "2.0.0",
        "v1.x",
        "other-v3.0.0",
        "v1.0",
    ] {
        town.git("r", &["tag", tag]);
    }
    town.commit("r", "fix: one\n\nbody\n\nRelease-As: 9.9.9", &[]);
    town.git("r", &["checkout", "-q", "-b", "line"]);
    town.commit("r", "feat!: elsewhere", &[]);
    town.git("r", &["tag", "-a", "-m", "x", "v2.0.0"]);
    town.git("r", &["checkout", "-q", "main"]);
    town.commit("r", "feat: two", &[]);
    let repo = one(&town, "");
    assert_eq!(repo.trouble, None);
    assert!(!repo.dirty && !repo.shallow);
    assert_eq!((repo.ahead, repo.behind), (Some(2), Some(0)));
    assert_eq!(repo.branch.as_deref(), Some("main"));
    let package = only(&repo);
    let tag = |hit: &Option<cascade_plan::TagHit>| hit.as_ref().map(|it| it.tag.clone());
    assert_eq!(tag(&package.latest).as_deref(), Some("v2.0.0"));
    assert_eq!(tag(&package.reachable).as_deref(), Some("v1.0.0"));
    let subjects: Vec<_> = package
        .since
        .iter()
        .map(|it| repo.commits[*it].message.lines().next().unwrap())
        .collect();
    assert_eq!(subjects, ["feat: two", "fix: one"]);
    assert!(repo.commits[1].message.ends_with("Release-As: 9.9.9\n"));
}

#[test]
fn a_package_without_a_tag_has_its_whole_history_before_it() {
    let town = Town::new();
    town.repo("r", "nightly", &[("Cargo.toml", &cargo("r", "0.1.0"))]);
    town.commit("r", "feat: two", &[]);
    let repo = one(&town, "");
    assert_eq!(only(&repo).since, [0, 1]);
    assert_eq!(only(&repo).latest, None);
}

#[test]
fn counts_are_gits_across_merges_for_every_package() {
    let town = Town::new();
    let manifests = [
        ("a/Cargo.toml", cargo("a", "1.0.0")),
        ("b/Cargo.toml", cargo("b", "1.0.0")),
    ];
    let files: Vec<_> = manifests
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    town.repo("r", "a-v1.0.0", &files);
    town.git("r", &["checkout", "-q", "-b", "side"]);
    town.commit("r", "fix: side", &[]);
    town.git("r", &["checkout", "-q", "main"]);
    town.commit("r", "fix: main", &[]);
    town.git("r", &["tag", "b-v1.0.0"]);
    town.git("r", &["merge", "-q", "--no-ff", "-m", "merge side", "side"]);
    let repo = one(&town, "");
    for package in &repo.packages {
        let tag = package.reachable.as_ref().unwrap().tag.as_str();
        let git = town.git("r", &["rev-list", "--count", &format!("{tag}..HEAD")]);
        assert_eq!(package.since.len().to_string(), git, "{tag}");
        assert!(repo.commits[package.since[0]].merge);
    }
    assert_eq!(repo.packages.len(), 2);
}

#[test]
fn heads_of_every_kind_are_facts_and_places_of_no_kind_are_trouble() {
    let town = Town::new();
    assert_eq!(one(&town, "").trouble, Some(Trouble::Missing));
    fs::create_dir(town.clone_of("r")).unwrap();
    assert_eq!(one(&town, "").trouble, Some(Trouble::NotARepository));
    town.run(&town.work(), &["init", "-q", "r"]);
    assert_eq!(one(&town, "").trouble, Some(Trouble::NoCommits));
    town.commit(
        "r",
        "feat: found it",
        &[("Cargo.toml", &cargo("r", "1.0.0"))],
    );
    let lonely = one(&town, "");
    assert_eq!(
        (lonely.trouble.as_ref(), lonely.ahead, lonely.behind),
        (None, None, None)
    );
    assert_eq!(lonely.fetched, None);
    town.git("r", &["checkout", "-q", "--detach"]);
    let detached = one(&town, "");
    assert_eq!((detached.branch.as_deref(), detached.ahead), (None, None));
    assert_eq!(
        detached.head.unwrap().as_str(),
        town.git("r", &["rev-parse", "HEAD"])
    );
}

#[test]
fn a_shallow_clone_says_so_and_ends_where_it_ends() {
    let town = Town::new();
    town.repo("full", "v1.0.0", &[("Cargo.toml", &cargo("r", "1.0.0"))]);
    for subject in ["feat: a", "feat: b", "feat: c"] {
        town.commit("full", subject, &[]);
    }
    town.git("full", &["push", "-q"]);
    let url = format!("file://{}", town.origin("full").display());
    town.run(&town.work(), &["clone", "-q", "--depth", "2", &url, "r"]);
    let repo = one(&town, "");
    assert!(repo.shallow);
    assert_eq!(repo.trouble, None);
    assert_eq!(only(&repo).since.len(), 2);
    assert_eq!(repo.default_branch.as_deref(), Some("main"));
    assert!(repo.fetched.is_some(), "a clone is a fetch");
    town.git("r", &["fetch", "-q"]);
    assert!(one(&town, "").fetched >= repo.fetched);
}

#[test]
fn a_clone_that_parted_from_its_upstream_counts_both_sides() {
    let town = Town::new();
    town.repo("r", "v1.0.0", &[]);
    town.commit("r", "feat: theirs", &[]);
    town.git("r", &["push", "-q"]);
    town.git("r", &["reset", "-q", "--hard", "HEAD~1"]);
    town.commit("r", "feat: ours", &[]);
    town.commit("r", "feat: ours too", &[]);
    let repo = one(&town, "");
    assert_eq!((repo.ahead, repo.behind), (Some(2), Some(1)));
}

#[test]
fn manifests_are_those_that_git_tracks_outside_of_foreign_folders() {
    let town = Town::new();
    let text = cargo("x", "1.0.0");
    let paths = [
        "Cargo.toml",
        "a/Cargo.toml",
        "vendor/x/Cargo.toml",
        "a/node_modules/b/package.json",
        ".venv/pyproject.toml",
        "lib/site-packages/pyproject.toml",
    ];
    let files: Vec<_> = paths.iter().map(|it| (*it, text.as_str())).collect();
    town.repo("r", "", &files);
    town.write("r", "untracked/Cargo.toml", &text);
    let repo = one(&town, "");
    let read: Vec<_> = repo.manifests.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(read, ["Cargo.toml", "a/Cargo.toml"]);
    assert!(repo.dirty && !repo.release_please);
}

#[test]
fn a_manifest_that_can_not_be_read_says_why_and_where() {
    let town = Town::new();
    let text = cargo("x", "1.0.0");
    let names = ["gone", "link", "bytes", "huge", "behind/a", "ok"];
    let paths: Vec<_> = names.iter().map(|it| format!("{it}/Cargo.toml")).collect();
    let files: Vec<_> = paths
        .iter()
        .map(|it| (it.as_str(), text.as_str()))
        .collect();
    let folder = town.repo("r", "", &files);
    let at = |name: &str| folder.join(name).join("Cargo.toml");
    fs::remove_file(at("gone")).unwrap();
    fs::remove_file(at("link")).unwrap();
    symlink("/etc/hostname", at("link")).unwrap();
    File::create(at("bytes"))
        .unwrap()
        .write_all(b"[a]\n\xff")
        .unwrap();
    let huge = OpenOptions::new().write(true).open(at("huge")).unwrap();
    huge.set_len(100 << 20).unwrap();
    fs::rename(folder.join("behind"), town.path().join("outside")).unwrap();
    symlink(town.path().join("outside"), folder.join("behind")).unwrap();
    let repo = one(&town, "");
    let said: BTreeMap<_, _> = repo
        .manifests
        .iter()
        .map(|it| {
            (
                it.path.as_str(),
                it.read.as_ref().map_err(ToString::to_string),
            )
        })
        .collect();
    let words = |name: &str| {
        said[format!("{name}/Cargo.toml").as_str()]
            .clone()
            .unwrap_err()
    };
    assert!(words("gone").ends_with("is deleted in the working tree"));
    assert!(words("link").ends_with("is a symlink"));
    assert!(words("bytes").contains("byte 4"), "{}", words("bytes"));
    assert!(
        words("huge").contains("is 100 MiB large"),
        "{}",
        words("huge")
    );
    assert!(words("behind/a").ends_with("lies behind a symlink"));
    assert!(said["ok/Cargo.toml"].is_ok() && repo.dirty);
}

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"down\"\nversion = \"1.0.0\"\n\
    dependencies = [\n \"serde\",\n \"up\",\n]\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\n\
    source = \"registry+https://registry.example/index\"\n\n[[package]]\nname = \"up\"\n\
    version = \"0.3.0\"\nsource = \"registry+https://registry.example/index\"\n";

#[test]
fn locks_are_read_for_the_familys_own_packages() {
    let town = Town::new();
    town.repo("up", "v0.3.0", &[("Cargo.toml", &cargo("up", "0.3.0"))]);
    let files = [
        ("Cargo.toml", &*cargo("down", "1.0.0")),
        ("Cargo.lock", LOCK),
    ];
    let folder = town.repo("r", "v1.0.0", &files);
    let text = "[workspace]\nname = \"t\"\n[repo.r]\n[repo.up]\n";
    let names = |snapshot: &Snapshot| -> Vec<String> {
        let locks = &snapshot.repos[&RepoId::new("r")].locks;
        let facts = locks[0].read.as_ref().unwrap();
        facts.entries.iter().map(|it| it.name.clone()).collect()
    };
    assert_eq!(names(&snapshot(&town, text)), ["down", "up"]);

    let declaration = declare(text).unwrap();
    let tip = |name: &str| Tip {
        repo: RepoId::new(name),
        declared: &declaration.repos[&RepoId::new(name)],
        bare: town.origin(name),
        commit: Oid::parse(&town.git(name, &["rev-parse", "HEAD"])).unwrap(),
    };
    let tips = [tip("r"), tip("up")];
    fs::remove_dir_all(folder).unwrap();
    let remote = Snapshot {
        taken: 0,
        repos: observe_commits(&tips, Depth::Plan),
        ..Snapshot::default()
    };
    assert_eq!(names(&remote), ["down", "up"]);
    let up = &remote.repos[&RepoId::new("up")];
    assert_eq!(only(up).latest.as_ref().unwrap().tag, "v0.3.0");
    assert_eq!(up.trouble, None);
}

#[test]
fn observing_changes_nothing() {
    let town = Town::new();
    let folder = town.repo("r", "v1.0.0", &[("Cargo.toml", &cargo("r", "1.0.0"))]);
    town.write("r", "Cargo.toml", &cargo("r", "1.0.1"));
    let bytes = || {
        let index = fs::read(folder.join(".git/index")).unwrap();
        let mut names: Vec<_> = fs::read_dir(folder.join(".git"))
            .unwrap()
            .map(|it| it.unwrap().file_name())
            .collect();
        names.sort();
        (index, names)
    };
    let before = bytes();
    assert!(one(&town, "").dirty);
    assert_eq!(bytes(), before);
}

#[test]
fn a_broken_repository_is_trouble_in_words() {
    let town = Town::new();
    let folder = town.repo("r", "v1.0.0", &[("Cargo.toml", &cargo("r", "1.0.0"))]);
    let head = town.git("r", &["rev-parse", "HEAD"]);
    let (folder_name, name) = head.split_at(2);
    let object = folder.join(".git/objects").join(folder_name).join(name);
    fs::remove_file(object).unwrap();
    match one(&town, "").trouble {
        Some(Trouble::Unreadable(words)) => assert!(words.contains("git fsck"), "{words}"),
        other => panic!("{other:?}"),
    }
    town.write("r", ".git/HEAD", "nonsense\n");
    assert!(matches!(one(&town, "").trouble, Some(Trouble::Unreadable(it)) if it.contains("HEAD")));
}

#[test]
fn a_shrinkwrap_is_read_in_the_place_of_a_package_lock_beside_it() {
    let town = Town::new();
    let lock = "{ \"lockfileVersion\": 3, \"packages\": {} }\n";
    let files = [
        ("package.json", "{}\n"),
        ("package-lock.json", lock),
        ("npm-shrinkwrap.json", lock),
        ("other/package-lock.json", lock),
    ];
    town.repo("r", "", &files);
    let repo = one(&town, "");
    let locks: Vec<_> = repo.locks.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(locks, ["npm-shrinkwrap.json", "other/package-lock.json"]);
    assert!(
        repo.locks.iter().all(|it| it.read.is_ok()),
        "{:?}",
        repo.locks
    );
}

#[test]
fn a_module_takes_versions_back_at_its_highest_tag_and_at_its_head() {
    let town = Town::new();
    let module = |rows: &str| format!("module example.org/r/sub\n\n{rows}");
    town.repo("r", "sub/v1.0.0", &[("sub/go.mod", &module(""))]);
    let commit = |message: &str, rows: &str, tag: &str| {
        town.commit("r", message, &[("sub/go.mod", &module(rows))]);
        town.git("r", &["tag", tag]);
    };
    commit("fix: one", "// c\n", "sub/v1.0.1");
    // A version may take itself back; what the next commit says of it counts from the next tag on.
    commit("fix: two", "retract v1.0.2\n", "sub/v1.0.2");
    town.commit(
        "r",
        "fix: three",
        &[("sub/go.mod", &module("retract v1.0.1\n"))],
    );
    let repo = one(&town, "");
    let package = only(&repo);
    let tag = |hit: &Option<cascade_plan::TagHit>| hit.as_ref().map(|it| it.tag.clone());
    assert_eq!(tag(&package.latest).as_deref(), Some("sub/v1.0.0"));
    assert_eq!(tag(&package.retracted).as_deref(), Some("sub/v1.0.2"));
    assert_eq!(tag(&package.reachable).as_deref(), Some("sub/v1.0.2"));
    assert_eq!(package.since.len(), 1);
}
