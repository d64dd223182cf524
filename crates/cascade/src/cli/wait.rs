//! `cascade wait`: until a version is really there.

mod subject;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cascade_plan::{Awaited, Event, Pace, RepoId, span};
use cascade_run::{Company, Lookout, Waited};
use clap::{Args, ValueEnum};

use super::Call;
use super::carry::{git, watched};
use super::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::report::wait::{Row, wait_human, wait_json};
use subject::{Named, Subject};

/// Waits until a version is really there
#[derive(Debug, Args)]
#[command(
    long_about = "Waits until the index that resolvers read lists a version, complete and with \
        digests, in two readings in a row; caches are bypassed. What a release does between one \
        repository and the next, for scripts and CI.\n\n\
        The package is a repository of the workspace, `REPO/PACKAGE`, or `ECOSYSTEM:NAME`, for which \
        no workspace is needed; an image or chart is `REPO/NAME`, `image:HOST/PATH` or \
        `chart:oci://HOST/PATH/NAME`, and is there when its registry shows one digest for the tag, \
        twice. The index is the one that the ecosystem's own tools are told: by \
        the lock, the environment, their settings. `--in` names another one.\n\n\
        No answer is never taken for \"not there\": it is asked again, from each second to each \
        minute, and `Retry-After` is honoured. After the time is over it exits with 7 and says \
        whether the version is on its way or was never published; a file with another digest than \
        expected or than before is a failure, 3.",
    after_help = "Examples:\n  \
        cascade wait core@1.4.0                         all packages of core, as workspace.toml says\n  \
        cascade wait server/shop-client@2.0.0 --timeout 10m\n  \
        cascade wait python:shop-core@1.4.0             where uv or pip look, no workspace needed\n  \
        cascade wait npm:@shop/core@1.4.0 --in https://registry.example/npm/\n  \
        cascade wait core/ghcr.example/acme/core@1.4.0  an image that core declares\n  \
        cascade wait core@1.4.0 --in rehearsal          a registry of workspace.toml\n  \
        cascade wait python:core@1.4.0 --in ./wheels --file '*.whl' --format json\n  \
        cascade wait core@1.4.0 --in git+https://git.example/shop/core.git"
)]
pub(crate) struct Wait {
    /// What: `REPO`, `REPO/PACKAGE` or `ECOSYSTEM:NAME`, and the version
    #[arg(value_name = "PACKAGE@VERSION", value_parser = subject::read)]
    subject: Named,
    /// Where: an address, a folder, `git+ADDRESS`, `configured`, or a registry of workspace.toml
    #[arg(long = "in", value_name = "REGISTRY")]
    place: Option<String>,
    /// Its ecosystem, where nothing else says it: cargo, go, npm or python
    #[arg(long, value_name = "ECOSYSTEM", value_parser = subject::ecosystem)]
    ecosystem: Option<String>,
    /// How long, as `30m` or `1h30m` [default: as workspace.toml says, else 30m]
    #[arg(long, value_name = "SPAN", value_parser = timeout)]
    timeout: Option<Duration>,
    /// A file that it has to have, a glob; repeatable [default: the kinds the earlier release had]
    #[arg(long = "file", value_name = "NAME")]
    files: Vec<String>,
    /// A digest that a file must have; repeatable
    #[arg(long = "digest", value_name = "NAME=sha256:HEX", value_parser = digest)]
    digests: Vec<(String, String)>,
    /// How it is written
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// `cascade.wait/1`, for machines.
    Json,
}

/// Returns a span of time as it is typed.
pub(crate) fn timeout(text: &str) -> Result<Duration, String> {
    span(text).ok_or_else(|| "a span of time is like `30m`, `90s` or `1h30m`".to_owned())
}

fn digest(text: &str) -> Result<(String, String), String> {
    let both = text.split_once('=');
    let both = both.filter(|(name, digest)| {
        !name.is_empty() && digest.contains([':', '-']) && !digest.contains(char::is_whitespace)
    });
    let (name, digest) = both.ok_or("it is like `core-1.4.0.tar.gz=sha256:...`")?;
    Ok((name.to_owned(), digest.to_owned()))
}

impl Wait {
    /// Waits for each package, and tells.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        for it in &self.files {
            super::selection::matcher(it)?;
        }
        let workspace = self.workspace(call)?;
        let subjects = subject::subjects(self, call, workspace.as_ref())?;
        let git = git(call)?;
        let root = match &workspace {
            Some(it) => it
                .file
                .parent()
                .unwrap_or(&call.environment.here)
                .to_path_buf(),
            None => call.environment.here.clone(),
        };
        let lookout = Lookout::new(&git);
        let rows = watched(call, subjects.len(), |on_event| {
            let begin = Instant::now();
            let mut rows = Vec::new();
            for it in subjects {
                let time = (&begin, self.timeout.unwrap_or(it.timeout));
                let waited = one(&lookout, &it, (&root, time), on_event);
                let over = waited == Waited::Interrupted;
                rows.push(Row {
                    awaited: it.awaited,
                    registry: it.registry,
                    waited,
                });
                if over {
                    break;
                }
            }
            rows
        });
        match self.format {
            Format::Human => call.printer.report(&wait_human(&rows))?,
            Format::Json => Printer::json(&wait_json(&rows))?,
        }
        Ok(exit(&rows))
    }

    /// Returns the workspace, where one is needed or there.
    fn workspace(&self, call: &Call) -> Result<Option<Workspace>, Failure> {
        let free = matches!(self.subject.who, Subject::Package { .. }) || self.ecosystem.is_some();
        match Workspace::open(call) {
            Ok(workspace) => Ok(Some(workspace)),
            // A workspace that is not there, or not in order, is no matter to a package by itself.
            Err(_) if free && call.global.workspace.is_none() => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// A package that is waited for, and by what.
struct Target {
    awaited: Awaited,
    /// The name of the registry, or its address.
    registry: String,
    /// The folder whose settings count.
    folder: PathBuf,
    timeout: Duration,
}

fn one(
    lookout: &Lookout,
    it: &Target,
    (root, (begin, timeout)): (&Path, (&Instant, Duration)),
    on_event: &mut dyn FnMut(Event),
) -> Waited {
    let name = RepoId::new(format!("{} {}", it.awaited.name, it.awaited.version));
    on_event(Event::Started { repo: name.clone() });
    let mut last = String::new();
    let mut tell = |standing: &str| {
        if last != standing {
            standing.clone_into(&mut last);
            let repo = name.clone();
            let what = format!("{standing} ({})", it.registry);
            on_event(Event::Progress { repo, what });
        }
    };
    let company = Company {
        publisher: None,
        tell: &mut tell,
    };
    let pace = Pace::default().within(timeout.saturating_sub(begin.elapsed()));
    lookout.wait(&it.awaited, (&it.folder, root), &pace, company)
}

/// Returns how the run ends: by the worst that came of any package.
fn exit(rows: &[Row]) -> Exit {
    let any = |test: fn(&Waited) -> bool| rows.iter().any(|it| test(&it.waited));
    if any(|it| matches!(it, Waited::Interrupted)) {
        Exit::Interrupted
    } else if any(|it| matches!(it, Waited::Never { .. })) {
        Exit::Failed
    } else if any(|it| matches!(it, Waited::Late { .. })) {
        Exit::Waiting
    } else {
        Exit::Done
    }
}
