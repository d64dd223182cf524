//! Doors to the readers of what strangers wrote, for the fuzz targets and for the bench of hostile
//! input. No interface of the crate: they change as the readers do.

use crate::{checkout, registry, registry_server, remote};

/// Reads a text as the settings of every tool whose settings are read.
///
/// # Panics
/// When a reader breaks a law of its own.
pub fn settings(text: &str) {
    registry::untrusted::settings(text);
}

/// Reads bytes as every document that a registry answers with.
///
/// # Panics
/// When a reader breaks a law of its own.
pub fn answers(bytes: &[u8]) {
    registry::untrusted::answers(bytes);
}

/// Reads bytes as every request to the registry's server, its line and its body.
///
/// # Panics
/// When a reader breaks a law of its own.
pub fn requests(bytes: &[u8]) {
    registry_server::untrusted::requests(bytes);
}

/// Reads bytes as the files that git keeps of a checkout, and as what a remote says of its refs.
///
/// # Panics
/// When a reader breaks a law of its own.
pub fn checkouts(bytes: &[u8]) {
    checkout::untrusted::checkouts(bytes);
    let refs = remote::Refs::read(&String::from_utf8_lossy(bytes));
    assert!(refs.tags().all(|it| !it.ends_with("^{}")));
}
