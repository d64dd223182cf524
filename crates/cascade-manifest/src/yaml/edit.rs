//! The edit of one scalar, quoted as it stands.

use super::word::is_plain;
use super::{Scalar, Style, Word};
use crate::Splice;

/// Why a scalar can not be edited where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    /// Its content is spread over lines or written with escapes.
    #[error("it is not written in one piece")]
    Spread,
    /// Without quotes, YAML would not read the new text as this one value.
    #[error("`{0}` needs quotes in YAML")]
    NeedsQuotes(String),
    /// Without quotes, YAML would read another type than now.
    #[error("`{to}` would be {now} in YAML, and `{from}` is {before}: it needs quotes", now = now.article(), before = before.article())]
    Retyped {
        /// What stands there.
        from: String,
        /// What that is to YAML.
        before: Word,
        /// What should stand there.
        to: String,
        /// What that would be.
        now: Word,
    },
}

impl Scalar<'_> {
    /// Returns the splice after which it says `to`, quoted as it stands.
    ///
    /// # Errors
    /// When it is not written in one piece, or stands without quotes and `to` needs them.
    pub(crate) fn edit(self, to: &str) -> Result<Splice, Unfit> {
        let span = self.content().ok_or(Unfit::Spread)?;
        let to = match self.style {
            Style::Plain => self.plain(to)?,
            Style::Single => to.replace('\'', "''"),
            Style::Double => to.replace('\\', "\\\\").replace('"', "\\\""),
            Style::Literal | Style::Folded => return Err(Unfit::Spread),
        };
        Ok(Splice { span, to })
    }

    fn plain(self, to: &str) -> Result<String, Unfit> {
        let (before, now) = (Word::of(self.value), Word::of(to));
        if !is_plain(to) {
            Err(Unfit::NeedsQuotes(to.to_owned()))
        } else if before == now || self.tagged {
            Ok(to.to_owned())
        } else {
            Err(Unfit::Retyped {
                from: self.value.to_owned(),
                before,
                to: to.to_owned(),
                now,
            })
        }
    }
}

impl Word {
    /// Returns the word with its article, as in a message.
    pub(super) fn article(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool => "a truth value",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::Text => "a string",
        }
    }
}
