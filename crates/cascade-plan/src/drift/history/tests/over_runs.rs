//! What is told from run to run, and how much a year of it takes.

use super::*;

/// How many repositories the family below has; a thousand take ten times as much.
const MANY: usize = 100;

/// A run that found this of `app`, whose release `v1.0` of `core` stands on a commit.
fn look(day: i64, findings: &[u8], commit: char) -> Drift {
    let mut drift = drift(&run(day, findings, 1, 1));
    drift.repos[0].latest[0].commit = Oid::parse(&commit.to_string().repeat(40));
    drift
}

#[test]
fn a_tag_that_stood_elsewhere_is_told_until_it_stands_there_again() {
    let mut history = History::default();
    let moved = |drift: &Drift| {
        let told = drift.findings.iter().filter(|it| it.code == "tag-moved");
        told.map(|it| (it.what.clone(), it.since))
            .collect::<Vec<_>>()
    };
    let mut told = Vec::new();
    for (day, commit) in [(1, 'a'), (8, 'b'), (15, 'b'), (22, 'a')] {
        let mut drift = look(day, &[], commit);
        drift.remember(&history);
        told.push(moved(&drift));
        history.add(&drift.observation());
    }
    let what = "`v1.0` is at bbbbbbb, and was at aaaaaaa before".to_owned();
    let moved = vec![(what, Some(DAY))];
    assert_eq!(told, [vec![], moved.clone(), moved, vec![]]);
}

#[test]
fn what_was_found_in_a_repository_that_is_lost_for_a_run_is_neither_gone_nor_new() {
    let mut history = History::default();
    let mut first = look(1, &[1], 'a');
    first.remember(&history);
    history.add(&first.observation());
    let mut lost = look(8, &[], 'a');
    lost.repos.push(DriftRepo {
        trouble: Some("no clone stands at its path".to_owned()),
        ..repo("app", vec![])
    });
    lost.remember(&history);
    let change = lost.change.clone().unwrap();
    assert_eq!(
        (change.new.len(), change.gone.len(), change.still),
        (0, 0, 1)
    );
    assert_eq!(
        (lost.findings[0].news, lost.findings[0].since),
        (News::Still, Some(DAY))
    );
    history.add(&lost.observation());
    let mut back = look(15, &[1], 'a');
    back.remember(&history);
    let change = back.change.clone().unwrap();
    assert_eq!(
        (change.new.len(), change.gone.len(), change.still),
        (0, 0, 1)
    );
    assert_eq!(back.findings[0].since, Some(DAY));
}

/// Many repositories with four pins each; one in fifty of either moves in a week.
#[test]
fn a_year_of_many_repositories_stays_small() {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut versions: Vec<u32> = vec![1; MANY];
    let mut pins: Vec<[u32; 4]> = vec![[1; 4]; MANY];
    let mut history = History::default();
    let mut sizes = Vec::new();
    for week in 0..52 {
        for _ in 0..MANY / 50 {
            versions[rng.usize(..MANY)] += 1;
            let pins = &mut pins[rng.usize(..MANY)];
            pins[rng.usize(..4)] += 1;
        }
        let mut drift = drift(&run(week * 7, &[], 1, 1));
        drift.repos = (0..MANY)
            .map(|it| {
                let version = format!("1.{}.0", versions[it]);
                let digest = blake3::hash(format!("{it} {version}").as_bytes()).to_hex();
                let commit: String = digest.chars().take(40).collect();
                let released = Released {
                    package: format!("package-{it}"),
                    tag: format!("v{version}"),
                    commit: Oid::parse(&commit),
                    version,
                    at: Some(1_790_000_000 + week),
                };
                repo(&format!("repository-{it}"), vec![released])
            })
            .collect();
        drift.edges = (4..MANY)
            .flat_map(|it| (1..=4).map(move |up| (it, up)))
            .map(|(it, up)| {
                let mut pin = pin(0, 1);
                pin.package = format!("package-{}", it - up);
                pin.path = "pyproject.toml".to_owned();
                pin.version = Some(format!("1.{}.0", pins[it][up - 1]));
                DriftEdge {
                    upstream: format!("repository-{}", it - up),
                    downstream: format!("repository-{it}"),
                    declared: true,
                    state: EdgeState::Behind,
                    pins: vec![pin],
                }
            })
            .collect();
        for it in &mut drift.repos {
            for it in &mut it.latest {
                it.at = Some(1_790_000_000 + i64::try_from(it.version.len()).unwrap());
            }
        }
        sizes.push(history.add(&drift.observation()).unwrap().len());
    }
    let whole: usize = sizes.iter().sum();
    let (first, second) = (sizes[0], sizes[1]);
    println!("{whole} bytes in a year; {first} the first line, {second} the second");
    assert!(
        first < 50_000 && second < 2_000 && whole < 200_000,
        "{sizes:?}"
    );
}
