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
}
