//! Where a checkout keeps what: the `.git` folder, or the file that stands for it.

use std::path::{Path, PathBuf};

use cascade_plan::Trouble;

use super::disk::{self, Links};

/// How the configuration of a bare clone begins that cascade keeps.
pub(crate) const KEPT: &str = "# kept by `cascade fetch --mode report`: nothing is here that its \
    remote lacks, and what is changed here is lost\n";

/// The folders of one repository.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// The working tree; `None` for a bare repository.
    pub(crate) work: Option<PathBuf>,
    /// `HEAD`, the index and what else is this working tree's own.
    pub(crate) git: PathBuf,
    /// Refs, objects and configuration, which linked working trees share.
    pub(crate) common: PathBuf,
}

impl Layout {
    /// Returns the folders of the checkout at `folder`.
    pub(crate) fn of(folder: &Path) -> Result<Self, Trouble> {
        let dot_git = folder.join(".git");
        match std::fs::metadata(&dot_git) {
            Ok(about) if about.is_dir() => Ok(Self {
                work: Some(folder.to_owned()),
                git: dot_git.clone(),
                common: dot_git,
            }),
            Ok(_) => linked(folder, &dot_git),
            Err(_) => Err(nothing(folder)),
        }
    }

    /// Returns the folders of a bare repository.
    pub(crate) fn bare(folder: &Path) -> Self {
        Self {
            work: None,
            git: folder.to_owned(),
            common: folder.to_owned(),
        }
    }
}

/// Follows a `.git` file: a linked working tree or a submodule.
fn linked(folder: &Path, file: &Path) -> Result<Layout, Trouble> {
    let to = one_line(file).ok_or(Trouble::NotARepository)?;
    let to = to.strip_prefix("gitdir:").ok_or(Trouble::NotARepository)?;
    let git = folder.join(to.trim());
    if !git.is_dir() {
        let words = format!("its `.git` file points to `{}`, which is gone", to.trim());
        return Err(Trouble::Unreadable(words));
    }
    let common = match one_line(&git.join("commondir")) {
        Some(to) => git.join(to),
        None => git.clone(),
    };
    Ok(Layout {
        work: Some(folder.to_owned()),
        git,
        common,
    })
}

fn one_line(file: &Path) -> Option<String> {
    let (bytes, _) = disk::read(file, 64 << 10, Links::Follow).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim_end().to_owned())
}

/// Returns whether a folder is a bare repository: git's own folders, and no `.git`. What lies in the
/// tree of a repository can look like one too, so only a declared path is asked.
pub(crate) fn is_bare(folder: &Path) -> bool {
    folder.join("HEAD").is_file()
        && folder.join("objects").is_dir()
        && folder.join("refs").is_dir()
        && folder.join(".git").symlink_metadata().is_err()
}

/// Returns whether a folder is a bare clone that cascade keeps, whole or torn. Its sign is no secret, so
/// nothing that it says is trusted for it.
pub(crate) fn is_kept(folder: &Path) -> bool {
    let config = disk::read(&folder.join("config"), 64 << 10, Links::Refuse);
    config.is_ok_and(|(bytes, _)| bytes.starts_with(KEPT.as_bytes()))
}

/// Says what stands at a path that has no `.git`.
fn nothing(folder: &Path) -> Trouble {
    if !folder.exists() {
        Trouble::Missing
    } else if is_bare(folder) {
        Trouble::Unreadable("it is a bare repository and has no working tree".to_owned())
    } else {
        Trouble::NotARepository
    }
}
