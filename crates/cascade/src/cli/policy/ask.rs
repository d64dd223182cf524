//! `cascade policy ask`: may this command line be run?

use std::path::Path;

use cascade_plan::RepoId;
use cascade_plan::policy::{
    Actor, Answer, Asked, Deeds, Policy, Whom, ask, deeds_of_argv, deeds_of_script,
};
use clap::Args;

use super::Format;
use crate::cli::Call;
use crate::cli::alone::Fetch;
use crate::cli::carry::git;
use crate::cli::guard::{Who, file_name};
use crate::cli::workspace::{Reach, Workspace};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::report::policy::answer::{human, json};

/// Says whether a command line may be run: 0 for yes, 4 for no
#[derive(Debug, Args)]
#[command(
    long_about = "Says whether a command line may be run: 0 for yes, 4 for no, with the rule, where it \
        stands and what to do instead. It runs nothing. Uploads of packages, images and charts, \
        releases at a forge, pushed, moved and deleted tags, edits of protected files, and ways past \
        hooks are known, in pipelines and lists, in `sh -c`, behind `sudo`, `env`, `xargs`, `npx`, \
        `uvx` and the like. What can not be understood and names such a tool is refused to an agent, \
        and told to people.\n\n\
        One argument with spaces is read as a shell would read it; several are the words of one \
        command.",
    after_help = "Examples:\n  \
        cascade policy ask -- twine upload dist/*\n  \
        cascade policy ask --repo core -- 'npm test && npm publish'\n  \
        cascade policy ask --format json -- git push --tags"
)]
pub(super) struct Ask {
    /// The repository that it is run in [default: the one that the folder lies in, else every one]
    #[arg(long, short, value_name = "REPO")]
    repo: Option<String>,
    /// How the answer is written
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// The command line
    #[arg(last = true, required = true, value_name = "ARGV")]
    argv: Vec<String>,
}

/// A repository whose policy counts, and who acts in it.
type Concerned<'a> = (&'a Policy, Option<cascade_plan::ReleaseMode>, Actor);

impl Ask {
    /// Answers.
    pub(super) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open_or_alone(call, Fetch::Missing)?;
        let here = call.environment.here.as_path();
        let (repo, below) = match &self.repo {
            Some(name) => (Some(workspace.repo(name)?), String::new()),
            None => within(&workspace, here),
        };
        let deeds = self.deeds(&below);
        let git = git(call)?;
        let who = Who::new(call, &git, &workspace);
        let concerned = concerned(&workspace, repo.filter(|_| !deeds.wanders), &who);
        let whoms: Vec<Whom<'_>> = concerned
            .iter()
            .map(|(policy, mode, actor)| Whom {
                policy,
                mode: *mode,
                actor,
            })
            .collect();
        let asked = Asked {
            deeds: &deeds,
            at: call.environment.now,
        };
        let answer = ask(asked, &whoms);
        if workspace.reach == Reach::Alone {
            call.printer.talk(
                "judged alone: no `workspace.toml` says what family it is of, so only what \
                 `.cascade.toml` declares was held against it; `--workspace PATH` names one",
            );
        }
        self.told(call, &workspace, &answer)
    }

    fn deeds(&self, here: &str) -> Deeds {
        match self.argv.as_slice() {
            [text] if text.contains(|c: char| c.is_whitespace() || "$`;|&<>()".contains(c)) => {
                deeds_of_script(text, here)
            }
            argv => deeds_of_argv(argv, here),
        }
    }

    fn told(&self, call: &Call, workspace: &Workspace, answer: &Answer) -> Result<Exit, Failure> {
        let file = file_name(workspace);
        match self.format {
            Format::Human => call.printer.report(&human(answer, &file))?,
            Format::Json => Printer::json(&json(answer, &file))?,
        }
        Ok(if answer.refusals.is_empty() {
            Exit::Done
        } else {
            Exit::Refused
        })
    }
}

/// Returns the policies that a command is held to: that of the repository; where it is not known
/// which one that is, all of them.
fn concerned<'a>(
    workspace: &'a Workspace,
    repo: Option<&RepoId>,
    who: &Who<'_>,
) -> Vec<Concerned<'a>> {
    let graph = &workspace.graph;
    let all = graph.repos().iter();
    let of = all.filter(|(id, _)| repo.is_none_or(|repo| repo == *id));
    let mut found: Vec<Concerned<'a>> = Vec::new();
    for (id, declared) in of {
        let alike = |it: &Concerned<'_>| *it.0 == declared.policy && it.1 == Some(declared.mode);
        if found.iter().any(alike) && repo.is_none() {
            continue;
        }
        let actor = who.of(repo.is_some().then_some(id), &declared.policy);
        found.push((&declared.policy, Some(declared.mode), actor));
    }
    if found.is_empty() {
        found.push((graph.policy(), None, who.of(None, graph.policy())));
    }
    found
}

/// Returns the repository that a folder lies in, and where below its root.
fn within<'a>(workspace: &'a Workspace, here: &Path) -> (Option<&'a RepoId>, String) {
    let here = here.canonicalize().unwrap_or_else(|_| here.to_path_buf());
    let lies = |site: &'a cascade_run::Site| {
        let folder = site.folder.canonicalize().ok()?;
        let below = here.strip_prefix(&folder).ok()?;
        Some((site, below.to_string_lossy().into_owned()))
    };
    let found = workspace.sites.iter().filter_map(lies);
    // The nearest one, where one lies in another.
    match found.min_by_key(|it| it.1.len()) {
        Some((site, below)) => (Some(&site.repo), below),
        None => (None, String::new()),
    }
}
