//! The npm registry, as clients ask it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::package::is_name;
use crate::registry_server::tests::{Told, Town};

fn tarball(manifest: &Value) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let text = manifest.to_string();
    for (path, text) in [
        ("package/package.json", text.as_str()),
        ("package/x/package.json", "1"),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn publish(town: &Town, name: &str, tag: &str, manifest: &Value) -> Told {
    let version = manifest["version"].as_str().unwrap();
    let data = STANDARD.encode(tarball(manifest));
    let body = json!({
        "name": name,
        "dist-tags": { tag: version },
        "versions": { version: manifest },
        "_attachments": { "it.tgz": { "data": data, "length": 1 } },
    });
    let path = name.replace('/', "%2f");
    town.ask(
        "PUT",
        &format!("/npm/{path}"),
        "",
        body.to_string().as_bytes(),
    )
}

fn frames(version: &str) -> Value {
    json!({ "name": "@town/frames", "version": version })
}

#[test]
fn a_version_is_published_once() {
    let town = Town::new();
    let told = |it: &Value| publish(&town, "@town/frames", "latest", it);
    assert_eq!(told(&frames("1.0.0")).status, 201);
    assert_eq!(told(&frames("1.0.0")).status, 403);
    let other = json!({ "name": "@town/frames", "version": "1.0.0", "x": 1 });
    let no = told(&other);
    assert_eq!(no.status, 403);
    assert!(
        no.body.contains("previously published versions: 1.0.0"),
        "{no:?}"
    );
    assert_eq!(
        told(&json!({ "name": "other", "version": "1.0.1" })).status,
        400
    );
    assert_eq!(
        told(&json!({ "name": "@town/frames", "version": "../1" })).status,
        400
    );
    assert_eq!(publish(&town, "..", "latest", &frames("1.0.2")).status, 404);
    assert_eq!(town.ask("PUT", "/npm/x", "", b"[]").status, 400);
}

#[test]
fn documents_say_what_is_in_the_tarball() {
    let town = Town::new();
    let manifest = json!({
        "name": "@town/frames", "version": "1.0.0", "readme": "long", "dependencies": { "a": "^1" },
        "scripts": { "postinstall": "x" }, "bin": "x.js",
    });
    publish(&town, "@town/frames", "latest", &manifest);
    publish(&town, "@town/frames", "next", &frames("2.0.0-rc.1"));
    publish(&town, "@town/frames", "latest", &frames("1.10.0"));
    publish(&town, "@town/frames", "old", &frames("1.9.0"));

    let full = town.get("/npm/@town%2fframes").json();
    let tags = json!({ "latest": "1.10.0", "next": "2.0.0-rc.1", "old": "1.9.0" });
    assert_eq!(full["dist-tags"], tags);
    assert_eq!(full["versions"].as_object().unwrap().len(), 4);
    assert!(full["time"]["1.9.0"].as_str().unwrap().ends_with('Z'));
    let dist = &full["versions"]["1.0.0"]["dist"];
    assert_eq!(dist["fileCount"], 2);
    let url = dist["tarball"].as_str().unwrap();
    assert_eq!(url, "http://127.0.0.1/npm/@town/frames/-/frames-1.0.0.tgz");
    let path = url.strip_prefix("http://127.0.0.1").unwrap();
    assert_eq!(town.ask("HEAD", path, "", b"").status, 200);

    let accept = "Accept: application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8\r\n";
    let short = town.ask("GET", "/npm/@town/frames", accept, b"").json();
    let one = &short["versions"]["1.0.0"];
    assert_eq!(one["hasInstallScript"], true);
    assert_eq!(one["dependencies"], json!({ "a": "^1" }));
    assert_eq!(
        (&one["readme"], &one["scripts"]),
        (&Value::Null, &Value::Null)
    );

    assert_eq!(town.get("/npm/@town/frames/1.0.0").json()["readme"], "long");
    assert_eq!(
        town.get("/npm/@town%2fframes/next").json()["version"],
        "2.0.0-rc.1"
    );
    assert_eq!(town.get("/npm/@town/frames/9.9.9").status, 404);
}

#[test]
fn tags_are_set_and_taken_away() {
    let town = Town::new();
    for version in ["1.0.0", "1.1.0"] {
        publish(&town, "@town/frames", "latest", &frames(version));
    }
    let at = "/npm/-/package/@town%2fframes/dist-tags";
    let tag = format!("{at}/stable");
    assert_eq!(town.ask("PUT", &tag, "", b"\"1.0.0\"").status, 201);
    assert_eq!(
        town.get(at).json(),
        json!({ "latest": "1.1.0", "stable": "1.0.0" })
    );
    assert_eq!(town.ask("PUT", &tag, "", b"\"9.0.0\"").status, 400);
    assert_eq!(town.ask("DELETE", &tag, "", b"").status, 201);
    assert_eq!(town.get(at).json(), json!({ "latest": "1.1.0" }));
    assert_eq!(town.get("/npm/-/package/nothing/dist-tags").status, 404);
}

#[test]
fn a_tarball_that_is_put_there_is_published() {
    let town = Town::new();
    town.put(
        "npm/frames/any.tgz",
        tarball(&json!({ "name": "frames", "version": "1.0.0" })),
    );
    town.put("npm/frames/broken.tgz", "no archive");
    town.put(
        "times.json",
        r#"{"npm/frames/any.tgz":"2026-01-01T00:00:00Z"}"#,
    );
    town.put("yanked.json", r#"{"npm/frames/any.tgz":"use another"}"#);
    let full = town.get("/npm/frames").json();
    assert_eq!(full["time"]["created"], "2026-01-01T00:00:00.000Z");
    assert_eq!(full["versions"]["1.0.0"]["deprecated"], "use another");
    assert_eq!(full["versions"].as_object().unwrap().len(), 1);
}

#[test]
fn names_are_those_of_packages() {
    for name in ["a", "a.b", "a-b_c~d", "@s/n", "JSONStream"] {
        assert!(is_name(name), "{name}");
    }
    let mut long = String::new();
    let _ = write!(long, "{:a<215}", "");
    for name in [
        "", ".", "..", ".a", "_a", "-", "a/b", "@s", "@s/", "@/n", "@s/n/x", "a b", "a%", &long,
    ] {
        assert!(!is_name(name), "{name}");
    }
}
