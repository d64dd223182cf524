//! TOML, read for its spans: where each value stands in the text, byte for byte.
//!
//! Nothing is ever written back through the parser's document (it would lose line ends, the byte
//! order mark and quote styles): a reader takes spans from here and edits go through
//! [`crate::splice`].
//!
//! All spans are byte ranges of the whole text, a byte order mark included. Tables come in the
//! parser's order, which is not always the order of the text: who wants that sorts by span.
//!
//! ```text
//! let toml = Toml::parse(text)?;
//! let dependencies = toml.root().find(&["project", "dependencies"]);
//! for dependency in dependencies.map(Node::items).unwrap_or_default() {
//!     let Some(string) = dependency.string() else { continue };
//!     string.value;        // What it means.
//!     string.content();    // The bytes between the quotes; none for a string over lines.
//!     string.editable();   // The same; none when there are escapes between them.
//!     dependency.span();   // With the quotes; of a table its header.
//! }
//! ```

use std::ops::Range;

use toml_edit::{Item, Table, Value};
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use crate::limits::{REMEDY, TOML_DEPTH, TOML_DOTS, TOML_KEY, TOML_LINES, too_deep};
use crate::{Limit, ReadError};

/// How far behind a value a comment is looked for. A line may be as long as the file, and have a
/// value of each table in it.
const BEHIND: usize = 1_000;

/// A TOML document and the text it was read from.
pub(crate) struct Toml<'t> {
    text: &'t str,
    document: toml_edit::Document<&'t str>,
}

/// A value or table of the document, at its place.
#[derive(Clone, Copy)]
pub(crate) struct Node<'d> {
    text: &'d str,
    it: It<'d>,
}

#[derive(Clone, Copy)]
enum It<'d> {
    Item(&'d Item),
    Value(&'d Value),
    Table(&'d Table),
}

/// A key, at its place. For `[a.b]` the key `b` stands inside the header.
#[derive(Clone)]
pub(crate) struct Key<'d> {
    /// The key without quotes and escapes.
    pub(crate) name: &'d str,
    /// Its bytes, quotes included.
    pub(crate) span: Range<usize>,
}

/// A string value, at its place.
#[derive(Clone)]
pub(crate) struct Text<'d> {
    /// What the string means, escapes resolved.
    pub(crate) value: &'d str,
    /// Its bytes, quotes included.
    pub(crate) span: Range<usize>,
    quoted: &'d str,
}

impl<'t> Toml<'t> {
    /// Reads the text. A byte order mark and any line ends are fine.
    ///
    /// # Errors
    /// On a text larger than any lock, wrong syntax, a duplicate key, or nesting without measure;
    /// with the span at fault.
    pub(crate) fn parse(text: &'t str) -> Result<Self, ReadError> {
        Limit::LOCK.check(text)?;
        toml_bounds(text)?;
        let document = toml_edit::Document::parse(text).map_err(|e| ReadError {
            message: first_line(e.message()),
            span: e.span(),
        })?;
        Ok(Self { text, document })
    }

    /// Returns the root table.
    pub(crate) fn root(&self) -> Node<'_> {
        Node {
            text: self.text,
            it: It::Table(self.document.as_table()),
        }
    }

    /// Returns the whole text.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Returns the bytes of the comment (from its `#`) that ends the line on which byte `at`
    /// stands; `at` must not lie inside a string.
    pub(crate) fn comment_behind(&self, at: usize) -> Option<Range<usize>> {
        let near = self.text.floor_char_boundary(at.saturating_add(BEHIND));
        let rest = self.text.get(at..near)?.lines().next()?;
        let token = Source::new(rest)
            .lex()
            .find(|it| it.kind() == TokenKind::Comment)?;
        Some(at + token.span().start()..at + token.span().end())
    }
}

