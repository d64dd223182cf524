use proptest::prelude::*;

use super::*;
use crate::{Scheme, Version};

fn hatch(options: &str) -> String {
    format!(
        "[build-system]\nrequires = ['hatchling', 'hatch-vcs']\n\n[project]\nname = 'x'\n\
         dynamic = ['version']\n\n[tool.hatch.version]\nsource = 'vcs'\n{options}\n"
    )
}

fn scm(options: &str) -> String {
    format!(
        "[build-system]\nrequires = ['setuptools', 'setuptools-scm']\n\n[project]\nname = 'x'\n\
         dynamic = ['version']\n\n[tool.setuptools_scm]\n{options}\n"
    )
}

/// Annotated tags, each made one second after the one before.
fn tags<'a>(names: &[&'a str]) -> Vec<TagAt<'a>> {
    let made = (1..).map(Some);
    names
        .iter()
        .zip(made)
        .map(|(name, made)| TagAt { name, made })
        .collect()
}

#[track_caller]
fn builds(text: &str, names: &[&str], expected: &str) {
    let built = built_version(text, "", &tags(names));
    assert_eq!(built, Built::Version(expected.to_owned()), "{text}");
}

#[track_caller]
fn otherwise(text: &str, folder: &str, names: &[&str]) -> String {
    match built_version(text, folder, &tags(names)) {
        Built::Otherwise(why) => why,
        other => panic!("{other:?} of {text}"),
    }
}

#[track_caller]
fn unjudged(text: &str) -> String {
    match built_version(text, "", &tags(&["v1.0.0"])) {
        Built::Unjudged(why) => why,
        other => panic!("{other:?} of {text}"),
    }
}

#[test]
fn a_tag_is_read_as_setuptools_scm_reads_it() {
    for (tag, version) in [
        ("v1.0.0", "1.0.0"),
        ("1.0.0-rc.1", "1.0.0rc1"),
        ("v1.0.0-1", "1.0.0.post1"),
        ("pkg-name-v2.1", "2.1"),
        ("v1.0.0+build.5", "1.0.0+build.5"),
        ("v1.0.0+a.a", "1.0.0+a"),
        ("v01.2", "1.2"),
        ("v1.0.0+!", "1.0.0"),
    ] {
        builds(&scm(""), &[tag], version);
        builds(&hatch(""), &[tag], version);
    }
    for tag in ["pkg@1.0.0", "release/1.0", "v1.0.x", "nightly2"] {
        otherwise(&scm(""), "", &[tag]);
    }
}

#[test]
fn of_several_tags_git_names_the_newest_annotated_one() {
    builds(&scm(""), &["v1.1.0", "v1.0.0"], "1.0.0");
    let light = |name| TagAt { name, made: None };
    let mixed = [light("v2.0.0"), tags(&["v1.0.0"])[0]];
    let version = |text: &str| Built::Version(text.to_owned());
    assert_eq!(built_version(&scm(""), "", &mixed), version("1.0.0"));
    let plain = [light("v1.1.0"), light("v1.0.0")];
    assert_eq!(built_version(&scm(""), "", &plain), version("1.0.0"));
    let annotated = scm("git_describe_command = 'git describe --long'");
    assert!(matches!(
        built_version(&annotated, "", &plain),
        Built::Otherwise(_)
    ));
}

#[test]
fn settings_decide() {
    let only = "git_describe_command = ['git', 'describe', '--tags', '--match', 'core-v[0-9]*']";
    builds(&scm(only), &["core-v1.0.0", "v2.0.0"], "1.0.0");
    assert!(otherwise(&scm(only), "", &["v2.0.0"]).contains("--match core-v[0-9]*"));
    let raw = "raw-options = { git_describe_command = \"git describe --tags --match 'a-*'\" }";
    builds(&hatch(raw), &["a-1.0", "b-2.0"], "1.0");
    builds(&hatch("tag-pattern = '^rel-(.*)$'"), &["rel-1.5"], "1.5");
    assert!(otherwise(&hatch("tag-pattern = '^rel-(.*)$'"), "", &["v1.5"]).contains("no version"));
    assert!(otherwise(&scm("tag_regex = 'v.*'"), "", &["v1.5"]).contains("refuses"));
    builds(
        &scm("[tool.setuptools_scm.tag]\nprefix = 'x/'"),
        &["x/v1.0", "y/v2.0"],
        "1.0",
    );
    builds(
        &scm("local_scheme = 'no-local-version'\nversion_scheme = 'post-release'"),
        &["v1.0"],
        "1.0",
    );
}

#[test]
fn git_counts_only_at_the_top_of_the_repository() {
    assert!(otherwise(&scm(""), "py", &["v1.0"]).contains("not the top"));
    let up = scm("root = '..'");
    assert_eq!(
        built_version(&up, "py", &tags(&["v1.0"])),
        Built::Version("1.0".to_owned())
    );
    let climbs = scm("search_parent_directories = true");
    assert!(matches!(
        built_version(&climbs, "a/b", &tags(&["v1.0"])),
        Built::Version(_)
    ));
    let fallback = hatch("fallback-version = '0.0.0'");
    assert!(otherwise(&fallback, "py", &["v1.0"]).ends_with("always builds 0.0.0"));
    assert!(matches!(
        built_version(&up, "", &tags(&["v1.0"])),
        Built::Otherwise(_)
    ));
}

#[test]
fn what_a_program_decides_is_said() {
    assert!(unjudged(&scm("version_scheme = 'my.module:scheme'")).contains("my.module:scheme"));
    assert!(unjudged(&scm("local_scheme = ['mine']")).contains("mine"));
    assert!(unjudged(&scm("parse = 'x:y'")).contains("parse"));
    assert!(unjudged(&scm("git_describe_command = './version.sh'")).contains("program"));
    assert!(unjudged(&scm("tag_regex = '^(?!x)(.*)$'")).contains("(?!x)"));
    let other = "[build-system]\nrequires = ['versioningit']\n[project]\nname = 'x'\n\
        dynamic = ['version']\n[tool.versioningit]\n";
    assert!(unjudged(other).contains("versioningit"));
    assert!(unjudged("[project]\nname = 'x'\nversion = '1'\n").contains("git"));
}

proptest! {
    #[test]
    fn a_version_behind_v_is_built_as_it_is(
        version in "[0-9]{1,2}(\\.[0-9]{1,2}){1,2}(a1|rc[12]|\\.post1|-rc\\.1|-1|\\+x\\.1)?",
        name in "([a-z]{1,3}-)?",
    ) {
        let tag = format!("{name}v{version}");
        let built = built_version(&hatch(""), "", &tags(&[&tag]));
        let Built::Version(built) = built else { panic!("{tag}: {built:?}") };
        prop_assert_eq!(
            Version::parse(Scheme::Pep440, &built),
            Version::parse(Scheme::Pep440, &version)
        );
    }

    #[test]
    fn no_text_breaks_it(
        tag in "\\PC{0,20}",
        regex in "[()?P<version>v.*\\\\d\\[\\]+$|]{0,20}",
        glob in "[a-z*?\\[\\]!^0-9-]{0,12}",
    ) {
        let regex = regex.replace('\'', "");
        let text = scm(&format!(
            "tag_regex = '{regex}'\ngit_describe_command = 'git describe --tags --match={glob}'"
        ));
        let _ = built_version(&text, "", &tags(&[&tag]));
    }
}
