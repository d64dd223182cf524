//! A dependency as PEP 508 writes it: `name[extra]>=1.4,<2 ; marker`, `name @ url`.
//!
//! Nothing is printed from here: the parts are byte ranges of the text.

use std::ops::Range;
use std::str::FromStr;

use pep440_rs::VersionSpecifiers;

use super::pins::Site;
use super::reference;
use crate::{Form, Pin};

/// The parts of a dependency, as byte ranges of its text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) name: Range<usize>,
    pub(super) wanted: Wanted,
}

/// What is wanted of a dependency.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Versions; empty for any.
    Specifier(Range<usize>),
    /// What is found at a URL.
    Url(Range<usize>),
    /// Something else.
    Unknown(Range<usize>),
}

/// Returns the parts of a dependency; `None` where no name begins it.
pub(super) fn split(text: &str) -> Option<Parts> {
    let start = text.len() - text.trim_start().len();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let rest = text.get(start..)?;
    let name = rest.get(..rest.find(|c| !is_name(c)).unwrap_or(rest.len()))?;
    let bounded = |it: &str| {
        it.starts_with(|c: char| c.is_ascii_alphanumeric())
            && it.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    let end = start + name.len();
    let follows = text.get(end..)?.chars().next();
    if !bounded(name) || matches!(follows, Some('+' | '/' | '\\' | ':' | '$' | '{')) {
        return None;
    }
    Some(Parts {
        name: start..end,
        wanted: wanted(text, end),
    })
}

/// Returns what stands behind the name that ends at byte `at`.
fn wanted(text: &str, at: usize) -> Wanted {
    let all = trimmed(text, at..text.len());
    let rest = text.get(all.clone()).unwrap_or_default();
    let after_extras = match rest.strip_prefix('[').map(|it| it.split_once(']')) {
        Some(Some((_, after))) => text.len().min(all.end) - after.len(),
        Some(None) => return Wanted::Unknown(all),
        None => all.start,
    };
    let rest = trimmed(text, after_extras..all.end);
    let written = text.get(rest.clone()).unwrap_or_default();
    if let Some(url) = written.strip_prefix('@') {
        let url = trimmed(text, rest.end - url.len()..rest.end);
        let length = text
            .get(url.clone())
            .and_then(|it| it.find(char::is_whitespace));
        return Wanted::Url(url.start..length.map_or(url.end, |it| url.start + it));
    }
    let end = rest.start + written.find(';').unwrap_or(written.len());
    specifier(text, trimmed(text, rest.start..end))
}

fn specifier(text: &str, range: Range<usize>) -> Wanted {
    let written = text.get(range.clone()).unwrap_or_default();
    let inside = written
        .strip_prefix('(')
        .and_then(|it| it.strip_suffix(')'));
    let range = match inside {
        Some(_) => trimmed(text, range.start + 1..range.end - 1),
        None => range,
    };
    let written = text.get(range.clone()).unwrap_or_default();
    let known = written.is_empty()
        || VersionSpecifiers::from_str(written.trim_end_matches(','))
            .is_ok_and(|it| !it.is_empty());
    if known {
        Wanted::Specifier(range)
    } else {
        Wanted::Unknown(range)
    }
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let all = text.get(range.clone()).unwrap_or_default();
    let start = range.start + (all.len() - all.trim_start().len());
    start..(start + all.trim().len()).max(start)
}

/// Returns the pin that a dependency is; `offset` is where its text begins in the file.
pub(super) fn pin(text: &str, offset: usize, site: Site<'_>) -> Option<Pin> {
    let parts = split(text)?;
    let mut pin = site.pin(text.get(parts.name)?);
    let shifted = |it: Range<usize>| it.start + offset..it.end + offset;
    match parts.wanted {
        Wanted::Specifier(range) => {
            text.get(range.clone())?.clone_into(&mut pin.requirement);
            pin.span = Some(shifted(range)).filter(|it| !it.is_empty());
            pin.form = Form::Range;
        }
        Wanted::Url(range) => {
            let found = reference::of_url(text.get(range.clone())?);
            let version = found
                .version
                .map(|it| it.start + range.start..it.end + range.start);
            let written = text.get(version.clone().unwrap_or_default())?;
            written.clone_into(&mut pin.requirement);
            pin.span = version.map(shifted);
            pin.form = found.form;
            pin.source = found.source;
        }
        Wanted::Unknown(range) => {
            text.get(range)?.clone_into(&mut pin.requirement);
            pin.form = Form::Opaque;
        }
    }
    Some(pin)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Kind, Source};

    fn parts(text: &str) -> Option<(&str, &'static str, &str)> {
        let parts = split(text)?;
        let (word, range) = match parts.wanted {
            Wanted::Specifier(it) => ("specifier", it),
            Wanted::Url(it) => ("url", it),
            Wanted::Unknown(it) => ("unknown", it),
        };
        Some((text.get(parts.name)?, word, text.get(range)?))
    }

    #[test]
    fn a_dependency_has_a_name_and_what_is_wanted_of_it() {
        for (text, name, word, wanted) in [
            ("click", "click", "specifier", ""),
            (" click >= 8.1 , < 9 ", "click", "specifier", ">= 8.1 , < 9"),
            (
                "requests (>=2.32.3,<3.0.0)",
                "requests",
                "specifier",
                ">=2.32.3,<3.0.0",
            ),
            ("celery[redis, x]==5.2.7", "celery", "specifier", "==5.2.7"),
            (
                "a.b_c-d [x] ~=1.4 ; python_version < '3'",
                "a.b_c-d",
                "specifier",
                "~=1.4",
            ),
            ("foo; extra == 'a'", "foo", "specifier", ""),
            ("foo>=1,", "foo", "specifier", ">=1,"),
            (
                "foo @ git+https://h/o/r@v1 ; m",
                "foo",
                "url",
                "git+https://h/o/r@v1",
            ),
            (
                "foo[x]@https://h/foo.whl",
                "foo",
                "url",
                "https://h/foo.whl",
            ),
            ("foo ^1.4", "foo", "unknown", "^1.4"),
            ("foo 1.4", "foo", "unknown", "1.4"),
            ("foo >= 1 < 2", "foo", "unknown", ">= 1 < 2"),
            ("foo[x", "foo", "unknown", "[x"),
            ("foo ()", "foo", "specifier", ""),
        ] {
            assert_eq!(parts(text), Some((name, word, wanted)), "{text}");
        }
        for text in [
            "",
            " ",
            "./foo",
            "git+https://h/r",
            "-foo",
            "foo-",
            "a/b",
            "${X}",
            "c:\\x",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn a_direct_reference_carries_its_version_in_the_url() {
        let site = Site {
            section: "s",
            kind: Kind::Runtime,
        };
        let text = "name @ git+https://git.example/o/name.git@v1.4.2#egg=name ; extra == 'x'";
        let found = pin(text, 100, site).unwrap();
        assert_eq!(
            (found.requirement.as_str(), found.form),
            ("v1.4.2", Form::GitTag)
        );
        let span = found.span.unwrap();
        assert_eq!(text.get(span.start - 100..span.end - 100), Some("v1.4.2"));
        assert_eq!(
            found.source,
            Some(Source::GitRef("https://git.example/o/name.git".to_owned()))
        );
    }

    proptest! {
        #[test]
        fn any_text_is_split_without_a_panic(text in "\\PC{0,40}") {
            if split(&text).is_some() {
                prop_assert!(parts(&text).is_some_and(|it| !it.0.is_empty()), "{}", text);
            }
        }

        #[test]
        fn the_parts_stand_where_they_were_put(
            name in "[a-z][a-z0-9]{0,8}", extras in prop_oneof![Just(""), Just("[x,y]"), Just(" [z]")],
            blank in " {0,2}", floor in 0_u8..9, marker in prop_oneof![Just(""), Just(" ; a == \"b\"")],
        ) {
            let wanted = format!(">={floor}.1,<{}", floor + 1);
            let text = format!("{blank}{name}{extras}{blank}{wanted}{blank}{marker}");
            prop_assert_eq!(parts(&text), Some((&*name, "specifier", &*wanted)));
        }
    }
}
