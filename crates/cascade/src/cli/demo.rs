//! `cascade demo`: a small family, released before your eyes.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use cascade_plan::{Ask, Purpose, Request, What};
use cascade_run::{Depth, FastForward, Git, Mode, RegistryServer};
use clap::Args;

use super::Call;
use super::carry::{Confirm, again, ended, git_with, looking};
use super::plan::make;
use super::release::{Carried, carry, remotes};
use super::workspace::{Seen, Workspace};
use crate::demo::{DEPLOYED, LOCK, Place, Texts, make as found};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{PLACE, Page, paint};
use crate::report::graph::{Picture, tree};
use crate::report::plan_human::{diff, plan_human};
use crate::report::status_human::status_human;

/// Plays a whole release with a small family
#[derive(Debug, Args)]
#[command(
    long_about = "Makes a family of nine small repositories with real history and real remotes in \
        a scratch folder, shows its status, its graph and the plan, performs the whole release \
        against those remotes, and shows what came of it. The root is published to a registry of \
        the demo's own, and a `Cargo.lock` moves by what is in it; so are an image and a chart, \
        and what deploys them moves to their tag and digest in one commit. It needs git and no network, \
        asks nothing, and touches nothing outside its folder.",
    after_help = "Examples:\n  \
        cascade demo\n  \
        cascade demo --dir ~/cascade-demo     keep the family, to play with"
)]
pub(crate) struct Demo {
    /// Keep everything in this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The port of the family's registry, which its files name [default: any that is free]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,
}

impl Demo {
    /// Makes the family, and releases it.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        if let Some(dir) = &self.dir {
            let dir = fresh(&call.environment.here.join(dir))?;
            let place = Place::new(&dir);
            let registry = self.registry(&place)?;
            let exit = play(call, &place, &registry.url())?;
            self.farewell(call, &registry.url())?;
            return Ok(exit);
        }
        let scratch = tempfile::Builder::new().prefix("cascade-demo-").tempdir();
        let scratch = scratch.map_err(|error| unmade(&error))?;
        let folder = scratch.path().canonicalize().map_err(|it| unmade(&it))?;
        let place = Place::new(&folder);
        let registry = self.registry(&place)?;
        play(call, &place, &registry.url())
    }

    /// Serves the family's registry.
    fn registry(&self, place: &Place) -> Result<RegistryServer, Failure> {
        RegistryServer::start(&place.registry(), self.port).map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("the demo's registry can not be served: {error}"),
                "leave `--port` out, to take any port that is free",
            )
        })
    }

    /// Reports what to try next in a family that stays.
    fn farewell(&self, call: &Call, url: &str) -> Result<(), Failure> {
        let Some(dir) = &self.dir else { return Ok(()) };
        scene(call, "yours to play with")?;
        let mut page = Page::default();
        let port = url.rsplit(':').next().unwrap_or_default();
        let registry = dir.join("registry");
        page.line(format!(
            "  cascade registry {} --port {port} &",
            registry.display()
        ));
        page.line(format!("  cd {}", dir.join("work").display()));
        for next in [
            "cascade status --why runtime         everything known about one of them",
            "cascade bump minor --repo ecosystem  move one, and what stands on it",
            "cascade graph --impact manifest      what a release would move",
            "cascade release                      again: there is nothing left to do",
        ] {
            page.line(format!("  {next}"));
        }
        call.printer.report(&page.finish())
    }
}

/// Returns the variables of the environment with somebody who commits, so that the demo plays where
/// git was never told a name; and its registry is reached where a proxy is, by a cargo that was
/// never told anything else.
fn manned(call: &Call, place: &Place) -> Vec<(OsString, OsString)> {
    let parts = [
        ("NAME", "release manager"),
        ("EMAIL", "release@example.invalid"),
    ];
    let who = ["AUTHOR", "COMMITTER"].into_iter().flat_map(|role| {
        parts.map(|(part, text)| (format!("GIT_{role}_{part}").into(), text.into()))
    });
    let here = ["no_proxy", "NO_PROXY"].map(|it| (it.into(), "127.0.0.1".into()));
    let cargo = ("CARGO_HOME".into(), place.state().join("cargo").into());
    let mut vars = call.environment.vars.clone();
    for (name, text) in who.chain(here).chain([cargo]) {
        vars.retain(|(known, _): &(OsString, OsString)| *known != name);
        vars.push((name, text));
    }
    vars
}

