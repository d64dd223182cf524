//! `commit-msg`: whether a message says what its commit asks for.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use cascade_plan::Severity;
use cascade_plan::hook::{
    Cleanup, CommentMark, Unconventional, begun, conventional, message_severity, written,
};
use cascade_run::{MessageSettings, message_settings};

use crate::cli::Call;
use crate::cli::alone::Fetch;
use crate::cli::carry::git;
use crate::cli::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::Shown;

/// The longest message that is read.
const CAP: u64 = 16 << 20;

/// Judges the message in a file.
pub(super) fn judge(call: &Call, file: Option<&OsString>) -> Result<Exit, Failure> {
    let Some(file) = file else {
        let help = "git names it: `cascade hook run commit-msg -- .git/COMMIT_EDITMSG`";
        return Err(Failure::new(
            Exit::Usage,
            "the file of the message is not named",
            help,
        ));
    };
    let path = call.environment.here.join(file);
    let mut bytes = Vec::new();
    let read = fs::File::open(&path).and_then(|it| it.take(CAP).read_to_end(&mut bytes));
    read.map_err(|error| {
        let what = format!("`{}` can not be read: {error}", path.display());
        Failure::new(Exit::Usage, what, "git names the file of the message")
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let settings = settings(call);
    let message = written(&text, &settings.0, settings.1);
    match conventional(&message) {
        Ok(kept) => {
            for notice in kept.notices {
                call.printer.talk(&format!("cascade: {}", Shown(&notice)));
            }
            super::protected::judge(call, &message)
        }
        Err(told) => {
            let severity = severity(call);
            if severity < Some(Severity::Block) {
                if severity == Some(Severity::Warn) {
                    tell(call, &told, &path);
                }
                return super::protected::judge(call, &message);
            }
            tell(call, &told, &path);
            Ok(Exit::Findings)
        }
    }
}

/// Returns how bad it is here that a message keeps no form: what is declared says so, if it can be read.
fn severity(call: &Call) -> Option<Severity> {
    let Ok(workspace) = Workspace::open_or_alone(call, Fetch::Never) else {
        return Some(Severity::Block);
    };
    let Some(repo) = super::push::repo_of(&workspace, &call.environment.here) else {
        return Some(Severity::Block);
    };
    message_severity(&workspace.graph, (&repo, call.environment.now))
}

/// Tells why a message keeps no form, and how it could be said.
fn tell(call: &Call, told: &Unconventional, file: &Path) {
    call.printer.talk(&format!(
        "cascade: this is no Conventional Commit: {}\n  it says:   {}\n  for example: {}\n\
         what was written is still in `{}`; `git commit -e -F` takes it up again",
        Shown(&told.why),
        Shown(&begun(&told.subject)),
        Shown(&begun(&told.example)),
        Shown(&file.display().to_string()),
    ));
}

/// Returns how comments are marked, and whether git takes them out, by the user's own settings.
fn settings(call: &Call) -> (CommentMark, Cleanup) {
    let git = git(call).ok();
    let said = git.map(|it| message_settings(&it, &call.environment.here));
    let MessageSettings { comment, cleanup } = said.unwrap_or_default();
    let mark = match comment.as_deref() {
        Some("auto") => CommentMark::Auto,
        Some(text) if !text.is_empty() => CommentMark::Text(text.to_owned()),
        _ => CommentMark::Text("#".to_owned()),
    };
    // git says so where it opens no editor; it then keeps what it would take out otherwise.
    let unseen = call
        .environment
        .var("GIT_EDITOR")
        .is_some_and(|it| it == ":");
    let cleanup = match cleanup.as_deref() {
        Some("strip") => Cleanup::Strip,
        Some("verbatim" | "whitespace" | "scissors") => Cleanup::Keep,
        _ if unseen => Cleanup::Keep,
        _ => Cleanup::Strip,
    };
    (mark, cleanup)
}
