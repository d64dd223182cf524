//! Scans a folder of clones, for `cascade init`.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use cascade_plan::{Found, RepoId};

use crate::checkout::Checkout;
use crate::discover::ReadFailure;

/// How many folders are looked into at most.
const BOUND: usize = 100_000;

/// Returns the git clones in a folder, and those in its folders that are no clones themselves, by
/// name. Hidden folders and links are passed over.
///
/// # Errors
/// When the folder can not be listed, or holds more folders than anyone's clones.
pub fn scan(dir: &Path) -> Result<Vec<Found>, ReadFailure> {
    let mut clones = Vec::new();
    let mut looked = 0;
    for folder in folders(dir)? {
        looked += 1;
        if is_clone(&dir.join(&folder)) {
            clones.push(folder);
            continue;
        }
        // A grouping folder; one that can not be listed groups nothing.
        for below in folders(&dir.join(&folder)).unwrap_or_default() {
            looked += 1;
            let path = format!("{folder}/{below}");
            if is_clone(&dir.join(&path)) {
                clones.push(path);
            }
        }
        if looked > BOUND {
            let words = format!("holds more than {BOUND} folders");
            return Err(ReadFailure::new(dir, words));
        }
    }
    let mut names = BTreeSet::new();
    let mut found: Vec<_> = clones
        .into_iter()
        .map(|path| describe(dir, path, &mut names))
        .collect();
    found.sort_by(|a, b| a.repo.cmp(&b.repo));
    Ok(found)
}

/// Returns the names of the folders in a folder, sorted.
fn folders(dir: &Path) -> Result<Vec<String>, ReadFailure> {
    let listing = fs::read_dir(dir).map_err(|error| {
        let words = match error.kind() {
            io::ErrorKind::NotFound => "does not exist".to_owned(),
            kind => format!("can not be listed: {kind}"),
        };
        ReadFailure::new(dir, words)
    })?;
    let mut names: Vec<_> = listing
        .flatten()
        .filter(|it| it.file_type().is_ok_and(|it| it.is_dir()))
        .filter_map(|it| it.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    Ok(names)
}

fn is_clone(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// Names a clone after its folder; a second one of that name after its whole path.
fn describe(dir: &Path, path: String, names: &mut BTreeSet<String>) -> Found {
    let last = path.rsplit('/').next().unwrap_or(&path).to_owned();
    let mut name = if names.contains(&last) {
        path.replace('/', "-")
    } else {
        last
    };
    while !names.insert(name.clone()) {
        name.push('-');
    }
    let (remote, branch) = origin(&dir.join(&path));
    Found {
        repo: RepoId::new(name),
        path,
        remote,
        branch,
    }
}

/// Returns a clone's remote and its default branch; the current one where the clone knows no other.
fn origin(folder: &Path) -> (Option<String>, Option<String>) {
    let Ok(checkout) = Checkout::open(folder) else {
        return (None, None);
    };
    let remote = checkout.origin().map(without_credentials);
    let branch = checkout.refs().ok().and_then(|refs| {
        let current = || refs.head().ok()?.branch;
        Checkout::default_branch(&refs).or_else(current)
    });
    (remote, branch)
}

/// Returns a remote without the user and password of its URL. A plain ssh user (`git@`) is no
/// secret, and stays.
fn without_credentials(remote: &str) -> String {
    let Some((scheme, rest)) = remote.split_once("://") else {
        return remote.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let Some((who, host)) = authority.rsplit_once('@') else {
        return remote.to_owned();
    };
    let user = who.split(':').next().unwrap_or_default();
    if scheme.contains("ssh") && !user.is_empty() {
        return format!("{scheme}://{user}@{host}{path}");
    }
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use cascade_tests::Town;

    use super::*;

    #[test]
    fn finds_clones_and_grouped_clones_with_their_remotes() {
        let town = Town::new();
        town.repo("b", "", &[]);
        town.repo("a", "", &[]);
        town.repo("group/a", "", &[]);
        town.repo(".hidden", "", &[]);
        town.run(&town.work(), &["init", "-q", "-b", "trunk", "lonely"]);
        let remote = "https://user:secret@git.example/x.git";
        town.git("b", &["remote", "set-url", "origin", remote]);
        town.git("b", &["checkout", "-q", "-b", "topic"]);
        let found = scan(&town.work()).unwrap();
        let rows: Vec<_> = found
            .iter()
            .map(|it| (it.repo.as_str(), it.path.as_str(), it.branch.as_deref()))
            .collect();
        assert_eq!(
            rows,
            [
                ("a", "a", Some("main")),
                ("b", "b", Some("main")),
                ("group-a", "group/a", Some("main")),
                ("lonely", "lonely", Some("trunk")),
            ]
        );
        assert_eq!(
            found[1].remote.as_deref(),
            Some("https://git.example/x.git")
        );
        assert_eq!(found[3].remote, None);
        assert!(scan(&town.work().join("nowhere")).is_err());
    }

    #[test]
    fn no_secret_of_a_remote_is_kept() {
        for (remote, kept) in [
            ("https://t0k@h.example/x", "https://h.example/x"),
            (
                "https://u:p@@h.example:8080/x@y",
                "https://h.example:8080/x@y",
            ),
            ("ssh://git:p@h.example/x", "ssh://git@h.example/x"),
            ("git@h.example:x/y.git", "git@h.example:x/y.git"),
            ("/srv/a@b/x.git", "/srv/a@b/x.git"),
        ] {
            assert_eq!(without_credentials(remote), kept);
        }
    }
}
