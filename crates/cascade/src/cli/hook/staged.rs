//! `pre-commit`: whether what is staged is fit to be committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cascade_plan::hook::is_of_files;
use cascade_plan::{Finding, Severity};
use cascade_run::{Look, Reading, WhichTags, staged_releases};

use crate::cli::Call;
use crate::cli::alone::Fetch;
use crate::cli::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::findings;
use crate::shown::Shown;

/// Judges what is staged, where a manifest, a lock or a changelog is among it.
pub(super) fn judge(call: &Call) -> Result<Exit, Failure> {
    let here = &call.environment.here;
    let index = call.environment.var("GIT_INDEX_FILE").map(PathBuf::from);
    let index = index.map(|it| here.join(it));
    let staged = staged_releases(here, index.as_deref()).map_err(|trouble| {
        let what = format!("what is staged can not be read: {trouble}");
        Failure::new(Exit::Failed, what, "`git status` says more")
    })?;
    if staged.is_empty() {
        return Ok(Exit::Done);
    }
    let workspace = Workspace::open_or_alone(call, Fetch::Never)?;
    let Some(repo) = super::push::repo_of(&workspace, here) else {
        return Ok(Exit::Done);
    };
    let reading = index.map_or(Reading::Index, Reading::IndexAt);
    let look = Look {
        reading,
        tags: WhichTags::Nothing,
        ..Look::default()
    };
    let looks = BTreeMap::from([(repo.clone(), look)]);
    let seen = workspace.observe_for_rules(call, &looks);
    let chosen = BTreeSet::from([repo]);
    let known = seen.known(&workspace).only(&chosen);
    let staged: BTreeSet<&str> = staged.iter().map(String::as_str).collect();
    let found = findings::all(known).into_iter();
    let found: Vec<&Finding> = found.filter(|it| is_of_files(it, &staged)).collect();
    for it in &found {
        call.printer.talk(&told(it));
    }
    let blocks = found.iter().any(|it| it.severity == Severity::Block);
    Ok(if blocks { Exit::Findings } else { Exit::Done })
}

/// Returns a finding in a line, with what mends it.
pub(super) fn told(finding: &Finding) -> String {
    let place = finding.place.as_ref().map_or_else(String::new, |it| {
        let line = it.line.map_or_else(String::new, |it| format!(":{it}"));
        format!("{}{line}: ", Shown(&it.path))
    });
    let severity = if finding.severity == Severity::Block {
        "refused"
    } else {
        "warning"
    };
    let mend = finding
        .mend
        .as_ref()
        .map_or_else(String::new, |it| format!("\n  {}", Shown(it)));
    format!(
        "cascade: {severity}: {place}{} ({}){mend}",
        Shown(&finding.what),
        finding.code.0
    )
}
