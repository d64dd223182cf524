//! What a distribution says of itself (core metadata), as far as a lock can see it.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{ExtraName, MarkerTree};

use super::demand::{self, Demand, Reach};
use crate::Fallback;

/// More requirements than any distribution has.
const MOST: usize = 5_000;

/// The core metadata of one distribution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Core {
    /// What it requires, in the order of the text.
    pub(super) requires: Vec<Demand>,
    /// The same as written.
    pub(super) written: Vec<String>,
    /// The Pythons that it admits, as written.
    pub(super) python: Option<String>,
    /// The extras that it provides, normalised.
    pub(super) extras: BTreeSet<String>,
    /// Its one-line summary.
    pub(super) summary: String,
}

impl Core {
    /// Returns what the text of a `METADATA` file says.
    ///
    /// # Errors
    /// When a requirement in it can not be read.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fallback> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Fallback::because("its metadata is not UTF-8"))?;
        let mut core = Self::default();
        for (key, value) in headers(text) {
            match key.to_ascii_lowercase().as_str() {
                "requires-dist" => core.require(&value)?,
                "requires-python" => core.python = Some(value),
                "provides-extra" => {
                    core.extras.insert(super::canonical(&value).into_owned());
                }
                "summary" => core.summary = value,
                _ => {}
            }
        }
        Ok(core)
    }

    /// Adds a requirement.
    ///
    /// # Errors
    /// When it can not be read.
    pub(super) fn require(&mut self, text: &str) -> Result<(), Fallback> {
        let unreadable = || Fallback::because(format!("its requirement `{text}` can not be read"));
        let demand = demand::demand(text).ok_or_else(unreadable)?;
        if self.requires.len() >= MOST {
            return Err(Fallback::because("it has too many requirements"));
        }
        self.requires.push(demand);
        self.written.push(text.to_owned());
        Ok(())
    }

    /// Returns whether every requirement on the package that may apply admits the version; else the
    /// requirement that does not.
    pub(super) fn admits(
        &self,
        name: &str,
        version: &Version,
        reach: &Reach,
    ) -> Result<(), String> {
        for (demand, written) in self.requires.iter().zip(&self.written) {
            let may_apply = !reach.within(&demand.marker).is_false();
            if demand.name.as_ref() == name && may_apply {
                let is_address = demand::address(demand).is_some();
                if is_address || !demand::specifiers(demand).contains(version) {
                    return Err(written.clone());
                }
            }
        }
        Ok(())
    }

    /// Returns the extras of another package that this one's requirements ask for.
    pub(super) fn extras_asked_of(&self, name: &str) -> impl Iterator<Item = &ExtraName> {
        let on_it = move |it: &&Demand| it.name.as_ref() == name;
        self.requires.iter().filter(on_it).flat_map(|it| &it.extras)
    }
}

/// Returns the headers of a message, with the lines that continue each.
fn headers(text: &str) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    for line in text.lines().take_while(|it| !it.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = found.last_mut() {
                value.push('\n');
                value.push_str(line.trim());
            }
        } else if let Some((key, value)) = line.split_once(':') {
            found.push((key.trim(), value.trim().to_owned()));
        }
    }
    found
}

/// What a lock sees of a package, beside its metadata.
pub(super) struct View<'a> {
    /// The package's canonical name.
    pub(super) name: &'a str,
    /// The Pythons that the lock covers.
    pub(super) reach: &'a Reach,
    /// The extras of the package that are asked for.
    pub(super) extras: Vec<ExtraName>,
    /// Returns the versions that the lock holds of a package, after the rewrite.
    pub(super) locked: &'a dyn Fn(&str) -> Vec<Version>,
}

/// A requirement but for its versions: name, extras, marker, address.
type Edge = (String, Vec<ExtraName>, MarkerTree, Option<String>);

