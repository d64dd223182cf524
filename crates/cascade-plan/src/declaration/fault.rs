//! What is wrong with a `workspace.toml`, each at its place.

use std::fmt;
use std::ops::Range;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use crate::RepoId;

/// How many errors are kept: whoever has more mends these first.
const MOST: usize = 100;

/// One thing that is wrong; it points into the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("{message}")]
pub struct DeclareError {
    /// What is wrong.
    pub message: String,
    /// Where.
    #[label(collection)]
    pub labels: Vec<LabeledSpan>,
    /// What to write instead.
    #[help]
    pub help: Option<String>,
}

/// Why a `workspace.toml` can not be used: everything that is wrong, in the order of the file.
///
/// One error shows as itself, several as related ones. The file's text is attached by whoever
/// shows it, except where the text holds credentials: then a text with these masked is attached.
#[derive(Debug)]
pub struct DeclareErrors {
    errors: Vec<DeclareError>,
    more: usize,
    masked: Option<NamedSource<String>>,
}

impl DeclareErrors {
    pub(super) fn new(text: &str, mut errors: Vec<DeclareError>) -> Self {
        errors.sort_by_key(DeclareError::place);
        errors.dedup();
        let more = errors.len().saturating_sub(MOST);
        errors.truncate(MOST);
        let masked = super::remote::masked(text);
        Self {
            errors,
            more,
            masked: masked.map(|text| NamedSource::new("workspace.toml", text)),
        }
    }

    /// Returns the errors in the order of the file, the first hundred where there are more.
    pub fn errors(&self) -> &[DeclareError] {
        &self.errors
    }

    fn only(&self) -> Option<&DeclareError> {
        match self.errors.as_slice() {
            [it] => Some(it),
            _ => None,
        }
    }
}

impl fmt::Display for DeclareErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.only() {
            Some(it) => it.fmt(f),
            None if self.more > 0 => {
                let all = self.errors.len() + self.more;
                write!(f, "{all} things are wrong, the first {MOST} of them")
            }
            None => write!(f, "{} things are wrong", self.errors.len()),
        }
    }
}

impl std::error::Error for DeclareErrors {}

impl Diagnostic for DeclareErrors {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.only()?.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.masked.as_ref().map(|it| it as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.only()?.labels()
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.errors.len() == 1 {
            return None;
        }
        let each = |it: &'a DeclareError| it as &dyn Diagnostic;
        Some(Box::new(self.errors.iter().map(each)))
    }
}

impl DeclareError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            labels: Vec::new(),
            help: None,
        }
    }

    pub(super) fn at(mut self, span: &Range<usize>, label: &str) -> Self {
        let label = Some(label.to_owned()).filter(|it| !it.is_empty());
        let span = span.clone();
        self.labels.push(LabeledSpan::new_with_span(label, span));
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    fn place(&self) -> (usize, usize) {
        let first = self.labels.iter().map(LabeledSpan::offset).min();
        (first.unwrap_or(0), self.labels.len())
    }
}

impl From<crate::GraphError> for DeclareError {
    fn from(error: crate::GraphError) -> Self {
        let message = error.to_string();
        let labels = error.labels().into_iter().flatten().collect();
        let help = match &error {
            crate::GraphError::Cycle { path, at } => which_to_drop(path, at),
            _ => None,
        };
        Self {
            message,
            labels,
            help,
        }
    }
}

/// Returns the advice to drop the edge that was written last: the others were there before it.
fn which_to_drop(path: &[RepoId], at: &[LabeledSpan]) -> Option<String> {
    let next = path.iter().cycle().skip(1);
    let edges = path.iter().zip(next).zip(at);
    let ((repo, up), _) = edges.max_by_key(|(_, at)| at.offset())?;
    Some(format!(
        "drop one of them: `{up}` from the `needs` of `{repo}` was written last"
    ))
}

/// Returns `did you mean` with the likeliest of the words, where one is likely.
pub(super) fn did_you_mean<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(word, known).map(|it| format!("did you mean `{it}`?"))
}

fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = word.chars().take(64).collect::<String>().to_lowercase();
    known
        .into_iter()
        .map(|it| (strsim::jaro_winkler(&word, &it.to_lowercase()), it))
        .filter(|(close, _)| *close > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, it)| it)
}
