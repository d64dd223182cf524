//! Registries that a test serves itself, on loopback, and git repositories on this disk.

use std::fs;
use std::io::{BufRead as _, BufReader, Cursor, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use cascade_tests::Town;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::{Environment, Overwrite, RegistryServer, save};

/// A folder with a project, a registry beside it, and an environment that knows neither.
struct Bench {
    dir: TempDir,
    vars: Vec<(String, String)>,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("project")).unwrap();
        let vars = vec![
            (
                "HOME".to_owned(),
                dir.path().join("home").display().to_string(),
            ),
            ("TMPDIR".to_owned(), dir.path().display().to_string()),
            ("PATH".to_owned(), git_alone(&dir).display().to_string()),
        ];
        Self { dir, vars }
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let at = self.dir.path().join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::File::create(at).unwrap().write_all(bytes).unwrap();
    }

    fn serve(&self) -> RegistryServer {
        RegistryServer::start(&self.dir.path().join("registry"), 0).unwrap()
    }

    fn var(&mut self, name: &str, value: &str) {
        self.vars.push((name.to_owned(), value.to_owned()));
    }

    fn registries(&self) -> Registries {
        let vars = self.vars.iter().map(|(k, v)| (k.into(), v.into()));
        Registries::new(&Git::find(Environment::new(vars)).unwrap())
    }

    fn ask(&self, question: &Ask) -> Result<String, Fallback> {
        let registries = self.registries();
        let reach = registries.reach(&self.dir.path().join("project"), "", Names::new());
        let answer = reach.ask(question)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

/// Returns a `PATH` with git and nothing else.
fn git_alone(dir: &TempDir) -> PathBuf {
    let bin = dir.path().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let git = std::env::split_paths(&path).map(|it| it.join("git"));
    let git = git.into_iter().find(|it| it.is_file()).unwrap();
    std::os::unix::fs::symlink(git, bin.join("git")).unwrap();
    bin
}

fn wheel(metadata: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(
        "core-1.0.0.dist-info/METADATA",
        SimpleFileOptions::default(),
    )
    .unwrap();
    zip.write_all(metadata.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

fn tarball(json: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(json.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "package/package.json", json.as_bytes())
        .unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

fn why(answer: Result<String, Fallback>) -> String {
    answer.unwrap_err().0
}

const METADATA: &str = "Metadata-Version: 2.1\nName: core\nVersion: 1.0.0\nRequires-Dist: third\n";

#[test]
fn a_python_index_is_asked_where_the_lock_or_the_settings_say() {
    let mut bench = Bench::new();
    bench.put(
        "registry/pypi/core-1.0.0-py3-none-any.whl",
        &wheel(METADATA),
    );
    let server = bench.serve();
    let simple = format!("{}/pypi/simple", server.url().trim_end_matches('/'));
    let question = |index: Option<&str>| Ask::PythonProject {
        index: index.map(str::to_owned),
        name: "core".to_owned(),
    };
    let page: Value = serde_json::from_str(&bench.ask(&question(Some(&simple))).unwrap()).unwrap();
    let file = &page["files"][0];
    assert_eq!(file["filename"], "core-1.0.0-py3-none-any.whl");
    let url = file["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("http://"), "{url}");
    assert_eq!(bench.ask(&Ask::PythonMetadata { url }).unwrap(), METADATA);

    assert!(why(bench.ask(&question(None))).contains("which index has `core`"));
    bench.put(
        "project/uv.toml",
        format!("[[index]]\nurl = \"{simple}\"\ndefault = true\n").as_bytes(),
    );
    assert!(bench.ask(&question(None)).unwrap().contains("core-1.0.0"));
    bench.var("UV_DEFAULT_INDEX", "http://registry.example/simple");
    let told = why(bench.ask(&question(None)));
    assert!(
        told.contains("registry.example") && told.contains("plain text"),
        "{told}"
    );
    let absent = Ask::PythonProject {
        index: Some(simple),
        name: "nobody".to_owned(),
    };
    assert!(why(bench.ask(&absent)).contains("has no `nobody`"));
}

#[test]
fn a_folder_of_wheels_is_an_index() {
    let bench = Bench::new();
    bench.put("project/flat/core-1.0.0-py3-none-any.whl", &wheel(METADATA));
    let page = bench.ask(&Ask::PythonProject {
        index: Some("flat".to_owned()),
        name: "core".to_owned(),
    });
    let page: Value = serde_json::from_str(&page.unwrap()).unwrap();
    let url = page["files"][0]["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("file:///"), "{url}");
    assert_eq!(bench.ask(&Ask::PythonMetadata { url }).unwrap(), METADATA);
}

#[test]
fn an_npm_registry_is_asked_where_the_lock_or_the_settings_say() {
    let bench = Bench::new();
    let json = r#"{"name":"@own/core","version":"1.0.0","dependencies":{"third":"^1.0.0"}}"#;
    bench.put("registry/npm/@own%2fcore/core-1.0.0.tgz", &tarball(json));
    let server = bench.serve();
    let base = format!("{}/npm/", server.url().trim_end_matches('/'));
    let question = |beside: Option<String>, version: &str| Ask::NpmVersion {
        beside,
        name: "@own/core".to_owned(),
        version: version.to_owned(),
    };
    let beside = format!("{base}@own/core/-/core-0.9.0.tgz");
    let answer = bench.ask(&question(Some(beside.clone()), "1.0.0")).unwrap();
    let document: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(document["dependencies"]["third"], "^1.0.0");
    assert!(document["dist"]["integrity"].is_string());
    let told = why(bench.ask(&question(Some(beside), "1.0.1")));
    assert!(told.contains("has no `@own/core` 1.0.1"), "{told}");

    assert!(why(bench.ask(&question(None, "1.0.0"))).contains("which registry has"));
    bench.put(
        "project/.npmrc",
        format!("@own:registry={base}\n").as_bytes(),
    );
    assert!(bench.ask(&question(None, "1.0.0")).is_ok());
    let url = document["dist"]["tarball"].as_str().unwrap().to_owned();
    assert!(bench.ask(&Ask::Tarball { url }).is_ok());
}

const ROW: &str = "{\"name\":\"core\",\"vers\":\"1.0.0\",\"deps\":[],\"cksum\":\"00\",\"features\":{},\"yanked\":false}\n";

#[test]
fn a_cargo_index_is_sparse_or_a_folder_that_stands_in_for_it() {
    let bench = Bench::new();
    bench.put("registry/cargo/index/co/re/core", ROW.as_bytes());
    let server = bench.serve();
    let base = format!("{}/cargo/", server.url().trim_end_matches('/'));
    let question = |source: String| Ask::CargoIndex {
        source,
        name: "core".to_owned(),
    };
    let answer = bench.ask(&question(format!("sparse+{base}"))).unwrap();
    assert!(answer.contains("\"vers\":\"1.0.0\""), "{answer}");

    let own = "registry+https://forge.example/org/index";
    let told = why(bench.ask(&question(own.to_owned())));
    assert!(told.contains("no setting says"), "{told}");
    bench.put(
        "project/.cargo/config.toml",
        b"[source.crates-io]\nreplace-with = 'disk'\n[source.disk]\nlocal-registry = '../registry/cargo'\n",
    );
    assert_eq!(bench.ask(&question(own.to_owned())).unwrap(), ROW);
}

#[test]
fn a_go_proxy_is_a_folder_or_a_server_and_off_is_off() {
    let mut bench = Bench::new();
    bench.put(
        "registry/go/forge.example/!own/core/@v/v1.0.0.mod",
        b"module forge.example/Own/core\n",
    );
    let server = bench.serve();
    let question = Ask::GoMod {
        module: "forge.example/Own/core".to_owned(),
        version: "v1.0.0".to_owned(),
    };
    assert!(why(bench.ask(&question)).contains("which proxy"));
    let folder = format!("file://{}/registry/go", bench.dir.path().display());
    let proxies = format!("{}/go,direct", server.url().trim_end_matches('/'));
    for (proxy, found) in [
        (folder.as_str(), true),
        (&proxies, true),
        ("off", false),
        ("direct", false),
    ] {
        bench.var("GOPROXY", proxy);
        assert_eq!(bench.ask(&question).is_ok(), found, "{proxy}");
    }
    bench.var("GOPROXY", &proxies);
    bench.var("GOPRIVATE", "forge.example/Own");
    assert!(why(bench.ask(&question)).contains("is private"));
}

#[test]
fn git_tells_the_peeled_commit_of_a_tag_and_one_file_of_it() {
    let town = Town::new();
    town.repo(
        "core",
        "v1.0.0",
        &[("Cargo.toml", "[package]\n"), ("src/lib.rs", "")],
    );
    let head = town.git("core", &["rev-parse", "HEAD"]);
    let bench = Bench::new();
    let url = format!("file://{}", town.origin("core").display());
    let tag = |tag: &str| Ask::GitTag {
        url: url.clone(),
        tag: tag.to_owned(),
    };
    assert_eq!(bench.ask(&tag("v1.0.0")).unwrap(), head.trim());
    assert!(why(bench.ask(&tag("v2.0.0"))).contains("no tag `v2.0.0`"));
    assert!(why(bench.ask(&tag("a..b"))).contains("no name"));
    let file = |path: &str| Ask::GitFile {
        url: url.clone(),
        tag: "v1.0.0".to_owned(),
        path: path.to_owned(),
    };
    assert_eq!(bench.ask(&file("Cargo.toml")).unwrap(), "[package]\n");
    assert!(why(bench.ask(&file("none"))).contains("no file"));
    let at = |commit: &str| Ask::GitFileAt {
        url: url.clone(),
        commit: commit.to_owned(),
        path: "Cargo.toml".to_owned(),
    };
    assert_eq!(bench.ask(&at(head.trim())).unwrap(), "[package]\n");
    assert!(bench.ask(&at(&"0".repeat(40))).is_err());
    assert!(why(bench.ask(&at("v1.0.0"))).contains("is none"));
    let evil = Ask::GitTag {
        url: "ext::sh -c touch% x".to_owned(),
        tag: "v1".to_owned(),
    };
    assert!(bench.ask(&evil).is_err());
}

/// Serves these answers one after the other, and tells every request that came.
pub(super) fn server(answers: Vec<String>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, asked) = channel();
    thread::spawn(move || {
        for answer in answers {
            let Ok((stream, _)) = listener.accept() else {
                return;
            };
            let _ = tell.send(request(&stream));
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    (url, asked)
}

fn request(stream: &TcpStream) -> String {
    let mut lines = String::new();
    for line in BufReader::new(stream.take(1 << 16)).lines() {
        let line = line.unwrap();
        if line.is_empty() {
            break;
        }
        lines.push_str(&line.to_lowercase());
        lines.push('\n');
    }
    lines
}

pub(super) fn answer(head: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn a_login_stays_with_its_server() {
    let (other, asked_there) = server(vec![answer("200 OK", "here")]);
    let moved = answer(&format!("302 Found\r\nLocation: {other}/x"), "");
    let (url, asked) = server(vec![moved]);
    let bench = Bench::new();
    let with_login = url.replace("http://", "http://me:hunter2hunter2@");
    let got = bench.ask(&Ask::Tarball {
        url: format!("{with_login}/x.tgz"),
    });
    assert_eq!(got.unwrap(), "here");
    let first = asked.recv().unwrap();
    assert!(first.contains("authorization: basic bwu6"), "{first}");
    assert!(first.contains("cache-control: no-cache") && first.contains("user-agent: cascade/"));
    let second = asked_there.recv().unwrap();
    assert!(!second.contains("authorization"), "{second}");
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_no_login_is_told() {
    let busy = answer("503 Busy\r\nRetry-After: 0", "");
    let (url, asked) = server(vec![busy, answer("200 OK", "here")]);
    let bench = Bench::new();
    let got = bench.ask(&Ask::Tarball {
        url: format!("{url}/x.tgz"),
    });
    assert_eq!(got.unwrap(), "here");
    assert_eq!(asked.iter().take(2).count(), 2);

    let (url, _asked) = server(vec![answer("403 No", "")]);
    let url = url.replace("http://", "http://me:hunter2hunter2@");
    let told = why(bench.ask(&Ask::Tarball {
        url: format!("{url}/x.tgz"),
    }));
    assert!(
        told.contains("login") && !told.contains("hunter2"),
        "{told}"
    );
}

#[test]
fn a_question_is_asked_once() {
    let (url, asked) = server(vec![answer("200 OK", "one"), answer("200 OK", "two")]);
    let bench = Bench::new();
    let registries = bench.registries();
    let question = Ask::Tarball {
        url: format!("{url}/x.tgz"),
    };
    for _ in 0..3 {
        let reach = registries.reach(bench.dir.path(), "", Names::new());
        assert_eq!(&*reach.ask(&question).unwrap(), b"one");
    }
    assert_eq!(asked.try_iter().count(), 1);
}

#[test]
fn a_netrc_opens_an_index() {
    let (url, asked) = server(vec![answer(
        "200 OK\r\nContent-Type: text/html",
        "<a href='core-1.0.0.tar.gz'>core-1.0.0.tar.gz</a>",
    )]);
    let bench = Bench::new();
    fs::create_dir_all(bench.dir.path().join("home")).unwrap();
    let at = bench.dir.path().join("home/.netrc");
    save(
        &at,
        "machine 127.0.0.1 login me password x\n",
        Overwrite::Never,
    )
    .unwrap();
    let page = bench.ask(&Ask::PythonProject {
        index: Some(format!("{url}/simple")),
        name: "core".to_owned(),
    });
    assert!(
        page.unwrap()
            .contains(&format!("{url}/simple/core/core-1.0.0.tar.gz"))
    );
    assert!(asked.recv().unwrap().contains("authorization: basic"));
}

#[test]
fn a_server_that_can_not_be_reached_is_left_alone() {
    let listening = || TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listening().local_addr().unwrap();
    let bench = Bench::new();
    let registries = bench.registries();
    let reach = registries.reach(bench.dir.path(), "", Names::new());
    let ask = |file: &str| {
        let url = format!("http://{at}/{file}");
        let answer = reach.ask(&Ask::Tarball { url });
        why(answer.map(|_| "an answer".to_owned()))
    };
    assert!(ask("one.tgz").contains("refused"));
    let server = TcpListener::bind(at).unwrap();
    server.set_nonblocking(true).unwrap();
    assert!(ask("two.tgz").contains("refused"));
    assert!(server.accept().is_err(), "it was asked again");
}

#[test]
fn a_name_that_nobody_knows_is_one_that_can_not_be_reached() {
    let bench = Bench::new();
    let registries = bench.registries();
    let reach = registries.reach(bench.dir.path(), "", Names::new());
    // No name server is asked for so long a name.
    let url = format!("https://{}.example/one.tgz", "a".repeat(64));
    let told = why(reach.ask(&Ask::Tarball { url }).map(|_| String::new()));
    assert!(told.contains("its name is not known"), "{told}");
}
