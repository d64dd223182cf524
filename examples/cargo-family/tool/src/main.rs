//! Frames from the command line.
fn main() {}