/// Makes the family in a folder, and shows every word of a release.
fn play(call: &Call, place: &Place, url: &str) -> Result<Exit, Failure> {
    let git = git_with(manned(call, place))?;
    let file = found(place, (&git, url), call.environment.now, call.jobs())?;
    let workspace = Workspace::read(&file)?;
    scene(call, "a family of nine repositories, and how they stand")?;
    let seen = standing(call, &workspace)?;
    scene(call, "who stands on whom")?;
    let picture = tree(&Picture::of(seen.known(&workspace), None));
    call.printer.report(&picture)?;
    scene(call, "the plan: release manifest, and what stands on it")?;
    let state = workspace.state(&place.state())?;
    let seen = remotes(call, &workspace, &git, &state)?;
    let plan = make(&workspace, &seen, &request())?;
    call.printer.report(&plan_human(&plan))?;
    scene(call, "the release")?;
    let (locked, deployed) = (place.texts(LOCK), place.texts(DEPLOYED));
    let told = carry(
        call,
        (&plan, &workspace.graph),
        (&git, &state),
        (Carried::default(), Confirm { yes: true }),
        || Ok(()),
    )?;
    let exit = ended(call, &plan, &told, &again("release", &plan, &told, &[]))?;
    forward(call, &workspace, &git);
    let title = "the lock that moved, to what the tag published";
    moved(call, title, (&locked, &place.texts(LOCK)))?;
    let title = "the promotion: what is deployed, to tag and digest, in one commit";
    moved(call, title, (&deployed, &place.texts(DEPLOYED)))?;
    scene(call, "how they stand now, after `cascade fetch --ff`")?;
    standing(call, &workspace)?;
    Ok(exit)
}

/// Reports how the family stands, and returns what was seen.
fn standing(call: &Call, workspace: &Workspace) -> Result<Seen, Failure> {
    let seen = workspace.observe(call, Depth::Survey);
    let known = seen.known(workspace);
    call.printer
        .report(&status_human(known, call.printer.width()))?;
    Ok(seen)
}

/// Reports how files moved, where they did.
fn moved(call: &Call, title: &str, (before, after): (&Texts, &Texts)) -> Result<(), Failure> {
    let mut page = Page::default();
    let pairs = before.iter().zip(after).filter(|(old, new)| old != new);
    for ((path, old), (_, new)) in pairs {
        diff(&mut page, path, old, new);
    }
    let text = page.finish();
    if text.trim().is_empty() {
        return Ok(());
    }
    scene(call, title)?;
    call.printer.report(&text)
}

/// Brings the clones up to date.
fn forward(call: &Call, workspace: &Workspace, git: &Git) {
    let (graph, sites) = (&workspace.graph, &workspace.sites);
    let (jobs, clean) = (call.jobs(), (Mode::Checkout, FastForward::Clean));
    looking(call, sites.len(), |on_event| {
        cascade_run::fetch(graph, sites, git, jobs, clean, on_event)
    });
}

/// Reports the title of a scene.
fn scene(call: &Call, title: &str) -> Result<(), Failure> {
    let title = paint(PLACE.bold(), format!("── {title} ──"));
    call.printer.report(&format!("\n{title}\n\n"))
}

/// Returns what the demo releases: the root as its commits ask, and all below it.
fn request() -> Request {
    Request {
        purpose: Purpose::Release,
        asks: vec![Ask {
            repo: "manifest".to_owned(),
            package: None,
            what: What::Unsaid,
        }],
        only: std::collections::BTreeSet::new(),
        skip: std::collections::BTreeSet::new(),
        pins_only: false,
        allow_churn: false,
        pre: None,
        downgrade: None,
    }
}

/// Returns the folder, made where it is missing; one with something in it is left alone.
fn fresh(dir: &Path) -> Result<PathBuf, Failure> {
    let empty = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(unmade(&error)),
    };
    if !empty {
        return Err(Failure::new(
            Exit::Usage,
            format!("`{}` is not empty, and was left as it is", dir.display()),
            "choose a new folder: `cascade demo --dir DIR`",
        ));
    }
    fs::create_dir_all(dir).map_err(|error| unmade(&error))?;
    dir.canonicalize().map_err(|error| unmade(&error))
}

/// Returns the failure to make the demo's folder.
fn unmade(error: &std::io::Error) -> Failure {
    let what = format!("the demo's folder can not be made: {error}");
    Failure::new(
        Exit::Failed,
        what,
        "choose another one: `cascade demo --dir DIR`",
    )
}
