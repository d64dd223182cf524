//! `cascade graph`: who stands on whom.

use cascade_run::Depth;
use clap::{Args, ValueEnum};

use super::Call;
use super::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::graph::{Picture, dot, json, layers, mermaid, svg, tree};

/// Draws who stands on whom
#[derive(Debug, Args)]
#[command(
    long_about = "Draws the graph: which repository stands on which, as declared in \
        `workspace.toml` and as the pins in the checkouts say. An edge without a pin, or a pin \
        without a declaration, is marked.",
    after_help = "Examples:\n  \
        cascade graph\n  \
        cascade graph --impact core           mark what a release of core would move\n  \
        cascade graph --format layers\n  \
        cascade graph --format svg > graph.svg\n  \
        cascade graph --format dot | dot -Tpng > graph.png"
)]
pub(crate) struct Graph {
    /// How it is drawn
    #[arg(long, short, value_name = "FORMAT", default_value = "tree")]
    format: Format,
    /// Mark what a release of this repository would move
    #[arg(long, value_name = "REPO")]
    impact: Option<String>,
}

/// A format of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What stands on a repository hangs below it.
    Tree,
    /// Every wave of a release on a line of its own.
    Layers,
    /// A flowchart, which forges draw in Markdown.
    Mermaid,
    /// For Graphviz.
    Dot,
    /// A picture.
    Svg,
    /// `cascade.graph/1`, for machines.
    Json,
}

impl Graph {
    /// Observes the workspace and draws it.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let workspace = Workspace::open(call)?;
        let asked = self.impact.as_deref().map(|it| workspace.repo(it));
        let asked = asked.transpose()?;
        let seen = workspace.observe(call, Depth::Survey);
        let picture = Picture::of(seen.known(&workspace), asked);
        let text = match self.format {
            Format::Tree => tree(&picture),
            Format::Layers => layers(&picture),
            Format::Mermaid => mermaid(&picture),
            Format::Dot => dot(&picture),
            Format::Svg => svg(&picture),
            Format::Json => json(&picture),
        };
        call.printer.report(&text)?;
        Ok(Exit::Done)
    }
}
