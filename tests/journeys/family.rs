//! The family most journeys start from, and how to ask cascade about it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use cascade_tests::Town;
use serde_json::Value;

use crate::CASCADE;

/// What a run of cascade came to.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn from(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Requires this exit code; returns what was said, for more.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.out, self.err
        );
        self
    }

    /// Requires that what was said, on either stream, holds all of these.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        let all = format!("{}\n{}", self.out, self.err);
        for word in words {
            assert!(all.contains(word), "`{word}` is not in:\n{all}");
        }
        self
    }

    /// Reads stdout as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// Runs cascade in the folder of clones.
pub(crate) fn cascade(town: &Town, args: &[&str]) -> Said {
    Said::from(&town.call(CASCADE, args))
}

/// Runs cascade in a folder of the town.
pub(crate) fn cascade_in(town: &Town, folder: &Path, args: &[&str]) -> Said {
    Said::from(
        &town
            .command(CASCADE)
            .args(args)
            .current_dir(folder)
            .output()
            .unwrap(),
    )
}

/// `core` (static Cargo crate at 1.2.0), `lib` that pins it exactly, `app` on both, and `side`, which
/// stands on nothing.
pub(crate) fn family() -> Town {
    let town = Town::new();
    town.repo(
        "core",
        "v1.2.0",
        &[("Cargo.toml", &crate_toml("core", "1.2.0", ""))],
    );
    town.repo(
        "lib",
        "v0.3.1",
        &[(
            "Cargo.toml",
            &crate_toml("lib", "0.3.1", "core = \"=1.2.0\""),
        )],
    );
    let needs = "core = \"1.2\"\nlib = { version = \"0.3\", default-features = false } # both";
    town.repo(
        "app",
        "v2.0.0",
        &[("Cargo.toml", &crate_toml("app", "2.0.0", needs))],
    );
    town.repo(
        "side",
        "v0.1.0",
        &[("Cargo.toml", &crate_toml("side", "0.1.0", ""))],
    );
    town.workspace(&declaration(
        &town,
        &[
            ("core", ""),
            ("lib", "core"),
            ("app", "core lib"),
            ("side", ""),
        ],
    ));
    town
}

/// The text of a manifest.
pub(crate) fn crate_toml(name: &str, version: &str, needs: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n\n[dependencies]\n{needs}\n"
    )
}

/// The text of a `workspace.toml` of these repositories, each with what it needs.
pub(crate) fn declaration(town: &Town, repos: &[(&str, &str)]) -> String {
    let tables = repos.iter().map(|(name, needs)| {
        let needs: Vec<String> = needs
            .split_whitespace()
            .map(|it| format!("\"{it}\""))
            .collect();
        let remote = town.origin(name).display().to_string();
        format!(
            "\n[repo.{name}]\nremote = \"{remote}\"\nneeds = [{}]\n",
            needs.join(", ")
        )
    });
    std::iter::once("[workspace]\nname = \"town\"\n".to_owned())
        .chain(tables)
        .collect()
}

/// Every byte below a folder, `.git` included or left out, by path.
pub(crate) fn bytes_below(folder: &Path, skip: &str) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|it| it == skip) {
                continue;
            }
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if path.is_file() {
                all.insert(path.display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    all
}

/// The refs of a remote, as `ls-remote` prints them.
pub(crate) fn refs(town: &Town, repo: &str) -> String {
    town.run(
        town.path(),
        &["ls-remote", town.origin(repo).to_str().unwrap()],
    )
}
