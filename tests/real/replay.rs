//! Replays of real repositories, held against what git alone says of the same commits.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::family::Family;

/// The names of the files of these families that pin anything.
const FILES: &[&str] = &[
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "uv.lock",
    "package.json",
    "package-lock.json",
    "Cargo.toml",
    "Cargo.lock",
];

/// What git says of a release: its numbers, and when it was tagged.
type Release = (Vec<u64>, i64);

/// Replays a repository; every state, every line and every latest version is what git says.
pub(crate) fn of(family: &Family, repo: &str) {
    let text = family.cascade(
        &family.work(),
        &["drift", "replay", repo, "--format", "json"],
    );
    let replay: Value = serde_json::from_str(&text).unwrap();
    let states = replay["states"].as_array().unwrap();
    same_states(family, repo, states);
    let tags = releases(family);
    let mut judged = 0;
    for state in states {
        let at = state["at"].as_i64().unwrap();
        let mut texts = BTreeMap::new();
        for pin in state["pins"].as_array().unwrap() {
            let path = pin["path"].as_str().unwrap().to_owned();
            let commit = state["commit"].as_str().unwrap();
            let show = || {
                let what = format!("{commit}:{path}");
                family.git(&family.work().join(repo), &["show", &what])
            };
            let text = texts.entry(path.clone()).or_insert_with(show);
            stands_there(pin, text);
            judged += usize::from(is_judged(pin, at, &tags));
        }
    }
    println!(
        "{repo}: {} states, {judged} pins against the releases of their day",
        states.len()
    );
    assert!(judged > 0, "{repo}");
    let summary = &replay["summary"];
    println!("{summary}");
    assert_eq!(
        summary["lock-contradicts"], 0,
        "no lock of these families contradicts its pin"
    );
    uptake(&replay);
}

/// The states are the commits of the first-parent line that change such a file.
fn same_states(family: &Family, repo: &str, states: &[Value]) {
    let clone = family.work().join(repo);
    let log = [
        "log",
        "--first-parent",
        "-m",
        "--reverse",
        "--format=commit %H %ct",
        "--name-only",
        "--root",
    ];
    let (mut wanted, mut now) = (Vec::new(), None);
    for line in family.git(&clone, &log).lines() {
        if let Some(commit) = line.strip_prefix("commit ") {
            now = commit
                .split_once(' ')
                .map(|(id, at)| (id.to_owned(), at.parse::<i64>().unwrap()));
        } else if is_one(line) {
            wanted.extend(now.take());
        }
    }
    let found: Vec<(String, i64)> = states
        .iter()
        .map(|it| {
            (
                it["commit"].as_str().unwrap().to_owned(),
                it["at"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, wanted, "{repo}");
}

fn is_one(path: &str) -> bool {
    let name = Path::new(path)
        .file_name()
        .and_then(|it| it.to_str())
        .unwrap_or_default();
    let requirements = name.rsplit('.').next() == Some("txt")
        && (name.contains("requirements") || path.contains("requirements/"));
    FILES.contains(&name) || requirements
}

/// The line that a pin names holds its requirement.
fn stands_there(pin: &Value, text: &str) {
    let line = usize::try_from(pin["line"].as_u64().unwrap()).unwrap();
    let line = text.lines().nth(line - 1).unwrap_or_default();
    let requirement = pin["requirement"].as_str().unwrap();
    // Spaces between the parts of a requirement mean nothing.
    let bare = |it: &str| {
        it.chars()
            .filter(|it| !it.is_whitespace())
            .collect::<String>()
    };
    assert!(bare(line).contains(&bare(requirement)), "{pin}: {line}");
}

/// Returns whether the latest version of a pin could be held against the tags of its day.
fn is_judged(pin: &Value, at: i64, tags: &BTreeMap<String, Vec<Release>>) -> bool {
    let package = format!(
        "{}/{}",
        pin["upstream"].as_str().unwrap(),
        pin["package"].as_str().unwrap()
    );
    let Some(releases) = tags.get(&package) else {
        return false;
    };
    let out = releases.iter().filter(|it| it.1 <= at).map(|it| &it.0);
    let latest = out.clone().max();
    let said = pin["latest"].as_str().map(numbers);
    let found = said.as_deref().map(padded);
    assert_eq!(found, latest.map(|it| padded(it)), "{pin}: git says so");
    if let (Some(version), Some(latest)) = (pin["version"].as_str(), latest) {
        let (named, latest) = (padded(&numbers(version)), padded(latest));
        let status = pin["status"].as_str().unwrap();
        let fits = match status {
            "in-step" => named == latest,
            "ahead" => named > latest,
            _ => named < latest,
        };
        assert!(
            fits || version.contains(|it: char| it.is_alphabetic()),
            "{pin}"
        );
        if ["behind", "excluded"].contains(&status) && named < latest {
            let above = out.filter(|it| padded(it) > named).count();
            assert_eq!(pin["releases"], above, "{pin}");
        }
    }
    said.is_some()
}

fn numbers(version: &str) -> Vec<u64> {
    let parts = version.split('.').map(str::parse::<u64>);
    parts.map_while(Result::ok).collect()
}

fn padded(version: &[u64]) -> [u64; 4] {
    let mut all = [0; 4];
    for (place, number) in all.iter_mut().zip(version) {
        *place = *number;
    }
    all
}

/// Every final release by repository and package: tags of numbers behind the prefix that the truth says.
fn releases(family: &Family) -> BTreeMap<String, Vec<Release>> {
    let mut all = BTreeMap::new();
    for (repo, package) in family.packages() {
        let prefix = package["tag_prefix"].as_str().unwrap();
        let clone = family.work().join(repo);
        let said = family.git(
            &clone,
            &[
                "for-each-ref",
                "--format=%(refname:strip=2) %(creatordate:unix)",
                "refs/tags",
            ],
        );
        let found = said.lines().filter_map(|line| {
            let (tag, at) = line.rsplit_once(' ')?;
            let version = tag.strip_prefix(prefix)?;
            let plain = version
                .split('.')
                .all(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()));
            plain.then(|| (numbers(version), at.parse().unwrap()))
        });
        let name = format!("{repo}/{}", package["name"].as_str().unwrap());
        all.insert(name, found.collect::<Vec<Release>>());
    }
    all
}

/// What was taken up was out before, and the numbers of the spread are among them.
fn uptake(replay: &Value) {
    let offered = replay["releases"].as_array().unwrap();
    for row in replay["adoption"].as_array().unwrap() {
        let of = |it: &&Value| it["package"] == row["package"] && !it["days"].is_null();
        let days: BTreeSet<String> = offered
            .iter()
            .filter(of)
            .map(|it| it["days"].to_string())
            .collect();
        assert_eq!(
            row["releases"].as_u64().unwrap(),
            offered.iter().filter(of).count() as u64
        );
        for key in ["median", "p90"] {
            assert!(days.contains(&row["days"][key].to_string()), "{row}");
        }
        println!("{row}");
    }
    for it in offered.iter().filter(|it| !it["taken"].is_null()) {
        assert!(it["taken"].as_i64() >= it["at"].as_i64(), "{it}");
    }
}
