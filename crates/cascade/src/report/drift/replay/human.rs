//! A replay for people: a chart of letters and heights for each package, and what it came to.

use std::collections::BTreeSet;

use cascade_plan::drift::EdgeState;
use cascade_plan::drift::replay::{Replay, Track};

use super::super::day;
use super::{at, counts, first, letter, now, title};
use crate::page::{BAD, DIM, GOOD, Page, STRONG, WARN, count, paint};
use crate::shown::Shown;

/// How many columns a chart has where the terminal does not say.
const USUAL: usize = 72;
/// Heights, the lowest first.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One column of a chart: the worst of its time.
#[derive(Debug, Clone, Copy, Default)]
struct Column {
    state: Option<EdgeState>,
    releases: usize,
}

/// Returns a replay for people, for a terminal of this width.
pub(crate) fn human(replay: &Replay, width: Option<usize>) -> String {
    let mut page = Page::default();
    page.line(paint(STRONG, title(replay)));
    let names = replay
        .tracks
        .iter()
        .map(|it| Shown(&it.package).to_string());
    let name = names
        .map(|it| it.chars().count())
        .max()
        .unwrap_or(0)
        .min(24);
    let columns = width.map_or(USUAL, |it| it.saturating_sub(name + 4).clamp(12, 120));
    if !replay.tracks.is_empty() {
        page.gap();
        page.line(axis(replay, name, columns));
    }
    let mut seen = BTreeSet::new();
    for track in &replay.tracks {
        write_track(&mut page, replay, track, (name, columns), &mut seen);
    }
    if !seen.is_empty() {
        page.gap();
        let legend = seen
            .iter()
            .map(|it| format!("{} {}", letter(*it), it.word()));
        let legend: Vec<String> = legend.collect();
        page.line(paint(
            DIM,
            format!("{}; height: releases behind", legend.join("  ")),
        ));
    }
    page.gap();
    for line in counts(replay) {
        page.line(line);
    }
    write_adoption(&mut page, replay);
    page.finish()
}

/// Returns the line of years above the charts.
fn axis(replay: &Replay, name: usize, columns: usize) -> String {
    let (from, last) = (day(first(replay)), day(replay.taken));
    let gap = columns.saturating_sub(from.len() + last.len());
    let line = format!("{:name$}  {from}{:gap$}{last}", "", "");
    paint(DIM, line.trim_end())
}

fn write_track(
    page: &mut Page,
    replay: &Replay,
    track: &Track,
    (name, columns): (usize, usize),
    seen: &mut BTreeSet<EdgeState>,
) {
    let chart = chart(replay, track, columns);
    seen.extend(chart.iter().filter_map(|it| it.state));
    let letters: String = chart.iter().map(|it| coloured(it.state)).collect();
    let most = chart.iter().map(|it| it.releases).max().unwrap_or(0);
    let package = Shown(&track.package).to_string();
    page.line(format!("{package:name$}  {letters}"));
    if most > 0 {
        let heights: String = chart.iter().map(|it| height(it.releases, most)).collect();
        let most = count(most, "release", "releases");
        page.line(format!("{:name$}  {}", "", heights.trim_end()));
        page.line(format!(
            "{:name$}  at most {most} behind; now {}",
            "",
            now(replay, track)
        ));
    } else {
        page.line(format!("{:name$}  now {}", "", now(replay, track)));
    }
}

/// Returns the columns of a package: each the worst of its span of time.
fn chart(replay: &Replay, track: &Track, columns: usize) -> Vec<Column> {
    let (from, to) = (first(replay), replay.taken);
    let many = i64::try_from(columns).unwrap_or(1).max(1);
    let edge = |nth: i64| from + (to - from) / many * nth + (to - from) % many * nth / many;
    (0..many)
        .map(|nth| {
            let (start, end) = (edge(nth), edge(nth + 1));
            let held = at(track, start);
            let within = track
                .points
                .iter()
                .filter(|it| it.at > start && it.at <= end);
            let mut column = Column::default();
            for point in held.into_iter().chain(within) {
                column.state = column.state.max(point.state);
                column.releases = column.releases.max(point.releases);
            }
            column
        })
        .collect()
}

fn coloured(state: Option<EdgeState>) -> String {
    let Some(state) = state else {
        return " ".to_owned();
    };
    let style = match state {
        EdgeState::InStep | EdgeState::DeclaredOnly => GOOD,
        EdgeState::Open | EdgeState::Ahead => DIM,
        EdgeState::Behind | EdgeState::LockStale => WARN,
        EdgeState::Excluded | EdgeState::LockContradicts => BAD,
    };
    paint(style, letter(state))
}

fn height(releases: usize, most: usize) -> char {
    if releases == 0 {
        return ' ';
    }
    let step = (releases * BLOCKS.len()).div_ceil(most.max(1));
    BLOCKS.get(step.saturating_sub(1)).copied().unwrap_or('█')
}

fn write_adoption(page: &mut Page, replay: &Replay) {
    if replay.adoption.is_empty() {
        return;
    }
    page.gap();
    page.line("How fast releases were taken up, or passed over:");
    for it in &replay.adoption {
        page.line(format!(
            "  {}: {}, half of them within {} days, nine of ten within {}; {} newer by then, nine of ten {}",
            Shown(&it.package),
            count(it.releases, "release", "releases"),
            it.days.median,
            it.days.p90,
            it.behind.median,
            it.behind.p90
        ));
    }
}
