//! The locks of charts.

use cascade_manifest::helm::{LockedChart, Seal};

use super::*;
use crate::LockState;

/// A chart that stands on the chart of `core`, by this requirement.
fn chart(wanted: &str) -> String {
    format!(
        "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- name: core\n  version: {wanted}\n  \
         repository: oci://registry.example/charts\n- name: redis\n  version: 17.2.0\n  \
         repository: https://charts.bitnami.com/bitnami\n  condition: redis.enabled\n"
    )
}

/// Its lock, as Helm makes it.
fn lock(held: &str, digest: &str) -> String {
    format!(
        "dependencies:\n- name: core\n  repository: oci://registry.example/charts\n  version: {held}\n- name: redis\n  \
         repository: https://charts.bitnami.com/bitnami\n  version: 17.2.0\ndigest: sha256:{digest}\n\
         generated: \"2022-09-30T08:49:11.0457529+02:00\"\n"
    )
}

/// What locks have as digest: of the exact pin and of the range, before and after.
const EXACT: &str = "65448af5600cae9375df11938d20554dbb02a1cb08f5d0e644416c74d2aad9ca";
const MOVED: &str = "c519fd2b4c24f31c11d74d012640684fb7a402e44816683ec72801c3a5b627a4";
const RANGE: &str = "fb262268a53cba899503ac658d932f93618f847f37b4df7e1ca4343e777349d0";
const LATER: &str = "94faa6b3522b700d509af243974a33270fc04ef62ba3cfaa775bfd33a514ffb0";

fn family(wanted: &str, lock: &str) -> Sample {
    let core = "[repo.core]\ncharts = [\"oci://registry.example/charts/core\"]\n";
    Sample::new(&[("core", ""), ("deploy", "core")])
        .declare("[repo.core]\n", core)
        .file("core", "Cargo.toml", &cargo("core", "1.2.0", ""))
        .tag("core", "v1.2.0")
        .commit("core", "feat: more")
        .file("deploy", "app/Chart.yaml", &chart(wanted))
        .file("deploy", "app/Chart.lock", lock)
}

/// Returns the texts that a step writes, by path, and its commit's subject.
fn written(step: &Step) -> (Vec<(&str, &str)>, String) {
    let writes = step.actions.iter().filter_map(|it| match it {
        Action::Write { path, after, .. } => Some((path.as_str(), after.as_str())),
        _ => None,
    });
    let message = step.actions.iter().find_map(|it| match it {
        Action::Commit { message } => message.lines().next(),
        _ => None,
    });
    (writes.collect(), message.unwrap_or_default().to_owned())
}

#[test]
fn the_digests_of_these_tests_are_those_of_helm() {
    for (wanted, held, digest) in [
        ("1.2.0", "1.2.0", EXACT),
        ("1.3.0", "1.3.0", MOVED),
        ("^1.2.0", "1.2.0", RANGE),
        ("^1.2.0", "1.3.0", LATER),
    ] {
        let read = LockedChart::of(&chart(wanted), &lock(held, digest)).expect("a pair");
        assert_eq!(read.seal, Seal::Right);
    }
}

#[test]
fn the_lock_moves_with_the_pin_in_one_commit() {
    let sample = family("1.2.0", &lock("1.2.0", EXACT));
    for plan in [
        release(&sample, &["core=1.3.0"]),
        bump(&sample, &["core=1.3.0"]),
    ] {
        let (writes, subject) = written(step(&plan, "deploy"));
        let mut wanted = [
            ("app/Chart.lock", lock("1.3.0", MOVED)),
            ("app/Chart.yaml", chart("1.3.0")),
        ];
        wanted.sort();
        let wanted = wanted.each_ref().map(|it| (it.0, it.1.as_str()));
        assert_eq!(writes, wanted);
        assert_eq!(subject, "fix(deps): core 1.2.0 -> 1.3.0");
    }
}

