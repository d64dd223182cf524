//! What `cascade tag` may tag.

use std::collections::BTreeSet;

use cascade_manifest::{Level, Version};

use super::asks::{unknown_repo, unseen};
use super::charts::update;
use super::error::PlanError;
use super::locks::own_row;
use super::messages::notes;
use super::moves::shares_tags;
use super::versions::{Voice, following, tag_of, typed};
use super::world::{Home, World};
use crate::checks::relock;
use crate::{
    Graph, LockMode, LockState, PackageId, PackageSurvey, Purpose, ReleaseMode, RepoId, Request,
    Snapshot, Survey, VersionSource,
};

/// Returns the tags that the head of a repository may get: package, tag, message, each tag once.
///
/// # Errors
/// When the version is not what the manifest says, is below what is out or tagged already, when
/// the checkout is dirty or on another branch, or when something else makes the tags.
#[expect(
    clippy::too_many_arguments,
    reason = "what is known, and the three words that a person types"
)]
pub fn tag_plan(
    graph: &Graph,
    snapshot: &Snapshot,
    survey: &Survey,
    repo: &RepoId,
    package: Option<&str>,
    version: Option<&str>,
) -> Result<Vec<(PackageId, String, String)>, PlanError> {
    let request = Request {
        purpose: Purpose::Bump,
        asks: Vec::new(),
        only: BTreeSet::new(),
        skip: BTreeSet::new(),
        pins_only: false,
        allow_churn: false,
        pre: None,
        downgrade: None,
    };
    let world = World {
        graph,
        snapshot,
        survey,
        request: &request,
    };
    let Some(home) = world.home(repo) else {
        return Err(unknown_repo(&world, repo.as_str()));
    };
    allowed(home)?;
    in_step(home)?;
    let mut tags: Vec<(PackageId, String, String)> = Vec::new();
    for package in chosen(home, package)? {
        let to = version_of(home, package, version)?;
        locked(home, package, &to)?;
        let tag = tag_of(package, &to);
        if tags.iter().any(|(_, known, _)| *known == tag) {
            continue;
        }
        let message = notes(&package.id.name, to.text(), &package.evidence, &[]);
        tags.push((package.id.clone(), tag, message));
    }
    Ok(tags)
}

/// Refuses a repository whose head may not be tagged now.
fn allowed(home: Home<'_>) -> Result<(), PlanError> {
    if let Some(trouble) = &home.seen.trouble {
        return Err(unseen(home.id, trouble));
    }
    let refuse = |why: String, help: String| {
        Err(PlanError::Refused {
            repo: home.id.to_string(),
            why,
            help: Some(help),
        })
    };
    let branches = home.allowed();
    if home.declared.mode == ReleaseMode::ReleasePlease {
        return refuse(
            "is tagged by release-please only (`release = \"release-please\"`)".to_owned(),
            "merge its release pull request, then `cascade fetch`".to_owned(),
        );
    }
    let switch = format!("git -C {} switch {}", home.declared.path, branches.first());
    match home.seen.branch.as_deref() {
        None => return refuse("is on no branch".to_owned(), switch),
        Some(branch) if !branches.holds(branch) => {
            let why = format!("is on `{branch}`, and is tagged on {}", branches.told());
            return refuse(why, switch);
        }
        Some(_) => {}
    }
    if home.seen.dirty {
        let why = "has changes that are not committed".to_owned();
        return refuse(why, format!("commit or stash them in `{}`", home.id));
    }
    Ok(())
}

/// Refuses a repository beside whose pins a lock says something else.
fn in_step(home: Home<'_>) -> Result<(), PlanError> {
    if home.declared.lock == LockMode::Off {
        return Ok(());
    }
    let mut pins = home.survey.pins.iter().filter(|it| !it.auxiliary);
    let found = pins.find_map(|pin| {
        let lock = pin.lock.as_ref()?;
        let why = match lock.state {
            LockState::InStep | LockState::Absent => return None,
            LockState::Stale => "records another requirement",
            LockState::Contradicts => "holds a version that the requirement excludes",
        };
        Some((pin, lock, why))
    });
    let Some((pin, lock, why)) = found else {
        return Ok(());
    };
    let mend = match pin.ecosystem {
        Some(_) => relock(home.id, home.declared.lock),
        None => update(&lock.file),
    };
    Err(out_of_step(
        home,
        (&lock.file, mend),
        &format!(
            "is not in step with {}:{}: on `{}` it {why}",
            pin.manifest, pin.line, pin.upstream.name
        ),
    ))
}

