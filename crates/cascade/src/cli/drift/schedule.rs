//! `cascade drift schedule`: the file that makes the report by itself.

mod account;
mod reach;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cascade_plan::drift::When;
use cascade_run::{Overwrite, find_clone, is_hidden, save};
use clap::{Args, Subcommand};

use crate::cli::Call;
use crate::cli::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::drift::schedule::systemd::{self, Machine};
use crate::report::drift::schedule::{Issue, Job, Layout, PageAt, cron, github, gitlab};

/// Writes the file that makes the report by itself
#[derive(Debug, Args)]
#[command(
    long_about = "Writes the file that makes the report by itself: a workflow of GitHub Actions, a job of \
        GitLab CI/CD, a service and timer of systemd, or a script and its line of a crontab. It is printed, \
        or written to `--out`; a file that is there and differs stays, unless `--force` is said. Tokens and \
        addresses are never in it: it names the secrets and variables that hold them.",
    after_help = "Examples:\n  \
        cascade drift schedule github --out . --pages --issue\n  \
        cascade drift schedule github --at 'Mon-Fri 05:30' --webhook-secret DRIFT_WEBHOOK\n  \
        cascade drift schedule gitlab --out . --issue\n  \
        sudo cascade drift schedule systemd --user release --out /etc/systemd/system\n  \
        cascade drift schedule cron --out ~/drift --mail team@example.com"
)]
pub(super) struct Schedule {
    #[command(subcommand)]
    by: By,
}

/// Who runs it.
#[derive(Debug, Subcommand)]
enum By {
    /// A workflow of GitHub Actions: `.github/workflows/drift.yml`
    Github(Hosted),
    /// A job of GitLab CI/CD: `.gitlab/drift.yml`, to be included
    Gitlab(Hosted),
    /// A service and a timer of systemd: `cascade-drift.service` and `.timer`
    Systemd(Unit),
    /// A script and its line of a crontab: `cascade-drift.sh` and `.cron`
    Cron(Table),
}

/// When it runs, and where its file goes.
#[derive(Debug, Args)]
struct Common {
    /// When: a day and a time (`Mon 06:00`, `Mon-Fri 06:00`, `daily 06:00`), or the five fields of cron;
    /// in UTC, with cron in the machine's time
    #[arg(long, value_name = "WHEN", default_value = "Mon 06:17", value_parser = When::parse)]
    at: When,
    /// Write it there: a file (`.yml`, `.yaml`), or the folder that it belongs to, which is made
    #[arg(long, short, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Overwrite what is there and differs
    #[arg(long, requires = "out")]
    force: bool,
    /// Tell a webhook what changed; its address is in the secret or variable of this name
    #[arg(long, value_name = "NAME", value_parser = variable)]
    webhook_secret: Option<String>,
}

/// What a forge runs.
#[derive(Debug, Args)]
struct Hosted {
    #[command(flatten)]
    common: Common,
    /// Publish the page as the repository's pages; else it is kept beside the run
    #[arg(long)]
    pages: bool,
    /// Keep one issue that says how it stands, closed when nothing drifts
    #[arg(long)]
    issue: bool,
    /// The shell command that installs cascade [default: cargo install of this version]
    #[arg(long, value_name = "COMMAND")]
    install: Option<String>,
    /// Read the other repositories with the token in the secret or variable of this name
    #[arg(long, value_name = "NAME", value_parser = variable)]
    read_secret: Option<String>,
}

