//! The rules about a family: its edges, pins, locks, tags and checkouts.

use std::fs;

use cascade_tests::Town;

use super::{Case, hold};
use crate::drift_time::{age, looks};
use crate::family::{cascade, crate_toml, declaration, family};

/// The family, with this done to it.
fn but(change: impl FnOnce(&Town)) -> Town {
    let town = family();
    change(&town);
    town
}

/// The family, with this text of its declaration replaced.
fn redeclared(from: &str, to: &str) -> Town {
    but(|town| {
        let text = town.read(".", "workspace.toml");
        assert!(text.contains(from), "{text}");
        town.workspace(&text.replacen(from, to, 1));
    })
}

/// The family, where `lib` pins `core` so.
fn pinned(pin: &str) -> Town {
    but(|town| {
        let text = crate_toml("lib", "0.3.1", pin);
        town.commit("lib", "chore: pin", &[("Cargo.toml", &text)]);
    })
}

/// The family, with more lines below one of its repositories.
fn said(repo: &str, lines: &str) -> Town {
    let head = format!("[repo.{repo}]\n");
    redeclared(&head, &format!("{head}{lines}\n"))
}

static CHECKOUTS: &[Case] = &[
    Case {
        code: "detached-head",
        args: &[],
        breaks: || but(|it| drop(it.git("core", &["checkout", "-q", "--detach"]))),
        keeps: family,
    },
    Case {
        code: "dirty",
        args: &[],
        breaks: || but(|it| it.write("core", "Cargo.toml", "# mine\n")),
        keeps: family,
    },
    Case {
        code: "no-upstream-branch",
        args: &[],
        breaks: || but(|it| drop(it.git("core", &["branch", "--unset-upstream"]))),
        keeps: family,
    },
    Case {
        code: "wrong-branch",
        args: &[],
        breaks: || but(|it| drop(it.git("core", &["checkout", "-q", "-b", "topic"]))),
        keeps: family,
    },
];

#[test]
fn checkouts() {
    hold(CHECKOUTS);
}

/// Takes the clone of `side` away.
fn gone(town: &Town) {
    fs::remove_dir_all(town.clone_of("side")).unwrap();
}

fn shallow(town: &Town) {
    gone(town);
    let url = format!("file://{}", town.origin("side").display());
    town.run(&town.work(), &["clone", "-q", "--depth", "1", &url, "side"]);
}

static CLONES: &[Case] = &[
    Case {
        code: "missing-clone",
        args: &[],
        breaks: || but(gone),
        keeps: family,
    },
    Case {
        code: "no-commits",
        args: &[],
        breaks: || {
            but(|it| {
                gone(it);
                it.run(&it.work(), &["init", "-q", "side"]);
            })
        },
        keeps: family,
    },
    Case {
        code: "not-a-repository",
        args: &[],
        breaks: || {
            but(|it| {
                gone(it);
                it.write("side", "notes.txt", "not git\n");
            })
        },
        keeps: family,
    },
    Case {
        code: "shallow-clone",
        args: &[],
        breaks: || {
            but(|it| {
                it.commit("side", "docs: more", &[]);
                it.git("side", &["push", "-q"]);
                shallow(it);
            })
        },
        keeps: family,
    },
    Case {
        code: "unreadable",
        args: &[],
        breaks: || {
            but(|it| {
                it.git("side", &["config", "core.repositoryFormatVersion", "1"]);
                it.git("side", &["config", "extensions.nonsense", "true"]);
            })
        },
        keeps: family,
    },
];

#[test]
fn clones() {
    hold(CLONES);
}

