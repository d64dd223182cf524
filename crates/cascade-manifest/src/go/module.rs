//! What a `go.mod` or `go.work` says, row by row taken together.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::directive::{Row, Rows, Word, wrong};
use crate::{
    Form, Kind, Manifest, Package, Pin, Publish, ReadError, Scheme, Source, Version, VersionField,
};

/// The version from which on a module lists all that its packages need.
const PRUNED: (u64, u64) = (1, 17);

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct ModFile<'t> {
    pub(super) module: Option<Word<'t>>,
    /// The language version, as written.
    pub(super) go: Option<String>,
    pub(super) requires: Vec<Require<'t>>,
    pub(super) replaces: Vec<Replace<'t>>,
    /// Paths and versions that are left out.
    pub(super) excludes: BTreeSet<(String, String)>,
    /// Versions of the module that are taken back, each the first and the last of a range.
    retracts: Vec<RangeInclusive<Version>>,
    /// Import paths of tools.
    pub(super) tools: Vec<Word<'t>>,
    /// Where in `replaces` the last row for a path and version stands.
    places: BTreeMap<(String, Option<String>), usize>,
    /// The folders of a workspace.
    pub(super) uses: Vec<String>,
    toolchain: bool,
}

/// A module that is required, at least at this version.
#[derive(Debug)]
pub(super) struct Require<'t> {
    pub(super) path: Word<'t>,
    pub(super) version: Word<'t>,
    pub(super) indirect: bool,
}

/// What stands for a module instead of itself.
#[derive(Debug)]
pub(super) struct Replace<'t> {
    pub(super) by: Word<'t>,
    /// The version of what stands in; a folder has none.
    pub(super) by_version: Option<Word<'t>>,
}

impl Replace<'_> {
    /// Returns where a module that it stands for is taken from.
    pub(super) fn source(&self) -> Source {
        match &self.by_version {
            None => Source::Path(self.by.value.clone().into_owned()),
            Some(version) => Source::Package(format!("{} {}", self.by.value, version.value)),
        }
    }
}

impl<'t> ModFile<'t> {
    /// Returns what the text says. Verbs that are words and not known are passed over: Go invents
    /// new ones.
    ///
    /// # Errors
    /// When the text is not of the format, or says twice what can be said once.
    pub(super) fn read(text: &'t str) -> Result<Self, ReadError> {
        let mut file = Self::default();
        for row in Rows::of(text) {
            file.take(row?)?;
        }
        Ok(file)
    }

    fn take(&mut self, row: Row<'t>) -> Result<(), ReadError> {
        match &*row.verb {
            "module" => self.take_module(row),
            "go" => {
                let again = self.go.is_some();
                let [version] = words(row)?;
                self.go = Some(version.value.into_owned());
                once(again, "go", version.span)
            }
            "toolchain" => {
                let again = std::mem::replace(&mut self.toolchain, true);
                let [name] = words(row)?;
                once(again, "toolchain", name.span)
            }
            "require" => self.take_require(row),
            "replace" => self.take_replace(row),
            "exclude" => {
                let [path, version] = words(row)?;
                let excluded = (path.value.into_owned(), version.value.into_owned());
                self.excludes.insert(excluded);
                Ok(())
            }
            "retract" => {
                self.retracts.extend(retracted(&row.words));
                Ok(())
            }
            "tool" => {
                let [path] = words(row)?;
                self.tools.push(path);
                Ok(())
            }
            "use" => {
                let [folder] = words(row)?;
                self.uses.push(folder.value.into_owned());
                Ok(())
            }
            verb if verb.bytes().all(|b| b.is_ascii_lowercase()) => Ok(()),
            verb => Err(wrong(&format!("`{verb}` is no directive"), row.at)),
        }
    }

    fn take_module(&mut self, row: Row<'t>) -> Result<(), ReadError> {
        let [path] = words(row)?;
        once(self.module.is_some(), "module", path.span.clone())?;
        self.module = Some(path);
        Ok(())
    }

    fn take_require(&mut self, row: Row<'t>) -> Result<(), ReadError> {
        let indirect = is_indirect(row.comment);
        let [path, version] = words(row)?;
        self.requires.push(Require {
            path,
            version,
            indirect,
        });
        Ok(())
    }

    fn take_replace(&mut self, row: Row<'t>) -> Result<(), ReadError> {
        let at = row.at.clone();
        let arrow = row.words.iter().position(|it| it.value == "=>");
        let mut words = row.words;
        let by = words.split_off(arrow.map_or(0, |it| (it + 1).min(words.len())));
        words.pop();
        let (mut old, mut new) = (words.into_iter(), by.into_iter());
        let (path, version) = (old.next(), old.next());
        let (by, by_version) = (new.next(), new.next());
        let (Some(path), Some(by), None, None) = (path, by, old.next(), new.next()) else {
            return Err(wrong("a `replace` without what or by what", at));
        };
        // Without a version it stands for every one.
        let version = version.map(|it| it.value.into_owned());
        let place = (path.value.into_owned(), version);
        self.places.insert(place, self.replaces.len());
        self.replaces.push(Replace { by, by_version });
        Ok(())
    }

