//! A published pin is taken from a folder, a branch or a repository instead of its registry.

use crate::checks::{Check, Told, View};
use cascade_manifest::{Form, Source};

use crate::PinSurvey;

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "source-override",
    "a published pin is taken from elsewhere than its registry",
    check,
);

/// Finds overridden sources in what is published.
fn check(view: &View<'_>) -> Vec<Told> {
    view.pins()
        .filter(|(id, pin)| pin.orders() && pin.upstream.repo != **id && is_override(pin))
        .map(|(id, pin)| {
            let name = &pin.upstream.name;
            Told::pin(
                id,
                pin,
                format!("`{name}` is taken from elsewhere than its registry"),
            )
            .mend(format!(
                "take the source of `{name}` out of `{}`",
                pin.manifest
            ))
        })
        .collect()
}

/// Returns whether the pin's source stands for a version that nobody else sees.
fn is_override(pin: &PinSurvey) -> bool {
    let tagged = matches!(pin.form, Form::GitTag | Form::GitRev { .. });
    let by_name = matches!(
        pin.source,
        None | Some(Source::Workspace | Source::Package(_))
    );
    !tagged && !by_name
}
