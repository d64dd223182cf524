//! What holds for any text: shared by the fuzz targets and by the test that replays their corpus.

use cascade_manifest::{ALL, Level, Version};
use cascade_plan::drift::history::History;
use cascade_plan::hook::{RefChange, pre_push, pre_receive};
use cascade_plan::policy::{Deed, deeds_of_argv, deeds_of_script};
use cascade_plan::{Commit, Graph, Oid, TagTemplate, declare, next_version, read_level, shell};

/// A text is a whole declaration, and then a graph, or everything wrong with it stands inside it.
pub(crate) fn declaration(text: &str) {
    match declare(text) {
        Ok(declared) => {
            let repos = declared.repos.len();
            let graph = Graph::build(declared).unwrap_or_else(|e| panic!("declared: {e}"));
            assert_eq!(graph.order().len(), repos);
        }
        Err(faults) => {
            assert!(!faults.errors().is_empty());
            assert!(faults.errors().iter().all(|it| !it.to_string().is_empty()));
        }
    }
}

/// Commits, parted by lines of `---`: the level is that of the strongest evidence, and no version
/// goes back.
pub(crate) fn commits(text: &str) {
    let parse = |message: &str| Commit {
        id: Oid::parse("0123456789abcdef0123456789abcdef01234567").unwrap(),
        message: message.to_owned(),
        merge: false,
        time: 0,
    };
    let commits: Vec<_> = text.split("\n---\n").map(parse).collect();
    let (level, evidence, named) = read_level(commits.iter());
    let strongest = evidence.iter().map(|it| it.level).max();
    assert_eq!(level, strongest.unwrap_or(Level::None));
    assert!(named.is_none_or(|it| !it.is_empty()));
    for ecosystem in ALL {
        let from = Version::parse(ecosystem.scheme, "0.4.2").unwrap();
        let next = next_version(ecosystem, &from, level);
        assert!(next >= from && next.numbers()[0] == 0, "{next}");
    }
}

/// A text for a shell: it is read, whatever it says; what stands between quotes does nothing; and who
/// hands it to a shell as a word does what it does.
pub(crate) fn commands(text: &str) {
    let deeds = deeds_of_script(text, "");
    assert_eq!(deeds, deeds_of_script(text, ""), "read alike twice");
    let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let _ = deeds_of_argv(&words, "");
    let is_upload = |deed: &Deed| matches!(deed, Deed::Upload(_));
    for word in [shell::word(text), shell::quoted(text)] {
        let said = deeds_of_script(&format!("echo {word}"), "");
        assert!(!said.done.iter().any(|it| is_upload(&it.deed)), "{word}");
    }
    // Beyond that only that is told which could be read.
    if text.len() > 200 {
        return;
    }
    let argv = ["sh", "-c", text].map(str::to_owned);
    let handed = deeds_of_argv(&argv, "");
    for it in deeds.done.iter().filter(|it| is_upload(&it.deed)) {
        let found = handed.done.iter().any(|other| other.deed == it.deed);
        let unclear = |it: &cascade_plan::policy::Done| matches!(it.deed, Deed::Unclear(_));
        assert!(found || handed.done.iter().any(unclear), "{it:?} in {text}");
    }
}

/// What git says to hooks of a push: every line is read by itself, as it is read among others, and no
/// name has an end of line or a space in it.
pub(crate) fn pushes(text: &str) {
    type Read = fn(&[u8]) -> Result<Vec<RefChange>, cascade_plan::hook::NotALine>;
    for read in [pre_push as Read, pre_receive] {
        let whole = read(text.as_bytes());
        let lines = text.split('\n').filter(|it| !it.is_empty());
        let alone: Result<Vec<_>, _> = lines.map(|it| read(it.as_bytes())).collect();
        match (&whole, alone) {
            (Ok(whole), Ok(alone)) => assert_eq!(*whole, alone.concat()),
            (Err(fault), Err(_)) => assert!(fault.number <= text.split('\n').count()),
            (whole, alone) => panic!("{whole:?}, and by themselves {alone:?}"),
        }
        for change in whole.into_iter().flatten() {
            assert!(!change.name.contains([' ', '\n']), "{change:?}");
            let _ = (change.change(), change.place());
        }
    }
}

/// A template on the first line, another on the second, a tag on the third: a version goes into a
/// tag and comes out again, and what both claim collides.
pub(crate) fn templates(text: &str) {
    let mut lines = text.splitn(3, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (one, other, tag) = (next(), next(), next());
    let Ok(one) = TagTemplate::parse(one) else {
        return;
    };
    let one = one.for_package("pack-age");
    for version in ["1.2.3", "0.1.0-rc.1", "2024.1"] {
        assert_eq!(one.version(&one.tag(version)), Some(version));
    }
    let Ok(other) = TagTemplate::parse(other) else {
        return;
    };
    let other = other.for_package("pack");
    assert_eq!(one.collides(&other), other.collides(&one));
    if one != other && one.version(tag).is_some() && other.version(tag).is_some() {
        assert!(
            one.collides(&other),
            "{} {} {tag}",
            one.text(),
            other.text()
        );
    }
}

/// A file of observations: its lines in another order, and each of them twice, say the same.
pub(crate) fn history(text: &str) {
    let read = History::read(text.as_bytes());
    let lines: Vec<&str> = text.split('\n').collect();
    let turned: Vec<&str> = lines.iter().rev().chain(&lines).copied().collect();
    let twice = History::read(format!("{}\n", turned.join("\n")).as_bytes());
    assert_eq!(read.observations(), twice.observations());
    for now in [0, 1_800_000_000, i64::MAX] {
        assert_eq!(read.watched(now, None), twice.watched(now, None));
    }
}
