//! A version that a file other than the manifest says: a module, or a file of its own.

use std::ops::Range;

use regex::RegexBuilder;

use crate::{Scheme, Version};

/// Returns the bytes of the version text, as [`super::version_in`] says.
pub(super) fn version_in(text: &str, attribute: &str) -> Option<Range<usize>> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    if attribute.is_empty() {
        whole(text)
    } else if attribute.chars().all(is_name) {
        let name = attribute.rsplit('.').next()?;
        assigned(text, name).or_else(|| {
            // Hatch takes either.
            assigned(text, "VERSION").filter(|_| name == "__version__")
        })
    } else {
        matched(text, attribute)
    }
}

/// Returns the version that is all there is in the text.
fn whole(text: &str) -> Option<Range<usize>> {
    let unmarked = text.trim_start_matches('\u{feff}').trim_start();
    let start = text.len() - unmarked.len();
    version(text, start..start + unmarked.trim_end().len())
}

/// Returns the version in the group `version` of the first match.
fn matched(text: &str, regex: &str) -> Option<Range<usize>> {
    let regex = RegexBuilder::new(regex)
        .multi_line(true)
        .size_limit(1 << 20)
        .dfa_size_limit(1 << 20)
        .build()
        .ok()?;
    let group = regex.captures(text)?.name("version")?;
    version(text, group.range())
}

/// Returns the one literal that a module assigns to the name at its top level.
fn assigned(text: &str, name: &str) -> Option<Range<usize>> {
    let mut found = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches('\u{feff}');
        let start = at + (line.len() - bare.len());
        at += line.len();
        if let Some(value) = value_of(bare, name) {
            if found.is_some() {
                return None; // Which of the two counts is not for cascade to guess.
            }
            found = Some(start + (bare.len() - value.len()));
        }
    }
    let start = found?;
    let line = text.get(start..)?.lines().next()?;
    let quote = line.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    let (literal, behind) = line.get(1..)?.split_once(quote)?;
    let ends = behind.trim_start();
    if literal.contains('\\') || !(ends.is_empty() || ends.starts_with(['#', ';'])) {
        return None;
    }
    version(text, start + 1..start + 1 + literal.len())
}

/// Returns what is assigned on the line, where one of its targets is the name:
/// `a = b: str = "1.2.3"`.
fn value_of<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let mut rest = line;
    let mut is_target = false;
    loop {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (target, behind) = rest.split_at_checked(end)?;
        let behind = behind.trim_start();
        let value = match behind.strip_prefix(':') {
            Some(annotated) => annotated.split_once('=').map(|(_, it)| it),
            None => behind.strip_prefix('='),
        };
        let Some(value) = value.filter(|it| !target.is_empty() && !it.starts_with('=')) else {
            return Some(rest).filter(|_| is_target);
        };
        is_target |= target == name;
        rest = value.trim_start();
    }
}

/// Returns the bytes without a leading `v`, where they are a version.
fn version(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let written = text.get(range.clone())?;
    let bare = written.strip_prefix('v').unwrap_or(written);
    Version::parse(Scheme::Pep440, bare)?;
    Some(range.end - bare.len()..range.end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'t>(text: &'t str, attribute: &str) -> Option<&'t str> {
        text.get(version_in(text, attribute)?)
    }

    #[test]
    fn an_assignment_is_found_however_it_is_written() {
        for text in [
            "__version__ = \"1.2.3\"\n",
            "\u{feff}__version__='1.2.3'",
            "import os\r\n\r\n__version__: str = '1.2.3'  # by hand\r\nx = 1\r\n",
            "version = __version__ = \"1.2.3\"\n",
            "__version__: Final[str] = \"v1.2.3\";\n",
            "VERSION = \"1.2.3\"\n",
            "def f():\n    __version__ = \"9\"\n__version__ = \"1.2.3\"\n",
        ] {
            assert_eq!(found(text, "__version__"), Some("1.2.3"), "{text}");
            assert_eq!(
                found(text, "pkg.about.__version__"),
                Some("1.2.3"),
                "{text}"
            );
        }
        assert_eq!(found("a = \"1\"\nb = \"2\"\n", "b"), Some("2"));
    }

    #[test]
    fn what_is_not_one_literal_is_not_found() {
        for text in [
            "__version__ = (1, 2, 3)\n",
            "__version__ = \"1.2.3\" + local\n",
            "__version__ = \".\".join(parts)\n",
            "__version__ = version(\"pkg\")\n",
            "__version__ = \"unknown\"\n",
            "__version__ = \"\"\"1.2.3\"\"\"\n",
            "__version__ = f\"1.2.3\"\n",
            "__version__ == \"1.2.3\"\n",
            "    __version__ = \"1.2.3\"\n",
            "__version__ = \"1.2.3\"\n__version__ = \"1.2.4\"\n",
            "my__version__ = \"1.2.3\"\n",
            "__version__ = \"1.2.3\n",
            "__version__ = ",
            "",
        ] {
            assert_eq!(found(text, "__version__"), None, "{text}");
        }
    }

    #[test]
    fn a_file_may_be_the_version() {
        assert_eq!(found("1.2.3\n", ""), Some("1.2.3"));
        assert_eq!(found("\u{feff}v1.2.3\r\n", ""), Some("1.2.3"));
        assert_eq!(found("1.2.3\n1.2.4\n", ""), None);
        assert_eq!(found("", ""), None);
    }

    #[test]
    fn a_declared_expression_finds_its_version_group() {
        let text = "# c\nBUILD = b'1.2.3'\n";
        let pattern = "^BUILD = b['\"](?P<version>[^'\"]+)['\"]";
        assert_eq!(found(text, pattern), Some("1.2.3"));
        assert_eq!(found(text, "BUILD = b'(.*)'"), None);
        assert_eq!(found(text, "(['\"])(?P<version>.*)\\1"), None);
        assert_eq!(found(text, "(?P<version>\\w{1000}{1000})"), None);
    }

    proptest! {
        #[test]
        fn what_is_found_is_a_version_and_any_text_is_read(
            text in "(__version__|[ =:'\"1-9.v\n#\u{feff}é]){0,24}",
        ) {
            for attribute in ["__version__", "", "(?P<version>.+)"] {
                if let Some(range) = version_in(&text, attribute) {
                    let found = text.get(range).unwrap();
                    prop_assert!(Version::parse(Scheme::Pep440, found).is_some());
                }
            }
        }
    }
}
