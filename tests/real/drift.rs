//! What `drift` finds, held against the truth: which pins, and since when.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::family::Family;
use crate::judge::{rows, word};

/// The rules about pins, with the truth's word for what each finds.
const RULES: [(&str, &str); 3] = [
    ("pin-excluded", "behind_excluded"),
    ("pin-ahead", "ahead"),
    ("pin-behind", "behind_admitted"),
];

/// The pins that drift finds are those of the truth, each since the release that it missed first; no
/// lock contradicts a pin.
pub(crate) fn findings(family: &Family) {
    let args = ["drift", "--fail-on", "never", "--format", "json"];
    let drift: Value = serde_json::from_str(&family.cascade(&family.work(), &args)).unwrap();
    for (code, status) in RULES {
        let said: BTreeSet<(String, String)> = rows(&drift["findings"])
            .filter(|it| it["code"] == code)
            .map(|it| (word(&it["path"]), word(&it["line"])))
            .collect();
        let truth = family.pins().iter().filter(|it| {
            // `1` says nothing of 1.4.2: at the precision that is written it is in step.
            let covers = code == "pin-behind" && it["in_step_at_written_precision"] == true;
            let counts = it["auxiliary_manifest"] == false && it["kind"] != "indirect";
            it["status"] == status && counts && !covers
        });
        let truth: BTreeSet<(String, String)> = truth
            .map(|it| {
                let path = format!("{}/{}", word(&it["downstream"]), word(&it["manifest"]));
                (path, word(&it["line"]))
            })
            .collect();
        assert_eq!(said, truth, "{code}");
        println!("{code}: {} agree", said.len());
    }
    let locks = rows(&drift["findings"]).filter(|it| it["code"] == "lock-contradicts");
    assert_eq!(locks.count(), 0);
    since(family, &drift);
}

/// Of every pin that excludes the latest version the age is the date of the first tag that it missed,
/// as git tells it.
fn since(family: &Family, drift: &Value) {
    let mut dated = 0;
    for pin in family.pins() {
        let (excluded, auxiliary) = (&pin["status"], &pin["auxiliary_manifest"]);
        if excluded != "behind_excluded" || *auxiliary != false {
            continue;
        }
        let path = format!("{}/{}", word(&pin["downstream"]), word(&pin["manifest"]));
        let found = rows(&drift["findings"]).find(|it| {
            it["code"] == "pin-excluded" && it["path"] == path && it["line"] == pin["line"]
        });
        assert!(found.is_some(), "{path}:{}", pin["line"]);
        let found = found.unwrap();
        let first = first_missed(family, pin);
        assert_eq!(found["since"], first, "{path}:{}", pin["line"]);
        dated += 1;
    }
    println!("{dated} ages agree");
}

/// Returns when the first final release above the version that a pin names was tagged.
fn first_missed(family: &Family, pin: &Value) -> i64 {
    let upstream = word(&pin["upstream"]);
    let is_it = |it: &&(&str, &Value)| it.0 == upstream && it.1["name"] == pin["upstream_package"];
    let packages: Vec<(&str, &Value)> = family.packages().collect();
    let package = packages.iter().find(is_it).unwrap().1;
    let prefix = word(&package["tag_prefix"]);
    let named = numbers(&word(&pin["named_version"])).unwrap();
    let latest = numbers(&word(&pin["upstream_latest"])).unwrap();
    let format = "--format=%(refname:lstrip=2) %(creatordate:unix)";
    let clone = family.work().join(&upstream);
    let tags = family.git(&clone, &["for-each-ref", "refs/tags", format]);
    let missed = tags.lines().filter_map(|line| {
        let (tag, date) = line.rsplit_once(' ')?;
        let version = numbers(tag.strip_prefix(&prefix)?)?;
        (version > named && version <= latest).then(|| date.parse::<i64>().unwrap())
    });
    missed.min().unwrap()
}

/// Returns the numbers of a final version, three of them.
fn numbers(text: &str) -> Option<Vec<u64>> {
    let numbers: Result<Vec<u64>, _> = text.split('.').map(str::parse).collect();
    let mut numbers = numbers.ok()?;
    numbers.resize(numbers.len().max(3), 0);
    Some(numbers)
}
