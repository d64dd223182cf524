//! Waits for the tag that another system makes.

use cascade_manifest::{Version, ecosystem};
use cascade_plan::{Fate, Oid, Step, TagTemplate};

use super::of_mirror;
use super::poll::poll;
use crate::drive::Teller;
use crate::mirror::Mirror;
use crate::remote::Refs;

/// Waits until the remote has a tag of this template that contains the commit; returns its name,
/// the lowest version where there are several.
///
/// # Errors
/// With the fate of the step: waiting, when the patience is over.
pub(crate) fn await_tag(
    mirror: &Mirror,
    step: &Step,
    template: &TagTemplate,
    commit: &Oid,
    teller: &Teller<'_>,
) -> Result<String, Fate> {
    let foreseen = foreseen(step, template);
    teller.progress(format!("waiting for {foreseen}"));
    let find = |refs: &Refs| {
        first_with(mirror, refs, (step, template), commit).map_err(|it| of_mirror(step, it))
    };
    let found = teller.resting(|| poll(mirror, &["refs/tags/*".to_owned()], find))?;
    found.ok_or_else(|| Fate::Waiting {
        what: format!("{foreseen}, which the release pull request makes when it is merged"),
        help: Some("cascade resume".to_owned()),
    })
}

/// Returns the tag of this template that the plan foresaw, in words where it foresaw none.
pub(crate) fn foreseen(step: &Step, template: &TagTemplate) -> String {
    let tags = step.releases.iter().map(|it| it.tag.as_str());
    let mine = tags.into_iter().find(|it| template.version(it).is_some());
    mine.map_or_else(
        || format!("the tag of release-please, like `{}`", template.text()),
        str::to_owned,
    )
}

fn first_with(
    mirror: &Mirror,
    refs: &Refs,
    (step, template): (&Step, &TagTemplate),
    commit: &Oid,
) -> Result<Option<String>, crate::mirror::MirrorError> {
    let mut tags: Vec<(&str, &Oid)> = refs
        .tags()
        .filter(|it| template.version(it).is_some())
        .filter_map(|it| Some((it, refs.tag(it)?)))
        .collect();
    let store = mirror.store_with(tags.iter().map(|(_, id)| *id))?;
    tags.retain(|(_, id)| store.contains(id, commit));
    let scheme = step
        .releases
        .iter()
        .find_map(|it| ecosystem(&it.package.ecosystem))
        .map(|it| it.scheme);
    let version = |tag: &str| Version::parse(scheme?, template.version(tag)?);
    tags.sort_by_key(|(tag, _)| (version(tag), (*tag).to_owned()));
    Ok(tags.first().map(|(tag, _)| (*tag).to_owned()))
}
