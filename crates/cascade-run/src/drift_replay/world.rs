//! The family as it was on a day: its packages of today, with the tags of that day.

use std::collections::BTreeMap;

use cascade_plan::drift::replay::{Dated, Releases};
use cascade_plan::{
    Graph, Index, ObservedRepo, PackageId, RepoId, RepoSurvey, Snapshot, Tag, TagHit, Trouble,
};

use crate::Site;
use crate::checkout::{Absent, Checkout, Target};
use crate::pool::in_parallel;

/// The family on a day, and the repository whose past is replayed.
pub(super) struct World<'g> {
    graph: &'g Graph,
    repo: RepoId,
    snapshot: Snapshot,
    /// Every upstream's tags, oldest first, each with its date.
    tags: BTreeMap<RepoId, Vec<(i64, Tag)>>,
    /// The final releases of every package, in the order of the snapshot, oldest first.
    hits: BTreeMap<RepoId, Vec<Vec<(i64, TagHit)>>>,
    /// How many tags of each repository are there on the day that is shown.
    shown: BTreeMap<RepoId, usize>,
}

impl<'g> World<'g> {
    /// Returns the family with the tags of no day.
    pub(super) fn of(
        graph: &'g Graph,
        sites: &[Site],
        mut snapshot: Snapshot,
        repo: &RepoId,
    ) -> Self {
        let others: Vec<&Site> = sites.iter().filter(|it| it.repo != *repo).collect();
        let dated = in_parallel(others, |site: &Site| {
            // Of one that can not be read nothing is known, as in any survey.
            (site.repo.clone(), dated(site).unwrap_or_default())
        });
        let tags: BTreeMap<_, _> = dated.into_iter().collect();
        let mut hits = BTreeMap::new();
        for (id, seen) in &mut snapshot.repos {
            let all = tags.get(id).map_or(&[][..], Vec::as_slice);
            hits.insert(id.clone(), hits_of(seen, all));
            seen.manifests = Vec::new();
            seen.locks = Vec::new();
            seen.commits = Vec::new();
            seen.tags = Vec::new();
            for package in &mut seen.packages {
                (package.latest, package.since) = (None, Vec::new());
            }
        }
        Self {
            graph,
            repo: repo.clone(),
            snapshot,
            tags,
            hits,
            shown: BTreeMap::new(),
        }
    }

    /// Returns the final releases of every package of the other repositories, oldest first.
    pub(super) fn releases(&self) -> Releases {
        let mut releases = Releases::new();
        for (id, seen) in &self.snapshot.repos {
            let hits = self.hits.get(id).into_iter().flatten();
            for (package, hits) in seen.packages.iter().zip(hits) {
                let package = PackageId {
                    repo: id.clone(),
                    ecosystem: package.ecosystem.name.to_owned(),
                    name: package.name.clone(),
                };
                let dated = hits.iter().map(|(at, hit)| Dated {
                    at: *at,
                    version: hit.version.clone(),
                    tag: hit.tag.clone(),
                });
                releases.insert(package, dated.collect());
            }
        }
        releases
    }

    /// Puts a state of the repository in its place.
    pub(super) fn enter(&mut self, seen: ObservedRepo) {
        self.snapshot.repos.insert(self.repo.clone(), seen);
    }

    /// Returns what is known of the repository on a day.
    pub(super) fn judge(&mut self, day: i64) -> RepoSurvey {
        for (id, tags) in &self.tags {
            let count = tags.partition_point(|it| it.0 <= day);
            if self.shown.insert(id.clone(), count) == Some(count) {
                continue;
            }
            let Some(seen) = self.snapshot.repos.get_mut(id) else {
                continue;
            };
            seen.tags = tags.iter().take(count).map(|it| it.1.clone()).collect();
            let hits = self.hits.get(id).into_iter().flatten();
            for (package, hits) in seen.packages.iter_mut().zip(hits) {
                let out = hits.iter().take_while(|it| it.0 <= day);
                let latest = out.max_by(|a, b| a.1.version.cmp(&b.1.version));
                package.latest = latest.map(|it| it.1.clone());
            }
        }
        Index::of(&self.snapshot).judge(self.graph, &self.repo)
    }
}

/// Returns the final releases of each package that are not taken back, oldest first.
fn hits_of(seen: &ObservedRepo, tags: &[(i64, Tag)]) -> Vec<Vec<(i64, TagHit)>> {
    let all: Vec<Tag> = tags.iter().map(|it| it.1.clone()).collect();
    let dates: BTreeMap<&str, i64> = tags.iter().map(|it| (it.1.name.as_str(), it.0)).collect();
    let of = |package: &cascade_plan::ObservedPackage| {
        let versions = package.versions(&all);
        let finals = versions.filter(|(it, _)| it.is_final() && !package.is_retracted(it));
        let hits = finals.filter_map(|(version, tag)| {
            let hit = TagHit {
                tag: tag.name.clone(),
                version,
                commit: tag.commit.clone(),
            };
            Some((*dates.get(tag.name.as_str())?, hit))
        });
        let mut hits: Vec<_> = hits.collect();
        hits.sort_by(|a, b| (a.0, &a.1.version).cmp(&(b.0, &b.1.version)));
        hits
    };
    seen.packages.iter().map(of).collect()
}

/// Returns the tags of a clone with when each was made, oldest first: the date of an annotated tag, else
/// that of its commit.
fn dated(site: &Site) -> Result<Vec<(i64, Tag)>, Trouble> {
    let checkout = Checkout::at(&site.folder, &Absent::default())?;
    let objects = checkout.objects()?;
    let refs = checkout.refs()?;
    let date = |(name, id): (String, _)| {
        let commit = objects.peel(Target::Raw(id))?;
        let annotated = objects.tag(id).map(|it| it.time);
        let at = annotated.or_else(|| Some(objects.commit(id)?.time))?;
        Some((at, Tag { name, commit }))
    };
    let tags = refs.below("refs/tags/").into_iter();
    let mut tags: Vec<_> = tags.filter_map(date).collect();
    tags.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    Ok(tags)
}
