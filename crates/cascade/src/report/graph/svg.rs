//! The graph as SVG: waves from left to right, the same picture every time.

use std::fmt::Write as _;

use cascade_plan::drift::EdgeState;

use super::layout::{HEIGHT, LETTERS, Layout, Route, Spot, Words, layout};
use super::{Edge, Impact, Node, Picture, colour_of};
use crate::page::Page;
use crate::report::markup::{Slug, Text};

/// What paints a picture, in light and in dark.
pub(crate) const STYLE: &str = include_str!("picture.css");

/// How many edges may carry words before they would cover one another.
const WORDS: usize = 40;

/// Where a picture is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// In a file of its own.
    Alone,
    /// In a page that has its style, where nodes and edges are links.
    Within,
}

/// Returns the graph as an SVG picture.
pub(crate) fn svg(picture: &Picture) -> String {
    draw(picture, Shown::Alone)
}

/// Returns the picture as part of an HTML page that has [`STYLE`]: a node links to `#repo=NAME`, an
/// edge to `#repo=DOWNSTREAM&on=UPSTREAM`.
pub(crate) fn inline(picture: &Picture) -> String {
    draw(picture, Shown::Within)
}

/// Returns the sign of a state, for a legend in a page that has [`STYLE`].
pub(crate) fn sign(state: EdgeState) -> String {
    format!(
        "<svg class=\"p\" width=\"44\" height=\"12\" aria-hidden=\"true\"><g class=\"e {}\">\
         <path d=\"M2 6H36\"/></g></svg>",
        class(state)
    )
}

/// Returns the class of a state: its words in one.
pub(crate) fn class(state: EdgeState) -> String {
    state.word().replace(' ', "-")
}

/// Returns the picture for where it is shown.
fn draw(picture: &Picture, shown: Shown) -> String {
    let lagging = picture
        .edges
        .iter()
        .filter(|it| colour_of(it.state).is_some());
    let words = match lagging.count() {
        0..=WORDS => Words::Shown,
        _ => Words::InTitles,
    };
    let layout = layout(picture, words);
    let mut page = Page::default();
    open(&mut page, picture, &layout, shown);
    for (number, x, width) in &layout.waves {
        let (middle, height) = (x + width / 2, layout.size.1);
        page.line(format!(
            "<path class=\"band\" d=\"M{middle} 28V{height}\"/><text class=\"wave\" x=\"{middle}\" \
             y=\"18\">wave {}</text>",
            number + 1
        ));
    }
    let mut edges: Vec<(&Edge, &Route)> = picture
        .edges
        .iter()
        .zip(&layout.routes)
        .filter_map(|(edge, route)| Some((edge, route.as_ref()?)))
        .collect();
    // What is drawn last lies on top.
    edges.sort_by_key(|(edge, _)| edge.state);
    for (edge, route) in edges {
        page.line(draw_edge(edge, route, shown));
    }
    for (node, spot) in picture.nodes.iter().zip(&layout.spots) {
        page.line(draw_node(node, *spot, shown));
    }
    if shown == Shown::Alone {
        legend(&mut page, picture, layout.size.1);
    }
    page.line("</svg>");
    page.finish()
}

/// Adds the beginning: its size, its title, its arrow heads.
fn open(page: &mut Page, picture: &Picture, layout: &Layout, shown: Shown) {
    let (width, height) = layout.size;
    match shown {
        Shown::Alone => {
            let (width, height) = (width.max(480), height + 26);
            page.line(format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"p\" width=\"{width}\" \
                 height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">"
            ));
            page.line(format!("<title>{}</title>", Text(&picture.name)));
            page.line(format!("<style>{STYLE}</style>"));
            page.line("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>");
        }
        Shown::Within => page.line(format!(
            "<svg class=\"p\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             role=\"group\" aria-labelledby=\"picture-title\">"
        )),
    }
    let mut tips = String::from("<defs>");
    for state in EdgeState::ALL {
        let class = class(state);
        let _ = write!(
            tips,
            "<marker id=\"tip-{class}\" class=\"{class}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" \
             markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
             <path d=\"M0 0 8 4 0 8z\"/></marker>"
        );
    }
    page.line(tips + "</defs>");
}

/// Returns an edge: a curve, its word, and all that is told of it as its title.
fn draw_edge(edge: &Edge, route: &Route, shown: Shown) -> String {
    let class = class(edge.state);
    let (open, close) = match shown {
        Shown::Alone => (format!("<g class=\"e {class}\">"), "</g>"),
        Shown::Within => {
            let (repo, on) = (Slug(&edge.downstream), Slug(&edge.upstream));
            let link = format!("#repo={repo}&amp;on={on}");
            (
                format!("<a class=\"e {class}\" href=\"{link}\" tabindex=\"-1\">"),
                "</a>",
            )
        }
    };
    let word = route.word.map_or_else(String::new, |(x, y)| {
        format!("<text x=\"{x}\" y=\"{y}\">{}</text>", edge.state.word())
    });
    let title = edge.told();
    format!(
        "{open}<title>{}</title><path d=\"{}\"/>{word}{close}",
        lines(&title),
        route.path
    )
}

