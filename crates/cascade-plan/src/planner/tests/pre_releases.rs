//! Pre-releases and development versions.

use super::*;

#[test]
fn pre_releases_count_from_the_last_final_one_and_are_pinned_exactly() {
    let mut sample = Sample::new(&[("a", ""), ("b", "a")])
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .commit("a", "feat: x")
        .file(
            "b",
            "pyproject.toml",
            &python("b", "1.0.0", "\"a>=1.0,<2\""),
        )
        .tag("b", "v1.0.0");
    let mut pre = request(Purpose::Release, &["a=minor"]);
    pre.pre = Some("rc".to_owned());
    let plan = sample.plan(&pre).unwrap();
    assert_eq!(tags(step(&plan, "a")), ["v1.1.0-rc.1"]);
    sample.apply(&plan);
    assert!(
        sample
            .text("a", "pyproject.toml")
            .contains("version = \"1.1.0rc1\"")
    );
    assert!(
        sample.text("b", "pyproject.toml").contains("a==1.1.0rc1"),
        "{}",
        sample.text("b", "pyproject.toml")
    );
    sample = sample.commit("a", "fix: y");
    let plan = sample.plan(&pre).unwrap();
    assert_eq!(tags(step(&plan, "a")), ["v1.1.0-rc.2"]);
}

#[test]
fn stable_never_pins_a_pre_release() {
    let sample = family();
    let plan = bump(&sample, &["core=2.0.0-rc.1"]);
    let row = &step(&plan, "lib").pins[0];
    assert_eq!(
        row.fate,
        PinFate::Kept("stable never depends on a pre-release".to_owned())
    );
}

#[test]
fn development_versions_are_left_by_a_bump_and_finished_by_a_release() {
    let mut sample = Sample::new(&[("a", ""), ("b", "a")])
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .commit("a", "feat: x")
        .file(
            "b",
            "pyproject.toml",
            &python("b", "3.2.0.dev", "\"a==1.0.0\""),
        )
        .tag("b", "v3.1.3");
    let plan = release(&sample, &["a"]);
    assert_eq!(tags(step(&plan, "b")), ["v3.2.0"]);
    sample.apply(&bump(&sample, &["a=1.1.0"]));
    assert_eq!(
        sample.text("b", "pyproject.toml"),
        python("b", "3.2.0.dev", "\"a==1.1.0\"")
    );
}
