//! What is in an archive, read within bounds; nothing is unpacked, no link is followed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use tar::Archive as Tar;
use zip::ZipArchive;

/// How many bytes an archive may have.
const PACKED: u64 = 2 << 30;
/// How many bytes it may unpack to.
const UNPACKED: u64 = 4 << 30;
/// How many entries it may have.
const ENTRIES: usize = 200_000;
/// How many bytes a file may have whose text is kept.
const TEXT: u64 = 8 << 20;
/// How long a path may be.
const PATH: usize = 4096;

/// What is in an archive.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Its files, by path, each with its size and the SHA-256 of its bytes.
    pub(super) files: BTreeMap<String, (u64, [u8; 32])>,
    /// The texts of those that were wanted.
    pub(super) texts: BTreeMap<String, String>,
    /// Entries that would leave the folder that it is unpacked in.
    pub(super) escapes: Vec<String>,
}

/// Returns whether the text of a path is wanted.
pub(super) type Wanted = fn(&str) -> bool;

/// Returns what is in a zip archive.
///
/// # Errors
/// Where it can not be read, or is larger than what is read.
pub(super) fn zip(path: &Path, wanted: Wanted) -> Result<Listing, String> {
    let mut archive = ZipArchive::new(open(path)?).map_err(|it| it.to_string())?;
    if archive.len() > ENTRIES {
        return Err(many());
    }
    let mut shelf = Shelf::new(wanted);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|it| it.to_string())?;
        let name = entry.name().map_err(|it| it.to_string())?.into_owned();
        if entry.is_dir() {
            shelf.folder(&name);
        } else if entry.is_symlink() {
            shelf
                .listing
                .escapes
                .push(format!("{} (a link)", shortened(&name)));
        } else {
            shelf.file(name, entry)?;
        }
    }
    Ok(shelf.listing)
}

/// Returns what is in a `.tar.gz`.
///
/// # Errors
/// Where it can not be read, or is larger than what is read.
pub(super) fn tar_gz(path: &Path, wanted: Wanted) -> Result<Listing, String> {
    // One byte more than it may have, so that a larger one is told from one that ends there.
    let bytes = MultiGzDecoder::new(open(path)?).take(UNPACKED + 1);
    let mut archive = Tar::new(bytes);
    let mut shelf = Shelf::new(wanted);
    let mut many_entries = 0;
    let unreadable = |it: io::Error| it.to_string();
    for entry in archive.entries().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        many_entries += 1;
        if many_entries > ENTRIES {
            return Err(many());
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind.is_dir() {
            shelf.folder(&name);
        } else if kind.is_symlink() || kind.is_hard_link() {
            let to = entry.link_name_bytes();
            shelf.link(&name, &String::from_utf8_lossy(&to.unwrap_or_default()));
        } else if kind.is_file() {
            shelf.file(name, entry)?;
        } else if !kind.is_pax_global_extensions() {
            shelf
                .listing
                .escapes
                .push(format!("{} (no file)", shortened(&name)));
        }
    }
    Ok(shelf.listing)
}

fn open(path: &Path) -> Result<File, String> {
    let file = File::open(path).map_err(|it| it.to_string())?;
    let size = file.metadata().map_err(|it| it.to_string())?.len();
    if size > PACKED {
        return Err("it is larger than what is read".to_owned());
    }
    Ok(file)
}

fn many() -> String {
    format!("it has more than {ENTRIES} entries")
}

struct Shelf {
    listing: Listing,
    wanted: Wanted,
    room: u64,
}

impl Shelf {
    fn new(wanted: Wanted) -> Self {
        Self {
            listing: Listing::default(),
            wanted,
            room: UNPACKED,
        }
    }

    fn folder(&mut self, name: &str) {
        if !is_inside(name) {
            self.listing.escapes.push(shortened(name));
        }
    }

    /// A link is fine as long as it leads to something of the archive.
    fn link(&mut self, name: &str, to: &str) {
        let folder = name.rsplit_once('/').map_or("", |it| it.0);
        let up = to.split('/').filter(|it| *it == "..").count();
        let deep = folder.split('/').filter(|it| !it.is_empty()).count();
        let stays = !to.starts_with('/') && up < deep.max(1) && is_inside(name);
        if !stays {
            let (name, to) = (shortened(name), shortened(to));
            self.listing.escapes.push(format!("{name} -> {to}"));
        }
    }

    /// Reads a file to its end: what its header says of its size is only a claim.
    fn file(&mut self, name: String, mut from: impl Read) -> Result<(), String> {
        if !is_inside(&name) {
            self.listing.escapes.push(shortened(&name));
        }
        let keep = (self.wanted)(&name);
        let (mut hash, mut size, mut text) = (Sha256::new(), 0_u64, Vec::new());
        let mut buffer = [0_u8; 8 << 10];
        loop {
            let read = from.read(&mut buffer).map_err(|it| it.to_string())?;
            let Some(part) = buffer.get(..read).filter(|it| !it.is_empty()) else {
                break;
            };
            size += read as u64;
            if size > self.room {
                return Err("it unpacks to more than what is read".to_owned());
            }
            hash.update(part);
            if keep && size <= TEXT {
                text.extend_from_slice(part);
            }
        }
        self.room -= size;
        if keep && size <= TEXT {
            let text = String::from_utf8_lossy(&text).into_owned();
            self.listing.texts.insert(name.clone(), text);
        }
        if name.len() <= PATH {
            self.listing
                .files
                .insert(name, (size, hash.finalize().into()));
        }
        Ok(())
    }
}

/// Returns whether a path stays in the folder that it is unpacked in.
fn is_inside(path: &str) -> bool {
    let odd = |c: char| c == '\\' || c.is_control();
    let drive = path.as_bytes().get(1) == Some(&b':');
    let whole = path.trim_end_matches('/').trim_start_matches("./");
    let parts = || whole.split('/');
    path.len() <= PATH
        && !path.starts_with('/')
        && !drive
        && !path.contains(odd)
        && parts().all(|it| it != ".." && !it.is_empty())
}

fn shortened(path: &str) -> String {
    path.chars().take(200).collect()
}

#[cfg(test)]
mod tests;
