//! Real clients in a real cascade: a pushed tag is built and published by its remote's hook after a
//! while, what stands on it waits until the index lists it, and its lock moves, natively and by the
//! ecosystem's own tool.
//!
//! cargo is always there; a client that is not installed is not tried, and that is said.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use cascade_tests::Town;
use serde_json::Value;

use crate::CASCADE;
use crate::bump::hooks;
use crate::family::{Said, refs};
use crate::registry::Served;

/// A client with its registry: how a package is written, published and checked.
struct Trade {
    program: &'static str,
    /// The lock's name.
    lock: &'static str,
    /// Returns the files of a repository, at 1.0.0 with these pins.
    files: fn(&str, &[&str]) -> Files,
    /// Builds and publishes what lies in the folder.
    publish: &'static str,
    /// Makes the first lock.
    locks: &'static [&'static str],
    /// Is content with a lock that fits, and with no other.
    checks: &'static [&'static str],
    /// The file that a release of it is, `NAME` and `VERSION` for its own.
    file: &'static str,
}

static UV: Trade = Trade {
    program: "uv",
    lock: "uv.lock",
    files: python,
    publish: "uv build -q && uv publish -q -u x -p x --publish-url URL/pypi/legacy/ dist/*",
    locks: &["lock"],
    checks: &["lock", "--check"],
    file: "NAME-VERSION-py3-none-any.whl",
};

static NPM: Trade = Trade {
    program: "npm",
    lock: "package-lock.json",
    files: node,
    publish: "npm publish",
    locks: &["install", "--package-lock-only"],
    checks: &["ci", "--dry-run"],
    file: "NAME-VERSION.tgz",
};

static CARGO: Trade = Trade {
    program: "cargo",
    lock: "Cargo.lock",
    files: rust,
    publish: "cargo publish --registry rehearsal --no-verify --allow-dirty",
    locks: &["generate-lockfile"],
    checks: &["metadata", "--locked", "--format-version", "1"],
    file: "NAME-VERSION.crate",
};

