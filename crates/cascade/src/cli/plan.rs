//! `cascade plan`: what would happen, in full.

use std::path::PathBuf;
use std::{mem, thread};

use cascade_manifest::Spot;
use cascade_plan::{Plan as Planned, PlanError, Purpose, RepoId, Request};
use cascade_run::{Depth, Overwrite, save};
use clap::{Args, ValueEnum};

use super::Call;
use super::selection::Selection;
use super::workspace::{Seen, Workspace};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{STRONG, WARN, paint};
use crate::printer::Printer;
use crate::report::plan_human::plan_human;
use crate::report::plan_markdown::plan_markdown;
use crate::report::status_json::pretty;
use crate::shown::Shown;

/// Shows what a release or a bump would do
#[derive(Debug, Args)]
#[command(
    long_about = "Shows what a release, or a bump, would do: waves and order, from which version \
        to which and why, every edit as a diff, every command, commit, tag and push, and every pin \
        that is kept or refused. It writes nothing, except the plan itself to `--out`.\n\n\
        Without `--repo` it plans for every repository whose commits ask for a release.",
    after_help = "Examples:\n  \
        cascade plan\n  \
        cascade plan --repo core=minor\n  \
        cascade plan minor --repo core --repo 'sensory-*'\n  \
        cascade plan --for bump\n  \
        cascade plan --repo core --out plan.json && cascade apply plan.json"
)]
pub(crate) struct Plan {
    #[command(flatten)]
    selection: Selection,
    /// What it is a plan for
    #[arg(long = "for", value_name = "WHAT", default_value = "release")]
    purpose: For,
    /// How it is written
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Write the plan to a file, for `cascade apply`
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum For {
    /// The whole cascade, against the remotes.
    Release,
    /// The local part, in the checkouts.
    Bump,
}

/// A format of the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Human,
    /// `cascade.plan/1`, for machines and `cascade apply`.
    Json,
    /// For a comment or a page.
    Markdown,
}

impl Plan {
    /// Makes the plan and shows it.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let purpose = match self.purpose {
            For::Release => Purpose::Release,
            For::Bump => Purpose::Bump,
        };
        let request = self.selection.request(&workspace, purpose)?;
        let seen = workspace.observe(call, Depth::Plan);
        let plan = make(&workspace, &seen, &request)?;
        tell_overlooked(call, &seen, &request);
        // What was seen is as large as the report, and takes a while to give back.
        let _ = thread::Builder::new().spawn(move || drop(seen));
        show(call, &plan, self.format)?;
        if let Some(out) = &self.out {
            self.save(call, &plan, &call.environment.here.join(out))?;
        }
        // The process ends here.
        mem::forget(plan);
        Ok(Exit::Done)
    }

    /// Writes the plan to a file.
    fn save(&self, call: &Call, plan: &Planned, path: &std::path::Path) -> Result<(), Failure> {
        save(path, &pretty(plan), Overwrite::Replace).map_err(|error| {
            let what = format!("`{}` can not be written: {error}", path.display());
            Failure::new(Exit::Failed, what, "choose another place: `--out FILE`")
        })?;
        let path = self.out.as_deref().unwrap_or(path).display();
        call.printer
            .talk(&format!("written to {path}; next: cascade apply {path}"));
        Ok(())
    }
}

/// Returns the plan for a request, or why there is none.
pub(crate) fn make(
    workspace: &Workspace,
    seen: &Seen,
    request: &Request,
) -> Result<Planned, Failure> {
    cascade_run::plan(&workspace.graph, &seen.snapshot, &seen.survey, request)
        .map_err(|error| refused(&error))
}

/// Tells of manifests whose pins nobody could look at, where a bump that names nothing mends what it
/// sees; any other request fails over them.
pub(crate) fn tell_overlooked(call: &Call, seen: &Seen, request: &Request) {
    if request.purpose != Purpose::Bump || !request.asks.is_empty() {
        return;
    }
    let is_left_out = |id: &RepoId| {
        let only = &request.only;
        request.skip.contains(id) || !(only.is_empty() || only.contains(id))
    };
    let repos = seen.snapshot.repos.iter();
    for (id, repo) in repos.filter(|(id, _)| !is_left_out(id)) {
        for file in repo.manifests.iter().filter(|it| !it.auxiliary) {
            let Err(error) = &file.read else { continue };
            let at = error.span.as_ref();
            let at = at.map(|it| format!(" at {}", Spot::of(&file.text, it.start)));
            call.printer.talk(&format!(
                "{}  {}  `{}` can not be read{}, so its pins were not looked at: {}",
                paint(STRONG, Shown(id.as_str())),
                paint(WARN, "note"),
                Shown(&file.path),
                at.unwrap_or_default(),
                Shown(&error.message),
            ));
        }
    }
}

/// Returns the failure to make a plan.
pub(crate) fn refused(error: &PlanError) -> Failure {
    let help = miette::Diagnostic::help(error).map(|it| it.to_string());
    let help = help.unwrap_or_else(|| "`cascade status` shows what is there".to_owned());
    let exit = match error {
        PlanError::UnknownRepo { .. }
        | PlanError::UnknownPackage { .. }
        | PlanError::Pattern { .. }
        | PlanError::NotAVersion { .. } => Exit::Usage,
        _ => Exit::Refused,
    };
    Failure::new(exit, error.to_string(), help)
}

/// Writes a plan to stdout in a format.
pub(crate) fn show(call: &Call, plan: &Planned, format: Format) -> Result<(), Failure> {
    match format {
        Format::Human => call.printer.report(&plan_human(plan)),
        Format::Json => {
            let whole = plan.with(Vec::new());
            Printer::long_json(&whole, ("steps", &plan.steps))
        }
        Format::Markdown => call.printer.report(&plan_markdown(plan)),
    }
}
