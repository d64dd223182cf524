//! Markdown's own escapes, on top of [`Shown`].

use crate::shown::Shown;

/// Returns foreign text for one cell of a Markdown table: no markup of its own, no mentions.
pub(crate) fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in Shown(text).to_string().chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '!' | '#' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            c => out.push(c),
        }
    }
    out
}

/// Returns foreign text as a code span whose fence is longer than any run of backticks in it.
pub(crate) fn code(text: &str) -> String {
    let text = Shown(text).to_string();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

/// Returns a row of a table.
pub(crate) fn row<I: IntoIterator<Item = String>>(cells: I) -> String {
    let cells: Vec<String> = cells.into_iter().collect();
    format!("| {} |", cells.join(" | "))
}

/// Returns the line below a table's head.
pub(crate) fn rule(columns: usize) -> String {
    format!("|{}", " --- |".repeat(columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_can_not_leave_its_cell() {
        assert_eq!(
            cell("a|b <img> @team `x` \u{202e}"),
            "a\\|b &lt;img&gt; &#64;team \\`x\\` \\\\u{202e}"
        );
        assert_eq!(code("a``b"), "``` a``b ```");
    }
}
