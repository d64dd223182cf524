//! What a step wants the remote to have, and what the remote has of it already.

use cascade_plan::{Action, Fate, Oid, RunId, Step};

use super::{failed, of_git, of_mirror, short};
use crate::drive::Teller;
use crate::git::GitError;
use crate::journal::Journal;
use crate::mirror::{Mirror, Store};
use crate::relock::stands;
use crate::remote::{Answer, Lease, Refs, Unity, Wanted, push};

/// How far back from a branch's tip a commit of the plan is looked for.
const DEPTH: usize = 10_000;
/// What helps where a journal can not be written.
const MAKE_ROOM: &str = "make room in the state folder, then go on: `cascade resume`";

/// What a step wants its remote to have.
#[derive(Debug, Clone)]
pub(crate) struct Goal<'a> {
    pub(crate) step: &'a Step,
    /// The branch that the commit comes to.
    pub(crate) branch: &'a str,
    /// How it comes there.
    pub(crate) way: Way,
    /// The branch of cascade's own, for a pull request.
    pub(crate) own: String,
    /// The message of its commit; none where the base itself is tagged.
    pub(crate) message: Option<&'a str>,
    /// Its tags, with their messages.
    pub(crate) tags: Vec<(&'a str, &'a str)>,
}

/// How a commit comes to its branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By a push.
    Pushed,
    /// By a pull request that a person merges.
    Merged,
}

/// Why a remote does not have what it should.
#[derive(Debug)]
pub(crate) enum Stuck {
    /// It refused the push of the branch itself.
    Refused(Fate),
    /// Anything else.
    Otherwise(Fate),
}

impl From<Fate> for Stuck {
    fn from(fate: Fate) -> Self {
        Self::Otherwise(fate)
    }
}

impl Stuck {
    /// Returns the fate of the step.
    pub(crate) fn fate(self) -> Fate {
        match self {
            Self::Refused(fate) | Self::Otherwise(fate) => fate,
        }
    }
}

/// The commit of a step and its tag objects, ready to be pushed.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) commit: Oid,
    pub(crate) tags: Vec<(String, Oid)>,
}

impl<'a> Goal<'a> {
    /// Returns what the actions of a step come to in a run; `None` where nothing is pushed.
    pub(crate) fn of(step: &'a Step, run: &RunId) -> Option<Self> {
        let (branch, way) = step.actions.iter().find_map(|it| match it {
            Action::Propose { base } => Some((base.as_str(), Way::Merged)),
            Action::Push { branch, .. } => Some((branch.as_deref()?, Way::Pushed)),
            _ => None,
        })?;
        let message = step.actions.iter().find_map(|it| match it {
            Action::Commit { message } => Some(message.as_str()),
            _ => None,
        });
        let tags = step.actions.iter().filter_map(|it| match it {
            Action::Tag { name, message } => Some((name.as_str(), message.as_str())),
            _ => None,
        });
        Some(Self {
            step,
            branch,
            way,
            own: format!("cascade/{}/{}", run.0, step.repo),
            message,
            tags: tags.collect(),
        })
    }

    /// Returns what the remote has of it, with every object of that in the mirror.
    ///
    /// # Errors
    /// When the remote does not answer.
    pub(crate) fn world(&self, mirror: &Mirror) -> Result<Refs, Fate> {
        let refs = mirror
            .look(&self.names())
            .map_err(|error| of_mirror(self.step, error.into()))?;
        let tips = [refs.branch(self.branch), refs.branch(&self.own)];
        let tips = tips.into_iter().flatten();
        let tags = self.tags.iter().filter_map(|(name, _)| refs.tag(name));
        let needed = tips.chain(tags).chain([&self.step.base]);
        let fetched = mirror.store_with(needed).map(drop);
        fetched.map_err(|it| of_mirror(self.step, it))?;
        Ok(refs)
    }

    /// Returns the refs of the remote that matter, by their full names.
    pub(crate) fn names(&self) -> Vec<String> {
        let branches = [self.branch, &self.own];
        let mut names: Vec<String> = branches.map(|it| format!("refs/heads/{it}")).to_vec();
        for (name, _) in &self.tags {
            names.push(format!("refs/tags/{name}"));
            names.push(format!("refs/tags/{name}^{{}}"));
        }
        names
    }

    /// Returns the commit of this step that the remote has already.
    ///
    /// # Errors
    /// When a tag stands for another commit, or the branch went elsewhere.
    pub(crate) fn reached(&self, mirror: &Mirror, refs: &Refs) -> Result<Option<Oid>, Fate> {
        let store = mirror.store().map_err(|it| of_mirror(self.step, it))?;
        for (name, _) in &self.tags {
            if let Some(commit) = refs.tag(name) {
                if !self.is_carried_by(&store, commit) {
                    return Err(self.conflict(name, commit));
                }
                return Ok(Some(commit.clone()));
            }
        }
        let tip = refs.branch(self.branch);
        if let Some(found) = tip.and_then(|tip| self.on_branch(&store, tip)) {
            return Ok(Some(found));
        }
        if tip == Some(&self.step.base) || self.is_proposed(&store, refs) {
            return Ok(None);
        }
        Err(self.moved(tip))
    }

