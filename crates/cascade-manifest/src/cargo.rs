//! Cargo: `Cargo.toml` and `Cargo.lock`.

use std::borrow::Cow;

use crate::{Ecosystem, Scheme};

/// Cargo, the Rust package manager.
pub static CARGO: Ecosystem = Ecosystem {
    name: "cargo",
    scheme: Scheme::Semver,
    grammar: &requirement::CargoGrammar,
    formats: &[&cargo_toml::CargoToml],
    locks: &[&cargo_lock::CargoLock],
    canonical,
    listing: listing::listing,
    paths: None,
};

mod cargo_lock;
mod cargo_toml;
mod dependency;
mod listing;
mod requirement;

/// Returns the name with `-` for `_`, in lower case: the registry takes them for the same.
fn canonical(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b == b'_' || b.is_ascii_uppercase()) {
        Cow::Owned(name.replace('_', "-").to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}
