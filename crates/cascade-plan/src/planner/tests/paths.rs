//! Packages whose names are import paths, moved by their tags.

use super::{bump, changed, message, release, step, tags};
use crate::sample::{Sample, request};
use crate::{PinFate, PlanError, Purpose, RepoId, tag_plan};

const APP: &str = "module example.org/app\n\ngo 1.21\n\nrequire (\n\
    \texample.org/core v1.2.0 // not v1.1.0\n\texample.org/core/json v0.3.0\n\
    \texample.org/lib/v2 v2.0.1 // indirect\n)\n";

/// `core` with a module in `json`, `lib` at 2.0.1 on `core`, and `app` on both.
fn family() -> Sample {
    let lib = "module example.org/lib/v2\n\nrequire example.org/core v1.2.0\n";
    Sample::new(&[("core", ""), ("lib", "core"), ("app", "core lib")])
        .file("core", "go.mod", "module example.org/core\n")
        .file("core", "json/go.mod", "module example.org/core/json\n")
        .tag("core", "v1.2.0")
        .tag("core", "json/v0.3.0")
        .file("lib", "go.mod", lib)
        .tag("lib", "v2.0.1")
        .file("app", "go.mod", APP)
        .file(
            "app",
            "go.sum",
            "example.org/core v1.2.0 h1:0=\nexample.org/core v1.2.0/go.mod h1:0=\n",
        )
        .tag("app", "v0.9.0")
}

#[test]
fn a_release_writes_the_new_version_with_its_v_and_leaves_what_is_indirect() {
    let mut sample = family().commit("core", "feat: frames");
    let plan = release(&sample, &["core/example.org/core=minor"]);
    assert_eq!(changed(&plan), ["core", "lib", "app"]);
    assert_eq!(tags(step(&plan, "core")), ["v1.3.0"]);
    assert_eq!(tags(step(&plan, "lib")), ["v2.0.2"]);
    let app = step(&plan, "app");
    assert_eq!(tags(app), ["v0.9.1"]);
    let told = message(app);
    assert!(
        told.starts_with("fix(deps): example.org/core 1.2.0 -> 1.3.0\n"),
        "{told}"
    );
    let fates: Vec<_> = app.pins.iter().map(|it| (it.line, &it.fate)).collect();
    let indirect = "indirect: the ecosystem's own tool settles it".to_owned();
    assert_eq!(
        fates,
        [
            (6, &PinFate::Updated("v1.3.0".to_owned())),
            (8, &PinFate::Kept(indirect)),
        ]
    );
    let [lock] = &app.locks[..] else {
        panic!("{:?}", app.locks);
    };
    assert_eq!((lock.file.as_str(), lock.required), ("go.sum", true));
    assert_eq!(
        lock.commands,
        [
            vec!["go", "get", "example.org/core@v1.3.0"],
            vec!["go", "mod", "tidy"]
        ]
    );
    sample.apply(&plan);
    assert_eq!(
        sample.text("app", "go.mod"),
        APP.replace("core v1.2.0 // not", "core v1.3.0 // not")
    );
    let sample = sample.file("app", "go.sum", "example.org/core v1.3.0 h1:0=\n");
    assert!(changed(&release(&sample, &["core/example.org/core=minor"])).is_empty());
}

#[test]
fn a_module_in_a_folder_moves_alone_by_its_own_tag() {
    let fixed = family().commit("core", "fix: it");
    let plan = release(&fixed, &["core/example.org/core/json=patch"]);
    assert_eq!(changed(&plan), ["core", "app"]);
    assert_eq!(tags(step(&plan, "core")), ["json/v0.3.1"]);
    let sample = family();
    let (graph, snapshot) = (sample.graph(), sample.snapshot());
    let tag = |package: &str, version: &str| {
        let survey = sample.survey();
        let repo = RepoId::new("core");
        tag_plan(
            &graph,
            &snapshot,
            &survey,
            &repo,
            Some(package),
            Some(version),
        )
    };
    let tagged = tag("example.org/core/json", "0.4.0").unwrap();
    assert_eq!(tagged[0].1, "json/v0.4.0");
    let refused = tag("example.org/core", "2.0.0").unwrap_err();
    let PlanError::NotAVersion {
        help: Some(help), ..
    } = refused
    else {
        panic!("{refused:?}");
    };
    assert!(
        help.contains("belongs to a module `example.org/core/v2`"),
        "{help}"
    );
}

