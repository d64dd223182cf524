//! What was asked for, resolved: each package named, and what becomes of it.

use std::collections::BTreeMap;

use cascade_manifest::{Level, Version};
use globset::GlobMatcher;

use super::error::PlanError;
use super::versions::{Voice, distance, following, pending, typed};
use super::world::{Hold, Home, World};
use crate::{
    Ask, Oid, PackageId, PackageSurvey, Purpose, Reason, RepoId, Trouble, What, name_pattern,
};

/// What becomes of a package that was named, or that asks for it itself.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// It gets a version.
    Moves {
        to: Version,
        level: Level,
        reason: Reason,
    },
    /// The version that it has travels down as it is.
    Travels {
        to: Version,
        tag: String,
        commit: Option<Oid>,
        hold: Hold,
    },
}

pub(super) type Targets = BTreeMap<PackageId, Target>;

/// Returns what becomes of every package that the request concerns.
pub(super) fn targets(world: &World<'_>) -> Result<Targets, PlanError> {
    let mut targets = Targets::new();
    if world.request.asks.is_empty() {
        for (home, package) in world.packages() {
            targets.extend(unasked(world, home, package).map(|it| (package.id.clone(), it)));
        }
        return Ok(targets);
    }
    for ask in &world.request.asks {
        for (home, package) in named(world, ask)? {
            if let Some(target) = asked(world, home, package, ask)? {
                targets.insert(package.id.clone(), target);
            }
        }
    }
    Ok(targets)
}

/// Returns what becomes of a package when nothing was named: for a release what its commits ask,
/// for a bump its latest version is what older pins are held against.
fn unasked(world: &World<'_>, home: Home<'_>, package: &PackageSurvey) -> Option<Target> {
    match world.request.purpose {
        Purpose::Release if world.is_frozen(home.id) => None,
        Purpose::Release => by_commits(world, home, package),
        Purpose::Bump => latest(package, Hold::Old),
    }
}

fn by_commits(world: &World<'_>, home: Home<'_>, package: &PackageSurvey) -> Option<Target> {
    if package.level == Level::None || is_at_tag(home, package) {
        return None;
    }
    let pre = world.request.pre.as_deref();
    let named = release_as(home, package);
    let by_level = || following(home, package, package.level, Voice::World, pre);
    let to = named.or_else(by_level)?;
    let from = home.base(package).map(|it| &it.version);
    let level = distance(from, &to);
    let reason = match pending(package) {
        Some(it) if it == to => Reason::Pending,
        _ => Reason::Commits,
    };
    Some(Target::Moves { to, level, reason })
}

/// Returns the version that a `Release-As:` trailer names, where it is one that may be released.
fn release_as(home: Home<'_>, package: &PackageSurvey) -> Option<Version> {
    let since = &home.observed(package)?.since;
    let commits = since.iter().filter_map(|at| home.seen.commits.get(*at));
    let text = crate::commits::release_as(commits)?;
    typed(home, package, &text).ok().flatten()
}

/// Returns the latest version of a package as one that travels.
fn latest(package: &PackageSurvey, hold: Hold) -> Option<Target> {
    let hit = package.latest.as_ref()?;
    Some(Target::Travels {
        to: hit.version.clone(),
        tag: hit.tag.clone(),
        commit: Some(hit.commit.clone()),
        hold,
    })
}

/// Returns what becomes of a package that was named.
fn asked(
    world: &World<'_>,
    home: Home<'_>,
    package: &PackageSurvey,
    ask: &Ask,
) -> Result<Option<Target>, PlanError> {
    let pre = world.request.pre.as_deref();
    let moves = |to: Version, voice: Voice| {
        let from = home.base(package).map(|it| &it.version);
        let level = distance(from, &to);
        let reason = match (pending(package), voice) {
            (Some(it), _) if it == to => Reason::Pending,
            _ => Reason::Asked,
        };
        Target::Moves { to, level, reason }
    };
    match &ask.what {
        What::Version(text) => Ok(match typed(home, package, text)? {
            Some(to) => Some(moves(to, Voice::Person)),
            None => travels(home, package, ask)?,
        }),
        // Running the same command again continues: what it made is out at the head already.
        What::Level(_) if world.is_release() && is_at_tag(home, package) => {
            travels(home, package, ask)
        }
        What::Level(Level::None) => travels(home, package, ask),
        What::Level(level) => {
            let to = following(home, package, *level, Voice::Person, pre);
            Ok(to.map(|to| moves(to, Voice::Person)))
        }
        What::Unsaid if world.is_release() => match by_commits(world, home, package) {
            Some(target) => Ok(Some(target)),
            None => travels(home, package, ask),
        },
        What::Unsaid => travels(home, package, ask),
    }
}

/// Returns whether the head is the very commit of the package's latest tag.
fn is_at_tag(home: Home<'_>, package: &PackageSurvey) -> bool {
    let hits = package.latest.iter().chain(&package.reachable);
    let mut at = hits.map(|it| &it.commit);
    home.seen
        .head
        .as_ref()
        .is_some_and(|head| at.any(|it| it == head))
}

