//! The OCI distribution API, as clients ask it.

use crate::registry_server::tests::Town;

use super::*;

const EMPTY: &str = "{\"schemaVersion\":2,\"manifests\":[]}";

fn sum(text: &str) -> String {
    format!("sha256:{}", digits(text.as_bytes()))
}

#[test]
fn a_blob_comes_at_once_or_in_chunks() {
    let town = Town::new();
    let at = |rest: &str| format!("/v2/acme/core/blobs/{rest}");
    let whole = town.ask(
        "POST",
        &at(&format!("uploads/?digest={}", sum("one"))),
        "",
        b"one",
    );
    assert_eq!(
        (whole.status, whole.header("Docker-Content-Digest")),
        (201, Some(sum("one").as_str()))
    );
    assert_eq!(town.get(&at(&sum("one"))).body, "one");
    let begun = town.ask("POST", &at("uploads/"), "", b"");
    assert_eq!(begun.status, 202);
    let place = begun.header("Location").unwrap().to_owned();
    let first = town.ask("PATCH", &place, "Content-Range: 0-2\r\n", b"two");
    assert_eq!((first.status, first.header("Range")), (202, Some("0-2")));
    let again = town.ask("PATCH", &place, "Content-Range: 0-2\r\n", b"two");
    assert_eq!((again.status, again.header("Range")), (416, Some("0-2")));
    assert_eq!(town.get(&place).status, 204);
    let end = town.ask(
        "PUT",
        &format!("{place}?digest={}", sum("two more")),
        "",
        b" more",
    );
    assert_eq!(end.status, 201, "{}", end.body);
    assert_eq!(town.get(&at(&sum("two more"))).body, "two more");
    assert_eq!(town.get(&place).status, 404);
}

#[test]
fn what_is_not_what_it_says_is_refused() {
    let town = Town::new();
    let ask = |method: &str, target: &str, body: &str| {
        town.ask(method, &format!("/v2/{target}"), "", body.as_bytes())
            .status
    };
    assert_eq!(
        ask(
            "POST",
            &format!("a/blobs/uploads/?digest={}", sum("x")),
            "y"
        ),
        400
    );
    assert_eq!(ask("PUT", "a/manifests/1.0.0", "{"), 400);
    assert_eq!(ask("PUT", "a/manifests/.x", EMPTY), 400);
    assert_eq!(ask("PUT", &format!("a/manifests/{}", sum("x")), EMPTY), 400);
    let lacking = format!("{{\"layers\":[{{\"digest\":\"{}\"}}]}}", sum("x"));
    assert_eq!(ask("PUT", "a/manifests/1.0.0", &lacking), 404);
    assert_eq!(ask("PUT", "a/manifests/1.0.0", "{\"layers\":[{}]}"), 404);
    assert_eq!(ask("PUT", "A/manifests/1.0.0", EMPTY), 404);
    assert_eq!(ask("PUT", "_tags/manifests/1.0.0", EMPTY), 404);
    assert_eq!(ask("PUT", "%2e%2e/manifests/1.0.0", EMPTY), 404);
    assert_eq!(ask("PATCH", "a/blobs/uploads/..", ""), 404);
    assert_eq!(ask("DELETE", "a/manifests/1.0.0", ""), 405);
    for _ in 0..64 {
        assert_eq!(ask("POST", "a/blobs/uploads/", ""), 202);
    }
    assert_eq!(ask("POST", "a/blobs/uploads/", ""), 429);
}

#[test]
fn a_manifest_is_served_by_tag_and_by_digest() {
    let town = Town::new();
    let kind = "application/vnd.oci.image.index.v1+json";
    let head = format!("Content-Type: {kind}\r\n");
    let put = town.ask("PUT", "/v2/acme/core/manifests/v1", &head, EMPTY.as_bytes());
    assert_eq!(
        (put.status, put.header("Docker-Content-Digest")),
        (201, Some(sum(EMPTY).as_str()))
    );
    for reference in ["v1", &sum(EMPTY)] {
        let told = town.get(&format!("/v2/acme/core/manifests/{reference}"));
        assert_eq!((told.status, told.body.as_str()), (200, EMPTY));
        assert_eq!(told.header("Content-Type"), Some(kind));
    }
    let told = town.ask("HEAD", "/v2/acme/core/manifests/v1", "", b"");
    assert_eq!((told.status, told.body.as_str()), (200, ""));
    assert_eq!(
        told.header("Docker-Content-Digest"),
        Some(sum(EMPTY).as_str())
    );
    assert_eq!(town.get("/v2/acme/core/manifests/v2").status, 404);
    assert_eq!(
        town.get("/v2/acme/core/tags/list").json()["tags"],
        json!(["v1"])
    );
    assert_eq!(town.get("/v2/acme/other/tags/list").status, 404);
}

#[test]
fn a_closed_registry_says_how_it_is_opened() {
    let town = Town::new();
    town.server.opens(Opens::ByToken {
        user: "me".to_owned(),
        password: "pw".to_owned(),
    });
    let told = town.get("/v2/acme/core/tags/list");
    assert_eq!(told.status, 401);
    let says = told.header("WWW-Authenticate").unwrap();
    assert!(
        says.contains("scope=\"repository:acme/core:pull,push\""),
        "{says}"
    );
    assert_eq!(town.get("/token").status, 401);
    let login = "Authorization: Basic bWU6cHc=\r\n";
    let token = town.ask("GET", "/token?service=cascade", login, b"").json();
    let token = token["token"].as_str().unwrap().to_owned();
    let open = town.ask(
        "GET",
        "/v2/",
        &format!("Authorization: Bearer {token}\r\n"),
        b"",
    );
    assert_eq!(open.status, 200);
    assert_eq!(town.get("/pypi/simple/").status, 200);
}
