//! What is told: one issue, and a webhook.

use std::fs;
use std::path::PathBuf;

use cascade_tests::{Fault, ForgeStub, Reply, Server, Town};
use serde_json::Value;

use crate::CASCADE;
use crate::family::{Said, cascade, crate_toml, family};

const TOKEN: &str = "hunter2hunter2";

/// A family in which `lib` excludes the latest `core`, and its report.
fn drifted() -> Town {
    let town = family();
    let manifest = crate_toml("core", "1.3.0", "");
    town.commit(
        "core",
        "feat: thanks @octocat, closes #1",
        &[("Cargo.toml", &manifest)],
    );
    town.git("core", &["tag", "-a", "v1.3.0", "-m", "v1.3.0"]);
    let words = ["drift", "--fail-on", "never", "--out", "drift.json"];
    cascade(&town, &words).exits(0);
    town
}

fn report(town: &Town) -> PathBuf {
    town.work().join("drift.json")
}

/// Takes every finding out of the report.
fn mended(town: &Town) {
    let text = fs::read_to_string(report(town)).unwrap();
    let mut json: Value = serde_json::from_str(&text).unwrap();
    json["findings"] = Value::Array(Vec::new());
    json["mend"] = Value::Array(Vec::new());
    town.write(".", "drift.json", &json.to_string());
}

/// Runs `cascade drift notify`, with these variables.
fn notify(town: &Town, words: &[&str], vars: &[(&str, &str)]) -> Said {
    let mut command = town.command(CASCADE);
    command
        .current_dir(town.work())
        .args(["drift", "notify"])
        .args(words);
    let said = Said::from(&command.envs(vars.iter().copied()).output().unwrap());
    assert!(
        !said.out.contains(TOKEN) && !said.err.contains(TOKEN),
        "the token is told"
    );
    said
}

#[test]
fn one_issue_says_how_it_stands() {
    for (forge, variable, api, repo) in [
        (
            "github",
            "GITHUB_TOKEN",
            "GITHUB_API_URL",
            "GITHUB_REPOSITORY",
        ),
        ("gitlab", "CI_JOB_TOKEN", "CI_API_V4_URL", "CI_PROJECT_PATH"),
    ] {
        let (town, stub) = (drifted(), ForgeStub::new());
        let address = stub.api();
        let vars = [
            (variable, TOKEN),
            (api, address.as_str()),
            (repo, "acme/town"),
        ];
        let says = |words: &[&str]| notify(&town, &[forge], &vars).exits(0).says(words);
        says(&["acme/town#1 was made"]);
        let issue = stub.issues().remove(0);
        assert_eq!(issue.title, "Drift in town");
        assert!(
            issue.body.starts_with("<!-- cascade-drift: town -->\n"),
            "{}",
            issue.body
        );
        assert!(issue.body.contains("`pin-excluded`") && issue.body.contains("lib/Cargo.toml"));
        says(&["acme/town#1 is as it should be"]);
        assert_eq!(stub.writes(), 1);
        mended(&town);
        stub.fault(
            if forge == "github" { "PATCH" } else { "PUT" },
            Fault::DoneAndLost,
        );
        says(&["acme/town#1 was closed"]);
        says(&["acme/town#1 is as it should be"]);
        assert!(!stub.issues()[0].open && stub.issues().len() == 1);
    }
}

#[test]
fn an_issue_needs_a_token_a_project_and_a_report() {
    let (town, stub) = (drifted(), ForgeStub::new());
    let api = stub.api();
    let with = |words: &[&str], vars: &[(&str, &str)]| {
        notify(&town, &[words, &["--api", &api]].concat(), vars)
    };
    let token = [("GH_TOKEN", TOKEN)];
    with(&["github", "--repo", "acme/town"], &[])
        .exits(2)
        .says(&["GITHUB_TOKEN", "GH_TOKEN"]);
    with(&["github"], &token)
        .exits(2)
        .says(&["--repo OWNER/NAME"]);
    with(&["github", "--repo", "acme"], &token)
        .exits(2)
        .says(&["no project", "say it as that: `--repo OWNER/NAME`"]);
    with(&["github", "--repo", "acme/other"], &token)
        .exits(2)
        .says(&["knows no project"]);
    let none = ["github", "--repo", "acme/town", "--from", "none.json"];
    with(&none, &token).exits(2).says(&["no report of drift"]);
    stub.fault(
        "GET",
        Fault::Says(Reply::new(401, "{\"message\": \"Bad credentials\"}")),
    );
    with(&["github", "--repo", "acme/town"], &token)
        .exits(3)
        .says(&["Bad credentials"]);
    assert_eq!(stub.writes(), 0);
    for (api, why) in [
        ("http://forge.example/api", "plain text"),
        ("ftp://x", "does not begin with `https://`"),
    ] {
        let words = ["github", "--repo", "acme/town", "--api", api];
        notify(&town, &words, &token)
            .exits(2)
            .says(&[why, "--api https://"]);
    }
}

