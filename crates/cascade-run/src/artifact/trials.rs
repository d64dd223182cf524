//! Trials: an artefact in the hands of the tools that its users have.

use std::fs;
use std::path::Path;

use cascade_plan::{Trial, TrialEnd, Tried};

use super::bench::{Bench, Job, SHORT, trial};
use super::{Kind, Opened, Tools};
use crate::write::{Overwrite, save};

/// How many commands of one artefact are asked for their version.
const COMMANDS: usize = 10;
/// How many data files of one artefact are loaded.
const DATA: usize = 200;

/// Imports the modules that it is given.
const IMPORT: &str =
    "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)\n";
/// Loads the data files that it is given: package, path, package, path.
const LOAD: &str = "import importlib.resources as r, sys\nfor package, path in zip(sys.argv[1::2], \
    sys.argv[2::2]):\n    r.files(package).joinpath(*path.split('/')).read_bytes()\n";

impl Bench<'_> {
    /// Tries an artefact that was read.
    pub(super) fn try_out(
        &self,
        kind: Kind,
        (path, name): (&Path, &str),
        opened: &Opened,
        trials: &mut Vec<Trial>,
    ) {
        if kind.ecosystem() == "python" {
            trials.push(trial(Tried::Metadata, name, self.twine(path)));
        }
        let tried = match kind {
            Kind::Wheel => self.wheel((path, name), opened, trials),
            Kind::Npm => self.tarball((path, name), opened, trials),
            Kind::Sdist | Kind::Crate => Ok(()),
        };
        if let Err(why) = tried {
            trials.push(trial(Tried::Install, name, TrialEnd::Untried(why)));
        }
    }

    /// Has twine judge the metadata, in an environment of its own.
    fn twine(&self, path: &Path) -> TrialEnd {
        let file = path.to_string_lossy();
        let here = Path::new("/");
        let found = self.has("twine");
        if !found && self.tools == Tools::Installed {
            let known = ["uv", "tool", "run", "--quiet", "twine", "--version"];
            if let TrialEnd::Badly(why) = self.run(Job::new(&known, here)) {
                return TrialEnd::Untried(format!("`twine` can not be installed: {why}"));
            }
        }
        let argv: &[&str] = match self.tools {
            _ if found => &["twine", "check", "--strict", &file],
            Tools::Installed => &[
                "uv", "tool", "run", "--quiet", "twine", "check", "--strict", &file,
            ],
            Tools::Found => {
                let why = "`twine` is not installed, so its metadata was not judged";
                return TrialEnd::Untried(why.to_owned());
            }
        };
        self.run(Job::new(argv, here))
    }

    /// Installs a wheel in a fresh environment, and uses it there.
    fn wheel(
        &self,
        (path, name): (&Path, &str),
        opened: &Opened,
        trials: &mut Vec<Trial>,
    ) -> Result<(), String> {
        self.teller.progress(format!("installing `{name}`"));
        let room = self.folder("room")?;
        let at = self.folder("venv")?;
        let bin = at.join("bin");
        let end = self.environment((&at, &bin, &room), &path.to_string_lossy());
        if !matches!(end, TrialEnd::Well(_)) {
            trials.push(trial(Tried::Install, name, end));
            return Ok(());
        }
        let used = |script: &str, words: &[&str]| {
            let argv = [&["python", "-I", "-c", script], words].concat();
            let mut job = Job::new(&argv, &room);
            job.programs.push(bin.clone());
            self.run(job)
        };
        let modules = &opened.installed.modules;
        let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
        if !modules.is_empty() {
            trials.push(trial(Tried::Import, name, used(IMPORT, &modules)));
        }
        let data = opened.installed.data.iter().take(DATA);
        let data: Vec<&str> = data.flat_map(|it| [it.0.as_str(), it.1.as_str()]).collect();
        if !data.is_empty() {
            trials.push(trial(Tried::Data, name, used(LOAD, &data)));
        }
        self.commands(&opened.installed.commands, (&bin, &room), trials);
        Ok(())
    }

    /// Makes a fresh environment with a wheel installed, by uv or else by pip.
    fn environment(&self, (at, bin, room): (&Path, &Path, &Path), file: &str) -> TrialEnd {
        let env = at.to_string_lossy();
        let python = bin.join("python");
        let python = python.to_string_lossy();
        let commands: [&[&str]; 2] = if self.has("uv") {
            [
                &[
                    "uv",
                    "venv",
                    "--quiet",
                    "--no-project",
                    "--allow-existing",
                    &env,
                ],
                &["uv", "pip", "install", "--quiet", "--python", &python, file],
            ]
        } else {
            [
                &["python3", "-m", "venv", &env],
                &["python", "-m", "pip", "install", "--quiet", file],
            ]
        };
        let mut end = TrialEnd::Well(String::new());
        for argv in commands {
            let mut job = Job::new(argv, room);
            job.programs.push(bin.to_path_buf());
            end = self.run(job);
            if !matches!(end, TrialEnd::Well(_)) {
                break;
            }
        }
        end
    }

    /// Installs a tarball in a fresh folder.
    fn tarball(
        &self,
        (path, name): (&Path, &str),
        opened: &Opened,
        trials: &mut Vec<Trial>,
    ) -> Result<(), String> {
        self.teller.progress(format!("installing `{name}`"));
        let room = self.folder("room")?;
        let manifest = room.join("package.json");
        let text = "{ \"private\": true }\n";
        save(&manifest, text, Overwrite::Never).map_err(|it| it.to_string())?;
        let file = path.to_string_lossy();
        let argv = [
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--no-progress",
            &file,
        ];
        let end = self.run(Job::new(&argv, &room));
        let well = matches!(end, TrialEnd::Well(_));
        trials.push(trial(Tried::Install, name, end));
        if well {
            let bin = room.join("node_modules/.bin");
            self.commands(&opened.commands, (&bin, &room), trials);
        }
        Ok(())
    }

    /// Asks each command for its version; one that does not answer is not to blame.
    fn commands(&self, names: &[String], (bin, room): (&Path, &Path), trials: &mut Vec<Trial>) {
        for name in names.iter().take(COMMANDS) {
            if fs::metadata(bin.join(name)).is_err() {
                let why = "it was not installed".to_owned();
                trials.push(trial(Tried::Command, name, TrialEnd::Badly(why)));
                continue;
            }
            let mut job = Job::new(&[name, "--version"], room);
            job.programs.push(bin.to_path_buf());
            job.limit = SHORT;
            let end = match self.run(job) {
                TrialEnd::Badly(_) => {
                    let why = "its command does not answer `--version`, so that was not compared";
                    TrialEnd::Untried(why.to_owned())
                }
                end => end,
            };
            trials.push(trial(Tried::Command, name, end));
        }
    }
}