    /// Returns whether cascade's own branch is there: then the base may move until it is merged.
    fn is_proposed(&self, store: &Store, refs: &Refs) -> bool {
        let own = refs.branch(&self.own);
        own.is_some_and(|it| self.is_carried_by(store, it))
    }

    /// Returns whether a commit is the one that the plan makes, or another that says the same.
    pub(crate) fn is_carried_by(&self, store: &Store, commit: &Oid) -> bool {
        self.is_ours(store, commit) || self.says_so(store, commit)
    }

    /// Returns whether a commit is the one that the plan makes.
    fn is_ours(&self, store: &Store, commit: &Oid) -> bool {
        match self.message {
            None => *commit == self.step.base,
            Some(message) => carries(store, self.step, commit, message).unwrap_or(false),
        }
    }

    /// Returns whether a commit on top of the base says what the plan wants, whoever made it and in
    /// whatever way: a squashed merge, an edit by hand.
    fn says_so(&self, store: &Store, commit: &Oid) -> bool {
        let step = self.step;
        let changed = |file: &str| {
            let at = |commit| store.file(commit, file).ok().flatten();
            at(commit).is_some_and(|it| Some(it) != at(&step.base))
        };
        let stands = |it: &Action| match it {
            Action::Write { path, after, .. } => writes(store, step, commit, (path, after)),
            Action::Relock(it) => changed(&it.file),
            _ => true,
        };
        let mut actions = step.actions.iter();
        let edits = actions.clone().any(|it| matches!(it, Action::Write { .. }));
        edits && store.contains(commit, &step.base) && actions.all(stands)
    }

    /// Returns the oldest commit from which on the branch says what the plan wants, down its first
    /// parents; `None` where its tip does not.
    pub(crate) fn said_since(&self, store: &Store, tip: &Oid) -> Option<Oid> {
        let first_parent = |at: &Oid| store.parents(at)?.into_iter().next();
        let down = std::iter::successors(Some(tip.clone()), first_parent).take(DEPTH);
        let saying = down.take_while(|it| *it != self.step.base && self.says_so(store, it));
        saying.last()
    }

    fn on_branch(&self, store: &Store, tip: &Oid) -> Option<Oid> {
        if self.message.is_none() {
            return store
                .contains(tip, &self.step.base)
                .then(|| self.step.base.clone());
        }
        if self.way == Way::Merged {
            return self.said_since(store, tip);
        }
        if tip == &self.step.base || !store.contains(tip, &self.step.base) {
            return None;
        }
        let since = store.between(tip, &self.step.base, DEPTH);
        let ours = since.into_iter().find(|it| self.is_ours(store, it));
        ours.or_else(|| self.said_since(store, tip))
    }

