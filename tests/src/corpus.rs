//! Replays the corpora of fuzz targets: whatever once broke a reader stays mended.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Gives every file of a target's corpus, in a crate's `fuzz/corpus`, to the target.
pub fn replay(crate_folder: &str, target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(crate_folder).join("fuzz/corpus").join(target);
    let mut replayed = 0;
    for entry in fs::read_dir(&folder).expect("a corpus") {
        check(&fs::read(entry.expect("an entry").path()).expect("a text"));
        replayed += 1;
    }
    assert!(replayed > 2, "{target}: {replayed} texts");
}

/// Gives every text of a target's corpus to the target: as the fuzzer, which drops what is not
/// UTF-8.
pub fn replay_texts(crate_folder: &str, target: &str, check: impl Fn(&str)) {
    replay(crate_folder, target, |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            check(text);
        }
    });
}

/// Returns the names of a crate's fuzz targets, the files in its `fuzz/targets`.
pub fn targets(crate_folder: &str) -> BTreeSet<String> {
    let folder = Path::new(crate_folder).join("fuzz/targets");
    let stem = |it: fs::DirEntry| {
        let path = it.path();
        let stem = path.file_stem().expect("a name");
        stem.to_string_lossy().into_owned()
    };
    let entries = fs::read_dir(folder).expect("targets");
    entries.map(|it| stem(it.expect("an entry"))).collect()
}

/// Makes a test of each target of a crate, given as a path to the functions of their names, and one
/// that none is left out.
#[macro_export]
macro_rules! replayed {
    ($replay:ident: $laws:ident::{$($target:ident),*}) => {
        $(
            #[test]
            fn $target() {
                $crate::$replay(env!("CARGO_MANIFEST_DIR"), stringify!($target), $laws::$target);
            }
        )*

        #[test]
        fn every_target_is_replayed() {
            let all = [$(stringify!($target)),*].map(str::to_owned);
            assert_eq!($crate::targets(env!("CARGO_MANIFEST_DIR")), all.into());
        }
    };
}
