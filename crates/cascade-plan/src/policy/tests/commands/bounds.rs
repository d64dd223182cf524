//! What is too long is not read, and no line is a panic.

use super::*;

#[test]
fn a_line_longer_than_any_is_not_read() {
    let argv = vec!["echo".to_owned(), "x".repeat(1 << 20)];
    assert!(matches!(
        deeds_of_argv(&argv, "").done.as_slice(),
        [Done {
            deed: Deed::Unclear(_),
            ..
        }]
    ));
}
