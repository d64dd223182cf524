//! How the hooks of repositories stand.

use cascade_run::{HookStanding, HookType};
use serde_json::{Value, json};

use crate::shown::Shown;

/// One hook of one repository.
pub(crate) struct HookRow<'a> {
    /// The repository.
    pub(crate) repo: &'a str,
    /// The hook.
    pub(crate) hook: HookType,
    /// How it stands.
    pub(crate) standing: HookStanding,
}

impl HookRow<'_> {
    /// Returns whether it is there and does nothing.
    pub(crate) fn is_dead(&self) -> bool {
        matches!(self.standing, HookStanding::Dead { .. })
    }

    fn word(&self) -> &'static str {
        match self.standing {
            HookStanding::Alive { .. } => "alive",
            HookStanding::Entered(_) => "entered",
            HookStanding::Absent { .. } => "absent",
            HookStanding::Dead { .. } => "dead",
        }
    }

    fn words(&self) -> String {
        match &self.standing {
            HookStanding::Alive { kept: None, .. } => "alive".to_owned(),
            HookStanding::Alive { kept: Some(_), .. } => {
                "alive; the hook that was there runs first".to_owned()
            }
            HookStanding::Entered(file) => format!("entered in {}", file.display()),
            HookStanding::Absent { other: None } => "not there: `cascade hook install`".to_owned(),
            HookStanding::Absent { other: Some(_) } => {
                "another hook is there: `cascade hook install` keeps it".to_owned()
            }
            HookStanding::Dead { why, .. } => format!("DEAD: {why}"),
        }
    }
}

/// Returns a line a hook, below the names of their repositories.
pub(crate) fn human(rows: &[HookRow<'_>]) -> String {
    let mut lines = Vec::new();
    let mut repo = None;
    for row in rows {
        if repo != Some(row.repo) {
            lines.push(Shown(row.repo).to_string());
            repo = Some(row.repo);
        }
        let words = row.words();
        lines.push(format!("  {:<12} {}", row.hook.name(), Shown(&words)));
    }
    lines.join("\n") + "\n"
}

/// Returns `cascade.hooks/1`.
pub(crate) fn json(rows: &[HookRow<'_>]) -> Value {
    let hooks: Vec<Value> = rows.iter().map(row).collect();
    json!({ "schema": "cascade.hooks/1", "hooks": hooks })
}

fn row(row: &HookRow<'_>) -> Value {
    let (path, why) = match &row.standing {
        HookStanding::Alive { hook, .. } => (Some(hook), None),
        HookStanding::Entered(file) => (Some(file), None),
        HookStanding::Absent { other } => (other.as_ref(), None),
        HookStanding::Dead { hook, why } => (Some(hook), Some(why)),
    };
    let kept = match &row.standing {
        HookStanding::Alive { kept, .. } => kept.as_ref(),
        _ => None,
    };
    json!({
        "repo": row.repo,
        "hook": row.hook.name(),
        "state": row.word(),
        "path": path.map(|it| it.display().to_string()),
        "kept": kept.map(|it| it.display().to_string()),
        "why": why,
    })
}
