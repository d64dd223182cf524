//! `cascade registry`: real clients publish to it and resolve from it, and reach nothing else.
//!
//! cargo is always there; a client that is not installed is not tried.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use cascade_tests::Town;

use crate::CASCADE;

/// A registry on this machine's loopback, served by the command itself.
pub(crate) struct Served {
    child: Child,
    out: BufReader<ChildStdout>,
    folder: PathBuf,
    url: String,
}

impl Served {
    /// Serves a folder of the town.
    fn start(town: &Town) -> Self {
        let folder = town.path().join("registry");
        Self::of(town, &[folder.to_str().unwrap()])
    }

    /// Serves what these arguments of `cascade registry` say, the folder first.
    pub(crate) fn of(town: &Town, args: &[&str]) -> Self {
        let folder = PathBuf::from(args[0]);
        let mut child = town
            .command(CASCADE)
            .arg("registry")
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line.split_whitespace().next().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line}");
        Self {
            child,
            out,
            folder,
            url,
        }
    }

    /// Returns its address, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a client in a folder of the town that reaches the loopback and nothing else; `None`
/// where it is not installed.
fn client(town: &Town, program: &str, folder: &str) -> Option<Command> {
    let version = if program == "go" {
        "version"
    } else {
        "--version"
    };
    let there = town.command(program).arg(version).output();
    if !there.is_ok_and(|it| it.status.success()) {
        return None;
    }
    let mut command = town.command(program);
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
        // The port of `discard`, where nobody listens.
        command.env(name, "http://127.0.0.1:9");
    }
    command
        .env("no_proxy", "127.0.0.1")
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(town.clone_of(folder));
    Some(command)
}

fn done(command: &mut Command) -> String {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{command:?}\n{}", said(&out));
    said(&out)
}

fn refused(command: &mut Command) -> String {
    let out = command.output().unwrap();
    assert!(!out.status.success(), "{command:?}\n{}", said(&out));
    said(&out)
}

fn said(out: &Output) -> String {
    let both = [&out.stdout[..], &out.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn write(at: &Path, text: &str) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
    fs::write(at, text).unwrap();
}

fn crate_toml(name: &str, version: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n\
         description = \"It\"\nlicense = \"MIT\"\n\n[dependencies]\n{dependencies}"
    )
}

/// Returns cargo in a clone, with the registry in place of all others and as one to publish to.
fn cargo(town: &Town, served: &Served, folder: &str) -> Command {
    let home = town.path().join("home/cargo");
    let config = format!(
        "[source.crates-io]\nreplace-with = \"rehearsal\"\n\
         [source.rehearsal]\nregistry = \"sparse+{url}/cargo/\"\n\
         [registries.rehearsal]\nindex = \"sparse+{url}/cargo/\"\ntoken = \"x\"\n",
        url = served.url
    );
    write(&home.join("config.toml"), &config);
    let mut command = client(town, "cargo", folder).unwrap();
    command.env("CARGO_HOME", home);
    command
}

const PUBLISH: &[&str] = &[
    "publish",
    "--registry",
    "rehearsal",
    "--no-verify",
    "--allow-dirty",
];

#[test]
fn cargo_publishes_resolves_and_yanks() {
    let town = Town::new();
    let served = Served::start(&town);
    for name in ["frames", "server"] {
        town.repo(name, "", &[("src/lib.rs", "")]);
    }
    let frames = |version: &str| {
        let text = crate_toml("frames", version, "");
        town.write("frames", "Cargo.toml", &text);
        cargo(&town, &served, "frames")
    };
    done(frames("1.2.0").args(PUBLISH));
    done(frames("1.2.1").args(PUBLISH));
    town.write("frames", "src/lib.rs", "// Another one.\n");
    let no = refused(frames("1.2.1").args(PUBLISH));
    assert!(no.contains("already"), "{no}");

    let text = crate_toml("server", "0.1.0", "frames = \"1.2\"\n");
    town.write("server", "Cargo.toml", &text);
    let locked = || {
        done(cargo(&town, &served, "server").arg("generate-lockfile"));
        town.read("server", "Cargo.lock")
    };
    assert!(locked().contains("name = \"frames\"\nversion = \"1.2.1\""));
    let yank = ["yank", "--registry", "rehearsal", "frames@1.2.1"];
    done(cargo(&town, &served, "frames").args(yank));
    assert!(locked().contains("name = \"frames\"\nversion = \"1.2.0\""));
    done(cargo(&town, &served, "frames").args(yank).arg("--undo"));
    assert!(locked().contains("name = \"frames\"\nversion = \"1.2.1\""));
    // What was resolved is what was packed: cargo compares its sum.
    done(cargo(&town, &served, "server").args(["fetch", "--locked"]));
}

