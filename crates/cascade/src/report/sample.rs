//! A small town for the tests of reports: one upstream, one downstream, known by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use cascade_manifest::{Form, Kind, Level, Scheme, Version, ecosystem};
use cascade_plan::{
    Code, Evidence, Finding, Graph, LockState, LockSurvey, ObservedRepo, Oid, PackageId,
    PackageSurvey, PinStatus, PinSurvey, Place, RepoId, RepoSurvey, Severity, Snapshot, Survey,
    TagFormat, TagHit, TagTemplate, Trouble, VersionSource, declare,
};

use super::Known;

const DECLARED: &str = r#"
[workspace]
name = "town"

[repo.urn]
path = "urn"

[repo.app]
path = "work/app"
needs = ["urn"]
"#;

/// A workspace with everything that is known of it.
pub(crate) struct Town {
    pub(crate) graph: Graph,
    pub(crate) snapshot: Snapshot,
    pub(crate) survey: Survey,
}

impl Town {
    /// Returns it, as reports take it.
    pub(crate) fn known(&self) -> Known<'_> {
        Known::new(&self.graph, &self.snapshot, &self.survey)
    }

    /// Makes a clone vanish.
    pub(crate) fn lose(&mut self, repo: &str) {
        let gone = ObservedRepo {
            trouble: Some(Trouble::Missing),
            ..ObservedRepo::default()
        };
        self.snapshot.repos.insert(RepoId::new(repo), gone);
    }
}

/// Returns the town: `urn` asks for a minor, `app` excludes its latest and has a hostile branch.
pub(crate) fn town() -> Town {
    let graph = Graph::build(declare(DECLARED).unwrap()).unwrap();
    let (urn, app) = (RepoId::new("urn"), RepoId::new("app"));
    Town {
        snapshot: Snapshot {
            watched: None,
            taken: 1_700_100_000,
            repos: BTreeMap::from([
                (urn.clone(), seen("main", 'a')),
                (app.clone(), seen("fe|at\u{1b}[31m", 'b')),
            ]),
        },
        survey: Survey {
            order: vec![urn.clone(), app.clone()],
            waves: vec![vec![urn.clone()], vec![app.clone()]],
            upstreams: BTreeMap::from([(urn.clone(), vec![]), (app.clone(), vec![urn.clone()])]),
            repos: BTreeMap::from([(urn, urn_survey()), (app, app_survey())]),
            ..Survey::default()
        },
        graph,
    }
}

/// Returns an object id of one digit.
pub(crate) fn oid(digit: char) -> Oid {
    Oid::parse(&digit.to_string().repeat(40)).unwrap()
}

fn seen(branch: &str, head: char) -> ObservedRepo {
    ObservedRepo {
        head: Some(oid(head)),
        branch: Some(branch.to_owned()),
        dirty: branch != "main",
        ahead: Some(0),
        behind: Some(2),
        fetched: Some(1_700_000_000),
        ..ObservedRepo::default()
    }
}

fn package(repo: &str, name: &str, latest: &str) -> PackageSurvey {
    let version = Version::parse(Scheme::Pep440, latest).unwrap();
    let hit = TagHit {
        tag: format!("v{latest}"),
        version,
        commit: oid('c'),
    };
    PackageSurvey {
        id: PackageId {
            repo: RepoId::new(repo),
            ecosystem: "python".to_owned(),
            name: name.to_owned(),
        },
        ecosystem: ecosystem("python").unwrap(),
        manifest: "pyproject.toml".to_owned(),
        version: None,
        source: VersionSource::Vcs,
        template: TagTemplate::parse("v{version}").unwrap(),
        tag_format: TagFormat::Semver,
        latest: Some(hit.clone()),
        reachable: Some(hit),
        announced: None,
        retracted: None,
        since: 0,
        level: Level::None,
        evidence: Arc::default(),
        pending: false,
    }
}

fn urn_survey() -> RepoSurvey {
    let evidence = Evidence {
        level: Level::Minor,
        commit: oid('d'),
        kind: "feat".to_owned(),
        subject: "feat: pour \u{202e}hot".to_owned(),
    };
    RepoSurvey {
        packages: vec![PackageSurvey {
            since: 3,
            level: Level::Minor,
            evidence: [evidence].into(),
            ..package("urn", "tea-urn", "1.4.0")
        }],
        ..RepoSurvey::default()
    }
}

fn app_survey() -> RepoSurvey {
    let urn = package("urn", "tea-urn", "1.4.0");
    let lock = LockSurvey {
        file: "uv.lock".to_owned(),
        line: Some(12),
        version: Some("1.2.0".to_owned()),
        state: LockState::InStep,
    };
    RepoSurvey {
        packages: vec![package("app", "tea-app", "0.9.1")],
        pins: vec![PinSurvey {
            manifest: "pyproject.toml".to_owned(),
            line: 7,
            section: "project.dependencies".to_owned(),
            kind: Kind::Runtime,
            auxiliary: false,
            package: Some("tea-app".to_owned()),
            requirement: "==1.2.0".to_owned(),
            span: Some(80..87),
            form: Form::Range,
            source: None,
            ecosystem: ecosystem("python"),
            upstream: urn.id,
            named: None,
            latest: urn.latest.map(|it| it.version),
            status: PinStatus::Excluded,
            lock: Some(lock),
            digest: None,
        }],
        findings: vec![Finding {
            code: Code("pin-excluded"),
            severity: Severity::Warn,
            repo: Some(RepoId::new("app")),
            place: Some(Place {
                path: "pyproject.toml".to_owned(),
                line: Some(7),
            }),
            what: "`==1.2.0` excludes tea-urn 1.4.0".to_owned(),
            mend: Some("cascade bump --repo urn".to_owned()),
            tag: None,
            package: None,
            fix: None,
        }],
        blocked_by: vec![RepoId::new("urn")],
    }
}
