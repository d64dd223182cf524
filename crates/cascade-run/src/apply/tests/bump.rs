use super::*;
use crate::CommitHow;

impl World {
    fn bump_step(&self, repo: &str, after: &[&str]) -> Step {
        let mut step = self.step(repo, after);
        step.actions.truncate(2);
        step.actions.insert(1, write("docs/readme", "x\n", "y\n"));
        step
    }

    fn bump(&self, plan: &Plan, how: CommitHow) -> Outcome {
        let repos: Vec<&str> = plan.steps.iter().map(|it| it.repo.as_str()).collect();
        crate::bump(
            plan,
            &self.sites(&repos),
            (&self.git(), &self.state),
            how,
            &mut |_| {},
        )
    }

    fn status(&self, repo: &str) -> String {
        self.town.git(repo, &["status", "--porcelain"])
    }

    fn head(&self, repo: &str) -> String {
        self.town.git(repo, &["rev-parse", "HEAD"])
    }

    /// Puts a hook into the clone.
    fn own_hook(&self, repo: &str, name: &str, script: &str) {
        executable(
            &self.town.clone_of(repo).join(".git/hooks").join(name),
            script,
        );
    }
}

fn pair() -> (World, Plan) {
    let world = World::new();
    world.repo("root");
    world.repo("leaf");
    let steps = vec![
        world.bump_step("root", &[]),
        world.bump_step("leaf", &["root"]),
    ];
    (world, plan(steps))
}

#[test]
fn one_commit_a_repository_and_nothing_is_pushed() {
    let (world, plan) = pair();
    let before = world.refs("root");
    let outcome = world.bump(&plan, CommitHow::Here);
    for repo in ["root", "leaf"] {
        let Fate::Done {
            commit: Some(commit),
            out,
        } = &outcome.fates[&id(repo)]
        else {
            panic!("{outcome:?}")
        };
        assert_eq!(commit.as_str(), world.head(repo));
        assert!(out.is_empty());
        assert_eq!(world.status(repo), "");
        assert_eq!(world.town.read(repo, "pin"), "new\n");
        assert_eq!(
            world
                .town
                .git(repo, &["rev-list", "--count", "v1.0.0..HEAD"]),
            "1"
        );
        let message = world.town.git(repo, &["log", "-1", "--format=%B"]);
        assert!(
            message.starts_with("fix(deps): pin old -> new"),
            "{message}"
        );
    }
    assert_eq!(world.refs("root"), before);
}

#[test]
fn the_same_plan_once_more_changes_nothing() {
    let (world, plan) = pair();
    world.bump(&plan, CommitHow::Here);
    let heads = ["root", "leaf"].map(|it| world.head(it));
    let outcome = world.bump(&plan, CommitHow::Here);
    assert!(
        outcome.fates.values().all(|it| *it == Fate::Nothing),
        "{outcome:?}"
    );
    assert_eq!(["root", "leaf"].map(|it| world.head(it)), heads);
}

#[test]
fn edits_can_be_left_or_committed_on_a_branch() {
    let (world, plan) = pair();
    let base = world.head("root");
    let outcome = world.bump(&plan, CommitHow::Leave);
    assert!(matches!(
        outcome.fates[&id("leaf")],
        Fate::Done { commit: None, .. }
    ));
    assert_eq!(world.status("root"), "M docs/readme\n M pin");
    assert_eq!(world.head("root"), base);

    let (world, plan) = pair();
    let outcome = world.bump(&plan, CommitHow::Branch("deps/root".to_owned()));
    assert!(matches!(
        outcome.fates[&id("leaf")],
        Fate::Done {
            commit: Some(_),
            ..
        }
    ));
    assert_eq!(
        world.town.git("root", &["branch", "--show-current"]),
        "deps/root"
    );
    assert_eq!(
        world
            .town
            .git("root", &["rev-list", "--count", "main..deps/root"]),
        "1"
    );
}

#[test]
fn one_dirty_checkout_keeps_all_from_being_written() {
    for (path, staged) in [("pin", false), ("docs/readme", true), ("untracked", false)] {
        let (world, plan) = pair();
        world.town.write("leaf", path, "theirs\n");
        if staged {
            world.town.git("leaf", &["add", path]);
        }
        let before = fingerprint(&world.town.work().join("root/docs"));
        let outcome = world.bump(&plan, CommitHow::Here);
        let Fate::Failed {
            why,
            help: Some(help),
            ..
        } = &outcome.fates[&id("leaf")]
        else {
            panic!("{outcome:?}")
        };
        assert!(why.contains("`leaf`") && why.contains(path), "{why}");
        assert!(help.contains("--skip leaf"), "{help}");
        assert_eq!(outcome.fates.get(&id("root")), None, "it stands on nothing");
        assert_eq!(world.town.read("root", "pin"), "old\n");
        assert_eq!(fingerprint(&world.town.work().join("root/docs")), before);
        assert_eq!(world.town.read("leaf", path), "theirs\n");
    }
}

