//! Replays the corpus of the fuzz targets: whatever once broke a reader stays mended.
#![expect(clippy::unwrap_used, reason = "tests; the corpus is on the disk")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[path = "../fuzz/laws.rs"]
mod laws;

/// Gives every text of a target's corpus to the target.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut replayed = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        check(&fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed > 2, "{target}: {replayed} texts");
}

/// Makes a test of each target, and a list of them all.
macro_rules! targets {
    ($($target:ident),*) => {
        const TARGETS: &[&str] = &[$(stringify!($target)),*];
        $(#[test] fn $target() { replay(stringify!($target), laws::$target); })*
    };
}

targets!(settings, answers, requests, checkouts);

#[test]
fn every_target_is_replayed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/targets");
    let stem = |it: fs::DirEntry| {
        it.path()
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    };
    let found: BTreeSet<_> = fs::read_dir(folder)
        .unwrap()
        .map(|it| stem(it.unwrap()))
        .collect();
    assert_eq!(found, TARGETS.iter().map(|it| (*it).to_owned()).collect());
}
