//! Replays the corpus of the fuzz targets: whatever once broke a reader stays mended.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../fuzz/laws.rs"]
mod laws;

cascade_tests::replayed!(replay_texts: laws::{declaration, commits, templates, commands, pushes, history});
