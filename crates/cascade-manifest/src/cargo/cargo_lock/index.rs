//! What a registry's index says of a crate, and whether two of its versions ask for the same.

use std::collections::BTreeMap;

use memchr::memmem;
use semver::VersionReq;
use serde::Deserialize;

use crate::{Ask, Facts, Fallback};

/// The newest layout of a line that is known.
const NEWEST: u32 = 2;

/// One version of a crate.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Release {
    #[serde(default)]
    v: Option<u32>,
    vers: String,
    #[serde(default)]
    deps: Vec<Dependency>,
    pub(super) cksum: String,
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    features2: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    yanked: Option<bool>,
    #[serde(default)]
    links: Option<String>,
}

/// One requirement of a release.
#[derive(Debug, Clone, Deserialize)]
struct Dependency {
    name: String,
    req: String,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default = "yes")]
    default_features: bool,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    registry: Option<String>,
    #[serde(default)]
    package: Option<String>,
    #[serde(default)]
    artifact: Option<serde_json::Value>,
}

/// All of a requirement but the versions that it admits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Wish<'r> {
    package: &'r str,
    name: &'r str,
    kind: &'r str,
    target: Option<&'r str>,
    features: Vec<&'r str>,
    default_features: bool,
    registry: Option<&'r str>,
    optional: bool,
}

/// A requirement that a release newly makes of a package: the name, and what it admits.
pub(super) type Moved<'r> = (&'r str, &'r str);

fn yes() -> bool {
    true
}

impl Release {
    /// Returns what the index says of this version.
    ///
    /// # Errors
    /// When the index can not be asked, or does not hold the version.
    pub(super) fn of(
        facts: &dyn Facts,
        source: &str,
        (name, version): (&str, &str),
    ) -> Result<Self, Fallback> {
        let answer = facts.ask(&Ask::CargoIndex {
            source: source.to_owned(),
            name: name.to_owned(),
        })?;
        let needle = format!("\"{version}\"");
        let lines = answer.split(|it| *it == b'\n');
        let mut candidates = lines.filter(|it| memmem::find(it, needle.as_bytes()).is_some());
        let release = candidates.find_map(|it| {
            let release = serde_json::from_slice::<Self>(it).ok()?;
            (release.vers == version).then_some(release)
        });
        let Some(release) = release else {
            return Err(Fallback::because(format!(
                "the index does not hold `{name}` {version}"
            )));
        };
        if release.v.is_some_and(|it| it > NEWEST) {
            return Err(Fallback::because(format!(
                "the index tells `{name}` {version} in a layout that is not known"
            )));
        }
        // It is written into the lock as it stands: nothing may end the string there.
        let plain = |it: u8| it.is_ascii_alphanumeric() || b"+/=-_.".contains(&it);
        if !release.cksum.bytes().all(plain) {
            return Err(Fallback::because(format!(
                "what the index calls the checksum of `{name}` {version} is none"
            )));
        }
        Ok(release)
    }

    /// Returns whether it was taken back.
    pub(super) fn is_yanked(&self) -> bool {
        self.yanked == Some(true)
    }

    /// Returns what it requires of this package, its tests aside.
    pub(super) fn requiring<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        let all = self.deps.iter().filter(|it| it.is_seen());
        all.filter(move |it| it.package() == name)
            .map(|it| it.req.as_str())
    }

    /// Checks that `new` asks for nothing else, and returns the requirements whose versions it
    /// alone words otherwise.
    ///
    /// Features and optional dependencies that are new are no difference: nobody asks for them.
    ///
    /// # Errors
    /// With what differs.
    pub(super) fn same_as<'r>(
        &self,
        name: &str,
        new: &'r Self,
    ) -> Result<Vec<Moved<'r>>, Fallback> {
        if self.links != new.links {
            return Err(Fallback::because(format!("`links` of `{name}` changed")));
        }
        let features = new.all_features();
        for (feature, asks) in self.all_features() {
            if features.get(feature) != Some(&asks) {
                return Err(Fallback::because(format!(
                    "the feature `{feature}` of `{name}` changed"
                )));
            }
        }
        let (before, after) = (self.asked(), new.asked());
        if let Some(it) = before.keys().find(|it| !after.contains_key(it)) {
            return Err(changed(name, it, &before, &after));
        }
        let mut moved = Vec::new();
        for (it, reqs) in &after {
            match before.get(it) {
                None if it.optional => {}
                None => return Err(changed(name, it, &before, &after)),
                Some(old) if old == reqs => {}
                Some(_) => moved.extend(reqs.iter().map(|req| (it.package, *req))),
            }
        }
        Ok(moved)
    }

    fn all_features(&self) -> BTreeMap<&str, &Vec<String>> {
        let more = self.features2.iter().flatten();
        let all = self.features.iter().chain(more);
        all.map(|(name, asks)| (name.as_str(), asks)).collect()
    }

    fn asked(&self) -> BTreeMap<Wish<'_>, Vec<&str>> {
        let mut all: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for it in self.deps.iter().filter(|it| it.is_seen()) {
            all.entry(it.wish()).or_default().push(&it.req);
        }
        for reqs in all.values_mut() {
            reqs.sort_unstable();
        }
        all
    }
}

impl Dependency {
    /// Returns whether those who build the crate see it: all but those of its own tests.
    fn is_seen(&self) -> bool {
        self.kind.as_deref() != Some("dev")
    }

    fn package(&self) -> &str {
        self.package.as_deref().unwrap_or(&self.name)
    }

    fn wish(&self) -> Wish<'_> {
        let mut features: Vec<&str> = self.features.iter().map(String::as_str).collect();
        features.sort_unstable();
        Wish {
            package: self.package(),
            name: &self.name,
            kind: match &self.artifact {
                Some(it) if !it.is_null() => "artifact",
                _ => self.kind.as_deref().unwrap_or("normal"),
            },
            target: self.target.as_deref(),
            features,
            default_features: self.default_features,
            registry: self.registry.as_deref(),
            optional: self.optional,
        }
    }
}

/// Says of a requirement that stands on one side only whether its package came, went or changed.
fn changed<T>(
    name: &str,
    it: &Wish<'_>,
    before: &BTreeMap<Wish<'_>, T>,
    after: &BTreeMap<Wish<'_>, T>,
) -> Fallback {
    let in_both = [before, after]
        .iter()
        .all(|all| all.keys().any(|at| at.package == it.package));
    let what = match (in_both, before.contains_key(it)) {
        (true, _) => "is asked for otherwise",
        (false, true) => "was dropped",
        (false, false) => "was added",
    };
    Fallback::because(format!(
        "the dependencies of `{name}` changed: `{}` {what}",
        it.package
    ))
}

/// Returns whether the requirement admits the version.
pub(super) fn admits(requirement: &str, version: &str) -> bool {
    let requirement = VersionReq::parse(requirement);
    let version = semver::Version::parse(version);
    matches!((requirement, version), (Ok(it), Ok(version)) if it.matches(&version))
}
