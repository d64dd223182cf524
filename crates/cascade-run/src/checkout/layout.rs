//! Where a checkout keeps what: the `.git` folder, or the file that stands for it.

use std::path::{Path, PathBuf};

use cascade_plan::Trouble;

use super::disk::{self, Links};

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

/// Says what stands at a path that has no `.git`.
fn nothing(folder: &Path) -> Trouble {
    if !folder.exists() {
        Trouble::Missing
    } else if folder.join("HEAD").is_file() && folder.join("objects").is_dir() {
        Trouble::Unreadable("it is a bare repository and has no working tree".to_owned())
    } else {
        Trouble::NotARepository
    }
}
