//! A tag looks like a package's version tag, and stands for no version.

use super::{again, told};
use crate::checks::{Check, Told, View};
use crate::hook::{Meaning, meaning};
use crate::{JudgedTag, ObservedPackage, Severity, TagKind};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "tag-malformed",
    "a tag looks like a version and is none",
    check,
);

/// Finds tags of a package's shape that are no version of it, and tags that go by two names.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, declared, _, tag) in view.tags() {
        if meaning(declared, tag) == Meaning::Other {
            continue;
        }
        let packages = tag.holds.packages.iter();
        let malformed = packages.filter_map(|it| Some((it, fault(it, &tag.name)?)));
        // Packages that share a template are told of once.
        if let Some((package, fault)) = malformed.into_iter().next() {
            let what = format!("`{}` {fault} of `{}`", tag.name, package.name);
            let first = format!("name a version that `{}` has", package.ecosystem.name);
            all.push(told(id, tag, Severity::Info, what).mend(again(id, tag, &first)));
        } else if let Some(other) = other_name(tag).filter(|_| !tag.claims.is_empty()) {
            let what = format!("the tag `{}` calls itself `{other}`", tag.name);
            let first = "push a tag under the name that it was made with".to_owned();
            all.push(told(id, tag, Severity::Info, what).mend(again(id, tag, &first)));
        }
    }
    all
}

/// Returns what is the matter with a tag that has the shape of a package's.
fn fault(package: &ObservedPackage, tag: &str) -> Option<&'static str> {
    let template = package.template.for_package(&package.name);
    let Some(text) = template.version(tag) else {
        return template.resembles(tag).then_some("is no version");
    };
    if package.version_of(tag).is_some() {
        return None;
    }
    match cascade_manifest::Version::parse(package.ecosystem.scheme, text) {
        Some(_) => Some("has another major version than the path"),
        None => Some("is no version"),
    }
}

/// Returns the name that a tag object has, where it is another than the ref's.
fn other_name(tag: &JudgedTag) -> Option<&str> {
    let TagKind::Annotated(said) = &tag.kind else {
        return None;
    };
    (said.name != tag.name).then_some(said.name.as_str())
}
