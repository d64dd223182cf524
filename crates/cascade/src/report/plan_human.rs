//! The plan for people: waves and order, what moves and why, and every act.

mod acts;

use std::collections::BTreeSet;

use cascade_plan::{
    Action, Gate, Held, LockMode, LockMove, PinFate, PinMove, Plan, Purpose, Reason, Release, Step,
};

use super::others::to_whom;
use super::why::evidence_line;
use crate::page::{BAD, DIM, GOOD, PLACE, Page, STRONG, WARN, count, paint};
use crate::shown::Shown;
use acts::{pushed, write_action};

pub(crate) use acts::{asked, command, diff, moved_to, ways};

/// How many commits of evidence a release shows.
pub(super) const EVIDENCE: usize = 5;

/// What is said of a step that may turn out to have nothing to do.
const THERE: &str = ", unless what is asked for is there already";

/// Returns the plan, every act of it.
pub(crate) fn plan_human(plan: &Plan) -> String {
    let mut page = Page::default();
    head(&mut page, plan);
    let mut wave = None;
    for step in in_waves(plan) {
        if wave != Some(step.wave) {
            wave = Some(step.wave);
            page.gap();
            page.line(paint(PLACE, format!("wave {}", wave_of(plan, step))));
        }
        write_step(&mut page, step);
    }
    page.gap();
    foot(&mut page, plan);
    page.finish()
}

/// Returns the plan in one line a repository, for the question before it is carried out.
pub(crate) fn plan_short(plan: &Plan) -> String {
    let mut page = Page::default();
    for step in in_waves(plan)
        .iter()
        .filter(|it| it.changes() || it.held.is_some() || it.releases.iter().any(|it| it.out))
    {
        let mut words: Vec<String> = step.releases.iter().map(release_short).collect();
        let moved = updated(step).count();
        if moved > 0 {
            let there = if step.may_be_there() { THERE } else { "" };
            words.push(format!("{}{there}", count(moved, "pin", "pins")));
        }
        let locks = step.actions.iter().filter_map(|it| match it {
            Action::Relock(it) => Some(Shown(&it.file).to_string()),
            _ => None,
        });
        words.extend(locks);
        if let Some(held) = &step.held {
            words.push(paint(WARN, format!("held: {}", Shown(&held.why))));
        }
        page.line(format!(
            "  {}  {}",
            paint(STRONG, Shown(step.repo.as_str())),
            words.join(", ")
        ));
    }
    if let Some(act) = first_irreversible(plan) {
        page.line(act);
    }
    page.finish()
}

/// Returns the steps wave by wave, in the plan's order within each.
pub(super) fn in_waves(plan: &Plan) -> Vec<&Step> {
    let mut steps: Vec<&Step> = plan.steps.iter().collect();
    steps.sort_by_key(|it| it.wave);
    steps
}

/// Returns the number of a step's wave, counted from 1 among the waves of the plan.
pub(super) fn wave_of(plan: &Plan, step: &Step) -> usize {
    let waves = plan.steps.iter().map(|it| it.wave);
    let before: BTreeSet<usize> = waves.filter(|it| *it < step.wave).collect();
    before.len() + 1
}

/// Adds what the plan is for and how big it is; the waves are those that are numbered below.
fn head(page: &mut Page, plan: &Plan) {
    let purpose = match plan.request.purpose {
        Purpose::Release => "release",
        Purpose::Bump => "bump",
    };
    let changing = plan.steps.iter().filter(|it| it.changes()).count();
    let waves: BTreeSet<usize> = plan.steps.iter().map(|it| it.wave).collect();
    let size = if changing == 0 {
        "nothing changes".to_owned()
    } else {
        let many = count(changing, "repository changes", "repositories change");
        let many = match plan.steps.len() {
            all if all == changing => many,
            all if changing == 1 => format!("1 of {all} repositories changes"),
            all => format!("{changing} of {all} repositories change"),
        };
        format!("{many} in {}", count(waves.len(), "wave", "waves"))
    };
    page.line(format!(
        "{} of {}: {size} {}",
        paint(STRONG, purpose),
        Shown(&plan.workspace),
        paint(DIM, format!("(run {})", plan.run.0))
    ));
}

