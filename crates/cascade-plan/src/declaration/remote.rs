//! Remotes: which git may be pointed at, and never with a secret in the file.

use std::sync::LazyLock;

use regex::Regex;

use super::fault::DeclareError;

const CREDENTIALS: &str = "the remote holds credentials";
const HELPER: &str = "write it without them; git asks its credential helper or the ssh agent";

/// Whatever stands between a scheme (or a quote) and `@`, and values of telling query keys.
static SECRETS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x) :// (?P<user> [^/@\s"']+ ) @
          | ["'] (?P<pair> [^/@\s"':]+ : [^/@\s"']+ ) @
          | [?&\#] (?: [\w-]*(?i:token|password|secret|key) ) = (?P<value> [^\s"'&]+ )"#,
    )
    .ok()
});

/// Checks that cascade may ask the index at this address.
pub(super) fn address(address: &str) -> Result<(), DeclareError> {
    let plain = address.strip_prefix("sparse+").unwrap_or(address);
    let scheme = plain.split_once("://").map(|it| it.0.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("https" | "http" | "file")) {
        return Err(DeclareError::new("the address is none that cascade asks")
            .help("it starts with `https://`; a folder of this machine is a `folder`"));
    }
    check(plain).map_err(|error| {
        let message = error.message.replacen("the remote", "the address", 1);
        if error.message == CREDENTIALS {
            return DeclareError::new(message).help(
                "write it without them; logins are taken from where the tools have them: \
                 `.netrc`, `.npmrc`, cargo's credentials, variables",
            );
        }
        DeclareError::new(message).maybe_help(error.help)
    })
}

/// Checks the address of a module, which is one of git.
pub(super) fn module(address: &str) -> Result<(), DeclareError> {
    check(address).map_err(|error| {
        let message = error.message.replacen("the remote", "the address", 1);
        DeclareError::new(message).maybe_help(error.help)
    })
}

/// Checks that cascade lets git talk to this remote.
pub(crate) fn check(remote: &str) -> Result<(), DeclareError> {
    let plain = DeclareError::new;
    if remote.is_empty() || remote.chars().any(|c| c.is_control() || c == ' ') {
        return Err(plain(
            "the remote is empty or holds a space or control character",
        ));
    }
    if remote.starts_with('-') {
        return Err(plain(
            "the remote starts with `-`, which git would take for an option",
        ));
    }
    match remote.split_once("://") {
        Some((scheme, rest)) => check_url(scheme, rest),
        None if remote.contains("::") => Err(plain("the remote names a transport helper of git")
            .help("use https, ssh, a file or a path")),
        None => check_short(remote),
    }
}

fn check_url(scheme: &str, rest: &str) -> Result<(), DeclareError> {
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let scheme = scheme.to_ascii_lowercase();
    let secret = user.is_some_and(|it| it.contains(':') || (scheme != "ssh" && it != "git"));
    if secret || holds_token(path) {
        return Err(DeclareError::new(CREDENTIALS).help(HELPER));
    }
    if host.starts_with('-') || user.is_some_and(|it| it.starts_with('-')) {
        return Err(DeclareError::new("the remote's host starts with `-`"));
    }
    match scheme.as_str() {
        "file" => Ok(()),
        "https" | "ssh" if !host.is_empty() => Ok(()),
        "http" if loopback(host) => Ok(()),
        "http" => Err(DeclareError::new("the remote is not encrypted")
            .help("write `https://`; `http://` is for loopback only")),
        "https" | "ssh" => Err(DeclareError::new("the remote names no host")),
        _ => Err(
            DeclareError::new("cascade does not use remotes of this scheme")
                .help("use https, ssh, a file or a path"),
        ),
    }
}

/// A path, or `user@host:path` as ssh reads it.
fn check_short(remote: &str) -> Result<(), DeclareError> {
    let before_slash = remote.split('/').next().unwrap_or_default();
    let Some((host, _)) = before_slash.split_once(':') else {
        return Ok(());
    };
    if !host.contains('@') && before_slash.contains('@') {
        return Err(DeclareError::new(CREDENTIALS).help(HELPER));
    }
    let host = host.rsplit_once('@').map_or(host, |it| it.1);
    if host.is_empty() || host.starts_with('-') {
        return Err(DeclareError::new(
            "the remote's host is empty or starts with `-`",
        ));
    }
    Ok(())
}

fn holds_token(path: &str) -> bool {
    let query = path.split_once(['?', '#']).map_or("", |it| it.1);
    let query = query.to_ascii_lowercase();
    ["token", "password", "secret", "key"]
        .iter()
        .any(|it| query.contains(it))
}

fn loopback(host: &str) -> bool {
    let bracketed = host.strip_prefix('[').and_then(|it| it.split_once(']'));
    let name = match bracketed {
        Some((inner, _)) => inner,
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>();
    name == "localhost" || address.is_ok_and(|it| it.is_loopback())
}

/// Returns the text with every secret of a remote masked, byte for byte; `None` without any.
pub(super) fn masked(text: &str) -> Option<String> {
    let mut masked = text.to_owned();
    for found in SECRETS.as_ref()?.captures_iter(text) {
        let groups = ["user", "pair", "value"].into_iter();
        for secret in groups.filter_map(|it| found.name(it)) {
            if secret.as_str() != "git" {
                let stars = "*".repeat(secret.len());
                masked.replace_range(secret.range(), &stars);
            }
        }
    }
    (masked != text).then_some(masked)
}