static EDGES: &[Case] = &[
    Case {
        code: "cycle",
        args: &[],
        breaks: || {
            but(|it| {
                let text = crate_toml("core", "1.2.0", "lib = \"0.3\"");
                it.commit("core", "chore: pin", &[("Cargo.toml", &text)]);
            })
        },
        keeps: family,
    },
    Case {
        code: "dead-edge",
        args: &[],
        breaks: || pinned(""),
        keeps: || {
            let town = pinned("");
            let text = town.read(".", "workspace.toml");
            let only = "needs = [{ repo = \"core\", order-only = true }]\n\n[repo.app]";
            town.workspace(&text.replacen("needs = [\"core\"]\n\n[repo.app]", only, 1));
            town
        },
    },
    Case {
        code: "duplicate-package",
        args: &[],
        breaks: || {
            but(|it| {
                let text = crate_toml("core", "0.1.0", "");
                it.commit("side", "chore: name", &[("Cargo.toml", &text)]);
            })
        },
        keeps: family,
    },
    Case {
        code: "undeclared-edge",
        args: &[],
        breaks: || redeclared("needs = [\"core\"]", "needs = []"),
        keeps: family,
    },
];

#[test]
fn edges() {
    hold(EDGES);
}

static PINS: &[Case] = &[
    Case {
        code: "pin-ahead",
        args: &[],
        breaks: || pinned("core = \"=1.3.0\""),
        keeps: family,
    },
    Case {
        code: "pin-behind",
        args: &[],
        breaks: || pinned("core = \"1.1\""),
        keeps: || pinned("core = \"1\""),
    },
    Case {
        code: "pin-excluded",
        args: &[],
        breaks: || pinned("core = \"=1.1.0\""),
        keeps: family,
    },
    Case {
        code: "pin-prerelease",
        args: &[],
        breaks: || pinned("core = \"=1.3.0-rc.1\""),
        keeps: family,
    },
    Case {
        code: "placeholder-pinned",
        args: &[],
        breaks: || pinned("core = \"=0.0.0\""),
        keeps: family,
    },
    Case {
        code: "source-override",
        args: &[],
        breaks: || pinned("core = { version = \"=1.2.0\", path = \"../core\" }"),
        keeps: family,
    },
];

#[test]
fn pins() {
    hold(PINS);
}

/// Two Go modules, where the first took 1.0.0 back and the second requires this version of it.
fn modules(version: &str) -> Town {
    let town = Town::new();
    let module = "module go.example/core\n\ngo 1.21\n";
    town.repo("core", "v1.0.0", &[("go.mod", module)]);
    let taken = format!("{module}\nretract v1.0.0\n");
    town.commit("core", "fix: take it back", &[("go.mod", &taken)]);
    town.git("core", &["tag", "-a", "v1.1.0", "-m", "v1.1.0"]);
    let app = format!("module go.example/app\n\ngo 1.21\n\nrequire go.example/core {version}\n");
    town.repo("app", "v1.0.0", &[("go.mod", &app)]);
    town.workspace("[workspace]\nname = \"t\"\n[repo.core]\n[repo.app]\nneeds = [\"core\"]\n");
    town
}

static RETRACTED: &[Case] = &[Case {
    code: "pin-retracted",
    args: &[],
    breaks: || modules("v1.0.0"),
    keeps: || modules("v1.1.0"),
}];

#[test]
fn what_was_taken_back() {
    hold(RETRACTED);
}

/// Two npm packages, of which the second has a lock that records this range and version.
fn locked(range: &str, version: &str) -> Town {
    let town = Town::new();
    let manifest = |name: &str, needs: &str| {
        format!(
            "{{\n  \"name\": \"{name}\",\n  \"version\": \"1.2.0\",\n  \"dependencies\": {{{needs}}}\n}}\n"
        )
    };
    town.repo("core", "v1.2.0", &[("package.json", &manifest("core", ""))]);
    let lock = format!(
        "{{\n  \"name\": \"app\",\n  \"version\": \"1.2.0\",\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \
         \"packages\": {{\n    \"\": {{\n      \"name\": \"app\",\n      \"version\": \"1.2.0\",\n      \
         \"dependencies\": {{\n        \"core\": \"{range}\"\n      }}\n    }},\n    \"node_modules/core\": {{\n      \
         \"version\": \"{version}\"\n    }}\n  }}\n}}\n"
    );
    let needs = manifest("app", "\"core\": \"^1.2.0\"");
    let files = [
        ("package.json", needs.as_str()),
        ("package-lock.json", &lock),
    ];
    town.repo("app", "v1.2.0", &files);
    town.workspace("[workspace]\nname = \"t\"\n[repo.core]\n[repo.app]\nneeds = [\"core\"]\n");
    town
}

