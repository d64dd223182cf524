//! What the go command does to the `go.mod` beside its sums.

use std::collections::{BTreeMap, BTreeSet};

use super::{bare, parsed};
use crate::go::directive::{Row, Rows};
use crate::go::module::{ModFile, Replace, Require, is_indirect};
use crate::{Fallback, Move, Splice, splice};

/// The directives that the command raises by itself.
const LANGUAGE: &[&str] = &["go", "toolchain"];

/// What one `go.mod` says, by whose it is.
#[derive(Default)]
struct Sides {
    /// Rows of the command's own: what each is about, and the version.
    own: BTreeMap<String, String>,
    /// All others, in one spelling and no order: the command may move a row into another block.
    others: BTreeSet<String>,
}

impl Sides {
    fn of(text: &str) -> Result<Self, Fallback> {
        let unread = |it: crate::ReadError| Fallback(format!("it can not be read: {}", it.message));
        let mut sides = Self::default();
        for row in Rows::of(text) {
            sides.take(&row.map_err(unread)?);
        }
        Ok(sides)
    }

    fn take(&mut self, row: &Row<'_>) {
        let words = || row.words.iter().map(|it| it.value.as_ref());
        let version = || words().next_back().unwrap_or_default().to_owned();
        if LANGUAGE.contains(&&*row.verb) {
            self.own.insert(row.verb.to_string(), version());
        } else if row.verb == "require" && is_indirect(row.comment) {
            let path = words().next().unwrap_or_default().to_owned();
            self.own.insert(path, version());
        } else {
            let mut all: Vec<&str> = vec![&row.verb];
            all.extend(words());
            self.others.insert(all.join(" "));
        }
    }
}

/// Returns the rows of its own that the command changed: those on what is only required by others,
/// and the language version.
pub(super) fn own_edits(before: &str, after: &str) -> Result<BTreeMap<String, String>, Fallback> {
    let (old, new) = (Sides::of(before)?, Sides::of(after)?);
    let came = new.others.difference(&old.others).next();
    let went = old.others.difference(&new.others).next();
    match (came, went) {
        (Some(row), _) => return Err(Fallback(format!("it would have to say `{row}`"))),
        (None, Some(row)) => {
            return Err(Fallback(format!("it could not say `{row}` any more")));
        }
        (None, None) => {}
    }
    still_replaced(before, after)?;
    let all: BTreeSet<&String> = old.own.keys().chain(new.own.keys()).collect();
    let changed = all.into_iter().filter_map(|it| {
        let (from, to) = (old.own.get(it), new.own.get(it));
        let word = |it: Option<&String>| it.map_or_else(|| "none".to_owned(), Clone::clone);
        (from != to).then(|| (it.clone(), format!("{} -> {}", word(from), word(to))))
    });
    Ok(changed.collect())
}

/// Fails where a module that another one stands for, at one version alone, has another version.
fn still_replaced(before: &str, after: &str) -> Result<(), Fallback> {
    let (Ok(old), Ok(new)) = (ModFile::read(before), ModFile::read(after)) else {
        return Ok(()); // What can not be read was told.
    };
    let rows = new.requires.iter();
    let rows: BTreeMap<&str, &Require<'_>> = rows.map(|it| (&*it.path.value, it)).collect();
    for it in &old.requires {
        let path = &it.path.value;
        let Some(now) = rows.get(&**path) else {
            continue;
        };
        let by = |file: &ModFile<'_>, at: &Require<'_>| {
            file.replaced(path, &at.version.value).map(Replace::source)
        };
        if by(&old, it) != by(&new, now) {
            return Err(Fallback(format!(
                "what stands for `{path}` at {} alone (`replace`) would not at {}",
                it.version.value, now.version.value
            )));
        }
    }
    Ok(())
}

/// Returns a `go.mod` with the rows raised that are on what moves and only required by others;
/// `None` where there are none.
pub(super) fn followed(text: &str, moves: &[Move]) -> Option<String> {
    let file = ModFile::read(text).ok().filter(ModFile::is_pruned)?;
    let raised = file.requires.iter().filter(|it| it.indirect);
    let raised = raised.filter_map(|row| {
        let to = &moves.iter().find(|it| row.path.value == it.name)?.to;
        let to = format!("v{}", bare(to));
        let span = row.version.editable()?;
        (parsed(&row.version.value) < parsed(&to)).then_some(Splice { span, to })
    });
    let raised: Vec<_> = raised.collect();
    (!raised.is_empty()).then(|| splice(text, &raised).ok())?
}

