use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn none(_: &str) -> bool {
    false
}

fn all(_: &str) -> bool {
    true
}

/// A `.tar.gz` of entries, written as they are: names that a good writer would refuse too.
fn tarball(entries: &[(&str, tar::EntryType, &str, &[u8])]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut out = GzEncoder::new(file.reopen().unwrap(), Compression::fast());
    for (name, kind, link, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_gnu_mut().unwrap().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        out.write_all(header.as_bytes()).unwrap();
        out.write_all(bytes).unwrap();
        out.write_all(&vec![0; bytes.len().next_multiple_of(512) - bytes.len()])
            .unwrap();
    }
    out.write_all(&[0; 1024]).unwrap();
    out.finish().unwrap();
    file
}

#[test]
fn entries_that_leave_the_folder_are_told_and_never_followed() {
    use tar::EntryType as Kind;
    let file = tarball(&[
        ("p/a", Kind::Regular, "", b"1"),
        ("../up", Kind::Regular, "", b"2"),
        ("/etc/x", Kind::Regular, "", b"3"),
        ("p/in", Kind::Symlink, "a", b""),
        ("p/out", Kind::Symlink, "../../x", b""),
        ("p/abs", Kind::Symlink, "/etc/passwd", b""),
        ("p/dev", Kind::Char, "", b""),
    ]);
    let listing = tar_gz(file.path(), all).unwrap();
    let want = [
        "../up",
        "/etc/x",
        "p/out -> ../../x",
        "p/abs -> /etc/passwd",
        "p/dev (no file)",
    ];
    assert_eq!(listing.escapes, want);
    assert_eq!(listing.texts["p/a"], "1");
}

#[test]
fn a_zip_is_read_and_its_bad_names_are_told() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut out = ZipWriter::new(file.reopen().unwrap());
    for name in ["p/__init__.py", "../evil.py", "C:x"] {
        out.start_file(name, SimpleFileOptions::default()).unwrap();
        out.write_all(b"x").unwrap();
    }
    out.finish().unwrap();
    let listing = zip(file.path(), none).unwrap();
    assert_eq!(listing.escapes, ["../evil.py", "C:x"]);
    assert_eq!(listing.files["p/__init__.py"].0, 1);
    assert!(listing.texts.is_empty());
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..600), zipped: bool) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut bytes = bytes;
        if zipped {
            bytes.splice(0..0, *b"PK\x03\x04");
        }
        file.reopen().unwrap().write_all(&bytes).unwrap();
        let _ = zip(file.path(), all);
        let _ = tar_gz(file.path(), all);
    }
}