    /// Returns what stands for this version of a module; a row for exactly it goes first.
    pub(super) fn replaced(&self, path: &str, version: &str) -> Option<&Replace<'t>> {
        let place = |version: Option<String>| self.places.get(&(path.to_owned(), version));
        let at = place(Some(version.to_owned())).or_else(|| place(None))?;
        self.replaces.get(*at)
    }

    /// Returns whether the file lists all modules that its packages need, so that nobody has to
    /// look further.
    pub(super) fn is_pruned(&self) -> bool {
        let said = self.go.as_deref().and_then(language);
        said.is_some_and(|it| it >= PRUNED)
    }

    /// Returns whether sums of two kinds of graph are kept for it: Go 1.17 still serves Go 1.16.
    pub(super) fn is_between(&self) -> bool {
        self.go.as_deref().and_then(language) == Some(PRUNED)
    }

    /// Returns the manifest that the file is.
    pub(super) fn manifest(self) -> Manifest {
        let package = self.module.as_ref().map(|it| Package {
            name: it.value.clone().into_owned(),
            version: VersionField::Vcs("go"),
            publish: Publish::Yes,
        });
        Manifest {
            package,
            pins: self.pins(),
            retracts: self.retracts,
            excludes: self
                .excludes
                .into_iter()
                .filter_map(|(name, it)| Some((name, version(&it)?)))
                .collect(),
            ..Manifest::default()
        }
    }

    /// Returns every pin, in the order of the text.
    pub(super) fn pins(&self) -> Vec<Pin> {
        let requires = self.requires.iter().map(|it| {
            let mut pin = pin("require", &it.path, Some(&it.version));
            let by = self.replaced(&it.path.value, &it.version.value);
            pin.source = by.map(Replace::source);
            if it.indirect {
                pin.kind = Kind::Indirect;
            }
            (it.path.span.start, pin)
        });
        let replaces = self.replaces.iter().filter_map(|it| {
            let version = it.by_version.as_ref()?;
            Some((it.by.span.start, pin("replace", &it.by, Some(version))))
        });
        let tools = self.tools.iter().map(|it| {
            let mut pin = pin("tool", it, None);
            pin.kind = Kind::Tool;
            (it.span.start, pin)
        });
        let mut pins: Vec<_> = requires.chain(replaces).chain(tools).collect();
        pins.sort_by_key(|(at, _)| *at);
        pins.into_iter().map(|(_, pin)| pin).collect()
    }
}

/// Returns the versions that a `retract` takes back: one, or from one to another.
fn retracted(words: &[Word<'_>]) -> Option<RangeInclusive<Version>> {
    let (first, rest) = words.split_first()?;
    let last = rest.first().unwrap_or(first);
    (rest.len() < 2).then_some(version(&first.value)?..=version(&last.value)?)
}

/// Returns the version that is written with its `v`.
fn version(text: &str) -> Option<Version> {
    Version::parse(Scheme::Semver, text.strip_prefix('v')?)
}

/// Returns the words of a row that has exactly so many.
fn words<const N: usize>(row: Row<'_>) -> Result<[Word<'_>; N], ReadError> {
    let (verb, at) = (row.verb, row.at);
    row.words.try_into().map_err(|it: Vec<_>| {
        let message = format!("a `{verb}` of {} words: it has {N}", it.len());
        wrong(&message, at)
    })
}

fn once(again: bool, verb: &str, at: std::ops::Range<usize>) -> Result<(), ReadError> {
    if again {
        return Err(wrong(&format!("a second `{verb}`"), at));
    }
    Ok(())
}

/// Returns whether a row's comment says that the row is the go command's own.
pub(super) fn is_indirect(comment: &str) -> bool {
    let mut words = comment.split_whitespace();
    match (words.next(), words.next()) {
        (Some("indirect"), None) => true,
        (Some(first), Some(_)) => first == "indirect;",
        _ => false,
    }
}

/// Returns the numbers of a language version: `1.21` of `1.21.3` and of `1.21rc2`.
fn language(text: &str) -> Option<(u64, u64)> {
    let (major, rest) = text.split_once('.')?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    let minor = rest.get(..end.unwrap_or(rest.len()))?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Returns the pin on a module. A word that is no version (a branch, a commit) stands for one only
/// until the go command runs next.
fn pin(section: &str, path: &Word<'_>, version: Option<&Word<'_>>) -> Pin {
    let read = |it: &&Word<'_>| {
        let bare = it.value.strip_prefix('v');
        bare.is_some_and(|it| Version::parse(Scheme::Semver, it).is_some())
    };
    let known = version.filter(read);
    let span = known.and_then(Word::editable);
    let form = match (known, &span) {
        (None, _) => Form::Unversioned,
        (Some(_), None) => Form::Opaque,
        (Some(_), Some(_)) => Form::Range,
    };
    Pin {
        name: path.value.clone().into_owned(),
        kind: Kind::Runtime,
        section: section.to_owned(),
        requirement: version.map_or_else(String::new, |it| it.value.clone().into_owned()),
        span,
        line: version.unwrap_or(path).line,
        form,
        source: None,
    }
}
