//! Discovers: where the workspace's file lies, and where its repositories should.

use std::path::{Path, PathBuf};

use cascade_manifest::Limit;
use cascade_plan::{Graph, ReleaseMode, RepoId};

use crate::checkout::Checkout;
use crate::checkout::disk::{self, Links, Unread};

/// The name of the file that declares a workspace.
pub(crate) const FILE: &str = "workspace.toml";
/// The name of the file that a clone says of itself how it is released.
const ALONE: &str = ".cascade.toml";
/// The largest one that is read.
const CAP: u64 = Limit::WORKSPACE.bytes as u64;

/// One declared repository and the folder that its checkout should be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The repository.
    pub repo: RepoId,
    /// The folder.
    pub folder: PathBuf,
}

/// A file or folder that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` {words}", path.display())]
pub struct ReadFailure {
    /// Which one.
    pub path: PathBuf,
    /// What is the matter with it.
    pub words: String,
    /// The byte at fault, where one is.
    pub offset: Option<usize>,
}

impl ReadFailure {
    pub(crate) fn new(path: &Path, words: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            words: words.into(),
            offset: None,
        }
    }
}

/// Returns the `workspace.toml` in this folder or the nearest one above it.
pub fn find_workspace(from: &Path) -> Option<PathBuf> {
    from.ancestors()
        .map(|folder| folder.join(FILE))
        .find(|file| file.is_file())
}

/// Returns the clone that this folder lies in.
pub fn find_clone(from: &Path) -> Option<PathBuf> {
    let folder = from.ancestors().find(|it| it.join(".git").exists());
    folder.map(Path::to_owned)
}

/// Returns what a clone says of itself in its `.cascade.toml`; nothing where it has none.
///
/// # Errors
/// When it is a link, larger than 1 MiB, or not UTF-8.
pub fn read_alone(clone: &Path) -> Result<String, ReadFailure> {
    let file = clone.join(ALONE);
    match disk::read(&file, CAP, Links::Refuse) {
        Ok((bytes, _)) => text(&file, bytes),
        Err(Unread::Missing) => Ok(String::new()),
        Err(error) => Err(ReadFailure::new(&file, error.to_string())),
    }
}

/// Returns how a clone is released that does not say so.
pub fn usual_mode(clone: &Path) -> ReleaseMode {
    let by_release_please = clone.join(".release-please-manifest.json").is_file();
    if by_release_please {
        ReleaseMode::ReleasePlease
    } else {
        ReleaseMode::Tag
    }
}

/// Returns which declared repository a clone is: by where it was cloned from, else by its folder.
pub fn which_repo<'a>(graph: &'a Graph, clone: &Path) -> Option<&'a RepoId> {
    let origin = Checkout::open(clone).ok();
    let origin = origin.as_ref().and_then(Checkout::origin).map(address);
    let by_remote = graph.repos().iter().find(|(_, declared)| {
        let remote = declared.remote.as_deref().map(address);
        remote.is_some() && remote == origin
    });
    let folder = clone.file_name().and_then(|it| it.to_str());
    let by_folder = || {
        let named = |id: &RepoId, path: &str| {
            Some(id.as_str()) == folder || path.rsplit('/').next() == folder
        };
        graph.repos().iter().find(|(id, it)| named(id, &it.path))
    };
    by_remote.or_else(by_folder).map(|(id, _)| id)
}

/// Returns host and path of an address, as every way to write it has them: `https://user@host/a/b.git`
/// and `git@host:a/b` lead to one place.
fn address(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    let (scheme, rest) = match url.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, url),
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |it| it.1);
    match host.split_once(':') {
        Some((host, first)) if !scheme => format!("{host}/{first}/{path}"),
        _ => format!("{host}/{path}"),
    }
    .replace("//", "/")
    .trim_end_matches('/')
    .to_owned()
}

/// Returns the text of a `workspace.toml`.
///
/// # Errors
/// When it is missing, empty, larger than 1 MiB, or not UTF-8.
pub fn read_workspace(file: &Path) -> Result<String, ReadFailure> {
    let fail = |words: &dyn ToString| ReadFailure::new(file, words.to_string());
    let (bytes, _) = disk::read(file, CAP, Links::Follow).map_err(|error: Unread| fail(&error))?;
    let text = text(file, bytes)?;
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(fail(&"is empty; `cascade init` writes one"));
    }
    Ok(text)
}

fn text(file: &Path, bytes: Vec<u8>) -> Result<String, ReadFailure> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let words = format!("is not UTF-8: byte {at} is no character's");
        ReadFailure {
            offset: Some(at),
            ..ReadFailure::new(file, words)
        }
    })
}

/// Returns where every declared repository should be, by name. `root` is the folder of
/// `workspace.toml` joined with the declared root.
pub fn discover(graph: &Graph, root: &Path) -> Vec<Site> {
    // Without `.` components: they would be looked up once for every file.
    let root: PathBuf = root.components().collect();
    let site = |(repo, declared): (&RepoId, &cascade_plan::RepoDeclaration)| Site {
        repo: repo.clone(),
        folder: root.join(&declared.path),
    };
    graph.repos().iter().map(site).collect()
}

#[cfg(test)]
mod tests {
    use cascade_tests::Town;

    use super::*;

    #[test]
    fn the_nearest_file_above_is_the_workspace() {
        let town = Town::new();
        town.repo("a", "", &[("deep/er/x", "")]);
        let below = town.clone_of("a").join("deep/er");
        assert_eq!(find_workspace(&below), None);
        town.workspace("[workspace]\n");
        assert_eq!(
            find_workspace(&below),
            Some(town.work().join("workspace.toml"))
        );
    }

    #[test]
    fn one_place_has_many_addresses() {
        let same = [
            "https://forge.example/acme/core.git",
            "https://me:secret@forge.example/acme/core",
            "git@forge.example:acme/core.git",
            "ssh://git@forge.example/acme/core/",
        ];
        for url in same {
            assert_eq!(address(url), "forge.example/acme/core", "{url}");
        }
        assert_ne!(
            address("https://forge.example/acme/core2"),
            address(same[0])
        );
        assert_eq!(address("/srv/git/core.git"), address("/srv/git/core"));
    }

    #[test]
    fn a_file_that_is_no_workspace_is_named_and_explained() {
        let town = Town::new();
        let file = town.work().join("workspace.toml");
        let words = || read_workspace(&file).unwrap_err().to_string();
        assert!(words().ends_with("workspace.toml` does not exist"));
        town.workspace(" \n");
        assert!(words().contains("is empty"));
        town.workspace(&"#".repeat(50 << 20));
        assert!(
            words().contains("is 50 MiB large, more than the 1 MiB"),
            "{}",
            words()
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_pointed_at() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("workspace.toml");
        let mut out = std::fs::File::create(&file).unwrap();
        std::io::Write::write_all(&mut out, b"name = \"\xff\"").unwrap();
        assert_eq!(read_workspace(&file).unwrap_err().offset, Some(8));
    }
}
