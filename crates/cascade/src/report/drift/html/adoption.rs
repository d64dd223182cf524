//! How fast releases are taken up.

use std::collections::BTreeSet;

use cascade_plan::drift::{Adoption, Drift};

use super::words::{names, repo_of};
use crate::page::{Page, count};
use crate::report::graph::Picture;
use crate::report::markup::Text;

/// How many rows stand open.
const OPEN: usize = 25;

/// Adds the table, the slowest first.
pub(super) fn write(page: &mut Page, drift: &Drift, _: &Picture) {
    page.line(
        "<p>How long a release of an upstream waits until a pin names it or a later one, and how many \
         newer ones are out by then; in half of all cases, and in nine of ten.</p>",
    );
    let mut rows: Vec<&Adoption> = drift.adoption.iter().collect();
    rows.sort_by(|a, b| {
        let by_days = b.days.median.total_cmp(&a.days.median);
        by_days.then_with(|| b.days.p90.total_cmp(&a.days.p90))
    });
    let (open, rest) = rows.split_at(rows.len().min(OPEN));
    let names = names(drift);
    table(page, open, &names, "Adoption lag, the slowest");
    if !rest.is_empty() {
        let more = count(rest.len(), "edge more", "edges more");
        page.line(format!("<details><summary>{more}</summary>"));
        table(page, rest, &names, "Adoption lag, the rest");
        page.line("</details>");
    }
}

fn table(page: &mut Page, rows: &[&Adoption], names: &BTreeSet<&str>, label: &str) {
    page.line(format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table \
         class=\"plain\"><thead><tr><th scope=\"col\">Downstream<th scope=\"col\">takes up<th \
         scope=\"col\">Days, median<th scope=\"col\">Days, 90 %<th scope=\"col\">Behind, median<th \
         scope=\"col\">Behind, 90 %<th scope=\"col\">Releases</thead><tbody>"
    ));
    for it in rows {
        page.line(format!(
            "<tr><th scope=\"row\">{}<td class=\"left\">{} <span class=\"dim\">of {}</span><td>{}<td>{}\
             <td>{}<td>{}<td>{}",
            repo_of(names, &it.downstream),
            Text(&it.package),
            repo_of(names, &it.upstream),
            number(it.days.median),
            number(it.days.p90),
            number(it.behind.median),
            number(it.behind.p90),
            it.releases,
        ));
    }
    page.line("</tbody></table></div>");
}

/// Returns a number with at most one digit behind its point.
fn number(it: f64) -> String {
    let text = format!("{it:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}
