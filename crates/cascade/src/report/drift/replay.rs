//! A replay, one file per format.

pub(crate) mod csv;
pub(crate) mod human;
pub(crate) mod markdown;
pub(crate) mod svg;

use cascade_plan::drift::EdgeState;
use cascade_plan::drift::replay::{Point, Replay, Track};

use super::day;
use crate::page::count;
use crate::shown::Shown;

/// How many seconds a day has.
const DAY: i64 = 86_400;

/// Returns in a sentence which past is told: `app: 12 states from 2024-01-01 to 2026-11-22`.
pub(super) fn title(replay: &Replay) -> String {
    let states = count(replay.states.len(), "state", "states");
    format!(
        "{}: {states} from {} to {}, each against the releases of its day",
        Shown(&replay.repo),
        day(begin(replay)),
        day(replay.taken)
    )
}

/// Returns when the first state began.
pub(super) fn begin(replay: &Replay) -> i64 {
    let first = replay.states.iter().map(|it| it.at).min();
    first.unwrap_or(replay.taken).min(replay.taken)
}

/// Returns when the charts begin: when something was pinned first.
pub(super) fn first(replay: &Replay) -> i64 {
    let points = replay.tracks.iter().filter_map(|it| it.points.first());
    let first = points.map(|it| it.at).min();
    first.unwrap_or_else(|| begin(replay)).min(replay.taken)
}

/// Returns what is true of how many states, in words; what is true of none is not said, but for locks
/// that contradict.
pub(super) fn counts(replay: &Replay) -> Vec<String> {
    let it = &replay.summary;
    let all = [
        (it.behind, "name an older version in some pin"),
        (it.excluded, "exclude the latest version in some pin"),
        (it.ahead, "name a version above every tag"),
        (
            it.lock_stale,
            "have a lock that records another requirement",
        ),
        (it.unreadable, "have a file that can not be read"),
    ];
    let of = it.states;
    let said = all.iter().filter(|(count, _)| *count > 0);
    let mut said: Vec<String> = said
        .map(|(count, is)| format!("{count} of {of} {is}"))
        .collect();
    let held = "have a lock that holds what the pin beside it excludes";
    said.push(format!("{} of {of} {held}", it.lock_contradicts));
    said
}

/// Returns how a package stood at a moment; `None` before it was pinned.
pub(super) fn at(track: &Track, moment: i64) -> Option<&Point> {
    let held = track.points.iter().take_while(|it| it.at <= moment);
    held.last().filter(|it| it.state.is_some())
}

/// Returns how a package stands at the end, in words.
pub(super) fn now(replay: &Replay, track: &Track) -> String {
    let Some(point) = at(track, replay.taken) else {
        return "not pinned any more".to_owned();
    };
    let word = point.state.map_or("", EdgeState::word);
    let Some(since) = point.since else {
        return word.to_owned();
    };
    let days = replay.taken.saturating_sub(since) / DAY;
    let releases = count(point.releases, "release", "releases");
    format!("{word}, {releases} and {days} days")
}

/// Returns what a state looks like in a chart of one letter a column.
pub(super) fn letter(state: EdgeState) -> char {
    match state {
        EdgeState::InStep | EdgeState::DeclaredOnly => '.',
        EdgeState::Open => 'o',
        EdgeState::Behind => 'b',
        EdgeState::LockStale => 's',
        EdgeState::Ahead => 'a',
        EdgeState::Excluded => 'x',
        EdgeState::LockContradicts => 'L',
    }
}
