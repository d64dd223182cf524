//! Every pin on a package of the family, found and judged.

use std::borrow::Cow;

use cascade_manifest::deploy::Reference;
use cascade_manifest::{Form, Manifest, Pin, Version, line_of};

use super::deploys::{deploy_pins, digest_of, form, judge_reference};
use super::index::{By, Found, Index, id_of};
use super::locks::lock_beside;
use super::status::{judge, judge_site};
use super::{PinStatus, PinSurvey};
use crate::{
    ManifestFile, ObservedPackage, ObservedRepo, RepoDeclaration, RepoId, SiteDeclaration,
    SiteMatch,
};

/// What the pins of declared sites stand under.
pub(crate) const SITE: &str = "site";

/// Returns the pins of a repository on packages of the family, by manifest path and line.
pub(super) fn pins_of(
    repo: &RepoId,
    declared: &RepoDeclaration,
    seen: &ObservedRepo,
    index: &Index<'_>,
) -> Vec<PinSurvey> {
    let mut pins = Vec::new();
    for file in &seen.manifests {
        let Ok(manifest) = &file.read else { continue };
        let found = manifest.pins.iter();
        pins.extend(found.filter_map(|pin| pin_of(repo, seen, (file, manifest, pin), index)));
    }
    for site in &seen.sites {
        let Some(said) = declared.sites.get(site.site) else {
            continue;
        };
        pins.extend(site_pins(said, site, index));
    }
    let deployed = deploy_pins(declared, seen, index);
    pins = told_once(pins, deployed);
    pins.sort_by(|a, b| (&a.manifest, a.line).cmp(&(&b.manifest, b.line)));
    pins.shrink_to_fit();
    pins
}

/// Returns the pins of manifests and declared sites together with those of files that deploy. Of two on
/// the same bytes the read one stays, which knows more of them, unless the site pins something else.
fn told_once(mut pins: Vec<PinSurvey>, mut deployed: Vec<PinSurvey>) -> Vec<PinSurvey> {
    if pins.iter().any(|it| it.section == SITE) {
        pins.retain(|pin| {
            let mut same = deployed.iter().filter(|it| is_at(it, pin));
            !same.any(|it| it.upstream == pin.upstream)
        });
        deployed.retain(|it| !pins.iter().any(|pin| is_at(it, pin)));
    }
    pins.extend(deployed);
    pins
}

/// Returns whether a declared site and what was read of a file that deploys are the same bytes.
fn is_at(deployed: &PinSurvey, pin: &PinSurvey) -> bool {
    pin.section == SITE && pin.manifest == deployed.manifest && pin.span == deployed.span
}

/// Returns one pin of a manifest, judged; `None` when it is on no package of the family, or on the
/// package itself.
fn pin_of(
    repo: &RepoId,
    seen: &ObservedRepo,
    (file, manifest, pin): (&ManifestFile, &Manifest, &Pin),
    index: &Index<'_>,
) -> Option<PinSurvey> {
    let found = index.find(file.ecosystem, &pin.name, repo)?;
    let (home, upstream) = (found.repo, found.package);
    let itself = upstream.manifest == file.path && upstream.ecosystem == file.ecosystem;
    if itself && home == repo {
        return None;
    }
    let pin = &*seen_through(pin, &found);
    let canonical = file.ecosystem.canonical;
    let own = manifest.package.as_ref().map(|it| it.name.as_str());
    if own.is_some_and(|own| canonical(own) == canonical(&pin.name)) {
        return None;
    }
    let latest = index.latest(&found, |it| !manifest.rules_out(&pin.name, it));
    let published = seen
        .packages
        .iter()
        .find(|it| it.manifest == file.path && it.ecosystem == file.ecosystem);
    let (status, named) = judge(file, pin, upstream, latest.as_ref());
    Some(PinSurvey {
        manifest: file.path.clone(),
        line: pin.line,
        section: pin.section.clone(),
        kind: pin.kind,
        auxiliary: file.auxiliary,
        package: published.map(|it| it.name.clone()),
        requirement: pin.requirement.clone(),
        span: pin.span.clone(),
        form: pin.form.clone(),
        source: pin.source.clone(),
        ecosystem: Some(file.ecosystem),
        upstream: id_of(home, upstream),
        named,
        latest,
        status,
        lock: lock_beside(seen, file, manifest, pin),
        digest: None,
    })
}

/// Returns the pin as one on the package found. What only lies below its path names no version of
/// it, and neither does a later major version that it has not reached: they order, and stay.
fn seen_through<'p>(pin: &'p Pin, found: &Found<'_>) -> Cow<'p, Pin> {
    let ecosystem = found.package.ecosystem;
    let foreign = match found.by {
        By::Name => false,
        By::Stem => ecosystem.major(&pin.name) > ecosystem.major(&found.package.name),
        By::Prefix => true,
    };
    if !foreign {
        return Cow::Borrowed(pin);
    }
    Cow::Owned(Pin {
        form: Form::Unversioned,
        span: None,
        ..pin.clone()
    })
}

/// Returns the pins that a declared site matched.
fn site_pins(said: &SiteDeclaration, site: &SiteMatch, index: &Index<'_>) -> Vec<PinSurvey> {
    let (home, name) = &said.upstream;
    let Some(upstream) = index.package(home, name.as_deref()) else {
        return Vec::new();
    };
    let Ok(spans) = &site.found else {
        return Vec::new();
    };
    let reference = site.reference.as_ref();
    let varies = reference.is_some_and(Reference::varies);
    let form = match reference.map(|it| form(it, upstream)) {
        // Nobody asks for the tags of a site, so whether it has the variant is not known.
        Some(Form::Range) if varies => Form::Opaque,
        None => Form::Range,
        // Whoever declares it says that a version stands there.
        Some(Form::Unversioned) => Form::Opaque,
        Some(form) => form,
    };
    let pin = |span: &std::ops::Range<usize>| {
        let text = site.text.get(span.clone())?;
        let (status, named) = match reference {
            None => judge_site(text, upstream),
            Some(it) => judge_reference(it, upstream),
        };
        Some(PinSurvey {
            manifest: site.path.clone(),
            line: line_of(&site.text, span.start),
            section: SITE.to_owned(),
            kind: said.kind,
            auxiliary: false,
            package: None,
            requirement: text.to_owned(),
            span: Some(span.clone()),
            form: form.clone(),
            source: None,
            ecosystem: None,
            upstream: id_of(home, upstream),
            named,
            latest: latest(upstream),
            status,
            lock: None,
            digest: reference.and_then(digest_of),
        })
    };
    spans.iter().filter_map(pin).collect()
}

fn latest(upstream: &ObservedPackage) -> Option<Version> {
    upstream.latest.as_ref().map(|it| it.version.clone())
}

impl PinStatus {
    /// Returns whether the pin names an older version than the latest.
    pub(crate) fn is_old(self) -> bool {
        matches!(self, Self::Behind | Self::Excluded)
    }
}
