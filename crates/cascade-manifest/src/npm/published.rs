//! A published version's own document, and whether another version asks the same of the world.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::range::NpmGrammar;
use super::spec::Spec;
use crate::{Ask, Facts, Fallback, Form, Grammar, Scheme, Version};

/// What is told of one version, as it is told.
#[derive(Debug)]
pub(super) struct Published {
    name: String,
    version: String,
    fields: Map<String, Value>,
}

/// The tables of requirements, with the word for them.
const TABLES: [(&str, &str); 3] = [
    ("dependencies", "dependencies"),
    ("optionalDependencies", "optional dependencies"),
    ("peerDependencies", "peer dependencies"),
];

/// What a lock may hold of a version beside its requirements.
const TRAITS: [&str; 9] = [
    "peerDependenciesMeta",
    "dependenciesMeta",
    "bundleDependencies",
    "bundledDependencies",
    "os",
    "cpu",
    "libc",
    "bin",
    "directories",
];

/// Who tells what a version is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Witness<'a> {
    /// The registry: that of a tarball, or else the one that is configured for the name.
    Registry(Option<&'a str>),
    /// The manifest at the root of a repository, at a tag.
    Tag(&'a str, &'a str),
}

/// Returns the fields of what is told of one version.
///
/// # Errors
/// When nothing is, or it is not of this package and version.
pub(super) fn fields(
    facts: &dyn Facts,
    witness: Witness<'_>,
    (name, version): (&str, &str),
) -> Result<Map<String, Value>, Fallback> {
    let (question, what) = match witness {
        Witness::Registry(beside) => {
            let question = Ask::NpmVersion {
                beside: beside.map(str::to_owned),
                name: name.to_owned(),
                version: version.to_owned(),
            };
            (question, "the registry's document".to_owned())
        }
        Witness::Tag(url, tag) => {
            let question = Ask::GitFile {
                url: url.to_owned(),
                tag: tag.to_owned(),
                path: "package.json".to_owned(),
            };
            (question, format!("`package.json` at `{tag}`"))
        }
    };
    let answer = facts.ask(&question)?;
    let mark = "\u{feff}".as_bytes();
    let bare = answer.strip_prefix(mark).unwrap_or(&answer);
    let Ok(Value::Object(fields)) = serde_json::from_slice(bare) else {
        return Err(Fallback(format!("{what} of `{name}` is no JSON")));
    };
    let says = |key: &str| fields.get(key).and_then(Value::as_str);
    if says("version") != Some(version) || says("name") != Some(name) {
        return Err(Fallback(format!("{what} is not of `{name}` {version}")));
    }
    Ok(fields)
}

impl Published {
    /// Returns what is told of one version.
    ///
    /// # Errors
    /// As [`fields`].
    pub(super) fn told(
        facts: &dyn Facts,
        witness: Witness<'_>,
        (name, version): (&str, &str),
    ) -> Result<Self, Fallback> {
        Ok(Self {
            name: name.to_owned(),
            version: version.to_owned(),
            fields: fields(facts, witness, (name, version))?,
        })
    }

    /// Returns the digest of the tarball.
    ///
    /// # Errors
    /// When the registry tells no SHA-512.
    pub(super) fn integrity(&self) -> Result<&str, Fallback> {
        let told = self.dist("integrity");
        // It is written into locks as it stands: nothing may end the value there.
        let plain = |it: u8| it.is_ascii_alphanumeric() || b"+/=-_".contains(&it);
        told.filter(|it| it.starts_with("sha512-") && it.bytes().all(plain))
            .ok_or_else(|| self.because("has no SHA-512 in the registry"))
    }

    /// Returns the address of the tarball, where it is the one that its name and version give.
    ///
    /// # Errors
    /// When it is another, which a lock has to spell out.
    pub(super) fn tarball(&self) -> Result<&str, Fallback> {
        let base = self.name.rsplit('/').next().unwrap_or_default();
        let version = self.version.split('+').next().unwrap_or_default();
        let tails = [self.name.clone(), self.name.replace('/', "%2f")]
            .map(|name| format!("/{name}/-/{base}-{version}.tgz"));
        self.dist("tarball")
            .filter(|it| tails.iter().any(|tail| it.ends_with(tail)))
            .ok_or_else(|| self.because("has a tarball of an unusual address"))
    }

    /// Returns the requirements of one table, as written.
    pub(super) fn table(&self, key: &str) -> BTreeMap<&str, &str> {
        let table = self.fields.get(key).and_then(Value::as_object);
        let rows = table.into_iter().flatten();
        rows.filter_map(|(name, it)| Some((name.as_str(), it.as_str()?)))
            .collect()
    }

    /// Returns the requirement on what it calls `alias`, whichever table it stands in.
    pub(super) fn requirement(&self, alias: &str) -> Option<&str> {
        let of = |key: &str| self.table(key).get(alias).copied();
        of("optionalDependencies")
            .or_else(|| of("dependencies"))
            .or_else(|| of("peerDependencies"))
    }

    /// Checks that it asks the same of the world as an older version, and says the same in `more`
    /// fields. A range of dependencies may move where `satisfied` says that what is locked for it
    /// still fits.
    ///
    /// # Errors
    /// With what changed.
    pub(super) fn asks_as(
        &self,
        old: &Self,
        more: &[&str],
        satisfied: &dyn Fn(&str, &str) -> bool,
    ) -> Result<(), Fallback> {
        for (key, word) in TABLES {
            let (before, now) = (old.table(key), self.table(key));
            let added = now.keys().find(|it| !before.contains_key(*it));
            let removed = before.keys().find(|it| !now.contains_key(*it));
            if let Some(it) = added {
                return Err(self.because(&format!("changed its {word}: `{it}` was added")));
            }
            if let Some(it) = removed {
                return Err(self.because(&format!("changed its {word}: `{it}` was removed")));
            }
            for (name, range) in now {
                let was = before.get(name).copied().unwrap_or_default();
                let renamed = || Spec::of(was).name != Spec::of(range).name;
                let asked = || key != "peerDependencies" && !renamed() && satisfied(name, range);
                if was != range && !asked() {
                    let told = format!("changed its {word}: `{name}` is `{range}` now");
                    return Err(self.because(&told));
                }
            }
        }
        let mut fields = TRAITS.iter().chain(more);
        let differs = fields.find(|key| self.at(key) != old.at(key));
        differs.map_or(Ok(()), |key| {
            Err(self.because(&format!("changed its `{key}`")))
        })
    }

    /// Returns a fallback that says this of the version.
    pub(super) fn because(&self, what: &str) -> Fallback {
        Fallback(format!("`{}` {} {what}", self.name, self.version))
    }

    /// Returns the field, nothing for what means nothing.
    fn at(&self, key: &str) -> Option<&Value> {
        let empty = |it: &Value| match it {
            Value::Null | Value::Bool(false) => true,
            Value::String(it) => it.is_empty(),
            Value::Array(it) => it.is_empty(),
            Value::Object(it) => it.is_empty(),
            _ => false,
        };
        self.fields.get(key).filter(|it| !empty(it))
    }

    fn dist(&self, key: &str) -> Option<&str> {
        self.fields.get("dist")?.get(key)?.as_str()
    }
}

/// Returns whether a requirement as a manifest writes it admits the version of a registry.
pub(super) fn admits(value: &str, version: &str) -> bool {
    let spec = Spec::of(value);
    let version = Version::parse(Scheme::Semver, version);
    spec.form == Form::Range
        && version.is_some_and(|it| NpmGrammar.admits(&spec.requirement, &it) == Ok(true))
}
