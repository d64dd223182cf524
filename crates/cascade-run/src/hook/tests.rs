//! Shims in real repositories, run by real shells.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use cascade_tests::Town;

use super::shim::shim;
use super::*;
use crate::environment::Environment;
use crate::git::Git;

const ZERO: &str = "0000000000000000000000000000000000000000";
const ONE: &str = "1111111111111111111111111111111111111111";

fn town() -> Town {
    let town = Town::new();
    town.repo("r", "v1.0.0", &[("x", "x\n")]);
    town
}

fn git() -> Git {
    let vars = std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME");
    Git::find(Environment::new(vars)).unwrap()
}

fn home(town: &Town) -> HookHome {
    HookHome::find(&git(), &town.clone_of("r")).unwrap()
}

fn put(at: &Path, text: &str, mode: u32) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    install::write(at, text.as_bytes(), mode).unwrap();
}

/// A cascade that says how it was called, and what it read.
fn stand_in(town: &Town) -> PathBuf {
    let at = town.path().join("bin/cascade");
    put(
        &at,
        "#!/bin/sh\necho \"called: $*\"\n[ \"$3\" = pre-push ] && cat\nexit 0\n",
        0o755,
    );
    at
}

/// Runs a hook by a shell, with a `PATH` in which cascade is not.
fn run(town: &Town, shell: &str, hook: &Path, input: &str) -> Output {
    let said = town.path().join("said");
    put(&said, input, 0o644);
    let mut command = town.command("/usr/bin/env");
    command.args([OsStr::new("sh"), OsStr::new("-c")]);
    command.arg(format!(
        "exec {shell} '{}' origin 'https://x.example/r.git' <'{}'",
        hook.display(),
        said.display()
    ));
    command
        .current_dir(town.clone_of("r"))
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

fn line(name: &str) -> String {
    format!("{name} {ONE} {name} {ZERO}\n")
}

/// Shells that read a shim as POSIX says, as far as they are here.
fn shells() -> Vec<&'static str> {
    let all = ["/bin/dash", "/bin/bash --posix", "/bin/busybox sh"];
    let is_here = |it: &&str| Path::new(it.split(' ').next().unwrap()).exists();
    all.into_iter().filter(is_here).collect()
}

#[test]
fn a_version_is_not_pushed_unjudged_and_everything_else_is() {
    let town = town();
    assert!(!shells().is_empty());
    for hook in [HookType::PrePush, HookType::PreReceive] {
        let at = town.path().join("hooks").join(hook.name());
        put(
            &at,
            &shim(hook, Some(Path::new("/nowhere/it's/cascade"))),
            0o755,
        );
        let say = |name: &str| match hook {
            HookType::PreReceive => format!("{ZERO} {ONE} {name}\n"),
            _ => format!("HEAD~1 {ONE} {name} {ZERO}\n"),
        };
        for shell in shells() {
            for (name, code) in [
                ("refs/tags/v1.0.0", 1),
                ("refs/tags/ünï-1", 1),
                ("refs/heads/main", 0),
                ("refs/heads/v1.0.0", 0),
                ("refs/tags/nightly", 0),
                ("refs/heads/refs/tags/v1", 0),
                ("refs/heads/$(touch${IFS}hacked)`touch hacked2`\\", 0),
            ] {
                let input = format!("{}{}", say("refs/heads/first"), say(name));
                let done = run(&town, shell, &at, &input);
                assert_eq!(
                    done.status.code(),
                    Some(code),
                    "{shell} {name}: {}",
                    text(&done)
                );
                assert!(
                    text(&done).contains("/nowhere/it's/cascade"),
                    "{}",
                    text(&done)
                );
            }
            let many = (0..3000)
                .map(|it| say(&format!("refs/heads/b{it}")))
                .collect::<Vec<_>>()
                .concat();
            assert_eq!(run(&town, shell, &at, &many).status.code(), Some(0));
            let last = many + &say("refs/tags/v1.0.0");
            assert_eq!(run(&town, shell, &at, &last).status.code(), Some(1));
            assert_eq!(run(&town, shell, &at, "").status.code(), Some(0));
        }
        assert!(!town.clone_of("r").join("hacked").exists());
    }
    for hook in [HookType::PreCommit, HookType::CommitMsg] {
        let at = town.path().join("hooks").join(hook.name());
        put(&at, &shim(hook, None), 0o755);
        let done = run(&town, "/bin/sh", &at, "");
        assert!(
            done.status.success() && text(&done).contains("was not judged"),
            "{}",
            text(&done)
        );
    }
}

