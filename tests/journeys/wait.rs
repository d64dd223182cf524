//! `cascade wait`: a version that appears late, in parts, on and off, or never.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cascade_run::RegistryServer;
use cascade_tests::Town;

use crate::CASCADE;
use crate::family::{Said, cascade};

/// A town with a registry, in which `core` 1.0.0 is a wheel and a source distribution.
struct Market {
    town: Town,
    server: RegistryServer,
}

/// A `cascade wait` that runs.
struct Waiting<'a> {
    market: &'a Market,
    child: Child,
    asked: usize,
}

impl Market {
    fn new() -> Self {
        let town = Town::new();
        let server = RegistryServer::start(&town.path().join("registry"), 0).unwrap();
        let market = Self { town, server };
        market.put("core-1.0.0.tar.gz", "old");
        market.put("core-1.0.0-py3-none-any.whl", "old");
        market
    }

    fn put(&self, file: &str, text: &str) {
        let at = self.town.path().join("registry/pypi").join(file);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
        fs::write(at, text).unwrap();
    }

    fn take(&self, file: &str) {
        fs::remove_file(self.town.path().join("registry/pypi").join(file)).unwrap();
    }

    fn index(&self) -> String {
        format!("{}/pypi/simple/", self.server.url())
    }

    fn command(&self, subject: &str, options: &[&str]) -> Command {
        let mut command = self.town.command(CASCADE);
        command
            .args(["wait", subject, "--in", &self.index()])
            .args(options)
            .current_dir(self.town.work());
        command
    }

    fn wait(&self, subject: &str, options: &[&str]) -> Waiting<'_> {
        let asked = self.server.requests().len();
        let mut command = self.command(subject, options);
        let pipes = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Waiting {
            market: self,
            child: pipes.spawn().unwrap(),
            asked,
        }
    }
}

impl Waiting<'_> {
    /// Returns once it asked so many times in all.
    fn asked(&self, times: usize) {
        let begin = Instant::now();
        while self.market.server.requests().len() < self.asked + times {
            assert!(begin.elapsed() < Duration::from_mins(1), "it does not ask");
            thread::sleep(Duration::from_millis(5));
        }
        // What was asked is answered before the shelf changes.
        thread::sleep(Duration::from_millis(100));
    }

    fn ends(self) -> Said {
        Said::from(&self.child.wait_with_output().unwrap())
    }
}

#[test]
fn a_version_that_comes_late_and_in_parts_is_waited_for() {
    let market = Market::new();
    let waiting = market.wait("pypi:core@1.1.0", &["--timeout", "2m"]);
    waiting.asked(1);
    market.put("core-1.1.0-py3-none-any.whl", "new");
    waiting.asked(2);
    market.put("core-1.1.0.tar.gz", "new");
    let said = waiting.ends().exits(0);
    said.says(&[
        "core 1.1.0: not listed yet, 1.0.0 is",
        "core 1.1.0: listed without sdist",
        "visible  core 1.1.0  2 files",
    ]);
}

#[test]
fn a_version_that_flaps_and_a_server_with_too_much_to_do_are_waited_for() {
    let market = Market::new();
    for file in ["core-1.1.0.tar.gz", "core-1.1.0-py3-none-any.whl"] {
        market.put(file, "new");
    }
    let begin = Instant::now();
    market.server.busy_for(1, Duration::from_secs(3));
    let waiting = market.wait("python:core@v1.1.0", &["--format", "json"]);
    waiting.asked(2);
    market.take("core-1.1.0.tar.gz");
    waiting.asked(3);
    market.put("core-1.1.0.tar.gz", "new");
    let said = waiting.ends().exits(0);
    assert!(
        begin.elapsed() >= Duration::from_secs(3),
        "`Retry-After` counts"
    );
    let said = said.says(&["no answer", "it answers 503", "listed without sdist"]);
    let json = said.json();
    let package = &json["packages"][0];
    assert_eq!(json["schema"], "cascade.wait/1");
    assert_eq!(package["state"], "visible");
    assert_eq!(package["files"].as_object().unwrap().len(), 2);
    assert!(package["readings"].as_u64().unwrap() >= 5, "{json}");
}

