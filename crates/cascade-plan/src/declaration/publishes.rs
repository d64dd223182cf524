//! What a repository publishes beyond packages: images, charts and modules.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use cascade_manifest::deploy::{address, image_name};
use toml::Spanned;

use super::fault::DeclareError;
use super::file::{ImageEntry, Text};
use super::remote;
use super::resolve::Room;
use crate::deliverables::{address_of, origin_of};
use crate::image::{is_host, is_tag};
use crate::{ImageName, NoImage, RepoDeclaration, RepoId};

/// One entry of `images`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDeclaration {
    /// Its repository as written, without tag and digest; [`ImageName`] reads it.
    pub name: String,
    /// The tags that follow the latest final version.
    pub moving: Vec<String>,
    /// The bytes of the entry in the file.
    pub at: Range<usize>,
}

/// One entry of `charts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartDeclaration {
    /// The chart's own name.
    pub name: String,
    /// The repository that it is in, without the name: `oci://HOST/PATH` or `https://HOST/PATH`;
    /// `None` where nothing is said of it.
    pub origin: Option<String>,
    /// The bytes of the entry in the file.
    pub at: Range<usize>,
}

impl ChartDeclaration {
    /// Returns the chart that a text declares; `None` where it declares none.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, origin) = chart(text).ok()?;
        let at = 0..text.len();
        Some(Self { name, origin, at })
    }

    /// Returns it as it is declared.
    fn written(&self) -> String {
        match &self.origin {
            Some(origin) => format!("{origin}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// One entry of `modules`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleDeclaration {
    /// As written: an address of git, with or without `//FOLDER`, or a name of a registry of modules
    /// (`NAMESPACE/NAME/PROVIDER`, a host before it or not).
    pub name: String,
    /// The bytes of the entry in the file.
    pub at: Range<usize>,
}

/// Returns the images that a repository declares.
pub(super) fn images(
    room: &mut Room<'_>,
    entries: &[Spanned<ImageEntry>],
) -> Vec<ImageDeclaration> {
    let mut seen = BTreeSet::new();
    let mut images = Vec::new();
    for entry in entries {
        let (at, table) = (entry.span(), &entry.get_ref().0);
        let place = match table.name.span() {
            it if it.is_empty() => at.clone(),
            it => it,
        };
        let name = Text::new(place, table.name.get_ref().clone());
        let read = room.keep(&name, |it| {
            ImageName::parse(it).map_err(no_image)?;
            once(&mut seen, it, image_name(it))
        });
        let moving = moving(room, &table.moving);
        images.extend(read.map(|name| ImageDeclaration { name, moving, at }));
    }
    images
}

fn no_image(why: NoImage) -> DeclareError {
    DeclareError::new(format!("the image's name {}", why.why())).help(why.help())
}

fn moving(room: &mut Room<'_>, texts: &[Text]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut read = |it: &Text| {
        room.keep(it, |it| {
            if !is_tag(it) {
                let what = format!("`{}` can not be the tag of an image", it.escape_debug());
                let help = "write a tag that follows the latest version, as `latest`";
                return Err(DeclareError::new(what).help(help));
            }
            once(&mut seen, it, it.to_owned())
        })
    };
    texts.iter().filter_map(&mut read).collect()
}

/// Returns the charts that a repository declares.
pub(super) fn charts(room: &mut Room<'_>, texts: &[Text]) -> Vec<ChartDeclaration> {
    let mut seen = BTreeSet::new();
    let mut read = |it: &Text| {
        let (name, origin) = room.keep(it, |text| {
            let read = chart(text)?;
            once(&mut seen, text, text.to_owned())?;
            Ok(read)
        })?;
        let at = it.span();
        Some(ChartDeclaration { name, origin, at })
    };
    texts.iter().filter_map(&mut read).collect()
}

/// Returns the name of a chart, and where it is.
fn chart(text: &str) -> Result<(String, Option<String>), DeclareError> {
    let wrong = |why: &str| {
        let help = "write `oci://HOST/PATH/NAME`, `https://HOST/PATH/NAME` or the chart's name";
        DeclareError::new(format!("the chart {why}")).help(help)
    };
    let odd = |it: char| it.is_control() || it.is_whitespace();
    if text.is_empty() || text.contains(odd) {
        return Err(wrong("has no name or a space in it"));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        let is_plain = is_chart(text).then(|| (text.to_owned(), None));
        return is_plain.ok_or_else(|| wrong("can not be called so"));
    };
    match scheme {
        "oci" => {
            let host = rest.split_once('/').map_or("", |it| it.0);
            let is_named = host.contains(['.', ':']) || host == "localhost";
            if !is_named || !is_host(host) {
                return Err(wrong("names no host that it is at"));
            }
            ImageName::parse(rest).map_err(|it| wrong(it.why()))?;
        }
        "https" | "http" => {
            remote::address(text)?;
            if text.contains(['?', '#']) {
                return Err(wrong("has a query in its address"));
            }
        }
        _ => return Err(wrong("is at an address of another scheme")),
    }
    match text.rsplit_once('/') {
        Some((origin, name)) if is_chart(name) && origin.len() > scheme.len() + "://".len() => {
            Ok((name.to_owned(), Some(origin.to_owned())))
        }
        _ => Err(wrong("has no name behind the address")),
    }
}

/// Returns whether a text can be the name of a chart.
fn is_chart(text: &str) -> bool {
    let fits = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    text.starts_with(|it: char| it.is_ascii_alphanumeric()) && text.chars().all(fits)
}

/// Returns the modules that a repository declares.
pub(super) fn modules(room: &mut Room<'_>, texts: &[Text]) -> Vec<ModuleDeclaration> {
    let mut seen = BTreeSet::new();
    let mut read = |it: &Text| {
        let name = room.keep(it, |text| {
            module(text)?;
            once(&mut seen, text, text.to_owned())
        })?;
        let at = it.span();
        Some(ModuleDeclaration { name, at })
    };
    texts.iter().filter_map(&mut read).collect()
}

/// Checks the name of a module.
fn module(text: &str) -> Result<(), DeclareError> {
    let wrong = |what: &str| {
        let help = "write the address of its git repository, `//FOLDER` behind it where it is in \
            one, or `NAMESPACE/NAME/PROVIDER`";
        DeclareError::new(format!("the module {what}")).help(help)
    };
    let plain = text.strip_prefix("git::").unwrap_or(text);
    if plain.contains("://") || plain.contains('@') {
        remote::module(plain)?;
        let is_whole = address(plain).contains('/');
        let whole = is_whole.then_some(());
        return whole.ok_or_else(|| wrong("is at no repository of a host"));
    }
    let fits = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    let is_part =
        |it: &str| it.starts_with(|it: char| it.is_ascii_alphanumeric()) && it.chars().all(fits);
    let (at, folder) = plain.split_once("//").unwrap_or((plain, "in"));
    let parts: Vec<&str> = at.split('/').collect();
    let is_named = match parts.as_slice() {
        [host, _, ..] if host.contains('.') => true,
        [_, _, _] => true,
        _ => false,
    };
    let whole = is_named && parts.iter().all(|it| is_part(it)) && folder.split('/').all(is_part);
    whole
        .then_some(())
        .ok_or_else(|| wrong("is at no address and in no registry"))
}

/// Returns the text, unless what it stands for was there before.
fn once(seen: &mut BTreeSet<String>, text: &str, key: String) -> Result<String, DeclareError> {
    let is_new = seen.insert(key).then(|| text.to_owned());
    is_new.ok_or_else(|| DeclareError::new(format!("`{text}` stands here twice")))
}

/// Something that a repository publishes: what it is, what it is known by, how it is written, and where.
struct Claim<'a> {
    word: &'static str,
    key: String,
    written: String,
    repo: &'a RepoId,
    at: &'a Range<usize>,
}

