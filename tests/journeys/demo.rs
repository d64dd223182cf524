//! `cascade demo`: the main job, on a machine that knows nobody's name.

use cascade_tests::Town;

use crate::CASCADE;

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
