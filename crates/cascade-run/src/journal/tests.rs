use cascade_plan::{Fate, Said};
use proptest::prelude::*;

use super::*;

fn entries(count: usize) -> Vec<Entry> {
    let event = |n| Event::Ended {
        repo: RepoId::new(format!("r{n}")),
        fate: Fate::Nothing,
    };
    let told = |n| match n % 3 {
        0 => Told::Happened { event: event(n) },
        1 => Told::Pushes {
            repo: RepoId::new("é \n\"x"),
            refs: Vec::new(),
        },
        _ => Told::Ended,
    };
    let entry = |n: usize| Entry {
        at: i64::try_from(n).unwrap(),
        what: told(n),
    };
    (0..count).map(entry).collect()
}

/// Returns the bytes of a journal that says this, and where each of its lines ends.
fn text(entries: &[Entry]) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut ends, mut chain) = (Vec::new(), vec![0], 0);
    for entry in entries {
        let (line, next) = line::written(entry, chain).unwrap();
        bytes.extend(line.as_bytes());
        ends.push(bytes.len());
        chain = next;
    }
    (bytes, ends)
}

proptest! {
    /// Wherever it is cut off, all whole lines are believed and nothing else is.
    #[test]
    fn a_torn_line_takes_nothing_with_it(count in 0_usize..8, cut in any::<prop::sample::Index>()) {
        let all = entries(count);
        let (bytes, ends) = text(&all);
        let cut = cut.index(bytes.len() + 1);
        let whole = line::parse::<Entry>(&bytes[..cut]);
        let lines = ends.iter().filter(|it| **it <= cut).count() - 1;
        prop_assert_eq!(&whole.entries, &all[..lines]);
        prop_assert_eq!(whole.end, ends[lines] as u64);
        prop_assert_eq!(whole.torn, ends[lines] != cut);
    }

    /// A line that was changed, taken out or put there twice is never believed.
    #[test]
    fn what_was_changed_is_not_believed(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let all = entries(6);
        let (mut bytes, ends) = text(&all);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let before = ends.iter().filter(|it| **it <= at).count() - 1;
        prop_assert_eq!(line::parse::<Entry>(&bytes).entries, &all[..before]);
    }

    #[test]
    fn a_line_missing_or_twice_ends_it(which in 0_usize..5) {
        let all = entries(6);
        let (bytes, ends) = text(&all);
        let (from, to) = (ends[which], ends[which + 1]);
        let missing = [&bytes[..from], &bytes[to..]].concat();
        let twice = [&bytes[..to], &bytes[from..]].concat();
        prop_assert_eq!(line::parse::<Entry>(&missing).entries, &all[..which]);
        prop_assert_eq!(line::parse::<Entry>(&twice).entries, &all[..=which]);
    }
}

fn word(reason: &str) -> Word {
    Word {
        repo: RepoId::new("lib"),
        said: Said::Hold {
            reason: reason.to_owned(),
        },
        by: "max@desk".to_owned(),
        at: 1,
    }
}

/// Whatever a crash left of the words, and however often they are heard: each is in the journal
/// once, in the order in which they were said.
#[test]
fn words_are_heard_once_and_in_order() {
    use std::io::Write as _;
    let dir = tempfile::tempdir().unwrap();
    words::say(dir.path(), &word("a")).unwrap();
    let file = OpenOptions::new()
        .append(true)
        .open(dir.path().join(words::WORDS));
    file.unwrap().write_all(b"0badc0de {\"at\":").unwrap();
    words::say(dir.path(), &word("b")).unwrap();
    let path = dir.path().join(JOURNAL);
    let heard = || {
        let entries = line::read::<Entry>(&path).unwrap().entries.into_iter();
        entries.filter_map(|it| match it.what {
            Told::Steered { word } => Some(word),
            _ => None,
        })
    };
    let journal = Journal::open(&path).unwrap();
    assert!(journal.hear().unwrap().holds(&RepoId::new("lib")));
    words::say(dir.path(), &word("c")).unwrap();
    journal.hear().unwrap();
    drop(journal);
    Journal::open(&path).unwrap().hear().unwrap();
    let want = ["a", "b", "c"].map(word);
    assert_eq!(heard().collect::<Vec<_>>(), want);
}

#[test]
fn a_journal_goes_on_behind_what_a_crash_left_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(JOURNAL);
    let journal = Journal::open(&path).unwrap();
    journal.end();
    drop(journal);
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend_from_slice(b"0badc0de {\"at\":");
    fs::rename(dir.path().join(JOURNAL), dir.path().join("old")).unwrap();
    crate::save(&path, &String::from_utf8(bytes).unwrap(), Overwrite::Never).unwrap();
    let journal = Journal::open(&path).unwrap();
    journal.end();
    let whole = line::read::<Entry>(&path).unwrap();
    assert_eq!(whole.entries.len(), 2);
    assert!(!whole.torn);
}