#[test]
fn what_a_baseline_accepts_keeps_the_issue_open() {
    let (town, stub) = (drifted(), ForgeStub::new());
    let words = ["drift", "--baseline", "drift.json", "--out", "b.json"];
    cascade(&town, &words).exits(0);
    let api = stub.api();
    let keep = |from: &str, says: &str| {
        let words = [
            "github",
            "--repo",
            "acme/town",
            "--api",
            &api,
            "--from",
            from,
        ];
        notify(&town, &words, &[("GH_TOKEN", TOKEN)])
            .exits(0)
            .says(&[says]);
    };
    keep("drift.json", "was made");
    keep("b.json", "was changed");
    let issue = stub.issues().remove(0);
    assert!(
        issue.open && issue.body.contains("| warn, known |"),
        "{}",
        issue.body
    );
}

#[test]
fn a_webhook_is_told_what_changed() {
    let town = drifted();
    let server = Server::start(|_| Reply::new(200, "ok"));
    let url = format!("{}/{TOKEN}", server.url());
    let hook = [("HOOK", url.as_str())];
    notify(&town, &["webhook", "--url-from", "HOOK"], &hook)
        .exits(0)
        .says(&["told that it has drifted"]);
    let asked = server.asked().remove(0);
    let told: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(told["schema"], "cascade.drift-notice/1");
    assert_eq!(
        (&told["workspace"], &told["state"]),
        (&"town".into(), &"drifted".into())
    );
    assert!(told["new"][0]["code"].is_string());
    assert!(
        asked
            .header("idempotency-key")
            .is_some_and(|it| it.len() == 32)
    );
    town.write(".", "slack.json", "{\"text\": \"{{slack}}\"}");
    let template = ["webhook", "--url-from", "HOOK", "--template", "slack.json"];
    notify(&town, &template, &hook).exits(0);
    let again = server.asked().remove(1);
    assert_eq!(
        again.header("idempotency-key"),
        asked.header("idempotency-key")
    );
    let told: Value = serde_json::from_str(&again.body).unwrap();
    assert!(
        told["text"]
            .as_str()
            .unwrap()
            .starts_with("town has drifted: ")
    );
    town.write(".", "odd.json", "{\"text\": \"{{nobody}}\"}");
    let odd = ["webhook", "--url-from", "HOOK", "--template", "odd.json"];
    notify(&town, &odd, &hook).exits(2).says(&["{{nobody}}"]);
    notify(&town, &["webhook", "--url-from", "NONE"], &[])
        .exits(2)
        .says(&["NONE"]);
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_webhook_is_told_each_change_once() {
    let town = drifted();
    let server = Server::start(|_| Reply::new(204, ""));
    let words = ["webhook", server.url(), "--history", "memory"];
    let tell = |says: &str| notify(&town, &words, &[]).exits(0).says(&[says]);
    let keys = || -> Vec<String> {
        let asked = server.asked();
        let keys = asked
            .iter()
            .map(|it| it.header("idempotency-key").unwrap().to_owned());
        keys.collect()
    };
    let whole = fs::read_to_string(report(&town)).unwrap();
    tell("told that it has drifted");
    tell("nothing is told");
    let memory = town.work().join("memory/drift.jsonl");
    let remembered = fs::read_to_string(&memory).unwrap();
    assert!(!remembered.contains("127.0.0.1"), "{remembered}");
    mended(&town);
    tell("told that it is in step again");
    // The run ended before it could remember: it is told again, under the same key.
    town.write(".", "memory/drift.jsonl", &remembered);
    tell("told that it is in step again");
    tell("nothing is told");
    // To and fro is another change.
    town.write(".", "drift.json", &whole);
    tell("told that it has drifted");
    let keys = keys();
    assert_eq!(keys.len(), 4);
    assert_eq!(keys[1], keys[2]);
    assert!(keys[0] != keys[1] && keys[0] != keys[3]);
    let told: Vec<Value> = server
        .asked()
        .iter()
        .map(|it| serde_json::from_str(&it.body).unwrap())
        .collect();
    assert!(told[1]["state"] == "clean" && told[1]["before"] == "drifted");
    assert!(told[3]["new"].as_array().is_some_and(|it| !it.is_empty()));
}
