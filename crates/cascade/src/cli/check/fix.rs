//! `--fix`: what is safe to mend without asking is mended, and what is left is judged again.

use std::collections::{BTreeMap, BTreeSet};

use cascade_plan::{Finding, Fix, RepoId, Rewrite};
use cascade_run::rewrite;

use crate::cli::Call;
use crate::cli::lock::Lock;
use crate::cli::workspace::{Seen, Workspace};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::Shown;

/// How often what is left is looked at again: several findings may mend one file, one after another.
const ROUNDS: usize = 10;

/// Looks, mends what is safe to mend of what is found, and looks again until nothing is left to mend;
/// returns what was seen last.
pub(in crate::cli) fn mended(
    call: &Call,
    workspace: &Workspace,
    look: &dyn Fn() -> Seen,
    find: &dyn Fn(&Seen) -> Vec<Finding>,
) -> Result<Seen, Failure> {
    let mut seen = look();
    let mut mended = Mended::default();
    for _ in 0..ROUNDS {
        if !mended.mend(call, workspace, &find(&seen))? {
            break;
        }
        seen = look();
    }
    Ok(seen)
}

/// What was mended already, so that nothing is tried for ever.
#[derive(Debug, Default)]
struct Mended {
    relocked: BTreeSet<RepoId>,
    written: BTreeSet<(RepoId, Rewrite)>,
}

impl Mended {
    /// Mends what these findings say how to; returns whether anything was done that was not tried
    /// before.
    fn mend(
        &mut self,
        call: &Call,
        workspace: &Workspace,
        found: &[Finding],
    ) -> Result<bool, Failure> {
        let mut files: BTreeMap<&RepoId, Vec<&Rewrite>> = BTreeMap::new();
        let mut locks = BTreeSet::new();
        for finding in found {
            match (&finding.repo, &finding.fix) {
                (Some(repo), Some(Fix::Write(all))) => {
                    let known = |it: &Rewrite| self.written.contains(&(repo.clone(), it.clone()));
                    let new = all.iter().filter(|it| !known(it));
                    files.entry(repo).or_default().extend(new);
                }
                (Some(repo), Some(Fix::Relock)) if !self.relocked.contains(repo) => {
                    locks.insert(repo.clone());
                }
                _ => {}
            }
        }
        files.retain(|_, all| !all.is_empty());
        workspace.want_checkouts(files.keys().copied())?;
        let mut done = false;
        for (repo, all) in files {
            done |= self.write(call, workspace, (repo, &all))?;
        }
        if done || locks.is_empty() {
            return Ok(done);
        }
        // Locks last: they follow the manifests.
        Lock::mend(call, workspace, &locks)?;
        self.relocked.extend(locks);
        Ok(true)
    }

    fn write(
        &mut self,
        call: &Call,
        workspace: &Workspace,
        (repo, all): (&RepoId, &[&Rewrite]),
    ) -> Result<bool, Failure> {
        let Some(folder) = workspace.folder(repo) else {
            return Ok(false);
        };
        let left = rewrite(folder, all).map_err(|error| {
            let what = format!("`{repo}`: {error}");
            Failure::new(
                Exit::Failed,
                what,
                "nothing of it was written; mend that, then run the same command again",
            )
        })?;
        let mut done = false;
        for it in all.iter().filter(|it| !left.contains(it)) {
            call.printer
                .talk(&format!("mended: {repo} {}", Shown(&it.path)));
            self.written.insert((repo.clone(), (*it).clone()));
            done = true;
        }
        Ok(done)
    }
}
