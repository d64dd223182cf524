//! The rows of a `pnpm-lock.yaml`, and how a scalar stands in them.

use std::ops::Range;

use super::turn::Resolved;
use crate::npm::outline::{Entry, Odd};
use crate::npm::published::admits;
use crate::npm::spec::Spec;
use crate::yaml::{Word, is_plain};
use crate::{Fallback, Form, Move, Splice};

/// Returns the requirements of an importer.
pub(super) fn tables<'a>(importer: &Entry<'a>) -> Result<Vec<Entry<'a>>, Odd> {
    let mut rows = Vec::new();
    for table in importer.rows()? {
        if matches!(
            table.key,
            "dependencies" | "devDependencies" | "optionalDependencies"
        ) {
            rows.extend(table.rows()?);
        }
    }
    Ok(rows)
}

/// Returns what a snapshot resolved.
pub(super) fn required<'a>(snapshot: &Entry<'a>) -> Result<Vec<Entry<'a>>, Odd> {
    let mut rows = Vec::new();
    for table in snapshot.rows()? {
        if matches!(table.key, "dependencies" | "optionalDependencies") {
            rows.extend(table.rows()?);
        }
    }
    Ok(rows)
}

/// Returns what rows say, and where.
pub(super) fn scalars<'a>(rows: &[Entry<'a>]) -> Result<Vec<Resolved<'a>>, Odd> {
    let read = |it: &Entry<'a>| Some((it.key, it.scalar()?));
    rows.iter().map(|it| read(it).ok_or(Odd)).collect()
}

/// Returns the splice after which a row says what is wanted; what moves has to fit it.
pub(super) fn specifier(
    row: &Entry<'_>,
    wanted: &str,
    it: Option<&Move>,
) -> Result<Option<Splice>, Fallback> {
    let field = row.get("specifier").ok_or(Odd)?;
    if let Some(it) = it {
        let version = row.get("version");
        let linked = version.is_some_and(|it| it.value.starts_with("link:"));
        let free = linked && Spec::of(wanted).form != Form::Range;
        if !free && !admits(wanted, &it.to) {
            return Err(Fallback(format!(
                "`{wanted}` does not admit `{}` {}",
                it.name, it.to
            )));
        }
    }
    let said = field.str().ok_or(Odd)?;
    if said == wanted {
        return Ok(None);
    }
    if field.value != quoted(said) {
        return Err(Odd.into());
    }
    Ok(Some(put(&field.value_span, quoted(wanted))))
}

/// Returns the scalar as pnpm writes it: between `'` where YAML would read it otherwise.
fn quoted(text: &str) -> String {
    let plain =
        is_plain(text) && !text.starts_with(['=', '-', '?', ':']) && Word::of(text) == Word::Text;
    if plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

pub(super) fn put(span: &Range<usize>, to: String) -> Splice {
    Splice {
        span: span.clone(),
        to,
    }
}
