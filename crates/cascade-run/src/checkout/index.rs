//! `.git/index`, versions 2 to 4, read once and never written.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use git2::Oid;

use super::disk::{self, Links, Unread};
use super::objects::Blob;

/// The largest index that is read.
const CAP: u64 = 512 << 20;

/// What git tracks, and how its files looked when git last saw them.
#[derive(Debug, Default)]
pub(crate) struct Index {
    names: Vec<u8>,
    entries: Vec<Entry>,
    /// The tree of everything staged, where git noted it.
    pub(crate) root: Option<Oid>,
    /// When it was written: seconds and nanoseconds.
    pub(crate) written: (i64, i64),
}

/// One tracked path.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    name: Range<usize>,
    /// When the inode changed, as two 32-bit numbers.
    pub(crate) changed: (u32, u32),
    /// When the bytes changed, as two 32-bit numbers.
    pub(crate) modified: (u32, u32),
    /// The inode's low 32 bits.
    pub(crate) inode: u32,
    /// The mode as git keeps it.
    pub(crate) mode: u32,
    /// The object that is staged.
    pub(crate) id: Oid,
    /// The low 32 bits of the size.
    pub(crate) size: u32,
    /// 0, or the side of a merge.
    pub(crate) stage: u8,
    /// `assume-unchanged`.
    pub(crate) assumed: bool,
    /// `skip-worktree`: outside of a sparse checkout.
    pub(crate) skipped: bool,
    /// `add -N`.
    pub(crate) intended: bool,
}

/// Why an index was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IndexError {
    /// Its bytes make no sense.
    #[error("its index is broken; `git status` there says more")]
    Broken,
    /// It is of a kind that is not read.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The file was not read.
    #[error("its index {0}")]
    Unread(Unread),
}

impl Index {
    /// Returns the index in a file; an empty one where there is none.
    pub(crate) fn read(file: &Path, hash: usize) -> Result<Self, IndexError> {
        use std::os::unix::fs::MetadataExt;
        match disk::read(file, CAP, Links::Follow) {
            Ok((bytes, about)) => {
                let mut index = Self::parse(&bytes, hash)?;
                index.written = (about.mtime(), about.mtime_nsec());
                Ok(index)
            }
            Err(Unread::Missing) => Ok(Self::default()),
            Err(error) => Err(IndexError::Unread(error)),
        }
    }

    /// Returns what the bytes say; ids are `hash` bytes long.
    pub(crate) fn parse(bytes: &[u8], hash: usize) -> Result<Self, IndexError> {
        let end = bytes.len().checked_sub(hash).ok_or(IndexError::Broken)?;
        let mut from = Reader {
            bytes: bytes.get(..end).unwrap_or_default(),
            at: 0,
        };
        let (Some(b"DIRC"), Some(version @ 2..=4)) = (from.take(4), from.number()) else {
            return Err(IndexError::Broken);
        };
        let count = from.number().ok_or(IndexError::Broken)?;
        let mut index = Self::default();
        for _ in 0..count {
            index
                .read_entry(&mut from, version, hash)
                .ok_or(IndexError::Broken)?;
        }
        index.read_extensions(&mut from, hash)?;
        Ok(index)
    }

    /// Returns every entry, in the order of their paths.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the path of an entry.
    pub(crate) fn path(&self, entry: &Entry) -> &[u8] {
        self.names.get(entry.name.clone()).unwrap_or_default()
    }

    /// Returns the entry of a path.
    pub(crate) fn find(&self, path: &[u8]) -> Option<&Entry> {
        let at = self
            .entries
            .binary_search_by(|it| self.path(it).cmp(path))
            .ok()?;
        self.entries.get(at)
    }

    /// Returns every file that is staged, by its path; names that are no UTF-8 and what is not merged
    /// are passed over.
    pub(crate) fn blobs(&self) -> BTreeMap<String, Blob> {
        let staged = self
            .entries
            .iter()
            .filter(|it| it.stage == 0 && !it.intended);
        let blob = |it: &Entry| {
            let path = str::from_utf8(self.path(it)).ok()?.to_owned();
            let (mode, id) = (it.mode, it.id);
            Some((path, Blob { mode, id }))
        };
        staged.filter_map(blob).collect()
    }

