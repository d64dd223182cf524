//! A replay as SVG: for each package a line of how many releases it was behind, above a strip of how it
//! stood. Every state is a colour and a word.

use cascade_plan::drift::EdgeState;
use cascade_plan::drift::replay::{Point, Replay, Track};

use super::super::day;
use super::{first, now, title};
use crate::page::Page;
use crate::shown::Shown;

/// Sizes, in pixels.
const LEFT: i64 = 24;
const ACROSS: i64 = 800;
const HEAD: i64 = 56;
const CHART: i64 = 60;
const STRIP: i64 = 10;
const ROW: i64 = CHART + STRIP + 44;

/// Where a package's row lies, and how high one release is.
struct Row<'a> {
    replay: &'a Replay,
    track: &'a Track,
    top: i64,
    most: i64,
}

/// Returns a replay as an SVG picture.
pub(crate) fn svg(replay: &Replay) -> String {
    let rows = i64::try_from(replay.tracks.len()).unwrap_or(0);
    let (width, height) = (ACROSS + 2 * LEFT, HEAD + rows * ROW + 40);
    let mut page = Page::default();
    page.line(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, monospace\" \
         font-size=\"12\" role=\"img\">"
    ));
    let title = escape(&title(replay));
    page.line(format!("<title>{title}</title>"));
    page.line("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
    page.line(words((LEFT, 24), "#1f2328", &title));
    for (nth, track) in (0_i64..).zip(&replay.tracks) {
        let most = track.points.iter().map(|it| it.releases).max().unwrap_or(0);
        let row = Row {
            replay,
            track,
            top: HEAD + nth * ROW,
            most: i64::try_from(most).unwrap_or(0).max(1),
        };
        row.write(&mut page);
    }
    write_axis(&mut page, replay, HEAD + rows * ROW + 12);
    page.line("</svg>");
    page.finish()
}

fn write_axis(page: &mut Page, replay: &Replay, y: i64) {
    page.line(words((LEFT, y), "#57606a", &day(first(replay))));
    page.line(format!(
        "<text x=\"{}\" y=\"{y}\" fill=\"#57606a\" text-anchor=\"end\">{}</text>",
        LEFT + ACROSS,
        day(replay.taken)
    ));
}

impl Row<'_> {
    fn write(&self, page: &mut Page) {
        let package = escape(&self.track.package);
        let said = format!("{package}: now {}", escape(&now(self.replay, self.track)));
        page.line("<g>");
        page.line(words((LEFT, self.top + 12), "#1f2328", &said));
        page.line(format!(
            "<path d=\"{}\" fill=\"none\" stroke=\"#0550ae\" stroke-width=\"1.5\"/>",
            self.line()
        ));
        let points = self.track.points.iter();
        let next = self.track.points.iter().skip(1).map(|it| it.at);
        for (point, until) in points.zip(next.chain([self.replay.taken])) {
            if let Some(state) = point.state {
                page.line(self.strip(point, state, until));
            }
        }
        page.line("</g>");
    }

    /// Returns the steps of the line.
    fn line(&self) -> String {
        let mut path = String::new();
        let mut drawn = false;
        for point in &self.track.points {
            let (x, y) = (self.x(point.at), self.y(point));
            let step = match (point.state, drawn) {
                (None, true) => format!("H{x}"),
                (None, false) => String::new(),
                (Some(_), true) => format!("H{x}V{y}"),
                (Some(_), false) => format!("M{x} {y}"),
            };
            drawn = point.state.is_some();
            path.push_str(&step);
        }
        if drawn {
            path.push_str(&["H", &(LEFT + ACROSS).to_string()].concat());
        }
        path
    }

    /// Returns the part of the strip that a point holds, with its words.
    fn strip(&self, point: &Point, state: EdgeState, until: i64) -> String {
        let (x, end) = (self.x(point.at), self.x(until));
        let said = format!(
            "{} from {}: {} with {} of {}, {} behind",
            state.word(),
            day(point.at),
            self.track.package,
            point.version.as_deref().unwrap_or("no version"),
            point.latest.as_deref().unwrap_or("none"),
            point.releases
        );
        format!(
            "<rect x=\"{x}\" y=\"{}\" width=\"{}\" height=\"{STRIP}\" fill=\"{}\"><title>{}</title></rect>",
            self.top + 20 + CHART,
            (end - x).max(1),
            colour(state),
            escape(&said)
        )
    }

    fn x(&self, moment: i64) -> i64 {
        let (from, to) = (first(self.replay), self.replay.taken);
        let span = (to - from).max(1);
        LEFT + (moment.clamp(from, to.max(from)) - from).saturating_mul(ACROSS) / span
    }

    fn y(&self, point: &Point) -> i64 {
        let releases = i64::try_from(point.releases).unwrap_or(self.most);
        self.top + 18 + CHART - releases * (CHART - 4) / self.most
    }
}

fn words((x, y): (i64, i64), fill: &str, said: &str) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" fill=\"{fill}\">{said}</text>")
}

fn colour(state: EdgeState) -> &'static str {
    match state {
        EdgeState::InStep | EdgeState::DeclaredOnly => "#1a7f37",
        EdgeState::Open => "#8c959f",
        EdgeState::Ahead => "#8250df",
        EdgeState::Behind => "#bf8700",
        EdgeState::LockStale => "#9a6700",
        EdgeState::Excluded => "#cf222e",
        EdgeState::LockContradicts => "#82071e",
    }
}

/// Returns foreign text for XML.
fn escape(text: &str) -> String {
    let shown = Shown(text).to_string();
    let shown = shown.replace('&', "&amp;").replace('<', "&lt;");
    shown.replace('>', "&gt;").replace('"', "&quot;")
}
