//! `--until STEP`: a run that goes no further, and what `resume` does of the rest; `after` runs once.

use std::fs;

use cascade_tests::Town;

use crate::bump::hooks;
use crate::family::{cascade, family, refs};
use crate::visible::{market_with, publish};

fn declared(town: &Town, from: &str, to: &str) {
    let file = town.work().join("workspace.toml");
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    town.workspace(&text.replacen(from, to, 1));
}

fn refs_of_all(town: &Town) -> Vec<String> {
    ["core", "lib", "app", "side"]
        .map(|it| refs(town, it))
        .to_vec()
}

#[test]
fn a_run_goes_no_further_than_it_is_wanted_to() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    declared(
        &town,
        "[repo.core]\n",
        "[repo.core]\nrelease = \"pull-request\"\n",
    );
    let before = refs_of_all(&town);
    let release = |step: &str| {
        let args = [
            "release",
            "--repo",
            "core=major",
            "--yes",
            "--wait",
            "0s",
            "--until",
            step,
        ];
        cascade(&town, &args)
    };
    release("published")
        .exits(2)
        .says(&["is none of: committed, proposed"]);
    release("committed").exits(7).says(&[
        "core  stopped  it is committed",
        "lib  skipped",
        "to continue: cascade resume",
    ]);
    assert_eq!(refs_of_all(&town), before, "something was pushed");
    cascade(&town, &["resume", "--until", "proposed"])
        .exits(7)
        .says(&["core  stopped  it is proposed"]);
    assert!(refs(&town, "core").contains("refs/heads/cascade/"));
    town.git("core", &["fetch", "-q"]);
    let own = [
        "for-each-ref",
        "--format=%(refname)",
        "refs/remotes/origin/cascade",
    ];
    let own = town.git("core", &own);
    town.git("core", &["merge", "-q", &own]);
    town.git("core", &["push", "-q"]);
    cascade(&town, &["resume", "--until", "merged"])
        .exits(7)
        .says(&["core  stopped  it is merged"]);
    assert!(!refs(&town, "core").contains("refs/tags/v2.0.0"));
    // Nothing is waited for behind the tags: each is done, and what stands on it goes on.
    cascade(&town, &["resume", "--until", "tagged"]).exits(0);
    assert!(refs(&town, "app").contains("refs/tags/v2.0.1"));
}

#[test]
fn only_what_is_named_moves() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    cascade(
        &town,
        &["release", "--repo", "core=major", "--only", "core", "--yes"],
    )
    .exits(0);
    assert!(refs(&town, "core").contains("refs/tags/v2.0.0"));
    assert!(!refs(&town, "lib").contains("refs/tags/v0.3.2"));
}

#[test]
fn what_follows_a_release_runs_once_and_not_before_it_is_wanted() {
    let log = tempfile::tempdir().unwrap();
    let log = log.path().join("log");
    let announce = format!("echo \"$CASCADE_TAG\" >> {}\n", log.display());
    let town = market_with(
        "2m",
        &[("announce", &announce)],
        "after = [[\"sh\", \"announce\"]]\n",
    );
    publish(&town, "core", "1.1.0");
    publish(&town, "app", "1.0.1");
    let hook = town.origin("app").join("hooks/pre-receive");
    hooks::write(&hook, "#!/bin/sh\nexit 1\n");
    let release = [
        "release",
        "--repo",
        "core=minor",
        "--yes",
        "--until",
        "visible",
    ];
    cascade(&town, &release)
        .exits(5)
        .says(&["core  stopped  it is visible", "app  failed"]);
    assert!(!log.exists(), "it was announced");
    cascade(&town, &["resume"])
        .exits(5)
        .says(&["core  out  v1.1.0"]);
    fs::remove_file(&hook).unwrap();
    cascade(&town, &["resume"]).exits(0);
    assert_eq!(fs::read_to_string(&log).unwrap(), "v1.1.0\n");
    cascade(&town, &["runs", "show"])
        .exits(0)
        .says(&["core: a command of its `after` has run"]);
}

#[test]
fn a_rehearsal_makes_pre_releases_in_a_staging_registry_or_nothing() {
    let town = market_with("2m", &[], "after = [[\"false\"]]\n");
    let staged = [
        "release",
        "--repo",
        "core=minor",
        "--yes",
        "--until",
        "staged",
    ];
    cascade(&town, &staged)
        .exits(2)
        .says(&["--pre rc --until staged"]);
    cascade(
        &town,
        &["plan", "--repo", "core=minor", "--out", "plan.json"],
    )
    .exits(0);
    cascade(&town, &["apply", "plan.json", "--yes", "--until", "staged"])
        .exits(2)
        .says(&["this would make real ones"]);
    let rehearsal = [&staged[..], &["--pre", "rc"]].concat();
    cascade(&town, &rehearsal).exits(2).says(&["set `staging`"]);
    declared(
        &town,
        "registry = \"shelf\"\n",
        "registry = \"shelf\"\nstaging = \"stage\"\n",
    );
    declared(
        &town,
        "[registry.shelf]",
        "[registry.stage]\nfolder = \"../stage\"\n\n[registry.shelf]",
    );
    fs::create_dir_all(town.path().join("stage/pypi")).unwrap();
    for (name, version) in [
        ("core", "1.0.0"),
        ("app", "1.0.0"),
        ("core", "1.1.0rc1"),
        ("app", "1.0.1rc1"),
    ] {
        publish(&town, name, version);
    }
    let (shelf, stage) = (
        town.path().join("registry/pypi"),
        town.path().join("stage/pypi"),
    );
    for file in fs::read_dir(shelf).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), stage.join(file.file_name())).unwrap();
        if file.file_name().to_string_lossy().contains("rc1") {
            fs::remove_file(file.path()).unwrap();
        }
    }
    let said = cascade(&town, &rehearsal).exits(7);
    said.says(&[
        "core  stopped  it is staged",
        "`core` 1.1.0rc1 is visible in `stage`",
        "app  out",
    ]);
}
