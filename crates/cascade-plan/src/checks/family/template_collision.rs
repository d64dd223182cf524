//! Two different templates of a repository could claim one tag.

use crate::checks::{Check, Told, View};

/// The rule.
pub(crate) static CHECK: Check =
    Check::block("template-collision", "two templates claim one tag", check);

/// Finds templates that collide.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut told = Vec::new();
    for (id, repo) in &view.survey.repos {
        for (at, one) in repo.packages.iter().enumerate() {
            for other in repo.packages.iter().skip(at + 1) {
                let (a, b) = (&one.template, &other.template);
                if a == b || !a.collides(b) {
                    continue;
                }
                let what = format!(
                    "`{}` of `{}` and `{}` of `{}` could claim one tag",
                    a.text(),
                    one.id.name,
                    b.text(),
                    other.id.name
                );
                told.push(
                    Told::of(id, what)
                        .mend(format!("declare `tag` for one of them in [repo.{id}]")),
                );
            }
        }
    }
    told
}
