//! What a command costs: time, processor, memory, system calls, processes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One command line, run in the workspace's folder.
pub(crate) struct Subject {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// The program and its arguments.
    pub(crate) argv: Vec<String>,
}

/// What one run cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Seconds on the clock.
    pub(crate) wall: f64,
    /// Seconds of processors, user and system, the children's included.
    pub(crate) cpu: f64,
}

/// What only a traced run tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traced {
    /// System calls, the children's included.
    pub(crate) calls: u64,
    /// Programs started beside the first.
    pub(crate) children: u64,
}

impl Subject {
    /// Runs it once.
    pub(crate) fn run(&self, folder: &Path) -> Cost {
        let (start, before) = (Instant::now(), children_cpu());
        let status = command(&self.argv, folder).status().expect("it starts");
        // Findings are no failure; a usage error or a bug is.
        assert!(
            status.code().is_some_and(|it| it < 2),
            "{}: {status}",
            self.name
        );
        Cost {
            wall: start.elapsed().as_secs_f64(),
            cpu: children_cpu() - before,
        }
    }

    /// Returns the largest resident memory in MB, seen while it runs.
    pub(crate) fn peak(&self, folder: &Path) -> f64 {
        let mut child = command(&self.argv, folder).spawn().expect("it starts");
        let file = format!("/proc/{}/status", child.id());
        let mut peak = 0.0_f64;
        while child.try_wait().expect("it can be waited for").is_none() {
            let status = fs::read_to_string(&file).unwrap_or_default();
            let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|it| it.trim().strip_suffix(" kB")?.parse().ok());
            peak = peak.max(kilobytes.unwrap_or(0.0) / 1024.0);
            std::thread::sleep(Duration::from_millis(1));
        }
        peak
    }

    /// Returns what strace counts; `None` where it is not installed.
    pub(crate) fn traced(&self, folder: &Path) -> Option<Traced> {
        let report = folder.join("strace.txt");
        let mut argv: Vec<_> = ["strace", "-f", "-c", "-U", "calls,errors,name", "-o"]
            .map(str::to_owned)
            .to_vec();
        argv.push(report.to_str()?.to_owned());
        argv.extend(self.argv.iter().cloned());
        command(&argv, folder).status().ok()?;
        let text = fs::read_to_string(&report).ok()?;
        // `CALLS ERRORS NAME`; the errors of a call that never failed are left out.
        let row = |name: &str| {
            let row = text.lines().find(|it| it.trim_end().ends_with(name))?;
            let numbers: Vec<u64> = row
                .split_whitespace()
                .map_while(|it| it.parse().ok())
                .collect();
            Some((*numbers.first()?, numbers.get(1).copied().unwrap_or(0)))
        };
        // A shell tries a program's name in every folder of PATH.
        let (started, failed) = row(" execve")?;
        Some(Traced {
            calls: row(" total")?.0,
            children: (started - failed).saturating_sub(1),
        })
    }
}

/// Returns the seconds of processors that this process's finished children took: fields 16 and 17
/// of `/proc/self/stat`, in hundredths.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let after = stat.rsplit_once(')').expect("the program's name").1;
    let ticks = after.split_whitespace().skip(13).take(2);
    ticks
        .map(|it| it.parse::<f64>().expect("a number"))
        .sum::<f64>()
        / 100.0
}

#[expect(clippy::disallowed_methods, reason = "a benchmark starts programs")]
fn command(argv: &[String], folder: &Path) -> Command {
    let mut command = Command::new(argv.first().expect("a program"));
    command
        .args(argv.iter().skip(1))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Cargo's own, in which every process started would look for its libraries first.
        .env_remove("LD_LIBRARY_PATH")
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder.join(".state"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    command
}
