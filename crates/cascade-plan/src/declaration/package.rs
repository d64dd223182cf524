//! What is declared of packages, and that no tag can be claimed twice.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::RegistryDeclaration;
use super::fault::DeclareError;
use super::file::PackageTable;
use super::path::{Climb, inside};
use super::resolve::{Room, unknown_word};
use crate::{PackageDeclaration, RepoDeclaration, TagTemplate, name_pattern};

/// Returns the packages that a repository declares.
pub(super) fn packages(
    room: &mut Room<'_>,
    tables: &[Spanned<PackageTable>],
    registries: &BTreeMap<String, RegistryDeclaration>,
) -> Vec<PackageDeclaration> {
    let mut packages: Vec<PackageDeclaration> = Vec::new();
    for table in tables {
        let Some(package) = package(room, table, registries) else {
            continue;
        };
        if let Some(first) = packages.iter().find(|it| same(it, &package)) {
            let what = format!("package `{}` is declared twice", package.name);
            let error = DeclareError::new(what)
                .at(&first.at, "here first")
                .at(&package.at, "and here again")
                .help("leave one out, or tell them apart by `ecosystem` or `manifest`");
            room.errors.push(error);
        } else {
            packages.push(package);
        }
    }
    packages
}

fn package(
    room: &mut Room<'_>,
    entry: &Spanned<PackageTable>,
    registries: &BTreeMap<String, RegistryDeclaration>,
) -> Option<PackageDeclaration> {
    let table = entry.get_ref();
    let ecosystem = table
        .ecosystem
        .as_ref()
        .and_then(|it| room.keep(it, ecosystem));
    let manifest = table.manifest.as_ref();
    Some(PackageDeclaration {
        name: room.keep(&table.name, name)?,
        ecosystem,
        manifest: manifest.and_then(|it| room.keep(it, |it| inside(it, Climb::Never))),
        tag: room.template(table.tag.as_ref()),
        tag_format: room.format(table.tag_format.as_ref()),
        version_source: room.word(table.version_source.as_ref(), "version source"),
        registry: room.appearances(table.registry.as_ref(), registries),
        files: table
            .files
            .iter()
            .filter_map(|it| room.keep(it, pattern))
            .collect(),
        publish: table.publish,
        at: entry.span(),
    })
}

pub(super) fn ecosystem(name: &str) -> Result<String, DeclareError> {
    if cascade_manifest::ecosystem(name).is_some() {
        return Ok(name.to_owned());
    }
    let known: Vec<&str> = cascade_manifest::ALL.iter().map(|it| it.name).collect();
    Err(unknown_word(name, "ecosystem that cascade knows", &known))
}

fn pattern(text: &str) -> Result<String, DeclareError> {
    let odd = text.is_empty() || text.chars().any(|it| it.is_control() || it == '/');
    if odd {
        let what = DeclareError::new("a file's name is empty or holds a slash");
        return Err(what.help("write the name of a file of a release, as `*.whl`"));
    }
    let read = name_pattern(text).map(|_| text.to_owned());
    read.map_err(DeclareError::new)
}

fn name(name: &str) -> Result<String, DeclareError> {
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if name.is_empty() || name.contains(odd) {
        return Err(DeclareError::new(
            "a package's name is empty or holds a space",
        ));
    }
    Ok(name.to_owned())
}

/// Whether both could mean one package.
fn same(a: &PackageDeclaration, b: &PackageDeclaration) -> bool {
    fn overlap(a: Option<&String>, b: Option<&String>) -> bool {
        a.is_none() || b.is_none() || a == b
    }
    a.name == b.name
        && overlap(a.ecosystem.as_ref(), b.ecosystem.as_ref())
        && overlap(a.manifest.as_ref(), b.manifest.as_ref())
}

/// Tells of two templates of one repository that could claim the same tag.
pub(super) fn no_two_claim_one(
    room: &mut Room<'_>,
    repo: &RepoDeclaration,
    tag_at: Option<Range<usize>>,
) {
    let mut claims: Vec<(TagTemplate, Range<usize>)> = Vec::new();
    if let Some(whole) = repo.tag.as_ref().filter(|it| !it.names()) {
        claims.push((whole.clone(), tag_at.unwrap_or_else(|| repo.at.clone())));
    }
    for package in &repo.packages {
        let Some(template) = package.tag.as_ref().or(repo.tag.as_ref()) else {
            continue;
        };
        let template = template.for_package(unscoped(&package.name));
        if claims.iter().any(|it| it.0 == template) {
            continue;
        }
        let clash = claims.iter().find(|it| it.0.collides(&template));
        if let Some((other, there)) = clash {
            room.errors
                .push(clashing(&template, &package.at, other, there));
        }
        claims.push((template, package.at.clone()));
    }
}

fn clashing(
    template: &TagTemplate,
    at: &Range<usize>,
    other: &TagTemplate,
    there: &Range<usize>,
) -> DeclareError {
    let what = format!("one tag could be both `{other}` and `{template}`");
    DeclareError::new(what)
        .at(there, &format!("`{other}`"))
        .at(at, &format!("`{template}`"))
        .help("give both the same template, or prefixes of which none starts the other and a digit")
}

fn unscoped(name: &str) -> &str {
    let scoped = name.strip_prefix('@').and_then(|it| it.split_once('/'));
    scoped.map_or(name, |it| it.1)
}
