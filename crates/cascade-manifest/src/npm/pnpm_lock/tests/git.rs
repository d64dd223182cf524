//! Packages of git: of archives that a forge makes of a tag. The locks are what pnpm 12 wrote for
//! `up`, whose archives are in `tests/fixtures`; clones are among the recorded bumps.

use std::sync::Arc;

use super::*;
use crate::{Ask, Facts};

const HELD: &str = include_str!("../../../../tests/fixtures/pnpm/archive-before.yaml");
const MOVED: &str = include_str!("../../../../tests/fixtures/pnpm/archive-after.yaml");
const MANIFEST: &str =
    r#"{ "name": "app", "version": "1.0.0", "dependencies": { "up": "github:o/up#v1.1.0" } }"#;
const OLD: &str = "31e67034b09d47a536977a4f2aaa81e9c6f6844e";
const NEW: &str = "7d7ac5c24b8ec89e35e1196608ca9c58fce345c1";

/// A forge with one repository.
struct Forge {
    /// The commits of the two tags.
    commits: [&'static str; 2],
    /// What the manifest says at the new tag.
    new: &'static str,
}

impl Default for Forge {
    fn default() -> Self {
        Self {
            commits: [OLD, NEW],
            new: r#", "engines": {"node": ">=18"}, "bin": {"up": "./index.js"}, "dependencies": {}"#,
        }
    }
}

impl Facts for Forge {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let repository = "https://github.com/o/up.git";
        let archive = |it: &str| format!("https://codeload.github.com/o/up/tar.gz/{it}");
        let [old, new] = self.commits;
        let answer = match question {
            Ask::GitTag { url, tag } if url == repository => match tag.as_str() {
                "v1.0.0" => old.into(),
                "v1.1.0" => new.into(),
                _ => return Err(Fallback::because("no such tag")),
            },
            Ask::GitFile { url, tag, path } if url == repository && path == "package.json" => {
                let version = tag.strip_prefix('v').unwrap_or_default();
                let more = if tag == "v1.1.0" {
                    self.new
                } else {
                    Self::default().new
                };
                format!("{{\"name\": \"up\", \"version\": \"{version}\"{more}}}").into_bytes()
            }
            Ask::Tarball { url } if *url == archive(OLD) => {
                include_bytes!("../../../../tests/fixtures/pnpm/up-1.0.0.tar.gz").to_vec()
            }
            Ask::Tarball { url } if *url == archive(NEW) => {
                include_bytes!("../../../../tests/fixtures/pnpm/up-1.1.0.tar.gz").to_vec()
            }
            _ => return Err(Fallback(format!("nobody answers {question:?}"))),
        };
        Ok(answer.into())
    }
}

fn rewritten(text: &str, manifest: &str, forge: &Forge) -> Result<String, String> {
    let files = Files::from([("package.json".to_owned(), manifest.to_owned())]);
    let bump = Bump {
        moves: &[step("up", "1.0.0", "1.1.0")],
        own: &[],
        files: &files,
        facts: forge,
    };
    PnpmLock.rewrite(text, &bump).map_err(|it| it.0)
}

#[test]
fn an_archive_of_a_tag_is_written_as_pnpm_writes_it() {
    let forge = Forge::default();
    assert_eq!(rewritten(HELD, MANIFEST, &forge).as_deref(), Ok(MOVED));
    assert_eq!(rewritten(MOVED, MANIFEST, &forge).as_deref(), Ok(MOVED));
    let crlf = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(rewritten(&crlf(HELD), MANIFEST, &forge), Ok(crlf(MOVED)));
}

#[test]
fn what_is_not_one_tag_of_one_repository_is_a_fallback() {
    let plain = Forge::default();
    let files = |wanted: &str| MANIFEST.replace("github:o/up#v1.1.0", wanted);
    for (wanted, reason) in [
        ("github:o/up#main", "not from a tag"),
        ("github:o/up#semver:^1.1.0", "not from a tag"),
        ("github:p/up#v1.1.0", "from another repository"),
        ("github:o/up#v1.2.0", "no such tag"),
        ("1.1.0", "not from a tag"),
    ] {
        let told = rewritten(HELD, &files(wanted), &plain).unwrap_err();
        assert!(told.contains(reason), "{wanted}: {told}");
    }
    for (from, to, reason) in [
        (
            "gitHosted: true, ",
            "",
            "neither from a registry nor at a commit",
        ),
        ("sha512-Z", "sha512-A", "another digest"),
        (
            "    version: 1.0.0\n    engines",
            "    version: 1.0.1\n    engines",
            "is not of `up` 1.0.1",
        ),
        (
            "snapshots:\n",
            "snapshots:\n\n  user@1.0.0:\n    dependencies:\n      up: \
             https://codeload.github.com/o/up/tar.gz/31e67034b09d47a536977a4f2aaa81e9c6f6844e\n",
            "`user` depends on it, which comes from git",
        ),
        (
            "snapshots:\n",
            "snapshots:\n\n  user@1.0.0(up@https://h.example/up):\n    x: {}\n",
            "a peer of another",
        ),
        (
            "    hasBin: true\n",
            "    hasBin: true\n    deprecated: take \
             https://codeload.github.com/o/up/tar.gz/31e67034b09d47a536977a4f2aaa81e9c6f6844e\n",
            "names `up` in another way",
        ),
    ] {
        let text = HELD.replace(from, to);
        assert_ne!(text, HELD, "{from}");
        let told = rewritten(&text, MANIFEST, &plain).unwrap_err();
        assert!(told.contains(reason), "{reason}: {told}");
    }
}

#[test]
fn a_tag_that_was_moved_and_a_manifest_that_asks_for_more_are_fallbacks() {
    let number = "1234567890123456789012345678901234567e12";
    for (forge, reason) in [
        (
            Forge {
                commits: [NEW, NEW],
                ..Forge::default()
            },
            "another commit than `v1.0.0` names now",
        ),
        (
            Forge {
                commits: [OLD, number],
                ..Forge::default()
            },
            "written in another way",
        ),
        (
            Forge {
                new: r#", "engines": {"node": ">=20"}, "bin": {"up": "./index.js"}"#,
                ..Forge::default()
            },
            "changed its `engines`",
        ),
        (
            Forge {
                new: r#", "engines": {"node": ">=18"}, "bin": "./index.js", "dependencies": {"third": "1"}"#,
                ..Forge::default()
            },
            "`third` was added",
        ),
    ] {
        let told = rewritten(HELD, MANIFEST, &forge).unwrap_err();
        assert!(told.contains(reason), "{reason}: {told}");
    }
}
