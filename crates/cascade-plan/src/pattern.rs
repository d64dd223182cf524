//! Patterns of names, branches and paths: `*`, `?`, `[a-z]` and `{a,b}`, as shells know them.

use globset::{GlobBuilder, GlobMatcher};

/// The longest pattern. The matcher of a much longer one is too large to be built, which globset
/// answers with a panic.
const LONGEST: usize = 1_000;

/// Returns what matches names by a pattern.
///
/// # Errors
/// With what is wrong with it, in a line.
pub fn name_pattern(text: &str) -> Result<GlobMatcher, String> {
    matcher(GlobBuilder::new(text).literal_separator(false), text)
}

/// Returns what matches paths by a pattern: `*` and `?` stand for no `/`.
///
/// # Errors
/// With what is wrong with it, in a line.
pub fn path_pattern(text: &str) -> Result<GlobMatcher, String> {
    matcher(GlobBuilder::new(text).literal_separator(true), text)
}

fn matcher(builder: &GlobBuilder<'_>, text: &str) -> Result<GlobMatcher, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let built = builder.build().map_err(|it| it.kind().to_string())?;
    Ok(built.compile_matcher())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_stop_at_a_slash_in_paths_only() {
        assert!(name_pattern("lib-*").unwrap().is_match("lib-a/b"));
        assert!(!path_pattern("lib-*").unwrap().is_match("lib-a/b"));
        assert!(path_pattern("{a,b}/?").unwrap().is_match("b/c"));
        assert!(name_pattern("[").is_err());
    }

    #[test]
    fn a_pattern_that_no_machine_could_match_is_refused() {
        let long = "(".repeat(1 << 20);
        assert_eq!(
            name_pattern(&long).unwrap_err(),
            "it is longer than 1000 bytes"
        );
    }

    proptest! {
        #[test]
        fn no_pattern_is_a_panic(part in "[*?{},\\[\\]!^a-zß\u{10ffff}\\\\-]{1,12}", times in 1..400_usize) {
            let text: String = part.repeat(times);
            let _ = name_pattern(&text).map(|it| it.is_match("a"));
            let _ = path_pattern(&text).map(|it| it.is_match("a/b"));
        }
    }
}
