//! Registries of images and charts, as the OCI distribution API has them: which digest a tag has.
//!
//! Invariant: a login is of the host that it is sent to, or goes to where this host says that its
//! tokens are had, encrypted; a registry of another machine is never spoken to in plain text.

mod challenge;

use cascade_plan::{ImageDigest, ImageName};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;
use url::form_urlencoded::Serializer;

use super::docker::Key;
use super::http::Missed;
use super::http::plain::{Asked, Heard};
use super::login::{Login, same_server};
use super::{Registries, is_loopback, place};
use challenge::{Challenge, challenges};

/// The kinds of manifests that a tag may stand for, an index first.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json";
/// The host that answers for the Docker Hub.
const HUB: &str = "registry-1.docker.io";
/// How large a manifest may be.
const LARGEST: usize = 8 << 20;
/// How many pages of tags are read, and how many tags.
const PAGES: usize = 50;
const TAGS: usize = 100_000;
/// How long a scope, a service or a token may be.
const LONGEST: usize = 64 << 10;

impl Registries {
    /// Returns the digest that a tag of an image has now, past every cache.
    ///
    /// # Errors
    /// When it has none: absent where the registry says so.
    pub(crate) fn digest(&self, image: &ImageName, tag: &str) -> Result<ImageDigest, Missed> {
        let url = address(image, &format!("manifests/{tag}"))?;
        let heard = self.opened(image, &url, (Asked::Head, MANIFESTS))?;
        match heard.status {
            // It does not know `HEAD`.
            405 | 501 => {}
            _ => {
                if let Some(missed) = heard.missed() {
                    return Err(missed);
                }
                if let Some(digest) = told(&heard) {
                    return Ok(digest);
                }
            }
        }
        let heard = self.opened(image, &url, (Asked::Get, MANIFESTS))?;
        if let Some(missed) = heard.missed() {
            return Err(missed);
        }
        if heard.body.is_empty() || heard.body.len() > LARGEST {
            return Err(Missed::because("its manifest is empty or too large"));
        }
        let found = hashed(&heard.body);
        match (told(&heard), found) {
            (Some(said), Some(found)) if said != found => Err(Missed::because(
                "its manifest has another digest than it says",
            )),
            // A page that stands at every address has a digest too.
            (_, found) => found
                .filter(|_| is_manifest(&heard.body))
                .ok_or_else(|| Missed::because("what it answers is no manifest")),
        }
    }

    /// Returns the digests that the index of a tag lists, one for each platform; none of a single
    /// manifest.
    ///
    /// # Errors
    /// When it can not be read.
    pub(crate) fn platforms(&self, image: &ImageName, tag: &str) -> Result<Vec<String>, Missed> {
        let url = address(image, &format!("manifests/{tag}"))?;
        let heard = self.opened(image, &url, (Asked::Get, MANIFESTS))?;
        if let Some(missed) = heard.missed() {
            return Err(missed);
        }
        if heard.body.len() > LARGEST {
            return Err(Missed::Nowhere("its manifest is too large".to_owned()));
        }
        platforms(&heard.body)
            .ok_or_else(|| Missed::Nowhere("what it answers is no manifest".to_owned()))
    }

    /// Returns all tags of an image; `None` where there are more than are read.
    ///
    /// # Errors
    /// When it lists none: absent where it knows no such image.
    pub(crate) fn tags(&self, image: &ImageName) -> Result<Option<Vec<String>>, Missed> {
        let mut at = address(image, "tags/list")?;
        at.set_query(Some("n=1000"));
        let mut tags = Vec::new();
        for _ in 0..PAGES {
            let heard = self.opened(image, &at, (Asked::Get, "application/json"))?;
            if let Some(missed) = heard.missed() {
                return Err(missed);
            }
            let page: Value = serde_json::from_slice(&heard.body)
                .map_err(|_| Missed::because("its list of tags can not be read"))?;
            let listed = page.get("tags").and_then(Value::as_array);
            let listed = listed.into_iter().flatten().filter_map(Value::as_str);
            tags.extend(listed.map(str::to_owned));
            let more = heard.header("link").and_then(next);
            match more.and_then(|it| at.join(it).ok()) {
                Some(to) if same_server(&to, &at) => at = to,
                Some(_) => return Err(Missed::because("its list of tags goes on elsewhere")),
                None => return Ok(Some(tags)),
            }
            if tags.len() > TAGS {
                break;
            }
        }
        Ok(None)
    }