/// Refuses a package whose own row in its lock says another version than the tag.
fn locked(home: Home<'_>, package: &PackageSurvey, to: &Version) -> Result<(), PlanError> {
    if package.source != VersionSource::Static || home.declared.lock == LockMode::Off {
        return Ok(());
    }
    let Some((file, from)) = own_row(home, package, to) else {
        return Ok(());
    };
    let why = format!("holds `{}` itself at {from}, not {to}", package.id.name);
    let mend = relock(home.id, home.declared.lock);
    Err(out_of_step(home, (file, mend), &why))
}

fn out_of_step(home: Home<'_>, (file, mend): (&str, String), why: &str) -> PlanError {
    PlanError::Refused {
        repo: home.id.to_string(),
        why: format!("can not be tagged: its `{file}` {why}"),
        help: Some(format!("`{mend}`, then commit it")),
    }
}

/// Returns the packages to tag: the one that was named, or all where one tag stands for all.
fn chosen<'a>(home: Home<'a>, name: Option<&str>) -> Result<Vec<&'a PackageSurvey>, PlanError> {
    let packages = &home.survey.packages;
    let names = || {
        let all: Vec<String> = packages.iter().map(|it| it.id.to_string()).collect();
        all.join("`, `")
    };
    let Some(name) = name else {
        let templates: BTreeSet<_> = packages.iter().map(|it| &it.template).collect();
        return match templates.len() {
            1 => Ok(packages.iter().collect()),
            0 => Err(nothing(
                home,
                "publishes no package, so nothing can be tagged",
                None,
            )),
            _ => {
                let help = format!("name one: `--repo` with one of `{}`", names());
                Err(nothing(
                    home,
                    "has several packages, each with tags of its own",
                    Some(help),
                ))
            }
        };
    };
    let found = packages.iter().find(|it| {
        let canonical = it.ecosystem.canonical;
        canonical(&it.id.name) == canonical(name)
    });
    let Some(found) = found else {
        return Err(PlanError::UnknownPackage {
            repo: home.id.to_string(),
            name: name.to_owned(),
            help: Some(format!("it has `{}`", names())),
        });
    };
    let together = packages.iter().filter(|it| shares_tags(it, found));
    Ok(together.collect())
}

fn nothing(home: Home<'_>, why: &str, help: Option<String>) -> PlanError {
    PlanError::Nothing {
        what: home.id.to_string(),
        why: why.to_owned(),
        help,
    }
}

/// Returns the version that a package is tagged with: what its file says, or where the tag is what
/// says it, what was typed, else what its commits ask for.
fn version_of(
    home: Home<'_>,
    package: &PackageSurvey,
    asked: Option<&str>,
) -> Result<Version, PlanError> {
    let said = package.version.as_deref();
    let text = match (package.source, said, asked) {
        (VersionSource::Static, Some(said), asked) => agreed(home, package, said, asked)?,
        (_, _, Some(asked)) => asked.to_owned(),
        (_, _, None) if package.level == Level::None && package.latest.is_some() => {
            let help = format!("name a version: `cascade tag VERSION --repo {}`", home.id);
            return Err(nothing(
                home,
                "has no commit that asks for a release",
                Some(help),
            ));
        }
        (_, _, None) => following(home, package, package.level, Voice::World, None)
            .map(|it| it.text().to_owned())
            .unwrap_or_default(),
    };
    typed(home, package, &text)?.ok_or_else(|| {
        let version = Version::parse(package.ecosystem.scheme, text.trim_start_matches('v'));
        PlanError::Tagged {
            package: package.id.to_string(),
            tag: version.map_or(text, |it| tag_of(package, &it)),
        }
    })
}

/// Returns the version of the manifest, once it is final and no other was asked for.
fn agreed(
    home: Home<'_>,
    package: &PackageSurvey,
    said: &str,
    asked: Option<&str>,
) -> Result<String, PlanError> {
    let scheme = package.ecosystem.scheme;
    let parse = |text: &str| Version::parse(scheme, text.strip_prefix('v').unwrap_or(text));
    let (version, wanted) = (parse(said), asked.map(parse));
    let differs = wanted.is_some_and(|it| it != version);
    let unfinished = asked.is_none() && version.as_ref().is_some_and(|it| !it.is_final());
    if !differs && !unfinished {
        return Ok(said.to_owned());
    }
    let next = version.map(|it| it.bumped(Level::None).text().to_owned());
    let wanted = asked.map(str::to_owned).or(next).unwrap_or_default();
    Err(PlanError::Mismatch {
        package: package.id.to_string(),
        says: said.to_owned(),
        help: Some(format!("cascade bump --repo {}={wanted}", home.id)),
        asked: wanted,
    })
}
