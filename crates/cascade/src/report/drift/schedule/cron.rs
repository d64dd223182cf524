//! A script and its line of a crontab.

use std::fmt::Write as _;
use std::path::Path;

use cascade_run::is_hidden;

use super::Job;
use super::quote::{crontab, shell};
use super::systemd::Machine;

/// The name of the script.
pub(crate) const SCRIPT: &str = "cascade-drift.sh";
/// The name of the file with the line of the crontab.
pub(crate) const TABLE: &str = "cascade-drift.cron";

/// Returns the script: one run at a time, and not a word unless something failed, since cron mails
/// every word.
pub(crate) fn script(job: &Job<'_>, machine: &Machine<'_>) -> String {
    let name: String = job.workspace.chars().filter(|it| !is_hidden(*it)).collect();
    let word = |at: &Path| shell(&at.to_string_lossy());
    let call = format!("{} ", word(machine.program));
    let tail = format!(" --workspace {}", word(machine.file));
    let run = |words: &str, after: &str| format!("  {call}{words}{tail}{after}");
    let history = "--history \"$state/history\"";
    let report = format!(
        "drift --fetch {history} --fail-on never --out \"$state/index.html\" --out \"$state/drift.json\""
    );
    let address = job
        .webhook
        .map(|it| format!(", and the address of the webhook: {it}=https://..."))
        .unwrap_or_default();
    let mut lines = vec![
        "#!/bin/sh".to_owned(),
        "# Made by `cascade drift schedule cron`: what has drifted, reported by itself.".to_owned(),
        format!("# Workspace: {name}"),
        "# Variables are read from `drift.env` in the state folder (mode 0600): logins of registries that"
            .to_owned(),
        format!("# want one, proxies{address}"),
        "set -u".to_owned(),
        "umask 077".to_owned(),
        "state=${XDG_STATE_HOME:-$HOME/.local/state}/cascade-drift".to_owned(),
        "mkdir -p \"$state\" || exit".to_owned(),
        format!("cd {} || exit", word(machine.folder)),
        "exec 9>\"$state/lock\"".to_owned(),
        "# Another run is at it.".to_owned(),
        "flock -n 9 || exit 0".to_owned(),
        "if [ -r \"$state/drift.env\" ]; then set -a; . \"$state/drift.env\"; set +a; fi"
            .to_owned(),
        "failed=0".to_owned(),
        "{".to_owned(),
        run("fetch --mode report", " || failed=1"),
        run(&report, " || failed=1"),
    ];
    if let Some(name) = job.webhook {
        let told = format!(
            "drift notify webhook --url-from {} --from \"$state/drift.json\" {history}",
            shell(name)
        );
        lines.push(run(&told, " || failed=1"));
    }
    for line in [
        "} >\"$state/log\" 2>&1 9>&-",
        "# cron mails what is said: of a good run nothing.",
        "if [ \"$failed\" != 0 ]; then cat \"$state/log\"; fi",
        "exit \"$failed\"",
    ] {
        lines.push(line.to_owned());
    }
    lines.join("\n") + "\n"
}

/// Returns the line of the crontab that runs the script at this place.
pub(crate) fn table(job: &Job<'_>, machine: &Machine<'_>, at: &Path) -> String {
    let command = crontab(&format!("/bin/sh {}", shell(&at.to_string_lossy())));
    let mut text = String::new();
    text.push_str("# Times are those of this machine. `crontab -e` takes these lines.\n");
    if let Some(mail) = machine.mail {
        let mail: String = mail
            .chars()
            .filter(|it| !is_hidden(*it) && *it != '"')
            .collect();
        let _ = writeln!(text, "MAILTO=\"{mail}\"");
    }
    let _ = writeln!(text, "{} {command}", job.when.cron());
    text
}
