//! The name of a state folder, and names that nobody else draws.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::write::{Overwrite, save};

/// The name of the file that holds a state folder's name.
const FILE: &str = "seat";
/// The longest one that is read, in bytes.
const LONGEST: u64 = 4096;

/// Returns the name of a state folder, drawn when it is first asked for. A folder that was copied to
/// another machine gets another one: the name holds for one file, not for its bytes.
pub(super) fn of(folder: &Path) -> String {
    let path = folder.join(FILE);
    known(&path).unwrap_or_else(|| {
        let drawn = unique();
        // One that can not be kept is a name all the same: it only says less for certain later.
        let _ = keep(&path, &drawn);
        drawn
    })
}

fn known(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    let file = file.take(LONGEST).read_to_string(&mut text);
    file.ok()?;
    let (name, at) = text.trim_end().split_once(' ')?;
    (at == whereabouts(path)?).then(|| name.to_owned())
}

fn keep(path: &Path, name: &str) -> io::Result<()> {
    // Born first and filled in place, because what it holds names the file itself.
    save(path, "", Overwrite::Replace)?;
    let at = whereabouts(path).unwrap_or_default();
    let mut file = fs::OpenOptions::new().write(true).open(path)?;
    io::Write::write_all(&mut file, format!("{name} {at}\n").as_bytes())
}

/// Returns which file a path is: a copy is another one.
fn whereabouts(path: &Path) -> Option<String> {
    let about = fs::metadata(path).ok()?;
    // No device: the number of one may change with every start of the machine.
    Some(about.ino().to_string())
}

/// Returns a text that nobody else draws.
pub(super) fn unique() -> String {
    let mut drawn = [0; 16];
    let device = File::open("/dev/urandom").and_then(|mut it| it.read_exact(&mut drawn));
    let mut mixed = Sha256::new();
    mixed.update(drawn);
    if device.is_err() {
        // The keys of a map are drawn by the system too, a pair for each.
        for _ in 0..2 {
            mixed.update(RandomState::new().build_hasher().finish().to_le_bytes());
        }
        mixed.update(std::process::id().to_le_bytes());
    }
    let bytes = mixed.finalize();
    let bytes = bytes.iter().take(16);
    bytes.fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_name_and_a_copy_gets_another() {
        let dir = tempfile::tempdir().unwrap();
        let name = of(dir.path());
        assert_eq!(of(dir.path()), name);
        let copy = tempfile::tempdir().unwrap();
        fs::copy(dir.path().join(FILE), copy.path().join(FILE)).unwrap();
        assert_ne!(of(copy.path()), name);
        assert_ne!(unique(), unique());
    }
}
