//! Requirements files, as pip reads them.

use std::borrow::Cow;
use std::ops::Range;

use super::compiled;
use super::pep508;
use super::pins::{Pins, Site};
use super::reference;
use crate::{Form, Format, Kind, Manifest, Pin, ReadError};

/// Requirements files.
pub(super) struct Requirements;

const SITE: Site<'_> = Site {
    section: "requirements",
    kind: Kind::Requirements,
};

impl Format for Requirements {
    fn name(&self) -> &'static str {
        "requirements.txt"
    }

    fn reads(&self, file_name: &str) -> bool {
        let stem = [".txt", ".in"]
            .iter()
            .find_map(|it| file_name.strip_suffix(it));
        stem.is_some_and(compiled::is_requirements)
    }

    fn parse(&self, text: &str) -> Result<Manifest, ReadError> {
        let mut pins = Pins::default();
        let is_made = compiled::is_made(text);
        let mut at = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        while let Some(range) = logical_line(text, at) {
            at = range.end;
            let line = text.get(range.clone()).unwrap_or_default();
            if let Some(pin) = pin(&joined(line), range.start) {
                let is_record = is_made || line.contains("--hash");
                pins.push(range.start, in_place(pin, text, is_record));
            }
        }
        Ok(Manifest {
            pins: pins.in_order(text),
            ..Manifest::default()
        })
    }
}

/// Returns the bytes of the line at byte `at` with the lines that continue it.
fn logical_line(text: &str, at: usize) -> Option<Range<usize>> {
    let mut end = at;
    loop {
        let rest = text.get(end..).filter(|it| !it.is_empty())?;
        let length = rest.find('\n').map_or(rest.len(), |it| it + 1);
        let line = rest.get(..length)?.trim_end_matches(['\r', '\n']);
        end += length;
        let goes_on = line.ends_with('\\') && !line.trim_start().starts_with('#');
        if !goes_on || end >= text.len() {
            return Some(at..end);
        }
    }
}

/// Returns the line with blanks for each `\` and line end that continue it: every byte keeps its
/// place.
fn joined(line: &str) -> Cow<'_, str> {
    if !line.contains('\\') {
        return Cow::Borrowed(line);
    }
    let mut joined = line.replace("\\\r\n", "   ").replace("\\\n", "  ");
    if joined.ends_with('\\') {
        joined.pop();
    }
    Cow::Owned(joined)
}

/// Returns the pin on a line that begins at byte `offset`.
fn pin(line: &str, offset: usize) -> Option<Pin> {
    let (line, comment) = match comment_start(line) {
        Some(at) => line.split_at_checked(at)?,
        None => (line, ""),
    };
    let start = line.len() - line.trim_start().len();
    let written = line.trim();
    let mut pin = if written.starts_with('-') || written.starts_with("git+") {
        located(line, offset)?
    } else if is_file(written) {
        return None;
    } else {
        let end = option_start(line).unwrap_or(line.len());
        pep508::pin(line.get(start..end)?, offset + start, SITE)?
    };
    if let Form::GitRev { comment: tag } = &mut pin.form {
        *tag = reference::tag_in_comment(comment, offset + line.len());
    }
    Some(pin)
}

/// Returns the pin of `-e git+https://...@v1.4.2#egg=name`; other options and addresses without a
/// name are none.
fn located(line: &str, offset: usize) -> Option<Pin> {
    let url = line
        .split_whitespace()
        .find(|it| it.contains("://") || it.contains("#egg="))?;
    let first = line.split_whitespace().next()?;
    let is_requirement =
        first.starts_with("git+") || first.starts_with("--editable") || first.starts_with("-e");
    let egg = url
        .split_once('#')
        .and_then(|(_, it)| it.split('&').find_map(|it| it.strip_prefix("egg=")));
    let name = egg?.split('[').next()?;
    if !is_requirement || name.is_empty() {
        return None;
    }
    let url = url.strip_prefix("--editable=").unwrap_or(url);
    let start = offset + line.find(url)?;
    let found = reference::of_url(url);
    let mut pin = SITE.pin(name);
    if let Some(version) = found.version {
        url.get(version.clone())?.clone_into(&mut pin.requirement);
        pin.span = Some(start + version.start..start + version.end);
    }
    pin.form = found.form;
    pin.source = found.source;
    Some(pin)
}

/// Returns where a comment begins: a `#` at the start or behind a blank.
fn comment_start(line: &str) -> Option<usize> {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_whitespace() {
            return Some(at);
        }
        before = c;
    }
    None
}

/// Returns where the options of one requirement begin (`--hash=...`).
fn option_start(line: &str) -> Option<usize> {
    line.match_indices("--").map(|(at, _)| at).find(|at| {
        line.get(..*at)
            .is_some_and(|it| it.ends_with(char::is_whitespace))
    })
}

fn is_file(written: &str) -> bool {
    [".whl", ".zip", ".tar.gz"]
        .iter()
        .any(|it| written.ends_with(it))
        && !written.contains('@')
}

