use crate::sample::Sample;

use super::*;

fn package(name: &str, version: &str, pins: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n[dependencies]\n{pins}")
}

fn family() -> Sample {
    Sample::new(&[("core", ""), ("app", "core"), ("site", "core")])
        .file("core", "Cargo.toml", &package("core", "1.3.0", ""))
        .tag("core", "v1.1.0")
        .commit("core", "feat: more")
        .tag("core", "v1.2.0")
        .commit("core", "feat: yet more")
        .tag("core", "v1.3.0")
        .commit("core", "fix: one thing\n\nbody")
        .file(
            "app",
            "Cargo.toml",
            &package("app", "1.0.0", "core = \"=1.1.0\"\n"),
        )
        .file(
            "site",
            "Cargo.toml",
            &package("site", "1.0.0", "core = \"1.3.0\"\n"),
        )
}

fn drift(sample: &Sample, dates: &[(&str, i64)]) -> Drift {
    let (graph, mut snapshot) = (sample.graph(), sample.snapshot());
    let survey = crate::survey(&graph, &snapshot);
    let asked = tags_to_date(&snapshot, &survey.repos);
    for (repo, tags) in asked {
        let audit = snapshot
            .repos
            .get_mut(&repo)
            .unwrap()
            .audit
            .get_or_insert_default();
        audit.scope = crate::Scope::Releases;
        let meant = dates.iter().filter(|it| tags.contains(it.0));
        audit.tagged = meant.map(|(tag, at)| ((*tag).to_owned(), *at)).collect();
    }
    Drift::of(&graph, &snapshot, &crate::survey(&graph, &snapshot))
}

const DATES: &[(&str, i64)] = &[("v1.1.0", 10), ("v1.2.0", 20), ("v1.3.0", 30)];

#[test]
fn a_pin_is_as_old_as_the_first_release_that_it_missed() {
    let drift = drift(&family(), DATES);
    let edge = |down: &str| drift.edges.iter().find(|it| it.downstream == down).unwrap();
    assert_eq!(
        (edge("app").state, edge("site").state),
        (EdgeState::Excluded, EdgeState::InStep)
    );
    let missed = Missed {
        tag: "v1.2.0".to_owned(),
        at: Some(20),
        releases: 2,
    };
    assert_eq!(edge("app").pins[0].missed, Some(missed));
    assert_eq!(edge("site").pins[0].missed, None);
    let found = drift
        .findings
        .iter()
        .find(|it| it.code == "pin-excluded")
        .unwrap();
    assert_eq!(
        (found.since, found.path.as_deref(), found.line),
        (Some(20), Some("app/Cargo.toml"), Some(5))
    );
}

#[test]
fn a_maintenance_release_that_came_late_makes_no_pin_younger() {
    let late = [("v1.1.0", 10), ("v1.2.0", 40), ("v1.3.0", 30)];
    let found = drift(&family(), &late);
    let missed = found
        .edges
        .iter()
        .find(|it| it.downstream == "app")
        .unwrap();
    assert_eq!(missed.pins[0].missed.as_ref().unwrap().tag, "v1.3.0");
}

#[test]
fn an_id_stays_when_the_line_and_the_versions_change() {
    let before = drift(&family(), DATES);
    let after = family()
        .commit("core", "feat: more again")
        .tag("core", "v1.4.0")
        .file(
            "app",
            "Cargo.toml",
            &package("app", "1.0.0", "\n\ncore = \"=1.2.0\"\n"),
        );
    let after = drift(&after, DATES);
    let id = |drift: &Drift| {
        let found = drift
            .findings
            .iter()
            .find(|it| it.code == "pin-excluded")
            .unwrap();
        (found.id.clone(), found.what.clone())
    };
    let ((a, was), (b, is)) = (id(&before), id(&after));
    assert_eq!(a, b);
    assert_ne!(was, is);
}

#[test]
fn no_two_findings_have_one_id() {
    let twice = "core = \"=1.1.0\"\n[dev-dependencies]\ncore = \"=1.1.0\"\n";
    let sample = family().file("app", "Cargo.toml", &package("app", "1.0.0", twice));
    let drift = drift(&sample, DATES);
    let ids: std::collections::BTreeSet<&str> = drift.findings.iter().map(|it| &*it.id).collect();
    assert_eq!(ids.len(), drift.findings.len());
    assert!(
        drift
            .findings
            .iter()
            .filter(|it| it.code == "pin-excluded")
            .count()
            == 2
    );
}

#[test]
fn what_is_written_reads_back_the_same() {
    let drift = drift(&family(), DATES);
    let text = serde_json::to_string(&drift).unwrap();
    assert_eq!(serde_json::from_str::<Drift>(&text).unwrap(), drift);
}

#[test]
fn unreleased_work_has_its_subjects_and_its_level() {
    let drift = drift(&family(), DATES);
    let core = drift.repos.iter().find(|it| it.name == "core").unwrap();
    assert_eq!(core.unreleased.subjects, ["fix: one thing"]);
    assert_eq!(
        (core.unreleased.commits, core.unreleased.level),
        (1, Level::Patch)
    );
    assert_eq!(core.latest[0].at, Some(30));
}
