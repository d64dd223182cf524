//! A thousand edits, down to the disk.

use std::collections::BTreeMap;

use cascade_run::{Overwrite, save, save_all};

use crate::{beside, head, row};

/// A thousand files in fifty folders, down to the disk that `CASCADE_BENCH_DISK` names, or the one
/// that holds the build.
pub(crate) fn written() {
    let disk = variable("CASCADE_BENCH_DISK");
    let disk = disk.as_deref().unwrap_or(env!("CARGO_TARGET_TMPDIR"));
    let folder = tempfile::tempdir_in(disk).expect("a scratch folder");
    let names: Vec<_> = (0..1000)
        .map(|it| format!("repo-{:02}/file-{it:03}", it % 50))
        .collect();
    let all = |text: &str| {
        names
            .iter()
            .map(|it| (it.clone(), text.as_bytes().to_vec()))
            .collect::<BTreeMap<_, _>>()
    };
    for nth in 0..50 {
        std::fs::create_dir(folder.path().join(format!("repo-{nth:02}"))).expect("a folder");
    }
    save_all(folder.path(), &all("first")).expect("it writes");
    let mut turn = 0;
    let mut pool = || {
        turn += 1;
        save_all(folder.path(), &all(&format!("pool {turn}"))).expect("it writes");
    };
    let mut single = || {
        for name in &names {
            save(&folder.path().join(name), "one by one", Overwrite::Replace).expect("it writes");
        }
    };
    head();
    row(
        "1,000 durable edits by the pool",
        "one by one",
        beside(&mut pool, &mut single),
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is told by its environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