/// Packs a wheel of `frames` 1.2.0 by git, whose archives are as good as any.
fn wheel(town: &Town, repo: &str, metadata: &str) -> PathBuf {
    let head = format!("Metadata-Version: 2.1\nName: frames\nVersion: 1.2.0\n{metadata}");
    let kind = "Wheel-Version: 1.0\nGenerator: it\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    let files = [
        ("frames/__init__.py", ""),
        ("frames-1.2.0.dist-info/METADATA", head.as_str()),
        ("frames-1.2.0.dist-info/WHEEL", kind),
        ("frames-1.2.0.dist-info/RECORD", ""),
    ];
    town.repo(repo, "", &files);
    let file = town.path().join(repo).join("frames-1.2.0-py3-none-any.whl");
    fs::create_dir(file.parent().unwrap()).unwrap();
    let output = format!("--output={}", file.display());
    town.git(repo, &["archive", "--format=zip", &output, "HEAD"]);
    file
}

#[test]
fn uv_publishes_and_locks() {
    let town = Town::new();
    let served = Served::start(&town);
    town.repo("app", "", &[("README.md", "")]);
    let Some(_) = client(&town, "uv", "app") else {
        return;
    };
    let uv = || {
        let mut uv = client(&town, "uv", "app").unwrap();
        uv.env("UV_DEFAULT_INDEX", format!("{}/pypi/simple/", served.url))
            .env("UV_PYTHON_DOWNLOADS", "never");
        uv
    };
    let publish = |file: &Path| {
        let mut uv = uv();
        uv.args(["publish", "-u", "x", "-p", "x", "--publish-url"])
            .arg(format!("{}/pypi/legacy/", served.url))
            .arg(file);
        uv
    };
    let first = wheel(&town, "frames", "Requires-Python: >=3.8\n");
    done(&mut publish(&first));
    done(&mut publish(&first));
    let other = wheel(&town, "others", "");
    let no = refused(&mut publish(&other));
    assert!(no.contains("already exists"), "{no}");

    town.write(
        "app",
        "pyproject.toml",
        "[project]\nname = \"app\"\nversion = \"0.1.0\"\nrequires-python = \">=3.8\"\n\
         dependencies = [\"frames==1.2.0\"]\n",
    );
    done(uv().args(["lock", "--no-cache"]));
    let lock = town.read("app", "uv.lock");
    assert!(
        lock.contains("name = \"frames\"\nversion = \"1.2.0\""),
        "{lock}"
    );
    assert!(
        lock.contains("upload-time = \"") && lock.contains("size = "),
        "{lock}"
    );
}

#[test]
fn npm_publishes_and_locks() {
    let town = Town::new();
    let served = Served::start(&town);
    for name in ["frames", "app"] {
        town.repo(name, "", &[("index.js", "")]);
    }
    let Some(_) = client(&town, "npm", "app") else {
        return;
    };
    let npm = |folder: &str| {
        let mut npm = client(&town, "npm", folder).unwrap();
        let place = served.url.trim_start_matches("http:");
        npm.env("npm_config_registry", format!("{}/npm/", served.url))
            .env("npm_config_update_notifier", "false")
            .env("npm_config_cache", town.path().join("npm-cache"))
            .arg(format!("--{place}/npm/:_authToken=x"));
        npm
    };
    let frames = |version: &str, text: &str| {
        let json = format!("{{\"name\":\"@town/frames\",\"version\":\"{version}\"}}");
        town.write("frames", "package.json", &json);
        town.write("frames", "index.js", text);
        npm("frames")
    };
    done(frames("1.2.0", "").arg("publish"));
    done(frames("1.3.0-rc.1", "").args(["publish", "--tag", "next"]));
    let no = refused(frames("1.2.0", "'another one'").arg("publish"));
    assert!(no.contains("previously published"), "{no}");
    let tags = done(npm("frames").args(["dist-tag", "ls", "@town/frames"]));
    assert!(
        tags.contains("latest: 1.2.0") && tags.contains("next: 1.3.0-rc.1"),
        "{tags}"
    );

    let json = r#"{"name":"app","version":"0.1.0","dependencies":{"@town/frames":"^1.2.0"}}"#;
    town.write("app", "package.json", json);
    done(npm("app").args(["install", "--package-lock-only"]));
    let lock = town.read("app", "package-lock.json");
    let resolved = format!("{}/npm/@town/frames/-/frames-1.2.0.tgz", served.url);
    assert!(
        lock.contains(&resolved) && lock.contains("sha512-"),
        "{lock}"
    );
    // What was resolved is what was packed: npm compares its sum.
    done(npm("app").arg("ci"));
}

