//! The graph as Mermaid, which forges draw in Markdown.

use std::fmt::Write as _;

use super::{Impact, Node, Origin, Picture};
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
    for edge in &picture.edges {
        let ends = (
            picture.position(&edge.upstream),
            picture.position(&edge.downstream),
        );
        if let (Some(from), Some(to)) = ends {
            page.line(format!("  n{from} {} n{to}", arrow(edge.origin)));
        }
    }
    page.line("  classDef released fill:#1a7f37,color:#ffffff");
    page.line("  classDef moves fill:#bf8700,color:#ffffff");
    page.finish()
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
    fn edges_run_from_the_upstream() {
        let text = mermaid(&picture(&["a", "b"], &["a>b"]));
        assert!(
            text.starts_with("flowchart TD\n") && text.contains("  n0 --> n1\n"),
            "{text}"
        );
    }
}
