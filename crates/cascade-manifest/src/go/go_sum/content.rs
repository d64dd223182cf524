//! What a module's zip holds: the sum of its files, and what its packages import.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::imports::{Counts, head};
use crate::Fallback;

/// The most bytes that the files of one module have, as the go command has it.
const MOST_BYTES: u64 = 500 << 20;

/// The most files of one module that are looked at.
const MOST_FILES: usize = 100_000;

/// The most packages of one module that are compared.
const MOST_PACKAGES: usize = 2_000;

/// The most imports of one module that are compared.
const MOST_IMPORTS: usize = 20_000;

/// How much of a file is looked through for imports.
const HEAD: u64 = 256 << 10;

/// A module at one version.
#[derive(Debug)]
pub(super) struct Content {
    /// The sum as `go.sum` writes it.
    pub(super) sum: String,
    /// By folder in the module.
    packages: BTreeMap<String, Package>,
}

#[derive(Debug, Default)]
struct Package {
    imports: BTreeSet<String>,
    of_tests: BTreeSet<String>,
    has_files: bool,
    is_unsure: bool,
}

impl Content {
    /// Returns what the zip of a module's version holds.
    ///
    /// # Errors
    /// When it is no such zip, or larger than any.
    pub(super) fn read(zip: &[u8], module: &str, version: &str) -> Result<Self, Fallback> {
        let told = || format!("the zip of `{module}@{version}`");
        let broken = |_| Fallback::because(format!("{} can not be read", told()));
        let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(broken)?;
        let prefix = format!("{module}@{version}/");
        let mut sums = BTreeMap::new();
        let mut packages = BTreeMap::new();
        let mut left = MOST_BYTES;
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).map_err(broken)?;
            let name = file.name().map_err(broken)?.into_owned();
            let Some(path) = name.strip_prefix(&prefix).filter(|it| !it.contains('\n')) else {
                let why = format!("{} has a file outside of it: `{name}`", told());
                return Err(Fallback::because(why));
            };
            let (hash, start) = digest(&mut file, &mut left)
                .map_err(|_| Fallback::because(format!("{} can not be read", told())))?;
            add_file(&mut packages, path, &start);
            sums.insert(name.clone(), hash);
            if left == 0 || sums.len() > MOST_FILES {
                return Err(Fallback::because(format!("{} is too large", told())));
            }
        }
        let lines = sums.iter().map(|(name, hash)| format!("{hash}  {name}\n"));
        Ok(Self {
            sum: sum_of(&lines.collect::<String>()),
            packages,
        })
    }
}

/// Returns the sum of a `go.mod`, as `go.sum` writes it.
pub(super) fn sum_of_mod(text: &[u8]) -> String {
    sum_of(&format!("{}  go.mod\n", hex(&Sha256::digest(text))))
}

fn sum_of(lines: &str) -> String {
    format!("h1:{}", STANDARD.encode(Sha256::digest(lines)))
}

fn hex(digest: &[u8]) -> String {
    let halves = digest.iter().flat_map(|it| [it >> 4, it & 15]);
    let digits = halves.filter_map(|it| char::from_digit(u32::from(it), 16));
    digits.collect()
}

/// Returns the hash of a file, and how it begins; counts its bytes off what is left.
fn digest(file: &mut impl Read, left: &mut u64) -> std::io::Result<(String, Vec<u8>)> {
    let mut hash = Sha256::new();
    let mut start = Vec::new();
    let mut chunk = [0; 16 << 10];
    loop {
        let count = file.read(&mut chunk)?;
        let read = chunk.get(..count).unwrap_or_default();
        if read.is_empty() || *left == 0 {
            return Ok((hex(&hash.finalize()), start));
        }
        hash.update(read);
        *left = left.saturating_sub(count as u64);
        let room = (HEAD as usize).saturating_sub(start.len());
        start.extend_from_slice(read.get(..count.min(room)).unwrap_or(read));
    }
}

