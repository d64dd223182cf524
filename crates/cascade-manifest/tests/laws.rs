//! Laws that every registered format, grammar and lock keeps. A new one needs samples here, and
//! nothing else.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "tests; the lint's own exemption does not reach the functions beside them"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cascade_manifest::{
    ALL, Ask, Bump, Ecosystem, Facts, Fallback, Form, Format, Keep, Level, Lock, LockFacts,
    Manifest, Pin, Rewrite, Scheme, Splice, Style, Version, VersionField, line_of, verified,
};
use proptest::prelude::*;
use proptest::sample::Index;

#[path = "laws/edits.rs"]
mod edits;
#[path = "laws/rewrites.rs"]
mod rewrites;
#[path = "laws/samples.rs"]
mod samples;
#[path = "laws/sites.rs"]
mod sites;
#[path = "laws/traps.rs"]
mod traps;

use samples::{LOCKS, MANIFESTS};
use traps::TRAPS;

const STYLES: [Style; 4] = [Style::Auto, Style::Exact, Style::Floor, Style::Widen];

/// A registered format and one of its samples, as it stands and as editors and systems leave it.
struct Case {
    ecosystem: &'static Ecosystem,
    format: &'static dyn Format,
    text: String,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for ecosystem in ALL {
        for format in ecosystem.formats {
            for text in samples_of(format.name()).iter().flat_map(|it| variants(it)) {
                cases.push(Case {
                    ecosystem,
                    format: *format,
                    text,
                });
            }
        }
    }
    cases
}

fn samples_of(format: &str) -> Vec<&'static str> {
    let found = MANIFESTS.iter().find(|(name, _)| *name == format);
    let (_, samples) = found.unwrap_or_else(|| panic!("`{format}` has no samples"));
    let traps = TRAPS.iter().filter(|it| it.format == format);
    let mut all: Vec<_> = traps
        .map(|it| it.text)
        .chain(samples.iter().copied())
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn variants(text: &str) -> [String; 7] {
    let crlf = text.replace('\n', "\r\n");
    let mut nth = 0;
    let mixed = text.split_inclusive('\n').map(|line| {
        nth += 1;
        match line.strip_suffix('\n') {
            Some(line) if nth % 2 == 0 => format!("{line}\r\n"),
            _ => line.to_owned(),
        }
    });
    [
        mixed.collect(),
        format!("{text}\n\n"),
        text.to_owned(),
        crlf.clone(),
        format!("\u{feff}{text}"),
        format!("\u{feff}{crlf}"),
        text.trim_end().to_owned(),
    ]
}

fn read(format: &dyn Format, text: &str) -> Manifest {
    format
        .read(text)
        .unwrap_or_else(|e| panic!("{}: {e}\n{text}", format.name()))
}

/// Everything that the manifest says, but for where.
fn sayings(manifest: &Manifest) -> Vec<String> {
    let of = |it: &Pin| {
        let Pin {
            name,
            kind,
            section,
            requirement,
            line,
            source,
            ..
        } = it;
        format!("{line} {name} {kind} {section} {requirement} {source:?}")
    };
    let package = manifest
        .package
        .iter()
        .map(|it| format!("{} {:?}", it.name, it.publish));
    package.chain(manifest.pins.iter().map(of)).collect()
}

fn put(span: std::ops::Range<usize>, to: &str) -> Splice {
    Splice {
        span,
        to: to.to_owned(),
    }
}

/// Returns the edit of one span, checked: it reads back, and no other byte differs.
fn edited(case: &Case, splice: Splice) -> String {
    let (before, rest) = case.text.split_at(splice.span.start);
    let (_, after) = rest.split_at(splice.span.len());
    let expected = format!("{before}{}{after}", splice.to);
    let new = verified(case.format, &case.text, &[splice])
        .unwrap_or_else(|e| panic!("{}: {e}\n{expected}", case.format.name()));
    assert_eq!(new, expected);
    new
}

fn any_to(scheme: Scheme) -> impl Strategy<Value = Version> {
    let finals = "[0-9]\\.(0|[1-9][0-9]?)\\.[0-9]";
    let pres = match scheme {
        Scheme::Pep440 => "[0-9]\\.[0-9]\\.0(rc|a)[1-9]",
        Scheme::Semver => "[0-9]\\.[0-9]\\.0-(rc|alpha)\\.[1-9]",
    };
    prop_oneof![4 => finals, 1 => pres].prop_map(move |it| Version::parse(scheme, &it).unwrap())
}

/// Formats that are programs: read, and never edited.
const READ_ONLY: &[&str] = &["setup.py"];

