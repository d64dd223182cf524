//! The graph for a terminal: as a tree, or in layers.

use std::collections::BTreeSet;

use cascade_plan::drift::EdgeState;

use super::{Edge, Impact, Node, Origin, Picture};
use crate::page::{BAD, DIM, GOOD, Page, STRONG, WARN, count, paint};
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
        page.line(format!("{indent}{elbow} {}{}", label(node), mark(edge)));
        branch(page, picture, &node.repo, &format!("{indent}{bar}"), drawn);
    }
}

/// Returns what there is to say of an edge: how it stands, and whether somebody declared it.
fn mark(edge: &Edge) -> String {
    let style = match edge.state {
        EdgeState::InStep => None,
        EdgeState::DeclaredOnly | EdgeState::Open => Some(DIM),
        EdgeState::Behind | EdgeState::LockStale | EdgeState::Ahead => Some(WARN),
        EdgeState::Excluded | EdgeState::LockContradicts => Some(BAD),
    };
    let state = style.map(|it| paint(it, format!(" ({})", edge.state.word())));
    let undeclared = match edge.origin {
        Origin::Derived => paint(WARN, " (not declared)"),
        Origin::Both | Origin::Declared => String::new(),
    };
    state.unwrap_or_default() + &undeclared
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
    fn an_edge_that_is_not_in_step_says_so() {
        let mut picture = picture(&["a", "b", "c", "d"], &["a>b", "a>c", "b>d"]);
        picture.edges[0].state = EdgeState::Behind;
        picture.edges[1].state = EdgeState::LockContradicts;
        picture.edges[1].origin = Origin::Derived;
        picture.edges[2].state = EdgeState::DeclaredOnly;
        insta::assert_snapshot!(strip_str(&tree(&picture)).to_string(), @r"
        a v1.0.0
        ├─ b v1.0.0 (behind)
        │  └─ d v1.0.0 (no pin)
        └─ c v1.0.0 (lock contradicts) (not declared)

        4 repositories · 3 edges · 3 waves
        ");
    }

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
