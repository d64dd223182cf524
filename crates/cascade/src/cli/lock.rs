//! `cascade lock`: the locks of the checkouts, in step with the manifests as they stand.

use std::collections::BTreeSet;

use cascade_plan::{
    FamilyTags, LockMode, LockStand, Oid, Outcome, Plan, Purpose, RepoId, Request, RunId, Step,
    lock_step,
};
use cascade_run::{Depth, Git, lock_stands};
use clap::{Args, ValueEnum};

use super::Call;
use super::carry::{alone, git, watched};
use super::selection::named;
use super::workspace::{Seen, Workspace};
use crate::exit::{Exit, Held};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::report::locks::{Row, locks_human, locks_json};
use crate::report::means;

/// Brings locks in step with the manifests as they stand
#[derive(Debug, Args)]
#[command(
    long_about = "Holds every lock in the checkouts against the manifests beside it, as both are \
        on disk, and brings those that disagree in step. Nothing is committed, and nothing but \
        locks is written.\n\n\
        A lock is rewritten by cascade itself where nothing but what has to move can change, byte \
        for byte what the ecosystem's tool would write; else by that tool, in a copy of the tree, \
        with its smallest command. Either way a lock in which more moved is refused, and what \
        moved is shown; `--allow-churn` takes it all the same.\n\n\
        `--verify` only tells: it needs no tool and no network, and exits 1 where a lock is out \
        of step.",
    after_help = "Examples:\n  \
        cascade lock                        every lock of the workspace\n  \
        cascade lock --verify               how they stand; exit 1 where one is out of step\n  \
        cascade lock --repo server --repo 'lib-*'\n  \
        cascade lock --mode native          without any tool, or not at all\n  \
        cascade lock --repo app --allow-churn"
)]
pub(crate) struct Lock {
    /// These repositories alone; globs, repeatable
    #[arg(long = "repo", short, value_name = "REPO")]
    repos: Vec<String>,
    /// Only tell how the locks stand
    #[arg(long, conflicts_with_all = ["mode", "allow_churn"])]
    verify: bool,
    /// How [default: as `lock` in workspace.toml says]
    #[arg(long, value_name = "MODE")]
    mode: Option<Mode>,
    /// Take a lock in which more moved than has to; it is shown all the same
    #[arg(long)]
    allow_churn: bool,
    /// How it is written
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// How a lock is brought in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Natively, else by the tool.
    Auto,
    /// Natively, or not at all.
    Native,
    /// By the tool.
    Tool,
}

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// `cascade.lock/1`, for machines.
    Json,
}

/// The locks of one repository.
struct Stands {
    repo: RepoId,
    mode: LockMode,
    head: Oid,
    locks: Vec<LockStand>,
}

impl Lock {
    /// Brings the locks of these repositories in step; how they stand then is for the caller to see.
    pub(super) fn mend(
        call: &Call,
        workspace: &Workspace,
        repos: &BTreeSet<RepoId>,
    ) -> Result<(), Failure> {
        let usual = Self {
            repos: Vec::new(),
            verify: false,
            mode: None,
            allow_churn: false,
            format: Format::Human,
        };
        usual.carry_out(call, workspace, repos).map(drop)
    }

    /// Brings the locks of the chosen repositories in step.
    fn carry_out(
        &self,
        call: &Call,
        workspace: &Workspace,
        chosen: &BTreeSet<RepoId>,
    ) -> Result<(Vec<Stands>, Outcome), Failure> {
        let git = git(call)?;
        let state = workspace.state(call.environment.state()?)?;
        let _alone = alone(&state)?;
        let seen = workspace.observe(call, Depth::Survey);
        let stands = self.stands(workspace, (&git, &seen), chosen)?;
        let plan = self.plan(workspace, &seen, &stands);
        let told = watched(call, plan.steps.len(), |on_event| {
            cascade_run::lock(&plan, &workspace.sites, &git, call.jobs(), on_event)
        });
        Ok((stands, told))
    }