impl<'d> Node<'d> {
    /// Returns what the key of this table holds; `None` where it is no table or has no such key.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        let item = match self.it {
            It::Item(it) => it.as_table_like()?.get(key)?,
            It::Value(it) => return Some(self.with(It::Value(it.as_inline_table()?.get(key)?))),
            It::Table(it) => it.get(key)?,
        };
        Some(self.with(It::Item(item)))
    }

    /// Returns what stands at the path of keys, whichever way it is written: headers, dotted keys
    /// or inline tables.
    pub(crate) fn find(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Returns the string at the key.
    pub(crate) fn string_at(self, key: &str) -> Option<Text<'d>> {
        self.get(key)?.string()
    }

    /// Returns the boolean at the key.
    pub(crate) fn bool_at(self, key: &str) -> Option<bool> {
        self.get(key)?.bool()
    }

    /// Returns whether this is a table, of any spelling.
    pub(crate) fn is_table(self) -> bool {
        match self.it {
            It::Item(it) => it.is_table_like(),
            It::Value(it) => it.is_inline_table(),
            It::Table(_) => true,
        }
    }

    /// Returns the entries of this table; none where it is no table.
    pub(crate) fn entries(self) -> Vec<(Key<'d>, Self)> {
        let table: &'d dyn toml_edit::TableLike = match self.it {
            It::Item(it) => match it.as_table_like() {
                Some(table) => table,
                None => return Vec::new(),
            },
            It::Value(it) => match it.as_inline_table() {
                Some(table) => table,
                None => return Vec::new(),
            },
            It::Table(it) => it,
        };
        table
            .iter()
            .filter_map(|(name, item)| {
                let span = table.key(name)?.span()?;
                Some((Key { name, span }, self.with(It::Item(item))))
            })
            .collect()
    }

    /// Returns the members of this array, or of this array of tables; none where it is neither.
    pub(crate) fn items(self) -> Vec<Self> {
        let array = match self.it {
            It::Item(Item::ArrayOfTables(tables)) => {
                return tables.iter().map(|it| self.with(It::Table(it))).collect();
            }
            It::Item(it) => it.as_array(),
            It::Value(it) => it.as_array(),
            It::Table(_) => None,
        };
        array
            .into_iter()
            .flatten()
            .map(|it| self.with(It::Value(it)))
            .collect()
    }

    /// Returns the string, where this is one.
    pub(crate) fn string(self) -> Option<Text<'d>> {
        let value = match self.it {
            It::Item(it) => it.as_value()?,
            It::Value(it) => it,
            It::Table(_) => return None,
        };
        let span = value.span()?;
        Some(Text {
            value: value.as_str()?,
            quoted: self.text.get(span.clone())?,
            span,
        })
    }

    /// Returns the boolean, where this is one.
    pub(crate) fn bool(self) -> Option<bool> {
        match self.it {
            It::Item(it) => it.as_bool(),
            It::Value(it) => it.as_bool(),
            It::Table(_) => None,
        }
    }

    /// Returns the value as it stands in the text; `None` for a table that is no inline one.
    pub(crate) fn plain(self) -> Option<&'d str> {
        let span = match self.it {
            It::Item(it) => it.as_value()?.span()?,
            It::Value(it) => it.span()?,
            It::Table(_) => return None,
        };
        self.text.get(span)
    }

    /// Returns the integer, where this is one.
    pub(crate) fn integer(self) -> Option<i64> {
        match self.it {
            It::Item(it) => it.as_integer(),
            It::Value(it) => it.as_integer(),
            It::Table(_) => None,
        }
    }

    /// Returns whether this is an array or an array of tables.
    pub(crate) fn is_array(self) -> bool {
        match self.it {
            It::Item(it) => it.is_array() || it.is_array_of_tables(),
            It::Value(it) => it.is_array(),
            It::Table(_) => false,
        }
    }

    /// Returns the bytes of the value with its quotes or brackets; of a table its header
    /// (`[a.b]`), or the key where dotted keys made it. [`crate::line_of`] its start is its line.
    pub(crate) fn span(self) -> Option<Range<usize>> {
        match self.it {
            It::Item(it) => it.span(),
            It::Value(it) => it.span(),
            It::Table(it) => it.span(),
        }
    }

    fn with(self, it: It<'d>) -> Self {
        Self {
            text: self.text,
            it,
        }
    }
}

impl<'d> Text<'d> {
    /// Returns the bytes between the quotes; `None` for a multi-line string, whose content may
    /// begin on another line and fold.
    pub(crate) fn content(&self) -> Option<Range<usize>> {
        if self.quoted.starts_with("\"\"\"") || self.quoted.starts_with("'''") {
            return None;
        }
        let (start, end) = (
            self.span.start.checked_add(1)?,
            self.span.end.checked_sub(1)?,
        );
        (start <= end).then_some(start..end)
    }

    /// Returns the text between the quotes as it stands in the file, escapes unresolved.
    pub(crate) fn raw(&self) -> Option<&'d str> {
        self.content()?;
        self.quoted.get(1..self.quoted.len().checked_sub(1)?)
    }

    /// Returns whether the text between the quotes has escapes, so that positions in `value` are
    /// not positions in the file.
    pub(crate) fn has_escapes(&self) -> bool {
        self.raw().is_some_and(|raw| raw != self.value)
    }

    /// Returns the bytes between the quotes, where they are `value` byte for byte.
    pub(crate) fn editable(&self) -> Option<Range<usize>> {
        self.content().filter(|_| !self.has_escapes())
    }
}

