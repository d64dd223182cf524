//! Asks for the digests and commits that a plan could not know, and puts them in their places.

use std::path::Path;

use cascade_plan::{
    Awaited, Digests, Expected, Fate, IMAGE, Oid, Outlet, Resolve, Sight, Step, Wanted, is_answer,
};

use super::failed;
use crate::Git;
use crate::drive::Teller;
use crate::exec::shown;
use crate::visible::{Company, Lookout, Waited};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// What goes into files; others work meanwhile.
    OfFiles,
    /// What goes into a message, by one who waits already.
    OfMessage,
}

/// Who is asked for digests and commits.
pub(super) struct Asker<'a> {
    pub(super) git: &'a Git,
    pub(super) lookout: &'a Lookout,
    /// The folder of the workspace's file.
    pub(super) root: &'a Path,
    pub(super) teller: &'a Teller<'a>,
    /// The command that goes on.
    pub(super) again: &'static str,
}

impl Asker<'_> {
    /// Returns a step with the digests and commits that it names, each read twice in a row.
    ///
    /// # Errors
    /// With the fate of the step: waiting, where one is not there yet.
    pub(super) fn filled(&self, step: &Step, asks: Asks) -> Result<Step, Fate> {
        let mut answers: Vec<Option<String>> = Vec::new();
        for it in step.resolves() {
            let same = step
                .resolves()
                .zip(&answers)
                .find(|(known, _)| known.what == it.what);
            let is_meant = it.is_for_message() == (asks == Asks::OfMessage);
            let answer = match same {
                _ if !is_meant => None,
                Some((_, Some(answer))) => Some(answer.clone()),
                _ => Some(self.ask(it, asks)?),
            };
            let fits = |(holder, answer): (&String, &String)| is_answer(answer, holder);
            if !it
                .placeholder
                .as_ref()
                .zip(answer.as_ref())
                .is_none_or(fits)
            {
                let answer = answer.unwrap_or_default();
                let why = format!(
                    "`{answer}` is no digest or commit that can stand in {}",
                    place(it)
                );
                return Err(failed(why, None));
            }
            answers.push(answer);
        }
        let filled = step.filled(&answers).and_then(|it| {
            match asks {
                Asks::OfFiles => it.is_written()?,
                Asks::OfMessage => it.is_told()?,
            }
            Ok(it)
        });
        filled.map_err(|why| failed(why.to_string(), self.again.to_owned()))
    }

    /// Returns the answer to one question.
    fn ask(&self, it: &Resolve, asks: Asks) -> Result<String, Fate> {
        let (awaited, tags) = question(&it.what);
        let environment = self.git.environment();
        let asked = shown(&words(&it.what), environment);
        let for_it = format!("{asked}, for {}", place(it));
        self.teller.progress(format!("asking for {for_it}"));
        let mut last = String::new();
        let mut tell = |standing: &str| {
            if last != standing {
                standing.clone_into(&mut last);
                let standing = shown(standing, environment);
                self.teller
                    .progress(format!("waiting for {asked}: {standing}"));
            }
        };
        let company = Company {
            publisher: None,
            tell: &mut tell,
        };
        let places = (self.root, self.root);
        let pace = environment.patience.index;
        let wait = || match self.lookout.look(&awaited, self.root, self.root) {
            // What only has to be there is: its upstream was waited for.
            Sight::Complete { files } if it.placeholder.is_none() => {
                Waited::Visible { files, readings: 1 }
            }
            _ => self.lookout.wait(&awaited, places, &pace, company),
        };
        let again = self.again.to_owned();
        let waited = match asks {
            Asks::OfFiles => self.teller.resting(wait),
            Asks::OfMessage => wait(),
        };
        match waited {
            Waited::Visible { files, .. } => answer(&files, &tags).ok_or_else(|| {
                let there: Vec<String> = files.keys().map(|it| format!("`{it}`")).collect();
                let why = format!(
                    "{for_it}: there is {}, and not `{}`",
                    shown(&there.join(", "), environment),
                    tags.join("` or `")
                );
                failed(
                    why,
                    format!("write the tag as it is pushed, then `{again}`"),
                )
            }),
            Waited::Interrupted => Err(Fate::Interrupted),
            Waited::Never { why } => Err(failed(
                format!("{for_it}: {}", shown(&why, environment)),
                again,
            )),
            Waited::Late { why } => Err(Fate::Waiting {
                what: format!("{for_it}: {}", shown(&why, environment)),
                help: Some(again),
            }),
        }
    }
}

/// Returns what is waited for, and the tags of which one has to be there.
pub(super) fn question(what: &Wanted) -> (Awaited, Vec<String>) {
    let (ecosystem, name, tags, outlet) = match what {
        Wanted::Digest { image, tags } => (IMAGE, image.clone(), tags.clone(), Outlet::Configured),
        Wanted::Commit { repo, remote, tag } => {
            let tags = vec![tag.clone()];
            let remote = remote.clone().unwrap_or_default();
            let outlet = Outlet::Tags {
                remote,
                tags: tags.clone(),
            };
            ("git", repo.to_string(), tags, outlet)
        }
    };
    let awaited = Awaited {
        ecosystem: ecosystem.to_owned(),
        name,
        version: tags.first().cloned().unwrap_or_default(),
        outlet,
        expected: Expected::default(),
    };
    (awaited, tags)
}

/// Returns the digest of a tag, or its commit.
fn answer(files: &Digests, tags: &[String]) -> Option<String> {
    let found = tags.iter().find_map(|it| files.get(it))?;
    let commit = found.strip_prefix("commit:");
    let commit = commit.and_then(Oid::parse).map(|it| it.to_string());
    Some(commit.unwrap_or_else(|| found.clone()))
}

fn words(what: &Wanted) -> String {
    match what {
        Wanted::Digest { image, tags } => format!("the digest of {image}:{}", tags.join(" or ")),
        Wanted::Commit { repo, tag, .. } => format!("the commit of {tag} of {repo}"),
    }
}

fn place(it: &Resolve) -> String {
    if it.is_for_message() {
        return "the message".to_owned();
    }
    format!("{}:{}", it.path, it.line)
}
