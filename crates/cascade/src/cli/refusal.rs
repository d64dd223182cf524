//! What is refused before anything began: every culprit by name, with what mends it.

use cascade_plan::{Fate, Outcome, Plan, RepoId};
use cascade_run::{Git, Hindrance, Spelling, State, Unfit};

use super::Call;
use super::carry::again;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{STRONG, WARN, count, paint};
use crate::shown::Shown;

/// A repository that keeps a plan from being carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Culprit {
    /// Which one.
    pub(crate) repo: RepoId,
    /// Why.
    pub(crate) why: String,
    /// What mends it.
    pub(crate) help: Option<String>,
    /// How a run ends for it.
    pub(crate) exit: Exit,
}

impl Culprit {
    /// Returns the repository at fault in how its part ended.
    pub(crate) fn of(Unfit { repo, fate, by }: Unfit) -> Self {
        let failed = match by {
            Hindrance::Rule => Exit::Refused,
            Hindrance::Disk => Exit::Failed,
        };
        let (why, help, exit) = match fate {
            Fate::Failed { why, help, .. } => (why, help, failed),
            Fate::Drifted { what } => (what, None, Exit::Drift),
            Fate::Interrupted => ("an interrupt came".to_owned(), None, Exit::Interrupted),
            other => (format!("it ended early: {other:?}"), None, Exit::Refused),
        };
        Self {
            repo,
            why,
            help,
            exit,
        }
    }
}

/// Returns the steps that the plan itself holds back.
pub(crate) fn held(plan: &Plan) -> Vec<Culprit> {
    let culprit = |step: &cascade_plan::Step| {
        let held = step.held.clone()?;
        Some(Culprit {
            repo: step.repo.clone(),
            why: held.why,
            help: held.help,
            exit: Exit::Refused,
        })
    };
    plan.steps.iter().filter_map(culprit).collect()
}

/// Asks registries for the images that the plan's files name by a tag, and returns the repositories
/// whose files spell one as nobody pushes it. What is not known of the others is told.
pub(crate) fn misspelt(call: &Call, plan: &Plan, git: &Git, state: &State) -> Vec<Culprit> {
    let mut culprits: Vec<Culprit> = Vec::new();
    for it in cascade_run::misspelt(plan, git, state) {
        let (image, place) = (Shown(&it.image), Shown(&it.place));
        let what = match it.what {
            Spelling::Other(tag) => {
                let tag = Shown(&tag);
                let why = format!("{place} names {image}: there is `{tag}`, and not that");
                match culprits.iter_mut().find(|known| known.repo == it.repo) {
                    Some(known) => known.why = format!("{}; {why}", known.why),
                    None => culprits.push(Culprit {
                        help: Some(format!(
                            "write the tag in `{}` as it is pushed and commit it, or push it as it is written",
                            it.repo
                        )),
                        why,
                        exit: Exit::Refused,
                        repo: it.repo,
                    }),
                }
                continue;
            }
            Spelling::Unknown => "its registry knows no such image yet".to_owned(),
            Spelling::Unsaid(why) => Shown(&why).to_string(),
        };
        let repo = paint(STRONG, Shown(it.repo.as_str()));
        let note = paint(WARN, "note");
        call.printer
            .talk(&format!("{repo}  {note}  {place} names {image}: {what}"));
    }
    culprits
}

/// What a culprit is at fault with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The state of its checkout.
    Checkouts,
    /// What the plan says of it.
    Plan,
}

/// Fails where there is a culprit; `go_on` is the command that leaves them all out.
pub(crate) fn refuse(culprits: &[Culprit], whose: Whose, go_on: &str) -> Result<(), Failure> {
    let Some(first) = culprits.first() else {
        return Ok(());
    };
    let alike = culprits.iter().all(|it| it.exit == first.exit);
    let exit = if alike { first.exit } else { Exit::Refused };
    let many = match whose {
        Whose::Checkouts => count(culprits.len(), "checkout keeps", "checkouts keep"),
        Whose::Plan => count(culprits.len(), "repository keeps", "repositories keep"),
    };
    let mut lines = vec![format!("{many} this from being done, so nothing was begun")];
    for culprit in culprits {
        lines.push(format!("- {}", named(culprit)));
        let help = culprit.help.as_ref();
        lines.extend(help.map(|it| format!("  next: {}", skippable(it, &culprit.repo))));
    }
    Err(Failure::new(exit, lines.join("\n"), go_on))
}

/// Returns why a culprit is one, with its name.
fn named(culprit: &Culprit) -> String {
    if culprit.why.contains(&format!("`{}`", culprit.repo)) {
        return culprit.why.clone();
    }
    format!("{}: {}", culprit.repo, culprit.why)
}

/// Returns what mends a culprit, and that it may be left out instead.
fn skippable(help: &str, repo: &RepoId) -> String {
    if help.contains("--skip") {
        return help.to_owned();
    }
    format!("{help}; or leave it out with `--skip {repo}`")
}

/// Returns what to type next: the same command, or the one that leaves all culprits out.
pub(crate) fn without(
    command: &str,
    plan: &Plan,
    options: &[String],
    culprits: &[Culprit],
) -> String {
    let mut options = options.to_vec();
    options.extend(culprits.iter().map(|it| format!("--skip {}", it.repo)));
    let command = again(command, plan, &Outcome::default(), &options);
    format!("mend it and run the same command again, or go on without: {command}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample_plan::plan;

    #[test]
    fn every_culprit_is_named_with_what_mends_it() {
        let plan = plan();
        let culprits = held(&plan);
        assert_eq!(culprits.len(), 1);
        let go_on = without("release", &plan, &["--pins-only".to_owned()], &culprits);
        assert!(
            go_on.ends_with("cascade release --repo urn --pins-only --skip site"),
            "{go_on}"
        );
        let failure = refuse(&culprits, Whose::Plan, &go_on).unwrap_err();
        assert_eq!(failure.exit, Exit::Refused);
        let said = failure.diagnostic().to_string();
        assert!(said.contains("- site: a person releases it"), "{said}");
        assert!(
            said.contains("or leave it out with `--skip site`"),
            "{said}"
        );
        assert!(refuse(&[], Whose::Plan, "").is_ok());
    }

    fn unfit(repo: RepoId, fate: Fate) -> Unfit {
        let by = Hindrance::Rule;
        Unfit { repo, fate, by }
    }

    #[test]
    fn only_drift_is_drift() {
        let id = RepoId::new("a");
        let drift = Culprit::of(unfit(
            id.clone(),
            Fate::Drifted {
                what: "it".to_owned(),
            },
        ));
        let dirty = Culprit::of(unfit(
            id,
            Fate::Failed {
                why: "dirty".to_owned(),
                help: None,
                out: Vec::new(),
            },
        ));
        let exit = |it: &[Culprit]| refuse(it, Whose::Checkouts, "").unwrap_err().exit;
        assert_eq!(exit(std::slice::from_ref(&drift)), Exit::Drift);
        assert_eq!(exit(&[drift, dirty]), Exit::Refused);
    }
}