#[test]
fn a_version_that_never_comes_is_told_from_one_on_its_way() {
    let market = Market::new();
    let end = |subject: &str, options: &[&str]| {
        let options = [&["--timeout", "1s"], options].concat();
        Said::from(&market.command(subject, &options).output().unwrap())
    };
    end("python:core@2.0.0", &[]).exits(7).says(&[
        "waiting  core 2.0.0  never published",
        "not listed yet, 1.0.0 is",
    ]);
    end("python:cor@1.0.0", &[])
        .exits(7)
        .says(&["never published", "the project is not known"]);
    market.put("core-2.0.0.tar.gz", "new");
    end("python:core@2.0.0", &[])
        .exits(7)
        .says(&["still propagating: listed without wheel (py3, any platform)"]);
    end("python:core@2.0.0", &["--file", "*.tar.gz"])
        .exits(0)
        .says(&["visible"]);
    let other = format!("core-2.0.0.tar.gz=sha256:{}", "0".repeat(64));
    end("python:core@2.0.0", &["--digest", &other])
        .exits(3)
        .says(&["another file than expected"]);
    market.server.busy_for(1000, Duration::ZERO);
    end("python:core@1.0.0", &[])
        .exits(7)
        .says(&["nothing is known of it: no answer"]);
}

#[test]
fn a_file_that_changes_is_a_failure_and_an_interrupt_the_end() {
    let market = Market::new();
    market.put("core-2.0.0.tar.gz", "new");
    let waiting = market.wait("python:core@2.0.0", &[]);
    waiting.asked(1);
    market.put("core-2.0.0.tar.gz", "newer");
    let said = waiting.ends().exits(3);
    said.says(&["`core-2.0.0.tar.gz` changed while it was waited for"]);
    let waiting = market.wait("python:core@3.0.0", &[]);
    waiting.asked(1);
    let pid = waiting.child.id().to_string();
    market.town.call("kill", &["-INT", &pid]);
    waiting.ends().exits(130).says(&["interrupted  core 3.0.0"]);
}

#[test]
fn a_workspace_says_what_a_name_means_and_where_it_appears() {
    let market = Market::new();
    let town = &market.town;
    let project = "[project]\nname = \"core\"\nversion = \"1.0.0\"\n";
    town.repo("kernel", "v1.0.0", &[("pyproject.toml", project)]);
    let index = market.index();
    town.workspace(&format!(
        "[workspace]\nname = \"town\"\nregistry = \"own\"\n\n[registry.own]\necosystem = \"python\"\naddress = \"{index}\"\n\n\
         [registry.shelf]\nfolder = \"../registry\"\n\n[repo.kernel]\nremote = \"{}\"\n",
        town.origin("kernel").display()
    ));
    for (subject, place) in [
        ("kernel@1.0.0", None),
        ("core@1.0.0", None),
        ("kernel/core@1.0", None),
        ("kernel@1.0.0", Some("shelf")),
        ("core@1.0.0", Some("../registry/pypi")),
    ] {
        let place = place.map(|it| vec!["--in", it]).unwrap_or_default();
        let said = cascade(town, &[&["wait", subject], place.as_slice()].concat());
        said.exits(0)
            .says(&["visible  core 1.0", "2 files, 2 readings"]);
    }
    let remote = format!("git+{}", town.origin("kernel").display());
    let tags = cascade(town, &["wait", "core@1.0.0", "--in", &remote]);
    tags.exits(0).says(&["visible", "1 file,"]);
    let wrong = cascade(town, &["wait", "core@1.0.0", "--in", "shelv"]);
    wrong.exits(2).says(&["did you mean `shelf`?"]);
    let wrong = cascade(town, &["wait", "kernal@1.0.0"]);
    wrong.exits(2).says(&["did you mean `kernel`?"]);
    let wrong = cascade(town, &["wait", "x/y@1.0.0"]);
    wrong.exits(2).says(&["`image:x", "`chart:oci:"]);
    town.repo("empty", "", &[("README", "")]);
    let text = town.read(".", "workspace.toml");
    town.workspace(&format!("{text}\n[repo.empty]\n"));
    let empty = cascade(town, &["wait", "empty@1.0.0"]);
    empty
        .exits(2)
        .says(&["`empty` publishes nothing that could be waited for"]);
}

#[test]
fn no_login_is_ever_shown() {
    let market = Market::new();
    let place = market
        .index()
        .replacen("http://", "http://me:hunter2hunter2@", 1);
    let config = format!("index-url = {place}\n");
    market
        .town
        .write("here", "pip.conf", &format!("[global]\n{config}"));
    market.server.busy_for(1, Duration::ZERO);
    for place in [place.as_str(), "configured"] {
        for format in ["human", "json"] {
            let mut command = market.town.command(CASCADE);
            command
                .args([
                    "wait",
                    "python:core@1.0.0",
                    "--format",
                    format,
                    "--in",
                    place,
                ])
                .env(
                    "PIP_CONFIG_FILE",
                    market.town.clone_of("here").join("pip.conf"),
                )
                .current_dir(market.town.work());
            let said = Said::from(&command.output().unwrap()).exits(0);
            let all = format!("{}{}", said.out, said.err);
            assert!(all.contains("visible") && !all.contains("hunter2"), "{all}");
        }
    }
}
