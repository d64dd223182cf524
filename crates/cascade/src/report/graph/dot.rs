//! The graph as DOT, for Graphviz.

use super::{Impact, Origin, Picture};
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
        let style = match edge.origin {
            Origin::Both => "",
            Origin::Declared => " [style=dashed]",
            Origin::Derived => " [style=bold]",
        };
        let (from, to) = (quote(&edge.upstream), quote(&edge.downstream));
        page.line(format!("  {from} -> {to}{style};"));
    }
    page.line("}");
    page.finish()
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
    use super::super::sample::picture;
    use super::*;

    #[test]
    fn names_are_quoted() {
        let text = dot(&picture(&["a\"b\\", "c"], &["a\"b\\>c"]));
        assert!(text.contains("  \"a\\\"b\\\\\" -> \"c\";"), "{text}");
        assert!(text.contains("[label=\"c\\nv1.0.0\"]"), "{text}");
    }
}
