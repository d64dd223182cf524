//! Reports of drift for tests: a small one known by hand, a hostile one, and one of many repositories.

use cascade_manifest::Level;
use cascade_plan::drift::{
    Adoption, Change, Drift, DriftEdge, DriftFinding, DriftLock, DriftPin, DriftRepo, EdgeState,
    Gone, Mark, MendStep, Missed, News, Released, SCHEMA, Spread, Unreleased,
};
use cascade_plan::{LockState, PinStatus, ReleaseMode, Severity};

const NOW: i64 = 1_772_431_200;
const DAY: i64 = 86_400;

/// Returns a small report in which everything occurs.
pub(crate) fn drift() -> Drift {
    let repos = [
        ("urn", 0, "v1.4.0"),
        ("leaf", 0, "v2.0.1"),
        ("kettle", 1, "v0.9.3"),
        ("app", 2, "v0.9.1"),
    ];
    let mut drift = Drift {
        schema: SCHEMA.to_owned(),
        workspace: "tea".to_owned(),
        taken: NOW,
        repos: repos.map(|(name, wave, tag)| repo(name, wave, tag)).into(),
        edges: vec![
            edge("urn", "kettle", EdgeState::InStep),
            edge("leaf", "kettle", EdgeState::LockContradicts),
            edge("urn", "app", EdgeState::Excluded),
            edge("kettle", "app", EdgeState::Behind),
        ],
        findings: vec![
            finding(1, "lock-contradicts", Severity::Block, "kettle"),
            finding(2, "pin-excluded", Severity::Warn, "app"),
            finding(3, "pin-behind", Severity::Info, "app"),
        ],
        change: Some(Change {
            against: NOW - 7 * DAY,
            new: vec!["00000000000000a1".to_owned()],
            gone: vec![Gone {
                id: "00000000000000ff".to_owned(),
                code: "tag-orphan".to_owned(),
                severity: Severity::Warn,
                repo: Some("leaf".to_owned()),
                since: Some(NOW - 40 * DAY),
            }],
            still: 2,
        }),
        trend: (0..10).map(mark).collect(),
        adoption: vec![Adoption {
            upstream: "urn".to_owned(),
            downstream: "app".to_owned(),
            package: "tea-urn".to_owned(),
            releases: 9,
            days: Spread {
                median: 12.5,
                p90: 40.0,
            },
            behind: Spread {
                median: 1.0,
                p90: 3.0,
            },
        }],
        mend: vec![MendStep {
            wave: 2,
            repo: "app".to_owned(),
            moves: vec!["pyproject.toml:7 urn ==1.2.0 -> ==1.4.0".to_owned()],
            command: "cascade bump --repo urn".to_owned(),
        }],
    };
    if let Some(urn) = drift.repos.first_mut() {
        urn.unreleased = unreleased(5, Level::Minor);
    }
    drift
}

fn repo(name: &str, wave: usize, tag: &str) -> DriftRepo {
    DriftRepo {
        name: name.to_owned(),
        path: name.to_owned(),
        wave,
        mode: ReleaseMode::Tag,
        owners: vec!["@tea/brewers".to_owned()],
        trouble: None,
        branch: Some("main".to_owned()),
        latest: vec![Released {
            package: format!("tea-{name}"),
            version: tag.trim_start_matches('v').to_owned(),
            tag: tag.to_owned(),
            commit: None,
            at: Some(NOW - 30 * DAY),
        }],
        unreleased: Unreleased::default(),
        committed: Some(NOW - 2 * DAY),
    }
}

fn unreleased(commits: usize, level: Level) -> Unreleased {
    let subject = |it| format!("feat: pour `{it}` cups at once");
    Unreleased {
        commits,
        level,
        since: Some(NOW - 21 * DAY),
        subjects: (0..commits.min(20)).map(subject).collect(),
    }
}

fn edge(upstream: &str, downstream: &str, state: EdgeState) -> DriftEdge {
    let lagging = state > EdgeState::Open;
    DriftEdge {
        upstream: upstream.to_owned(),
        downstream: downstream.to_owned(),
        declared: true,
        state,
        pins: vec![DriftPin {
            package: format!("tea-{upstream}"),
            path: "pyproject.toml".to_owned(),
            line: 7,
            requirement: "==1.2.0".to_owned(),
            version: Some("1.2.0".to_owned()),
            latest: Some("1.4.0".to_owned()),
            status: match state {
                EdgeState::Behind => PinStatus::Behind,
                EdgeState::Ahead => PinStatus::Ahead,
                EdgeState::Excluded => PinStatus::Excluded,
                _ => PinStatus::InStep,
            },
            lock: (state == EdgeState::LockContradicts).then(|| DriftLock {
                path: "uv.lock".to_owned(),
                line: Some(12),
                version: Some("1.1.0".to_owned()),
                state: LockState::Contradicts,
            }),
            missed: lagging.then(|| Missed {
                tag: "v1.3.0".to_owned(),
                at: Some(NOW - 61 * DAY),
                releases: 2,
            }),
        }],
    }
}

