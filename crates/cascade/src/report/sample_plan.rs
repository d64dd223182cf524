//! A small plan for the tests of reports, made by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use cascade_manifest::{Kind, Level};
use cascade_plan::{
    Action, Ask, Evidence, Held, PackageId, PinFate, PinMove, Plan, Purpose, Reason, Release,
    ReleaseMode, RepoId, Request, RunId, Step, What,
};

use super::sample::oid;

/// Returns a plan that releases `urn`, moves `app`, and holds `site`.
pub(crate) fn plan() -> Plan {
    Plan {
        schema: "cascade.plan/1".to_owned(),
        workspace: "town".to_owned(),
        request: Request {
            purpose: Purpose::Release,
            asks: vec![Ask {
                repo: "urn".to_owned(),
                package: None,
                what: What::Unsaid,
            }],
            only: BTreeSet::new(),
            skip: BTreeSet::new(),
            pins_only: false,
            allow_churn: false,
            pre: None,
            downgrade: None,
        },
        taken: 1_700_000_000,
        run: RunId("0123456789ab".to_owned()),
        steps: vec![urn(), app(), site()],
    }
}

fn step(repo: &str, wave: usize, after: &[&str]) -> Step {
    Step {
        repo: RepoId::new(repo),
        path: repo.to_owned(),
        remote: None,
        branch: Some("main".to_owned()),
        mode: ReleaseMode::Tag,
        base: oid('a'),
        wave,
        after: after.iter().map(|it| RepoId::new(*it)).collect(),
        releases: Vec::new(),
        pins: Vec::new(),
        locks: Vec::new(),
        actions: Vec::new(),
        held: None,
    }
}

fn release(repo: &str, name: &str, versions: (&str, &str), reason: Reason) -> Release {
    Release {
        package: PackageId {
            repo: RepoId::new(repo),
            ecosystem: "python".to_owned(),
            name: name.to_owned(),
        },
        from: Some(versions.0.to_owned()),
        to: versions.1.to_owned(),
        tag: format!("v{}", versions.1),
        out: false,
        level: Level::Minor,
        reason,
        evidence: Arc::default(),
    }
}

fn urn() -> Step {
    let evidence = Evidence {
        level: Level::Minor,
        commit: oid('d'),
        kind: "feat".to_owned(),
        subject: "feat: pour\u{1b}[2J".to_owned(),
    };
    Step {
        releases: vec![Release {
            evidence: [evidence].into(),
            ..release("urn", "tea-urn", ("1.4.0", "1.5.0"), Reason::Commits)
        }],
        actions: vec![
            Action::Tag {
                name: "v1.5.0".to_owned(),
                message: "tea-urn 1.5.0\n\nCascade-Run: 0123456789ab".to_owned(),
            },
            Action::Push {
                branch: Some("main".to_owned()),
                tags: vec!["v1.5.0".to_owned()],
            },
        ],
        ..step("urn", 0, &[])
    }
}

fn app() -> Step {
    let urn = release("urn", "tea-urn", ("1.4.0", "1.5.0"), Reason::Commits).package;
    Step {
        releases: vec![Release {
            level: Level::Patch,
            ..release(
                "app",
                "tea-app",
                ("0.9.1", "0.9.2"),
                Reason::Upstream {
                    package: urn.clone(),
                    to: "1.5.0".to_owned(),
                },
            )
        }],
        pins: vec![
            pin(&urn, 7, "==1.4.0", PinFate::Updated("==1.5.0".to_owned())),
            pin(
                &urn,
                9,
                "<2",
                PinFate::Refused("it has an upper bound only".to_owned()),
            ),
        ],
        actions: vec![
            Action::Write {
                path: "pyproject.toml".to_owned(),
                before: "[project]\ndependencies = [\"tea-urn==1.4.0\"]\n".into(),
                after: "[project]\ndependencies = [\"tea-urn==1.5.0\"]\n".to_owned(),
            },
            Action::Commit {
                message: "fix(deps): tea-urn 1.4.0 -> 1.5.0\n\nCascade-Run: 0123456789ab"
                    .to_owned(),
            },
        ],
        ..step("app", 1, &["urn"])
    }
}

fn pin(upstream: &PackageId, line: usize, from: &str, fate: PinFate) -> PinMove {
    PinMove {
        manifest: "pyproject.toml".to_owned(),
        line,
        section: "project.dependencies".to_owned(),
        kind: Kind::Runtime,
        auxiliary: false,
        upstream: upstream.clone(),
        from: from.to_owned(),
        version: "1.5.0".to_owned(),
        fate,
    }
}

fn site() -> Step {
    Step {
        mode: ReleaseMode::Manual,
        held: Some(Held {
            why: "a person releases it".to_owned(),
            help: Some("release site by hand, then `cascade release --repo urn`".to_owned()),
        }),
        ..step("site", 1, &["urn"])
    }
}
