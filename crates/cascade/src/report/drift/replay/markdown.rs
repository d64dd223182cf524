//! A replay as Markdown: for an issue or a page.

use cascade_plan::drift::replay::Replay;

use super::{counts, now, title};
use crate::page::Page;
use crate::report::markdown::{cell, row, rule};

/// Returns a replay as Markdown.
pub(crate) fn markdown(replay: &Replay) -> String {
    let mut page = Page::default();
    page.line(format!("# {}", cell(&title(replay))));
    page.gap();
    for line in counts(replay) {
        page.line(format!("- {}", cell(&line)));
    }
    if replay.tracks.is_empty() {
        return page.finish();
    }
    page.gap();
    let head = [
        "package",
        "now",
        "at most behind",
        "taken up",
        "median days",
        "p90 days",
        "median newer",
        "p90 newer",
    ];
    page.line(row(head.map(str::to_owned)));
    page.line(rule(head.len()));
    for track in &replay.tracks {
        let most = track.points.iter().map(|it| it.releases).max().unwrap_or(0);
        let same = |it: &&cascade_plan::drift::Adoption| {
            it.upstream == track.upstream && it.package == track.package
        };
        let numbers = replay.adoption.iter().find(same).map(|it| {
            [
                it.releases.to_string(),
                it.days.median.to_string(),
                it.days.p90.to_string(),
                it.behind.median.to_string(),
                it.behind.p90.to_string(),
            ]
        });
        let mut cells = vec![
            cell(&track.package),
            cell(&now(replay, track)),
            most.to_string(),
        ];
        cells.extend(numbers.unwrap_or_default());
        page.line(row(cells));
    }
    page.finish()
}
