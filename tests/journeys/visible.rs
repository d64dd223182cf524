//! `cascade release` in a family whose packages appear in a registry: nothing below is touched before
//! what it stands on is really there.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use cascade_tests::Town;
use serde_json::Value;

use crate::CASCADE;
use crate::bump::hooks;
use crate::family::{Said, cascade, refs};

/// `core` and `app`, which pins it; both appear in the folder of a registry.
fn market(timeout: &str) -> Town {
    let town = Town::new();
    let project = |name: &str, needs: &str| {
        format!("[project]\nname = \"{name}\"\nversion = \"1.0.0\"\ndependencies = [{needs}]\n")
    };
    town.repo(
        "core",
        "v1.0.0",
        &[("pyproject.toml", &project("core", ""))],
    );
    town.commit("core", "feat: more of it", &[]);
    town.git("core", &["push", "-q"]);
    let pinned = project("app", "\"core==1.0.0\"");
    town.repo("app", "v1.0.0", &[("pyproject.toml", &pinned)]);
    let remote = |name: &str| town.origin(name).display().to_string();
    town.workspace(&format!(
        "[workspace]\nname = \"town\"\nregistry = \"shelf\"\ntimeout = \"{timeout}\"\n\n\
         [registry.shelf]\nfolder = \"../registry\"\n\n\
         [repo.core]\nremote = \"{}\"\n\n[repo.app]\nremote = \"{}\"\nneeds = [\"core\"]\n",
        remote("core"),
        remote("app")
    ));
    fs::create_dir_all(town.path().join("registry/pypi")).unwrap();
    publish(&town, "core", "1.0.0");
    publish(&town, "app", "1.0.0");
    town
}

fn files(name: &str, version: &str) -> [String; 2] {
    [
        format!("{name}-{version}.tar.gz"),
        format!("{name}-{version}-py3-none-any.whl"),
    ]
}

fn publish(town: &Town, name: &str, version: &str) {
    for file in files(name, version) {
        let at = town.path().join("registry/pypi").join(&file);
        #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
        fs::write(at, &file).unwrap();
    }
}

/// Publishes what a pushed tag says, in parts, a while after the push ended: as a forge's CI does.
fn publisher(town: &Town, name: &str, pause: &str) {
    let shelf = town.path().join("registry/pypi");
    let shelf = shelf.display();
    let script = format!(
        "#!/bin/sh\nwhile read -r old new ref; do\n  case \"$ref\" in refs/tags/v*)\n    version=\"${{ref#refs/tags/v}}\"\n\
         ls {shelf} > {shelf}/../{name}.saw\n\
         (sleep {pause}; echo x > {shelf}/{name}-$version-py3-none-any.whl; sleep 1.5; echo x > {shelf}/{name}-$version.tar.gz) >/dev/null 2>&1 &\n\
         ;; esac\ndone\n"
    );
    hooks::write(&town.origin(name).join("hooks/post-receive"), &script);
}

#[test]
fn what_stands_on_a_package_waits_until_it_is_really_there() {
    let town = market("2m");
    publisher(&town, "core", "0.5");
    publisher(&town, "app", "0.1");
    let plan = cascade(&town, &["plan", "--repo", "core=minor"]).exits(0);
    plan.says(&["wait   until core 1.1.0 is visible in shelf, for 2m at most"]);
    let plan = cascade(&town, &["plan", "--repo", "core=minor", "--format", "json"]).exits(0);
    assert_eq!(waits(&plan.json()), ["core 1.1.0", "app 1.0.1"]);
    let said = cascade(&town, &["release", "--repo", "core=minor", "--yes"]).exits(0);
    said.says(&[
        "core: waiting for `core` 1.1.0 in `shelf`: not listed yet, 1.0.0 is",
        "listed without sdist",
        "core: `core` 1.1.0 is visible in `shelf`: 2 files",
        "app: `app` 1.0.1 is visible in `shelf`: 2 files",
    ]);
    let saw = fs::read_to_string(town.path().join("registry/app.saw")).unwrap();
    for file in files("core", "1.1.0") {
        assert!(
            saw.contains(&file),
            "app was tagged before {file} was there:\n{saw}"
        );
    }
}

