//! The report of drift as one HTML page: no network, no build step, and no script needed to read it.
//!
//! Invariant: foreign text passes [`Text`] or [`Slug`](crate::report::markup::Slug), and nothing is
//! loaded or run but the style and the script that the page's own policy names by their hashes.

mod adoption;
mod change;
mod findings;
mod mend;
mod picture;
mod repositories;
#[cfg(test)]
pub(crate) mod sample;
mod summary;
#[cfg(test)]
mod tests;
mod trend;
mod unreleased;
mod words;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cascade_plan::drift::Drift;
use sha2::{Digest as _, Sha256};

use crate::page::Page;
use crate::report::graph::{Picture, STYLE};
use crate::report::markup::Text;

/// What paints the page.
const PAGE: &str = include_str!("html/page.css");
/// What sorts, filters and walks; the page is whole without it.
const SCRIPT: &str = include_str!("html/page.js");
/// The page's sign, for the browser's tab.
const SIGN: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
     %3Cpath d='M3 3h4v3h4v4h3' fill='none' stroke='%239a6700' stroke-width='2'/%3E%3C/svg%3E";

/// Returns the report as an HTML page.
pub(crate) fn html(drift: &Drift) -> String {
    let style = format!("{PAGE}{STYLE}");
    let mut page = Page::default();
    head(&mut page, drift, &style);
    let picture = Picture::of_drift(drift);
    let parts = parts(drift);
    page.line("<body>");
    page.line("<a class=\"skip\" href=\"#main\">Skip to the report</a>");
    summary::header(&mut page, drift);
    page.line("<nav aria-label=\"Sections\"><ul>");
    for part in &parts {
        page.line(format!("<li><a href=\"#{}\">{}</a>", part.id, part.title));
    }
    page.line("</ul></nav>\n<main id=\"main\" tabindex=\"-1\">");
    for part in &parts {
        let (id, title) = (part.id, part.title);
        page.line(format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2>"
        ));
        (part.write)(&mut page, drift, &picture);
        page.line("</section>");
    }
    page.line("</main>");
    page.line(
        "<footer><p>Made by <code>cascade drift --format html</code>. <code>cascade explain \
         CODE</code> says what a rule means and how it is mended.</p></footer>",
    );
    page.line(format!("<script>{SCRIPT}</script>"));
    page.line("</body>\n</html>");
    page.finish()
}

/// A section of the page.
struct Part {
    id: &'static str,
    title: &'static str,
    write: fn(&mut Page, &Drift, &Picture),
}

/// Returns the sections that there is something to say in.
fn parts(drift: &Drift) -> Vec<Part> {
    let part = |id, title, write| Part { id, title, write };
    let mut parts = vec![
        part("summary", "Summary", summary::write as _),
        part("picture", "Picture", picture::write as _),
        part("findings", "Findings", findings::write as _),
    ];
    if !drift.mend.is_empty() {
        parts.push(part("mend", "What would mend the pins", mend::write as _));
    }
    if drift.repos.iter().any(|it| it.unreleased.commits > 0) {
        let title = "Unreleased work";
        parts.push(part("unreleased", title, unreleased::write as _));
    }
    if !drift.adoption.is_empty() {
        parts.push(part("adoption", "Adoption lag", adoption::write as _));
    }
    let title = "Every repository";
    parts.push(part("repositories", title, repositories::write as _));
    parts
}

/// Adds what stands before the body: the policy first, so that it holds for all that follows.
fn head(page: &mut Page, drift: &Drift, style: &str) {
    let (style_hash, script_hash) = (hash(style), hash(SCRIPT));
    page.line("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
    page.line(format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
         '{style_hash}'; script-src '{script_hash}'; img-src data:; base-uri 'none'; form-action \
         'none'\">"
    ));
    page.line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    page.line("<meta name=\"color-scheme\" content=\"light dark\">");
    page.line("<meta name=\"referrer\" content=\"no-referrer\">");
    page.line("<meta name=\"generator\" content=\"cascade\">");
    let title = Text(&drift.workspace);
    page.line(format!("<title>Drift of {title}</title>"));
    page.line(format!("<link rel=\"icon\" href=\"{SIGN}\">"));
    page.line(format!("<style>{style}</style>\n</head>"));
}

/// Returns the hash of a style or a script, as a policy names it.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