#[cfg(test)]
mod tests {
    use super::{followed, own_edits};
    use crate::Move;

    const BEFORE: &str = "module example.org/app\n\ngo 1.21\n\nrequire (\n\
        \texample.org/core v1.1.0 // pinned\n\texample.org/old v1.0.0 // indirect\n\
        \texample.org/third v1.0.0 // indirect\n)\n";

    #[test]
    fn indirect_rows_and_the_language_are_the_commands_own() {
        let after = "module example.org/app\n\ngo 1.22\n\ntoolchain go1.22.1\n\n\
            require example.org/core v1.1.0 // pinned\n\n\
            require example.org/third v1.1.0 // indirect\n";
        let changed = own_edits(BEFORE, after).unwrap();
        let rows: Vec<_> = changed.iter().map(|(a, b)| format!("{a} {b}")).collect();
        assert_eq!(
            rows,
            [
                "example.org/old v1.0.0 -> none",
                "example.org/third v1.0.0 -> v1.1.0",
                "go 1.21 -> 1.22",
                "toolchain none -> go1.22.1",
            ]
        );
        let spaced = BEFORE.replace("\texample", "\t\texample");
        assert!(own_edits(BEFORE, &spaced).unwrap().is_empty());
    }

    #[test]
    fn what_stands_for_one_version_alone_does_not_go_dead() {
        let bound = "replace example.org/third v1.0.0 => example.org/fork v1.0.1\n";
        let (before, raised) = (
            format!("{BEFORE}{bound}"),
            BEFORE.replace("third v1.0.0", "third v1.1.0"),
        );
        let why = own_edits(&before, &format!("{raised}{bound}"))
            .unwrap_err()
            .0;
        assert_eq!(
            why,
            "what stands for `example.org/third` at v1.0.0 alone (`replace`) would not at v1.1.0"
        );
        let whole = "replace example.org/third => example.org/fork v1.0.1\n";
        assert!(own_edits(&format!("{BEFORE}{whole}"), &format!("{raised}{whole}")).is_ok());
    }

    #[test]
    fn indirect_rows_on_what_moves_follow() {
        let to = |name: &str, to: &str| Move {
            name: format!("example.org/{name}"),
            from: None,
            to: to.to_owned(),
        };
        let moves = [
            to("third", "1.1.0"),
            to("core", "1.2.0"),
            to("old", "0.9.0"),
        ];
        let after = BEFORE.replace("third v1.0.0", "third v1.1.0");
        assert_eq!(followed(BEFORE, &moves).as_deref(), Some(after.as_str()));
        assert_eq!(followed(&after, &moves), None);
        assert_eq!(followed(BEFORE, &[]), None);
        // An older one does not list what its packages need.
        assert_eq!(
            followed(&BEFORE.replace("go 1.21", "go 1.16"), &moves),
            None
        );
        assert_eq!(followed("require a", &moves), None);
    }

    #[test]
    fn a_row_of_a_persons_own_is_not() {
        for (from, to, word) in [
            (
                "core v1.1.0",
                "core v1.2.0",
                "say `require example.org/core v1.2.0`",
            ),
            (
                "\texample.org/core v1.1.0 // pinned\n",
                "",
                "not say `require example.org/core",
            ),
            (
                "v1.0.0 // indirect\n)",
                "v1.0.0\n)",
                "say `require example.org/third v1.0.0`",
            ),
            (
                "v1.1.0 // pinned",
                "v1.1.0 // indirect",
                "not say `require example.org/core",
            ),
            (
                "go 1.21\n",
                "go 1.21\n\nretract v1.0.0\n",
                "say `retract v1.0.0`",
            ),
            (")\n", "", "can not be read"),
        ] {
            let after = BEFORE.replace(from, to);
            assert_ne!(after, BEFORE);
            let why = own_edits(BEFORE, &after).unwrap_err().0;
            assert!(why.contains(word), "{word}: {why}");
        }
    }
}
