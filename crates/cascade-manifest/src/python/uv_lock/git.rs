//! Packages that come from git, at a tag.

use super::book::Block;
use super::pairs;
use super::project::Origin;
use super::rewrite::{Rewrite, changed, excluded};
use crate::python::moving::Moving;
use crate::python::upstream::{self, Point, Upstream};
use crate::{Fallback, Splice};

/// An address as the lock writes it: `https://x/y?subdirectory=z&tag=v1#commit`.
struct Address<'t> {
    url: &'t str,
    /// With the parameters and without the commit.
    full: &'t str,
    commit: &'t str,
    folder: Option<String>,
    reference: Option<String>,
}

impl<'t> Address<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let (full, commit) = text.rsplit_once('#')?;
        let (url, query) = full.split_once('?').unwrap_or((full, ""));
        let mut parameters = query.split('&').filter_map(|it| it.split_once('='));
        let at = |key: &str| {
            let mut them = parameters.clone();
            decoded(them.find(|(it, _)| *it == key)?.1)
        };
        let (folder, reference) = (at("subdirectory"), at("tag").or_else(|| at("rev")));
        let other = parameters.any(|(it, _)| !matches!(it, "subdirectory" | "tag" | "rev"));
        (!other).then_some(Self {
            url,
            full,
            commit,
            folder,
            reference,
        })
    }

    fn manifest(&self) -> String {
        match &self.folder {
            Some(folder) => format!("{}/pyproject.toml", folder.trim_matches('/')),
            None => "pyproject.toml".to_owned(),
        }
    }
}

fn decoded(value: &str) -> Option<String> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            b'+' => b' ',
            _ => byte,
        });
    }
    String::from_utf8(out).ok()
}

/// Returns the edits of a record from git.
pub(super) fn moved(
    rewrite: &Rewrite<'_, '_>,
    moving: &Moving,
    block: &Block<'_>,
    text: &str,
) -> Result<Vec<Splice>, Fallback> {
    let name = &moving.name;
    let unusual = || Fallback::because(format!("the git source of `{name}` is not known"));
    let address = Address::read(text).ok_or_else(unusual)?;
    let (key, reference) = wanted(rewrite, name)?;
    let full = pairs::referenced(address.full, key, &reference).ok_or_else(unusual)?;
    if is_commit(&reference) {
        return Err(Fallback::because(format!(
            "`{name}` is pinned to a commit, not to a tag"
        )));
    }
    let commit = rewrite.bump.facts.commit(address.url, &reference)?;
    if full == address.full && commit == address.commit {
        return Ok(Vec::new());
    }
    alone(rewrite, name, &address)?;
    let held = address.reference.as_deref().ok_or_else(unusual)?;
    let before = upstream(rewrite, &address, held)?;
    let after = upstream(rewrite, &address, &reference)?;
    after.succeeds(&before, (moving, &reference))?;
    rewrite.same(moving, block, &before.core, &after.core)?;
    rewrite.dependents(moving)?;
    let version = block
        .version
        .and_then(|it| changed(rewrite.book, it, &moving.to.to_string()));
    let source = changed(rewrite.book, text, &format!("{full}#{commit}"));
    Ok(version.into_iter().chain(source).collect())
}

/// Checks that no other package comes from the same repository only because this one does.
fn alone(rewrite: &Rewrite<'_, '_>, name: &str, held: &Address<'_>) -> Result<(), Fallback> {
    let others = rewrite.book.blocks.iter().filter(|it| it.name != name);
    let following = others.filter(|it| {
        let address = it.source.get("git").and_then(Address::read);
        address.is_some_and(|it| it.url == held.url) && wanted(rewrite, it.name).is_err()
    });
    upstream::alone(name, following.map(|it| it.name))
}

fn upstream(
    rewrite: &Rewrite<'_, '_>,
    address: &Address<'_>,
    tag: &str,
) -> Result<Upstream, Fallback> {
    let point = Point::Tag(tag);
    Upstream::ask(rewrite.bump.facts, address.url, point, address.manifest())
}

/// Returns the tag that the manifests want.
fn wanted(rewrite: &Rewrite<'_, '_>, name: &str) -> Result<(&'static str, String), Fallback> {
    let all = rewrite.projects.values().flat_map(|it| &it.wanted);
    let mut tags = all
        .filter(|it| it.demand.name.as_ref() == name)
        .filter_map(|it| match &it.origin {
            Origin::Git { key, reference } => Some((*key, reference.clone())),
            _ => None,
        });
    let none = || Fallback::because(format!("no manifest says which tag of `{name}` is wanted"));
    let first = tags.next().ok_or_else(none)?;
    if tags.any(|it| it != first) {
        return Err(Fallback::because(format!(
            "the manifests want several tags of `{name}`"
        )));
    }
    Ok(first)
}

fn is_commit(reference: &str) -> bool {
    reference.len() >= 7 && reference.bytes().all(|it| it.is_ascii_hexdigit())
}

/// Checks that a package from git admits what moves.
pub(super) fn admits(
    rewrite: &Rewrite<'_, '_>,
    moving: &Moving,
    block: &Block<'_>,
) -> Result<(), Fallback> {
    let unknown = || {
        Fallback::because(format!(
            "what `{}` requires can not be looked up",
            block.name
        ))
    };
    let text = block.source.get("git").ok_or_else(unknown)?;
    let address = Address::read(text).ok_or_else(unknown)?;
    let moves = rewrite.moving.iter().any(|it| it.name == block.name);
    let reference = if moves {
        wanted(rewrite, block.name)?.1
    } else {
        address.reference.clone().ok_or_else(unknown)?
    };
    let upstream = upstream(rewrite, &address, &reference)?;
    let admitted = upstream
        .core
        .admits(&moving.name, &moving.to, &rewrite.reach);
    admitted.map_err(|wanted| excluded(block, moving, &wanted))
}
