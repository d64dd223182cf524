//! What an expression comes to.

use super::Truth;
use crate::workflow::{Scalar, ScalarKind};

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A string.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Bool(Truth),
    /// Nothing.
    Null,
    /// Only a run knows.
    Unknown,
}

impl Value {
    /// Returns the value of a scalar.
    pub(super) fn of(scalar: &Scalar) -> Self {
        let text = &scalar.value;
        match scalar.kind {
            ScalarKind::Text if text.contains("${{") => Self::Unknown,
            ScalarKind::Text => Self::Text(text.clone()),
            ScalarKind::Number => number(text).map_or(Self::Unknown, Self::Number),
            ScalarKind::Truth if text.eq_ignore_ascii_case("true") => Self::Bool(Truth::Yes),
            ScalarKind::Truth => Self::Bool(Truth::No),
            ScalarKind::Null => Self::Null,
        }
    }

    /// Returns whether it counts as true.
    pub(super) fn truth(&self) -> Truth {
        match self {
            Self::Text(text) if text.is_empty() => Truth::No,
            Self::Number(it) if *it == 0.0 || it.is_nan() => Truth::No,
            Self::Text(_) | Self::Number(_) => Truth::Yes,
            Self::Bool(truth) => *truth,
            Self::Null => Truth::No,
            Self::Unknown => Truth::Unknown,
        }
    }

    /// Returns it as a text; `None` where it is unknown.
    pub(super) fn text(&self) -> Option<String> {
        Some(match self {
            Self::Text(text) => text.clone(),
            Self::Number(it) => it.to_string(),
            Self::Bool(Truth::Yes) => "true".to_owned(),
            Self::Bool(Truth::No) => "false".to_owned(),
            Self::Null => String::new(),
            Self::Bool(Truth::Unknown) | Self::Unknown => return None,
        })
    }

    /// Returns whether it equals another: texts without regard to case, all else as numbers.
    pub(super) fn equals(&self, other: &Self) -> Truth {
        match (self, other) {
            (Self::Unknown | Self::Bool(Truth::Unknown), _)
            | (_, Self::Unknown | Self::Bool(Truth::Unknown)) => Truth::Unknown,
            (Self::Text(a), Self::Text(b)) => Truth::of(a.to_lowercase() == b.to_lowercase()),
            (Self::Null, Self::Null) => Truth::Yes,
            (a, b) => Truth::of(a.amount() == b.amount()),
        }
    }

    /// Returns how it stands to another as a number; `None` where that is unknown.
    pub(super) fn compare(&self, other: &Self) -> Option<std::cmp::Ordering> {
        let unknown = |it: &Self| it.truth() == Truth::Unknown;
        if unknown(self) || unknown(other) {
            return None;
        }
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.to_lowercase().cmp(&b.to_lowercase())),
            (a, b) => a.amount()?.partial_cmp(&b.amount()?),
        }
    }

    /// Returns the number that it counts as; `None` where it is none.
    fn amount(&self) -> Option<f64> {
        match self {
            Self::Text(text) if text.trim().is_empty() => Some(0.0),
            Self::Text(text) => number(text),
            Self::Number(it) => Some(*it),
            Self::Bool(Truth::Yes) => Some(1.0),
            Self::Bool(_) | Self::Null => Some(0.0),
            Self::Unknown => None,
        }
    }
}

impl Truth {
    /// Returns it for what is known.
    pub(super) fn of(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }

    /// Returns the opposite.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}
