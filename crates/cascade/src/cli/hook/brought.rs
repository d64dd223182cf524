//! What a push brings to the branches that are released: the messages and the protected paths of its
//! commits, and the files of their tips, as `commit-msg` and `pre-commit` judge them.

use std::collections::BTreeSet;

use cascade_plan::hook::{Door, Refusal, commit_findings, file_findings};
use cascade_plan::{Finding, Graph, ObservedRepo, RepoDeclaration, RepoId, Trouble, may_release};
use cascade_run::{Brought, PushedTip, brought, is_of_releases, observe_pushed};

use super::push::{Judging, unreadable};
use crate::cli::guard::said_agent;
use crate::failure::Failure;
use crate::page::count;
use crate::shown::Shown;

/// How many findings about a history that comes in whole are told in full.
const TOLD: usize = 5;

impl Judging<'_> {
    /// Returns what is refused of the branches that a push makes or moves.
    pub(super) fn brought(
        &self,
        graph: &Graph,
        (repo, declared, seen): (&RepoId, &RepoDeclaration, &ObservedRepo),
    ) -> Result<Vec<Refusal>, Failure> {
        let is_released = |branch: &str| may_release(declared, seen, branch);
        let all = brought(&self.push, &is_released).map_err(|it| unreadable(&it))?;
        let mut refusals = Vec::new();
        for branch in &all {
            self.note_what_is_unread(branch)?;
            let mut found = self.of_commits(graph, repo, branch)?;
            found.extend(self.of_tip(graph, (repo, declared), branch)?);
            if branch.first {
                self.let_in(branch, &found);
                continue;
            }
            let named = found.into_iter().map(|it| (branch.branch.clone(), it));
            refusals.extend(named.filter_map(|it| self.refused(it)));
        }
        Ok(refusals)
    }

    fn of_commits(
        &self,
        graph: &Graph,
        repo: &RepoId,
        branch: &Brought,
    ) -> Result<Vec<Finding>, Failure> {
        // A server does not know who pushes; there the addresses of a commit say it.
        let pusher = match self.door {
            Door::Push => said_agent(self.call)?,
            Door::Receive => None,
        };
        let now = self.call.environment.now;
        let commits = &branch.commits;
        Ok(commit_findings(
            graph,
            (repo, now),
            commits,
            pusher.as_ref(),
        ))
    }

    /// Returns what is found in the manifests, locks and changelogs that the commits change, as the tip
    /// holds them.
    fn of_tip(
        &self,
        graph: &Graph,
        (repo, declared): (&RepoId, &RepoDeclaration),
        branch: &Brought,
    ) -> Result<Vec<Finding>, Failure> {
        let paths = branch.commits.iter().flat_map(|it| &it.changed);
        let files: BTreeSet<&str> = paths
            .map(String::as_str)
            .filter(|it| is_of_releases(it))
            .collect();
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let tip = PushedTip {
            declared,
            place: self.push.place.tags(),
            quarantine: self.push.quarantine.as_deref(),
            commit: &branch.tip,
            base: branch.base.as_ref(),
        };
        let seen = observe_pushed(&tip).map_err(|it| unreadable(&it))?;
        let now = self.call.environment.now;
        Ok(file_findings(graph, (repo, seen), now, &files))
    }

    /// Says what of a push nobody looked at; a server takes nothing that it can not read.
    fn note_what_is_unread(&self, branch: &Brought) -> Result<(), Failure> {
        let name = Shown(&branch.branch);
        if branch.unread > 0 {
            let many = count(branch.unread, "commit", "commits");
            let words = format!("{many} of `{name}` can not be read here");
            if self.door == Door::Receive {
                return Err(unreadable(&Trouble::Unreadable(words)));
            }
            let line = format!("cascade: {words}, and were not judged");
            self.call.printer.talk(&line);
        }
        if branch.more && !branch.first {
            let many = branch.commits.len();
            let line = format!("cascade: of `{name}` only the newest {many} commits were judged");
            self.call.printer.talk(&line);
        }
        Ok(())
    }

    /// Tells what is found in a history that comes in whole: it is older than the rules, and passes.
    fn let_in(&self, branch: &Brought, found: &[Finding]) {
        if found.is_empty() {
            return;
        }
        let mut lines = vec![format!(
            "cascade: `{}` is the first branch there, so what is found in its history is told and passes:",
            Shown(&branch.branch)
        )];
        let told = found.iter().take(TOLD);
        lines.extend(told.map(|it| format!("  {} ({})", Shown(&it.what), it.code.0)));
        if found.len() > TOLD {
            lines.push(format!("  and {} more", found.len() - TOLD));
        }
        self.call.printer.talk(&lines.join("\n"));
    }
}
