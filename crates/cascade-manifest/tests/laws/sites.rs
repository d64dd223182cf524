//! Laws of what deploys: every format keeps them the day it is registered.

use cascade_manifest::deploy::{
    DeployFormat, FORMATS, How, Move, Reference, Says, applications, ranged, respelled, says,
};
use cascade_manifest::{Kind, Rewrite, Scheme, Version};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{any_to, anything, spoilt, variants};

#[path = "held.rs"]
mod held;

/// A text of each format; the fuzzer begins with them.
const SAMPLES: &[(&str, &str)] = &[
    (
        ".gitlab-ci.yml",
        include_str!("../../fuzz/corpus/sites/gitlab-ci"),
    ),
    (
        ".gitmodules",
        include_str!("../../fuzz/corpus/sites/gitmodules"),
    ),
    (
        ".pre-commit-config.yaml",
        include_str!("../../fuzz/corpus/sites/pre-commit"),
    ),
    ("Chart.yaml", include_str!("../../fuzz/corpus/sites/chart")),
    (
        "Dockerfile",
        include_str!("../../fuzz/corpus/sites/dockerfile"),
    ),
    ("Packer", include_str!("../../fuzz/corpus/sites/packer")),
    (
        "Packer JSON",
        include_str!("../../fuzz/corpus/sites/packer-json"),
    ),
    (
        "Packer JSON",
        include_str!("../../fuzz/corpus/sites/packer-template"),
    ),
    (
        "Terraform",
        include_str!("../../fuzz/corpus/sites/terraform"),
    ),
    (
        "compose.yaml",
        include_str!("../../fuzz/corpus/sites/compose"),
    ),
    (
        "kustomization.yaml",
        include_str!("../../fuzz/corpus/sites/kustomization"),
    ),
    ("manifest", include_str!("../../fuzz/corpus/sites/objects")),
    ("manifest", include_str!("../../fuzz/corpus/sites/flux")),
    (
        "manifest",
        include_str!("../../fuzz/corpus/sites/application-set"),
    ),
    (
        "values.yaml",
        include_str!("../../fuzz/corpus/sites/values"),
    ),
    ("workflow", include_str!("../../fuzz/corpus/sites/workflow")),
];

/// Every format with its sample, as it stands and as editors and systems leave it.
fn cases() -> Vec<(&'static DeployFormat, String)> {
    let of = |format: &'static DeployFormat| {
        let samples = SAMPLES.iter().filter(|it| it.0 == format.name);
        let texts: Vec<_> = samples.flat_map(|it| variants(it.1)).collect();
        assert!(!texts.is_empty(), "`{}` has no sample", format.name);
        texts.into_iter().map(move |text| (format, text))
    };
    FORMATS.iter().flat_map(of).collect()
}

fn read(format: &DeployFormat, text: &str) -> Vec<Reference> {
    let read = format.read(text);
    read.unwrap_or_else(|e| panic!("{}: {e}\n{text}", format.name))
}

/// What every reference says, but for where.
fn sayings(read: &[Reference]) -> Vec<(String, String, usize)> {
    let of = |it: &Reference| (it.name.clone(), it.version.clone(), it.line);
    read.iter().map(of).collect()
}

/// Returns the text in which one reference says another version, checked.
fn moved_alone(
    format: &DeployFormat,
    text: &str,
    (read, it): (&[Reference], &Reference),
    new: &str,
) -> String {
    let told = || format!("{} {it:?} -> {new}\n{text}", format.name);
    let to = Move::of(it, new).unwrap_or_else(|e| panic!("{e}: {}", told()));
    let edited = format.moved(text, std::slice::from_ref(&to));
    let edited = edited.unwrap_or_else(|e| panic!("{e}: {}", told()));
    let (before, rest) = text.split_at(to.span.start);
    let bare = format!("{before}{new}{}", &rest[to.span.len()..]);
    let quoted = format!("{before}\"{new}\"{}", &rest[to.span.len()..]);
    assert!(edited == bare || edited == quoted, "{}", told());
    let mut expected = sayings(read);
    for (row, other) in expected.iter_mut().zip(read) {
        if other.span == it.span {
            new.clone_into(&mut row.1);
        }
    }
    let again = crate::sites::read(format, &edited);
    assert_eq!(sayings(&again), expected, "{}", told());
    edited
}

