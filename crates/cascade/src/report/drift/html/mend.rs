//! What would mend every pin, upstream first.

use std::collections::BTreeSet;

use cascade_plan::drift::{Drift, MendStep};

use super::words::repo;
use crate::page::{Page, count};
use crate::report::graph::Picture;
use crate::report::markup::Text;

/// How many steps stand open.
const OPEN: usize = 12;

/// Adds all commands at once, then what each of them moves.
pub(super) fn write(page: &mut Page, drift: &Drift, _: &Picture) {
    let mut seen = BTreeSet::new();
    let commands = drift.mend.iter().map(|it| it.command.as_str());
    let commands: Vec<String> = commands
        .filter(|it| seen.insert(*it))
        .map(|it| Text(it).to_string())
        .collect();
    page.line(format!(
        "<p>{} in {}, upstream first.</p>",
        count(commands.len(), "command", "commands"),
        count(drift.mend.len(), "repository", "repositories"),
    ));
    page.line("<div class=\"copy\">");
    let tall = if commands.len() > OPEN { " tall" } else { "" };
    page.line(format!(
        "<pre class=\"scroll{tall}\" tabindex=\"0\" role=\"region\" aria-label=\"The commands\"><code>{}</code></pre></div>",
        commands.join("\n")
    ));
    let (open, rest) = drift.mend.split_at(drift.mend.len().min(OPEN));
    steps(page, open);
    if !rest.is_empty() {
        let more = count(rest.len(), "repository more", "repositories more");
        page.line(format!("<details><summary>{more}</summary>"));
        steps(page, rest);
        page.line("</details>");
    }
}

fn steps(page: &mut Page, steps: &[MendStep]) {
    page.line("<ul class=\"steps\">");
    for step in steps {
        page.line(format!(
            "<li><p>{} <span class=\"dim\">wave {}</span></p><ul class=\"moves\">",
            repo(&step.repo),
            step.wave + 1
        ));
        for it in &step.moves {
            page.line(format!("<li><code>{}</code>", Text(it)));
        }
        page.line(format!(
            "</ul><p class=\"mend\"><code class=\"cmd\">{}</code></p>",
            Text(&step.command)
        ));
    }
    page.line("</ul>");
}
