//! `cascade demo`: the main job, on a machine that knows nobody's name.

use std::path::{Path, PathBuf};

use cascade_run::RegistryServer;
use cascade_tests::Town;

use crate::CASCADE;
use crate::family::{Said, cascade_in};

/// The family of the demo, played and kept, and its registry, served once more.
pub(crate) struct Played {
    pub(crate) town: Town,
    folder: PathBuf,
    registry: PathBuf,
    _server: RegistryServer,
}

impl Played {
    pub(crate) fn new() -> Self {
        let town = Town::new();
        let folder = town.path().join("family");
        let dir = folder.display().to_string();
        let played = cascade_in(&town, town.path(), &["demo", "--dir", &dir]).exits(0);
        let (_, port) = played.out.split_once(" --port ").unwrap();
        let port = port.split(' ').next().unwrap().parse().unwrap();
        let registry = folder.join("registry");
        Self {
            _server: RegistryServer::start(&registry, port).unwrap(),
            registry,
            folder,
            town,
        }
    }

    /// Returns the folder of the clones.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    pub(crate) fn cascade(&self, words: &[&str]) -> Said {
        cascade_in(&self.town, &self.work(), words)
    }

    pub(crate) fn origin(&self, repo: &str) -> PathBuf {
        self.folder.join("origins").join(format!("{repo}.git"))
    }

    /// Runs git in the remote of a repository.
    pub(crate) fn at(&self, repo: &str, words: &[&str]) -> String {
        self.town.run(&self.origin(repo), words)
    }

    /// Returns every ref of every remote.
    pub(crate) fn refs(&self) -> Vec<String> {
        let remotes = std::fs::read_dir(self.folder.join("origins")).unwrap();
        let mut remotes: Vec<_> = remotes.map(|it| it.unwrap().path()).collect();
        remotes.sort();
        let refs = |it: &PathBuf| self.town.run(it, &["for-each-ref"]);
        remotes.iter().map(refs).collect()
    }

    /// Pushes a commit that asks for a release.
    pub(crate) fn pushes(&self, repo: &str, message: &str) {
        let clone = self.work().join(repo);
        let all = ["commit", "-q", "--allow-empty", "-m", message];
        self.town.run(&clone, &["pull", "-q", "--ff-only"]);
        self.town.run(&clone, &all);
        self.town.run(&clone, &["push", "-q", "origin", "main"]);
    }

    /// Returns the digest that a tag of the runtime's image has in the registry.
    pub(crate) fn digest(&self, tag: &str) -> String {
        let at = Path::new("oci/seed/runtime/_tags").join(tag);
        let digits = std::fs::read_to_string(self.registry.join(at)).unwrap();
        format!("sha256:{digits}")
    }
}

#[test]
fn releases_its_family_where_git_was_never_told_a_name() {
    let town = Town::new();
    let mut command = town.command(CASCADE);
    for name in ["NAME", "EMAIL", "DATE"] {
        command.env_remove(format!("GIT_AUTHOR_{name}"));
        command.env_remove(format!("GIT_COMMITTER_{name}"));
    }
    let dir = town.path().join("family");
    let out = command.args(["demo", "--dir"]).arg(&dir).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(
        out.status.code(),
        Some(0),
        "{said}\n{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(said.contains("9 done"), "{said}");
    assert!(said.contains("+version = \"1.5.0\""), "{said}");
    assert!(said.contains("+    newTag: v3.0.3  # what runs"), "{said}");
    let remotes = std::fs::read_dir(dir.join("origins")).unwrap();
    let remotes: Vec<_> = remotes.map(|it| it.unwrap().path()).collect();
    assert_eq!(remotes.len(), 9);
    for remote in remotes {
        let tags = town.run(
            &remote,
            &["for-each-ref", "--format=%(objecttype)", "refs/tags"],
        );
        assert!(tags.lines().count() >= 2, "{}: {tags}", remote.display());
    }
    let lock = dir.join("origins/meta-engineering.git");
    let lock = town.run(&lock, &["show", "main:Cargo.lock"]);
    let index = dir.join("registry/cargo/index/se/ed/seed-contract");
    let index = std::fs::read_to_string(index).unwrap();
    let newest = index.lines().last().unwrap();
    assert!(newest.contains("\"vers\":\"1.5.0\""), "{newest}");
    let (_, sum) = newest.split_once("\"cksum\":\"").unwrap();
    let sum = sum.split('"').next().unwrap();
    assert!(lock.contains(&format!("checksum = \"{sum}\"")), "{lock}");
    assert!(lock.contains("name = \"seed-meta-engineering\"\nversion = \"0.3.3\""));
}
