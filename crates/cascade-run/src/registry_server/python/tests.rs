//! The Python index, as clients ask it.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

use super::distribution::name_of;
use crate::registry_server::tests::Town;

const JSON: &str = "Accept: application/vnd.pypi.simple.v1+json\r\n";
const WHEEL: &str = "The_Frames-1.2.0-py3-none-any.whl";

fn wheel(metadata: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("vendored/other-9.dist-info/METADATA", "Name: other\n"),
        ("the_frames-1.2.0.dist-info/METADATA", metadata),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const METADATA: &str = "Metadata-Version: 2.1\nName: the-frames\nVersion: 1.2.0\nSummary: Frames\n\
    Requires-Python: >=3.8,<4\nRequires-Dist: a>1\nRequires-Dist: b; extra == \"c\"\n\n\
    Requires-Python: not this\n";

#[test]
fn the_page_of_a_project_says_everything_of_its_files() {
    let town = Town::new();
    town.put(&format!("pypi/{WHEEL}"), wheel(METADATA));
    town.put("pypi/the-frames-1.10.0.tar.gz", "no archive");
    town.put("pypi/the_frames_more-1.0.tar.gz", "of another project");
    town.put("pypi/notes.txt", "no distribution");
    town.put(
        "times.json",
        format!("{{\"pypi/{WHEEL}\":\"2026-01-01T00:00:00.1Z\"}}"),
    );
    town.put(
        "yanked.json",
        "{\"pypi/the-frames-1.10.0.tar.gz\":\"<too> many\"}",
    );

    let told = town.ask("GET", "/pypi/simple/The.Frames/", JSON, b"");
    assert_eq!(
        told.header("Content-Type"),
        Some("application/vnd.pypi.simple.v1+json")
    );
    assert_eq!(told.header("Vary"), Some("Accept"));
    let page = told.json();
    assert_eq!(page["name"], "the-frames");
    assert_eq!(page["versions"], serde_json::json!(["1.2.0", "1.10.0"]));
    let [wheel, sdist] = page["files"].as_array().unwrap().as_slice() else {
        panic!("{page}");
    };
    assert_eq!(wheel["requires-python"], ">=3.8,<4");
    assert_eq!(wheel["upload-time"], "2026-01-01T00:00:00.100000Z");
    assert_eq!(wheel["yanked"], false);
    assert_eq!(sdist["yanked"], "<too> many");
    assert_eq!(sdist["core-metadata"], false);
    let url = wheel["url"].as_str().unwrap();
    assert_eq!(url, format!("http://127.0.0.1/pypi/files/{WHEEL}"));

    let path = url.strip_prefix("http://127.0.0.1").unwrap();
    let alone = town.get(&format!("{path}.metadata"));
    assert_eq!(alone.body, METADATA);
    let sum = super::distribution::sha256(alone.body.as_bytes());
    assert_eq!(wheel["core-metadata"]["sha256"], sum);
    assert_eq!(
        town.get("/pypi/files/the-frames-1.10.0.tar.gz.metadata")
            .status,
        404
    );

    let html = town.get("/pypi/simple/the-frames").body;
    assert!(
        html.contains("data-requires-python=\"&gt;=3.8,&lt;4\""),
        "{html}"
    );
    assert!(html.contains("data-yanked=\"&lt;too&gt; many\""), "{html}");
    assert!(
        html.contains(&format!("data-core-metadata=\"sha256={sum}\"")),
        "{html}"
    );
    assert_eq!(html.matches("<a href=").count(), 2);

    let all = town.ask("GET", "/pypi/simple/", JSON, b"").json();
    let names = serde_json::json!([{"name": "the-frames"}, {"name": "the-frames-more"}]);
    assert_eq!(all["projects"], names);
}

#[test]
fn the_json_api_says_the_latest_that_may_be_taken() {
    let town = Town::new();
    town.put(&format!("pypi/{WHEEL}"), wheel(METADATA));
    town.put("pypi/the_frames-1.10.0.tar.gz", "x");
    town.put("pypi/the_frames-2.0rc1.tar.gz", "x");
    town.put("yanked.json", "[\"pypi/the_frames-1.10.0.tar.gz\"]");
    let about = town.get("/pypi/pypi/the-frames/json").json();
    assert_eq!(about["info"]["version"], "1.2.0");
    assert_eq!(
        about["info"]["requires_dist"],
        serde_json::json!(["a>1", "b; extra == \"c\""])
    );
    assert_eq!(about["releases"].as_object().unwrap().len(), 3);
    let one = town.get("/pypi/pypi/the_frames/2.0.rc1/json").json();
    assert_eq!(one["info"]["version"], "2.0rc1");
    assert_eq!(one["urls"][0]["packagetype"], "sdist");
    assert_eq!(town.get("/pypi/pypi/the-frames/3.0/json").status, 404);
}

fn form(fields: &[(&str, &str)], file: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head =
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(head.as_bytes());
    }
    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"content\"; filename=\"{file}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--b--\r\n");
    body
}

#[test]
fn a_file_is_uploaded_once_and_only_under_its_own_name() {
    let town = Town::new();
    let kind = "Content-Type: multipart/form-data; boundary=b\r\n";
    let send = |fields: &[(&str, &str)], file: &str, bytes: &[u8]| {
        let body = form(fields, file, bytes);
        town.ask("POST", "/pypi/legacy/", kind, &body).status
    };
    let ours = [
        (":action", "file_upload"),
        ("name", "The.Frames"),
        ("version", "1.2.0"),
    ];
    assert_eq!(send(&ours, WHEEL, b"one"), 200);
    assert_eq!(
        send(&ours, WHEEL, b"one"),
        200,
        "the same once more is no harm"
    );
    assert_eq!(send(&ours, WHEEL, b"two"), 400);
    assert_eq!(send(&[("name", "other")], "frames-1.0.tar.gz", b"x"), 400);
    assert_eq!(send(&[("version", "2.0")], "frames-1.0.tar.gz", b"x"), 400);
    assert_eq!(
        send(&[("sha256_digest", "00")], "frames-1.0.tar.gz", b"x"),
        400
    );
    assert_eq!(
        send(&[(":action", "submit")], "frames-1.0.tar.gz", b"x"),
        400
    );
    for name in [
        "../x-1.0.tar.gz",
        "x/y-1.0.tar.gz",
        ".x-1.0.tar.gz",
        "x.exe",
        "",
        "x-1.0.zip",
    ] {
        assert_eq!(send(&[], name, b"x"), 400, "{name}");
    }
    assert_eq!(town.get(&format!("/pypi/files/{WHEEL}")).body, "one");
    assert_eq!(town.ask("POST", "/pypi/legacy/", "", b"x").status, 400);
}

#[test]
fn file_names_say_project_and_version() {
    let named = |file: &str| name_of(file);
    let it = |name: &str, version: &str| Some((name.to_owned(), version.to_owned()));
    assert_eq!(named("a_b-1.0-py3-none-any.whl"), it("a-b", "1.0"));
    assert_eq!(named("a_b-1.0-1-py3-none-any.whl"), it("a-b", "1.0"));
    assert_eq!(
        named("A.B-1.0+cpu-cp311-cp311-linux_x86_64.whl"),
        it("a-b", "1.0+cpu")
    );
    assert_eq!(named("a-b-1.0.tar.gz"), it("a-b", "1.0"));
    for none in [
        "a-1.0.whl",
        "a.tar.gz",
        "a-b.tar.gz",
        "-1.0.tar.gz",
        "a-1.0.tar.bz2",
        "é-1.0.tar.gz",
    ] {
        assert_eq!(named(none), None, "{none}");
    }
}
