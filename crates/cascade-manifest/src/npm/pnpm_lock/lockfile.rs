//! What a `pnpm-lock.yaml` says, read off its lines or, where these are odd, by the YAML parser.

use std::collections::BTreeSet;

use crate::lock::is_commit_id;
use crate::npm::outline::{Entry, Odd};
use crate::npm::spec::{is_name, name_and_range};
use crate::yaml::{Node, Yaml};
use crate::{LockedSource, Names, ReadError, Scheme, Version};

/// What is wanted of a lock.
#[derive(Debug, Clone, Copy)]
pub(super) enum Want<'a> {
    /// What concerns these packages.
    Named(&'a Names),
    /// The importers, the catalogues and the overrides, whole, and no package.
    Recorded,
    /// Everything.
    All,
}

/// A lock, as far as it was wanted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lockfile {
    /// The requirements of each folder of the workspace.
    pub(super) rows: Vec<Row>,
    /// The entries of the catalogues that are in use.
    pub(super) catalogues: Vec<Row>,
    /// The overrides: key and value.
    pub(super) overrides: Vec<(String, String)>,
    /// The packages.
    pub(super) packages: Vec<Package>,
    /// What each package, with its peers, resolved.
    pub(super) snapshots: Vec<Snapshot>,
}

/// One requirement and what it resolved to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The byte at which it begins.
    pub(super) at: usize,
    /// The folder (`.` for the lock's own), or the catalogue.
    pub(super) place: String,
    /// The name that the requirement goes by.
    pub(super) alias: String,
    /// The requirement as written.
    pub(super) specifier: String,
    /// What it resolved to, as written.
    pub(super) version: String,
}

/// One package of the lock.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Package {
    /// Its key.
    pub(super) key: String,
    /// The byte at which that begins.
    pub(super) at: usize,
    /// Its version, where the key does not say it.
    pub(super) version: Option<String>,
    /// Where it comes from, if not from a registry: an address, or a repository and a commit.
    pub(super) source: String,
    /// The commit, where it comes from git.
    pub(super) commit: Option<String>,
}

/// One package with its peers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// Its key.
    pub(super) key: String,
    /// The names that it asks for, and what they resolved to.
    pub(super) requires: Vec<(String, String)>,
}

/// What a key or a version of the lock points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Locator<'t> {
    /// The package's own name.
    pub(super) name: &'t str,
    /// The version, or an address.
    pub(super) version: &'t str,
    /// The peers that it was resolved with: `(core@1.0.0)`, or nothing.
    pub(super) peers: &'t str,
}

impl<'t> Locator<'t> {
    /// Returns what the key of a package or snapshot points to.
    pub(super) fn of_key(key: &'t str) -> Option<Self> {
        let key = key.strip_prefix('/').unwrap_or(key);
        let (whole, peers) = without_peers(key);
        let (name, version) = name_and_range(whole)?;
        Some(Self {
            name,
            version: version?,
            peers,
        })
    }

    /// Returns what the version that a requirement resolved to points to; `None` for a folder.
    pub(super) fn of_version(alias: &'t str, version: &'t str) -> Option<Self> {
        if version.starts_with("link:") {
            return None;
        }
        let (whole, peers) = without_peers(version);
        let renamed = name_and_range(whole).filter(|(name, _)| is_name(name));
        let (name, version) = match renamed {
            Some((name, Some(version))) => (name, version),
            _ => (alias, whole),
        };
        Some(Self {
            name,
            version,
            peers,
        })
    }

    /// Returns whether it points to a version of a registry.
    pub(super) fn is_registry(self) -> bool {
        Version::parse(Scheme::Semver, self.version).is_some()
    }
}

fn without_peers(text: &str) -> (&str, &str) {
    text.find('(')
        .and_then(|at| text.split_at_checked(at))
        .unwrap_or((text, ""))
}

impl Package {
    /// Returns its source.
    pub(super) fn locked_source(&self) -> LockedSource {
        match (&self.commit, self.source.as_str()) {
            (Some(commit), _) => LockedSource::Git(commit.clone()),
            (None, it) if it.starts_with("file:") || it.starts_with("link:") => LockedSource::Local,
            (None, _) => LockedSource::Registry,
        }
    }
}