impl View<'_> {
    /// Checks that the new metadata means the same for the lock as the old.
    ///
    /// # Errors
    /// With what changed.
    pub(super) fn same(&self, old: &Core, new: &Core) -> Result<(), Fallback> {
        self.same_python(old, new)?;
        let extras = self.all_extras(old, new);
        let (before, after) = (self.edges(old, &extras), self.edges(new, &extras));
        for (sets, word) in [((&after, &before), "added"), ((&before, &after), "removed")] {
            if let Some(edge) = sets.0.keys().find(|it| !sets.1.contains_key(*it)) {
                return Err(self.changed(&edge.0, word, sets.1.keys().any(|it| it.0 == edge.0)));
            }
        }
        for (edge, wanted) in &after {
            if before.get(edge) != Some(wanted) {
                self.holds(&edge.0, wanted)?;
            }
        }
        Ok(())
    }

    fn changed(&self, dependency: &str, word: &str, known: bool) -> Fallback {
        let how = if known { "changed" } else { word };
        let name = self.name;
        Fallback::because(format!(
            "the dependencies of `{name}` changed: `{dependency}` was {how}"
        ))
    }

    fn same_python(&self, old: &Core, new: &Core) -> Result<(), Fallback> {
        let Some(wanted) = new.python.as_ref().filter(|_| old.python != new.python) else {
            return Ok(());
        };
        let covered = Reach::of(wanted).is_some_and(|it| self.reach.lies_in(&it));
        if covered {
            return Ok(());
        }
        let name = self.name;
        Err(Fallback::because(format!(
            "`{name}` needs Python {wanted} now"
        )))
    }

    /// Returns the extras asked for, with those that they ask of the package itself.
    fn all_extras(&self, old: &Core, new: &Core) -> Vec<ExtraName> {
        let mut extras = self.extras.clone();
        loop {
            let own =
                |it: &&Demand| it.name.as_ref() == self.name && self.reach.applies(it, &extras);
            let more = old.requires.iter().chain(&new.requires).filter(own);
            let more: BTreeSet<ExtraName> = more.flat_map(|it| it.extras.clone()).collect();
            let known = extras.len();
            let more: Vec<_> = more.into_iter().filter(|it| !extras.contains(it)).collect();
            extras.extend(more);
            if extras.len() == known {
                return extras;
            }
        }
    }

    /// Returns the requirements that can apply, and the versions that each asks for.
    fn edges(&self, core: &Core, extras: &[ExtraName]) -> BTreeMap<Edge, Vec<String>> {
        let mut edges: BTreeMap<Edge, Vec<String>> = BTreeMap::new();
        for demand in core
            .requires
            .iter()
            .filter(|it| self.reach.applies(it, extras))
        {
            let mut asked = demand.extras.clone();
            asked.sort();
            let edge = (
                demand.name.to_string(),
                asked,
                self.reach.within(&demand.marker),
                demand::address(demand).map(ToOwned::to_owned),
            );
            let wanted = demand::canonical_specifiers(&demand::specifiers(demand));
            edges.entry(edge).or_default().push(wanted);
        }
        for wanted in edges.values_mut() {
            wanted.sort();
        }
        edges
    }

    /// Checks that what the lock holds of a dependency is what the new requirement asks for.
    fn holds(&self, dependency: &str, wanted: &[String]) -> Result<(), Fallback> {
        let specifiers = wanted
            .iter()
            .filter_map(|it| it.parse::<VersionSpecifiers>().ok());
        let specifiers: Vec<_> = specifiers.collect();
        let held = (self.locked)(dependency);
        let outside = held
            .iter()
            .find(|it| !specifiers.iter().all(|all| all.contains(it)));
        let Some(version) = outside else {
            return Ok(());
        };
        let (name, wanted) = (self.name, wanted.join(","));
        Err(Fallback::because(format!(
            "`{name}` needs `{dependency}{wanted}` now, and {version} is locked"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core(lines: &str) -> Core {
        let text = format!("Metadata-Version: 2.1\nName: a\n{lines}\n\nRequires-Dist: body\n");
        Core::read(text.as_bytes()).unwrap()
    }

    fn same(old: &str, new: &str, extras: &[&str]) -> Result<(), String> {
        let reach = Reach::of(">=3.9").unwrap();
        let locked = |name: &str| match name {
            "third" => vec!["1.5".parse().unwrap()],
            _ => Vec::new(),
        };
        let view = View {
            name: "a",
            reach: &reach,
            extras: extras.iter().filter_map(|it| demand::extra(it)).collect(),
            locked: &locked,
        };
        view.same(&core(old), &core(new)).map_err(|it| it.0)
    }

    #[test]
    fn what_the_lock_can_not_see_may_change() {
        let old = "Requires-Python: >=3.8\nRequires-Dist: third<2,>=1";
        for new in [
            "Requires-Python: >=3.9\nRequires-Dist: third>=1,<2",
            "Requires-Dist: third (>=1.5)",
            "Requires-Dist: third>=1,<2\nRequires-Dist: more; extra == 'x'\nProvides-Extra: x",
            "Requires-Dist: Third>=1,<2\nRequires-Dist: old ; python_version < '3.9'",
            "Requires-Dist: third>=1,<2\nRequires-Dist: a[z] ; extra == 'all'",
        ] {
            assert_eq!(same(old, new, &["y"]), Ok(()), "{new}");
        }
    }

    #[test]
    fn what_the_lock_sees_is_told() {
        let old = "Requires-Dist: third>=1";
        for (new, extras, reason) in [
            ("", &[][..], "`third` was removed"),
            (
                "Requires-Dist: third>=1\nRequires-Dist: more",
                &[],
                "`more` was added",
            ),
            (
                "Requires-Dist: third>=1 ; os_name == 'nt'",
                &[],
                "`third` was changed",
            ),
            ("Requires-Dist: third[q]>=1", &[], "`third` was changed"),
            (
                "Requires-Dist: third>=2",
                &[],
                "needs `third>=2` now, and 1.5 is locked",
            ),
            (
                "Requires-Python: >=3.10\nRequires-Dist: third>=1",
                &[],
                "needs Python >=3.10 now",
            ),
            (
                "Requires-Dist: third>=1\nRequires-Dist: more ; extra == 'x'",
                &["X"],
                "`more` was added",
            ),
            (
                "Requires-Dist: third>=1\nRequires-Dist: a[x] ; extra == 'all'\n\
                 Requires-Dist: more ; extra == 'x'",
                &["all"],
                "was added",
            ),
        ] {
            let found = same(old, new, extras).unwrap_err();
            assert!(found.contains(reason), "{new}: {found}");
        }
    }

    #[test]
    fn a_requirement_on_the_package_admits_it_wherever_it_may_apply() {
        let core =
            core("Requires-Dist: b<2 ; os_name == 'nt'\nRequires-Dist: b<1 ; python_version<'3'");
        let reach = Reach::of(">=3.9").unwrap();
        let admits = |version: &str| core.admits("b", &version.parse().unwrap(), &reach);
        assert_eq!(admits("1.5"), Ok(()));
        assert_eq!(admits("2"), Err("b<2 ; os_name == 'nt'".to_owned()));
    }
}
