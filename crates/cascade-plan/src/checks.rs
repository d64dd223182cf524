//! The checks: one rule a file, each a pure function from what is known to findings.

use cascade_manifest::Kind;

use crate::{
    Audit, Code, Content, Finding, Fix, Graph, JudgedTag, LockState, LockSurvey, ObservedRepo,
    PackageSurvey, PinStatus, PinSurvey, Place, ReleaseMode, RepoDeclaration, RepoId, Scope,
    Severity, Snapshot, Survey, name_pattern,
};

mod artifacts;
pub(crate) mod claims;
mod drift;
pub(crate) mod family;
pub(crate) mod licences;
pub(crate) mod policy;
pub(crate) mod quality;
pub(crate) mod readiness;
pub(crate) mod release;
mod relock;
mod score;
pub(crate) mod source;
pub(crate) mod tags;
#[cfg(test)]
mod tests;
pub(crate) mod verdict;
pub(crate) mod workflows;

pub(crate) use relock::relock;
use relock::relocked;
pub use score::{Readiness, of_readiness, readiness_groups};

/// One rule: a stable name, how bad it is, and what finds it.
pub struct Check {
    /// The code of its findings.
    pub code: &'static str,
    /// How bad they are.
    pub severity: Severity,
    /// What it finds, in a few words.
    pub title: &'static str,
    run: Rule,
    /// Whether it holds a repository against the rest of the family, as that stands today: of a commit of
    /// the past it would say nothing that is true.
    of_today: bool,
}

/// What finds: facts in, findings out. What was not observed it can not judge, and finds nothing.
type Rule = fn(&View<'_>) -> Vec<Told>;

/// The rules, group by group. A new group is registered here by name, a new rule in its group.
static GROUPS: &[Group] = &[
    Group {
        name: "artifacts",
        rules: artifacts::ALL,
        shown: Shown::Always,
    },
    Group {
        name: "claims",
        rules: claims::ALL,
        shown: Shown::Always,
    },
    Group {
        name: "drift",
        rules: drift::ALL,
        shown: Shown::Always,
    },
    Group {
        name: "family",
        rules: family::ALL,
        shown: Shown::Always,
    },
    Group {
        name: "licences",
        rules: licences::ALL,
        shown: Shown::Always,
    },
    Group {
        name: "policy",
        rules: policy::ALL,
        shown: Shown::Always,
    },
    Group {
        name: "quality",
        rules: quality::ALL,
        shown: Shown::Always,
    },
    Group {
        name: "readiness",
        rules: readiness::ALL,
        shown: Shown::OnRequest,
    },
    Group {
        name: "release",
        rules: release::ALL,
        shown: Shown::Always,
    },
    Group {
        name: "source",
        rules: source::ALL,
        shown: Shown::Always,
    },
    Group {
        name: "tags",
        rules: tags::ALL,
        shown: Shown::Always,
    },
    Group {
        name: "workflows",
        rules: workflows::ALL,
        shown: Shown::OnRequest,
    },
];

/// Rules about one subject.
struct Group {
    name: &'static str,
    rules: &'static [&'static Check],
    /// Whether its findings are shown to whoever did not ask for them.
    shown: Shown,
}

/// When findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Always.
    Always,
    /// Where somebody asks for them; else only how many there are.
    OnRequest,
}

/// Returns every rule.
pub fn all() -> impl Iterator<Item = &'static Check> + Clone {
    GROUPS.iter().flat_map(|it| it.rules).copied()
}

/// Returns whether findings of this rule are shown only to whoever asks for them.
pub fn is_on_request(code: &str) -> bool {
    let quiet = GROUPS.iter().filter(|it| it.shown == Shown::OnRequest);
    quiet.flat_map(|it| it.rules).any(|it| it.code == code)
}

/// Returns the codes that a person means: those of a group of this name, or those that a glob matches.
///
/// # Errors
/// With what is wrong with the glob.
pub fn matching(text: &str) -> Result<Vec<&'static str>, String> {
    if let Some(group) = GROUPS.iter().find(|it| it.name == text) {
        return Ok(group.rules.iter().map(|it| it.code).collect());
    }
    let pattern = name_pattern(text)?;
    let codes = all().map(|it| it.code);
    Ok(codes.filter(|it| pattern.is_match(it)).collect())
}

impl Check {
    /// A rule whose findings are in the way of a release.
    const fn block(code: &'static str, title: &'static str, run: Rule) -> Self {
        Self::new(code, Severity::Block, title, run)
    }

    /// A rule whose findings should be mended.
    const fn warn(code: &'static str, title: &'static str, run: Rule) -> Self {
        Self::new(code, Severity::Warn, title, run)
    }

    /// A rule whose findings are worth knowing.
    const fn info(code: &'static str, title: &'static str, run: Rule) -> Self {
        Self::new(code, Severity::Info, title, run)
    }

    const fn new(code: &'static str, severity: Severity, title: &'static str, run: Rule) -> Self {
        Self {
            code,
            severity,
            title,
            run,
            of_today: false,
        }
    }

    /// The same rule, held against the rest of the family as that stands today.
    const fn of_today(self) -> Self {
        Self {
            of_today: true,
            ..self
        }
    }
}

/// What a check looks at.
struct View<'a> {
    graph: &'a Graph,
    snapshot: &'a Snapshot,
    survey: &'a Survey,
}