/// Adds everything that happens in one repository.
fn write_step(page: &mut Page, step: &Step) {
    page.gap();
    let after: Vec<&str> = step
        .after
        .iter()
        .map(cascade_plan::RepoId::as_str)
        .collect();
    let after = if after.is_empty() {
        String::new()
    } else {
        paint(DIM, format!(" after {}", Shown(&after.join(", "))))
    };
    page.line(format!(
        "{} {}{after}",
        paint(STRONG, Shown(step.repo.as_str())),
        paint(DIM, format!("at {}", step.base.short()))
    ));
    for release in &step.releases {
        write_release(page, release);
    }
    for pin in &step.pins {
        page.line(format!("  pin    {}", pin_line(pin)));
    }
    for lock in &step.locks {
        page.line(format!("  lock   {}", lock_line(lock)));
        for gate in &lock.gates {
            write_gate(page, step, lock, gate);
        }
    }
    for action in &step.actions {
        write_action(page, action);
    }
    if let Some(held) = &step.held {
        write_held(page, held);
    }
    if !step.changes() && step.held.is_none() {
        page.line(paint(DIM, "  nothing changes here"));
    }
}

/// Adds a package that moves, why, and the commits that ask for it.
fn write_release(page: &mut Page, release: &Release) {
    page.line(format!(
        "  {}  {}",
        release_short(release),
        paint(DIM, reason(&release.reason))
    ));
    for evidence in release.evidence.iter().take(EVIDENCE) {
        page.line(format!("         {}", evidence_line(evidence)));
    }
    let more = release.evidence.len().saturating_sub(EVIDENCE);
    if more > 0 {
        page.line(paint(DIM, format!("         and {more} more")));
    }
}

/// Returns `name 1.4.2 -> 1.5.0 minor (tag v1.5.0)`.
fn release_short(release: &Release) -> String {
    let name = Shown(&release.package.name);
    let to = Shown(&release.to);
    let tag = Shown(&release.tag);
    if release.out {
        return format!("{name} {to} {}", paint(DIM, format!("(out as {tag})")));
    }
    let from = release.from.as_deref().unwrap_or("nothing");
    format!(
        "{name} {} -> {} {} {}",
        Shown(from),
        paint(GOOD, to),
        release.level,
        paint(DIM, format!("(tag {tag})"))
    )
}

/// Returns why a package moves, in words.
pub(crate) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Asked => "because it was asked for".to_owned(),
        Reason::Commits => "because its commits ask for it".to_owned(),
        Reason::Pending => "because its version stands above its latest tag already".to_owned(),
        Reason::Upstream { package, to } => {
            format!("because {} moves to {}", Shown(&package.name), Shown(to))
        }
        Reason::Travels => "its latest version travels down as it is".to_owned(),
    }
}

/// Returns a pin's place, what becomes of it, and why.
fn pin_line(pin: &PinMove) -> String {
    let place = format!("{}:{}", Shown(&pin.manifest), pin.line);
    let name = Shown(&pin.upstream.name);
    let from = Shown(&pin.from);
    let fate = match &pin.fate {
        PinFate::Updated(to) => format!("{from} -> {} {}", paint(GOOD, Shown(to)), "updated"),
        PinFate::Kept(why) => format!("{from} {}", paint(DIM, format!("kept: {}", Shown(why)))),
        PinFate::Refused(why) => {
            format!("{from} {}", paint(BAD, format!("refused: {}", Shown(why))))
        }
    };
    format!("{place} {name} {fate}")
}

