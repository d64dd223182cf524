//! Which branches of a repository may be released.

use crate::{ObservedRepo, RepoDeclaration, name_pattern};

/// The branches that may be released: those declared, else the remote's default one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowed(Vec<String>);

impl Allowed {
    /// Returns the branches of a repository that may be released.
    pub(crate) fn of(declared: &RepoDeclaration, seen: &ObservedRepo) -> Self {
        if declared.branch.0.is_empty() {
            let default = seen.default_branch.clone();
            return Self(vec![default.unwrap_or_else(|| customary(seen))]);
        }
        Self(declared.branch.0.clone())
    }

    /// Returns whether the branch is one of them; any is where nothing says which.
    pub(crate) fn holds(&self, branch: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|it| matches(it, branch))
    }

    /// Returns whether the branch is the first one, from which the newest versions come.
    pub(crate) fn is_main(&self, branch: &str) -> bool {
        self.0.first().is_none_or(|it| matches(it, branch))
    }

    /// Returns the first one, as a person would type it.
    pub(crate) fn first(&self) -> &str {
        self.0.first().map_or("BRANCH", String::as_str)
    }

    /// Returns all of them, for people.
    pub(crate) fn told(&self) -> String {
        format!("`{}`", self.0.join("`, `"))
    }
}

/// Returns whether a branch of a repository may be released, by what is declared and seen of it.
pub fn may_release(declared: &RepoDeclaration, seen: &ObservedRepo, branch: &str) -> bool {
    Allowed::of(declared, seen).holds(branch)
}

/// Returns the branch that is released where nobody says which: a clone of what was empty knows no
/// default branch.
fn customary(seen: &ObservedRepo) -> String {
    let here = seen.branch.as_deref();
    here.filter(|it| *it == "master")
        .unwrap_or("main")
        .to_owned()
}

fn matches(pattern: &str, branch: &str) -> bool {
    pattern == branch || name_pattern(pattern).is_ok_and(|it| it.is_match(branch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_default_branch_a_feature_branch_is_none_to_release_from() {
        let on = |branch: &str| ObservedRepo {
            branch: Some(branch.to_owned()),
            ..ObservedRepo::default()
        };
        for (branch, holds) in [("main", true), ("master", true), ("feature", false)] {
            let allowed = Allowed(vec![customary(&on(branch))]);
            assert_eq!(allowed.holds(branch), holds, "{branch}");
        }
    }

    #[test]
    fn a_maintenance_branch_is_allowed_and_not_the_main_one() {
        let allowed = Allowed(vec!["main".to_owned(), "hotfix/*".to_owned()]);
        assert!(allowed.holds("main") && allowed.is_main("main"));
        assert!(allowed.holds("hotfix/2.x") && !allowed.is_main("hotfix/2.x"));
        assert!(!allowed.holds("feature"));
    }
}