static LOCKS: &[Case] = &[
    Case {
        code: "lock-contradicts",
        args: &[],
        breaks: || locked("^1.2.0", "1.1.0"),
        keeps: || locked("^1.2.0", "1.2.0"),
    },
    Case {
        code: "lock-stale",
        args: &[],
        breaks: || locked("^1.1.0", "1.2.0"),
        keeps: || locked("^1.2.0", "1.2.0"),
    },
];

#[test]
fn locks() {
    hold(LOCKS);
}

/// Returns the finding of a code as each of these commands tells it.
fn told<const N: usize>(town: &Town, code: &str, commands: [&[&str]; N]) -> [serde_json::Value; N] {
    commands.map(|command| {
        let all = cascade(town, &[command, &["--format", "json"]].concat()).json();
        let lists = |it: &serde_json::Value| it["findings"].as_array().cloned();
        let of_repos = all["repos"].as_array().cloned().unwrap_or_default();
        let of_repos = of_repos.iter().filter_map(lists).flatten();
        let mut findings = lists(&all).into_iter().flatten().chain(of_repos);
        let found = findings.find(|it| it["code"] == code);
        assert!(found.is_some(), "{command:?} says nothing of {code}");
        found.unwrap()
    })
}

/// Returns the line of a finding, which `status` tells with its place.
fn line(finding: &serde_json::Value) -> &serde_json::Value {
    let place = finding.get("place").filter(|it| it.is_object());
    &place.unwrap_or(finding)["line"]
}

#[test]
fn findings_of_locks_say_their_line() {
    for (range, version, code) in [
        ("^1.2.0", "1.1.0", "lock-contradicts"),
        ("^1.1.0", "1.2.0", "lock-stale"),
        ("^1.2.0", "1.3.0-rc.1", "lock-prerelease"),
    ] {
        let town = locked(range, version);
        for it in told(&town, code, [&["status"], &["check"], &["drift"]]) {
            assert_eq!(line(&it), 14, "{it:#}");
        }
        let at = "app/package-lock.json:14";
        for format in ["human", "html", "markdown", "junit"] {
            let text = cascade(&town, &["drift", "--format", format]).out;
            assert!(text.contains(at), "{format}: {text}");
        }
        let sarif = cascade(&town, &["drift", "--format", "sarif"]).json();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let result = results.iter().find(|it| it["ruleId"] == code).unwrap();
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], 14, "{result:#}");
    }
}

#[test]
fn a_mismatch_is_told_in_one_way_and_says_its_line() {
    let town = but(|it| {
        it.commit("core", "feat: frames", &[]);
        it.git("core", &["tag", "-a", "v1.3.0", "-m", "v1.3.0"]);
        it.git("core", &["push", "-q", "origin", "main", "v1.3.0"]);
    });
    let commands: [&[&str]; 4] = [
        &["status"],
        &["check"],
        &["check", "--ref", "v1.3.0"],
        &["drift"],
    ];
    let all = told(&town, "version-mismatch", commands);
    for it in &all {
        assert_eq!(line(it), 3, "{it:#}");
        let mend = "never move the tag: `cascade release --repo core=patch` makes the next one";
        assert_eq!(it["mend"], mend, "{it:#}");
    }
}

/// The family, with two crates in `side`; this is declared of them.
fn two_crates(packages: &str) -> Town {
    let town = said("side", &format!("packages = [{packages}]"));
    let (a, b) = (crate_toml("a", "1.0.0", ""), crate_toml("b", "1.0.0", ""));
    town.git("side", &["rm", "-q", "Cargo.toml"]);
    town.commit(
        "side",
        "feat: two",
        &[("a/Cargo.toml", &a), ("b/Cargo.toml", &b)],
    );
    town
}

