//! Laws of what is held by a digest or a commit: both move together, or what names no version alone.

use cascade_manifest::deploy::{DeployFormat, Hold, Move, Reference, Unmoved, respelled};
use cascade_manifest::{Scheme, Version};
use proptest::prelude::*;
use proptest::sample::Index;

use super::{cases, read};
use crate::any_to;

/// Every held reference of every sample that can move.
fn moving() -> Vec<(&'static DeployFormat, String, Reference)> {
    let of = |(format, text): (&'static DeployFormat, String)| {
        let held = read(format, &text).into_iter();
        let held = held.filter(|it| it.held.is_some() && it.stays().is_none());
        held.map(move |it| (format, text.clone(), it))
            .collect::<Vec<_>>()
    };
    cases().into_iter().flat_map(of).collect()
}

/// The digest or commit of these digits, as the old one is written.
fn hold(it: &Reference, digits: &str) -> String {
    match it.held.as_ref().map(|it| it.by) {
        Some(Hold::Digest) => format!("sha256:{digits}"),
        _ => digits.chars().take(40).collect(),
    }
}

/// The version that it shall say, and the move.
fn wanted(it: &Reference, digits: &str, to: &Version) -> Option<(String, Move)> {
    let new = if it.version.is_empty() {
        String::new()
    } else {
        respelled(&it.version, to)?
    };
    let moved = Move::held(it, &new, &hold(it, digits)).unwrap();
    Some((new, moved))
}

/// Returns the text with other bytes in these places.
fn put(text: &str, places: &[(std::ops::Range<usize>, &str)]) -> String {
    let mut places = places.to_vec();
    places.sort_by_key(|it| std::cmp::Reverse(it.0.start));
    places
        .into_iter()
        .fold(text.to_owned(), |text, (span, to)| {
            format!("{}{to}{}", &text[..span.start], &text[span.end..])
        })
}

/// What every reference says, but for where.
fn sayings(read: &[Reference]) -> Vec<(String, String, Option<String>, usize)> {
    let held = |it: &Reference| it.held.as_ref().map(|it| it.text.clone());
    let of = |it: &Reference| (it.name.clone(), it.version.clone(), held(it), it.line);
    read.iter().map(of).collect()
}

#[test]
fn every_format_that_can_hold_has_what_moves_with_its_hold() {
    let all = moving();
    for name in [
        ".gitlab-ci.yml",
        ".pre-commit-config.yaml",
        "Dockerfile",
        "Terraform",
        "compose.yaml",
        "kustomization.yaml",
        "manifest",
        "values.yaml",
        "workflow",
    ] {
        let of = all.iter().filter(|it| it.0.name == name);
        let (with, alone): (Vec<_>, Vec<_>) = of.partition(|it| !it.2.version.is_empty());
        assert!(!with.is_empty(), "{name}: none with a version");
        assert!(!alone.is_empty(), "{name}: none without a version");
    }
}

#[test]
fn what_is_held_never_moves_without_its_hold() {
    let two = Version::parse(Scheme::Semver, "2.1.0").unwrap();
    for (format, text, it) in moving() {
        let by = it.held.as_ref().unwrap().by;
        let why = [Unmoved::Digest, Unmoved::Commit][usize::from(by == Hold::Commit)].clone();
        assert_eq!(it.unmoved(), Some(why.clone()));
        assert_eq!(Move::of(&it, "v2.1.0"), Err(why));
        let (_, mut to) = wanted(&it, &"ab".repeat(32), &two).unwrap();
        to.held = None;
        assert!(format.moved(&text, &[to]).is_err(), "{it:?}");
    }
}

#[test]
fn what_nothing_holds_and_what_is_no_hold_is_refused() {
    for (format, text) in cases() {
        for it in read(format, &text) {
            let new = Move::held(&it, &it.version, &hold(&it, &"ab".repeat(32)));
            let why = match it.held {
                None => Some(Unmoved::Unheld),
                Some(_) => it.stays(),
            };
            assert_eq!(new.err(), why, "{it:?}");
            for odd in ["", "v2.1.0", "sha256:", "sha256:zz", "abc", "a b", "\n"] {
                assert!(Move::held(&it, &it.version, odd).is_err(), "{odd} {it:?}");
            }
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
    fn a_version_and_its_hold_move_alone_and_once(at: Index, digits in "[0-9a-f]{64}", to in any_to(Scheme::Semver)) {
        let all = moving();
        let (format, text, it) = at.get(&all);
        let Some((new, to)) = wanted(it, &digits, &to) else { return Ok(()) };
        let hold = to.held.clone().unwrap();
        let edited = format.moved(text, std::slice::from_ref(&to)).unwrap();
        let held = it.held.as_ref().unwrap();
        let mut places = vec![(held.span.clone().unwrap(), hold.as_str())];
        places.extend(it.span.clone().map(|span| (span, new.as_str())));
        let bare = put(text, &places);
        let quoted = format!("\"{new}\"");
        places[1..].iter_mut().for_each(|it| it.1 = &quoted);
        prop_assert!(edited == bare || edited == put(text, &places), "{}", edited);

        let before = read(format, text);
        let mut expected = sayings(&before);
        for (row, other) in expected.iter_mut().zip(&before) {
            if other.held.as_ref().and_then(|it| it.span.as_ref()) == held.span.as_ref() {
                row.1.clone_from(&new);
                row.2 = Some(hold.clone());
            }
        }
        let again = read(format, &edited);
        prop_assert_eq!(sayings(&again), expected);
        let same = again.iter().find(|it| it.held.as_ref().is_some_and(|it| it.text == hold)).unwrap();
        let twice = Move::held(same, &new, &hold).unwrap();
        prop_assert_eq!(format.moved(&edited, &[twice]).unwrap(), edited);
    }

    #[test]
    fn held_and_free_move_together_as_one_by_one(case: Index, digits in "[0-9a-f]{64}", to in any_to(Scheme::Semver)) {
        let cases = cases();
        let (format, text) = case.get(&cases);
        let any = |it: &Reference| match &it.held {
            Some(_) if it.stays().is_none() => Some(wanted(it, &digits, &to)?.1),
            Some(_) => None,
            None => Move::of(it, &respelled(&it.version, &to)?).ok(),
        };
        let all: Vec<_> = read(format, text).iter().filter_map(any).collect();
        let together = format.moved(text, &all).unwrap();
        let mut one_by_one = text.clone();
        for nth in 0..read(format, text).len() {
            if let Some(to) = any(&read(format, &one_by_one)[nth]) {
                one_by_one = format.moved(&one_by_one, &[to]).unwrap();
            }
        }
        prop_assert_eq!(together, one_by_one);
    }
}
