//! Paths inside a repository, as text.

/// Returns the components of a path inside a repository; `None` where it leaves the repository,
/// reaches into git's own folder, or is spelled so that some system reads it as another path.
pub(crate) fn components(path: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = path.split('/').collect();
    parts.iter().all(|it| harmless(it)).then_some(parts)
}

/// Folders whose manifests and locks are someone else's.
const FOREIGN: &[&str] = &["node_modules", "vendor", ".venv", "site-packages"];

/// Returns whether a component of a path is a folder whose manifests and locks are someone else's.
pub(crate) fn is_foreign(path: &str) -> bool {
    path.split('/').any(|it| FOREIGN.contains(&it))
}

/// Returns the folder that a path lies in; empty for the root.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Returns a path below another one, either of which may be empty.
pub(crate) fn joined(above: &str, below: &str) -> String {
    match (above, below) {
        ("", it) | (it, "") => it.to_owned(),
        _ => format!("{above}/{below}"),
    }
}

/// Returns whether a name can stand as one component.
pub(crate) fn harmless(name: &str) -> bool {
    let folded: String = name
        .chars()
        .filter(|c| !matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}'))
        .flat_map(char::to_lowercase)
        .collect();
    let stem = folded.trim_end_matches(['.', ' ']);
    let git = stem == ".git" || stem.starts_with("git~");
    !(name.is_empty() || name == "." || name == ".." || git || name.contains(['\\', '\0']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_or_reach_into_git_are_none() {
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "./a",
            ".git/config",
            "a/.GIT/x",
            "git~1/config",
            ".git /x",
            ".g\u{200c}it/x",
            "a\\b",
            "a\0",
        ] {
            assert_eq!(components(path), None, "{path:?}");
        }
        assert_eq!(components("a/.github/b").map(|it| it.len()), Some(3));
        assert!(components(".gitignore").is_some());
    }
}
