//! The lines on which the records of a lock stand.

/// Counts the lines of a text up to where something stands: on from the last one asked for, so that all
/// records together cost one walk.
#[derive(Debug)]
pub(crate) struct LineCount<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl<'t> LineCount<'t> {
    /// Starts at the first line.
    pub(crate) fn of(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
        }
    }

    /// Returns the 1-based line on which byte `at` stands.
    pub(crate) fn at(&mut self, at: usize) -> usize {
        let at = at.min(self.text.len());
        if at < self.at {
            (self.at, self.line) = (0, 1);
        }
        let passed = self.text.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.at = at;
        self.line
    }

    /// Returns the 1-based line on which this part of the text begins.
    pub(crate) fn part(&mut self, part: &str) -> usize {
        self.at(offset(self.text, part))
    }
}

/// Returns the byte of a text at which a part of it begins.
pub(crate) fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::line_of;

    proptest! {
        #[test]
        fn it_counts_as_whoever_counts_from_the_start(
            text in "[a\u{e4}\r\n]{0,40}",
            asked in proptest::collection::vec(0_usize..50, 0..8),
        ) {
            let mut count = LineCount::of(&text);
            for at in asked {
                prop_assert_eq!(count.at(at), line_of(&text, at));
            }
            for line in text.lines() {
                prop_assert_eq!(count.part(line), line_of(&text, offset(&text, line)));
            }
        }
    }
}
