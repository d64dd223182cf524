//! Makes a plan happen: git, files, processes, threads.

mod apply;
mod approval;
mod artifact;
mod checkout;
mod compose;
mod courier;
mod discover;
mod drift_history;
mod drift_replay;
mod drive;
mod elsewhere;
mod environment;
mod exec;
mod exhibit;
mod export;
mod fetch;
mod forge;
mod found;
mod git;
mod hook;
mod hosts;
mod journal;
mod lease;
mod listed;
mod locked;
mod mirror;
mod observe;
mod passed;
mod path;
mod pool;
mod quality;
mod registry;
mod registry_server;
mod relock;
mod remote;
mod scan;
mod state;
#[doc(hidden)]
pub mod untrusted;
mod visible;
mod webhook;
mod write;

pub use apply::{
    ApplyError, CommitHow, Difference, Differs, Hindrance, Kept, Manner, Misspelt, Scope, Spelling,
    Tagged, Undo, Undoable, Undoing, Unfit, bump, is_branch_name, lock, lock_stands, misspelt,
    observe_remotes, on_remote, release, standing, tag, undo, undoable, unfit,
};
pub use approval::{APPROVALS, Already, ApprovalError, Approvals, Given, committer};
pub use artifact::{ArtifactSource, Inspection, Label, Tools, artifacts_at, inspect, label};
pub use compose::{dated_survey, plan, survey};
pub use courier::{Reception, Unsendable, sendable};
pub use discover::{
    ReadFailure, Site, discover, find_clone, find_workspace, read_alone, read_workspace,
    usual_mode, which_repo,
};
pub use drift_history::{HISTORY_FILE, HISTORY_REF, HistoryError, HistoryPlace, Recorded};
pub use drift_replay::replay;
pub use elsewhere::{ElsewhereError, fetch_workspace, is_address, kept};
pub use environment::{Environment, Patience};
pub use exec::{end_children, is_hidden};
pub use exhibit::{Exhibit, Shelf};
pub use fetch::{FastForward, Mode, Needed, Stand, fetch, fetch_needed, published_tags, stand};
pub use forge::{Forge, ForgeError, ForgeKind, IssueDone, KeptIssue, TokenKind};
pub use found::{FoundError, Founding, found};
pub use git::{Git, GitError, GitMissing};
pub use hook::{
    BYPASSES, Brought, HookError, HookHome, HookStanding, HookType, Installed, MessageSettings,
    Neighbour, Push, PushPlace, Removed, Rewritten, SELF_TEST, Scribe, brought, forgets,
    message_settings, record_bypass,
};
pub use journal::{End, Entry, JournalError, RefMove, Runs, Story, Told, UnknownRun, Writing};
pub use lease::{Against, Holder, LOCK_REF, Lease, LeaseError, Standing, Terms, Unlocked};
pub use listed::list_packages;
pub use observe::{
    AskedTag, Depth, Family, Look, Published, PushedTip, Reading, TagPlace, TagQuestion, Tip,
    WhichTags, committed, find_commit, is_of_releases, judged_tags, observe, observe_commit,
    observe_commits, observe_for_rules, observe_pushed, observe_releases, staged_paths,
    staged_releases,
};
pub use passed::PassedGates;
pub use pool::in_parallel;
pub use quality::{Measured, measure};
pub use registry::facts;
pub use registry_server::{Opens, RegistryServer};
pub use scan::scan;
pub use state::{Busy, Guard, State, StateError, host};
pub use visible::{Company, Lookout, Publishing, Waited};
pub use webhook::{Webhook, WebhookError};
pub use write::{Overwrite, rewrite, save, save_all};
