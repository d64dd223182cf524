//! The examples, laid out as their README says, and what cascade makes of them.

use std::path::{Path, PathBuf};

use cascade_tests::Town;
use serde_json::Value;

use crate::family::cascade_in;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn lay_out(town: &Town, example: &str) -> PathBuf {
    let script = examples().join("lay-out.sh");
    let dest = town.path().join(example);
    let out = town.call(
        "bash",
        &[script.to_str().unwrap(), example, dest.to_str().unwrap()],
    );
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    dest.join("work")
}

fn status(town: &Town, work: &Path) -> Value {
    cascade_in(town, work, &["status", "--format", "json"])
        .exits(0)
        .json()
}

fn pin_words(status: &Value) -> Vec<String> {
    let repos = status["repos"].as_array().unwrap().iter();
    repos
        .flat_map(|repo| {
            repo["pins"].as_array().unwrap().iter().map(|pin| {
                let [down, up, state] = [&repo["repo"], &pin["upstream"], &pin["status"]];
                format!(
                    "{} {} {}",
                    down.as_str().unwrap(),
                    up.as_str().unwrap(),
                    state.as_str().unwrap()
                )
            })
        })
        .collect()
}

#[test]
fn seed() {
    let town = Town::new();
    let work = lay_out(&town, "seed");
    let before = status(&town, &work);
    let words = pin_words(&before);
    assert!(
        words.contains(&"runtime seed-manifest excluded".to_owned()),
        "{words:?}"
    );
    assert!(
        words.contains(&"gitops seed-runtime in-step".to_owned()),
        "{words:?}"
    );
    let order = before["order"].as_array().unwrap();
    assert_eq!(order.last().unwrap(), "gitops", "{order:?}");
    cascade_in(&town, &work, &["bump", "--yes"]).exits(0);
    let words = pin_words(&status(&town, &work));
    assert!(
        words.contains(&"runtime seed-manifest in-step".to_owned()),
        "{words:?}"
    );
}

#[test]
fn python_npm() {
    let town = Town::new();
    let work = lay_out(&town, "python-npm");
    let args = ["bump", "major", "--repo", "schema", "--yes"];
    cascade_in(&town, &work, &args).exits(0);
    let read = |path: &str| std::fs::read_to_string(work.join(path)).unwrap();
    // One tag releases both packages, so both say the same version.
    assert!(read("schema/pyproject.toml").contains("version = \"3.0.0\""));
    assert!(read("schema/package.json").contains("\"version\": \"3.0.0\""));
    assert!(read("client/packages/client/package.json").contains("\"@shop/schema\": \"~3.0.0\""));
    // The floor of a peer admits it and stays.
    assert!(read("client/packages/widgets/package.json").contains("\"@shop/schema\": \">=2\""));
    assert!(read("service/pyproject.toml").contains("shop-schema[fast]>=3.0,<4 ; python_version"));
    assert!(read("service/pyproject.toml").contains("shop-schema==3.0.0"));
    let again = cascade_in(&town, &work, &args).exits(0);
    assert!(!again.out.contains("3.0.0 -> "), "{}", again.out);
}

#[test]
fn cargo_family() {
    let town = Town::new();
    let work = lay_out(&town, "cargo-family");
    cascade_in(
        &town,
        &work,
        &["bump", "--repo", "wire/wire-core=minor", "--yes"],
    )
    .exits(0);
    let read = |path: &str| std::fs::read_to_string(work.join(path)).unwrap();
    assert!(read("wire/wire-core/Cargo.toml").contains("version = \"0.6.0\""));
    assert!(
        read("wire/Cargo.toml")
            .contains("wire-core = { version = \"0.6.0\", path = \"wire-core\" }")
    );
    // The facade inherits the pin, so it moves too; its comment stays.
    assert!(read("wire/wire/Cargo.toml").contains("version = \"0.8.3\" # the facade"));
    assert!(
        read("server/Cargo.toml")
            .contains("core = { package = \"wire-core\", version = \"0.6.0\" }")
    );
    assert!(read("tool/Cargo.toml").contains("wire = \"=0.8.3\""));
    let check = [
        "check",
        "--quality",
        "--repo",
        "server",
        "--select",
        "quality",
    ];
    let said = cascade_in(&town, &work, &check).exits(0);
    said.says(&["server: 2 of 2 passed, 1 of 1 critical"]);
}