impl Lockfile {
    /// Returns what is wanted of the lock.
    ///
    /// # Errors
    /// When the text is no pnpm lock of version 6 or 9.
    pub(super) fn read(text: &str, want: Want<'_>) -> Result<Self, ReadError> {
        let mut lock = Self::default();
        if lock.fill(&Entry::whole(text), want).is_ok() {
            return Ok(lock);
        }
        let yaml = Yaml::parse(text)?;
        // Where there are two documents, the first one locks pnpm itself.
        let root = yaml.documents().last();
        let mut lock = Self::default();
        match root.map(|it| lock.fill(&it, want)) {
            Some(Ok(())) => Ok(lock),
            _ => Err(ReadError {
                message: "expected a pnpm lock of version 6.0 or 9.0".to_owned(),
                span: root.map(Node::span),
            }),
        }
    }

    fn fill<V: View>(&mut self, root: &V, want: Want<'_>) -> Result<(), Odd> {
        let mut known = false;
        let mut seen = BTreeSet::new();
        root.each(&mut |section, it| {
            if !seen.insert(section.to_owned()) {
                return Err(Odd);
            }
            match section {
                "lockfileVersion" => {
                    known = it
                        .says()
                        .is_some_and(|it| it == "9.0" || it.starts_with("6."));
                    Ok(())
                }
                "catalogs" => {
                    it.each(&mut |name, it| add_rows(&mut self.catalogues, name, it, want))
                }
                "overrides" => it.each(&mut |key, it| {
                    let value = it.says().ok_or(Odd)?;
                    self.overrides.push((key.to_owned(), value.to_owned()));
                    Ok(())
                }),
                "importers" => it.each(&mut |path, it| self.importer(path, it, want)),
                "dependencies" | "devDependencies" | "optionalDependencies" => {
                    add_rows(&mut self.rows, ".", it, want)
                }
                "packages" => self.packages(it, want),
                "snapshots" if matches!(want, Want::All) => self.snapshots(it),
                _ => Ok(()),
            }
        })?;
        if known { Ok(()) } else { Err(Odd) }
    }

    fn importer<V: View>(&mut self, path: &str, it: &V, want: Want<'_>) -> Result<(), Odd> {
        it.each(&mut |table, it| match table {
            "dependencies" | "devDependencies" | "optionalDependencies" => {
                add_rows(&mut self.rows, path, it, want)
            }
            _ => Ok(()),
        })
    }

    fn packages<V: View>(&mut self, it: &V, want: Want<'_>) -> Result<(), Odd> {
        let mut seen = BTreeSet::new();
        it.each_at(&mut |(key, at), it| {
            let name = Locator::of_key(key).map_or("", |it| it.name);
            let wanted = match want {
                Want::All => true,
                Want::Named(names) => names.contains(name),
                Want::Recorded => false,
            };
            if !wanted {
                return Ok(());
            }
            if name.is_empty() || !seen.insert(key.to_owned()) {
                return Err(Odd);
            }
            self.packages.push(package((key, at), it));
            Ok(())
        })
    }

    fn snapshots<V: View>(&mut self, it: &V) -> Result<(), Odd> {
        it.each(&mut |key, it| {
            let mut requires = Vec::new();
            it.each(&mut |table, it| match table {
                "dependencies" | "optionalDependencies" => it.each(&mut |alias, it| {
                    let version = it.says().ok_or(Odd)?;
                    requires.push((alias.to_owned(), version.to_owned()));
                    Ok(())
                }),
                _ => Ok(()),
            })?;
            self.snapshots.push(Snapshot {
                key: key.to_owned(),
                requires,
            });
            Ok(())
        })
    }
}

