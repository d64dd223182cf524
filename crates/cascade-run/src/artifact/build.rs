//! Builds: by the project's own build, in an export of its commit.

use std::fs;
use std::path::{Path, PathBuf};

use cascade_plan::{ObservedPackage, Trial, TrialEnd, Tried, VersionSource};

use super::bench::{Bench, Job, trial};
use crate::export::Export;

/// Settings of git that run nothing and sign nothing.
const QUIET: &[&str] = &[
    "git",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "commit.gpgSign=false",
    "-c",
    "tag.gpgSign=false",
    "-c",
    "user.name=cascade",
    "-c",
    "user.email=cascade@localhost",
];

/// What came of building.
#[derive(Default)]
pub(super) struct Built {
    /// The files.
    pub(super) files: Vec<PathBuf>,
    /// How each build went.
    pub(super) trials: Vec<Trial>,
}

impl Bench<'_> {
    /// Builds every package of the repository.
    pub(super) fn build(&self) -> Built {
        let mut built = Built::default();
        let export = match self.exhibit.export(self.git) {
            Ok(export) => export,
            Err(why) => {
                let repo = self.exhibit.repo.as_str();
                let trial = trial(Tried::Build, repo, TrialEnd::Badly(why));
                built.trials.push(trial);
                return built;
            }
        };
        self.lay_git(&export);
        let packages = &self.exhibit.seen.packages;
        let of = |name: &'static str| packages.iter().filter(move |it| it.ecosystem.name == name);
        for package in of("python") {
            self.python(&export, package, &mut built);
        }
        for package in of("npm") {
            self.npm(&export, package, &mut built);
        }
        let crates: Vec<&ObservedPackage> = of("cargo").collect();
        if !crates.is_empty() {
            self.crates(&export, &crates, &mut built);
        }
        built
    }

    /// Makes a repository of the export where a version comes from git: one commit with the tags of
    /// the real one, or one commit behind its latest tag.
    fn lay_git(&self, export: &Export) {
        let seen = self.exhibit.seen;
        if seen
            .packages
            .iter()
            .all(|it| it.source != VersionSource::Vcs)
        {
            return;
        }
        let git = |args: &[&str]| {
            let argv = [QUIET, args].concat();
            self.run(Job::new(&argv, export.path()));
        };
        git(&["init", "-q"]);
        let here = |it: &&cascade_plan::Tag| it.commit == *self.exhibit.commit;
        let tags: Vec<&str> = seen
            .tags
            .iter()
            .filter(here)
            .map(|it| it.name.as_str())
            .collect();
        if tags.is_empty() {
            let latest = seen.packages.iter().filter_map(|it| it.reachable.as_ref());
            git(&["commit", "-q", "--allow-empty", "-m", "before"]);
            for hit in latest {
                git(&["tag", "--", &hit.tag]);
            }
        }
        git(&["add", "-A", "-f"]);
        git(&["commit", "-q", "--allow-empty", "-m", "here"]);
        for tag in tags {
            git(&["tag", "--", tag]);
        }
    }

    fn python(&self, export: &Export, package: &ObservedPackage, built: &mut Built) {
        let folder = beside(export.path(), &package.manifest);
        let name = &package.name;
        self.teller.progress(format!("building `{name}`"));
        let end = self.out("dist", |out, to| {
            let argv: &[&str] = if self.has("uv") {
                &["uv", "build", "--out-dir", to]
            } else {
                &["python3", "-m", "build", "--outdir", to]
            };
            let end = self.run(Job::new(argv, &folder));
            built.files.extend(below(out, &[".whl", ".tar.gz"]));
            match end {
                TrialEnd::Badly(why) if why.contains("No module named build") => {
                    TrialEnd::Untried("neither `uv` nor `build` is installed".to_owned())
                }
                end => end,
            }
        });
        built.trials.push(trial(Tried::Build, name, end));
    }

    fn npm(&self, export: &Export, package: &ObservedPackage, built: &mut Built) {
        let folder = beside(export.path(), &package.manifest);
        let name = &package.name;
        self.teller.progress(format!("packing `{name}`"));
        if let Some(argv) = dependencies(&folder, export.path()) {
            let end = self.run(Job::new(&argv, &folder));
            if let TrialEnd::Badly(why) = end {
                let why = format!("what its scripts need can not be installed: {why}");
                built
                    .trials
                    .push(trial(Tried::Build, name, TrialEnd::Badly(why)));
                return;
            }
        }
        let end = self.out("pack", |out, to| {
            let argv = ["npm", "pack", "--silent", "--pack-destination", to];
            let end = self.run(Job::new(&argv, &folder));
            built.files.extend(below(out, &[".tgz"]));
            end
        });
        built.trials.push(trial(Tried::Build, name, end));
    }

    /// Rehearses publishing all crates in one go: they may stand on one another.
    fn crates(&self, export: &Export, crates: &[&ObservedPackage], built: &mut Built) {
        let names: Vec<&str> = crates.iter().map(|it| it.name.as_str()).collect();
        let subject = names.join(", ");
        self.teller
            .progress(format!("rehearsing to publish `{subject}`"));
        let first = crates
            .first()
            .map_or("Cargo.toml", |it| it.manifest.as_str());
        let root = if export.path().join("Cargo.toml").is_file() {
            export.path().to_path_buf()
        } else {
            beside(export.path(), first)
        };
        let end = self.out("target", |out, to| {
            let mut argv = vec!["cargo", "publish", "--dry-run", "--allow-dirty", "--quiet"];
            argv.extend(names.iter().flat_map(|it| ["-p", it]));
            let mut job = Job::new(&argv, &root);
            job.facts.push(("CARGO_TARGET_DIR", to.to_owned()));
            let end = self.run(job);
            let package = out.join("package");
            let mut found = below(&package, &[".crate"]);
            if found.is_empty() {
                found = below(&package.join("tmp-crate"), &[".crate"]);
            }
            built.files.extend(found);
            end
        });
        built.trials.push(trial(Tried::Publish, &subject, end));
    }

    /// Runs something that writes into a new folder.
    fn out(&self, name: &str, run: impl FnOnce(&Path, &str) -> TrialEnd) -> TrialEnd {
        match self.folder(name) {
            Ok(at) => run(&at, &at.to_string_lossy()),
            Err(why) => TrialEnd::Untried(why),
        }
    }
}

