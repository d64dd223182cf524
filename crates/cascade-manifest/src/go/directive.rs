//! The rows of `go.mod` and `go.work`: a verb and its words, blocks taken apart.
//!
//! ```text
//! require example.org/x v1.2.3 // indirect
//! require (
//!     "example.org/y" v0.1.0
//! )
//! ```

use std::borrow::Cow;
use std::ops::Range;

use crate::ReadError;

/// More words than any row that says something to cascade has.
const MOST_WORDS: usize = 8;

/// One row: in a block its verb is the block's.
#[derive(Debug, Clone)]
pub(super) struct Row<'t> {
    pub(super) verb: Cow<'t, str>,
    pub(super) words: Vec<Word<'t>>,
    /// What stands behind `//` at the end of the row.
    pub(super) comment: &'t str,
    /// The bytes of its first word.
    pub(super) at: Range<usize>,
}

/// One word, without its quotes.
#[derive(Debug, Clone)]
pub(super) struct Word<'t> {
    pub(super) value: Cow<'t, str>,
    /// The bytes between the quotes.
    pub(super) span: Range<usize>,
    /// The 1-based line.
    pub(super) line: usize,
}

impl Word<'_> {
    /// Returns the bytes that an edit may replace: those of a word without escapes.
    pub(super) fn editable(&self) -> Option<Range<usize>> {
        matches!(self.value, Cow::Borrowed(_)).then(|| self.span.clone())
    }
}

/// The rows of a text, in its order.
pub(super) struct Rows<'t> {
    lexer: Lexer<'t>,
    /// The verb of the block that is open, and where that began.
    block: Option<(Cow<'t, str>, Range<usize>)>,
    failed: bool,
}

/// A row as it is read, before it is known whether it opens a block.
#[derive(Default)]
struct Line<'t> {
    words: Vec<Word<'t>>,
    count: usize,
    comment: &'t str,
    opens: bool,
    closes: bool,
    /// Whether a parenthesis stands where no block opens or closes.
    odd: bool,
}

impl<'t> Rows<'t> {
    /// Returns the rows of a text; a byte order mark before it is none of them.
    pub(super) fn of(text: &'t str) -> Self {
        let mark = '\u{feff}'.len_utf8();
        let at = if text.starts_with('\u{feff}') {
            mark
        } else {
            0
        };
        Self {
            lexer: Lexer { text, at, line: 1 },
            block: None,
            failed: false,
        }
    }

    fn row(&mut self) -> Result<Option<Row<'t>>, ReadError> {
        while let Some(line) = self.lexer.line()? {
            if let Some(row) = self.taken(line)? {
                return Ok(Some(row));
            }
        }
        match self.block.take() {
            Some((_, at)) => Err(wrong("a block that is never closed", at)),
            None => Ok(None),
        }
    }

    /// Returns the row that a line is, if it is one: it may open a block or close one.
    fn taken(&mut self, line: Line<'t>) -> Result<Option<Row<'t>>, ReadError> {
        let here = self.lexer.at..self.lexer.at;
        let Some(first) = line.words.first() else {
            return match (line.closes && !line.odd, self.block.take()) {
                (true, Some(_)) => Ok(None),
                (false, block) if !line.odd && !line.opens && !line.closes => {
                    self.block = block;
                    Ok(None)
                }
                _ => Err(wrong("a parenthesis that belongs to no block", here)),
            };
        };
        let at = first.span.clone();
        if line.odd || line.closes && !line.opens {
            return Err(wrong("a parenthesis that belongs to no block", at));
        }
        if line.opens {
            if self.block.is_some() || line.count != 1 {
                return Err(wrong("a block where none can begin", at));
            }
            let verb = first.value.clone();
            self.block = (!line.closes).then_some((verb, at));
            return Ok(None);
        }
        let mut words = line.words;
        let verb = match &self.block {
            Some((verb, _)) => verb.clone(),
            None => words.remove(0).value,
        };
        Ok(Some(Row {
            verb,
            words,
            comment: line.comment,
            at,
        }))
    }
}

