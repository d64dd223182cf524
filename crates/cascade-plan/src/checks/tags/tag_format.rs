//! A pre-release tag is spelled otherwise than `tag-format` says.

use super::{again, told};
use crate::checks::{Check, Told, View};
use crate::{Severity, TagFormat};

/// The rule.
pub(crate) static CHECK: Check = Check::warn(
    "tag-format",
    "a pre-release tag is spelled otherwise than declared",
    check,
);

/// Finds pre-release tags in the other spelling.
fn check(view: &View<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    for (id, _, _, tag) in view.tags() {
        let odd = tag.released().find_map(|(package, claim)| {
            let dashed = claim.version.text().contains('-');
            let wanted = match package.tag_format {
                TagFormat::Semver => true,
                TagFormat::Pep440 => false,
            };
            // npm and Cargo know one spelling alone, and the tag would be no version.
            let is_pre = !claim.version.is_final() && claim.version.pep440().is_some();
            (is_pre && dashed != wanted).then_some(package.tag_format)
        });
        let Some(format) = odd else {
            continue;
        };
        let (word, example) = match format {
            TagFormat::Semver => ("semver", "1.0.0-rc.1"),
            TagFormat::Pep440 => ("pep440", "1.0.0rc1"),
        };
        let what = format!(
            "`{}` is not spelled as `tag-format = \"{word}\"` says",
            tag.name
        );
        let first = format!("spell it like `{example}`");
        all.push(told(id, tag, Severity::Info, what).mend(again(id, tag, &first)));
    }
    all
}
