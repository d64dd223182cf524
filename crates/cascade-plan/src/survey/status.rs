//! Status of a pin: the version that it names against the latest of its upstream.

use std::cmp::Ordering;

use cascade_manifest::{Form, Pin, Scheme, Version};

use super::PinStatus;
use crate::{ManifestFile, ObservedPackage, TagTemplate};

/// Returns how a pin of a manifest compares with the latest version of its upstream, and the version
/// that it names.
pub(super) fn judge(
    file: &ManifestFile,
    pin: &Pin,
    upstream: &ObservedPackage,
    latest: Option<&Version>,
) -> (PinStatus, Option<Version>) {
    let grammar = file.ecosystem.grammar;
    let requirement = pin.requirement.as_str();
    match &pin.form {
        Form::Inherited | Form::Unversioned | Form::Opaque => (PinStatus::Unbounded, None),
        Form::Range => {
            let named = grammar.named(requirement).ok().flatten();
            let placeholder = grammar.is_placeholder(requirement);
            let admits = |latest: &Version| grammar.admits(requirement, latest).unwrap_or(false);
            (compare(named.as_ref(), placeholder, latest, admits), named)
        }
        Form::GitTag => {
            let named = named_by_tag(requirement, upstream);
            (compare(named.as_ref(), false, latest, |_| false), named)
        }
        Form::GitRev { comment } => {
            let text = comment.clone().and_then(|span| file.text.get(span));
            let named = text.and_then(|it| named_by_tag(it, upstream));
            (compare(named.as_ref(), false, latest, |_| false), named)
        }
    }
}

/// Returns how the version text of a declared site compares with the latest of its upstream, and the
/// version that it names.
pub(super) fn judge_site(text: &str, upstream: &ObservedPackage) -> (PinStatus, Option<Version>) {
    let named = named_by_tag(text, upstream);
    let placeholder = named.as_ref().is_some_and(|it| it.numbers() == [0; 3]);
    let latest = upstream.latest.as_ref().map(|it| &it.version);
    let status = compare(named.as_ref(), placeholder, latest, |_| false);
    (status, named)
}

/// Returns how the version that a pin names compares with the latest one.
pub(super) fn compare(
    named: Option<&Version>,
    placeholder: bool,
    latest: Option<&Version>,
    admits: impl Fn(&Version) -> bool,
) -> PinStatus {
    let Some(named) = named else {
        return PinStatus::Unbounded;
    };
    if placeholder && latest != Some(named) {
        return PinStatus::Placeholder;
    }
    let Some(latest) = latest else {
        return PinStatus::Untagged;
    };
    match named.cmp(latest) {
        Ordering::Equal => PinStatus::InStep,
        // Above and admitted is a peer that is open to what is still to come: `^5 || ^6`.
        Ordering::Less | Ordering::Greater if admits(latest) => PinStatus::Behind,
        Ordering::Greater => PinStatus::Ahead,
        Ordering::Less => PinStatus::Excluded,
    }
}

fn named_by_tag(text: &str, upstream: &ObservedPackage) -> Option<Version> {
    version_of_tag(text, &upstream.template, upstream.ecosystem.scheme)
}

/// Returns the version in a tag of this template, or in a bare version with or without a `v`.
pub(crate) fn version_of_tag(
    text: &str,
    template: &TagTemplate,
    scheme: Scheme,
) -> Option<Version> {
    let bare = text.strip_prefix('v').unwrap_or(text);
    let by_template = template
        .version(text)
        .and_then(|it| Version::parse(scheme, it));
    by_template.or_else(|| Version::parse(scheme, bare))
}
