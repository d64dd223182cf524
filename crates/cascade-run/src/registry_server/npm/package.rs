//! A package of an npm registry: its tarballs, and the documents made of them.

use std::collections::BTreeMap;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cascade_manifest::{Scheme, Version};
use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};
use sha2::Sha512;

use crate::registry_server::answer::hex;
use crate::registry_server::folder::{Folder, is_plain};
use crate::registry_server::moment::Moment;
use crate::registry_server::tarball;

/// What of a version's document is needed to install it.
const SHORT: &[&str] = &[
    "name",
    "version",
    "deprecated",
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "bundleDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "bin",
    "directories",
    "dist",
    "engines",
    "os",
    "cpu",
    "funding",
    "_hasShrinkwrap",
    "hasInstallScript",
];

/// The scripts that run when a package is installed.
const INSTALLING: &[&str] = &["preinstall", "install", "postinstall"];

/// A package: every version that has a tarball.
#[derive(Debug)]
pub(super) struct Package {
    name: String,
    releases: Vec<Release>,
}

/// One version of a package.
#[derive(Debug)]
struct Release {
    version: String,
    order: Option<Version>,
    came: Moment,
    file: String,
    document: Map<String, Value>,
}

impl Package {
    /// Reads a package's tarballs; those that hold no `package.json` with a version are left out.
    pub(super) fn read(folder: &Folder, name: &str) -> Self {
        let files = folder.names(&["npm", &folder_of(name)]);
        let ours = files
            .into_iter()
            .filter(|it| it.strip_suffix(".tgz").is_some());
        let mut releases: Vec<Release> = ours
            .filter_map(|it| Release::read(folder, name, it))
            .collect();
        releases.sort_by(|one, other| one.order.cmp(&other.order));
        releases.dedup_by(|later, first| later.version == first.version);
        Self {
            name: name.to_owned(),
            releases,
        }
    }

    /// Returns whether there is no version.
    pub(super) fn is_empty(&self) -> bool {
        self.releases.is_empty()
    }

    /// Returns whether there is this version.
    pub(super) fn has(&self, version: &str) -> bool {
        self.releases.iter().any(|it| it.version == version)
    }

    /// Returns the version of every tag: what was set, and `latest`, which otherwise is the highest
    /// version, a final one if there is any.
    pub(super) fn tags(&self, set: &Tags) -> Map<String, Value> {
        let set = set.0.iter().filter(|(_, version)| self.has(version));
        let mut tags: Map<String, Value> = set
            .map(|(tag, version)| (tag.clone(), version.as_str().into()))
            .collect();
        if let (None, Some(latest)) = (tags.get("latest"), self.highest()) {
            tags.insert("latest".to_owned(), latest.into());
        }
        tags
    }

    /// Returns the highest version, a final one if there is any.
    pub(super) fn highest(&self) -> Option<&str> {
        let is_final = |it: &Release| it.order.as_ref().is_some_and(Version::is_final);
        let highest = self
            .releases
            .iter()
            .max_by_key(|it| (is_final(it), &it.order));
        highest.map(|it| it.version.as_str())
    }

    /// Returns everything about the package.
    pub(super) fn full(&self, tags: &Map<String, Value>, base: &str) -> Value {
        let mut time: Map<String, Value> = Map::new();
        for (word, moment) in [("created", self.first()), ("modified", self.last())] {
            time.insert(word.to_owned(), moment.into());
        }
        for release in &self.releases {
            time.insert(release.version.clone(), release.came.text(3).into());
        }
        let versions = self.releases.iter().map(|it| {
            let document = it.document(&self.name, base);
            (it.version.clone(), document.into())
        });
        json!({
            "_id": self.name,
            "_rev": format!("{}-0", self.releases.len()),
            "name": self.name,
            "dist-tags": tags,
            "versions": versions.collect::<Map<String, Value>>(),
            "time": time,
        })
    }

    /// Returns what installing needs to know of the package.
    pub(super) fn short(&self, tags: &Map<String, Value>, base: &str) -> Value {
        let versions = self.releases.iter().map(|it| {
            let mut document = it.document(&self.name, base);
            if it.runs_scripts() {
                document.insert("hasInstallScript".to_owned(), true.into());
            }
            document.retain(|key, _| SHORT.contains(&key.as_str()));
            (it.version.clone(), document.into())
        });
        json!({
            "name": self.name,
            "modified": self.last(),
            "dist-tags": tags,
            "versions": versions.collect::<Map<String, Value>>(),
        })
    }