static TAGS: &[Case] = &[
    Case {
        code: "no-tags",
        args: &[],
        breaks: || but(|it| drop(it.git("side", &["tag", "-d", "v0.1.0"]))),
        keeps: family,
    },
    Case {
        code: "template-collision",
        args: &[],
        breaks: || two_crates("{ name = \"a\", tag = \"b-v1-{version}\" }"),
        keeps: || two_crates("{ name = \"a\", tag = \"a-v1-{version}\" }"),
    },
    Case {
        code: "unreleased",
        args: &[],
        breaks: || but(|it| drop(it.commit("core", "feat: frames", &[]))),
        keeps: || but(|it| drop(it.commit("core", "docs: frames", &[]))),
    },
    Case {
        code: "version-mismatch",
        args: &[],
        breaks: || {
            but(|it| {
                it.commit("core", "feat: frames", &[]);
                it.git("core", &["tag", "-a", "v1.3.0", "-m", "v1.3.0"]);
            })
        },
        keeps: family,
    },
];

#[test]
fn tags() {
    hold(TAGS);
}

const SITE: &str = "[[repo.side.site]]\nfile = \"values.yaml\"\nregex = 'tag: \"(?P<version>[^\"]+)\"'\n\
    upstream = \"core\"\n";

const KEY: &str =
    "[[repo.side.site]]\nfile = \"values.yaml\"\nkey = \"image.tag\"\nupstream = \"core\"\n";

/// The family, with this file in `side`, and a site declared in it.
fn sited(text: &str) -> Town {
    sited_by(SITE, text)
}

fn sited_by(site: &str, text: &str) -> Town {
    but(|town| {
        town.commit("side", "chore: values", &[("values.yaml", text)]);
        let declared = town.read(".", "workspace.toml");
        let needs = declared.replace("needs = []", "needs = [\"core\"]");
        let needs = needs.replacen("needs = [\"core\"]", "needs = []", 1);
        town.workspace(&format!("{needs}\n{site}"));
    })
}

/// The family, whose `side` has these values, and whose `core` publishes an image.
fn deploying(values: &str) -> Town {
    but(|town| {
        town.commit("side", "chore: values", &[("values.yaml", values)]);
        let declared = town.read(".", "workspace.toml");
        let image = "[repo.core]\nregistry = \"none\"\nimages = [\"registry.example/acme/core\"]\n";
        town.workspace(&declared.replacen("[repo.core]\n", image, 1));
    })
}

/// The family, with a chart in `side` on the chart of `core`, and its lock of `core` 1.2.0.
fn charted(wanted: &str) -> Town {
    but(|town| {
        let chart = format!(
            "name: side\ndependencies:\n- name: core\n  version: {wanted}\n  repository: oci://registry.example/charts\n"
        );
        let lock = "dependencies:\n- name: core\n  repository: oci://registry.example/charts\n  version: 1.2.0\n\
            digest: sha256:1bb70e64aa1e8c9690cd8f5d6645bf7bf334305b8aa5f24943c3e528bde345c7\n";
        let files = [("Chart.yaml", chart.as_str()), ("Chart.lock", lock)];
        town.commit("side", "chore: chart", &files);
        let declared = town.read(".", "workspace.toml");
        let chart =
            "[repo.core]\nregistry = \"none\"\ncharts = [\"oci://registry.example/charts/core\"]\n";
        town.workspace(&declared.replacen("[repo.core]\n", chart, 1));
    })
}

static FILES: &[Case] = &[
    Case {
        code: "lock-contradicts",
        args: &[],
        breaks: || charted("1.1.0"),
        keeps: || charted("1.2.0"),
    },
    Case {
        code: "lock-stale",
        args: &[],
        breaks: || charted("^1.2.0"),
        keeps: || charted("1.2.0"),
    },
    Case {
        code: "pin-unversioned",
        args: &[],
        breaks: || deploying("image: {repository: registry.example/acme/core, tag: latest}\n"),
        keeps: || deploying("image: {repository: registry.example/acme/core, tag: 1.2.0}\n"),
    },
    Case {
        code: "manifest-unreadable",
        args: &[],
        breaks: || {
            but(|it| drop(it.commit("side", "chore: oops", &[("Cargo.toml", "[package\n")])))
        },
        keeps: family,
    },
    Case {
        code: "deployment-unreadable",
        args: &[],
        breaks: || deploying("image: {repository: registry.example/acme/core\n"),
        keeps: || deploying("image: {repository: registry.example/acme/core}\n"),
    },
    Case {
        code: "site-missing",
        args: &[],
        breaks: || sited("image: core\n"),
        keeps: || sited("tag: \"1.2.0\"\n"),
    },
    Case {
        code: "site-missing",
        args: &[],
        breaks: || sited_by(KEY, "tag: 1.2.0\n"),
        keeps: || sited_by(KEY, "image: {tag: v1.2}\n"),
    },
];

