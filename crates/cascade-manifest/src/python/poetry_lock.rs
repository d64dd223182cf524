//! `poetry.lock`.

use std::collections::BTreeMap;

use super::canonical;
use super::headers::{self, tables};
use crate::lock::LineCount;
use crate::toml::{Node, Toml};
use crate::{
    Bump, Discord, Entry, Fallback, Lock, LockFacts, Locked, LockedSource, Move, Names, ReadError,
    Stand, Unread,
};

mod discords;
mod files;
mod hash;
mod range;
mod rewrite;
mod rows;

/// `poetry.lock`. It repeats no requirements: only a hash over all of them.
pub(super) struct PoetryLock;

impl Lock for PoetryLock {
    fn file_name(&self) -> &'static str {
        "poetry.lock"
    }

    fn find(&self, text: &str, names: &Names) -> Result<LockFacts, ReadError> {
        match scan(text, names) {
            Some(facts) => Ok(facts),
            None => parse(text, names),
        }
    }

    fn age_gate(&self, name: &str, files: &BTreeMap<String, String>) -> Option<crate::AgeGate> {
        crate::age_gate::poetry(name, files)
    }

    /// Poetry keeps what is locked and in range; it answers from a stale cache unless told not to.
    fn relock(&self, _stand: &Stand<'_>, _moves: &[Move]) -> Vec<Vec<String>> {
        let command = ["poetry", "lock", "-n", "--no-cache"];
        vec![command.map(ToOwned::to_owned).to_vec()]
    }

    fn takes_newest(&self) -> bool {
        true
    }

    fn entries(&self, text: &str) -> Result<Vec<Entry>, ReadError> {
        let toml = Toml::parse(text)?;
        let packages = toml.root().get("package").map(Node::items);
        let packages = packages.unwrap_or_default().into_iter();
        let mut entries: Vec<Entry> = packages.filter_map(entry).collect();
        entries.sort();
        Ok(entries)
    }

    fn discords(
        &self,
        text: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Vec<Discord>, Unread> {
        discords::discords(text, files)
    }

    fn rewrite(&self, text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
        rewrite::rewrite(text, bump)
    }
}

fn entry(package: Node<'_>) -> Option<Entry> {
    let said = |key| package.string_at(key).map(|it| it.value.to_owned());
    let keys = ["type", "url", "reference", "resolved_reference"];
    let source = package.get("source").map(|it| {
        let parts = keys.iter().filter_map(|key| Some(it.string_at(key)?.value));
        parts.collect::<Vec<_>>().join(" ")
    });
    let requires = package.get("dependencies").map(Node::entries);
    let requires = requires.unwrap_or_default().into_iter();
    let mut requires: Vec<String> = requires
        .map(|(key, _)| canonical(key.name).into_owned())
        .collect();
    requires.sort();
    requires.dedup();
    Some(Entry {
        name: canonical(&said("name")?).into_owned(),
        version: said("version").unwrap_or_default(),
        place: String::new(),
        source: source.unwrap_or_default(),
        requires,
    })
}

/// Returns what the lock holds, by a byte scan; `None` where a line is not as Poetry writes it.
fn scan(text: &str, names: &Names) -> Option<LockFacts> {
    let mut entries: Vec<Locked> = Vec::new();
    let mut packages = 0_usize;
    let mut is_named = false;
    let mut lines = LineCount::of(text);
    for table in tables(text) {
        match table.header {
            "[[package]]" => {
                packages += 1;
                let (line, rest) = headers::split_line(table.body);
                let written = headers::string(line, "name")?;
                let name = canonical(written);
                is_named = names.contains(&*name);
                if is_named {
                    let version = headers::string(headers::split_line(rest).0, "version")?;
                    let line = lines.part(written);
                    entries.push(locked(name.into_owned(), version, line));
                }
            }
            "[package.source]" if is_named => {
                entries.last_mut()?.source = scan_source(table.body)?;
            }
            other if other.starts_with("[[package") => return None,
            _ => {}
        }
    }
    (packages > 0).then(|| facts(entries))
}

fn locked(name: String, version: &str, line: usize) -> Locked {
    Locked {
        name,
        version: Some(version.to_owned()),
        place: String::new(),
        source: LockedSource::Registry,
        line,
    }
}

fn facts(entries: Vec<Locked>) -> LockFacts {
    LockFacts {
        entries,
        ..LockFacts::default()
    }
}

fn scan_source(body: &str) -> Option<LockedSource> {
    let at = |key| body.lines().find_map(|line| headers::string(line, key));
    source_of(at("type")?, at("resolved_reference"))
}

/// Returns where an entry comes from, by the type of its source.
fn source_of(kind: &str, commit: Option<&str>) -> Option<LockedSource> {
    Some(match kind {
        "git" => LockedSource::Git(commit?.to_owned()),
        "directory" | "file" => LockedSource::Local,
        "legacy" | "url" => LockedSource::Registry,
        _ => return None,
    })
}

