//! Addresses of git repositories, however they are written.

use super::Piece;

/// Hosts whose repositories are named by exactly two parts of a path.
const TWO_PARTS: &[&str] = &["github.com/", "bitbucket.org/"];

/// Returns the address of a repository without what differs between its spellings: scheme, user,
/// folder, query, `.git`.
///
/// ```
/// use cascade_manifest::deploy::address;
/// let same = ["git::https://git.example/acme/net.git//vpc?ref=v1", "git@git.example:acme/net.git"];
/// assert!(same.iter().all(|it| address(it) == "git.example/acme/net"));
/// ```
pub fn address(url: &str) -> String {
    let url = url.strip_prefix("git::").unwrap_or(url);
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (url, is_url) = match url.split_once("://") {
        Some((_, rest)) => (rest, true),
        None => (url, false),
    };
    let (host, path) = match (url.split_once('/'), url.split_once(':')) {
        (Some((host, _)), Some((before, path))) if !is_url && before.len() < host.len() => {
            (before, path)
        }
        (None, Some((before, path))) if !is_url => (before, path),
        (Some((host, path)), _) => (host, path),
        (None, _) => (url, ""),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.to_ascii_lowercase();
    let path = path.trim_start_matches('/');
    let path = path.split("//").next().unwrap_or_default();
    let path = path.split(".git/").next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    let whole = format!("{host}/{}", path.strip_suffix(".git").unwrap_or(path));
    let whole = whole.trim_matches('/');
    if !TWO_PARTS.iter().any(|it| whole.starts_with(it)) {
        return whole.to_owned();
    }
    let parts: Vec<_> = whole.split('/').take(3).collect();
    parts.join("/")
}

/// Returns the address of a repository that another one refers to: git takes an address that begins
/// with `./` or `../` from that of the repository it stands in.
///
/// ```
/// use cascade_manifest::deploy::address_from;
/// let origin = "git@git.example:acme/app.git";
/// assert_eq!(address_from(origin, "../lib.git"), "git.example/acme/lib");
/// assert_eq!(address_from(origin, "https://git.example/acme/lib"), "git.example/acme/lib");
/// ```
pub fn address_from(origin: &str, url: &str) -> String {
    if !url.starts_with("./") && !url.starts_with("../") {
        return address(url);
    }
    let base = address(origin);
    let mut parts: Vec<&str> = base.split('/').collect();
    for part in url.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.len() > 1 => drop(parts.pop()),
            ".." => return String::new(),
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    path.strip_suffix(".git").unwrap_or(&path).to_owned()
}

/// Returns the value of `ref` in the query of an address.
pub(super) fn wanted<'a>(url: &Piece<'a>) -> Option<Piece<'a>> {
    let (_, query) = url.split_once("?")?;
    query.split('&').find_map(|it| it.without("ref="))
}

/// Returns whether a text is the address of a repository of git, and no file beside it.
pub(super) fn is_remote(text: &str) -> bool {
    let starts = ["git::", "git@", "github.com/", "bitbucket.org/", "ssh://"];
    let names_host = text.contains(':');
    let names_git = text.contains(".git") || text.contains("?ref=") || text.contains("&ref=");
    starts.iter().any(|it| text.starts_with(it)) || (names_host && names_git)
}
