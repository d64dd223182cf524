//! The checks: one rule a file, each a pure function from what is known to findings.

use cascade_manifest::Kind;

use crate::{
    Code, Finding, Graph, LockMode, LockState, LockSurvey, ObservedRepo, PackageSurvey, PinStatus,
    PinSurvey, Place, ReleaseMode, RepoDeclaration, RepoId, Severity, Snapshot, Survey,
};

mod cycle;
mod dead_edge;
mod detached_head;
mod dirty;
mod duplicate_package;
mod lock_contradicts;
mod lock_stale;
mod manifest_unreadable;
mod missing_clone;
mod no_commits;
mod no_tags;
mod no_upstream_branch;
mod not_a_repository;
mod pin_ahead;
mod pin_behind;
mod pin_excluded;
mod pin_prerelease;
mod pin_retracted;
mod placeholder_pinned;
mod release_please_unconfigured;
mod release_please_unexpected;
mod shallow_clone;
mod site_missing;
mod source_override;
mod template_collision;
pub(crate) mod undeclared_edge;
mod unreadable;
mod unreleased;
mod version_mismatch;
mod wrong_branch;

#[cfg(test)]
mod tests;

/// One rule: a stable name, how bad it is, and what finds it.
pub struct Check {
    /// The code of its findings.
    pub code: &'static str,
    /// How bad they are.
    pub severity: Severity,
    /// What it finds, in a few words.
    pub title: &'static str,
    run: fn(&View<'_>) -> Vec<Told>,
}

/// Every check. A new one is registered here by name.
pub static ALL: &[Check] = &[
    Check {
        code: "cycle",
        severity: Severity::Block,
        title: "releases run in a circle",
        run: cycle::check,
    },
    Check {
        code: "dead-edge",
        severity: Severity::Warn,
        title: "`needs` says what no pin says",
        run: dead_edge::check,
    },
    Check {
        code: "detached-head",
        severity: Severity::Warn,
        title: "no branch is checked out",
        run: detached_head::check,
    },
    Check {
        code: "dirty",
        severity: Severity::Info,
        title: "a checkout has changes that are not committed",
        run: dirty::check,
    },
    Check {
        code: "duplicate-package",
        severity: Severity::Block,
        title: "two places claim one package",
        run: duplicate_package::check,
    },
    Check {
        code: "lock-contradicts",
        severity: Severity::Warn,
        title: "a lock holds a version that the manifest excludes",
        run: lock_contradicts::check,
    },
    Check {
        code: "lock-stale",
        severity: Severity::Warn,
        title: "a lock records another requirement than the manifest",
        run: lock_stale::check,
    },
    Check {
        code: "manifest-unreadable",
        severity: Severity::Block,
        title: "a manifest or lock can not be read",
        run: manifest_unreadable::check,
    },
    Check {
        code: "missing-clone",
        severity: Severity::Warn,
        title: "a declared repository has no clone",
        run: missing_clone::check,
    },
    Check {
        code: "no-commits",
        severity: Severity::Block,
        title: "a repository has no commit",
        run: no_commits::check,
    },
    Check {
        code: "no-tags",
        severity: Severity::Info,
        title: "a package has no version tag",
        run: no_tags::check,
    },
    Check {
        code: "no-upstream-branch",
        severity: Severity::Info,
        title: "a branch has no upstream",
        run: no_upstream_branch::check,
    },
    Check {
        code: "not-a-repository",
        severity: Severity::Block,
        title: "something that git does not know stands at the path",
        run: not_a_repository::check,
    },
    Check {
        code: "pin-ahead",
        severity: Severity::Warn,
        title: "a pin names a version above the latest known tag",
        run: pin_ahead::check,
    },
    Check {
        code: "pin-behind",
        severity: Severity::Info,
        title: "a pin names an older version, and admits the latest",
        run: pin_behind::check,
    },
    Check {
        code: "pin-excluded",
        severity: Severity::Warn,
        title: "a pin does not admit the latest version",
        run: pin_excluded::check,
    },
    Check {
        code: "pin-prerelease",
        severity: Severity::Warn,
        title: "a published pin names a pre-release",
        run: pin_prerelease::check,
    },
    Check {
        code: "pin-retracted",
        severity: Severity::Warn,
        title: "a pin names a version that its upstream took back",
        run: pin_retracted::check,
    },
    Check {
        code: "placeholder-pinned",
        severity: Severity::Warn,
        title: "a published pin names a placeholder",
        run: placeholder_pinned::check,
    },
    Check {
        code: "release-please-unconfigured",
        severity: Severity::Warn,
        title: "declared for release-please, which is not configured",
        run: release_please_unconfigured::check,
    },
    Check {
        code: "release-please-unexpected",
        severity: Severity::Warn,
        title: "release-please is configured, and not declared",
        run: release_please_unexpected::check,
    },
    Check {
        code: "shallow-clone",
        severity: Severity::Warn,
        title: "a clone lacks history",
        run: shallow_clone::check,
    },
    Check {
        code: "site-missing",
        severity: Severity::Block,
        title: "a declared site does not match as often as declared",
        run: site_missing::check,
    },
    Check {
        code: "source-override",
        severity: Severity::Warn,
        title: "a published pin is taken from elsewhere than its registry",
        run: source_override::check,
    },
    Check {
        code: "template-collision",
        severity: Severity::Block,
        title: "two templates claim one tag",
        run: template_collision::check,
    },
    Check {
        code: "undeclared-edge",
        severity: Severity::Warn,
        title: "a pin orders a release, and `needs` does not say so",
        run: undeclared_edge::check,
    },
    Check {
        code: "unreadable",
        severity: Severity::Block,
        title: "git can not read a repository",
        run: unreadable::check,
    },
    Check {
        code: "unreleased",
        severity: Severity::Info,
        title: "commits ask for a release",
        run: unreleased::check,
    },
    Check {
        code: "version-mismatch",
        severity: Severity::Block,
        title: "a tag and the manifest at it say two versions",
        run: version_mismatch::check,
    },
    Check {
        code: "wrong-branch",
        severity: Severity::Warn,
        title: "a branch is checked out that may not be released",
        run: wrong_branch::check,
    },
];

/// What a check looks at.
struct View<'a> {
    graph: &'a Graph,
    snapshot: &'a Snapshot,
    survey: &'a Survey,
}

