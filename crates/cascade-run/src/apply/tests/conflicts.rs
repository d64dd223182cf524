use super::*;

#[test]
fn a_refusal_leaves_both_refs_and_stops_only_what_stands_on_it() {
    let world = World::new();
    for repo in ["root", "leaf", "aside"] {
        world.repo(repo);
    }
    world.hook(
        "root",
        "pre-receive",
        "printf 'no pushes \\033[31mtoday\\n' >&2; exit 1",
    );
    let before = world.refs("root");
    let steps = vec![
        world.step("root", &[]),
        world.step("aside", &[]),
        world.step("leaf", &["root"]),
    ];
    let outcome = world.release(&plan(steps));
    let why = why(&outcome.fates[&id("root")]);
    assert!(why.contains("no pushes") && why.contains("today"), "{why}");
    assert!(!why.contains('\u{1b}'));
    assert_eq!(world.refs("root"), before);
    assert!(
        matches!(&outcome.fates[&id("leaf")], Fate::Skipped { because } if because.as_str() == "root")
    );
    assert!(matches!(outcome.fates[&id("aside")], Fate::Done { .. }));
}

#[test]
fn the_first_failure_ends_it_where_that_is_wanted() {
    let world = World::new();
    for repo in ["root", "leaf", "zebra"] {
        world.repo(repo);
    }
    world.hook("root", "pre-receive", "exit 1");
    let steps = vec![
        world.step("root", &[]),
        world.step("zebra", &[]),
        world.step("leaf", &["root"]),
    ];
    let manner = Manner {
        graph: None,
        jobs: 1,
        on_failure: OnFailure::Stop,
        scope: None,
        until: None,
    };
    let (git, plan) = (world.git(), plan(steps));
    let outcome = crate::release(&plan, &git, &world.state, manner, &mut |_: Event| {}).unwrap();
    for repo in ["zebra", "leaf"] {
        assert!(
            matches!(&outcome.fates[&id(repo)], Fate::Skipped { because } if because.as_str() == "root"),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_refused_tag_takes_the_branch_with_it() {
    let world = World::new();
    world.repo("root");
    world.hook(
        "root",
        "update",
        "case $1 in refs/tags/*) echo no tags >&2; exit 1;; esac",
    );
    let before = world.refs("root");
    let outcome = world.release(&plan(vec![world.step("root", &[])]));
    assert!(why(&outcome.fates[&id("root")]).contains("no tags"));
    assert_eq!(world.refs("root"), before);
}

#[test]
fn a_tag_at_another_commit_is_never_moved() {
    let world = World::new();
    world.repo("root");
    world.town.git("root", &["tag", "v1.0.1"]);
    world.town.git("root", &["push", "-q", "origin", "v1.0.1"]);
    let before = world.refs("root");
    let outcome = world.release(&plan(vec![world.step("root", &[])]));
    let why = why(&outcome.fates[&id("root")]);
    assert!(
        why.contains("`v1.0.1`") && why.contains("never moved"),
        "{why}"
    );
    assert_eq!(world.refs("root"), before);
}

#[test]
fn a_branch_of_the_tags_name_is_not_the_tag() {
    let world = World::new();
    world.repo("root");
    world
        .town
        .git("root", &["push", "-q", "origin", "main:refs/heads/v1.0.1"]);
    world.town.git(
        "root",
        &[
            "push",
            "-q",
            "origin",
            "main:refs/heads/foo/refs/tags/v1.0.1",
        ],
    );
    let outcome = world.release(&plan(vec![world.step("root", &[])]));
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Done { .. }),
        "{outcome:?}"
    );
}

#[test]
fn a_branch_that_moved_is_drift() {
    let world = World::new();
    world.repo("root");
    let step = world.step("root", &[]);
    world
        .town
        .commit("root", "feat: meanwhile", &[("more", "x")]);
    world.town.git("root", &["push", "-q", "origin", "main"]);
    let before = world.refs("root");
    let outcome = world.release(&plan(vec![step]));
    let Fate::Drifted { what } = &outcome.fates[&id("root")] else {
        panic!("{outcome:?}")
    };
    assert!(
        what.contains("`main`") && what.contains("cascade release --repo root"),
        "{what}"
    );
    assert_eq!(world.refs("root"), before);
}

#[test]
fn a_file_that_is_not_as_planned_is_drift() {
    let world = World::new();
    world.repo("root");
    let mut step = world.step("root", &[]);
    step.actions[0] = write("pin", "other\n", "new\n");
    let outcome = world.release(&plan(vec![step]));
    assert!(
        matches!(&outcome.fates[&id("root")], Fate::Drifted { what } if what.contains("`pin`"))
    );
}

#[test]
fn links_submodules_and_gits_own_folder_are_refused() {
    let world = World::new();
    world.repo("root");
    let town = &world.town;
    std::os::unix::fs::symlink("/etc", town.clone_of("root").join("link")).unwrap();
    town.commit("root", "feat: link", &[]);
    let base = town.git("root", &["rev-parse", "HEAD"]);
    town.git(
        "root",
        &[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("160000,{base},sub"),
        ],
    );
    town.git("root", &["commit", "-q", "-m", "feat: sub"]);
    town.git("root", &["push", "-q", "origin", "main"]);
    let before = world.refs("root");
    for path in [
        "link/passwd",
        "link",
        "sub/pin",
        "../out",
        ".git/config",
        "docs/.GIT/x",
    ] {
        let mut step = world.step("root", &[]);
        step.actions[0] = write(path, "", "mine\n");
        let outcome = world.release(&plan(vec![step]));
        assert!(why(&outcome.fates[&id("root")]).contains('`'), "{path}");
        assert_eq!(world.refs("root"), before, "{path}");
    }
}

#[test]
fn a_remote_that_is_not_there_is_named() {
    let world = World::new();
    world.repo("root");
    let mut step = world.step("root", &[]);
    step.remote = Some("/nowhere/at/all.git".to_owned());
    let outcome = world.release(&plan(vec![step]));
    let Fate::Failed {
        why, help: Some(_), ..
    } = &outcome.fates[&id("root")]
    else {
        panic!("{outcome:?}")
    };
    assert!(why.contains("/nowhere/at/all.git"), "{why}");
}

#[test]
fn a_remote_that_runs_programs_is_never_asked() {
    let world = World::new();
    world.repo("root");
    for address in ["ext::touch /tmp/x", "--upload-pack=touch x"] {
        let mut step = world.step("root", &[]);
        step.remote = Some(address.to_owned());
        assert!(matches!(
            world.release(&plan(vec![step])).fates[&id("root")],
            Fate::Failed { .. }
        ));
    }
}

#[test]
fn nobody_commits_without_a_name() {
    let mut world = World::new();
    world.repo("root");
    let before = world.refs("root");
    let step = world.step("root", &[]);
    world
        .environment
        .vars
        .retain(|name, _| !name.to_str().unwrap().starts_with("GIT_COMMITTER"));
    let outcome = world.release(&plan(vec![step]));
    let Fate::Failed {
        help: Some(help), ..
    } = &outcome.fates[&id("root")]
    else {
        panic!("{outcome:?}")
    };
    assert!(help.contains("git config --global user.email"), "{help}");
    assert_eq!(world.refs("root"), before);
}

fn configured(world: &mut World, text: &str) {
    let file = world.town.path().join("home/config");
    save(&file, text, Overwrite::Replace).unwrap();
    world
        .environment
        .vars
        .insert("GIT_CONFIG_GLOBAL".into(), file.into());
}

#[test]
fn a_wish_to_sign_that_fails_is_no_unsigned_tag() {
    let mut world = World::new();
    world.repo("root");
    configured(
        &mut world,
        "[tag]\n\tgpgSign = true\n[gpg]\n\tprogram = /bin/false\n",
    );
    let before = world.refs("root");
    let outcome = world.release(&plan(vec![world.step("root", &[])]));
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Failed { .. }),
        "{outcome:?}"
    );
    assert_eq!(world.refs("root"), before);
}