#[test]
fn what_stands_on_an_unfit_checkout_is_skipped_because_of_it() {
    let (world, plan) = pair();
    world.town.write("root", "untracked", "theirs\n");
    let outcome = world.bump(&plan, CommitHow::Here);
    assert!(why(&outcome.fates[&id("root")]).contains("untracked"));
    assert!(
        matches!(&outcome.fates[&id("leaf")], Fate::Skipped { because } if because.as_str() == "root")
    );
    let sites = world.sites(&["root", "leaf"]);
    let unfit = crate::unfit(&plan, &sites, &world.git(), &CommitHow::Here);
    assert_eq!(unfit.len(), 1, "{unfit:?}");
}

#[test]
fn every_checkout_is_found_fit_before_the_first_byte() {
    type Spoil = fn(&World, &mut Plan);
    let cases: &[(&str, Spoil)] = &[
        ("detached", |world, _| {
            world.town.git("leaf", &["switch", "-q", "--detach"]);
        }),
        ("`feature`", |world, _| {
            world.town.git("leaf", &["switch", "-q", "-c", "feature"]);
        }),
        ("made for", |world, _| {
            world.town.commit("leaf", "feat: more", &[("more", "x")]);
        }),
        ("no clone", |world, _| {
            fs::rename(world.town.clone_of("leaf"), world.town.path().join("gone")).unwrap();
        }),
        ("read-only", |world, _| {
            let at = world.town.clone_of("leaf").join("pin");
            fs::set_permissions(at, fs::Permissions::from_mode(0o444)).unwrap();
        }),
        ("by hand", |_, plan| {
            plan.steps[1].held = Some(cascade_plan::Held {
                why: "done by hand".to_owned(),
                help: None,
            });
        }),
        ("symbolic link", |world, plan| {
            std::os::unix::fs::symlink("/etc/hostname", world.town.clone_of("leaf").join("link"))
                .unwrap();
            world.town.commit("leaf", "feat: link", &[]);
            plan.steps[1].base = Oid::parse(&world.head("leaf")).unwrap();
            plan.steps[1].actions.insert(0, write("link", "", "mine"));
        }),
    ];
    for (word, spoil) in cases {
        let (world, mut plan) = pair();
        spoil(&world, &mut plan);
        let outcome = world.bump(&plan, CommitHow::Here);
        let told = format!("{:?}", outcome.fates[&id("leaf")]);
        assert!(told.contains(word), "{word}: {told}");
        assert_eq!(world.town.read("root", "pin"), "old\n", "{word}");
        assert_eq!(world.status("root"), "", "{word}");
    }
}

#[test]
fn a_failing_hook_leaves_the_repository_as_it_was() {
    for how in [CommitHow::Here, CommitHow::Branch("deps/x".to_owned())] {
        let (world, plan) = pair();
        world.own_hook("root", "pre-commit", "echo 'lint says no' >&2; exit 1");
        let base = world.head("root");
        let outcome = world.bump(&plan, how);
        let Fate::Failed {
            why,
            help: Some(help),
            ..
        } = &outcome.fates[&id("root")]
        else {
            panic!("{outcome:?}")
        };
        assert!(
            why.contains("`root`") && why.contains("lint says no"),
            "{why}"
        );
        assert!(help.contains("--no-commit"), "{help}");
        assert_eq!(world.status("root"), "");
        assert_eq!(
            (world.head("root"), world.town.read("root", "pin")),
            (base, "old\n".to_owned())
        );
        assert_eq!(
            world
                .town
                .git("root", &["branch", "--format=%(refname:short)"]),
            "main"
        );
        assert!(
            matches!(&outcome.fates[&id("leaf")], Fate::Skipped { because } if because.as_str() == "root")
        );
        assert_eq!(world.town.read("leaf", "pin"), "old\n");
    }
}

#[test]
fn a_commit_by_nobody_says_how_to_become_somebody() {
    let (mut world, plan) = pair();
    world.forget_who("root");
    let outcome = world.bump(&plan, CommitHow::Here);
    let Fate::Failed { why, help, .. } = &outcome.fates[&id("root")] else {
        panic!("{outcome:?}")
    };
    assert_eq!(why, "`root`: git does not know who you are");
    assert!(
        help.as_ref()
            .is_some_and(|it| it.contains("git config --global user.name"))
    );
    assert_eq!(world.status("root"), "");
}

#[test]
fn what_does_not_stand_on_a_failure_goes_on() {
    let (world, mut plan) = pair();
    plan.steps[1].after.clear();
    world.own_hook("root", "pre-commit", "exit 1");
    let outcome = world.bump(&plan, CommitHow::Here);
    assert!(matches!(outcome.fates[&id("root")], Fate::Failed { .. }));
    assert!(matches!(outcome.fates[&id("leaf")], Fate::Done { .. }));
}

#[test]
fn a_hanging_hook_is_ended_and_all_put_back() {
    let (mut world, plan) = pair();
    world.environment.patience.check = Duration::from_millis(300);
    world.own_hook("root", "pre-commit", "sleep 65.5");
    let outcome = world.bump(&plan, CommitHow::Here);
    assert!(why(&outcome.fates[&id("root")]).contains("did not end"));
    assert_eq!(world.town.read("root", "pin"), "old\n");
}

#[test]
fn hooks_of_the_user_do_run() {
    let (world, plan) = pair();
    world.own_hook("root", "commit-msg", "echo 'Signed-off-by: hook' >> $1");
    world.bump(&plan, CommitHow::Here);
    assert!(
        world
            .town
            .git("root", &["log", "-1", "--format=%B"])
            .contains("Signed-off-by: hook")
    );
}
