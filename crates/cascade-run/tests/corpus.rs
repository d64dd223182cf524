//! Replays the corpus of the fuzz targets: whatever once broke a reader stays mended.

#[path = "../fuzz/laws.rs"]
mod laws;

cascade_tests::replayed!(replay: laws::{settings, answers, requests, checkouts});