#[test]
fn tags_and_commits_are_signed_where_the_user_signs() {
    let mut world = World::new();
    world.repo("root");
    let program = world.town.path().join("bin/sign");
    executable(
        &program,
        "cat > /dev/null; printf '[GNUPG:] SIG_CREATED ' >&2; \
        printf -- '-----BEGIN PGP SIGNATURE-----\\nx\\n-----END PGP SIGNATURE-----\\n'",
    );
    configured(
        &mut world,
        &format!(
            "[tag]\n\tgpgSign = true\n[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = {}\n",
            program.display()
        ),
    );
    let plan = plan(vec![world.step("root", &[])]);
    let outcome = world.release(&plan);
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Done { .. }),
        "{outcome:?}"
    );
    for name in ["v1.0.1", "main"] {
        let text = world.town.git_origin("root", &["cat-file", "-p", name]);
        assert!(text.contains("BEGIN PGP SIGNATURE"), "{text}");
    }
    assert_eq!(
        world.release(&plan).fates,
        outcome.fates,
        "signed objects are adopted"
    );
}

#[test]
fn a_broken_mirror_is_made_anew() {
    let world = World::new();
    world.repo("root");
    let mirror = world.state.mirror(&id("root"));
    fs::create_dir_all(mirror.join("objects/info")).unwrap();
    save(
        &mirror.join("objects/info/alternates"),
        "/elsewhere\n",
        Overwrite::Never,
    )
    .unwrap();
    let outcome = world.release(&plan(vec![world.step("root", &[])]));
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Done { .. }),
        "{outcome:?}"
    );
    save(&mirror.join("packed-refs.lock"), "stale", Overwrite::Never).unwrap();
    world.town.git("root", &["pull", "-q"]);
    let mut next = world.step("root", &[]);
    next.actions = vec![tag("v1.0.2"), push(&["v1.0.2"])];
    let outcome = world.release(&plan(vec![next]));
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Done { .. }),
        "{outcome:?}"
    );
}

#[test]
fn two_at_once_on_one_mirror_are_told_of_each_other() {
    let world = World::new();
    world.repo("root");
    world.release(&plan(vec![world.bare_step("root", &[])]));
    let lock = world.state.mirror(&id("root")).with_extension("lock");
    let held = fs::File::create(&lock).unwrap();
    held.try_lock().unwrap();
    let outcome = world.release(&plan(vec![world.step("root", &[])]));
    assert!(why(&outcome.fates[&id("root")]).contains("another cascade"));
}

#[test]
fn a_sha256_repository_is_released_too() {
    let world = World::new();
    let (origin, clone) = (world.town.origin("root"), world.town.clone_of("root"));
    let path = |it: &Path| it.to_str().unwrap().to_owned();
    world.town.run(
        world.town.path(),
        &[
            "init",
            "-q",
            "--bare",
            "-b",
            "main",
            "--object-format=sha256",
            &path(&origin),
        ],
    );
    world.town.run(
        world.town.path(),
        &["clone", "-q", &path(&origin), &path(&clone)],
    );
    world
        .town
        .commit("root", "feat: found it", &[("pin", "old\n")]);
    world
        .town
        .git("root", &["push", "-q", "origin", "HEAD:main"]);
    let outcome = world.release(&plan(vec![world.step("root", &[])]));
    assert!(
        matches!(outcome.fates[&id("root")], Fate::Done { .. }),
        "{outcome:?}"
    );
}
