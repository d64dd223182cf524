//! Laws of edits in manifests: they commute, they touch nothing else, and what is refused leaves
//! no text.

use cascade_manifest::{Form, Level, Pin, Rewrite, Style, Version, VersionField, verified};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{Case, anything, cases, edited, put, read};

/// The pins of a sample that have bytes of their own.
fn spanned(case: &Case, text: &str) -> Vec<(usize, Pin)> {
    let pins = read(case.format, text).pins.into_iter().enumerate();
    pins.filter(|(_, it)| it.span.is_some()).collect()
}

/// Returns the text in which the pins of these places say something else, edited one by one.
fn one_by_one(case: &Case, edits: &[(usize, String)]) -> String {
    let step = |text: String, (at, to): &(usize, String)| {
        let pin = read(case.format, &text).pins.swap_remove(*at);
        verified(case.format, &text, &[put(pin.span.clone().unwrap(), to)])
            .unwrap_or_else(|e| panic!("{}: {e}: {pin:?} -> {to}\n{text}", case.format.name()))
    };
    edits.iter().fold(case.text.clone(), step)
}

/// Returns another text of the same shape: every digit run becomes `digits`.
fn with_digits(requirement: &str, digits: &str) -> String {
    let mut out = String::new();
    for c in requirement.chars() {
        match c {
            '0'..='9' if out.ends_with(digits) => {}
            '0'..='9' => out.push_str(digits),
            c => out.push(c),
        }
    }
    out
}

#[test]
fn edits_commute() {
    let mut pairs = 0;
    // Each sample in two or three of its seven variants: every edit reads the text again.
    for case in cases().into_iter().step_by(3) {
        let pins = spanned(&case, &case.text);
        let edit = |(at, pin): &(usize, Pin), digits| (*at, with_digits(&pin.requirement, digits));
        for (a, b) in pins.iter().zip(pins.iter().skip(1)) {
            let (a, b) = (edit(a, "7"), edit(b, "123"));
            let there = one_by_one(&case, &[a.clone(), b.clone()]);
            let back = one_by_one(&case, &[b.clone(), a.clone()]);
            assert_eq!(there, back, "{}", case.format.name());
            let span = |(at, to): &(usize, String)| {
                let pin = read(case.format, &case.text).pins.swap_remove(*at);
                put(pin.span.unwrap(), to)
            };
            let together = verified(case.format, &case.text, &[span(&b), span(&a)]).unwrap();
            assert_eq!(together, there, "{}", case.format.name());
            pairs += 1;
        }
    }
    assert!(pairs > 50, "{pairs} pairs");
}

#[test]
fn the_version_and_the_pins_move_in_any_order() {
    for case in cases() {
        let manifest = read(case.format, &case.text);
        let Some(VersionField::Static { text, .. }) = manifest.package.map(|it| it.version) else {
            continue;
        };
        let next = cascade_manifest::Version::parse(case.ecosystem.scheme, &text)
            .unwrap()
            .bumped(Level::Minor);
        let bumped = |text: &str| {
            let field = read(case.format, text).package.unwrap().version;
            let VersionField::Static { span, .. } = field else {
                unreachable!("it was static")
            };
            verified(case.format, text, &[put(span, next.text())]).unwrap()
        };
        let pins: Vec<_> = spanned(&case, &case.text)
            .into_iter()
            .map(|(at, pin)| (at, with_digits(&pin.requirement, "9")))
            .collect();
        let first = bumped(&one_by_one(&case, &pins));
        let of_bumped = Case {
            text: bumped(&case.text),
            ..case
        };
        assert_eq!(first, one_by_one(&of_bumped, &pins));
    }
}

#[test]
fn a_commit_and_the_tag_in_its_comment_move_together() {
    let mut moved = 0;
    for case in cases() {
        for (at, pin) in spanned(&case, &case.text) {
            let Form::GitRev {
                comment: Some(comment),
            } = pin.form
            else {
                continue;
            };
            let new = "fedcba9876543210fedcba9876543210fedcba98";
            let splices = [
                put(pin.span.unwrap(), new),
                put(comment.clone(), "v98.76.54"),
            ];
            let text = verified(case.format, &case.text, &splices).unwrap();
            let after = read(case.format, &text).pins.swap_remove(at);
            let Form::GitRev {
                comment: Some(told),
            } = after.form
            else {
                panic!("{}: the comment is lost", case.format.name())
            };
            assert_eq!(
                (after.requirement.as_str(), &text[told]),
                (new, "v98.76.54")
            );
            let back = [put(after.span.unwrap(), &pin.requirement)];
            let back = verified(case.format, &text, &back).unwrap();
            assert_eq!(
                back,
                case.text.replacen(&case.text[comment], "v98.76.54", 1)
            );
            moved += 1;
        }
    }
    assert!(moved > 0, "no sample has one");
}

