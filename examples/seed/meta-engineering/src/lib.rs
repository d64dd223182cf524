//! Tools that build the family.
