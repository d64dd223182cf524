//! Indented JSON in which every hidden character is escaped, so that it may be shown on a terminal.

use std::io::{self, Write};

use cascade_run::is_hidden;
use serde_json::ser::{Formatter, PrettyFormatter};

/// serde_json's own indentation; strings hold no character that hides or commands.
#[derive(Default)]
pub(crate) struct Visible(PrettyFormatter<'static>);

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        text: &str,
    ) -> io::Result<()> {
        // Nearly every text: serde_json escaped its controls already, all but this one.
        if text.bytes().all(|it| it < 0x7f) {
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
        self.0.begin_array(to)
    }

    fn end_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_array(to)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(to, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_array_value(to)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.begin_object(to)
    }

    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_object(to)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(to, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.begin_object_value(to)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_object_value(to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Serialize as _;

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
}