/// Returns what a plan waits for, in its order.
fn waits(plan: &Value) -> Vec<String> {
    let steps = plan["steps"].as_array().unwrap().iter();
    let acts = steps.flat_map(|it| it["actions"].as_array().unwrap());
    let waits = acts.filter(|it| it["do"] == "await-visible");
    let text = |it: &Value, key: &str| it["awaited"][key].as_str().unwrap().to_owned();
    waits
        .map(|it| format!("{} {}", text(it, "name"), text(it, "version")))
        .collect()
}

#[test]
fn a_package_that_does_not_come_in_time_is_waited_for_and_the_same_command_continues() {
    let town = market("1s");
    publisher(&town, "app", "0");
    let said = cascade(&town, &["release", "--repo", "core=minor", "--yes"]).exits(7);
    let said = said.says(&[
        "core  waiting  `core` 1.1.0 to be visible in `shelf`: never published",
        "next: cascade wait core/core@1.1.0",
        "app  skipped  it stands on core",
        "1 tag out",
        "to continue: cascade release --repo core\n",
    ]);
    drop(said);
    assert!(refs(&town, "core").contains("refs/tags/v1.1.0"));
    assert!(!refs(&town, "app").contains("refs/tags/v1.0.1"));
    cascade(&town, &["release", "--repo", "core", "--yes"]).exits(7);
    publish(&town, "core", "1.1.0");
    let end = cascade(&town, &["release", "--repo", "core", "--yes"]);
    // The package of `app` appears in parts, a second and a half after its tag.
    assert!(matches!(end.code, 0 | 7), "{}\n{}", end.out, end.err);
    assert!(refs(&town, "app").contains("refs/tags/v1.0.1"));
    assert!(
        !refs(&town, "core").contains("refs/tags/v1.2.0"),
        "it moved again"
    );
}

#[test]
fn an_interrupt_while_it_waits_leaves_what_is_out_and_says_how_to_go_on() {
    let town = market("5m");
    let mut child = town
        .command(CASCADE)
        .args(["release", "--repo", "core=minor", "--yes"])
        .current_dir(town.work())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|it| it.unwrap().contains("not listed yet")));
    town.call("kill", &["-INT", &child.id().to_string()]);
    let said = Said::from(&child.wait_with_output().unwrap()).exits(130);
    said.says(&[
        "core  interrupted",
        "1 tag out",
        "to continue: cascade release --repo core\n",
    ]);
    publish(&town, "core", "1.1.0");
    publish(&town, "app", "1.0.1");
    cascade(&town, &["release", "--repo", "core", "--yes"]).exits(0);
    assert!(refs(&town, "app").contains("refs/tags/v1.0.1"));
    assert!(
        !refs(&town, "core").contains("refs/tags/v1.2.0"),
        "it moved again"
    );
}

#[test]
fn what_was_yanked_stops_what_stands_on_it() {
    let town = market("2m");
    publish(&town, "core", "1.1.0");
    let core = "name = \"core\"";
    assert!(town.read("core", "pyproject.toml").contains(core));
    let json = town.path().join("registry/pypi/core");
    fs::create_dir_all(&json).unwrap();
    let link = |version: &str, yanked: &str| {
        format!(
            "<a href=\"../core-{version}.tar.gz#sha256=00\"{yanked}>core-{version}.tar.gz</a>\n"
        )
    };
    let page = [
        link("1.0.0", ""),
        link("1.1.0", " data-yanked=\"it is broken\""),
    ]
    .concat();
    #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
    fs::write(json.join("index.html"), page).unwrap();
    let said = cascade(&town, &["release", "--repo", "core=minor", "--yes"]).exits(5);
    said.says(&[
        "core  failed  `core` 1.1.0 in `shelf`: it was taken back (yanked): it is broken",
        "out all the same: v1.1.0",
        "app  skipped",
    ]);
    assert!(!refs(&town, "app").contains("refs/tags/v1.0.1"));
}
