//! Rows of packages that come from git, at a tag that the sources name.

use super::book::{Book, Row, Spot};
use super::command;
use super::rewrite::Rewrite;
use super::sources;
use crate::python::metadata::Core;
use crate::python::moving::Moving;
use crate::python::reference;
use crate::python::upstream::{self, Point, Upstream};
use crate::{BareCommit, Fallback, Form, Splice};

/// An address as a requirement writes it: `git+https://x/y@v1#subdirectory=z`.
#[derive(PartialEq, Eq)]
struct Address<'t> {
    /// Without `git+`, reference and fragment.
    url: &'t str,
    reference: &'t str,
    /// With its `#`; empty where there is none.
    fragment: &'t str,
    folder: Option<&'t str>,
}

impl<'t> Address<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let range = reference::of_url(text).version?;
        let fragment = text.get(range.end..)?;
        let mut folder = None;
        let parts = fragment.strip_prefix('#').unwrap_or_default().split('&');
        for part in parts.filter(|it| !it.is_empty()) {
            match part.split_once('=')? {
                ("egg", _) => {}
                ("subdirectory", path) if folder.is_none() && !path.contains('%') => {
                    folder = Some(path.trim_matches('/'));
                }
                _ => return None,
            }
        }
        Some(Self {
            url: text.get("git+".len()..range.start - 1)?,
            reference: text.get(range)?,
            fragment,
            folder,
        })
    }

    /// Returns whether both are the same package of the same repository.
    fn is_beside(&self, other: &Self) -> bool {
        (self.url, self.fragment) == (other.url, other.fragment)
    }

    fn point(&self) -> Point<'t> {
        if is_tag(self.reference) {
            Point::Tag(self.reference)
        } else {
            Point::Commit(self.reference)
        }
    }

    fn upstream(&self, rewrite: &Rewrite<'_>) -> Result<Upstream, Fallback> {
        let path = match self.folder {
            Some(folder) => format!("{folder}/pyproject.toml"),
            None => "pyproject.toml".to_owned(),
        };
        Upstream::ask(rewrite.bump.facts, self.url, self.point(), path)
    }
}

fn is_tag(reference: &str) -> bool {
    reference::form(reference) == Form::GitTag
}

/// Returns the commit that a row keeps of the tag that a source wants of its package.
pub(super) fn bare_commit(book: &Book, wanted: &sources::Wanted) -> Option<BareCommit> {
    let to = Address::read(wanted.address.as_deref()?)?;
    let is_its = |row: &&Row| row.name == wanted.name && row.commit().is_some();
    let row = book.rows.iter().find(is_its)?;
    let held = Address::read(row.address.as_deref()?)?;
    let told = held.is_beside(&to) && is_tag(to.reference);
    told.then(|| BareCommit {
        subject: row.name.clone(),
        tag: to.reference.to_owned(),
        commit: held.reference.to_owned(),
        manifest: wanted.file.clone(),
    })
}

/// Returns the edits of a row from git: pip-compile keeps the tag, uv the commit that it names.
pub(super) fn moved(
    rewrite: &Rewrite<'_>,
    moving: &Moving,
    row: &Row,
    spot: &Spot,
) -> Result<Vec<Splice>, Fallback> {
    let name = &moving.name;
    let text = wanted(rewrite, name)?;
    let unknown = || Fallback::because(format!("the address of `{name}` is not known"));
    let held = row.address.as_deref().and_then(Address::read);
    let (held, to) = held.zip(Address::read(&text)).ok_or_else(unknown)?;
    if !held.is_beside(&to) {
        let reason = format!("`{name}` comes from another address in the sources");
        return Err(Fallback::because(reason));
    }
    let reference = reference_of(rewrite, row, &to)?;
    if held.reference == reference {
        return Ok(Vec::new());
    }
    alone(rewrite, row, &held)?;
    same(rewrite, (moving, row), (&held, &to))?;
    Ok(vec![Splice {
        span: spot.span.clone(),
        to: reference,
    }])
}

