//! Promotion by others: pins that another system moves, and messages that ask it to.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use cascade_tests::{Asked, Reply, Server, Town};
use serde_json::Value;

use crate::CASCADE;
use crate::bump::hooks;
use crate::family::{Said, cascade, crate_toml, refs};

const TOKEN: &str = "hunter2hunter2";
const RELEASE: &[&str] = &["release", "--repo", "core=minor", "--yes"];

/// Moves the pin of the deployment, as another system would: in a clone of its own, pushed.
const PROMOTE: &str = r#"#!/bin/sh
set -e
dir=$(mktemp -d)
git clone -q "$1" "$dir"
cd "$dir"
sed -i "s|acme/core:[0-9.]*|acme/core:$2|" deploy.yaml
git add -A
git commit -q -m "chore: promote core" || exit 0
git push -q origin HEAD:main
"#;

/// `core`, `deploy` with an image of it that another system moves, and `site`, which pins `core` and
/// comes after `deploy`.
fn town(of_deploy: &str) -> Town {
    let town = Town::new();
    let core = crate_toml("core", "1.2.0", "");
    town.repo("core", "v1.2.0", &[("Cargo.toml", &core)]);
    town.repo("deploy", "", &[("deploy.yaml", "image: acme/core:1.2.0\n")]);
    let site = crate_toml("site", "0.1.0", "core = \"=1.2.0\"");
    town.repo("site", "v0.1.0", &[("Cargo.toml", &site)]);
    let remote = |name: &str| town.origin(name).display().to_string();
    town.workspace(&format!(
        "[workspace]\nname = \"town\"\n\
         [repo.core]\nremote = \"{}\"\n\
         [repo.site]\nremote = \"{}\"\nneeds = [\"core\", {{ repo = \"deploy\", order-only = true }}]\n\
         [repo.deploy]\nremote = \"{}\"\n{of_deploy}\n\
         [[repo.deploy.site]]\nfile = \"deploy.yaml\"\n\
         regex = 'acme/core:(?<version>[0-9.]+)'\nupstream = \"core\"\n",
        remote("core"),
        remote("site"),
        remote("deploy"),
    ));
    town.commit("core", "feat: frames", &[]);
    town.git("core", &["push", "-q"]);
    town
}

/// What goes wrong on the way of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wild {
    Nothing,
    /// The first message is taken and forgotten.
    Loses,
    /// The effect comes a while after the answer.
    Delays,
    /// Each message is acted upon twice.
    Doubles,
    /// The first message is answered with 500.
    Fails,
    /// The connection is cut once the message is acted upon.
    Cuts,
    /// cascade is killed once the message is acted upon.
    Kills,
    /// Nothing ever comes of it.
    Ignores,
}

/// Another system: it takes messages, and promotes.
struct Receiver {
    server: Server,
    /// What promotes; each is good for once.
    deeds: Arc<Mutex<Vec<Command>>>,
    kill: Arc<Mutex<Option<Command>>>,
}

impl Receiver {
    fn start(wild: Wild) -> Self {
        let deeds: Arc<Mutex<Vec<Command>>> = Arc::default();
        let kill: Arc<Mutex<Option<Command>>> = Arc::default();
        let (todo, end, count) = (Arc::clone(&deeds), Arc::clone(&kill), AtomicUsize::new(0));
        let server = Server::start(move |_| {
            let first = count.fetch_add(1, Ordering::SeqCst) == 0;
            let act = {
                let todo = Arc::clone(&todo);
                move || drop(todo.lock().unwrap().pop().map(|mut it| it.status()))
            };
            match wild {
                Wild::Ignores => {}
                Wild::Loses if first => {}
                Wild::Fails if first => return Reply::new(500, "{\"message\": \"a bad day\"}"),
                Wild::Delays => drop(thread::spawn(move || {
                    thread::sleep(Duration::from_secs(2));
                    act();
                })),
                Wild::Doubles => {
                    act();
                    act();
                }
                Wild::Cuts => {
                    act();
                    return Reply::Lost;
                }
                Wild::Kills if first => {
                    act();
                    drop(end.lock().unwrap().take().map(|mut it| it.status()));
                }
                _ => act(),
            }
            Reply::new(204, "")
        });
        Self {
            server,
            deeds,
            kill,
        }
    }

    /// Gives it what it needs in a town.
    fn settles(&self, town: &Town) {
        let script = town.path().join("promote.sh");
        hooks::write(&script, PROMOTE);
        let deed = || {
            let mut command = town.command("sh");
            command.arg(&script).arg(town.origin("deploy")).arg("1.3.0");
            command
        };
        self.deeds.lock().unwrap().extend((0..8).map(|_| deed()));
        let state = town.path().display();
        let mut kill = town.command("sh");
        let line =
            format!("kill -9 \"$(head -n 1 \"$(find {state} -path '*cascade/*' -name lock)\")\"");
        kill.args(["-c", &line]);
        *self.kill.lock().unwrap() = Some(kill);
    }