fn finding(number: usize, code: &str, severity: Severity, repo: &str) -> DriftFinding {
    DriftFinding {
        id: format!("{:016x}", 0xa0 + number),
        code: code.to_owned(),
        severity,
        repo: Some(repo.to_owned()),
        tag: None,
        path: Some(format!("{repo}/pyproject.toml")),
        line: Some(7),
        what: "`==1.2.0` on `tea-urn` excludes 1.4.0".to_owned(),
        mend: Some("cascade bump --repo urn".to_owned()),
        since: Some(NOW - 61 * DAY),
        owners: vec!["@tea/brewers".to_owned()],
        news: if number == 1 { News::New } else { News::Still },
        accepted: false,
    }
}

fn mark(week: i64) -> Mark {
    let some = usize::try_from((week * 7) % 5).unwrap();
    Mark {
        taken: NOW - (9 - week) * 7 * DAY,
        block: usize::from(week > 6),
        warn: some,
        info: 3,
        pins: 12,
        behind: 2 + some,
        excluded: 1,
        ahead: 0,
    }
}

/// What strangers may write into names, subjects, tags and paths.
pub(crate) const HOSTILE: [&str; 10] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</style><script>alert(1)</script>",
    "</title></svg><svg onload=alert(1)>",
    "a\u{202e}txt.exe\u{2066}\u{200b}",
    "nul\0bell\u{7}esc\u{1b}[31m",
    "<!--<script>]]>&lt;`code`&amp;",
    "${alert(1)}{{7*7}}\r\n<base href=//evil.example>",
];

/// Returns the small report with hostile text in every place that strangers write.
pub(crate) fn hostile() -> Drift {
    let mut drift = drift();
    let (like_repo, like_edge) = (drift.repos[0].clone(), drift.edges[2].clone());
    let like_finding = drift.findings[1].clone();
    drift.workspace = HOSTILE.concat();
    for (at, text) in HOSTILE.iter().enumerate() {
        let text = (*text).to_owned();
        let mut repo = DriftRepo {
            name: text.clone(),
            path: text.clone(),
            wave: 1,
            owners: vec![text.clone()],
            trouble: (at % 3 == 0).then(|| text.clone()),
            branch: Some(text.clone()),
            ..like_repo.clone()
        };
        repo.latest[0].tag.clone_from(&text);
        repo.latest[0].package.clone_from(&text);
        repo.unreleased.subjects = vec![text.clone(); 5];
        drift.repos.push(repo);
        let mut edge = like_edge.clone();
        edge.downstream.clone_from(&text);
        edge.pins[0].path.clone_from(&text);
        edge.pins[0].requirement.clone_from(&text);
        edge.pins[0].latest = Some(text.clone());
        drift.edges.push(edge);
        let id = format!("{at}{text}");
        drift.findings.push(DriftFinding {
            id: id.clone(),
            code: text.clone(),
            repo: Some(text.clone()),
            tag: Some(text.clone()),
            path: Some(format!("{text}/{text}")),
            what: text.clone(),
            mend: Some(format!("cascade {text}")),
            owners: vec![text.clone()],
            ..like_finding.clone()
        });
        if let Some(change) = &mut drift.change {
            change.new.push(id);
            change.gone[0].code.clone_from(&text);
        }
        drift.mend.push(MendStep {
            wave: 1,
            repo: text.clone(),
            moves: vec![text.clone()],
            command: text.clone(),
        });
    }
    HOSTILE[0].clone_into(&mut drift.adoption[0].package);
    drift
}

/// Returns a report of so many repositories, each on three before it, in eight waves.
pub(crate) fn many(repos: usize) -> Drift {
    let mut drift = drift();
    drift.workspace = format!("family of {repos}");
    let name = |it: usize| format!("acme-{it:04}");
    let wave = |it: usize| it * 8 / repos;
    let states = [
        EdgeState::InStep,
        EdgeState::InStep,
        EdgeState::Behind,
        EdgeState::InStep,
        EdgeState::Excluded,
        EdgeState::InStep,
        EdgeState::LockStale,
    ];
    (drift.repos, drift.edges, drift.findings) = (Vec::new(), Vec::new(), Vec::new());
    let step = drift.mend.remove(0);
    for at in 0..repos {
        let mut one = repo(&name(at), wave(at), "v1.4.0");
        if at % 2 == 0 {
            one.unreleased = unreleased(1 + at % 17, [Level::Minor, Level::Patch][at / 2 % 2]);
        }
        drift.repos.push(one);
        let ups = [at / 2, at / 3, (at * 7) % at.max(1)];
        let ups: std::collections::BTreeSet<usize> = ups.into();
        for up in ups.into_iter().filter(|it| wave(*it) < wave(at)) {
            let state = states[(at + up) % states.len()];
            drift.edges.push(edge(&name(up), &name(at), state));
        }
        for nth in 0..3 {
            let (code, severity) = [
                ("pin-excluded", Severity::Warn),
                ("pin-behind", Severity::Info),
                ("lock-contradicts", Severity::Block),
            ][nth];
            let mut one = finding(at * 3 + nth + 2, code, severity, &name(at));
            one.since = Some(NOW - i64::try_from(at * 13 % 400).unwrap() * DAY);
            drift.findings.push(one);
        }
        drift.mend.push(MendStep {
            wave: wave(at),
            repo: name(at),
            ..step.clone()
        });
    }
    drift
        .findings
        .sort_by_key(|it| (std::cmp::Reverse(it.severity), it.since));
    drift
}
