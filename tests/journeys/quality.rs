//! Quality gates: run when asked for, reported with their numbers, and before a release begins.

use std::fmt::Write as _;
use std::fs;

use cascade_tests::Town;

use crate::family::{cascade, crate_toml, declaration, family, refs};

/// The family, with these gates in `core`.
fn gated(gates: &[(&str, &str, &str)]) -> Town {
    let town = family();
    let mut text = declaration(
        &town,
        &[
            ("core", ""),
            ("lib", "core"),
            ("app", "core lib"),
            ("side", ""),
        ],
    );
    for (name, script, more) in gates {
        let _ = write!(
            text,
            "\n[[repo.core.quality]]\nname = \"{name}\"\nrun = [\"sh\", \"-c\", '''{script}''']\n{more}\n"
        );
    }
    town.workspace(&text);
    town
}

const COVERAGE: (&str, &str, &str) = (
    "coverage",
    "echo '{\"totals\": {\"percent\": 91.5}}' > cover.json",
    "file = \"cover.json\"\nvalue = { json = \"/totals/percent\", min = 85 }",
);

#[test]
fn a_check_runs_them_when_asked_and_says_so_when_not() {
    let lint = ("lint", "echo three warnings; exit 2", "critical = false");
    let tests = ("tests", "test -f Cargo.toml && touch left-behind", "");
    let town = gated(&[tests, COVERAGE, lint]);
    let plain = cascade(&town, &["check", "--fail-on", "block"]).exits(0);
    plain.says(&["3 quality gates were not run", "cascade check --quality"]);
    let said = cascade(&town, &["check", "--quality"]).exits(1);
    let said = said.says(&[
        "core: 2 of 3 passed, 2 of 2 critical",
        "quality-failed",
        "three warnings",
        "core: measuring `tests`",
    ]);
    assert!(!said.err.contains("not run"), "{}", said.err);
    assert!(!town.clone_of("core").join("left-behind").exists());
    let args = [
        "check",
        "--quality",
        "--format",
        "json",
        "--fail-on",
        "block",
    ];
    let json = cascade(&town, &args).exits(0).json();
    let core = &json["quality"][0];
    assert_eq!(core["repo"], "core");
    assert_eq!((&core["passed"], &core["total"]), (&2.into(), &3.into()));
    assert_eq!(core["gates"][1]["value"], 91.5);
    assert_eq!(core["gates"][1]["min"], 85.0);
    assert!(core["gates"][2]["why"].as_str().unwrap().contains("three"));
    let other = cascade(&town, &["check", "--quality", "--repo", "lib"]);
    assert!(!other.out.contains("passed"), "{}", other.out);
}

#[test]
fn a_release_is_refused_before_anything_is_done_where_a_critical_one_fails() {
    let town = gated(&[COVERAGE, ("tests", "exit 1", "")]);
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let before = refs(&town, "core");
    let release = ["release", "--repo", "core", "--yes"];
    let said = cascade(&town, &release).exits(3);
    said.says(&[
        "core: 1 of 2 passed, 1 of 2 critical",
        "a critical quality gate of `core` failed, so nothing was released",
        "mend it and push, then run",
    ]);
    assert_eq!(refs(&town, "core"), before);
    cascade(&town, &["plan", "--repo", "core", "--out", "plan.json"]).exits(0);
    cascade(&town, &["apply", "plan.json", "--yes"]).exits(3);
    assert_eq!(refs(&town, "core"), before);
    let file = town.work().join("workspace.toml");
    let mended = fs::read_to_string(&file)
        .unwrap()
        .replace("exit 1", "exit 0");
    town.workspace(&mended);
    cascade(&town, &release)
        .exits(0)
        .says(&["core: 2 of 2 passed, 2 of 2 critical"]);
    assert_ne!(refs(&town, "core"), before);
}

/// Replaces a part of the workspace's file.
fn declare(town: &Town, from: &str, to: &str) {
    let file = town.work().join("workspace.toml");
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    town.workspace(&text.replace(from, to));
}

/// How often a gate ran that counts itself.
fn ran(town: &Town) -> usize {
    let counted = fs::read_to_string(town.path().join("ran"));
    counted.map_or(0, |it| it.lines().count())
}

/// A family whose `core` asks for a release and has a gate that counts how often it is run, and fails
/// where a file is there.
fn counted() -> Town {
    let town = gated(&[("tests", "echo x >> RAN && test ! -f broken", "")]);
    let file = town.path().join("ran").display().to_string();
    declare(&town, "RAN", &file);
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    town
}

const BEGIN: [&str; 6] = ["release", "--repo", "core", "--until", "committed", "--yes"];

