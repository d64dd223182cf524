//! npm registries: the document of one version, and tarballs.

use std::collections::BTreeMap;

use cascade_manifest::Fallback;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::http::Unheard;
use super::login::{netrc, split};
use super::npmrc::Npmrc;
use super::{Lasts, Reach, address, folder_of, settings, unheard};

/// All versions of a package, each as it was written.
#[derive(Deserialize)]
struct Packument<'a> {
    #[serde(borrow)]
    versions: BTreeMap<String, &'a RawValue>,
}

/// What a document says that it is.
#[derive(Deserialize)]
struct Named {
    name: String,
    version: String,
}

/// Returns the document of one version.
pub(super) fn version(
    reach: &Reach<'_>,
    beside: Option<&str>,
    (name, version): (&str, &str),
) -> Result<Vec<u8>, Fallback> {
    let npmrc = Npmrc::of(reach);
    let base = match beside.and_then(|it| above(it, name)) {
        Some(base) => address(&base)?,
        None => configured(reach, &npmrc, name)?,
    };
    let (base, login) = split(folder_of(base));
    let login = login
        .or_else(|| npmrc.login(&base))
        .or_else(|| netrc(reach, &base));
    let what = format!("`{name}` {version}");
    let escaped = name.replace('/', "%2f");
    let at = |path: &str| {
        let url = Url::parse(&format!("{base}{path}"));
        url.map_err(|_| Fallback::because("the name of a package is no name"))
    };
    let single = at(&format!("{escaped}/{version}"))?;
    let asked = ("application/json", login.as_ref());
    match reach.get(&single, asked, Lasts::TheRun) {
        Ok(served) if is_of(&served.body, (name, version)) => return Ok(served.body.clone()),
        Ok(_) | Err(Unheard::Absent) => {}
        Err(error) => return Err(unheard(&single, &what, &error)),
    }
    // Not every registry has a document a version.
    let all = at(&escaped)?;
    let served = reach.get(&all, asked, Lasts::OneLock);
    let served = served.map_err(|it| unheard(&all, &what, &it))?;
    let found = cut_out(&served.body, version)
        .map_err(|_| Fallback::because(format!("the document of `{name}` can not be read")))?;
    found
        .filter(|it| is_of(it, (name, version)))
        .ok_or_else(|| unheard(&all, &what, &Unheard::Absent))
}

/// Returns the document of one version, as it stands in that of all of them.
pub(super) fn cut_out(packument: &[u8], version: &str) -> serde_json::Result<Option<Vec<u8>>> {
    let read: Packument<'_> = serde_json::from_slice(packument)?;
    let found = read.versions.get(version);
    Ok(found.map(|it| it.get().as_bytes().to_vec()))
}

/// Returns the bytes of a tarball.
pub(super) fn tarball(reach: &Reach<'_>, url: &str) -> Result<Vec<u8>, Fallback> {
    let (at, login) = split(address(url)?);
    let login = login
        .or_else(|| Npmrc::of(reach).login(&at))
        .or_else(|| netrc(reach, &at));
    let file = at.path().rsplit('/').next().unwrap_or_default();
    let served = reach.get(&at, ("*/*", login.as_ref()), Lasts::TheRun);
    let served = served.map_err(|it| unheard(&at, &format!("`{file}`"), &it))?;
    Ok(served.body.clone())
}

pub(super) fn is_of(document: &[u8], (name, version): (&str, &str)) -> bool {
    let said: Option<Named> = serde_json::from_slice(document).ok();
    said.is_some_and(|it| it.name == name && it.version == version)
}

/// Returns the registry above a tarball: what stands before `NAME/-/`.
fn above(tarball: &str, name: &str) -> Option<String> {
    let encoded = name.replace('/', "%2f");
    let shouted = name.replace('/', "%2F");
    [name, &encoded, &shouted].iter().find_map(|it| {
        let (base, _) = tarball.split_once(&format!("/{it}/-/"))?;
        base.contains("://").then(|| format!("{base}/"))
    })
}

/// Returns the registry that is configured for a package, in the order in which the tools look.
pub(super) fn configured(reach: &Reach<'_>, npmrc: &Npmrc, name: &str) -> Result<Url, Fallback> {
    let scope = name
        .split_once('/')
        .map(|it| it.0)
        .filter(|it| it.starts_with('@'));
    let of_scope = || {
        let said = reach.tool_says(&["npm", "config", "get", &format!("{}:registry", scope?)])?;
        said.contains("://").then_some(said)
    };
    let of_all = || reach.tool_says(&["npm", "config", "get", "registry"]);
    let found = berry(reach)
        .or_else(|| npmrc.registry(name).map(str::to_owned))
        .or_else(of_scope)
        .or_else(of_all);
    let found = found.ok_or_else(|| {
        Fallback::because(format!(
            "neither the lock nor any setting says which registry has `{name}`"
        ))
    })?;
    address(&found)
}

/// Returns the registry that yarn is told, where a project is yarn's.
fn berry(reach: &Reach<'_>) -> Option<String> {
    let file = reach
        .folders()
        .find_map(|it| settings::text(&it.join(".yarnrc.yml")))?;
    if let Some(said) = reach.var("YARN_NPM_REGISTRY_SERVER") {
        return Some(said.to_owned());
    }
    let mut lines = file.lines();
    let value = lines.find_map(|it| it.strip_prefix("npmRegistryServer:"))?;
    let value = value.split(" #").next().unwrap_or(value).trim();
    Some(value.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tarball_names_its_registry() {
        let base = |url: &str, name: &str| above(url, name);
        assert_eq!(
            base("https://registry.example/npm/core/-/core-1.0.0.tgz", "core").as_deref(),
            Some("https://registry.example/npm/")
        );
        for url in [
            "https://registry.example/@own/core/-/core-1.tgz",
            "https://registry.example/@own%2fcore/-/core-1.tgz",
        ] {
            assert_eq!(
                base(url, "@own/core").as_deref(),
                Some("https://registry.example/")
            );
        }
        assert_eq!(base("https://files.example/core-1.0.0.tgz", "core"), None);
    }

    #[test]
    fn a_document_is_of_the_version_that_was_asked_for() {
        let text = br#"{"name":"core","version":"1.0.0","x":{}}"#;
        assert!(is_of(text, ("core", "1.0.0")));
        assert!(!is_of(text, ("core", "1.0.1")));
        assert!(!is_of(b"[]", ("core", "1.0.0")));
    }
}
