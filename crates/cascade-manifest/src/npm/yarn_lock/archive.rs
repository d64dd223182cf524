//! The archive that Yarn keeps of a package, and its digest: what `checksum` says.
//!
//! With `compressionLevel: 0`, Yarn's default, it is a zip of stored entries whose every byte
//! follows from the tarball: one folder entry at its first use, the files in the order of the
//! tarball, one date for all.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read as _;

use flate2::Crc;
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha512};
use tar::{Archive, EntryType};

use crate::Fallback;

/// What a package may hold, unpacked.
const MOST_BYTES: u64 = 512 << 20;
/// What a package may hold of files.
const MOST_FILES: usize = 60_000;

/// 22 June 1984, 21:50, as MS-DOS writes it.
const TIME: u16 = (21 * 64 + 50) * 32;
const DAY: u16 = ((1984 - 1980) * 16 + 6) * 32 + 22;

const FOLDER: u32 = 0o40755;
const FILE: u32 = 0o100_644;
const PROGRAM: u32 = 0o100_755;

/// Returns the digest of the archive of a package: 128 hexadecimal digits.
///
/// # Errors
/// When the tarball is none, too large, or holds what is not packed here.
pub(super) fn checksum(name: &str, tarball: &[u8]) -> Result<String, Fallback> {
    let because = |what: &str| Fallback(format!("the tarball of `{name}` {what}"));
    let mut archive = Archive::new(GzDecoder::new(tarball).take(MOST_BYTES));
    let mut zip = Zip::default();
    for entry in archive.entries().map_err(|_| because("can not be read"))? {
        let mut entry = entry.map_err(|_| because("can not be read"))?;
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::XGlobalHeader => continue,
            _ => return Err(because("holds more than files")),
        }
        let mode = entry
            .header()
            .mode()
            .map_err(|_| because("can not be read"))?;
        let path = entry.path_bytes().into_owned();
        let path = std::str::from_utf8(&path).ok().filter(|it| it.is_ascii());
        let inner = path.and_then(|it| it.split_once('/')).map(|(_, it)| it);
        let inner = inner
            .filter(|it| !it.is_empty() && !it.split('/').any(|it| matches!(it, "" | "." | "..")));
        let inner = inner.ok_or_else(|| because("holds a file of an unusual name"))?;
        let mut data = Vec::new();
        entry
            .read_to_end(&mut data)
            .map_err(|_| because("can not be read"))?;
        let mode = if mode & 0o111 == 0 { FILE } else { PROGRAM };
        zip.add(&format!("node_modules/{name}/{inner}"), &data, mode)
            .ok_or_else(|| because("holds a file twice, or too many"))?;
    }
    zip.finish().ok_or_else(|| because("is too large"))
}

/// A zip of which only the digest is kept, and its list of contents.
#[derive(Default)]
struct Zip {
    digest: Sha512,
    length: u32,
    contents: Vec<u8>,
    paths: BTreeSet<String>,
}

impl Zip {
    /// Adds a file and the folders above it.
    fn add(&mut self, path: &str, data: &[u8], mode: u32) -> Option<()> {
        for (at, _) in path.match_indices('/') {
            let folder = path.get(..=at)?;
            if !self.paths.contains(folder) {
                self.entry(folder, &[], FOLDER)?;
            }
        }
        self.entry(path, data, mode)
    }

    fn entry(&mut self, path: &str, data: &[u8], mode: u32) -> Option<()> {
        if self.paths.len() >= MOST_FILES || !self.paths.insert(path.to_owned()) {
            return None;
        }
        let size = u32::try_from(data.len()).ok()?;
        let name = u16::try_from(path.len()).ok()?;
        let mut crc = Crc::new();
        crc.update(data);
        let needed: u16 = if mode == FOLDER { 20 } else { 10 };
        let mut shared = Vec::with_capacity(26);
        for it in [needed, 0, 0, TIME, DAY] {
            shared.extend(it.to_le_bytes());
        }
        for it in [crc.sum(), size, size] {
            shared.extend(it.to_le_bytes());
        }
        for it in [name, 0] {
            shared.extend(it.to_le_bytes());
        }
        self.contents.extend(b"PK\x01\x02\x3f\x03");
        self.contents.extend(&shared);
        // No comment, first disk, no inner attributes.
        self.contents.extend([0; 6]);
        self.contents.extend((mode << 16).to_le_bytes());
        self.contents.extend(self.length.to_le_bytes());
        self.contents.extend(path.as_bytes());
        for part in [b"PK\x03\x04".as_slice(), &shared, path.as_bytes(), data] {
            self.put(part)?;
        }
        Some(())
    }

    fn put(&mut self, bytes: &[u8]) -> Option<()> {
        self.digest.update(bytes);
        self.length = self.length.checked_add(u32::try_from(bytes.len()).ok()?)?;
        Some(())
    }

    fn finish(mut self) -> Option<String> {
        let start = self.length;
        let contents = std::mem::take(&mut self.contents);
        self.put(&contents)?;
        let count = u16::try_from(self.paths.len()).ok()?;
        let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
        end.extend(count.to_le_bytes());
        end.extend(count.to_le_bytes());
        end.extend(u32::try_from(contents.len()).ok()?.to_le_bytes());
        end.extend(start.to_le_bytes());
        end.extend([0; 2]);
        self.put(&end)?;
        let mut hex = String::with_capacity(128);
        for byte in self.digest.finalize() {
            write!(hex, "{byte:02x}").ok()?;
        }
        Some(hex)
    }
}
