//! Waits for the tag that another system makes.

use std::thread;
use std::time::{Duration, Instant};

use cascade_manifest::{Version, ecosystem};
use cascade_plan::{Fate, Oid, Step, TagTemplate};

use super::{of_git, of_mirror};
use crate::drive::Teller;
use crate::git::GitError;
use crate::mirror::Mirror;
use crate::remote::Refs;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

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
    let until = Instant::now() + mirror.git().environment().patience.tag;
    let mut pause = FIRST_PAUSE;
    loop {
        match mirror.look(&["refs/tags/*".to_owned()]) {
            Ok(refs) => {
                let found = first_with(mirror, &refs, (step, template), commit);
                if let Some(tag) = found.map_err(|it| of_mirror(step, it))? {
                    return Ok(tag);
                }
            }
            Err(error @ GitError::Interrupted) => return Err(of_git(error, None)),
            // No answer is not "not there": it is asked again.
            Err(_) => {}
        }
        if mirror.git().interrupted() {
            return Err(Fate::Interrupted);
        }
        if Instant::now() >= until {
            return Err(Fate::Waiting {
                what: format!("{foreseen}, which the release pull request makes when it is merged"),
                help: Some(format!("cascade release --repo {}", step.repo)),
            });
        }
        rest(
            mirror,
            pause.min(until.saturating_duration_since(Instant::now())),
        );
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
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
    let store = mirror.store()?;
    if !tags.iter().all(|(_, id)| store.has(id)) {
        mirror.refresh()?;
    }
    let store = mirror.store()?;
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

/// Sleeps, and wakes early where a person interrupts.
fn rest(mirror: &Mirror, pause: Duration) {
    let until = Instant::now() + pause;
    while !mirror.git().interrupted() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(Duration::from_millis(50)));
    }
}
