//! Indented JSON in which every hidden character is escaped, so that it may be shown on a terminal.

use std::io::{self, Write};

use cascade_run::is_hidden;
use serde_json::ser::Formatter;

/// A line's end and more indentation than most lines have.
const LINE: &[u8] = b"\n                                ";

/// Two spaces a level, as serde_json indents, but a line's indentation in one piece; strings hold no
/// character that hides or commands.
#[derive(Default)]
pub(crate) struct Visible {
    depth: usize,
    /// Whether what is closed next holds anything.
    filled: bool,
}

impl Visible {
    fn line<W: ?Sized + Write>(&self, to: &mut W) -> io::Result<()> {
        let long = 1 + 2 * self.depth;
        if let Some(line) = LINE.get(..long) {
            return to.write_all(line);
        }
        to.write_all(LINE)?;
        (LINE.len()..long).try_for_each(|_| to.write_all(b" "))
    }

    fn open<W: ?Sized + Write>(&mut self, to: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        to.write_all(bracket)
    }

    fn next<W: ?Sized + Write>(&self, to: &mut W, first: bool) -> io::Result<()> {
        if !first {
            to.write_all(b",")?;
        }
        self.line(to)
    }

    fn close<W: ?Sized + Write>(&mut self, to: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.filled {
            self.line(to)?;
        }
        self.filled = true;
        to.write_all(bracket)
    }
}

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        text: &str,
    ) -> io::Result<()> {
        // Nearly every text: serde_json escaped its controls already, all but this one.
        if text.is_ascii() && !text.contains('\u{7f}') {
            return to.write_all(text.as_bytes());
        }
        let mut plain = text;
        while let Some((at, hidden)) = plain.char_indices().find(|(_, it)| is_hidden(*it)) {
            let (before, rest) = plain.split_at(at);
            to.write_all(before.as_bytes())?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(to, "\\u{unit:04x}")?;
            }
            plain = rest.get(hidden.len_utf8()..).unwrap_or_default();
        }
        to.write_all(plain.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.open(to, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.close(to, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.next(to, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.open(to, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.close(to, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.next(to, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Serialize as _;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_hides_nothing(text in any::<String>()) {
            let mut out = Vec::new();
            let mut json = serde_json::Serializer::with_formatter(&mut out, Visible::default());
            [(&text, "\u{202e}\u{9b}\u{e0041}")].serialize(&mut json).unwrap();
            let shown = String::from_utf8(out).unwrap();
            prop_assert!(!shown.chars().any(|it| is_hidden(it) && it != '\n'), "{shown:?}");
            let back: Vec<(String, String)> = serde_json::from_str(&shown).unwrap();
            prop_assert_eq!(&back[0].0, &text);
        }
    }

    #[test]
    fn it_is_laid_out_as_serde_json_does() {
        let leaf = json!({"a": [], "b": {}, "c": [1, "two", {"d": null}], "e": {"f": true}});
        let deep = (0..40).fold(leaf, |it, _| json!([{"deeper": it}, []]));
        let mut out = Vec::new();
        let mut ours = serde_json::Serializer::with_formatter(&mut out, Visible::default());
        deep.serialize(&mut ours).unwrap();
        let theirs = serde_json::to_string_pretty(&deep).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), theirs);
    }
}
