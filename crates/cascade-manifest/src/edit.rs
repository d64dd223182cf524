//! The one way to change a file: replace the bytes of a span.

use std::ops::Range;

use crate::{Form, Format, Manifest, Pin, ReadError, Source, VersionField};

/// Bytes of a text, and what shall stand there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// The bytes to replace.
    pub span: Range<usize>,
    /// What stands there afterwards.
    pub to: String,
}

/// An edit that does not fit its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A span leaves the text or cuts a character in two.
    #[error("bytes {}..{} are not a part of the text", .0.start, .0.end)]
    Outside(Range<usize>),
    /// Two spans share bytes.
    #[error("two edits overlap at byte {0}")]
    Overlap(usize),
    /// The text before the edit is not of its format.
    #[error("it can not be read: {0}")]
    Unreadable(ReadError),
    /// The text after the edit would not be of its format.
    #[error("the edited text could not be read: {0}")]
    Broken(ReadError),
    /// The edit would change more than the values it is for: this part.
    #[error("the edit would change {0} as well")]
    Collateral(&'static str),
    /// Something stands for the package at its old version alone, and would not any more.
    #[error(
        "`{name}` is replaced by `{by}` at its old version alone, and would come from elsewhere: take \
         the version out of that `replace`, or write the new one there"
    )]
    Unreplaced {
        /// The package.
        name: String,
        /// What stands for it.
        by: String,
    },
    /// Something stands for the package at its new version alone.
    #[error(
        "`{name}` would be replaced by `{by}`, which stands for it at that version alone: take that \
         `replace` out first"
    )]
    Replaced {
        /// The package.
        name: String,
        /// What stands for it.
        by: String,
    },
}

/// Returns `text` with every splice applied; all other bytes stay as they are.
///
/// # Errors
/// When a span lies outside the text or two overlap; equal splices count once.
pub fn splice(text: &str, splices: &[Splice]) -> Result<String, EditError> {
    let mut sorted: Vec<&Splice> = splices.iter().collect();
    sorted.sort_by_key(|it| (it.span.start, it.span.end));
    sorted.dedup();
    let mut out = String::with_capacity(text.len() + 16);
    let mut done = 0;
    for it in sorted {
        if it.span.start < done {
            return Err(EditError::Overlap(it.span.start));
        }
        let outside = || EditError::Outside(it.span.clone());
        text.get(it.span.clone()).ok_or_else(outside)?;
        out.push_str(text.get(done..it.span.start).ok_or_else(outside)?);
        out.push_str(&it.to);
        done = it.span.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Ok(out)
}

/// Returns `text` with every splice applied, read again: the manifest says the same as before, but
/// for the values spliced.
///
/// # Errors
/// As [`splice`]; and when the text is unreadable before or after, or anything else in it would
/// say something else (a package, a pin, a member, a line, a span).
pub fn verified(format: &dyn Format, text: &str, splices: &[Splice]) -> Result<String, EditError> {
    let read = format.read(text).map_err(EditError::Unreadable)?;
    verified_from(format, (text, read), splices)
}

/// Does what [`verified`] does to a text that was read already, with what it said.
///
/// # Errors
/// As [`verified`].
pub fn verified_from(
    format: &dyn Format,
    (text, mut expected): (&str, Manifest),
    splices: &[Splice],
) -> Result<String, EditError> {
    let edited = splice(text, splices)?;
    let found = format.read(&edited).map_err(EditError::Broken)?;
    let shift = Shift::of(splices, &edited);
    shift.manifest(&mut expected);
    match difference(&expected, &found) {
        Some(part) => {
            let unreplaced = unreplaced(&expected, &found);
            Err(unreplaced.unwrap_or(EditError::Collateral(part)))
        }
        None => Ok(edited),
    }
}

/// Where the bytes of a text stand after splices, and what stands there.
struct Shift<'e> {
    /// In the order of the text; they share no bytes, so their ends are in order as well.
    splices: Vec<&'e Splice>,
    /// How many bytes come and go before each of them, and behind the last.
    before: Vec<(usize, usize)>,
    edited: &'e str,
}

impl<'e> Shift<'e> {
    fn of(splices: &'e [Splice], edited: &'e str) -> Self {
        let mut splices: Vec<_> = splices.iter().collect();
        splices.sort_by_key(|it| (it.span.start, it.span.end));
        splices.dedup();
        let mut before = vec![(0, 0)];
        let (mut come, mut gone) = (0, 0);
        for it in &splices {
            come += it.to.len();
            gone += it.span.len();
            before.push((come, gone));
        }
        Self {
            splices,
            before,
            edited,
        }
    }

