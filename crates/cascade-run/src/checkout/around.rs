//! The repository that tracks a file, and where it is pushed to.

use std::path::{Path, PathBuf};

use super::config::Config;
use super::disk::{self, Links};
use super::index::Index;
use super::layout::Layout;
use super::read_config;

/// A remote of a repository: its address is all that is taken from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outside {
    /// The folder that a relative address starts at.
    pub(crate) folder: PathBuf,
    /// The address, as the configuration says it.
    pub(crate) address: String,
}

/// Returns the remote of the repository that tracks a file: that of the branch checked out, else
/// `origin`, else the only one. `None` where nobody tracks the file, or the repository has none.
pub(crate) fn outside(file: &Path) -> Option<Outside> {
    let mut near = file.ancestors().skip(1);
    let (folder, layout) = near.find_map(|it| Some((it, Layout::of(it).ok()?)))?;
    if !tracks(&layout, file.strip_prefix(folder).ok()?) {
        return None;
    }
    let config = read_config(&layout.common).ok()?;
    Some(Outside {
        folder: folder.to_path_buf(),
        address: address(&config, branch(&layout).as_deref())?,
    })
}

/// Returns whether git tracks a path. An index that can not be read is no reason to say no.
fn tracks(layout: &Layout, path: &Path) -> bool {
    let file = layout.git.join("index");
    let tracked = |it: Index| it.find(path.as_os_str().as_encoded_bytes()).is_some();
    let sha256 = || Index::read(&file, 32).map_or(true, tracked);
    match Index::read(&file, 20) {
        Ok(index) => tracked(index),
        Err(_) => sha256(),
    }
}

fn address(config: &Config, branch: Option<&str>) -> Option<String> {
    let of = |name: &str| {
        let pushed = config.get("remote", name, "pushurl");
        pushed.or_else(|| config.get("remote", name, "url"))
    };
    let followed = branch.and_then(|it| config.get("branch", it, "remote"));
    let only = || match config.names("remote").as_slice() {
        [only] => of(only),
        _ => None,
    };
    let found = followed.and_then(of).or_else(|| of("origin"));
    found.or_else(only).map(str::to_owned)
}

/// Returns the branch that is checked out.
fn branch(layout: &Layout) -> Option<String> {
    let (bytes, _) = disk::read(&layout.git.join("HEAD"), 64 << 10, Links::Follow).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let name = text.trim_end().strip_prefix("ref: refs/heads/")?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use cascade_tests::Town;

    use super::*;

    fn meta() -> (Town, PathBuf) {
        let town = Town::new();
        let meta = town.repo("meta", "", &[("workspace.toml", ""), ("a/b", "")]);
        (town, meta)
    }

    fn of(file: &Path) -> Option<String> {
        outside(file).map(|it| it.address)
    }

    #[test]
    fn the_branchs_own_remote_comes_first_then_origin_then_the_only_one() {
        let (town, meta) = meta();
        let file = meta.join("workspace.toml");
        let origin = town.origin("meta").display().to_string();
        assert_eq!(of(&file), Some(origin.clone()));
        town.git("meta", &["remote", "add", "other", "/srv/other"]);
        town.git("meta", &["config", "branch.main.remote", "other"]);
        assert_eq!(of(&file).as_deref(), Some("/srv/other"));
        town.git("meta", &["checkout", "-q", "--detach"]);
        assert_eq!(of(&file), Some(origin));
        town.git("meta", &["remote", "remove", "origin"]);
        town.git("meta", &["config", "remote.other.pushurl", "../pushed"]);
        let found = outside(&file).unwrap();
        assert_eq!((found.address.as_str(), found.folder), ("../pushed", meta));
        town.git("meta", &["remote", "add", "third", "/srv/third"]);
        assert_eq!(of(&file), None, "nobody says which of two");
    }

    #[test]
    fn a_file_that_nobody_tracks_has_none() {
        let (town, meta) = meta();
        town.write("meta", "a/workspace.toml", "");
        assert_eq!(of(&meta.join("a/workspace.toml")), None);
        town.git("meta", &["add", "a/workspace.toml"]);
        assert!(of(&meta.join("a/workspace.toml")).is_some());
        let away = town.work().join("workspace.toml");
        town.workspace("");
        assert_eq!(of(&away), None);
        let linked = town.path().join("linked");
        let to = linked.to_str().unwrap();
        town.git("meta", &["worktree", "add", "-q", "-b", "x", to]);
        assert!(of(&linked.join("workspace.toml")).is_some());
    }
}
