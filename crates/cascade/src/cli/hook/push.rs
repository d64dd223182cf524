//! `pre-push` and `pre-receive`: what a push does to version tags and release branches.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cascade_plan::hook::{
    Change, Door, Meaning, Ref, RefChange, Refusal, branch_deletion, branch_rewrite, meaning,
    pre_push, pre_receive, tag_findings, tag_refusal,
};
use cascade_plan::{
    Finding, Graph, JudgedTag, ObservedRepo, ReleaseMode, RepoDeclaration, RepoId, Severity,
    TagStanding, Trouble, declare_alone,
};
use cascade_run::{
    AskedTag, Push, PushPlace, Rewritten, TagQuestion, forgets, judged_tags, which_repo,
};

use super::bypass::{Bypass, record};
use crate::cli::Call;
use crate::cli::alone::Fetch;
use crate::cli::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::count;
use crate::shown::Shown;

/// How many refusals are told in full.
const TOLD: usize = 20;

/// Judges a push: at its door out of a clone, or at the one into a server's repository.
pub(super) fn judge(
    call: &Call,
    door: Door,
    (remote, said): (Option<&OsString>, &[u8]),
    bypass: Bypass,
) -> Result<Exit, Failure> {
    let read = match door {
        Door::Push => pre_push(said),
        Door::Receive => pre_receive(said),
    };
    let changes = read.map_err(|it| {
        let help = "git says it on standard input: see `git help hooks`";
        Failure::new(Exit::Usage, it.to_string(), help)
    })?;
    if !changes.iter().any(concerns) {
        return Ok(Exit::Done);
    }
    if bypass == Bypass::Granted {
        record(call, hook_of(door), &listed(&changes));
        return Ok(Exit::Done);
    }
    let refusals = Judging::of(call, door, remote, changes)?.refusals()?;
    tell(call, &refusals);
    Ok(if refusals.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// Returns whether a change of a ref may be anything that is judged: a tag with a number in it, or a
/// branch.
fn concerns(change: &RefChange) -> bool {
    match (change.place(), change.change()) {
        (_, Change::Nothing) | (Ref::Other, _) => false,
        (Ref::Tag(name), _) => name.bytes().any(|it| it.is_ascii_digit()),
        (Ref::Branch(_), _) => true,
    }
}

fn hook_of(door: Door) -> cascade_run::HookType {
    match door {
        Door::Push => cascade_run::HookType::PrePush,
        Door::Receive => cascade_run::HookType::PreReceive,
    }
}

/// Returns the refs of a push, for the list of what was let pass.
fn listed(changes: &[RefChange]) -> String {
    let names = changes.iter().filter(|it| concerns(it)).take(TOLD);
    let names: Vec<String> = names.map(|it| Shown(&it.name).to_string()).collect();
    names.join(" ")
}

/// A push that is judged.
pub(super) struct Judging<'a> {
    pub(super) call: &'a Call,
    pub(super) door: Door,
    pub(super) push: Push,
}

impl<'a> Judging<'a> {
    fn of(
        call: &'a Call,
        door: Door,
        remote: Option<&OsString>,
        changes: Vec<RefChange>,
    ) -> Result<Self, Failure> {
        let here = &call.environment.here;
        let var = |name: &str| call.environment.var(name);
        let quarantine = var("GIT_QUARANTINE_PATH").or_else(|| var("GIT_OBJECT_DIRECTORY"));
        let push = Push {
            place: PushPlace::of(here, var("GIT_DIR")),
            quarantine: quarantine
                .filter(|_| door == Door::Receive)
                .map(|it| here.join(it)),
            remote: (door == Door::Push).then(|| {
                let named = remote.map(|it| it.to_string_lossy());
                named.unwrap_or_default().into_owned()
            }),
            changes,
        };
        push.place.common().map_err(|it| unreadable(&it))?;
        Ok(Self { call, door, push })
    }

    /// Returns everything that is refused of the push.
    fn refusals(&self) -> Result<BTreeSet<Refusal>, Failure> {
        let rewritten = forgets(&self.push).map_err(|it| unreadable(&it))?;
        let tags: Vec<(&str, Change)> = self
            .push
            .changes
            .iter()
            .filter(|it| concerns(it))
            .filter_map(|it| match it.place() {
                Ref::Tag(name) => Some((name, it.change())),
                _ => None,
            })
            .collect();
        let gone: Vec<&str> = self
            .push
            .changes
            .iter()
            .filter_map(deleted_branch)
            .collect();
        let (graph, repo) = self.declared()?;
        let Some(declared) = graph.repo(&repo) else {
            return Ok(BTreeSet::new());
        };
        let seen = self.push.seen().map_err(|it| unreadable(&it))?;
        let mut refusals: BTreeSet<Refusal> = gone
            .into_iter()
            .filter_map(|it| branch_deletion(declared, &seen, it))
            .collect();
        for it in &rewritten {
            refusals.extend(self.rewrite(declared, &seen, it)?);
        }
        refusals.extend(self.tags(&graph, (&repo, declared, &seen), &tags)?);
        refusals.extend(self.brought(&graph, (&repo, declared, &seen))?);
        Ok(refusals)
    }

    fn rewrite(
        &self,
        declared: &RepoDeclaration,
        seen: &ObservedRepo,
        rewritten: &Rewritten,
    ) -> Result<Option<Refusal>, Failure> {
        let forgets = self.judged(declared, &rewritten.forgets)?;
        let by = (rewritten.branch.as_str(), forgets.as_slice());
        Ok(branch_rewrite(declared, seen, by))
    }

    /// Returns what is refused of the tags: what only a push tells of them, else what the rules find.
    fn tags(
        &self,
        graph: &Graph,
        (repo, declared, seen): (&RepoId, &RepoDeclaration, &ObservedRepo),
        tags: &[(&str, Change)],
    ) -> Result<Vec<Refusal>, Failure> {
        let asked: Vec<AskedTag> = tags.iter().filter_map(asked).collect();
        let judged = self.judged(declared, &asked)?;
        let mut refusals = Vec::new();
        let mut new = Vec::new();
        for (tag, (_, change)) in judged.into_iter().zip(tags) {
            match tag_refusal(declared, &tag, change, self.door) {
                Some(refusal) => refusals.push(refusal),
                None if matches!(change, Change::Create(_)) => match meaning(declared, &tag) {
                    Meaning::Version => new.push(tag),
                    Meaning::Misspelt | Meaning::Other => {}
                },
                None => {}
            }
        }
        if !new.is_empty() {
            let now = self.call.environment.now;
            let found = tag_findings(graph, (repo, seen), now, new);
            refusals.extend(found.into_iter().filter_map(|it| self.refused(it)));
        }
        Ok(refusals)
    }

    /// Returns a finding about a ref as a refusal; one that does not block is told, and lets pass.
    pub(super) fn refused(&self, (subject, finding): (String, Finding)) -> Option<Refusal> {
        if finding.severity == Severity::Block {
            return Some(Refusal {
                subject,
                what: format!("{} ({})", finding.what, finding.code.0),
                mend: finding.mend,
            });
        }
        if finding.severity == Severity::Warn {
            self.call.printer.talk(&super::staged::told(&finding));
        }
        None
    }

    fn judged(
        &self,
        declared: &RepoDeclaration,
        tags: &[AskedTag],
    ) -> Result<Vec<JudgedTag>, Failure> {
        if tags.is_empty() {
            return Ok(Vec::new());
        }
        let branches = self.push.branches().map_err(|it| unreadable(&it))?;
        let question = TagQuestion {
            declared,
            place: self.push.place.tags(),
            quarantine: self.push.quarantine.as_deref(),
            tags,
            branches: &branches,
        };
        judged_tags(&question).map_err(|it| unreadable(&it))
    }

    /// Returns what is declared of the repository that git runs the hook in.
    fn declared(&self) -> Result<(Graph, RepoId), Failure> {
        let (folder, bare) = match &self.push.place {
            PushPlace::Checkout(folder) => (folder, false),
            PushPlace::Bare(folder) => (folder, true),
        };
        if !bare || self.call.global.workspace.is_some() {
            let workspace = Workspace::open_or_alone(self.call, Fetch::Never)?;
            if let Some(repo) = repo_of(&workspace, folder) {
                return Ok((workspace.graph, repo));
            }
        }
        self.alone(folder)
    }

    /// Returns what the branch that is released says of itself.
    fn alone(&self, folder: &Path) -> Result<(Graph, RepoId), Failure> {
        let file = ".cascade.toml";
        let committed = |path: &str| self.push.committed(path).map_err(|it| unreadable(&it));
        let text = committed(file)?.unwrap_or_default();
        let usual = match committed(".release-please-manifest.json")? {
            Some(_) => ReleaseMode::ReleasePlease,
            None => ReleaseMode::Tag,
        };
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let name = folder
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let alone = declare_alone(&name, usual, &text)
            .map_err(|it| Failure::in_file(Exit::Usage, it, file, &text))?;
        let repo = alone.graph.repos().keys().next().cloned();
        let repo = repo.unwrap_or_else(|| RepoId::new("repository"));
        Ok((alone.graph, repo))
    }
}

/// Returns the repository of a workspace that lies in a folder, or that the clone there is.
pub(super) fn repo_of(workspace: &Workspace, folder: &Path) -> Option<RepoId> {
    let here = folder.canonicalize().ok();
    let same = |it: &PathBuf| it.canonicalize().ok() == here;
    let site = workspace.sites.iter().find(|it| same(&it.folder));
    let found = site.map(|it| &it.repo);
    found
        .or_else(|| which_repo(&workspace.graph, folder))
        .cloned()
}

/// Returns the branch that a change deletes.
fn deleted_branch(change: &RefChange) -> Option<&str> {
    match (change.place(), change.change()) {
        (Ref::Branch(name), Change::Delete(_)) => Some(name),
        _ => None,
    }
}

/// Returns a tag to be judged, as it stands to the other side.
fn asked((name, change): &(&str, Change)) -> Option<AskedTag> {
    let (object, standing) = match change {
        Change::Create(new) => (new, TagStanding::New),
        Change::Move { from, to } => (to, TagStanding::Moved(from.clone())),
        Change::Delete(old) => (old, TagStanding::Published),
        Change::Nothing => return None,
    };
    Some(AskedTag {
        name: (*name).to_owned(),
        object: object.clone(),
        standing,
    })
}

pub(super) fn unreadable(why: &Trouble) -> Failure {
    let what = format!("the push could not be judged: {why}");
    let help = "mend that, or for once: `CASCADE_HOOK=0 git push ...`; it is written down";
    Failure::new(Exit::Failed, what, help)
}

/// Tells what is refused, and what to do instead.
fn tell(call: &Call, refusals: &BTreeSet<Refusal>) {
    if refusals.is_empty() {
        return;
    }
    let refs: BTreeSet<&str> = refusals.iter().map(|it| it.subject.as_str()).collect();
    let told = count(refs.len(), "ref is", "refs are");
    let mut lines = vec![format!("cascade: {told} not pushed")];
    for it in refusals.iter().take(TOLD) {
        lines.push(format!("  {}: {}", Shown(&it.subject), Shown(&it.what)));
        lines.extend(it.mend.iter().map(|it| format!("    {}", Shown(it))));
    }
    if refusals.len() > TOLD {
        lines.push(format!("  and {} more", refusals.len() - TOLD));
    }
    call.printer.talk(&lines.join("\n"));
}
