//! The one door to stdout and stderr.

use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write as _};

use anstream::{AutoStream, ColorChoice};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::visible;

type Stdout = BufWriter<StdoutLock<'static>>;

/// Writes reports to stdout and talk to stderr, with colour only where it is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    width: Option<usize>,
    colour: ColorChoice,
}

impl Printer {
    /// Returns a printer for a terminal of this width; `None` for pipes and files.
    pub(crate) fn new(width: Option<usize>, colour: ColorChoice) -> Self {
        Self { width, colour }
    }

    /// Returns the width that reports should keep to, where there is one.
    pub(crate) fn width(self) -> Option<usize> {
        self.width
    }

    /// Writes a report to stdout. A reader that went away is no error: nobody is left to tell.
    pub(crate) fn report(self, text: &str) -> Result<(), Failure> {
        let mut out = AutoStream::new(io::stdout().lock(), self.colour);
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(unwritable(&error)),
            _ => Ok(()),
        }
    }

    /// Writes data to stdout as indented JSON with a final newline, as it is made: the text of a
    /// large workspace is never whole in memory.
    pub(crate) fn json(data: &impl Serialize) -> Result<(), Failure> {
        Self::stdout(|out| visible::write(out, data))
    }

    /// Writes data as [`Printer::json`] does, whose list of this name holds these elements.
    pub(crate) fn long_json<T: Serialize + Sync>(
        data: &impl Serialize,
        list: (&str, &[T]),
    ) -> Result<(), Failure> {
        Self::stdout(|out| visible::write_long(out, data, list))
    }

    fn stdout(write: impl FnOnce(&mut Stdout) -> io::Result<()>) -> Result<(), Failure> {
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let written = write(&mut out).and_then(|()| writeln!(out));
        match written.and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(unwritable(&error)),
            _ => Ok(()),
        }
    }

    /// Writes a line of talk to stderr, as far as anybody listens.
    pub(crate) fn talk(self, line: &str) {
        let mut out = AutoStream::new(io::stderr().lock(), self.colour);
        let _ = writeln!(out, "{line}");
    }

    /// Writes a question to stderr and leaves the cursor behind it.
    pub(crate) fn ask(self, question: &str) {
        let mut out = AutoStream::new(io::stderr().lock(), self.colour);
        let _ = write!(out, "{question}").and_then(|()| out.flush());
    }

    /// Writes an error to stderr, with its place in the user's file and the next command.
    pub(crate) fn complain(self, error: &dyn Diagnostic) {
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode())
            .with_links(false)
            .with_width(self.width.unwrap_or(100).clamp(40, 120));
        if handler.render_report(&mut text, error).is_ok() {
            self.talk(text.trim_end());
        } else {
            self.talk(&error.to_string());
        }
    }
}

/// Returns the failure to write a report.
fn unwritable(error: &io::Error) -> Failure {
    Failure::new(
        Exit::Failed,
        format!("the report can not be written to stdout: {error}"),
        "make room, or send it elsewhere, and run the same command again",
    )
}