    /// Asks a registry, with what opens it where it asks for that.
    fn opened(
        &self,
        image: &ImageName,
        url: &Url,
        asked: (Asked<'_>, &str),
    ) -> Result<Heard, Missed> {
        let hear = |login: Option<&Login>| {
            let heard = self.http.hear(url, asked, login);
            heard.map_err(|it| at_place(it, url))
        };
        let key = image.to_string();
        let kept = self.opens().get(&key).cloned();
        let first = hear(kept.as_ref())?;
        if first.status != 401 {
            return Ok(first);
        }
        self.opens().remove(&key);
        let said = first.headers("www-authenticate");
        let said: Vec<Challenge> = said.flat_map(challenges).collect();
        // Who redirected elsewhere does not say who is to be told a login there.
        let Some(login) = self
            .login(image, &said)?
            .filter(|_| same_server(&first.at, url))
        else {
            return Err(Missed::Denied);
        };
        let second = hear(Some(&login))?;
        if second.status != 401 {
            self.opens().insert(key, login);
        }
        Ok(second)
    }

    /// Returns what opens a registry in one of the ways that it names.
    fn login(&self, image: &ImageName, said: &[Challenge]) -> Result<Option<Login>, Missed> {
        let of = |scheme: &str| said.iter().find(|it| it.scheme == scheme);
        let (bearer, basic) = (of("bearer"), of("basic"));
        if bearer.is_none() && basic.is_none() {
            return Ok(None);
        }
        match (self.docker_key(image.host()), bearer) {
            (Some(Key::Bearer(login)), Some(_)) | (Some(Key::Login(login)), None) => {
                Ok(Some(login))
            }
            (key, Some(challenge)) => self.token(image, challenge, key).map(Some),
            (_, None) => Ok(None),
        }
    }

    /// Returns a token for reading an image.
    fn token(
        &self,
        image: &ImageName,
        challenge: &Challenge,
        key: Option<Key>,
    ) -> Result<Login, Missed> {
        let realm = realm(image, challenge)?;
        let own = format!("repository:{}:pull", image.path());
        let word = |name: &str| {
            let said = challenge.says.get(name).map(String::as_str);
            said.filter(|it| !it.is_empty() && it.len() <= LONGEST)
        };
        let mut form = Serializer::new(String::new());
        form.append_pair("scope", word("scope").unwrap_or(&own));
        if let Some(service) = word("service") {
            form.append_pair("service", service);
        }
        let json = "application/json";
        let heard = match key {
            Some(Key::Refresh(token)) => {
                form.append_pair("grant_type", "refresh_token");
                form.append_pair("client_id", "cascade");
                form.append_pair("refresh_token", &token);
                let form = form.finish();
                self.http.hear(&realm, (Asked::Form(&form), json), None)
            }
            other => {
                let login = match &other {
                    Some(Key::Login(it)) => Some(it),
                    _ => None,
                };
                let query = form.finish();
                let mut at = realm.clone();
                let both = match realm.query() {
                    Some(before) => format!("{before}&{query}"),
                    None => query,
                };
                at.set_query(Some(&both));
                self.http.hear(&at, (Asked::Get, json), login)
            }
        };
        let heard = heard.map_err(|it| at_place(it, &realm))?;
        match heard.missed() {
            Some(Missed::Absent) => Err(Missed::Denied),
            Some(missed) => Err(at_place(missed, &realm)),
            None => granted(&heard.body).ok_or(Missed::Denied),
        }
    }
}

/// Returns where something of an image is.
fn address(image: &ImageName, what: &str) -> Result<Url, Missed> {
    let host = match image.host() {
        "docker.io" => HUB,
        host => host,
    };
    let text = format!("https://{host}/v2/{}/{what}", image.path());
    let odd = || Missed::Nowhere(format!("`{image}` is at no host"));
    let url = Url::parse(&text).map_err(|_| odd())?;
    if is_loopback(&url) {
        return Url::parse(&text.replacen("https", "http", 1)).map_err(|_| odd());
    }
    Ok(url)
}

/// Returns where a registry says that its tokens are had: encrypted, or on this machine where the
/// registry is.
fn realm(image: &ImageName, challenge: &Challenge) -> Result<Url, Missed> {
    let odd = |why: &str| Missed::because(format!("it says that its tokens are had {why}"));
    let said = challenge.says.get("realm").map(String::as_str);
    let url = Url::parse(said.unwrap_or_default()).map_err(|_| odd("at no address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(odd("with a login of its own"));
    }
    let own = address(image, "")?;
    match (url.scheme(), is_loopback(&url)) {
        ("http" | "https", true) if is_loopback(&own) => Ok(url),
        ("https", false) => Ok(url),
        (_, true) => Err(odd("on this machine, where it is not")),
        _ => Err(odd("in plain text")),
    }
}

/// Returns the token of an answer.
fn granted(body: &[u8]) -> Option<Login> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let word = |name: &str| answer.get(name)?.as_str().filter(|it| !it.is_empty());
    let token = word("token").or_else(|| word("access_token"))?;
    let login = Login::bearer(token);
    (token.len() <= LONGEST && login.header().is_some()).then_some(login)
}

/// Returns the digest that a registry tells.
fn told(heard: &Heard) -> Option<ImageDigest> {
    ImageDigest::parse(heard.header("docker-content-digest")?.trim())
}

/// Returns whether this is a manifest or an index: JSON with the version that both specifications,
/// OCI's and Docker's, ask for.
fn is_manifest(bytes: &[u8]) -> bool {
    let document: Result<Value, _> = serde_json::from_slice(bytes);
    document.is_ok_and(|it| it.get("schemaVersion").and_then(Value::as_u64) == Some(2))
}

/// Returns the digests that an index lists; `None` of what is no manifest.
fn platforms(bytes: &[u8]) -> Option<Vec<String>> {
    let document: Value = serde_json::from_slice(bytes).ok()?;
    let listed = document.get("manifests").and_then(Value::as_array);
    let listed = listed.into_iter().flatten();
    let digests = listed.filter_map(|it| it.get("digest")?.as_str());
    is_manifest(bytes).then(|| digests.map(str::to_owned).collect())
}

/// Returns the digest of these bytes.
fn hashed(bytes: &[u8]) -> Option<ImageDigest> {
    let sum = Sha256::digest(bytes);
    let hex: Vec<String> = sum.iter().map(|it| format!("{it:02x}")).collect();
    ImageDigest::parse(&format!("sha256:{}", hex.concat()))
}

/// Returns where a header `Link` says that more is.
fn next(link: &str) -> Option<&str> {
    let found = link
        .split(',')
        .find(|it| it.contains("rel=\"next\"") || it.contains("rel=next"))?;
    let inside = found.trim().strip_prefix('<')?;
    inside.split_once('>').map(|it| it.0)
}

fn at_place(missed: Missed, url: &Url) -> Missed {
    match missed {
        Missed::Unreached { why, wait } => Missed::Unreached {
            why: format!("`{}`: {why}", place(url)),
            wait,
        },
        other => other,
    }
}

/// Reads a text as what registries answer.
pub(super) fn untrusted(text: &str) {
    let image = ImageName::parse("ghcr.example/a");
    for it in challenges(text) {
        let found = image.as_ref().map(|image| realm(image, &it));
        assert!(!matches!(found, Ok(Ok(url)) if url.scheme() != "https"));
    }
    let _ = (next(text), granted(text.as_bytes()).is_some());
}

#[cfg(test)]
mod tests;