impl<'t> Iterator for Rows<'t> {
    type Item = Result<Row<'t>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let row = self.row().transpose();
        self.failed = !matches!(row, Some(Ok(_)));
        row
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl<'t> Lexer<'t> {
    /// Returns the next line of the text, blank ones too; `None` at its end.
    fn line(&mut self) -> Result<Option<Line<'t>>, ReadError> {
        if self.at >= self.text.len() {
            return Ok(None);
        }
        let mut line = Line::default();
        loop {
            let rest = self.rest();
            match rest.bytes().next() {
                None => break,
                // The brackets of `retract` and what may yet be invented say nothing to cascade.
                Some(b' ' | b'\t' | b'\r' | b'[' | b']' | b'{' | b'}' | b',') => self.at += 1,
                Some(b'\n') => {
                    self.at += 1;
                    self.line += 1;
                    break;
                }
                Some(b'/') if rest.starts_with("//") => line.comment = self.comment(),
                Some(b'/') if rest.starts_with("/*") => {
                    let why = "a comment in `/* */`: only `//` begins one here";
                    return Err(wrong(why, self.at..self.at + 2));
                }
                Some(open @ (b'(' | b')')) => {
                    self.at += 1;
                    line.parenthesis(open);
                }
                Some(b'"' | b'`') => {
                    let word = self.quoted()?;
                    line.push(word);
                }
                Some(_) => {
                    let word = self.bare()?;
                    line.push(word);
                }
            }
        }
        Ok(Some(line))
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Returns what stands behind the `//` that stands here.
    fn comment(&mut self) -> &'t str {
        let rest = self.rest();
        let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at += end;
        rest.get(2..end).unwrap_or_default()
    }

    fn bare(&mut self) -> Result<Word<'t>, ReadError> {
        let rest = self.rest();
        let ends = |(at, c): (usize, char)| {
            let space = c.is_whitespace() || "()[]{},".contains(c);
            let comment = c == '/' && rest.get(at..).is_some_and(|it| it.starts_with("//"));
            (space || comment).then_some(at)
        };
        let end = rest.char_indices().find_map(ends).unwrap_or(rest.len());
        let value = rest.get(..end).unwrap_or_default();
        if value.is_empty() {
            return Err(wrong("a character that no word has", self.at..self.at));
        }
        if value.contains("/*") {
            let why = "a comment in `/* */`: only `//` begins one here";
            return Err(wrong(why, self.at..self.at + end));
        }
        Ok(self.word(value.into(), 0, end))
    }

    /// Returns the word between the quotes that begin here.
    fn quoted(&mut self) -> Result<Word<'t>, ReadError> {
        let rest = self.rest();
        let end = closing(rest).ok_or_else(|| {
            let at = self.at..self.at + 1;
            wrong("a quote that is never closed", at)
        })?;
        let inner = rest.get(1..end).unwrap_or_default();
        let value = if rest.starts_with('"') && inner.contains('\\') {
            Cow::Owned(unescaped(inner))
        } else {
            Cow::Borrowed(inner)
        };
        let word = self.word(value, 1, end);
        self.at += 1;
        Ok(word)
    }

    /// Returns a word whose bytes stand `from..to` from here, and goes behind them.
    fn word(&mut self, value: Cow<'t, str>, from: usize, to: usize) -> Word<'t> {
        let span = self.at + from..self.at + to;
        self.at += to;
        Word {
            value,
            span,
            line: self.line,
        }
    }
}

impl<'t> Line<'t> {
    fn push(&mut self, word: Word<'t>) {
        self.odd |= self.opens || self.closes;
        self.count += 1;
        if self.words.len() < MOST_WORDS {
            self.words.push(word);
        }
    }

