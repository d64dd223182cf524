mod asking;
mod commands;
mod declared;
mod passing;
mod windows;

use super::*;
use crate::{Graph, declare};

/// The graph of a workspace of `core` and `site`, with this in its file.
fn graph(rest: &str) -> Graph {
    let text = format!("[workspace]\nname = \"w\"\n[repo.core]\n[repo.site]\n{rest}");
    let declared = declare(&text).unwrap_or_else(|it| panic!("{rest}: {:?}", it.errors()));
    Graph::build(declared).unwrap()
}

/// What the same file is refused for, each with its line below `[repo.site]`.
fn refused(rest: &str) -> Vec<String> {
    let head = "[workspace]\nname = \"w\"\n[repo.core]\n[repo.site]\n";
    let text = format!("{head}{rest}");
    let errors = declare(&text).expect_err("it is refused");
    let told = |it: &crate::DeclareError| {
        let at = it.labels.first().map_or(0, miette::LabeledSpan::offset);
        let line = cascade_manifest::line_of(&text, at) - 4;
        format!("{line}: {} ({})", it, it.help.as_deref().unwrap_or("-"))
    };
    errors.errors().iter().map(told).collect()
}

fn person(email: &str) -> Actor {
    Actor {
        email: Some(email.to_owned()),
        agent: None,
    }
}

fn agent() -> Actor {
    Actor {
        email: Some("bot@x.example".to_owned()),
        agent: Some(AgentBy::Flag),
    }
}
