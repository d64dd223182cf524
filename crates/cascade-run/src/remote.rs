//! What a remote has, and what it is asked to take. Only git itself talks to one.

use std::collections::BTreeMap;
use std::path::Path;

use cascade_plan::Oid;

use crate::exec::End;
use crate::git::{GitCall, GitError, said};

/// The place of a remote, of a protocol that cascade speaks and without a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remote(String);

/// A text that is no place cascade would talk to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadRemote {
    /// It starts with a dash, or holds a control character.
    #[error("the remote is not an address")]
    NoAddress,
    /// A protocol that can run programs, or that nobody signs for.
    #[error("the remote speaks `{0}`; cascade speaks https, ssh and file")]
    Protocol(String),
}

/// The refs of a remote, by full name; peeled tags as `refs/tags/NAME^{}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refs(BTreeMap<String, Oid>);

/// What a remote shows to those who clone it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Overview {
    /// The branch that its head names; `None` where it names a commit, or nothing that is there.
    pub(crate) branch: Option<String>,
    /// The commit that its head leads to.
    pub(crate) head: Option<Oid>,
    /// Its branches and tags by full name, tags not peeled.
    pub(crate) refs: BTreeMap<String, Oid>,
}

/// One ref that a remote is asked to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The full name.
    pub(crate) name: String,
    /// What it shall be.
    pub(crate) to: Oid,
    /// Where it has to be before.
    pub(crate) lease: Lease,
}

/// Where a ref has to be for a push to go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lease {
    /// Exactly here.
    At(Oid),
    /// Nowhere: it must not exist.
    Absent,
    /// Anywhere below what is pushed: a plain fast-forward.
    Below,
}

/// What came of asking a remote to take refs. It is a hint: what the remote has is the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// git says that it took them.
    Taken {
        /// The first address that the server named with it: where a pull request is opened.
        link: Option<String>,
    },
    /// It did not.
    Refused {
        /// Why, in its words.
        why: String,
        /// The refs that it refused for their own sake, not for another one's.
        refs: Vec<String>,
    },
    /// It can not take several refs as one.
    NotAtomic,
    /// No answer came in time.
    Silence(String),
}

/// Whether a push is all or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unity {
    /// All refs or none.
    Atomic,
    /// Each ref by itself.
    Loose,
}

impl Remote {
    /// Returns the place that the text names; a relative path is one below `root`.
    ///
    /// # Errors
    /// When it names none, or one of a protocol that cascade does not speak.
    pub(crate) fn parse(text: &str, root: &Path) -> Result<Self, BadRemote> {
        if text.is_empty() || text.starts_with('-') || text.chars().any(char::is_control) {
            return Err(BadRemote::NoAddress);
        }
        if let Some((protocol, rest)) = text.split_once("://") {
            return of_protocol(protocol, rest);
        }
        if let Some((helper, _)) = text.split_once("::") {
            return Err(BadRemote::Protocol(helper.to_owned()));
        }
        match text.split_once(':') {
            Some((host, _)) if !host.contains('/') && bare_host(host).starts_with('-') => {
                Err(BadRemote::NoAddress)
            }
            Some((host, _)) if !host.contains('/') => Ok(Self(text.to_owned())),
            _ => Ok(Self(root.join(text).to_string_lossy().into_owned())),
        }
    }

    /// Returns a remote of a checkout, by the name that its configuration has for it.
    pub(crate) fn configured(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Returns the name of its server; `None` for one on this disk.
    pub(crate) fn host(&self) -> Option<&str> {
        let authority = match self.0.split_once("://") {
            Some((_, rest)) => rest.split('/').next()?,
            None => self
                .0
                .split_once(':')
                .map(|it| it.0)
                .filter(|it| !it.contains('/'))?,
        };
        Some(bare_host(authority)).filter(|it| !it.is_empty())
    }

    /// Returns the address.
    pub(crate) fn address(&self) -> &str {
        &self.0
    }
}

fn of_protocol(protocol: &str, rest: &str) -> Result<Remote, BadRemote> {
    if !matches!(protocol, "https" | "ssh" | "file") {
        return Err(BadRemote::Protocol(protocol.to_owned()));
    }
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if bare_host(authority).starts_with('-') || authority.starts_with('-') {
        return Err(BadRemote::NoAddress);
    }
    // An argument list is readable by everybody on the machine; credential helpers know better.
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}@{host}"),
            None => authority.to_owned(),
        },
        None => authority.to_owned(),
    };
    Ok(Remote(format!("{protocol}://{authority}{path}")))
}

