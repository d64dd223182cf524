//! Waits until what is out is in reach of the repository that locks it: an index of its own may be
//! behind the one that the upstream was waited for in.

use std::path::Path;
use std::time::Duration;

use cascade_plan::{
    AwaitVisible, Awaited, Expected, Fate, LockMode, LockMove, Outlet, Plan, Sight, Step,
};

use super::await_visible::{Watch, awaited_by};
use crate::visible::Publishing;

impl Watch<'_> {
    /// Waits until what the locks of a step move to is listed where this repository itself looks. An
    /// index that does not know the project at all is not the one that it comes from.
    ///
    /// # Errors
    /// With the fate of the step: waiting, when the patience is over.
    pub(super) fn in_reach(&self, plan: &Plan, step: &Step) -> Result<(), Fate> {
        let upstreams = plan.steps.iter().filter(|it| step.after.contains(&it.repo));
        let out: Vec<&AwaitVisible> = upstreams.flat_map(awaited_by).collect();
        let locks = step.locks.iter().filter(|it| it.mode != LockMode::Off);
        let locks: Vec<_> = locks.map(|it| (it, moved_to(it, &out))).collect();
        if locks.iter().all(|(_, acts)| acts.is_empty()) {
            return Ok(());
        }
        let settings = self.export(&step.base)?;
        for (lock, acts) in locks {
            let folder = Path::new(&lock.file).parent().unwrap_or(Path::new(""));
            let folder = settings.path().join(folder);
            for act in acts {
                self.listed(step, &here(step, act), &folder)?;
            }
        }
        Ok(())
    }

    fn listed(&self, step: &Step, act: &AwaitVisible, folder: &Path) -> Result<(), Fate> {
        let now = self.lookout.look(&act.awaited, folder, self.root);
        match now {
            Sight::Absent { latest: Some(_) } | Sight::Incomplete { .. } => {
                let left = Duration::from_secs(act.timeout);
                let nobody = None::<fn() -> Publishing>;
                self.one(step, (act, &act.awaited), (folder, nobody), left)
            }
            _ => Ok(()),
        }
    }
}

/// Returns those of what is out that a lock moves to.
fn moved_to<'a>(lock: &LockMove, out: &[&'a AwaitVisible]) -> Vec<&'a AwaitVisible> {
    let moves = |it: &Awaited| {
        let mut moves = lock.moves.iter();
        it.ecosystem == lock.ecosystem
            && moves.any(|to| (&to.name, &to.to) == (&it.name, &it.version))
    };
    let out = out.iter().copied();
    out.filter(|it| moves(&it.awaited) && !matches!(it.awaited.outlet, Outlet::Tags { .. }))
        .collect()
}

/// Returns the same wait where a repository's own settings say.
fn here(step: &Step, act: &AwaitVisible) -> AwaitVisible {
    AwaitVisible {
        awaited: Awaited {
            outlet: Outlet::Configured,
            expected: Expected::default(),
            ..act.awaited.clone()
        },
        registry: format!("the index of {}", step.repo),
        tag: act.tag.clone(),
        timeout: act.timeout,
        status: Vec::new(),
        smoke: Vec::new(),
    }
}
