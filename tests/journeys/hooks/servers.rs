//! `pre-receive`: the same judgement where nobody goes past it.

use cascade_tests::Town;

use super::{git_in, hook, tag, version};
use crate::family::{Said, cascade_in, crate_toml, refs};

const ZERO: &str = "0000000000000000000000000000000000000000";

/// `core` at 1.2.0 with a hook on its remote, and none in its clone.
fn server() -> Town {
    let town = Town::new();
    let manifest = crate_toml("core", "1.2.0", "");
    town.repo("core", "v1.2.0", &[("Cargo.toml", &manifest)]);
    let said = cascade_in(&town, &town.origin("core"), &["hook", "install"]).exits(0);
    said.says(&["pre-receive: installed"]);
    town
}

fn push(town: &Town, args: &[&str]) -> Said {
    let words = [&["push", "-q", "--no-verify"], args].concat();
    git_in(town, &town.clone_of("core"), &words)
}

#[track_caller]
fn refused(town: &Town, args: &[&str], words: &[&str]) {
    let before = refs(town, "core");
    push(town, args)
        .exits(1)
        .says(words)
        .says(&["pre-receive hook declined"]);
    assert_eq!(refs(town, "core"), before);
}

#[test]
fn the_server_repeats_what_a_client_went_past() {
    let town = server();
    version(&town, "1.3.0");
    town.git("core", &["tag", "v1.3.0"]);
    refused(
        &town,
        &["--atomic", "origin", "main", "v1.3.0"],
        &["v1.3.0", "tag -a"],
    );
    town.git("core", &["tag", "-f", "-a", "-m", "x", "v1.3.0"]);
    refused(&town, &["origin", "v1.3.0"], &["v1.3.0", "main"]);
    // Branch and tag together: the branch counts as it will be, out of the quarantine.
    push(&town, &["--atomic", "origin", "main", "v1.3.0"]).exits(0);
    refused(&town, &["origin", ":v1.3.0"], &["v1.3.0", "not deleted"]);
    town.git("core", &["tag", "-f", "-a", "-m", "y", "v1.3.0", "HEAD~1"]);
    refused(
        &town,
        &["--force", "origin", "v1.3.0"],
        &["v1.3.0", "would move"],
    );
    town.git("core", &["commit", "-q", "--amend", "-m", "chore: again"]);
    refused(&town, &["--force", "origin", "main"], &["main", "v1.3.0"]);
    push(&town, &["origin", "HEAD:refs/heads/topic"]).exits(0);
    push(&town, &["origin", ":refs/heads/topic"]).exits(0);
    version(&town, "1.5.0");
    tag(&town, "v1.4.0");
    refused(&town, &["origin", "v1.4.0"], &["v1.4.0", "1.5.0"]);
}

#[test]
fn what_a_mirror_deletes_without_a_word_to_the_client_is_refused_here() {
    let town = server();
    town.git("core", &["tag", "-d", "v1.2.0"]);
    refused(&town, &["--mirror", "origin"], &["v1.2.0", "not deleted"]);
    town.git("core", &["fetch", "-q", "--tags"]);
    version(&town, "1.3.0");
    tag(&town, "v1.3.0");
    push(&town, &["--mirror", "origin"]).exits(0);
}

#[test]
fn release_please_may_push_what_its_file_names() {
    let town = server();
    let named = |version: &str| format!("{{\".\": \"{version}\"}}\n");
    town.commit(
        "core",
        "chore: release-please",
        &[(".release-please-manifest.json", &named("1.2.0"))],
    );
    push(&town, &["origin", "main"]).exits(0);
    version(&town, "1.3.0");
    town.git("core", &["tag", "v1.3.0"]);
    refused(
        &town,
        &["--atomic", "origin", "main", "v1.3.0"],
        &["v1.3.0", "release-please makes"],
    );
    town.commit(
        "core",
        "chore: release 1.3.0",
        &[(".release-please-manifest.json", &named("1.3.0"))],
    );
    town.git("core", &["tag", "-f", "-a", "-m", "x", "v1.3.0"]);
    push(&town, &["--atomic", "origin", "main", "v1.3.0"]).exits(0);
}

#[test]
fn what_the_branch_says_of_itself_counts() {
    let town = server();
    let declared = "branch = [\"main\", \"hotfix/*\"]\ntag = \"core-{version}\"\n";
    town.commit("core", "chore: declare", &[(".cascade.toml", declared)]);
    version(&town, "1.3.0");
    push(&town, &["origin", "main"]).exits(0);
    town.git("core", &["tag", "v7"]);
    town.git("core", &["tag", "core-1.4.0"]);
    push(&town, &["origin", "v7"]).exits(0);
    refused(&town, &["origin", "core-1.4.0"], &["core-1.4.0"]);
    town.git("core", &["checkout", "-q", "-b", "hotfix/1.3"]);
    version(&town, "1.3.1");
    tag(&town, "core-1.3.1");
    push(&town, &["--atomic", "origin", "hotfix/1.3", "core-1.3.1"]).exits(0);
}

#[test]
fn a_name_never_paints_a_terminal() {
    let town = server();
    let head = town.git("core", &["rev-parse", "HEAD"]);
    let folder = town.origin("core");
    for (line, code) in [
        (
            format!("{ZERO} {head} refs/heads/\u{1b}[2K--upload-pack=touch x\n"),
            2,
        ),
        (format!("{head} {ZERO} refs/heads/\u{1b}]0;x\u{7}\n"), 0),
        (format!("{head} {ZERO} refs/tags/v1.2.0\u{1b}[31m\n"), 0),
        (format!("{head} {ZERO} refs/tags/v1.2.0\n"), 1),
        (format!("{ZERO} {head} refs/tags/v\n1.3.0\n"), 2),
    ] {
        let said = hook(&town, &folder, &["pre-receive"], line.as_bytes()).exits(code);
        assert!(!said.err.contains('\u{1b}'), "{:?}", said.err);
    }
}
