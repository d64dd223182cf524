//! The words that people say of a run, in a file beside its journal: whoever says one appends it
//! under the file's own lock, so that it is heard while another process carries the run out.

use std::fs::OpenOptions;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use cascade_plan::Word;

use super::line;
use crate::write::sync_folder;

/// The name of the file in a run's folder.
pub(super) const WORDS: &str = "words";

/// Returns what was said so far, in order; a line that is being written just now is not yet said.
///
/// # Errors
/// When the file is there and can not be read.
pub(super) fn said(folder: &Path) -> io::Result<Vec<Word>> {
    Ok(line::read(&folder.join(WORDS))?.entries)
}

/// Says a word. When this returns, it is on the disk.
///
/// # Errors
/// When it can not be written.
pub(super) fn say(folder: &Path, word: &Word) -> io::Result<()> {
    let path = folder.join(WORDS);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(&path)?;
    file.lock()?;
    let whole = line::read::<Word>(&path)?;
    // What a crash left of a last line would hide this one.
    file.set_len(whole.end)?;
    file.seek(SeekFrom::Start(whole.end))?;
    let (text, _) = line::written(word, whole.chain)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    sync_folder(&path);
    Ok(())
}