/// Tells of what two repositories publish under one name: a pin on it would be on either.
pub(super) fn no_two_publish_one(
    errors: &mut Vec<DeclareError>,
    repos: &BTreeMap<RepoId, RepoDeclaration>,
) {
    let mut claims: Vec<Claim<'_>> = repos.iter().flat_map(|it| claims(it.0, it.1)).collect();
    claims.sort_by_key(|it| it.at.start);
    let mut known: BTreeMap<&str, &Claim<'_>> = BTreeMap::new();
    for it in &claims {
        let first = *known.entry(&it.key).or_insert(it);
        if first.repo == it.repo {
            continue;
        }
        let (word, written) = (it.word, &it.written);
        let what = format!(
            "`{}` and `{}` publish one {word}, `{written}`",
            first.repo, it.repo
        );
        let error = DeclareError::new(what)
            .at(first.at, "here first")
            .at(it.at, "and here again")
            .help("leave it to the repository whose tag makes it");
        errors.push(error);
    }
}

/// Returns what a repository publishes. A chart in a registry of images is known as those are.
fn claims<'a>(repo: &'a RepoId, declared: &'a RepoDeclaration) -> Vec<Claim<'a>> {
    let claim = |word, key: String, written: String, at| Claim {
        word,
        key,
        written,
        repo,
        at,
    };
    let image = |it: &'a ImageDeclaration| {
        let key = format!("image {}", image_name(&it.name));
        claim("image", key, it.name.clone(), &it.at)
    };
    let chart = |it: &'a ChartDeclaration| {
        let written = it.written();
        let key = match it.origin.as_deref() {
            Some(origin) if origin.starts_with("oci://") => {
                let bare = written.strip_prefix("oci://").unwrap_or(&written);
                format!("image {}", image_name(bare))
            }
            Some(origin) => format!("chart {}/{}", origin_of(origin), it.name),
            None => format!("chart {}", it.name),
        };
        claim("chart", key, written, &it.at)
    };
    let module = |it: &'a ModuleDeclaration| {
        let key = format!("module {}", address_of(&it.name));
        claim("module", key, it.name.clone(), &it.at)
    };
    let images = declared.images.iter().map(image);
    let charts = declared.charts.iter().map(chart);
    let modules = declared.modules.iter().map(module);
    images.chain(charts).chain(modules).collect()
}
