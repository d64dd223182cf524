//! Changelogs as keepachangelog.com describes them: `## [Unreleased]` becomes a release.

mod sections;

use std::ops::Range;

use crate::{Splice, splice};

pub use sections::{ReleaseSection, release_sections};

/// A line of the text that is not inside a code fence.
#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    text: &'t str,
}

/// The heading of what is not released yet.
struct Unreleased<'t> {
    line: Line<'t>,
    /// The heading's words, as a person spelled them: `[Unreleased]`.
    words: &'t str,
}

/// Returns the changelog in which what is unreleased is released: the `## [Unreleased]` heading
/// says the version and date, a fresh one stands above it, and its link reference compares from
/// the new tag. `None` where there is no such heading, nothing stands under it, or the version has
/// a heading already.
///
/// ```
/// let text = "# Changelog\n\n## [Unreleased]\n\n- A change.\n";
/// let new = cascade_manifest::release_changelog(text, "1.2.0", "2026-11-21").unwrap();
/// assert_eq!(new, "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-21\n\n- A change.\n");
/// assert_eq!(cascade_manifest::release_changelog(&new, "1.2.0", "2026-11-21"), None);
/// ```
pub fn release_changelog(text: &str, version: &str, date: &str) -> Option<String> {
    let lines = lines_of(text);
    let at = lines.iter().position(|it| unreleased(*it).is_some())?;
    let heading = unreleased(*lines.get(at)?)?;
    let (_, below) = lines.split_at(at.checked_add(1)?);
    let section = below.iter().take_while(|it| !ends_section(it.text));
    let has_content = section.into_iter().any(|it| says_something(it.text));
    let released = below.iter().any(|it| is_release(it.text, version));
    if !has_content || released {
        return None;
    }
    let title = title(&heading, below, version);
    let behind = text.get(span_of(heading.line).end..).unwrap_or_default();
    let end = if behind.starts_with('\r') {
        "\r\n"
    } else {
        "\n"
    };
    let mut splices = vec![Splice {
        span: span_of(heading.line),
        to: format!("## {}{end}{end}## {title} - {date}", heading.words),
    }];
    splices.extend(below.iter().find_map(|it| link(*it, &title, version, end)));
    splice(text, &splices).ok()
}

/// Returns the lines without their ends, those in code fences left out.
fn lines_of(text: &str) -> Vec<Line<'_>> {
    let (mut start, mut fence) = (0, None);
    let mut lines = Vec::new();
    for whole in text.split_inclusive('\n') {
        let line = Line {
            start,
            text: whole.trim_end_matches(['\n', '\r']),
        };
        start += whole.len();
        let indented = line.text.trim_start();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|it| indented.starts_with(it));
        match (fence, mark) {
            (None, None) => lines.push(line),
            (None, Some(_)) => fence = mark,
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
        }
    }
    lines
}

fn unreleased(line: Line<'_>) -> Option<Unreleased<'_>> {
    let words = line
        .text
        .trim_start_matches('\u{feff}')
        .strip_prefix("## ")?
        .trim();
    let is_one =
        words.eq_ignore_ascii_case("[unreleased]") || words.eq_ignore_ascii_case("unreleased");
    is_one.then_some(Unreleased { line, words })
}

fn ends_section(line: &str) -> bool {
    line.starts_with("# ") || line.starts_with("## ") || label(line).is_some()
}

/// Returns whether the line is more than space, a sub-heading or a comment.
fn says_something(line: &str) -> bool {
    let line = line.trim();
    let is_comment = line.starts_with("<!--") && line.ends_with("-->");
    !line.is_empty() && !line.starts_with('#') && !is_comment
}

/// Returns whether the line is the heading of this version: `## [1.2.0](...)`, `## v1.2.0 - ...`.
fn is_release(line: &str, version: &str) -> bool {
    let words = line.strip_prefix("## ").unwrap_or_default();
    let bare = words.trim_start_matches([' ', '[']);
    let number = bare.strip_prefix('v').unwrap_or(bare);
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '!');
    number
        .strip_prefix(version)
        .is_some_and(|it| !it.starts_with(goes_on))
}

/// Returns how the release is titled: in brackets and with a `v` as its neighbours are.
fn title(heading: &Unreleased<'_>, below: &[Line<'_>], version: &str) -> String {
    let releases = below.iter().filter_map(|it| it.text.strip_prefix("## "));
    let has_v = releases
        .map(|it| it.trim_start_matches('['))
        .next()
        .is_some_and(|it| {
            let number = it.strip_prefix('v').unwrap_or_default();
            number.starts_with(|c: char| c.is_ascii_digit())
        });
    let version = if has_v {
        format!("v{version}")
    } else {
        version.to_owned()
    };
    if heading.words.starts_with('[') {
        format!("[{version}]")
    } else {
        version
    }
}

/// Returns the edit of `[unreleased]: .../compare/v1.4.2...HEAD`: it compares from the new tag, and
/// a line below it compares the new tag with the old.
fn link(line: Line<'_>, title: &str, version: &str, end: &str) -> Option<Splice> {
    let label = label(line.text).filter(|it| it.eq_ignore_ascii_case("[unreleased]"))?;
    let (before, compared) = line.text.rsplit_once("/compare/")?;
    let (old, head) = compared.split_once("...")?;
    let prefix = tag_prefix(old)?;
    let (_, url) = before.split_once(']')?;
    let new = format!("{prefix}{version}");
    let ours = format!("{label}{url}/compare/{new}...{head}");
    let to = if title.starts_with('[') {
        format!("{ours}{end}{title}{url}/compare/{old}...{new}")
    } else {
        ours
    };
    Some(Splice {
        span: span_of(line),
        to,
    })
}

