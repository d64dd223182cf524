//! Requests that no plan can be made for.

/// A request that no plan can be made for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum PlanError {
    /// Nothing of this name is declared.
    #[error("no repository is called `{name}`")]
    #[diagnostic(code("cascade::plan::unknown-repo"))]
    UnknownRepo {
        /// What was typed.
        name: String,
        /// The next thing to type.
        #[help]
        help: Option<String>,
    },
    /// The repository has no package of this name.
    #[error("`{repo}` has no package `{name}`")]
    #[diagnostic(code("cascade::plan::unknown-package"))]
    UnknownPackage {
        /// The repository.
        repo: String,
        /// What was typed.
        name: String,
        /// The next thing to type.
        #[help]
        help: Option<String>,
    },
    /// What was typed is no pattern.
    #[error("`{text}` is no pattern of names")]
    #[diagnostic(code("cascade::plan::pattern"))]
    Pattern {
        /// What was typed.
        text: String,
    },
    /// The text is no version of the ecosystem, or none that may be released.
    #[error("`{text}` is no version that `{package}` can have")]
    #[diagnostic(code("cascade::plan::version"))]
    NotAVersion {
        /// The package.
        package: String,
        /// What was typed.
        text: String,
        /// Why, or the next thing to type.
        #[help]
        help: Option<String>,
    },
    /// The version does not stand above what is out.
    #[error("{version} of `{package}` does not stand above {above}")]
    #[diagnostic(code("cascade::plan::below"))]
    Below {
        /// The package.
        package: String,
        /// What was asked for.
        version: String,
        /// What is out.
        above: String,
        /// The next thing to type.
        #[help]
        help: Option<String>,
    },
    /// The tag is there already, at another commit.
    #[error("the tag `{tag}` of `{package}` exists already")]
    #[diagnostic(
        code("cascade::plan::tagged"),
        help("a tag is never moved or reused: take the next version")
    )]
    Tagged {
        /// The package.
        package: String,
        /// The tag.
        tag: String,
    },
    /// The manifest says another version.
    #[error("the manifest of `{package}` says {says}, not {asked}")]
    #[diagnostic(code("cascade::plan::mismatch"))]
    Mismatch {
        /// The package.
        package: String,
        /// What its manifest says.
        says: String,
        /// What was asked for.
        asked: String,
        /// The next command to type.
        #[help]
        help: Option<String>,
    },
    /// The repository can not be read, so nothing can be planned for it.
    #[error("`{repo}` {why}")]
    #[diagnostic(code("cascade::plan::unseen"))]
    Unseen {
        /// The repository.
        repo: String,
        /// Why, in words that follow its name.
        why: String,
        /// The next command to type.
        #[help]
        help: Option<String>,
    },
    /// There is nothing that could be done for what was named.
    #[error("`{what}` {why}")]
    #[diagnostic(code("cascade::plan::nothing"))]
    Nothing {
        /// A repository or package.
        what: String,
        /// Why, in words that follow its name.
        why: String,
        /// The next command to type.
        #[help]
        help: Option<String>,
    },
    /// Policy forbids it: a dirty checkout, a branch, a repository that something else releases.
    #[error("`{repo}` {why}")]
    #[diagnostic(code("cascade::plan::refused"))]
    Refused {
        /// The repository.
        repo: String,
        /// Why, in words that follow its name.
        why: String,
        /// The next command to type.
        #[help]
        help: Option<String>,
    },
    /// What orders the releases runs in a circle.
    #[error("{what}")]
    #[diagnostic(code("cascade::plan::cycle"))]
    Cycle {
        /// The circle, with the place of each edge.
        what: String,
        /// Which edge to drop.
        #[help]
        help: Option<String>,
    },
}

impl PlanError {
    /// Returns whether the request could be meant and policy refuses it, as against a request
    /// that makes no sense.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Below { .. }
                | Self::Tagged { .. }
                | Self::Mismatch { .. }
                | Self::Refused { .. }
                | Self::Unseen { .. }
                | Self::Cycle { .. }
        )
    }

    /// Returns the next thing to type, where there is one.
    pub fn help(&self) -> Option<String> {
        miette::Diagnostic::help(self).map(|it| it.to_string())
    }
}
