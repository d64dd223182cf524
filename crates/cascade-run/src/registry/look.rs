//! One reading of an index: what it lists of a package now, past every cache.

mod cargo;
mod chart;
mod go;
mod image;
mod npm;
mod python;
mod tags;

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use cascade_manifest::{Ecosystem, Fallback, Listing, ecosystem};
use cascade_plan::{Awaited, CHART, IMAGE, Outlet, Sight, judge};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::http::{Missed, Served, place};
use super::login::Login;
pub(crate) use image::stands;

use super::{LARGEST, Reach, address, folder_of, settings};
use crate::exec::shown;

/// How large a file of a folder may be to be digested.
const DIGESTED: u64 = 4 << 30;

/// Where an index is read.
enum At {
    /// Where the settings say.
    Configured,
    /// At an address.
    Url(Url),
    /// In a folder of this disk.
    Folder(PathBuf),
}

/// What is read for: a package and a version.
#[derive(Clone, Copy)]
struct Sought<'a> {
    /// The canonical name.
    name: &'a str,
    /// The name as its manifest writes it.
    written: &'a str,
    version: &'a str,
}

/// Returns what the index shows now. Settings are those of the reach's folder; a folder is one
/// below `root`.
pub(crate) fn look(reach: &Reach<'_>, awaited: &Awaited, root: &Path) -> Sight {
    let sight = read(reach, awaited, root).unwrap_or_else(|missed| match missed {
        Missed::Absent => Sight::NoProject,
        Missed::Denied => unreached("it asks for a login that is not known"),
        Missed::Nowhere(why) => Sight::Nowhere { why },
        Missed::Unreached { why, wait } => Sight::Unreached { why, wait },
    });
    let safe = |why: &str| shown(why, reach.shared.git.environment());
    match sight {
        Sight::Unreached { why, wait } => Sight::Unreached {
            why: safe(&why),
            wait,
        },
        Sight::Nowhere { why } => Sight::Nowhere { why: safe(&why) },
        other => other,
    }
}

fn unreached(why: impl Into<String>) -> Sight {
    Sight::Unreached {
        why: why.into(),
        wait: None,
    }
}

fn read(reach: &Reach<'_>, awaited: &Awaited, root: &Path) -> Result<Sight, Missed> {
    if let Outlet::Tags { remote, tags } = &awaited.outlet {
        return Ok(tags::look(&reach.shared.git, (remote, root), tags));
    }
    match awaited.ecosystem.as_str() {
        IMAGE => return image::look(reach, awaited),
        CHART => return chart::look(reach, awaited),
        _ => {}
    }
    let (ecosystem, listing) = list(reach, awaited, root)?;
    Ok(judge(
        &listing,
        ecosystem,
        &awaited.version,
        &awaited.expected,
    ))
}

/// Returns what the index lists of a package now, with its ecosystem; nothing of one that it does not
/// know.
///
/// # Errors
/// With why the index could not be read.
pub(crate) fn listing(
    reach: &Reach<'_>,
    awaited: &Awaited,
    root: &Path,
) -> Result<Listing, String> {
    match list(reach, awaited, root) {
        Ok((_, listing)) => Ok(listing),
        Err(Missed::Absent) => Ok(Listing::default()),
        Err(Missed::Denied) => Err("it asks for a login that is not known".to_owned()),
        Err(Missed::Nowhere(why) | Missed::Unreached { why, .. }) => {
            Err(shown(&why, reach.shared.git.environment()))
        }
    }
}

fn list(
    reach: &Reach<'_>,
    awaited: &Awaited,
    root: &Path,
) -> Result<(&'static Ecosystem, Listing), Missed> {
    let ecosystem = ecosystem(&awaited.ecosystem)
        .ok_or_else(|| Missed::Nowhere(format!("`{}` is no ecosystem", awaited.ecosystem)))?;
    let at = at(&awaited.outlet, root)?;
    let name = (ecosystem.canonical)(&awaited.name);
    let sought = Sought {
        name: &name,
        written: &awaited.name,
        version: &awaited.version,
    };
    let listing = match ecosystem.name {
        "python" => python::look(reach, &at, sought),
        "npm" => npm::look(reach, &at, sought),
        "cargo" => cargo::look(reach, &at, sought),
        "go" => go::look(reach, &at, sought),
        other => Err(Missed::because(format!("no index of `{other}` is known"))),
    }?;
    Ok((ecosystem, listing))
}

fn at(outlet: &Outlet, root: &Path) -> Result<At, Missed> {
    let folder = |path: PathBuf| {
        if path.is_dir() {
            Ok(At::Folder(path))
        } else {
            let path = path.display();
            Err(Missed::because(format!("the folder `{path}` is not there")))
        }
    };
    match outlet {
        Outlet::Configured | Outlet::Image { .. } | Outlet::Tags { .. } => Ok(At::Configured),
        Outlet::Folder(path) => folder(root.join(path)),
        Outlet::Address(text) => {
            let url = address(text.strip_prefix("sparse+").unwrap_or(text)).map_err(unknown)?;
            match url.scheme() {
                "file" => folder(url.to_file_path().unwrap_or_default()),
                _ => Ok(At::Url(folder_of(url))),
            }
        }
    }
}

/// Returns that it is not known where to look, for this reason.
fn unknown(error: Fallback) -> Missed {
    Missed::Nowhere(error.0)
}

/// Returns what a document lists.
fn listed(kind: &str, document: &[u8], name: &str) -> Result<Listing, Missed> {
    let read = ecosystem(kind).and_then(|it| (it.listing)(document, name));
    read.ok_or_else(|| Missed::because(format!("what it answers for `{name}` is no listing")))
}

impl Reach<'_> {
    /// Returns a document as it is now: asked for once, and out of no memory.
    fn look(&self, url: &Url, (accept, login): (&str, Option<&Login>)) -> Result<Served, Missed> {
        if url.scheme() == "file" {
            let path = url.to_file_path().unwrap_or_default();
            return on_disk(&path).map(Served::of_disk);
        }
        let looked = self.shared.http.look(url, accept, login);
        looked.map_err(|missed| match missed {
            Missed::Unreached { why, wait } => Missed::Unreached {
                why: format!("`{}`: {why}", place(url)),
                wait,
            },
            other => other,
        })
    }
}

/// Returns a file of a folder; only one that is not there is absent.
fn on_disk(path: &Path) -> Result<Vec<u8>, Missed> {
    match path.metadata() {
        Ok(_) => settings::bytes(path, LARGEST)
            .ok_or_else(|| Missed::because(format!("`{}` can not be read", path.display()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Missed::Absent),
        Err(error) => Err(Missed::because(format!("`{}`: {error}", path.display()))),
    }
}

/// Returns the names of the files in a folder, sorted; none where it is not there.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|it| it.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// Returns the SHA-256 of a file.
fn digest(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let meta = file.metadata().ok()?;
    if !meta.is_file() || meta.len() > DIGESTED {
        return None;
    }
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => hasher.update(buffer.get(..read)?),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    let hex: Vec<String> = hasher
        .finalize()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    Some(format!("sha256:{}", hex.concat()))
}
