//! What becomes of the locks beside the pins.

use super::*;

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"core\"\nversion = \"1.2.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\n\n[[package]]\nname = \"lib\"\nversion = \"0.3.1\"\ndependencies = [\n \"core\",\n]\n";

#[test]
fn a_lock_moves_with_the_pin_and_with_the_packages_own_version() {
    let sample = family().file("lib", "Cargo.lock", LOCK);
    let plan = bump(&sample, &["core=minor"]);
    let [lock] = step(&plan, "lib").locks.as_slice() else {
        panic!("{:?}", step(&plan, "lib").locks)
    };
    assert!(lock.required, "{lock:?}");
    assert_eq!(
        (lock.file.as_str(), lock.ecosystem.as_str()),
        ("Cargo.lock", "cargo")
    );
    for word in ["core is pinned to 1.3.0", "lib itself becomes 0.3.2"] {
        assert!(lock.reason.contains(word), "{lock:?}");
    }
    let words = lock.commands.iter().map(|it| it.join(" "));
    let words: Vec<String> = words.collect();
    assert!(
        words
            .iter()
            .any(|it| it.contains("core") && it.contains("1.3.0")),
        "{words:?}"
    );
    let at = |wanted: fn(&Action) -> bool| step(&plan, "lib").actions.iter().position(wanted);
    let relock = at(|it| matches!(it, Action::Relock(_)));
    assert!(at(|it| matches!(it, Action::Write { .. })) < relock);
    assert!(relock < at(|it| matches!(it, Action::Commit { .. })));
}

#[test]
fn a_lock_move_carries_what_moves_and_how() {
    let sample = family().file("lib", "Cargo.lock", LOCK);
    let plan = bump(&sample, &["core=minor"]);
    let lib = step(&plan, "lib");
    let told = |it: &Move| format!("{} {:?} {}", it.name, it.from, it.to);
    let moves: Vec<String> = lib.locks[0].moves.iter().map(told).collect();
    let own: Vec<String> = lib.locks[0].own.iter().map(told).collect();
    assert_eq!(moves, ["core Some(\"1.2.0\") 1.3.0"]);
    assert_eq!(own, ["lib Some(\"0.3.1\") 0.3.2"]);
    let acts: Vec<_> = lib.locks.iter().filter_map(LockMove::act).collect();
    assert_eq!(acts.len(), 1);
    assert!(lib.actions.contains(&Action::Relock(acts[0].clone())));
    let text = serde_json::to_string(&plan).expect("JSON");
    assert_eq!(serde_json::from_str::<Plan>(&text).expect("plan"), plan);
}

