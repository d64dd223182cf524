//! Who stands on whom, drawn by release order.

use cascade_plan::drift::Drift;

use crate::page::Page;
use crate::report::graph::{Picture, class, inline, sign};

/// Adds the picture, what its lines mean, and room for what a script tells of them.
pub(super) fn write(page: &mut Page, _: &Drift, picture: &Picture) {
    page.line(
        "<p class=\"hint\">Releases run from left to right. A line says how the pins of a repository \
         stand on another; its colour, its dashes and its word say the same. Every pin stands under \
         <a href=\"#repositories\">every repository</a> too.<span class=\"scripted\"> Hover a line or \
         a box for its pins, click it to filter the findings. With the keyboard: \
         <kbd>←</kbd> and <kbd>→</kbd> follow the lines, <kbd>↑</kbd> and <kbd>↓</kbd> change \
         between them, <kbd>Enter</kbd> filters, <kbd>Esc</kbd> ends it.</span></p>",
    );
    page.line("<ul class=\"legend\" aria-label=\"States of the lines\">");
    for (state, edges) in picture.states() {
        page.line(format!(
            "<li class=\"st {}\">{} {} <b>{edges}</b>",
            class(state),
            sign(state),
            state.word()
        ));
    }
    page.line("</ul>\n<p class=\"scripted tools\" id=\"picture-tools\"></p>");
    page.line("<div class=\"stage\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Who stands on whom\">");
    page.line(inline(picture).trim_end());
    page.line("</div><div id=\"tip\" hidden></div></div>");
    page.line("<p id=\"chosen\" role=\"status\" class=\"scripted\"></p>");
}
