//! Bounds and manners of the server, over real connections.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

mod connections;

/// A server of a scratch folder.
pub(super) struct Town {
    pub(super) dir: TempDir,
    pub(super) server: RegistryServer,
}

impl Town {
    pub(super) fn new() -> Self {
        Self::bounded(Bounds::default())
    }

    fn bounded(bounds: Bounds) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = RegistryServer::bounded(&dir.path().join("root"), 0, bounds).unwrap();
        Self { dir, server }
    }

    /// Puts a file into the folder.
    pub(super) fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let at = self.dir.path().join("root").join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        write(&at, bytes);
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.server.address).unwrap();
        let limit = Some(Duration::from_secs(20));
        stream.set_read_timeout(limit).unwrap();
        stream
    }

    /// Sends bytes as they are, and returns all that comes until the server closes.
    pub(super) fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        // The server may answer and close before it has everything.
        let _ = stream.write_all(bytes.as_ref());
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Sends a request, and returns the status, the head and the body of the answer.
    pub(super) fn ask(&self, method: &str, target: &str, headers: &str, body: &[u8]) -> Told {
        let length = body.len();
        let mut bytes = format!(
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Length: {length}\r\n{headers}\r\n"
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        Told::parse(&self.raw(bytes))
    }

    pub(super) fn get(&self, target: &str) -> Told {
        self.ask("GET", target, "", b"")
    }
}

/// What the server said.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Told {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        Self {
            status: status.unwrap_or(0),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self
            .head
            .lines()
            .skip(1)
            .filter_map(|it| it.split_once(": "));
        lines.find_map(|(it, value)| (it == name).then_some(value))
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

fn write(at: &Path, bytes: impl AsRef<[u8]>) {
    #[expect(clippy::disallowed_methods, reason = "scratch files of the test")]
    fs::write(at, bytes).unwrap();
}

fn quick() -> Bounds {
    Bounds {
        connections: 3,
        head: 4 << 10,
        body: 1 << 10,
        idle: Duration::from_millis(300),
        patience: Duration::from_millis(300),
        transfer: Duration::from_millis(300),
    }
}

const HOST: &str = "Host: 127.0.0.1\r\nConnection: close\r\n";

