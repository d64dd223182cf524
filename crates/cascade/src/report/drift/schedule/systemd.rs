//! A service and a timer of systemd.

use std::path::Path;

use super::quote::{unit_text, unit_word};
use super::{Job, to_webhook};

/// The name of both, without what says which.
const NAME: &str = "cascade-drift";
/// The name of the service.
pub(crate) const SERVICE: &str = "cascade-drift.service";
/// The name of the timer.
pub(crate) const TIMER: &str = "cascade-drift.timer";

/// What is said of the account where none is named.
const DEFAULT_USER: &str = "# It runs as root, or in a user's own manager as that user; `--user NAME` names another \
    account, which must own the clones.";

/// Where things are on the machine that makes the report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine<'a> {
    /// The program.
    pub(crate) program: &'a Path,
    /// The folder of `workspace.toml`.
    pub(crate) folder: &'a Path,
    /// The file, in that folder.
    pub(crate) file: &'a Path,
    /// The folder that holds every clone.
    pub(crate) clones: &'a Path,
    /// Who runs it; without a name root does, or whose manager it is.
    pub(crate) user: Option<&'a str>,
    /// Who hears of a failure by mail.
    pub(crate) mail: Option<&'a str>,
}

/// Returns the service.
pub(crate) fn service(job: &Job<'_>, machine: &Machine<'_>) -> String {
    let name = unit_text(job.workspace);
    let mut lines = vec![
        "# Made by `cascade drift schedule systemd`: what has drifted, reported by itself."
            .to_owned(),
        "[Unit]".to_owned(),
        format!("Description=Drift of {name}"),
        "Wants=network-online.target".to_owned(),
        "After=network-online.target".to_owned(),
        String::new(),
        "[Service]".to_owned(),
        "Type=oneshot".to_owned(),
        "TimeoutStartSec=1h".to_owned(),
    ];
    lines.push(match machine.user {
        Some(user) => format!("User={}", unit_text(user)),
        None => DEFAULT_USER.to_owned(),
    });
    lines.push(format!("WorkingDirectory={}", path(machine.folder)));
    if let Some(name) = job.webhook {
        lines.push(format!(
            "# The address of the webhook stands in this file (mode 0600): {name}=https://..."
        ));
    }
    lines.push(
        "# Logins of registries that want one, and proxies, may stand in this file.".to_owned(),
    );
    lines.push(format!("EnvironmentFile=-/etc/cascade/{NAME}.env"));
    lines.push(format!("StateDirectory={NAME}"));
    lines.push(format!("Environment=XDG_STATE_HOME=%S/{NAME}"));
    lines.extend(commands(job, machine));
    lines.push(String::new());
    lines.extend(walls(machine));
    finished(&lines)
}

/// Returns the timer.
pub(crate) fn timer(job: &Job<'_>) -> String {
    let mut lines = vec![
        "# Made by `cascade drift schedule systemd`: what has drifted, reported by itself."
            .to_owned(),
        "[Unit]".to_owned(),
        format!(
            "Description=Drift of {}, again and again",
            unit_text(job.workspace)
        ),
        String::new(),
        "[Timer]".to_owned(),
    ];
    let calendars = job.when.calendars();
    lines.extend(calendars.iter().map(|it| format!("OnCalendar={it}")));
    for line in [
        "# What was missed while the machine was off is made up for.",
        "Persistent=true",
        "RandomizedDelaySec=5min",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ] {
        lines.push(line.to_owned());
    }
    finished(&lines)
}

/// Returns the commands, in their order.
fn commands(job: &Job<'_>, machine: &Machine<'_>) -> Vec<String> {
    let state = format!("%S/{NAME}");
    let page = format!("{state}/index.html");
    let data = format!("{state}/drift.json");
    let history = format!("{state}/history");
    let report = [
        "drift",
        "--fetch",
        "--history",
        &history,
        "--fail-on",
        "never",
        "--out",
        &page,
        "--out",
        &data,
    ];
    // What can not be fetched the report tells.
    let mut all = vec![
        ("-", vec!["fetch", "--mode", "report"]),
        ("", report.to_vec()),
    ];
    if let Some(name) = job.webhook {
        all.push((
            "",
            [&to_webhook(name, &data)[..], &["--history", &history]].concat(),
        ));
    }
    let program = unit_word(&machine.program.to_string_lossy());
    let file = unit_word(&machine.file.to_string_lossy());
    let line = |(mark, words): (&str, Vec<&str>)| {
        format!(
            "ExecStart={mark}{program} {} --workspace {file}",
            words.join(" ")
        )
    };
    all.into_iter().map(line).collect()
}

/// Returns what the service may not do.
fn walls(machine: &Machine<'_>) -> Vec<String> {
    let writes = unit_word(&machine.clones.to_string_lossy());
    let mut lines = vec![
        "# It writes its own state and the clones, and nothing else.".to_owned(),
        format!("ReadWritePaths={writes}"),
    ];
    let fixed = [
        "ProtectSystem=strict",
        "ProtectHome=read-only",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelLogs=yes",
        "ProtectControlGroups=yes",
        "ProtectClock=yes",
        "ProtectHostname=yes",
        "ProtectProc=invisible",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
        "RestrictNamespaces=yes",
        "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes",
        "LockPersonality=yes",
        "MemoryDenyWriteExecute=yes",
        "RemoveIPC=yes",
        "SystemCallArchitectures=native",
        "SystemCallFilter=@system-service",
        "UMask=0077",
    ];
    lines.extend(fixed.map(str::to_owned));
    lines
}

/// Returns a path as the value of a setting that takes it without quotes.
fn path(at: &Path) -> String {
    unit_text(&at.to_string_lossy())
}

fn finished(lines: &[String]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}
