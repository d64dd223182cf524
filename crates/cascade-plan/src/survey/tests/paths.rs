//! Packages whose names are import paths: found by them, tagged below their folders.

use super::pins;
use crate::sample::Sample;
use crate::{LockState, PinStatus, RepoId, Snapshot};

/// `core` and `app`, which requires this of it.
fn pair(module: &str, tags: &[&str], rows: &str) -> Sample {
    let mut sample = Sample::new(&[("core", ""), ("app", "core")])
        .file("core", "go.mod", &format!("module {module}\n\ngo 1.21\n"))
        .file(
            "app",
            "go.mod",
            &format!("module example.org/app\n\ngo 1.21\n\n{rows}\n"),
        );
    for tag in tags {
        sample = sample.tag("core", tag);
    }
    sample
}

fn templates(snapshot: &Snapshot) -> Vec<(&str, &str, Option<&str>)> {
    let packages = snapshot.repos[&RepoId::new("x")].packages.iter();
    packages
        .map(|it| {
            let latest = it.latest.as_ref().map(|it| it.version.text());
            (it.name.as_str(), it.template.text(), latest)
        })
        .collect()
}

#[test]
fn a_requirement_is_a_minimum() {
    for (row, status) in [
        ("require example.org/core v1.4.2", PinStatus::InStep),
        ("require example.org/core v1.4.1", PinStatus::Behind),
        ("require example.org/core v0.9.0", PinStatus::Behind),
        (
            "require example.org/core v1.4.2-0.20191109021931-daa7c04131f5",
            PinStatus::Behind,
        ),
        (
            "require example.org/core v0.0.0-20191109021931-daa7c04131f5",
            PinStatus::Behind,
        ),
        ("require example.org/core v1.5.0", PinStatus::Ahead),
        (
            "require example.org/core v0.0.0\nreplace example.org/core => ../core",
            PinStatus::Placeholder,
        ),
        ("require example.org/core main", PinStatus::Unbounded),
        // Of what lies below no version is named, and of what it has not reached none either.
        ("require example.org/core/sub v0.2.0", PinStatus::Unbounded),
        ("require example.org/core/v2 v2.0.0", PinStatus::Unbounded),
    ] {
        let survey = pair("example.org/core", &["v1.4.2", "v2.0.0"], row).survey();
        let [pin] = pins(&survey, "app") else {
            panic!("{row}");
        };
        assert_eq!(pin.status, status, "{row}");
        // A tag of the second major version is none of this path's.
        assert_eq!(pin.latest.as_ref().unwrap().text(), "1.4.2");
        assert!(pin.orders());
    }
    let other = pair(
        "example.org/corelib",
        &["v1.0.0"],
        "require example.org/core v1.0.0",
    );
    assert!(pins(&other.survey(), "app").is_empty());
}

#[test]
fn an_older_major_version_is_excluded_by_its_path() {
    let rows = "require example.org/core v1.9.0\nrequire gopkg.in/yaml.v2 v2.4.0";
    let survey = pair("example.org/core/v2", &["v1.9.0", "v2.1.0"], rows).survey();
    let [pin] = pins(&survey, "app") else {
        panic!("one pin");
    };
    assert_eq!(pin.status, PinStatus::Excluded);
    assert_eq!(pin.latest.as_ref().unwrap().text(), "2.1.0");
}