    fn manifest(&self, it: &mut Manifest) {
        if let Some(package) = &mut it.package {
            self.version(&mut package.version);
        }
        if let Some(version) = &mut it.shared_version {
            self.version(version);
        }
        for pin in &mut it.pins {
            self.pin(pin);
        }
    }

    fn version(&self, it: &mut VersionField) {
        if let VersionField::Static { text, span } = it {
            self.value(text, span);
        }
    }

    fn pin(&self, it: &mut Pin) {
        if let Some(span) = &mut it.span {
            self.value(&mut it.requirement, span);
        }
        if let Form::GitRev {
            comment: Some(span),
        } = &mut it.form
        {
            *span = self.span(span);
        }
    }

    /// Moves a value's span, and takes its new text where a splice changed it.
    fn value(&self, text: &mut String, span: &mut Range<usize>) {
        let first = self
            .splices
            .partition_point(|it| it.span.start < span.start);
        let first = self.splices.get(first);
        let changed = first.is_some_and(|it| it.span.end <= span.end);
        *span = self.span(span);
        if changed {
            self.edited
                .get(span.clone())
                .unwrap_or_default()
                .clone_into(text);
        }
    }

    fn span(&self, span: &Range<usize>) -> Range<usize> {
        let before = |it: &&Splice| it.span.start < span.start;
        let within = |it: &&Splice| it.span.end <= span.end;
        self.moved(span.start, self.splices.partition_point(before))
            ..self.moved(span.end, self.splices.partition_point(within))
    }

    /// Returns where byte `at` stands after the first so many splices.
    fn moved(&self, at: usize, count: usize) -> usize {
        let (come, gone) = self.before.get(count).copied().unwrap_or_default();
        (at + come).saturating_sub(gone)
    }
}

/// Returns the first part in which the two differ.
fn difference(a: &Manifest, b: &Manifest) -> Option<&'static str> {
    let same_pins = a.pins.len() == b.pins.len() && a.pins.iter().zip(&b.pins).all(same_pin);
    let parts = [
        ("the package", a.package == b.package),
        ("another pin", same_pins),
        ("the members", a.members == b.members),
        ("the shared version", a.shared_version == b.shared_version),
        ("what is shared", a.shared_publish == b.shared_publish),
    ];
    let changed = parts.into_iter().find(|(_, same)| !same);
    changed.map(|(part, _)| part)
}

/// Returns the first package for which something stands in the one and not in the other, where
/// they agree about it in all else.
fn unreplaced(a: &Manifest, b: &Manifest) -> Option<EditError> {
    let by = |pin: &Pin| match &pin.source {
        Some(Source::Path(by) | Source::Package(by)) => Some(by.clone()),
        _ => None,
    };
    a.pins.iter().zip(&b.pins).find_map(|(a, b)| {
        let same_but_there = Pin {
            source: b.source.clone(),
            ..a.clone()
        };
        let name = a.name.clone();
        match (by(a), by(b)) {
            _ if a.source == b.source || same_but_there != *b => None,
            (Some(by), _) => Some(EditError::Unreplaced { name, by }),
            (None, by) => by.map(|by| EditError::Replaced { name, by }),
        }
    })
}

/// Returns whether two pins say the same. What a git reference points to may follow its tag.
fn same_pin((a, b): (&Pin, &Pin)) -> bool {
    let by_reference = |it: &Pin| matches!(it.source, Some(Source::GitRef(_)));
    if by_reference(a) && by_reference(b) {
        let with = Pin {
            source: b.source.clone(),
            ..a.clone()
        };
        return with == *b;
    }
    a == b
}

