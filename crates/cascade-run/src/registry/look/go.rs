//! What a Go proxy lists: `.info` and `.mod` of the version, and the list of the others.

use cascade_manifest::{ListedFile, Listing};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::super::go::{escaped, is_private, parts, setting};
use super::super::http::Missed;
use super::super::login::{Login, netrc, split};
use super::super::{Reach, address, folder_of};
use super::{At, Sought, listed, unknown};

/// What a proxy says of a version.
#[derive(Deserialize)]
struct Info {
    #[serde(rename = "Version")]
    version: String,
}

/// Returns what the proxies list of a module.
pub(super) fn look(reach: &Reach<'_>, at: &At, sought: Sought<'_>) -> Result<Listing, Missed> {
    let proxies = match at {
        At::Url(url) => url.to_string(),
        At::Folder(folder) => {
            let below = folder.join("go");
            let folder = if below.is_dir() { &below } else { folder };
            let url = Url::from_directory_path(folder);
            url.map_err(|()| Missed::because("the folder is no path"))?
                .to_string()
        }
        At::Configured if is_private(reach, sought.name) => {
            return Err(Missed::Nowhere(format!(
                "`{}` is private, so no proxy is asked for it: its tag is what resolvers see",
                sought.name
            )));
        }
        At::Configured => setting(reach, "GOPROXY").ok_or_else(|| {
            Missed::Nowhere(format!("no setting says which proxy has `{}`", sought.name))
        })?,
    };
    let mut last = Missed::Nowhere("GOPROXY names no proxy".to_owned());
    for (proxy, end) in parts(&proxies) {
        if matches!(proxy, "off" | "direct") {
            // What the proxy before said stands; without one it is version control that is asked.
            let why = format!("GOPROXY says `{proxy}`: its tag is what resolvers see");
            let alone = matches!(&last, Missed::Nowhere(_));
            return Err(if alone { Missed::Nowhere(why) } else { last });
        }
        match of_proxy(reach, proxy, sought) {
            Err(missed) if end == ',' && missed != Missed::Absent => return Err(missed),
            Err(missed) => last = missed,
            listing => return listing,
        }
    }
    Err(last)
}

fn of_proxy(reach: &Reach<'_>, proxy: &str, sought: Sought<'_>) -> Result<Listing, Missed> {
    let (base, login) = split(folder_of(address(proxy).map_err(unknown)?));
    let login = login.or_else(|| netrc(reach, &base));
    let folder = format!("{}/@v/", escaped(sought.name));
    let at = base.join(&folder);
    let at = at.map_err(|_| Missed::because("the name of a module is no name"))?;
    let get = |name: &str, login: Option<&Login>| {
        let at = at
            .join(name)
            .map_err(|_| Missed::because("a version is none"))?;
        reach.look(&at, ("*/*", login))
    };
    let version = format!("v{}", sought.version);
    let file = escaped(&version);
    let info = get(&format!("{file}.info"), login.as_ref());
    let info = match info {
        Ok(served) => serde_json::from_slice::<Info>(&served.body).ok(),
        Err(Missed::Absent) => None,
        Err(missed) => return Err(missed),
    };
    if info.is_some_and(|it| it.version == version) {
        let module = get(&format!("{file}.mod"), login.as_ref())?;
        let sum = Sha256::digest(&module.body);
        let hex: Vec<String> = sum.iter().map(|it| format!("{it:02x}")).collect();
        let mut listing = Listing::default();
        let file = ListedFile {
            name: format!("{version}.mod"),
            kind: "module".to_owned(),
            line: None,
            digest: Some(format!("sha256:{}", hex.concat())),
            yanked: None,
        };
        listing.add(&version, file);
        return Ok(listing);
    }
    let list = get("list", login.as_ref())?;
    listed("go", &list.body, sought.name)
}
