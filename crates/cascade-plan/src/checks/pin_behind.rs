//! A pin names an older version at the precision it is written in, and admits the latest.

use super::{Told, View, latest};
use crate::{PinStatus, PinSurvey};

/// Finds pins that lag behind inside their range. `1` never lags behind 1.4.2.
pub(super) fn check(view: &View<'_>) -> Vec<Told> {
    view.pins_of(PinStatus::Behind)
        .filter(|(_, pin)| !covers(pin))
        .map(|(id, pin)| {
            let upstream = &pin.upstream;
            Told::pin(
                id,
                pin,
                format!(
                    "`{}` on `{}` is older than {}, and admits it",
                    pin.requirement,
                    upstream.name,
                    latest(pin)
                ),
            )
            .mend(format!(
                "leave it, or say `{{ repo = \"{up}\", policy = \"floor\" }}` in the `needs` of [repo.{id}], then `cascade bump --repo {up}`",
                up = upstream.repo
            ))
        })
        .collect()
}

/// Returns whether the latest version begins with what the pin writes.
fn covers(pin: &PinSurvey) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let written = pin.requirement.trim_start_matches(|c: char| !digit(c));
    let end = written
        .find(|c: char| !digit(c) && c != '.')
        .unwrap_or(written.len());
    let written = written.get(..end).unwrap_or_default().trim_end_matches('.');
    let rest = latest(pin).strip_prefix(written);
    !written.is_empty() && rest.is_some_and(|it| it.is_empty() || it.starts_with('.'))
}
