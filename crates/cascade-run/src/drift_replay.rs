//! Replays the past of one clone: every state that its first-parent line went through, each judged
//! against the tags of its upstreams that were there on that day.
//!
//! Invariant: no checkout is touched and no process started; objects are read where they lie.

mod line;
mod world;

use std::collections::BTreeSet;
use std::path::Path;

use cascade_manifest::Version;
use cascade_plan::drift::Birth;
use cascade_plan::drift::replay::{Moment, Releases, Replay, Replaying};
use cascade_plan::{
    Graph, ObservedRepo, Oid, PackageId, RepoDeclaration, RepoId, RepoSurvey, Trouble,
};

use crate::Site;
use crate::checkout::Absent;
use crate::observe::{Depth, Family, observe, observe_trees};
use crate::pool::in_parallel;
use line::{Step, line};
use world::World;

/// How many states one thread reads at a time.
const SLICE: usize = 16;
/// How many states are in memory at once.
const CROWD: usize = 16 * SLICE;

/// Returns how a repository stood over time, from a moment on where one is said: what stood there then
/// is judged as of that moment.
///
/// # Errors
/// When its clone can not be read, or lacks files of its past, which a clone for reports may.
pub fn replay(
    graph: &Graph,
    sites: &[Site],
    repo: &RepoId,
    since: Option<i64>,
    now: i64,
) -> Result<Replay, Trouble> {
    let (declared, site) = graph
        .repo(repo)
        .zip(sites.iter().find(|it| it.repo == *repo))
        .ok_or(Trouble::Missing)?;
    let steps = line(&site.folder, declared, since)?;
    let snapshot = observe(graph, sites, Depth::Survey, now);
    let family = Family::of(snapshot.repos.values());
    let mut world = World::of(graph, sites, snapshot, repo);
    let releases = world.releases();
    let birth = match since {
        Some(_) => Birth::Unseen,
        None => Birth::Seen,
    };
    let mut tape = Tape {
        replaying: Replaying::new(repo.clone(), &releases, birth),
        world: &mut world,
        events: events(&releases),
        played: 0,
        pinned: BTreeSet::new(),
    };
    let crowds: Vec<&[Step]> = steps.chunks(CROWD).collect();
    let absent = Absent::default();
    for crowd in crowds {
        let seen = read((declared, &site.folder), crowd, (&family, &absent));
        for (step, seen) in crowd.iter().zip(seen) {
            tape.commit(step, seen);
        }
    }
    match absent.count() {
        0 => Ok(tape.finish(graph.name(), now)),
        1 => Err(Trouble::Unfetched(
            "a file of it was not fetched".to_owned(),
        )),
        many => Err(Trouble::Unfetched(format!(
            "{many} files of it were not fetched"
        ))),
    }
}

/// Returns the files of a clone's past that it lacks.
///
/// # Errors
/// When it can not be read.
pub(crate) fn lacking_past(
    declared: &RepoDeclaration,
    folder: &Path,
    since: Option<i64>,
) -> Result<BTreeSet<Oid>, Trouble> {
    let (family, absent) = (Family::default(), Absent::default());
    for crowd in line(folder, declared, since)?.chunks(CROWD) {
        read((declared, folder), crowd, (&family, &absent));
    }
    Ok(absent.taken())
}

/// Returns what stood in these states.
fn read(
    (declared, folder): (&RepoDeclaration, &Path),
    steps: &[Step],
    how: (&Family, &Absent),
) -> Vec<ObservedRepo> {
    let slices: Vec<&[Step]> = steps.chunks(SLICE).collect();
    let read = |slice: &[Step]| {
        let trees: Vec<_> = slice.iter().map(|it| it.tree).collect();
        observe_trees(declared, folder, &trees, how)
    };
    in_parallel(slices, read).into_iter().flatten().collect()
}

/// A release, as a moment.
type Event = (i64, PackageId, String);

/// Returns the releases that were the highest of their package when they came, oldest first.
fn events(releases: &Releases) -> Vec<Event> {
    let mut events = Vec::new();
    for (package, releases) in releases {
        let mut highest: Option<&Version> = None;
        for it in releases {
            if highest.is_none_or(|highest| it.version > *highest) {
                highest = Some(&it.version);
                events.push((it.at, package.clone(), it.tag.clone()));
            }
        }
    }
    events.sort();
    events
}

/// States and releases as they come, in the order of their dates.
struct Tape<'a, 'g> {
    replaying: Replaying<'a>,
    world: &'a mut World<'g>,
    events: Vec<Event>,
    /// How many events were played.
    played: usize,
    /// What the last state pins.
    pinned: BTreeSet<PackageId>,
}

impl Tape<'_, '_> {
    /// Plays a state, and before it what was released since the last one.
    fn commit(&mut self, step: &Step, seen: ObservedRepo) {
        self.play(step.at);
        let unreadable = unreadable(&seen);
        self.world.enter(seen);
        let judged = self.world.judge(step.at);
        self.pinned = judged.pins.iter().map(|it| it.upstream.clone()).collect();
        let by = step.commit.to_string();
        self.replaying
            .state(moment(step.at, &by, &judged), unreadable);
    }

    /// Plays the releases up to a moment that the last state pins.
    fn play(&mut self, until: i64) {
        while let Some((at, package, tag)) = self.events.get(self.played)
            && *at <= until
        {
            self.played += 1;
            if self.pinned.contains(package) {
                let judged = self.world.judge(*at);
                self.replaying.release(moment(*at, tag, &judged));
            }
        }
    }

    fn finish(mut self, workspace: &str, now: i64) -> Replay {
        self.play(now);
        self.replaying.finish(workspace, now)
    }
}

fn moment<'a>(at: i64, by: &'a str, judged: &'a RepoSurvey) -> Moment<'a> {
    Moment { at, by, judged }
}

/// Returns the manifests and locks that could not be read.
fn unreadable(seen: &ObservedRepo) -> Vec<String> {
    let manifests = seen.manifests.iter().filter(|it| it.read.is_err());
    let manifests = manifests.map(|it| it.path.clone());
    let locks = seen.locks.iter().filter(|it| it.read.is_err());
    let mut all: Vec<String> = manifests.chain(locks.map(|it| it.path.clone())).collect();
    all.dedup();
    all
}