#[test]
fn files() {
    hold(FILES);
}

const PLEASE: (&str, &str) = (
    "release-please-config.json",
    "{ \"packages\": { \".\": {} } }\n",
);

static MODES: &[Case] = &[
    Case {
        code: "release-please-unconfigured",
        args: &[],
        breaks: || said("side", "release = \"release-please\""),
        keeps: || {
            let town = said("side", "release = \"release-please\"");
            town.commit("side", "chore: configure", &[PLEASE]);
            town
        },
    },
    Case {
        code: "release-please-unexpected",
        args: &[],
        breaks: || but(|it| drop(it.commit("side", "chore: configure", &[PLEASE]))),
        keeps: family,
    },
];

#[test]
fn modes() {
    hold(MODES);
}

/// The family, `core` with changes or without, and a waiver of those until a day.
fn waived(until: &str, change: impl FnOnce(&Town)) -> Town {
    but(|town| {
        let waiver = "\n[[check.waiver]]\ncode = \"dirty\"\nreason = \"it is being written\"\n";
        let text = town.read(".", "workspace.toml");
        town.workspace(&format!("{text}{waiver}until = {until}\n"));
        change(town);
    })
}

fn mine(town: &Town) {
    town.write("core", "Cargo.toml", "# mine\n");
}

static WAIVERS: &[Case] = &[
    Case {
        code: "waiver-expired",
        args: &["--select", "dirty"],
        breaks: || waived("2026-01-01", |_| ()),
        keeps: || waived("9999-12-31", mine),
    },
    Case {
        code: "waiver-unused",
        args: &["--select", "dirty"],
        breaks: || waived("9999-12-31", |_| ()),
        keeps: || waived("9999-12-31", mine),
    },
];

#[test]
fn waivers() {
    hold(WAIVERS);
    let town = waived("9999-12-31", mine);
    let said = cascade(&town, &["check", "--select", "dirty", "--format", "json"]).exits(0);
    assert_eq!(said.json()["waived"][0]["reason"], "it is being written");
    cascade(&town, &["check"]).says(&["1 waived"]);
    let over = waived("2026-01-01", mine);
    let codes = ["check", "--select", "dirty", "--select", "waiver-*"];
    let said = cascade(&over, &codes).exits(1);
    said.says(&["workspace.toml", "over on 2026-01-01", "has changes"]);
}

/// `types` at 1.0.0 and 2.0.0, `core` and `graph` on it, and `app` on both, with these pins.
fn diamond(core: &str, graph: &str) -> Town {
    let town = Town::new();
    let needs = |pins: &str| pins.replace(", ", "\n");
    let package = |name: &str, pins: &str| crate_toml(name, "1.0.0", &needs(pins));
    let pins = |name: &str| match name {
        "core" => format!("types = \"{core}\""),
        "graph" => format!("types = \"{graph}\""),
        "app" => "core = \"1\", graph = \"1\"".to_owned(),
        _ => String::new(),
    };
    for name in ["types", "core", "graph", "app"] {
        let manifest = package(name, &pins(name));
        town.repo(name, "v1.0.0", &[("Cargo.toml", &manifest)]);
    }
    town.commit(
        "types",
        "feat!: other",
        &[("Cargo.toml", &crate_toml("types", "2.0.0", ""))],
    );
    town.git("types", &["tag", "-a", "v2.0.0", "-m", "v2.0.0"]);
    let needs = [
        ("types", ""),
        ("core", "types"),
        ("graph", "types"),
        ("app", "core graph"),
    ];
    town.workspace(&declaration(&town, &needs));
    town
}

