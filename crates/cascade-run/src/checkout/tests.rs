//! The readers against git itself: the same answer, whatever lies there.

use std::collections::BTreeSet;

use super::dirty::{self, Look, Until};
use super::index::Index;
use super::*;
use cascade_tests::Town;
use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

mod dirt;
mod history;
mod references;

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
    dirty::look(
        folder,
        &checkout.index().unwrap(),
        head_tree(&checkout),
        Until::Certain,
    )
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