/// Returns what installs the dependencies that a package's own scripts need to build it; nothing where
/// it has no such script.
fn dependencies(folder: &Path, root: &Path) -> Option<[&'static str; 4]> {
    let text = fs::read_to_string(folder.join("package.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_str(&text).ok()?;
    let scripts = manifest.get("scripts")?;
    let builds = ["prepack", "prepare"]
        .iter()
        .any(|it| scripts.get(it).is_some());
    let needs = ["dependencies", "devDependencies"];
    let needs = needs.iter().any(|it| manifest.get(it).is_some());
    if !builds || !needs {
        return None;
    }
    let locked = [folder, root]
        .iter()
        .any(|it| it.join("package-lock.json").is_file());
    let verb = if locked { "ci" } else { "install" };
    Some(["npm", verb, "--ignore-scripts", "--no-audit"])
}

/// Returns the folder of a manifest.
fn beside(root: &Path, manifest: &str) -> PathBuf {
    match manifest.rsplit_once('/') {
        Some((folder, _)) => root.join(folder),
        None => root.to_path_buf(),
    }
}

/// Returns the files in a folder whose names end so.
fn below(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.map(|it| it.path()).filter(|it| it.is_file());
    let ends = |it: &PathBuf| {
        let name = it.to_string_lossy();
        endings.iter().any(|it| name.ends_with(it))
    };
    let mut found: Vec<PathBuf> = files.filter(ends).collect();
    found.sort();
    found
}
