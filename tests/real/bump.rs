//! Every upstream set forward once: only the pins that have to move do, by their version bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::family::Family;

/// Sets each package of the family to its next major, and bumps what stands on it.
pub(crate) fn every_upstream(family: &Family) {
    let work = family.another("bump");
    let mut moved = 0;
    for (repo, package) in family.packages() {
        let Some(latest) = package["latest_version"].as_str() else {
            continue;
        };
        let clone = work.join(repo);
        let next = next_major(latest);
        let tag = format!("{}{next}", package["tag_prefix"].as_str().unwrap());
        family.git(&clone, &["tag", &tag]);
        let name = package["name"].as_str().unwrap();
        moved += one(family, &work, (repo, name), &next);
        family.git(&clone, &["tag", "-d", &tag]);
        for other in clones(&work) {
            family.git(&other, &["checkout", "-q", "--force", "--", "."]);
        }
    }
    println!("{moved} pins moved, byte for byte");
}

/// Bumps one upstream that was set to `next`; returns how many lines moved.
fn one(family: &Family, work: &Path, (repo, name): (&str, &str), next: &str) -> usize {
    let before = texts(family, work);
    let what = format!("{repo}/{name}");
    let args = [
        "bump",
        "--repo",
        &what,
        "--pins-only",
        "--no-commit",
        "--yes",
    ];
    family.cascade(work, &args);
    let after = texts(family, work);
    let changed = changed_lines(&before, &after);
    let expected: BTreeSet<(PathBuf, usize)> = family
        .pins()
        .iter()
        .filter(|pin| pin["upstream"] == repo && pin["upstream_package"] == name)
        .filter(|pin| pin["auxiliary_manifest"] == false && excludes(pin, next))
        .map(|pin| {
            let downstream = Path::new(pin["downstream"].as_str().unwrap());
            let line = usize::try_from(pin["line"].as_u64().unwrap()).unwrap();
            (downstream.join(pin["manifest"].as_str().unwrap()), line)
        })
        .collect();
    let said: BTreeSet<_> = changed.keys().cloned().collect();
    assert_eq!(said, expected, "{name} {next}");
    for (place, (old, new)) in &changed {
        only_versions_differ(old, new, place);
    }
    family.cascade(work, &args);
    assert_eq!(
        texts(family, work),
        after,
        "a second run changed something: {name} {next}"
    );
    changed.len()
}

/// A caret requirement of these families excludes the next major of what it names, a floor never.
fn excludes(pin: &Value, next: &str) -> bool {
    let spec = pin["spec"].as_str().unwrap();
    match pin["style"].as_str().unwrap() {
        "exact" => true,
        "caret(bare)" => spec.split('.').next() != next.split('.').next(),
        _ => false,
    }
}

fn next_major(version: &str) -> String {
    let major: u64 = version.split('.').next().unwrap().parse().unwrap();
    format!("{}.0.0", major + 1)
}

fn clones(work: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(work).unwrap().map(|it| it.unwrap().path());
    entries.filter(|it| it.join(".git").is_dir()).collect()
}

/// Every tracked file's bytes, by its path from the folder of clones.
fn texts(family: &Family, work: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for clone in clones(work) {
        for file in family.git(&clone, &["ls-files"]).lines() {
            let at = clone.join(file);
            all.insert(
                at.strip_prefix(work).unwrap().to_owned(),
                fs::read(&at).unwrap(),
            );
        }
    }
    all
}

type Lines = BTreeMap<(PathBuf, usize), (String, String)>;

fn changed_lines(before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>) -> Lines {
    assert!(before.keys().eq(after.keys()), "files came or went");
    let mut changed = Lines::new();
    for (path, old) in before {
        let (old, new) = (
            String::from_utf8_lossy(old),
            String::from_utf8_lossy(&after[path]),
        );
        let (old, new): (Vec<_>, Vec<_>) = (old.split('\n').collect(), new.split('\n').collect());
        assert_eq!(
            old.len(),
            new.len(),
            "{} gained or lost lines",
            path.display()
        );
        for (at, (a, b)) in old
            .iter()
            .zip(&new)
            .enumerate()
            .filter(|(_, (a, b))| a != b)
        {
            changed.insert((path.clone(), at + 1), ((*a).to_owned(), (*b).to_owned()));
        }
    }
    changed
}

/// Two lines that are the same once every version in them is taken out.
fn only_versions_differ(old: &str, new: &str, place: &(PathBuf, usize)) {
    let bare = |line: &str| {
        line.split(|c: char| c.is_ascii_digit() || c == '.')
            .collect::<String>()
    };
    assert_eq!(bare(old), bare(new), "{place:?}: {old} -> {new}");
}
