//! The Cargo registry, as cargo asks it.

use serde_json::{Value, json};

use super::*;
use crate::registry_server::tests::{Told, Town};

fn body(said: &Value, bytes: &[u8]) -> Vec<u8> {
    let said = said.to_string();
    let mut body = Vec::new();
    for part in [said.as_bytes(), bytes] {
        body.extend_from_slice(&u32::try_from(part.len()).unwrap().to_le_bytes());
        body.extend_from_slice(part);
    }
    body
}

fn publish(town: &Town, said: &Value, bytes: &[u8]) -> Told {
    town.ask("PUT", "/cargo/api/v1/crates/new", "", &body(said, bytes))
}

fn frames(version: &str) -> Value {
    json!({
        "name": "Frames", "vers": version, "links": null, "rust_version": "1.70",
        "features": { "plain": ["a"], "newer": ["dep:b"] },
        "deps": [{
            "name": "real", "version_req": "^1", "features": [], "optional": true,
            "default_features": true, "target": null, "kind": "normal",
            "registry": "sparse+http://127.0.0.1/cargo/", "explicit_name_in_toml": "renamed",
        }],
    })
}

#[test]
fn a_crate_is_published_once_and_downloaded() {
    let town = Town::new();
    assert_eq!(publish(&town, &frames("1.0.0"), b"crate").status, 200);
    for bytes in [&b"crate"[..], b"another"] {
        let no = publish(&town, &frames("1.0.0"), bytes);
        assert_eq!(no.status, 400);
        assert!(
            no.json()["errors"][0]["detail"]
                .as_str()
                .unwrap()
                .contains("already uploaded")
        );
    }
    assert_eq!(publish(&town, &frames("1.0.0+build"), b"crate").status, 400);
    assert_eq!(publish(&town, &frames("1.1.0"), b"more").status, 200);

    let lines = town.get("/cargo/fr/am/frames").body;
    let rows: Vec<Value> = lines
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    assert_eq!(rows.len(), 2);
    let row = &rows[0];
    assert_eq!(row["deps"][0]["name"], "renamed");
    assert_eq!(row["deps"][0]["package"], "real");
    assert_eq!(row["features"], json!({ "plain": ["a"] }));
    assert_eq!(row["features2"], json!({ "newer": ["dep:b"] }));
    assert_eq!((&row["v"], &row["yanked"]), (&json!(2), &json!(false)));
    assert_eq!(town.get("/cargo/dl/Frames/1.0.0/download").body, "crate");

    let config = town.get("/cargo/config.json").json();
    assert_eq!(
        config["dl"],
        "http://127.0.0.1/cargo/dl/{crate}/{version}/download"
    );
}

#[test]
fn what_is_no_crate_is_refused() {
    let town = Town::new();
    for said in [
        json!({}),
        json!({ "name": "../x", "vers": "1.0.0" }),
        json!({ "name": "x/y", "vers": "1.0.0" }),
        json!({ "name": "x", "vers": "../1" }),
        json!({ "name": "", "vers": "1.0.0" }),
        json!([]),
    ] {
        assert_eq!(publish(&town, &said, b"x").status, 400, "{said}");
    }
    let whole = body(&frames("1.0.0"), b"crate");
    for length in [0, 3, 4, 20, whole.len() - 1] {
        let told = town.ask("PUT", "/cargo/api/v1/crates/new", "", &whole[..length]);
        assert_eq!(told.status, 400, "{length}");
    }
    let mut long = whole;
    long.push(0);
    assert_eq!(
        town.ask("PUT", "/cargo/api/v1/crates/new", "", &long)
            .status,
        400
    );
}

#[test]
fn a_yank_changes_its_own_line_and_is_taken_back() {
    let town = Town::new();
    let lines =
        "{\"vers\": \"1.0.0\", \"yanked\": false}\n{ \"vers\" : \"1.1.0\" , \"yanked\":false}\n";
    town.put("cargo/index/3/a/abc", lines);
    let at = "/cargo/api/v1/crates/abc/1.0.0";
    assert_eq!(
        town.ask("DELETE", &format!("{at}/yank"), "", b"").status,
        200
    );
    let yanked = town.get("/cargo/3/a/abc").body;
    let (first, second) = yanked.split_once('\n').unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(first).unwrap()["yanked"],
        true
    );
    assert_eq!(Some(second), lines.split_once('\n').map(|it| it.1));
    assert_eq!(
        town.ask("PUT", &format!("{at}/unyank"), "", b"").status,
        200
    );
    assert!(!town.get("/cargo/3/a/abc").body.contains("true"));
    let other = "/cargo/api/v1/crates/abc/9.0.0/yank";
    assert_eq!(town.ask("DELETE", other, "", b"").status, 404);
}

#[test]
fn a_crate_has_one_place_in_the_index() {
    assert_eq!(prefix("a"), Some(vec!["1", "a"]));
    assert_eq!(prefix("ab"), Some(vec!["2", "ab"]));
    assert_eq!(prefix("abc"), Some(vec!["3", "a", "abc"]));
    assert_eq!(prefix("abcd"), Some(vec!["ab", "cd", "abcd"]));
    for none in ["", "é", "ééé", "a/b", "..", "a.b", &"a".repeat(65)] {
        assert_eq!(prefix(none), None, "{none}");
    }
    let town = Town::new();
    town.put("cargo/index/ab/cd/abcd", "{}\n");
    assert_eq!(town.get("/cargo/ab/cd/abcd").status, 200);
    assert_eq!(town.get("/cargo/AB/cd/ABcd").status, 200);
    assert_eq!(town.get("/cargo/xx/cd/abcd").status, 404);
}
