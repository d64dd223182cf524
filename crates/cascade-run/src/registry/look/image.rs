//! What a registry of images shows: the tags of a version, and those that move.

use cascade_plan::{
    Awaited, DigestSight, Digests, ImageName, Outlet, Sight, TagsShown, image_tags, is_tag,
    judge_image,
};

use super::super::http::Missed;
use super::super::{Reach, Registries};

/// Returns what the registry of an image shows of a version.
pub(super) fn look(reach: &Reach<'_>, awaited: &Awaited) -> Result<Sight, Missed> {
    let moving: &[String] = match &awaited.outlet {
        Outlet::Image { moving } => moving,
        _ => &[],
    };
    named(reach.shared, &awaited.name, awaited, moving)
}

/// Returns what the registry shows of a version of the image of this name.
pub(super) fn named(
    registries: &Registries,
    name: &str,
    awaited: &Awaited,
    moving: &[String],
) -> Result<Sight, Missed> {
    let image = ImageName::parse(name).map_err(|_| {
        let name = name.escape_debug();
        Missed::Nowhere(format!("`{name}` is no image with a host"))
    })?;
    let shown = shown(registries, &image, &awaited.version, moving)?;
    let sight = judge_image(&shown, &awaited.version, moving, &awaited.expected);
    Ok(sight)
}

/// Returns whether a registry has a digest under one of these tags, or for a platform of one.
pub(crate) fn stands(
    registries: &Registries,
    name: &str,
    (tags, digest): (&[String], &str),
) -> DigestSight {
    let safe = |why: &str| crate::exec::shown(why, registries.git.environment());
    let sight = |it| match it {
        Missed::Absent => DigestSight::Unknown {
            why: "there is no such tag".to_owned(),
        },
        Missed::Denied => DigestSight::Unknown {
            why: "it asks for a login that is not known".to_owned(),
        },
        Missed::Nowhere(why) => DigestSight::Unknown { why: safe(&why) },
        Missed::Unreached { why, .. } => DigestSight::Unreached { why: safe(&why) },
    };
    let Ok(image) = ImageName::parse(name) else {
        return sight(Missed::Absent);
    };
    let mut first = None;
    for tag in tags.iter().filter(|it| is_tag(it)) {
        let now = match registries.digest(&image, tag) {
            Ok(now) => now.to_string(),
            Err(Missed::Absent) => continue,
            Err(other) => return sight(other),
        };
        if now == digest {
            return DigestSight::Same;
        }
        match registries.platforms(&image, tag) {
            Ok(listed) if listed.iter().any(|it| it == digest) => return DigestSight::Same,
            Ok(_) => {}
            Err(missed) => return sight(missed),
        }
        first.get_or_insert_with(|| DigestSight::Other {
            tag: tag.clone(),
            digest: now,
        });
    }
    first.unwrap_or_else(|| sight(Missed::Absent))
}

/// Returns the digests of a version's tags and of those that move; and every tag, where it needs
/// them to be judged.
pub(super) fn shown(
    registries: &Registries,
    image: &ImageName,
    version: &str,
    moving: &[String],
) -> Result<TagsShown, Missed> {
    let mut digests = Digests::new();
    let own = image_tags(version);
    for tag in own.iter().chain(moving).filter(|it| is_tag(it)) {
        match registries.digest(image, tag) {
            Ok(digest) => {
                digests.insert(tag.clone(), digest.to_string());
            }
            Err(Missed::Absent) => {}
            Err(other) => return Err(other),
        }
        // Nothing follows what is not there.
        if Some(tag) == own.last() && !own.iter().any(|it| digests.contains_key(it)) {
            break;
        }
    }
    let found = own.iter().find_map(|it| digests.get(it));
    let settled = found.is_some() && moving.iter().all(|it| digests.get(it) == found);
    let all = if settled {
        None
    } else {
        match registries.tags(image) {
            Ok(all) => all,
            Err(Missed::Absent) => None,
            // The list may be closed where the tags are not: it only says more.
            Err(Missed::Denied) if found.is_some() => None,
            Err(other) => return Err(other),
        }
    };
    Ok(TagsShown { digests, all })
}
