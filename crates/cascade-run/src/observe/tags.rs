//! Which tags are a package's, which of them the head contains, and what came since.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cascade_manifest::Version;
use cascade_plan::{Commit, ObservedPackage, ObservedRepo, Tag, TagHit};

use crate::checkout::{History, Lost, git_oid, oid};

/// How many tags are asked for one by one before the whole history is walked once for all.
const ASKED: usize = 16;

/// Looks up every package's tags, and gives the repository the commits that they lack.
pub(crate) fn look_up(
    repo: &mut ObservedRepo,
    head: crate::checkout::CommitId,
    history: &mut History<'_>,
) -> Result<(), Lost> {
    let mut lookup = Lookup {
        head,
        history,
        answers: HashMap::new(),
        all: None,
    };
    let mut since = Vec::new();
    for package in &mut repo.packages {
        since.push(lookup.package(package, &repo.tags)?);
    }
    let numbers: BTreeSet<usize> = since.iter().flatten().copied().collect();
    let order = newest_first(numbers, lookup.history);
    let places: HashMap<usize, usize> = order.iter().copied().zip(0..).collect();
    for (package, numbers) in repo.packages.iter_mut().zip(since) {
        package.since = numbers
            .iter()
            .filter_map(|it| places.get(it).copied())
            .collect();
        package.since.sort_unstable();
    }
    let commits = order.into_iter();
    repo.commits = commits
        .filter_map(|it| commit(it, lookup.history))
        .collect();
    repo.commits.shrink_to_fit();
    Ok(())
}

struct Lookup<'a, 'r> {
    head: crate::checkout::CommitId,
    history: &'a mut History<'r>,
    /// What the head has that a tag's commit lacks; `None` where it does not contain the tag.
    answers: HashMap<crate::checkout::CommitId, Option<Vec<usize>>>,
    /// Everything that the head contains, once it was walked.
    all: Option<BTreeSet<usize>>,
}

impl Lookup<'_, '_> {
    /// Fills in `latest`, `reachable` and `announced`; returns the package's unreleased commits.
    fn package(&mut self, package: &mut ObservedPackage, tags: &[Tag]) -> Result<Vec<usize>, Lost> {
        let (finals, early) = versions(package, tags);
        let mut reached = None;
        for hit in finals {
            let Some(commit) = git_oid(&hit.commit) else {
                continue;
            };
            // A tag of what is no commit, or of a commit that this clone lacks.
            if self.history.number(commit).is_err() {
                continue;
            }
            let since = self.since(commit)?;
            package.latest.get_or_insert_with(|| hit.clone());
            if let Some(since) = since {
                package.reachable = Some(hit);
                reached = Some(since);
                break;
            }
        }
        package.announced = self.announced(package.reachable.as_ref(), early)?;
        match reached {
            Some(since) => Ok(since),
            None => self.everything().map(|it| it.iter().copied().collect()),
        }
    }

    /// Returns the highest of the pre-releases above a final version that the head contains. Of many
    /// that it does not contain only the highest few are asked for.
    fn announced(
        &mut self,
        above: Option<&TagHit>,
        early: Vec<TagHit>,
    ) -> Result<Option<TagHit>, Lost> {
        let above = |it: &TagHit| above.is_none_or(|hit| it.version > hit.version);
        for hit in early.into_iter().take_while(above).take(ASKED) {
            let Some(commit) = git_oid(&hit.commit) else {
                continue;
            };
            if self.history.number(commit).is_ok() && self.since(commit)?.is_some() {
                return Ok(Some(hit));
            }
        }
        Ok(None)
    }

    fn since(&mut self, tag: crate::checkout::CommitId) -> Result<Option<Vec<usize>>, Lost> {
        if let Some(known) = self.answers.get(&tag) {
            return Ok(known.clone());
        }
        if self.answers.len() >= ASKED {
            let number = self.history.number(tag)?;
            if !self.everything()?.contains(&number) {
                return Ok(None);
            }
        }
        let parted = self.history.parted(self.head, tag)?;
        let answer = parted.contained.then_some(parted.left);
        self.answers.insert(tag, answer.clone());
        Ok(answer)
    }

    fn everything(&mut self) -> Result<&BTreeSet<usize>, Lost> {
        if self.all.is_none() {
            self.all = Some(self.history.all(self.head)?.into_iter().collect());
        }
        Ok(self.all.get_or_insert_default())
    }
}

/// Returns the final versions among a package's tags and the pre-releases, the highest first.
fn versions(package: &ObservedPackage, tags: &[Tag]) -> (Vec<TagHit>, Vec<TagHit>) {
    let template = package.template.for_package(&package.name);
    let mut hits: Vec<_> = tags
        .iter()
        .filter_map(|tag| {
            let text = template.version(&tag.name)?;
            let version = Version::parse(package.ecosystem.scheme, text)?;
            let its = package.ecosystem.takes(&package.name, &version);
            its.then(|| TagHit {
                tag: tag.name.clone(),
                version,
                commit: tag.commit.clone(),
            })
        })
        .collect();
    hits.sort_by(|a, b| b.version.cmp(&a.version).then_with(|| b.tag.cmp(&a.tag)));
    hits.into_iter().partition(|it| it.version.is_final())
}

/// Orders commits by date, the newest first, and at one date as they were found: children before
/// their parents.
fn newest_first(numbers: BTreeSet<usize>, history: &History<'_>) -> Vec<usize> {
    let dates: BTreeMap<usize, i64> = numbers
        .iter()
        .map(|&it| (it, history.commit(it).map_or(0, |(_, commit)| commit.time)))
        .collect();
    let mut order: Vec<_> = numbers.into_iter().collect();
    order.sort_by_key(|it| std::cmp::Reverse(dates.get(it).copied()));
    order
}

fn commit(number: usize, history: &History<'_>) -> Option<Commit> {
    let (id, commit) = history.commit(number)?;
    Some(Commit {
        id: oid(id)?,
        message: String::from_utf8_lossy(&commit.message).into_owned(),
        merge: commit.parents.len() > 1,
    })
}
