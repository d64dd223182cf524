//! A change of state, as it is told: once, and the same when it has to be told again.
//!
//! The state of a workspace is which findings it has. What was told last is remembered by whoever
//! calls; without a memory the latest observation stands in for it.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::history::{History, digest, state_of};
use super::{Drift, DriftFinding, Gone};
use crate::Severity;

/// What somebody was told last.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The state: [`state_of`] its findings.
    pub state: String,
    /// When, in seconds since 1970.
    pub taken: i64,
    /// The findings of that state, where they are known.
    pub findings: Option<Vec<Gone>>,
}

/// What there is to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice<'a> {
    /// The workspace's name.
    pub workspace: &'a str,
    /// Whether anything drifts now.
    pub state: Standing,
    /// Whether anything did when it was told last; `None` where it never was.
    pub before: Option<Standing>,
    /// What is new, the worst first.
    pub new: Vec<&'a DriftFinding>,
    /// What is no more.
    pub gone: Vec<Gone>,
    /// How many findings keep a release back, should be mended, and are worth knowing.
    pub counts: [usize; 3],
    /// The digest of the state, to be remembered.
    pub digest: String,
    /// The name of this change: the same whenever it is told, and of no other change.
    pub key: String,
}

/// Whether anything drifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Something does.
    Drifted,
    /// Nothing does.
    Clean,
}

impl Standing {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Drifted => "drifted",
            Self::Clean => "clean",
        }
    }

    fn of(state: &str) -> Self {
        if state == state_of([]) {
            Self::Clean
        } else {
            Self::Drifted
        }
    }
}

/// Returns the name of an address in a memory that others can read: what it is can not be told from it.
pub fn target_of(workspace: &str, address: &str) -> String {
    digest(format!("{workspace}\n{address}").as_bytes())
}

/// Returns the findings that count: as bad as this. What a baseline accepts fails no run, and still
/// stands.
pub fn counted(drift: &Drift, least: Severity) -> impl Iterator<Item = &DriftFinding> {
    let findings = drift.findings.iter();
    findings.filter(move |it| it.severity >= least)
}

/// Returns what an address heard last, by a history; the findings of that state where an observation of
/// it is known.
pub fn heard(history: &History, target: &str, least: Severity) -> Option<Heard> {
    let told = history.told(target)?;
    let mut findings = None;
    history.walk(i64::MAX, |step| {
        let known = step.facts.findings.iter();
        let known = known.filter(|(_, it)| step.repo.is_none() && it.severity >= least);
        if state_of(known.clone().map(|(id, _)| id.as_str())) == told.state {
            let was = known.map(|(id, it)| Gone {
                id: id.clone(),
                code: it.code.clone(),
                severity: it.severity,
                repo: it.repo.clone(),
                since: it.since,
            });
            findings = Some(was.collect());
        }
    });
    Some(Heard {
        state: told.state,
        taken: told.taken,
        findings,
    })
}

/// Returns what the latest observation was, as though somebody had been told; `None` where there is
/// none.
pub fn heard_by_nobody(drift: &Drift, least: Severity) -> Option<Heard> {
    let change = drift.change.as_ref()?;
    let new: BTreeSet<&str> = change.new.iter().map(String::as_str).collect();
    let still = counted(drift, least).map(|it| it.id.as_str());
    let still = still.filter(|it| !new.contains(it));
    let gone = change.gone.iter().filter(|it| it.severity >= least);
    Some(Heard {
        state: state_of(still.chain(gone.map(|it| it.id.as_str()))),
        taken: change.against,
        findings: None,
    })
}

/// Returns what there is to tell an address that heard this last; `None` where it is the same, or
/// where nothing drifts and nobody ever heard that anything did.
pub fn notice<'a>(
    drift: &'a Drift,
    least: Severity,
    (target, heard): (&str, Option<&Heard>),
) -> Option<Notice<'a>> {
    let now: Vec<&DriftFinding> = counted(drift, least).collect();
    let digest_now = state_of(now.iter().map(|it| it.id.as_str()));
    if heard.map_or(now.is_empty(), |it| it.state == digest_now) {
        return None;
    }
    let state = Standing::of(&digest_now);
    let (new, gone) = match heard {
        None => (now.clone(), Vec::new()),
        Some(heard) => since(drift, &now, heard, least),
    };
    let count = |severity| now.iter().filter(|it| it.severity == severity).count();
    let from = heard.map(|it| format!("{} {}", it.taken, it.state));
    let change = [target, from.as_deref().unwrap_or_default(), &digest_now].join("\n");
    let key = blake3::hash(change.as_bytes()).to_hex();
    Some(Notice {
        workspace: &drift.workspace,
        state,
        before: heard.map(|it| Standing::of(&it.state)),
        new,
        gone,
        counts: [Severity::Block, Severity::Warn, Severity::Info].map(count),
        digest: digest_now,
        key: key.get(..32).unwrap_or_default().to_owned(),
    })
}

/// Returns what is new and what is gone since an address heard: by the findings that it heard of, else
/// by the latest observation.
fn since<'a>(
    drift: &'a Drift,
    now: &[&'a DriftFinding],
    heard: &Heard,
    least: Severity,
) -> (Vec<&'a DriftFinding>, Vec<Gone>) {
    let bad = |it: &&Gone| it.severity >= least;
    if let Some(before) = &heard.findings {
        let ids: BTreeSet<&str> = before.iter().map(|it| it.id.as_str()).collect();
        let here: BTreeSet<&str> = now.iter().map(|it| it.id.as_str()).collect();
        let new = now
            .iter()
            .copied()
            .filter(|it| !ids.contains(it.id.as_str()));
        let gone = before.iter().filter(|it| !here.contains(it.id.as_str()));
        return (new.collect(), gone.filter(bad).cloned().collect());
    }
    let known = drift
        .change
        .as_ref()
        .filter(|_| Standing::of(&heard.state) == Standing::Drifted);
    let Some(change) = known else {
        return (now.to_vec(), Vec::new());
    };
    let ids: BTreeSet<&str> = change.new.iter().map(String::as_str).collect();
    let new = now
        .iter()
        .copied()
        .filter(|it| ids.contains(it.id.as_str()));
    let gone = change.gone.iter().filter(bad).cloned();
    (new.collect(), gone.collect())
}
