//! Whether a checkout is dirty, held against what git says.

use super::*;

/// Does one thing that a person or a tool does to a checkout.
fn disturb(town: &Town, act: usize, dice: &mut Dice) {
    let folder = town.clone_of("r");
    let path = TREE[dice.below(TREE.len())].0;
    let at = folder.join(path);
    let git = |args: &[&str]| {
        let _ = town.command("git").args(args).current_dir(&folder).output();
    };
    match act {
        0 => put(&folder, path, "two\n"),
        1 => {
            // git's own stat check, to the second, would miss a change that keeps the size.
            put(&folder, path, "TWO TIMES\n");
            age(&at);
        }
        2 => drop(fs::remove_file(&at)),
        3 => git(&["add", "-A"]),
        4 => git(&["mv", "-f", path, "moved.txt"]),
        5 => drop(fs::set_permissions(&at, Permissions::from_mode(0o755))),
        6 => put(&folder, "new.txt", "new"),
        7 => put(&folder, "src/deep/new.txt", "new"),
        8 => put(&folder, "fresh/new.txt", "new"),
        9 => drop(fs::create_dir_all(folder.join("empty/er"))),
        10 => put(&folder, "src/x.log", "ignored"),
        11 => put(&folder, "build/out", "ignored"),
        12 => put(&folder, "src/.gitignore", "!x.log\n*.tmp\n"),
        13 => put(&folder, ".git/info/exclude", "new.txt\nfresh\n"),
        14 => git(&["init", "-q", "nested"]),
        15 => {
            let _ = fs::remove_file(&at);
            let _ = symlink("a.txt", &at);
        }
        16 => git(&["add", "-N", "."]),
        17 => git(&["update-index", "--assume-unchanged", path]),
        18 => git(&["update-index", "--skip-worktree", path]),
        19 => git(&["update-index", "--index-version", "4"]),
        20 => {
            let _ = fs::rename(folder.join("src"), folder.join("dist"));
            let _ = symlink("dist", folder.join("src"));
        }
        21 => {
            let _ = fs::remove_file(&at);
            let _ = fs::create_dir_all(at.join("inside"));
        }
        22 => drop(File::open(&at).map(|it| it.set_modified(SystemTime::now()))),
        23 => git(&["reset", "-q", "--hard"]),
        24 => git(&["commit", "-q", "-m", "feat: more"]),
        25 => git(&["rm", "-q", "--cached", path]),
        26 => put(&folder, ".gitignore", "*.log\n!x.log\n"),
        27 => git(&["status"]),
        28 => git(&["stash", "-q"]),
        29 => git(&["read-tree", "HEAD"]),
        _ => git(&["clean", "-qfd"]),
    }
}

#[test]
fn dirt_is_what_git_says_it_is() {
    let (mut decided, mut listed) = (0, 0);
    for seed in 0..20 {
        let town = Town::new();
        let folder = town.repo("r", "v1.0.0", TREE);
        town.git("r", &["add", "-f", "build/kept"]);
        settled(&town);
        let mut dice = Dice(seed);
        let mut acts = Vec::new();
        for _ in 0..14 {
            let act = dice.below(31);
            acts.push(act);
            disturb(&town, act, &mut dice);
            let ours = is_dirty(&folder);
            decided += usize::from(!matches!(look(&folder), Look::Doubtful(_)));
            let git = git_status(&town);
            assert_eq!(ours, !git.is_empty(), "seed {seed}, acts {acts:?}:\n{git}");
            listed += usize::from(is_listed_as_git_does(&town, &format!("{seed}, {acts:?}")));
        }
    }
    assert!(decided > 10, "only {decided} were decided by hand");
    assert!(listed > 10, "only {listed} were listed by hand");
}

/// Returns whether what lies beside the commit was listed by hand; it is what git lists then.
fn is_listed_as_git_does(town: &Town, acts: &str) -> bool {
    let checkout = Checkout::open(&town.clone_of("r")).unwrap();
    let index = checkout.index().unwrap();
    let Some(ours) = checkout.unstaged(&index, head_tree(&checkout)) else {
        return false;
    };
    let git = |args: &[&str]| -> Vec<String> {
        let said = town.git("r", args);
        said.lines().map(str::to_owned).collect()
    };
    let untracked = git(&["ls-files", "--others", "--exclude-standard"]);
    assert_eq!(ours.untracked, untracked, "{acts}");
    for changed in git(&["diff", "--name-only", "HEAD"]) {
        assert!(ours.modified.contains(&changed), "{changed}: {acts}");
    }
    true
}

