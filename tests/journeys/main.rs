//! The journeys: whole commands in real towns, few and whole.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod artifacts;
mod bad_input;
mod bad_luck;
mod bump;
mod by_itself;
mod check;
mod crashes;
mod demo;
mod disaster;
mod docs;
mod drift;
mod drift_time;
mod examples;
mod family;
mod gitops;
mod go;
mod hooks;
mod images;
mod locks;
mod machines;
mod policy;
mod promotion;
mod published;
mod quality;
mod registry;
mod release;
mod report_clones;
mod resume;
mod rules;
mod signals;
mod steer;
mod tag;
mod undo;
mod until;
mod visible;
mod wait;

const CASCADE: &str = env!("CARGO_BIN_EXE_cascade");