/// Files of a repository: their paths, and what is in them.
type Files = Vec<(&'static str, String)>;

fn python(name: &str, pins: &[&str]) -> Files {
    let pins: Vec<_> = pins.iter().map(|it| format!("\"{it}==1.0.0\"")).collect();
    let text = format!(
        "[project]\nname = \"{name}\"\nversion = \"1.0.0\"\nrequires-python = \">=3.9\"\ndependencies = [{}]\n\n\
         [build-system]\nrequires = [\"uv_build\"]\nbuild-backend = \"uv_build\"\n\n\
         [tool.uv.build-backend]\nmodule-name = \"it\"\nmodule-root = \"\"\n",
        pins.join(", ")
    );
    vec![("pyproject.toml", text), ("it/__init__.py", String::new())]
}

fn node(name: &str, pins: &[&str]) -> Files {
    let pins: Vec<_> = pins
        .iter()
        .map(|it| format!("\n    \"{it}\": \"1.0.0\""))
        .collect();
    let text = format!(
        "{{\n  \"name\": \"{name}\",\n  \"version\": \"1.0.0\",\n  \"dependencies\": {{{}\n  }}\n}}\n",
        pins.join(",")
    );
    vec![("package.json", text)]
}

fn rust(name: &str, pins: &[&str]) -> Files {
    let mut text = format!(
        "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\
         description = \"It\"\nlicense = \"MIT\"\n\n[dependencies]\n"
    );
    for pin in pins {
        writeln!(text, "{pin} = \"=1.0.0\"").unwrap();
    }
    vec![("Cargo.toml", text), ("src/lib.rs", String::new())]
}

/// The repositories, each with what it pins, and how its lock is made.
const REPOS: [(&str, &[&str], &str); 3] = [
    ("frames", &[], "auto"),
    ("server", &["frames"], "native"),
    ("edge", &["frames", "server"], "tool"),
];

/// A family whose packages are in a registry, and whose remotes publish what is tagged.
struct Market {
    town: Town,
    served: Served,
    trade: &'static Trade,
}

impl Market {
    /// Founds the family; `None` where its client is not installed.
    fn found(trade: &'static Trade) -> Option<Self> {
        let town = Town::new();
        let there = town.command(trade.program).arg("--version").output();
        if !there.is_ok_and(|it| it.status.success()) {
            #[expect(clippy::print_stderr, reason = "what was not tried is said")]
            {
                eprintln!("skipped: `{}` is not installed", trade.program);
            }
            return None;
        }
        let folder = town.path().join("registry");
        // Clients may keep for ten minutes what they saw, as of public registries.
        let served = Served::of(&town, &[folder.to_str().unwrap(), "--fresh", "600"]);
        let it = Self {
            town,
            served,
            trade,
        };
        it.configure();
        for (name, pins, _) in REPOS {
            it.repo(name, pins);
        }
        it.declare();
        Some(it)
    }

    /// Returns where its clients look, and what keeps them from looking anywhere else.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let url = self.served.url();
        let at = |name: &str| self.town.path().join(name).display().to_string();
        // The port of `discard`, where nobody listens.
        let nowhere = "http://127.0.0.1:9".to_owned();
        vec![
            ("HTTP_PROXY", nowhere.clone()),
            ("HTTPS_PROXY", nowhere.clone()),
            ("http_proxy", nowhere.clone()),
            ("https_proxy", nowhere),
            ("NO_PROXY", "127.0.0.1".to_owned()),
            ("no_proxy", "127.0.0.1".to_owned()),
            ("UV_DEFAULT_INDEX", format!("{url}/pypi/simple/")),
            ("UV_PYTHON_DOWNLOADS", "never".to_owned()),
            ("UV_CACHE_DIR", at("uv-cache")),
            ("npm_config_registry", format!("{url}/npm/")),
            ("npm_config_update_notifier", "false".to_owned()),
            ("npm_config_cache", at("npm-cache")),
            ("CARGO_HOME", at("home/cargo")),
        ]
    }

    /// Writes what no variable of the clients says.
    fn configure(&self) {
        let url = self.served.url();
        let home = self.town.path().join("home");
        let place = url.trim_start_matches("http:");
        write(
            &home.join(".npmrc"),
            &format!("{place}/npm/:_authToken=x\n"),
        );
        let config = format!(
            "[source.crates-io]\nreplace-with = \"rehearsal\"\n\
             [source.rehearsal]\nregistry = \"sparse+{url}/cargo/\"\n\
             [registries.rehearsal]\nindex = \"sparse+{url}/cargo/\"\ntoken = \"x\"\n"
        );
        write(&home.join("cargo/config.toml"), &config);
    }

    /// Returns a program in a clone, with the registry for all others.
    fn command(&self, program: &str, folder: &str) -> Command {
        let mut command = self.town.command(program);
        command
            .envs(self.environment())
            .current_dir(self.town.clone_of(folder));
        command
    }

    fn cascade(&self, args: &[&str]) -> Said {
        let out = self.command(CASCADE, ".").args(args).output();
        Said::from(&out.unwrap())
    }

    fn client(&self, folder: &str, args: &[&str]) {
        let out = self.command(self.trade.program, folder).args(args).output();
        let out = out.unwrap();
        let said = [out.stdout, out.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(out.status.success(), "{args:?} in {folder}: {said}");
    }

    /// Founds a repository with its first release, published and locked as later ones will be.
    fn repo(&self, name: &str, pins: &[&str]) {
        let files = (self.trade.files)(name, pins);
        let ignored = (".gitignore", "node_modules\ntarget\n.venv\n".to_owned());
        let files: Vec<_> = files.iter().chain([&ignored]).collect();
        let files: Vec<_> = files.iter().map(|it| (it.0, it.1.as_str())).collect();
        self.town.repo(name, "", &files);
        if !pins.is_empty() {
            self.client(name, self.trade.locks);
            self.town.commit(name, "chore: lock", &[]);
        }
        self.town
            .git(name, &["tag", "-a", "v1.0.0", "-m", "v1.0.0"]);
        self.town.git(name, &["push", "-q", "--follow-tags"]);
        let script = self.publisher(name);
        let args = [script.as_str(), "v1.0.0", "0"];
        let out = self.town.call("sh", &args);
        assert!(out.status.success(), "{}", self.log());
        self.hooks(name, &script);
    }

    /// Writes what builds a tag of a repository and publishes it; returns where.
    fn publisher(&self, name: &str) -> String {
        let at = self.town.path().join(format!("publish-{name}"));
        let mut script = "#!/bin/sh\nset -e\n".to_owned();
        let home = self.town.path().join("home").display().to_string();
        let path = String::from_utf8(self.town.call("printenv", &["PATH"]).stdout).unwrap();
        let rustup = String::from_utf8(self.town.call("printenv", &["RUSTUP_HOME"]).stdout);
        let own = [
            ("HOME", home),
            ("PATH", path.trim().to_owned()),
            ("RUSTUP_HOME", rustup.unwrap().trim().to_owned()),
        ];
        for (variable, value) in own.into_iter().chain(self.environment()) {
            writeln!(script, "export {variable}='{value}'").unwrap();
        }
        let town = self.town.path().display();
        let publish = self.trade.publish.replace("URL", self.served.url());
        let origin = self.town.origin(name);
        write!(
            script,
            "exec >>{town}/log 2>&1\necho {name} $1\nsleep $2\ntree={town}/build-{name}-$1\nmkdir $tree\n\
             git --git-dir={} archive $1 | tar -x -C $tree\ncd $tree\n{publish}\n",
            origin.display()
        )
        .unwrap();
        hooks::write(&at, &script);
        at.display().to_string()
    }

    /// Lets a repository's remote publish each tag a second after its push, whatever becomes of the
    /// one who pushed; and write down what is published before it takes anything.
    fn hooks(&self, name: &str, script: &str) {
        let hooks = self.town.origin(name).join("hooks");
        let town = self.town.path().display();
        let saw = format!("#!/bin/sh\nls -R {town}/registry > {town}/{name}.saw\n");
        hooks::write(&hooks.join("pre-receive"), &saw);
        let publishes = format!(
            "#!/bin/sh\nwhile read -r old new ref; do\n  case $ref in refs/tags/*)\n    \
             setsid env -i sh {script} ${{ref#refs/tags/}} 1 </dev/null >/dev/null 2>&1 & ;;\n  esac\ndone\n"
        );
        hooks::write(&hooks.join("post-receive"), &publishes);
    }

    fn declare(&self) {
        let mut text =
            "[workspace]\nname = \"town\"\nregistry = \"configured\"\ntimeout = \"2m\"\n"
                .to_owned();
        for (name, pins, lock) in REPOS {
            let remote = self.town.origin(name);
            writeln!(
                text,
                "\n[repo.{name}]\nremote = \"{}\"\nneeds = {pins:?}\nlock = \"{lock}\"",
                remote.display()
            )
            .unwrap();
        }
        self.town.workspace(&text);
    }

    fn log(&self) -> String {
        fs::read_to_string(self.town.path().join("log")).unwrap_or_default()
    }

    /// Returns what was published when a repository's remote was first asked to take the release.
    fn saw(&self, name: &str) -> String {
        fs::read_to_string(self.town.path().join(format!("{name}.saw"))).unwrap()
    }

    fn file(&self, name: &str, version: &str) -> String {
        let file = self.trade.file.replace("NAME", name);
        file.replace("VERSION", version)
    }
}

fn write(at: &std::path::Path, text: &str) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
    fs::write(at, text).unwrap();
}

