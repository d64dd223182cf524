//! Cargo indexes: sparse, on this disk, or in git; with source replacement as cargo reads it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cascade_manifest::Fallback;
use url::Url;

use super::http::Unheard;
use super::login::{Login, netrc, split};
use super::settings::{bytes, toml, word};
use super::{LARGEST, Lasts, Reach, address, folder_of, git, unheard};

/// How often one source may stand in for another.
const HOPS: usize = 8;

/// Where an index is.
pub(super) enum Index {
    /// One document a crate, over HTTP.
    Sparse(Url),
    /// The `index` folder of a local registry.
    Folder(PathBuf),
    /// A git repository.
    Git(String),
}

/// Cargo's settings, the nearest file first, each with the folder that its paths start from.
pub(super) struct Settings(pub(super) Vec<(PathBuf, toml::Table)>);

impl Settings {
    /// Returns the settings of the tree, from the lock's folder up, and of the person.
    pub(super) fn of(reach: &Reach<'_>) -> Self {
        let tree = reach.folders().map(|it| it.join(".cargo"));
        let all = tree.chain(home(reach));
        let read = all.filter_map(|it| {
            let found = toml(&it.join("config.toml")).or_else(|| toml(&it.join("config")))?;
            Some((it.parent().unwrap_or(&it).to_path_buf(), found))
        });
        Self(read.collect())
    }

    /// Returns the tables of this kind, by name, the nearest first.
    fn tables<'a>(
        &'a self,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a toml::Table, &'a Path)> {
        self.0.iter().flat_map(move |(base, file)| {
            let tables = file.get(kind).and_then(toml::Value::as_table);
            tables
                .into_iter()
                .flatten()
                .filter_map(move |(name, it)| Some((name.as_str(), it.as_table()?, base.as_path())))
        })
    }
}

/// Returns the lines of a crate in an index.
pub(super) fn index(reach: &Reach<'_>, source: &str, name: &str) -> Result<Vec<u8>, Fallback> {
    let settings = Settings::of(reach);
    let place = place(name).ok_or_else(|| Fallback::because("a crate has an odd name"))?;
    match found(reach, &settings, source)? {
        Index::Sparse(base) => sparse(reach, &settings, (&base, source), (name, &place)),
        Index::Folder(folder) => bytes(&folder.join(&place), LARGEST)
            .ok_or_else(|| Fallback::because(format!("the registry on this disk has no `{name}`"))),
        Index::Git(url) => git::file(&reach.shared.git, &url, "HEAD", &place),
    }
}

/// Returns the path of a crate in an index.
pub(super) fn place(name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    Some(match name.len() {
        1 => format!("1/{name}"),
        2 => format!("2/{name}"),
        3 => format!("3/{}/{name}", name.get(..1)?),
        _ => format!("{}/{}/{name}", name.get(..2)?, name.get(2..4)?),
    })
}

/// Returns where a source's index is, by the lock's own words and cargo's settings.
pub(super) fn found(
    reach: &Reach<'_>,
    settings: &Settings,
    source: &str,
) -> Result<Index, Fallback> {
    if let Some(index) = replaced(settings, source)? {
        return Ok(index);
    }
    if let Some(url) = source.strip_prefix("sparse+") {
        return Ok(Index::Sparse(folder_of(address(url)?)));
    }
    let url = source
        .strip_prefix("registry+")
        .ok_or_else(|| Fallback::because("the lock names no registry"))?;
    if is_registry(reach, settings, url) {
        return Ok(Index::Git(url.to_owned()));
    }
    derived(url).ok_or_else(|| {
        Fallback::because("no setting says where the index of the lock's registry is")
    })
}