#[test]
fn the_longest_known_path_is_meant() {
    let rows = "require (\n\texample.org/core v1.0.0\n\texample.org/core/json v0.3.0\n\
                \texample.org/core/json/fast v0.1.0 // indirect\n)\n\
                tool example.org/core/json/cmd/gen\ntool example.org/app/cmd/own";
    let survey = pair(
        "example.org/core",
        &["v1.0.0", "json/v0.3.0", "json/v0.2.0"],
        rows,
    )
    .file("core", "json/go.mod", "module example.org/core/json\n")
    .survey();
    let found: Vec<_> = pins(&survey, "app")
        .iter()
        .map(|it| {
            (
                it.line,
                it.kind.word(),
                it.upstream.name.as_str(),
                it.status,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (6, "runtime", "example.org/core", PinStatus::InStep),
            (7, "runtime", "example.org/core/json", PinStatus::InStep),
            (8, "indirect", "example.org/core/json", PinStatus::Unbounded),
            (10, "tool", "example.org/core/json", PinStatus::Unbounded),
        ]
    );
}

#[test]
fn tags_stand_below_the_folder_of_a_module() {
    let module = |path: &str| format!("module {path}\n");
    let mut sample = Sample::new(&[("x", "")])
        .file("x", "go.mod", &module("example.org/x"))
        .file("x", "v2/go.mod", &module("example.org/x/v2"))
        .file("x", "sub/go.mod", &module("example.org/x/sub"))
        .file(
            "x",
            "sub/deep/v3/go.mod",
            &module("example.org/x/sub/deep/v3"),
        )
        .file(
            "x",
            "docs/examples/go.mod",
            &module("example.org/x/docs/examples"),
        )
        .file(
            "x",
            "internal/testintegration/go.mod",
            &module("example.org/x/internal/testintegration"),
        )
        .file(
            "x",
            "package.json",
            "{\"name\": \"x\", \"version\": \"1.0.0\"}\n",
        )
        .file("x", "go.work", "use (\n\t.\n\t./sub\n)\n");
    for tag in [
        "v1.4.0",
        "v2.1.0",
        "sub/v0.3.0",
        "sub/deep/v3.0.1",
        "sub/deep/v2.0.0",
        "docs/examples/v0.33.0",
        "0.15.0",
    ] {
        sample = sample.tag("x", tag);
    }
    let snapshot = sample.snapshot();
    assert_eq!(
        templates(&snapshot),
        [
            ("example.org/x", "v{version}", Some("1.4.0")),
            ("x", "v{version}", Some("2.1.0")),
            (
                "example.org/x/sub/deep/v3",
                "sub/deep/v{version}",
                Some("3.0.1")
            ),
            ("example.org/x/sub", "sub/v{version}", Some("0.3.0")),
            ("example.org/x/v2", "v{version}", Some("2.1.0")),
        ]
    );
    let auxiliary = snapshot.repos[&RepoId::new("x")].manifests.iter();
    let auxiliary: Vec<_> = auxiliary
        .filter(|it| it.auxiliary)
        .map(|it| &*it.path)
        .collect();
    assert_eq!(
        auxiliary,
        ["docs/examples/go.mod", "internal/testintegration/go.mod"]
    );
    let findings = &sample.survey().repos[&RepoId::new("x")].findings;
    assert!(
        findings.iter().all(|it| it.code.0 != "template-collision"),
        "{findings:?}"
    );
}

#[test]
fn sums_govern_their_own_folder_alone() {
    let rows = "require example.org/core v1.4.2";
    let sum = "example.org/core v1.4.1 h1:0=\nexample.org/core v1.4.2 h1:0=\n";
    let survey = pair("example.org/core", &["v1.4.2"], rows)
        .file("app", "go.sum", sum)
        .file(
            "app",
            "sub/go.mod",
            "module example.org/app/sub\nrequire example.org/core v1.4.2\n",
        )
        .file(
            "app",
            "old/go.mod",
            "module example.org/app/old\nrequire example.org/core v1.4.2\n",
        )
        .file("app", "old/go.sum", "example.org/core v1.4.1 h1:0=\n")
        .survey();
    let states: Vec<_> = pins(&survey, "app")
        .iter()
        .map(|it| (it.manifest.as_str(), it.lock.as_ref().map(|it| it.state)))
        .collect();
    assert_eq!(
        states,
        [
            ("go.mod", Some(LockState::InStep)),
            ("old/go.mod", Some(LockState::Contradicts)),
            ("sub/go.mod", None),
        ]
    );
    let held = pins(&survey, "app")[0].lock.as_ref().unwrap();
    assert_eq!(held.version.as_deref(), Some("1.4.2"));
}
