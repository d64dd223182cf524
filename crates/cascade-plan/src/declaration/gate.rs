//! Gates: cross-repository tests that hold everything below until they pass.

use std::collections::BTreeMap;

use toml::Spanned;

use super::GateDeclaration;
use super::fault::DeclareError;
use super::file::{GateTable, Text};
use super::resolve::Room;
use crate::{EdgeLevel, EdgePolicy, Need, RepoDeclaration, RepoId};

/// Returns the gates that a file declares. What stands behind one is ordered after what stands before
/// it, as by a need that only orders.
pub(super) fn gates(
    room: &mut Room<'_>,
    tables: &[Spanned<GateTable>],
    repos: &mut BTreeMap<RepoId, RepoDeclaration>,
) -> Vec<GateDeclaration> {
    let gates: Vec<GateDeclaration> = tables.iter().filter_map(|it| gate(room, it)).collect();
    for gate in &gates {
        for before in &gate.before {
            for after in &gate.after {
                order(repos, (before, after), gate);
            }
        }
    }
    gates
}

fn gate(room: &mut Room<'_>, entry: &Spanned<GateTable>) -> Option<GateDeclaration> {
    let table = entry.get_ref();
    let run = room.commands(&table.run, "a command of `run`");
    let mut names = |texts: &[Text]| -> Vec<RepoId> {
        let known = texts
            .iter()
            .filter(|it| room.declared(it.get_ref(), &it.span()));
        known.map(|it| RepoId::new(it.get_ref().as_str())).collect()
    };
    let (after, before) = (names(&table.after), names(&table.before));
    let missing = [
        ("after", table.after.is_empty()),
        ("before", table.before.is_empty()),
        ("run", table.run.is_empty()),
    ];
    if let Some((key, _)) = missing.iter().find(|it| it.1) {
        let what = DeclareError::new(format!("a gate has no `{key}`"));
        let what = what.at(&entry.span(), "in this gate");
        let help = "a gate runs commands after some repositories and before others";
        room.errors.push(what.help(help));
        return None;
    }
    Some(GateDeclaration {
        after,
        before,
        run,
        at: entry.span(),
    })
}

fn order(
    repos: &mut BTreeMap<RepoId, RepoDeclaration>,
    (before, after): (&RepoId, &RepoId),
    gate: &GateDeclaration,
) {
    let Some(repo) = repos.get_mut(before) else {
        return;
    };
    if repo.needs.iter().all(|it| it.repo != *after) {
        repo.needs.push(Need {
            repo: after.clone(),
            order_only: true,
            policy: EdgePolicy::default(),
            level: EdgeLevel::default(),
            commit_type: "fix".to_owned(),
            at: gate.at.clone(),
        });
    }
}
