//! Laws of native rewrites, over bumps that were recorded with the ecosystems' own tools: what is
//! written is what the tool wrote, and where that can not be proven nothing is written.
//!
//! The records are the corpus of the fuzz target `bumps`; the differential program makes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cascade_manifest::{Entry, Fallback, Lock, LockedSource};
use proptest::prelude::*;
use proptest::sample::Index;

use self::recorded::Recorded;
use crate::{anything, spoilt};

#[path = "../../fuzz/recorded.rs"]
mod recorded;

/// A record, and how it is called.
struct Case {
    name: String,
    bump: Recorded,
    format: &'static dyn Lock,
}

impl Case {
    /// Returns what the format makes of a lock, in place of the one recorded.
    fn of(&self, lock: &str) -> Result<String, Fallback> {
        self.bump.rewritten(self.format, lock)
    }

    fn native(&self) -> Result<String, Fallback> {
        self.of(&self.bump.lock)
    }

    /// Returns whether the lock keeps nothing of what moves but a commit.
    fn is_by_commit(&self) -> bool {
        let names = self.bump.moves.iter().map(|it| it.name.clone()).collect();
        let facts = self.format.find(&self.bump.lock, &names).unwrap();
        let mut entries = facts.entries.iter();
        entries.all(|it| it.version.is_none() && matches!(it.source, LockedSource::Git(_)))
    }

    /// Returns the entries of a lock that do not move, what moves named as it is at last.
    fn rest(&self, lock: &str) -> Vec<Entry> {
        let moves: BTreeSet<_> = self.bump.moves.iter().map(|it| it.name.as_str()).collect();
        let mut entries = self.format.entries(lock).unwrap();
        assert!(!entries.is_empty(), "{}", self.name);
        entries.retain(|it| !moves.contains(it.name.as_str()));
        let at = |name: &str, version: &str| format!("({name}@{version})");
        for it in &self.bump.moves {
            let (old, new) = (it.from.as_deref().unwrap_or(&it.to), at(&it.name, &it.to));
            let old = at(&it.name, old);
            let places = entries.iter_mut().map(|it| &mut it.place);
            places.for_each(|it| *it = it.replace(&old, &new));
        }
        entries
    }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/bumps");
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "bump") {
            continue;
        }
        let bump = Recorded::read(&fs::read_to_string(&path).unwrap());
        cases.push(Case {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            format: bump.format().unwrap(),
            bump,
        });
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// The records that are rewritten natively, with what comes out.
fn rewritten() -> Vec<(Case, String)> {
    let native = |it: Case| it.native().ok().map(|text| (it, text));
    cases().into_iter().filter_map(native).collect()
}

#[test]
fn what_is_written_is_what_the_tool_wrote() {
    let mut formats = BTreeSet::new();
    for (case, native) in rewritten() {
        let tool = case.bump.after.as_deref();
        assert_eq!(Some(native.as_str()), tool, "{}", case.name);
        assert_ne!(native, case.bump.lock, "{}", case.name);
        formats.insert(case.format.file_name());
    }
    let known = cascade_manifest::ALL.iter().flat_map(|it| it.locks);
    let known = known.copied().chain([cascade_manifest::helm::CHART_LOCK]);
    for name in known.map(Lock::file_name) {
        assert!(formats.contains(name), "`{name}` has no record");
    }
}

#[test]
fn twice_is_once() {
    for (case, native) in rewritten() {
        assert_eq!(case.of(&native).as_ref(), Ok(&native), "{}", case.name);
    }
}

#[test]
fn moves_commute() {
    let mut sets = 0;
    for (mut case, native) in rewritten() {
        case.bump.moves.reverse();
        sets += usize::from(case.bump.moves.len() > 1);
        assert_eq!(case.native().as_ref(), Ok(&native), "{}", case.name);
    }
    assert!(sets > 2, "{sets} sets");
}

#[test]
fn a_lock_is_out_of_step_before_and_in_step_after() {
    for (case, native) in rewritten() {
        let before = case.format.discords(&case.bump.lock, &case.bump.files);
        // Which tag a bare commit is of stands in no text.
        let told = !before.unwrap().is_empty();
        assert!(told || case.is_by_commit(), "{}", case.name);
        let after = case.format.discords(&native, &case.bump.files);
        assert_eq!(after.unwrap(), [], "{}", case.name);
    }
}

#[test]
fn a_manifest_that_can_not_be_read_is_named() {
    let mut named = BTreeSet::new();
    for mut case in cases() {
        if case.format.file_name() == "pnpm-lock.yaml" {
            let files = &mut case.bump.files;
            files.entry("pnpm-workspace.yaml".to_owned()).or_default();
        }
        for (path, text) in &case.bump.files {
            let mut files = case.bump.files.clone();
            files.insert(path.clone(), format!("{text}\n[(\n{{ \"\n"));
            let name = path.rsplit('/').next().unwrap();
            let mut formats = cascade_manifest::ALL
                .iter()
                .filter_map(|it| it.format(name));
            let broken = formats.any(|it| it.read(&files[path]).is_err());
            let told = case.format.discords(&case.bump.lock, &files);
            let told = told.map_err(|it| it.beside);
            if broken && !path.contains('/') {
                assert_eq!(told, Err(Some(path.clone())), "{}", case.name);
                named.insert(path.clone());
            } else if let Err(beside) = told {
                assert_eq!(beside.as_ref(), Some(path), "{}", case.name);
            }
        }
    }
    for path in [
        "Cargo.toml",
        "go.mod",
        "package.json",
        "pnpm-workspace.yaml",
        "pyproject.toml",
    ] {
        assert!(named.contains(path), "{path}");
    }
}

