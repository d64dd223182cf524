//! Makes a plan happen: git, files, processes, threads.

mod apply;
mod approval;
mod artifact;
mod checkout;
mod compose;
mod discover;
mod drive;
mod elsewhere;
mod environment;
mod exec;
mod exhibit;
mod export;
mod fetch;
mod found;
mod git;
mod hook;
mod hosts;
mod journal;
mod lease;
mod mirror;
mod observe;
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
mod write;

pub use apply::{
    ApplyError, CommitHow, Difference, Differs, Hindrance, Kept, Manner, Scope, Tagged, Undo,
    Undoable, Undoing, Unfit, bump, is_branch_name, lock, lock_stands, observe_remotes, on_remote,
    release, standing, tag, undo, undoable, unfit,
};
pub use approval::{APPROVALS, Already, ApprovalError, Approvals, Given, committer};
pub use artifact::{ArtifactSource, Inspection, Label, Tools, artifacts_at, inspect, label};
pub use compose::{plan, survey};
pub use discover::{
    ReadFailure, Site, discover, find_clone, find_workspace, read_alone, read_workspace,
    usual_mode, which_repo,
};
pub use elsewhere::{ElsewhereError, fetch_workspace, is_address, kept};
pub use environment::{Environment, Patience};
pub use exec::{end_children, is_hidden};
pub use exhibit::{Exhibit, Shelf};
pub use fetch::{FastForward, fetch, published_tags};
pub use found::{FoundError, Founding, found};
pub use git::{Git, GitError, GitMissing};
pub use hook::{
    BYPASSES, HookError, HookHome, HookStanding, HookType, Installed, MessageSettings, Neighbour,
    Push, PushPlace, Removed, Rewritten, SELF_TEST, Scribe, forgets, message_settings,
    record_bypass,
};
pub use journal::{End, Entry, JournalError, RefMove, Runs, Story, Told, UnknownRun, Writing};
pub use lease::{Against, Holder, LOCK_REF, Lease, LeaseError, Standing, Terms, Unlocked};
pub use observe::{
    AskedTag, Depth, Family, Look, Published, Reading, TagPlace, TagQuestion, Tip, WhichTags,
    find_commit, judged_tags, observe, observe_as, observe_commit, observe_commits, staged_paths,
    staged_releases,
};
pub use pool::in_parallel;
pub use quality::{Measured, measure};
pub use registry::facts;
pub use registry_server::RegistryServer;
pub use scan::scan;
pub use state::{Busy, Guard, State, StateError, host};
pub use visible::{Company, Lookout, Publishing, Waited};
pub use write::{Overwrite, rewrite, save, save_all};