/// Returns the 1-based line on which byte `at` stands.
pub fn line_of(text: &str, at: usize) -> usize {
    let before = text
        .as_bytes()
        .get(..at.min(text.len()))
        .unwrap_or_default();
    memchr::memchr_iter(b'\n', before).count() + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "\u{feff}[package]\r\nname = \"x\"\r\nversion = '1.0.0' # 1.0.0\r\n\
        [dependencies]\r\na = \"1\"\r\nb = { version = \"1\", git = \"u\", tag = \"v1.0.0\" }";

    fn format() -> &'static dyn Format {
        crate::ecosystem("cargo")
            .unwrap()
            .format("Cargo.toml")
            .unwrap()
    }

    fn put(span: Range<usize>, to: &str) -> Splice {
        Splice {
            span,
            to: to.to_owned(),
        }
    }

    fn spans() -> Vec<Range<usize>> {
        let manifest = format().read(TEXT).unwrap();
        let VersionField::Static { span, .. } = manifest.package.unwrap().version else {
            panic!("it is static");
        };
        let pins = manifest.pins.into_iter().filter_map(|it| it.span);
        std::iter::once(span).chain(pins).collect()
    }

    #[test]
    fn only_the_values_differ() {
        let texts = ["2.10.0", "2.10", "22.0.0", "v22.0.0"];
        let splices: Vec<_> = spans()
            .into_iter()
            .zip(texts)
            .map(|(at, to)| put(at, to))
            .collect();
        let new = verified(format(), TEXT, &splices).unwrap();
        assert_eq!(
            new,
            "\u{feff}[package]\r\nname = \"x\"\r\nversion = '2.10.0' # 1.0.0\r\n\
             [dependencies]\r\na = \"2.10\"\r\n\
             b = { version = \"22.0.0\", git = \"u\", tag = \"v22.0.0\" }"
        );
        assert_eq!(verified(format(), TEXT, &[]).unwrap(), TEXT);
    }

    #[test]
    fn a_value_that_breaks_out_of_its_place_is_refused() {
        let [version, a, ..] = &spans()[..] else {
            panic!("two values");
        };
        let refused = |span: &Range<usize>, to: &str| {
            verified(format(), TEXT, &[put(span.clone(), to)]).unwrap_err()
        };
        assert!(matches!(refused(a, "1\"x"), EditError::Broken(_)));
        let more = refused(a, "2\"\nc = \"3");
        assert_eq!(more, EditError::Collateral("another pin"));
        let name = TEXT.find("name").unwrap();
        assert_eq!(
            refused(&(name + 8..name + 9), "y"),
            EditError::Collateral("the package")
        );
        assert_eq!(
            refused(version, "not.one"),
            EditError::Collateral("the package")
        );
        assert!(matches!(refused(&(0..1), ""), EditError::Outside(_)));
        assert!(matches!(
            verified(format(), "x", &[]),
            Err(EditError::Unreadable(_))
        ));
    }

    proptest! {
        #[test]
        fn a_splice_replaces_its_span_and_nothing_else(
            text in "\\PC{0,40}", a in 0usize..50, b in 0usize..50, to in "\\PC{0,9}"
        ) {
            let span = a.min(b)..a.max(b);
            let splices = [put(span.clone(), &to), put(span.clone(), &to)];
            match (text.get(span.clone()), splice(&text, &splices)) {
                (Some(_), Ok(new)) => {
                    let (before, rest) = text.split_at(span.start);
                    let (_, after) = rest.split_at(span.len());
                    prop_assert_eq!(new, format!("{before}{to}{after}"));
                }
                (None, Err(error)) => prop_assert_eq!(error, EditError::Outside(span)),
                other => prop_assert!(false, "{other:?}"),
            }
        }

        #[test]
        fn no_edit_or_an_equal_one_changes_no_byte(text in "\\PC{0,40}", a in 0usize..40, n in 0usize..9) {
            prop_assert_eq!(splice(&text, &[]).unwrap(), text.clone());
            if let Some(same) = text.get(a..a + n) {
                prop_assert_eq!(splice(&text, &[put(a..a + n, same)]).unwrap(), text);
            }
        }

        #[test]
        fn shared_bytes_are_refused(a in 0usize..9, n in 1usize..9, m in 1usize..9) {
            let text = "0123456789012345678901234567890";
            let splices = [put(a..a + n + m, "x"), put(a + n - 1..a + n + m, "y")];
            if n > 1 {
                prop_assert!(matches!(splice(text, &splices), Err(EditError::Overlap(_))));
            }
            let beside = [put(a..a + n, "x"), put(a + n..a + n + m, "y")];
            prop_assert_eq!(splice(text, &beside).unwrap().len(), text.len() - n - m + 2);
        }

        #[test]
        fn a_line_is_one_more_than_the_ends_before_it(text in "[a\n\r]{0,20}", at in 0usize..30) {
            let before = text.as_bytes().iter().take(at);
            prop_assert_eq!(line_of(&text, at), 1 + before.filter(|it| **it == b'\n').count());
        }
    }
}