#[test]
fn a_lock_without_its_project_is_not_in_step() {
    let manifests = [
        (
            "Cargo.toml",
            "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[dependencies]\nx = \"1\"\n",
        ),
        (
            "pyproject.toml",
            "[project]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"x==1\"]\n",
        ),
        (
            "package.json",
            "{\"name\": \"a\", \"version\": \"1.0.0\", \"dependencies\": {\"x\": \"1.0.0\"}}",
        ),
        (
            "go.mod",
            "module example.org/a\n\nrequire example.org/x v1.0.0\n",
        ),
    ];
    let files = manifests.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let files = std::collections::BTreeMap::from(files);
    for (name, text) in [
        ("Cargo.lock", "version = 4\n"),
        ("uv.lock", "version = 1\nrequires-python = \">=3.9\"\n"),
        ("poetry.lock", "[metadata]\nlock-version = \"2.1\"\n"),
        (
            "package-lock.json",
            "{\"lockfileVersion\": 3, \"packages\": {}}",
        ),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n"),
        ("yarn.lock", "__metadata:\n  version: 8\n"),
        ("go.sum", ""),
    ] {
        let mut formats = cascade_manifest::ALL.iter().filter_map(|it| it.lock(name));
        let told = formats.next().unwrap().discords(text, &files);
        assert!(told.is_ok_and(|it| !it.is_empty()), "{name}");
    }
}

#[test]
fn what_a_tool_wrote_is_in_step() {
    for case in cases() {
        if let Some(after) = &case.bump.after {
            let discords = case.format.discords(after, &case.bump.files);
            assert_eq!(discords.unwrap(), [], "{}", case.name);
        }
    }
}

#[test]
fn only_what_moves_moves() {
    for (case, native) in rewritten() {
        assert_eq!(
            case.rest(&case.bump.lock),
            case.rest(&native),
            "{}",
            case.name
        );
        let was = case.format.entries(&case.bump.lock).unwrap();
        for it in &case.bump.moves {
            let held = case.format.entries(&native).unwrap();
            let fits = |entry: &Entry| {
                let version = entry.version.trim_start_matches('v');
                let moved = version == it.to || (version.is_empty() && !was.contains(entry));
                entry.name == it.name && moved
            };
            assert!(held.iter().any(fits), "{}: {}", case.name, it.name);
        }
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_stay_or_nothing_is_written() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let bom = |text: &str| format!("\u{feff}{text}");
    for (case, native) in rewritten() {
        for spell in [&crlf as &dyn Fn(&str) -> String, &bom] {
            if let Ok(new) = case.of(&spell(&case.bump.lock)) {
                assert_eq!(new, spell(&native), "{}", case.name);
            }
        }
    }
}

#[test]
fn without_an_answer_nothing_is_written_that_the_tool_would_not() {
    for (mut case, native) in rewritten() {
        for question in case.bump.facts.keys().cloned().collect::<Vec<_>>() {
            let answer = case.bump.facts.remove(&question).unwrap();
            if let Ok(new) = case.native() {
                assert_eq!(new, native, "{} without {question}", case.name);
            }
            case.bump.facts.insert(question, answer);
        }
    }
}

#[test]
fn a_reason_is_plain() {
    let mut reasons = 0;
    for case in cases() {
        if let Err(Fallback(reason)) = case.native() {
            let starts = reason.starts_with(|c: char| !c.is_uppercase());
            assert!(starts && !reason.ends_with('.'), "{}: {reason}", case.name);
            assert!((10..200).contains(&reason.len()), "{}: {reason}", case.name);
            reasons += 1;
        }
    }
    assert!(reasons > 5, "{reasons} reasons");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_spoilt_lock_or_answer_never_panics_and_settles(
        case: Index, fact: Index, a: Index, b: Index, put in anything()
    ) {
        let mut cases = cases();
        let nth = case.index(cases.len());
        let case = cases.get_mut(nth).unwrap();
        for lock in [spoilt(&case.bump.lock, (a, b), &put), spoilt(&case.bump.lock, (a, a), &put)] {
            if let Ok(new) = case.of(&lock) {
                let twice = case.of(&new);
                prop_assert_eq!(twice, Ok(new), "{}", case.name);
            }
        }
        let questions: Vec<_> = case.bump.facts.keys().cloned().collect();
        if questions.is_empty() {
            return Ok(());
        }
        let question = fact.get(&questions);
        let answer = String::from_utf8_lossy(&case.bump.facts[question]).into_owned();
        for spoilt in [spoilt(&answer, (a, b), &put), put] {
            case.bump.facts.insert(question.clone(), spoilt.as_bytes().into());
            if let Ok(new) = case.native() {
                prop_assert!(case.format.entries(&new).is_ok(), "{}", case.name);
            }
        }
    }
}
