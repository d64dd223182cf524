use crate::sample::{Sample, cargo, python, vcs};
use crate::{LockState, PinStatus, PinSurvey, RepoId, Survey};

mod paths;

fn pins<'a>(survey: &'a Survey, repo: &str) -> &'a [PinSurvey] {
    &survey.repos[&RepoId::new(repo)].pins
}

fn order(survey: &Survey) -> Vec<&str> {
    survey.order.iter().map(RepoId::as_str).collect()
}

/// `up` at these tags and `down` with this requirement on it.
fn pair(tags: &[&str], requirement: &str) -> Survey {
    let mut sample = Sample::new(&[("up", ""), ("down", "up")])
        .file("up", "pyproject.toml", &vcs("Up.Stream", ""))
        .file(
            "down",
            "pyproject.toml",
            &python("down", "1.0.0", &format!("\"up_stream{requirement}\"")),
        )
        .tag("down", "v1.0.0");
    for tag in tags {
        sample = sample.tag("up", tag);
    }
    sample.survey()
}

#[test]
fn a_pin_is_judged_by_the_version_that_it_names() {
    let tags = ["v1.4.2", "v2.1.0rc1", "2.1.x", "v0.9.0"];
    for (requirement, status) in [
        ("==1.4.2", PinStatus::InStep),
        (">=1.4.2", PinStatus::InStep),
        ("~=1.4", PinStatus::Behind),
        (">=1.0,<2", PinStatus::Behind),
        ("==1.4.1", PinStatus::Excluded),
        (">=1.0,<1.4", PinStatus::Excluded),
        (">=1.5", PinStatus::Ahead),
        ("<2", PinStatus::Unbounded),
        ("!=1.0", PinStatus::Unbounded),
        ("", PinStatus::Unbounded),
        (">=0", PinStatus::Behind),
        ("==0.0.0", PinStatus::Placeholder),
    ] {
        let survey = pair(&tags, requirement);
        let pin = &pins(&survey, "down")[0];
        assert_eq!(pin.status, status, "{requirement}");
        assert_eq!(pin.latest.as_ref().unwrap().text(), "1.4.2");
        assert_eq!((pin.line, pin.package.as_deref()), (4, Some("down")));
    }
    let untagged = pair(&["2.1.x"], ">=1.0");
    assert_eq!(pins(&untagged, "down")[0].status, PinStatus::Untagged);
}

#[test]
fn a_peer_open_to_the_next_major_is_not_ahead_of_this_one() {
    let status = |peer: &str| {
        let down = format!("{{\"name\": \"down\", \"peerDependencies\": {{\"up\": \"{peer}\"}}}}");
        let survey = Sample::new(&[("up", ""), ("down", "up")])
            .file(
                "up",
                "package.json",
                "{\"name\": \"up\", \"version\": \"5.4.1\"}",
            )
            .file("down", "package.json", &down)
            .tag("up", "v5.4.1")
            .survey();
        pins(&survey, "down")[0].status
    };
    assert_eq!(status("^5.0.0 || ^6.0.0"), PinStatus::Behind);
    assert_eq!(status("^6.0.0"), PinStatus::Ahead);
    assert_eq!(status("^3.0.0 || ^4.0.0"), PinStatus::Excluded);
}

