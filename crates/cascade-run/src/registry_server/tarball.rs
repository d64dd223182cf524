//! Archives of packages, read within bounds.

use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;
use tar::Archive;
use zip::ZipArchive;

/// How many bytes an archive may unpack to, for what is read of it.
const UNPACKED: u64 = 512 << 20;

/// How many bytes a file may have that is read out of an archive.
const LARGEST: u64 = 4 << 20;

/// How many files of an archive are looked at.
const FILES: usize = 100_000;

/// What a `.tar.gz` holds, as far as a registry cares.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The file that was looked for, if it is there.
    pub(super) found: Option<Vec<u8>>,
    /// How many files there are.
    pub(super) files: u64,
    /// How many bytes they have together.
    pub(super) size: u64,
}

/// Returns what a `.tar.gz` holds, and of it the file of this name in the folder at its top.
pub(super) fn open_tar(bytes: &[u8], name: &str) -> io::Result<Contents> {
    let mut archive = Archive::new(MultiGzDecoder::new(bytes).take(UNPACKED));
    let mut contents = Contents::default();
    for entry in archive.entries()?.take(FILES) {
        let entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        contents.files += 1;
        contents.size = contents.size.saturating_add(entry.size());
        let path = entry.path_bytes().into_owned();
        let below = path.splitn(2, |it| *it == b'/').nth(1);
        if below == Some(name.as_bytes()) && contents.found.is_none() {
            contents.found = Some(bounded(entry)?);
        }
    }
    Ok(contents)
}

/// Returns the file of a wheel that says what it is: `NAME.dist-info/METADATA`.
pub(super) fn wheel_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let ours = |name: &str| {
        let folder = name.strip_suffix("/METADATA");
        folder.is_some_and(|it| it.ends_with(".dist-info") && !it.contains('/'))
    };
    let name = archive
        .file_names()
        .flatten()
        .find(|it| ours(it))?
        .into_owned();
    bounded(archive.by_name(&name).ok()?).ok()
}

fn bounded(file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("a file of the archive is too large"));
    }
    Ok(bytes)
}