    fn asked(&self) -> Vec<Asked> {
        self.server.asked()
    }
}

/// A town whose `deploy` is promoted to by a webhook.
fn by_webhook(wild: Wild, more: &str) -> (Town, Receiver) {
    let receiver = Receiver::start(wild);
    let town = town(&format!(
        "needs = [\"core\"]\n[repo.deploy.dispatch]\nurl = \"{}/hook\"\ntoken-env = \"PROMOTE_TOKEN\"\n{more}\n",
        receiver.server.url()
    ));
    receiver.settles(&town);
    (town, receiver)
}

/// Runs cascade with the token.
fn promotes(town: &Town, words: &[&str]) -> Said {
    let mut command = town.command(CASCADE);
    let command = command.current_dir(town.work()).args(words);
    let said = Said::from(&command.env("PROMOTE_TOKEN", TOKEN).output().unwrap());
    let all = format!("{}{}", said.out, said.err);
    assert!(!all.contains(TOKEN), "the token is told: {all}");
    said
}

/// Requires that the deployment was promoted, once, and what stands below came after.
#[track_caller]
fn is_promoted(town: &Town, wild: Wild) {
    let count = town.git_origin("deploy", &["rev-list", "--count", "main"]);
    assert_eq!(count, "2", "{wild:?}: one commit promotes");
    let file = town.git_origin("deploy", &["show", "main:deploy.yaml"]);
    assert_eq!(file, "image: acme/core:1.3.0", "{wild:?}");
    assert!(refs(town, "core").contains("refs/tags/v1.3.0"));
    assert!(refs(town, "site").contains("refs/tags/v0.1.1"), "{wild:?}");
}

#[test]
fn a_message_promotes_whatever_happens_on_its_way() {
    for (wild, sent) in [
        (Wild::Nothing, 1),
        (Wild::Loses, 2),
        (Wild::Delays, 1),
        (Wild::Doubles, 1),
        (Wild::Fails, 2),
        (Wild::Cuts, 1),
    ] {
        let again = match wild {
            Wild::Loses => "again = \"1s\"",
            _ => "",
        };
        let (town, receiver) = by_webhook(wild, again);
        promotes(&town, RELEASE).exits(0);
        is_promoted(&town, wild);
        let asked = receiver.asked();
        assert_eq!(asked.len(), sent, "{wild:?}");
        let keys: Vec<_> = asked
            .iter()
            .map(|it| it.header("idempotency-key"))
            .collect();
        assert!(
            keys[0].is_some_and(|it| it.ends_with("/deploy")),
            "{keys:?}"
        );
        assert!(keys.iter().all(|it| *it == keys[0]), "{wild:?}: {keys:?}");
        assert_eq!(
            asked[0].header("authorization"),
            Some("Bearer hunter2hunter2")
        );
        let told: Value = serde_json::from_str(&asked[0].body).unwrap();
        assert_eq!(told["schema"], "cascade.dispatch/1");
        assert_eq!(told["repository"], "deploy");
        assert_eq!(told["packages"][0]["name"], "core");
        assert_eq!(told["packages"][0]["version"], "1.3.0");
        assert_eq!(told["packages"][0]["tag"], "v1.3.0");
        promotes(&town, RELEASE).exits(0);
        is_promoted(&town, wild);
        assert_eq!(receiver.asked().len(), sent, "{wild:?}: it is sent again");
    }
}

#[test]
fn a_run_killed_while_it_sends_sends_nothing_twice() {
    let (town, receiver) = by_webhook(Wild::Kills, "");
    promotes(&town, RELEASE).exits(-1);
    promotes(&town, &["runs"]).exits(0).says(&["broken off"]);
    let open = " of a release is broken off · next: cascade resume";
    promotes(&town, &["status"]).exits(0).says(&[open]);
    assert!(!refs(&town, "site").contains("refs/tags/v0.1.1"));
    promotes(&town, &["resume"]).exits(0);
    is_promoted(&town, Wild::Kills);
    assert_eq!(receiver.asked().len(), 1);
    promotes(&town, &["resume"])
        .exits(0)
        .says(&["nothing is left"]);
}