/// Returns the pin without a span where its text can not be edited in place: it goes over a line
/// end, or it is the record of a lock.
fn in_place(mut pin: Pin, text: &str, is_record: bool) -> Pin {
    let written = pin.span.clone().and_then(|it| text.get(it));
    if is_record || written.is_some_and(|it| it.contains('\n')) {
        pin.span = None;
    }
    pin
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Source;

    fn pins(text: &str) -> Vec<Pin> {
        Requirements.read(text).unwrap().pins
    }

    #[test]
    fn file_names_are_those_that_people_use() {
        for name in [
            "requirements.txt",
            "requirements-dev.txt",
            "dev-requirements.txt",
            "requirements.in",
            "constraints.txt",
        ] {
            assert!(Requirements.reads(name), "{name}");
        }
        for name in ["dev.txt", "requirements.md"] {
            assert!(!Requirements.reads(name), "{name}");
        }
    }

    const SAMPLE: &str = "\
# autogenerated
-r base.txt
-c constraints.txt
--index-url https://registry.example/simple
celery[redis]==5.2.7
    # via flask
click==8.1.3 ; python_version >= '3.8' # why
itsdangerous == 2.1.2 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
jinja2
werkzeug @ git+https://git.example/werkzeug@2.3.3
markupsafe @ git+https://git.example/markupsafe@0f1e2d3 # 2.1.2
-e git+https://git.example/flask.git@v2.3.2#egg=flask
-e ./local
./wheels/some.whl
some-1.0-py3-none-any.whl
blinker \\
  >=1.6,\\
  <2
";

    fn rows(text: &str) -> Vec<(String, String, usize)> {
        let rows = pins(text).into_iter();
        rows.map(|it| (it.name, it.requirement, it.line)).collect()
    }

    #[test]
    fn every_requirement_has_its_line_and_its_bytes() {
        let crlf = SAMPLE.replace('\n', "\r\n");
        for text in [SAMPLE.to_owned(), crlf.clone(), format!("\u{feff}{crlf}")] {
            let rows = rows(&text);
            let row = |name: &str| {
                let row = rows.iter().find(|it| it.0 == name).unwrap();
                (row.1.as_str(), row.2)
            };
            assert_eq!(rows.len(), 8, "{rows:?}");
            assert_eq!(row("celery"), ("==5.2.7", 5));
            assert_eq!(row("click"), ("==8.1.3", 7));
            assert_eq!(row("itsdangerous"), ("== 2.1.2", 8));
            assert_eq!(row("jinja2"), ("", 11));
            assert_eq!(row("werkzeug"), ("2.3.3", 12));
            assert_eq!(row("flask"), ("v2.3.2", 14));
            assert_eq!(row("blinker").1, 18);
            for pin in pins(&text) {
                if let Some(span) = pin.span {
                    assert_eq!(text.get(span), Some(&*pin.requirement));
                }
            }
        }
    }

    #[test]
    fn what_can_not_be_edited_in_place_is_judged_and_has_no_span() {
        for (text, requirement) in [
            ("blinker >=1.6,\\\n  <2\n", ">=1.6,    <2"),
            ("click==8.1.3 \\\n    --hash=sha256:aa\n", "==8.1.3"),
        ] {
            let [pin] = pins(text).try_into().unwrap();
            assert_eq!(
                (pin.requirement.as_str(), pin.form),
                (requirement, Form::Range)
            );
            assert_eq!(pin.span, None);
        }
    }

    #[test]
    fn the_tag_behind_a_commit_is_found() {
        let found = pins(SAMPLE);
        let pin = found.iter().find(|it| it.name == "markupsafe").unwrap();
        let Form::GitRev {
            comment: Some(comment),
        } = pin.form.clone()
        else {
            panic!("{pin:?}");
        };
        assert_eq!(SAMPLE.get(comment), Some("2.1.2"));
        assert_eq!(
            pin.source,
            Some(Source::GitRef("https://git.example/markupsafe".to_owned()))
        );
    }

    #[test]
    fn a_comment_does_not_go_on_with_the_next_line() {
        assert_eq!(
            rows("# a \\\nclick==8\n"),
            [("click".to_owned(), "==8".to_owned(), 2)]
        );
        assert_eq!(
            rows("click==8 \\"),
            [("click".to_owned(), "==8".to_owned(), 1)]
        );
    }

    #[test]
    fn many_lines_are_read_in_one_pass() {
        let text = "click==8.1.3 ; a # b\n".repeat(20_000);
        assert_eq!(pins(&text).last().map(|it| it.line), Some(20_000));
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_every_span_is_the_requirement(
            text in "([a-z#@ \\\\=0-9.<>,;\r\n-]|git\\+https://h/r@){0,60}",
        ) {
            for pin in pins(&text) {
                if let Some(span) = pin.span {
                    prop_assert_eq!(text.get(span), Some(&*pin.requirement));
                }
                prop_assert!(pin.line <= text.lines().count().max(1));
            }
        }
    }
}
