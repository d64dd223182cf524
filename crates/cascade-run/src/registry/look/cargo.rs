//! What a Cargo index lists: sparse, in git, or in a folder.

use std::path::Path;

use cascade_manifest::{Limit, Listing};
use url::Url;

use super::super::cargo::{Index, Settings, found, place, token};
use super::super::http::Missed;
use super::super::login::{netrc, split};
use super::super::settings::{self, toml, word};
use super::super::{Reach, git};
use super::{At, Sought, listed, on_disk};

/// Returns what the index lists of a crate.
pub(super) fn look(reach: &Reach<'_>, at: &At, sought: Sought<'_>) -> Result<Listing, Missed> {
    let settings = Settings::of(reach);
    let place = place(sought.written).ok_or_else(|| Missed::because("a crate has an odd name"))?;
    let read = match at {
        At::Folder(folder) => in_folder(folder, &place),
        At::Url(url) => {
            let source = format!("sparse+{url}");
            sparse(reach, &settings, (url, &source), &place)
        }
        At::Configured => {
            let source = source(reach, &settings, sought.written);
            let nowhere = |_| {
                let name = sought.written;
                Missed::Nowhere(format!(
                    "no setting and no lock says which index has `{name}`"
                ))
            };
            match found(reach, &settings, &source).map_err(nowhere)? {
                Index::Sparse(url) => sparse(reach, &settings, (&url, &source), &place),
                Index::Folder(folder) => in_folder(&folder, &place),
                Index::Git(url) => git::file(&reach.shared.git, &url, "HEAD", &place)
                    .map_err(|it| Missed::because(it.0)),
            }
        }
    }?;
    listed("cargo", &read, sought.name)
}

fn in_folder(folder: &Path, place: &str) -> Result<Vec<u8>, Missed> {
    for below in ["", "index", "cargo/index"] {
        match on_disk(&folder.join(below).join(place)) {
            Err(Missed::Absent) => {}
            other => return other,
        }
    }
    Err(Missed::Absent)
}

fn sparse(
    reach: &Reach<'_>,
    settings: &Settings,
    (base, source): (&Url, &str),
    place: &str,
) -> Result<Vec<u8>, Missed> {
    let (base, login) = split(base.clone());
    let at = base.join(place);
    let at = at.map_err(|_| Missed::because("the index is no address"))?;
    let login = login.or_else(|| netrc(reach, &base));
    let mut looked = reach.look(&at, ("*/*", login.as_ref()));
    if looked.as_ref().is_err_and(|it| *it == Missed::Denied) {
        // Only a registry that asks for it gets the token.
        if let Some(token) = token(reach, settings, (&base, source)) {
            looked = reach.look(&at, ("*/*", Some(&token)));
        }
    }
    looked.map(|it| it.body)
}

/// Returns the source that a crate is published to and locked from, in cargo's own words: what its
/// manifest says, what a lock says, the default of the settings; else cargo's own.
fn source(reach: &Reach<'_>, settings: &Settings, name: &str) -> String {
    let named = publish(reach).or_else(|| {
        let said = reach.var("CARGO_REGISTRY_DEFAULT").map(str::to_owned);
        said.or_else(|| {
            let mut tables = settings.0.iter();
            tables.find_map(|(_, it)| word(it, &["registry", "default"]).map(str::to_owned))
        })
    });
    let index = named.and_then(|it| index_of(reach, settings, &it));
    let index = index.map(|it| {
        if it.starts_with("sparse+") {
            it
        } else {
            format!("registry+{it}")
        }
    });
    index
        .or_else(|| locked(reach, name))
        .unwrap_or_else(|| "registry+own".to_owned())
}

/// Returns the registry that the manifest at the root of the tree is published to.
fn publish(reach: &Reach<'_>) -> Option<String> {
    let manifest = reach
        .folders()
        .find_map(|it| toml(&it.join("Cargo.toml")))?;
    let package = manifest.get("package").or_else(|| {
        let workspace = manifest.get("workspace")?;
        workspace.get("package")
    });
    let first = package?.get("publish")?.as_array()?.first()?;
    first.as_str().map(str::to_owned)
}

fn index_of(reach: &Reach<'_>, settings: &Settings, registry: &str) -> Option<String> {
    let shouted = registry.to_uppercase().replace('-', "_");
    let said = reach.var(&format!("CARGO_REGISTRIES_{shouted}_INDEX"));
    said.map(str::to_owned).or_else(|| {
        let mut tables = settings.0.iter();
        let keys = ["registries", registry, "index"];
        tables.find_map(|(_, it)| word(it, &keys).map(str::to_owned))
    })
}

/// Returns the source that a `Cargo.lock` has the crate from, else that of any other crate.
fn locked(reach: &Reach<'_>, name: &str) -> Option<String> {
    let lock = reach.folders().find_map(|it| {
        let bytes = settings::bytes(&it.join("Cargo.lock"), Limit::LOCK)?;
        String::from_utf8(bytes).ok()
    })?;
    let wanted = format!("name = \"{name}\"");
    let mut blocks = lock.split("[[package]]").skip(1);
    let own = blocks.find(|it| it.lines().any(|line| line == wanted));
    let source = |text: &str| {
        let mut lines = text.lines();
        let source = lines.find_map(|it| {
            let source = it.strip_prefix("source = \"")?;
            source.starts_with(['r', 's']).then_some(source)
        })?;
        source.strip_suffix('"').map(str::to_owned)
    };
    own.and_then(source).or_else(|| source(&lock))
}