    /// Pushes until the remote has all of it. What the remote has decides, never an exit code.
    ///
    /// # Errors
    /// With the fate of the step, where it can not come to that.
    pub(crate) fn settle(
        &self,
        mirror: &Mirror,
        built: &Built,
        (journal, teller): (&Journal, &Teller<'_>),
    ) -> Result<(), Stuck> {
        let mut unity = Unity::Atomic;
        let mut last: Option<(Vec<Wanted>, Answer)> = None;
        loop {
            let refs = match mirror.look_uninterrupted(&self.names()) {
                Ok(refs) => refs,
                Err(error) => return Err(self.unknown(error, last.is_some()).into()),
            };
            let mut wanted = self.missing(mirror, &refs, built)?;
            if unity == Unity::Loose {
                wanted.truncate(1);
            }
            if wanted.is_empty() {
                return Ok(());
            }
            if let Some((_, answer)) = last.take_if(|(before, _)| *before == wanted) {
                return Err(self.refused(answer, &refs, built));
            }
            // What is half out is rolled forward even then.
            if mirror.git().interrupted() && last.is_none() {
                return Err(Fate::Interrupted.into());
            }
            let answer = self.push(mirror, (&wanted, unity), (journal, teller))?;
            if answer == Answer::NotAtomic {
                teller.note("the remote takes no atomic push: the branch goes first, the tag last");
                unity = Unity::Loose;
                continue;
            }
            last = Some((wanted, answer));
        }
    }

    /// Asks the remote once to take refs, after the journal knows of it.
    ///
    /// # Errors
    /// With the fate of the step, where the journal can not be written or git does not start.
    pub(crate) fn push(
        &self,
        mirror: &Mirror,
        (wanted, unity): (&[Wanted], Unity),
        (journal, teller): (&Journal, &Teller<'_>),
    ) -> Result<Answer, Fate> {
        let written = journal.pushes(&self.step.repo, wanted);
        written.map_err(|it| failed(it.to_string(), MAKE_ROOM.to_owned()))?;
        teller.progress(format!("pushing {}", names_of(wanted)));
        let (call, to) = (mirror.call(), mirror.remote().address());
        push(call, mirror.git(), to, wanted, unity).map_err(|it| of_git(it, None))
    }

    /// Returns what the next push carries: the branch with the first tag, or the next tag alone,
    /// since a forge starts no workflow for many tags at once.
    fn missing(&self, mirror: &Mirror, refs: &Refs, built: &Built) -> Result<Vec<Wanted>, Fate> {
        let mut tags = Vec::new();
        for (name, id) in &built.tags {
            match refs.tag(name) {
                None => tags.push(Wanted {
                    name: format!("refs/tags/{name}"),
                    to: id.clone(),
                    lease: Lease::Absent,
                }),
                Some(commit) if *commit == built.commit => {}
                Some(other) => return Err(self.conflict(name, other)),
            }
        }
        if tags.is_empty() && !built.tags.is_empty() {
            return Ok(Vec::new());
        }
        tags.truncate(1);
        let tip = refs.branch(self.branch);
        if tip == Some(&self.step.base) && built.commit != self.step.base {
            let branch = Wanted {
                name: format!("refs/heads/{}", self.branch),
                to: built.commit.clone(),
                lease: Lease::At(self.step.base.clone()),
            };
            return Ok(std::iter::once(branch).chain(tags).collect());
        }
        match tip {
            Some(tip) if holds(mirror, tip, &built.commit) => Ok(tags),
            _ => Err(self.moved(tip)),
        }
    }

    fn conflict(&self, tag: &str, commit: &Oid) -> Fate {
        failed(
            format!(
                "the tag `{tag}` is on the remote already, at {}, which is not this release; a pushed tag is never moved",
                commit.short()
            ),
            format!("cascade release --repo {}=VERSION", self.step.repo),
        )
    }

    fn moved(&self, tip: Option<&Oid>) -> Fate {
        Fate::Drifted {
            what: format!(
                "`{}` is at {} on the remote, and the plan was made for {}; plan again with `cascade release --repo {}`",
                self.branch,
                short(tip),
                self.step.base.short(),
                self.step.repo
            ),
        }
    }

    fn unknown(&self, error: GitError, pushed: bool) -> Fate {
        match error {
            GitError::Interrupted => Fate::Interrupted,
            other if pushed => Fate::Waiting {
                what: format!("the remote to answer, for the push may have arrived: {other}"),
                help: Some(format!("cascade release --repo {}", self.step.repo)),
            },
            other => of_mirror(self.step, other.into()),
        }
    }

    fn refused(&self, answer: Answer, refs: &Refs, built: &Built) -> Stuck {
        let branch = format!("refs/heads/{}", self.branch);
        let itself = matches!(&answer, Answer::Refused { refs, .. } if refs.contains(&branch));
        let why = match answer {
            Answer::Refused { why, .. } => format!("the remote refused the push: {why}"),
            Answer::Silence(text) => format!("the push did not arrive: {text}"),
            Answer::Taken { .. } | Answer::NotAtomic => {
                "git says that it pushed, and the remote does not have it".to_owned()
            }
        };
        let there = built
            .tags
            .iter()
            .filter(|(name, _)| refs.tag(name).is_some());
        let fate = Fate::Failed {
            why,
            help: Some(format!("cascade release --repo {}", self.step.repo)),
            out: there.map(|(name, _)| name.clone()).collect(),
        };
        if itself {
            Stuck::Refused(fate)
        } else {
            Stuck::Otherwise(fate)
        }
    }
}

/// Returns whether the remote's tip contains a commit, fetched where it is not known.
fn holds(mirror: &Mirror, tip: &Oid, commit: &Oid) -> bool {
    let contains = || Some(mirror.store_with([tip]).ok()?.contains(tip, commit));
    tip == commit || contains().unwrap_or(false)
}

/// Returns whether a commit is a step's: on its base, with its message and its edits.
pub(crate) fn carries(store: &Store, step: &Step, commit: &Oid, message: &str) -> Option<bool> {
    let said = store.message(commit)?.trim_end() == message.trim_end();
    let written = step.actions.iter().all(|it| match it {
        Action::Write { path, after, .. } => writes(store, step, commit, (path, after)),
        _ => true,
    });
    Some(said && written && store.parents(commit)? == [step.base.clone()])
}

/// Returns whether a file of a commit says what a step wants it to say.
fn writes(store: &Store, step: &Step, commit: &Oid, (path, after): (&str, &str)) -> bool {
    let now = store.file(commit, path);
    now.is_ok_and(|now| stands(step, path, after, &now.unwrap_or_default()))
}

fn names_of(wanted: &[Wanted]) -> String {
    let names = wanted.iter().map(|it| {
        let short = it.name.strip_prefix("refs/heads/");
        short
            .or_else(|| it.name.strip_prefix("refs/tags/"))
            .unwrap_or(&it.name)
    });
    names
        .map(|it| format!("`{it}`"))
        .collect::<Vec<_>>()
        .join(" and ")
}
