//! What is released by its tags alone: nothing in a repository's files says its version.

use cascade_manifest::git::GIT;

use super::packages::{default_template, several};
use super::{ObservedPackage, Several, VersionSource};
use crate::{PackageDeclaration, RepoDeclaration, TagTemplate};

/// Returns the packages of a repository that are declared with the ecosystem `git`; where it has no
/// package at all and delivers something, the repository itself is one.
pub(super) fn by_tags(
    declared: &RepoDeclaration,
    others: &[ObservedPackage],
) -> Vec<ObservedPackage> {
    let said = declared.packages.iter();
    let said = said.filter(|it| it.ecosystem.as_deref() == Some(GIT.name));
    let said: Vec<&PackageDeclaration> = said.collect();
    let names = said.iter().map(|it| (&GIT, it.name.as_str(), ""));
    let others_names = others
        .iter()
        .map(|it| (it.ecosystem, it.name.as_str(), it.manifest.as_str()));
    let several = several(names.chain(others_names));
    let one = |it: &&PackageDeclaration| package(declared, Some(it), (&it.name, several));
    let packages: Vec<ObservedPackage> = said.iter().filter_map(one).collect();
    let delivers =
        !(declared.images.is_empty() && declared.charts.is_empty() && declared.modules.is_empty());
    if delivers && packages.is_empty() && others.is_empty() {
        let path = &declared.path;
        let name = path.rsplit_once('/').map_or(path.as_str(), |it| it.1);
        return package(declared, None, (name, several))
            .into_iter()
            .collect();
    }
    packages
}

fn package(
    declared: &RepoDeclaration,
    said: Option<&PackageDeclaration>,
    (name, several): (&str, Several),
) -> Option<ObservedPackage> {
    let template: Option<TagTemplate> = said.and_then(|it| it.tag.clone());
    let template = template.or_else(|| declared.tag.clone());
    let template = template.or_else(|| default_template((&GIT, name, ""), several))?;
    let format = said.and_then(|it| it.tag_format);
    Some(ObservedPackage {
        ecosystem: &GIT,
        name: name.to_owned(),
        manifest: String::new(),
        version: None,
        source: VersionSource::Vcs,
        version_at: None,
        version_text: None,
        template: template.for_package(name),
        tag_format: format.unwrap_or(declared.tag_format),
        latest: None,
        retracted: None,
        retracts: Vec::new(),
        reachable: None,
        announced: None,
        since: Vec::new(),
    })
}
