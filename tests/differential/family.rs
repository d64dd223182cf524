//! A family of repositories: the upstreams with their tags, and the project that pins them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::archive::Files;
use crate::source::tree;
use crate::tools::Tools;
use crate::world::{Case, Origin, Own, Pinned};

/// What the project is called.
pub(crate) const APP: &str = "app";

/// Which of the two ways a lock may be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As a user gets it: natively, else by the tool.
    Auto,
    /// By the tool alone.
    Tool,
}

impl Mode {
    /// Returns the word of `workspace.toml` and of the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Tool => "tool",
        }
    }
}

/// A folder of clones and their bare remotes.
pub(crate) struct Family<'a> {
    root: tempfile::TempDir,
    tools: &'a Tools,
}

impl<'a> Family<'a> {
    /// Returns an empty one.
    pub(crate) fn new(scratch: &Path, tools: &'a Tools) -> Self {
        let root = tempfile::tempdir_in(scratch).expect("a scratch folder");
        Self { root, tools }
    }

    /// Returns the project's folder.
    pub(crate) fn app(&self) -> PathBuf {
        self.clone_of(APP)
    }

    fn clone_of(&self, name: &str) -> PathBuf {
        self.root.path().join("work").join(name)
    }

    fn origin(&self, name: &str) -> PathBuf {
        self.root.path().join(format!("origins/{name}.git"))
    }

    /// Returns the address of the folder of all remotes.
    pub(crate) fn remotes(&self) -> String {
        format!("file://{}", self.root.path().join("origins").display())
    }

    /// Returns the address of a case's repository.
    pub(crate) fn address(&self, case: &Case) -> String {
        format!("{}/{}.git", self.remotes(), case.name)
    }

    /// Founds the repository that a case's packages are released from, both releases tagged.
    pub(crate) fn upstream(&self, ecosystem: &str, case: &Case) {
        let folder = self.clone_of(&case.name);
        self.found(&folder);
        let all = [(&case.before, case.from), (&case.after, case.to)];
        for (releases, version) in all {
            let of = releases.iter().filter(|it| {
                it.version == version && (it.name == case.name || case.siblings.contains(&it.name))
            });
            let files = tree(ecosystem, &of.collect::<Vec<_>>());
            self.commit(&folder, &files);
            let tag = format!("v{version}");
            self.git(&folder, &["tag", "-a", &tag, "-m", &tag]);
        }
        if case.origin == Origin::Git {
            let (from, to) = (text(&folder), text(&self.origin(&case.name)));
            self.git(&folder, &["clone", "-q", "--bare", &from, &to]);
            self.git(&folder, &["remote", "add", "origin", &self.address(case)]);
        }
    }

    /// Founds the project with these files.
    pub(crate) fn found_app(&self, files: &Files) {
        self.found(&self.app());
        put(&self.app(), files);
    }

    /// Commits the project as it stands, with these files.
    pub(crate) fn settle(&self, files: &Files) {
        self.commit(&self.app(), files);
        self.git(&self.app(), &["tag", "-a", "v1.0.0", "-m", "v1.0.0"]);
    }

    /// Puts the project back as it was committed.
    pub(crate) fn put_back(&self) {
        self.git(&self.app(), &["reset", "-q", "--hard"]);
        self.git(&self.app(), &["clean", "-fdqx"]);
    }

    fn found(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder");
        self.git(folder, &["init", "-q", "-b", "main"]);
    }

    fn commit(&self, folder: &Path, files: &Files) {
        put(folder, files);
        let paths = files.iter().map(|(path, _)| path.as_str());
        let args: Vec<_> = ["add", "--force", "--"].into_iter().chain(paths).collect();
        self.git(folder, &args);
        self.git(
            folder,
            &["commit", "-q", "--allow-empty", "-m", "feat: go on"],
        );
    }

    fn git(&self, folder: &Path, args: &[&str]) {
        let line: Vec<_> = std::iter::once("git").chain(args.iter().copied()).collect();
        let said = self.tools.run(folder, &line, &identity());
        assert!(said.done, "git {args:?}: {}", said.text);
    }

    /// Declares the project and the upstream of one case; returns the folder of `workspace.toml`.
    pub(crate) fn declare(&self, case: &Case, mode: Mode) -> PathBuf {
        let name = &case.name;
        let folder = format!("declared/{name}-{}", mode.word());
        let folder = self.root.path().join(folder);
        // A range stays where it admits the new version, unless a person wants it raised.
        let policy = match case.pinned {
            Pinned::Compatibly => "floor",
            Pinned::Exactly | Pinned::ForDevelopment => "auto",
        };
        let declared = format!(
            "[workspace]\nname = \"family\"\nroot = \"../../work\"\ntag = \"v{{version}}\"\n\n\
             [repo.{APP}]\nlock = \"{}\"\nneeds = [{{ repo = \"{name}\", policy = \"{policy}\" }}]\n\n\
             [repo.{name}]\n",
            mode.word(),
        );
        put(&folder, &vec![("workspace.toml".to_owned(), declared)]);
        folder
    }
}

/// Returns the words that ask cascade to move what the project pins of a case.
pub(crate) fn asked(case: &Case) -> Vec<&str> {
    let mut words = vec!["bump", "--repo", &case.name, "--only", APP];
    if case.own == Own::Stays {
        words.push("--pins-only");
    }
    words
}

/// Returns who commits, and when.
pub(crate) fn identity() -> Vec<(&'static str, String)> {
    let mut vars = Vec::new();
    for (name, value) in [
        ("GIT_AUTHOR_NAME", "A Person"),
        ("GIT_AUTHOR_EMAIL", "person@registry.example"),
        ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"),
        ("GIT_COMMITTER_NAME", "A Person"),
        ("GIT_COMMITTER_EMAIL", "person@registry.example"),
        ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
    ] {
        vars.push((name, value.to_owned()));
    }
    vars
}

/// Writes files below a folder.
pub(crate) fn put(folder: &Path, files: &Files) {
    for (path, text) in files {
        let at = folder.join(path);
        fs::create_dir_all(at.parent().expect("a folder above it")).expect("a folder");
        #[expect(clippy::disallowed_methods, reason = "a scratch folder")]
        fs::write(at, text).expect("a file");
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path of UTF-8").to_owned()
}
