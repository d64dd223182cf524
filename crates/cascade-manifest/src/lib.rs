//! Reads and rewrites the files that say versions, as text.
//!
//! Invariant: text in, text out. No disk, no git, no network, no terminal. An edit replaces the
//! bytes of one version text and nothing else.
//!
//! | word | where |
//! |---|---|
//! | an ecosystem: its formats, locks and version grammar | [`Ecosystem`], [`ALL`] |
//! | a manifest: one package, its pins, its members | [`Manifest`], [`Package`], [`Pin`] |
//! | a requirement: what it names, admits, becomes | [`Grammar`], [`Rewrite`] |
//! | a lock: what it holds, what it recorded | [`Lock`], [`Locked`] |
//! | a native rewrite: what it is given, what it may ask | [`Bump`], [`Facts`], [`Fallback`] |
//! | what an index lists of a package | [`Listing`], [`ListedFile`] |
//! | a gate that young versions wait at | [`AgeGate`], [`Lock::age_gate`] |
//! | a place in a text, for people | [`Spot`] |
//! | an edit | [`Splice`], [`verified`], [`splice`] |
//! | what a manifest says about its package | [`About`], [`License`], [`recognized`] |
//! | a workflow of GitHub Actions | [`workflow`] |
//! | what deploys: images, charts, actions, modules | [`deploy`] |
//! | how much of a text is read, and what is none | [`Limit`], [`resolved`] |
//! | a declared place and a changelog | [`SiteRegex`], [`release_changelog`], [`release_sections`] |

mod about;
mod age_gate;
mod changelog;
mod conflict;
mod ecosystem;
mod edit;
mod grammar;
mod json;
mod license;
mod limits;
mod listing;
mod lock;
mod manifest;
mod site;
mod spot;
mod toml;
mod version;
mod yaml;

pub mod cargo;
pub mod deploy;
pub mod git;
pub mod go;
pub mod helm;
pub mod npm;
pub mod python;
pub mod workflow;

pub use about::{About, Field, License, Topic, without_license_classifiers};
pub use age_gate::{Age, AgeGate, Exemption, GateOrigin, Stops};
pub use changelog::{ReleaseSection, release_changelog, release_sections};
pub use conflict::resolved;
pub use ecosystem::{ALL, Ecosystem, Format, ImportPaths, ecosystem};
pub use edit::{EditError, Splice, line_of, splice, verified, verified_from};
pub use grammar::{Grammar, Keep, Refusal, Rewrite, Style, UnknownShape};
pub use license::{LicenseExpression, LicenseName, Verdict, recognized};
pub use limits::{Limit, Size};
pub use listing::{ListedFile, Listing};
pub use lock::{
    Ask, BareCommit, Bump, Discord, Entry, Facts, Fallback, Lock, LockFacts, Locked, LockedSource,
    Move, Names, Recorded, Stand, Unread, Vendored,
};
pub use manifest::{
    Form, Kind, Manifest, Members, Package, Pin, Publish, ReadError, Source, VersionField,
};
pub use site::SiteRegex;
pub use spot::Spot;
pub use toml::toml_bounds;
pub use version::{Level, Scheme, Version};
