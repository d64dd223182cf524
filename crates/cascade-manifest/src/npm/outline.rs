//! The indented locks of pnpm and Yarn, as these tools write them: lines of `key: value`, and what
//! stands deeper below a key is its own.
//!
//! Nothing is built: an [`Outline`] walks the lines of one level and gives the bytes of each entry.
//! What the tools never write is [`Odd`], and the YAML parser takes over.

use std::ops::Range;

use memchr::memchr;

use crate::Fallback;

/// A line that no tool writes at this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Odd;

impl From<Odd> for Fallback {
    fn from(_: Odd) -> Self {
        Self::because("a line is not as the tool writes it")
    }
}

/// The entries of one level, in the order of the text.
#[derive(Debug, Clone)]
pub(super) struct Outline<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    indent: usize,
}

/// One key, with what stands behind and below it. Spans count from the start of the whole text.
#[derive(Debug, Clone)]
pub(super) struct Entry<'t> {
    /// The key, without quotes.
    pub(super) key: &'t str,
    /// The bytes of that.
    pub(super) key_span: Range<usize>,
    /// What stands behind the colon, as written.
    pub(super) value: &'t str,
    /// The bytes of that.
    pub(super) value_span: Range<usize>,
    /// All its bytes, from the start of its line to the start of the next entry.
    pub(super) span: Range<usize>,
    /// Where its next line starts.
    body: usize,
    text: &'t str,
    inner: usize,
}

impl<'t> Outline<'t> {
    /// Returns the bytes of the line at `from`, without its end, and where the next one starts.
    fn line(&self, from: usize) -> (&'t str, usize) {
        let rest = self.text.get(from..self.end).unwrap_or_default();
        let (line, next) = match memchr(b'\n', rest.as_bytes()) {
            Some(end) => (rest.get(..end).unwrap_or_default(), from + end + 1),
            None => (rest, self.end),
        };
        (line.strip_suffix('\r').unwrap_or(line), next)
    }

    /// Returns where the entry whose body starts at `from` ends.
    fn end_of(&self, mut from: usize) -> usize {
        while from < self.end {
            let (line, next) = self.line(from);
            let inner = line.trim_start_matches(' ');
            if !inner.is_empty() && line.len() - inner.len() <= self.indent {
                break;
            }
            from = next;
        }
        from
    }
}

impl<'t> Iterator for Outline<'t> {
    type Item = Result<Entry<'t>, Odd>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.end {
            let start = self.at;
            let (line, next) = self.line(start);
            let inner = line.trim_start_matches(' ');
            if inner.is_empty() || (self.indent == 0 && inner.starts_with('#')) {
                self.at = next;
                continue;
            }
            if line.len() - inner.len() != self.indent {
                self.at = self.end;
                return Some(Err(Odd));
            }
            self.at = self.end_of(next);
            let inner_at = start + self.indent;
            let Some((key, value)) = split(inner) else {
                return Some(Err(Odd));
            };
            let shift = |it: Range<usize>| it.start + inner_at..it.end + inner_at;
            return Some(Ok(Entry {
                key: inner.get(key.clone()).unwrap_or_default(),
                key_span: shift(key),
                value: inner.get(value.clone()).unwrap_or_default(),
                value_span: shift(value),
                span: start..self.at,
                body: next,
                text: self.text,
                inner: self.indent + 2,
            }));
        }
        None
    }
}

impl<'t> Entry<'t> {
    /// Returns the whole of a text, whose byte order mark is skipped, as the entry of no key.
    pub(super) fn whole(text: &'t str) -> Self {
        let body = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self {
            key: "",
            key_span: body..body,
            value: "",
            value_span: body..body,
            span: 0..text.len(),
            body,
            text,
            inner: 0,
        }
    }