/// Returns a node as a box with its name and, below it, its latest tag.
fn draw_node(node: &Node, spot: Spot, shown: Shown) -> String {
    let impact = match node.impact {
        Impact::None => "",
        Impact::Released => " released",
        Impact::Moves => " moves",
    };
    let trouble = node.trouble.as_ref().map_or("", |_| " trouble");
    let class = format!("n{impact}{trouble}");
    let (open, close) = match shown {
        Shown::Alone => (format!("<g class=\"{class}\">"), "</g>"),
        Shown::Within => (
            format!("<a class=\"{class}\" href=\"#repo={}\">", Slug(&node.repo)),
            "</a>",
        ),
    };
    let second = node.second().unwrap_or_default();
    let (x, y) = (spot.x + 10, spot.y);
    format!(
        "{open}<title>{}</title><rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{HEIGHT}\" rx=\"6\"/>\
         <text x=\"{x}\" y=\"{}\">{}</text><text class=\"t\" x=\"{x}\" y=\"{}\">{}</text>{close}",
        lines(&node.told()),
        spot.x,
        spot.width,
        y + 17,
        Text(&short(&node.repo)),
        y + 32,
        Text(&short(&second)),
    )
}

/// Returns lines as the text of a title.
fn lines(told: &[String]) -> String {
    let lines = told.iter().map(|it| Text(it).to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns a name that is too long for its box without its end.
fn short(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    let head = text.chars().take(LETTERS - 1);
    head.chain(['\u{2026}']).collect()
}

/// Adds which state looks how, and how many edges are in it.
fn legend(page: &mut Page, picture: &Picture, top: i64) {
    let (mut x, y) = (16, top + 8);
    for state in EdgeState::ALL {
        let count = picture.edges.iter().filter(|it| it.state == state).count();
        if count == 0 {
            continue;
        }
        let told = format!("{} {count}", state.word());
        let class = class(state);
        page.line(format!(
            "<g class=\"e {class}\"><path d=\"M{x} {y}h34\"/></g><text class=\"key\" x=\"{}\" \
             y=\"{}\">{told}</text>",
            x + 42,
            y + 4
        ));
        x += 42 + (0_i64..).zip(told.chars()).last().map_or(0, |it| it.0) * 7 + 30;
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::picture;
    use super::*;

    #[test]
    fn the_same_graph_is_the_same_picture() {
        let names = ["a", "b", "c", "d", "e", "f"];
        let edges = ["a>d", "a>e", "b>d", "c>f", "b>f", "d>f"];
        let mut turned = edges;
        turned.reverse();
        assert_eq!(svg(&picture(&names, &edges)), svg(&picture(&names, &edges)));
        let boxes = |text: String| -> Vec<String> {
            let boxes = text.lines().filter(|it| it.starts_with("<g class=\"n\">"));
            boxes.map(str::to_owned).collect()
        };
        let ours = boxes(svg(&picture(&names, &edges)));
        assert_eq!(ours.len(), 6);
        assert_eq!(ours, boxes(svg(&picture(&names, &turned))));
    }

    #[test]
    fn names_are_escaped() {
        let picture = picture(&["<script>&\"", "b\u{202e}", "</style>"], &[]);
        let alone = svg(&picture);
        assert!(alone.contains("&lt;script&gt;&amp;&quot;"), "{alone}");
        assert_eq!(alone.matches("</style>").count(), 1, "{alone}");
        for text in [&alone, &inline(&picture)] {
            assert!(
                !text.contains("<script>") && text.contains("b\\u{202e}"),
                "{text}"
            );
        }
        assert!(inline(&picture).contains("href=\"#repo=%3Cscript%3E%26%22\""));
    }

    #[test]
    fn a_state_is_a_colour_a_word_and_a_title() {
        let mut picture = picture(&["urn", "app", "web"], &["urn>app", "urn>web"]);
        picture.edges[0].state = EdgeState::LockStale;
        picture.edges[0].pins = vec!["uv.lock".to_owned()];
        let text = svg(&picture);
        let told = "<g class=\"e lock-stale\"><title>app on urn: lock stale\nuv.lock</title>";
        assert!(text.contains(told), "{text}");
        assert!(text.contains(">lock stale</text>"), "{text}");
        assert!(text.contains(">lock stale 1</text>") && text.contains(">in step 1</text>"));
        assert!(!text.contains(">in step</text>"), "{text}");
        for state in EdgeState::ALL {
            assert!(STYLE.contains(&format!(".{}", class(state))), "{state:?}");
        }
    }
}