/// Returns what the row of a package keeps of its tag.
fn reference_of(rewrite: &Rewrite<'_>, row: &Row, to: &Address<'_>) -> Result<String, Fallback> {
    let (name, tag) = (&row.name, to.reference);
    if !is_tag(tag) {
        let reason = format!("`{name}` is pinned to a commit, not to a tag");
        return Err(Fallback::because(reason));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._/".contains(c);
    if !tag.chars().all(is_plain) {
        let reason = format!("the tag `{tag}` may be spelled in several ways");
        return Err(Fallback::because(reason));
    }
    let commit = rewrite.bump.facts.commit(to.url, tag)?;
    let by_uv = command::command(rewrite.text).is_some_and(|it| it.is_uv());
    match row.commit() {
        Some(_) if by_uv => Ok(commit),
        None if by_uv => Err(Fallback::because(format!(
            "the row of `{name}` is not as uv writes it"
        ))),
        _ => Ok(tag.to_owned()),
    }
}

/// Checks that nothing else can change where a package comes from another tag of its repository.
fn same(
    rewrite: &Rewrite<'_>,
    (moving, row): (&Moving, &Row),
    (held, to): (&Address<'_>, &Address<'_>),
) -> Result<(), Fallback> {
    let (before, after) = (held.upstream(rewrite)?, to.upstream(rewrite)?);
    after.succeeds(&before, (moving, to.reference))?;
    rewrite.same(moving, row, (&before.core, &after.core))
}

/// Returns the address that the sources want a package from.
fn wanted(rewrite: &Rewrite<'_>, name: &str) -> Result<String, Fallback> {
    let none = || Fallback::because(format!("no source says which tag of `{name}` is wanted"));
    let command = command::command(rewrite.text).ok_or_else(none)?;
    let all = sources::wanted(&command, rewrite.bump.files).into_iter();
    let mut on_it = all.filter(|it| it.name == name).filter_map(|it| it.address);
    let first = on_it.next().ok_or_else(none)?;
    if on_it.any(|it| it != first) {
        let reason = format!("the sources want several tags of `{name}`");
        return Err(Fallback::because(reason));
    }
    Ok(first)
}

/// Checks that no other row comes from the same repository only because this one does.
fn alone(rewrite: &Rewrite<'_>, row: &Row, held: &Address<'_>) -> Result<(), Fallback> {
    let others = rewrite.book.rows.iter().filter(|it| it.name != row.name);
    let following = others.filter(|it| {
        let address = it.address.as_deref().and_then(Address::read);
        address.is_some_and(|it| it.url == held.url) && wanted(rewrite, &it.name).is_err()
    });
    upstream::alone(&row.name, following.map(|it| it.name.as_str()))
}

/// Returns what a package from git says of itself as it is after the bump.
pub(super) fn core_of(rewrite: &Rewrite<'_>, row: &Row) -> Result<Core, Fallback> {
    let moves = rewrite.moving.iter().any(|it| it.name == row.name);
    let text = if moves {
        Some(wanted(rewrite, &row.name)?)
    } else {
        row.address.clone()
    };
    let address = text.as_deref().and_then(Address::read).ok_or_else(|| {
        let name = &row.name;
        Fallback::because(format!("what `{name}` requires can not be looked up"))
    })?;
    Ok(address.upstream(rewrite)?.core)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_reference_and_a_folder() {
        let read = |text| {
            let it = Address::read(text)?;
            Some((it.url, it.reference, it.folder))
        };
        for (text, expected) in [
            (
                "git+ssh://git@git.example/o/a.git@a/v1.2#egg=a&subdirectory=/x/y/",
                Some(("ssh://git@git.example/o/a.git", "a/v1.2", Some("x/y"))),
            ),
            ("git+file:///srv/a@v1", Some(("file:///srv/a", "v1", None))),
            ("git+https://git.example/a@v1#lfs=true", None),
            ("git+https://git.example/a@v1#subdirectory=a%20b", None),
            ("git+https://git.example/a@main", None),
            ("git+https://git.example/a", None),
            ("https://git.example/a-1.0.tar.gz", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
