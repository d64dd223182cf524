//! Where the hooks of a repository are, by git's own answer, and which tool manages them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use super::{HookError, HookType, entry};
use crate::git::{Git, GitError};

/// Where a repository's hooks are.
#[derive(Debug, Clone)]
pub struct HookHome {
    /// The top of its working tree; the repository itself where it is bare.
    pub root: PathBuf,
    /// Whether it has no working tree.
    pub bare: bool,
    /// The folder that linked working trees share.
    pub common: PathBuf,
    /// The folder in which git looks for hooks.
    pub hooks: PathBuf,
    /// The tool that manages the hooks, where one does.
    pub neighbour: Option<Neighbour>,
}

/// A tool that manages hooks, with the file that says what they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Neighbour {
    /// husky: scripts in this folder, from the repository's root.
    Husky(String),
    /// lefthook: this file, from the repository's root.
    Lefthook(String),
    /// The pre-commit framework.
    PreCommit(String),
}

/// The names of lefthook's file that is YAML.
const LEFTHOOK: &[&str] = &[
    "lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yml",
    ".lefthook.yaml",
    ".config/lefthook.yml",
    ".config/lefthook.yaml",
    "lefthook.toml",
    "lefthook.json",
    ".lefthook.toml",
    ".lefthook.json",
];
/// The pre-commit framework's file.
const PRE_COMMIT: &str = ".pre-commit-config.yaml";

impl HookHome {
    /// Returns where the hooks of the repository at or above a folder are.
    ///
    /// # Errors
    /// When git knows no repository there.
    pub fn find(git: &Git, folder: &Path) -> Result<Self, HookError> {
        let ask = |words: &[&str]| {
            let call = git.checkout(folder).arg("rev-parse");
            call.arg("--path-format=absolute").args(words).answer()
        };
        let bare = ask(&["--is-bare-repository"])?.trim() == "true";
        let root = if bare {
            "--absolute-git-dir"
        } else {
            "--show-toplevel"
        };
        let answer = ask(&["--git-common-dir", "--git-path", "hooks", root])?;
        let mut lines = answer.lines().map(path);
        let (Some(common), Some(hooks), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            let what = "rev-parse".to_owned();
            let text = "it names no folder of hooks".to_owned();
            return Err(GitError::Failed { what, text }.into());
        };
        let neighbour = neighbour(&root, &hooks).filter(|_| !bare);
        Ok(Self {
            root,
            bare,
            common,
            hooks,
            neighbour,
        })
    }

    /// Returns where the hooks of a checkout are, by its own configuration alone: git is not asked.
    pub(crate) fn in_place(root: &Path, common: &Path, configured: Option<&str>) -> Self {
        let hooks = configured.map_or_else(|| common.join("hooks"), |it| root.join(it));
        Self {
            neighbour: neighbour(root, &hooks),
            root: root.to_owned(),
            bare: false,
            common: common.to_owned(),
            hooks,
        }
    }

    /// Returns whether cascade's hook stands there, by its file; it is not run.
    pub(crate) fn has(&self, hook: HookType) -> bool {
        let neighbour = self.neighbour.as_ref();
        let entered = || neighbour.is_some_and(|it| entry::stands(self, it, hook).is_some());
        self.ours(hook).is_ok_and(|it| it.is_some()) || entered()
    }

    /// Returns whether the hooks lie where only this repository's are: in git's own folder, or in the
    /// working tree.
    pub(crate) fn is_own(&self) -> bool {
        self.hooks.starts_with(&self.common) || self.is_tracked()
    }

    /// Returns whether the hooks lie in the working tree, where they are committed and travel.
    pub(crate) fn is_tracked(&self) -> bool {
        !self.bare && self.hooks.starts_with(&self.root) && !self.hooks.starts_with(&self.common)
    }
}

fn path(line: &str) -> PathBuf {
    PathBuf::from(OsString::from_vec(line.as_bytes().to_vec()))
}

/// Returns the tool that manages the hooks of a working tree.
fn neighbour(root: &Path, hooks: &Path) -> Option<Neighbour> {
    let inside = hooks.strip_prefix(root).ok().and_then(Path::to_str);
    // Of 9 git looks in `.husky/_`, of those before in `.husky` itself.
    let nine = inside.and_then(|it| it.strip_suffix("/_"));
    let nine = nine.filter(|_| hooks.join("h").is_file() || hooks.ends_with(".husky/_"));
    let earlier = inside.filter(|it| it.rsplit('/').next() == Some(".husky"));
    if let Some(scripts) = nine.or(earlier) {
        return Some(Neighbour::Husky(scripts.to_owned()));
    }
    let is_there = |it: &&&str| root.join(it).is_file();
    if let Some(file) = LEFTHOOK.iter().find(is_there) {
        return Some(Neighbour::Lefthook((*file).to_owned()));
    }
    let framework = root.join(PRE_COMMIT).is_file();
    framework.then(|| Neighbour::PreCommit(PRE_COMMIT.to_owned()))
}

impl Neighbour {
    /// Returns the tool's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Husky(_) => "husky",
            Self::Lefthook(_) => "lefthook",
            Self::PreCommit(_) => "pre-commit",
        }
    }
}
