//! Commit and tag messages, and how the run's id gets into them.

use std::collections::BTreeMap;

use cascade_manifest::{Level, Version};

use super::fates::Judged;
use super::moves::{Moved, Moves};
use super::world::{Home, World};
use crate::commits::subject_of;
use crate::policy::Guarded;
use crate::{Action, Evidence, Graph, LockMove, PinFate, RunId, Step};

/// The longest subject that lists every move.
const SUBJECT: usize = 72;

/// The trailer that names the run; its value is put in when the run's id is known.
const RUN: &str = "Cascade-Run: ";

/// One move of a name, as messages tell it.
struct Told {
    name: String,
    /// What was named before, where it is known and another.
    from: Option<String>,
    to: String,
}

impl Told {
    fn text(&self) -> String {
        let Self { name, from, to } = self;
        match from.as_ref().filter(|it| *it != to) {
            Some(from) => format!("{name} {from} -> {to}"),
            None => format!("{name} {to}"),
        }
    }
}

/// Returns the message of a step's commit.
pub(super) fn commit(
    world: &World<'_>,
    home: Home<'_>,
    moves: &Moves<'_>,
    locks: &[LockMove],
) -> String {
    let foreign = |it: &&Judged<'_>| it.is_updated() && it.pin.upstream.repo != *home.id;
    let told = told(moves.pins.iter().filter(foreign));
    let versions = versions(moves);
    let mut message = match (told.is_empty(), versions.is_empty()) {
        (false, _) => pins_moved(&kind(home, moves), &told, &versions),
        (true, false) => listed("chore(release): ", &versions),
        (true, true) if moves.pins.iter().any(Judged::is_updated) => {
            let own = self::told(moves.pins.iter().filter(|it| it.is_updated()));
            pins_moved("chore(deps): ", &own, &versions)
        }
        (true, true) => {
            let beside = moves.pins.iter().filter_map(Judged::locked_alone);
            let files = locks.iter().map(|it| it.file.as_str()).chain(beside);
            let mut files: Vec<String> = files.map(str::to_owned).collect();
            files.dedup();
            listed("chore(deps): lock ", &files)
        }
    };
    if let Some(reason) = &world.request.downgrade {
        message.push_str("\n\nDowngrade: ");
        message.push_str(&plain(reason));
    }
    if world.is_release() {
        message.push_str("\n\n");
        message.push_str(RUN);
    }
    message.push('\n');
    message
}

/// Returns the moves of pins, each name once, from the lowest version that was named.
fn told<'a>(pins: impl Iterator<Item = &'a Judged<'a>>) -> Vec<Told> {
    let mut lowest: BTreeMap<String, (Option<Version>, Option<String>, String)> = BTreeMap::new();
    for it in pins {
        // The first numbers of a version tell none, and a digest is nothing to read.
        let is_short = it.deployed.is_some() && it.pin.named.is_some() && !it.pin.names_whole();
        let named = it.named().filter(|_| !is_short);
        let from = match &named {
            Some(named) => Some(named.text().to_owned()),
            None if is_short || it.pin.digest.is_some() => None,
            None => Some(plain(&it.pin.requirement)),
        };
        let to = it.to.text().to_owned();
        let name = plain(&it.pin.upstream.name);
        let row = lowest
            .entry(name)
            .or_insert((named.clone(), from.clone(), to.clone()));
        // What names no version, a digest alone, has the others speak for it.
        if named.is_some() && (row.0.is_none() || named < row.0) {
            *row = (named, from, to);
        }
    }
    let rows = lowest.into_iter();
    rows.map(|(name, (_, from, to))| Told { name, from, to })
        .collect()
}

/// Returns the versions that move, `NAME VERSION`, those of one name and version once.
fn versions(moves: &Moves<'_>) -> Vec<String> {
    let moving = moves.packages.values().filter(|it| it.is_new_text());
    let mut all: Vec<String> = moving
        .map(|it| format!("{} {}", plain(&it.package.id.name), it.to))
        .collect();
    all.dedup();
    all
}

impl Moved<'_> {
    /// Returns whether the version is one that no file and no tag says yet.
    fn is_new_text(&self) -> bool {
        !self.out && self.package.version.as_deref() != Some(self.to.text())
    }
}

/// Returns what stands before the moves: the type declared for the edges, `chore` where nothing
/// that orders a release moved.
fn kind(home: Home<'_>, moves: &Moves<'_>) -> String {
    let ordering = moves.pins.iter().filter(|it| it.is_updated()).filter(|it| {
        let packages = home.survey.packages.iter();
        it.pin.orders()
            || packages
                .into_iter()
                .any(|own| super::moves::is_cause(home, own, it.pin))
    });
    let kinds = ordering.map(|it| {
        let need = home.need(&it.pin.upstream.repo);
        need.map_or("fix", |it| it.commit_type.as_str())
    });
    let strongest = kinds.max_by_key(|it| match *it {
        "feat" => 2,
        "fix" | "perf" | "security" | "revert" => 1,
        _ => 0,
    });
    let kind = strongest.unwrap_or("chore");
    if kind.contains('(') {
        return format!("{kind}: ");
    }
    format!("{kind}(deps): ")
}