#[test]
fn pins_that_come_together() {
    hold(&[Case {
        code: "diamond-skew",
        args: &[],
        breaks: || diamond("1", "2"),
        keeps: || diamond(">=1, <3", "2"),
    }]);
    let said = cascade(&diamond("1", "2"), &["check", "--select", "diamond-skew"]);
    said.exits(1).says(&[
        "no version of `types` fits all",
        "app -> core pins `1`",
        "app -> graph pins `2`",
        "cascade bump --repo types moves `core` to 2.0.0",
    ]);
}

#[test]
fn pins_that_move_down() {
    let moved = |to: &str| {
        let town = diamond("=2.0.0", "2");
        let manifest = town.read("core", "Cargo.toml").replace("=2.0.0", to);
        town.commit("core", "fix: pin", &[("Cargo.toml", &manifest)]);
        town
    };
    let codes = ["check", "--select", "pin-downgraded"];
    let said = cascade(&moved("=1.0.0"), &codes).exits(1);
    said.says(&["`=1.0.0` on `types` was `=2.0.0`"]);
    cascade(&moved("2"), &codes).exits(0);
    let town = diamond("=2.0.0", "2");
    let manifest = town.read("core", "Cargo.toml").replace("=2.0.0", "=1.0.0");
    town.write("core", "Cargo.toml", &manifest);
    let staged = [&codes[..], &["--staged"]].concat();
    cascade(&town, &staged).exits(0);
    town.git("core", &["add", "-A"]);
    cascade(&town, &staged).exits(1);
}

/// Only a look that has a history knows that nothing looked before.
#[test]
fn looks_that_stopped() {
    let town = family();
    let text = town.read(".", "workspace.toml");
    town.workspace(&format!("{text}\n[drift]\nexpect-every = \"8 days\"\n"));
    looks(&town, &["--history", "past"]).exits(0);
    let file = town.work().join("past/drift.jsonl");
    let unwatched = || {
        let said = looks(&town, &["--history", "past"]).exits(0).json();
        let findings = said["findings"].as_array().unwrap().clone();
        let mut found = findings.into_iter();
        let found = found.find(|it| it["code"] == "drift-unwatched");
        found.map(|it| it["what"].as_str().unwrap().to_owned())
    };
    age(&file, 3);
    // Two looks of one second that see the same are one.
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(unwatched(), None);
    age(&file, 30);
    let what = unwatched().unwrap();
    assert!(what.contains("nothing has run for 30 days"), "{what}");
}

/// The family, where `app` deploys images of `core` and `lib` in these waves, by folders of its own.
fn waves(core: &str, lib: &str) -> Town {
    let town = family();
    let remote = town.origin("app").display().to_string();
    let mut text = town.read(".", "workspace.toml");
    for name in ["core", "lib"] {
        let head = format!("[repo.{name}]\n");
        let images = format!("{head}images = [\"registry.example/acme/{name}\"]\n");
        text = text.replacen(&head, &images, 1);
    }
    town.workspace(&text);
    let one = |name: &str, wave: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n  annotations: {{argocd.argoproj.io/sync-wave: '{wave}'}}\nspec:\n  source: {{repoURL: '{remote}', path: envs/{name}}}\n"
        )
    };
    let image =
        |name: &str| format!("images: [{{name: registry.example/acme/{name}, newTag: 1.0.0}}]\n");
    town.commit(
        "app",
        "chore: deploy",
        &[
            ("apps/core.yaml", &one("core", core)),
            ("apps/lib.yaml", &one("lib", lib)),
            ("envs/core/kustomization.yaml", &image("core")),
            ("envs/lib/kustomization.yaml", &image("lib")),
        ],
    );
    town
}

#[test]
fn sync_waves() {
    hold(&[Case {
        code: "sync-wave",
        args: &[],
        breaks: || waves("1", "1"),
        keeps: || waves("1", "2"),
    }]);
}
