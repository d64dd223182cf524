//! Refs, by hand: `HEAD`, loose files and `packed-refs`, which has the peeled ids of tags.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use git2::Oid;

use super::Layout;
use super::disk::{self, Links, Unread};

/// The largest `packed-refs` that is read.
const CAP: u64 = 256 << 20;
/// How often a symbolic ref may point to another.
const HOPS: usize = 5;
/// How deep folders below `refs/tags` may lie.
const DEPTH: usize = 32;

/// The refs of one repository.
#[derive(Debug)]
pub(crate) struct Refs<'a> {
    layout: &'a Layout,
    packed: String,
}

/// What `HEAD` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// The branch; `None` when detached.
    pub(crate) branch: Option<String>,
    /// The commit; `None` before the first one.
    pub(crate) id: Option<Oid>,
}

/// What a tag's ref says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// The commit that git peeled it to.
    Peeled(cascade_plan::Oid),
    /// A commit, or a tag object that leads to one.
    Raw(Oid),
}

impl<'a> Refs<'a> {
    /// Returns the refs that the layout's folders hold.
    pub(crate) fn read(layout: &'a Layout) -> Result<Self, String> {
        match disk::read(&layout.common.join("packed-refs"), CAP, Links::Follow) {
            Ok((bytes, _)) => Ok(Self {
                layout,
                packed: String::from_utf8_lossy(&bytes).into_owned(),
            }),
            Err(Unread::Missing) => Ok(Self {
                layout,
                packed: String::new(),
            }),
            Err(error) => Err(format!("its `packed-refs` {error}")),
        }
    }

    /// Returns what `HEAD` says.
    pub(crate) fn head(&self) -> Result<Head, String> {
        let text =
            text(&self.layout.git.join("HEAD")).map_err(|error| format!("its `HEAD` {error}"))?;
        let Some(name) = text.strip_prefix("ref:").map(str::trim) else {
            let id = id(&text).ok_or("its `HEAD` is broken; `git status` there says more")?;
            return Ok(Head {
                branch: None,
                id: Some(id),
            });
        };
        let branch = name.strip_prefix("refs/heads/").unwrap_or(name);
        Ok(Head {
            branch: Some(branch.to_owned()),
            id: self.resolve(name)?,
        })
    }

    /// Returns the id that a full ref name leads to.
    pub(crate) fn resolve(&self, name: &str) -> Result<Option<Oid>, String> {
        let mut name = name.to_owned();
        for _ in 0..HOPS {
            if !is_ref(&name) {
                return Err(format!("`{}` is no ref", name.escape_debug()));
            }
            let loose = match text(&self.layout.common.join(&name)) {
                Ok(text) => text,
                // A folder of this name only says that longer names exist.
                Err(Unread::Missing | Unread::NotAFile) => return Ok(self.find_packed(&name)),
                Err(error) => return Err(format!("its `{name}` {error}")),
            };
            let Some(next) = loose.strip_prefix("ref:") else {
                let broken = || format!("its `{name}` is broken; `git fsck` there says more");
                return id(&loose).map(Some).ok_or_else(broken);
            };
            next.trim().clone_into(&mut name);
        }
        Err(format!("its `{name}` points in a circle"))
    }

    /// Returns what a symbolic ref points to.
    pub(crate) fn points_to(&self, name: &str) -> Option<String> {
        let text = text(&self.layout.common.join(name)).ok()?;
        Some(text.strip_prefix("ref:")?.trim().to_owned())
    }

    /// Returns every tag by name, loose ones before packed ones.
    pub(crate) fn tags(&self) -> BTreeMap<String, Target> {
        let mut tags = self.packed_tags();
        let root = self.layout.common.join("refs/tags");
        add_loose(&root, "", DEPTH, &mut tags);
        tags
    }

    /// Returns the refs below a folder (`refs/heads/`) by the rest of their names, loose ones before
    /// packed ones; symbolic ones are not among them.
    pub(crate) fn below(&self, folder: &str) -> BTreeMap<String, Oid> {
        let packed = self.packed.lines().filter_map(|line| {
            let (hex, name) = line.split_once(' ')?;
            Some((name.strip_prefix(folder)?.to_owned(), id(hex)?))
        });
        let mut all: BTreeMap<_, _> = packed.collect();
        let mut loose = BTreeMap::new();
        add_loose(&self.layout.common.join(folder), "", DEPTH, &mut loose);
        all.extend(loose.into_iter().filter_map(|(name, target)| match target {
            Target::Raw(id) => Some((name, id)),
            Target::Peeled(_) => None,
        }));
        all
    }

    fn find_packed(&self, name: &str) -> Option<Oid> {
        self.packed
            .lines()
            .find_map(|line| line.strip_suffix(name)?.strip_suffix(' ').and_then(id))
    }

    fn packed_tags(&self) -> BTreeMap<String, Target> {
        let mut tags = BTreeMap::new();
        let mut lines = self.packed.lines().peekable();
        let peels_all = lines
            .peek()
            .is_some_and(|it| it.starts_with('#') && it.contains(" fully-peeled"));
        while let Some(line) = lines.next() {
            let Some((hex, name)) = line.split_once(' ') else {
                continue;
            };
            let Some(name) = name.strip_prefix("refs/tags/") else {
                continue;
            };
            let peeled = lines.peek().and_then(|it| it.strip_prefix('^'));
            let target = match peeled {
                Some(peeled) => commit(peeled),
                None if peels_all => commit(hex),
                None => id(hex).map(Target::Raw),
            };
            tags.extend(target.map(|it| (name.to_owned(), it)));
        }
        tags
    }
}

/// Adds the tags that are files of their own, folders below included.
fn add_loose(folder: &Path, prefix: &str, depth: usize, tags: &mut BTreeMap<String, Target>) {
    let Ok(listing) = fs::read_dir(folder) else {
        return;
    };
    for entry in listing.flatten() {
        let file_name = entry.file_name();
        let Some(name) = file_name.to_str() else {
            continue;
        };
        let name = format!("{prefix}{name}");
        let is_folder = entry.file_type().is_ok_and(|it| it.is_dir());
        if is_folder && depth > 0 {
            add_loose(&entry.path(), &format!("{name}/"), depth - 1, tags);
        } else if let Some(id) = text(&entry.path()).ok().as_deref().and_then(id) {
            tags.insert(name, Target::Raw(id));
        }
    }
}

/// Returns whether a name may be joined to the git folder: components that lead nowhere else.
fn is_ref(name: &str) -> bool {
    name.starts_with("refs/")
        && name
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains('\0'))
}

fn text(file: &Path) -> Result<String, Unread> {
    let (bytes, _) = disk::read(file, 64 << 10, Links::Follow)?;
    Ok(String::from_utf8_lossy(bytes.trim_ascii()).into_owned())
}

fn commit(hex: &str) -> Option<Target> {
    cascade_plan::Oid::parse(hex).map(Target::Peeled)
}

/// Returns the id of 40 or 64 hexadecimal digits.
pub(crate) fn id(hex: &str) -> Option<Oid> {
    let format = match hex.len() {
        40 => git2::ObjectFormat::Sha1,
        64 => git2::ObjectFormat::Sha256,
        _ => return None,
    };
    Oid::from_str_ext(hex, format).ok()
}