fn pins_moved(kind: &str, told: &[Told], versions: &[String]) -> String {
    let all: Vec<String> = told.iter().map(Told::text).collect();
    let subject = format!("{kind}{}", all.join(", "));
    let versions: Vec<String> = versions.iter().map(|it| format!("- {it}")).collect();
    let (subject, mut body) = if subject.len() <= SUBJECT || all.len() == 1 {
        (subject, Vec::new())
    } else {
        let rows: Vec<String> = all.iter().map(|it| format!("- {it}")).collect();
        (format!("{kind}{} packages", all.len()), rows)
    };
    body.extend(versions);
    if body.is_empty() {
        return subject;
    }
    format!("{subject}\n\n{}", body.join("\n"))
}

fn listed(kind: &str, rows: &[String]) -> String {
    let subject = format!("{kind}{}", rows.join(", "));
    if subject.len() <= SUBJECT || rows.len() == 1 {
        return subject;
    }
    let body: Vec<String> = rows.iter().map(|it| format!("- {it}")).collect();
    format!("{kind}{} packages\n\n{}", rows.len(), body.join("\n"))
}

/// Returns the message of a tag: what it is, its notes, its trailers.
pub(super) fn tag(world: &World<'_>, home: Home<'_>, moves: &Moves<'_>, it: &Moved<'_>) -> String {
    let package = it.package;
    let pins: Vec<&Judged<'_>> = moves
        .pins
        .iter()
        .filter(|it| super::moves::is_cause(home, package, it.pin))
        .collect();
    let updated = pins.iter().copied().filter(|it| it.is_updated());
    let rows: Vec<String> = told(updated).iter().map(Told::text).collect();
    let mut message = notes(&package.id.name, it.to.text(), &package.evidence, &rows);
    if world.is_release() {
        message.push('\n');
        message.push_str(RUN);
        message.push('\n');
        let mut upstreams: Vec<String> = pins
            .iter()
            .filter(|it| !matches!(it.fate, PinFate::Refused(_)))
            .map(|it| {
                format!(
                    "Cascade-Upstream: {}@{}",
                    plain(&it.pin.upstream.name),
                    it.to
                )
            })
            .collect();
        upstreams.sort();
        upstreams.dedup();
        for line in upstreams {
            message.push_str(&line);
            message.push('\n');
        }
    }
    message
}

/// Returns a tag's first line and its notes.
pub(super) fn notes(name: &str, version: &str, evidence: &[Evidence], moves: &[String]) -> String {
    let mut message = format!("{} {version}\n", plain(name));
    let mut rows: Vec<String> = evidence
        .iter()
        .filter(|it| it.level > Level::None)
        .map(|it| {
            format!(
                "- {} ({})",
                quiet(subject_of(&it.subject)),
                it.commit.short()
            )
        })
        .collect();
    rows.extend(moves.iter().map(|it| format!("- {it}")));
    if !rows.is_empty() {
        message.push('\n');
        message.push_str(&rows.join("\n"));
        message.push('\n');
    }
    message
}

/// Returns the text without control characters: it came out of a repository.
fn plain(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).collect()
}

/// Returns a subject that names nobody and closes nothing when a forge reads it.
fn quiet(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars().filter(|it| !it.is_control()) {
        match it {
            '#' => out.push_str("no. "),
            '@' => out.push_str("at "),
            other => out.push(other),
        }
    }
    out
}

/// Puts the run's id into the trailers of every message, and the reason for a change of what the
/// policy protects.
pub(super) fn sign(steps: &mut [Step], run: &RunId, graph: &Graph) {
    for step in steps {
        let reason = reason(step, graph);
        let repo = step.repo.clone();
        for action in &mut step.actions {
            match action {
                Action::Commit { message } => *message = signed(message, run, reason.as_deref()),
                Action::Tag { message, .. } => *message = signed(message, run, None),
                Action::Dispatch(it) => it.sign((run, graph.name()), &repo),
                _ => {}
            }
        }
    }
}

fn signed(message: &str, run: &RunId, reason: Option<&str>) -> String {
    let mut signed = String::with_capacity(message.len() + run.0.len() + 1);
    for line in message.lines() {
        signed.push_str(line);
        if line == RUN {
            signed.push_str(&run.0);
            signed.extend(reason.into_iter().flat_map(|it| ["\n", it]));
        }
        signed.push('\n');
    }
    signed
}

/// Returns the trailer that a commit of a step needs, where it writes what the policy protects.
fn reason(step: &Step, graph: &Graph) -> Option<String> {
    let guarded = Guarded::of(&graph.repo(&step.repo)?.policy);
    let writes = step.actions.iter().find_map(|it| match it {
        Action::Write { path, .. } => guarded.by(path),
        _ => None,
    });
    let trailer = crate::policy::TRAILER;
    writes.map(|_| format!("{trailer}: it names what the family releases"))
}
