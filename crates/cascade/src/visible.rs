//! Indented JSON in which every hidden character is escaped, so that it may be shown on a terminal.

use std::io::{self, Write};

use cascade_run::{in_parallel, is_hidden};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// A line's end and more indentation than most lines have.
const LINE: &[u8] = b"\n                                ";

/// How many elements of a long list are laid out at a time: few enough that they take little memory.
const BATCH: usize = 64;

/// Writes data as JSON.
///
/// # Errors
/// When it can not be written.
pub(crate) fn write(to: &mut impl Write, data: &impl Serialize) -> io::Result<()> {
    let mut json = Serializer::with_formatter(to, Visible::default());
    data.serialize(&mut json).map_err(io::Error::from)
}

/// Writes data as JSON whose list of this name, empty and at its top, holds these elements: they are
/// laid out on every core.
///
/// # Errors
/// When it can not be written.
pub(crate) fn write_long<T: Serialize + Sync>(
    to: &mut impl Write,
    data: &impl Serialize,
    (name, elements): (&str, &[T]),
) -> io::Result<()> {
    let mut whole = Vec::new();
    write(&mut whole, data)?;
    if elements.is_empty() {
        return to.write_all(&whole);
    }
    // No string holds a line's end, so only a key at the top stands there.
    let gap = format!("\n  \"{name}\": [");
    let found = str::from_utf8(&whole).ok().and_then(|it| it.find(&gap));
    let split = found.and_then(|at| whole.split_at_checked(at + gap.len()));
    let (head, tail) = split.ok_or_else(|| io::Error::other("the list has no place"))?;
    to.write_all(head)?;
    let inside = |depth| Visible {
        depth,
        ..Visible::default()
    };
    for (number, batch) in elements.chunks(BATCH).enumerate() {
        let pieces = in_parallel(batch.iter().collect(), |it: &T| {
            let mut piece = Vec::new();
            let mut json = Serializer::with_formatter(&mut piece, inside(2));
            it.serialize(&mut json).map(|()| piece)
        });
        for (at, piece) in pieces.into_iter().enumerate() {
            inside(2).next(to, number == 0 && at == 0)?;
            to.write_all(&piece.map_err(io::Error::from)?)?;
        }
    }
    inside(1).line(to)?;
    to.write_all(tail)
}

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
    fn a_long_list_is_laid_out_as_any_other() {
        for count in [0, 1, 2, 63, 64, 65, 200] {
            let list: Vec<_> = (0..count)
                .map(|it| json!({"n": it, "of": [it, {}]}))
                .collect();
            let whole =
                |list: &[_]| json!({"a": {"list": []}, "list": list, "z": "\n  \"list\": ["});
            let mut out = Vec::new();
            write_long(&mut out, &whole(&[]), ("list", &list)).unwrap();
            let theirs = serde_json::to_string_pretty(&whole(&list)).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), theirs);
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
