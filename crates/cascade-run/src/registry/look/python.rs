//! What a Python index lists: the simple API, in JSON or HTML, and folders of distributions.

use std::path::Path;

use cascade_manifest::{Limit, Listing};
use url::Url;

use super::super::http::Missed;
use super::super::login::split;
use super::super::python::{PAGE, configured, distributions, in_folder, login_of};
use super::super::{Reach, address, folder_of, page, settings};
use super::{At, Sought, digest, listed, unknown};

/// Returns what the index lists of a project.
pub(super) fn look(reach: &Reach<'_>, at: &At, sought: Sought<'_>) -> Result<Listing, Missed> {
    let base = match at {
        At::Folder(folder) => return on_disk(folder, sought),
        At::Url(url) => url.clone(),
        At::Configured => match locked(reach, sought.name) {
            Some(url) => url,
            None => configured(reach, sought.name).map_err(unknown)?,
        },
    };
    let (base, login) = split(folder_of(base));
    if let Ok(folder) = base.to_file_path() {
        return on_disk(&folder, sought);
    }
    let login = login.or_else(|| login_of(reach, &base));
    let at = base.join(&format!("{}/", sought.name));
    let at = at.map_err(|_| Missed::because("the index is no address"))?;
    let served = reach.look(&at, (PAGE, login.as_ref()))?;
    if served.kind.contains("json") {
        return listed("python", &served.body, sought.name);
    }
    let text = String::from_utf8_lossy(&served.body);
    let at = served.at.as_ref().unwrap_or(&at);
    listed(
        "python",
        &page::of_html(&text, sought.name, at),
        sought.name,
    )
}

/// Returns the index that a `uv.lock` has the project from.
fn locked(reach: &Reach<'_>, name: &str) -> Option<Url> {
    let mut locks = reach.folders().map(|it| it.join("uv.lock"));
    locks.find_map(|it| {
        let text = String::from_utf8(settings::bytes(&it, Limit::LOCK)?).ok()?;
        let wanted = format!("name = \"{name}\"");
        let mut blocks = text.split("[[package]]").skip(1);
        let block = blocks.find(|it| it.lines().any(|line| line == wanted))?;
        let mut lines = block.lines();
        let source = lines.find_map(|it| it.strip_prefix("source = { registry = \""))?;
        let url = source.split('"').next()?;
        address(url).ok()
    })
}

/// Returns what a folder lists: a simple index as files, or flat distributions.
fn on_disk(folder: &Path, sought: Sought<'_>) -> Result<Listing, Missed> {
    let name = sought.name;
    for folder in [
        folder.to_path_buf(),
        folder.join("pypi"),
        folder.join("simple"),
    ] {
        let base = Url::from_directory_path(&folder);
        let Ok(page) = base
            .map_err(drop)
            .and_then(|it| in_folder(&it, name).map_err(drop))
        else {
            continue;
        };
        let mut listing = listed("python", &page, name)?;
        let own = folder.join(name);
        let near = [own.as_path(), folder.as_path()];
        let ours: Vec<String> = near.iter().flat_map(|it| distributions(it, name)).collect();
        listing.digested(|version, file| {
            let wanted = version == sought.version || file.name.contains(sought.version);
            let here = || near.iter().find_map(|it| digest(&it.join(&file.name)));
            (wanted && ours.contains(&file.name)).then(here).flatten()
        });
        return Ok(listing);
    }
    Err(Missed::Absent)
}