#[test]
fn guarded() {
    let town = Town::new();
    let work = lay_out(&town, "guarded");
    let at = |args: &[&str]| cascade_in(&town, &work, args);
    at(&["policy"]).exits(0).says(&[
        "engine",
        "workspace.toml:",
        "release@example.invalid",
        "nobody is there to mend it",
    ]);
    at(&["check", "--select", "policy", "--fail-on", "info"]).exits(0);
    for (command, code) in [
        (&["cargo", "publish"][..], 4),
        (&["git", "push", "origin", "v1.3.0"], 4),
        (&["cargo", "test"], 0),
    ] {
        at(&[&["policy", "ask", "--"], command].concat()).exits(code);
    }
    let engine = work.join("engine");
    let more = ["commit", "-q", "--allow-empty", "-m", "feat: turn back"];
    town.run(&engine, &more);
    town.run(&engine, &["push", "-q"]);
    at(&["plan", "--repo", "engine", "--out", "plan.json"]).exits(0);
    let apply = ["apply", "plan.json", "--until", "committed", "--yes"];
    at(&apply).exits(4).says(&["0 of the 1 approvals"]);
    let agent = ["--as-agent", "policy", "approve", "plan.json", "--yes"];
    at(&agent).exits(4);
    let approved = at(&["policy", "approve", "plan.json", "--yes"]).exits(0);
    approved.says(&["engine  1 of 1 approvals", "console  1 of 0 approvals"]);
    at(&apply).exits(7);
    at(&["policy", "approve", "--revoke", "plan.json", "--yes"]).exits(0);
    at(&["resume", "--yes"]).exits(4);
}

#[test]
fn gitops() {
    let town = Town::new();
    let work = lay_out(&town, "gitops");
    let args = ["bump", "--repo", "runtime=minor", "--yes"];
    cascade_in(&town, &work, &args).exits(0);
    let read = |path: &str| std::fs::read_to_string(work.join(path)).unwrap();
    assert!(read("runtime/chart/Chart.yaml").contains("appVersion: \"1.5.0\""));
    assert!(read("deploy/overlays/staging/kustomization.yaml").contains("newTag: v1.5.0 # moved"));
    assert!(read("deploy/overlays/staging/values.yaml").contains("{version: 1.5.0, replicas: 2}"));
    let apps = read("deploy/apps/runtime.yaml");
    assert!(apps.contains("targetRevision: 1.5.0") && apps.contains("acme/runtime:1.5.0"));
    assert!(apps.contains("elsewhere.example/proxy:1.4.2"), "{apps}");
    let again = cascade_in(&town, &work, &args).exits(0);
    assert!(!again.out.contains("1.4.2 -> "), "{}", again.out);
    town.run(&work.join("runtime"), &["push", "-q"]);
    let released = ["release", "--repo", "runtime", "--yes"];
    cascade_in(&town, &work, &released).exits(0);
    let tip = ["show", "main:overlays/staging/kustomization.yaml"];
    let tip = town.run(&town.path().join("gitops/origins/deploy.git"), &tip);
    assert!(tip.contains("newTag: v1.5.0"), "{tip}");
}

#[test]
fn watched() {
    let town = Town::new();
    let work = lay_out(&town, "watched");
    let args = ["drift", "--format", "json", "--fail-on", "never"];
    let report = cascade_in(&town, &work, &args).exits(0).json();
    let found = report["findings"].as_array().unwrap().iter();
    let told: Vec<[&str; 3]> = found
        .filter(|it| it["severity"] == "warn")
        .map(|it| [&it["code"], &it["mend"], &it["owners"][0]].map(|it| it.as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ["pin-excluded", "cascade bump --repo hull", "@acme/steering"],
            ["lock-contradicts", "cascade lock --repo ship", "@acme/yard"],
        ]
    );
    // The workflow beside it is what cascade writes.
    town.run(&work, &["init", "-q", "-b", "main"]);
    let install = ["--install", "cargo install --locked cascade"];
    let schedule = [&["drift", "schedule", "github", "--issue"], &install[..]].concat();
    let written = cascade_in(&town, &work, &schedule).exits(0).out;
    let kept = std::fs::read_to_string(examples().join("watched/drift.yml")).unwrap();
    assert_eq!(written, kept);
}