/// Adds a gate that young versions wait at, what it stops, and the way through.
fn write_gate(page: &mut Page, step: &Step, lock: &LockMove, gate: &Gate) {
    let what = format!("{} {}", Shown(&gate.package), Shown(&gate.version));
    let file = gate.exemption.as_deref().unwrap_or_default();
    if gate.exempted {
        page.line(format!("  gate   {what} is exempted in {}", Shown(file)));
        return;
    }
    let until = format!("gated until {}", Shown(&gate.until));
    let by = Shown(&gate.by).to_string();
    page.line(format!(
        "  gate   {what} is {} by {by}: {}",
        paint(WARN, until),
        gated(lock, gate)
    ));
    if gate.exemption.is_some() {
        page.line(format!(
            "         {} set `exempt-family = true` in [repo.{}] of workspace.toml, which exempts it in {}",
            paint(DIM, "next:"),
            Shown(step.repo.as_str()),
            Shown(file)
        ));
    }
}

/// Returns what a gate stops.
pub(crate) fn gated(lock: &LockMove, gate: &Gate) -> String {
    let lock = match lock.mode {
        LockMode::Tool => "its tool is told to take it for this lock",
        _ => "the lock moves natively all the same",
    };
    if gate.stops_installs {
        return format!(
            "{lock}, and a frozen install of it (the repository's CI) is refused until then"
        );
    }
    format!("{lock}; only locking it by hand is refused until then")
}

/// Returns what becomes of a lock, and why.
fn lock_line(lock: &LockMove) -> String {
    let need = match (lock.mode, lock.required) {
        (LockMode::Off, _) => "is left alone (`lock = \"off\"`)",
        (_, true) => "has to move",
        (_, false) => "could move",
    };
    format!("{} {need}: {}", Shown(&lock.file), Shown(&lock.reason))
}

/// Adds why a step can not be carried out.
fn write_held(page: &mut Page, held: &Held) {
    page.line(format!("  {}   {}", paint(WARN, "held"), Shown(&held.why)));
    if let Some(help) = &held.help {
        page.line(format!("         {} {}", paint(DIM, "next:"), Shown(help)));
    }
}

/// Returns the pins of a step that move.
fn updated(step: &Step) -> impl Iterator<Item = &PinMove> {
    let pins = step.pins.iter();
    pins.filter(|it| matches!(it.fate, PinFate::Updated(_)))
}

/// Adds what is counted over all, and the first act that can not be taken back.
fn foot(page: &mut Page, plan: &Plan) {
    let pins = || plan.steps.iter().flat_map(|it| &it.pins);
    let of = |test: fn(&PinFate) -> bool| pins().filter(|it| test(&it.fate)).count();
    let held = plan.steps.iter().filter(|it| it.held.is_some()).count();
    page.line(format!(
        "pins: {} updated, {} kept, {} refused · held: {held}",
        of(|it| matches!(it, PinFate::Updated(_))),
        of(|it| matches!(it, PinFate::Kept(_))),
        of(|it| matches!(it, PinFate::Refused(_))),
    ));
    if let Some(act) = first_irreversible(plan) {
        page.line(act);
    }
    if waits_for_tags_alone(plan) {
        page.line(paint(
            DIM,
            "packages are not waited for beyond their tags: no `registry` in workspace.toml says \
             where they appear",
        ));
    }
    if plan.steps.iter().all(|it| !it.changes()) {
        page.line("nothing to do");
    }
}

/// Returns whether something stands on what a plan releases, and nothing says where that appears.
fn waits_for_tags_alone(plan: &Plan) -> bool {
    let acts = |test: fn(&Action) -> bool| {
        let mut all = plan.steps.iter().flat_map(|it| &it.actions);
        all.any(test)
    };
    let stands = |it: &Step| it.changes() && !it.after.is_empty();
    acts(|it| matches!(it, Action::Tag { .. }))
        && !acts(|it| matches!(it, Action::AwaitVisible(_)))
        && plan.steps.iter().any(stands)
}

