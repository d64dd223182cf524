//! Package archives, the same bytes every time.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use base64::Engine as _;
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

/// Files of an archive: path and text.
pub(crate) type Files = Vec<(String, String)>;

/// Returns a tar of these files, gzipped.
pub(crate) fn tgz(files: &Files) -> Vec<u8> {
    let gzip = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    for (path, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_767_225_600);
        tar.append_data(&mut header, path, text.as_bytes())
            .expect("an entry");
    }
    let gzip = tar.into_inner().expect("a whole tar");
    gzip.finish().expect("a whole gzip")
}

/// Returns a zip of these files.
pub(crate) fn zip(files: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (path, text) in files {
        zip.start_file(path.as_str(), options).expect("an entry");
        zip.write_all(text.as_bytes()).expect("its bytes");
    }
    zip.finish().expect("a whole zip").into_inner()
}

/// Returns the digest as hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        write!(digits, "{byte:02x}").expect("text");
    }
    digits
}

/// Returns a row of a wheel's `RECORD`.
pub(crate) fn record(path: &str, text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let digest = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
    format!("{path},sha256={digest},{}\n", text.len())
}