#[test]
fn every_format_and_lock_has_samples_with_something_in_them() {
    for ecosystem in ALL {
        for format in ecosystem.formats {
            let manifests: Vec<_> = samples_of(format.name())
                .iter()
                .map(|it| read(*format, it))
                .collect();
            let has_span = |it: &Manifest| it.pins.iter().any(|it| it.span.is_some());
            let edited = !READ_ONLY.contains(&format.name());
            assert_eq!(manifests.iter().any(has_span), edited, "{}", format.name());
            assert!(
                manifests.iter().any(|it| !it.pins.is_empty()),
                "{}",
                format.name()
            );
        }
        for lock in ecosystem.locks {
            assert!(
                LOCKS.iter().any(|it| it.file == lock.file_name()),
                "{}",
                lock.file_name()
            );
        }
    }
}

#[test]
fn spans_cover_what_they_say_and_lines_count_from_there() {
    for case in cases() {
        let manifest = read(case.format, &case.text);
        for pin in &manifest.pins {
            if let Some(span) = pin.span.clone() {
                assert_eq!(
                    &case.text[span.clone()],
                    pin.requirement,
                    "{}",
                    case.format.name()
                );
                assert_eq!(line_of(&case.text, span.start), pin.line, "{pin:?}");
            }
            if let Form::GitRev {
                comment: Some(span),
            } = &pin.form
            {
                assert!(
                    case.text[..span.start]
                        .lines()
                        .last()
                        .unwrap()
                        .contains('#')
                );
            }
        }
        let versions = manifest.package.map(|it| it.version).into_iter();
        for version in versions.chain(manifest.shared_version) {
            if let VersionField::Static { text, span } = version {
                assert_eq!(&case.text[span], text, "{}", case.format.name());
            }
        }
    }
}

#[test]
fn line_ends_a_byte_order_mark_and_the_final_newline_change_no_meaning() {
    for ecosystem in ALL {
        for format in ecosystem.formats {
            for sample in samples_of(format.name()) {
                let plain = sayings(&read(*format, sample));
                for variant in variants(sample) {
                    assert_eq!(sayings(&read(*format, &variant)), plain, "{variant:?}");
                }
            }
        }
    }
}

#[test]
fn no_edit_and_an_equal_edit_change_no_byte() {
    for case in cases() {
        let pins = read(case.format, &case.text).pins;
        let same = pins
            .into_iter()
            .filter_map(|it| Some(put(it.span?, &it.requirement)));
        let splices: Vec<_> = same.collect();
        assert_eq!(verified(case.format, &case.text, &[]).unwrap(), case.text);
        assert_eq!(
            verified(case.format, &case.text, &splices).unwrap(),
            case.text
        );
    }
}

#[test]
fn a_static_version_moves_alone_and_reads_back() {
    for case in cases() {
        let Some(package) = read(case.format, &case.text).package else {
            continue;
        };
        let VersionField::Static { text, span } = package.version else {
            continue;
        };
        let old = Version::parse(case.ecosystem.scheme, &text).unwrap();
        for level in [Level::Patch, Level::Minor, Level::Major] {
            let next = old.bumped(level);
            let new = edited(&case, put(span.clone(), next.text()));
            let VersionField::Static { text, .. } =
                read(case.format, &new).package.unwrap().version
            else {
                panic!("it was static");
            };
            assert_eq!(text, next.text());
        }
    }
}

#[test]
fn a_git_tag_moves_alone_and_reads_back() {
    for case in cases() {
        for pin in read(case.format, &case.text).pins {
            let (Form::GitTag, Some(span)) = (pin.form, pin.span) else {
                continue;
            };
            let new = edited(&case, put(span, "v98.76.54"));
            let pins = read(case.format, &new).pins;
            let moved = pins
                .iter()
                .find(|it| it.requirement == "v98.76.54")
                .unwrap();
            assert_eq!((&moved.name, moved.line), (&pin.name, pin.line));
        }
    }
}

/// Checks the laws of one rewritten requirement; returns the new text.
fn moved(ecosystem: &Ecosystem, requirement: &str, to: &Version, style: Style) -> Option<String> {
    let grammar = ecosystem.grammar;
    let told = || format!("{ecosystem:?} {requirement} -> {to} {style:?}");
    match grammar.rewrite(requirement, to, style) {
        Rewrite::Updated(new) => {
            assert_ne!(new, requirement, "{}", told());
            assert!(grammar.admits(&new, to).unwrap(), "{} {new}", told());
            let again = grammar.rewrite(&new, to, style);
            assert!(
                matches!(again, Rewrite::Kept(_)),
                "{} {new} {again:?}",
                told()
            );
            assert!(grammar.same(&new, &new));
            Some(new)
        }
        Rewrite::Kept(Keep::Admits) => {
            assert!(grammar.admits(requirement, to).unwrap(), "{}", told());
            None
        }
        Rewrite::Kept(Keep::InStep | Keep::Unbounded) | Rewrite::Refused(_) => None,
    }
}

