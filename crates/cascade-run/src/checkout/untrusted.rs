//! What git keeps of a checkout, given to every reader of this room.

use super::config::Config;
use super::ignore::Ignore;
use super::index::Index;

/// Reads bytes as the files of a git folder.
pub(crate) fn checkouts(bytes: &[u8]) {
    for hash in [20, 32] {
        if let Ok(index) = Index::parse(bytes, hash) {
            for entry in index.entries() {
                let _ = index.path(entry);
            }
        }
    }
    let config = Config::parse(&String::from_utf8_lossy(bytes));
    let _ = (config.get("core", "", "bare"), config.includes());
    let _ = Ignore::parse(bytes);
}
