//! The native rewrite of `go.sum`: where only the lines of what moves can change.
//!
//! A version whose `go.mod` is that of the old one, byte for byte, and whose packages import the
//! same packages of other modules, needs what the old one needed. Then its two lines take the place
//! of the old ones; that of the old `go.mod` stays where something else still leads to it.

use std::collections::BTreeSet;

use super::content::{Content, same_needs, sum_of_mod};
use super::graph::{Graph, go_mod};
use super::{Line, MANIFEST, Of, VENDOR, bare, discords, lines, order, parsed};
use crate::go::module::ModFile;
use crate::{Ask, Bump, Fallback, Move, Splice};

/// A module whose lines change, and the hashes of the new ones.
struct Turn<'a> {
    path: &'a str,
    old: &'a str,
    new: String,
    zip: String,
    module: String,
}

/// A module that moves: its path, its old and its new version.
type Moving<'a> = (&'a str, &'a str, String);

/// The text as lines, and how they are put together.
struct Page<'t> {
    lines: Vec<Line<'t>>,
    mark: &'static str,
    end: &'static str,
    last: &'static str,
}

/// Returns the text with the lines of what moves.
pub(super) fn rewrite(text: &str, bump: &Bump<'_>) -> Result<String, Fallback> {
    let page = Page::read(text)?;
    let manifest = bump.files.get(MANIFEST);
    let manifest = manifest.ok_or_else(|| because("there is no `go.mod` beside it"))?;
    let unread = |it: crate::ReadError| Fallback(format!("`go.mod` can not be read: {it}"));
    let main = ModFile::read(manifest).map_err(unread)?;
    let mut moving = Vec::new();
    for it in bump.moves {
        moving.extend(moving_lines(&page.lines, &main, it)?);
    }
    if moving.is_empty() {
        return Ok(text.to_owned());
    }
    check_surroundings(&main, bump)?;
    page.check_order()?;
    let turns = moving
        .iter()
        .map(|it| turn(&page.lines, bump, (it, &moving)));
    let turns = turns.collect::<Result<Vec<_>, _>>()?;
    let stays = Graph::read(&main, &page.lines, bump)?;
    let lines = turned(&page.lines, &turns, &stays);
    if let Some(it) = discords(&lines, &main).first() {
        let (subject, wanted) = (&it.subject, &it.wanted);
        return Err(Fallback(format!("it lacks a line of `{subject} {wanted}`")));
    }
    Ok(page.written(&lines))
}

fn because(why: &str) -> Fallback {
    Fallback::because(why)
}

/// Requires that nothing else says how the sums are made.
fn check_surroundings(main: &ModFile<'_>, bump: &Bump<'_>) -> Result<(), Fallback> {
    if bump.files.contains_key(VENDOR) {
        return Err(because(
            "a `vendor` folder has to be made anew: `go mod vendor`",
        ));
    }
    if main.is_between() {
        return Err(because(
            "of a module of Go 1.17, sums for Go 1.16 are kept too",
        ));
    }
    Ok(())
}

/// Returns the path, the old and the new version of a move; `None` where its lines are as they
/// should be.
fn moving_lines<'a>(
    lines: &[Line<'a>],
    main: &ModFile<'_>,
    it: &'a Move,
) -> Result<Option<Moving<'a>>, Fallback> {
    let (path, new) = (it.name.as_str(), format!("v{}", bare(&it.to)));
    let mut rows = main.requires.iter().filter(|it| it.path.value == path);
    let Some(row) = rows.next() else {
        return Err(Fallback(format!("`go.mod` does not require `{path}`")));
    };
    match main.replaced(path, &new).map(|it| &it.by_version) {
        Some(None) => return Ok(None),
        Some(Some(_)) => return Err(Fallback(format!("`{path}` is replaced by another module"))),
        None => {}
    }
    if row.version.value != new || rows.any(|it| it.version.value != new) {
        return Err(Fallback(format!(
            "`go.mod` does not require `{path} {new}`"
        )));
    }
    if main.excludes.contains(&(path.to_owned(), new.clone())) {
        return Err(Fallback(format!("`go.mod` excludes `{path} {new}`")));
    }
    let has = |version: &str, of: Of| {
        let mut rows = lines.iter().filter(|it| it.path == path && it.of == of);
        rows.any(|it| it.version == version)
    };
    let zips = lines
        .iter()
        .filter(|it| it.path == path && it.of == Of::Zip);
    match *zips.map(|it| it.version).collect::<Vec<_>>() {
        [one] if one == new && has(one, Of::Mod) => Ok(None),
        [old] if has(old, Of::Mod) && parsed(old) < parsed(&new) => Ok(Some((path, old, new))),
        [_] => Err(Fallback(format!(
            "its lines of `{path}` are not one older version's"
        ))),
        [] => Err(Fallback(format!("it has no line of `{path}`"))),
        _ => Err(Fallback(format!(
            "it has lines of several versions of `{path}`"
        ))),
    }
}