#[test]
fn who_goes_on_with_a_release_is_not_asked_again_for_what_passed() {
    let town = counted();
    cascade(&town, &BEGIN).exits(7);
    assert_eq!(ran(&town), 1);
    cascade(&town, &["resume", "--until", "committed", "--yes"]).exits(7);
    assert_eq!(ran(&town), 1, "it passed at this commit");
    // What was declared since has not.
    declare(&town, "test ! -f broken", "exit 1");
    let before = refs(&town, "core");
    for args in [&["resume", "--yes"][..], &["retry", "core"]] {
        cascade(&town, args).exits(3).says(&[
            "core: 0 of 1 passed",
            "a critical quality gate of `core` failed, so nothing more was released",
        ]);
    }
    assert_eq!((refs(&town, "core"), ran(&town)), (before, 3));
    declare(&town, "exit 1", "true");
    cascade(&town, &["resume", "--yes"]).exits(0);
    assert_eq!(ran(&town), 4);
}

#[test]
fn what_is_planned_anew_is_measured_at_its_new_commit() {
    let town = counted();
    cascade(&town, &BEGIN).exits(7);
    town.commit("core", "feat: more", &[("broken", "")]);
    town.git("core", &["push", "-q"]);
    let before = refs(&town, "core");
    cascade(&town, &["resume", "--yes"]).exits(8);
    cascade(&town, &["resume", "--replan", "--yes"])
        .exits(3)
        .says(&["core: 0 of 1 passed", "nothing more was released"]);
    assert_eq!((refs(&town, "core"), ran(&town)), (before, 2));
    town.git("core", &["rm", "-q", "broken"]);
    town.commit("core", "fix: mend it", &[]);
    town.git("core", &["push", "-q"]);
    cascade(&town, &["resume", "--replan", "--yes"]).exits(0);
    assert_eq!(ran(&town), 3);
}

#[test]
fn a_tag_is_made_where_every_critical_one_passes_and_not_elsewhere() {
    let town = counted();
    let manifest = crate_toml("core", "1.3.0", "");
    let files = [("Cargo.toml", manifest.as_str()), ("broken", "")];
    town.commit("core", "chore: 1.3.0", &files);
    let tag = ["tag", "--repo", "core"];
    cascade(&town, &tag).exits(3).says(&[
        "core: 0 of 1 passed",
        "a critical quality gate of `core` failed, so nothing was tagged",
    ]);
    assert_eq!(town.git("core", &["tag", "--list", "v1.3*"]), "");
    town.git("core", &["rm", "-q", "broken"]);
    town.commit("core", "fix: mend it", &[]);
    cascade(&town, &tag).exits(0).says(&["1 of 1 critical"]);
    assert_eq!(town.git("core", &["tag", "--list", "v1.3*"]), "v1.3.0");
    // At the same commit it is not run again, nor of anybody else.
    town.git("core", &["tag", "-d", "v1.3.0"]);
    cascade(&town, &tag).exits(0);
    assert_eq!(ran(&town), 2);
    let side = crate_toml("side", "0.2.0", "");
    town.commit("side", "chore: 0.2.0", &[("Cargo.toml", &side)]);
    cascade(&town, &["tag", "--repo", "side"]).exits(0);
    assert_eq!(ran(&town), 2);
}

#[test]
fn what_is_not_critical_and_whoever_is_not_released_hold_nothing_up() {
    let town = gated(&[("lint", "exit 1", "critical = false")]);
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    let said = cascade(&town, &["release", "--repo", "core", "--yes"]).exits(0);
    said.says(&["core: 0 of 1 passed, 0 of 0 critical", "quality-failed"]);
    let town = gated(&[("tests", "exit 1", "")]);
    town.commit("side", "feat: frames", &[]);
    town.git("side", &["push", "-q"]);
    cascade(&town, &["release", "--repo", "side", "--yes"]).exits(0);
}

#[test]
fn an_interrupt_ends_the_command_and_whatever_it_started() {
    let town = gated(&[("slow", "sleep 600", "")]);
    let mut child = town
        .command(crate::CASCADE)
        .args(["check", "--quality"])
        .current_dir(town.work())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    let pid = child.id().to_string();
    assert!(
        town.command("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// The audit of a real npm, asked of a registry that has none: an error, and never a pass.
#[test]
fn an_audit_that_fails_is_no_pass() {
    let town = Town::new();
    let there = town.command("npm").arg("--version").output();
    if !there.is_ok_and(|it| it.status.success()) {
        eprintln!("skipped: `npm` is not installed");
        return;
    }
    town.repo(
        "app",
        "v1.0.0",
        &[(
            "package.json",
            "{\"name\": \"app\", \"version\": \"1.0.0\"}",
        )],
    );
    town.workspace(
        "[workspace]\nname = \"t\"\n[repo.app]\n[[repo.app.quality]]\nname = \"audit\"\n\
         run = [\"npm\", \"audit\", \"--json\"]\naudit = \"npm\"\n",
    );
    // Without a lock npm says so, in JSON, and ends with 1.
    let said = cascade(&town, &["check", "--quality", "--select", "quality-*"]).exits(1);
    said.says(&["quality-failed", "lock"]);
}
