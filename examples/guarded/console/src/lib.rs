//! What shows it.
