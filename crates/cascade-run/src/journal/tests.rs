use cascade_plan::Fate;
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
        let whole = line::parse(&bytes[..cut]);
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
        prop_assert_eq!(line::parse(&bytes).entries, &all[..before]);
    }

    #[test]
    fn a_line_missing_or_twice_ends_it(which in 0_usize..5) {
        let all = entries(6);
        let (bytes, ends) = text(&all);
        let (from, to) = (ends[which], ends[which + 1]);
        let missing = [&bytes[..from], &bytes[to..]].concat();
        let twice = [&bytes[..to], &bytes[from..]].concat();
        prop_assert_eq!(line::parse(&missing).entries, &all[..which]);
        prop_assert_eq!(line::parse(&twice).entries, &all[..=which]);
    }
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
    let whole = line::read(&path).unwrap();
    assert_eq!(whole.entries.len(), 2);
    assert!(!whole.torn);
}