    fn read_entry(&mut self, from: &mut Reader<'_>, version: u32, hash: usize) -> Option<()> {
        let start = from.at;
        let changed = (from.number()?, from.number()?);
        let modified = (from.number()?, from.number()?);
        let (_device, inode, mode) = (from.number()?, from.number()?, from.number()?);
        let (_user, _group, size) = (from.number()?, from.number()?, from.number()?);
        let id = Oid::from_bytes(from.take(hash)?).ok()?;
        let flags = from.half()?;
        let extended = if flags & 0x4000 == 0 { 0 } else { from.half()? };
        let name = match version {
            4 => self.squeezed_name(from)?,
            _ => self.padded_name(from, start)?,
        };
        self.entries.push(Entry {
            name,
            changed,
            modified,
            inode,
            mode,
            id,
            size,
            stage: u8::try_from(flags >> 12 & 3).ok()?,
            assumed: flags & 0x8000 != 0,
            skipped: extended & 0x4000 != 0,
            intended: extended & 0x2000 != 0,
        });
        Some(())
    }

    /// Versions 2 and 3: the whole name, then 1 to 8 NULs to a multiple of 8.
    fn padded_name(&mut self, from: &mut Reader<'_>, start: usize) -> Option<Range<usize>> {
        let name = from.until_nul()?;
        let begin = self.names.len();
        self.names.extend_from_slice(name);
        let length = from.at.checked_sub(start)?;
        from.take(length.next_multiple_of(8).checked_sub(length)?)?;
        Some(begin..self.names.len())
    }

    /// Version 4: how much of the previous name's end falls away, then what takes its place.
    fn squeezed_name(&mut self, from: &mut Reader<'_>) -> Option<Range<usize>> {
        let drop = from.varint()?;
        let previous = self.entries.last().map_or(0..0, |it| it.name.clone());
        let keep = previous.len().checked_sub(drop)?;
        let begin = self.names.len();
        self.names
            .extend_from_within(previous.start..previous.start + keep);
        self.names.extend_from_slice(from.until_nul()?);
        // A short file must not ask for much memory by repeating one long name.
        (self.names.len() as u64 <= CAP).then_some(begin..self.names.len())
    }

    fn read_extensions(&mut self, from: &mut Reader<'_>, hash: usize) -> Result<(), IndexError> {
        while let Some(name) = from.take(4) {
            let size = from.number().ok_or(IndexError::Broken)? as usize;
            let body = from.take(size).ok_or(IndexError::Broken)?;
            match name {
                b"TREE" => self.root = read_root(body, hash),
                b"link" => {
                    return Err(IndexError::Unsupported(
                        "its index is split, which cascade can not read yet; `git update-index --no-split-index` joins it",
                    ));
                }
                b"sdir" => {
                    return Err(IndexError::Unsupported(
                        "its index is sparse, which cascade can not read yet; `git sparse-checkout reapply --no-sparse-index` fills it",
                    ));
                }
                [b'A'..=b'Z', ..] => {}
                _ => {
                    return Err(IndexError::Unsupported(
                        "its index has an extension that cascade does not know",
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Reads the first record of the tree extension: an empty path, counts, the id of the root.
fn read_root(body: &[u8], hash: usize) -> Option<Oid> {
    let rest = body.strip_prefix(b"\0")?;
    let line = rest.iter().position(|&b| b == b'\n')?;
    let valid = !rest.starts_with(b"-");
    let id = rest.get(line + 1..line + 1 + hash)?;
    valid.then(|| Oid::from_bytes(id).ok()).flatten()
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn half(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn until_nul(&mut self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..)?;
        let name = self.take(rest.iter().position(|&b| b == 0)?)?;
        self.at += 1;
        Some(name)
    }

    /// git's offset encoding: 7 bits a byte, every further byte adds one.
    fn varint(&mut self) -> Option<usize> {
        let mut byte = *self.take(1)?.first()?;
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = *self.take(1)?.first()?;
            let low = usize::from(byte & 0x7f);
            value = value.checked_add(1)?.checked_mul(128)?.checked_add(low)?;
        }
        Some(value)
    }
}