#[test]
fn a_new_major_version_needs_a_new_path() {
    let sample = family().commit("lib", "feat!: all of it");
    let held = step(&release(&sample, &["lib=major"]), "lib")
        .held
        .clone()
        .unwrap();
    assert!(
        held.why.contains("`example.org/lib/v2` can not be 3.0.0"),
        "{held:?}"
    );
    assert!(held.why.contains("`example.org/lib/v3`"), "{held:?}");
    let typed = sample.plan(&request(Purpose::Release, &["lib=3.0.0"]));
    assert!(
        matches!(typed, Err(PlanError::NotAVersion { .. })),
        "{typed:?}"
    );
    // A path that was changed starts its line.
    let renamed = sample.file("lib", "go.mod", "module example.org/lib/v3\n");
    let plan = release(&renamed, &["lib=major"]);
    assert_eq!(tags(step(&plan, "lib")), ["v3.0.0"]);
}

#[test]
fn a_requirement_of_another_major_version_is_refused_and_says_why() {
    let sample = family()
        .file("core", "go.mod", "module example.org/core/v2\n")
        .tag("core", "v2.0.0")
        .commit("core", "fix: it");
    let plan = release(&sample, &["core/example.org/core/v2=patch"]);
    assert_eq!(tags(step(&plan, "core")), ["v2.0.1"]);
    let lib = step(&plan, "lib");
    let held = lib.held.clone().unwrap();
    assert!(
        held.why
            .contains("only one that ends `/v2` takes a `v2.1.0`"),
        "{held:?}"
    );
    assert!(matches!(lib.pins[0].fate, PinFate::Refused(_)));
}

#[test]
fn two_major_versions_side_by_side_move_apart() {
    let sample = family()
        .file("core", "v2/go.mod", "module example.org/core/v2\n")
        .tag("core", "v2.0.0")
        .commit("core", "fix: it");
    let plan = release(&sample, &["core/example.org/core=patch"]);
    assert_eq!(tags(step(&plan, "core")), ["v1.2.1"]);
    let plan = release(&sample, &["core/example.org/core/v2=patch"]);
    assert_eq!(tags(step(&plan, "core")), ["v2.0.1"]);
    assert!(changed(&bump(&sample, &[])).is_empty());
}

#[test]
fn a_module_is_not_pinned_by_the_commit_that_releases_it() {
    let json = |replace: &str| {
        format!("module example.org/core/json\n\nrequire example.org/core v1.2.0\n{replace}")
    };
    let sample = family()
        .file("core", "json/go.mod", &json(""))
        .file("core", "json/go.sum", "example.org/core v1.2.0 h1:0=\n")
        .commit("core", "feat: frames");
    let asked = ["core/example.org/core=minor"];
    let plan = release(&sample, &asked);
    let core = step(&plan, "core");
    assert_eq!(tags(core), ["v1.3.0"]);
    assert!(matches!(&core.pins[0].fate, PinFate::Kept(why) if why.contains("this very commit")));
    // Once it is out, the pin follows as any other.
    let out = sample
        .clone()
        .tag("core", "v1.3.0")
        .commit("core", "docs: told");
    let core = bump(&out, &["core"]);
    assert_eq!(
        step(&core, "core").pins[0].fate,
        PinFate::Updated("v1.3.0".to_owned())
    );
    // A folder that stands in has no sums, so both move at once.
    let near = sample.file(
        "core",
        "json/go.mod",
        &json("replace example.org/core => ../\n"),
    );
    let plan = release(&near, &asked);
    assert_eq!(tags(step(&plan, "core")), ["json/v0.3.1", "v1.3.0"]);
}

