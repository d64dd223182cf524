//! A workspace that is declared in a repository elsewhere: fetched once, and read from the state folder.

use std::fs;
use std::path::{Path, PathBuf};

use cascade_manifest::Limit;
use sha2::{Digest as _, Sha256};

use crate::checkout::{Checkout, History};
use crate::discover::{FILE, ReadFailure};
use crate::git::{Git, GitError};
use crate::{Overwrite, save};

/// Why a workspace that is declared elsewhere can not be had.
#[derive(Debug, thiserror::Error)]
pub enum ElsewhereError {
    /// git could not fetch it.
    #[error(transparent)]
    Git(#[from] GitError),
    /// What was fetched holds none, or it can not be kept.
    #[error(transparent)]
    Read(#[from] ReadFailure),
}

/// Returns whether a text is an address rather than a path of this machine.
pub fn is_address(text: &str) -> bool {
    let scheme = text.split_once("://").is_some();
    let short = text
        .split_once(':')
        .is_some_and(|(host, _)| host.contains('@') && !host.contains('/'));
    scheme || short
}

/// Returns where the file of a workspace at this address is kept, fetched or not.
pub fn kept(state_home: &Path, address: &str) -> PathBuf {
    let digest = Sha256::digest(address.as_bytes());
    let name = digest.iter().take(8).map(|it| format!("{it:02x}"));
    let folder = state_home.join("cascade/families");
    folder.join(name.collect::<String>()).join(FILE)
}

/// Fetches the file of a workspace from the newest commit of the default branch at an address, keeps
/// it, and returns where.
///
/// # Errors
/// When git can not fetch it, it is not there, or it can not be kept.
pub fn fetch_workspace(
    state_home: &Path,
    address: &str,
    git: &Git,
) -> Result<PathBuf, ElsewhereError> {
    let file = kept(state_home, address);
    let folder = file.parent().unwrap_or(state_home);
    let fail = |words: String| ReadFailure::new(&file, words);
    fs::create_dir_all(folder).map_err(|it| fail(it.to_string()))?;
    let place = tempfile::tempdir_in(folder).map_err(|it| fail(it.to_string()))?;
    let clone = place.path().join("clone");
    let call = git.away(place.path()).network();
    call.args(["clone", "--quiet", "--bare", "--depth=1", "--no-tags", "--"])
        .arg(address)
        .arg(&clone)
        .answer()?;
    let text = file_of(&clone).ok_or_else(|| {
        let words = format!("is not in what `{address}` holds");
        ReadFailure::new(Path::new(FILE), words)
    })?;
    save(&file, &text, Overwrite::Replace).map_err(|it| fail(it.to_string()))?;
    Ok(file)
}

/// Returns the text of the workspace's file at the head of a bare repository.
fn file_of(bare: &Path) -> Option<String> {
    let checkout = Checkout::open_bare(bare).ok()?;
    let head = checkout.find_commit("HEAD").ok()??;
    let objects = checkout.objects().ok()?;
    let cap = u64::try_from(Limit::WORKSPACE.bytes).ok()?;
    let bytes = History::new(&objects, checkout.shallow()).file(head, FILE, cap)?;
    String::from_utf8(bytes).ok()
}
