//! The lines of a journal: a checksum in eight hexadecimal digits, a space, JSON.
//!
//! Each checksum (CRC-32 as in IEEE 802.3) continues the one before it, so a line that is torn,
//! changed, missing or there twice ends what is believed.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use crc32fast::Hasher;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest journal that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// What a journal says, as far as it can be believed.
#[derive(Debug)]
pub(super) struct Whole<T> {
    pub(super) entries: Vec<T>,
    /// Where the last line that is believed ends, in bytes.
    pub(super) end: u64,
    /// Its checksum.
    pub(super) chain: u32,
    /// Whether something stands behind it.
    pub(super) torn: bool,
}

impl<T> Default for Whole<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            end: 0,
            chain: 0,
            torn: false,
        }
    }
}

/// Returns the text of a line and its checksum.
pub(super) fn written<T: Serialize>(entry: &T, chain: u32) -> io::Result<(String, u32)> {
    let json = serde_json::to_string(entry)?;
    let chain = continued(chain, json.as_bytes());
    Ok((format!("{chain:08x} {json}\n"), chain))
}

/// Returns what a journal says; nothing where there is none.
///
/// # Errors
/// When it is there and can not be read.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Whole<T>> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(LARGEST).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Whole::default()),
        Err(error) => return Err(error),
    };
    Ok(parse(&bytes))
}

/// Returns what these bytes say.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Whole<T> {
    let mut whole = Whole::default();
    for line in bytes.split_inclusive(|it| *it == b'\n') {
        let Some((entry, chain)) = believed(line, whole.chain) else {
            whole.torn = true;
            break;
        };
        whole.entries.push(entry);
        whole.chain = chain;
        whole.end += line.len() as u64;
    }
    whole
}

fn believed<T: DeserializeOwned>(line: &[u8], chain: u32) -> Option<(T, u32)> {
    let (sum, json) = str::from_utf8(line)
        .ok()?
        .strip_suffix('\n')?
        .split_once(' ')?;
    let chain = continued(chain, json.as_bytes());
    let entry = || serde_json::from_str(json).ok();
    (sum == format!("{chain:08x}"))
        .then(entry)?
        .map(|it| (it, chain))
}

fn continued(chain: u32, bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(chain);
    hasher.update(bytes);
    hasher.finalize()
}
