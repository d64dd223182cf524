//! The facade.
pub use wire_core::frame;