#[test]
fn each_disturbance_alone_is_what_git_says_it_is() {
    for act in 0..31 {
        let town = Town::new();
        let folder = town.repo("r", "v1.0.0", TREE);
        town.git("r", &["add", "-f", "build/kept"]);
        settled(&town);
        assert_eq!(look(&folder), Look::Clean, "settled");
        disturb(&town, act, &mut Dice(act as u64));
        let git = git_status(&town);
        assert_eq!(is_dirty(&folder), !git.is_empty(), "act {act}:\n{git}");
        is_listed_as_git_does(&town, &format!("act {act}"));
    }
}

#[test]
fn the_common_cases_are_decided_by_hand() {
    let town = Town::new();
    let folder = town.repo("r", "v1.0.0", TREE);
    settled(&town);
    assert_eq!(look(&folder), Look::Clean);
    town.write("r", "x.log", "ignored");
    town.write("r", "dist/deep/x", "ignored");
    assert_eq!(look(&folder), Look::Clean);
    town.write("r", "a.txt", "two\n");
    assert!(matches!(look(&folder), Look::Doubtful(_)), "the same size");
    town.write("r", "a.txt", "staged");
    assert_eq!(look(&folder), Look::Changed, "another size");
    town.git("r", &["add", "a.txt"]);
    town.git("r", &["commit", "-q", "-m", "feat: a"]);
    town.write("r", "a.txt", "staged, not committed");
    town.git("r", &["add", "a.txt"]);
    let before = fs::read(folder.join(".git/index")).unwrap();
    assert!(is_dirty(&folder));
    assert_eq!(fs::read(folder.join(".git/index")).unwrap(), before);
    fs::remove_file(folder.join("a-b")).unwrap();
    town.git("r", &["reset", "-q"]);
    assert!(is_dirty(&folder));
}

#[test]
fn another_size_is_a_change_whatever_filters_there_are() {
    let town = Town::new();
    let tree = [(".gitattributes", "* text=auto\n"), ("a.txt", "a\nb\n")];
    let folder = town.repo("r", "v1.0.0", &tree);
    settled(&town);
    town.write("r", "a.txt", "a\r\nb\r\n");
    assert!(is_dirty(&folder));
    assert_eq!(git_status(&town), "M a.txt");
}

#[test]
fn an_unmerged_tree_is_dirty() {
    let town = Town::new();
    let folder = town.repo("r", "v1.0.0", TREE);
    town.git("r", &["checkout", "-q", "-b", "other"]);
    town.commit("r", "feat: theirs", &[("a.txt", "theirs\n")]);
    town.git("r", &["checkout", "-q", "main"]);
    town.commit("r", "feat: ours", &[("a.txt", "ours\n")]);
    let merge = town
        .command("git")
        .args(["merge", "other"])
        .current_dir(&folder)
        .output();
    assert!(!merge.unwrap().status.success());
    assert!(is_dirty(&folder));
}

#[test]
fn no_cut_or_flipped_index_is_a_panic() {
    let town = Town::new();
    let folder = town.repo("r", "", TREE);
    for version in ["2", "4"] {
        town.git("r", &["update-index", "--index-version", version]);
        let whole = fs::read(folder.join(".git/index")).unwrap();
        let index = Index::parse(&whole, 20).unwrap();
        let ours: Vec<_> = index.entries().iter().map(|it| index.path(it)).collect();
        let gits = town.git("r", &["ls-files"]);
        let gits: Vec<_> = gits.lines().map(str::as_bytes).collect();
        assert_eq!(ours, gits, "version {version}");
        assert!(index.find(b"src/lib.rs").is_some() && index.find(b"src").is_none());
        for end in 0..whole.len() {
            let _ = Index::parse(&whole[..end], 20);
            let mut flipped = whole.clone();
            flipped[end] ^= 0x81;
            let _ = Index::parse(&flipped, 20);
        }
    }
}