/// Moves the pins of a sample, one by one and together.
fn check_moves(case: &Case, to: &Version, style: Style) {
    let mut together = Vec::new();
    for pin in read(case.format, &case.text).pins {
        let (Form::Range, Some(span)) = (pin.form, pin.span) else {
            continue;
        };
        let Some(new) = moved(case.ecosystem, &pin.requirement, to, style) else {
            continue;
        };
        let text = edited(case, put(span.clone(), &new));
        let back = read(case.format, &text).pins;
        let fits = |it: &Pin| it.name == pin.name && it.requirement == new;
        assert!(back.iter().any(fits), "{text}");
        together.push(put(span, &new));
    }
    let all = verified(case.format, &case.text, &together).unwrap();
    for pin in read(case.format, &all).pins {
        if pin.form == Form::Range && pin.span.is_some() {
            let again = case.ecosystem.grammar.rewrite(&pin.requirement, to, style);
            assert!(!matches!(again, Rewrite::Updated(_)), "{pin:?} {again:?}");
        }
    }
}

/// A text that people, merges and machines make of a sample.
fn spoilt(sample: &str, cut: (Index, Index), put: &str) -> String {
    let boundaries: Vec<_> = (0..=sample.len())
        .filter(|at| sample.is_char_boundary(*at))
        .collect();
    let (a, b) = (*cut.0.get(&boundaries), *cut.1.get(&boundaries));
    let (before, rest) = sample.split_at(a.min(b));
    let (_, after) = rest.split_at(a.abs_diff(b));
    format!("{before}{put}{after}")
}

fn anything() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,60}",
        "[\\[\\]{}\"'#=:,.\\\\\n\r a-c0-9<>~^!*|;@/-]{0,40}",
        Just("\u{feff}".to_owned()),
        Just("[".repeat(5000)),
        Just("a.".repeat(5000)),
        Just("{\"a\":".repeat(5000)),
    ]
}

/// Reads, and holds what was read to its spans.
fn check_reading(text: &str) {
    for format in ALL.iter().flat_map(|it| it.formats) {
        let Ok(manifest) = format.read(text) else {
            continue;
        };
        for pin in &manifest.pins {
            if let Some(span) = pin.span.clone() {
                assert_eq!(
                    text.get(span),
                    Some(pin.requirement.as_str()),
                    "{}",
                    format.name()
                );
            }
        }
        assert_eq!(verified(*format, text, &[]).unwrap(), text);
    }
}

