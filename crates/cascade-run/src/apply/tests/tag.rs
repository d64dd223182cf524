use super::*;

fn tagged() -> (World, Vec<(String, String)>) {
    let world = World::new();
    world.repo("root");
    world.town.commit("root", "feat: more", &[("more", "x")]);
    let message = "1.1.0\n\n## Added\n\n- more";
    (world, vec![("v1.1.0".to_owned(), message.to_owned())])
}

#[test]
fn a_tag_is_annotated_with_its_whole_message() {
    let (world, tags) = tagged();
    let made = crate::tag(&world.town.clone_of("root"), &tags, &world.git(), None).unwrap();
    assert_eq!(
        (made.tags.keys().collect::<Vec<_>>(), made.out.len()),
        (vec![&"v1.1.0".to_owned()], 0)
    );
    let text = world.town.git("root", &["cat-file", "-p", "v1.1.0"]);
    assert!(text.contains("## Added\n\n- more"), "{text}");
    assert!(!world.refs("root").contains("v1.1.0"));
}

#[test]
fn nobody_is_told_how_to_become_somebody() {
    let (mut world, tags) = tagged();
    world.forget_who("root");
    let error = crate::tag(&world.town.clone_of("root"), &tags, &world.git(), None).unwrap_err();
    assert_eq!(error.why, "`v1.1.0`: git does not know who you are");
    let help = error.help.unwrap();
    assert!(help.contains("git config --global user.email"), "{help}");
}

#[test]
fn branch_and_tags_are_sent_together() {
    let (world, mut tags) = tagged();
    tags.push(("sub-v1.1.0".to_owned(), "sub".to_owned()));
    let made = crate::tag(
        &world.town.clone_of("root"),
        &tags,
        &world.git(),
        Some("main"),
    )
    .unwrap();
    assert_eq!(made.out, ["v1.1.0", "sub-v1.1.0"]);
    let git = |args: &[&str]| world.town.git_origin("root", args);
    assert_eq!(git(&["rev-parse", "main"]), made.commit.as_str());
    assert_eq!(
        git(&["rev-parse", "sub-v1.1.0^{commit}"]),
        made.commit.as_str()
    );
}

#[test]
fn a_refused_push_leaves_no_tag_anywhere() {
    let (world, tags) = tagged();
    world.hook(
        "root",
        "update",
        "case $1 in refs/tags/*) echo protected >&2; exit 1;; esac",
    );
    let before = world.refs("root");
    let error = crate::tag(
        &world.town.clone_of("root"),
        &tags,
        &world.git(),
        Some("main"),
    )
    .unwrap_err();
    assert!(error.to_string().contains("protected"), "{error}");
    assert_eq!(world.refs("root"), before);
    assert_eq!(world.town.git("root", &["tag", "--list"]), "v1.0.0");
}

#[test]
fn a_branch_that_is_behind_its_remote_is_not_forced() {
    let (world, tags) = tagged();
    world.town.git("root", &["push", "-q", "origin", "main"]);
    world.town.git("root", &["reset", "-q", "--hard", "v1.0.0"]);
    world.town.commit("root", "feat: other", &[("other", "x")]);
    let before = world.refs("root");
    assert!(
        crate::tag(
            &world.town.clone_of("root"),
            &tags,
            &world.git(),
            Some("main")
        )
        .is_err()
    );
    assert_eq!(world.refs("root"), before);
}

#[test]
fn several_tags_are_made_all_or_none() {
    let (world, mut tags) = tagged();
    tags.push(("v1.0.0".to_owned(), "is there".to_owned()));
    assert!(crate::tag(&world.town.clone_of("root"), &tags, &world.git(), None).is_err());
    assert_eq!(world.town.git("root", &["tag", "--list"]), "v1.0.0");
    let hostile = vec![("-d".to_owned(), "x".to_owned())];
    assert!(crate::tag(&world.town.clone_of("root"), &hostile, &world.git(), None).is_err());
}
