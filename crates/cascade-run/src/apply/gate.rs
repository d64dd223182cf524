//! Gates: commands that test several repositories together, once for all that stand behind them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cascade_plan::{Action, Fate, Plan, RepoId, Step};

use super::errand::{Errand, Ran};
use super::failed;
use crate::Git;
use crate::drive::Teller;

/// What is tested, and by what.
type Key = (Vec<RepoId>, Vec<Vec<String>>);
/// What came of a gate; `None` where it opened.
type Said = Arc<OnceLock<Option<Fate>>>;

/// The gates of a run.
#[derive(Debug, Default)]
pub(crate) struct Gates(Mutex<BTreeMap<Key, Said>>);

impl Gates {
    /// Waits until every gate before a step is open: whoever comes first runs its commands, and all
    /// others hear what came of them.
    ///
    /// # Errors
    /// With the fate of the step, where a gate stays shut.
    pub(crate) fn pass(
        &self,
        step: &Step,
        (plan, git, root): (&Plan, &Git, &Path),
        teller: &Teller<'_>,
    ) -> Result<(), Fate> {
        for act in &step.actions {
            let Action::Gate { after, run } = act else {
                continue;
            };
            let said = {
                let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(all.entry((after.clone(), run.clone())).or_default())
            };
            let shut = said.get_or_init(|| shut((after, run), (plan, git, root), teller));
            if let Some(fate) = shut {
                return Err(fate.clone());
            }
        }
        Ok(())
    }
}

/// Runs the commands of a gate; returns why it stays shut.
fn shut(
    (after, run): (&[RepoId], &[Vec<String>]),
    (plan, git, root): (&Plan, &Git, &Path),
    teller: &Teller<'_>,
) -> Option<Fate> {
    let errand = Errand {
        git,
        step: None,
        folder: root,
        scripts: root,
        facts: vec![("CASCADE_RELEASED", released(plan, after))],
        programs: Vec::new(),
        limit: git.environment().patience.check,
    };
    for argv in run {
        let line = argv.join(" ");
        teller.progress(format!("testing {} together: `{line}`", listed(after)));
        match errand.run(argv) {
            Ok(ended) if ended.ran == Ran::Well => {}
            Ok(ended) => {
                let why = format!("the gate `{line}` stays shut: {}", ended.said);
                return Some(failed(why, line));
            }
            Err(fate) => return Some(fate),
        }
    }
    None
}

/// Returns what of these repositories moves or travels: `core/core@1.1.0`, one behind the other.
fn released(plan: &Plan, repos: &[RepoId]) -> String {
    let steps = plan.steps.iter().filter(|it| repos.contains(&it.repo));
    let all = steps.flat_map(|it| &it.releases);
    let words = all.map(|it| format!("{}@{}", it.package, it.to));
    words.collect::<Vec<_>>().join(" ")
}

fn listed(repos: &[RepoId]) -> String {
    let names: Vec<&str> = repos.iter().map(RepoId::as_str).collect();
    names.join(", ")
}
