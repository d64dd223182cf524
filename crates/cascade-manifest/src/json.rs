//! JSON, read strictly and for its spans: what `JSON.parse` rejects is an error here.
//!
//! A byte order mark is skipped; every span counts from the start of the whole text.

use std::collections::HashSet;
use std::ops::Range;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;

use crate::limits::{JSON_DEPTH, too_deep};
use crate::{Limit, ReadError};

const BOM: char = '\u{feff}';

/// Every leniency is off.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// A JSON text whose objects have no key twice.
#[derive(Debug)]
pub(crate) struct Json<'t> {
    root: Value<'t>,
    body: Body<'t>,
}

/// A value of a JSON text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'a> {
    value: &'a Value<'a>,
    body: Body<'a>,
}

/// A string of a JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    /// What it says, escapes undone.
    pub(crate) value: &'a str,
    /// Where its content begins, behind the quote.
    pub(crate) at: usize,
    /// The bytes of its content; `None` where escapes make them differ from `value`.
    pub(crate) span: Option<Range<usize>>,
}

/// The text behind the byte order mark, and how long that mark is.
#[derive(Debug, Clone, Copy)]
struct Body<'t> {
    text: &'t str,
    shift: usize,
}

impl<'t> Json<'t> {
    /// Returns the text as a tree.
    ///
    /// # Errors
    /// When the text is larger than any lock, is no strict JSON, is nested deeper than 128 levels,
    /// or has a key twice in one object.
    pub(crate) fn parse(text: &'t str) -> Result<Self, ReadError> {
        Limit::LOCK.check(text)?;
        let body = Body::of(text);
        body.is_shallow()?;
        let root = body.tree()?;
        body.is_strict()?;
        let json = Self { root, body };
        json.root().without_duplicates()?;
        Ok(json)
    }

    /// Returns the outermost value.
    pub(crate) fn root(&self) -> Node<'_> {
        Node {
            value: &self.root,
            body: self.body,
        }
    }
}

impl<'t> Body<'t> {
    fn of(text: &'t str) -> Self {
        match text.strip_prefix(BOM) {
            Some(rest) => Self {
                text: rest,
                shift: BOM.len_utf8(),
            },
            None => Self { text, shift: 0 },
        }
    }

    /// Checks the depth before anything recurses: brackets outside strings are counted.
    fn is_shallow(self) -> Result<(), ReadError> {
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        for (at, byte) in self.text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = quoted,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > JSON_DEPTH {
                return Err(too_deep(JSON_DEPTH, self.span(at, at + 1)));
            }
        }
        Ok(())
    }

    /// Checks what the parser that gives the spans lets through: control characters in strings,
    /// exotic spaces between values.
    fn is_strict(self) -> Result<(), ReadError> {
        let checked = serde_json::from_str::<IgnoredAny>(self.text);
        checked.map(|_| ()).map_err(|error| self.syntax(&error))
    }

    fn tree(self) -> Result<Value<'t>, ReadError> {
        let parsed = parse_to_ast(self.text, &CollectOptions::default(), &STRICT);
        let parsed = parsed.map_err(|error| {
            let range = error.range();
            ReadError {
                message: lowered(&error.kind().to_string()),
                span: Some(self.span(range.start, range.end)),
            }
        })?;
        parsed.value.ok_or_else(|| ReadError {
            message: "expected a JSON value".to_owned(),
            span: None,
        })
    }

    fn syntax(self, error: &serde_json::Error) -> ReadError {
        let whole = error.to_string();
        let message = whole
            .rsplit_once(" at line ")
            .map_or(whole.as_str(), |(it, _)| it);
        let told = self.offset(error.line(), error.column());
        // Inside strings the place told is one byte early.
        let is_odd = |at: &usize| {
            let first = self.text.get(*at..).and_then(|it| it.chars().next());
            first.is_some_and(|c| c.is_control() || (c.is_whitespace() && !c.is_ascii()))
        };
        let start = (told..told + 2).find(is_odd).unwrap_or(told);
        let end = self.text.get(start..).and_then(|it| it.chars().next());
        ReadError {
            message: lowered(message),
            span: Some(self.span(start, start + end.map_or(0, char::len_utf8))),
        }
    }

    /// Returns the start of the character at a 1-based line and 1-based column of bytes.
    fn offset(self, line: usize, column: usize) -> usize {
        let before = self.text.split_inclusive('\n').take(line.saturating_sub(1));
        let line_start: usize = before.map(str::len).sum();
        let at = (line_start + column.saturating_sub(1)).min(self.text.len());
        (0..=at)
            .rev()
            .find(|&it| self.text.is_char_boundary(it))
            .unwrap_or(0)
    }

    fn span(self, start: usize, end: usize) -> Range<usize> {
        start + self.shift..end + self.shift
    }
}

