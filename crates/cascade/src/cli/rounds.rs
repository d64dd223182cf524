//! Rounds of one release: where release-please made another version than foreseen, what stands on
//! it is planned anew, and a repository that is released itself once others moved its pins.

use cascade_plan::{
    Action, Ask, AwaitPins, Fate, Outcome, Plan, Reason, ReleaseMode, RepoId, Request, Step, What,
};

use super::carry::unfinished;

/// How often one command plans anew.
pub(crate) const ROUNDS: usize = 5;

/// What the rounds of one release came to.
#[derive(Debug)]
pub(crate) struct Rounds {
    /// The steps of all rounds, the last plan of each repository.
    pub(crate) plan: Plan,
    /// The last fate of each repository.
    pub(crate) told: Outcome,
}

impl Rounds {
    /// Adds a later round: what it has nothing to do for ended before.
    pub(crate) fn add(&mut self, plan: Plan, told: Outcome) {
        let later: Vec<RepoId> = plan.steps.iter().map(|it| it.repo.clone()).collect();
        let earlier = std::mem::replace(&mut self.plan, plan).steps;
        let kept = |it: &Step| !later.contains(&it.repo) && self.told.fates.contains_key(&it.repo);
        let kept = earlier.into_iter().filter(|it| kept(it));
        let steps = kept.collect::<Vec<Step>>();
        self.plan.steps.splice(0..0, steps);
        for (repo, fate) in told.fates {
            if fate != Fate::Nothing || !self.ended_well(&repo) {
                self.told.fates.insert(repo, fate);
            }
        }
        self.told.notes.extend(told.notes);
        for (repo, tags) in told.out {
            self.told.out.entry(repo).or_default().extend(tags);
        }
    }

    fn ended_well(&self, repo: &RepoId) -> bool {
        matches!(self.told.fates.get(repo), Some(Fate::Done { .. }))
    }
}

/// Returns the request of the next round: the same one, and what others made travels.
/// `None` where the round left nothing to plan anew, or something to be mended first.
pub(crate) fn next(plan: &Plan, told: &Outcome) -> Option<Request> {
    let planned_anew = |it: &Fate| matches!(it, Fate::Drifted { .. });
    let well = |it: &Fate| matches!(it, Fate::Done { .. } | Fate::Nothing | Fate::Skipped { .. });
    let fates = || told.fates.values();
    let anew: Vec<&Step> = plan
        .steps
        .iter()
        .filter(|it| is_for_now(it, told))
        .collect();
    let open = fates().any(planned_anew) || !anew.is_empty();
    if !open || !fates().all(|it| well(it) || planned_anew(it)) {
        return None;
    }
    let steps = plan.steps.iter();
    let elsewhere: Vec<&RepoId> = steps
        .filter(|it| took_another(it, told))
        .map(|it| &it.repo)
        .collect();
    if elsewhere.is_empty() && anew.is_empty() {
        return None;
    }
    let mut asks = unfinished(plan, told);
    // Where nothing was named everything that its commits ask for is released, this too.
    let unnamed = anew.iter().filter(|_| plan.request.asks.is_empty());
    let postponed: Vec<&RepoId> = unnamed
        .filter(|it| postponed(it))
        .map(|it| &it.repo)
        .collect();
    let open = plan.steps.iter().filter(|it| asked_by_commits(it, told));
    let also = elsewhere.into_iter().chain(postponed);
    let also = also.chain(open.map(|it| &it.repo));
    asks.extend(also.map(|repo| Ask {
        repo: repo.to_string(),
        package: None,
        what: What::Unsaid,
    }));
    Some(Request {
        asks,
        ..plan.request.clone()
    })
}

/// Returns whether a step of a repository that is released itself only waited for what others do, and
/// that is there now.
fn is_for_now(step: &Step, told: &Outcome) -> bool {
    let done = matches!(told.fates.get(&step.repo), Some(Fate::Done { .. }));
    done && pins_of(step).is_some_and(|it| !it.anew.is_empty())
}

/// Returns whether packages of it would have been released before.
fn postponed(step: &Step) -> bool {
    pins_of(step).is_some_and(|it| !it.postponed.is_empty())
}

fn pins_of(step: &Step) -> Option<&AwaitPins> {
    step.actions.iter().find_map(|it| match it {
        Action::AwaitPins(it) => Some(it),
        _ => None,
    })
}

/// Returns whether release-please made another version of a step than the plan foresaw.
fn took_another(step: &Step, told: &Outcome) -> bool {
    let Some(Fate::Done { out, .. }) = told.fates.get(&step.repo) else {
        return false;
    };
    let foreseen = |tag: &String| step.releases.iter().any(|it| it.tag == *tag);
    step.mode == ReleaseMode::ReleasePlease
        && !step.releases.is_empty()
        && !out.iter().all(foreseen)
}

/// Returns whether a step that is still to be done moves for its own commits' sake.
fn asked_by_commits(step: &Step, told: &Outcome) -> bool {
    let open = !matches!(
        told.fates.get(&step.repo),
        Some(Fate::Done { .. } | Fate::Nothing)
    );
    open && step.releases.iter().any(|it| it.reason == Reason::Commits)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::report::sample_plan::plan;

    fn told(fates: &[(&str, Fate)]) -> Outcome {
        let fates = fates.iter().map(|(id, it)| (RepoId::new(*id), it.clone()));
        Outcome {
            fates: fates.collect::<BTreeMap<_, _>>(),
            ..Outcome::default()
        }
    }

    fn out(tag: &str) -> Fate {
        Fate::Done {
            commit: None,
            out: vec![tag.to_owned()],
        }
    }

    fn drifted() -> Fate {
        Fate::Drifted {
            what: "another version".to_owned(),
        }
    }

    #[test]
    fn another_version_of_release_please_is_planned_anew_and_nothing_else() {
        let mut plan = plan();
        let both = |tag| told(&[("urn", out(tag)), ("app", drifted())]);
        assert_eq!(next(&plan, &both("v1.6.0")), None, "cascade made the tag");
        plan.steps[0].mode = ReleaseMode::ReleasePlease;
        assert_eq!(next(&plan, &both("v1.5.0")), None, "it is the foreseen one");
        let request = next(&plan, &both("v1.6.0")).unwrap();
        assert!(
            request.asks.iter().any(|it| it.repo == "urn"),
            "{request:?}"
        );
        let failed = Fate::Failed {
            why: "no".to_owned(),
            help: None,
            out: Vec::new(),
        };
        let mended_first = told(&[("urn", out("v1.6.0")), ("app", drifted()), ("x", failed)]);
        assert_eq!(next(&plan, &mended_first), None);
    }

    #[test]
    fn a_later_round_has_the_last_word_unless_it_has_nothing_to_say() {
        let told_first = told(&[("urn", out("v1.6.0")), ("app", drifted())]);
        let mut rounds = Rounds {
            plan: plan(),
            told: told_first,
        };
        let mut later = plan();
        later.steps.remove(0);
        rounds.add(
            later,
            told(&[("urn", Fate::Nothing), ("app", out("v0.9.2"))]),
        );
        let want = told(&[("urn", out("v1.6.0")), ("app", out("v0.9.2"))]);
        assert_eq!(rounds.told, want);
        let repos: Vec<&str> = rounds
            .plan
            .steps
            .iter()
            .map(|it| it.repo.as_str())
            .collect();
        assert_eq!(repos, ["urn", "app", "site"]);
    }
}
