//! Which version a package gets, and how its tag is spelled.

use cascade_manifest::{Level, Scheme, Version};

use super::error::PlanError;
use super::world::Home;
use crate::commits::typed_version;
use crate::{PackageSurvey, TagFormat, VersionSource, next_version};

/// Who says how far a package moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// A person, by a level.
    Person,
    /// Its commits, or an upstream that moved.
    World,
}

/// Returns the static version that stands above the latest tag.
pub(super) fn pending(package: &PackageSurvey) -> Option<Version> {
    let text = package.version.as_deref().filter(|_| package.pending)?;
    Version::parse(package.ecosystem.scheme, text)
}

/// Returns the version that follows for a package. A pending one is it, unless a person asks for
/// more; of a pending `3.2.0.dev` only the numbers count.
pub(super) fn following(
    home: Home<'_>,
    package: &PackageSurvey,
    level: Level,
    voice: Voice,
    pre: Option<&str>,
) -> Option<Version> {
    let pending = pending(package);
    let planned = pending.as_ref().map(|it| it.bumped(Level::None));
    let base = home.base(package).map(|it| &it.version);
    let wanted = base.map(|from| match voice {
        Voice::Person => typed_version(from, level),
        Voice::World => next_version(package.ecosystem, from, level),
    });
    let to = match (planned, wanted) {
        (Some(planned), Some(wanted)) if voice == Voice::Person => planned.max(wanted),
        (Some(planned), _) => planned,
        (None, Some(wanted)) => wanted,
        (None, None) => first(package, level, voice)?,
    };
    let to = to.clone().max(announced(package, &to).unwrap_or(to));
    match pre {
        Some(label) => numbered(home, package, &to, label),
        // Equal to what the file says already: its own spelling stays.
        None => Some(pending.filter(|it| *it == to).unwrap_or(to)),
    }
}

/// Returns the final version that a pre-release of the branch announces, where that is on the way: a
/// new tag stands above every tag that its commit contains. Another major version than what is asked
/// for is for a person to say.
fn announced(package: &PackageSurvey, to: &Version) -> Option<Version> {
    let version = package.announced.as_ref()?.version.bumped(Level::None);
    let [major, ..] = version.numbers();
    let [same, ..] = to.numbers();
    (major == same).then_some(version)
}

/// Returns the first version of a package that was never tagged and says none.
fn first(package: &PackageSurvey, level: Level, voice: Voice) -> Option<Version> {
    let ecosystem = package.ecosystem;
    let text = match (voice, level, ecosystem.major(&package.id.name)) {
        (_, _, Some(major)) => format!("{major}.0.0"),
        (Voice::Person, Level::Patch, None) => "0.0.1".to_owned(),
        _ => "0.1.0".to_owned(),
    };
    Version::parse(ecosystem.scheme, &text)
}

/// Returns the pre-release of `to` with the next free number; one that is pending stays.
fn numbered(home: Home<'_>, package: &PackageSurvey, to: &Version, label: &str) -> Option<Version> {
    let scheme = package.ecosystem.scheme;
    let own = pending(package).filter(|it| parts(it.text()).is_some());
    if let Some(own) = own {
        let same = parts(own.text())
            .is_some_and(|(of, said, _)| of == to.numbers() && said == plain_label(label));
        if same
            && !home
                .seen
                .tags
                .iter()
                .any(|it| it.name == tag_of(package, &own))
        {
            return Some(own);
        }
    }
    let taken = home.seen.tags.iter().filter_map(|tag| {
        let (of, said, number) = parts(package.template.version(&tag.name)?)?;
        (of == to.numbers() && said == plain_label(label)).then_some(number)
    });
    let number = taken.max().unwrap_or(0) + 1;
    Version::parse(scheme, &spell(scheme, to, label, number))
}

/// Returns the numbers, the label and the number of a pre-release, however it is spelled.
fn parts(text: &str) -> Option<([u64; 3], String, u64)> {
    let (of, rest) = if let Some(halves) = text.split_once('-') {
        halves
    } else {
        let at = text.find(|c: char| c.is_ascii_alphabetic())?;
        (text.get(..at)?, text.get(at..)?)
    };
    let of = of.trim_end_matches('.');
    let numbers = Version::parse(Scheme::Pep440, of)?.numbers();
    let at = rest.find(|c: char| c.is_ascii_digit())?;
    let label = rest.get(..at)?.trim_matches('.');
    let number = rest.get(at..)?.parse().ok()?;
    Some((numbers, plain_label(label), number))
}

fn plain_label(label: &str) -> String {
    match label {
        "a" => "alpha".to_owned(),
        "b" => "beta".to_owned(),
        "c" => "rc".to_owned(),
        label => label.to_ascii_lowercase(),
    }
}

/// Returns the text of a pre-release in the ecosystem's own spelling.
fn spell(scheme: Scheme, of: &Version, label: &str, number: u64) -> String {
    let [major, minor, patch] = of.numbers();
    let label = plain_label(label);
    match scheme {
        Scheme::Semver => format!("{major}.{minor}.{patch}-{label}.{number}"),
        Scheme::Pep440 => {
            let label = match label.as_str() {
                "alpha" => "a",
                "beta" => "b",
                "dev" => ".dev",
                other => other,
            };
            format!("{major}.{minor}.{patch}{label}{number}")
        }
    }
}

