//! Packages from git: the source id of a tag, and whether two tags ask for the same.

use super::members::At;
use crate::toml::{Node, Toml};
use crate::{Ask, Facts, Fallback};

/// A source id of git, in its parts: `git+URL?tag=TAG#COMMIT`.
#[derive(Debug, Clone, Copy)]
pub(super) struct GitSource<'t> {
    /// The address, without `git+`.
    pub(super) url: &'t str,
    /// What follows `?`; empty for the head.
    query: &'t str,
}

impl<'t> GitSource<'t> {
    /// Returns the parts; `None` for another source.
    pub(super) fn of(source: &'t str) -> Option<Self> {
        let (rest, _) = source.strip_prefix("git+")?.split_once('#')?;
        let (url, query) = rest.split_once('?').unwrap_or((rest, ""));
        Some(Self { url, query })
    }

    /// Returns the tag, decoded.
    pub(super) fn tag(&self, format: u32) -> Option<String> {
        let tag = self.query.strip_prefix("tag=")?;
        if format >= 4 {
            decoded(tag)
        } else {
            Some(tag.to_owned())
        }
    }
}

/// Returns the source id of a tag, as the format of the lock spells it.
pub(super) fn source_id(url: &str, tag: &str, commit: &str, format: u32) -> String {
    let query = query(url, &At::Tag(tag.to_owned()), format);
    format!("git+{query}#{commit}")
}

/// Returns the address and what of it is required, as the format of the lock spells it.
pub(super) fn query(url: &str, at: &At, format: u32) -> String {
    let (key, value) = match at {
        At::Head => return url.to_owned(),
        At::Branch(it) => ("branch", it),
        At::Tag(it) => ("tag", it),
        At::Rev(it) => ("rev", it),
    };
    if format >= 4 {
        format!("{url}?{key}={}", encoded(value))
    } else {
        format!("{url}?{key}={value}")
    }
}

/// Returns whether the source locked is the repository and the part of it that is required.
pub(super) fn answers(source: &str, (url, at): (&str, &At), format: u32) -> bool {
    let Some(held) = GitSource::of(source) else {
        return false;
    };
    let wanted = query("", at, format);
    let wanted = wanted.strip_prefix('?').unwrap_or_default();
    held.query == wanted && is_same_address(held.url, url)
}

/// Returns whether two addresses name one repository: a slash or `.git` at the end says nothing,
/// nor do the letters of the host.
pub(super) fn is_same_address(a: &str, b: &str) -> bool {
    let bare = |it: &str| {
        let it = it.trim_end_matches('/');
        it.strip_suffix(".git").unwrap_or(it).to_ascii_lowercase()
    };
    bare(a) == bare(b)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let pair = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

/// Returns the manifest at the root of the repository, at a tag.
///
/// # Errors
/// When there is none, or it is no text.
pub(super) fn manifest(facts: &dyn Facts, url: &str, tag: &str) -> Result<String, Fallback> {
    let answer = facts.ask(&Ask::GitFile {
        url: url.to_owned(),
        tag: tag.to_owned(),
        path: "Cargo.toml".to_owned(),
    })?;
    let text = std::str::from_utf8(&answer);
    text.map(str::to_owned)
        .map_err(|_| Fallback::because(format!("`Cargo.toml` at `{tag}` is no text")))
}

/// Checks that the package asks for the same at both tags, and is of this version at the new one.
///
/// # Errors
/// With what differs.
pub(super) fn same_package(name: &str, old: &str, new: &str, to: &str) -> Result<(), Fallback> {
    let unread = |_| Fallback::because(format!("the manifest of `{name}` can not be read"));
    let (old, new) = (
        Toml::parse(old).map_err(unread)?,
        Toml::parse(new).map_err(unread)?,
    );
    let (old, new) = (old.root(), new.root());
    for it in [old, new] {
        let found = it.find(&["package", "name"]).and_then(Node::string);
        if found.is_none_or(|it| it.value != name) {
            return Err(Fallback::because(format!(
                "the manifest of `{name}` is not at the root of its repository"
            )));
        }
    }
    let version = new.find(&["package", "version"]).map(|it| {
        let inherits = it.bool_at("workspace") == Some(true);
        let shared = || new.find(&["workspace", "package", "version"]);
        if inherits { shared() } else { Some(it) }
    });
    let version = version.flatten().and_then(Node::string);
    if version.as_ref().is_none_or(|it| it.value != to) {
        return Err(Fallback::because(format!(
            "the manifest of `{name}` at the new tag does not say {to}"
        )));
    }
    let seen: [&[&str]; 7] = [
        &["dependencies"],
        &["build-dependencies"],
        &["build_dependencies"],
        &["target"],
        &["features"],
        &["package", "links"],
        &["workspace", "dependencies"],
    ];
    match seen
        .iter()
        .find(|it| said(old.find(it)) != said(new.find(it)))
    {
        None => Ok(()),
        Some(path) => Err(Fallback::because(format!(
            "`{}` of `{name}` changed",
            path.join(".")
        ))),
    }
}

/// Returns everything the value says, in one order, without its spelling.
fn said(it: Option<Node<'_>>) -> String {
    let Some(it) = it else {
        return String::new();
    };
    if it.is_table() {
        let mut rows: Vec<String> = it
            .entries()
            .into_iter()
            .map(|(key, it)| format!("{:?}:{}", key.name, said(Some(it))))
            .collect();
        rows.sort();
        return format!("{{{}}}", rows.join(","));
    }
    if it.is_array() {
        let items = it.items().into_iter().map(|it| said(Some(it)));
        return format!("[{}]", items.collect::<Vec<_>>().join(","));
    }
    match it.string() {
        Some(text) => format!("{:?}", text.value),
        None => it.plain().unwrap_or_default().to_owned(),
    }
}

/// Returns the text as forms encode it.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
