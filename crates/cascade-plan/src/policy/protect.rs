//! Protected paths: files that are not changed without a reason in the commit's message.

use globset::GlobMatcher;

use super::{Actor, Origin, Policy, Refusal, Rule};
use crate::commits::trailer_value;
use crate::path_pattern;

/// The trailer that gives the reason.
pub(crate) const TRAILER: &str = "Allow-Protected";

/// The protected paths of a policy, made ready to be matched.
#[derive(Debug, Clone)]
pub struct Guarded<'a> {
    patterns: Vec<(GlobMatcher, &'a str, Origin)>,
}

impl<'a> Guarded<'a> {
    /// Returns the protected paths of a policy.
    pub fn of(policy: &'a Policy) -> Self {
        let patterns = policy.protected.iter().filter_map(|it| {
            let matcher = path_pattern(&it.value).ok()?;
            Some((matcher, it.value.as_str(), it.origin))
        });
        Self {
            patterns: patterns.collect(),
        }
    }

    /// Returns whether nothing is protected.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Returns the pattern that protects a path from the repository's root, and where it stands.
    pub fn by(&self, path: &str) -> Option<(&'a str, Origin)> {
        let found = self.patterns.iter().find(|it| it.0.is_match(path));
        found.map(|it| (it.1, it.2))
    }

    /// Returns the pattern that protects something that this glob of a shell may stand for.
    pub fn by_glob(&self, glob: &str) -> Option<(&'a str, Origin)> {
        if !glob.contains(['*', '?', '[', '{', '$']) {
            return None;
        }
        let found = self.patterns.iter().find(|it| may_meet(glob, it.1));
        found.map(|it| (it.1, it.2))
    }

    /// Returns the pattern that protects a path, or something in the folder that it is.
    pub fn by_or_below(&self, path: &str) -> Option<(&'a str, Origin)> {
        let holds = |pattern: &str| {
            let fixed = pattern
                .split(['*', '?', '[', '{'])
                .next()
                .unwrap_or_default();
            let below = fixed.strip_prefix(path);
            !path.is_empty() && below.is_some_and(|it| it.is_empty() || it.starts_with('/'))
        };
        let inside = || self.patterns.iter().find(|it| holds(it.1));
        self.by(path).or_else(|| inside().map(|it| (it.1, it.2)))
    }
}

/// Returns whether a glob of a shell and a pattern may name the same file, or the glob a folder of it.
fn may_meet(glob: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('/');
    for said in glob.split('/') {
        let Some(part) = parts.next() else {
            return false;
        };
        let wild = |it: &str| it.contains(['*', '?', '[', '{', '$']);
        // A shell's star stands for no name that begins with a dot.
        let hidden = part.starts_with('.') && said.starts_with(['*', '?', '[']);
        let meets = match (wild(said), wild(part)) {
            _ if part == "**" => return true,
            _ if hidden => false,
            (_, true) => true,
            (true, false) => {
                said.contains('$') || path_pattern(said).map_or(true, |it| it.is_match(part))
            }
            (false, false) => said == part,
        };
        if !meets {
            return false;
        }
    }
    true
}

impl Policy {
    /// Returns the refusal of a commit of this message that changes these paths; `None` where it may
    /// stand.
    pub fn judge_commit<'p>(
        &self,
        actor: &Actor,
        message: &str,
        paths: impl IntoIterator<Item = &'p str>,
    ) -> Option<Refusal> {
        let guarded = Guarded::of(self);
        if guarded.is_empty() {
            return None;
        }
        let mut paths = paths.into_iter();
        let (path, (pattern, origin)) = paths.find_map(|it| Some((it, guarded.by(it)?)))?;
        let reason = trailer_value(message, TRAILER).filter(|it| !it.is_empty());
        let path = path.escape_debug();
        let (what, help) = match (reason, actor.agent) {
            (Some(_), None) => return None,
            (None, None) => (
                format!("`{path}` is protected by `{pattern}`, and the message gives no reason"),
                format!("end the message with a paragraph `{TRAILER}: why it has to change`"),
            ),
            (_, Some(by)) => (
                format!(
                    "`{path}` is protected by `{pattern}`, and an agent ({}) may not change it",
                    by.told()
                ),
                format!(
                    "leave it to a person, who commits it with `{TRAILER}: why it has to change`"
                ),
            ),
        };
        Some(Refusal {
            rule: Rule::Protected,
            what,
            origin,
            help,
        })
    }
}
