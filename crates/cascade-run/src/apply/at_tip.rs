//! The pins at the tip of a branch on its remote, read and judged as `status` does.

use cascade_plan::{
    AwaitPins, DigestSight, Fate, Graph, Index, Oid, RepoId, RepoSurvey, Snapshot, Step,
};

use super::of_git;
use super::release::Cascade;
use crate::git::GitError;
use crate::mirror::{Mirror, Store};
use crate::observe::{Depth, Family, observe_commit};

/// What the tip of a branch shows.
pub(super) enum Tip {
    /// Every pin is where it shall be, at this commit.
    There(Oid),
    /// Not yet, for this reason.
    NotYet(String),
}

/// Who looks at the tip of a branch; one that did not move is not read again.
pub(super) struct AtTip<'a> {
    cascade: &'a Cascade<'a>,
    step: &'a Step,
    mirror: &'a Mirror,
    act: &'a AwaitPins,
    /// What the last tip showed.
    last: Option<(Oid, String)>,
    /// What is known of the upstreams.
    upstreams: Option<Snapshot>,
}

impl<'a> AtTip<'a> {
    /// Returns who looks for the pins of a step.
    pub(super) fn new(
        cascade: &'a Cascade<'a>,
        step: &'a Step,
        mirror: &'a Mirror,
        act: &'a AwaitPins,
    ) -> Self {
        Self {
            cascade,
            step,
            mirror,
            act,
            last: None,
            upstreams: None,
        }
    }

    /// Looks once.
    ///
    /// # Errors
    /// When a person interrupts.
    pub(super) fn look(&mut self) -> Result<Tip, Fate> {
        let branch = format!("refs/heads/{}", self.act.branch);
        let refs = match self.mirror.look(&[branch]) {
            Ok(refs) => refs,
            Err(error @ GitError::Interrupted) => return Err(of_git(error, None)),
            // No answer is not "not there": it is asked again.
            Err(_) => return Ok(Tip::NotYet("its remote does not answer".to_owned())),
        };
        let Some(tip) = refs.branch(&self.act.branch) else {
            let why = format!("its remote has no branch `{}`", self.act.branch);
            return Ok(Tip::NotYet(why));
        };
        if let Some((last, why)) = &self.last
            && last == tip
        {
            return Ok(Tip::NotYet(why.clone()));
        }
        match self.missing(tip) {
            Ok(missing) => Ok(match missing.split_first() {
                None => Tip::There(tip.clone()),
                Some((first, more)) => {
                    let more = match more.len() {
                        0 => String::new(),
                        more => format!(", and {more} more"),
                    };
                    let why = format!("at {} {first}{more}", tip.short());
                    self.last = Some((tip.clone(), why.clone()));
                    Tip::NotYet(why)
                }
            }),
            Err(why) => Ok(Tip::NotYet(why)),
        }
    }

    /// Returns what is not there at a tip; why, where it can not be read.
    fn missing(&mut self, tip: &Oid) -> Result<Vec<String>, String> {
        let graph = self.cascade.graph.as_deref();
        let graph = graph.ok_or("the declaration of the family is not known")?;
        let declared = graph.repo(&self.step.repo);
        let declared = declared.ok_or_else(|| format!("`{}` is not declared", self.step.repo))?;
        let had = self.mirror.store_with([tip]);
        had.map_err(|it| it.to_string())?;
        let (path, family) = (self.mirror.path(), Family::default());
        let seen = observe_commit(declared, path, tip, &family, Depth::Survey);
        if let Some(trouble) = &seen.trouble {
            return Err(format!("{} can not be read: {trouble:?}", tip.short()));
        }
        let mut snapshot = self.upstreams(graph)?.clone();
        snapshot.repos.insert(self.step.repo.clone(), seen);
        let survey = Index::of(&snapshot).judge(graph, &self.step.repo);
        let missing = self.act.missing(&survey);
        if missing.is_empty() {
            self.digests(graph, &survey)?;
        }
        Ok(missing)
    }

    /// Fails with why not, unless the digests that hold pins are those of the versions that they name,
    /// as far as registries are asked for them and tell.
    fn digests(&self, graph: &Graph, survey: &RepoSurvey) -> Result<(), String> {
        for pin in self.act.held(survey) {
            let is_asked = graph
                .repo(&pin.upstream.repo)
                .is_some_and(|it| !it.unawaited);
            let Some(held) = pin.digest.as_ref().filter(|_| is_asked) else {
                continue;
            };
            let (image, digest) = (held.image.as_str(), held.digest.as_str());
            let lookout = self.cascade.lookout();
            match lookout.stands(image, pin.digest_tags(), digest) {
                DigestSight::Same | DigestSight::Unknown { .. } => {}
                DigestSight::Other { tag, digest: now } => {
                    return Err(format!(
                        "{}:{} is held by {digest}, and `{image}:{tag}` is {now}",
                        pin.manifest, pin.line
                    ));
                }
                DigestSight::Unreached { why } => {
                    return Err(format!(
                        "whether `{image}` has {digest} is not known: {why}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Returns what is known of the packages that are pinned: they are named where the plan saw them.
    fn upstreams(&mut self, graph: &Graph) -> Result<&Snapshot, String> {
        if self.upstreams.is_none() {
            let mut snapshot = Snapshot::default();
            for pin in &self.act.pins {
                let repo = &pin.upstream.repo;
                if snapshot.repos.contains_key(repo) {
                    continue;
                }
                let seen = self.upstream(graph, repo);
                let seen = seen.ok_or_else(|| format!("`{repo}` can not be read"))?;
                snapshot.repos.insert(repo.clone(), seen);
            }
            self.upstreams = Some(snapshot);
        }
        self.upstreams
            .as_ref()
            .ok_or_else(|| "nothing is known of what it pins".to_owned())
    }

    fn upstream(&self, graph: &Graph, repo: &RepoId) -> Option<cascade_plan::ObservedRepo> {
        let declared = graph.repo(repo)?;
        let bare = self.cascade.state.mirror(repo);
        let steps = &self.cascade.plan.steps;
        let planned = steps.iter().find(|it| it.repo == *repo).map(|it| &it.base);
        let store = Store::bare(&bare).ok();
        let here = store.filter(|it| planned.is_none_or(|at| it.has(at)));
        if here.is_none() {
            let (git, state) = (self.cascade.git, self.cascade.state);
            let mirror = Mirror::open(git, state, repo, declared.remote.as_deref()).ok()?;
            mirror.refresh().ok()?;
        }
        let usual = || {
            let names = declared.branch.0.iter().map(String::as_str);
            let store = Store::bare(&bare).ok()?;
            names
                .chain(["main", "master"])
                .find_map(|it| store.branch(it))
        };
        let commit = planned.cloned().or_else(usual)?;
        let family = Family::default();
        Some(observe_commit(
            declared,
            &bare,
            &commit,
            &family,
            Depth::Survey,
        ))
    }
}