/// Returns the label of a link reference definition, brackets included.
fn label(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('[')?;
    let (label, _) = inner.split_once("]:")?;
    line.get(..label.len() + 2)
}

/// Returns what stands before the version in a tag: `v` in `v1.4.2`, `name-v` in `name-v1.4.2`.
fn tag_prefix(tag: &str) -> Option<&str> {
    let starts = tag.char_indices().filter(|(at, c)| {
        let before = tag.get(..*at).and_then(|it| it.chars().last());
        c.is_ascii_digit() && !before.is_some_and(|it| it.is_ascii_digit() || it == '.')
    });
    let mut versions = starts.filter(|(at, _)| {
        let rest = tag.get(*at..).unwrap_or_default();
        rest.trim_start_matches(|c: char| c.is_ascii_digit())
            .starts_with('.')
    });
    let (at, _) = versions.next()?;
    tag.get(..at)
}

fn span_of(line: Line<'_>) -> Range<usize> {
    let bom = line.text.len() - line.text.trim_start_matches('\u{feff}').len();
    line.start + bom..line.start + line.text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::release_changelog;

    const BEFORE: &str = "\
# Changelog

## [Unreleased]

### Added

- A thing.

```
## [Unreleased]
```

## [1.4.2] - 2026-01-01

- Older.

[unreleased]: https://forge.example/x/compare/v1.4.2...HEAD
[1.4.2]: https://forge.example/x/compare/v1.4.1...v1.4.2
";

    const AFTER: &str = "\
# Changelog

## [Unreleased]

## [2.1.0] - 2026-11-21

### Added

- A thing.

```
## [Unreleased]
```

## [1.4.2] - 2026-01-01

- Older.

[unreleased]: https://forge.example/x/compare/v2.1.0...HEAD
[2.1.0]: https://forge.example/x/compare/v1.4.2...v2.1.0
[1.4.2]: https://forge.example/x/compare/v1.4.1...v1.4.2
";

    fn release(text: &str) -> Option<String> {
        release_changelog(text, "2.1.0", "2026-11-21")
    }

    #[test]
    fn the_heading_and_its_link_move_and_nothing_else() {
        assert_eq!(release(BEFORE).as_deref(), Some(AFTER));
        let crlf = |it: &str| it.replace('\n', "\r\n");
        assert_eq!(release(&crlf(BEFORE)), Some(crlf(AFTER)));
        let bom = |it: &str| format!("\u{feff}{it}");
        assert_eq!(release(&bom(BEFORE)), Some(bom(AFTER)));
        assert_eq!(
            release(BEFORE.trim_end()).as_deref(),
            Some(AFTER.trim_end())
        );
    }

    #[test]
    fn a_person_s_spelling_is_kept() {
        let new = release("## Unreleased\n* x\n## v1.4.2\n").unwrap();
        assert_eq!(
            new,
            "## Unreleased\n\n## v2.1.0 - 2026-11-21\n* x\n## v1.4.2\n"
        );
        let named = "## [Unreleased]\n* x\n[Unreleased]: u/compare/my-2-x-v1.4.2...main\n";
        assert_eq!(
            release(named).unwrap(),
            "## [Unreleased]\n\n## [2.1.0] - 2026-11-21\n* x\n\
             [Unreleased]: u/compare/my-2-x-v2.1.0...main\n\
             [2.1.0]: u/compare/my-2-x-v1.4.2...my-2-x-v2.1.0\n"
        );
        let later = "## [Unreleased]\n- x\n## [2.1.0-rc.1]\n## [2.1.01]\n";
        assert!(release(later).is_some());
        let odd = "## [Unreleased]\n* x\n[Unreleased]: u/compare/first...HEAD\n";
        assert!(
            release(odd)
                .unwrap()
                .ends_with("[Unreleased]: u/compare/first...HEAD\n")
        );
    }

    #[test]
    fn nothing_to_release_is_none() {
        for text in [
            "",
            "# Changelog\n",
            "## [Unreleased]\n",
            "## [Unreleased]\n\n### Added\n\n<!-- here -->\n\n## [1.0.0]\n- x\n",
            "## [Unreleased]\n[unreleased]: u/compare/v1.0.0...HEAD\n",
            "## [Unreleased]\n- x\n## [2.1.0] - 2026-01-01\n",
            "## [Unreleased]\n- x\n## v2.1.0\n",
            "## [Unreleased]\n- x\n## [2.1.0](https://forge.example) (2026-01-01)\n",
            "```\n## [Unreleased]\n- x\n```\n",
            "### [Unreleased]\n- x\n",
        ] {
            assert_eq!(release(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn twice_is_once_and_no_line_is_lost(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "## [Unreleased]", "## Unreleased", "- x", "", "## [1.4.2]", "```", "\r",
                    "[unreleased]: u/compare/v1.4.2...HEAD", "é", "### Added",
                ]), 0..12)
        ) {
            let text = parts.join("\n");
            if let Some(new) = release(&text) {
                prop_assert_eq!(release(&new), None);
                for line in text.lines().filter(|it| !it.contains("compare")) {
                    prop_assert!(new.lines().any(|it| it == line), "{line}");
                }
            }
        }
    }
}