fn bare_host(authority: &str) -> &str {
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

impl Refs {
    /// Returns where the ref of this full name is.
    pub(crate) fn named(&self, full: &str) -> Option<&Oid> {
        self.0.get(full)
    }

    /// Returns where a branch is.
    pub(crate) fn branch(&self, name: &str) -> Option<&Oid> {
        self.0.get(&format!("refs/heads/{name}"))
    }

    /// Returns the commit that a tag stands for.
    pub(crate) fn tag(&self, name: &str) -> Option<&Oid> {
        let full = format!("refs/tags/{name}");
        self.0
            .get(&format!("{full}^{{}}"))
            .or_else(|| self.0.get(&full))
    }

    /// Returns the names of all tags.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        self.0
            .keys()
            .filter_map(|it| it.strip_prefix("refs/tags/"))
            .filter(|it| !it.ends_with("^{}"))
    }

    /// Returns every ref, by its full name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Oid)> {
        self.0.iter().map(|(name, id)| (name.as_str(), id))
    }

    /// Returns some id, which tells how many digits ids have here.
    pub(crate) fn any(&self) -> Option<&Oid> {
        self.0.values().next()
    }

    /// Reads the lines of `git ls-remote`.
    pub(crate) fn read(answer: &str) -> Self {
        let pairs = answer.lines().filter_map(|line| {
            let (oid, name) = line.split_once('\t')?;
            Some((name.to_owned(), Oid::parse(oid)?))
        });
        Self(pairs.collect())
    }
}

/// Asks a remote for refs of these exact full names; for all of its refs without names.
///
/// # Errors
/// When it does not answer.
pub(crate) fn look(call: GitCall, remote: &Remote, names: &[String]) -> Result<Refs, GitError> {
    let answer = call
        .network()
        .of_host(remote.host())
        .args(["ls-remote", "--quiet", "--"])
        .arg(remote.address())
        .args(names)
        .answer()?;
    Ok(Refs::read(&answer))
}

/// Returns the branch that a remote's head names.
///
/// # Errors
/// When it does not answer.
pub(crate) fn default_branch(call: GitCall, remote: &Remote) -> Result<Option<String>, GitError> {
    let answer = call
        .network()
        .of_host(remote.host())
        .args(["ls-remote", "--symref", "--"])
        .args([remote.address(), "HEAD"])
        .answer()?;
    Ok(answer.lines().find_map(named_by_head))
}

/// Asks a remote for its head, branches and tags, at once.
///
/// # Errors
/// When it does not answer.
pub(crate) fn overview(call: GitCall, remote: &Remote) -> Result<Overview, GitError> {
    let call = call.network().of_host(remote.host());
    let call = call.args(["ls-remote", "--quiet", "--symref", "--"]);
    let call = call.arg(remote.address());
    let answer = call.args(["HEAD", "refs/heads/*", "refs/tags/*"]).text()?;
    let branch = answer.lines().find_map(named_by_head);
    let Refs(mut refs) = Refs::read(&answer);
    let head = refs.remove("HEAD");
    refs.retain(|name, _| {
        let taken = name.starts_with("refs/heads/") || name.starts_with("refs/tags/");
        taken && !name.ends_with("^{}")
    });
    Ok(Overview { branch, head, refs })
}

/// Reads `ref: refs/heads/BRANCH` of a remote's head.
fn named_by_head(line: &str) -> Option<String> {
    let target = line.strip_prefix("ref: refs/heads/")?;
    Some(target.strip_suffix("\tHEAD")?.to_owned())
}

/// Asks a remote to take refs. A running push is never ended by an interrupt.
///
/// # Errors
/// When git does not start, or the run lost its right to push.
pub(crate) fn push(
    call: GitCall,
    git: &crate::Git,
    to: &str,
    wanted: &[Wanted],
    unity: Unity,
) -> Result<Answer, GitError> {
    git.may_push()?;
    let mut call = call
        .network()
        .of_host(Remote(to.to_owned()).host())
        .uninterrupted()
        .args(["push", "--porcelain", "--no-follow-tags"]);
    if unity == Unity::Atomic {
        call = call.arg("--atomic");
    }
    for it in wanted {
        call = match &it.lease {
            Lease::At(oid) => call.arg(format!("--force-with-lease={}:{oid}", it.name)),
            Lease::Absent => call.arg(format!("--force-with-lease={}:", it.name)),
            Lease::Below => call,
        };
    }
    let refspecs = wanted.iter().map(|it| format!("{}:{}", it.to, it.name));
    let heard = match call.args(["--", to]).args(refspecs).heard() {
        Err(error @ GitError::Late { .. }) => return Ok(Answer::Silence(error.to_string())),
        other => other?,
    };
    let judged = heard.answer.contains(&b'\t');
    Ok(match heard.end {
        End::Exit(0) => Answer::Taken {
            link: link(&heard.saying),
        },
        // The option's own name, which is not a matter of language; no ref was judged.
        _ if unity == Unity::Atomic && !judged && heard.saying.contains("--atomic") => {
            Answer::NotAtomic
        }
        _ => Answer::Refused {
            why: said(&heard, git.environment()),
            refs: refused(&String::from_utf8_lossy(&heard.answer)),
        },
    })
}

