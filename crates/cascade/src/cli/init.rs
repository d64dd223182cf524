//! `cascade init`: declares the clones in a folder.

use std::path::{Path, PathBuf};

use cascade_plan::{
    Declaration, Finding, Found, Graph, compare, draft, referred_to, seedling, seedling_by_tags,
};
use cascade_run::{Depth, Overwrite, discover, observe, read_workspace, save, scan};
use clap::Args;

use super::Call;
use super::workspace::{Seen, Workspace, graph_of};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{DIM, Page, STRONG, WARN, count, paint};
use crate::report::{Known, findings, latest_tags};
use crate::shown::Shown;

/// Writes workspace.toml from a folder of clones
#[derive(Debug, Args)]
#[command(
    long_about = "Looks at the clones in a folder, finds their packages, the pins between them and \
        how their tags are spelled, and writes DIR/workspace.toml as a person would have written \
        it, with comments that say what was found. It asks nothing, changes no clone, strips \
        credentials from remotes, and never overwrites a file without `--force`.",
    after_help = "Examples:\n  \
        cascade init                 the clones in this folder\n  \
        cascade init ~/src --name acme\n  \
        cascade init --check         does workspace.toml still say what is there?"
)]
pub(crate) struct Init {
    /// The folder of the clones [default: this one]
    dir: Option<PathBuf>,
    /// The workspace's name [default: the folder's]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Overwrite an existing workspace.toml
    #[arg(long, conflicts_with = "check")]
    force: bool,
    /// Compare an existing workspace.toml with what is there; exit 1 where they differ
    #[arg(long)]
    check: bool,
}

impl Init {
    /// Looks at the clones, and writes or compares.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let dir = self.dir.as_deref().unwrap_or_else(|| Path::new("."));
        let dir = call.environment.here.join(dir);
        let dir = dir.canonicalize().unwrap_or(dir);
        let file = dir.join("workspace.toml");
        if self.check {
            return check(call, &file);
        }
        let found = clones(&dir)?;
        let name = self.name.clone().unwrap_or_else(|| name_of(&dir));
        let seen = look_twice(call, &dir, &name, &found)?;
        let text = draft(&name, &found, &seen.snapshot);
        let overwrite = if self.force {
            Overwrite::Replace
        } else {
            Overwrite::Never
        };
        save(&file, &text, overwrite).map_err(|error| unwritten(&file, &error))?;
        report(call, &file, &text)
    }
}

/// Returns the clones in a folder; none is an error.
fn clones(dir: &Path) -> Result<Vec<Found>, Failure> {
    let found = scan(dir).map_err(|error| {
        let help = "say which folder holds the clones: `cascade init DIR`";
        Failure::new(Exit::Usage, error.to_string(), help)
    })?;
    if found.is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            format!("no git repository lies in `{}`", dir.display()),
            "say which folder holds the clones: `cascade init DIR`; or try `cascade demo`",
        ));
    }
    Ok(found)
}

/// Returns what the clones show, those that are released by their tags alone and that others refer to
/// as packages.
fn look_twice(call: &Call, dir: &Path, name: &str, found: &[Found]) -> Result<Seen, Failure> {
    let seen = look(call, dir, seedling(name, found))?;
    let Some(declared) = seedling_by_tags(name, found, &seen.snapshot) else {
        return Ok(seen);
    };
    let mut seen = look(call, dir, declared)?;
    referred_to(&mut seen.snapshot, &seen.survey);
    Ok(seen)
}

/// Returns what the clones show, before anything but this is declared of them.
fn look(call: &Call, dir: &Path, declared: Declaration) -> Result<Seen, Failure> {
    let graph = Graph::build(declared).map_err(|error| {
        let help = "report it: this is a bug of cascade";
        Failure::new(Exit::Bug, error.to_string(), help)
    })?;
    let sites = discover(&graph, dir);
    let snapshot = observe(&graph, &sites, Depth::Survey, call.environment.now);
    Ok(Seen::new(&graph, snapshot))
}

/// Returns the failure to write the file.
fn unwritten(file: &Path, error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return Failure::new(
            Exit::Usage,
            format!("`{}` exists, and was left as it is", file.display()),
            "compare it: `cascade init --check`; or overwrite it: `cascade init --force`",
        );
    }
    let what = format!("`{}` can not be written: {error}", file.display());
    Failure::new(
        Exit::Failed,
        what,
        "make the folder writable, and run it again",
    )
}

/// Reads what was written back, and reports what was found.
fn report(call: &Call, file: &Path, text: &str) -> Result<Exit, Failure> {
    // A draft that declares a circle is written all the same: a person has to break it.
    graph_of(&file.display().to_string(), text)?;
    let workspace = Workspace::read(file)?;
    let seen = workspace.observe(call, Depth::Survey);
    let here = &call.environment.here;
    let text = told(seen.known(&workspace), file, here);
    call.printer.report(&text)?;
    Ok(Exit::Done)
}

/// Returns what was found, repository by repository.
fn told(known: Known<'_>, file: &Path, here: &Path) -> String {
    let mut page = Page::default();
    for repo in known.repos() {
        let packages: Vec<String> = repo
            .judged
            .packages
            .iter()
            .map(|it| format!("{} ({})", Shown(&it.id.name), it.id.ecosystem))
            .collect();
        let packages = if packages.is_empty() {
            paint(WARN, "no package")
        } else {
            packages.join(", ")
        };
        let latest = latest_tags(repo).join(", ");
        page.line(format!(
            "{}  {packages}  {}",
            paint(STRONG, Shown(repo.id.as_str())),
            paint(DIM, Shown(&latest))
        ));
    }
    page.gap();
    let edges: usize = known.survey.upstreams.values().map(Vec::len).sum();
    page.line(format!(
        "written to {}: {}, {}",
        Shown(&file.display().to_string()),
        count(known.survey.order.len(), "repository", "repositories"),
        count(edges, "edge", "edges"),
    ));
    page.line(next(file, here));
    page.finish()
}

/// Returns what to type next, from the folder that cascade was called in.
fn next(file: &Path, here: &Path) -> String {
    let known = "cascade status, cascade graph; then read the file, it is yours";
    match file.parent() {
        Some(folder) if !here.starts_with(folder) => {
            format!(
                "next: cd {}, then {known}",
                Shown(&folder.display().to_string())
            )
        }
        _ => format!("next: {known}"),
    }
}

/// Returns the name of a folder.
fn name_of(dir: &Path) -> String {
    let name = dir.file_name().map(|it| it.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "workspace".to_owned())
}

/// Compares an existing file with what is there.
fn check(call: &Call, file: &Path) -> Result<Exit, Failure> {
    let text = read_workspace(file).map_err(|error| {
        let help = "write one: `cascade init`";
        Failure::new(Exit::Usage, error.to_string(), help)
    })?;
    let graph = graph_of(&file.display().to_string(), &text)?;
    let workspace = Workspace::read(file)?;
    let root = file.parent().unwrap_or(file).join(graph.root());
    let found = clones(&root)?;
    let fresh = look(call, &root, seedling(graph.name(), &found))?;
    let seen = workspace.observe(call, Depth::Survey);
    let differences = compare(&graph, &seen.snapshot, &found, &fresh.snapshot);
    let differences: Vec<&Finding> = differences.iter().collect();
    let mut page = Page::default();
    findings::write(&mut page, &differences);
    if differences.is_empty() {
        page.line("workspace.toml says what is there");
    }
    call.printer.report(&page.finish())?;
    Ok(if findings::fails(&differences) {
        Exit::Findings
    } else {
        Exit::Done
    })
}
