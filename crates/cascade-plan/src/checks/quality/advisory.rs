//! An audit tells of an advisory that nobody waived.

use super::Home;
use crate::Severity;
use crate::checks::{Check, Told, View};
use crate::quality::{Judged, Rank, Verdict};

/// The rule.
pub(crate) static CHECK: Check = Check::block(
    "advisory",
    "an audit tells of an advisory that nobody waived",
    check,
);

/// Finds advisories that count.
fn check(view: &View<'_>) -> Vec<Told> {
    super::told(view, tell)
}

/// Tells of each advisory that counts and is not low.
pub(super) fn tell(home: &Home<'_>, verdict: &Verdict<'_>) -> Vec<Told> {
    let counted = verdict.advisories.iter();
    let counted = counted.filter(|it| it.counts() && it.advisory.rank > Rank::Low);
    counted.map(|it| one(home, verdict, it)).collect()
}

fn one(home: &Home<'_>, verdict: &Verdict<'_>, it: &Judged) -> Told {
    let it = &it.advisory;
    let place = match it.package.as_str() {
        "" => String::new(),
        package => format!(" in `{package}`"),
    };
    let about = match it.title.as_str() {
        "" => String::new(),
        title => format!(": {title}"),
    };
    let (name, rank) = (it.name(), it.rank.word());
    let told = home.told(verdict, &format!("{name}{place} is {rank}{about}"));
    let told = if it.rank.blocks() {
        told
    } else {
        told.ranked(Severity::Warn)
    };
    told.mend(format!(
        "move to a version without it, or add `{{ advisory = \"{name}\", reason = \"...\", until = \
         YYYY-MM-DD }}` to `waive` of `{}`",
        verdict.gate.name
    ))
}