#[test]
fn bad_requests_are_told_so() {
    let patient = Duration::from_secs(5);
    let town = Town::bounded(Bounds {
        connections: 64,
        idle: patient,
        patience: patient,
        transfer: patient,
        ..quick()
    });
    let long = "x".repeat(8 << 10);
    let many = "X: y\r\n".repeat(101);
    let big = "1".repeat(2 << 10);
    for (request, status) in [
        (
            "\x16\x03\x01\x02\x00\x01\x00\x01 tls\r\n\r\n".to_owned(),
            400,
        ),
        (format!("GET nowhere HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET /%zz HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET /%00 HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET /%ff HTTP/1.1\r\n{HOST}\r\n"), 400),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        (format!("GET / HTTP/2.0\r\n{HOST}\r\n"), 505),
        (
            format!("GET / HTTP/1.1\r\n{HOST}Host: localhost\r\n\r\n"),
            400,
        ),
        (
            "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(),
            421,
        ),
        (
            "GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n".to_owned(),
            421,
        ),
        (format!("GET /{long} HTTP/1.1\r\n{HOST}\r\n"), 431),
        (format!("GET / HTTP/1.1\r\n{HOST}{many}\r\n"), 431),
        (format!("PATCH /npm/x HTTP/1.1\r\n{HOST}\r\n"), 405),
        (
            format!("PUT /npm/x HTTP/1.1\r\n{HOST}Content-Length: x\r\n\r\n"),
            400,
        ),
        (
            format!("PUT /npm/x HTTP/1.1\r\n{HOST}Content-Length: +1\r\n\r\n"),
            400,
        ),
        (
            format!("PUT /npm/x HTTP/1.1\r\n{HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            400,
        ),
        (
            format!(
                "PUT /npm/x HTTP/1.1\r\n{HOST}Content-Length: 1\r\n\
                 Transfer-Encoding: chunked\r\n\r\n"
            ),
            400,
        ),
        (
            format!("PUT /npm/x HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip\r\n\r\n"),
            501,
        ),
        (
            format!("PUT /npm/x HTTP/1.1\r\n{HOST}Content-Length: 99999999999999999999\r\n\r\n"),
            413,
        ),
        (
            format!("PUT /npm/x HTTP/1.1\r\n{HOST}Content-Length: 2048\r\n\r\n{big}"),
            413,
        ),
        (
            format!("PUT /npm/x HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n800\r\n{big}"),
            413,
        ),
        (
            format!(
                "PUT /npm/x HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"
            ),
            413,
        ),
        (
            format!("PUT /npm/x HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\nx\r\n"),
            400,
        ),
        (
            format!("PUT /npm/x HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"),
            400,
        ),
        (
            format!("PUT /npm/x HTTP/1.1\r\n{HOST}Origin: https://evil.example\r\n\r\n"),
            403,
        ),
    ] {
        let told = Told::parse(&town.raw(&request));
        assert_eq!(told.status, status, "{request}\n{told:?}");
    }
    assert_eq!(town.get("/").status, 200, "it is still there");
}

#[test]
fn what_is_not_there_is_not_found() {
    let town = Town::new();
    for target in [
        "/nothing",
        "/pypi/simple/nothing/",
        "/pypi/files/nothing-1.0.tar.gz",
        "/pypi/pypi/nothing/json",
        "/npm/nothing",
        "/npm/nothing/1.0.0",
        "/npm/@scope",
        "/npm/nothing/-/nothing-1.0.0.tgz",
        "/cargo/no/th/nothing",
        "/cargo/dl/nothing/1.0.0/download",
        "/go/nothing.example/@v/list",
        "/git/nothing.git/info/refs",
    ] {
        assert_eq!(town.get(target).status, 404, "{target}");
    }
    assert_eq!(town.server.requests().len(), 12);
    assert_eq!(town.server.requests().first().unwrap(), "GET /nothing");
}

#[test]
fn a_module_has_the_versions_that_are_there_or_those_that_it_says() {
    let town = Town::new();
    let at = "/go/town.example/!frames/@v/list";
    for file in ["v1.0.0.mod", "v1.0.0.zip", "v1.1.0.mod", "v1.1.0.info"] {
        town.put(&format!("go/town.example/!frames/@v/{file}"), "");
    }
    assert_eq!(town.get(at).body, "v1.0.0\nv1.1.0\n");
    town.put(at.trim_start_matches('/'), "v1.0.0\n");
    let told = town.get(at);
    assert_eq!(told.body, "v1.0.0\n");
    assert_eq!(
        told.header("Content-Type"),
        Some("text/plain; charset=utf-8")
    );
}

#[test]
fn no_path_leaves_the_folder() {
    let town = Town::new();
    write(&town.dir.path().join("secret"), "secret");
    fs::create_dir_all(town.dir.path().join("root/pypi")).unwrap();
    town.put("go/.hidden", "secret");
    town.put("times.json", "secret");
    let root = town.dir.path().join("root");
    std::os::unix::fs::symlink(town.dir.path(), root.join("go/out")).unwrap();
    std::os::unix::fs::symlink(town.dir.path().join("secret"), root.join("go/link")).unwrap();
    for target in [
        "/go/../../secret",
        "/go/%2e%2e/%2e%2e/secret",
        "/go/..%2f..%2fsecret",
        "/go/..%5c..%5csecret",
        "/go//../secret",
        "/go/./../times.json",
        "/go/out/secret",
        "/go/link",
        "/go/.hidden",
        "/pypi/files/..%2f..%2fsecret",
        "/pypi/files/..%2ftimes.json",
        "/npm/..%2f..%2fsecret",
        "/npm/..",
        "/npm/@..%2f..",
        "/npm/x/-/..%2f..%2f..%2fsecret",
        "/cargo/se/cr/..%2fsecret",
        "/cargo/../times.json",
        "/cargo/dl/..%2f..%2f..%2fsecret/1/download",
        "/../secret",
        "/times.json",
        "/%2f/etc/passwd",
        "//etc/passwd",
    ] {
        let told = town.get(target);
        assert_eq!(told.status, 404, "{target}: {told:?}");
        assert!(!told.body.contains("secret"), "{target}");
    }
}

#[test]
fn readers_get_what_they_lack() {
    let town = Town::new();
    town.put("go/a/@v/v1.zip", "0123456789");
    let ask = |headers: &str| town.ask("GET", "/go/a/@v/v1.zip", headers, b"");
    let whole = ask("");
    assert_eq!((whole.status, whole.body.as_str()), (200, "0123456789"));
    assert_eq!(whole.header("Cache-Control"), Some("max-age=0"));
    assert_eq!(whole.header("Content-Type"), Some("application/zip"));
    let tag = whole.header("ETag").unwrap();

    let held = ask(&format!("If-None-Match: \"x\", W/{tag}\r\n"));
    assert_eq!((held.status, held.body.as_str()), (304, ""));
    assert_eq!(held.header("Content-Length"), None);
    assert_eq!(ask("If-None-Match: \"x\"\r\n").status, 200);

    let bare = town.ask("HEAD", "/go/a/@v/v1.zip", "", b"");
    assert_eq!((bare.status, bare.body.as_str()), (200, ""));
    assert_eq!(bare.header("Content-Length"), Some("10"));

    for (range, status, body) in [
        ("bytes=0-3", 206, "0123"),
        ("bytes=8-", 206, "89"),
        ("bytes=8-99", 206, "89"),
        ("bytes=-3", 206, "789"),
        ("bytes=-99", 206, "0123456789"),
        ("bytes=3-1", 200, "0123456789"),
        ("bytes=0-1,3-4", 200, "0123456789"),
        ("lines=0-1", 200, "0123456789"),
        ("bytes=x-", 200, "0123456789"),
    ] {
        let part = ask(&format!("Range: {range}\r\n"));
        assert_eq!((part.status, part.body.as_str()), (status, body), "{range}");
    }
    for range in ["bytes=10-", "bytes=-0"] {
        let none = ask(&format!("Range: {range}\r\n"));
        assert_eq!(none.status, 416, "{range}");
        assert_eq!(none.header("Content-Range"), Some("bytes */10"));
    }
    let other = ask("Range: bytes=0-3\r\nIf-Range: \"x\"\r\n");
    assert_eq!(other.status, 200);
}

#[test]
fn how_long_clients_keep_what_they_saw_can_be_set() {
    let town = Town::new();
    town.put("go/a/@v/list", "v1.0.0\n");
    town.server.fresh_for(Duration::from_mins(10));
    let told = town.get("/go/a/@v/list");
    assert_eq!(told.header("Cache-Control"), Some("max-age=600"));
    assert_eq!(town.get("/go/b/@v/list").header("Cache-Control"), None);
}

#[test]
fn a_server_that_is_dropped_is_gone_and_its_port_free() {
    let town = Town::new();
    let open = town.connect();
    let address = town.server.address;
    let started = Instant::now();
    drop(town.server);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "it waits for a silent client"
    );
    drop(open);
    assert!(TcpStream::connect(address).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, it is answered or cut, and the next one is served.
    #[test]
    fn no_bytes_stop_the_server(
        line in "(GET|PUT|POST|HEAD|DELETE) (/(pypi|npm|cargo|go|git|simple|legacy|-|[.%/@a-z0-9]{0,6})){0,6}",
        header in "(Content-Length|Transfer-Encoding|Range|Content-Type|X): [ -~]{0,20}",
        body in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let town = Town::bounded(quick());
        town.put("go/a", "a");
        let mut bytes = format!("{line} HTTP/1.1\r\n{HOST}{header}\r\n\r\n").into_bytes();
        bytes.extend_from_slice(&body);
        let told = Told::parse(&town.raw(bytes));
        prop_assert!((200..=505).contains(&told.status) && told.status != 500, "{told:?}");
        prop_assert_eq!(town.get("/go/a").body, "a");
        let beside = fs::read_dir(town.dir.path()).unwrap().count();
        prop_assert_eq!(beside, 1, "something was written outside");
    }
}
