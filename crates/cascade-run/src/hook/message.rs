//! How a person's git writes the file of a message.

use std::path::Path;

use crate::git::Git;

/// What a person set about messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageSettings {
    /// How comments begin (`core.commentString`, `core.commentChar`); `auto` where git chooses.
    pub comment: Option<String>,
    /// What git takes out (`commit.cleanup`).
    pub cleanup: Option<String>,
}

/// Returns what a person set about messages, wherever they set it: also on the command line of the
/// git that runs a hook. Nothing is said where git has no answer.
pub fn message_settings(git: &Git, folder: &Path) -> MessageSettings {
    const KEYS: &str = "^(core\\.comment(char|string)|commit\\.cleanup)$";
    let mut call = git.checkout(folder);
    // Only read here, where no setting makes git run anything.
    let vars = git.environment().vars.iter();
    for (name, value) in vars.filter_map(|(name, value)| Some((name.to_str()?, value))) {
        if name == "GIT_DIR" || name.starts_with("GIT_CONFIG_") {
            call = call.var(name, value);
        }
    }
    let answer = call
        .args(["config", "--null", "--get-regexp", KEYS])
        .answer();
    let mut settings = MessageSettings::default();
    for line in answer.unwrap_or_default().split('\0') {
        let Some((key, value)) = line.split_once('\n') else {
            continue;
        };
        let value = Some(value.to_owned());
        match key {
            "commit.cleanup" => settings.cleanup = value,
            // Either sets the other; the last one counts.
            _ => settings.comment = value,
        }
    }
    settings
}
