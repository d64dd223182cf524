//! What holds for any text: shared by the fuzz targets and by the test that replays their corpus.

use cascade_manifest::{ALL, Level, Version};
use cascade_plan::{Commit, Graph, Oid, TagTemplate, declare, next_version, read_level};

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
