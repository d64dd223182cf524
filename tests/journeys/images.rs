//! Images and charts: waited for by `cascade wait` and in a release, told of by `cascade drift --fetch`.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use cascade_run::{Opens, RegistryServer};
use cascade_tests::Town;

use crate::CASCADE;
use crate::family::{Said, cascade, crate_toml, family, refs};

/// The family, whose `core` publishes an image and a chart, and the registry of both.
pub(crate) struct Harbour {
    pub(crate) town: Town,
    server: RegistryServer,
}

impl Harbour {
    /// Returns the harbour; `more` is what `core` declares too.
    pub(crate) fn new(more: &str) -> Self {
        let town = family();
        let server = RegistryServer::start(&town.path().join("registry"), 0).unwrap();
        let harbour = Self { town, server };
        let host = harbour.host();
        let text = harbour.town.read(".", "workspace.toml");
        let declared = format!(
            "[repo.core]\n{more}images = [{{ name = \"{host}/acme/core\", moving = [\"latest\"] }}]\n"
        );
        let text = text.replacen("[repo.core]\n", &declared, 1);
        harbour.town.workspace(&text);
        harbour
    }

    pub(crate) fn host(&self) -> String {
        self.server.url().replace("http://", "")
    }

    /// Pushes an image, which is another one for each text, with a tag.
    pub(crate) fn push(&self, tag: &str, text: &str) {
        self.push_to("acme/core", tag, text);
    }

    /// Pushes an image or chart to a path of the registry; returns its digest.
    pub(crate) fn push_to(&self, path: &str, tag: &str, text: &str) -> String {
        push(&self.host(), (path, tag), text)
    }

    /// Pushes an index that lists these digests, one for each platform; returns its own.
    pub(crate) fn push_index(&self, path: &str, tag: &str, platforms: &[&str]) -> String {
        let rows = platforms.iter().map(|it| {
            format!("{{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"{it}\",\"size\":2}}")
        });
        let rows: Vec<String> = rows.collect();
        put(&self.host(), (path, tag), &index(&rows.join(","), "new"))
    }

    /// Keeps the registry after the test's own end of it.
    pub(crate) fn into_town(self) -> Town {
        std::mem::forget(self.server);
        self.town
    }

    fn wait(&self, subject: &str, options: &[&str]) -> Said {
        cascade(&self.town, &[&["wait", subject][..], options].concat())
    }
}

fn push(host: &str, at: (&str, &str), text: &str) -> String {
    put(host, at, &index("", text))
}

fn index(manifests: &str, text: &str) -> String {
    format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\
         \"manifests\":[{manifests}],\"annotations\":{{\"text\":\"{text}\"}}}}"
    )
}

fn put(host: &str, (path, tag): (&str, &str), body: &str) -> String {
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "PUT /v2/{path}/manifests/{tag} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 201"), "{said}");
    let told = said.lines().find_map(|it| {
        let (name, value) = it.split_once(": ")?;
        name.eq_ignore_ascii_case("docker-content-digest")
            .then(|| value.trim().to_owned())
    });
    told.unwrap()
}

#[test]
fn an_image_is_there_when_its_tags_have_one_digest() {
    let harbour = Harbour::new("");
    harbour.push("v1.2.0", "old");
    harbour.push("latest", "old");
    let short = ["--timeout", "1s"];
    let whole = format!("core/{}/acme/core@1.2.0", harbour.host());
    let said = harbour.wait(&whole, &[&short[..], &["--format", "json"]].concat());
    let json = said.exits(0).json();
    let package = &json["packages"][0];
    assert_eq!(
        (&package["ecosystem"], &package["state"]),
        (&"image".into(), &"visible".into())
    );
    let files = package["files"].as_object().unwrap();
    assert_eq!(files["latest"], files["v1.2.0"]);
    let next = whole.replace("1.2.0", "1.3.0");
    let none = harbour.wait(&next, &short).exits(7);
    none.says(&["never published", "not listed yet, 1.2.0 is"]);
    harbour.push("1.3.0", "new");
    let late = harbour.wait(&next, &short).exits(7);
    late.says(&["listed without `latest`, which has the digest of another version"]);
    harbour.push("latest", "new");
    harbour.wait(&next, &short).exits(0);
    // What is older keeps its own digest.
    harbour.wait(&whole, &short).exits(0);
    harbour.push("v1.3.0", "another");
    let two = harbour.wait(&next, &short).exits(7);
    two.says(&[
        "one digest of `1.3.0` and `v1.3.0` (sha256:",
        ": push one of them anew)",
    ]);
    let text = harbour.town.read(".", "workspace.toml");
    harbour
        .town
        .workspace(&text.replace("/acme/core\"", "/acme/runtime\""));
    let said = harbour.wait("core/runtime@1.3.0", &short).exits(7);
    said.says(&["acme/runtime 1.3.0", "the project is not known"]);
}