/// Returns which way the lock of each repository went, as a run's events say.
fn ways(events: &str) -> Vec<(String, Value)> {
    let lines = events
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).unwrap());
    let relocked = lines.filter(|it| it["what"]["event"] == "relocked");
    relocked
        .map(|it| {
            let repo = it["what"]["repo"].as_str().unwrap().to_owned();
            (repo, it["what"]["way"].clone())
        })
        .collect()
}

/// Releases the family and requires that all of it is out, in order, and in step.
fn releases(trade: &'static Trade) {
    let Some(market) = Market::found(trade) else {
        return;
    };
    let town = &market.town;
    town.commit("frames", "feat: more of them", &[]);
    town.git("frames", &["push", "-q"]);
    let release = ["release", "--yes", "--events", "events.jsonl"];
    let said = market.cascade(&release);
    assert_eq!(said.code, 0, "{}\n{}\n{}", said.out, said.err, market.log());
    said.says(&[
        "frames: waiting for `frames` 1.1.0",
        "server: `server` 1.0.1 is visible",
        "edge: `edge` 1.0.1 is visible",
    ]);
    is_in_order(&market);
    let events = fs::read_to_string(town.work().join("events.jsonl")).unwrap();
    let by = serde_json::json!({"way": "tool", "program": trade.program, "because": null});
    let natively = serde_json::json!({"way": "natively"});
    let want = [("server".to_owned(), natively), ("edge".to_owned(), by)];
    assert_eq!(ways(&events), want);
    is_in_step(&market);
    let all = || REPOS.map(|(name, ..)| refs(town, name));
    let before = all();
    let asked = market.log();
    market.cascade(&["release", "--yes"]).exits(0);
    market
        .cascade(&["release", "--repo", "frames=1.1.0", "--yes"])
        .exits(0);
    assert_eq!(all(), before, "it did something twice");
    assert_eq!(market.log(), asked, "it published something twice");
}

/// Requires that nothing was pushed before what it pins was listed.
#[track_caller]
fn is_in_order(market: &Market) {
    let (frames, server) = (
        market.file("frames", "1.1.0"),
        market.file("server", "1.0.1"),
    );
    for (repo, file, there) in [
        ("frames", &frames, false),
        ("server", &frames, true),
        ("server", &server, false),
        ("edge", &frames, true),
        ("edge", &server, true),
    ] {
        let saw = market.saw(repo);
        assert_eq!(saw.contains(file), there, "{repo}, {file}:\n{saw}");
    }
}

/// Requires that what is out can be had: the locks fit, to cascade and to the client itself.
#[track_caller]
fn is_in_step(market: &Market) {
    for (name, pins, _) in REPOS {
        market.town.git(name, &["pull", "-q", "--tags"]);
        let tag = if pins.is_empty() { "v1.1.0" } else { "v1.0.1" };
        let at = |it: &str| market.town.git(name, &["rev-parse", it]);
        assert_eq!(at(&format!("{tag}^{{commit}}")), at("origin/main"));
        if !pins.is_empty() {
            let lock = market.town.read(name, market.trade.lock);
            assert!(lock.contains("1.1.0"), "{lock}");
            market.client(name, market.trade.checks);
        }
    }
    market.cascade(&["lock", "--verify"]).exits(0);
}

#[test]
fn what_uv_publishes_is_waited_for_and_locked_both_ways() {
    releases(&UV);
}

#[test]
fn what_npm_publishes_is_waited_for_and_locked_both_ways() {
    releases(&NPM);
}

#[test]
fn what_cargo_publishes_is_waited_for_and_locked_both_ways() {
    releases(&CARGO);
}
