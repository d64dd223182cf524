//! What is deployed is named without a version: `latest`, a branch, a digest alone.

use crate::checks::{Check, Told, View};
use crate::{Oid, PinSurvey};

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "pin-unversioned",
    "what is deployed is named without a version",
    check,
);

/// Finds pins of files that deploy which name no version.
fn check(view: &View<'_>) -> Vec<Told> {
    view.pins()
        .filter(|(_, pin)| !pin.auxiliary && pin.names_nothing())
        .map(|(id, pin)| {
            let name = &pin.upstream.name;
            let (what, mend) = match Named::of(pin) {
                Named::Nothing => (
                    format!("names no version of `{name}`"),
                    "write the version that is meant",
                ),
                Named::Word(text) => (
                    format!("names no version of `{name}`: `{text}`"),
                    "write the version that is meant; or leave it, where it is to follow whatever is there",
                ),
                Named::Digest(text) => (
                    format!("names `{name}` by a digest alone, `{text}`: of which version it is stands nowhere"),
                    "write the version before it (`:1.4.2@sha256:...`) or behind it (`# 1.4.2`); the next release moves it either way",
                ),
                Named::Commit(text) => (
                    format!("names `{name}` by the commit {text}, at which no version tag stands"),
                    "`cascade fetch`, where the tag may be new; the next release moves it to that of its tag",
                ),
            };
            Told::pin(id, pin, format!("the {} {what}", pin.kind)).mend(mend.to_owned())
        })
        .collect()
}

/// What a pin names in the place of a version.
enum Named {
    Nothing,
    Word(String),
    Digest(String),
    Commit(String),
}

impl Named {
    fn of(pin: &PinSurvey) -> Self {
        let text = pin.requirement.as_str();
        match (Oid::parse(text), text.split_once(':')) {
            _ if text.is_empty() => Self::Nothing,
            (_, Some((by, digits))) => Self::Digest(format!("{by}:{}...", start(digits))),
            (Some(commit), None) if text.len() == 40 => Self::Commit(commit.short().to_string()),
            (Some(_), None) => Self::Digest(format!("{}...", start(text))),
            (None, None) => Self::Word(text.to_owned()),
        }
    }
}

/// Returns the first digits of a digest, which people tell it by.
fn start(digits: &str) -> &str {
    let end = digits
        .char_indices()
        .nth(12)
        .map_or(digits.len(), |it| it.0);
    digits.get(..end).unwrap_or(digits)
}
