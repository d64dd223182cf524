//! One run of a job: what it runs with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use cascade_manifest::workflow::{Entry, Job, Scalar, Step};
use regex::Regex;

use super::{Kind, Os, Subject, read};

/// What one run of a job runs with.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Everything that is named, and whether its matrix names it.
    pub(super) subjects: BTreeMap<Subject, bool>,
    /// What it may run with beyond that.
    pub(super) open: BTreeSet<Kind>,
}

/// Environments of tox and sessions of nox: `py312`, `tests-3.12`.
static TOX: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\bpy3(\d{1,2})\b|[-(]3\.(\d{1,2})\b").ok());
/// A version of Rust that a toolchain is asked for by.
static TOOLCHAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:\+|toolchain (?:install |add )?|override set |default )(\d+)\.(\d+)").ok()
});
/// A version of Python that uv is asked for.
static UV_PYTHON: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:--python|-p|python install|pypa/build|python)[ =]?(\d+)\.(\d+)").ok()
});

impl Lane {
    /// Returns what a run of a job with these values runs with.
    pub(super) fn of(job: &Job, entry: &Entry) -> Self {
        let mut lane = Self::default();
        lane.systems(job, entry);
        for (place, value) in &entry.values {
            if let Some(name) = place.strip_prefix("matrix.") {
                lane.matrix(name, value);
            }
        }
        for step in &job.steps {
            let entry = read::with_env(entry, "env", step.env.iter());
            lane.step(step, &entry);
        }
        let uv = entry
            .get("env.UV_PYTHON")
            .and_then(|it| entry.resolve(&it.value));
        lane.python(uv.as_deref(), false);
        lane
    }

    fn add(&mut self, subject: Option<Subject>, in_matrix: bool) {
        if let Some(subject) = subject {
            *self.subjects.entry(subject).or_default() |= in_matrix;
        }
    }

    fn systems(&mut self, job: &Job, entry: &Entry) {
        for label in &job.runs_on {
            let Some(label) = entry.resolve(&label.value) else {
                self.open.insert(Kind::Os);
                continue;
            };
            let label = label.to_lowercase();
            let named = [
                ("ubuntu", Os::Linux),
                ("linux", Os::Linux),
                ("macos", Os::Mac),
                ("windows", Os::Windows),
            ];
            let named = named.iter().find(|it| label.contains(it.0));
            match named {
                Some((_, os)) => self.add(Some(Subject::Os(*os)), true),
                // A runner of one's own may be anything.
                None => {
                    self.open.insert(Kind::Os);
                }
            }
        }
    }

    /// Reads a value of the matrix by what it is called.
    fn matrix(&mut self, name: &str, value: &Scalar) {
        let name = name.to_lowercase();
        let text = value.value.as_str();
        if name.contains("python") || matches!(name.as_str(), "py" | "pyver") {
            self.python(Some(text), true);
        } else if name.contains("node") {
            self.node(Some(text), true);
        } else if ["rust", "toolchain", "msrv"]
            .iter()
            .any(|it| name.contains(it))
        {
            let version = two(text).and_then(|(major, minor)| Subject::rust(major, minor));
            self.add(version, true);
        } else {
            self.sessions(text, true);
        }
    }

    fn step(&mut self, step: &Step, entry: &Entry) {
        let uses = |name: &str| step.uses.as_ref().is_some_and(|it| it.is(name));
        let given = |key: &str| step.with.get(key).map(|it| entry.resolve(&it.value));
        let pythons = [
            "actions/setup-python",
            "astral-sh/setup-uv",
            "pdm-project/setup-pdm",
        ];
        if pythons.iter().any(|it| uses(it)) {
            if step.with.contains_key("python-version-file") {
                self.open.insert(Kind::Python);
            }
            if let Some(version) = given("python-version") {
                self.known(Kind::Python, version, Self::python);
            }
        }
        if uses("actions/setup-node") || uses("pnpm/action-setup") {
            if step.with.contains_key("node-version-file") {
                self.open.insert(Kind::Node);
            }
            if let Some(version) = given("node-version") {
                self.known(Kind::Node, version, Self::node);
            }
        }
        self.toolchain(step, entry);
        if let Some(run) = &step.run {
            self.commands(&run.value, entry);
        }
    }

    fn known(
        &mut self,
        kind: Kind,
        version: Option<String>,
        add: fn(&mut Self, Option<&str>, bool),
    ) {
        match version {
            Some(version) => add(self, Some(&version), false),
            None => {
                self.open.insert(kind);
            }
        }
    }