impl<'a> Node<'a> {
    /// Returns the fields of an object in the order of the text; none for any other value.
    pub(crate) fn fields(self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        let object = self.value.as_object();
        let properties = object.into_iter().flat_map(|it| it.properties.iter());
        properties.map(move |it| (it.name.as_str(), self.beside(&it.value)))
    }

    /// Returns the elements of an array; none for any other value.
    pub(crate) fn items(self) -> impl Iterator<Item = Node<'a>> {
        let elements = self
            .value
            .as_array()
            .into_iter()
            .flat_map(|it| &it.elements);
        elements.map(move |it| self.beside(it))
    }

    /// Returns the value of the field.
    pub(crate) fn get(self, key: &str) -> Option<Node<'a>> {
        self.fields()
            .find_map(|(name, it)| (name == key).then_some(it))
    }

    /// Returns the string, if it is one.
    pub(crate) fn text(self) -> Option<Text<'a>> {
        let literal = self.value.as_string_lit()?;
        let (start, end) = (literal.range.start + 1, literal.range.end.checked_sub(1)?);
        let plain = self.body.text.get(start..end)? == literal.value;
        Some(Text {
            value: &literal.value,
            at: start + self.body.shift,
            span: plain.then(|| self.body.span(start, end)),
        })
    }

    /// Returns what the string says, if it is one.
    pub(crate) fn str(self) -> Option<&'a str> {
        self.value.as_string_lit().map(|it| &*it.value)
    }

    /// Returns whether it is an object.
    pub(crate) fn is_object(self) -> bool {
        self.value.as_object().is_some()
    }

    /// Returns whether JavaScript takes it for true.
    pub(crate) fn is_truthy(self) -> bool {
        match self.value {
            Value::BooleanLit(it) => it.value,
            Value::StringLit(it) => !it.value.is_empty(),
            Value::NumberLit(it) => it.value.bytes().any(|b| (b'1'..=b'9').contains(&b)),
            Value::NullKeyword(_) => false,
            Value::Object(_) | Value::Array(_) => true,
        }
    }

    /// Returns the number's own text, if it is one.
    pub(crate) fn number(self) -> Option<&'a str> {
        self.value.as_number_lit().map(|it| it.value)
    }

    /// Returns the bytes of the whole value, quotes and brackets included.
    pub(crate) fn span(self) -> Range<usize> {
        let range = self.value.range();
        self.body.span(range.start, range.end)
    }

    fn beside(self, value: &'a Value<'a>) -> Self {
        Self { value, ..self }
    }

    fn without_duplicates(self) -> Result<(), ReadError> {
        if let Some(object) = self.value.as_object() {
            self.keys_differ(object)?;
        }
        self.fields()
            .map(|(_, it)| it)
            .chain(self.items())
            .try_for_each(Self::without_duplicates)
    }

    fn keys_differ(self, object: &'a Object<'a>) -> Result<(), ReadError> {
        let mut seen = HashSet::with_capacity(object.properties.len());
        let twice = object
            .properties
            .iter()
            .find(|it| !seen.insert(it.name.as_str()));
        match twice {
            None => Ok(()),
            Some(it) => {
                let range = it.name.range();
                Err(ReadError {
                    message: format!("the key `{}` stands here twice", it.name.as_str()),
                    span: Some(self.body.span(range.start, range.end)),
                })
            }
        }
    }
}

/// Where the lines of a text begin, to ask for many of them.
#[derive(Debug)]
pub(crate) struct Lines {
    ends: Vec<usize>,
}

impl Lines {
    /// Returns the lines of the text.
    pub(crate) fn of(text: &str) -> Self {
        Self {
            ends: memchr::memchr_iter(b'\n', text.as_bytes()).collect(),
        }
    }

