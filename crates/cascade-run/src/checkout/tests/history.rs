//! Histories: what one branch has and another lacks.

use super::*;

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
            let reached = history.reached(left, &[right]).unwrap();
            assert_eq!(
                reached.contains(&right),
                above[a].contains(&b),
                "seed {seed}"
            );
            let ours = (parted.left.len(), parted.right, parted.contained);
            let [only_a, only_b] =
                [(a, b), (b, a)].map(|(x, y)| above[x].difference(&above[y]).count());
            assert_eq!(
                ours,
                (only_a, only_b, above[a].contains(&b)),
                "seed {seed}: {a} {b}"
            );
            assert_eq!(history.all(left).unwrap().len(), above[a].len());
            let others: Vec<usize> = (0..dice.below(4)).map(|_| dice.below(ids.len())).collect();
            let known = others.iter().map(|it| refs::id(&ids[*it]).unwrap());
            let known: Vec<_> = known.collect();
            let new: BTreeSet<usize> = above[a]
                .iter()
                .copied()
                .filter(|it| others.iter().all(|other| !above[*other].contains(it)))
                .collect();
            for most in [1, 3, 1000] {
                let beyond = history.beyond(left, &known, most).unwrap();
                let number = |it: usize| {
                    let id = history.commit(it).unwrap().0.to_string();
                    ids.iter().position(|it| *it == id).unwrap()
                };
                let found: BTreeSet<usize> = beyond.commits.iter().map(|it| number(*it)).collect();
                assert_eq!(found.len(), beyond.commits.len(), "each once");
                if beyond.more {
                    assert!(found.len() <= most && found.is_subset(&above[a]));
                    assert!(most < above[a].len(), "seed {seed}");
                } else {
                    assert_eq!(found, new, "seed {seed}: {a} without {others:?}");
                }
            }
            if round == 0 {
                let range = format!("{}...{}", ids[a], ids[b]);
                let git = town.git("r", &["rev-list", "--count", "--left-right", &range]);
                assert_eq!(git, format!("{only_a}\t{only_b}"), "seed {seed}: {a} {b}");
            }
        }
    }
}

#[test]
fn what_is_new_is_read_no_further_than_what_is_known() {
    let town = Town::new();
    town.repo("r", "", &[]);
    for number in 0..30 {
        town.commit("r", &format!("feat: {number}"), &[]);
    }
    let checkout = Checkout::open(&town.clone_of("r")).unwrap();
    let objects = checkout.objects().unwrap();
    let id = |name: &str| refs::id(&town.git("r", &["rev-parse", name])).unwrap();
    let read = |known: &[Oid], most: usize| {
        let mut history = History::new(&objects, HashSet::new());
        let beyond = history.beyond(id("HEAD"), known, most).unwrap();
        let read = (0..10_000)
            .take_while(|it| history.commit(*it).is_some())
            .count();
        (beyond.commits.len(), beyond.more, read)
    };
    assert_eq!(read(&[id("HEAD~2")], 1000), (2, false, 3));
    assert_eq!(read(&[], 5), (5, true, 7));
    let missing = refs::id(&"7".repeat(40)).unwrap();
    assert_eq!(read(&[missing, id("HEAD~1")], 1000), (1, false, 2));
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
