//! Pins of files that deploy: images, charts, actions, modules and submodules of the family.

use std::collections::{BTreeMap, BTreeSet};

use cascade_manifest::deploy::{
    Hold, Reference, Says, Unmoved, range_admits, range_named, respelled, variant,
};
use cascade_manifest::helm::Seal;
use cascade_manifest::{Form, Kind, Version};

use super::index::{Index, id_of};
use super::status::compare;
use super::{LockState, LockSurvey, PinStatus, PinSurvey, PinnedDigest};
use crate::snapshot::{folder_of, has_auxiliary_folder};
use crate::survey::version_of_tag;
use crate::{DeployFile, ImageDigest, ObservedPackage, ObservedRepo, Oid, RepoDeclaration, RepoId};

/// Returns the pins on the family in the files of a repository that deploy.
pub(super) fn deploy_pins(
    declared: &RepoDeclaration,
    seen: &ObservedRepo,
    index: &Index<'_>,
) -> Vec<PinSurvey> {
    let mut pins = Vec::new();
    for file in &seen.deploys {
        let references = file.read.iter().flatten();
        let on = |it| (it, upstream(declared, seen, (file, it), index));
        let named: Vec<_> = references.map(on).collect();
        let together = together(&named, index);
        let mut told = BTreeSet::new();
        for (it, upstream) in named {
            let start = it.span.as_ref().map(|it| it.start);
            let start = start.filter(|it| together.contains(it));
            // What several take from one text is one pin.
            if start.is_some_and(|it| !told.insert(it)) {
                continue;
            }
            let one = start.map(|_| it.together());
            let it = one.as_ref().unwrap_or(it);
            pins.extend(upstream.map(|upstream| pin(seen, (file, it), upstream, index)));
        }
    }
    pins
}

/// A package, and the repository that it is of.
type Upstream<'a> = (&'a RepoId, &'a ObservedPackage);

/// Returns where the texts begin on which several references stand that move together: all of them are of
/// one package of the family, and each of them can move.
fn together(named: &[(&Reference, Option<Upstream<'_>>)], index: &Index<'_>) -> BTreeSet<usize> {
    let mut on: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for (it, upstream) in named {
        if let Some(span) = &it.span {
            let upstream = upstream.and_then(|(owner, upstream)| {
                let can_move = form_of(&it.together(), (owner, upstream), index) == Form::Range;
                can_move.then(|| (it.kind, id_of(owner, upstream)))
            });
            on.entry(span.start).or_default().push(upstream);
        }
    }
    let is_one = |all: &[Option<_>]| {
        let first = all.first().filter(|it| it.is_some());
        all.len() > 1 && first.is_some_and(|first| all.iter().all(|it| it == first))
    };
    on.retain(|_, all| is_one(all));
    on.into_keys().collect()
}

/// Returns how a reference on a package is written, as far as that says whether it can move: a variant only
/// where it is one of a known version.
fn form_of(it: &Reference, (owner, upstream): Upstream<'_>, index: &Index<'_>) -> Form {
    match form(it, upstream) {
        Form::Range if it.varies() && varied(it, (owner, upstream), index).is_none() => {
            Form::Opaque
        }
        form => form,
    }
}

/// Returns the version whose variant a reference names.
fn varied(it: &Reference, (owner, upstream): Upstream<'_>, index: &Index<'_>) -> Option<Version> {
    let tag = it.tagged(&it.version);
    let (bare, _) = variant(&tag)?;
    index.varied(owner, upstream, (&tag, bare))
}

/// Returns the package that delivers what a reference names.
fn upstream<'a>(
    declared: &'a RepoDeclaration,
    seen: &ObservedRepo,
    (file, it): (&DeployFile, &Reference),
    index: &Index<'a>,
) -> Option<Upstream<'a>> {
    let home = declared.remote.as_deref();
    let upstream_of = |it: &Reference| {
        let owner = declared.family.owner(it, home)?;
        Some((owner, index.delivering(owner, it)?))
    };
    if it.section == "appVersion" && it.name.is_empty() {
        return only_image(seen, file, &upstream_of);
    }
    upstream_of(it)
}

