//! Registries of images on loopback: our own, and ones that answer what a test wants.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cascade_plan::ImageName;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::registry::tests::{answer, server};
use crate::{Environment, Git, Opens, RegistryServer};

mod real;

const INDEX: &str = "{\"schemaVersion\":2,\
    \"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}";

/// A registry, and a person with a home.
struct Harbour {
    dir: TempDir,
    server: RegistryServer,
}

impl Harbour {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = RegistryServer::start(&dir.path().join("registry"), 0).unwrap();
        Self { dir, server }
    }

    fn host(&self) -> String {
        self.server.url().replace("http://", "")
    }

    fn image(&self) -> ImageName {
        ImageName::parse(&format!("{}/acme/core", self.host())).unwrap()
    }

    /// Pushes a manifest, and returns the digest that the registry says.
    fn push(&self, tag: &str, body: &str) -> String {
        let url = format!("{}/v2/acme/core/manifests/{tag}", self.server.url());
        let told = ureq::put(&url).send(body).unwrap();
        let digest = told.headers().get("docker-content-digest").unwrap();
        digest.to_str().unwrap().to_owned()
    }

    fn put(&self, path: &str, text: &str) {
        put(&self.dir.path().join(path), text);
    }

    /// Writes the person's docker configuration.
    fn configure(&self, config: &Value) {
        self.put("home/.docker/config.json", &config.to_string());
    }

    fn registries(&self) -> Registries {
        registries(self.dir.path())
    }

    fn digest(&self, tag: &str) -> Result<String, Missed> {
        let found = self.registries().digest(&self.image(), tag);
        found.map(|it| it.to_string())
    }
}

fn put(at: &Path, text: &str) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    let mut file = fs::File::create(at).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Returns the registries as a person sees them whose home and programs are in this folder.
fn registries(folder: &Path) -> Registries {
    let path = std::env::var_os("PATH").unwrap();
    let path = path.to_string_lossy();
    let bin = folder.join("bin").display().to_string();
    let home = folder.join("home").display().to_string();
    let vars = [("PATH", format!("{bin}:{path}")), ("HOME", home)];
    let vars = vars.into_iter().map(|(name, it)| (name.into(), it.into()));
    Registries::new(&Git::find(Environment::new(vars)).unwrap())
}

fn me() -> Opens {
    Opens::ByToken {
        user: "me".to_owned(),
        password: "hunter2".to_owned(),
    }
}

fn auths(host: &str, user: &str, password: &str) -> Value {
    let auth = STANDARD.encode(format!("{user}:{password}"));
    serde_json::json!({"auths": {host: {"auth": auth}}})
}

#[test]
fn a_tag_has_the_digest_that_was_pushed() {
    let harbour = Harbour::new();
    let pushed = harbour.push("v1.0.0", INDEX);
    assert_eq!(harbour.digest("v1.0.0"), Ok(pushed));
    assert_eq!(harbour.digest("1.0.0"), Err(Missed::Absent));
    let asked = harbour.server.requests();
    assert!(!asked.iter().any(|it| it.starts_with("GET")), "{asked:?}");
}

#[test]
fn a_token_is_had_with_the_login_of_the_configuration_alone() {
    let harbour = Harbour::new();
    let pushed = harbour.push("1.0.0", INDEX);
    harbour.server.opens(me());
    assert_eq!(harbour.digest("1.0.0"), Err(Missed::Denied));
    harbour.configure(&auths(&harbour.host(), "me", "wrong"));
    assert_eq!(harbour.digest("1.0.0"), Err(Missed::Denied));
    harbour.configure(&auths("other.example", "me", "hunter2"));
    assert_eq!(harbour.digest("1.0.0"), Err(Missed::Denied));
    harbour.configure(&auths(&harbour.host(), "me", "hunter2"));
    assert_eq!(harbour.digest("1.0.0"), Ok(pushed.clone()));
    let host = harbour.host();
    harbour.configure(&serde_json::json!({"auths": {host: {"identitytoken": "hunter2"}}}));
    assert_eq!(harbour.digest("1.0.0"), Ok(pushed.clone()));
    let registries = harbour.registries();
    for _ in 0..3 {
        let digest = registries.digest(&harbour.image(), "1.0.0").unwrap();
        assert_eq!(digest.as_str(), pushed);
    }
    let asked = harbour.server.requests();
    let tokens = asked.iter().filter(|it| it.starts_with("POST /token"));
    assert_eq!(tokens.count(), 2, "one for each run: {asked:?}");
}

