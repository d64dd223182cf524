//! The graph for a terminal: as a tree, or in layers.

use std::collections::BTreeSet;

use super::{Impact, Node, Origin, Picture};
use crate::page::{DIM, GOOD, Page, STRONG, WARN, count, paint};
use crate::report::mode_word;
use crate::shown::Shown;

/// Returns the graph as a tree: what stands on a repository hangs below it; one that hangs in
/// several places is drawn out once, and `…` elsewhere.
pub(crate) fn tree(picture: &Picture) -> String {
    let mut page = Page::default();
    let mut drawn = BTreeSet::new();
    for node in &picture.nodes {
        if !picture.edges.iter().any(|it| it.downstream == node.repo) {
            page.line(label(node));
            branch(&mut page, picture, &node.repo, "", &mut drawn);
        }
    }
    page.gap();
    page.line(paint(DIM, totals(picture)));
    page.finish()
}

/// Adds everything that hangs below a repository. No deeper than there are repositories.
fn branch<'a>(
    page: &mut Page,
    picture: &'a Picture,
    repo: &'a str,
    indent: &str,
    drawn: &mut BTreeSet<&'a str>,
) {
    let mut below = picture.below(repo).peekable();
    if !drawn.insert(repo) && below.peek().is_some() {
        page.line(format!("{indent}└─ {}", paint(DIM, "…")));
        return;
    }
    while let Some(edge) = below.next() {
        let (elbow, bar) = match below.peek() {
            Some(_) => ("├─", "│  "),
            None => ("└─", "   "),
        };
        let Some(node) = picture.position(&edge.downstream) else {
            continue;
        };
        let Some(node) = picture.nodes.get(node) else {
            continue;
        };
        let mark = match edge.origin {
            Origin::Both => String::new(),
            Origin::Declared => paint(DIM, " (no pin)"),
            Origin::Derived => paint(WARN, " (not declared)"),
        };
        page.line(format!("{indent}{elbow} {}{mark}", label(node)));
        branch(page, picture, &node.repo, &format!("{indent}{bar}"), drawn);
    }
}

/// Returns the graph in layers: every wave of a release on a line of its own.
pub(crate) fn layers(picture: &Picture) -> String {
    let mut page = Page::default();
    for (at, wave) in picture.waves().iter().enumerate() {
        let names: Vec<String> = wave.iter().map(|it| label(it)).collect();
        page.line(format!("{}  {}", paint(DIM, at + 1), names.join("   ")));
    }
    page.gap();
    page.line(paint(DIM, totals(picture)));
    page.finish()
}

/// Returns a repository as text: its name, its latest tag, its mode where it is not the default.
fn label(node: &Node) -> String {
    let name = Shown(&node.repo);
    let name = match node.impact {
        Impact::Released => format!("{} {}", paint(GOOD.bold(), name), paint(GOOD, "(released)")),
        Impact::Moves => format!("{} {}", paint(WARN.bold(), name), paint(WARN, "(moves)")),
        Impact::None => paint(STRONG, name),
    };
    let latest = node
        .latest
        .as_deref()
        .map_or_else(String::new, |it| format!(" {}", paint(DIM, Shown(it))));
    let mode = match mode_word(node.mode) {
        "tag" => String::new(),
        word => paint(DIM, format!(" [{word}]")),
    };
    format!("{name}{latest}{mode}")
}

/// Returns how big the graph is.
fn totals(picture: &Picture) -> String {
    let moved = picture.nodes.iter().filter(|it| it.impact == Impact::Moves);
    let impact = match moved.count() {
        _ if picture.nodes.iter().all(|it| it.impact == Impact::None) => String::new(),
        n => format!(" · the release would move {n}"),
    };
    format!(
        "{} · {} · {}{impact}",
        count(picture.nodes.len(), "repository", "repositories"),
        count(picture.edges.len(), "edge", "edges"),
        count(picture.waves().len(), "wave", "waves"),
    )
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::super::sample::picture;
    use super::*;

    #[test]
    fn a_diamond_is_drawn_out_once() {
        let diamond = picture(
            &["a", "b", "c", "d", "e"],
            &["a>b", "a>c", "b>d", "c>d", "d>e"],
        );
        insta::assert_snapshot!(strip_str(&tree(&diamond)).to_string(), @r#"
a v1.0.0
├─ b v1.0.0
│  └─ d v1.0.0
│     └─ e v1.0.0
└─ c v1.0.0
   └─ d v1.0.0
      └─ …

5 repositories · 5 edges · 4 waves
"#);
        insta::assert_snapshot!(strip_str(&layers(&diamond)).to_string(), @r"
        1  a v1.0.0
        2  b v1.0.0   c v1.0.0
        3  d v1.0.0
        4  e v1.0.0

        5 repositories · 5 edges · 4 waves
        ");
    }
}