/// Returns the index that stands in for a source; `None` where none does.
pub(super) fn replaced(settings: &Settings, source: &str) -> Result<Option<Index>, Fallback> {
    let Some(mut next) = replacement_of(settings, source) else {
        return Ok(None);
    };
    for _ in 0..HOPS {
        let mut sources = settings.tables("source");
        let Some((_, table, base)) = sources.find(|it| it.0 == next) else {
            let mut registries = settings.tables("registries");
            let registry = registries.find(|it| it.0 == next);
            let index = registry.and_then(|it| word(it.1, &["index"]).map(str::to_owned));
            return index.map(|it| of_text(&it)).transpose();
        };
        if let Some(further) = word(table, &["replace-with"]) {
            next = further.to_owned();
            continue;
        }
        if let Some(folder) = word(table, &["local-registry"]) {
            return Ok(Some(Index::Folder(base.join(folder).join("index"))));
        }
        let Some(registry) = word(table, &["registry"]) else {
            return Err(Fallback::because(
                "cargo's settings replace the registry by a folder that has no index",
            ));
        };
        return of_text(registry).map(Some);
    }
    Err(Fallback::because(
        "cargo's settings replace sources in a circle",
    ))
}

/// Returns the name of what stands in for a source. The source that no setting describes is
/// cargo's own, which settings call `crates-io`.
fn replacement_of(settings: &Settings, source: &str) -> Option<String> {
    let url = source.strip_prefix("registry+").unwrap_or(source);
    let mut named = settings.tables("source");
    let described = named.find(|(_, table, _)| {
        let registry = word(table, &["registry"]);
        registry.is_some_and(|it| same(it, url) || same(it, source))
    });
    let table = match described {
        Some((_, table, _)) => Some(table),
        None if settings
            .tables("registries")
            .any(|it| word(it.1, &["index"]).is_some_and(|it| same(it, url))) =>
        {
            None
        }
        None => {
            let mut own = settings.tables("source");
            own.find(|it| it.0 == "crates-io").map(|it| it.1)
        }
    };
    Some(word(table?, &["replace-with"])?.to_owned())
}

