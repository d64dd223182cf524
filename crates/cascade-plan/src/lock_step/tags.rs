//! What the tags of the family say of the commits that a lock keeps.

use std::collections::BTreeMap;

use cascade_manifest::{BareCommit, Discord};

use crate::{Snapshot, Tag};

/// The tags of the repositories that Python packages of the family come from: no other lock keeps
/// a commit and not its tag.
#[derive(Debug, Clone, Default)]
pub struct FamilyTags<'a>(BTreeMap<String, &'a [Tag]>);

impl<'a> FamilyTags<'a> {
    /// Returns the tags that a snapshot shows.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let packages = snapshot.repos.values().flat_map(|repo| {
            let python = |it: &&crate::ObservedPackage| it.ecosystem.name == "python";
            let named = repo.packages.iter().filter(python);
            named.map(|it| (it.name.clone(), repo.tags.as_slice()))
        });
        Self(packages.collect())
    }

    /// Returns the disagreement about a commit that is known to be that of other tags than the one
    /// wanted. One that no tag here names may be that of a fork, or of a tag that is not fetched.
    pub(super) fn discord(&self, it: &BareCommit) -> Option<Discord> {
        let tags = self.0.get(&it.subject)?;
        let mut held = tags.iter().filter(|tag| tag.commit.as_str() == it.commit);
        let first = held.next()?;
        let is_wanted = |tag: &Tag| tag.name == it.tag;
        (!is_wanted(first) && !held.any(is_wanted)).then(|| Discord {
            subject: it.subject.clone(),
            manifest: it.manifest.clone(),
            wanted: it.tag.clone(),
            held: Some(first.name.clone()),
        })
    }
}
