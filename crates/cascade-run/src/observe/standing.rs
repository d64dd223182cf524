//! When things were made: the commit that is checked out, and tags that somebody asks about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cascade_plan::{RepoId, Snapshot, Trouble};

use crate::Site;
use crate::checkout::{Absent, Checkout, CommitId, History};
use crate::hook::{HookHome, HookType};
use crate::pool::in_parallel;

/// Returns when a commit was made, in seconds since 1970.
pub(super) fn committed(commit: CommitId, history: &mut History<'_>) -> Option<i64> {
    let number = history.number(commit).ok()?;
    history.commit(number).map(|(_, it)| it.time)
}

/// Returns which of cascade's hooks stand where git looks for them, by the clone's own configuration.
pub(super) fn hooks(folder: &Path, checkout: &Checkout) -> BTreeSet<String> {
    let home = HookHome::in_place(folder, checkout.common_folder(), checkout.hooks_path());
    let all = HookType::ALL.iter();
    let standing = all.filter(|it| home.has(**it));
    standing.map(|it| it.name().to_owned()).collect()
}

/// Adds to a snapshot when these tags were made, of the repositories that were looked at for the rules; of
/// one that can not be read nothing.
pub(crate) fn date_tags(
    sites: &[Site],
    asked: &BTreeMap<RepoId, BTreeSet<String>>,
    snapshot: &mut Snapshot,
) {
    let audited = |it: &&Site| {
        let seen = snapshot.repos.get(&it.repo);
        asked.contains_key(&it.repo) && seen.is_some_and(|it| it.audit.is_some())
    };
    let sites = sites.iter().filter(audited);
    let dated = in_parallel(sites.collect(), |site: &Site| {
        let tags = asked.get(&site.repo)?;
        Some((&site.repo, dates(&site.folder, tags).ok()?))
    });
    for (repo, dates) in dated.into_iter().flatten() {
        let seen = snapshot.repos.get_mut(repo);
        if let Some(audit) = seen.and_then(|it| it.audit.as_mut()) {
            audit.tagged.extend(dates);
        }
    }
}

/// Returns when tags of a clone were made: the date of an annotated tag, else that of its commit.
fn dates(folder: &Path, tags: &BTreeSet<String>) -> Result<BTreeMap<String, i64>, Trouble> {
    let checkout = Checkout::at(folder, &Absent::default())?;
    let objects = checkout.objects()?;
    let refs = checkout.refs()?;
    let all = refs.below("refs/tags/");
    let date = |name: &String| {
        let id = *all.get(name)?;
        let annotated = objects.tag(id).map(|it| it.time);
        let time = annotated.or_else(|| Some(objects.commit(id)?.time))?;
        Some((name.clone(), time))
    };
    Ok(tags.iter().filter_map(date).collect())
}