/// Returns what delivers the image of a chart: of the packages whose images the values beside it name,
/// the only one.
fn only_image<'a>(
    seen: &ObservedRepo,
    chart: &DeployFile,
    upstream_of: &dyn Fn(&Reference) -> Option<Upstream<'a>>,
) -> Option<Upstream<'a>> {
    let folder = folder_of(&chart.path);
    let beside =
        |it: &&DeployFile| it.format.name == "values.yaml" && folder_of(&it.path) == folder;
    let values = seen.deploys.iter().filter(beside);
    let references = values.flat_map(|it| it.read.iter().flatten());
    let images = references.filter(|it| it.kind == Kind::Image);
    let mut found = images.filter_map(upstream_of);
    let first = found.next()?;
    let is_first = |it: Upstream<'_>| it.0 == first.0 && std::ptr::eq(it.1, first.1);
    found.all(is_first).then_some(first)
}

fn pin(
    seen: &ObservedRepo,
    (file, it): (&DeployFile, &Reference),
    (owner, upstream): Upstream<'_>,
    index: &Index<'_>,
) -> PinSurvey {
    let commit = commit_of(file, it);
    let latest = upstream.latest.as_ref().map(|it| it.version.clone());
    let tagged = commit.as_ref();
    let tagged = tagged.and_then(|it| index.version_at(owner, upstream, it));
    let varied = varied(it, (owner, upstream), index);
    let told = match &commit {
        // The commit counts, whatever the comment behind it says.
        Some(_) if it.version.is_empty() || tagged.is_some() => tagged,
        _ if varied.is_some() => varied,
        _ if it.says == Says::Range => range_named(&it.version, upstream.ecosystem.scheme),
        _ => named(&it.version, upstream, latest.as_ref()),
    };
    let is_range = it.says == Says::Range;
    let admits = |latest: &Version| is_range && range_admits(&it.version, latest);
    let status = compare(told.as_ref(), false, latest.as_ref(), admits);
    let text = match (&commit, it.version.as_str()) {
        (Some(commit), "") => commit.as_str().to_owned(),
        (None, "") => it
            .held
            .as_ref()
            .map(|it| it.text.clone())
            .unwrap_or_default(),
        (_, text) => text.to_owned(),
    };
    PinSurvey {
        manifest: file.path.clone(),
        line: it.line,
        section: it.section.clone(),
        kind: it.kind,
        auxiliary: is_auxiliary(seen, &file.path),
        package: None,
        requirement: text,
        span: it.place().cloned(),
        form: form_of(it, (owner, upstream), index),
        source: None,
        ecosystem: None,
        upstream: id_of(owner, upstream),
        named: told,
        latest,
        status,
        lock: lock_beside(file, it),
        digest: digest_of(it),
    }
}

/// Returns the digest that holds a reference on an image, as registries write it; `None` where it is
/// none, or the image is not told.
pub(super) fn digest_of(it: &Reference) -> Option<PinnedDigest> {
    let held = it.held.as_ref().filter(|it| it.by == Hold::Digest)?;
    let is_told = it.kind == Kind::Image && !it.name.is_empty();
    let bare = held.text.to_ascii_lowercase();
    let bare = bare.strip_prefix("sha256:").unwrap_or(&bare);
    let digest = ImageDigest::parse(&format!("sha256:{bare}")).filter(|_| is_told)?;
    Some(PinnedDigest {
        image: it.name.clone(),
        tag: it.version.clone(),
        digest: digest.to_string(),
    })
}

/// Returns what the lock beside a chart holds for a dependency; `None` where none is, or it can not be
/// read.
fn lock_beside(file: &DeployFile, it: &Reference) -> Option<LockSurvey> {
    let lock = file.chart.lock.as_ref()?;
    let read = lock.read.as_ref().ok()?;
    let row = read.row(it.span.as_ref()?.start)?;
    let state = match (&row.version, read.seal) {
        (Some(_), _) if !row.admitted => LockState::Contradicts,
        (None, _) | (_, Seal::Wrong) => LockState::Stale,
        (Some(_), Seal::Right | Seal::OfHelm2) => LockState::InStep,
    };
    Some(LockSurvey {
        file: lock.path.clone(),
        line: row.line,
        version: row.version.clone(),
        state,
    })
}