/// Returns what the lines of one module become, proven to be all that changes.
fn turn<'a>(
    lines: &[Line<'a>],
    bump: &Bump<'_>,
    (it, moving): (&Moving<'a>, &[Moving<'_>]),
) -> Result<Turn<'a>, Fallback> {
    let (path, old, new) = (it.0, it.1, &it.2);
    let texts = (go_mod(bump, path, old)?, go_mod(bump, path, new)?);
    if !is_same(&texts.0, &texts.1, moving) {
        return Err(Fallback(format!(
            "the `go.mod` of `{path}` is another one at {new} than at {old}"
        )));
    }
    let before = content(bump, path, old)?;
    let after = content(bump, path, new)?;
    let locked = |of: Of, hash: &str| {
        let mut rows = lines.iter().filter(|it| it.path == path && it.of == of);
        rows.any(|it| it.version == old && it.hash == hash)
    };
    if !locked(Of::Zip, &before.sum) || !locked(Of::Mod, &sum_of_mod(texts.0.as_bytes())) {
        return Err(Fallback(format!(
            "`{path}@{old}` is another one now than when it was locked"
        )));
    }
    same_needs(path, &before, &after)?;
    Ok(Turn {
        path,
        old,
        new: new.clone(),
        zip: after.sum,
        module: sum_of_mod(texts.1.as_bytes()),
    })
}

/// Returns whether two texts of a `go.mod` are one, but for the versions of what moves along: old
/// ones in the old text, new ones in the new.
fn is_same(old: &str, new: &str, moving: &[Moving<'_>]) -> bool {
    if old == new {
        return true;
    }
    let Ok(file) = ModFile::read(new) else {
        return false;
    };
    let back = file.requires.iter().filter_map(|row| {
        let along = moving.iter().find(|it| row.path.value == it.0);
        let (_, from, _) = along.filter(|it| row.version.value == it.2)?;
        Some(Splice {
            span: row.version.editable()?,
            to: (*from).to_owned(),
        })
    });
    let back: Vec<_> = back.collect();
    crate::splice(new, &back).is_ok_and(|it| it == old)
}

fn content(bump: &Bump<'_>, path: &str, version: &str) -> Result<Content, Fallback> {
    let zip = bump.facts.ask(&Ask::GoZip {
        module: path.to_owned(),
        version: version.to_owned(),
    })?;
    Content::read(&zip, path, version)
}

/// Returns the lines with those of the turns, in the go command's order. `stays` are the modules
/// whose `go.mod` is still read.
fn turned<'a>(
    lines: &[Line<'a>],
    turns: &'a [Turn<'a>],
    stays: &BTreeSet<(String, String)>,
) -> Vec<Line<'a>> {
    let old = |it: &Line<'_>| {
        turns
            .iter()
            .any(|turn| (it.path, it.version) == (turn.path, turn.old))
    };
    let stays = |it: &Line<'_>| {
        let node = (it.path.to_owned(), it.version.to_owned());
        it.of == Of::Mod && stays.contains(&node)
    };
    let mut all: Vec<_> = lines
        .iter()
        .filter(|it| !old(it) || stays(it))
        .cloned()
        .collect();
    for turn in turns {
        let new = [(Of::Zip, &turn.zip), (Of::Mod, &turn.module)];
        all.extend(new.map(|(of, hash)| Line {
            path: turn.path,
            version: &turn.new,
            of,
            hash,
        }));
    }
    all.sort_by(order);
    all.dedup();
    all
}

impl<'t> Page<'t> {
    fn read(text: &'t str) -> Result<Self, Fallback> {
        let lines = lines(text).collect::<Result<_, _>>();
        let first = text.find('\n').and_then(|at| text.get(..at));
        let crlf = first.is_some_and(|it| it.ends_with('\r'));
        let end = if crlf { "\r\n" } else { "\n" };
        let marked = text.starts_with('\u{feff}');
        let page = Self {
            lines: lines.map_err(|it| Fallback(it.to_string()))?,
            mark: if marked { "\u{feff}" } else { "" },
            end,
            last: if text.ends_with('\n') { end } else { "" },
        };
        let plain = page.written(&page.lines) == text;
        plain.then_some(page).ok_or_else(|| because(UNUSUAL))
    }

    fn check_order(&self) -> Result<(), Fallback> {
        let sorted = self.lines.is_sorted_by(|a, b| order(a, b).is_lt());
        sorted.then_some(()).ok_or_else(|| because(UNUSUAL))
    }

    fn written(&self, lines: &[Line<'_>]) -> String {
        let lines = lines.iter().map(|it| {
            let of = if it.of == Of::Mod { super::MOD } else { "" };
            format!("{} {}{of} {}", it.path, it.version, it.hash)
        });
        let lines: Vec<_> = lines.collect();
        let last = if lines.is_empty() { "" } else { self.last };
        format!("{}{}{last}", self.mark, lines.join(self.end))
    }
}

/// Why a text that the go command would write anew is left to it.
const UNUSUAL: &str = "its lines are not as the go command writes and sorts them";

#[cfg(test)]
mod tests;
