//! Pins in a shape that is not known: they stay, and hold their repository unless that is nobody's harm.

use cascade_manifest::deploy::{Reference, variant};
use cascade_manifest::{Refusal, Version};

use super::edits::{PROGRAM, is_program};
use super::fates::Turn;
use super::place::Place;
use super::world::Home;
use crate::{EdgePolicy, PinSurvey};

/// Why the variant of an image under a declared key stays.
const VARIANT: &str = "it names a variant, and nobody asks whether a declared site has it";

/// Settles a pin whose shape is not known.
pub(super) fn turn(home: Home<'_>, pin: &PinSurvey, to: &Version) -> Turn {
    let keep = |why: &str| Turn::Keep(why.to_owned());
    if is_left(home, pin) {
        return keep("the edge's policy leaves it alone");
    }
    if is_variant(home, pin, to) {
        return keep("a variant of the version already");
    }
    let why = if let Some(place) = home.place(pin) {
        match (place.reference.stays(), place.file()) {
            (Some(why), _) => why.to_string(),
            (None, Some(_)) => unvaried(place.reference, &pin.upstream.name),
            (None, None) => VARIANT.to_owned(),
        }
    } else if is_program(&pin.manifest) {
        PROGRAM.to_owned()
    } else {
        Refusal::UnknownShape.to_string()
    };
    Turn::Refuse(why)
}

/// Returns whether the policy of the pin's edge lets nobody but a person or another system move it.
fn is_left(home: Home<'_>, pin: &PinSurvey) -> bool {
    matches!(
        home.policy(&pin.upstream.repo),
        EdgePolicy::Keep | EdgePolicy::Manual | EdgePolicy::External
    )
}

/// Returns whether a pin names a variant of a version: `1.4.2-alpine` of 1.4.2.
fn is_variant(home: Home<'_>, pin: &PinSurvey, version: &Version) -> bool {
    let Some(Place { reference, .. }) = home.place(pin) else {
        return false;
    };
    let text = reference.tagged(&reference.version);
    let text = text.strip_prefix('v').unwrap_or(&text);
    let behind = text.strip_prefix(version.text());
    reference.held.is_none() && behind.is_some_and(|it| it.starts_with(['-', '+', '_']))
}

/// Returns why a text that may name a variant stays: of which version stands in no tag of its upstream.
fn unvaried(reference: &Reference, upstream: &str) -> String {
    let tag = reference.tagged(&reference.version);
    match variant(&tag) {
        Some((bare, _)) => format!(
            "`{bare}` is no version of {upstream} that is known here, or `{tag}` is one of its own: so it may be a variant or a pre-release"
        ),
        None => format!("`{tag}` is no version of {upstream} that is known here"),
    }
}