/// Returns what the lock holds, by the full parser.
fn parse(text: &str, names: &Names) -> Result<LockFacts, ReadError> {
    let toml = Toml::parse(text)?;
    let packages = toml.root().get("package").map(Node::items);
    let mut lines = LineCount::of(text);
    let entries = packages.into_iter().flatten().filter_map(|package| {
        let written = package.string_at("name")?;
        let name = canonical(written.value).into_owned();
        if !names.contains(&name) {
            return None;
        }
        let mut entry = locked(name, "", lines.at(written.span.start));
        entry.version = package.string_at("version").map(|it| it.value.to_owned());
        entry.source = package
            .get("source")
            .and_then(|source| {
                let commit = source.string_at("resolved_reference").map(|it| it.value);
                source_of(source.string_at("type")?.value, commit)
            })
            .unwrap_or(LockedSource::Registry);
        Some(entry)
    });
    Ok(facts(entries.collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lock::{commands, unplaced};

    const SAMPLE: &str = "\
# This file is automatically @generated by Poetry 2.1.1 and should not be changed by hand.

[[package]]
name = \"click\"
version = \"8.1.3\"
description = \"name = \\\"flask\\\"\"
optional = false
python-versions = \">=3.7\"
groups = [\"main\"]
files = [
    {file = \"click-8.1.3.tar.gz\", hash = \"sha256:aa\"},
]

[package.dependencies]
colorama = {version = \"*\", markers = \"platform_system == 'Windows'\"}

[[package]]
name = \"flask\"
version = \"2.3.2\"
description = \"\"
optional = false
files = []
develop = false

[package.source]
type = \"git\"
url = \"https://git.example/flask\"
reference = \"v2.3.2\"
resolved_reference = \"0f1e2d3c\"

[[package]]
name = \"click-didyoumean\"
version = \"0.3.0\"

[package.source]
type = \"directory\"
url = \"../x\"

[metadata]
lock-version = \"2.1\"
content-hash = \"aa\"
";

    fn names(names: &[&str]) -> Names {
        names.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn named_packages_are_found_with_their_source() {
        for text in [SAMPLE.to_owned(), SAMPLE.replace('\n', "\r\n")] {
            let facts = scan(&text, &names(&["click", "flask"])).unwrap();
            let rows: Vec<_> = facts
                .entries
                .iter()
                .map(|it| (&*it.name, it.version.as_deref()))
                .collect();
            assert_eq!(rows, [("click", Some("8.1.3")), ("flask", Some("2.3.2"))]);
            assert_eq!(facts.entries[0].source, LockedSource::Registry);
            assert_eq!(
                facts.entries[1].source,
                LockedSource::Git("0f1e2d3c".to_owned())
            );
        }
        let found = scan(SAMPLE, &names(&["click-didyoumean"])).unwrap();
        assert_eq!(found.entries[0].source, LockedSource::Local);
    }

    #[test]
    fn what_another_hand_wrote_is_left_to_the_parser() {
        let names = names(&["click", "flask"]);
        for text in [
            SAMPLE.replace("name = \"click\"", "name=\"click\""),
            SAMPLE.replace(
                "name = \"click\"\nversion = \"8.1.3\"",
                "version = \"8.1.3\"\nname = \"Click\"",
            ),
            SAMPLE.replace("type = \"git\"", "type = 'git'"),
        ] {
            assert_eq!(scan(&text, &names), None, "{text}");
            assert_eq!(
                unplaced(PoetryLock.find(&text, &names).unwrap()),
                unplaced(scan(SAMPLE, &names).unwrap())
            );
        }
    }

    #[test]
    fn a_text_that_is_no_lock_is_an_error() {
        assert!(PoetryLock.find("<html>", &names(&["a"])).is_err());
        let empty = "[metadata]\nlock-version = \"2.1\"\n";
        assert_eq!(
            PoetryLock.find(empty, &names(&["a"])).unwrap(),
            LockFacts::default()
        );
    }

    #[test]
    fn one_command_relocks() {
        let commands = commands(&PoetryLock, ("poetry.lock", ""), &BTreeMap::new(), &[]);
        assert_eq!(commands, ["poetry lock -n --no-cache"]);
    }

    proptest! {
        #[test]
        fn the_scan_says_what_the_parser_says(
            packages in proptest::collection::vec(("[a-c]{1,2}", "[0-9]\\.[0-9]", 0_u8..4), 1..6),
            crlf in any::<bool>(),
        ) {
            let mut text = String::from("# head\n");
            for (name, version, source) in packages {
                let source = match source {
                    0 => "\n[package.source]\ntype = \"git\"\nresolved_reference = \"ab\"\n",
                    1 => "\n[package.source]\ntype = \"legacy\"\nurl = \"u\"\n",
                    2 => "\n[package.extras]\nx = [\"y\"]\n",
                    _ => "",
                };
                text += &*format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}");
            }
            let text = if crlf { text.replace('\n', "\r\n") } else { text };
            let names = names(&["a", "b", "ab", "cc"]);
            prop_assert_eq!(scan(&text, &names).unwrap(), parse(&text, &names).unwrap());
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "(\\[\\[package\\]\\]|[a\" =\n\\[\\]]){0,30}") {
            let _ = scan(&text, &names(&["a"]));
            prop_assert!(PoetryLock.find(&text, &names(&["a"])).is_ok() || parse(&text, &names(&["a"])).is_err());
        }
    }
}
