//! Which tags are a package's, which of them the head contains, and what came since.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cascade_plan::{Commit, ObservedPackage, ObservedRepo, Tag, TagHit};

use super::files::MANIFEST;
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
        if let Some(highest) = finals.first() {
            self.take_back(package, highest);
        }
        let mut reached = None;
        for hit in finals {
            let Some(commit) = git_oid(&hit.commit) else {
                continue;
            };
            // A tag of what is no commit, or of a commit that this clone lacks.
            if self.history.number(commit).is_err() {
                continue;
            }
            if package.latest.is_none() {
                let place = if package.is_retracted(&hit.version) {
                    &mut package.retracted
                } else {
                    &mut package.latest
                };
                place.get_or_insert_with(|| hit.clone());
            }
            if reached.is_none() {
                reached = self.since(commit)?;
                package.reachable = reached.is_some().then_some(hit);
            }
            if reached.is_some() && package.latest.is_some() {
                break;
            }
        }
        package.announced = self.announced(package.reachable.as_ref(), early)?;
        match reached {
            Some(since) => Ok(since),
            None => self.everything().map(|it| it.iter().copied().collect()),
        }
    }

    /// Adds the versions that the highest one takes back: of Go modules that one's file counts, and
    /// what the head takes back is taken back with the next one.
    fn take_back(&mut self, package: &mut ObservedPackage, highest: &TagHit) {
        let Some(commit) = git_oid(&highest.commit) else {
            return;
        };
        if package.ecosystem.paths.is_none() || commit == self.head {
            return;
        }
        let name = package.manifest.rsplit('/').next().unwrap_or_default();
        let text = self.history.file(commit, &package.manifest, MANIFEST);
        let text = text.and_then(|it| String::from_utf8(it).ok());
        let format = package.ecosystem.format(name);
        let read = format.zip(text).and_then(|(it, text)| it.read(&text).ok());
        package
            .retracts
            .extend(read.into_iter().flat_map(|it| it.retracts));
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
    let hits = package.versions(tags).map(|(version, tag)| TagHit {
        tag: tag.name.clone(),
        version,
        commit: tag.commit.clone(),
    });
    let mut hits: Vec<TagHit> = hits.collect();
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
        time: commit.time,
    })
}
