//! The readers against git itself: the same answer, whatever lies there.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use cascade_tests::Town;

use super::dirty::{self, Look};
use super::index::Index;
use super::*;

/// A small generator of numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

fn head_tree(checkout: &Checkout) -> Oid {
    let refs = checkout.refs().unwrap();
    let head = refs.head().unwrap().id.unwrap();
    checkout.objects().unwrap().commit(head).unwrap().tree
}

fn is_dirty(folder: &Path) -> bool {
    let checkout = Checkout::open(folder).unwrap();
    let index = checkout.index().unwrap();
    checkout.is_dirty(&index, head_tree(&checkout)).unwrap()
}

fn look(folder: &Path) -> Look {
    let checkout = Checkout::open(folder).unwrap();
    dirty::look(folder, &checkout.index().unwrap(), head_tree(&checkout))
}

fn git_status(town: &Town) -> String {
    let folder = town.clone_of("r");
    town.run(&folder, &["--no-optional-locks", "status", "--porcelain"])
}

fn put(folder: &Path, path: &str, text: &str) {
    let at = folder.join(path);
    let _ = fs::create_dir_all(at.parent().unwrap());
    if let Ok(mut file) = File::create(at) {
        file.write_all(text.as_bytes()).unwrap();
    }
}

/// Makes a file look as if it was written long ago, so that it is not racy.
fn age(at: &Path) {
    if let Ok(file) = File::options().write(true).open(at) {
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        file.set_modified(then).unwrap();
    }
}

const TREE: &[(&str, &str)] = &[
    (".gitignore", "*.log\nbuild/\n/dist\n"),
    ("a.txt", "one\n"),
    ("a-b", "x"),
    ("src/lib.rs", "lib\n"),
    ("src/deep/er/mod.rs", "mod\n"),
    ("build/kept", "tracked although ignored\n"),
    ("tests/x.txt", "x\n"),
];

fn settled(town: &Town) {
    let folder = town.clone_of("r");
    for (path, _) in TREE {
        age(&folder.join(path));
    }
    town.git("r", &["add", "-A"]);
    town.git(
        "r",
        &["commit", "-q", "--allow-empty", "-m", "chore: settle"],
    );
    town.git("r", &["status"]);
}

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
    let mut decided = 0;
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
        }
    }
    assert!(decided > 10, "only {decided} were decided by hand");
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
    town.write("r", "a.txt", "staged");
    assert!(matches!(look(&folder), Look::Doubtful(_)));
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

/// Imports a random graph of commits; returns their ids and every commit's ancestors with itself.
fn import(town: &Town, dice: &mut Dice, size: usize) -> (Vec<String>, Vec<BTreeSet<usize>>) {
    let mut stream = String::new();
    let mut above: Vec<BTreeSet<usize>> = Vec::new();
    let skew = [0, 0, 3, 1000][dice.below(4)];
    for number in 0..size {
        let date = 1_000_000 + number * 10 - dice.below(skew * 10 + 1);
        let count = if number == 0 || dice.below(30) == 0 {
            0
        } else {
            1 + dice.below(3)
        };
        let near = if dice.below(2) == 0 { 4 } else { 20 };
        let parents: BTreeSet<_> = (0..count.min(number))
            .map(|_| number - 1 - dice.below(number.min(near)))
            .collect();
        write!(
            stream,
            "commit refs/heads/b{number}\nmark :{}\n",
            number + 1
        )
        .unwrap();
        write!(
            stream,
            "committer a <a@example.invalid> {date} +0000\ndata 2\nm\n"
        )
        .unwrap();
        for (nth, parent) in parents.iter().enumerate() {
            let word = if nth == 0 { "from" } else { "merge" };
            writeln!(stream, "{word} :{}", parent + 1).unwrap();
        }
        let mut ancestors = BTreeSet::from([number]);
        for parent in &parents {
            ancestors.extend(&above[*parent]);
        }
        above.push(ancestors);
    }
    let mut import = town.command("git");
    import.args(["fast-import", "--quiet", "--export-marks=.git/marks"]);
    import.current_dir(town.clone_of("r")).stdin(Stdio::piped());
    let mut import = import.spawn().unwrap();
    import
        .stdin
        .take()
        .unwrap()
        .write_all(stream.as_bytes())
        .unwrap();
    assert!(import.wait().unwrap().success());
    let marks = town.read("r", ".git/marks");
    let mut ids = vec![String::new(); size];
    for line in marks.lines() {
        let (mark, id) = line.trim_start_matches(':').split_once(' ').unwrap();
        ids[mark.parse::<usize>().unwrap() - 1] = id.to_owned();
    }
    (ids, above)
}

#[test]
fn histories_part_as_sets_do_and_as_git_counts() {
    for seed in 0..60 {
        let town = Town::new();
        town.run(&town.work(), &["init", "-q", "r"]);
        let mut dice = Dice(seed);
        let (ids, above) = import(&town, &mut dice, 3 + seed as usize);
        let checkout = Checkout::open(&town.clone_of("r")).unwrap();
        let objects = checkout.objects().unwrap();
        let mut history = History::new(&objects, HashSet::new());
        for round in 0..12 {
            let (a, b) = (dice.below(ids.len()), dice.below(ids.len()));
            let [left, right] = [a, b].map(|it| refs::id(&ids[it]).unwrap());
            let parted = history.parted(left, right).unwrap();
            let ours = (parted.left.len(), parted.right, parted.contained);
            let [only_a, only_b] =
                [(a, b), (b, a)].map(|(x, y)| above[x].difference(&above[y]).count());
            assert_eq!(
                ours,
                (only_a, only_b, above[a].contains(&b)),
                "seed {seed}: {a} {b}"
            );
            assert_eq!(history.all(left).unwrap().len(), above[a].len());
            if round == 0 {
                let range = format!("{}...{}", ids[a], ids[b]);
                let git = town.git("r", &["rev-list", "--count", "--left-right", &range]);
                assert_eq!(git, format!("{only_a}\t{only_b}"), "seed {seed}: {a} {b}");
            }
        }
    }
}

#[test]
fn a_linear_history_is_read_no_further_than_the_tag() {
    let town = Town::new();
    town.repo("r", "", &[]);
    for number in 0..30 {
        town.commit("r", &format!("feat: {number}"), &[]);
    }
    let checkout = Checkout::open(&town.clone_of("r")).unwrap();
    let objects = checkout.objects().unwrap();
    let id = |name: &str| refs::id(&town.git("r", &["rev-parse", name])).unwrap();
    let mut history = History::new(&objects, HashSet::new());
    let parted = history.parted(id("HEAD"), id("HEAD~3")).unwrap();
    assert_eq!(
        (parted.left.len(), parted.right, parted.contained),
        (3, 0, true)
    );
    assert!(
        history.commit(4).is_none(),
        "more than four commits were read"
    );
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
