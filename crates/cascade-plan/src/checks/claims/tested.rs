//! What workflows run a repository's packages with.

mod lane;
mod read;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cascade_manifest::workflow::{Entry, Job, Truth, Workflow};

use self::lane::Lane;
use crate::checks::workflows::files::{Ci, Does};

/// What something can run with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// A minor version of Python.
    Python(u64, u64),
    /// A major version of Node.js.
    Node(u64),
    /// A minor version of Rust.
    Rust(u64, u64),
    /// A system.
    Os(Os),
}

/// A system that workflows run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Os {
    /// Linux.
    Linux,
    /// macOS.
    Mac,
    /// Windows.
    Windows,
}

/// What subjects are about: what is unknown of one kind is unknown of all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Python.
    Python,
    /// Node.js.
    Node,
    /// Rust.
    Rust,
    /// Systems.
    Os,
}

/// How well a run proves something; the better wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Its tests are skipped.
    Skipped,
    /// It may fail, and nobody is told.
    MayFail,
    /// It runs.
    Runs,
}

/// Where something is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proof {
    /// How well.
    pub(super) standing: Standing,
    /// The workflow.
    pub(super) path: String,
    /// The 1-based line of the job.
    pub(super) line: usize,
    /// Whether a matrix names it.
    pub(super) in_matrix: bool,
}

/// What workflows run with.
#[derive(Debug, Default)]
pub(super) struct Tested {
    /// Everything that is named, with its best run.
    pub(super) proofs: BTreeMap<Subject, Proof>,
    /// What may be run with more than is known.
    pub(super) open: BTreeSet<Kind>,
}

/// Events that prove something to whoever looks at a commit.
const EVENTS: &[&str] = &[
    "push",
    "pull_request",
    "pull_request_target",
    "merge_group",
    "schedule",
];

impl Tested {
    /// Returns what the workflows of a repository run with.
    pub(super) fn of(ci: &Ci<'_>) -> Self {
        let mut tested = Self::default();
        for (path, workflow) in ci.read() {
            if EVENTS.iter().any(|it| workflow.on(it).is_some()) {
                tested.add(ci, (path, workflow), &Entry::default(), 0);
            }
        }
        if ci.files.iter().any(|it| it.read.is_err()) {
            tested
                .open
                .extend([Kind::Python, Kind::Node, Kind::Rust, Kind::Os]);
        }
        tested
    }

    /// Adds a workflow that is given values; workflows of this repository that it calls too.
    fn add(
        &mut self,
        ci: &Ci<'_>,
        (path, workflow): (&str, &Workflow),
        given: &Entry,
        deep: usize,
    ) {
        for job in &workflow.jobs {
            let base = read::with_env(given, "env", workflow.env.iter().chain(&job.env));
            if job.matrix.unknown.is_some() {
                self.open.extend(read::kinds_of(job));
            }
            for entry in job.entries() {
                let entry = base.and(&entry);
                match &job.uses {
                    Some(_) => self.call(ci, job, &entry, deep),
                    None => self.lane((path, job), &entry),
                }
            }
        }
    }

    fn call(&mut self, ci: &Ci<'_>, job: &Job, entry: &Entry, deep: usize) {
        const DEEPEST: usize = 3;
        let name = job.uses.as_ref().and_then(|it| it.name.strip_prefix("./"));
        let called = name.and_then(|name| ci.read().find(|it| it.0 == name));
        match called {
            Some(called) if deep < DEEPEST && job.runs(entry) != Truth::No => {
                let given =
                    read::with_env(&Entry::default(), "inputs", resolved(job, entry).iter());
                self.add(ci, called, &given, deep + 1);
            }
            Some(_) => {}
            // What another repository's workflow runs with is not known.
            None => self
                .open
                .extend([Kind::Python, Kind::Node, Kind::Rust, Kind::Os]),
        }
    }

    fn lane(&mut self, (path, job): (&str, &Job), entry: &Entry) {
        let lane = Lane::of(job, entry);
        self.open.extend(&lane.open);
        let standing = standing(job, entry);
        for (subject, in_matrix) in lane.subjects {
            let proof = Proof {
                standing,
                path: path.to_owned(),
                line: job.line,
                in_matrix,
            };
            let known = self.proofs.entry(subject).or_insert_with(|| proof.clone());
            let in_matrix = known.in_matrix || proof.in_matrix;
            if proof.standing > known.standing {
                *known = proof;
            }
            known.in_matrix = in_matrix;
        }
    }
}

/// Returns what a called workflow is given, with what this run knows of it.
fn resolved(job: &Job, entry: &Entry) -> BTreeMap<String, cascade_manifest::workflow::Scalar> {
    let known = job.with.iter().filter_map(|(key, value)| {
        let mut value = value.clone();
        value.value = entry.resolve(&value.value)?;
        Some((key.clone(), value))
    });
    known.collect()
}

/// Returns how well a run of a job proves something: its tests are run, and it fails where they do.
fn standing(job: &Job, entry: &Entry) -> Standing {
    if job.runs(entry) == Truth::No {
        return Standing::Skipped;
    }
    let commands = || job.steps.iter().filter(|it| it.run.is_some());
    let tests: Vec<_> = job
        .steps
        .iter()
        .filter(|it| Does::Test.is_done_by(it))
        .collect();
    let steps = if tests.is_empty() {
        commands().collect()
    } else {
        tests
    };
    let taken: Vec<_> = steps
        .iter()
        .filter(|it| it.runs(entry) != Truth::No)
        .collect();
    if taken.is_empty() && !steps.is_empty() {
        return Standing::Skipped;
    }
    let step_may_fail = taken.iter().all(|it| it.may_fail(entry) == Truth::Yes);
    if job.may_fail(entry) == Truth::Yes || step_may_fail && !taken.is_empty() {
        return Standing::MayFail;
    }
    Standing::Runs
}

impl Subject {
    /// Returns a minor version of Python; of a major alone none.
    pub(super) fn python(major: u64, minor: Option<u64>) -> Option<Self> {
        Some(Self::Python(major, minor?))
    }

    /// Returns a minor version of Rust.
    pub(super) fn rust(major: u64, minor: Option<u64>) -> Option<Self> {
        Some(Self::Rust(major, minor?))
    }

    /// Returns what it is about.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Python(..) => Kind::Python,
            Self::Node(_) => Kind::Node,
            Self::Rust(..) => Kind::Rust,
            Self::Os(_) => Kind::Os,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Python(major, minor) => write!(f, "Python {major}.{minor}"),
            Self::Node(major) => write!(f, "Node.js {major}"),
            Self::Rust(major, minor) => write!(f, "Rust {major}.{minor}"),
            Self::Os(Os::Linux) => f.write_str("Linux"),
            Self::Os(Os::Mac) => f.write_str("macOS"),
            Self::Os(Os::Windows) => f.write_str("Windows"),
        }
    }
}
