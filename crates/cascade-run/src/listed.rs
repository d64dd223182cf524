//! What registries list of the family's packages: which versions can be installed, which are taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cascade_manifest::Listing;
use cascade_plan::{
    Awaited, Beyond, DigestSight, Expected, Graph, Index, Listed, ObservedPackage, ObservedRepo,
    Outlet, PinnedDigest, RepoDeclaration, RepoId, ShownBeyond, Sight, Snapshot, TagHit, beyond,
};

use crate::pool::in_parallel;
use crate::registry::{Reach, Registries, listing, look, stands};
use crate::{Git, Site};

/// Asks the registries that are declared what they list of the packages of these repositories, and adds
/// it to the snapshot. Returns, a line each, which could not be read; of their packages nothing is known.
pub fn list_packages(
    graph: &Graph,
    sites: &[Site],
    root: &Path,
    git: &Git,
    snapshot: &mut Snapshot,
) -> BTreeSet<String> {
    let registries = Registries::new(git);
    let asked: Vec<&Site> = sites
        .iter()
        .filter(|it| is_audited(snapshot, &it.repo))
        .collect();
    let shared = &*snapshot;
    let answers = in_parallel(asked, |site: &Site| {
        let declared = graph.repo(&site.repo)?;
        let seen = shared.repos.get(&site.repo)?;
        let reach = registries.reach(&site.folder, "", cascade_manifest::Names::new());
        let read = |package| {
            let awaited = awaited(declared, package)?;
            let found = listing(&reach, &awaited, root);
            Some(found.map(|it| listed(package, &it)))
        };
        let found: Vec<Result<Listed, String>> = seen.packages.iter().filter_map(read).collect();
        Some((
            site.repo.clone(),
            found,
            shown_beyond(&reach, declared, seen),
        ))
    });
    let mut silent = show_digests(graph, &registries, snapshot);
    for (repo, found, shown) in answers.into_iter().flatten() {
        let audit = snapshot
            .repos
            .get_mut(&repo)
            .and_then(|it| it.audit.as_mut());
        let Some(audit) = audit else { continue };
        let listed = audit.listed.get_or_insert_default();
        for answer in found {
            match answer {
                Ok(it) => listed.push(it),
                Err(why) => {
                    silent.insert(why);
                }
            }
        }
        let beyond = audit.beyond.get_or_insert_default();
        for it in shown {
            match it.sight {
                Sight::Unreached { why, .. } | Sight::Nowhere { why } => {
                    silent.insert(why);
                }
                _ => beyond.push(it),
            }
        }
    }
    silent
}

/// Asks registries for the digests that pins are held by whose tags name whole versions, and adds what
/// they show to the snapshot. Returns which could not be read.
fn show_digests(
    graph: &Graph,
    registries: &Registries,
    snapshot: &mut Snapshot,
) -> BTreeSet<String> {
    let mut asked: BTreeMap<PinnedDigest, (Vec<String>, BTreeSet<RepoId>)> = BTreeMap::new();
    let index = Index::of(snapshot);
    let deploys = |it: &ObservedRepo| !it.deploys.is_empty() || !it.sites.is_empty();
    for (repo, _) in snapshot.repos.iter().filter(|it| deploys(it.1)) {
        for pin in &index.judge(graph, repo).pins {
            let is_asked = graph
                .repo(&pin.upstream.repo)
                .is_some_and(|it| !it.unawaited);
            let held = pin.digest.clone();
            if let Some(held) = held.filter(|_| is_asked && pin.names_whole()) {
                let row = asked.entry(held);
                let row = row.or_insert_with(|| (pin.digest_tags(), BTreeSet::new()));
                row.1.insert(repo.clone());
            }
        }
    }
    let asked: Vec<_> = asked.into_iter().collect();
    let shown = in_parallel(asked, |(held, (tags, repos))| {
        let sight = stands(registries, &held.image, (&tags, &held.digest));
        (held, repos, sight)
    });
    let mut silent = BTreeSet::new();
    for (held, repos, sight) in shown {
        if let DigestSight::Unreached { why } = &sight {
            silent.insert(why.clone());
        }
        for repo in repos {
            let seen = snapshot.repos.get_mut(&repo);
            if let Some(audit) = seen.and_then(|it| it.audit.as_mut()) {
                audit.digests.push((held.clone(), sight.clone()));
            }
        }
    }
    silent
}

/// Returns what registries show of the images and charts of the latest release.
fn shown_beyond(
    reach: &Reach<'_>,
    declared: &RepoDeclaration,
    seen: &ObservedRepo,
) -> Vec<ShownBeyond> {
    let read = |it: Beyond| {
        let latest = latest_of(seen, &it.name)?;
        let awaited = it.awaited(&latest.version.to_string());
        Some(ShownBeyond {
            // Nothing of it is in a folder.
            sight: look(reach, &awaited, Path::new("")),
            awaited,
            registry: it.registry,
            tag: latest.tag.clone(),
        })
    };
    beyond(declared).into_iter().filter_map(read).collect()
}

/// Returns the release that an image or chart belongs to.
fn latest_of<'s>(seen: &'s ObservedRepo, name: &str) -> Option<&'s TagHit> {
    let mut all = seen.packages.iter().filter_map(|it| it.latest.as_ref());
    let first = all.next()?;
    let is_one = all.all(|it| it.version == first.version);
    seen.releasing(name, is_one)?.latest.as_ref()
}

fn is_audited(snapshot: &Snapshot, repo: &RepoId) -> bool {
    let seen = snapshot.repos.get(repo);
    seen.is_some_and(|it| it.audit.is_some() && !it.packages.is_empty())
}

/// Returns what is asked for: the latest release of a package, where it is declared to appear in an
/// index.
fn awaited(declared: &RepoDeclaration, package: &ObservedPackage) -> Option<Awaited> {
    let kind = package.ecosystem.name;
    let outlet = &declared.appears(kind, &package.name)?.outlet;
    let latest = package.latest.as_ref()?;
    if matches!(outlet, Outlet::Tags { .. }) {
        return None;
    }
    Some(Awaited {
        ecosystem: kind.to_owned(),
        name: package.name.clone(),
        version: latest.version.to_string(),
        outlet: outlet.clone(),
        expected: Expected::default(),
    })
}

/// Returns a listing by version: one whose every file is taken back is taken back.
fn listed(package: &ObservedPackage, listing: &Listing) -> Listed {
    let (mut versions, mut yanked) = (Vec::new(), Vec::new());
    for (version, files) in listing.releases() {
        let back = !files.is_empty() && files.iter().all(|it| it.yanked.is_some());
        let list = if back { &mut yanked } else { &mut versions };
        list.push(version.to_owned());
    }
    Listed {
        package: package.name.clone(),
        ecosystem: package.ecosystem.name,
        versions,
        yanked,
    }
}