#[test]
fn both_read_the_same_and_the_first_to_fail_decides() {
    let town = town();
    let program = stand_in(&town);
    let home = home(&town);
    let at = home.hooks.join("pre-push");
    let mine = "#!/bin/sh\necho \"mine: $*\"\ncat\n";
    put(&at, mine, 0o755);
    let told = home
        .install(HookType::PrePush, &program, Scribe::Print)
        .unwrap();
    let kept = home.hooks.join("pre-push.before-cascade");
    assert_eq!(
        told,
        Installed::Shim {
            hook: at.clone(),
            kept: Some(kept.clone())
        }
    );
    assert_eq!(fs::read_to_string(&kept).unwrap(), mine);
    let odd = format!(
        "{}{}",
        line("refs/heads/\u{81}\u{88}é日本\\n%s"),
        line("refs/tags/v1")
    );
    for shell in shells() {
        let done = run(&town, shell, &at, &odd);
        let args = "origin https://x.example/r.git";
        let want = format!("mine: {args}\n{odd}called: hook run pre-push -- {args}\n{odd}");
        assert_eq!(text(&done), want, "{shell}");
    }
    put(&kept, "#!/bin/sh\nexit 3\n", 0o755);
    assert_eq!(run(&town, "/bin/sh", &at, &odd).status.code(), Some(3));
    put(&kept, "#!/bin/sh\nexit 0 # reads nothing\n", 0o755);
    let long = (0..3000)
        .map(|it| line(&format!("refs/heads/b{it}")))
        .collect::<Vec<_>>()
        .concat();
    let done = run(&town, "/bin/sh", &at, &long);
    assert!(done.status.success() && text(&done).ends_with(&long));
    put(&kept, mine, 0o644);
    assert!(
        !text(&run(&town, "/bin/sh", &at, &odd)).contains("mine"),
        "git runs no such file"
    );
}

#[test]
fn what_was_there_comes_back_as_it_was() {
    let town = town();
    let program = stand_in(&town);
    let home = home(&town);
    let samples = crate_bytes(&home.hooks);
    let mine = b"#!/bin/sh\r\n\xff\x00".as_slice();
    put(&home.hooks.join("pre-push"), "", 0o700);
    install::write(&home.hooks.join("pre-push"), mine, 0o700).unwrap();
    std::os::unix::fs::symlink("../../x", home.hooks.join("commit-msg")).unwrap();
    let before = crate_bytes(&home.hooks);
    for hook in [HookType::PreCommit, HookType::CommitMsg, HookType::PrePush] {
        home.install(hook, &program, Scribe::Print).unwrap();
        let now = crate_bytes(&home.hooks);
        let again = home.install(hook, &program, Scribe::Print).unwrap();
        assert_eq!(again, Installed::Already(home.hooks.join(hook.name())));
        assert_eq!(crate_bytes(&home.hooks), now);
        home.install(hook, Path::new("/elsewhere/cascade"), Scribe::Print)
            .unwrap();
        let shim = fs::read_to_string(home.hooks.join(hook.name())).unwrap();
        assert!(shim.contains("last='/elsewhere/cascade'"), "{shim}");
    }
    for hook in [HookType::PreCommit, HookType::CommitMsg, HookType::PrePush] {
        assert_ne!(home.uninstall(hook).unwrap(), Removed::Absent);
        assert_eq!(home.uninstall(hook).unwrap(), Removed::Absent);
    }
    assert_eq!(crate_bytes(&home.hooks), before);
    assert_ne!(before, samples);
}

