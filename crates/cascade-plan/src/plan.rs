//! The plan: what will happen, in order, as data. It is the dry run.

use std::sync::Arc;

use cascade_manifest::{Kind, Level, Move};
use serde::{Deserialize, Serialize};

use crate::{
    AwaitPage, AwaitPins, Awaited, Dispatch, Evidence, LockMode, Oid, PackageId, ReleaseMode,
    RepoId, Request, Resolve, TagFormat, TagTemplate,
};

/// What will happen, in order. It prints, serialises, and is carried out exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Plan {
    /// [`Plan::SCHEMA`].
    pub schema: String,
    /// The workspace's name.
    pub workspace: String,
    /// What was asked for.
    pub request: Request,
    /// The moment of the snapshot it was made from, in seconds since 1970: the date of its commits.
    pub taken: i64,
    /// The id of the run: a digest of everything above and below.
    pub run: RunId,
    /// What happens in each repository that is concerned, upstream first.
    pub steps: Vec<Step>,
}

/// Why a text is no plan.
#[derive(Debug, thiserror::Error)]
pub enum NotAPlan {
    /// It is no JSON of a plan.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It is of another schema.
    #[error("its schema is `{0}`")]
    Schema(String),
    /// Branches and folders are named after its run, and could not be.
    #[error("the id of its run is none")]
    Run,
}

impl Plan {
    /// What a plan's `schema` says.
    pub const SCHEMA: &str = "cascade.plan/1";

    /// Returns the plan that was kept as this text.
    ///
    /// # Errors
    /// When it is none, or one of another cascade.
    pub fn parse(text: &str) -> Result<Self, NotAPlan> {
        let plan: Self = serde_json::from_str(text)?;
        if plan.schema != Self::SCHEMA {
            return Err(NotAPlan::Schema(plan.schema));
        }
        if !plan.run.is_sound() {
            return Err(NotAPlan::Run);
        }
        Ok(plan)
    }

    /// Returns the same plan with these steps in the place of its own.
    #[must_use]
    pub fn with(&self, steps: Vec<Step>) -> Self {
        Self {
            schema: self.schema.clone(),
            workspace: self.workspace.clone(),
            request: self.request.clone(),
            taken: self.taken,
            run: self.run.clone(),
            steps,
        }
    }
}

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The whole cascade, against the remotes.
    Release,
    /// The local part, in the checkouts.
    Bump,
}

/// The id of a run: the first 12 hexadecimal digits of a BLAKE3 over the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

impl RunId {
    /// Returns whether it is spelled as ids of runs are: branches and folders are named after it.
    fn is_sound(&self) -> bool {
        self.0.len() == 12 && self.0.bytes().all(|it| it.is_ascii_hexdigit())
    }
}

/// What happens in one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// The repository.
    pub repo: RepoId,
    /// Its folder, from the workspace's root.
    pub path: String,
    /// Its declared remote.
    pub remote: Option<String>,
    /// The branch that is committed to.
    pub branch: Option<String>,
    /// How it is released.
    pub mode: ReleaseMode,
    /// The commit that the step was made for.
    pub base: Oid,
    /// The wave it stands in, counted from 0.
    pub wave: usize,
    /// The steps of this plan that have to end well first.
    pub after: Vec<RepoId>,
    /// The packages whose version moves, or travels as it is.
    pub releases: Vec<Release>,
    /// What becomes of every pin on a package that moves.
    pub pins: Vec<PinMove>,
    /// What becomes of every lock beside those pins.
    pub locks: Vec<LockMove>,
    /// What is done, in this order; empty where nothing changes.
    pub actions: Vec<Action>,
    /// Why the step can not be carried out, if it can not.
    pub held: Option<Held>,
}

impl Step {
    /// Returns whether anything changes in the repository; to wait for what is out changes nothing.
    pub fn changes(&self) -> bool {
        let mut acts = self.actions.iter();
        acts.any(|it| !matches!(it, Action::AwaitVisible(_)))
    }

