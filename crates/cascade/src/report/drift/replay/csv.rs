//! A replay as CSV (RFC 4180): a row for each pin of each state. No cell begins a formula.

use cascade_plan::drift::replay::{Replay, ReplayPin, ReplayState};

use super::super::csv::cell;
use super::super::day;

const HEAD: &str = "commit,date,upstream,package,path,line,requirement,version,latest,status,releases,days,lock,lock-version,lock-state";

/// Returns the rows of a replay, below a row of names.
pub(crate) fn csv(replay: &Replay) -> String {
    let mut text = format!("{HEAD}\r\n");
    for state in &replay.states {
        for pin in &state.pins {
            let cells = cells(state, pin).map(|it| cell(&it));
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
    }
    text
}

fn cells(state: &ReplayState, pin: &ReplayPin) -> [String; 15] {
    let lock = pin.lock.as_ref();
    [
        state.commit.clone(),
        day(state.at),
        pin.upstream.clone(),
        pin.package.clone(),
        pin.path.clone(),
        pin.line.to_string(),
        pin.requirement.clone(),
        pin.version.clone().unwrap_or_default(),
        pin.latest.clone().unwrap_or_default(),
        pin.status.word().to_owned(),
        pin.releases.to_string(),
        pin.days.to_string(),
        lock.map(|it| it.path.clone()).unwrap_or_default(),
        lock.and_then(|it| it.version.clone()).unwrap_or_default(),
        lock.map(|it| it.state.word().to_owned())
            .unwrap_or_default(),
    ]
}