#[test]
fn what_is_taken_back_is_not_offered_and_its_number_is_used_up() {
    let core = "module example.org/core\n\nretract [v1.3.0, v1.3.9]\n";
    let sample = family()
        .tag("core", "v1.2.5")
        .tag("core", "v1.3.0")
        .file("core", "go.mod", core)
        .commit("core", "fix: it");
    let survey = sample.survey();
    let package = &survey.repos[&RepoId::new("core")].packages[0];
    let version = |it: &Option<crate::TagHit>| it.as_ref().map(|it| it.version.text().to_owned());
    assert_eq!(version(&package.latest).as_deref(), Some("1.2.5"));
    assert_eq!(version(&package.retracted).as_deref(), Some("1.3.0"));
    let plan = bump(&sample, &[]);
    let fate = &step(&plan, "lib").pins[0].fate;
    assert_eq!(*fate, PinFate::Updated("v1.2.5".to_owned()));
    let plan = release(&sample, &["core/example.org/core=patch"]);
    assert_eq!(tags(step(&plan, "core")), ["v1.3.1"]);
    let typed = sample.plan(&request(Purpose::Release, &["core/example.org/core=1.2.6"]));
    assert!(matches!(typed, Err(PlanError::Below { .. })), "{typed:?}");

    let on = |version: &str| {
        let app = APP.replace("core v1.2.0", &format!("core {version}"));
        let survey = sample.clone().file("app", "go.mod", &app).survey();
        let findings = survey.repos[&RepoId::new("app")].findings.iter();
        let codes = findings.map(|it| it.code.0.to_owned());
        codes
            .filter(|it| it.starts_with("pin-"))
            .collect::<Vec<_>>()
    };
    assert_eq!(on("v1.3.0"), ["pin-retracted"]);
    assert_eq!(on("v1.4.0"), ["pin-ahead"]);
    assert_eq!(on("v1.2.5"), Vec::<String>::new());
}

#[test]
fn what_a_manifest_rules_out_is_not_its_latest() {
    let sample = family().tag("core", "v1.2.1").tag("core", "v1.3.0");
    let ruled_out = |versions: &[&str]| {
        let rows = versions
            .iter()
            .map(|it| format!("exclude example.org/core {it}\n"));
        let app = format!("{APP}{}", rows.collect::<String>());
        sample.clone().file("app", "go.mod", &app)
    };
    let fate = |sample: &Sample, asked: &[&str]| {
        let plan = bump(sample, asked);
        let steps = plan.steps.iter().filter(|it| it.repo.as_str() == "app");
        let mut pins = steps.flat_map(|it| it.pins.clone());
        pins.find(|it| it.upstream.name == "example.org/core")
            .map(|it| it.fate)
    };
    assert_eq!(
        fate(&ruled_out(&[]), &[]),
        Some(PinFate::Updated("v1.3.0".to_owned()))
    );
    let left = ruled_out(&["v1.3.0"]);
    assert_eq!(
        fate(&left, &[]),
        Some(PinFate::Updated("v1.2.1".to_owned()))
    );
    assert_eq!(fate(&ruled_out(&["v1.3.0", "v1.2.1"]), &[]), None);
    let why = "`go.mod` rules 1.3.0 out: `exclude`".to_owned();
    assert_eq!(
        fate(&left, &["core/example.org/core"]),
        Some(PinFate::Refused(why))
    );
    // It speaks for itself alone.
    let plan = bump(&left, &[]);
    assert_eq!(
        step(&plan, "lib").pins[0].fate,
        PinFate::Updated("v1.3.0".to_owned())
    );
}

#[test]
fn what_stands_for_one_version_keeps_it_from_moving() {
    let sample = family().tag("core", "v1.3.0");
    let replaced = |row: &str| {
        let sample = sample
            .clone()
            .file("app", "go.mod", &format!("{APP}replace {row}\n"));
        let plan = bump(&sample, &["core/example.org/core"]);
        let app = step(&plan, "app").clone();
        (app.pins[0].fate.clone(), app.held.is_some())
    };
    let moved = (PinFate::Updated("v1.3.0".to_owned()), false);
    assert_eq!(
        replaced("example.org/core => example.org/fork v1.2.9"),
        moved
    );
    assert_eq!(replaced("example.org/core v1.1.0 => ./near"), moved);
    for (row, why) in [
        (
            "example.org/core v1.2.0 => example.org/fork v1.2.9",
            "at its old version alone",
        ),
        (
            "example.org/core v1.2.0 => ./near",
            "at its old version alone",
        ),
        (
            "example.org/core v1.3.0 => example.org/fork v1.3.1",
            "would be replaced",
        ),
    ] {
        let (fate, held) = replaced(row);
        assert!(
            matches!(&fate, PinFate::Refused(it) if it.contains(why)),
            "{row}: {fate:?}"
        );
        assert!(held, "{row}");
    }
}
