//! Rows that force a version on a whole tree: `overrides` and `resolutions`.
//!
//! They hold for whoever installs this repository and for nobody who depends on it, so they are
//! rows of the workspace: they move with the package that they name and never order a release.
//!
//! | written | read |
//! |---|---|
//! | `"core": "1.4.2"`, `"parent": {"core": ..}`, `parent>core`, `parent/core`, `**/core` | a pin on `core` that moves |
//! | `"core": "$core"` | inherited: the row of the dependency says it |
//! | `"core@^1": "1.4.2"` | shown and never edited: it is for one line of versions, and a release may leave that line |
//! | `"core": "-"`, a folder, a patch | names no version |

use crate::Form;
use crate::json::Node;
use crate::npm::spec::Spec;

/// What a key says that a row of overrides is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target<'k> {
    /// The package.
    pub(super) name: &'k str,
    /// The requests that it is for, where it is not for all (`^1`).
    pub(super) only: Option<&'k str>,
}

impl<'k> Target<'k> {
    /// Returns what a key of npm's `overrides` is for: `core`, `core@^1`.
    pub(super) fn npm(key: &'k str) -> Self {
        let at = key.char_indices().skip(1).find(|(_, c)| *c == '@');
        match at.and_then(|(at, _)| key.split_at_checked(at)) {
            Some((name, rest)) => Self {
                name,
                only: rest.strip_prefix('@').filter(|it| !it.is_empty()),
            },
            None => Self {
                name: key,
                only: None,
            },
        }
    }

    /// Returns what a key of pnpm's `overrides` is for: `core`, `parent@1>core@^1`. A `>` behind a
    /// space, an `@` or a `|` belongs to a range.
    pub(super) fn pnpm(key: &'k str) -> Self {
        let mut before = ' ';
        let parent = key.char_indices().find(|&(_, c)| {
            let divides = c == '>' && !matches!(before, ' ' | '|' | '@');
            before = c;
            divides
        });
        let child = parent.and_then(|(at, _)| key.get(at + 1..));
        Self::npm(child.unwrap_or(key))
    }

    /// Returns what a key of `resolutions` is for: `core`, `**/core`, `parent/core`,
    /// `@scope/parent/@scope/core`, `core@npm:^1`.
    pub(super) fn yarn(key: &'k str) -> Self {
        let mut rest = key;
        // A name has one slash where it has a scope; what stands behind more is the child.
        while let Some(child) = behind_first(rest) {
            rest = child;
        }
        Self::npm(rest)
    }
}

/// Returns what stands behind the first package of a path of packages.
fn behind_first(path: &str) -> Option<&str> {
    let scope = if path.starts_with('@') {
        path.find('/')? + 1
    } else {
        0
    };
    let name = path.get(scope..)?;
    // Behind an `@` stands a range, which may hold slashes of its own.
    let end = name
        .find(['/', '@'])
        .filter(|at| name.get(*at..).is_some_and(|it| it.starts_with('/')))?;
    name.get(end + 1..).filter(|it| !it.is_empty())
}

/// Returns what a row for this target says.
pub(super) fn spec(target: &Target<'_>, value: &str) -> Spec {
    let read = if value.starts_with('$') {
        Spec::inherited(value)
    } else if target.only.is_some() || value.starts_with("patch:") {
        Spec::opaque(value)
    } else if value == "-" {
        Spec::unversioned(value)
    } else {
        Spec::of(value)
    };
    debug_assert!(read.form != Form::Inherited || read.within.is_none());
    read
}

/// Returns every row of npm's `overrides`, the nested ones too: the key that names the package, and
/// the value. The key `.` is for the package of the key above.
pub(super) fn nested(table: Node<'_>) -> Vec<(&str, Node<'_>)> {
    let mut rows = Vec::new();
    let mut open = vec![("", table)];
    while let Some((above, node)) = open.pop() {
        for (key, value) in node.fields() {
            let key = if key == "." { above } else { key };
            if value.is_object() {
                open.push((key, value));
            } else {
                rows.push((key, value));
            }
        }
    }
    rows.sort_by_key(|(_, value)| value.span().start);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_the_package_at_its_end() {
        type Read = fn(&'static str) -> Target<'static>;
        for (read, key, name, only) in [
            (Target::npm as Read, "core", "core", None),
            (Target::npm, "@f/core", "@f/core", None),
            (Target::npm, "@f/core@^1", "@f/core", Some("^1")),
            (Target::npm, "core@", "core", None),
            (Target::pnpm, "a>core", "core", None),
            (Target::pnpm, "a@1>@f/core@2", "@f/core", Some("2")),
            (Target::pnpm, "core@>=1", "core", Some(">=1")),
            (Target::pnpm, "core@^1 || >2", "core", Some("^1 || >2")),
            (Target::pnpm, "a@>=1>core", "core", None),
            (Target::yarn, "**/core", "core", None),
            (Target::yarn, "a/core", "core", None),
            (Target::yarn, "a/**/core", "core", None),
            (Target::yarn, "@f/a/@f/core", "@f/core", None),
            (Target::yarn, "@f/core", "@f/core", None),
            (Target::yarn, "core@npm:^1.0.0", "core", Some("npm:^1.0.0")),
            (Target::yarn, "core@npm:@f/x@1", "core", Some("npm:@f/x@1")),
            (Target::yarn, "@", "@", None),
            (Target::yarn, "", "", None),
        ] {
            assert_eq!(read(key), Target { name, only }, "{key}");
        }
    }

    #[test]
    fn only_a_row_for_every_request_may_be_edited() {
        let form = |key: &str, value: &str| spec(&Target::pnpm(key), value).form;
        assert_eq!(form("core", "1.4.2"), Form::Range);
        assert_eq!(form("a>core", "npm:other@^1"), Form::Range);
        assert_eq!(form("core@^1", "1.4.2"), Form::Opaque);
        assert_eq!(form("core", "$core"), Form::Inherited);
        assert_eq!(form("core", "catalog:"), Form::Inherited);
        assert_eq!(form("core", "-"), Form::Unversioned);
        assert_eq!(form("core", "patch:core@1#p"), Form::Opaque);
    }
}
