//! What is asked of registries before a pin of a file that deploys is written.

use cascade_manifest::Kind;

use super::place::{By, Place};
use super::world::{Home, Travelling, World};
use crate::{PackageId, PinSurvey, Wanted, image_tags};

/// Returns whether what a pin comes to name has to be there before it is written. What is the
/// repository's own comes out with this very commit: asked for before, it would never be there.
pub(super) fn is_awaited((world, home): (&World<'_>, Home<'_>), pin: &PinSurvey) -> bool {
    let from = world.graph.repo(&pin.upstream.repo);
    let is_out = from.is_none_or(|it| !it.unawaited);
    world.is_release() && is_out && pin.upstream.repo != *home.id
}

/// Returns what is asked for in the place of a pin that comes to say `to`: every image whose tag it is in.
pub(super) fn wanted(
    world: &World<'_>,
    (pin, it): (&PinSurvey, &Travelling),
    place: Place<'_>,
    to: &str,
) -> Vec<Wanted> {
    let of = |reference| {
        let image = image_of(world, pin, Place { reference, ..place })?;
        // Helm pushes a chart as its version, with a `v` before it or without. The first numbers of one
        // are a tag of their own, which is asked for as it is spelled.
        let is_whole = reference.kind == Kind::Chart && to.contains(it.to.text());
        let tag = if is_whole || to.is_empty() {
            String::new()
        } else {
            reference.tagged(to)
        };
        Some(digest(image, &tag, it))
    };
    let mut all: Vec<_> = place.together().filter_map(of).collect();
    all.dedup();
    all
}

/// Returns why nobody can be asked for the digest of a reference, and what makes that known.
pub(super) fn unasked(place: Place<'_>) -> String {
    let why = "nothing says where its digest is asked for";
    match place.by {
        By::Key(declared, _) if place.reference.kind == Kind::Image => format!(
            "{why}: `{}` does not declare one image, so write the whole image under the key \
             (`HOST/NAME:1.4.2@sha256:...`)",
            declared.upstream.0
        ),
        _ => why.to_owned(),
    }
}

/// Returns the image that is asked for in the place of a reference, as its registry knows it; `None`
/// where that is none of images: only registries that the workspace declares are asked. A key says no name: there it is the
/// only one that the upstream declares, or that is the package's.
pub(super) fn image_of(world: &World<'_>, pin: &PinSurvey, place: Place<'_>) -> Option<String> {
    let Place { reference, by, .. } = place;
    match (reference.kind, by) {
        (Kind::Image, By::Key(..)) if reference.name.is_empty() => {
            let PackageId {
                repo,
                ecosystem,
                name,
            } = &pin.upstream;
            let images = world.graph.repo(repo)?.images.as_slice();
            let mut own = images
                .iter()
                .filter(|it| world.delivers(repo, &it.name, (ecosystem, name)));
            match (images, own.next(), own.next()) {
                ([only], ..) | (_, Some(only), None) => Some(only.name.clone()),
                _ => None,
            }
        }
        (Kind::Image, ..) => Some(reference.name.clone()).filter(|it| !it.is_empty()),
        (Kind::Chart, ..) => world.graph.repo(&pin.upstream.repo)?.chart_of(reference),
        _ => None,
    }
}

/// Returns what the registry of an image is asked for: the digest of a tag, or of the version where
/// none is named.
pub(super) fn digest(image: String, to: &str, it: &Travelling) -> Wanted {
    let tags = match to {
        "" => image_tags(it.to.text()).to_vec(),
        to => vec![to.to_owned()],
    };
    Wanted::Digest { image, tags }
}
