//! `Cargo.lock`: what it holds of the family's own crates.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use crate::toml::{Node, Toml};
use crate::{
    Bump, Discord, Entry, Fallback, Lock, LockFacts, Locked, LockedSource, Move, ReadError, Scheme,
    Version,
};

use super::canonical;

/// `Cargo.lock`.
pub(super) struct CargoLock;

/// What opens the entry of a package.
const HEADER: &str = "[[package]]";

impl Lock for CargoLock {
    fn file_name(&self) -> &'static str {
        "Cargo.lock"
    }

    fn find(&self, text: &str, names: &BTreeSet<String>) -> Result<LockFacts, ReadError> {
        let entries = match scan(text, names) {
            Some(entries) => entries,
            None => parse(text, names)?,
        };
        Ok(LockFacts {
            entries,
            recorded: Vec::new(),
        })
    }

    /// Returns the commands that move exactly these crates.
    ///
    /// - No moves: only the workspace's own versions changed; that needs no registry. An own version
    ///   given as a move is named as any other crate, which serves too.
    /// - A crate named by the range that Cargo takes for compatible (`name@1`, `name@0.6`): a lock
    ///   holds one version of each such range, and the name fits before and after the move. With
    ///   the old version in full the second of two commands fails where the first moved both.
    /// - A move out of that range, or from a version unknown, follows from the edited requirement:
    ///   `cargo update --workspace` makes it and goes first. That serves pins on git tags as well,
    ///   for which `--precise` would name a revision: give them without `from`.
    fn relock(&self, moves: &[Move]) -> Vec<Vec<String>> {
        if moves.is_empty() {
            return vec![argv(&["update", "--workspace", "--offline"])];
        }
        let mut commands = Vec::new();
        if moves.iter().any(|it| !is_compatible(it)) {
            commands.push(argv(&["update", "--workspace"]));
        }
        let precise = moves.iter().filter_map(|it| {
            it.from.as_ref()?;
            let spec = format!("{}@{}", it.name, compatible(&it.to)?);
            Some(argv(&["update", "-p", &spec, "--precise", &it.to]))
        });
        commands.extend(precise);
        commands
    }

    fn entries(&self, _text: &str) -> Result<Vec<Entry>, ReadError> {
        Ok(Vec::new())
    }

    fn discords(
        &self,
        _text: &str,
        _files: &BTreeMap<String, String>,
    ) -> Result<Vec<Discord>, ReadError> {
        Ok(Vec::new())
    }

    fn rewrite(&self, _text: &str, _bump: &Bump<'_>) -> Result<String, Fallback> {
        Err(Fallback::because("not built yet"))
    }
}

fn argv(arguments: &[&str]) -> Vec<String> {
    let all = std::iter::once(&"cargo").chain(arguments);
    all.map(|it| (*it).to_owned()).collect()
}

/// Returns whether the move stays in the range that Cargo takes for compatible.
fn is_compatible(it: &Move) -> bool {
    let from = it.from.as_deref().and_then(compatible);
    from.is_some() && from == compatible(&it.to)
}

/// Returns the compatible range of a final version, as a package id spells it: `1`, `0.6`,
/// `0.0.3`.
fn compatible(version: &str) -> Option<String> {
    let version = Version::parse(Scheme::Semver, version).filter(Version::is_final)?;
    Some(match version.numbers() {
        [0, 0, patch] => format!("0.0.{patch}"),
        [0, minor, _] => format!("0.{minor}"),
        [major, ..] => major.to_string(),
    })
}

/// Returns the entries of the packages named, by their bytes; `None` where the text does not look
/// as Cargo writes it.
fn scan(text: &str, names: &BTreeSet<String>) -> Option<Vec<Locked>> {
    let bytes = text.as_bytes();
    // In a string over several lines anything could stand at the start of a line.
    let folds = ["\"\"\"", "'''"];
    if folds
        .iter()
        .any(|it| memmem::find(bytes, it.as_bytes()).is_some())
    {
        return None;
    }
    let mut found = Vec::new();
    let mut seen = false;
    for at in memmem::find_iter(bytes, HEADER) {
        let starts_line = matches!(bytes.get(..at)?.last(), None | Some(b'\n'));
        if !starts_line {
            return None;
        }
        seen = true;
        found.extend(scan_entry(text.get(at + HEADER.len()..)?, names)?);
    }
    seen.then_some(found)
}

