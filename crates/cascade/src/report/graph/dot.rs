//! The graph as DOT, for Graphviz.

use super::{Edge, Impact, Origin, Picture, colour_of};
use crate::page::Page;
use crate::shown::Shown;

/// Returns the graph as DOT.
pub(crate) fn dot(picture: &Picture) -> String {
    let mut page = Page::default();
    page.line(format!("digraph {} {{", quote(&picture.name)));
    page.line("  rankdir=TB;");
    page.line("  node [shape=box, style=\"rounded,filled\", fillcolor=white];");
    for node in &picture.nodes {
        let text = match &node.latest {
            Some(latest) => format!("{}\n{latest}", node.repo),
            None => node.repo.clone(),
        };
        let (name, label) = (quote(&node.repo), quote(&text));
        page.line(format!("  {name} [label={label}{}];", colour(node.impact)));
    }
    for edge in &picture.edges {
        let (from, to) = (quote(&edge.upstream), quote(&edge.downstream));
        page.line(format!("  {from} -> {to}{};", style(edge)));
    }
    page.line("}");
    page.finish()
}

/// Returns how an edge is drawn: its origin as a line, its state as a colour and a word.
fn style(edge: &Edge) -> String {
    let line = match edge.origin {
        Origin::Both => None,
        Origin::Declared => Some("style=dashed".to_owned()),
        Origin::Derived => Some("style=bold".to_owned()),
    };
    let state = colour_of(edge.state).map(|it| {
        let word = edge.state.word();
        format!("color=\"{it}\", fontcolor=\"{it}\", label=\"{word}\"")
    });
    match (line, state) {
        (None, None) => String::new(),
        (line, state) => {
            let all: Vec<String> = [line, state].into_iter().flatten().collect();
            format!(" [{}]", all.join(", "))
        }
    }
}

/// Returns the colour of a node that is marked.
fn colour(impact: Impact) -> &'static str {
    match impact {
        Impact::None => "",
        Impact::Released => ", fillcolor=palegreen",
        Impact::Moves => ", fillcolor=gold",
    }
}

/// Returns foreign text as a quoted string of DOT; a line end stays one.
fn quote(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|it| Shown(it).to_string()).collect();
    let lines = lines
        .iter()
        .map(|it| it.replace('\\', "\\\\").replace('"', "\\\""));
    format!("\"{}\"", lines.collect::<Vec<_>>().join("\\n"))
}

#[cfg(test)]
mod tests {
    use cascade_plan::drift::EdgeState;

    use super::super::sample::picture;
    use super::*;

    #[test]
    fn what_lags_has_a_colour_and_a_word() {
        let mut picture = picture(&["a", "b"], &["a>b"]);
        picture.edges[0].state = EdgeState::Behind;
        picture.edges[0].origin = Origin::Derived;
        let text = dot(&picture);
        let told = "[style=bold, color=\"#9a6700\", fontcolor=\"#9a6700\", label=\"behind\"];";
        assert!(text.contains(told), "{text}");
    }

    #[test]
    fn names_are_quoted() {
        let text = dot(&picture(&["a\"b\\", "c"], &["a\"b\\>c"]));
        assert!(text.contains("  \"a\\\"b\\\\\" -> \"c\";"), "{text}");
        assert!(text.contains("[label=\"c\\nv1.0.0\"]"), "{text}");
    }
}