#[test]
fn a_helper_is_asked_for_the_host_and_a_name_and_password_are_enough() {
    let harbour = Harbour::new();
    let pushed = harbour.push("1.0.0", INDEX);
    harbour.server.opens(Opens::ByLogin {
        user: "me".to_owned(),
        password: "hunter2".to_owned(),
    });
    let host = harbour.host();
    harbour.put(
        "bin/docker-credential-own-1",
        &format!("#!/bin/sh\nread -r host\n[ \"$1 $host\" = 'get {host}' ] || exit 1\necho '{{\"Username\":\"me\",\"Secret\":\"hunter2\"}}'\n"),
    );
    let at = harbour.dir.path().join("bin/docker-credential-own-1");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&at, mode).unwrap();
    harbour.configure(&serde_json::json!({"credsStore": "own-1"}));
    assert_eq!(harbour.digest("1.0.0"), Ok(pushed.clone()));
    harbour.configure(&serde_json::json!({"credHelpers": {"other.example": "own-1"}}));
    assert_eq!(harbour.digest("1.0.0"), Err(Missed::Denied));
}

#[test]
fn all_tags_are_listed_page_by_page() {
    let harbour = Harbour::new();
    let image = harbour.image();
    assert_eq!(harbour.registries().tags(&image), Err(Missed::Absent));
    for nth in 0..1003 {
        harbour.put(&format!("registry/oci/acme/core/_tags/t{nth}"), "x");
    }
    let tags = harbour.registries().tags(&image).unwrap().unwrap();
    assert_eq!(tags.len(), 1003);
    assert_eq!(harbour.server.requests().len(), 3);

    let page = "200 OK\r\nLink: </v2/acme/core/tags/list?last=a>; rel=\"next\"";
    let page = answer(page, "{\"tags\": [\"a\"]}");
    let (url, _) = server(vec![page; PAGES]);
    let image = format!("{}/acme/core", url.replace("http://", ""));
    let image = ImageName::parse(&image).unwrap();
    assert_eq!(
        harbour.registries().tags(&image),
        Ok(None),
        "a list without an end"
    );
}

/// Returns what cascade reads of a registry that answers this, and what it was asked.
fn read(answers: Vec<String>) -> (Result<String, Missed>, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let (url, asked) = server(answers);
    let host = url.replace("http://", "");
    let config = auths(&host, "me", "hunter2").to_string();
    put(&dir.path().join("home/.docker/config.json"), &config);
    let image = ImageName::parse(&format!("{host}/acme/core")).unwrap();
    let found = registries(dir.path()).digest(&image, "1.0.0");
    (found.map(|it| it.to_string()), asked.try_iter().collect())
}

fn why(found: Result<String, Missed>) -> String {
    match found {
        Err(Missed::Unreached { why, .. }) => why,
        other => format!("{other:?}"),
    }
}

#[test]
fn a_registry_that_tells_no_digest_is_asked_for_the_bytes() {
    let sum = hashed(INDEX.as_bytes()).unwrap().to_string();
    for head in [
        "200 OK",
        "405 No",
        "200 OK\r\nDocker-Content-Digest: sha256:00",
    ] {
        let (found, asked) = read(vec![answer(head, ""), answer("200 OK", INDEX)]);
        assert_eq!(found, Ok(sum.clone()), "{head}");
        assert!(
            asked[0].starts_with("head /v2/acme/core/manifests/1.0.0 "),
            "{asked:?}"
        );
        assert!(asked[0].contains("application/vnd.oci.image.index.v1+json"));
        assert!(!asked[0].contains("authorization"), "{asked:?}");
    }
    let other = format!("200 OK\r\nDocker-Content-Digest: sha256:{}", "0".repeat(64));
    let (found, _) = read(vec![answer("405 No", ""), answer(&other, INDEX)]);
    assert!(why(found).contains("another digest"));
    let (found, _) = read(vec![answer("200 OK", ""), answer("200 OK", "")]);
    assert!(why(found).contains("empty"));
    for page in ["<html>all is well</html>", "{}", "[2]"] {
        let (found, _) = read(vec![answer("200 OK", ""), answer("200 OK", page)]);
        assert!(why(found).contains("no manifest"), "{page}");
    }
}