/// Asks a remote to delete a branch of cascade's own, as long as it is there still.
///
/// # Errors
/// When it does not.
pub(crate) fn delete(call: GitCall, remote: &Remote, name: &str, at: &Oid) -> Result<(), GitError> {
    let call = call.network().of_host(remote.host()).uninterrupted();
    let call = call.args(["push", "--porcelain"]);
    let call = call.arg(format!("--force-with-lease={name}:{at}"));
    let call = call.args(["--", remote.address()]).arg(format!(":{name}"));
    call.answer().map(drop)
}

/// Returns the refs that a server refused for their own sake: of `git push --porcelain`, the lines
/// `!\tFROM:TO\tSUMMARY (REASON)`. A reason comes from git's own server word for word.
fn refused(answer: &str) -> Vec<String> {
    let lines = answer.lines().filter_map(|it| it.strip_prefix("!\t"));
    let alone = lines.filter(|it| !it.contains("(atomic ") && !it.contains("(transaction "));
    let names = alone.filter_map(|it| it.split('\t').next()?.split_once(':'));
    names.map(|(_, to)| to.to_owned()).collect()
}

/// Returns the first web address in what a server said.
fn link(saying: &str) -> Option<String> {
    let remarks = saying.lines().filter_map(|it| it.strip_prefix("remote:"));
    let mut words = remarks.flat_map(str::split_whitespace);
    let is_link = |it: &&str| it.starts_with("https://") || it.starts_with("http://");
    let harmless = |it: &&str| it.len() <= 2000 && it.bytes().all(|it| it.is_ascii_graphic());
    words
        .find(|it| is_link(it) && harmless(it))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_the_first_address_that_the_server_itself_names() {
        let said = "To https://h.example/x\nremote: \nremote: Create a pull request by visiting:\nremote:      https://h.example/x/pull/new/b \nremote: https://h.example/more\n";
        assert_eq!(
            link(said).as_deref(),
            Some("https://h.example/x/pull/new/b")
        );
        assert_eq!(link("remote: https://h.example/\u{1b}[2J\n"), None);
    }

    #[test]
    fn a_ref_that_fell_with_another_was_not_refused_itself() {
        let answer = "To /srv/x.git\n\
            !\t1a:refs/heads/main\t[remote rejected] (atomic push failure)\n\
            !\t2b:refs/tags/v1\t[remote rejected] (hook declined)\nDone\n";
        assert_eq!(refused(answer), ["refs/tags/v1"]);
    }

    fn parse(text: &str) -> Result<String, BadRemote> {
        Remote::parse(text, Path::new("/base")).map(|it| it.0)
    }

    #[test]
    fn addresses_that_run_programs_are_refused() {
        for text in [
            "--upload-pack=touch x",
            "",
            "ssh://-oProxyCommand=x/y",
            "-x:y",
            "a\nb",
            "ssh://user@-oProxyCommand=x/y",
            "user@-host:x",
        ] {
            assert_eq!(parse(text), Err(BadRemote::NoAddress), "{text}");
        }
        for (text, protocol) in [
            ("ext::sh -c x", "ext"),
            ("git://h/x", "git"),
            ("http://h/x", "http"),
        ] {
            assert_eq!(parse(text), Err(BadRemote::Protocol(protocol.to_owned())));
        }
    }

    #[test]
    fn addresses_are_kept_but_for_passwords_and_relative_paths() {
        for (text, want) in [
            ("https://h.example/x.git", "https://h.example/x.git"),
            ("https://u:tok@h.example/x", "https://u@h.example/x"),
            ("git@h.example:x/y.git", "git@h.example:x/y.git"),
            ("/srv/x.git", "/srv/x.git"),
            ("../origins/x.git", "/base/../origins/x.git"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(want));
        }
    }

    #[test]
    fn a_server_is_known_by_its_name_alone() {
        for (text, want) in [
            ("https://u@h.example:8443/x.git", Some("h.example:8443")),
            ("ssh://git@h.example/x.git", Some("h.example")),
            ("git@h.example:x/y.git", Some("h.example")),
            ("file:///srv/x.git", None),
            ("/srv/x:y.git", None),
            ("origin", None),
        ] {
            assert_eq!(Remote(text.to_owned()).host(), want, "{text}");
        }
    }

    #[test]
    fn a_ref_is_known_by_its_whole_name() {
        let oid = |c: &str| c.repeat(40);
        let text = format!(
            "{}\trefs/heads/foo/refs/tags/v1\n{}\trefs/tags/v1\n{}\trefs/tags/v1^{{}}\n",
            oid("a"),
            oid("b"),
            oid("c")
        );
        let refs = Refs::read(&text);
        assert_eq!(refs.tag("v1").map(Oid::as_str), Some(oid("c").as_str()));
        assert_eq!(refs.tag("v"), None);
        assert_eq!(refs.branch("v1"), None);
        assert_eq!(refs.tags().collect::<Vec<_>>(), ["v1"]);
    }
}
