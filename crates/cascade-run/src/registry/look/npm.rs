//! What an npm registry lists: the document that npm itself reads, and folders of tarballs.

use std::path::{Path, PathBuf};

use cascade_manifest::{ListedFile, Listing, Scheme, Version};
use url::Url;

use super::super::http::Missed;
use super::super::login::{netrc, split};
use super::super::npm::configured;
use super::super::npmrc::Npmrc;
use super::super::{Reach, folder_of};
use super::{At, Sought, digest, listed, names, unknown};

/// What npm asks for when it resolves: a cache between may hold another age of the whole document.
const PACKUMENT: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

/// Returns what the registry lists of a package.
pub(super) fn look(reach: &Reach<'_>, at: &At, sought: Sought<'_>) -> Result<Listing, Missed> {
    let npmrc = Npmrc::of(reach);
    let base = match at {
        At::Folder(folder) => return on_disk(folder, sought),
        At::Url(url) => url.clone(),
        At::Configured => configured(reach, &npmrc, sought.name).map_err(unknown)?,
    };
    let (base, login) = split(folder_of(base));
    if let Ok(folder) = base.to_file_path() {
        return on_disk(&folder, sought);
    }
    let login = login
        .or_else(|| npmrc.login(&base))
        .or_else(|| netrc(reach, &base));
    let at = Url::parse(&format!("{base}{}", sought.name.replace('/', "%2f")));
    let at = at.map_err(|_| Missed::because("the name of a package is no name"))?;
    let served = reach.look(&at, (PACKUMENT, login.as_ref()))?;
    listed("npm", &served.body, sought.name)
}

/// Returns what a folder lists: `NAME/*.tgz`, `npm/NAME/*.tgz`, or tarballs side by side as
/// `npm pack` calls them.
fn on_disk(folder: &Path, sought: Sought<'_>) -> Result<Listing, Missed> {
    let name = sought.name;
    let plain = name.rsplit('/').next().unwrap_or(name);
    let packed = name.trim_start_matches('@').replace('/', "-");
    if name.split('/').any(|it| matches!(it, "" | "." | "..")) {
        return Err(Missed::Absent);
    }
    let places: [(PathBuf, &str); 5] = [
        (folder.join(name), plain),
        (folder.join("npm").join(name.replace('/', "%2f")), plain),
        (folder.join(name).join("-"), plain),
        (folder.to_path_buf(), &packed),
        (folder.join("npm"), &packed),
    ];
    let mut listing = Listing::default();
    for (folder, stem) in &places {
        for file in names(folder) {
            let version = file.strip_prefix(stem).and_then(|it| it.strip_prefix('-'));
            let Some(version) = version.and_then(|it| it.strip_suffix(".tgz")) else {
                continue;
            };
            if Version::parse(Scheme::Semver, version).is_none() {
                continue;
            }
            let wanted = version == sought.version;
            let listed = ListedFile {
                digest: wanted.then(|| digest(&folder.join(&file))).flatten(),
                name: file.clone(),
                kind: "tarball".to_owned(),
                line: None,
                yanked: None,
            };
            listing.add(version, listed);
        }
    }
    let any = listing.releases().next().is_some();
    any.then_some(listing).ok_or(Missed::Absent)
}