/// What a check found; its code and severity are the check's.
struct Told {
    repo: Option<RepoId>,
    place: Option<Place>,
    what: String,
    mend: Option<String>,
}

/// Puts the findings of every check where they belong.
pub(crate) fn run(graph: &Graph, snapshot: &Snapshot, survey: &mut Survey) {
    let view = View {
        graph,
        snapshot,
        survey,
    };
    let found: Vec<Finding> = ALL
        .iter()
        .flat_map(|check| (check.run)(&view).into_iter().map(|it| it.finding(check)))
        .collect();
    for finding in found {
        let home = finding.repo.clone();
        match home.and_then(|id| survey.repos.get_mut(&id)) {
            Some(repo) => repo.findings.push(finding),
            None => survey.findings.push(finding),
        }
    }
    for repo in survey.repos.values_mut() {
        repo.findings
            .sort_by(|a, b| (b.severity, a).cmp(&(a.severity, b)));
    }
}

impl<'a> View<'a> {
    /// Returns every repository with what is declared and what was seen of it.
    fn seen(&self) -> impl Iterator<Item = (&'a RepoId, &'a RepoDeclaration, &'a ObservedRepo)> {
        let repos = self.graph.repos().iter();
        repos.filter_map(|(id, declared)| Some((id, declared, self.snapshot.repos.get(id)?)))
    }

    /// Returns every package with its repository.
    fn packages(&self) -> impl Iterator<Item = (&'a RepoId, &'a PackageSurvey)> {
        let repos = self.survey.repos.iter();
        repos.flat_map(|(id, repo)| repo.packages.iter().map(move |it| (id, it)))
    }

