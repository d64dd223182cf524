//! Refs, heads, upstreams, and kinds of repositories.

use super::*;

#[test]
fn kinds_of_index_and_refs_that_are_not_read_say_so() {
    let words = |folder: &Path| match Checkout::open(folder).and_then(|it| it.index().map(drop)) {
        Err(Trouble::Unreadable(words)) => words,
        other => panic!("{other:?}"),
    };
    let town = Town::new();
    let split = town.repo("split", "", TREE);
    town.git("split", &["update-index", "--split-index"]);
    assert!(words(&split).contains("--no-split-index"));
    let sparse = town.repo("sparse", "", TREE);
    town.git(
        "sparse",
        &["sparse-checkout", "set", "--cone", "--sparse-index", "src"],
    );
    assert!(words(&sparse).contains("sparse"));
    let table = town.work().join("table");
    let args = ["init", "-q", "--ref-format=reftable", "table"];
    town.run(&town.work(), &args);
    assert!(words(&table).contains("reftable"));
}

#[test]
fn refs_are_what_git_resolves() {
    let town = Town::new();
    let folder = town.repo("r", "v1.0.0", &[]);
    let tag = |args: &[&str]| town.git("r", &[&["tag"], args].concat());
    tag(&["light"]);
    tag(&["deep/er/light"]);
    tag(&["-a", "-m", "x", "twice", "v1.0.0"]);
    town.git("r", &["tag", "blob", "HEAD:"]);
    let check = |what: &str| {
        let checkout = Checkout::open(&folder).unwrap();
        let (refs, objects) = (checkout.refs().unwrap(), checkout.objects().unwrap());
        let ours: Vec<_> = Checkout::tags(&refs, &objects)
            .into_iter()
            .map(|it| format!("{} {}", it.name, it.commit))
            .collect();
        let names = ["deep/er/light", "light", "new", "twice", "v1.0.0"];
        let gits: Vec<_> = names
            .iter()
            .filter(|it| town.git("r", &["tag", "-l", it]) == **it)
            .map(|it| {
                format!(
                    "{it} {}",
                    town.git("r", &["rev-parse", &format!("{it}^{{commit}}")])
                )
            })
            .collect();
        let ours: Vec<_> = ours
            .into_iter()
            .filter(|it| !it.starts_with("blob "))
            .collect();
        assert_eq!(ours, gits, "{what}");
        let head = refs.head().unwrap().id.unwrap();
        assert_eq!(
            head.to_string(),
            town.git("r", &["rev-parse", "HEAD"]),
            "{what}"
        );
    };
    check("loose");
    town.git("r", &["pack-refs", "--all"]);
    check("packed");
    town.commit("r", "feat: more", &[]);
    tag(&["-f", "light"]);
    tag(&["-a", "-m", "x", "new"]);
    check("both");
    let packed = town.read("r", ".git/packed-refs");
    put(
        &folder,
        ".git/packed-refs",
        &packed.replace("fully-peeled ", ""),
    );
    check("packed by an old git");
}

#[test]
fn heads_and_places_of_every_kind_are_told_apart() {
    let town = Town::new();
    let trouble = |name: &str| Checkout::open(&town.clone_of(name)).err();
    assert_eq!(trouble("nowhere"), Some(Trouble::Missing));
    fs::create_dir(town.clone_of("plain")).unwrap();
    assert_eq!(trouble("plain"), Some(Trouble::NotARepository));
    fs::create_dir_all(town.clone_of("hollow/.git")).unwrap();
    assert_eq!(trouble("hollow"), Some(Trouble::NotARepository));
    town.run(&town.work(), &["init", "-q", "--bare", "bare"]);
    assert!(matches!(trouble("bare"), Some(Trouble::Unreadable(it)) if it.contains("bare")));
    put(&town.clone_of("dangling"), ".git", "gitdir: ../gone\n");
    assert!(matches!(trouble("dangling"), Some(Trouble::Unreadable(it)) if it.contains("gone")));

    let folder = town.repo("r", "v1.0.0", TREE);
    town.git("r", &["worktree", "add", "-q", "-b", "side", "../linked"]);
    let linked = Checkout::open(&town.clone_of("linked")).unwrap();
    let head = linked.refs().unwrap().head().unwrap();
    assert_eq!(head.branch.as_deref(), Some("side"));
    assert!(!is_dirty(&town.clone_of("linked")));
    put(&folder, ".git/HEAD", "ref: refs/heads/../../outside\n");
    assert!(
        Checkout::open(&folder)
            .unwrap()
            .refs()
            .unwrap()
            .head()
            .is_err()
    );
}

#[test]
fn sha256_is_read_like_sha1() {
    let town = Town::new();
    town.run(&town.work(), &["init", "-q", "--object-format=sha256", "r"]);
    town.commit("r", "feat: found it", TREE);
    settled(&town);
    assert_eq!(look(&town.clone_of("r")), Look::Clean);
    town.write("r", "a.txt", "other");
    assert!(is_dirty(&town.clone_of("r")));
}

#[test]
fn a_repository_of_another_user_is_refused_with_the_way_out() {
    let town = Town::new();
    let folder = town.repo("r", "v1.0.0", TREE);
    let theirs = |at: &Path| std::os::unix::fs::lchown(at, Some(12_345), None);
    if theirs(&folder).is_err() {
        // Only root can give files away; libgit2's words are tested without.
        let owner = git2::Error::new(ErrorCode::Owner, git2::ErrorClass::Config, "owner");
        assert!(
            matches!(refusal(&owner, &folder), Trouble::Unreadable(it) if it.contains("safe.directory"))
        );
        return;
    }
    theirs(&folder.join(".git")).unwrap();
    match Checkout::open(&folder).err() {
        Some(Trouble::Unreadable(words)) => assert!(words.contains("safe.directory"), "{words}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn upstreams_are_found_through_usual_and_unusual_configuration() {
    let town = Town::new();
    let folder = town.repo("r", "", &[]);
    let upstream = || {
        let checkout = Checkout::open(&folder).unwrap();
        checkout
            .upstream(&checkout.refs().unwrap(), "main")
            .map(|it| it.to_string())
    };
    let there = Some(town.git("r", &["rev-parse", "origin/main"]));
    assert_eq!(upstream(), there);
    put(&folder, "extra", "[core]\n\tpager = cat\n");
    town.git("r", &["config", "include.path", "../extra"]);
    assert_eq!(upstream(), there, "with an include");
    town.git("r", &["config", "--unset", "include.path"]);
    let refspec = "+refs/heads/*:refs/remotes/elsewhere/*";
    town.git("r", &["config", "remote.origin.fetch", refspec]);
    town.git("r", &["update-ref", "refs/remotes/elsewhere/main", "HEAD"]);
    assert_eq!(upstream(), there, "with another refspec");
    town.git("r", &["update-ref", "-d", "refs/remotes/elsewhere/main"]);
    assert_eq!(upstream(), None, "gone");
    town.git("r", &["branch", "--unset-upstream"]);
    assert_eq!(upstream(), None, "unset");
}
