//! What turns.