#[test]
fn a_whole_repository_is_waited_for_as_its_release_does() {
    let short = ["--timeout", "1s", "--format", "json"];
    for more in [
        "",
        "packages = [{ name = \"core\", registry = \"none\" }]\n",
    ] {
        let harbour = Harbour::new(more);
        harbour.push("1.2.0", "old");
        harbour.push("latest", "old");
        let json = harbour.wait("core@1.2.0", &short).exits(0).json();
        let packages = json["packages"].as_array().unwrap();
        let kinds: Vec<_> = packages.iter().map(|it| &it["ecosystem"]).collect();
        assert_eq!(kinds, ["image"], "no index has the crate: {more}");
    }
    let harbour = Harbour::new("registry = \"none\"\n");
    let said = harbour.wait("core@1.2.0", &short).exits(2);
    said.says(&["a release waits for nothing of `core`", "`core/NAME`"]);
}

#[test]
fn a_login_of_the_docker_configuration_opens_a_registry_and_is_never_shown() {
    let harbour = Harbour::new("");
    harbour.push("1.2.0", "old");
    harbour.server.opens(Opens::ByToken {
        user: "me".to_owned(),
        password: "hunter2hunter2".to_owned(),
    });
    let subject = format!("image:{}/acme/core@1.2.0", harbour.host());
    let run = |config: &str| {
        let folder = harbour.town.path().join("docker");
        fs::create_dir_all(&folder).unwrap();
        #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
        fs::write(folder.join("config.json"), config).unwrap();
        let mut command = harbour.town.command(CASCADE);
        command.args(["wait", &subject, "--timeout", "1s"]);
        command.env("DOCKER_CONFIG", folder);
        Said::from(&command.current_dir(harbour.town.path()).output().unwrap())
    };
    run("{}").exits(7).says(&["a login that is not known"]);
    let host = harbour.host();
    // me:hunter2hunter2
    let auth = "bWU6aHVudGVyMmh1bnRlcjI=";
    let config = format!("{{\"auths\":{{\"{host}\":{{\"auth\":\"{auth}\"}}}}}}");
    let said = run(&config).exits(0).says(&["visible"]);
    let all = format!("{}{}", said.out, said.err);
    assert!(!all.contains("hunter2") && !all.contains(auth), "{all}");
}

#[test]
fn a_chart_is_waited_for_in_an_index_and_in_a_registry() {
    let harbour = Harbour::new("");
    let at = harbour.town.path().join("registry/charts/stable");
    fs::create_dir_all(&at).unwrap();
    let index =
        "entries:\n  core:\n  - version: 1.2.0\n    digest: 00ff\n    urls: [core-1.2.0.tgz]\n";
    #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
    fs::write(at.join("index.yaml"), index).unwrap();
    let short = ["--timeout", "1s"];
    let typed = format!("chart:{}/charts/stable/core", harbour.server.url());
    let said = harbour.wait(&format!("{typed}@1.2.0"), &short).exits(0);
    said.says(&["visible  core 1.2.0  1 file"]);
    let said = harbour.wait(&format!("{typed}@1.3.0"), &short).exits(7);
    said.says(&["not listed yet, 1.2.0 is"]);
    harbour.push("1.2.0_b.1", "chart");
    let typed = format!("chart:oci://{}/acme/core@1.2.0+b.1", harbour.host());
    harbour.wait(&typed, &short).exits(0);
    harbour.wait("chart:oci://core@1.2.0", &short).exits(2);
    harbour.wait("image:Core:1@1.2.0", &short).exits(2);
}

#[test]
fn nothing_below_is_touched_before_the_image_is_there() {
    let harbour = Harbour::new("timeout = \"2m\"\n");
    harbour.push("1.2.0", "old");
    harbour.push("latest", "old");
    let town = &harbour.town;
    let text = crate_toml("core", "1.2.0", "");
    town.commit(
        "core",
        "feat: more",
        &[("Cargo.toml", &format!("{text}# more\n"))],
    );
    town.git("core", &["push", "-q"]);
    let plan = ["plan", "--repo", "core=minor"];
    let host = harbour.host();
    let wait = format!(
        "wait   until {host}/acme/core 1.3.0 is visible in {host}, with latest at its digest"
    );
    cascade(town, &plan).exits(0).says(&[&wait]);
    let json = cascade(town, &[&plan[..], &["--format", "json"]].concat()).exits(0);
    let json = json.json().to_string();
    assert!(
        json.contains("\"outlet\":{\"image\":{\"moving\":[\"latest\"]}}"),
        "{json}"
    );
    let mut command = town.command(CASCADE);
    command.args(["release", "--repo", "core=minor", "--yes"]);
    let pipes = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = pipes.current_dir(town.work()).spawn().unwrap();
    let begin = Instant::now();
    while !refs(town, "core").contains("refs/tags/v1.3.0") {
        assert!(
            begin.elapsed() < Duration::from_mins(1),
            "nothing is tagged"
        );
        thread::sleep(Duration::from_millis(50));
    }
    for (tag, text) in [("v1.3.0", "new"), ("latest", "new")] {
        thread::sleep(Duration::from_millis(2500));
        assert!(
            !refs(town, "lib").contains("refs/tags/v0.3.2"),
            "lib went before"
        );
        harbour.push(tag, text);
    }
    let said = Said::from(&child.wait_with_output().unwrap());
    said.exits(0).says(&[
        "not listed yet, 1.2.0 is",
        "listed without `latest`, which has the digest of another version",
        "acme/core` 1.3.0 is visible",
    ]);
    assert!(refs(town, "lib").contains("refs/tags/v0.3.2"));
}
