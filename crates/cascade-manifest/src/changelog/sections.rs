//! The sections of a changelog that tell of releases.

use super::{Line, lines_of, says_something};

/// What a changelog tells of one release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseSection<'t> {
    /// The version as the heading writes it, without a `v`.
    pub version: &'t str,
    /// The 1-based line of the heading.
    pub line: usize,
    /// Everything below the heading, up to the next release.
    pub body: &'t str,
}

impl ReleaseSection<'_> {
    /// Returns whether it says nothing: space, headings and comments alone.
    pub fn is_empty(&self) -> bool {
        !lines_of(self.body)
            .into_iter()
            .any(|it| says_something(it.text))
    }
}

/// Returns the sections of releases, in the order of the text: those under headings of one to three
/// `#` that begin with a version (`## [1.2.0] - 2026-11-21`, `### v1.2.0`, `# Version 1.2.0`).
///
/// ```
/// let text = "# Changelog\n\n## [Unreleased]\n\n- New.\n\n## [1.2.0] - 2026-11-21\n\n- A change.\n";
/// let all = cascade_manifest::release_sections(text);
/// assert_eq!((all[0].version, all[0].line), ("1.2.0", 7));
/// assert_eq!(all[0].body, "\n- A change.\n");
/// ```
pub fn release_sections(text: &str) -> Vec<ReleaseSection<'_>> {
    let lines = lines_of(text);
    let headings: Vec<(Line<'_>, Option<&str>)> = lines
        .into_iter()
        .filter_map(|it| Some((it, heading(it.text)?)))
        .map(|(line, words)| (line, version(words)))
        .collect();
    let mut sections = Vec::new();
    for (at, (line, version)) in headings.iter().enumerate() {
        let Some(version) = version else { continue };
        let level = level(line.text);
        // A heading above it ends it as well; one below is a part of it.
        let mut rest = headings.iter().skip(at + 1);
        let end = rest.find(|(next, version)| version.is_some() || self::level(next.text) <= level);
        let end = end.map_or(text.len(), |(next, _)| next.start);
        let below = line.start + line.text.len();
        let body = text.get(below..end).unwrap_or_default();
        let body = body.strip_prefix('\r').unwrap_or(body);
        sections.push(ReleaseSection {
            version,
            line: crate::line_of(text, line.start),
            body: body.strip_prefix('\n').unwrap_or(body),
        });
    }
    sections
}

fn level(line: &str) -> usize {
    let line = line.trim_start_matches('\u{feff}');
    line.bytes().take_while(|&it| it == b'#').count()
}

/// Returns the words of a heading of one to three levels.
fn heading(line: &str) -> Option<&str> {
    let line = line.trim_start_matches('\u{feff}');
    let words = line.trim_start_matches('#');
    let is_one = (1..=3).contains(&(line.len() - words.len())) && words.starts_with([' ', '\t']);
    is_one.then(|| words.trim())
}

/// Returns the version that a heading begins with: digits and at least one dot.
fn version(words: &str) -> Option<&str> {
    let words = words.strip_prefix("Version ").unwrap_or(words);
    let words = words.trim_start_matches('[');
    let number = words.strip_prefix('v').unwrap_or(words);
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '!');
    let end = number.find(|c| !part(c)).unwrap_or(number.len());
    let number = number.get(..end)?.trim_end_matches(['-', '.']);
    let starts = number.starts_with(|c: char| c.is_ascii_digit());
    (starts && number.contains('.')).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(&str, usize, &str)> {
        let all = release_sections(text).into_iter();
        all.map(|it| (it.version, it.line, it.body)).collect()
    }

    #[test]
    fn every_usual_heading_is_one() {
        for heading in [
            "## [1.2.0] - 2026-11-21",
            "## 1.2.0",
            "## v1.2.0",
            "## [1.2.0](https://forge.example/compare) (2026-11-21)",
            "### [v1.2.0]",
            "# Version 1.2.0",
        ] {
            assert_eq!(
                read(&format!("{heading}\n\n- x\n")),
                [("1.2.0", 1, "\n- x\n")]
            );
        }
        for heading in ["## 2026", "## Unreleased", "##1.2.0", "#### 1.2.0", "1.2.0"] {
            assert!(read(&format!("{heading}\n- x\n")).is_empty(), "{heading}");
        }
    }

    #[test]
    fn a_section_ends_where_the_next_one_begins() {
        let text = "# Changes\n## 2.0.0\n### Added\n- a\n### 1.9.1\n- b\n## Old\nprose\n## 1.0.0\n```\n## 0.9.0\n```\n";
        let all = release_sections(text);
        let versions: Vec<_> = all.iter().map(|it| it.version).collect();
        assert_eq!(versions, ["2.0.0", "1.9.1", "1.0.0"]);
        assert_eq!(all[0].body, "### Added\n- a\n");
        assert_eq!(all[1].body, "- b\n");
        assert!(!all[0].is_empty());
        assert!(release_sections("## 1.0.0\r\n\r\n### Added\r\n<!-- x -->\r\n")[0].is_empty());
    }

    proptest! {
        #[test]
        fn sections_lie_in_the_text_one_after_another(parts in prop::collection::vec(
            prop::sample::select(vec!["## 1.0.0", "# 2.0.0", "### 1.1.0", "- x", "", "```", "## é", "\r"]), 0..12)
        ) {
            let text = parts.join("\n");
            let mut last = 0;
            for section in release_sections(&text) {
                prop_assert!(section.line > last);
                last = section.line;
                prop_assert!(text.contains(section.body));
            }
        }
    }
}
