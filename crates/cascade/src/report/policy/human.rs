//! The policy for people: what was said, repository by repository.

use cascade_plan::policy::{Origin, Policy};

use super::{Shown as Given, lines};
use crate::page::{DIM, Page, STRONG, WARN, paint};
use crate::shown::Shown;

/// Returns what holds for each repository; those that are held to the same stand together.
pub(crate) fn human(given: &Given<'_>) -> String {
    let mut page = Page::default();
    let name = Shown(given.actor.name()).to_string();
    let who = match given.actor.agent {
        Some(by) => format!("{name} acts, an automated agent by {}", by.told()),
        None => format!("{name} acts, a person"),
    };
    page.line(paint(DIM, who));
    let mut groups: Vec<(&Policy, Vec<String>)> = Vec::new();
    for repo in &given.repos {
        let Some(declared) = given.graph.repo(repo) else {
            continue;
        };
        let word = format!("{} ({})", Shown(repo.as_str()), declared.mode.word());
        match groups.iter_mut().find(|it| *it.0 == declared.policy) {
            Some((_, words)) => words.push(word),
            None => groups.push((&declared.policy, vec![word])),
        }
    }
    for (policy, words) in groups {
        page.gap();
        page.line(paint(STRONG, words.join(", ")));
        group(&mut page, given, policy);
    }
    page.finish()
}

/// Adds what was declared of a policy, and of what was not that which forbids something.
fn group(page: &mut Page, given: &Given<'_>, policy: &Policy) {
    if !policy.declared {
        let line = "  nothing is declared, so nothing is forbidden";
        return page.line(paint(DIM, line));
    }
    let told = |it: &super::Line| it.origin != Origin::Default || it.key == "protected";
    for it in lines(policy, given.now).iter().filter(|it| told(it)) {
        let value = if it.value.is_empty() { "-" } else { &it.value };
        let value = Shown(value).to_string();
        let value = if it.key == "freeze" && value.contains("(now") {
            paint(WARN, value)
        } else {
            value
        };
        let place = it.origin.place(given.file);
        page.line(format!(
            "  {:<21} {value}  {}",
            it.key,
            paint(DIM, Shown(&place))
        ));
    }
}