    fn parenthesis(&mut self, which: u8) {
        let seen = if which == b'(' {
            self.odd |= self.closes;
            &mut self.opens
        } else {
            &mut self.closes
        };
        self.odd |= *seen;
        *seen = true;
    }
}

/// Returns where the quote that the text begins with is closed, on its line.
fn closing(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate();
    let (_, quote) = bytes.next()?;
    let mut escaped = false;
    for (at, byte) in bytes {
        match byte {
            b'\n' => return None,
            _ if escaped => escaped = false,
            b'\\' if quote == b'"' => escaped = true,
            _ if byte == quote => return Some(at),
            _ => {}
        }
    }
    None
}

/// Returns what escapes stand for: every character behind a `\` for itself, which is all that
/// paths and versions could ever need.
fn unescaped(inner: &str) -> String {
    let mut escaped = false;
    let keep = |c: &char| {
        escaped = *c == '\\' && !escaped;
        !escaped
    };
    inner.chars().filter(keep).collect()
}

/// Returns the error of a text that is not of its format.
pub(super) fn wrong(message: &str, at: Range<usize>) -> ReadError {
    ReadError {
        message: message.to_owned(),
        span: Some(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> Result<Vec<String>, String> {
        let told = |row: Row<'_>| {
            let words: Vec<_> = row.words.iter().map(|it| it.value.as_ref()).collect();
            let line = row.words.first().map_or(0, |it| it.line);
            format!("{line} {} {} #{}", row.verb, words.join("|"), row.comment)
        };
        let rows = Rows::of(text).map(|it| it.map(told).map_err(|it| it.message));
        rows.collect()
    }

    #[test]
    fn rows_and_blocks_read_alike() {
        let text = "// A header.\n// Two of them.\n\nmodule   example.org/x // why\nrequire(\n\
                    \t\"a.example/y\"\tv1.0.0//indirect\n\n  // none\n\t`b.example` v2.0.0\n)\n\
                    retract [v1.0.0, v1.1.0]\nexclude ()\nrequire (\r\n)\nreplace a=>b c => ../d";
        let expected = [
            "4 module example.org/x # why",
            "6 require a.example/y|v1.0.0 #indirect",
            "9 require b.example|v2.0.0 #",
            "11 retract v1.0.0|v1.1.0 #",
            "15 replace a=>b|c|=>|../d #",
        ];
        assert_eq!(told(text).unwrap(), expected);
        assert_eq!(told(&format!("\u{feff}{text}")).unwrap(), expected);
    }

    #[test]
    fn what_is_broken_is_an_error() {
        for (text, why) in [
            ("require (\n a v1\n", "never closed"),
            ("require a (\n)", "none can begin"),
            ("require (\n b (\n", "none can begin"),
            (")", "belongs to no block"),
            ("a )", "belongs to no block"),
            ("a ( b", "belongs to no block"),
            ("( a", "belongs to no block"),
            ("require \"a\nb\"", "quote"),
            ("module x /* y */", "comment"),
            ("module x/*y*/", "comment"),
        ] {
            let error = told(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn escapes_are_read_and_can_not_be_edited() {
        let row = Rows::of("require \"a\\\"b\" `v1\\`")
            .next()
            .unwrap()
            .unwrap();
        let [name, version] = &row.words[..] else {
            panic!("{row:?}");
        };
        assert_eq!((&*name.value, name.editable()), ("a\"b", None));
        assert_eq!(
            (&*version.value, version.editable()),
            ("v1\\", Some(16..19))
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "([a-z./v0-9 \t\"`(),\\\\\r\n]|//|=>|é){0,80}") {
            for row in Rows::of(&text).flatten() {
                for word in row.words {
                    if let Some(span) = word.editable() {
                        prop_assert_eq!(text.get(span.clone()), Some(&*word.value));
                        prop_assert_eq!(crate::line_of(&text, span.start), word.line);
                    }
                }
            }
        }
    }
}