#[test]
fn a_message_without_effect_ends_waiting_and_resume_goes_on() {
    let (town, receiver) = by_webhook(Wild::Ignores, "timeout = \"2s\"");
    promotes(&town, RELEASE).exits(7).says(&[
        "cascade resume",
        "deploy.yaml:1",
        "1.2.0",
        "the message was taken",
    ]);
    assert_eq!(receiver.asked().len(), 1);
    assert!(refs(&town, "core").contains("refs/tags/v1.3.0"));
    assert!(
        !refs(&town, "site").contains("refs/tags/v0.1.1"),
        "it stands on what is not there"
    );
    // Still nothing: it is not sent once more, since nothing says that it may be.
    promotes(&town, &["resume"]).exits(7);
    assert_eq!(receiver.asked().len(), 1);
    promotes(&town, &["runs", "--journal"]);
    receiver
        .deeds
        .lock()
        .unwrap()
        .pop()
        .unwrap()
        .status()
        .unwrap();
    promotes(&town, &["resume"]).exits(0);
    is_promoted(&town, Wild::Ignores);
    assert_eq!(receiver.asked().len(), 1);
}

#[test]
fn a_missing_token_is_refused_before_anything_is_out() {
    let (town, receiver) = by_webhook(Wild::Nothing, "");
    let before = [refs(&town, "core"), refs(&town, "deploy")];
    cascade(&town, RELEASE).exits(2).says(&[
        "`PROMOTE_TOKEN` is not set",
        "nothing was",
        "set `PROMOTE_TOKEN` in the environment",
    ]);
    assert_eq!(before, [refs(&town, "core"), refs(&town, "deploy")]);
    assert!(receiver.asked().is_empty());
}

