//! What others do for a release, in the words of a plan: the message, and what is waited for.

use std::time::Duration;

use cascade_plan::{AwaitPage, AwaitPins, AwaitedPin, Dispatch, spelled};

use crate::page::{DIM, Page, paint};
use crate::shown::Shown;

/// Returns to whom a message goes, in words.
pub(crate) fn to_whom(it: &Dispatch) -> String {
    let again = it.again.map(|it| {
        let time = spelled(Duration::from_secs(it));
        format!(", and again under the same key after {time} without an effect")
    });
    let words = format!("{}{}", it.to.words(), again.unwrap_or_default());
    Shown(&words).to_string()
}

/// Returns what pins are waited for, in words.
pub(crate) fn awaited(it: &AwaitPins) -> String {
    let time = it.timeout.map(|it| spelled(Duration::from_secs(it)));
    let time = time.map(|it| format!(", for {it} at most"));
    let branch = Shown(&it.branch);
    format!(
        "another system has moved at the tip of {branch}{}",
        time.unwrap_or_default()
    )
}

/// Returns one of these pins, in words.
pub(crate) fn pin(it: &AwaitedPin) -> String {
    let words = format!("{} on {} to {}", it.path, it.upstream.name, it.to);
    Shown(&words).to_string()
}

/// Returns what page is waited for, in words.
pub(crate) fn page_of(it: &AwaitPage) -> String {
    let time = spelled(Duration::from_secs(it.timeout));
    let words = format!("{} shows {}, for {time} at most", it.url, it.contains);
    Shown(&words).to_string()
}

/// Adds a message: to whom it goes, and what is sent.
pub(crate) fn write_dispatch(page: &mut Page, it: &Dispatch) {
    page.line(format!("  send   {}", to_whom(it)));
    let payload = it.payload.to_string();
    page.line(format!("         {}", paint(DIM, Shown(&payload))));
}

/// Adds a wait for pins.
pub(crate) fn write_pins(page: &mut Page, it: &AwaitPins) {
    page.line(format!("  wait   until {}", awaited(it)));
    for at in &it.pins {
        page.line(format!("         {}", pin(at)));
    }
    if !it.anew.is_empty() {
        let what = "then it is planned anew: no release of it stands on the old pins";
        page.line(format!("         {}", paint(DIM, what)));
    }
}
