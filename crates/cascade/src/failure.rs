//! What went wrong, how the run ends for it, and what to type next.

use miette::{Diagnostic, NamedSource, Report};

use crate::exit::Exit;
use crate::shown::{ShownLines, brief, same_length};

/// A run that can not go on: an error with its next command, and the exit code it ends with.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the run ends.
    pub(crate) exit: Exit,
    report: Report,
}

/// An error in words: what is wrong, and the next command.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{what}")]
struct Complaint {
    what: String,
    #[help]
    help: String,
}

impl Failure {
    /// Returns a failure in words; both are made harmless for a terminal, and what somebody typed at
    /// length is cut.
    pub(crate) fn new(exit: Exit, what: impl AsRef<str>, help: impl AsRef<str>) -> Self {
        let complaint = Complaint {
            what: ShownLines(&brief(what.as_ref())).to_string(),
            help: ShownLines(help.as_ref()).to_string(),
        };
        Self {
            exit,
            report: Report::new(complaint),
        }
    }

    /// Returns an error that points into the text of a file of the user's.
    pub(crate) fn in_file(
        exit: Exit,
        error: impl Diagnostic + Send + Sync + 'static,
        name: &str,
        text: &str,
    ) -> Self {
        let source = NamedSource::new(name, same_length(text));
        Self {
            exit,
            report: Report::new(error).with_source_code(source),
        }
    }

    /// Returns the error, to be shown.
    pub(crate) fn diagnostic(&self) -> &dyn Diagnostic {
        self.report.as_ref()
    }
}
