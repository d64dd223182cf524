//! A file that deploys is not of its format, and may name something of the family.

use cascade_manifest::Spot;

use crate::checks::{Check, Told, View};
use crate::planner::update;

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "deployment-unreadable",
    "a file that may name something of the family can not be read",
    check,
);

/// Finds files that deploy which are not of their format, at the line.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, _, seen) in view.seen() {
        for file in &seen.deploys {
            if let Some(lock) = &file.chart.lock
                && let Err(error) = &lock.read
            {
                let path = &lock.path;
                let what = format!("`{path}` can not be read: {}", error.message);
                let mend = format!("in `{id}`: {}", update(path));
                told.push(Told::of(id, what).at(path, None).mend(mend));
            }
            let Err(error) = &file.read else { continue };
            let start = error.span.as_ref().map(|it| it.start);
            let line = start.map(|it| Spot::of(&file.text, it).line);
            let what = format!(
                "`{}` may name something of the family and can not be read as {}: {}",
                file.path, file.format.name, error.message
            );
            let mend = format!(
                "mend `{}` in `{id}`, or declare what it pins as a `site`",
                file.path
            );
            told.push(Told::of(id, what).at(&file.path, line).mend(mend));
        }
    }
    told
}
