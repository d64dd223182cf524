//! Release-age gates on what moves: shown, and opened where the workspace file says so.

use cascade_manifest::{Age, AgeGate, GateOrigin, Stops, ecosystem};

use super::edits::written;
use super::world::{Home, World};
use crate::snapshot::{Beside, folder_of};
use crate::{Action, Gate, LockMove};

/// Returns the gates on what moves in a lock, by the files beside it; what exempts the family's own
/// packages becomes a write where that is declared.
pub(super) fn gates(
    world: &World<'_>,
    home: Home<'_>,
    lock: &LockMove,
    (mut files, writes): (Beside, &mut Vec<Action>),
) -> Vec<Gate> {
    let name = lock.file.rsplit('/').next().unwrap_or_default();
    let found = ecosystem(&lock.ecosystem).and_then(|it| Some((it, it.lock(name)?)));
    let Some((ecosystem, format)) = found else {
        return Vec::new();
    };
    let folder = folder_of(&lock.file);
    let mut gates = Vec::new();
    for it in &lock.moves {
        let name = (ecosystem.canonical)(&it.name);
        let Some(gate) = format.age_gate(&name, &files) else {
            continue;
        };
        let exemption = gate.exemption.clone();
        let opened = exemption.filter(|_| home.declared.exempt_family);
        if let Some(edit) = &opened {
            let path = below(folder, &edit.path);
            write(home, writes, &path, &edit.text);
            files.insert(edit.path.clone(), edit.text.clone());
        }
        let offered = gate.exemption.as_ref().map(|it| below(folder, &it.path));
        gates.push(Gate {
            package: it.name.clone(),
            version: it.to.clone(),
            by: origin(&gate),
            until: until(world.snapshot.taken, &gate),
            stops_installs: gate.stops == Stops::Installing,
            exemption: offered,
            exempted: opened.is_some(),
        });
    }
    gates
}

fn below(folder: &str, path: &str) -> String {
    if folder.is_empty() {
        return path.to_owned();
    }
    format!("{folder}/{path}")
}

/// Adds the edit of a settings file to what is written already.
fn write(home: Home<'_>, writes: &mut Vec<Action>, to: &str, text: &str) {
    for action in writes.iter_mut() {
        if let Action::Write { path, after, .. } = action
            && path == to
        {
            text.clone_into(after);
            return;
        }
    }
    let settings = home.seen.settings.iter().find(|it| it.path == to);
    let before = home.text(to).or_else(|| settings.map(|it| &it.text));
    writes.push(Action::Write {
        path: to.to_owned(),
        before: before.cloned().unwrap_or_default(),
        after: text.to_owned(),
    });
}

fn origin(gate: &AgeGate) -> String {
    match &gate.origin {
        GateOrigin::Setting { path, key } => format!("`{key}` in `{path}`"),
        GateOrigin::Default {
            tool,
            version: None,
        } => format!("{tool}'s own default"),
        GateOrigin::Default {
            tool,
            version: Some(version),
        } => format!("the default of {tool} {version}"),
    }
}

/// Returns when a version that comes out now passes the gate, in words.
fn until(taken: i64, gate: &AgeGate) -> String {
    match &gate.age {
        Age::Before(text) => format!("it takes nothing published after {text}"),
        Age::Minutes(minutes) => {
            let wait = i64::try_from(*minutes)
                .unwrap_or(i64::MAX / 120)
                .min(i64::MAX / 120)
                * 60;
            written(taken.saturating_add(wait), "%Y-%m-%d %H:%M UTC")
        }
    }
}
