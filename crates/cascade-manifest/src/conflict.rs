//! Texts that a merge left in two: no reader may take half of such a one for the whole.

use memchr::memmem;

use crate::ReadError;

/// What git writes at the head of a line before what one side says.
const OURS: &str = "<<<<<<< ";
/// And behind what the other one says.
const THEIRS: &str = ">>>>>>> ";

/// Returns when no merge is left unresolved in a text.
///
/// # Errors
/// At the first line that says that one is.
pub fn resolved(text: &str) -> Result<(), ReadError> {
    let Some(start) = line(text, OURS) else {
        return Ok(());
    };
    let behind = text.get(start..).unwrap_or_default();
    if line(behind, THEIRS).is_none() {
        return Ok(());
    }
    Err(ReadError {
        message: "a merge in it is not resolved".to_owned(),
        span: Some(start..start + OURS.len()),
    })
}

/// Returns where the first line begins that begins so.
fn line(text: &str, with: &str) -> Option<usize> {
    let mut found = memmem::find_iter(text.as_bytes(), with.as_bytes());
    let before = |at: usize| text.as_bytes().get(at.checked_sub(1)?).copied();
    found.find(|at| matches!(before(*at), None | Some(b'\n')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_conflict_stand_at_heads_of_lines() {
        let conflict = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> it\n";
        assert_eq!(resolved(conflict).unwrap_err().span, Some(2..10));
        assert!(resolved(&conflict.replace('\n', "\r\n")).is_err());
        assert!(resolved(conflict.get(2..).unwrap()).is_err());
        for text in [
            "",
            "# <<<<<<< HEAD\n# >>>>>>> it\n",
            "<<<<<<< HEAD\n",
            ">>>>>>> a\n<<<<<<< b\n",
            "<<<<<<<\n>>>>>>>\n",
        ] {
            assert_eq!(resolved(text), Ok(()), "{text}");
        }
    }
}
