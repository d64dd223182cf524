//! What moves with what: versions, the pins below them, the packages of one repository.

use super::*;

#[test]
fn a_bump_moves_the_version_and_the_pins_below_and_then_nothing() {
    let mut sample = family();
    let plan = bump(&sample, &["core=minor"]);
    assert_eq!(changed(&plan), ["core", "lib"]);
    assert_eq!(message(step(&plan, "core")), "chore(release): core 1.3.0\n");
    assert_eq!(
        message(step(&plan, "lib")),
        "fix(deps): core 1.2.0 -> 1.3.0\n\n- lib 0.3.2\n"
    );
    let kept = &step(&plan, "app").pins;
    assert!(kept.iter().all(|it| matches!(it.fate, PinFate::Kept(_))));
    sample.apply(&plan);
    assert_eq!(
        sample.text("lib", "Cargo.toml"),
        cargo("lib", "0.3.2", "core = \"=1.3.0\"")
    );
    assert_eq!(
        sample.text("app", "Cargo.toml"),
        cargo("app", "2.0.0", BOTH)
    );
    assert!(changed(&bump(&sample, &["core=minor"])).is_empty());
    assert!(changed(&bump(&sample, &["core"])).is_empty());
    assert!(changed(&bump(&sample, &[])).is_empty());
}

#[test]
fn dynamic_versions_are_moved_by_tags_alone() {
    let mut sample = Sample::new(&[("a", ""), ("b", "a"), ("c", "b")])
        .file("a", "pyproject.toml", &vcs("a", ""))
        .tag("a", "v1.0.0")
        .file("b", "pyproject.toml", &vcs("b", "\"a==1.0.0\""))
        .tag("b", "v0.2.0")
        .file("c", "pyproject.toml", &vcs("c", "\"b>=0.2,<0.3\""))
        .tag("c", "v3.0.0");
    let plan = bump(&sample, &["a=major"]);
    assert_eq!(changed(&plan), ["b"]);
    let plan = release(&sample.clone().commit("a", "fix: x"), &["a=major"]);
    assert_eq!(tags(step(&plan, "a")), ["v2.0.0"]);
    assert_eq!(tags(step(&plan, "b")), ["v0.2.1"]);
    assert_eq!(
        message(step(&plan, "b")).lines().next(),
        Some("fix(deps): a 1.0.0 -> 2.0.0")
    );
    // The pins of `b` were pushed, and the run was cut off before its tag.
    sample = sample.commit("a", "fix: x");
    sample.apply(&release(&sample, &["a=major"]));
    sample.at("b").tags.remove("v0.2.1");
    let again = release(&sample, &["a=major"]);
    assert_eq!(changed(&again), ["b"]);
    assert_eq!(tags(step(&again, "b")), ["v0.2.1"]);
}

#[test]
fn a_package_on_two_moving_upstreams_moves_once() {
    let sample = Sample::new(&[("a", ""), ("b", "a"), ("c", "a b")])
        .file("a", "Cargo.toml", &cargo("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("b", "Cargo.toml", &cargo("b", "1.0.0", "a = \"=1.0.0\""))
        .tag("b", "v1.0.0")
        .file(
            "c",
            "Cargo.toml",
            &cargo("c", "1.0.0", "a = \"=1.0.0\"\nb = \"=1.0.0\""),
        )
        .tag("c", "v1.0.0");
    let plan = bump(&sample, &["a=minor"]);
    let c = step(&plan, "c");
    assert_eq!(
        message(c),
        "fix(deps): a 1.0.0 -> 1.1.0, b 1.0.0 -> 1.0.1\n\n- c 1.0.1\n"
    );
    assert_eq!(c.after, [RepoId::new("a"), RepoId::new("b")]);
}

#[test]
fn only_packages_whose_pins_moved_are_released_in_a_monorepo() {
    let root = "[workspace]\nmembers = [\"x\", \"x-core\", \"x-other\"]\n\n[workspace.dependencies]\na = \"=1.0.0\"\n";
    let sample = Sample::new(&[("a", ""), ("x", "a")])
        .file("a", "Cargo.toml", &cargo("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("x", "Cargo.toml", root)
        .file(
            "x",
            "x-core/Cargo.toml",
            &cargo("x-core", "0.5.0", "a = { workspace = true }"),
        )
        .file(
            "x",
            "x/Cargo.toml",
            &cargo(
                "x",
                "0.8.0",
                "x-core = { path = \"../x-core\", version = \"=0.5.0\" }",
            ),
        )
        .file("x", "x-other/Cargo.toml", &cargo("x-other", "0.1.0", ""))
        .tag("x", "x-core-v0.5.0")
        .tag("x", "x-v0.8.0")
        .tag("x", "x-other-v0.1.0");
    let plan = release(&sample.clone().commit("a", "feat: y"), &["a"]);
    let step = step(&plan, "x");
    let released: Vec<&str> = step.releases.iter().map(|it| it.tag.as_str()).collect();
    assert_eq!(released, ["x-v0.8.1", "x-core-v0.5.1"]);
    assert_eq!(tags(step).len(), 2);
}

#[test]
fn one_tag_for_all_moves_all() {
    let sample = Sample::new(&[("m", "")])
        .declare("[repo.m]\n", "[repo.m]\ntag = \"v{version}\"\n")
        .file("m", "pyproject.toml", &vcs("m", ""))
        .file(
            "m",
            "package.json",
            "{ \"name\": \"@s/m\", \"version\": \"1.0.0\" }\n",
        )
        .file("m", "Cargo.toml", &cargo("m", "1.0.0", ""))
        .tag("m", "v1.0.0")
        .commit("m", "feat: z");
    let plan = release(&sample, &[]);
    let step = step(&plan, "m");
    assert_eq!(tags(step), ["v1.1.0"]);
    assert_eq!(step.releases.len(), 3);
    let writes = step
        .actions
        .iter()
        .filter(|it| matches!(it, Action::Write { .. }));
    assert_eq!(writes.count(), 2);
}

#[test]
fn a_development_pin_against_the_order_moves_in_a_bump() {
    let down = "[package]\nname = \"lib\"\nversion = \"0.3.1\"\n[dependencies]\ncore = \"1.2.0\"\n";
    let mut sample = Sample::new(&[("core", ""), ("lib", "core")])
        .file(
            "core",
            "Cargo.toml",
            "[package]\nname = \"core\"\nversion = \"1.2.0\"\n[dev-dependencies]\nlib = \"0.2\"\n",
        )
        .tag("core", "v1.2.0")
        .file("lib", "Cargo.toml", down)
        .tag("lib", "v0.3.1");
    let dev = |sample: &Sample| {
        sample
            .text("core", "Cargo.toml")
            .lines()
            .last()
            .map(str::to_owned)
    };
    for (asks, expected) in [
        (&[][..], "lib = \"0.3\""),
        (&["lib=minor"][..], "lib = \"0.4\""),
    ] {
        let plan = bump(&sample, asks);
        assert!(
            step(&plan, "core").releases.iter().all(|it| it.out),
            "{asks:?}"
        );
        sample.apply(&plan);
        assert_eq!(dev(&sample).as_deref(), Some(expected), "{asks:?}");
    }
    let left = release(&sample, &["lib"]);
    assert!(left.steps.iter().all(|it| it.repo != RepoId::new("core")));
}
