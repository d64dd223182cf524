//! Tags and files of git repositories, by the user's own git.

use std::path::Path;

use cascade_manifest::Fallback;

use crate::Git;
use crate::exec::{End, shown};
use crate::git::GitCall;
use crate::mirror::is_ref_name;
use crate::remote::Remote;

/// Returns the commit that a tag names, peeled.
pub(super) fn tag(git: &Git, url: &str, tag: &str) -> Result<Vec<u8>, Fallback> {
    let remote = remote(url)?;
    let name = format!("refs/tags/{tag}");
    named(&name)?;
    let peeled = format!("{name}^{{}}");
    let place = git.environment().scratch();
    let call = git.away(&place).args(["ls-remote", "--quiet", "--"]);
    let answer = call
        .args([remote.address(), &name, &peeled])
        .network()
        .of_host(remote.host())
        .answer();
    let answer = answer.map_err(|it| told(git, &it.to_string()))?;
    let of = |wanted: &str| {
        let mut rows = answer.lines().filter_map(|it| it.split_once('\t'));
        let id = rows.find(|it| it.1 == wanted)?.0;
        cascade_plan::Oid::parse(id).map(|it| it.to_string().into_bytes())
    };
    of(&peeled).or_else(|| of(&name)).ok_or_else(|| {
        Fallback::because(format!(
            "the repository has no tag `{}`",
            shown(tag, git.environment())
        ))
    })
}

/// Returns a file of a repository at a ref: that one commit is fetched, and of its files this one.
pub(super) fn file(git: &Git, url: &str, name: &str, path: &str) -> Result<Vec<u8>, Fallback> {
    if name != "HEAD" {
        named(name)?;
    }
    fetched(git, url, name, path)
}

/// Returns a file of a repository at a commit, where its server gives out commits by their id.
pub(super) fn file_at(git: &Git, url: &str, commit: &str, path: &str) -> Result<Vec<u8>, Fallback> {
    let Some(commit) = cascade_plan::Oid::parse(commit) else {
        return Err(Fallback::because("a commit of the lock is none"));
    };
    fetched(git, url, &commit.to_string(), path)
}

fn fetched(git: &Git, url: &str, name: &str, path: &str) -> Result<Vec<u8>, Fallback> {
    let remote = remote(url)?;
    if crate::path::components(path).is_none() {
        return Err(Fallback::because("a path of the repository is no path"));
    }
    let dir = tempfile::Builder::new()
        .prefix("cascade-")
        .tempdir_in(git.environment().scratch());
    let dir = dir.map_err(|it| Fallback::because(format!("the temporary folder: {it}")))?;
    let at = dir.path().join("at.git");
    let call = git.away(dir.path()).args(["init", "--quiet", "--bare"]);
    run(git, call.arg(&at))?;
    for (key, value) in [
        ("remote.origin.url", remote.address()),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
    ] {
        run(git, git.bare(&at).args(["config", key, value]))?;
    }
    let fetch = ["fetch", "--quiet", "--depth=1", "--no-tags", "origin"];
    let spec = format!("+{name}:refs/cascade/at");
    let call = git.bare(&at).args(fetch).arg(spec).network();
    run(git, call.of_host(remote.host()))?;
    content(git, &at, path)
}

fn content(git: &Git, at: &Path, path: &str) -> Result<Vec<u8>, Fallback> {
    let name = format!("refs/cascade/at^{{commit}}:{path}");
    let call = git.bare(at).args(["cat-file", "blob", &name]).network();
    let heard = call.heard().map_err(|it| told(git, &it.to_string()))?;
    if heard.end != End::Exit(0) || !heard.whole {
        let path = shown(path, git.environment());
        return Err(Fallback::because(format!(
            "the repository has no file `{path}` there"
        )));
    }
    Ok(heard.answer)
}

fn run(git: &Git, call: GitCall) -> Result<(), Fallback> {
    call.answer()
        .map(|_| ())
        .map_err(|it| told(git, &it.to_string()))
}

fn remote(url: &str) -> Result<Remote, Fallback> {
    if !url.contains(':') {
        return Err(Fallback::because("the repository is named by a path"));
    }
    Remote::parse(url, Path::new("/")).map_err(|it| Fallback::because(it.to_string()))
}

fn named(full: &str) -> Result<(), Fallback> {
    if is_ref_name(full) {
        return Ok(());
    }
    Err(Fallback::because("the tag is no name that git takes"))
}

fn told(git: &Git, why: &str) -> Fallback {
    let line = why.lines().next().unwrap_or_default();
    Fallback::because(shown(line, git.environment()))
}
