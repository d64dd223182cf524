//! Laws of edits in manifests: they commute, they touch nothing else, and what is refused leaves
//! no text.

use cascade_manifest::{Level, Pin, VersionField, verified};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{Case, anything, cases, put, read};

/// The pins of a sample that have bytes of their own.
fn spanned(case: &Case, text: &str) -> Vec<(usize, Pin)> {
    let pins = read(case.format, text).pins.into_iter().enumerate();
    pins.filter(|(_, it)| it.span.is_some()).collect()
}

/// Returns the text in which the pins of these places say something else, edited one by one.
fn one_by_one(case: &Case, edits: &[(usize, String)]) -> String {
    let step = |text: String, (at, to): &(usize, String)| {
        let pin = read(case.format, &text).pins.swap_remove(*at);
        verified(case.format, &text, &[put(pin.span.unwrap(), to)]).unwrap()
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
    for case in cases() {
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