    /// Returns the 1-based line on which byte `at` stands.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.ends.partition_point(|&end| end < at) + 1
    }
}

/// Returns the message with a small first letter, as messages begin here.
fn lowered(message: &str) -> String {
    let mut rest = message.chars();
    let first = rest.next().map(|it| it.to_ascii_lowercase());
    first.into_iter().chain(rest).collect()
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a cut character fails the test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(text: &str) -> ReadError {
        Json::parse(text).unwrap_err()
    }

    #[test]
    fn what_json_parse_rejects_is_an_error() {
        for text in [
            "",
            " ",
            "{",
            "{,}",
            "[1,]",
            "[1 2]",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "{a:1}",
            "{'a':1}",
            "// c\n{}",
            "{} // c",
            "/* c */ {}",
            "[0x1]",
            "[+1]",
            "[.5]",
            "[5.]",
            "[01]",
            "[NaN]",
            "[Infinity]",
            "{}{}",
            "[\"\\x41\"]",
            "[\"a\nb\"]",
            "[\"a\u{1}\"]",
            "{\u{a0}}",
            "{\u{b}}",
            "{}\u{feff}",
            "\u{feff}\u{feff}{}",
        ] {
            assert!(Json::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_error_points_at_its_place_in_the_whole_text() {
        let text = "\u{feff}{\r\n  \"a\": 1,\r\n}";
        let comma = error(text);
        assert_eq!(comma.message, "trailing commas are not allowed");
        assert_eq!(&text[comma.span.unwrap()], ",");
        let text = "\u{feff}{\r\n  \"a\": \"\u{1}\"\r\n}";
        assert_eq!(&text[error(text).span.unwrap()], "\u{1}");
    }

    #[test]
    fn a_key_twice_is_an_error_that_shows_the_second() {
        let text = "\u{feff}{\"a\": 1, \"b\": {\"c\": 1, \"c\": 2}}";
        let at = error(text).span.unwrap();
        assert_eq!(&text[at.clone()], "\"c\"");
        assert!(text[..at.start].contains("\"c\": 1"));
        assert!(error("{\"a\": 1, \"\\u0061\": 2}").message.contains("`a`"));
    }

    #[test]
    fn depth_is_bounded() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |n: usize| open.repeat(n) + "1" + &close.repeat(n);
            assert!(Json::parse(&nested(100)).is_ok());
            assert!(Json::parse(&nested(200)).is_err());
            assert!(Json::parse(&open.repeat(100_000)).is_err());
        }
    }

    #[test]
    fn the_span_of_a_string_is_its_content_and_none_with_escapes() {
        let text = "\u{feff}{\"a\": \"^1.0\", \"b\": \"\\u005e1.0\"}";
        let json = Json::parse(text).unwrap();
        let plain = json.root().get("a").unwrap().text().unwrap();
        assert_eq!(&text[plain.span.unwrap()], "^1.0");
        assert_eq!(plain.value, "^1.0");
        let escaped = json.root().get("b").unwrap().text().unwrap();
        assert_eq!((escaped.value, escaped.span), ("^1.0", None));
    }

    #[test]
    fn a_line_is_counted_as_the_crate_counts_it() {
        let text = "a\nbc\r\n\nd";
        let lines = Lines::of(text);
        for at in 0..=text.len() {
            assert_eq!(lines.line(at), crate::line_of(text, at), "{at}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*|[\\[\\]{}:,\"\\\\ \n\u{feff}a1u0-]{0,40}") {
            match Json::parse(&text) {
                Ok(json) => prop_assert!(text.get(json.root().span()).is_some()),
                Err(error) => if let Some(span) = error.span {
                    prop_assert!(text.get(span).is_some());
                },
            }
        }

        #[test]
        fn strings_come_back(value in "\\PC{0,12}") {
            let text = serde_json::to_string(&[&value]).unwrap();
            let json = Json::parse(&text).unwrap();
            let read = json.root().items().next().unwrap().text().unwrap();
            prop_assert_eq!(read.value, &value);
            if let Some(span) = read.span {
                prop_assert_eq!(&text[span], &value);
            }
        }
    }
}
