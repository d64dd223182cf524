//! What a draft says of a repository's tags: as little as says it all.

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::Version;
use cascade_manifest::git::GIT;

use super::infer::{self, Inferred, infer, infer_along};
use crate::snapshot::{self, tag_name};
use crate::{
    ObservedPackage, ObservedRepo, PackageDeclaration, Several, TagFormat, TagTemplate,
    VersionSource,
};

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
    let packages = repo.packages.iter();
    snapshot::several(packages.map(|it| (it.ecosystem, it.name.as_str(), it.manifest.as_str())))
}

/// Returns every package of a repository with what the tags say of it.
pub(super) fn tagged(repo: &ObservedRepo) -> Vec<Tagged<'_>> {
    let several = several(repo);
    let languages: BTreeSet<_> = repo.packages.iter().map(|it| it.ecosystem.name).collect();
    let read = |package: &'_ ObservedPackage| {
        let aliases = match languages.len() {
            0 | 1 => &[],
            _ => aliases(package.ecosystem.name),
        };
        inferred(package, aliases, several, repo)
    };
    let mut all: Vec<Tagged<'_>> = repo
        .packages
        .iter()
        .map(|package| Tagged {
            package,
            inferred: read(package),
        })
        .collect();
    if all.iter().any(is_named) {
        for it in all.iter_mut().filter(|it| is_anothers(it)) {
            it.inferred = infer::untagged(several);
        }
    }
    all
}

/// Returns what tags call the packages of an ecosystem in a repository that has several.
fn aliases(ecosystem: &str) -> &'static [&'static str] {
    match ecosystem {
        "python" => &["py", "python"],
        "npm" => &["js", "node", "npm", "ts"],
        "cargo" => &["rs", "rust", "crate"],
        _ => &[],
    }
}

fn inferred(
    package: &ObservedPackage,
    aliases: &[&str],
    several: Several,
    repo: &ObservedRepo,
) -> Inferred {
    let scheme = package.ecosystem.scheme;
    match own_template(package, several) {
        Some(template) => infer_along(template, scheme, &repo.tags, |it| {
            package.ecosystem.takes(&package.name, it)
        }),
        None => infer((&package.name, aliases), several, scheme, &repo.tags),
    }
}

/// Returns whether tags that do not name the package can not be its own, where others are named: a
/// package below the root that has never come as far as they have (`v0.20.0`, before the packages
/// of the repository parted, and a new one at 0.1.0).
fn is_anothers(tagged: &Tagged<'_>) -> bool {
    let package = tagged.package;
    if !package.manifest.contains('/') || own_template(package, Several::Many).is_some() {
        return false;
    }
    let said = match package.source {
        VersionSource::Static => package.version.as_deref(),
        VersionSource::Vcs | VersionSource::Placeholder => None,
    };
    let said = said.and_then(|it| Version::parse(package.ecosystem.scheme, it));
    let line = |it: &Version| match it.numbers() {
        [0, minor, _] => (0, minor),
        [major, ..] => (major, 0),
    };
    let latest = tagged.inferred.latest.as_ref();
    let behind = said
        .zip(latest)
        .is_some_and(|(said, it)| line(&said) < line(it));
    behind && !is_named(tagged)
}

fn is_named(tagged: &Tagged<'_>) -> bool {
    infer::names(&tagged.inferred.template, &tagged.package.name)
}

/// Returns the only template that the tags of a package can have, where its ecosystem finds a
/// version by the package's folder.
fn own_template(package: &ObservedPackage, several: Several) -> Option<TagTemplate> {
    package.ecosystem.paths?;
    let about = (
        package.ecosystem,
        package.name.as_str(),
        package.manifest.as_str(),
    );
    snapshot::default_template(about, several)
}

/// Returns a clone without a manifest as a package of the ecosystem `git`, where its tags are versions.
pub(super) fn by_tags(name: &str, repo: &ObservedRepo) -> Option<PackageDeclaration> {
    let found = infer((name, &[]), Several::One, GIT.scheme, &repo.tags);
    (found.count > 0).then(|| PackageDeclaration {
        name: name.to_owned(),
        ecosystem: Some(GIT.name.to_owned()),
        manifest: None,
        tag: Some(found.template),
        tag_format: Some(found.format),
        version_source: None,
        registry: None,
        files: Vec::new(),
        publish: None,
        at: 0..0,
    })
}

/// Returns the lines that make every tagged package's template what was inferred.
pub(super) fn lines(tagged: &[Tagged<'_>], several: Several) -> TagLines {
    let known: Vec<&Tagged<'_>> = tagged.iter().filter(|it| it.inferred.count > 0).collect();
    let default = infer::default_template(several);
    let whole = whole_template(&known, several).filter(|it| *it != default);
    let standing = |it: &ObservedPackage| {
        let own = || own_template(it, several).unwrap_or_else(|| default.clone());
        filled(&whole.clone().unwrap_or_else(own), it)
    };
    let python = known
        .iter()
        .filter(|it| it.inferred.format == TagFormat::Pep440);
    let format = (!known.is_empty() && python.count() == known.len()).then_some(TagFormat::Pep440);
    let differ = known.iter().filter_map(|it| {
        let tag =
            (standing(it.package) != it.inferred.template).then(|| it.inferred.template.clone());
        let format =
            (format.unwrap_or_default() != it.inferred.format).then_some(it.inferred.format);
        let twins = tagged
            .iter()
            .filter(|other| other.package.name == it.package.name);
        let is_said = it.package.ecosystem.name == GIT.name;
        (is_said || tag.is_some() || format.is_some()).then(|| PackageLine {
            name: it.package.name.clone(),
            ecosystem: (is_said || twins.count() > 1).then_some(it.package.ecosystem.name),
            tag,
            format,
        })
    });
    TagLines {
        packages: differ.collect(),
        tag: whole.clone(),
        format,
    }
}

/// Returns the template that serves most packages: one that all share, or one with `{name}`.
/// Those that can have only one have no say.
fn whole_template(known: &[&Tagged<'_>], several: Several) -> Option<TagTemplate> {
    let free = known
        .iter()
        .filter(|it| own_template(it.package, several).is_none());
    let known: Vec<_> = free.collect();
    if several == Several::One {
        return known.first().map(|it| it.inferred.template.clone());
    }
    let mut votes: BTreeMap<TagTemplate, usize> = BTreeMap::new();
    for it in &known {
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
    let name = tag_name(tagged.package.ecosystem, &tagged.package.name);
    let text = tagged.inferred.template.text();
    let rest = text.strip_prefix(name.as_ref())?;
    let template = TagTemplate::parse(&format!("{{name}}{rest}")).ok()?;
    (filled(&template, tagged.package) == tagged.inferred.template).then_some(template)
}

fn filled(template: &TagTemplate, package: &ObservedPackage) -> TagTemplate {
    template.for_package(&tag_name(package.ecosystem, &package.name))
}
