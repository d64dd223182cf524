//! What an index lists of a package: its versions, the files of each, and their digests.

use std::collections::BTreeMap;

/// What an index lists of a package, by version as the index spells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    releases: BTreeMap<String, Vec<ListedFile>>,
}

/// One file of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Its name.
    pub name: String,
    /// What tells it apart from the other files of its version, and is the same in each version:
    /// `sdist`, `wheel (cp312-cp312, manylinux x86_64)`, `tarball`.
    pub kind: String,
    /// What it was made for and the next release may leave for another: the Python of a wheel that
    /// fits no other one. `None` where there is no such thing.
    pub line: Option<String>,
    /// Its digest, with the name of its algorithm before it; `None` where the index tells none.
    pub digest: Option<String>,
    /// Why it was taken back; `None` where it was not.
    pub yanked: Option<String>,
}

impl Listing {
    /// Adds a file of a version.
    pub fn add(&mut self, version: &str, file: ListedFile) {
        match self.releases.get_mut(version) {
            Some(files) => files.push(file),
            None => {
                self.releases.insert(version.to_owned(), vec![file]);
            }
        }
    }

    /// Fills in digests that the index does not tell, where they are known: by version and file.
    pub fn digested(&mut self, mut of: impl FnMut(&str, &ListedFile) -> Option<String>) {
        for (version, files) in &mut self.releases {
            for file in files.iter_mut().filter(|it| it.digest.is_none()) {
                file.digest = of(version, file);
            }
        }
    }

    /// Returns every version with its files.
    pub fn releases(&self) -> impl Iterator<Item = (&str, &[ListedFile])> {
        let all = self.releases.iter();
        all.map(|(version, files)| (version.as_str(), files.as_slice()))
    }
}