    /// Returns every pin with its repository.
    fn pins(&self) -> impl Iterator<Item = (&'a RepoId, &'a PinSurvey)> {
        let repos = self.survey.repos.iter();
        repos.flat_map(|(id, repo)| repo.pins.iter().map(move |it| (id, it)))
    }

    /// Returns the pins of this status outside auxiliary manifests, but for those that an ecosystem's
    /// own tool settles.
    fn pins_of(&self, status: PinStatus) -> impl Iterator<Item = (&'a RepoId, &'a PinSurvey)> {
        self.pins()
            .filter(move |(_, pin)| !pin.auxiliary && pin.status == status)
            .filter(|(_, pin)| pin.kind != Kind::Indirect)
    }

    /// Returns the locks in this state, each with a pin outside auxiliary manifests.
    fn locks_of(
        &self,
        state: LockState,
    ) -> impl Iterator<Item = (&'a RepoId, &'a PinSurvey, &'a LockSurvey)> {
        let pins = self.pins().filter(|(_, pin)| !pin.auxiliary);
        let locks = pins.filter_map(|(id, pin)| Some((id, pin, pin.lock.as_ref()?)));
        locks.filter(move |(_, _, lock)| lock.state == state)
    }

    /// Returns whether everything in a repository could be read.
    fn is_known(&self, id: &RepoId) -> bool {
        self.snapshot.repos.get(id).is_some_and(|seen| {
            seen.trouble.is_none() && seen.manifests.iter().all(|it| it.read.is_ok())
        })
    }
}

impl Told {
    fn of(repo: &RepoId, what: String) -> Self {
        Self {
            repo: Some(repo.clone()),
            place: None,
            what,
            mend: None,
        }
    }

    /// Tells something of a pin.
    fn pin(repo: &RepoId, pin: &PinSurvey, what: String) -> Self {
        Self::of(repo, what).at(&pin.manifest, Some(pin.line))
    }

    /// Tells what is so with the requirement of a pin: `names a placeholder`.
    fn requirement(repo: &RepoId, pin: &PinSurvey, is: &str) -> Self {
        let (requirement, name) = (&pin.requirement, &pin.upstream.name);
        Self::pin(repo, pin, format!("`{requirement}` on `{name}` {is}"))
    }

    fn at(mut self, path: &str, line: Option<usize>) -> Self {
        let path = path.to_owned();
        self.place = Some(Place { path, line });
        self
    }

    fn mend(mut self, mend: String) -> Self {
        self.mend = Some(mend);
        self
    }

    fn finding(self, check: &Check) -> Finding {
        Finding {
            code: Code(check.code),
            severity: check.severity,
            repo: self.repo,
            place: self.place,
            what: self.what,
            mend: self.mend,
        }
    }
}

/// Returns the latest version of a pin's upstream, as text.
fn latest(pin: &PinSurvey) -> &str {
    pin.latest.as_ref().map_or("", |it| it.text())
}

/// Returns how a repository is declared to be released.
fn declared_mode(view: &View<'_>, id: &RepoId) -> Option<ReleaseMode> {
    view.graph.repo(id).map(|it| it.mode)
}

/// Adds what mends a lock, and that cascade leaves it alone by itself, where it does.
fn relocked(view: &View<'_>, id: &RepoId, mut told: Told) -> Told {
    let mode = view.graph.repo(id).map(|it| it.lock).unwrap_or_default();
    if mode == LockMode::Off {
        told.what
            .push_str("; cascade leaves it alone (`lock = \"off\"`)");
    }
    told.mend(relock(id, mode))
}

/// Returns the command that brings the locks of a repository in step.
pub(crate) fn relock(id: &RepoId, mode: LockMode) -> String {
    let mode = match mode {
        LockMode::Off => " --mode auto",
        LockMode::Auto | LockMode::Native | LockMode::Tool => "",
    };
    format!("cascade lock --repo {id}{mode}")
}
