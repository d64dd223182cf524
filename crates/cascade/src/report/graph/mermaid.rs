//! The graph as Mermaid, which forges draw in Markdown.

use std::fmt::Write as _;

use cascade_plan::drift::EdgeState;

use super::{Edge, Impact, Node, Origin, Picture, colour_of};
use crate::page::Page;
use crate::shown::Shown;

/// Returns the graph as a Mermaid flowchart. Ids are numbers, so that no name can break it.
pub(crate) fn mermaid(picture: &Picture) -> String {
    let mut page = Page::default();
    page.line("flowchart TD");
    for (at, node) in picture.nodes.iter().enumerate() {
        page.line(format!(
            "  n{at}[\"{}\"]{}",
            label(node),
            class(node.impact)
        ));
    }
    let drawn = picture.edges.iter().zip(picture.ends());
    let drawn: Vec<_> = drawn.filter_map(|(it, ends)| Some((it, ends?))).collect();
    for (edge, (from, to)) in &drawn {
        let word = match colour_of(edge.state) {
            Some(_) => format!("|{}|", edge.state.word()),
            None => String::new(),
        };
        page.line(format!("  n{from} {}{word} n{to}", arrow(edge.origin)));
    }
    paint(&mut page, &drawn);
    page.line("  classDef released fill:#1a7f37,color:#ffffff");
    page.line("  classDef moves fill:#bf8700,color:#ffffff");
    page.finish()
}

/// Adds a line for every state that has a colour, with the numbers of its edges.
fn paint(page: &mut Page, edges: &[(&Edge, (usize, usize))]) {
    for state in EdgeState::ALL {
        let numbers = edges.iter().enumerate();
        let numbers = numbers.filter(|(_, (edge, _))| edge.state == state);
        let numbers: Vec<String> = numbers.map(|(at, _)| at.to_string()).collect();
        if let Some(colour) = colour_of(state).filter(|_| !numbers.is_empty()) {
            let numbers = numbers.join(",");
            page.line(format!(
                "  linkStyle {numbers} stroke:{colour},color:{colour}"
            ));
        }
    }
}

/// Returns the arrow of an edge: dotted without a pin, thick where it is not declared.
fn arrow(origin: Origin) -> &'static str {
    match origin {
        Origin::Both => "-->",
        Origin::Declared => "-.->",
        Origin::Derived => "==>",
    }
}

/// Returns the class of a node.
fn class(impact: Impact) -> String {
    impact
        .word()
        .map_or_else(String::new, |it| format!(":::{it}"))
}

/// Returns the text of a node, escaped as Mermaid's entities.
fn label(node: &Node) -> String {
    let name = escape(&node.repo);
    match &node.latest {
        Some(latest) => format!("{name}<br/>{}", escape(latest)),
        None => name,
    }
}

/// Returns foreign text with everything but letters, digits and harmless signs as an entity.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in Shown(text).to_string().chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | '+') {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample::picture;
    use super::*;

    #[test]
    fn no_name_breaks_out_of_its_node() {
        let text = mermaid(&picture(
            &["a\"]; click x <b>", "b"],
            &["a\"]; click x <b>>b"][..0],
        ));
        assert!(
            text.contains("n0[\"a#34;#93;#59; click x #60;b#62;<br/>v1.0.0\"]"),
            "{text}"
        );
    }

    #[test]
    fn what_lags_has_a_word_and_a_colour() {
        let mut picture = picture(&["a", "b", "c"], &["a>b", "a>c", "b>c"]);
        picture.edges[0].state = EdgeState::Excluded;
        picture.edges[2].state = EdgeState::Excluded;
        let text = mermaid(&picture);
        assert!(
            text.contains("  n0 -->|excluded| n1\n  n0 --> n2\n"),
            "{text}"
        );
        let paint = "  linkStyle 0,2 stroke:#b42318,color:#b42318\n";
        assert!(text.contains(paint), "{text}");
    }

    #[test]
    fn edges_run_from_the_upstream() {
        let text = mermaid(&picture(&["a", "b"], &["a>b"]));
        assert!(
            text.starts_with("flowchart TD\n") && text.contains("  n0 --> n1\n"),
            "{text}"
        );
    }
}