/// Holds what was read of any text to its spans, and no edit to no byte.
fn check_reading(text: &str) {
    if let Ok(all) = applications(text) {
        let lines = text.lines().count();
        assert!(all.iter().all(|it| it.line <= lines), "{all:?}");
    }
    for format in FORMATS {
        let Ok(read) = format.read(text) else {
            continue;
        };
        assert_eq!(format.moved(text, &[]).unwrap(), text);
        for it in read {
            let said = it.span.clone().map(|it| &text[it]);
            assert!(said.is_none_or(|said| said == it.version), "{it:?}");
            let (held, version) = (it.held.as_ref(), &it.version);
            if let Some(held) = held.filter(|_| it.stays().is_none()) {
                assert_eq!(&text[held.span.clone().unwrap()], held.text, "{it:?}");
                if let Ok(to) = Move::held(&it, version, &held.text) {
                    assert_eq!(format.moved(text, &[to]).unwrap(), text, "{it:?}");
                }
            }
            let to = Move::of(&it, &it.version);
            assert_eq!(to.is_ok(), it.unmoved().is_none(), "{it:?}");
            if let Ok(to) = to {
                assert_eq!(format.moved(text, &[to]).unwrap(), text, "{it:?}");
            }
        }
    }
}

#[test]
fn every_sample_has_what_moves_and_what_stays() {
    for (format, text) in cases() {
        let read = read(format, &text);
        let moves = read.iter().filter(|it| it.unmoved().is_none()).count();
        let has_versions = format.name != ".gitmodules";
        assert_eq!(moves > 1, has_versions, "{}: {read:?}", format.name);
        assert!(moves < read.len(), "{}", format.name);
    }
}

#[test]
fn what_does_not_move_is_refused_with_its_reason_by_both_doors() {
    let mut refused = 0;
    for (format, text) in cases() {
        for it in read(format, &text) {
            let (Some(why), Some(span)) = (it.unmoved(), it.span.clone()) else {
                continue;
            };
            assert_eq!(Move::of(&it, "v2.1.0"), Err(why));
            let to = "v2.1.0".to_owned();
            let forced = Move {
                span,
                to,
                held: None,
                how: How::Version,
                together: false,
            };
            assert!(format.moved(&text, &[forced]).is_err(), "{it:?}");
            refused += 1;
        }
    }
    assert!(refused > 50, "{refused}");
}

/// Moves what this makes a move of, one at a time, and requires that nothing else changes; returns how
/// many there were.
fn alone(to: impl Fn(&Reference) -> Option<Move>) -> usize {
    let mut moved = 0;
    for (format, text) in cases() {
        let all = read(format, &text);
        for it in &all {
            let Some(to) = to(it) else { continue };
            let told = format!("{} {it:?} -> {to:?}", format.name);
            let edited = format.moved(&text, std::slice::from_ref(&to));
            let edited = edited.unwrap_or_else(|e| panic!("{e}: {told}\n{text}"));
            let mut expected = sayings(&all);
            for (row, other) in expected.iter_mut().zip(&all) {
                if other.span == it.span {
                    to.to.clone_into(&mut row.1);
                }
            }
            assert_eq!(sayings(&read(format, &edited)), expected, "{told}");
            let around = text.len() - to.span.len();
            let grown = edited.len() - to.to.len();
            assert!([0, 2].contains(&(grown - around)), "{told}\n{edited}");
            moved += 1;
        }
    }
    moved
}