/// Adds what a file imports to the package of its folder.
fn add_file(packages: &mut BTreeMap<String, Package>, path: &str, start: &[u8]) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let Some(stem) = name
        .strip_suffix(".go")
        .filter(|it| !it.starts_with(['_', '.']))
    else {
        return;
    };
    let head = head(start);
    if head.counts == Counts::No {
        return;
    }
    let package = packages.entry(folder.to_owned()).or_default();
    package.is_unsure |= head.counts == Counts::Unsure || start.len() >= HEAD as usize;
    let is_test = stem.ends_with("_test");
    package.has_files |= !is_test;
    let imports = if is_test {
        &mut package.of_tests
    } else {
        &mut package.imports
    };
    // The standard library's have no dot before the first `/`, and are in no module.
    let foreign = |it: &String| it.split('/').next().is_some_and(|it| it.contains('.'));
    imports.extend(head.imports.into_iter().filter(foreign));
}

/// Requires that whoever imports the packages of a module needs the same packages of other modules
/// with both versions of it.
///
/// # Errors
/// With how they differ.
pub(super) fn same_needs(module: &str, old: &Content, new: &Content) -> Result<(), Fallback> {
    let packages = || old.packages.iter().chain(&new.packages);
    let imports = packages().map(|(_, it)| it.imports.len() + it.of_tests.len());
    if packages().count() > 2 * MOST_PACKAGES || imports.sum::<usize>() > 2 * MOST_IMPORTS {
        return Err(Fallback::because(format!(
            "`{module}` has too many packages"
        )));
    }
    if packages().any(|(_, it)| it.is_unsure) {
        let why = format!("`{module}` has a file whose build constraint or imports are unusual");
        return Err(Fallback::because(why));
    }
    let (before, after) = (Needs::of(module, old), Needs::of(module, new));
    for (folder, package) in &old.packages {
        // Nobody outside can import it; what it needs counts where its importers are looked at.
        if !package.has_files || folder.split('/').any(|it| it == "internal") {
            continue;
        }
        let told = || match folder.as_str() {
            "" => module.to_owned(),
            folder => format!("{module}/{folder}"),
        };
        if !new.packages.get(folder).is_some_and(|it| it.has_files) {
            return Err(Fallback::because(format!(
                "the package `{}` is gone",
                told()
            )));
        }
        if before.of_package(folder) != after.of_package(folder) {
            let why = format!("`{}` imports packages of other modules than before", told());
            return Err(Fallback::because(why));
        }
    }
    Ok(())
}

/// What the packages of a module need of others.
struct Needs<'c> {
    module: &'c str,
    packages: &'c BTreeMap<String, Package>,
}

impl<'c> Needs<'c> {
    fn of(module: &'c str, content: &'c Content) -> Self {
        Self {
            module,
            packages: &content.packages,
        }
    }

    /// Returns the packages of other modules that a package needs itself, and in its tests.
    fn of_package(&self, folder: &'c str) -> (BTreeSet<&'c str>, BTreeSet<&'c str>) {
        let of_tests = self.packages.get(folder).map(|it| &it.of_tests);
        let tests = of_tests.into_iter().flatten().map(String::as_str);
        (self.reached(self.imports(folder)), self.reached(tests))
    }

    fn imports(&self, folder: &str) -> impl Iterator<Item = &'c str> {
        let package = self.packages.get(folder);
        let imports = package.map(|it| it.imports.iter());
        imports.into_iter().flatten().map(String::as_str)
    }

    /// Returns what these imports reach outside the module.
    fn reached(&self, from: impl Iterator<Item = &'c str>) -> BTreeSet<&'c str> {
        let mut outside = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = from.collect();
        while let Some(import) = open.pop() {
            match self.folder(import) {
                None => {
                    outside.insert(import);
                }
                Some(folder) if seen.insert(folder) => open.extend(self.imports(folder)),
                Some(_) => {}
            }
        }
        outside
    }

    /// Returns the folder of a package of the module itself.
    fn folder(&self, import: &'c str) -> Option<&'c str> {
        let below = import.strip_prefix(self.module)?;
        let folder = match below.strip_prefix('/') {
            Some(folder) => folder,
            None if below.is_empty() => "",
            None => return None,
        };
        self.packages.contains_key(folder).then_some(folder)
    }
}

#[cfg(test)]
mod tests;
