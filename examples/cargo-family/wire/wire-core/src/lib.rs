//! Frames.

/// Returns the bytes framed.
pub fn frame(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8], bytes].concat()
}