#[test]
fn what_says_nothing_is_told_apart_from_what_is_not_there() {
    let (found, _) = read(vec![answer("404 No", "")]);
    assert_eq!(found, Err(Missed::Absent));
    let (found, _) = read(vec![answer("429 Later\r\nRetry-After: 7", "")]);
    let Err(Missed::Unreached { wait, .. }) = found else {
        panic!("{found:?}")
    };
    assert_eq!(wait, Some(Duration::from_secs(7)));
    let (found, asked) = read(vec![answer("401 No\r\nWWW-Authenticate: Negotiate", "")]);
    assert_eq!((found, asked.len()), (Err(Missed::Denied), 1));
}

#[test]
fn a_login_goes_to_no_place_that_is_not_safe() {
    for (realm, words) in [
        ("http://auth.example/token", "plain text"),
        ("https://me:pw@auth.example/token", "a login of its own"),
        ("ftp://127.0.0.1/token", "on this machine"),
        ("", "no address"),
    ] {
        let head = format!("401 No\r\nWWW-Authenticate: Bearer realm=\"{realm}\"");
        let (found, asked) = read(vec![answer(&head, "")]);
        let told = why(found);
        assert!(
            told.contains(words) && !told.contains("hunter2"),
            "{realm}: {told}"
        );
        assert_eq!(asked.len(), 1);
    }
    let far = ImageName::parse("ghcr.example/acme/core").unwrap();
    let at = |realm: &str| {
        let header = format!("Bearer realm=\"{realm}\"");
        super::realm(&far, &challenges(&header)[0]).is_ok()
    };
    assert!(at("https://auth.example/token"));
    assert!(!at("http://127.0.0.1/token") && !at("https://localhost/token"));
}

#[test]
fn a_redirect_takes_no_login_along() {
    let sum = hashed(b"x").unwrap();
    let there = format!("200 OK\r\nDocker-Content-Digest: {sum}");
    let (other, asked_there) = server(vec![answer(&there, "")]);
    let moved = format!("307 Moved\r\nLocation: {other}/x");
    let (found, asked) = read(vec![
        answer("401 No\r\nWWW-Authenticate: Basic realm=\"x\"", ""),
        answer(&moved, ""),
    ]);
    assert_eq!(found, Ok(sum.to_string()));
    assert!(asked[1].contains("authorization: basic"), "{asked:?}");
    let second = asked_there.recv().unwrap();
    assert!(!second.contains("authorization"), "{second}");

    let (other, asked_there) = server(vec![answer(
        "401 No\r\nWWW-Authenticate: Basic realm=\"x\"",
        "",
    )]);
    let moved = format!("307 Moved\r\nLocation: {other}/x");
    let (found, asked) = read(vec![answer(&moved, "")]);
    assert_eq!((found, asked.len()), (Err(Missed::Denied), 1));
    assert_eq!(asked_there.try_iter().count(), 1);
}

#[test]
fn a_registry_elsewhere_is_spoken_to_encrypted() {
    let at = |name: &str| {
        let image = ImageName::parse(name).unwrap();
        address(&image, "tags/list").unwrap().to_string()
    };
    assert_eq!(
        at("ghcr.example:80/a"),
        "https://ghcr.example:80/v2/a/tags/list"
    );
    assert_eq!(
        at("redis"),
        "https://registry-1.docker.io/v2/library/redis/tags/list"
    );
    assert_eq!(at("127.0.0.1/a"), "http://127.0.0.1/v2/a/tags/list");
    assert_eq!(at("[::1]:5000/a"), "http://[::1]:5000/v2/a/tags/list");
    assert_eq!(
        at("127.0.0.1.example/a"),
        "https://127.0.0.1.example/v2/a/tags/list"
    );
}

proptest! {
    #[test]
    fn no_answer_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..60), text in "\\PC{0,40}") {
        let _ = granted(&bytes).is_some();
        let _ = granted(format!("{{\"token\":{text:?}}}").as_bytes()).is_some();
        let _ = next(&text);
        let image = ImageName::parse("ghcr.example/a").unwrap();
        for it in challenges(&format!("Bearer realm=\"{text}\"")) {
            if let Ok(url) = realm(&image, &it) {
                prop_assert_eq!(url.scheme(), "https");
            }
        }
    }
}
