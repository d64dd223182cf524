//! What people decided about findings: ignored, as bad as they say, or accepted for a while.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::family::{waiver_expired, waiver_unused};
use crate::{Finding, Graph, RepoDeclaration, Snapshot, Waived, Waiver, path_pattern};

/// Findings, after what people decided about them.
pub(super) struct Verdict {
    /// What is left to mend.
    pub(super) standing: Vec<Finding>,
    /// What somebody accepts for a while.
    pub(super) waived: Vec<Waived>,
}

/// Returns what people's decisions leave of the findings, and what there is to say of the decisions.
pub(super) fn pass(graph: &Graph, snapshot: &Snapshot, found: Vec<Finding>) -> Verdict {
    let today = day_of(snapshot.taken);
    let own = graph.repos().values().flat_map(|it| &it.check.waivers);
    let waivers: Vec<&Waiver> = own.chain(&graph.check().waivers).collect();
    let mut used = vec![false; waivers.len()];
    let mut verdict = Verdict {
        standing: Vec::new(),
        waived: Vec::new(),
    };
    for mut finding in found {
        if !weigh(graph, &mut finding) {
            continue;
        }
        let mut accepts = None;
        for (waiver, used) in waivers.iter().zip(&mut used) {
            if covers(waiver, &finding) {
                *used = true;
                accepts = accepts.or((today <= waiver.until).then_some(*waiver));
            }
        }
        match accepts.cloned() {
            Some(waiver) => verdict.waived.push(Waived { finding, waiver }),
            None => verdict.standing.push(finding),
        }
    }
    let told = waivers.iter().zip(used).filter_map(|(waiver, used)| {
        if today > waiver.until {
            return Some(waiver_expired::finding(waiver));
        }
        // What was not looked at was not found either.
        let looked = snapshot.repos.values().all(|it| it.audit.is_some());
        (!used && looked).then(|| waiver_unused::finding(waiver))
    });
    verdict.standing.extend(told);
    verdict
}

/// Says how bad a finding is by what was declared; returns whether its rule is looked at.
fn weigh(graph: &Graph, finding: &mut Finding) -> bool {
    let code = finding.code.0;
    let own = finding.repo.as_ref().and_then(|it| graph.repo(it));
    let own = own.map(|it: &RepoDeclaration| &it.check);
    let decided = || own.into_iter().chain([graph.check()]);
    if decided().any(|it| it.ignore.contains(&code)) {
        return false;
    }
    let said = decided().find_map(|it| it.severity.get(code));
    finding.severity = said.copied().unwrap_or(finding.severity);
    true
}

fn covers(waiver: &Waiver, finding: &Finding) -> bool {
    let there = |pattern: &String| {
        let place = finding.place.as_ref();
        let matcher = path_pattern(pattern).ok();
        place
            .zip(matcher)
            .is_some_and(|(place, it)| it.is_match(&place.path))
    };
    let repo = waiver.repo.as_ref();
    waiver.codes.contains(&finding.code.0)
        && repo.is_none_or(|it| finding.repo.as_ref() == Some(it))
        && waiver.path.as_ref().is_none_or(there)
}

fn day_of(seconds: i64) -> Date {
    let moment = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.to_zoned(TimeZone::UTC).date()
}