#[test]
fn what_the_upstream_binds_to_a_pinned_package_moves_with_it_in_the_lock() {
    let with = |range: &str| {
        let core = format!("core-parts = \"{range}\"");
        let held = LOCK.replace(
            "\n[[package]]\nname = \"lib\"",
            "\n[[package]]\nname = \"core-parts\"\nversion = \"1.2.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\n\n[[package]]\nname = \"lib\"",
        );
        let sample = family()
            .declare("[repo.core]", "[repo.core]\ntag = \"v{version}\"")
            .file("core", "Cargo.toml", &cargo("core", "1.2.0", &core))
            .file(
                "core",
                "parts/Cargo.toml",
                &cargo("core-parts", "1.2.0", ""),
            )
            .file("lib", "Cargo.lock", &held);
        let plan = bump(&sample, &["core=minor"]);
        let moves = step(&plan, "lib").locks[0].moves.iter();
        moves.map(|it| it.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(with("=1.2.0"), ["core", "core-parts"]);
    assert_eq!(with("1.2"), ["core"], "a range lets it stay");
}

#[test]
fn a_lock_that_is_left_alone_is_told_of_and_holds_nobody() {
    for mode in ["off", "native", "tool"] {
        let said = format!("[repo.lib]\nlock = \"{mode}\"\n");
        let sample = family()
            .file("lib", "Cargo.lock", LOCK)
            .declare("[repo.lib]\n", &said);
        let plan = bump(&sample, &["core=minor"]);
        let lib = step(&plan, "lib");
        assert!(lib.locks[0].required && lib.held.is_none(), "{lib:?}");
        let acts = lib.actions.iter();
        let relocks = acts.filter(|it| matches!(it, Action::Relock(_))).count();
        assert_eq!(relocks, usize::from(mode != "off"), "{mode}");
        assert_eq!(lib.locks[0].mode.word(), mode);
    }
}

#[test]
fn a_lock_that_only_could_be_fresher_is_not_required_and_holds_nobody() {
    let mut sample = family()
        .file(
            "lib",
            "Cargo.toml",
            &cargo("lib", "0.3.1", "core = \"1.2\""),
        )
        .file("lib", "Cargo.lock", LOCK);
    let plan = bump(&sample, &["core=minor"]);
    let lib = step(&plan, "lib");
    assert!(!lib.locks[0].required && lib.releases.is_empty());
    assert_eq!(message(lib), "chore(deps): lock Cargo.lock\n");
    sample.at("lib").dirty = true;
    let plan = bump(&sample, &["core=minor"]);
    assert!(step(&plan, "lib").held.is_none() && !step(&plan, "lib").changes());
}

#[test]
fn a_lock_that_a_bump_left_behind_is_taken_up_by_the_next() {
    let mut sample = family().file("lib", "Cargo.lock", LOCK);
    sample.apply(&bump(&sample, &["core=minor"]));
    for asks in [&["core=1.3.0"][..], &["core"], &["core=minor"]] {
        let plan = bump(&sample, asks);
        assert_eq!(changed(&plan), ["lib"], "{asks:?}");
        let lib = step(&plan, "lib");
        assert!(lib.locks[0].required, "{lib:?}");
        let mut lines = lib.locks[0].commands.iter().map(|it| it.join(" "));
        assert!(lines.any(|it| it == "cargo update -p core@1 --precise 1.3.0"));
        assert_eq!(message(lib), "chore(deps): lock Cargo.lock\n");
        assert!(
            lib.actions
                .iter()
                .all(|it| !matches!(it, Action::Write { .. }))
        );
    }
    sample = sample.file(
        "lib",
        "Cargo.lock",
        &LOCK.replace("1.2.0", "1.3.0").replace("0.3.1", "0.3.2"),
    );
    assert!(changed(&bump(&sample, &["core"])).is_empty());
}

#[test]
fn a_bump_that_left_its_edits_uncommitted_changes_nothing_again() {
    let mut sample = family().file("lib", "Cargo.lock", LOCK);
    sample.apply(&bump(&sample, &["core=minor"]));
    for repo in ["core", "lib"] {
        sample.at(repo).dirty = true;
    }
    let plan = bump(&sample, &["core=minor"]);
    assert!(changed(&plan).is_empty());
    assert!(plan.steps.iter().all(|it| it.held.is_none()), "{plan:?}");
    let left = &step(&plan, "lib").locks[0].reason;
    assert!(left.contains("not committed"), "{left}");
    let more = sample.plan(&request(Purpose::Bump, &["core=2.0.0"]));
    assert!(
        step(&more.unwrap(), "core").held.is_some(),
        "more edits on top"
    );
}

#[test]
fn a_repository_is_not_tagged_beside_a_lock_that_is_not_in_step() {
    let tagged = |sample: &Sample| {
        let (graph, snapshot) = (sample.graph(), sample.snapshot());
        let survey = crate::survey(&graph, &snapshot);
        let lib = RepoId::new("lib");
        tag_plan(&graph, &snapshot, &survey, &lib, None, None)
    };
    let mut sample = family().file("lib", "Cargo.lock", LOCK);
    sample.apply(&bump(&sample, &["core=minor"]));
    let error = tagged(&sample).unwrap_err();
    assert!(error.is_refusal());
    assert!(error.to_string().contains("`Cargo.lock`"), "{error}");
    let help = error.help().unwrap();
    assert!(help.contains("`cascade lock --repo lib`"), "{help}");
    let pinned = LOCK.replace("1.2.0", "1.3.0");
    let error = tagged(&sample.clone().file("lib", "Cargo.lock", &pinned)).unwrap_err();
    assert!(
        error.to_string().contains("`lib` itself at 0.3.1"),
        "{error}"
    );
    let whole = pinned.replace("0.3.1", "0.3.2");
    let tags = tagged(&sample.file("lib", "Cargo.lock", &whole)).unwrap();
    assert_eq!(tags[0].1, "v0.3.2");
}

#[test]
fn no_version_is_chosen_for_what_a_lock_takes_from_git() {
    let needs = "core = { git = \"https://forge.example/core.git\", tag = \"v1.2.0\" }";
    let lock = LOCK.replace(
        "registry+https://github.com/rust-lang/crates.io-index",
        "git+https://forge.example/core.git?tag=v1.2.0#0000000000000000000000000000000000000001",
    );
    let sample = family()
        .file("lib", "Cargo.toml", &cargo("lib", "0.3.1", needs))
        .file("lib", "Cargo.lock", &lock);
    let plan = bump(&sample, &["core=minor"]);
    let lib = step(&plan, "lib");
    assert!(
        matches!(&lib.pins[0].fate, PinFate::Updated(to) if to == "v1.3.0"),
        "{:?}",
        lib.pins
    );
    let words: Vec<String> = lib.locks[0]
        .commands
        .iter()
        .map(|it| it.join(" "))
        .collect();
    assert!(
        words.iter().all(|it| !it.contains("core")) && !words.is_empty(),
        "{words:?}"
    );
}

const COMPILED: &str = "\
# This file was autogenerated by uv via the following command:
#    uv pip compile --generate-hashes requirements.in -o requirements.txt
a==1.0.0 \\
    --hash=sha256:00
    # via -r requirements.in
";

#[test]
fn a_compiled_file_moves_as_a_lock_and_its_source_as_a_manifest() {
    let sample = Sample::new(&[("a", ""), ("b", "a")])
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("b", "pyproject.toml", &python("b", "1.0.0", "\"a>=1\""))
        .file("b", "requirements.in", "a==1.0.0\n")
        .file("b", "requirements.txt", COMPILED)
        .file("b", "plain-requirements.txt", "a==1.0.0  # why\n")
        .tag("b", "v1.0.0");
    let plan = bump(&sample, &["a=minor"]);
    let step = step(&plan, "b");
    let written = step.actions.iter().filter_map(|it| match it {
        Action::Write { path, after, .. } => Some((path.as_str(), after.as_str())),
        _ => None,
    });
    let written: Vec<_> = written.filter(|(path, _)| path.contains("req")).collect();
    assert_eq!(
        written,
        [
            ("plain-requirements.txt", "a==1.1.0  # why\n"),
            ("requirements.in", "a==1.1.0\n")
        ]
    );
    let [lock] = step.locks.as_slice() else {
        panic!("{:?}", step.locks)
    };
    assert_eq!(
        (lock.file.as_str(), lock.required),
        ("requirements.txt", true)
    );
    let [command] = lock.commands.as_slice() else {
        panic!("{:?}", lock.commands)
    };
    assert_eq!(
        command.join(" "),
        "uv pip compile -q -P a==1.1.0 --generate-hashes requirements.in -o requirements.txt"
    );
    let row = |manifest: &str| step.pins.iter().find(|it| it.manifest == manifest).unwrap();
    let updated = PinFate::Updated("==1.1.0".to_owned());
    assert_eq!(row("requirements.txt").fate, updated);
}