fn same(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

fn of_text(text: &str) -> Result<Index, Fallback> {
    match text.strip_prefix("sparse+") {
        Some(url) => Ok(Index::Sparse(folder_of(address(url)?))),
        None => Ok(Index::Git(text.to_owned())),
    }
}

/// Returns whether cargo's settings or variables name this as the index of a registry.
fn is_registry(reach: &Reach<'_>, settings: &Settings, url: &str) -> bool {
    let variable = |(name, value): (&str, &str)| {
        name.starts_with("CARGO_REGISTRIES_") && name.ends_with("_INDEX") && same(value, url)
    };
    let mut tables = settings.tables("registries");
    tables.any(|it| word(it.1, &["index"]).is_some_and(|it| same(it, url)))
        || reach.vars().any(variable)
        || url.starts_with("file://")
}

/// Returns the sparse index that belongs to a git index whose name says its registry: an index
/// called `NAME-index` is served by `index.NAME`.
fn derived(url: &str) -> Option<Index> {
    let last = url.trim_end_matches('/').rsplit('/').next()?;
    let last = last.strip_suffix(".git").unwrap_or(last);
    let registry = last.strip_suffix("-index").filter(|it| it.contains('.'))?;
    let base = Url::parse(&format!("https://index.{registry}/")).ok()?;
    Some(Index::Sparse(base))
}

fn sparse(
    reach: &Reach<'_>,
    settings: &Settings,
    (base, source): (&Url, &str),
    (name, place): (&str, &str),
) -> Result<Vec<u8>, Fallback> {
    let (base, login) = split(base.clone());
    let at = base.join(place);
    let at = at.map_err(|_| Fallback::because("the index is no address"))?;
    let login = login.or_else(|| netrc(reach, &base));
    let lasts = reach.lasts(name);
    let mut answer = reach.get(&at, ("*/*", login.as_ref()), lasts);
    if answer.as_ref().is_err_and(|it| *it == Unheard::Denied) {
        // Only a registry that asks for it gets the token.
        if let Some(token) = token(reach, settings, (&base, source)) {
            answer = reach.get(&at, ("*/*", Some(&token)), Lasts::OneLock);
        }
    }
    let served = answer.map_err(|it| unheard(&at, &format!("`{name}`"), &it))?;
    Ok(served.body.clone())
}

/// Returns the token of the registry whose index this is.
pub(super) fn token(
    reach: &Reach<'_>,
    settings: &Settings,
    (base, source): (&Url, &str),
) -> Option<Login> {
    let ours = |it: &str| {
        let url = it.strip_prefix("sparse+").unwrap_or(it);
        same(url, base.as_str()) || same(it, source)
    };
    let named = settings.tables("registries").find_map(|(name, table, _)| {
        let index = word(table, &["index"]).filter(|it| ours(it))?;
        Some((name.to_owned(), index))
    });
    let by_variable = || {
        reach.vars().find_map(|(name, value)| {
            let name = name
                .strip_prefix("CARGO_REGISTRIES_")?
                .strip_suffix("_INDEX")?;
            ours(value).then(|| name.to_owned())
        })
    };
    let name = named.map(|it| it.0).or_else(by_variable)?;
    let shouted = name.to_uppercase().replace('-', "_");
    if let Some(said) = reach.var(&format!("CARGO_REGISTRIES_{shouted}_TOKEN")) {
        return Some(Login::token(said));
    }
    let files: BTreeMap<usize, toml::Table> = ["credentials.toml", "credentials"]
        .iter()
        .filter_map(|it| toml(&home(reach)?.join(it)))
        .enumerate()
        .collect();
    let lower = name.to_lowercase().replace('_', "-");
    files.values().find_map(|file| {
        let of = |name: &str| word(file, &["registries", name, "token"]);
        of(&name).or_else(|| of(&lower)).map(Login::token)
    })
}

fn home(reach: &Reach<'_>) -> Option<PathBuf> {
    let said = reach.var("CARGO_HOME").map(PathBuf::from);
    said.or_else(|| Some(reach.home()?.join(".cargo")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_has_a_place_in_every_index() {
        for (name, at) in [
            ("a", "1/a"),
            ("ab", "2/ab"),
            ("Abc", "3/a/abc"),
            ("serde_core", "se/rd/serde_core"),
        ] {
            assert_eq!(place(name).as_deref(), Some(at));
        }
        for name in ["", "../x", "é", "a/b"] {
            assert_eq!(place(name), None);
        }
    }

    #[test]
    fn a_git_index_names_its_sparse_sister() {
        let of = |url: &str| match derived(url) {
            Some(Index::Sparse(url)) => url.to_string(),
            _ => String::new(),
        };
        assert_eq!(
            of("https://forge.example/org/registry.example-index"),
            "https://index.registry.example/"
        );
        assert_eq!(of("https://forge.example/org/index"), "");
        assert_eq!(of("https://forge.example/org/private-index"), "");
    }

    fn settings(text: &str) -> Settings {
        Settings(vec![(PathBuf::from("/tree"), text.parse().unwrap())])
    }

    #[test]
    fn a_source_is_replaced_as_cargo_does_it() {
        let own = "registry+https://forge.example/org/registry.example-index";
        let disk = settings(
            "[source.crates-io]\nreplace-with = 'm'\n[source.m]\nreplace-with = 'disk'\n[source.disk]\nlocal-registry = 'x'",
        );
        let Ok(Some(Index::Folder(at))) = replaced(&disk, own) else {
            panic!("no folder")
        };
        assert_eq!(at, Path::new("/tree/x/index"));
        let mirror = settings(
            "[source.crates-io]\nreplace-with = 'm'\n[source.m]\nregistry = 'sparse+https://registry.example/a/'",
        );
        assert!(
            matches!(replaced(&mirror, own), Ok(Some(Index::Sparse(it))) if it.path() == "/a/")
        );
        let other = settings(
            "[source.crates-io]\nreplace-with = 'm'\n[registries.own]\nindex = 'https://forge.example/org/registry.example-index'",
        );
        assert!(matches!(replaced(&other, own), Ok(None)));
        let circle = settings(
            "[source.crates-io]\nreplace-with = 'a'\n[source.a]\nreplace-with = 'b'\n[source.b]\nreplace-with = 'a'",
        );
        assert!(replaced(&circle, own).is_err());
        let vendored =
            settings("[source.crates-io]\nreplace-with = 'v'\n[source.v]\ndirectory = 'vendor'");
        assert!(replaced(&vendored, own).is_err());
    }
}
