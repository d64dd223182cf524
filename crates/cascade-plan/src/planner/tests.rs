use crate::sample::{Sample, cargo, python, request, vcs};
use crate::{
    Action, LockMove, PinFate, PinStatus, Plan, PlanError, Purpose, Reason, RepoId, Step, tag_plan,
};
use cascade_manifest::Move;
use proptest::prelude::*;

mod charts;
mod delivering;
mod deploys;
mod files;
mod holds;
mod javascript;
mod laws;
mod locks;
mod moving;
mod paths;
mod policies;
mod pre_releases;
mod refusals;
mod releases;
mod spellings;
mod visible;

const LIBRARY: &str = "core = \"=1.2.0\"";

const BOTH: &str = "core = \"1.2\"\nlib = { version = \"0.3\", default-features = false } # both";

/// `core` 1.2.0, `lib` that pins it exactly, `app` on both, and `side`, which stands on nothing.
fn family() -> Sample {
    Sample::new(&[
        ("core", ""),
        ("lib", "core"),
        ("app", "core lib"),
        ("side", ""),
    ])
    .file("core", "Cargo.toml", &cargo("core", "1.2.0", ""))
    .tag("core", "v1.2.0")
    .file("lib", "Cargo.toml", &cargo("lib", "0.3.1", LIBRARY))
    .tag("lib", "v0.3.1")
    .file("app", "Cargo.toml", &cargo("app", "2.0.0", BOTH))
    .tag("app", "v2.0.0")
    .file("side", "Cargo.toml", &cargo("side", "0.1.0", ""))
    .tag("side", "v0.1.0")
}

fn bump(sample: &Sample, asks: &[&str]) -> Plan {
    sample.plan(&request(Purpose::Bump, asks)).expect("plan")
}

fn release(sample: &Sample, asks: &[&str]) -> Plan {
    sample.plan(&request(Purpose::Release, asks)).expect("plan")
}

fn step<'a>(plan: &'a Plan, repo: &str) -> &'a Step {
    let mut steps = plan.steps.iter();
    steps.find(|it| it.repo == RepoId::new(repo)).expect("step")
}

fn changed(plan: &Plan) -> Vec<&str> {
    let steps = plan.steps.iter().filter(|it| it.changes());
    steps.map(|it| it.repo.as_str()).collect()
}

fn message(step: &Step) -> &str {
    let mut actions = step.actions.iter();
    actions
        .find_map(|it| match it {
            Action::Commit { message } => Some(message.as_str()),
            _ => None,
        })
        .expect("commit")
}

fn tags(step: &Step) -> Vec<&str> {
    let actions = step.actions.iter();
    actions
        .filter_map(|it| match it {
            Action::Tag { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect()
}
