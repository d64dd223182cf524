//! A page of text: lines of a report, with words that colour repeats.

use std::fmt::{Display, Write as _};

use anstyle::{AnsiColor, Style};

/// For what stands out.
pub(crate) const STRONG: Style = Style::new().bold();
/// For what is calm.
pub(crate) const DIM: Style = Style::new().dimmed();
/// For what went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// For what should be mended.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// For what blocks.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// For places: diff heads, waves.
pub(crate) const PLACE: Style = AnsiColor::Cyan.on_default();

/// Returns the text in this style; the printer takes the style off where it is not wanted.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Returns `1 repository`, `2 repositories`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Lines of a report, as they come.
#[derive(Debug, Default)]
pub(crate) struct Page(String);

impl Page {
    /// Adds a line.
    pub(crate) fn line(&mut self, text: impl Display) {
        let _ = writeln!(self.0, "{text}");
    }

    /// Adds an empty line, unless the page is empty or has one at its end.
    pub(crate) fn gap(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }

    /// Returns the text, without empty lines at its end.
    pub(crate) fn finish(self) -> String {
        let mut text = self.0;
        text.truncate(text.trim_end_matches('\n').len());
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}
