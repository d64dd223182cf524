//! What a git remote has of tags.

use std::path::Path;

use cascade_plan::{Digests, Sight};

use super::unreached;
use crate::Git;
use crate::git::GitError;
use crate::mirror::is_ref_name;
use crate::remote::{self, Remote};

/// Returns what a remote shows of any one of these tags; its digest is the commit that it names.
pub(super) fn look(git: &Git, (address, root): (&str, &Path), tags: &[String]) -> Sight {
    let remote = match Remote::parse(address, root) {
        Ok(remote) => remote,
        Err(error) => {
            return Sight::Nowhere {
                why: error.to_string(),
            };
        }
    };
    let full = tags.iter().map(|it| format!("refs/tags/{it}"));
    let full: Vec<String> = full.filter(|it| is_ref_name(it)).collect();
    let peeled = full.iter().map(|it| format!("{it}^{{}}"));
    let names: Vec<String> = full.iter().cloned().chain(peeled).collect();
    let call = git.away(&git.environment().scratch());
    let refs = match remote::look(call, &remote, &names) {
        Ok(refs) => refs,
        Err(error @ (GitError::Start { .. } | GitError::Failed { .. })) => {
            let words = error.to_string();
            return unreached(words.lines().next().unwrap_or_default());
        }
        Err(error) => return unreached(error.to_string()),
    };
    let found = tags.iter().find_map(|it| Some((it, refs.tag(it)?)));
    match found {
        Some((tag, commit)) => Sight::Complete {
            files: Digests::from([(tag.clone(), format!("commit:{commit}"))]),
        },
        None => Sight::Absent { latest: None },
    }
}
