//! A family of Go modules: tags below folders, minimums, a folder that stands in.

use cascade_tests::Town;
use serde_json::{Value, json};

use crate::family::cascade;

const APP: &str = "// Copyright nobody.\n\nmodule example.org/app\n\ngo 1.21\n\nrequire (\n\
    \texample.org/core v1.2.0 // not v1.1.0\n\texample.org/core/json v0.2.0\n\
    \texample.org/lib/v2 v2.0.0 // indirect\n\texample.org/near v0.0.0\n)\n\n\
    replace example.org/near => ../near\n";

/// `core` with a module in `json`, `lib` at its second major version in a folder of its own, `near`
/// that was never tagged, and `app` on all of them.
fn family() -> Town {
    let town = Town::new();
    let module = |path: &str| format!("module {path}\n\ngo 1.21\n");
    let examples = format!(
        "{}\nrequire example.org/core v0.0.0\n\nreplace example.org/core => ../../\n",
        module("example.org/core/docs/examples")
    );
    town.repo(
        "core",
        "v1.2.0",
        &[
            ("go.mod", &module("example.org/core")),
            ("json/go.mod", &module("example.org/core/json")),
            ("docs/examples/go.mod", &examples),
            ("go.work", "go 1.21\n\nuse (\n\t.\n\t./json\n)\n"),
        ],
    );
    for tag in ["json/v0.3.0", "docs/examples/v1.9.0"] {
        town.git("core", &["tag", "-a", tag, "-m", tag]);
    }
    let lib = format!(
        "{}\nrequire example.org/core v1.2.0\n",
        module("example.org/lib/v2")
    );
    town.repo(
        "lib",
        "v2.0.1",
        &[("go.mod", &module("example.org/lib")), ("v2/go.mod", &lib)],
    );
    town.git("lib", &["tag", "-a", "v1.4.0", "-m", "v1.4.0"]);
    town.repo("near", "", &[("go.mod", &module("example.org/near"))]);
    town.repo("app", "v0.9.0", &[("go.mod", APP)]);
    town
}

fn repo<'a>(status: &'a Value, name: &str) -> &'a Value {
    let mut repos = status["repos"].as_array().unwrap().iter();
    repos.find(|it| it["repo"] == name).unwrap()
}

fn rows(of: &Value, keys: &[&str]) -> Vec<Value> {
    let row = |it: &Value| keys.iter().map(|key| it[*key].clone()).collect();
    of.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn init_finds_modules_and_status_judges_their_minimums() {
    let town = family();
    cascade(&town, &["init"]).exits(0);
    let declared = std::fs::read_to_string(town.work().join("workspace.toml")).unwrap();
    assert!(!declared.contains("tag ="), "{declared}");
    assert!(
        declared.contains("needs = [\"core\", \"near\"]"),
        "{declared}"
    );
    cascade(&town, &["init", "--check"]).exits(0);

    let status = cascade(&town, &["status", "--format", "json"])
        .exits(0)
        .json();
    let packages = ["ecosystem", "name", "tag", "latest-tag", "version-source"];
    assert_eq!(
        rows(&repo(&status, "core")["packages"], &packages),
        [
            json!(["go", "example.org/core", "v{version}", "v1.2.0", "vcs"]),
            json!([
                "go",
                "example.org/core/json",
                "json/v{version}",
                "json/v0.3.0",
                "vcs"
            ]),
        ]
    );
    assert_eq!(
        rows(&repo(&status, "lib")["packages"], &packages),
        [
            json!(["go", "example.org/lib", "v{version}", "v1.4.0", "vcs"]),
            json!(["go", "example.org/lib/v2", "v{version}", "v2.0.1", "vcs"]),
        ]
    );
    let pins = [
        "line",
        "kind",
        "upstream",
        "requirement",
        "latest",
        "status",
    ];
    assert_eq!(
        rows(&repo(&status, "app")["pins"], &pins),
        [
            json!([
                8,
                "runtime",
                "example.org/core",
                "v1.2.0",
                "1.2.0",
                "in-step"
            ]),
            json!([
                9,
                "runtime",
                "example.org/core/json",
                "v0.2.0",
                "0.3.0",
                "behind"
            ]),
            json!([
                10,
                "indirect",
                "example.org/lib/v2",
                "v2.0.0",
                "2.0.1",
                "behind"
            ]),
            json!([
                11,
                "runtime",
                "example.org/near",
                "v0.0.0",
                null,
                "placeholder"
            ]),
        ]
    );
    let own = &rows(&repo(&status, "core")["pins"], &["auxiliary", "status"]);
    assert_eq!(own, &[json!([true, "placeholder"])]);
}

#[test]
fn plan_and_bump_move_minimums_and_nothing_beside_them() {
    let town = family();
    cascade(&town, &["init"]).exits(0);
    town.commit("core", "feat: frames", &[("frames.go", "package core\n")]);
    town.git("core", &["push", "-q"]);
    let args = [
        "plan",
        "--repo",
        "core/example.org/core=minor",
        "--format",
        "json",
    ];
    let plan = cascade(&town, &args).exits(0).json();
    let steps = plan["steps"].as_array().unwrap().iter();
    let tags: Vec<_> = steps
        .flat_map(|it| it["releases"].as_array().unwrap())
        .map(|it| it["tag"].as_str().unwrap())
        .collect();
    assert_eq!(tags, ["v1.3.0", "v2.0.2", "v0.9.1"]);

    town.git("core", &["tag", "-a", "v1.3.0", "-m", "v1.3.0"]);
    cascade(&town, &["bump", "--repo", "core", "--yes"]).exits(0);
    let expected = APP
        .replace("core v1.2.0 // not", "core v1.3.0 // not")
        .replace("json v0.2.0", "json v0.3.0");
    assert_eq!(town.read("app", "go.mod"), expected);
    assert!(
        town.read("lib", "v2/go.mod")
            .ends_with("require example.org/core v1.3.0\n")
    );
    let said = town.git("app", &["log", "-1", "--format=%B"]);
    for part in [
        "example.org/core 1.2.0 -> 1.3.0",
        "example.org/core/json 0.2.0 -> 0.3.0",
    ] {
        assert!(said.contains(part), "{said}");
    }
    cascade(&town, &["bump", "--repo", "core", "--yes"]).exits(0);
    assert_eq!(town.read("app", "go.mod"), expected);
}
