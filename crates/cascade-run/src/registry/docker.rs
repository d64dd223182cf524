//! The docker configuration: what opens a registry of images. A person's own, never a repository's.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Login, Registries, settings};
use crate::exec::{Call, End, Leftovers};
use crate::relock::tool_vars;

/// How docker calls its own registry in its configuration.
const HUB: &str = "https://index.docker.io/v1/";
/// The host of the Docker Hub, as images are named.
const HUB_HOST: &str = "docker.io";
/// The name that helpers give a refresh token.
const TOKEN: &str = "<token>";

/// What opens a registry.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// A name and a password.
    Login(Login),
    /// A token that gets others.
    Refresh(String),
    /// A token that is sent as it is.
    Bearer(Login),
}

/// Where the configuration says that a key is.
#[derive(PartialEq, Eq)]
pub(super) enum Kept {
    /// Here.
    Here(Key),
    /// With a helper of this name, which falls back on what is here.
    Helper(String, Option<Key>),
}

impl Registries {
    /// Returns what opens the registry at a host of images; `None` where nothing is known.
    pub(super) fn docker_key(&self, host: &str) -> Option<Key> {
        let text = settings::text(&self.docker_config()?)?;
        match kept(&serde_json::from_str(&text).ok()?, host)? {
            Kept::Here(key) => Some(key),
            Kept::Helper(name, here) => self.helped(&name, host).or(here),
        }
    }

    fn docker_config(&self) -> Option<PathBuf> {
        let said = self.var("DOCKER_CONFIG").map(PathBuf::from);
        let home = || Some(PathBuf::from(self.var("HOME")?).join(".docker"));
        // A relative one would be read below whatever is worked on.
        let folder = said.or_else(home).filter(|it| it.is_absolute())?;
        Some(folder.join("config.json"))
    }

    /// Returns what a helper of docker says of a host.
    fn helped(&self, name: &str, host: &str) -> Option<Key> {
        let environment = self.git.environment();
        let asked = if host == HUB_HOST { HUB } else { host };
        let heard = Call {
            program: environment.program(&format!("docker-credential-{name}"))?,
            args: vec!["get".into()],
            folder: environment.scratch(),
            vars: tool_vars(&self.git, None),
            input: Some(asked.as_bytes().to_vec()),
            limit: environment.patience.local,
            cancel: Some(Arc::clone(&environment.interrupt)),
            leftovers: Leftovers::Stay,
        };
        let heard = heard.run().ok()?;
        let answer = (heard.end == End::Exit(0)).then_some(heard.answer)?;
        said(&serde_json::from_slice(&answer).ok()?)
    }
}

/// Returns what a helper's answer says.
pub(super) fn said(answer: &Value) -> Option<Key> {
    let word = |name: &str| answer.get(name)?.as_str().filter(|it| !it.is_empty());
    let (user, secret) = (word("Username")?, word("Secret")?);
    Some(match user {
        TOKEN => Key::Refresh(secret.to_owned()),
        user => Key::Login(Login::basic(user, secret)),
    })
}

/// Returns where a configuration has what opens a host.
pub(super) fn kept(config: &Value, host: &str) -> Option<Kept> {
    let here = config
        .get("auths")
        .and_then(|it| of_host(it, host))
        .and_then(key);
    let helpers = config.get("credHelpers").and_then(|it| of_host(it, host));
    let helper = helpers.or_else(|| config.get("credsStore"));
    let helper = helper.and_then(Value::as_str).filter(|it| is_helper(it));
    match helper {
        Some(name) => Some(Kept::Helper(name.to_owned(), here)),
        None => here.map(Kept::Here),
    }
}

/// Returns what a table says of a host, however that is written there.
fn of_host<'v>(table: &'v Value, host: &str) -> Option<&'v Value> {
    let table = table.as_object()?;
    let hub = |it: &str| matches!(it, "index.docker.io" | "registry-1.docker.io" | HUB_HOST);
    let same = |it: &str| it.eq_ignore_ascii_case(host) || (host == HUB_HOST && hub(it));
    let exact = table
        .get(host)
        .or_else(|| table.get(HUB).filter(|_| host == HUB_HOST));
    exact.or_else(|| {
        table
            .iter()
            .find(|(name, _)| same(bare(name)))
            .map(|it| it.1)
    })
}

/// Returns the host of an address.
fn bare(name: &str) -> &str {
    let plain = name.split_once("://").map_or(name, |it| it.1);
    plain.split('/').next().unwrap_or_default()
}