/// What a check found; its code is the check's, and its severity, unless it says another.
struct Told {
    repo: Option<RepoId>,
    tag: Option<String>,
    package: Option<String>,
    severity: Option<Severity>,
    place: Option<Place>,
    what: String,
    mend: Option<String>,
    fix: Option<Fix>,
}

/// Puts the findings of every check where they belong.
pub(crate) fn run(graph: &Graph, snapshot: &Snapshot, survey: &mut Survey) {
    let view = View {
        graph,
        snapshot,
        survey,
    };
    let found: Vec<Finding> = all()
        .flat_map(|check| {
            let found = (check.run)(&view).into_iter().map(|it| it.finding(check));
            found.filter(|it| !(check.of_today && is_past(snapshot, it)))
        })
        .collect();
    let found = verdict::pass(graph, snapshot, found);
    survey.waived = found.waived;
    for finding in found.standing {
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

/// Returns whether a finding is of a commit that was asked for, and that a later release left behind.
fn is_past(snapshot: &Snapshot, finding: &Finding) -> bool {
    let seen = finding.repo.as_ref().and_then(|it| snapshot.repos.get(it));
    seen.is_some_and(|seen| {
        let asked = seen
            .audit
            .as_ref()
            .is_some_and(|it| it.scope == Scope::Everything);
        let left_behind = |it: &crate::ObservedPackage| {
            let reached = it.reachable.as_ref().map(|it| &it.version);
            let latest = it.latest.as_ref().map(|it| &it.version);
            latest.is_some() && latest > reached
        };
        asked && seen.content == Content::Commit && seen.packages.iter().any(left_behind)
    })
}

impl<'a> View<'a> {
    /// Returns every repository with what is declared and what was seen of it.
    fn seen(&self) -> impl Iterator<Item = (&'a RepoId, &'a RepoDeclaration, &'a ObservedRepo)> {
        let repos = self.graph.repos().iter();
        repos.filter_map(|(id, declared)| Some((id, declared, self.snapshot.repos.get(id)?)))
    }

    /// Returns every repository whose releases were looked at: its latest tags, its changelog.
    fn with_releases(
        &self,
    ) -> impl Iterator<Item = (&'a RepoId, &'a RepoDeclaration, &'a ObservedRepo, &'a Audit)> {
        self.seen()
            .filter_map(|(id, declared, seen)| Some((id, declared, seen, seen.audit.as_deref()?)))
    }

    /// Returns every repository whose files, tags and commits were read for their own sake.
    fn audited(
        &self,
    ) -> impl Iterator<Item = (&'a RepoId, &'a RepoDeclaration, &'a ObservedRepo, &'a Audit)> {
        self.with_releases()
            .filter(|(_, _, _, audit)| audit.scope == Scope::Everything)
    }

    /// Returns every repository of which the checkout itself was looked at.
    fn checkouts(
        &self,
    ) -> impl Iterator<Item = (&'a RepoId, &'a RepoDeclaration, &'a ObservedRepo)> {
        self.seen()
            .filter(|(_, _, seen)| seen.content != Content::Commit)
    }

    /// Returns every tag that is judged, with its repository.
    fn tags(
        &self,
    ) -> impl Iterator<
        Item = (
            &'a RepoId,
            &'a RepoDeclaration,
            &'a ObservedRepo,
            &'a JudgedTag,
        ),
    > {
        self.with_releases()
            .flat_map(|(id, declared, seen, audit)| {
                let tags = audit.tags.iter();
                tags.map(move |tag| (id, declared, seen, tag))
            })
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
    /// Tells something of no one repository.
    fn anywhere(what: String) -> Self {
        Self {
            repo: None,
            tag: None,
            package: None,
            severity: None,
            place: None,
            what,
            mend: None,
            fix: None,
        }
    }

    fn of(repo: &RepoId, what: String) -> Self {
        Self {
            repo: Some(repo.clone()),
            ..Self::anywhere(what)
        }
    }

    /// Tells something of a tag.
    fn tag(repo: &RepoId, tag: &JudgedTag, what: String) -> Self {
        Self {
            tag: Some(tag.name.clone()),
            ..Self::of(repo, what)
        }
    }

    /// Tells something of a pin.
    fn pin(repo: &RepoId, pin: &PinSurvey, what: String) -> Self {
        let told = Self::of(repo, what).at(&pin.manifest, Some(pin.line));
        told.about(&pin.upstream.name)
    }

    /// Tells what is so with the requirement of a pin: `names a placeholder`.
    fn requirement(repo: &RepoId, pin: &PinSurvey, is: &str) -> Self {
        let (requirement, name) = (&pin.requirement, &pin.upstream.name);
        Self::pin(repo, pin, format!("`{requirement}` on `{name}` {is}"))
    }

    /// Says which package of the family it is about.
    fn about(mut self, package: &str) -> Self {
        self.package = Some(package.to_owned());
        self
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

    /// Says how bad this one is, where that is not what the rule says.
    fn ranked(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Adds what `--fix` does about it.
    fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    fn finding(self, check: &Check) -> Finding {
        Finding {
            code: Code(check.code),
            severity: self.severity.unwrap_or(check.severity),
            repo: self.repo,
            tag: self.tag,
            package: self.package,
            place: self.place,
            what: self.what,
            mend: self.mend,
            fix: self.fix,
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
