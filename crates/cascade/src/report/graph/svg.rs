//! The graph as SVG: layers from top to bottom, the same picture every time.

use super::{Edge, Impact, Node, Origin, Picture};
use crate::page::Page;
use crate::shown::Shown;

/// Sizes, in pixels.
const HEIGHT: usize = 44;
const ACROSS: usize = 28;
const DOWN: usize = 56;
const MARGIN: usize = 20;
const LETTER: usize = 8;
/// How often the rows are sorted by where their neighbours stand.
const SWEEPS: usize = 8;

/// Where a node stands.
#[derive(Debug, Clone, Copy, Default)]
struct Spot {
    x: usize,
    y: usize,
    width: usize,
}

/// Returns the graph as an SVG picture.
pub(crate) fn svg(picture: &Picture) -> String {
    let rows = rows(picture);
    let spots = spots(picture, &rows);
    let right = |it: &Spot| it.x + it.width;
    let width = spots.iter().map(right).max().unwrap_or(0) + MARGIN;
    let height = spots.iter().map(|it| it.y + HEIGHT).max().unwrap_or(0) + MARGIN;
    let mut page = Page::default();
    page.line(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, monospace\" \
         font-size=\"13\" role=\"img\">"
    ));
    page.line(format!("<title>{}</title>", escape(&picture.name)));
    page.line("<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"#57606a\"/></marker></defs>");
    for edge in &picture.edges {
        if let Some(line) = draw_edge(picture, &spots, edge) {
            page.line(line);
        }
    }
    for (node, spot) in picture.nodes.iter().zip(&spots) {
        page.line(draw_node(node, *spot));
    }
    page.line("</svg>");
    page.finish()
}

/// Returns the nodes of every wave, in an order that crosses few edges.
fn rows(picture: &Picture) -> Vec<Vec<usize>> {
    let waves = picture.nodes.iter().map(|it| it.wave).max();
    let mut rows = vec![Vec::new(); waves.map_or(0, |it| it + 1)];
    for (at, node) in picture.nodes.iter().enumerate() {
        if let Some(row) = rows.get_mut(node.wave) {
            row.push(at);
        }
    }
    let neighbours = neighbours(picture);
    for _ in 0..SWEEPS {
        let places = places(&rows, picture.nodes.len());
        for row in &mut rows {
            row.sort_by_key(|at| (middle(*at, &neighbours, &places), *at));
        }
    }
    rows
}

/// Returns every node's neighbours, above and below.
fn neighbours(picture: &Picture) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); picture.nodes.len()];
    for edge in &picture.edges {
        let ends = (
            picture.position(&edge.upstream),
            picture.position(&edge.downstream),
        );
        let (Some(from), Some(to)) = ends else {
            continue;
        };
        for (at, other) in [(from, to), (to, from)] {
            if let Some(list) = neighbours.get_mut(at) {
                list.push(other);
            }
        }
    }
    neighbours
}

/// Returns where in its row every node stands, in thousandths of the row.
fn places(rows: &[Vec<usize>], nodes: usize) -> Vec<usize> {
    let mut places = vec![0; nodes];
    for row in rows {
        for (n, at) in row.iter().enumerate() {
            if let Some(place) = places.get_mut(*at) {
                *place = (2 * n + 1) * 1_000 / (2 * row.len());
            }
        }
    }
    places
}

/// Returns the mean place of a node's neighbours; its own without any.
fn middle(at: usize, neighbours: &[Vec<usize>], places: &[usize]) -> usize {
    let place = |it: &usize| places.get(*it).copied().unwrap_or(0);
    match neighbours.get(at) {
        Some(list) if !list.is_empty() => list.iter().map(place).sum::<usize>() / list.len(),
        _ => place(&at),
    }
}