#[test]
fn a_refused_message_is_told_in_its_receivers_words() {
    let server = Server::start(|_| {
        let said = format!("{{\"message\": \"\u{1b}[31mno {TOKEN} here\"}}");
        Reply::new(403, said)
    });
    let town = town(&format!(
        "needs = [\"core\"]\n[repo.deploy.dispatch]\ngithub = \"acme/deploy\"\napi = \"{}\"\ntoken-env = \"PROMOTE_TOKEN\"\n",
        server.url()
    ));
    let said = promotes(&town, RELEASE).exits(5).says(&[
        "answers 403",
        "no *** here",
        "look at whether the token",
        "cascade resume",
    ]);
    assert!(!said.out.contains('\u{1b}') && !said.err.contains('\u{1b}'));
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn github_gets_an_event_and_the_plan_says_so_before() {
    let receiver = Receiver::start(Wild::Nothing);
    let town = town(&format!(
        "needs = [\"core\"]\n[repo.deploy.dispatch]\ngithub = \"acme/deploy\"\napi = \"{}\"\nevent = \"ship\"\n\
         token-env = \"PROMOTE_TOKEN\"\npayload = '{{ \"to\": \"{{package}} {{version}}\", \"all\": {{packages}} }}'\n",
        receiver.server.url()
    ));
    receiver.settles(&town);
    // A plan needs no token, and sends nothing.
    let words = ["plan", "--repo", "core=minor"];
    let says = [
        "send",
        "ship to acme/deploy on GitHub",
        "core 1.3.0",
        "deploy.yaml on core to 1.3.0",
    ];
    cascade(&town, &words).exits(0).says(&says);
    cascade(&town, &[&words[..], &["--format", "markdown"]].concat())
        .exits(0)
        .says(&says);
    let json = cascade(&town, &[&words[..], &["--format", "json"]].concat())
        .exits(0)
        .json();
    let text = json.to_string();
    for part in [
        "\"do\":\"dispatch\"",
        "\"do\":\"await-pins\"",
        "\"event_type\":\"ship\"",
        "\"digest\":null",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(receiver.asked().is_empty());
    promotes(&town, RELEASE).exits(0);
    is_promoted(&town, Wild::Nothing);
    let asked = receiver.asked().remove(0);
    assert_eq!(asked.path, "/repos/acme/deploy/dispatches");
    let told: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(told["event_type"], "ship");
    assert_eq!(told["client_payload"]["to"], "core 1.3.0");
    let key = told["client_payload"]["key"].as_str();
    assert_eq!(key, asked.header("idempotency-key"));
}

#[test]
fn a_page_that_shows_the_version_is_an_effect_too() {
    let (live, count) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let shown = Arc::clone(&live);
    let server = Server::start(move |asked| {
        if asked.method == "POST" {
            shown.store(1, Ordering::SeqCst);
            return Reply::new(202, "");
        }
        match (
            shown.load(Ordering::SeqCst),
            count.fetch_add(1, Ordering::SeqCst),
        ) {
            (0, _) => Reply::new(200, "core 1.2.0"),
            (_, 0..=2) => Reply::new(503, "core 1.3.0"),
            _ => Reply::new(200, "core 1.3.0"),
        }
    });
    let url = server.url();
    let town = town(&format!(
        "needs = [\"core\"]\n[repo.deploy.dispatch]\nurl = \"{url}/hook\"\n\
         effect = {{ url = \"{url}/version\", contains = \"core {{version}}\" }}\n"
    ));
    let posts = || {
        server
            .asked()
            .iter()
            .filter(|it| it.method == "POST")
            .count()
    };
    cascade(&town, RELEASE).exits(0);
    assert_eq!(posts(), 1);
    assert!(refs(&town, "site").contains("refs/tags/v0.1.1"));
    cascade(&town, RELEASE).exits(0);
    assert_eq!(posts(), 1, "it shows already");
}

#[test]
fn what_another_system_moves_is_waited_for_at_the_tip() {
    let town = town("needs = [{ repo = \"core\", policy = \"external\" }]\n");
    let words = [RELEASE, &["--wait", "1s"]].concat();
    cascade(&town, &words).exits(7).says(&[
        "deploy.yaml:1 names `core` 1.2.0, not 1.3.0",
        "cascade resume",
    ]);
    assert!(!refs(&town, "site").contains("refs/tags/v0.1.1"));
    cascade(&town, &["status"]).exits(0);
    // A commit that says nothing of it is not it; a later version is.
    town.commit("deploy", "docs: words", &[("notes.txt", "x\n")]);
    town.git("deploy", &["push", "-q"]);
    cascade(&town, &["resume", "--wait", "1s"]).exits(7);
    town.commit(
        "deploy",
        "chore: on",
        &[("deploy.yaml", "image: acme/core:1.4.0\n")],
    );
    town.git("deploy", &["push", "-q"]);
    cascade(&town, &["resume", "--wait", "30s"]).exits(0);
    assert!(refs(&town, "site").contains("refs/tags/v0.1.1"));
    cascade(&town, RELEASE).exits(0);
}

#[test]
fn own_edits_go_first_and_the_other_systems_are_waited_for() {
    let receiver = Receiver::start(Wild::Nothing);
    let town = town("needs = [{ repo = \"core\", policy = \"external\" }, \"lib\"]\n");
    receiver.settles(&town);
    let lib = crate_toml("lib", "0.3.0", "core = \"=1.2.0\"");
    town.repo("lib", "v0.3.0", &[("Cargo.toml", &lib)]);
    let deploy = "image: acme/core:1.2.0\nbeside: acme/lib:0.3.0\n";
    town.commit("deploy", "chore: lib", &[("deploy.yaml", deploy)]);
    town.git("deploy", &["push", "-q"]);
    let declared = std::fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    let lib = town.origin("lib").display().to_string();
    town.workspace(&format!(
        "{declared}[[repo.deploy.site]]\nfile = \"deploy.yaml\"\nregex = 'acme/lib:(?<version>[0-9.]+)'\nupstream = \"lib\"\n\
         [repo.lib]\nremote = \"{lib}\"\nneeds = [\"core\"]\n"
    ));
    cascade(&town, &[RELEASE, &["--wait", "1s"]].concat()).exits(7);
    let file = || town.git_origin("deploy", &["show", "main:deploy.yaml"]);
    assert_eq!(file(), "image: acme/core:1.2.0\nbeside: acme/lib:0.3.1");
    receiver
        .deeds
        .lock()
        .unwrap()
        .pop()
        .unwrap()
        .status()
        .unwrap();
    cascade(&town, &["resume"]).exits(0);
    assert_eq!(file(), "image: acme/core:1.3.0\nbeside: acme/lib:0.3.1");
    assert!(refs(&town, "site").contains("refs/tags/v0.1.1"));
}

#[test]
fn a_repository_that_is_released_itself_is_planned_anew_once_the_pins_are_there() {
    let receiver = Receiver::start(Wild::Nothing);
    let town = town(&format!(
        "needs = [\"core\"]\n[repo.deploy.dispatch]\nurl = \"{}\"\n",
        receiver.server.url()
    ));
    let chart = crate_toml("deploy", "0.5.0", "");
    town.commit("deploy", "feat: a package", &[("Cargo.toml", &chart)]);
    town.git("deploy", &["tag", "-a", "v0.5.0", "-m", "v0.5.0"]);
    town.commit("deploy", "fix: of its own", &[("notes.txt", "x\n")]);
    town.git("deploy", &["push", "-q", "--follow-tags"]);
    receiver.settles(&town);
    cascade(&town, &["release", "--yes"])
        .exits(0)
        .says(&["planned anew", "v0.5.1"]);
    let at = |what: &str| town.git_origin("deploy", &["show", what]);
    assert_eq!(at("v0.5.1^{commit}:deploy.yaml"), "image: acme/core:1.3.0");
    assert!(refs(&town, "site").contains("refs/tags/v0.1.1"));
    assert_eq!(receiver.asked().len(), 1);
    cascade(&town, &["release", "--yes"]).exits(0);
    assert_eq!(receiver.asked().len(), 1);
}
