//! The report that makes itself: the files that run it, held against their own judges, and what is told.
//!
//! Validators are installed where `CASCADE_HOOK_TOOLS` is set, as CI sets it.

mod files;
mod told;
