//! What sails.
