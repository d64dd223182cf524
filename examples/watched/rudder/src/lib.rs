//! What steers.