/// Checks that a TOML text may be given to a parser: it has no more lines than any, no key has more
/// dots than the stack bears of tables in tables, none is longer than any, and no bracket lies deeper
/// than the parser goes, all seen with the parser's own lexer.
///
/// # Errors
/// With the key or the bracket.
pub fn toml_bounds(text: &str) -> Result<(), ReadError> {
    if text.len() > TOML_LINES && memchr::memchr_iter(b'\n', text.as_bytes()).count() > TOML_LINES {
        return Err(ReadError {
            message: format!("it has more than {TOML_LINES} lines: {REMEDY}"),
            span: None,
        });
    }
    // No key reaches over lines, so the lexer is only asked where a line is as long.
    let dots = |line: &str| memchr::memchr_iter(b'.', line.as_bytes()).count();
    let mut lines = text.split('\n');
    if lines.all(|it| it.len() <= TOML_KEY && dots(it) <= TOML_DOTS) && seems_flat(text) {
        return Ok(());
    }
    let (mut dots, mut depth) = (0, 0_usize);
    let mut last = 0..0;
    for token in Source::new(text).lex() {
        let span = token.span().start()..token.span().end();
        let names = matches!(token.kind(), TokenKind::Dot | TokenKind::Equals);
        if names && last.len() > TOML_KEY {
            return Err(ReadError {
                message: format!("a key is longer than {TOML_KEY} bytes"),
                span: Some(last),
            });
        }
        match token.kind() {
            TokenKind::Whitespace => continue,
            TokenKind::Dot => dots += 1,
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                (dots, depth) = (0, depth + 1);
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                (dots, depth) = (0, depth.saturating_sub(1));
            }
            TokenKind::Newline | TokenKind::Comment | TokenKind::Equals | TokenKind::Comma => {
                dots = 0;
            }
            _ => {}
        }
        if dots > TOML_DOTS {
            return Err(ReadError {
                message: format!("a key has more than {TOML_DOTS} dots"),
                span: Some(span),
            });
        }
        if depth > TOML_DEPTH {
            return Err(too_deep(TOML_DEPTH, span));
        }
        last = span;
    }
    Ok(())
}

