//! What strangers send, given to every reader of this room.

use super::moment::Moment;
use super::{cargo, npm, python, request, tarball};

/// Reads bytes as a request, and as every kind of body.
pub(crate) fn requests(bytes: &[u8]) {
    if let Ok(Some((request, length))) = request::parsed(bytes) {
        assert!(length <= bytes.len());
        assert!(request.base().contains("://"));
        let _ = (request.header("accept").is_some(), request.reads());
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = request::decoded(&text);
    if let Some(moment) = Moment::parse(&text) {
        assert!(Moment::parse(&moment.text(9)).is_some());
    }
    cargo::untrusted(bytes);
    npm::untrusted(bytes);
    python::untrusted(bytes);
    let _ = tarball::open_tar(bytes, "package.json");
    let _ = tarball::wheel_metadata(bytes);
}
