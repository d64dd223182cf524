//! `cascade release` in a family whose packages appear in a registry: nothing below is touched before
//! what it stands on is really there.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use cascade_tests::Town;
use serde_json::Value;

use crate::CASCADE;
use crate::bump::hooks;
use crate::family::{Said, cascade, family, refs};

/// `core` and `app`, which pins it; both appear in the folder of a registry.
fn market(timeout: &str) -> Town {
    market_with(timeout, &[], "")
}

/// A market whose `core` has these files too, and declares this.
pub(crate) fn market_with(timeout: &str, files: &[(&str, &str)], declared: &str) -> Town {
    let town = Town::new();
    let project = |name: &str, needs: &str| {
        format!("[project]\nname = \"{name}\"\nversion = \"1.0.0\"\ndependencies = [{needs}]\n")
    };
    town.repo(
        "core",
        "v1.0.0",
        &[("pyproject.toml", &project("core", ""))],
    );
    town.commit("core", "feat: more of it", files);
    town.git("core", &["push", "-q"]);
    let pinned = project("app", "\"core==1.0.0\"");
    town.repo("app", "v1.0.0", &[("pyproject.toml", &pinned)]);
    let remote = |name: &str| town.origin(name).display().to_string();
    town.workspace(&format!(
        "[workspace]\nname = \"town\"\nregistry = \"shelf\"\ntimeout = \"{timeout}\"\n\n\
         [registry.shelf]\nfolder = \"../registry\"\n\n\
         [repo.core]\nremote = \"{}\"\n{declared}\n[repo.app]\nremote = \"{}\"\nneeds = [\"core\"]\n",
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

pub(crate) fn publish(town: &Town, name: &str, version: &str) {
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
fn a_package_that_does_not_come_in_time_is_waited_for_and_resume_goes_on() {
    let town = market("1s");
    publisher(&town, "app", "0");
    let said = cascade(&town, &["release", "--repo", "core=minor", "--yes"]).exits(7);
    let said = said.says(&[
        "core  waiting  `core` 1.1.0 to be visible in `shelf`: never published",
        "next: cascade wait core/core@1.1.0",
        "app  skipped  it stands on core",
        "1 tag out",
        "to continue: cascade resume\n",
    ]);
    drop(said);
    assert!(refs(&town, "core").contains("refs/tags/v1.1.0"));
    assert!(!refs(&town, "app").contains("refs/tags/v1.0.1"));
    cascade(&town, &["release", "--repo", "core", "--yes"]).exits(7);
    publish(&town, "core", "1.1.0");
    let end = cascade(&town, &["resume"]);
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
        "to continue: cascade resume\n",
    ]);
    publish(&town, "core", "1.1.0");
    publish(&town, "app", "1.0.1");
    cascade(&town, &["resume"]).exits(0);
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

/// Writes a wheel that `import core` finds.
fn wheel(town: &Town, version: &str) {
    let at = town.path().join("registry/pypi");
    let file = fs::File::create(at.join(&files("core", version)[1])).unwrap();
    let mut zip = zip::ZipWriter::new(file);
    let info = format!("core-{version}.dist-info");
    let metadata = format!("Metadata-Version: 2.1\nName: core\nVersion: {version}\n");
    let tag = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    let record = format!("core.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n");
    for (path, text) in [
        ("core.py".to_owned(), format!("VERSION = '{version}'\n")),
        (format!("{info}/METADATA"), metadata),
        (format!("{info}/WHEEL"), tag.to_owned()),
        (format!("{info}/RECORD"), record),
    ] {
        zip.start_file(path, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

const SCRIPT: &str = "#!/bin/sh\necho \"$0 $CASCADE_REPO $CASCADE_TAG $CASCADE_PACKAGE\" >> ";

/// A script of the repository that says what it is told, and then this.
fn script(town_log: &str, end: &str) -> String {
    format!("{SCRIPT}{town_log}\n{end}\n")
}

#[test]
fn a_commit_that_is_not_ready_is_not_tagged() {
    for (end, code, says) in [
        ("echo red; exit 1", 3, "is not ready: `sh ready`: red"),
        (
            "echo running: 3 jobs; exit 1",
            7,
            "core  waiting  `sh ready` to say that",
        ),
    ] {
        let files = [("ready", end)];
        let town = market_with("2m", &files, "ready = [[\"sh\", \"ready\"]]\n");
        let plan = cascade(&town, &["plan", "--repo", "core=minor"]).exits(0);
        plan.says(&["  ready  sh ready"]);
        let said = cascade(&town, &["release", "--repo", "core=minor", "--yes"]).exits(code);
        said.says(&[says, "app  skipped"]);
        assert!(!refs(&town, "core").contains("refs/tags/v1.1.0"));
    }
}

#[test]
fn a_publisher_that_failed_ends_the_wait_and_one_that_is_done_does_not() {
    let declared = "publish-status = [\"sh\", \"status\"]\n";
    let red = market_with("5m", &[("status", "echo failed: job 7 is red")], declared);
    let said = cascade(&red, &["release", "--repo", "core=minor", "--yes"]).exits(5);
    said.says(&[
        "its publisher says: failed: job 7 is red",
        "out all the same: v1.1.0",
    ]);
    let done = market_with("1s", &[("status", "echo done")], declared);
    let said = cascade(&done, &["release", "--repo", "core=minor", "--yes"]).exits(7);
    said.says(&["still propagating: its publisher says that it is out"]);
}

#[test]
fn a_version_is_tried_before_anything_stands_on_it_and_announced_after() {
    let town = Town::new();
    if !town
        .command("uv")
        .arg("--version")
        .output()
        .is_ok_and(|it| it.status.success())
    {
        return;
    }
    drop(town);
    let log = tempfile::tempdir().unwrap();
    let log = log.path().join("log");
    let after = script(log.to_str().unwrap(), "exit 1");
    let smoke = "smoke = [[\"python\", \"-c\", \"import core; print(core.VERSION); assert core.VERSION == '1.1.0'\"], [\"python\", \"-c\", \"EXPR\"]]\nafter = [[\"./announce\"]]\n";
    for (expression, code) in [("1 / 1", 0), ("1 / 0", 5)] {
        let declared = smoke.replace("EXPR", expression);
        let town = market_with("2m", &[("announce", &after)], &declared);
        town.git("core", &["update-index", "--chmod=+x", "announce"]);
        town.git("core", &["commit", "-q", "-m", "fix: it runs"]);
        town.git("core", &["push", "-q"]);
        publish(&town, "core", "1.1.0");
        wheel(&town, "1.1.0");
        publish(&town, "app", "1.0.1");
        let said = cascade(&town, &["release", "--repo", "core=minor", "--yes"]).exits(code);
        if code == 0 {
            said.says(&[
                "core: trying `core` 1.1.0",
                "note: `./announce`, run after the release, failed",
            ]);
            let told = fs::read_to_string(&log).unwrap();
            assert!(told.contains("announce core v1.1.0"), "{told}");
            assert!(refs(&town, "app").contains("refs/tags/v1.0.1"));
        } else {
            said.says(&[
                "`core` 1.1.0 is out, and",
                "ZeroDivisionError",
                "app  skipped",
            ]);
            assert!(!refs(&town, "app").contains("refs/tags/v1.0.1"));
        }
    }
}

#[test]
fn a_gate_holds_everything_below_until_it_passes() {
    let town = market("2m");
    let file = town.work().join("workspace.toml");
    let declared = fs::read_to_string(&file).unwrap();
    let gate = "\n[[gate]]\nafter = [\"core\"]\nbefore = [\"app\"]\nrun = [[\"./e2e\"]]\n";
    town.workspace(&format!("{declared}{gate}"));
    publish(&town, "core", "1.1.0");
    publish(&town, "app", "1.0.1");
    let e2e = town.work().join("e2e");
    hooks::write(
        &e2e,
        "#!/bin/sh\necho \"$CASCADE_RELEASED does not fit\"\nexit 1\n",
    );
    cascade(&town, &["plan", "--repo", "core=minor"])
        .exits(0)
        .says(&["  gate   ./e2e tests core together"]);
    let said = cascade(&town, &["release", "--repo", "core=minor", "--yes"]).exits(5);
    said.says(&[
        "app  failed  the gate `./e2e` stays shut: core/core@1.1.0 does not fit",
        "next: ./e2e",
        "to continue: cascade resume\n",
    ]);
    assert!(!refs(&town, "app").contains("refs/tags/v1.0.1"));
    hooks::write(
        &e2e,
        "#!/bin/sh\ntest \"$CASCADE_RELEASED\" = core/core@1.1.0\n",
    );
    cascade(&town, &["resume"]).exits(0);
    assert!(refs(&town, "app").contains("refs/tags/v1.0.1"));
}

#[test]
fn a_package_that_nobody_knows_where_to_find_is_not_tagged() {
    let town = family();
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let file = town.work().join("workspace.toml");
    let declared = fs::read_to_string(&file).unwrap();
    town.workspace(&declared.replace("[repo.core]\n", "[repo.core]\nregistry = \"configured\"\n"));
    let home = town.path().join("home").display().to_string();
    let mut command = town.command(CASCADE);
    command
        .args(["release", "--repo", "core=minor", "--yes"])
        .env("CARGO_HOME", &home)
        .current_dir(town.work());
    let said = Said::from(&command.output().unwrap()).exits(3);
    said.says(&[
        "core  failed  `core` would be waited for, and no setting and no lock says which index has `core`",
        "set `registry` in [repo.core]",
    ]);
    assert!(!refs(&town, "core").contains("refs/tags/v1.3.0"));
}