/// Returns a sentence about the first act that can not be taken back.
fn first_irreversible(plan: &Plan) -> Option<String> {
    let steps = in_waves(plan).into_iter();
    let carried = steps.filter(|it| it.held.is_none());
    let mut pushes = carried.flat_map(|step| {
        step.actions.iter().filter_map(move |action| match action {
            Action::Push { branch, tags } => {
                let what = pushed(branch.as_deref(), tags);
                let there = if step.may_be_there() { THERE } else { "" };
                Some(format!("{} pushes {what}{there}", name_of(step)))
            }
            Action::Dispatch(it) => Some(format!("for {} is sent {}", name_of(step), to_whom(it))),
            _ => None,
        })
    });
    let what = pushes.next()?;
    Some(format!("first act that can not be taken back: {what}"))
}

fn name_of(step: &Step) -> String {
    paint(STRONG, Shown(step.repo.as_str()))
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::report::sample_plan::plan;

    #[test]
    fn a_plan_says_every_act() {
        insta::assert_snapshot!(strip_str(&plan_human(&plan())).to_string(), @r#"
release of town: 2 of 3 repositories change in 2 waves (run 0123456789ab)

wave 1

urn at aaaaaaa
  tea-urn 1.4.0 -> 1.5.0 minor (tag v1.5.0)  because its commits ask for it
         minor feat ddddddd "feat: pour\u{1b}[2J"
  tag    v1.5.0
         tea-urn 1.5.0

         Cascade-Run: 0123456789ab
  push   main and v1.5.0, all or nothing

wave 2

app at aaaaaaa after urn
  tea-app 0.9.1 -> 0.9.2 patch (tag v0.9.2)  because tea-urn moves to 1.5.0
  pin    pyproject.toml:7 tea-urn ==1.4.0 -> ==1.5.0 updated
  pin    pyproject.toml:9 tea-urn <2 refused: it has an upper bound only
  edit   pyproject.toml
         --- a/pyproject.toml
         +++ b/pyproject.toml
         @@ -1,2 +1,2 @@
          [project]
         -dependencies = ["tea-urn==1.4.0"]
         +dependencies = ["tea-urn==1.5.0"]
  commit fix(deps): tea-urn 1.4.0 -> 1.5.0

         Cascade-Run: 0123456789ab

site at aaaaaaa after urn
  held   a person releases it
         next: release site by hand, then `cascade release --repo urn`

pins: 1 updated, 0 kept, 1 refused · held: 1
first act that can not be taken back: urn pushes main and v1.5.0, all or nothing
packages are not waited for beyond their tags: no `registry` in workspace.toml says where they appear
"#);
    }

    #[test]
    fn the_waves_that_are_counted_are_those_that_are_numbered() {
        let mut plan = plan();
        for (at, step) in plan.steps.iter_mut().enumerate() {
            step.wave = 2 * at;
        }
        if let Some(first) = plan.steps.first_mut() {
            first.actions.clear();
        }
        let text = strip_str(&plan_human(&plan)).to_string();
        assert!(
            text.contains(": 1 of 3 repositories changes in 3 waves"),
            "{text}"
        );
        assert!(
            text.contains("\nwave 3\n") && !text.contains("wave 4"),
            "{text}"
        );
    }

    #[test]
    fn the_question_is_short() {
        insta::assert_snapshot!(strip_str(&plan_short(&plan())).to_string(), @r#"
  urn  tea-urn 1.4.0 -> 1.5.0 minor (tag v1.5.0)
  app  tea-app 0.9.1 -> 0.9.2 patch (tag v0.9.2), 1 pin
  site  held: a person releases it
first act that can not be taken back: urn pushes main and v1.5.0, all or nothing
"#);
    }

    #[test]
    fn commands_can_be_pasted() {
        let argv = ["uv", "lock", "--upgrade-package", "a b"].map(str::to_owned);
        assert_eq!(command(&argv), "uv lock --upgrade-package 'a b'");
    }
}
