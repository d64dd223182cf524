//! Which remotes a forge's runner can not reach: those on this machine.

use std::fmt::Write as _;

use cascade_plan::Graph;

use crate::page::{WARN, count, paint};
use crate::shown::Shown;

/// How many repositories are named.
const NAMED: usize = 10;

/// Returns what is said of the remotes that only this machine has; nothing where there are none.
pub(super) fn unreachable(graph: &Graph) -> Option<String> {
    let repos = graph.repos().iter();
    let here: Vec<&str> = repos
        .filter(|(_, repo)| repo.remote.as_deref().is_some_and(is_here))
        .map(|(name, _)| name.as_str())
        .collect();
    if here.is_empty() {
        return None;
    }
    let mut names = here
        .iter()
        .take(NAMED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if here.len() > NAMED {
        let _ = write!(names, " and {} more", here.len() - NAMED);
    }
    let many = count(
        here.len(),
        "repository has a remote",
        "repositories have remotes",
    );
    Some(format!(
        "{} {many} on this machine, which a runner can not fetch: {}; say a `remote` in workspace.toml that it reaches",
        paint(WARN, "warning:"),
        Shown(&names)
    ))
}

/// Returns whether a remote is a path or a server of the machine itself; others are `https`, `ssh` or
/// `HOST:PATH`.
fn is_here(remote: &str) -> bool {
    let Some((scheme, _)) = remote.split_once("://") else {
        let first = remote.split('/').next().unwrap_or_default();
        return !first.contains(':');
    };
    // Plain `http` is declared of loopback alone.
    let mut local = ["file", "http"].iter();
    local.any(|it| scheme.eq_ignore_ascii_case(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_on_this_machine_and_a_server_is_not() {
        for here in [
            "/srv/core.git",
            "../core.git",
            "core",
            "./a:b",
            "file:///srv/core",
            "FILE:///x",
            "http://localhost/x",
        ] {
            assert!(is_here(here), "{here}");
        }
        for there in [
            "https://forge.example/a/b",
            "ssh://git@forge.example/a",
            "git@forge.example:a/b",
            "forge:a/b",
        ] {
            assert!(!is_here(there), "{there}");
        }
    }
}