    /// Returns the entries one level below.
    pub(super) fn entries(&self) -> Outline<'t> {
        Outline {
            text: self.text,
            at: self.body,
            end: self.span.end,
            indent: self.inner,
        }
    }

    /// Returns the entries one level below, if every line there is one.
    pub(super) fn rows(&self) -> Result<Vec<Entry<'t>>, Odd> {
        self.entries().collect()
    }

    /// Returns the entry of this key one level below; `None` without one, or where it is odd.
    pub(super) fn get(&self, key: &str) -> Option<Entry<'t>> {
        self.entries()
            .filter_map(Result::ok)
            .find(|it| it.key == key)
    }

    /// Returns what the value says and the bytes of that, without quotes; `None` where it is more
    /// than a scalar on this line.
    pub(super) fn scalar(&self) -> Option<(&'t str, Range<usize>)> {
        let value = self.value;
        let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''));
        let (inner, at) = match quote {
            Some(quote) => {
                let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
                (inner, self.value_span.start + 1)
            }
            None => (value, self.value_span.start),
        };
        let odd = match quote {
            Some('"') => inner.contains(['"', '\\']),
            Some(_) => inner.contains('\''),
            None => {
                inner.is_empty()
                    || inner.starts_with(['[', '{', '&', '*', '!', '|', '>', '#', '%', '@', '`'])
                    || inner.contains(" #")
            }
        };
        (!odd).then(|| (inner, at..at + inner.len()))
    }

    /// Returns what the value says; `None` where it is more than a scalar on this line.
    pub(super) fn str(&self) -> Option<&'t str> {
        self.scalar().map(|(it, _)| it)
    }

    /// Returns the whole text of the entry.
    pub(super) fn text(&self) -> &'t str {
        self.text.get(self.span.clone()).unwrap_or_default()
    }
}

/// Returns the bytes of the key, without quotes, and of the value of one line.
fn split(line: &str) -> Option<(Range<usize>, Range<usize>)> {
    let quote = line.chars().next().filter(|it| matches!(it, '"' | '\''));
    let (key, colon) = if let Some(quote) = quote {
        let end = line.get(1..)?.find(quote)? + 1;
        (1..end, end + 1)
    } else {
        let end = line.find(": ").or_else(|| line.len().checked_sub(1))?;
        (0..end, end)
    };
    let rest = line.get(colon..)?.strip_prefix(':')?;
    let name = line.get(key.clone())?;
    let plain = quote.is_some()
        || !name.starts_with([
            '-', '?', '[', '{', '&', '*', '!', '|', '>', '%', '@', '`', '#',
        ]);
    let whole = rest.is_empty() || rest.starts_with(' ');
    let value = colon + 1 + (rest.len() - rest.trim_start().len());
    (plain && whole && !name.is_empty() && !name.contains('\\'))
        .then(|| (key, value..line.trim_end().len().max(value)))
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a cut character fails the test")]
mod tests {
    use super::*;

    const TEXT: &str = "\u{feff}# made\r\nversion: '9.0'\r\n\r\nmap:\r\n\r\n  '@f/a@1.0.0(b@2)':\r\n    \
        engines: {node: '>=18'}\r\n    note: |-\r\n      a: 1\r\n\r\n      b\r\n    x: \"npm:^1\"\r\n\r\n  c@https://h.example/x: {}\r\n";

    #[test]
    fn entries_are_found_with_their_bytes() {
        let top: Vec<_> = Entry::whole(TEXT).entries().map(Result::unwrap).collect();
        assert_eq!(
            top.iter().map(|it| it.key).collect::<Vec<_>>(),
            ["version", "map"]
        );
        assert_eq!(
            top[0].scalar().unwrap(),
            ("9.0", TEXT.find("9.0").map(|at| at..at + 3).unwrap())
        );
        let records = top[1].rows().unwrap();
        assert_eq!(&TEXT[records[0].key_span.clone()], "@f/a@1.0.0(b@2)");
        assert_eq!(
            (records[1].key, records[1].value),
            ("c@https://h.example/x", "{}")
        );
        assert_eq!(records[1].str(), None);
        let fields = records[0].rows().unwrap();
        assert_eq!(
            fields.iter().map(|it| it.key).collect::<Vec<_>>(),
            ["engines", "note", "x"]
        );
        assert_eq!(fields[2].str(), Some("npm:^1"));
        assert_eq!((fields[0].str(), fields[1].str()), (None, None));
        assert_eq!(&TEXT[records[0].span.clone()], records[0].text());
    }

    #[test]
    fn what_no_tool_writes_is_odd() {
        for text in [
            "- a\n",
            "? a\n: b\n",
            " a: 1\n",
            "a\n",
            "\"a\\n\": 1\n",
            "a:b\n",
            "{a: 1}\n",
            "a:\n    b: 1\n   c: 1\n",
            "\t",
        ] {
            let odd = Entry::whole(text)
                .entries()
                .any(|it| it.map_or(true, |it| it.rows().is_err()));
            assert!(odd, "{text:?}");
        }
    }
}