/// Returns the entry whose header ends where `rest` begins, if it is one of those named. The outer
/// `None` is for an entry that does not look as Cargo writes it.
#[expect(
    clippy::option_option,
    reason = "not named and not understood are different answers"
)]
fn scan_entry(rest: &str, names: &BTreeSet<String>) -> Option<Option<Locked>> {
    let mut lines = rest
        .split('\n')
        .map(|it| it.strip_suffix('\r').unwrap_or(it));
    if !lines.next()?.is_empty() {
        return None;
    }
    let name = quoted(lines.next()?, "name = ")?;
    let version = quoted(lines.next()?, "version = ")?;
    let next = lines.next().unwrap_or_default();
    let source = if next.starts_with("source") {
        Some(quoted(next, "source = ")?)
    } else {
        None
    };
    let found = locked(name, Some(version), source, names);
    let body = || rest.split("\n[").next().unwrap_or_default();
    let elsewhere = found.is_some() && source.is_none() && body().contains("source");
    (!elsewhere).then_some(found)
}

/// Returns what stands between the quotes of `key = "..."`, where nothing else stands in the line.
fn quoted<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let content = line
        .strip_prefix(key)?
        .strip_prefix('"')?
        .strip_suffix('"')?;
    let plain = |b: u8| b != b'"' && b != b'\\' && !b.is_ascii_control();
    content.bytes().all(plain).then_some(content)
}

/// Returns the entries of the packages named, by the whole parser.
fn parse(text: &str, names: &BTreeSet<String>) -> Result<Vec<Locked>, ReadError> {
    let toml = Toml::parse(text)?;
    let packages = toml.root().get("package");
    if packages.is_some_and(|it| !it.is_array())
        || packages.or(toml.root().get("version")).is_none()
    {
        return Err(ReadError {
            message: "no `[[package]]` and no `version`: this is no Cargo.lock".to_owned(),
            span: None,
        });
    }
    let entries = packages.map(Node::items).unwrap_or_default();
    let entries = entries.into_iter().filter_map(|it| {
        let value = |key: &str| it.string_at(key).map(|it| it.value);
        locked(value("name")?, value("version"), value("source"), names)
    });
    Ok(entries.collect())
}

fn locked(
    name: &str,
    version: Option<&str>,
    source: Option<&str>,
    names: &BTreeSet<String>,
) -> Option<Locked> {
    let name = canonical(name);
    names.contains(name.as_ref()).then(|| Locked {
        name: name.into_owned(),
        version: version.map(str::to_owned),
        place: String::new(),
        source: source.map_or(LockedSource::Local, origin),
    })
}

