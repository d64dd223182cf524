//! Whether the lock is in step with the manifests: what `cargo --locked` looks at, and that the
//! versions locked satisfy what is required.

use std::collections::BTreeMap;

use semver::VersionReq;

use super::super::canonical;
use super::blocks::{Blocks, Reference};
use super::git;
use super::members::{Duty, Member, Members, Origin, Requirement};
use crate::toml::{Node, Toml};
use crate::{Discord, Unread};

/// Returns where the lock and the manifests disagree.
///
/// # Errors
/// When the lock or the manifest at its side is not of its format.
pub(super) fn discords(
    text: &str,
    files: &BTreeMap<String, String>,
) -> Result<Vec<Discord>, Unread> {
    let toml;
    let held = if let Some(held) = Held::by_lines(text) {
        held
    } else {
        toml = Toml::parse(text)?;
        Held::of(toml.root())
    };
    if let Some(root) = files.get("Cargo.toml") {
        Toml::parse(root).map_err(|it| it.beside("Cargo.toml"))?;
    }
    let members = Members::of(files);
    if let Some(broken) = members.broken().first() {
        return Err(broken.clone());
    }
    let mut found = Vec::new();
    for member in members.all() {
        held.judge(member, &members, &mut found);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// What the lock holds.
#[derive(Debug, PartialEq, Eq)]
struct Held<'d> {
    format: u32,
    /// The records by name, version, and source without the commit.
    packages: BTreeMap<[&'d str; 3], Package<'d>>,
}

/// More copies of one crate than any lock holds: more are not looked at.
const MOST_COPIES: usize = 100;

#[derive(Debug, PartialEq, Eq)]
struct Package<'d> {
    name: &'d str,
    version: &'d str,
    source: Option<&'d str>,
    requires: BTreeMap<&'d str, Vec<Reference<'d>>>,
}

impl<'d> Package<'d> {
    fn new(
        name: &'d str,
        version: &'d str,
        source: Option<&'d str>,
        rows: impl Iterator<Item = Reference<'d>>,
    ) -> Self {
        let mut requires: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in rows {
            requires.entry(row.name).or_default().push(row);
        }
        Self {
            name,
            version,
            source,
            requires,
        }
    }
}

impl<'d> Held<'d> {
    /// Reads the lines that Cargo writes, without a document of them; `None` where any stands
    /// otherwise.
    fn by_lines(text: &'d str) -> Option<Self> {
        let blocks = Blocks::read(text).ok()?;
        let records = (0..blocks.all().len()).map(|at| {
            let it = blocks.record(at).ok()?;
            let rows = it.requires.iter().map(|it| it.reference);
            let source = it.source.map(|it| it.text);
            Some(Package::new(it.name, it.version.text, source, rows))
        });
        let packages: Vec<_> = records.collect::<Option<_>>()?;
        Some(Self::with(blocks.format, packages))
    }

    fn of(root: Node<'d>) -> Self {
        let version = root.get("version").and_then(Node::plain);
        let packages = root.get("package").map(Node::items).unwrap_or_default();
        let packages = packages.into_iter().filter_map(package);
        let format = version.and_then(|it| it.parse().ok());
        Self::with(format.unwrap_or(1), packages)
    }

    fn with(format: u32, all: impl IntoIterator<Item = Package<'d>>) -> Self {
        let mut packages = BTreeMap::new();
        for it in all {
            let key = [it.name, it.version, stem(it.source.unwrap_or_default())];
            packages.entry(key).or_insert(it);
        }
        Self { format, packages }
    }

    fn judge(&self, member: &Member, members: &Members, found: &mut Vec<Discord>) {
        let name = member.name.as_str();
        let of_version = member
            .version
            .as_deref()
            .and_then(|it| self.packages.get(&[name, it, ""]));
        let any = || self.from([name, "", ""]).find(|it| it.source.is_none());
        let Some(package) = of_version.or_else(any) else {
            if member.declared {
                let wanted = member.version.clone().unwrap_or_default();
                found.push(discord(&member.name, member, wanted, None));
            }
            return;
        };
        if let Some(wanted) = &member.version
            && wanted != package.version
        {
            let held = Some(package.version.to_owned());
            found.push(discord(&member.name, member, wanted.clone(), held));
        }
        for it in &member.requires {
            let patched = members.is_patched(&it.name);
            found.extend(self.answer(package, it, (member, patched)));
        }
    }

    /// Returns how the lock fails to answer the requirement; `None` where it does answer it.
    fn answer(
        &self,
        package: &Package<'_>,
        it: &Requirement,
        (member, patched): (&Member, bool),
    ) -> Option<Discord> {
        let named = package.requires.get(it.name.as_str());
        let named = named.into_iter().flatten().take(MOST_COPIES);
        let held: Vec<_> = named.filter_map(|at| self.package(*at)).collect();
        let shown = || it.version.clone().unwrap_or_default();
        if held.is_empty() {
            let due = it.duty == Duty::Always || member.declared;
            return due.then(|| discord(&it.name, member, shown(), None));
        }
        let requirement = it.version.as_deref().map(VersionReq::parse);
        if let Some(Ok(requirement)) = &requirement
            && !held.iter().any(|it| admits(requirement, it.version))
        {
            let versions: Vec<_> = held.iter().map(|it| it.version).collect();
            return Some(discord(
                &it.name,
                member,
                shown(),
                Some(versions.join(", ")),
            ));
        }
        if patched
            || held
                .iter()
                .any(|at| comes_from(at.source, &it.origin, self.format))
        {
            return None;
        }
        let sources: Vec<_> = held
            .iter()
            .map(|it| it.source.unwrap_or_default())
            .collect();
        let wanted = match &it.origin {
            Origin::Git { url, at } => git::query(url, at, self.format),
            Origin::Registry | Origin::Folder => shown(),
        };
        Some(discord(&it.name, member, wanted, Some(sources.join(", "))))
    }

    /// Returns the record that a requirement of another one names.
    fn package<'a>(&'a self, at: Reference<'a>) -> Option<&'a Package<'d>> {
        let bare = |it: &'a str| it.trim_start_matches('(').trim_end_matches(')');
        match (at.version, at.source.map(bare)) {
            (Some(version), Some(source)) => self.packages.get(&[at.name, version, stem(source)]),
            (Some(version), None) => {
                let mut all = self.from([at.name, version, ""]);
                all.next().filter(|it| it.version == version)
            }
            (None, _) => self.from([at.name, "", ""]).next(),
        }
    }

    /// Returns the records of this name, from this version and source on.
    fn from<'s>(&'s self, key: [&'s str; 3]) -> impl Iterator<Item = &'s Package<'d>> {
        let [name, ..] = key;
        let all = self.packages.range(key..);
        all.map(|it| it.1).take_while(move |it| it.name == name)
    }
}