#[test]
fn the_version_that_members_share_moves_alone_and_reads_back() {
    let mut moved = 0;
    for case in cases() {
        let shared = read(case.format, &case.text).shared_version;
        let Some(VersionField::Static { span, .. }) = shared else {
            continue;
        };
        let new = edited(&case, put(span, "98.76.54"));
        let VersionField::Static { text, .. } = read(case.format, &new).shared_version.unwrap()
        else {
            panic!("it was static")
        };
        assert_eq!(text, "98.76.54");
        moved += 1;
    }
    assert!(moved > 0, "no sample has one");
}

/// Whatever comes out: each pin is moved, kept or refused, and what is not moved keeps its bytes.
#[test]
fn what_is_kept_or_refused_keeps_its_text() {
    let (mut stayed, mut moved) = (0, 0);
    for case in cases() {
        for to in ["0.0.1", "1.0.0", "98.76.54"] {
            let to = Version::parse(case.ecosystem.scheme, to).unwrap();
            let rewrite = |pin: &Pin| {
                case.ecosystem
                    .grammar
                    .rewrite(&pin.requirement, &to, Style::Auto)
            };
            let is_range = |pin: &Pin| pin.form == Form::Range && pin.span.is_some();
            let before = read(case.format, &case.text).pins;
            let outcomes: Vec<_> = before
                .iter()
                .map(|it| is_range(it).then(|| rewrite(it)))
                .collect();
            let splice = |(pin, outcome): (&Pin, &Option<Rewrite>)| match outcome {
                Some(Rewrite::Updated(new)) => Some(put(pin.span.clone().unwrap(), new)),
                _ => None,
            };
            let splices: Vec<_> = before.iter().zip(&outcomes).filter_map(splice).collect();
            let text = verified(case.format, &case.text, &splices).unwrap();
            for ((a, b), outcome) in before
                .iter()
                .zip(read(case.format, &text).pins)
                .zip(outcomes)
            {
                match outcome {
                    Some(Rewrite::Updated(new)) => assert_eq!(b.requirement, new),
                    _ => assert_eq!(b.requirement, a.requirement),
                }
            }
            stayed += before.len() - splices.len();
            moved += splices.len();
            if splices.is_empty() {
                assert_eq!(text, case.text);
            }
        }
    }
    assert!(
        stayed > 100 && moved > 100,
        "{stayed} stayed, {moved} moved"
    );
}

#[test]
fn what_is_nested_too_deep_is_refused_in_words() {
    let deep = [
        "a = ".to_owned() + &"[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "[".repeat(100_000),
    ];
    for format in cascade_manifest::ALL.iter().flat_map(|it| it.formats) {
        for text in &deep {
            if let Err(error) = format.read(text) {
                let said = error.message;
                assert!(
                    !said.is_empty() && said.len() < 300,
                    "{}: {said}",
                    format.name()
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is put into the place of a requirement: either nothing is made of it, or the text
    /// says the same but for that requirement.
    #[test]
    fn an_edit_says_what_it_is_for_or_is_refused(case: Index, pin: Index, to in anything()) {
        let cases = cases();
        let case = case.get(&cases);
        let pins = spanned(case, &case.text);
        if pins.is_empty() {
            return Ok(());
        }
        let (at, pin) = pin.get(&pins);
        let span = pin.span.clone().unwrap();
        let Ok(new) = verified(case.format, &case.text, &[put(span.clone(), &to)]) else {
            return Ok(());
        };
        prop_assert_eq!(new.get(..span.start), case.text.get(..span.start));
        prop_assert!(new.ends_with(case.text.get(span.end..).unwrap()));
        let (before, after) = (read(case.format, &case.text), read(case.format, &new));
        prop_assert_eq!(&after.pins[*at].requirement, &to);
        prop_assert_eq!(after.pins.len(), before.pins.len());
        let names = |it: &cascade_manifest::Manifest| -> Vec<_> {
            it.pins.iter().map(|it| (it.name.clone(), it.kind, it.section.clone())).collect()
        };
        prop_assert_eq!(names(&before), names(&after));
        for (nth, (a, b)) in before.pins.iter().zip(&after.pins).enumerate() {
            prop_assert!(nth == *at || a.requirement == b.requirement);
        }
    }
}
