//! What a draft says of a repository's tags: as little as says it all.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::infer::{Inferred, Several, default_template, infer};
use crate::{ObservedPackage, ObservedRepo, TagFormat, TagTemplate};

/// A package, and what its repository's tags say of it.
pub(super) struct Tagged<'a> {
    pub(super) package: &'a ObservedPackage,
    pub(super) inferred: Inferred,
}

/// What is declared of a repository's tags.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TagLines {
    /// The template of the repository, where it is not the default.
    pub(super) tag: Option<TagTemplate>,
    /// The format of the repository, where it is not the default.
    pub(super) format: Option<TagFormat>,
    /// The packages that differ, each with its template and format.
    pub(super) packages: Vec<PackageLine>,
}

/// What is declared of one package's tags.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PackageLine {
    pub(super) name: String,
    pub(super) ecosystem: Option<&'static str>,
    pub(super) tag: Option<TagTemplate>,
    pub(super) format: Option<TagFormat>,
}

/// Returns whether the packages of a repository have several names.
pub(super) fn several(repo: &ObservedRepo) -> Several {
    let names: BTreeSet<Cow<'_, str>> = repo.packages.iter().map(tag_name).collect();
    if names.len() > 1 {
        Several::Many
    } else {
        Several::One
    }
}

/// Returns every package of a repository with what the tags say of it.
pub(super) fn tagged(repo: &ObservedRepo) -> Vec<Tagged<'_>> {
    let several = several(repo);
    let read = |package| Tagged {
        package,
        inferred: inferred(package, several, repo),
    };
    repo.packages.iter().map(read).collect()
}

fn inferred(package: &ObservedPackage, several: Several, repo: &ObservedRepo) -> Inferred {
    infer(&package.name, several, package.ecosystem.scheme, &repo.tags)
}

/// Returns the name that `{name}` stands for: canonical, without an npm scope.
fn tag_name(package: &ObservedPackage) -> Cow<'_, str> {
    let scoped = package
        .name
        .strip_prefix('@')
        .and_then(|it| it.split_once('/'));
    let bare = scoped.map_or(package.name.as_str(), |it| it.1);
    (package.ecosystem.canonical)(bare)
}

/// Returns the lines that make every tagged package's template what was inferred.
pub(super) fn lines(tagged: &[Tagged<'_>], several: Several) -> TagLines {
    let known: Vec<&Tagged<'_>> = tagged.iter().filter(|it| it.inferred.count > 0).collect();
    let default = default_template(several);
    let whole = whole_template(&known, several);
    let standing = whole.clone().unwrap_or_else(|| default.clone());
    let python = known
        .iter()
        .filter(|it| it.inferred.format == TagFormat::Pep440);
    let format = (!known.is_empty() && python.count() == known.len()).then_some(TagFormat::Pep440);
    let differ = known.iter().filter_map(|it| {
        let tag = (filled(&standing, it.package) != it.inferred.template)
            .then(|| it.inferred.template.clone());
        let format =
            (format.unwrap_or_default() != it.inferred.format).then_some(it.inferred.format);
        let twins = tagged
            .iter()
            .filter(|other| other.package.name == it.package.name);
        (tag.is_some() || format.is_some()).then(|| PackageLine {
            name: it.package.name.clone(),
            ecosystem: (twins.count() > 1).then_some(it.package.ecosystem.name),
            tag,
            format,
        })
    });
    TagLines {
        packages: differ.collect(),
        tag: whole.filter(|it| *it != default),
        format,
    }
}

/// Returns the template that serves most packages: one that all share, or one with `{name}`.
fn whole_template(known: &[&Tagged<'_>], several: Several) -> Option<TagTemplate> {
    if several == Several::One {
        return known.first().map(|it| it.inferred.template.clone());
    }
    let mut votes: BTreeMap<TagTemplate, usize> = BTreeMap::new();
    for it in known {
        let vote = with_name(it).unwrap_or_else(|| it.inferred.template.clone());
        *votes.entry(vote).or_default() += 1;
    }
    let best = votes
        .into_iter()
        .max_by_key(|(it, count)| (*count, it.names()));
    best.map(|it| it.0)
        .filter(|it| it.names() || known.len() > 1)
}

/// Returns the package's template with `{name}` for its name, where that says the same.
fn with_name(tagged: &Tagged<'_>) -> Option<TagTemplate> {
    let name = tag_name(tagged.package);
    let text = tagged.inferred.template.text();
    let rest = text.strip_prefix(name.as_ref())?;
    let template = TagTemplate::parse(&format!("{{name}}{rest}")).ok()?;
    (filled(&template, tagged.package) == tagged.inferred.template).then_some(template)
}

fn filled(template: &TagTemplate, package: &ObservedPackage) -> TagTemplate {
    template.for_package(&tag_name(package))
}
