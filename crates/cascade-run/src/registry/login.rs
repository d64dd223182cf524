//! Logins: what opens a registry, and that never is shown.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::{Reach, settings};

/// What a request says of who asks. It has no way to be printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login(String);

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

impl Login {
    /// Returns the login of a name and a password.
    pub(super) fn basic(user: &str, password: &str) -> Self {
        Self::encoded(&STANDARD.encode(format!("{user}:{password}")))
    }

    /// Returns the login of a name and a password that are encoded already.
    pub(super) fn encoded(text: &str) -> Self {
        Self(format!("Basic {text}"))
    }

    /// Returns the login of a bearer token.
    pub(crate) fn bearer(token: &str) -> Self {
        Self(format!("Bearer {token}"))
    }

    /// Returns the login of a token that is sent as it is.
    pub(crate) fn token(token: &str) -> Self {
        Self(token.to_owned())
    }

    /// Returns the value of the header; `None` where it would not be one line.
    pub(super) fn header(&self) -> Option<&str> {
        let odd = |c: char| c.is_control() || !c.is_ascii();
        (!self.0.contains(odd)).then_some(self.0.as_str())
    }
}

/// Returns an address without its login, and the login.
pub(super) fn split(mut url: Url) -> (Url, Option<Login>) {
    let user = decoded(url.username());
    let password = decoded(url.password().unwrap_or_default());
    let login = (!user.is_empty() || !password.is_empty()).then(|| Login::basic(&user, &password));
    if login.is_some() {
        // An address without a host has no login to take off.
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }
    (url, login)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        match hex.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns whether two addresses are of one server.
pub(super) fn same_server(a: &Url, b: &Url) -> bool {
    let of = |it: &Url| {
        let host = it.host_str().map(str::to_ascii_lowercase);
        (it.scheme().to_owned(), host, it.port_or_known_default())
    };
    of(a) == of(b)
}

/// Returns the login that `~/.netrc` has for the server.
pub(super) fn netrc(reach: &Reach<'_>, url: &Url) -> Option<Login> {
    let said = reach.var("NETRC").map(std::path::PathBuf::from);
    let at = said.or_else(|| Some(reach.home()?.join(".netrc")))?;
    in_netrc(&at, url.host_str()?)
}

fn in_netrc(at: &Path, host: &str) -> Option<Login> {
    machine(&settings::text(at)?, host)
}

/// Returns the login that a `.netrc` has for a host.
pub(super) fn machine(text: &str, host: &str) -> Option<Login> {
    let lines = text.lines().map(|it| it.split(" #").next().unwrap_or(it));
    let mut words = lines
        .filter(|it| !it.trim_start().starts_with('#'))
        .flat_map(str::split_whitespace);
    let (mut ours, mut user, mut password) = (false, None, None);
    while let Some(word) = words.next() {
        match word {
            "machine" | "default" if user.is_some() && password.is_some() => break,
            "machine" => {
                ours = words.next() == Some(host);
                (user, password) = (None, None);
            }
            "default" => ours = true,
            "login" => user = words.next().filter(|_| ours),
            "password" => password = words.next().filter(|_| ours),
            _ => {}
        }
    }
    Some(Login::basic(user?, password?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_taken_off_an_address_and_never_shown() {
        let url = Url::parse("https://me:p%40ss@registry.example/simple").unwrap();
        let (bare, login) = split(url);
        assert_eq!(bare.as_str(), "https://registry.example/simple");
        let login = login.unwrap();
        assert_eq!(login, Login::basic("me", "p@ss"));
        assert_eq!(format!("{login:?}"), "Login");
        assert_eq!(Login::bearer("a\nb").header(), None);
    }

    #[test]
    fn a_netrc_opens_the_machine_that_it_names() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join(".netrc");
        let text = "# all of them\nmachine a.example login x password y\n\
                    machine registry.example\n  login me\n  password secret\ndefault login d password e\n";
        crate::save(&at, text, crate::Overwrite::Never).unwrap();
        assert_eq!(
            in_netrc(&at, "registry.example"),
            Some(Login::basic("me", "secret"))
        );
        assert_eq!(in_netrc(&at, "other.example"), Some(Login::basic("d", "e")));
    }

    #[test]
    fn a_server_is_a_scheme_a_host_and_a_port() {
        let url = |it: &str| Url::parse(it).unwrap();
        let here = url("https://registry.example/a");
        assert!(same_server(&here, &url("https://REGISTRY.example:443/b")));
        assert!(!same_server(&here, &url("http://registry.example/a")));
        assert!(!same_server(&here, &url("https://registry.example.evil/a")));
    }
}
