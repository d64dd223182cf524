//! Clones for reports: a machine with `workspace.toml` alone says what one with checkouts says, and
//! nothing is ever written or run that it did not make.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use cascade_tests::Town;
use serde_json::Value;

use crate::family::{Said, bytes_below, cascade_in, crate_toml, family};

mod deeper;

/// Findings that only a checkout can have.
const OF_CHECKOUTS: &[&str] = &[
    "dirty",
    "detached-head",
    "hook-missing",
    "no-upstream-branch",
    "wrong-branch",
];
/// What is another on every machine, or of a checkout alone.
const OWN: &[&str] = &["fetched", "dirty", "ahead", "behind"];
const REPORT: &[&str] = &["fetch", "--mode", "report"];

/// The family, with files of every kind that a survey reads at its head and at its tags, on servers that
/// know filters.
fn town() -> Town {
    let town = family();
    let lock = "version = 4\n\n[[package]]\nname = \"core\"\nversion = \"1.1.0\"\n\n[[package]]\nname = \"lib\"\nversion = \"0.3.1\"\ndependencies = [\"core\"]\n";
    commit(
        &town,
        "lib",
        &[
            ("Cargo.lock", lock),
            ("CHANGELOG.md", "# Changes\n\n## 0.3.1\n"),
        ],
    );
    let web = "{\n  \"name\": \"web\",\n  \"version\": \"1.0.0\",\n  \"dependencies\": {\"side-js\": \"^0.1.0\"}\n}\n";
    commit(
        &town,
        "app",
        &[
            ("web/package.json", web),
            (".npmrc", "save-exact=true\n"),
            ("data/big.bin", "big\n"),
        ],
    );
    town.repo(
        "hull",
        "v1.0.0",
        &[
            ("go.mod", "module go.example/hull\n\ngo 1.22\n"),
            ("data/big.txt", "hull\n"),
        ],
    );
    commit(
        &town,
        "hull",
        &[(
            "go.mod",
            "module go.example/hull\n\ngo 1.22\n\nretract v1.1.0\n",
        )],
    );
    tag(&town, "hull", "v1.1.0");
    let scm = "[build-system]\nrequires = [\"hatchling\"]\n[project]\nname = \"keel\"\ndynamic = [\"version\"]\n[tool.hatch.version]\npath = \"src/keel/about.py\"\n";
    town.repo(
        "keel",
        "v2.0.0",
        &[
            ("pyproject.toml", scm),
            ("src/keel/about.py", "__version__ = \"2.0.0\"\n"),
        ],
    );
    let others = ["hull", "keel"].map(|it| {
        format!(
            "\n[repo.{it}]\nremote = \"{}\"\n",
            town.origin(it).display()
        )
    });
    town.workspace(&(town.read("", "workspace.toml") + &others.concat()));
    for repo in REPOS {
        town.git_origin(repo, &["config", "uploadpack.allowFilter", "true"]);
        town.git_origin(repo, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    }
    town
}

const REPOS: &[&str] = &["core", "lib", "app", "side", "hull", "keel"];

fn commit(town: &Town, repo: &str, files: &[(&str, &str)]) {
    town.commit(repo, "fix: more", files);
    town.git(repo, &["push", "-q"]);
}

fn tag(town: &Town, repo: &str, name: &str) {
    town.git(repo, &["tag", "-a", name, "-m", name]);
    town.git(repo, &["push", "-q", "origin", name]);
}

/// A folder with the workspace's file and nothing else.
fn runner(town: &Town, name: &str) -> PathBuf {
    let folder = town.path().join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::copy(
        town.work().join("workspace.toml"),
        folder.join("workspace.toml"),
    )
    .unwrap();
    folder
}

fn fetched(town: &Town, runner: &Path) -> Said {
    cascade_in(town, runner, REPORT).exits(0)
}

fn status(town: &Town, folder: &Path) -> Value {
    cascade_in(town, folder, &["status", "--format", "json"])
        .exits(0)
        .json()
}

/// What both kinds of clones can know.
fn known(mut status: Value) -> Value {
    for repo in status["repos"].as_array_mut().unwrap() {
        let repo = repo.as_object_mut().unwrap();
        repo.retain(|key, _| !OWN.contains(&key.as_str()));
        let findings = repo["findings"].as_array_mut().unwrap();
        findings.retain(|it| !OF_CHECKOUTS.contains(&it["code"].as_str().unwrap()));
    }
    status
}

/// What has drifted, as far as both kinds of clones can know.
fn drift(town: &Town, folder: &Path) -> Value {
    let args = ["drift", "--format", "json", "--fail-on", "never"];
    let mut report = cascade_in(town, folder, &args).exits(0).json();
    let all = report.as_object_mut().unwrap();
    // When it was looked, and how many findings there were.
    all.retain(|key, _| !["taken", "trend"].contains(&key.as_str()));
    let findings = all["findings"].as_array_mut().unwrap();
    findings.retain(|it| !OF_CHECKOUTS.contains(&it["code"].as_str().unwrap()));
    report
}

/// Requires that clones for reports say what fresh checkouts of the same remotes say.
#[track_caller]
fn law(town: &Town, runner: &Path, when: &str) {
    let fresh = self::runner(town, "fresh");
    cascade_in(town, &fresh, &["fetch"]).exits(0);
    let (ours, theirs) = (known(status(town, runner)), known(status(town, &fresh)));
    assert_eq!(ours, theirs, "{when}");
    let (ours, theirs) = (drift(town, runner), drift(town, &fresh));
    assert_eq!(ours, theirs, "{when}: drift");
    for args in [
        &["graph", "--format", "json"][..],
        &["plan"],
        &["plan", "--for", "bump"],
    ] {
        let said = |folder: &Path| {
            let said = cascade_in(town, folder, args);
            (said.code, without_run(&said.out))
        };
        assert_eq!(said(runner), said(&fresh), "{when}: {args:?}");
    }
    fs::remove_dir_all(fresh).unwrap();
}

/// A plan without the name of its run, which is that of its moment.
fn without_run(plan: &str) -> String {
    let run = plan
        .split_once("(run ")
        .map(|it| it.1.split_once(')').unwrap().0);
    run.map_or(plan.to_owned(), |it| plan.replace(it, "RUN"))
}

fn git(town: &Town, folder: &Path, args: &[&str]) -> String {
    town.run(folder, args)
}

/// The ids of the objects that a clone lacks.
fn lacks(town: &Town, clone: &Path) -> usize {
    let all = git(
        town,
        clone,
        &["rev-list", "--objects", "--all", "--missing=print"],
    );
    all.lines().filter(|it| it.starts_with('?')).count()
}

#[test]
fn a_machine_with_the_workspaces_file_alone_says_the_same() {
    let town = town();
    let runner = runner(&town, "runner");
    fetched(&town, &runner).says(&["6 done"]);
    law(&town, &runner, "cloned");
    let clone = runner.join("app");
    assert!(!clone.join(".git").exists() && clone.join("HEAD").is_file());
    // What nobody reads stayed where it was.
    assert!(lacks(&town, &clone) > 0 && lacks(&town, &runner.join("hull")) > 0);
    cascade_in(&town, &runner, &["status"])
        .exits(0)
        .says(&["bare"]);
    let check = cascade_in(&town, &runner, &["check"]);
    assert!(!check.out.contains("can not be read"), "{}", check.out);

    // Without a remote nothing is missed, and nothing is asked for.
    fs::rename(town.path().join("origins"), town.path().join("elsewhere")).unwrap();
    let offline = known(status(&town, &runner));
    fs::rename(town.path().join("elsewhere"), town.path().join("origins")).unwrap();
    assert_eq!(offline, known(status(&town, &runner)));

    let before = bytes_below(&runner, "cascade.busy");
    fetched(&town, &runner);
    assert!(
        before == bytes_below(&runner, "cascade.busy"),
        "a second fetch changed something"
    );
    let folder: Vec<_> = fs::read_dir(&runner).unwrap().flatten().collect();
    assert_eq!(folder.len(), REPOS.len() + 1, "{folder:?}");
}

/// What happens at a remote.
type Move = fn(&Town);

#[test]
fn whatever_moves_at_a_remote_moves_in_the_clone() {
    let town = town();
    let runner = runner(&town, "runner");
    fetched(&town, &runner);
    let moves: &[(&str, Move)] = &[
        ("a commit", |it| {
            commit(
                it,
                "core",
                &[("Cargo.toml", &crate_toml("core", "1.3.0", ""))],
            );
        }),
        ("a tag", |it| tag(it, "core", "v1.3.0")),
        ("another default branch", |it| {
            it.git("side", &["checkout", "-q", "-b", "trunk"]);
            it.commit(
                "side",
                "feat: on trunk",
                &[("Cargo.toml", &crate_toml("side", "0.2.0", ""))],
            );
            it.git("side", &["push", "-q", "-u", "origin", "trunk"]);
            it.git_origin("side", &["symbolic-ref", "HEAD", "refs/heads/trunk"]);
            it.git_origin("side", &["update-ref", "-d", "refs/heads/main"]);
        }),
        ("a history written anew", |it| {
            it.git("lib", &["reset", "-q", "--hard", "HEAD~1"]);
            it.commit("lib", "fix: another", &[("Cargo.lock", "version = 4\n")]);
            it.git("lib", &["push", "-q", "--force"]);
        }),
        ("a tag that is gone", |it| {
            it.git("core", &["push", "-q", "origin", ":v1.3.0"]);
        }),
        ("a tag that moved", |it| {
            it.git("app", &["tag", "-f", "v2.0.0", "HEAD"]);
            it.git("app", &["push", "-q", "--force", "origin", "v2.0.0"]);
        }),
        ("a folder in the place of a branch", |it| {
            it.git("keel", &["push", "-q", "origin", "main:refs/heads/topic"]);
            it.git("keel", &["push", "-q", "origin", ":refs/heads/topic"]);
            it.git(
                "keel",
                &["push", "-q", "origin", "main:refs/heads/topic/deep"],
            );
        }),
    ];
    for (what, moves) in moves {
        moves(&town);
        fetched(&town, &runner);
        law(&town, &runner, what);
    }
    let head = git(&town, &runner.join("side"), &["symbolic-ref", "HEAD"]);
    assert_eq!(head, "refs/heads/trunk");
    assert_eq!(
        git(&town, &runner.join("side"), &["branch", "--list", "main"]),
        ""
    );
}

#[test]
fn a_server_that_knows_no_filters_serves_all_the_same() {
    let town = town();
    for repo in REPOS {
        town.git_origin(repo, &["config", "--unset-all", "uploadpack.allowFilter"]);
        town.git_origin(
            repo,
            &["config", "--unset-all", "uploadpack.allowAnySHA1InWant"],
        );
    }
    let runner = runner(&town, "runner");
    fetched(&town, &runner).says(&["knows no filters"]);
    assert_eq!(lacks(&town, &runner.join("app")), 0);
    law(&town, &runner, "cloned whole");
    commit(
        &town,
        "core",
        &[("Cargo.toml", &crate_toml("core", "1.4.0", ""))],
    );
    tag(&town, "core", "v1.4.0");
    fetched(&town, &runner);
    law(&town, &runner, "fetched whole");
}

/// What befalls a clone.
type Tear<'a> = Box<dyn Fn() + 'a>;

#[test]
fn what_was_torn_is_told_and_mended() {
    let town = town();
    let runner = runner(&town, "runner");
    fetched(&town, &runner);
    let clone = runner.join("lib");
    let packs = clone.join("objects/pack");
    let files = |end: &str| -> Vec<PathBuf> {
        let all = fs::read_dir(&packs).unwrap().flatten().map(|it| it.path());
        all.filter(|it| it.to_string_lossy().ends_with(end))
            .collect()
    };
    let tears: Vec<(&str, Tear<'_>)> = vec![
        (
            "files that were not fetched",
            Box::new(|| {
                // The first pack has commits and folders; later ones have what was read.
                let smallest = files(".pack")
                    .into_iter()
                    .min_by_key(|it| fs::metadata(it).unwrap().len())
                    .unwrap();
                for end in ["pack", "idx", "promisor", "rev"] {
                    let _ = fs::remove_file(smallest.with_extension(end));
                }
            }),
        ),
        (
            "no objects",
            Box::new(|| files("").iter().for_each(|it| fs::remove_file(it).unwrap())),
        ),
        (
            "half a pack",
            Box::new(|| {
                for pack in files(".pack") {
                    fs::set_permissions(&pack, fs::Permissions::from_mode(0o644)).unwrap();
                    let half = fs::metadata(&pack).unwrap().len() / 2;
                    fs::File::options()
                        .write(true)
                        .open(&pack)
                        .unwrap()
                        .set_len(half)
                        .unwrap();
                }
            }),
        ),
        ("an empty head", Box::new(|| put(&clone.join("HEAD"), ""))),
        (
            "no head",
            Box::new(|| fs::remove_file(clone.join("HEAD")).unwrap()),
        ),
    ];
    for (what, tear) in tears {
        tear();
        let found = status(&town, &runner);
        let lib = found["repos"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["repo"] == "lib")
            .unwrap();
        let codes: Vec<_> = lib["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["code"])
            .collect();
        assert!(
            codes == ["unreadable"] || codes == ["not-a-repository"],
            "{what}: {lib}"
        );
        assert!(
            lib["findings"][0]["mend"]
                .as_str()
                .unwrap()
                .contains("cascade fetch"),
            "{what}: {lib}"
        );
        fetched(&town, &runner);
        law(&town, &runner, what);
    }

    // What a killed git leaves is in nobody's way.
    commit(
        &town,
        "lib",
        &[("Cargo.toml", &crate_toml("lib", "0.4.0", ""))],
    );
    for lock in ["packed-refs.lock", "refs/heads/main.lock", "HEAD.lock"] {
        put(&clone.join(lock), "");
    }
    fs::create_dir(runner.join(".cloning-dead")).unwrap();
    fetched(&town, &runner);
    law(&town, &runner, "locks of a dead git");
}

#[expect(clippy::disallowed_methods, reason = "a test's own scratch files")]
fn put(at: &Path, text: &str) {
    fs::write(at, text).unwrap();
}

#[test]
fn nothing_is_written_where_no_checkout_is() {
    let town = town();
    let runner = runner(&town, "runner");
    fetched(&town, &runner);
    commit(
        &town,
        "core",
        &[("Cargo.toml", &crate_toml("core", "2.0.0", ""))],
    );
    tag(&town, "core", "v2.0.0");
    fetched(&town, &runner);
    let before = bytes_below(&runner, "cascade.busy");
    for (args, code) in [
        (&["fetch"][..], 3),
        (&["bump", "--repo", "core", "--yes"], 4),
        (&["bump", "minor", "--repo", "side", "--yes"], 4),
        (&["lock"], 4),
        (&["lock", "--repo", "lib", "--verify"], 4),
        (&["tag", "9.0.0", "--repo", "side"], 4),
        (&["hook", "install", "--all"], 4),
        (&["check", "--build", "--repo", "side"], 4),
    ] {
        let said = cascade_in(&town, &runner, args).exits(code);
        said.says(&["is a bare clone", "cascade fetch"]);
        assert!(
            before == bytes_below(&runner, "cascade.busy"),
            "{args:?} wrote something"
        );
    }
    // Looking past it all the same.
    cascade_in(&town, &runner, &["status", "--fetch"]).exits(0);
    law(&town, &runner, "fetched by status");
}

#[test]
fn a_bare_repository_of_somebody_else_is_read_and_left_alone() {
    let town = town();
    let runner = runner(&town, "runner");
    let origin = town.origin("side").display().to_string();
    git(&town, &runner, &["clone", "-q", "--bare", &origin, "side"]);
    let side = runner.join("side");
    git(&town, &side, &["branch", "only-here"]);
    let said = cascade_in(&town, &runner, REPORT).exits(3);
    said.says(&[
        "`side` is a bare repository that cascade did not make",
        "5 done",
    ]);
    assert_ne!(git(&town, &side, &["branch", "--list", "only-here"]), "");
    law(&town, &runner, "somebody's own bare clone");
}

#[test]
fn a_clone_that_somebody_armed_runs_nothing() {
    let town = town();
    let runner = runner(&town, "runner");
    fetched(&town, &runner);
    let clone = runner.join("core");
    let sign = town.path().join("pwned");
    let run = format!("touch {}", sign.display());
    let config = fs::read_to_string(clone.join("config")).unwrap();
    let armed = format!(
        "{config}\tuploadpack = {run};\n\tvcs = ext\n[core]\n\tsshCommand = {run}\n\tfsmonitor = {run}\n\
         \thooksPath = hooks\n\talternateRefsCommand = {run}\n[credential]\n\thelper = !{run}\n\
         [url \"ext::{run}\"]\n\tinsteadOf = /\n"
    );
    for hook in ["reference-transaction", "post-fetch", "pre-auto-gc"] {
        fs::create_dir_all(clone.join("hooks")).unwrap();
        put(
            &clone.join("hooks").join(hook),
            &format!("#!/bin/sh\n{run}\n"),
        );
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(clone.join("hooks").join(hook), mode).unwrap();
    }
    put(&clone.join("config"), &armed);
    commit(
        &town,
        "core",
        &[("Cargo.toml", &crate_toml("core", "1.5.0", ""))],
    );
    cascade_in(&town, &runner, &["status"]).exits(0);
    fetched(&town, &runner);
    assert!(!sign.exists(), "a clone's own configuration ran a program");
    assert_eq!(fs::read_to_string(clone.join("config")).unwrap(), config);
    law(&town, &runner, "armed");

    // Refs that lie in another repository are not pruned for it.
    let refs = town.clone_of("side").join(".git/refs");
    let before = bytes_below(&refs, "");
    fs::remove_dir_all(clone.join("refs")).unwrap();
    symlink(&refs, clone.join("refs")).unwrap();
    fetched(&town, &runner);
    assert!(
        before == bytes_below(&refs, ""),
        "refs of another repository changed"
    );
    law(&town, &runner, "linked");
}

#[test]
fn names_of_every_kind_are_only_names() {
    let town = town();
    for name in ["$(touch${IFS}pwned)", "a;b", "-x", "ünï", "a'b\"c"] {
        let full = format!("refs/heads/{name}");
        town.git_origin("core", &["update-ref", &full, "HEAD"]);
        town.git_origin(
            "core",
            &["update-ref", &format!("refs/tags/{name}"), "HEAD"],
        );
    }
    town.git_origin(
        "core",
        &["symbolic-ref", "HEAD", "refs/heads/$(touch${IFS}pwned)"],
    );
    // A submodule and a link where files are looked for.
    let head = town.git("lib", &["rev-parse", "HEAD"]);
    town.git("lib", &["rm", "-q", "--cached", "CHANGELOG.md"]);
    fs::remove_file(town.clone_of("lib").join("CHANGELOG.md")).unwrap();
    town.git(
        "lib",
        &[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("160000,{head},CHANGELOG.md"),
        ],
    );
    town.git("lib", &["commit", "-q", "-m", "chore: odd"]);
    town.git("lib", &["push", "-q"]);
    symlink("/etc/passwd", town.clone_of("side").join("CHANGELOG.md")).unwrap();
    commit(&town, "side", &[]);
    let runner = runner(&town, "runner");
    fetched(&town, &runner);
    law(&town, &runner, "odd names");
    let branch = status(&town, &runner)["repos"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["repo"] == "core")
        .unwrap()["branch"]
        .clone();
    assert_eq!(branch, "$(touch${IFS}pwned)");
    fetched(&town, &runner);
    assert!(!runner.join("pwned").exists());
    // What looks like a repository inside a clone is a folder of it.
    let inner = town.clone_of("side").join("inner");
    git(
        &town,
        &town.work(),
        &[
            "clone",
            "-q",
            "--bare",
            town.origin("core").to_str().unwrap(),
            inner.to_str().unwrap(),
        ],
    );
    let found = cascade_in(&town, &town.work(), &["init", "--check"]);
    assert!(!found.out.contains("inner"), "{}", found.out);
}

#[test]
fn what_is_declared_elsewhere_now_is_fetched_from_there() {
    let town = town();
    let runner = runner(&town, "runner");
    fetched(&town, &runner);
    let (old, new) = (town.origin("side"), town.path().join("origins/moved.git"));
    fs::rename(&old, &new).unwrap();
    let said = cascade_in(&town, &runner, REPORT).exits(3);
    said.says(&["check the remote of `side`", "cascade fetch --mode report"]);
    let text = fs::read_to_string(runner.join("workspace.toml")).unwrap();
    let text = text.replace(old.to_str().unwrap(), new.to_str().unwrap());
    put(&runner.join("workspace.toml"), &text);
    town.workspace(&text);
    fetched(&town, &runner);
    law(&town, &runner, "moved");
    // A checkout beside clones for reports is fetched as ever.
    fs::remove_dir_all(runner.join("core")).unwrap();
    git(
        &town,
        &runner,
        &["clone", "-q", town.origin("core").to_str().unwrap(), "core"],
    );
    commit(
        &town,
        "core",
        &[("Cargo.toml", &crate_toml("core", "1.6.0", ""))],
    );
    cascade_in(&town, &runner, &["fetch", "--mode", "report", "--ff"]).exits(0);
    law(&town, &runner, "mixed");
}
