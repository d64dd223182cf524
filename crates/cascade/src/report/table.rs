//! Tables that know what to leave out on a narrow terminal.

use anstream::adapter::strip_str;
use comfy_table::{ContentArrangement, Table, presets};

use crate::page::{DIM, STRONG, paint};

/// A column, and when it leaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    head: &'static str,
    leaves: u8,
}

impl Column {
    /// Returns a column that always stays.
    pub(crate) const fn kept(head: &'static str) -> Self {
        Self { head, leaves: 0 }
    }

    /// Returns a column that leaves a narrow terminal; the highest number leaves first.
    pub(crate) const fn leaves(head: &'static str, leaves: u8) -> Self {
        Self { head, leaves }
    }
}

/// Returns the table for a terminal of this width; `None` keeps every column and wraps nothing.
pub(crate) fn table(columns: &[Column], rows: &[Vec<String>], width: Option<usize>) -> String {
    let stays = staying(columns, rows, width);
    let kept = |row: &[String]| {
        let cells = row.iter().zip(&stays).filter(|(_, stays)| **stays);
        cells.map(|(cell, _)| cell.clone()).collect::<Vec<_>>()
    };
    let heads: Vec<String> = columns.iter().map(|it| paint(STRONG, it.head)).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        // The last column ends with a padding that is cut off again.
        table.set_width(u16::try_from(width + 2).unwrap_or(u16::MAX));
    }
    table.set_header(kept(&heads));
    table.add_rows(rows.iter().map(|it| kept(it)));
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table.lines().map(|it| it.trim_end().to_owned()).collect();
    lines.join("\n") + &left_out(columns, &stays)
}

/// Returns which columns stay so that the rest fits.
fn staying(columns: &[Column], rows: &[Vec<String>], width: Option<usize>) -> Vec<bool> {
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            let widest = cells.map(|it| visible(it)).max().unwrap_or(0);
            widest.max(column.head.len()) + 2
        })
        .collect();
    let mut stays = vec![true; columns.len()];
    let mut leaving: Vec<usize> = (0..columns.len()).collect();
    leaving.sort_by_key(|at| std::cmp::Reverse(columns.get(*at).map_or(0, |it| it.leaves)));
    for at in leaving {
        let kept = widths.iter().zip(&stays).filter(|(_, stays)| **stays);
        let total: usize = kept.map(|(width, _)| width).sum();
        let fits = width.is_none_or(|width| total <= width + 2);
        let may_leave = columns.get(at).is_some_and(|it| it.leaves > 0);
        if fits || !may_leave {
            break;
        }
        if let Some(stays) = stays.get_mut(at) {
            *stays = false;
        }
    }
    stays
}

/// Returns a line that names the columns left out; nothing when all stayed.
fn left_out(columns: &[Column], stays: &[bool]) -> String {
    let gone = columns.iter().zip(stays).filter(|(_, stays)| !**stays);
    let names: Vec<&str> = gone.map(|(column, _)| column.head).collect();
    if names.is_empty() {
        return String::new();
    }
    let line = format!("(narrow: without {})", names.join(", "));
    format!("\n{}", paint(DIM, line))
}

/// Returns how many characters of a cell are seen.
fn visible(cell: &str) -> usize {
    strip_str(cell).to_string().chars().count()
}