/// Returns what an entry of `auths` says.
fn key(entry: &Value) -> Option<Key> {
    let word = |name: &str| entry.get(name)?.as_str().filter(|it| !it.is_empty());
    if let Some(token) = word("identitytoken") {
        return Some(Key::Refresh(token.to_owned()));
    }
    if let Some(token) = word("registrytoken") {
        return Some(Key::Bearer(Login::bearer(token)));
    }
    // As docker reads it: `auth` before the two words that it stands for.
    let Some(auth) = word("auth") else {
        let (user, password) = (word("username")?, word("password")?);
        return Some(Key::Login(Login::basic(user, password)));
    };
    let plain = String::from_utf8(STANDARD.decode(auth.trim()).ok()?).ok()?;
    let (user, password) = plain.split_once(':')?;
    let password = password.trim_end_matches('\0');
    (!user.is_empty()).then(|| Key::Login(Login::basic(user, password)))
}

/// Returns whether a text can be the name of a helper; it becomes a part of a program's name.
fn is_helper(name: &str) -> bool {
    let fits = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    !name.is_empty() && name.len() <= 64 && !name.starts_with('-') && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn login(config: &Value, host: &str) -> Option<Login> {
        match kept(config, host)? {
            Kept::Here(Key::Login(it)) => Some(it),
            _ => None,
        }
    }

    #[test]
    fn a_login_is_found_however_its_host_is_written() {
        let auth = STANDARD.encode("me:pa:ss");
        let mine = Some(Login::basic("me", "pa:ss"));
        for name in [
            "ghcr.example",
            "https://ghcr.example",
            "https://ghcr.example/v2/",
        ] {
            let config = json!({"auths": {name: {"auth": auth}}});
            assert_eq!(login(&config, "ghcr.example"), mine);
            assert_eq!(login(&config, "ghcr.example:5000"), None);
            assert_eq!(login(&config, "evil-ghcr.example"), None);
        }
        for name in [
            HUB,
            "docker.io",
            "index.docker.io",
            "https://registry-1.docker.io/v2/",
        ] {
            let config = json!({"auths": {name: {"auth": auth}}});
            assert_eq!(login(&config, "docker.io"), mine);
            assert_eq!(login(&config, "ghcr.example"), None);
        }
    }

    #[test]
    fn a_name_and_a_password_may_stand_in_the_open() {
        let here = |entry: Value| login(&json!({"auths": {"x.example": entry}}), "x.example");
        let mine = Some(Login::basic("me", "pa:ss"));
        assert!(here(json!({"username": "me", "password": "pa:ss"})) == mine);
        assert!(here(json!({"auth": "", "username": "me", "password": "pa:ss"})) == mine);
        let auth = STANDARD.encode("me:pa:ss");
        assert!(here(json!({"auth": auth, "username": "you", "password": "x"})) == mine);
        for half in [
            json!({"username": "me"}),
            json!({"password": "x"}),
            json!({"username": "", "password": "x"}),
            json!({"auth": "?", "username": "me", "password": "x"}),
        ] {
            assert!(here(half).is_none());
        }
    }

    #[test]
    fn helpers_and_tokens_are_told_apart() {
        let config = json!({"credsStore": "desktop", "credHelpers": {"ghcr.example": "gh-9"},
            "auths": {"ghcr.example": {"identitytoken": "t"}}});
        let found = kept(&config, "ghcr.example").unwrap();
        assert!(found == Kept::Helper("gh-9".to_owned(), Some(Key::Refresh("t".to_owned()))));
        assert!(kept(&config, "x.example") == Some(Kept::Helper("desktop".to_owned(), None)));
        for odd in ["../x", "a b", "A", "-x", "", "x/y", "é"] {
            assert!(
                kept(&json!({ "credsStore": odd }), "x.example").is_none(),
                "{odd}"
            );
        }
        let refresh = said(&json!({"Username": "<token>", "Secret": "s"}));
        assert!(refresh == Some(Key::Refresh("s".to_owned())));
        let plain = said(&json!({"Username": "me", "Secret": "s"}));
        assert!(plain == Some(Key::Login(Login::basic("me", "s"))));
        assert!(said(&json!({"Username": "me"})).is_none());
    }

    proptest! {
        #[test]
        fn no_configuration_breaks_it(auth in "[A-Za-z0-9+/=]{0,20}", host in "\\PC{0,20}", any in "\\PC{0,60}") {
            let config = json!({"auths": {&host: {"auth": auth}}, "credHelpers": {&any: any}, "credsStore": [any]});
            let _ = kept(&config, &host).is_some();
            if let Ok(config) = serde_json::from_str::<Value>(&any) {
                let _ = kept(&config, "ghcr.example").is_some();
                let _ = said(&config).is_some();
            }
        }
    }
}
