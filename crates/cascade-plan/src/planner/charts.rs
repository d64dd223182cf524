//! Charts that stand on charts of the family: their locks, which move with them.

use std::collections::BTreeMap;

use cascade_manifest::deploy::Reference;
use cascade_manifest::helm::{LockedChart, Seal};
use cascade_manifest::{Scheme, Version};

use super::edits::Unwritten;
use super::moves::Moves;
use super::place::Place;
use super::world::Home;
use crate::snapshot::folder_of;
use crate::{Action, ChartLockFile, DeployFile, LockMode};

/// Returns why a dependency can not move though its text could: what lies beside its chart would say
/// something else then. `None` where nothing does, or it is not cascade's.
pub(super) fn unmoved(
    home: Home<'_>,
    (file, reference): (&DeployFile, &Reference),
) -> Option<String> {
    if home.declared.lock == LockMode::Off {
        return None;
    }
    if let Some(copy) = file.chart.copies.get(&reference.name) {
        return Some(format!(
            "git tracks a copy of it, `{copy}`, which cascade does not make: write the version, then `{}`",
            update(&file.path)
        ));
    }
    let lock = file.chart.lock.as_ref()?;
    let path = &lock.path;
    let update = update(path);
    let read = match &lock.read {
        Ok(read) => read,
        Err(why) => return Some(format!("`{path}` can not be read: {why}")),
    };
    match read.seal {
        _ if home.declared.lock == LockMode::Tool => Some(format!(
            "`{path}` would have to move, which `lock = \"tool\"` leaves to `{update}`"
        )),
        Seal::OfHelm2 => Some(format!("`{path}` is one of Helm 2: first `{update}`")),
        Seal::Wrong => Some(format!(
            "`{path}` does not agree with it as it is: first `{update}`"
        )),
        Seal::Right => {
            let row = reference.span.as_ref().and_then(|it| read.row(it.start));
            let is_locked = row.is_some_and(|it| it.version.is_some());
            (!is_locked).then(|| format!("`{path}` does not hold it: first `{update}`"))
        }
    }
}

/// Returns whether the lock beside a chart holds an older version than one that is admitted, and can move.
pub(super) fn is_older(
    home: Home<'_>,
    (file, reference): (&DeployFile, &Reference),
    to: &Version,
) -> bool {
    let row = || {
        let lock = file.chart.lock.as_ref()?.read.as_ref().ok()?;
        lock.row(reference.span.as_ref()?.start)?.version.as_deref()
    };
    let held =
        row().and_then(|it| Version::parse(Scheme::Semver, it.strip_prefix('v').unwrap_or(it)));
    held.is_some_and(|it| it < *to) && unmoved(home, (file, reference)).is_none()
}

/// Returns the writes of the locks beside charts that move, given those of the charts.
///
/// # Errors
/// With a sentence when one can not be written.
pub(super) fn locks(
    home: Home<'_>,
    moves: &Moves<'_>,
    writes: &[Action],
) -> Result<Vec<Action>, Unwritten> {
    if home.declared.lock == LockMode::Off {
        return Ok(Vec::new());
    }
    let mut found: BTreeMap<&str, BTreeMap<usize, Version>> = BTreeMap::new();
    for judged in moves.pins.iter().filter(|it| it.deployed.is_some()) {
        let Some((file, reference)) = home.place(judged.pin).and_then(Place::chart) else {
            continue;
        };
        let is_locked = file.chart.lock.is_some();
        if let Some(span) = reference.span.as_ref().filter(|_| is_locked) {
            let rows = found.entry(&file.path).or_default();
            rows.insert(span.start, judged.to.clone());
        }
    }
    let charts = home.seen.deploys.iter();
    let charts = charts.filter_map(|file| Some((file, file.chart.lock.as_ref()?)));
    let mut locks = Vec::new();
    for (file, lock) in charts {
        let rows = found.remove(file.path.as_str()).unwrap_or_default();
        locks.extend(written(file, lock, (&rows, writes))?);
    }
    Ok(locks)
}

/// Returns the write of a lock; `None` where it stays.
fn written(
    file: &DeployFile,
    lock: &ChartLockFile,
    (rows, writes): (&BTreeMap<usize, Version>, &[Action]),
) -> Result<Option<Action>, Unwritten> {
    let after = writes.iter().find_map(|it| match it {
        Action::Write { path, after, .. } if *path == file.path => Some(after.as_str()),
        _ => None,
    });
    let chart = (&*file.text, after.unwrap_or(&file.text));
    let seal = |chart: &str| LockedChart::of(chart, &lock.text).map(|it| it.seal);
    // What else is edited in a chart is nothing to its lock.
    if rows.is_empty() && (after.is_none() || seal(chart.0) == seal(chart.1)) {
        return Ok(None);
    }
    let new = LockedChart::relocked(&lock.text, chart, rows).map_err(|why| {
        let path = &lock.path;
        Unwritten {
            path: Some(file.path.clone()),
            why: format!(
                "`{path}` can not be moved: {why}; write the version, then `{}`",
                update(path)
            ),
        }
    })?;
    Ok((*new != *lock.text).then(|| Action::Write {
        path: lock.path.clone(),
        before: lock.text.clone(),
        after: new,
    }))
}

/// Returns the command that makes the lock of a chart, and the copies beside it, anew; `path` is that of
/// the chart or of what lies beside it.
pub(crate) fn update(path: &str) -> String {
    match folder_of(path) {
        "" => "helm dependency update".to_owned(),
        folder => format!("helm dependency update {}", crate::shell::word(folder)),
    }
}