    fn toolchain(&mut self, step: &Step, entry: &Entry) {
        let Some(uses) = step.uses.as_ref() else {
            return;
        };
        let name = uses.name.to_lowercase();
        if !(name.contains("rust") || name.contains("toolchain")) {
            return;
        }
        let reference = uses.reference.as_deref().unwrap_or_default();
        let by_reference = name.ends_with("/rust-toolchain").then_some(reference);
        let version = |text: &str| two(text).and_then(|(major, minor)| Subject::rust(major, minor));
        self.add(by_reference.and_then(version), false);
        let given = step.with.get("toolchain");
        match given.map(|it| entry.resolve(&it.value)) {
            Some(Some(text)) => self.add(version(&text), false),
            Some(None) => {
                self.open.insert(Kind::Rust);
            }
            None => {}
        }
    }

    /// Reads commands line by line; one whose values only a run knows may run with anything.
    fn commands(&mut self, commands: &str, entry: &Entry) {
        for line in commands.lines() {
            let Some(line) = entry.resolve(line) else {
                self.unknown(line);
                continue;
            };
            if line.contains("tox") || line.contains("nox") {
                self.sessions(&line, false);
                let named =
                    line.contains(" -e") || line.contains(" -s") || line.contains("--session");
                if !named {
                    // All of its environments, or those that a plugin chooses.
                    self.open.insert(Kind::Python);
                }
            }
            let numbers = |regex: &LazyLock<Option<Regex>>| {
                let found = regex.as_ref().and_then(|it| it.captures(&line))?;
                let number = |at| found.get(at)?.as_str().parse::<u64>().ok();
                Some((number(1)?, number(2)?))
            };
            let rust = line.contains("rustup") || line.contains("cargo");
            let toolchain = numbers(&TOOLCHAIN).filter(|_| rust);
            self.add(toolchain.map(|it| Subject::Rust(it.0, it.1)), false);
            if line.contains("uv ") || line.contains("python3.") || line.contains("hatch") {
                self.add(
                    numbers(&UV_PYTHON).map(|it| Subject::Python(it.0, it.1)),
                    false,
                );
            }
            if [
                "cargo msrv",
                "cargo-msrv",
                "--rust-version",
                "hack --version-range",
            ]
            .iter()
            .any(|it| line.contains(it))
            {
                self.open.insert(Kind::Rust);
            }
        }
    }

    fn unknown(&mut self, line: &str) {
        let kinds = [
            (Kind::Python, &["tox", "nox", "uv ", "python"][..]),
            (Kind::Rust, &["rustup", "cargo +"]),
            (Kind::Node, &["nvm", "fnm", "volta"]),
        ];
        let named = kinds
            .iter()
            .filter(|it| it.1.iter().any(|word| line.contains(word)));
        self.open.extend(named.map(|it| it.0));
    }

    fn python(&mut self, version: Option<&str>, in_matrix: bool) {
        for line in version.unwrap_or_default().lines() {
            let Some((major, minor)) = two(line) else {
                continue;
            };
            self.add(Subject::python(major, minor), in_matrix);
        }
    }

    fn node(&mut self, version: Option<&str>, in_matrix: bool) {
        for line in version.unwrap_or_default().lines() {
            let line = line.trim().trim_start_matches('v').trim_end_matches(".x");
            match two(line) {
                Some((major, _)) => self.add(Some(Subject::Node(major)), in_matrix),
                // A name, of which nobody knows today what it is tomorrow.
                None => {
                    self.open.insert(Kind::Node);
                }
            }
        }
    }

    fn sessions(&mut self, text: &str, in_matrix: bool) {
        let found = TOX
            .as_ref()
            .into_iter()
            .flat_map(|it| it.captures_iter(text));
        for it in found {
            let minor = it
                .get(1)
                .or(it.get(2))
                .and_then(|it| it.as_str().parse().ok());
            self.add(Subject::python(3, minor), in_matrix);
        }
    }
}

/// Returns the first two numbers of a version of a released interpreter: `3.12`, `3.12.1`, `3.14-dev`,
/// `>=3.9`; of another implementation none.
fn two(text: &str) -> Option<(u64, Option<u64>)> {
    let text = text.trim();
    let text = text.strip_prefix("cpython-").unwrap_or(text);
    let text = text.trim_start_matches(['>', '=', '~', '^', ' ', 'v']);
    let mut parts = text.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().map(|it| {
        let end = it.find(|c: char| !c.is_ascii_digit()).unwrap_or(it.len());
        it.get(..end).and_then(|it| it.parse().ok())
    });
    Some((major, minor.flatten()))
}