/// Returns where every node stands; rows are centred.
fn spots(picture: &Picture, rows: &[Vec<usize>]) -> Vec<Spot> {
    let width = |at: &usize| picture.nodes.get(*at).map_or(0, node_width);
    let row_width = |row: &Vec<usize>| -> usize { row.iter().map(|it| width(it) + ACROSS).sum() };
    let widest = rows.iter().map(row_width).max().unwrap_or(0);
    let mut spots = vec![Spot::default(); picture.nodes.len()];
    for (n, row) in rows.iter().enumerate() {
        let mut x = MARGIN + (widest - row_width(row)) / 2;
        for at in row {
            if let Some(spot) = spots.get_mut(*at) {
                *spot = Spot {
                    x,
                    y: MARGIN + n * (HEIGHT + DOWN),
                    width: width(at),
                };
            }
            x += width(at) + ACROSS;
        }
    }
    spots
}

/// Returns how wide a node has to be for its text.
fn node_width(node: &Node) -> usize {
    let letters = |text: &str| Shown(text).to_string().chars().count();
    let latest = node.latest.as_deref().map_or(0, letters);
    letters(&node.repo).max(latest).max(6) * LETTER + 24
}

/// Returns an edge as a curve from the upstream's foot to the downstream's head.
fn draw_edge(picture: &Picture, spots: &[Spot], edge: &Edge) -> Option<String> {
    let from = spots.get(picture.position(&edge.upstream)?)?;
    let to = spots.get(picture.position(&edge.downstream)?)?;
    let (x1, y1) = (from.x + from.width / 2, from.y + HEIGHT);
    let (x2, y2) = (to.x + to.width / 2, to.y);
    let bend = y1.midpoint(y2);
    let dash = match edge.origin {
        Origin::Declared => " stroke-dasharray=\"4 4\"",
        Origin::Both | Origin::Derived => "",
    };
    Some(format!(
        "<path d=\"M{x1} {y1} C{x1} {bend} {x2} {bend} {x2} {y2}\" fill=\"none\" \
         stroke=\"#57606a\"{dash} marker-end=\"url(#tip)\"/>"
    ))
}

/// Returns a node as a box with its name and its latest tag.
fn draw_node(node: &Node, spot: Spot) -> String {
    let (fill, stroke) = match node.impact {
        Impact::None => ("#ffffff", "#57606a"),
        Impact::Released => ("#dafbe1", "#1a7f37"),
        Impact::Moves => ("#fff8c5", "#bf8700"),
    };
    let middle = spot.x + spot.width / 2;
    let latest = node.latest.as_deref().unwrap_or_default();
    format!(
        "<g><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{HEIGHT}\" rx=\"6\" fill=\"{fill}\" \
         stroke=\"{stroke}\"/><text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\" \
         fill=\"#1f2328\" font-weight=\"bold\">{}</text><text x=\"{middle}\" y=\"{}\" \
         text-anchor=\"middle\" fill=\"#57606a\">{}</text></g>",
        spot.x,
        spot.y,
        spot.width,
        spot.y + 19,
        escape(&node.repo),
        spot.y + 35,
        escape(latest),
    )
}

/// Returns foreign text for XML.
fn escape(text: &str) -> String {
    Shown(text)
        .to_string()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
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
            let boxes = text.lines().filter(|it| it.starts_with("<g>"));
            boxes.map(str::to_owned).collect()
        };
        assert_eq!(
            boxes(svg(&picture(&names, &edges))),
            boxes(svg(&picture(&names, &turned)))
        );
    }

    #[test]
    fn names_are_escaped() {
        let text = svg(&picture(&["<script>&\"", "b\u{202e}"], &[]));
        assert!(text.contains("&lt;script&gt;&amp;&quot;"), "{text}");
        assert!(
            !text.contains("<script>") && text.contains("b\\u{202e}"),
            "{text}"
        );
    }

    #[test]
    fn boxes_of_a_row_do_not_touch() {
        let wide = picture(&["a", "bbbbbbbbbbbbbbbbbbbb", "c"], &[]);
        let spots = spots(&wide, &rows(&wide));
        assert!(spots[0].x + spots[0].width < spots[1].x);
        assert!(spots[1].x + spots[1].width < spots[2].x);
    }
}
