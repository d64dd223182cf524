//! What holds for any bytes: shared by the fuzz targets and by the test that replays their corpus.
//! The laws themselves stand in the doors, beside the readers, which nobody else may see.

use cascade_run::untrusted;

pub(crate) fn settings(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        untrusted::settings(text);
    }
}

pub(crate) fn answers(bytes: &[u8]) {
    untrusted::answers(bytes);
}

pub(crate) fn requests(bytes: &[u8]) {
    untrusted::requests(bytes);
}

pub(crate) fn checkouts(bytes: &[u8]) {
    untrusted::checkouts(bytes);
}