#[test]
fn a_range_stays_and_its_lock_moves() {
    let sample = family("^1.2.0", &lock("1.2.0", RANGE));
    let plan = release(&sample, &["core=1.3.0"]);
    let deploy = step(&plan, "deploy");
    let (writes, subject) = written(deploy);
    let moved = lock("1.3.0", LATER);
    assert_eq!(writes, [("app/Chart.lock", moved.as_str())]);
    assert_eq!(subject, "chore(deps): lock app/Chart.lock");
    assert!(matches!(deploy.pins[0].fate, PinFate::Kept(_)));
    assert_eq!(deploy.resolves().count(), 1, "{deploy:?}");
    // What is locked already stays.
    let plan = release(&family("^1.2.0", &moved), &["core=1.3.0"]);
    assert_eq!(written(step(&plan, "deploy")).0, []);
}

/// Returns why the pin of `deploy` can not move.
fn refused(sample: &Sample) -> String {
    let plan = release(sample, &["core=1.3.0"]);
    let deploy = step(&plan, "deploy");
    assert!(deploy.held.is_some(), "{deploy:?}");
    assert_eq!(written(deploy).0, []);
    match &deploy.pins[0].fate {
        PinFate::Refused(why) => why.clone(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_lock_that_can_not_move_along_holds_the_pin() {
    let spoilt = family("1.2.0", &lock("1.2.0", MOVED));
    assert_eq!(
        refused(&spoilt),
        "`app/Chart.lock` does not agree with it as it is: first `helm dependency update app`"
    );
    let unread = refused(&family("1.2.0", "dependencies: [\n"));
    assert!(
        unread.starts_with("`app/Chart.lock` can not be read: "),
        "{unread}"
    );
    let sound = || family("1.2.0", &lock("1.2.0", EXACT));
    let said = |sample: Sample, mode: &str| {
        let lines = format!("[repo.deploy]\nlock = \"{mode}\"\n");
        sample.declare("[repo.deploy]\n", &lines)
    };
    assert_eq!(
        refused(&said(sound(), "tool")),
        "`app/Chart.lock` would have to move, which `lock = \"tool\"` leaves to `helm dependency update app`"
    );
    let plan = release(&said(spoilt, "off"), &["core=1.3.0"]);
    let moved = chart("1.3.0");
    assert_eq!(
        written(step(&plan, "deploy")).0,
        [("app/Chart.yaml", moved.as_str())]
    );
}

#[test]
fn a_copy_that_git_tracks_holds_the_pin() {
    let sound = || family("1.2.0", &lock("1.2.0", EXACT));
    for path in ["app/charts/core-1.2.0.tgz", "app/charts/core/Chart.yaml"] {
        let told = refused(&sound().file("deploy", path, "name: core\n"));
        assert!(told.contains(&format!("`{path}`")), "{told}");
        assert!(
            told.ends_with("then `helm dependency update app`"),
            "{told}"
        );
    }
    for path in ["app/charts/core-more-1.2.0.tgz", "charts/core-1.2.0.tgz"] {
        let other = sound().file("deploy", path, "x");
        let plan = release(&other, &["core=1.3.0"]);
        assert_eq!(written(step(&plan, "deploy")).0.len(), 2, "{path}");
    }
}

#[test]
fn how_a_lock_stands_is_told() {
    let told = |wanted: &str, lock: &str| {
        let survey = family(wanted, lock).survey();
        let pin = survey.repos[&RepoId::new("deploy")].pins[0].clone();
        let lock = pin.lock.expect("a lock");
        assert_eq!(lock.file, "app/Chart.lock");
        (lock.state, lock.version)
    };
    let held = Some("1.2.0".to_owned());
    let exact = lock("1.2.0", EXACT);
    assert_eq!(told("1.2.0", &exact), (LockState::InStep, held.clone()));
    assert_eq!(
        told("1.3.0", &exact),
        (LockState::Contradicts, held.clone())
    );
    assert_eq!(told("^1.2.0", &exact), (LockState::Stale, held));
    let without = exact.replace("name: core", "name: other");
    assert_eq!(told("1.2.0", &without), (LockState::Stale, None));
}