    /// Returns whether it is all that happens in the repository that others move its pins: then its
    /// branch may be anywhere, and nothing of cascade's goes there.
    pub fn is_for_others(&self) -> bool {
        let mut acts = self
            .actions
            .iter()
            .filter(|it| !matches!(it, Action::Gate { .. }));
        acts.clone().any(Action::is_of_others)
            && acts.all(|it| it.is_of_others() || matches!(it, Action::AwaitVisible(_)))
    }
}

/// A package whose version moves, or whose latest version travels down as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Release {
    /// The package.
    pub package: PackageId,
    /// The latest version before; `None` for the first one.
    pub from: Option<String>,
    /// The version.
    pub to: String,
    /// The tag that stands for it.
    pub tag: String,
    /// Whether the tag is there already: the version only travels.
    pub out: bool,
    /// How far it moves.
    pub level: Level,
    /// Why.
    pub reason: Reason,
    /// The commits that ask for it.
    pub evidence: Arc<[Evidence]>,
}

/// Why a package moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A person said so.
    Asked,
    /// Its commits ask for it.
    Commits,
    /// Its static version stands above its latest tag already.
    Pending,
    /// An upstream moved.
    Upstream {
        /// The package that moved.
        package: PackageId,
        /// Where to.
        to: String,
    },
    /// Its latest version travels down as it is.
    Travels,
}

/// What becomes of one pin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PinMove {
    /// The path of the manifest.
    pub manifest: String,
    /// The 1-based line.
    pub line: usize,
    /// The table it stands in.
    pub section: String,
    /// What it is for.
    pub kind: Kind,
    /// Whether its manifest is auxiliary.
    pub auxiliary: bool,
    /// The package it pins.
    pub upstream: PackageId,
    /// The requirement as written.
    pub from: String,
    /// The version that it is held against.
    pub version: String,
    /// What becomes of it.
    pub fate: PinFate,
}

/// What becomes of a pin: exactly one of three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinFate {
    /// It becomes this text.
    Updated(String),
    /// It stays, for this reason.
    Kept(String),
    /// It should move and can not, for this reason.
    Refused(String),
}

/// What becomes of one lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LockMove {
    /// The path of the lock, from the repository's root.
    pub file: String,
    /// Its ecosystem.
    pub ecosystem: String,
    /// How it is brought in step.
    pub mode: LockMode,
    /// The packages whose records move, together.
    pub moves: Vec<Move>,
    /// The repository's own packages, whose version stands in the lock too.
    pub own: Vec<Move>,
    /// The ecosystem's own commands that bring it in step, run in the lock's folder.
    pub commands: Vec<Vec<String>>,
    /// Why it has to move.
    pub reason: String,
    /// Whether the repository's edits make the lock contradict or go stale without it; a lock
    /// that only could be fresher is not required.
    pub required: bool,
    /// The gates that young versions of what moves have to wait at.
    #[serde(default)]
    pub gates: Vec<Gate>,
}

/// A gate of an ecosystem's tool that refuses versions which are too young.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Gate {
    /// The package that waits.
    pub package: String,
    /// The version.
    pub version: String,
    /// What sets the gate, in words.
    pub by: String,
    /// Until when, in words, for a version that comes out now.
    pub until: String,
    /// Whether installing from a lock that holds the version is refused too, not only making one.
    pub stops_installs: bool,
    /// The file in which the package could be exempted, from the repository's root.
    pub exemption: Option<String>,
    /// Whether this plan exempts it there.
    pub exempted: bool,
}

