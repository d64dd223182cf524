//! `cascade tag`: a tag that agrees with what it tags.

use crate::family::{cascade, crate_toml, family, refs};

#[test]
fn tags_what_the_manifest_says_and_pushes_branch_and_tag_together() {
    let town = family();
    cascade(
        &town,
        &["bump", "minor", "--repo", "core", "--yes", "--only", "core"],
    )
    .exits(0);
    cascade(&town, &["tag", "--repo", "core", "--push", "--yes"])
        .exits(0)
        .says(&["v1.3.0"]);
    assert_eq!(town.git("core", &["cat-file", "-t", "v1.3.0"]), "tag");
    let there = refs(&town, "core");
    assert!(there.contains("refs/tags/v1.3.0"), "{there}");
    assert!(there.contains(&format!(
        "{}\trefs/heads/main",
        town.git("core", &["rev-parse", "HEAD"])
    )));
}

#[test]
fn refuses_a_version_that_the_manifest_does_not_say() {
    let town = family();
    cascade(&town, &["tag", "v9.9.9", "--repo", "core"])
        .exits(4)
        .says(&["core", "1.2.0", "9.9.9"]);
    assert_eq!(town.git("core", &["tag", "--list"]), "v1.2.0");
}

#[test]
fn without_push_it_says_the_command_that_sends_branch_and_tag() {
    let town = family();
    let text = crate_toml("core", "1.3.0", "");
    town.commit("core", "chore: 1.3.0", &[("Cargo.toml", &text)]);
    cascade(&town, &["tag", "--repo", "core"])
        .exits(0)
        .says(&["git -C core push --atomic origin main v1.3.0"]);
}

#[test]
fn refuses_a_tag_that_exists_here_or_there() {
    let town = family();
    cascade(&town, &["tag", "1.2.0", "--repo", "core"])
        .exits(4)
        .says(&["v1.2.0"]);
    town.commit(
        "core",
        "chore: 1.3.0",
        &[("Cargo.toml", &crate_toml("core", "1.3.0", ""))],
    );
    town.git(
        "core",
        &["push", "-q", "origin", "v1.2.0^{commit}:refs/tags/v1.3.0"],
    );
    cascade(&town, &["tag", "1.3.0", "--repo", "core"])
        .exits(4)
        .says(&["v1.3.0", "remote"]);
    assert_eq!(town.git("core", &["tag", "--list"]), "v1.2.0");
}

#[test]
fn refuses_a_dirty_checkout_another_branch_and_a_release_please_repository() {
    let town = family();
    town.commit(
        "core",
        "chore: 1.3.0",
        &[("Cargo.toml", &crate_toml("core", "1.3.0", ""))],
    );
    town.write("core", "notes.txt", "half a thought\n");
    cascade(&town, &["tag", "--repo", "core"])
        .exits(4)
        .says(&["core"]);
    town.git("core", &["clean", "-qf"]);
    town.git("core", &["checkout", "-q", "-b", "elsewhere"]);
    cascade(&town, &["tag", "--repo", "core"])
        .exits(4)
        .says(&["elsewhere", "main"]);
    town.git("core", &["checkout", "-q", "main"]);
    let declared = std::fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    town.workspace(&declared.replace(
        "[repo.core]\n",
        "[repo.core]\nrelease = \"release-please\"\n",
    ));
    cascade(&town, &["tag", "--repo", "core"])
        .exits(4)
        .says(&["release-please"]);
    assert_eq!(town.git("core", &["tag", "--list"]), "v1.2.0");
}
