//! Which of a repository's packages an image, chart, module or tag of it belongs to.

use cascade_manifest::Kind;

use super::packages::tag_name;
use super::{ObservedPackage, ObservedRepo};

impl ObservedRepo {
    /// Returns the package whose versions stand for what the repository delivers under a name, of which
    /// files say `text`: the one that is called as the last word of the name is, else the one whose tags
    /// are spelled like the text, else that at the root, else the first. Where git itself is asked (an
    /// action, a module, a submodule) the text is a tag, and says more than the name. `None` where the
    /// repository has no package.
    pub fn delivering(&self, kind: Kind, name: &str, text: &str) -> Option<&ObservedPackage> {
        let called = |it: &ObservedPackage| it.is_called(name);
        let spelled = |it: &ObservedPackage| it.version_of(text).is_some();
        let root = self.root_package();
        let at_root = |it: &ObservedPackage| root.is_some_and(|root| std::ptr::eq(root, it));
        let tests: [&dyn Fn(&ObservedPackage) -> bool; 3] = match kind {
            Kind::Image | Kind::Chart => [&called, &spelled, &at_root],
            _ => [&spelled, &called, &at_root],
        };
        let all = self.packages.iter().collect();
        tests.into_iter().fold(all, narrowed).first().copied()
    }

    /// Returns the package whose version is released as an image or chart of this name. `None` too where
    /// nothing but its place among several says which one that is, unless all of them have one version
    /// (`is_one`).
    pub fn releasing(&self, name: &str, is_one: bool) -> Option<&ObservedPackage> {
        let found = self.delivering(Kind::Image, name, "")?;
        let root = self.root_package();
        let is_told = found.is_called(name) || root.is_some_and(|it| std::ptr::eq(it, found));
        (is_told || is_one).then_some(found)
    }
}

impl ObservedPackage {
    /// Returns whether the last word of a name is the package's own, as its ecosystem compares names.
    fn is_called(&self, name: &str) -> bool {
        let last = |it: &str| it.rsplit('/').next().unwrap_or_default().to_owned();
        let own = last(&tag_name(self.ecosystem, &self.name));
        !own.is_empty() && own == *(self.ecosystem.canonical)(&last(name))
    }
}

/// Returns those of several that fit; all of them where none does.
fn narrowed<'p>(
    all: Vec<&'p ObservedPackage>,
    fits: &dyn Fn(&ObservedPackage) -> bool,
) -> Vec<&'p ObservedPackage> {
    if all.len() < 2 {
        return all;
    }
    let some: Vec<_> = all.iter().copied().filter(|it| fits(it)).collect();
    if some.is_empty() { all } else { some }
}