/// What systemd runs.
#[derive(Debug, Args)]
struct Unit {
    #[command(flatten)]
    common: Common,
    /// The account that it runs as [default: root; in a user's own manager that user]
    #[arg(long, value_name = "NAME", value_parser = account::account)]
    user: Option<String>,
    /// The program [default: this one]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// What cron runs.
#[derive(Debug, Args)]
struct Table {
    #[command(flatten)]
    common: Common,
    /// Who hears of a failure by mail [default: the owner of the crontab]
    #[arg(long, value_name = "ADDRESS")]
    mail: Option<String>,
    /// The program [default: this one]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// A file to be written: where it belongs below a folder, and its text.
struct Emitted {
    place: &'static str,
    text: String,
}

impl Schedule {
    /// Writes the file, or prints it.
    pub(super) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        match &self.by {
            By::Github(it) => it.run(call, &workspace, (github::PLACE, github::github)),
            By::Gitlab(it) => it.run(call, &workspace, (gitlab::PLACE, gitlab::gitlab)),
            By::Systemd(it) => it.run(call, &workspace),
            By::Cron(it) => it.run(call, &workspace),
        }
    }
}

impl Hosted {
    fn run(
        &self,
        call: &Call,
        workspace: &Workspace,
        (place, text): (&'static str, fn(&Job<'_>) -> String),
    ) -> Result<Exit, Failure> {
        if let Some(warning) = reach::unreachable(&workspace.graph) {
            call.printer.talk(&warning);
        }
        let layout = layout(workspace);
        let install = self.install.clone().unwrap_or_else(usual_install);
        let (pages, issue) = (self.pages, self.issue);
        let job = Job {
            workspace: workspace.graph.name(),
            layout: &layout,
            when: &self.common.at,
            install: &install,
            page: if pages {
                PageAt::Pages
            } else {
                PageAt::Artifact
            },
            issue: if issue { Issue::Kept } else { Issue::None },
            webhook: self.common.webhook_secret.as_deref(),
            reader: self.read_secret.as_deref(),
        };
        let text = text(&job);
        self.common.put(call, &[Emitted { place, text }])
    }
}

impl Unit {
    fn run(&self, call: &Call, workspace: &Workspace) -> Result<Exit, Failure> {
        let (layout, common) = (Layout::default(), &self.common);
        let job = local(workspace, &layout, common);
        let place = Place::of(call, workspace, self.program.as_deref())?;
        let machine = Machine {
            user: self.user.as_deref(),
            ..place.machine(&workspace.file)
        };
        let text = systemd::service(&job, &machine);
        let service = Emitted {
            place: systemd::SERVICE,
            text,
        };
        let text = systemd::timer(&job);
        common.put(
            call,
            &[
                service,
                Emitted {
                    place: systemd::TIMER,
                    text,
                },
            ],
        )
    }
}

impl Table {
    fn run(&self, call: &Call, workspace: &Workspace) -> Result<Exit, Failure> {
        let (layout, common) = (Layout::default(), &self.common);
        let job = local(workspace, &layout, common);
        let place = Place::of(call, workspace, self.program.as_deref())?;
        let machine = Machine {
            mail: self.mail.as_deref(),
            ..place.machine(&workspace.file)
        };
        // Without a place of its own it lies beside the workspace.
        let out = common.out.as_ref().map(|it| call.environment.here.join(it));
        let script = out.as_deref().unwrap_or(&place.folder).join(cron::SCRIPT);
        let text = cron::script(&job, &machine);
        let written = Emitted {
            place: cron::SCRIPT,
            text,
        };
        let text = cron::table(&job, &machine, &script);
        common.put(
            call,
            &[
                written,
                Emitted {
                    place: cron::TABLE,
                    text,
                },
            ],
        )
    }
}

/// Where things are on this machine.
struct Place {
    program: PathBuf,
    folder: PathBuf,
    clones: PathBuf,
}

impl Place {
    fn of(call: &Call, workspace: &Workspace, program: Option<&Path>) -> Result<Self, Failure> {
        let program = match program {
            Some(it) => call.environment.here.join(it),
            None => call.environment.program()?.to_owned(),
        };
        let folder = workspace.file.parent().unwrap_or_else(|| Path::new("/"));
        let clones = folder.join(workspace.graph.root());
        let place = Self {
            program,
            clones: clones.canonicalize().unwrap_or(clones),
            folder: folder.to_owned(),
        };
        let paths = [&place.program, &place.clones, &workspace.file];
        let odd = paths
            .into_iter()
            .find(|it| it.to_string_lossy().chars().any(is_hidden));
        match odd {
            None => Ok(place),
            Some(path) => Err(Failure::new(
                Exit::Usage,
                format!(
                    "`{}` holds a character that no schedule can name",
                    path.display()
                ),
                "give the folder another name",
            )),
        }
    }