#[test]
fn a_package_never_pins_itself_and_its_own_repository_it_may() {
    let sample = Sample::new(&[("x", "")])
        .file("x", "Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n[workspace.dependencies]\na = { path = \"a\", version = \"1.0\" }\n")
        .file("x", "a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[dev-dependencies]\na = { path = \".\" }\n")
        .file("x", "b/Cargo.toml", &cargo("b", "1.0.0", "a = { workspace = true }"))
        .tag("x", "a-v1.0.0")
        .survey();
    let rows: Vec<_> = pins(&sample, "x")
        .iter()
        .map(|it| {
            (
                it.manifest.as_str(),
                it.kind.word(),
                it.package.as_deref(),
                it.status,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("Cargo.toml", "workspace", None, PinStatus::InStep),
            ("b/Cargo.toml", "runtime", Some("b"), PinStatus::Unbounded),
        ]
    );
}

#[test]
fn dev_and_auxiliary_pins_never_order() {
    let dev = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[dev-dependencies]\nb = \"1\"\n";
    let survey = Sample::new(&[("a", ""), ("b", "a")])
        .file("a", "Cargo.toml", dev)
        .file(
            "a",
            "examples/Cargo.toml",
            &cargo("demo", "0.1.0", "b = \"1\""),
        )
        .file("b", "Cargo.toml", &cargo("b", "1.0.0", "a = \"1\""))
        .survey();
    assert_eq!(order(&survey), ["a", "b"]);
    assert_eq!(survey.waves.len(), 2);
    assert!(survey.findings.is_empty());
}

#[test]
fn a_circle_of_pins_is_told_edge_by_edge_and_needs_order_alone() {
    let survey = Sample::new(&[("a", ""), ("b", "a"), ("c", "")])
        .file(
            "a",
            "Cargo.toml",
            &cargo("a", "1.0.0", "b = { version = \"1\", optional = true }"),
        )
        .file("b", "Cargo.toml", &cargo("b", "1.0.0", "a = \"1\""))
        .survey();
    assert_eq!(order(&survey), ["a", "b", "c"]);
    let [cycle] = survey.findings.as_slice() else {
        panic!("{:?}", survey.findings)
    };
    assert_eq!(cycle.code.0, "cycle");
    for word in [
        "a stands on b by Cargo.toml:6 (optional)",
        "b stands on a by Cargo.toml:6 (runtime)",
    ] {
        assert!(cycle.what.contains(word), "{}", cycle.what);
    }
    assert_eq!(
        cycle.mend.as_deref(),
        Some("drop the optional pin on `b` in a/Cargo.toml:6")
    );
}

#[test]
fn a_lock_is_the_nearest_above_and_judged_by_what_it_records() {
    let lock = |version: &str, recorded: &str| {
        format!(
            "version = 1\nrevision = 3\nrequires-python = \">=3.9\"\n\n[[package]]\nname = \"down\"\nversion = \"1.0.0\"\nsource = {{ editable = \".\" }}\ndependencies = [\n    {{ name = \"up-stream\" }},\n]\n\n[package.metadata]\nrequires-dist = [{{ name = \"up-stream\", specifier = \"{recorded}\" }}]\n\n[[package]]\nname = \"up-stream\"\nversion = \"{version}\"\nsource = {{ registry = \"https://registry.example/simple\" }}\n"
        )
    };
    for (version, recorded, state) in [
        ("1.4.2", ">=1.4", LockState::InStep),
        ("1.4.2", ">=1.0", LockState::Stale),
        ("1.0.0", ">=1.0", LockState::Contradicts),
    ] {
        let survey = Sample::new(&[("up", ""), ("down", "up")])
            .file("up", "pyproject.toml", &vcs("Up.Stream", ""))
            .tag("up", "v1.4.2")
            .file(
                "down",
                "py/pyproject.toml",
                &python("down", "1.0.0", "\"up_stream>=1.4\""),
            )
            .file("down", "uv.lock", &lock(version, recorded))
            .survey();
        let held = pins(&survey, "down")[0].lock.as_ref().expect("lock");
        assert_eq!(
            (held.file.as_str(), held.version.as_deref()),
            ("uv.lock", Some(version))
        );
        assert_eq!(held.state, state, "{version} {recorded}");
    }
}

#[test]
fn an_alias_is_held_by_the_copy_that_is_installed_under_its_name() {
    let down = r#"{"name": "down", "dependencies": {"up": "^2.0.0", "old": "npm:up@^1.0.0"}}"#;
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {},
        "node_modules/up": {"version": "2.0.0"},
        "node_modules/old": {"name": "up", "version": "1.4.0"}}}"#;
    let survey = Sample::new(&[("up", ""), ("down", "up")])
        .file(
            "up",
            "package.json",
            r#"{"name": "up", "version": "2.0.0"}"#,
        )
        .file("down", "package.json", down)
        .file("down", "package-lock.json", lock)
        .survey();
    let held = pins(&survey, "down").iter().map(|it| {
        let lock = it.lock.as_ref().expect("lock");
        (it.requirement.as_str(), lock.version.as_deref(), lock.state)
    });
    let mut held: Vec<_> = held.collect();
    held.sort_by_key(|it| it.0);
    assert_eq!(
        held,
        [
            ("^1.0.0", Some("1.4.0"), LockState::InStep),
            ("^2.0.0", Some("2.0.0"), LockState::InStep)
        ]
    );
}

#[test]
fn what_a_source_holds_is_no_contradiction() {
    let sources = "\n[tool.uv.sources]\nup = { git = \"https://forge.example/up.git\" }\n";
    let down = python("down", "1.0.0", "\"up>=2.0\"") + sources;
    let lock = "version = 1\nrequires-python = \">=3.9\"\n\n[[package]]\nname = \"up\"\nversion = \"1.9.1.dev4\"\nsource = { git = \"https://forge.example/up.git#1111111111111111111111111111111111111111\" }\n";
    let survey = Sample::new(&[("up", ""), ("down", "up")])
        .file("up", "pyproject.toml", &vcs("up", ""))
        .file("down", "pyproject.toml", &down)
        .file("down", "uv.lock", lock)
        .survey();
    let held = pins(&survey, "down")[0].lock.as_ref().expect("lock");
    assert_eq!(held.version.as_deref(), Some("1.9.1.dev4"));
    assert_eq!(held.state, LockState::InStep);
}

#[test]
fn levels_count_from_what_the_branch_contains_and_latest_from_all() {
    let mut sample = Sample::new(&[("x", "")])
        .file("x", "pyproject.toml", &python("click", "8.5.0.dev", ""))
        .tag("x", "v8.4.0")
        .commit("x", "feat: more")
        .commit("x", "docs: less");
    sample.at("x").lost.push("v8.5.0".to_owned());
    let survey = sample.survey();
    let package = &survey.repos[&RepoId::new("x")].packages[0];
    assert_eq!(package.latest.as_ref().unwrap().tag, "v8.5.0");
    assert_eq!(package.since, 2);
    assert_eq!(package.evidence.len(), 1);
    // `8.5.0.dev` stands below 8.5.0, so nothing is pending; and on main that is no mismatch.
    assert!(!package.pending);
    let findings = &survey.repos[&RepoId::new("x")].findings;
    assert!(findings.iter().all(|it| it.code.0 != "version-mismatch"));
}
