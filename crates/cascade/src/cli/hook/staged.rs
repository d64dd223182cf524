//! `pre-commit`: whether what is staged is fit to be committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cascade_plan::{Finding, Severity, checks};
use cascade_run::{Depth, Look, Reading, WhichTags, staged_releases};

use crate::cli::Call;
use crate::cli::alone::Fetch;
use crate::cli::workspace::Workspace;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::findings;
use crate::report::why::in_words;
use crate::shown::Shown;

/// Judges what is staged, where a manifest, a lock or a changelog is among it.
pub(super) fn judge(call: &Call) -> Result<Exit, Failure> {
    let here = &call.environment.here;
    let index = call.environment.var("GIT_INDEX_FILE").map(PathBuf::from);
    let index = index.map(|it| here.join(it));
    let staged = staged_releases(here, index.as_deref()).map_err(|trouble| {
        let what = format!("what is staged can not be read: {}", in_words(&trouble));
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
    let seen = workspace.observe_as(call, &looks, Depth::Audit);
    let chosen = BTreeSet::from([repo]);
    let known = seen.known(&workspace).only(&chosen);
    let found = findings::all(known).into_iter();
    let found = found.filter(|it| !checks::is_on_request(it.code.0));
    let of_staged = |it: &&Finding| {
        // What the commit that is there says is none of the one that is being made.
        let of_commit = it.code.0 == "version-mismatch";
        let place = it.place.as_ref().filter(|_| !of_commit);
        place.is_some_and(|it| staged.contains(&it.path)) && it.severity > Severity::Info
    };
    let found: Vec<&Finding> = found.filter(of_staged).collect();
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
