//! A person's checkout, as their own git sees it.

use std::path::Path;

use cascade_plan::Oid;

use crate::checkout::{Checkout, Unstaged, oid};
use crate::git::{Git, GitCall, GitError};
use crate::mirror::Store;

/// A person's checkout.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worktree<'a> {
    pub(crate) git: &'a Git,
    pub(crate) folder: &'a Path,
}

/// How a checkout stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The commit checked out; `None` before the first one.
    pub(crate) head: Option<Oid>,
    /// The branch checked out; `None` on a detached head.
    pub(crate) branch: Option<String>,
    /// Paths that are changed, staged, in conflict or untracked.
    pub(crate) changed: Vec<String>,
    /// Submodules that lie at another commit than the checkout's, with nothing of them staged: git
    /// leaves them behind where it moves a branch on.
    pub(crate) parted: Vec<String>,
}

impl Worktree<'_> {
    /// Returns a call of git in it.
    pub(crate) fn call(&self) -> GitCall {
        self.git.checkout(self.folder)
    }

    /// Returns whether git has nobody to commit and tag as.
    pub(crate) fn is_nobodys(&self) -> bool {
        let who = ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"];
        let ask = |it: &&str| self.call().args(["var", *it]).answer();
        who.iter()
            .any(|it| matches!(ask(it), Err(GitError::Failed { .. })))
    }

    /// Returns how it stands; a folder that git does not track is told by its name alone. What is
    /// clean for certain is seen without starting git.
    ///
    /// # Errors
    /// When git can not say.
    pub(crate) fn standing(&self) -> Result<Standing, GitError> {
        match self.clean_by_hand() {
            Some(it) => Ok(it),
            None => self.status("--untracked-files=normal"),
        }
    }

    /// Returns how it stands, where it is as its commit for certain.
    fn clean_by_hand(&self) -> Option<Standing> {
        let opened = Checkout::open(self.folder).ok()?;
        let head = opened.refs().ok()?.head().ok()?;
        let commit = head.id?;
        let tree = opened.objects().ok()?.commit(commit)?.tree;
        let index = opened.index().ok()?;
        let is_clean = opened.unstaged(&index, tree)? == Unstaged::default();
        is_clean.then(|| Standing {
            head: oid(commit),
            branch: head.branch,
            ..Standing::default()
        })
    }

    /// Returns how it stands, with every file in folders that git does not track.
    ///
    /// # Errors
    /// When git can not say.
    pub(crate) fn standing_with_all_files(&self) -> Result<Standing, GitError> {
        self.status("--untracked-files=all")
    }

    fn status(&self, untracked: &str) -> Result<Standing, GitError> {
        let call = self.call();
        let call = call.args(["status", "--porcelain=v2", "--branch", "-z", untracked]);
        Ok(Standing::read(&call.answer()?))
    }

    /// Returns whether a full ref exists.
    ///
    /// # Errors
    /// When git can not say.
    pub(crate) fn has(&self, name: &str) -> Result<bool, GitError> {
        let call = self
            .call()
            .args(["for-each-ref", "--format=%(refname)", "--"]);
        let answer = call.arg(name).answer()?;
        Ok(answer.lines().any(|it| it == name))
    }

    /// Returns what a merge, rebase or bisect is called that is not finished; `None` without one.
    pub(crate) fn unfinished(&self) -> Option<&'static str> {
        Store::of_checkout(self.folder).ok()?.unfinished()
    }
}

impl Standing {
    fn read(answer: &str) -> Self {
        let mut standing = Self::default();
        let mut fields = answer.split('\0').filter(|it| !it.is_empty());
        while let Some(field) = fields.next() {
            let (kind, rest) = field.split_once(' ').unwrap_or((field, ""));
            match kind {
                "#" => standing.header(rest),
                // A renamed file's old path is a field of its own.
                "2" => {
                    fields.next();
                    standing.change(rest, 9);
                }
                "1" if rest.starts_with(".M SC.. ") => standing.parted.extend(path(rest, 8)),
                "1" => standing.change(rest, 8),
                "u" => standing.change(rest, 10),
                "?" => standing.changed.push(rest.to_owned()),
                _ => {}
            }
        }
        standing
    }

    fn header(&mut self, header: &str) {
        match header.split_once(' ') {
            Some(("branch.oid", id)) => self.head = Oid::parse(id),
            Some(("branch.head", name)) if name != "(detached)" => {
                self.branch = Some(name.to_owned());
            }
            _ => {}
        }
    }

    fn change(&mut self, rest: &str, path_at: usize) {
        self.changed.extend(path(rest, path_at));
    }
}

fn path(rest: &str, at: usize) -> Option<String> {
    let path = rest.splitn(at, ' ').nth(at - 1);
    path.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_clean_for_certain_stands_as_git_says() {
        let town = cascade_tests::Town::new();
        let folder = town.repo("app", "v1.0.0", &[("a.txt", "a"), (".gitignore", "out\n")]);
        // A file as old as the index is in doubt.
        for name in ["a.txt", ".gitignore"] {
            let file = std::fs::File::options().write(true).open(folder.join(name));
            let past = std::time::SystemTime::now() - std::time::Duration::from_hours(1);
            file.unwrap().set_modified(past).unwrap();
        }
        town.git("app", &["update-index", "--refresh"]);
        let git = crate::apply::tests::git_of(&town);
        let checkout = Worktree {
            git: &git,
            folder: &folder,
        };
        let said = || checkout.status("--untracked-files=normal").unwrap();
        let clean = said();
        assert_eq!(checkout.clean_by_hand(), Some(clean));
        town.write("app", "out", "ignored");
        assert_eq!(checkout.standing().unwrap(), said());
        for path in ["new.txt", "folder/new.txt", "a.txt"] {
            town.write("app", path, "other");
            assert_eq!(checkout.clean_by_hand(), None, "{path}");
            assert_eq!(checkout.standing().unwrap(), said());
        }
    }

    #[test]
    fn a_status_is_read_with_renames_conflicts_and_spaces() {
        let oid = "a".repeat(40);
        let answer = format!(
            "# branch.oid {oid}\0# branch.head main\0# branch.ab +0 -0\0\
             1 .M N... 100644 100644 100644 {oid} {oid} a b.txt\0\
             1 .M SC.. 160000 160000 160000 {oid} {oid} left behind\0\
             1 .M SCM. 160000 160000 160000 {oid} {oid} edited\0\
             1 M. SC.. 160000 160000 160000 {oid} {oid} staged\0\
             2 R. N... 100644 100644 100644 {oid} {oid} R100 new name\0old name\0\
             u UU N... 1 2 3 4 {oid} {oid} {oid} both\0? untracked\0"
        );
        let standing = Standing::read(&answer);
        assert_eq!(standing.branch.as_deref(), Some("main"));
        assert_eq!(standing.head, Oid::parse(&oid));
        assert_eq!(
            standing.changed,
            [
                "a b.txt",
                "edited",
                "staged",
                "new name",
                "both",
                "untracked"
            ]
        );
        assert_eq!(standing.parted, ["left behind"]);
        let detached = Standing::read("# branch.oid (initial)\0# branch.head (detached)\0");
        assert_eq!(detached, Standing::default());
    }
}
