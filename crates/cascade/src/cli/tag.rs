//! `cascade tag`: one repository's tag, in its checkout.

use cascade_plan::{ReleaseMode, RepoId};
use cascade_run::{ApplyError, Depth, Runs};
use clap::Args;

use super::carry::{alone, git};
use super::guard::pass_tag;
use super::plan::refused;
use super::selector::{ask, what};
use super::workspace::{Seen, Workspace};
use super::{Call, quality};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{GOOD, Page, STRONG, paint};
use crate::shown::Shown;

/// Tags the commit that is checked out
#[derive(Debug, Args)]
#[command(
    long_about = "Makes the annotated tag of a version at the commit that is checked out, after \
        it made sure that the version is what the manifest says, is well-formed, stands above \
        every version that the commit contains, exists neither here nor on the remote, that the \
        checkout is clean and on an allowed branch, and that every critical quality gate passes.\n\n\
        Without a version it takes what the manifest says, or what the commits ask for.",
    after_help = "Examples:\n  \
        cascade tag --repo core\n  \
        cascade tag v1.4.0 --repo core\n  \
        cascade tag 1.4.0 --repo core/core-macros --push"
)]
pub(crate) struct Tag {
    /// The version, with or without its `v`
    #[arg(value_name = "VERSION", value_parser = what)]
    version: Option<cascade_plan::What>,
    /// The repository, and the package where it has several
    #[arg(long = "repo", short, value_name = "REPO[/PACKAGE]", value_parser = ask)]
    repo: cascade_plan::Ask,
    /// Send branch and tag to the remote, all or nothing
    #[arg(long)]
    push: bool,
    /// Understood as everywhere: it asks nothing anyway
    #[arg(long, short)]
    yes: bool,
}

impl Tag {
    /// Checks everything, tags, and pushes where it was asked to.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let repo = workspace.repo(&self.repo.repo)?.clone();
        not_release_please(&workspace, &repo)?;
        workspace.want_checkouts([&repo])?;
        let state = workspace.state(call.environment.state()?)?;
        let alone = alone(&state)?;
        let seen = workspace.observe(call, Depth::Survey);
        let tags = self.tags(&workspace, &seen, &repo)?;
        let branch = seen.snapshot.repos.get(&repo);
        let branch = branch.and_then(|it| it.branch.clone());
        let git = git(call)?;
        pass_tag(call, &workspace, &git, (&repo, branch.as_deref()))?;
        let folder = workspace
            .folder(&repo)
            .ok_or_else(|| workspace.unknown(repo.as_str()))?;
        let there = cascade_run::on_remote(folder, &tags, &git, branch.as_deref());
        let there = there.map_err(|error| untold(&repo, error))?;
        not_out(&repo, &there)?;
        quality::pass_tag(call, (&workspace, &seen), &repo, (&git, &state))?;
        let push = branch.as_deref().filter(|_| self.push);
        let made = cascade_run::tag(folder, &tags, &git, push).map_err(|it| untold(&repo, it))?;
        if made.out.is_empty() {
            // It only serves `cascade undo`: without it, the tag is left alone.
            let _ = Runs::of(&state).tagged(&alone, &repo, (&made.commit, &made.tags));
        }
        let folder = workspace.graph.repo(&repo).map(|it| it.path.as_str());
        self.told(
            call,
            (&repo, folder.unwrap_or(".")),
            &tags,
            branch.as_deref(),
        )
    }

    /// Returns the tags to make, each with its message.
    fn tags(
        &self,
        workspace: &Workspace,
        seen: &Seen,
        repo: &RepoId,
    ) -> Result<Vec<(String, String)>, Failure> {
        let version = match self.version.as_ref().unwrap_or(&self.repo.what) {
            cascade_plan::What::Unsaid => None,
            cascade_plan::What::Version(version) => Some(version.as_str()),
            cascade_plan::What::Level(level) => {
                return Err(Failure::new(
                    Exit::Usage,
                    format!("`{level}` is a level, and a tag needs a version"),
                    format!("say which: `cascade tag 1.2.3 --repo {repo}`"),
                ));
            }
        };
        let planned = cascade_plan::tag_plan(
            &workspace.graph,
            &seen.snapshot,
            &seen.survey,
            repo,
            self.repo.package.as_deref(),
            version,
        );
        let planned = planned.map_err(|error| refused(&error))?;
        Ok(planned
            .into_iter()
            .map(|(_, tag, message)| (tag, message))
            .collect())
    }

    /// Reports the tags that were made.
    fn told(
        &self,
        call: &Call,
        (repo, folder): (&RepoId, &str),
        tags: &[(String, String)],
        branch: Option<&str>,
    ) -> Result<Exit, Failure> {
        let mut page = Page::default();
        let word = if self.push { "out" } else { "tagged" };
        for (tag, _) in tags {
            let repo = paint(STRONG, Shown(repo.as_str()));
            page.line(format!("{repo}  {}  {}", paint(GOOD, word), Shown(tag)));
        }
        if !self.push {
            let names: Vec<&str> = tags.iter().map(|(tag, _)| tag.as_str()).collect();
            let refs = format!("{} {}", branch.unwrap_or("HEAD"), names.join(" "));
            page.line(format!(
                "next: git -C {} push --atomic origin {}",
                Shown(folder),
                Shown(&refs)
            ));
        }
        call.printer.report(&page.finish())?;
        Ok(Exit::Done)
    }
}

/// Returns the failure of git in a repository.
fn untold(repo: &RepoId, error: ApplyError) -> Failure {
    let shows = format!("`cascade status --why {repo}` shows what is there");
    let what = format!("`{repo}`: {error}");
    Failure::new(Exit::Failed, what, error.help.unwrap_or(shows))
}

/// Fails where a tag is on the remote already.
fn not_out(repo: &RepoId, there: &[String]) -> Result<(), Failure> {
    if there.is_empty() {
        return Ok(());
    }
    let tags = there.join("`, `");
    Err(Failure::new(
        Exit::Refused,
        format!("the tag `{tags}` of `{repo}` is on the remote already"),
        format!(
            "a tag is never moved or reused: `cascade fetch`, and take the next version, \
             `cascade tag VERSION --repo {repo}`"
        ),
    ))
}

/// Fails for a repository that release-please tags.
fn not_release_please(workspace: &Workspace, repo: &RepoId) -> Result<(), Failure> {
    let mode = workspace.graph.repo(repo).map(|it| it.mode);
    if mode != Some(ReleaseMode::ReleasePlease) {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Refused,
        format!("`{repo}` is tagged by release-please, never by cascade"),
        "merge its release pull request; release-please tags the merged commit",
    ))
}
