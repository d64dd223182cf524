//! Files of untrusted folders: whole, capped, regular, or not at all.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use cascade_manifest::Size;
use rustix::fs::OFlags;

/// Whether the last component of a path may be a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// git's own files, which people link at times.
    Follow,
    /// Files of a working tree.
    Refuse,
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    /// It does not exist.
    #[error("does not exist")]
    Missing,
    /// It is a symbolic link.
    #[error("is a symlink")]
    Symlink,
    /// It is a folder, a pipe, a device.
    #[error("is not a regular file")]
    NotAFile,
    /// It is larger than the cap.
    #[error(
        "is {} large, more than the {} that is read: make it smaller, or take it out of git",
        Size(*size), Size(*cap)
    )]
    TooLarge {
        /// Its size.
        size: u64,
        /// The largest size that is read.
        cap: u64,
    },
    /// The system refused.
    #[error("can not be read: {0}")]
    Refused(String),
}

/// Returns the bytes of a regular file and what the system says of it.
pub(crate) fn read(path: &Path, cap: u64, links: Links) -> Result<(Vec<u8>, Metadata), Unread> {
    let (file, about) = open(path, links)?;
    let size = about.len();
    if size > cap {
        return Err(Unread::TooLarge { size, cap });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    match file.take(size).read_to_end(&mut bytes) {
        Ok(_) => Ok((bytes, about)),
        Err(error) => Err(Unread::Refused(error.kind().to_string())),
    }
}

/// Opens without waiting for a pipe's other end, and takes nothing but a regular file.
fn open(path: &Path, links: Links) -> Result<(File, Metadata), Unread> {
    let mut flags = OFlags::NONBLOCK;
    if links == Links::Refuse {
        flags |= OFlags::NOFOLLOW;
    }
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
        .and_then(|file| file.metadata().map(|about| (file, about)));
    match opened {
        Ok((file, about)) if about.is_file() => Ok((file, about)),
        Ok(_) => Err(Unread::NotAFile),
        Err(error) => Err(refusal(&error)),
    }
}

fn refusal(error: &std::io::Error) -> Unread {
    let link = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    match error.kind() {
        _ if link => Unread::Symlink,
        ErrorKind::NotFound | ErrorKind::NotADirectory => Unread::Missing,
        kind => Unread::Refused(kind.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn takes_regular_files_only() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::copy("Cargo.toml", at("plain")).unwrap();
        symlink(at("plain"), at("link")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let error = |name: &str, links| read(&at(name), 1 << 20, links).unwrap_err();
        assert!(read(&at("plain"), 1 << 20, Links::Refuse).is_ok());
        assert!(read(&at("link"), 1 << 20, Links::Follow).is_ok());
        assert_eq!(error("link", Links::Refuse), Unread::Symlink);
        assert_eq!(error("pipe", Links::Refuse), Unread::NotAFile);
        assert_eq!(error("", Links::Refuse), Unread::NotAFile);
        assert_eq!(error("plain/below", Links::Refuse), Unread::Missing);
        let small = read(&at("plain"), 3, Links::Refuse).unwrap_err();
        assert!(matches!(small, Unread::TooLarge { cap: 3, .. }), "{small}");
    }

    #[test]
    fn what_is_too_large_is_told_with_the_limit_and_what_to_do() {
        let (size, cap) = (50 << 20, 1 << 20);
        assert_eq!(
            Unread::TooLarge { size, cap }.to_string(),
            "is 50 MiB large, more than the 1 MiB that is read: make it smaller, or take it out of git"
        );
    }
}
