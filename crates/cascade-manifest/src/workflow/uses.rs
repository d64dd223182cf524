//! What a step or a job uses: an action, a workflow, an image.

/// What is used, at its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    /// As it is written.
    pub text: String,
    /// The 1-based line.
    pub line: usize,
    /// Where it is from.
    pub kind: UsesKind,
    /// What stands before the `@`: `actions/checkout`, `./.github/workflows/test.yml`.
    pub name: String,
    /// What stands behind the `@`: a tag, a branch or a commit.
    pub reference: Option<String>,
    /// The comment behind it: `v4.2.2`.
    pub comment: Option<String>,
}

/// Where something used is from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UsesKind {
    /// Another repository.
    #[default]
    Action,
    /// This repository, at the commit that runs.
    Local,
    /// An image.
    Image,
}

impl Uses {
    /// Reads what is used.
    pub(super) fn of(text: &str, line: usize, comment: Option<String>) -> Self {
        let image = text.strip_prefix("docker://");
        let kind = match image {
            Some(_) => UsesKind::Image,
            None if text.starts_with("./") || text.starts_with("../") => UsesKind::Local,
            None => UsesKind::Action,
        };
        let body = image.unwrap_or(text);
        let (name, reference) = match body.rsplit_once('@') {
            Some((name, reference)) => (name, Some(reference.to_owned())),
            None => (body, None),
        };
        Self {
            text: text.to_owned(),
            line,
            kind,
            name: name.to_owned(),
            reference,
            comment,
        }
    }

    /// Returns whether what is used can not become something else: a whole commit, a digest, or a file
    /// of this repository.
    pub fn is_pinned(&self) -> bool {
        let reference = self.reference.as_deref().unwrap_or_default();
        let is_hex = |it: &str| it.bytes().all(|b| b.is_ascii_hexdigit());
        match self.kind {
            UsesKind::Local => true,
            UsesKind::Image => reference
                .strip_prefix("sha256:")
                .is_some_and(|it| it.len() == 64 && is_hex(it)),
            UsesKind::Action => matches!(reference.len(), 40 | 64) && is_hex(reference),
        }
    }

    /// Returns whether it is this action, as `owner/name`, or one in a folder of it. Names of
    /// repositories are compared without regard to case.
    pub fn is(&self, action: &str) -> bool {
        let Some((head, rest)) = self.name.split_at_checked(action.len()) else {
            return false;
        };
        self.kind == UsesKind::Action
            && head.eq_ignore_ascii_case(action)
            && (rest.is_empty() || rest.starts_with('/'))
    }

    /// Returns the account that it is from; of this repository and of images none.
    pub fn owner(&self) -> Option<&str> {
        match self.kind {
            UsesKind::Action => self.name.split('/').next(),
            UsesKind::Local | UsesKind::Image => None,
        }
    }
}
