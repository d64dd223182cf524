//! What floats.