/// Returns where a source id points: `registry+...`, `sparse+...`, `git+URL?tag=T#COMMIT`.
fn origin(source: &str) -> LockedSource {
    if let Some(git) = source.strip_prefix("git+") {
        let commit = git.rsplit_once('#').map_or("", |(_, commit)| commit);
        return LockedSource::Git(commit.to_owned());
    }
    if source.starts_with("path+") {
        LockedSource::Local
    } else {
        LockedSource::Registry
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = r#"# This file is automatically @generated by Cargo.
# It is not intended for manual editing.
version = 4

[[package]]
name = "http_body"
version = "1.0.1"
source = "registry+https://registry.example/index"
checksum = "00"
dependencies = [
 "http 0.2.12",
]

[[package]]
name = "http"
version = "0.2.12"
source = "sparse+https://registry.example/"

[[package]]
name = "http"
version = "1.4.2"
source = "git+https://git.example/http?tag=v1.4.2#0123456789abcdef"

[[package]]
name = "own"
version = "0.1.0"
dependencies = [
 "http 1.4.2",
]

[[package]]
name = "last"
version = "0.1.0"
"#;

    fn names(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|it| (*it).to_owned()).collect()
    }

    fn rows(entries: &[Locked]) -> Vec<(&str, Option<&str>, &LockedSource)> {
        let row = entries.iter();
        row.map(|it| (it.name.as_str(), it.version.as_deref(), &it.source))
            .collect()
    }

    #[test]
    fn the_scan_and_the_parser_find_the_same() {
        let wanted = names(&["http-body", "http", "own", "last", "absent"]);
        for text in [
            SAMPLE.to_owned(),
            SAMPLE.replace('\n', "\r\n"),
            format!("\u{feff}{SAMPLE}"),
            SAMPLE.trim_end().to_owned(),
        ] {
            let scanned = scan(&text, &wanted).unwrap();
            assert_eq!(scanned, parse(&text, &wanted).unwrap());
            let commit = LockedSource::Git("0123456789abcdef".to_owned());
            assert_eq!(
                rows(&scanned),
                [
                    ("http-body", Some("1.0.1"), &LockedSource::Registry),
                    ("http", Some("0.2.12"), &LockedSource::Registry),
                    ("http", Some("1.4.2"), &commit),
                    ("own", Some("0.1.0"), &LockedSource::Local),
                    ("last", Some("0.1.0"), &LockedSource::Local),
                ]
            );
        }
    }

    #[test]
    fn an_unexpected_neighbourhood_is_for_the_parser() {
        let wanted = names(&["http"]);
        for text in [
            "[[package]]\nversion = \"1.0.0\"\nname = \"http\"\n",
            "[[package]] # new\nname = \"http\"\nversion = \"1.0.0\"\n",
            "[[ package ]]\nname = \"http\"\nversion = \"1.0.0\"\n",
            "package = [{ name = \"http\", version = \"1.0.0\" }]\n",
            "[[package]]\nname = \"ht\\u0074p\"\nversion = \"1.0.0\"\n",
        ] {
            assert_eq!(scan(text, &wanted), None, "{text}");
            let facts = CargoLock.find(text, &wanted).unwrap();
            assert_eq!(
                rows(&facts.entries),
                [("http", Some("1.0.0"), &LockedSource::Local)]
            );
        }
        let hidden =
            "version = 4\nx = '''\n[[package]]\nname = \"http\"\nversion = \"1.0.0\"\n'''\n";
        assert_eq!(
            CargoLock.find(hidden, &wanted).unwrap(),
            LockFacts::default()
        );
    }

    #[test]
    fn what_is_no_lock_is_an_error() {
        let conflict = SAMPLE.replace("version = \"1.4.2\"", "<<<<<<< ours\nversion = \"1.4.2\"");
        for text in [conflict.as_str(), "", "{}", "[package]\nname = \"http\"\n"] {
            assert!(CargoLock.find(text, &names(&["http"])).is_err(), "{text}");
        }
        assert!(CargoLock.find("version = 4\n", &names(&["http"])).is_ok());
    }

    #[test]
    fn the_commands_move_only_what_is_named() {
        let moved = |name: &str, from: Option<&str>, to: &str| Move {
            name: name.to_owned(),
            from: from.map(str::to_owned),
            to: to.to_owned(),
        };
        let lines = |moves: &[Move]| -> Vec<String> {
            let commands = CargoLock.relock(moves);
            commands.iter().map(|it| it.join(" ")).collect()
        };
        assert_eq!(lines(&[]), ["cargo update --workspace --offline"]);
        assert_eq!(
            lines(&[
                moved("a", Some("1.4.2"), "1.5.0"),
                moved("b", Some("0.6.8"), "0.6.9")
            ]),
            [
                "cargo update -p a@1 --precise 1.5.0",
                "cargo update -p b@0.6 --precise 0.6.9"
            ]
        );
        assert_eq!(
            lines(&[moved("a", Some("0.6.8"), "0.7.0")]),
            [
                "cargo update --workspace",
                "cargo update -p a@0.7 --precise 0.7.0"
            ]
        );
        assert_eq!(
            lines(&[moved("a", None, "1.5.0")]),
            ["cargo update --workspace"]
        );
        assert_eq!(
            lines(&[moved("a", Some("1.4.2"), "2.0.0-rc.1")]),
            ["cargo update --workspace"]
        );
    }

    proptest! {
        #[test]
        fn the_scan_equals_the_parser_where_it_answers(
            text in "(\\[\\[package\\]\\]\r?\n|name = \"[ab]_?c\"\r?\n|version = \"1\\.0\"\r?\n|source = \"(git\\+x#1|r)\"\r?\n|checksum = \"x\"\r?\n|\r?\n|[\"'#= a\\[]){0,24}"
        ) {
            let wanted = names(&["a-c", "bc"]);
            if let (Some(scanned), Ok(parsed)) = (scan(&text, &wanted), parse(&text, &wanted)) {
                prop_assert_eq!(scanned, parsed);
            }
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,200}", cut in 0..SAMPLE.len()) {
            let wanted = names(&["http"]);
            let _: Option<_> = CargoLock.find(&text, &wanted).ok();
            let mixed = format!("{}{text}", SAMPLE.get(..cut).unwrap_or_default());
            let _: Option<_> = CargoLock.find(&mixed, &wanted).ok();
        }
    }
}