#[test]
fn ranges_and_tags_move_alone_and_read_back() {
    let to = Version::parse(Scheme::Semver, "7.8.9").unwrap();
    let ranges = alone(|it| match ranged(&it.version, &to) {
        Rewrite::Updated(new) => Move::ranged(it, &new).ok(),
        _ => None,
    });
    let tags = alone(|it| Move::tagged(it, "net/v7.8.9").ok());
    assert!(ranges > 2 && tags > 5, "{ranges} {tags}");
    for (format, text) in cases() {
        for it in read(format, &text) {
            for bad in [
                "a b", "-x", "a..b", "a//b", "x\ny", "a'b", "${x}", "a.lock", "",
            ] {
                assert!(Move::tagged(&it, bad).is_err(), "{bad:?}");
                assert!(Move::ranged(&it, bad).is_err(), "{bad:?}");
            }
            let of_git = !matches!(it.kind, Kind::Image | Kind::Chart);
            assert!(of_git || Move::tagged(&it, "net-v1.0.0").is_err(), "{it:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_text_panics_and_spans_are_exact(text in anything()) {
        check_reading(&text);
    }

    #[test]
    fn no_spoilt_text_panics(case: Index, a: Index, b: Index, put in anything()) {
        let cases = cases();
        let (_, text) = case.get(&cases);
        check_reading(&spoilt(text, (a, a), &put));
        check_reading(&spoilt(text, (a, b), ""));
    }

    #[test]
    fn one_moves_alone_and_once(case: Index, at: Index, to in any_to(Scheme::Semver)) {
        let cases = cases();
        let (format, text) = case.get(&cases);
        let read = read(format, text);
        let moving: Vec<_> = read.iter().filter(|it| it.unmoved().is_none()).collect();
        prop_assume!(!moving.is_empty());
        let it = *at.get(&moving);
        let Some(new) = respelled(&it.version, &to) else {
            prop_assert!(!to.is_final());
            return Ok(());
        };
        let edited = moved_alone(format, text, (&read, it), &new);
        let again = crate::sites::read(format, &edited);
        let same = again.iter().find(|other| other.line == it.line && other.version == new).unwrap();
        let twice = Move::of(same, &new).unwrap();
        prop_assert_eq!(format.moved(&edited, &[twice]).unwrap(), edited);
    }

    #[test]
    fn all_together_are_one_by_one(case: Index, to in any_to(Scheme::Semver)) {
        let cases = cases();
        let (format, text) = case.get(&cases);
        let spelled = |it: &Reference| {
            let new = respelled(&it.version, &to)?;
            Move::of(it, &new).ok()
        };
        let all: Vec<_> = read(format, text).iter().filter_map(spelled).collect();
        let together = format.moved(text, &all).unwrap();
        let mut one_by_one = text.clone();
        for nth in 0..read(format, text).len() {
            let read = read(format, &one_by_one);
            if let Some(to) = spelled(&read[nth]) {
                one_by_one = format.moved(&one_by_one, &[to]).unwrap();
            }
        }
        prop_assert_eq!(together, one_by_one);
    }

    #[test]
    fn a_version_spelled_as_another_keeps_its_words(text in "\\PC{0,12}|(refs/tags/)?v?[0-9]{1,3}(\\.[0-9]{1,2}){0,3}(-?(rc|alpha|slim)\\.?[0-9]?)?", to in any_to(Scheme::Semver)) {
        let new = respelled(&text, &to);
        let said = says(&text);
        prop_assert!(new.is_none() || matches!(said, Says::Version | Says::Variant));
        if let Some(new) = new {
            prop_assert_eq!(says(&new), said);
            prop_assert_eq!(respelled(&new, &to), Some(new.clone()));
            prop_assert_eq!(new.starts_with('v'), text.starts_with('v'));
            let same = Version::parse(Scheme::Semver, text.trim_start_matches("refs/tags/").trim_start_matches('v'));
            let same = same.filter(|_| said == Says::Version);
            prop_assert!(same.is_none_or(|same| respelled(&text, &same) == Some(text)));
        }
    }
}
