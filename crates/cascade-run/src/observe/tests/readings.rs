//! The readings of one state agree: checkout, index, commit.

use super::*;

#[test]
fn a_commit_is_observed_like_its_checkout() {
    let town = Town::new();
    let files = [
        ("Cargo.toml", &*cargo("r", "1.0.0")),
        ("tests/x/Cargo.toml", &*cargo("x", "1.0.0")),
        ("Cargo.lock", LOCK),
        ("CHANGELOG.md", "# Changes\n"),
        ("release-please-config.json", "{}"),
        ("deploy/values.yaml", "image: x:1.2.3\n"),
    ];
    town.repo("r", "v1.0.0", &files);
    town.commit("r", "feat: more", &[]);
    town.git("r", &["push", "-q"]);
    let lines = "[[repo.r.site]]\nfile = \"deploy/values.yaml\"\n\
        regex = 'x:(?<version>[0-9.]+)'\nupstream = \"u\"\n[repo.u]\n";
    let mut checkout = one(&town, lines);
    assert!(checkout.release_please && checkout.changelog.is_some());
    assert_eq!(format!("{:?}", checkout.sites[0].found), "Ok([9..14])");
    let declaration = declare(&town.read(".", "workspace.toml")).unwrap();
    let id = RepoId::new("r");
    let commit = checkout.head.clone().unwrap();
    let family = Family::of([&checkout]);
    let declared = &declaration.repos[&id];
    let mut bare = observe_commit(declared, &town.origin("r"), &commit, &family, Depth::Plan);
    checkout.branch = None;
    checkout.content = Content::Commit;
    (checkout.ahead, checkout.behind, checkout.fetched) = (None, None, None);
    (checkout.default_branch, bare.fetched) = (None, None);
    assert_eq!(format!("{bare:#?}"), format!("{checkout:#?}"));
}

/// A clean checkout, what is staged in it and its commit hold the same files.
#[test]
fn three_readings_of_a_clean_checkout_agree() {
    let town = Town::new();
    let files = [
        ("Cargo.toml", &*cargo("r", "1.0.0")),
        ("Cargo.lock", LOCK),
        ("LICENSE", "MIT\n"),
        (".github/workflows/ci.yml", "on: push\n"),
    ];
    let folder = town.repo("r", "v1.0.0", &files);
    town.commit("r", "fix: one", &[("src/lib.rs", "")]);
    town.workspace("[workspace]\nname = \"t\"\n[repo.r]\n");
    let graph = Graph::build(declare(&town.read(".", "workspace.toml")).unwrap()).unwrap();
    let sites = discover(&graph, &town.work());
    let head = find_commit(&folder, "HEAD").unwrap().unwrap();
    assert_eq!(find_commit(&folder, "no-such"), Ok(None));
    let read = |reading| {
        let is_commit = matches!(reading, Reading::Commit(_));
        let look = Look {
            reading,
            ..Look::default()
        };
        let looks = BTreeMap::from([(RepoId::new("r"), look)]);
        let mut seen = observe_for_rules(&graph, &sites, &looks, 7);
        let mut repo = seen.repos.remove(&RepoId::new("r")).unwrap();
        (repo.content, repo.branch) = (Content::Commit, None);
        (repo.ahead, repo.behind) = (None, None);
        let hooks = repo.audit.as_mut().and_then(|it| it.hooks.take());
        assert_eq!(
            hooks.is_some(),
            !is_commit,
            "of a commit no hooks are known"
        );
        repo
    };
    let tree = read(Reading::WorkingTree);
    let audit = tree.audit.as_ref().unwrap();
    assert!(audit.files.has("src/lib.rs") && !audit.files.has("src"));
    assert_eq!(audit.files.text("LICENSE").map(|it| &**it), Some("MIT\n"));
    let [commit] = &audit.commits[..] else {
        panic!("{:#?}", audit.commits)
    };
    assert_eq!(commit.changed, ["src/lib.rs"]);
    assert_eq!(format!("{:#?}", read(Reading::Index)), format!("{tree:#?}"));
    assert_eq!(
        format!("{:#?}", read(Reading::Commit(head))),
        format!("{tree:#?}")
    );
}