    /// Returns the document of one version.
    pub(super) fn document(&self, version: &str, base: &str) -> Option<Value> {
        let release = self.releases.iter().find(|it| it.version == version)?;
        Some(release.document(&self.name, base).into())
    }

    fn first(&self) -> String {
        let first = self.releases.iter().map(|it| it.came).min();
        first.map_or_else(String::new, |it| it.text(3))
    }

    fn last(&self) -> String {
        let last = self.releases.iter().map(|it| it.came).max();
        last.map_or_else(String::new, |it| it.text(3))
    }
}

impl Release {
    fn read(folder: &Folder, name: &str, file: String) -> Option<Self> {
        let at = ["npm", &folder_of(name), &file];
        let bytes = folder.read(&at)?;
        let contents = tarball::open_tar(&bytes, "package.json").ok()?;
        let mut document = read(&contents.found?)?;
        let version = document.get("version")?.as_str()?.to_owned();
        let sums = json!({
            "integrity": format!("sha512-{}", STANDARD.encode(Sha512::digest(&bytes))),
            "shasum": hex(&Sha1::digest(&bytes)),
            "fileCount": contents.files,
            "unpackedSize": contents.size,
        });
        document.insert("_id".to_owned(), format!("{name}@{version}").into());
        document.insert("dist".to_owned(), sums);
        if let Some(why) = folder.yanked(&at) {
            document.insert("deprecated".to_owned(), why.into());
        }
        Some(Self {
            order: Version::parse(Scheme::Semver, &version),
            came: folder.came(&at),
            version,
            file,
            document,
        })
    }

    /// Returns the document, with the address of the tarball on this server.
    fn document(&self, name: &str, base: &str) -> Map<String, Value> {
        let mut document = self.document.clone();
        if let Some(dist) = document.get_mut("dist").and_then(Value::as_object_mut) {
            let url = format!("{base}/npm/{name}/-/{}", self.file);
            dist.insert("tarball".to_owned(), url.into());
        }
        document
    }

    fn runs_scripts(&self) -> bool {
        let scripts = self.document.get("scripts").and_then(Value::as_object);
        scripts.is_some_and(|it| INSTALLING.iter().any(|script| it.contains_key(*script)))
    }
}

/// The tags that were set, by name.
#[derive(Debug, Default)]
pub(super) struct Tags(BTreeMap<String, String>);

impl Tags {
    /// Reads the tags of a package.
    pub(super) fn read(folder: &Folder, name: &str) -> Self {
        let bytes = folder.read(&["npm", &folder_of(name), FILE]);
        let tags = bytes.and_then(|it| serde_json::from_slice(&it).ok());
        Self(tags.unwrap_or_default())
    }

    /// Returns them with one more.
    pub(super) fn set(mut self, tag: &str, version: String) -> Self {
        self.0.insert(tag.to_owned(), version);
        self
    }

    /// Returns them without one.
    pub(super) fn unset(mut self, tag: &str) -> Self {
        self.0.remove(tag);
        self
    }

    /// Writes the tags of a package.
    pub(super) fn write(&self, folder: &Folder, name: &str) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(&self.0)?;
        folder.replace(&["npm", &folder_of(name), FILE], &text)
    }
}

/// The tags, beside the tarballs.
const FILE: &str = "dist-tags.json";

/// Returns what the `package.json` of a tarball says; `None` where it says nothing.
pub(super) fn manifest(tarball: &[u8]) -> Option<Map<String, Value>> {
    read(&tarball::open_tar(tarball, "package.json").ok()?.found?)
}

fn read(text: &[u8]) -> Option<Map<String, Value>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    serde_json::from_slice(text).ok()
}

/// Returns the name of a package's folder.
pub(super) fn folder_of(name: &str) -> String {
    name.replace('/', "%2f")
}

/// Returns whether a text is a package's name, with its scope if it has one.
pub(super) fn is_name(name: &str) -> bool {
    let bare = match name.strip_prefix('@').map(|it| it.split_once('/')) {
        Some(Some((scope, bare))) => is_word(scope).then_some(bare),
        Some(None) => None,
        None => Some(name),
    };
    name.len() <= 214 && bare.is_some_and(is_word)
}

fn is_word(word: &str) -> bool {
    let known = |it: u8| it.is_ascii_alphanumeric() || b"-_.~".contains(&it);
    is_plain(word) && word.bytes().all(known) && !word.starts_with(['-', '_'])
}
