//! What the token of a workflow may do.

use std::collections::BTreeMap;

/// What a token may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Permissions {
    /// Nothing is said: as the repository's settings say, perhaps everything.
    #[default]
    Unsaid,
    /// The same in every scope: `read-all`, `write-all`, or nothing for `{}`.
    All(Access),
    /// These scopes; nothing in any other.
    Scopes(BTreeMap<String, Access>),
}

/// How far a token may go in one scope.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Not at all.
    #[default]
    None,
    /// It may read.
    Read,
    /// It may read and write.
    Write,
}

impl Access {
    /// Returns the access of this word; of an unknown one none.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "read" => Self::Read,
            "write" => Self::Write,
            _ => Self::None,
        }
    }
}

impl Permissions {
    /// Returns how far the token may go in a scope; `None` where nothing is said.
    pub fn of(&self, scope: &str) -> Option<Access> {
        match self {
            Self::Unsaid => None,
            Self::All(access) => Some(*access),
            Self::Scopes(scopes) => Some(scopes.get(scope).copied().unwrap_or_default()),
        }
    }

    /// Returns the scopes in which it may write, by name; every one as `write-all`.
    pub fn writes(&self) -> Vec<&str> {
        match self {
            Self::All(Access::Write) => vec!["write-all"],
            Self::Scopes(scopes) => {
                let writes = scopes.iter().filter(|it| *it.1 == Access::Write);
                writes.map(|it| it.0.as_str()).collect()
            }
            Self::Unsaid | Self::All(_) => Vec::new(),
        }
    }
}
