//! Decides what a release would do. Never does it.
//!
//! Invariant: pure. No disk, no git, no clock, no environment, no terminal.
//!
//! | word | in | out |
//! |---|---|---|
//! | declare | text of `workspace.toml` | [`Declaration`], then [`Graph`]: whole and acyclic |
//! | (observe) | what `cascade-run` saw | [`Snapshot`]: facts, no judgement |
//! | survey | [`Graph`] and [`Snapshot`] | [`Survey`]: every pin judged, every [`Finding`], one order |
//! | plan | [`Survey`] and [`Request`] | [`Plan`]: steps of [`Action`]s in order |
//! | (apply) | [`Plan`] | [`Event`]s, folded into an [`Outcome`] |

mod branches;
mod churn;
mod commits;
mod critical;
mod day;
mod declaration;
mod deliverables;
mod dispatch;
mod draft;
mod event;
mod finding;
mod graph;
mod ids;
mod image;
mod lock_step;
mod pattern;
mod plan;
mod planner;
mod queue;
mod request;
mod resolve;
#[cfg(test)]
mod sample;
mod snapshot;
mod steer;
mod survey;
mod template;
mod until;
mod visible;

pub mod checks;
pub mod decide;
pub mod drift;
pub mod hook;
pub mod policy;
pub mod quality;
pub mod shell;

pub use branches::may_release;
pub use churn::{Churn, churn};
pub use commits::{Evidence, next_version, read_level};
pub use critical::Course;
pub use declaration::{
    Advisories, AdvisoryWaiver, Alone, Appearance, AuditFormat, Branches, ChartDeclaration,
    CheckDeclaration, Declaration, DeclareError, DeclareErrors, DriftDeclaration, EdgeLevel,
    EdgePolicy, GateDeclaration, HeaderDeclaration, ImageDeclaration, Locator, LockMode, LockReach,
    Measure, ModuleDeclaration, Need, Number, PackageDeclaration, QualityDeclaration,
    RegistryDeclaration, ReleaseMode, RepoDeclaration, RunLock, SiteDeclaration, SiteFinder,
    TagFormat, Waiver, declare, declare_alone, schema, span, spelled,
};
pub use deliverables::Deliverables;
pub use dispatch::{
    Address, AwaitPage, AwaitPins, AwaitedPin, Dispatch, DispatchDeclaration, Effect, Promoted,
    PromotedImage, Receipt, Recipient, is_message_due,
};
pub use draft::{Found, compare, draft, infer_template, referred_to, seedling, seedling_by_tags};
pub use event::{Event, Fate, Outcome, Relocked, Way};
pub use finding::{Code, Finding, Fix, Place, Rewrite, Severity};
pub use graph::{Graph, GraphError};
pub use ids::{Oid, PackageId, RepoId};
pub use image::{ImageDigest, ImageName, NoImage, image_tags, is_tag};
pub use lock_step::{FamilyTags, Held as LockHeld, Illegible, LockStand, lock_step};
pub use pattern::{name_pattern, path_pattern};
pub use plan::{
    Action, AwaitVisible, Gate, Held, LockMove, NotAPlan, PinFate, PinMove, Plan, Purpose, Reason,
    Release, Relock, RunId, Step,
};
pub use planner::{Composed, Outline, Part, PlanError, outline, plan, tag_plan};
pub use queue::{OnFailure, Queue};
pub use request::{Ask, Request, What};
pub use resolve::{Resolve, Unfilled, Wanted, is_answer, is_placeholder};
pub use snapshot::{
    Annotation, Artifact, Artifacts, Audit, BesideChart, Changelog, ChartLockFile, CommandEnd,
    Commit, Content, Contents, DeployFile, JudgedCommit, JudgedTag, Listed, LockFile, LockLicenses,
    LockedLicense, ManifestFile, Measurement, ObservedPackage, ObservedRepo, Scope, SettingsFile,
    Several, ShownBeyond, SiteMatch, Snapshot, Tag, TagClaim, TagHit, TagKind, TagStanding,
    TrackedFiles, Trial, TrialEnd, Tried, Trouble, VersionSource, Watched, packages_of,
};
pub use steer::{Said, Steering, Word};
pub use survey::{
    Index, LockState, LockSurvey, PackageSurvey, PinStatus, PinSurvey, PinnedDigest, RepoSurvey,
    Survey, Waived, survey,
};
pub use template::{TagTemplate, TemplateError};
pub use until::{NoStep, Until};
pub use visible::{
    Awaited, Beyond, CHART, DigestSight, Digests, Expected, IMAGE, Outlet, Pace, Sight, TagsShown,
    Turn, Watch, beyond, judge, judge_chart, judge_image,
};