fn any_sample() -> impl Strategy<Value = String> {
    let manifests = MANIFESTS.iter().flat_map(|(_, samples)| samples.iter());
    let texts: Vec<_> = manifests.flat_map(|it| variants(it)).collect();
    prop::sample::select(texts)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn reading_any_text_never_panics(text in anything()) {
        check_reading(&text);
    }

    #[test]
    fn reading_a_spoilt_text_never_panics(
        sample in any_sample(), a: Index, b: Index, put in anything()
    ) {
        check_reading(&spoilt(&sample, (a, a), &put));
        check_reading(&spoilt(&sample, (a, b), &put));
        check_reading(&spoilt(&sample, (a, b), ""));
    }

    #[test]
    fn pins_move_alone_and_once(
        case: Index, python in any_to(Scheme::Pep440), other in any_to(Scheme::Semver),
        style in prop::sample::select(&STYLES[..])
    ) {
        let cases = cases();
        let case = case.get(&cases);
        let to = if case.ecosystem.scheme == Scheme::Pep440 { &python } else { &other };
        check_moves(case, to, style);
    }

    #[test]
    fn any_requirement_is_kept_refused_or_moved_within_the_law(
        text in "(\\PC{0,16}|[<>=~^! ]{0,3}[0-3](\\.[0-3x*]){0,3}((, ?| | \\|\\| )[<>=~^!]{1,2}[0-4](\\.[0-3]){0,2}){0,2})",
        python in any_to(Scheme::Pep440), other in any_to(Scheme::Semver),
        style in prop::sample::select(&STYLES[..])
    ) {
        for ecosystem in ALL {
            let to = if ecosystem.scheme == Scheme::Pep440 { &python } else { &other };
            moved(ecosystem, &text, to, style);
            prop_assert!(ecosystem.grammar.same(&text, &text));
            if let Ok(Some(named)) = ecosystem.grammar.named(&text) {
                prop_assert_eq!(named.scheme(), ecosystem.scheme);
            }
        }
    }

    #[test]
    fn locks_never_panic(text in anything(), a: Index, b: Index, rows in samples::rows()) {
        let names = samples::names();
        for (lock, sample) in locks() {
            let written = (sample.written)(&rows);
            for it in [text.clone(), spoilt(&written, (a, b), &text), spoilt(&written, (a, b), "")] {
                if let Ok(facts) = lock.find(&it, &names) {
                    prop_assert!(facts.entries.iter().all(|it| names.contains(&it.name)));
                }
            }
        }
    }

    #[test]
    fn a_lock_as_its_tool_writes_it_reads_as_any_other_spelling_of_it(rows in samples::rows()) {
        let names = samples::names();
        for (lock, sample) in locks() {
            let expected: BTreeSet<_> = rows
                .iter()
                .filter(|(name, _)| names.contains(*name))
                .map(|(name, version)| (name.clone(), Some(version.clone())))
                .collect();
            let written = (sample.written)(&rows);
            let other = unplaced(lock.find(&(sample.respelled)(&rows), &names).unwrap());
            for text in [&written, &written.replace('\n', "\r\n"), &format!("\u{feff}{written}")] {
                let facts = lock.find(text, &names).unwrap();
                let found: BTreeSet<_> =
                    facts.entries.iter().map(|it| (it.name.clone(), it.version.clone())).collect();
                prop_assert_eq!(&found, &expected, "{}", lock.file_name());
                for it in &facts.entries {
                    let line = text.lines().nth(it.line - 1).unwrap_or_default();
                    prop_assert!(line.contains(&it.name), "{} {it:?}\n{text}", lock.file_name());
                }
                prop_assert_eq!(&unplaced(facts), &other, "{}\n{}", lock.file_name(), text);
            }
        }
    }

    #[test]
    fn a_lock_in_which_nothing_moves_stays_or_is_refused(
        rows in samples::rows(), text in anything(), a: Index, b: Index
    ) {
        for (lock, sample) in locks() {
            let written = (sample.written)(&rows);
            let crlf = written.replace('\n', "\r\n");
            for it in [&written, &crlf, &spoilt(&written, (a, b), &text)] {
                if let Ok(same) = unmoved(lock, it) {
                    prop_assert_eq!(&same, it, "{}", lock.file_name());
                }
            }
        }
    }

    #[test]
    fn the_entries_of_a_lock_are_its_packages_in_any_spelling(rows in samples::rows()) {
        for (lock, sample) in locks() {
            let written = lock.entries(&(sample.written)(&rows)).unwrap();
            let crlf = lock.entries(&(sample.written)(&rows).replace('\n', "\r\n")).unwrap();
            prop_assert_eq!(&crlf, &written, "{}", lock.file_name());
            prop_assert!(written.is_sorted());
            let packages: BTreeSet<_> =
                written.into_iter().map(|it| (it.name, it.version)).collect();
            for (name, version) in &rows {
                let it = (name.clone(), version.clone());
                prop_assert!(packages.is_empty() || packages.contains(&it), "{it:?}");
            }
        }
    }
}

/// Returns the facts without the lines, which every spelling has others of.
fn unplaced(mut facts: LockFacts) -> LockFacts {
    for it in &mut facts.entries {
        it.line = 0;
    }
    facts
}

/// Nothing needs to be asked where nothing moves.
struct Nobody;

impl Facts for Nobody {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        panic!("{question:?}")
    }
}

fn unmoved(lock: &dyn Lock, text: &str) -> Result<String, Fallback> {
    let nothing = Bump {
        moves: &[],
        own: &[],
        files: &BTreeMap::new(),
        facts: &Nobody,
    };
    lock.rewrite(text, &nothing)
}

fn locks() -> Vec<(&'static dyn Lock, &'static samples::LockSample)> {
    let locks = ALL.iter().flat_map(|it| it.locks.iter().copied());
    let with = |lock: &'static dyn Lock| {
        let sample = LOCKS.iter().find(|it| it.file == lock.file_name()).unwrap();
        (lock, sample)
    };
    locks.map(with).collect()
}

#[test]
fn a_merge_that_is_not_resolved_is_no_manifest() {
    for case in cases() {
        let side = &case.text;
        let text = format!("{side}\n<<<<<<< ours\n=======\n{side}\n>>>>>>> theirs\n");
        let told = case.format.read(&text).map_err(|it| it.message);
        let told = told.expect_err(case.format.name());
        assert!(told.contains("merge"), "{}: {told}", case.format.name());
    }
}