/// Returns a source without the commit.
fn stem(source: &str) -> &str {
    source.split('#').next().unwrap_or_default()
}

fn package(it: Node<'_>) -> Option<Package<'_>> {
    let value = |key: &str| it.string_at(key).map(|it| it.value);
    let rows = it.get("dependencies").map(Node::items).unwrap_or_default();
    let rows = rows.into_iter().filter_map(Node::string);
    let rows = rows.map(|it| Reference::of(it.value));
    let version = value("version").unwrap_or_default();
    Some(Package::new(value("name")?, version, value("source"), rows))
}

fn admits(requirement: &VersionReq, version: &str) -> bool {
    semver::Version::parse(version).is_ok_and(|it| requirement.matches(&it))
}

/// Returns whether a locked source is where the requirement takes its package from. Which registry
/// it is, is not compared: settings may replace one by another.
fn comes_from(source: Option<&str>, origin: &Origin, format: u32) -> bool {
    match (source, origin) {
        (Some(source), Origin::Git { url, at }) => git::answers(source, (url, at), format),
        (Some(source), Origin::Registry) => !source.starts_with("git+"),
        (None, Origin::Folder) => true,
        (None, Origin::Registry | Origin::Git { .. }) | (Some(_), Origin::Folder) => false,
    }
}

fn discord(name: &str, member: &Member, wanted: String, held: Option<String>) -> Discord {
    Discord {
        subject: canonical(name).into_owned(),
        manifest: member.path.clone(),
        wanted,
        held,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_lines_hold_what_the_document_holds(
            text in "(version = [34]\r?\n\r?\n)?(\\[\\[package\\]\\]\r?\nname = \"[ab]\"\r?\n(version = \"[12]\"\r?\n)?\
                (source = \"(git\\+x#1|r)\"\r?\n)?(checksum = \"x\"\r?\n)?\
                (dependencies = \\[\r?\n( \"[ab]( [12])?( \\(r\\))?\",\r?\n){0,3}\\]\r?\n)?(# x\n)?\r?\n?){0,4}[\"'#= a\\[\n]{0,2}"
        ) {
            if let (Some(lines), Ok(toml)) = (Held::by_lines(&text), Toml::parse(&text)) {
                prop_assert_eq!(lines, Held::of(toml.root()));
            }
        }
    }

    #[test]
    fn what_cargo_writes_is_read_by_its_lines() {
        let record = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";
        let text = format!("version = 4\n\n{record}dependencies = [\n \"b\",\n]\n");
        let held = Held::by_lines(&text).unwrap();
        assert_eq!(held.packages[&["a", "1.0.0", ""]].requires["b"].len(), 1);
        assert_eq!(Held::by_lines(&text.replace('"', "'")), None);
    }
}
