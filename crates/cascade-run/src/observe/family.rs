//! The names that the family's own packages go by.

use std::borrow::Cow;
use std::collections::BTreeMap;

use cascade_manifest::{Ecosystem, Names};
use cascade_plan::ObservedRepo;

/// The canonical names of every package of the workspace, by ecosystem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Family(BTreeMap<&'static str, Names>);

impl Family {
    /// Returns the names of the packages that these repositories publish.
    pub fn of<'a>(repos: impl IntoIterator<Item = &'a ObservedRepo>) -> Self {
        let mut family = Self::default();
        for package in repos.into_iter().flat_map(|it| &it.packages) {
            family.add(package.ecosystem, &package.name);
        }
        family
    }

    /// Returns the names of one ecosystem, and with them the packages of this repository that are
    /// not published: a lock repeats their requirements too.
    pub(crate) fn names(&self, ecosystem: &Ecosystem, repo: &ObservedRepo) -> Cow<'_, Names> {
        let names = self.0.get(ecosystem.name);
        let mut names = names.map_or_else(Cow::default, Cow::Borrowed);
        let manifests = repo.manifests.iter().filter(|it| it.ecosystem == ecosystem);
        let packages = manifests.filter_map(|it| it.read.as_ref().ok()?.package.as_ref());
        for package in packages {
            let name = (ecosystem.canonical)(&package.name);
            // A family of a thousand is only copied for a name that it lacks.
            if !names.contains(name.as_ref()) {
                names.to_mut().insert(name.into_owned());
            }
        }
        names
    }

    fn add(&mut self, ecosystem: &'static Ecosystem, name: &str) {
        let name = (ecosystem.canonical)(name).into_owned();
        self.0.entry(ecosystem.name).or_default().insert(name);
    }
}
