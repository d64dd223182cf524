//! A pin names an older version at the precision it is written in, and admits the latest.

use crate::checks::{Check, Told, View, latest};
use cascade_manifest::{Rewrite, Style};

use crate::{PinStatus, PinSurvey, RepoId};

/// The rule.
pub(crate) static CHECK: Check = Check::info(
    "pin-behind",
    "a pin names an older version, and admits the latest",
    check,
)
.of_today();

/// Finds pins that lag behind inside their range. `1` never lags behind 1.4.2, but `>=1` does: it names
/// the oldest version that is taken.
fn check(view: &View<'_>) -> Vec<Told> {
    view.pins_of(PinStatus::Behind)
        .filter(|(_, pin)| !covers(pin))
        .map(|(id, pin)| {
            let is = format!("is older than {}, and admits it", latest(pin));
            Told::requirement(id, pin, &is).mend(mend(id, pin))
        })
        .collect()
}

/// Returns what moves the pin: a range has to be told to, where a bare minimum follows by itself.
pub(crate) fn mend(id: &RepoId, pin: &PinSurvey) -> String {
    let up = &pin.upstream.repo;
    if up == id {
        return format!("leave it, or raise it in `{}` by hand", pin.manifest);
    }
    let follows = pin
        .ecosystem
        .zip(pin.latest.as_ref())
        .is_some_and(|(it, latest)| {
            let new = it.grammar.rewrite(&pin.requirement, latest, Style::Auto);
            matches!(new, Rewrite::Updated(_))
        });
    if follows {
        return format!("cascade bump --repo {up}");
    }
    format!(
        "leave it, or say `{{ repo = \"{up}\", policy = \"floor\" }}` in the `needs` of [repo.{id}], then `cascade bump --repo {up}`"
    )
}

/// Returns whether the latest version begins with what the pin writes, where that is no mere floor.
fn covers(pin: &PinSurvey) -> bool {
    if pin.requirement.trim_start().starts_with('>') {
        return false;
    }
    let digit = |c: char| c.is_ascii_digit();
    let written = pin.requirement.trim_start_matches(|c: char| !digit(c));
    let end = written
        .find(|c: char| !digit(c) && c != '.')
        .unwrap_or(written.len());
    let written = written.get(..end).unwrap_or_default().trim_end_matches('.');
    let rest = latest(pin).strip_prefix(written);
    !written.is_empty() && rest.is_some_and(|it| it.is_empty() || it.starts_with('.'))
}