    fn machine<'a>(&'a self, file: &'a Path) -> Machine<'a> {
        Machine {
            program: &self.program,
            folder: &self.folder,
            file,
            clones: &self.clones,
            user: None,
            mail: None,
        }
    }
}

/// Returns the report that a machine of one's own makes.
fn local<'a>(workspace: &'a Workspace, layout: &'a Layout, common: &'a Common) -> Job<'a> {
    Job {
        workspace: workspace.graph.name(),
        layout,
        when: &common.at,
        install: "",
        page: PageAt::Artifact,
        issue: Issue::None,
        webhook: common.webhook_secret.as_deref(),
        reader: None,
    }
}

impl Common {
    /// Prints the files, or writes those that are not there already.
    fn put(&self, call: &Call, files: &[Emitted]) -> Result<Exit, Failure> {
        let Some(out) = &self.out else {
            let mut text = String::new();
            for file in files {
                if files.len() > 1 {
                    let _ = writeln!(text, "# --- {}", file.place);
                }
                text.push_str(&file.text);
            }
            call.printer.report(&text)?;
            return Ok(Exit::Done);
        };
        let at = call.environment.here.join(out);
        let is_folder = at.is_dir() || files.len() > 1 || !is_yaml(out);
        let place = |it: &Emitted| {
            if is_folder {
                at.join(it.place)
            } else {
                at.clone()
            }
        };
        let places: Vec<(PathBuf, &str)> = files
            .iter()
            .map(|it| (place(it), it.text.as_str()))
            .collect();
        for (path, text) in &places {
            self.may_write(path, text)?;
        }
        let mut told = String::new();
        for (path, text) in &places {
            let word = write(path, text)?;
            let _ = writeln!(told, "{word} {}", path.display());
        }
        call.printer.report(&told)?;
        Ok(Exit::Done)
    }

    /// Returns when a file may become this text.
    fn may_write(&self, path: &Path, text: &str) -> Result<(), Failure> {
        let differs = fs::read(path).is_ok_and(|it| it != text.as_bytes());
        if !differs || self.force {
            return Ok(());
        }
        Err(Failure::new(
            Exit::Usage,
            format!(
                "`{}` exists and differs, and was left as it is",
                path.display()
            ),
            "compare it with what is printed without `--out`; or overwrite it: `--force`",
        ))
    }
}

/// Returns whether a path is that of a file of YAML; any other is a folder.
fn is_yaml(path: &Path) -> bool {
    let text = path.to_string_lossy();
    [".yml", ".yaml"].iter().any(|it| text.ends_with(it))
}

/// Writes a file, unless it is so already; returns what was done, in a word.
fn write(path: &Path, text: &str) -> Result<&'static str, Failure> {
    if fs::read(path).is_ok_and(|it| it == text.as_bytes()) {
        return Ok("unchanged");
    }
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    let done = folder.and_then(|()| save(path, text, Overwrite::Replace));
    done.map(|()| "wrote").map_err(|error: io::Error| {
        let what = format!("`{}` can not be written: {error}", path.display());
        Failure::new(
            Exit::Failed,
            what,
            "make the folder writable, or say another: `--out PATH`",
        )
    })
}

/// Returns where the workspace's file and clones are in the repository that tracks it.
fn layout(workspace: &Workspace) -> Layout {
    let file = workspace
        .file
        .canonicalize()
        .unwrap_or_else(|_| workspace.file.clone());
    let folder = file.parent().unwrap_or_else(|| Path::new("/"));
    let top = find_clone(folder).unwrap_or_else(|| folder.to_owned());
    let below = folder.strip_prefix(&top).unwrap_or_else(|_| Path::new(""));
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let paths = workspace.graph.repos().values().map(|it| it.path.as_str());
    let below = below.to_string_lossy().into_owned();
    Layout::of((&below, &name), workspace.graph.root(), paths)
}

/// Returns the command that installs this cascade.
fn usual_install() -> String {
    let (from, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    format!("cargo install --locked --git {from} --tag v{version} cascade")
}

/// Reads the name of a variable.
fn variable(text: &str) -> Result<String, String> {
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if first && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("it is the name of a variable: letters, digits and `_`".to_owned())
    }
}