/// Returns the same version in another ecosystem's spelling.
pub(super) fn respelled(version: &Version, scheme: Scheme) -> Version {
    if version.scheme() == scheme {
        return version.clone();
    }
    let text = if let Some((_, label, number)) = parts(version.text()) {
        spell(scheme, version, &label, number)
    } else {
        let [major, minor, patch] = version.numbers();
        format!("{major}.{minor}.{patch}")
    };
    Version::parse(scheme, &text).unwrap_or_else(|| version.clone())
}

/// Returns the tag of a version of a package.
pub(super) fn tag_of(package: &PackageSurvey, version: &Version) -> String {
    let spelled = match parts(version.text()).filter(|_| !version.is_final()) {
        Some((_, label, number)) => {
            let scheme = match package.tag_format {
                TagFormat::Semver => Scheme::Semver,
                TagFormat::Pep440 => Scheme::Pep440,
            };
            spell(scheme, version, &label, number)
        }
        None => version.text().to_owned(),
    };
    package.template.tag(&spelled)
}

/// Returns how far apart two versions are, by the first number that differs.
pub(super) fn distance(from: Option<&Version>, to: &Version) -> Level {
    let Some(from) = from else {
        return Level::Minor;
    };
    let (from, to) = (from.numbers(), to.numbers());
    let differs = from.iter().zip(&to).position(|(a, b)| a != b);
    match differs {
        Some(0) => Level::Major,
        Some(1) => Level::Minor,
        Some(_) => Level::Patch,
        None => Level::None,
    }
}

/// Returns the version that a person typed for a package, once it is one that may be released;
/// `None` when it is out already at the very commit at hand.
pub(super) fn typed(
    home: Home<'_>,
    package: &PackageSurvey,
    text: &str,
) -> Result<Option<Version>, PlanError> {
    let name = package.id.to_string();
    let version = well_formed(package, text)?;
    let tag = tag_of(package, &version);
    let same = |it: &&crate::TagHit| it.version == version;
    let hits = package.highest().into_iter().chain(&package.latest);
    let hit = hits.chain(&package.reachable).find(same);
    let named = home.seen.tags.iter().find(|it| it.name == tag);
    let at = hit.map(|it| &it.commit).or(named.map(|it| &it.commit));
    if let Some(at) = at {
        if home.seen.head.as_ref() == Some(at) {
            return Ok(None);
        }
        let tag = hit.map_or(tag, |it| it.tag.clone());
        return Err(PlanError::Tagged { package: name, tag });
    }
    let below = |hit: &crate::TagHit, help: &str| PlanError::Below {
        package: name.clone(),
        version: version.text().to_owned(),
        above: hit.tag.clone(),
        help: Some(help.to_owned()),
    };
    match (
        package.announced.as_ref().or(package.reachable.as_ref()),
        package.highest(),
    ) {
        (Some(hit), _) if version < hit.version => Err(below(
            hit,
            "take a version above every tag that the branch contains",
        )),
        (_, Some(hit)) if version < hit.version && !home.is_maintenance() => Err(below(
            hit,
            "below the latest version only a branch declared for it is released: `branch = [\"main\", \"hotfix/*\"]`",
        )),
        _ => Ok(Some(version)),
    }
}

/// Returns the version that the text spells in the package's ecosystem.
fn well_formed(package: &PackageSurvey, text: &str) -> Result<Version, PlanError> {
    let refuse = |help: &str| PlanError::NotAVersion {
        package: package.id.to_string(),
        text: text.to_owned(),
        help: Some(help.to_owned()),
    };
    let bare = text.strip_prefix('v').unwrap_or(text);
    let scheme = package.ecosystem.scheme;
    let numeric = bare
        .split_once('-')
        .is_some_and(|(_, pre)| !pre.is_empty() && pre.bytes().all(|b| b.is_ascii_digit()));
    if scheme == Scheme::Pep440 && numeric {
        return Err(refuse(
            "Python reads a pre-release that is a number only as a post-release: write `rc1`",
        ));
    }
    let version = Version::parse(scheme, bare).ok_or_else(|| {
        refuse(match scheme {
            Scheme::Pep440 => "write it as PEP 440 does: `1.2.3`, `1.2.3rc1`",
            Scheme::Semver => "write three numbers: `1.2.3`, `1.2.3-rc.1`",
        })
    })?;
    match untaken(package, &version) {
        Some(why) => Err(refuse(&why)),
        None => Ok(version),
    }
}

/// Returns why the name of a package does not let it have a version, where it does not.
pub(super) fn untaken(package: &PackageSurvey, version: &Version) -> Option<String> {
    let name = &package.id.name;
    if package.ecosystem.takes(name, version) {
        return None;
    }
    let stem = package
        .ecosystem
        .paths
        .map_or(name.as_str(), |it| (it.stem)(name));
    let [major, ..] = version.numbers();
    let other = if major < 2 {
        stem.to_owned()
    } else {
        format!("{stem}/v{major}")
    };
    Some(format!(
        "its path is that of another major version: {version} belongs to a module `{other}`"
    ))
}

/// Returns whether a file says the version, and cascade sets it.
pub(super) fn is_edited(home: Home<'_>, package: &PackageSurvey) -> bool {
    package.source == VersionSource::Static && !home.is_release_please()
}