/// Returns how what stands under a declared key compares with the latest version of its upstream, and
/// the version that it names.
pub(super) fn judge_reference(
    it: &Reference,
    upstream: &ObservedPackage,
) -> (PinStatus, Option<Version>) {
    let latest = upstream.latest.as_ref().map(|it| &it.version);
    let named = match it.says {
        Says::Range => range_named(&it.version, upstream.ecosystem.scheme),
        _ => named(&it.version, upstream, latest),
    };
    let admits = |latest: &Version| it.says == Says::Range && range_admits(&it.version, latest);
    let status = compare(named.as_ref(), false, latest, admits);
    (status, named)
}

/// Returns the commit that holds a reference: as written, or that of the submodule.
fn commit_of(file: &DeployFile, it: &Reference) -> Option<Oid> {
    if it.kind == Kind::Submodule {
        return file.submodules.get(it.folder.as_deref()?).cloned();
    }
    let held = it.held.as_ref().filter(|it| it.by == Hold::Commit)?;
    Oid::parse(&held.text)
}

/// Returns how a reference is written, as far as that says whether it can move.
pub(super) fn form(it: &Reference, upstream: &ObservedPackage) -> Form {
    match it.stays() {
        None => Form::Range,
        Some(_) if it.kind == Kind::Submodule => Form::Range,
        Some(Unmoved::Range) if it.unranged().is_none() => Form::Range,
        Some(_) if is_tagged(it, upstream) => Form::Range,
        Some(Unmoved::Unversioned) => Form::Unversioned,
        Some(_) => Form::Opaque,
    }
}

/// Returns whether a reference names a tag that is spelled as those of its upstream are.
fn is_tagged(it: &Reference, upstream: &ObservedPackage) -> bool {
    it.untagged().is_none() && upstream.version_of(tag_in(&it.version)).is_some()
}

/// Returns the tag that a text names, without the words of git before it.
pub(crate) fn tag_in(text: &str) -> &str {
    text.strip_prefix(TAGS).unwrap_or(text)
}

/// Where git keeps tags.
const TAGS: &str = "refs/tags/";

/// Returns the version that a text names. The first numbers of one (`v4`) name the latest version
/// where they are its own, else that with zeros behind them.
fn named(text: &str, upstream: &ObservedPackage, latest: Option<&Version>) -> Option<Version> {
    let scheme = upstream.ecosystem.scheme;
    if let Some(it) = version_of_tag(text, &upstream.template, scheme) {
        return Some(it);
    }
    if let Some(it) = upstream.version_of(tag_in(text)) {
        return Some(it);
    }
    if cascade_manifest::deploy::says(text) != Says::Version {
        return None;
    }
    if let Some(latest) = latest.filter(|it| respelled(text, it).as_deref() == Some(text)) {
        return Some(latest.clone());
    }
    let bare = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let zeros = ["", ".0", ".0.0"];
    let missing = 2_usize.checked_sub(bare.matches('.').count())?;
    Version::parse(scheme, &format!("{bare}{}", zeros.get(missing)?))
}

/// Returns whether a file is one of a package's tests, examples or docs. What only deploys has such
/// folders too (`overlays/test`), and means them.
fn is_auxiliary(seen: &ObservedRepo, path: &str) -> bool {
    let is_source = seen.packages.iter().any(|it| !it.manifest.is_empty());
    is_source && has_auxiliary_folder(path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cascade_manifest::deploy::format_at;

    use super::*;
    use crate::BesideChart;

    #[test]
    fn a_digest_without_its_algorithm_is_no_commit() {
        let text = format!(
            "image: {{repository: a/b, tag: 1.2.0, sha: {}}}\n",
            "a".repeat(64)
        );
        let format = format_at("values.yaml", &|_| false).unwrap();
        let file = DeployFile {
            path: "values.yaml".to_owned(),
            read: format.read(&text),
            text: text.into(),
            format,
            submodules: BTreeMap::new(),
            chart: BesideChart::default(),
        };
        let read = file.read.as_ref().unwrap();
        assert_eq!(commit_of(&file, &read[0]), None);
    }
}
