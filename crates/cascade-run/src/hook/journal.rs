//! What was let pass by hand: one line each, in a file beside git's own, which does not grow for ever.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use jiff::Timestamp;

/// The name of the file, in the folder that working trees share.
pub const BYPASSES: &str = "cascade-hooks.log";
/// How large it may be.
const CAP: u64 = 64 << 10;

/// Writes down that a hook was let pass.
///
/// # Errors
/// When the disk says no.
pub fn record_bypass(common: &Path, now: i64, what: &str) -> io::Result<()> {
    let at = common.join(BYPASSES);
    if at.symlink_metadata().is_ok_and(|it| !it.is_file()) {
        return Err(io::Error::other("it is not a plain file"));
    }
    let when = Timestamp::from_second(now).unwrap_or_default();
    let what: String = what
        .chars()
        .map(|it| if it.is_control() { ' ' } else { it })
        .collect();
    shorten(&at)?;
    let mut file = File::options().append(true).create(true).open(&at)?;
    // In one write, so that lines of others stay whole.
    file.write_all(format!("{when} {what}\n").as_bytes())
}

/// Keeps the younger half of a file that has grown too large.
fn shorten(at: &Path) -> io::Result<()> {
    let Ok(about) = fs::metadata(at) else {
        return Ok(());
    };
    if about.len() < CAP {
        return Ok(());
    }
    let mut file = File::open(at)?;
    file.seek(SeekFrom::Start(about.len() - CAP / 2))?;
    let mut kept = Vec::new();
    file.take(CAP).read_to_end(&mut kept)?;
    let begin = kept
        .iter()
        .position(|&it| it == b'\n')
        .map_or(0, |it| it + 1);
    let kept = kept.get(begin..).unwrap_or_default();
    let temp = crate::write::temp_beside(at, kept, Some(about.permissions()))?;
    temp.persist(at).map(drop).map_err(|it| it.error)
}