/// Returns whether no bracket of a large text lies deeper than the parser goes, those in strings and
/// comments counted as well: the parser looks at each of a million before it refuses them.
fn seems_flat(text: &str) -> bool {
    const LARGE: usize = 64 << 10;
    let mut depth = 0_usize;
    text.len() < LARGE
        || text.bytes().all(|it| {
            match it {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth <= TOML_DEPTH
        })
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or("invalid TOML").to_owned()
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a test that slices badly shall fail")]
mod tests {
    use super::*;
    use crate::line_of;

    #[test]
    fn brackets_too_deep_are_told_before_the_parser_sees_them() {
        let spaces = " ".repeat(100_000);
        let nested =
            |deep: usize| format!("a = {}{}{spaces}\n", "[".repeat(deep), "]".repeat(deep));
        assert_eq!(toml_bounds(&nested(TOML_DEPTH)), Ok(()));
        let error = toml_bounds(&nested(TOML_DEPTH + 1)).unwrap_err();
        assert!(error.message.contains("nested deeper than 80"), "{error:?}");
        assert_eq!(error.span, Some(84..85));
        let quoted = format!("a = \"{}\"\n", "[".repeat(200));
        assert_eq!(toml_bounds(&quoted), Ok(()));
    }

    #[test]
    fn a_flood_of_lines_is_told_before_the_parser_sees_it() {
        assert_eq!(toml_bounds(&"\n".repeat(TOML_LINES)), Ok(()));
        let error = toml_bounds(&"\n".repeat(TOML_LINES + 1)).unwrap_err();
        assert!(error.message.contains("2000000 lines"), "{error:?}");
    }

    const SAMPLE: &str = "\
# head
[project]
dependencies = [\"click>=8\", # why
  'jinja2>=3',
  \"esc\\u0061ped\",
]
a.b = \"dotted\"
inline = { version = \"1.0\", path = '..' }
many = \"\"\"
1.0\"\"\"
[dependencies.http]
version = \"1\" # v1.4.2
[[tool.thing]]
name = \"one\"
[[tool.thing]]
name = \"two\"
";

    fn variants() -> Vec<String> {
        let crlf = SAMPLE.replace('\n', "\r\n");
        vec![
            SAMPLE.to_owned(),
            crlf.clone(),
            format!("\u{feff}{SAMPLE}"),
            format!("\u{feff}{crlf}"),
            SAMPLE.trim_end().to_owned(),
        ]
    }

    #[test]
    fn a_string_s_content_stands_where_its_span_says() {
        for text in variants() {
            let toml = Toml::parse(&text).unwrap();
            let root = toml.root();
            let dependencies = root.find(&["project", "dependencies"]).unwrap().items();
            let strings: Vec<_> = dependencies.iter().map(|it| it.string().unwrap()).collect();
            assert_eq!(strings.len(), 3);
            assert_eq!(&text[strings[0].editable().unwrap()], "click>=8");
            assert_eq!(&text[strings[1].editable().unwrap()], "jinja2>=3");
            assert_eq!(strings[2].value, "escaped");
            assert_eq!(strings[2].raw(), Some("esc\\u0061ped"));
            assert!(strings[2].has_escapes() && strings[2].editable().is_none());
            for path in [
                &["project", "a", "b"][..],
                &["project", "inline", "version"],
                &["dependencies", "http", "version"],
            ] {
                let string = root.find(path).unwrap().string().unwrap();
                assert_eq!(&text[string.editable().unwrap()], string.value);
            }
            let many = root.find(&["project", "many"]).unwrap().string().unwrap();
            assert_eq!(many.value.trim(), "1.0");
            assert!(many.content().is_none() && many.editable().is_none());
        }
    }

    #[test]
    fn every_spelling_has_its_line() {
        for text in variants() {
            let toml = Toml::parse(&text).unwrap();
            let root = toml.root();
            let begins = |it: Node<'_>| line_of(&text, it.span().unwrap().start);
            let line = |path: &[&str]| begins(root.find(path).unwrap());
            assert_eq!(line(&["project"]), 2);
            assert_eq!(line(&["project", "dependencies"]), 3);
            let second = root.find(&["project", "dependencies"]).unwrap().items()[1];
            assert_eq!(begins(second), 4);
            assert_eq!(line(&["project", "a"]), 7);
            assert_eq!(line(&["project", "inline"]), 8);
            assert_eq!(line(&["dependencies", "http"]), 11);
            let things = root.find(&["tool", "thing"]).unwrap().items();
            assert_eq!((begins(things[0]), begins(things[1])), (13, 15));
            assert_eq!(things[1].string_at("name").unwrap().value, "two");
            let (key, _) = &root.get("dependencies").unwrap().entries()[0];
            assert_eq!((key.name, &text[key.span.clone()]), ("http", "http"));
        }
    }

    #[test]
    fn the_comment_behind_a_value_is_found_and_a_hash_in_a_string_is_none() {
        let text =
            "rev = \"ab\" # v1.4.2\nx = { rev = \"ab\", features = [\"#no\"] } # yes\ny = \"#\"\n";
        let toml = Toml::parse(text).unwrap();
        let comment = |path: &[&str]| {
            let end = toml.root().find(path).unwrap().span().unwrap().end;
            toml.comment_behind(end).map(|it| &text[it])
        };
        assert_eq!(comment(&["rev"]), Some("# v1.4.2"));
        assert_eq!(comment(&["x", "rev"]), Some("# yes"));
        assert_eq!(comment(&["y"]), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let duplicate = "\u{feff}a = 1\r\na = 2\r\n";
        let error = Toml::parse(duplicate).err().unwrap();
        assert_eq!(error.message, "duplicate key");
        assert_eq!(&duplicate[error.span.unwrap()], "a");
        assert!(Toml::parse("a = ").err().unwrap().span.is_some());
    }

    #[test]
    fn nesting_without_measure_is_refused_and_not_a_stack_overflow() {
        let dotted = format!("{} = 1", vec!["a"; 200_000].join("."));
        let header = format!("[{}]", vec!["a"; 200_000].join("."));
        let quoted = format!("x = {{ {} = 1 }}", vec!["\"a=\""; 200_000].join(" . "));
        let arrays = "x = ".to_owned() + &"[".repeat(200_000);
        for text in [dotted, header, quoted, arrays] {
            assert!(Toml::parse(&text).err().unwrap().span.is_some());
        }
        let long = format!("[\"{}\".x]\n", "a".repeat(TOML_KEY));
        let error = Toml::parse(&long).err().unwrap();
        assert_eq!(error.message, "a key is longer than 1000 bytes");
        let string = format!("a = '{}'\n", "a".repeat(9 * TOML_KEY));
        assert!(Toml::parse(&string).is_ok());
        let text =
            "x = \"1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19\" # ......................";
        assert!(Toml::parse(text).is_ok());
        let inline = "{a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=".repeat(79);
        let deep = format!("x = {inline}1{}", "}".repeat(79));
        assert!(Toml::parse(&deep).is_ok());
    }
}
