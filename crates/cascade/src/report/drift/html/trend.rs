//! The trend: findings and lagging pins over time, as a small chart and in words.

use cascade_plan::drift::{Drift, Mark};

use super::words::day;
use crate::page::{Page, count};

/// How many of the newest observations are drawn.
const MARKS: usize = 120;
const WIDTH: i64 = 560;
const HEIGHT: i64 = 150;
const LEFT: i64 = 30;
const RIGHT: i64 = 12;
const TOP: i64 = 12;
const FOOT: i64 = 24;

/// Adds the chart with its words, and its numbers as a table.
pub(super) fn write(page: &mut Page, drift: &Drift) {
    let from = drift.trend.len().saturating_sub(MARKS);
    let marks = drift.trend.get(from..).unwrap_or_default();
    page.line("<figure class=\"trend\"><figcaption><h3>Trend</h3>");
    let (Some(first), Some(last)) = (marks.first(), marks.last()) else {
        page.line("<p class=\"dim\">No observation is kept.</p></figcaption></figure>");
        return;
    };
    if marks.len() < 2 {
        page.line(
            "<p class=\"dim\">This is the first observation. The trend begins with the next.</p>\
             </figcaption></figure>",
        );
        return;
    }
    page.line(format!(
        "<p id=\"trend-words\">{}</p>",
        words(first, last, marks)
    ));
    page.line("</figcaption>");
    chart(page, marks);
    page.line(
        "<p class=\"keys\"><span class=\"open\"><svg width=\"30\" height=\"10\" aria-hidden=\"true\">\
         <path d=\"M1 5H29\"/></svg> findings to mend</span> <span class=\"lag\"><svg width=\"30\" \
         height=\"10\" aria-hidden=\"true\"><path d=\"M1 5H29\"/></svg> pins not in step</span></p>",
    );
    table(page, marks);
    page.line("</figure>");
}

/// Returns how many findings ask to be mended.
fn open(mark: &Mark) -> usize {
    mark.block + mark.warn
}

/// Returns how many pins do not name the latest.
fn lagging(mark: &Mark) -> usize {
    mark.behind + mark.excluded + mark.ahead
}

/// Returns the chart in words.
fn words(first: &Mark, last: &Mark, marks: &[Mark]) -> String {
    let turn = |from: usize, to: usize| match from.cmp(&to) {
        std::cmp::Ordering::Less => format!("rose from {from} to {to}"),
        std::cmp::Ordering::Equal => format!("stand at {to}, as at first"),
        std::cmp::Ordering::Greater => format!("fell from {from} to {to}"),
    };
    let most = marks.iter().max_by_key(|it| open(it));
    let most = most.map_or_else(String::new, |it| {
        format!(" Most to mend: {} on {}.", open(it), day(it.taken))
    });
    format!(
        "{} from {} to {}. Findings to mend {}; pins not in step {}.{most}",
        count(marks.len(), "observation", "observations"),
        day(first.taken),
        day(last.taken),
        turn(open(first), open(last)),
        turn(lagging(first), lagging(last)),
    )
}

/// Adds the chart itself.
fn chart(page: &mut Page, marks: &[Mark]) {
    let highest = marks.iter().map(|it| open(it).max(lagging(it))).max();
    let highest = highest.unwrap_or_default().max(1);
    let line = |of: fn(&Mark) -> usize| -> Vec<(i64, i64)> {
        let points = marks.iter().map(|it| (x(it, marks), y(of(it), highest)));
        points.collect()
    };
    let base = HEIGHT - FOOT;
    page.line(format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"trend-words\">\
         <path class=\"axis\" d=\"M{LEFT} {base}H{}M{LEFT} {TOP}H{}\"/>\
         <text x=\"{}\" y=\"{}\" class=\"end\">{highest}</text><text x=\"{}\" y=\"{base}\" \
         class=\"end\">0</text>",
        WIDTH - RIGHT,
        WIDTH - RIGHT,
        LEFT - 6,
        TOP + 4,
        LEFT - 6,
    ));
    let (lag, open) = (line(lagging), line(open));
    let area = format!("{}V{base}H{LEFT}Z", path(&open));
    page.line(format!("<path class=\"area\" d=\"{area}\"/>"));
    page.line(format!("<path class=\"lag\" d=\"{}\"/>", path(&lag)));
    page.line(format!("<path class=\"open\" d=\"{}\"/>", path(&open)));
    for (class, points) in [("lag", &lag), ("open", &open)] {
        if let Some((x, y)) = points.last() {
            page.line(format!(
                "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"3.5\"/>"
            ));
        }
    }
    let ends = [marks.first(), marks.last()].map(|it| it.map_or(0, |it| it.taken));
    page.line(format!(
        "<text x=\"{LEFT}\" y=\"{}\">{}</text><text x=\"{}\" y=\"{}\" class=\"end\">{}</text></svg>",
        HEIGHT - 6,
        day(ends[0]),
        WIDTH - RIGHT,
        HEIGHT - 6,
        day(ends[1]),
    ));
}

/// Returns where a moment stands.
fn x(mark: &Mark, marks: &[Mark]) -> i64 {
    let times = || marks.iter().map(|it| i128::from(it.taken));
    let (from, to) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
    let room = i128::from(WIDTH - LEFT - RIGHT);
    let part = (i128::from(mark.taken) - from) * room / (to - from).max(1);
    LEFT + i64::try_from(part).unwrap_or(0)
}

/// Returns where a number stands.
fn y(number: usize, highest: usize) -> i64 {
    let room = HEIGHT - TOP - FOOT;
    let part = |it: usize| i64::try_from(it).unwrap_or(i64::MAX);
    HEIGHT - FOOT - part(number).saturating_mul(room) / part(highest).max(1)
}

fn path(points: &[(i64, i64)]) -> String {
    let points = points.iter().map(|(x, y)| format!("{x} {y}"));
    format!("M{}", points.collect::<Vec<_>>().join("L"))
}

/// Adds the numbers behind the chart, newest first.
fn table(page: &mut Page, marks: &[Mark]) {
    page.line(
        "<details><summary>The numbers</summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" \
         aria-label=\"Numbers of the trend\"><table class=\"plain\"><thead><tr>",
    );
    let heads = [
        "observed", "block", "warn", "info", "pins", "behind", "excluded", "ahead",
    ];
    for head in heads {
        page.line(format!("<th scope=\"col\">{head}"));
    }
    page.line("</thead><tbody>");
    for it in marks.iter().rev() {
        let numbers = [
            it.block,
            it.warn,
            it.info,
            it.pins,
            it.behind,
            it.excluded,
            it.ahead,
        ];
        let cells = numbers.map(|it| format!("<td>{it}"));
        let day = day(it.taken);
        page.line(format!("<tr><th scope=\"row\">{day}{}", cells.concat()));
    }
    page.line("</tbody></table></div></details>");
}