#[test]
fn go_resolves_what_was_put_there() {
    let town = Town::new();
    let served = Served::start(&town);
    let module = "module town.example/frames\n\ngo 1.21\n";
    let files = [("go.mod", module), ("frames.go", "package frames\n")];
    town.repo("frames", "v1.2.0", &files);
    let main = "package main\n\nimport _ \"town.example/frames\"\n\nfunc main() {}\n";
    let app = "module town.example/app\n\ngo 1.21\n";
    town.repo("app", "", &[("go.mod", app), ("main.go", main)]);
    let Some(mut go) = client(&town, "go", "app") else {
        return;
    };
    let at = served.folder.join("go/town.example/frames/@v");
    fs::create_dir_all(&at).unwrap();
    let info = r#"{"Version":"v1.2.0","Time":"2026-01-01T00:00:00Z"}"#;
    write(&at.join("v1.2.0.info"), info);
    write(&at.join("v1.2.0.mod"), module);
    let output = format!("--output={}", at.join("v1.2.0.zip").display());
    let prefix = "--prefix=town.example/frames@v1.2.0/";
    town.git(
        "frames",
        &["archive", "--format=zip", prefix, &output, "v1.2.0"],
    );
    done(
        go.env("GOPROXY", format!("{}/go", served.url))
            .env("GOSUMDB", "off")
            .env("GOTOOLCHAIN", "local")
            .env("GOFLAGS", "-modcacherw")
            .args(["get", "town.example/frames@latest"]),
    );
    let sum = town.read("app", "go.sum");
    assert!(sum.contains("town.example/frames v1.2.0 h1:"), "{sum}");
    assert!(
        town.read("app", "go.mod")
            .contains("town.example/frames v1.2.0")
    );
}

#[test]
fn git_clones_what_was_put_there() {
    let town = Town::new();
    let served = Served::start(&town);
    town.repo("frames", "v1.2.0", &[("README.md", "frames")]);
    let bare = served.folder.join("git/frames.git");
    fs::create_dir_all(bare.parent().unwrap()).unwrap();
    let origin = town.origin("frames");
    let (origin, bare) = (origin.to_str().unwrap(), bare.to_str().unwrap());
    town.run(town.path(), &["clone", "-q", "--bare", origin, bare]);
    town.run(town.path(), &["-C", bare, "update-server-info"]);
    let url = format!("{}/git/frames.git", served.url);
    let mut git = client(&town, "git", ".").unwrap();
    done(git.args(["clone", "-q", "--branch=v1.2.0", &url, "copy"]));
    assert_eq!(town.read("copy", "README.md"), "frames");
}

#[test]
fn it_says_what_clients_need_and_ends_when_it_is_told_to() {
    let town = Town::new();
    let mut served = Served::start(&town);
    let pid = served.child.id().to_string();
    done(town.command("kill").args(["-TERM", &pid]));
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    let lines: Vec<String> = (&mut served.out).lines().map(Result::unwrap).collect();
    let page = lines.join("\n");
    for word in [
        "UV_DEFAULT_INDEX",
        "--registry",
        "[source.crates-io]",
        "GOPROXY",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert!(page.matches(&served.url).count() >= 6, "{page}");
    assert!(served.folder.is_dir());
}

#[test]
fn a_port_that_is_taken_is_said() {
    let town = Town::new();
    let served = Served::start(&town);
    let port = served.url.rsplit(':').next().unwrap();
    let out = town.call(CASCADE, &["registry", "elsewhere", "--port", port]);
    assert_eq!(out.status.code(), Some(3));
    assert!(said(&out).contains(&format!("port {port} is taken")));
}