fn package<V: View>((key, at): (&str, usize), it: &V) -> Package {
    let says = |field: &str| it.inner("resolution", field);
    let address = Locator::of_key(key)
        .filter(|it| !it.is_registry())
        .map(|it| it.version.to_owned());
    let commit = says("commit").or_else(|| {
        let (_, last) = address.as_deref()?.rsplit_once(['/', '#'])?;
        is_commit_id(last).then(|| last.to_owned())
    });
    Package {
        key: key.to_owned(),
        at,
        version: it.field("version"),
        source: says("tarball")
            .or(says("repo"))
            .or(address)
            .unwrap_or_default(),
        commit,
    }
}

/// Adds the rows of one table that are wanted. A row is wanted by its name, and by its requirement
/// where that names another package.
fn add_rows<V: View>(
    rows: &mut Vec<Row>,
    place: &str,
    table: &V,
    want: Want<'_>,
) -> Result<(), Odd> {
    table.each_at(&mut |(alias, at), it| {
        let specifier = it.field("specifier").ok_or(Odd)?;
        let wanted = match want {
            Want::Named(names) => names.contains(alias) || specifier.contains(':'),
            Want::Recorded | Want::All => true,
        };
        if wanted {
            rows.push(Row {
                at,
                place: place.to_owned(),
                alias: alias.to_owned(),
                specifier,
                version: it.field("version").ok_or(Odd)?,
            });
        }
        Ok(())
    })
}

/// What is done with a field: its key, the byte at which that begins, and its value.
type Visit<'v, V> = dyn FnMut((&str, usize), &V) -> Result<(), Odd> + 'v;

/// A mapping or scalar of the lock, whichever way it was read.
trait View {
    /// Visits the fields in the order of the text, each by its key and the byte at which that begins.
    fn each_at(&self, visit: &mut Visit<'_, Self>) -> Result<(), Odd>;

    /// Visits the fields in the order of the text.
    fn each(&self, visit: &mut dyn FnMut(&str, &Self) -> Result<(), Odd>) -> Result<(), Odd> {
        self.each_at(&mut |(key, _), it| visit(key, it))
    }

    /// Returns what the scalar says, if it is one.
    fn says(&self) -> Option<&str>;

    /// Returns what the field says.
    fn field(&self, key: &str) -> Option<String>;

    /// Returns what the field of a field says.
    fn inner(&self, key: &str, field: &str) -> Option<String>;
}

impl View for Entry<'_> {
    fn each_at(&self, visit: &mut Visit<'_, Self>) -> Result<(), Odd> {
        match self.value {
            "" => self
                .entries()
                .try_for_each(|it| it.and_then(|it| visit((it.key, it.key_span.start), &it))),
            "{}" => Ok(()),
            _ => Err(Odd),
        }
    }

    fn says(&self) -> Option<&str> {
        self.str()
    }

    fn field(&self, key: &str) -> Option<String> {
        Some(self.get(key)?.str()?.to_owned())
    }

    fn inner(&self, key: &str, field: &str) -> Option<String> {
        let it = self.get(key)?;
        let Some(flow) = it.value.strip_prefix('{') else {
            return it.field(field);
        };
        let rows = flow.strip_suffix('}')?.split(", ");
        let mut pairs = rows.filter_map(|it| it.split_once(": "));
        let (_, value) = pairs.find(|(name, _)| *name == field)?;
        Some(value.trim_matches(['\'', '"']).to_owned())
    }
}

impl<'y> View for Node<'y> {
    fn each_at(&self, visit: &mut Visit<'_, Self>) -> Result<(), Odd> {
        let node = self.followed();
        if !node.is_mapping() && node.str() != Some("") {
            return Err(Odd);
        }
        let named = |(key, it): (Node<'y>, Node<'y>)| Some(((key.str()?, key.span().start), it));
        let mut rows = node.fields().filter_map(named);
        rows.try_for_each(|(key, it)| visit(key, &it))
    }

    fn says(&self) -> Option<&str> {
        self.followed().str()
    }

    fn field(&self, key: &str) -> Option<String> {
        let node = self.find(&[key])?;
        node.says().map(str::to_owned)
    }

    fn inner(&self, key: &str, field: &str) -> Option<String> {
        let node = self.find(&[key, field])?;
        node.says().map(str::to_owned)
    }
}