/// Returns the version of a package that travels as it is: a final one that is pending, else the
/// latest.
fn travels(
    home: Home<'_>,
    package: &PackageSurvey,
    ask: &Ask,
) -> Result<Option<Target>, PlanError> {
    if let Some(to) = pending(package).filter(Version::is_final) {
        let reason = Reason::Pending;
        let from = home.base(package).map(|it| &it.version);
        let level = distance(from, &to);
        return Ok(Some(Target::Moves { to, level, reason }));
    }
    let found = latest(package, Hold::Every);
    if found.is_none() && !is_pattern(&ask.repo) {
        return Err(PlanError::Nothing {
            what: package.id.to_string(),
            why: "was never released, so no version of it can travel".to_owned(),
            help: Some(format!("name one: `--repo {}=0.1.0`", package.id)),
        });
    }
    Ok(found)
}

/// Returns the packages that an ask names.
fn named<'a>(
    world: &World<'a>,
    ask: &Ask,
) -> Result<Vec<(Home<'a>, &'a PackageSurvey)>, PlanError> {
    let pattern = matcher(&ask.repo)?;
    let wanted = ask.package.as_deref().map(matcher).transpose()?;
    let repos: Vec<Home<'a>> = world
        .survey
        .order
        .iter()
        .filter(|id| pattern.is_match(id.as_str()))
        .filter_map(|id| world.home(id))
        .collect();
    if repos.is_empty() {
        return Err(unknown_repo(world, &ask.repo));
    }
    let mut found = Vec::new();
    for home in &repos {
        if !is_pattern(&ask.repo) {
            readable(*home)?;
        }
        let packages = home.survey.packages.iter().filter(|package| {
            let name = &package.id.name;
            wanted.as_ref().is_none_or(|it| {
                it.is_match(name) || it.is_match(&*(package.ecosystem.canonical)(name))
            })
        });
        found.extend(packages.map(|it| (*home, it)));
    }
    if found.is_empty() {
        return Err(no_package(&repos, ask));
    }
    Ok(found)
}

fn matcher(text: &str) -> Result<GlobMatcher, PlanError> {
    name_pattern(text).map_err(|_| PlanError::Pattern {
        text: text.to_owned(),
    })
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

fn readable(home: Home<'_>) -> Result<(), PlanError> {
    let Some(trouble) = &home.seen.trouble else {
        return Ok(());
    };
    Err(unseen(home.id, trouble))
}

/// Returns the error that a repository can not be read.
pub(super) fn unseen(id: &RepoId, trouble: &Trouble) -> PlanError {
    let (why, help) = match trouble {
        Trouble::Missing => ("has no clone".to_owned(), "cascade fetch".to_owned()),
        Trouble::NotARepository => (
            "is no git repository".to_owned(),
            format!("move what stands at the path of `{id}` away, then `cascade fetch`"),
        ),
        Trouble::NoCommits => (
            "has no commit yet".to_owned(),
            format!("make the first commit in `{id}`"),
        ),
        Trouble::Unreadable(why) => (
            format!("can not be read: {why}"),
            format!("run `git status` in `{id}` and do as it says"),
        ),
        Trouble::Unfetched(why) => (format!("can not be read: {why}"), Trouble::FETCH.to_owned()),
    };
    PlanError::Unseen {
        repo: id.to_string(),
        why,
        help: Some(help),
    }
}

fn no_package(repos: &[Home<'_>], ask: &Ask) -> PlanError {
    let all = repos.iter().flat_map(|it| &it.survey.packages);
    let names: Vec<&str> = all.map(|it| it.id.name.as_str()).collect();
    let Some(name) = &ask.package else {
        return PlanError::Nothing {
            what: ask.repo.clone(),
            why: "publishes no package, so nothing of it can be released".to_owned(),
            help: Some("cascade status".to_owned()),
        };
    };
    PlanError::UnknownPackage {
        repo: ask.repo.clone(),
        name: name.clone(),
        help: similar(name, names.iter().copied())
            .map(|it| format!("did you mean `{}/{it}`?", ask.repo))
            .or_else(|| Some(format!("it has `{}`", names.join("`, `")))),
    }
}

/// Returns the error for a name that is declared nowhere, with the nearest that is.
pub(super) fn unknown_repo(world: &World<'_>, name: &str) -> PlanError {
    let repos = world.graph.repos().keys().map(RepoId::as_str);
    let owner = world
        .packages()
        .find(|(_, it)| (it.ecosystem.canonical)(&it.id.name) == (it.ecosystem.canonical)(name));
    let help = match (owner, similar(name, repos)) {
        (Some((home, _)), _) => format!("it is a package of `{}`: `--repo {}`", home.id, home.id),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => "`cascade status` lists them".to_owned(),
    };
    PlanError::UnknownRepo {
        name: name.to_owned(),
        help: Some(help),
    }
}

/// Returns the name that is most like the one typed, if one is like it at all.
fn similar<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|it| (strsim::jaro_winkler(typed, it), it))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