/// One effect. Each is idempotent: what is done already is not done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "do",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Action {
    /// Commands that test several repositories together have to succeed first.
    Gate {
        /// The repositories that are tested: all of them are out.
        after: Vec<RepoId>,
        /// The argument lists.
        run: Vec<Vec<String>>,
    },
    /// A digest or commit is asked for, which takes the place of its placeholder in the writes.
    Resolve(Resolve),
    /// The submodule is put at `after`, if it is at `before`.
    Submodule {
        /// Its folder, from the repository's root.
        path: String,
        /// The commit it was planned for.
        before: Oid,
        /// The commit that it comes to be at.
        after: Oid,
    },
    /// The file's text becomes `after`, if it is `before`.
    Write {
        /// The path from the repository's root.
        path: String,
        /// The whole text it was planned for.
        before: Arc<str>,
        /// The whole text it becomes.
        after: String,
    },
    /// The lock is brought in step.
    Relock(Relock),
    /// One of the repository's own commands has to succeed.
    Check {
        /// The argument list.
        argv: Vec<String>,
    },
    /// A command has to succeed at the commit before it is tagged.
    Ready {
        /// The argument list.
        argv: Vec<String>,
    },
    /// The edits are committed.
    Commit {
        /// The whole message.
        message: String,
    },
    /// An annotated tag is made.
    Tag {
        /// Its name.
        name: String,
        /// Its whole message.
        message: String,
    },
    /// The commit goes to the remote on a branch of cascade's own, and a person merges it: what is
    /// tagged is the first commit from which on the base holds every edit of the step.
    Propose {
        /// The branch that it is merged into.
        base: String,
    },
    /// The branch and the tags go to the remote, one tag a push: the branch with the first of them, all
    /// or nothing, then the others.
    Push {
        /// The branch; `None` where it came there by a pull request.
        branch: Option<String>,
        /// The tags.
        tags: Vec<String>,
    },
    /// Wait until the remote has this tag (cascade's own), or any new tag of the template that
    /// contains the commit (release-please's).
    AwaitTag {
        /// The template of the tag.
        template: TagTemplate,
        /// How its pre-releases are spelled.
        format: TagFormat,
        /// The tag itself where cascade made it.
        name: Option<String>,
    },
    /// Wait until a package is really there, before anything below is touched.
    AwaitVisible(AwaitVisible),
    /// A message asks another system to move the pins; it is sent once.
    Dispatch(Dispatch),
    /// Wait until pins that another system moves are at the tip of the branch.
    AwaitPins(AwaitPins),
    /// Wait until a page shows what was asked for.
    AwaitPage(AwaitPage),
    /// A command is run once everything is out; it is told of, and fails nothing.
    After {
        /// The argument list.
        argv: Vec<String>,
    },
}

impl Action {
    /// Returns whether it is what others do: they are asked, and waited for.
    pub fn is_of_others(&self) -> bool {
        matches!(
            self,
            Self::Dispatch(_) | Self::AwaitPins(_) | Self::AwaitPage(_)
        )
    }
}

/// A package that is waited for until it is really there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AwaitVisible {
    /// The package, the version, and where it appears.
    pub awaited: Awaited,
    /// The name of the registry, or `configured`.
    pub registry: String,
    /// The tag that stands for the version.
    pub tag: String,
    /// How long it is waited for, in seconds.
    pub timeout: u64,
    /// The command that is asked between two readings whether it is published; empty for none.
    #[serde(default)]
    pub status: Vec<String>,
    /// Commands that have to succeed with exactly this version installed from there.
    #[serde(default)]
    pub smoke: Vec<Vec<String>>,
}

/// How one lock is brought in step: natively, or by the ecosystem's own commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Relock {
    /// The path of the lock, from the repository's root.
    pub file: String,
    /// Which of the two ways may be taken.
    pub mode: LockMode,
    /// The packages whose records move, together.
    pub moves: Vec<Move>,
    /// The repository's own packages, whose version stands in the lock too.
    pub own: Vec<Move>,
    /// The ecosystem's own commands, run in the lock's folder.
    pub commands: Vec<Vec<String>>,
}

impl LockMove {
    /// Returns the act that makes the move; `None` where cascade leaves locks alone.
    pub fn act(&self) -> Option<Relock> {
        (self.mode != LockMode::Off).then(|| Relock {
            file: self.file.clone(),
            mode: self.mode,
            moves: self.moves.clone(),
            own: self.own.clone(),
            commands: self.commands.clone(),
        })
    }
}

/// Why a step can not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Held {
    /// Why, in a sentence without a full stop.
    pub why: String,
    /// The next command to type.
    pub help: Option<String>,
}