    /// Looks, mends what is out of step, and tells.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let chosen = named(&workspace, &self.repos)?;
        if self.verify {
            let git = git(call)?;
            let seen = workspace.observe(call, Depth::Survey);
            let stands = self.stands(&workspace, (&git, &seen), &chosen)?;
            self.tell(call, &stands, None)?;
            let well = stands
                .iter()
                .flat_map(|it| &it.locks)
                .all(LockStand::is_in_step);
            return Ok(if well { Exit::Done } else { Exit::Findings });
        }
        let (stands, told) = self.carry_out(call, &workspace, &chosen)?;
        let unread = |it: &LockStand| it.read.is_err();
        self.tell(call, &stands, Some(&told))?;
        if stands.iter().flat_map(|it| &it.locks).any(unread) {
            return Ok(Exit::Failed);
        }
        Ok(Exit::of(&told, Held::None))
    }

    /// Returns how the locks of the chosen repositories stand; those without a clone have none.
    fn stands(
        &self,
        workspace: &Workspace,
        (git, seen): (&Git, &Seen),
        chosen: &BTreeSet<RepoId>,
    ) -> Result<Vec<Stands>, Failure> {
        let order = workspace.graph.order().iter();
        workspace.want_checkouts(order.filter(|it| means(chosen, it)))?;
        let tags = FamilyTags::of(&seen.snapshot);
        let mut all = Vec::new();
        for repo in workspace.graph.order() {
            let site = workspace.sites.iter().find(|it| it.repo == *repo);
            let declared = workspace.graph.repo(repo);
            let wanted = means(chosen, repo);
            let (Some(site), Some(declared), true) = (site, declared, wanted) else {
                continue;
            };
            if !site.folder.join(".git").exists() {
                continue;
            }
            let (head, locks) = lock_stands(site, git, &tags).map_err(|error| {
                let what = format!("`{repo}`: {error}");
                let help = error.help.unwrap_or_else(|| "cascade status".to_owned());
                Failure::new(Exit::Failed, what, help)
            })?;
            let mode = self.mode.map_or(declared.lock, Mode::of);
            all.push(Stands {
                repo: repo.clone(),
                mode,
                head,
                locks,
            });
        }
        Ok(all)
    }

    fn plan(&self, workspace: &Workspace, seen: &Seen, stands: &[Stands]) -> Plan {
        let step = |it: &Stands| -> Option<Step> {
            let declared = workspace.graph.repo(&it.repo)?;
            let step = lock_step(
                (&it.repo, declared),
                (it.head.clone(), it.mode),
                &it.locks,
                &seen.survey,
            )?;
            step.changes().then_some(step)
        };
        Plan {
            schema: Plan::SCHEMA.to_owned(),
            workspace: workspace.graph.name().to_owned(),
            request: Request {
                purpose: Purpose::Bump,
                asks: Vec::new(),
                only: BTreeSet::new(),
                skip: BTreeSet::new(),
                pins_only: true,
                allow_churn: self.allow_churn,
                pre: None,
                downgrade: None,
            },
            taken: seen.snapshot.taken,
            run: RunId::default(),
            steps: stands.iter().filter_map(step).collect(),
        }
    }

    fn tell(
        &self,
        call: &Call,
        stands: &[Stands],
        outcome: Option<&Outcome>,
    ) -> Result<(), Failure> {
        let rows = stands.iter().flat_map(|it| {
            it.locks.iter().map(|stand| Row {
                repo: &it.repo,
                mode: it.mode,
                stand,
                outcome,
            })
        });
        let rows: Vec<Row<'_>> = rows.collect();
        match self.format {
            Format::Human => call.printer.report(&locks_human(&rows)),
            Format::Json => Printer::json(&locks_json(&rows)),
        }
    }
}

impl Mode {
    fn of(self) -> LockMode {
        match self {
            Self::Auto => LockMode::Auto,
            Self::Native => LockMode::Native,
            Self::Tool => LockMode::Tool,
        }
    }
}