/// Every file of a folder: name, mode, bytes; a link by where it leads.
fn crate_bytes(folder: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|it| {
            let at = it.unwrap().path();
            let mode = at.symlink_metadata().unwrap().permissions().mode();
            let bytes = match fs::read_link(&at) {
                Ok(to) => to.into_os_string().into_encoded_bytes(),
                Err(_) => fs::read(&at).unwrap(),
            };
            (at, mode, bytes)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn git_says_where_hooks_are_and_a_shared_folder_is_left_alone() {
    let town = town();
    let program = stand_in(&town);
    town.git("r", &["worktree", "add", "-q", "../linked"]);
    let linked = HookHome::find(&git(), &town.work().join("linked")).unwrap();
    assert_eq!(linked.hooks, home(&town).hooks);
    assert_eq!(
        linked.root,
        town.work().join("linked").canonicalize().unwrap()
    );
    let shared = town.path().join("shared");
    town.git("r", &["config", "core.hooksPath", shared.to_str().unwrap()]);
    let refused = home(&town).install(HookType::PrePush, &program, Scribe::Write);
    assert!(matches!(refused, Err(HookError::Shared(it)) if it == shared));
    town.git("r", &["config", "core.hooksPath", ".githooks"]);
    home(&town)
        .install(HookType::PrePush, &program, Scribe::Print)
        .unwrap();
    let shim = town.read("r", ".githooks/pre-push");
    assert!(
        shim.contains("last=''"),
        "a path of this machine is not committed: {shim}"
    );
    let bare = HookHome::find(&git(), &town.origin("r")).unwrap();
    assert!(bare.bare && bare.hooks.ends_with("origins/r.git/hooks"));
    let nowhere = HookHome::find(&git(), town.path()).unwrap_err();
    assert!(matches!(nowhere, HookError::Git(_)), "{nowhere}");
}

#[test]
fn a_replaced_hook_is_told_and_nothing_of_it_is_lost() {
    let town = town();
    let program = stand_in(&town);
    let home = home(&town);
    let at = home.hooks.join("pre-push");
    put(&at, "#!/bin/sh\nexit 0\n", 0o755);
    home.install(HookType::PrePush, &program, Scribe::Print)
        .unwrap();
    put(&at, "#!/bin/sh\nexit 1\n", 0o755);
    let before = crate_bytes(&home.hooks);
    let told = home.install(HookType::PrePush, &program, Scribe::Print);
    assert!(matches!(told, Err(HookError::Twice { .. })));
    assert_eq!(home.uninstall(HookType::PrePush).unwrap(), Removed::Absent);
    assert_eq!(crate_bytes(&home.hooks), before);
}

#[test]
fn a_dead_hook_shows_because_it_is_run() {
    let town = town();
    let here = git().environment().clone();
    let standing = || home(&town).standing(HookType::PrePush, &here).unwrap();
    assert_eq!(standing(), HookStanding::Absent { other: None });
    let alive = town.path().join("bin/alive");
    put(
        &alive,
        "#!/bin/sh\n[ -n \"$CASCADE_HOOK_SELF_TEST\" ] && echo cascade hook \"$3\" is alive\n",
        0o755,
    );
    home(&town)
        .install(HookType::PrePush, &alive, Scribe::Print)
        .unwrap();
    let at = home(&town).hooks.join("pre-push");
    assert!(
        matches!(standing(), HookStanding::Alive { kept: None, .. }),
        "{:?}",
        standing()
    );
    let why = |standing: HookStanding| match standing {
        HookStanding::Dead { why, .. } => why,
        other => panic!("{other:?}"),
    };
    fs::set_permissions(&at, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(why(standing()).contains("not executable"));
    fs::set_permissions(&at, fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(&alive).unwrap();
    assert!(why(standing()).contains("not found in PATH"));
    town.git("r", &["config", "core.hooksPath", ".githooks"]);
    assert!(why(standing()).contains("git looks for hooks in"));
}

#[test]
fn the_list_of_what_was_let_pass_keeps_its_younger_half() {
    let dir = tempfile::tempdir().unwrap();
    for nth in 0..4000 {
        record_bypass(
            dir.path(),
            1_700_000_000,
            &format!("pre-push {nth}\n\u{1b}[31m"),
        )
        .unwrap();
    }
    let text = fs::read_to_string(dir.path().join(BYPASSES)).unwrap();
    assert!(text.len() <= 65 << 10, "{}", text.len());
    let last = text.lines().last().unwrap();
    assert_eq!(last, "2023-11-14T22:13:20Z pre-push 3999  [31m");
    assert!(
        text.lines()
            .all(|it| it.starts_with("2023-11-14T22:13:20Z pre-push "))
    );
}

#[test]
fn a_push_is_of_the_repository_that_git_names() {
    let town = town();
    let clone = town.clone_of("r");
    town.git("r", &["worktree", "add", "-q", "../linked"]);
    let linked = town.work().join("linked");
    let folder = town.run(&linked, &["rev-parse", "--absolute-git-dir"]);
    let of = |here: &Path, said: Option<&str>| PushPlace::of(here, said.map(OsStr::new));
    assert_eq!(of(&clone, None), PushPlace::Checkout(clone.clone()));
    assert_eq!(of(&clone, Some(".git")), PushPlace::Checkout(clone.clone()));
    assert_eq!(
        of(&linked, Some(&folder)),
        PushPlace::Checkout(linked.clone())
    );
    let origin = town.origin("r");
    assert_eq!(of(&origin, Some(".")), PushPlace::Bare(origin.join(".")));
    assert_eq!(of(&clone, origin.to_str()), PushPlace::Bare(origin.clone()));
}
