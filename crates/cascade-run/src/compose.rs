//! Surveys and plans on every core: repositories are judged side by side, what moves is decided in
//! one walk, the steps are composed side by side.

use cascade_plan::{Graph, Index, Part, Plan, PlanError, Request, Snapshot, Survey, outline};

use crate::pool::in_parallel;

/// Returns what [`cascade_plan::survey`] returns.
pub fn survey(graph: &Graph, snapshot: &Snapshot) -> Survey {
    let index = Index::of(snapshot);
    let judged = in_parallel(graph.repos().keys().collect(), |id| {
        (id.clone(), index.judge(graph, id))
    });
    Survey::of(graph, snapshot, judged.into_iter().collect())
}

/// Returns what [`cascade_plan::plan`] returns.
///
/// # Errors
/// As [`cascade_plan::plan`].
pub fn plan(
    graph: &Graph,
    snapshot: &Snapshot,
    survey: &Survey,
    request: &Request,
) -> Result<Plan, PlanError> {
    let mut outline = outline(graph, snapshot, survey, request)?;
    let steps = in_parallel(outline.take_parts(), Part::step);
    Ok(outline.plan(steps.into_iter().flatten().collect()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    use cascade_manifest::Level;
    use cascade_plan::{Ask, Purpose, What, declare};
    use cascade_tests::Town;

    use super::*;
    use crate::{Depth, discover, observe};

    #[test]
    fn it_is_the_plan_of_one_thread() {
        let town = Town::new();
        let mut text = "[workspace]\nname = \"t\"\n".to_owned();
        for n in 0..12 {
            let pin = match n {
                0 => String::new(),
                n => format!("[dependencies]\nr{} = \"=1.0.0\"\n", n / 2),
            };
            let manifest = format!("[package]\nname = \"r{n}\"\nversion = \"1.0.0\"\n{pin}");
            town.repo(&format!("r{n}"), "v1.0.0", &[("Cargo.toml", &manifest)]);
            let _ = writeln!(text, "[repo.r{n}]\npath = \"r{n}\"");
        }
        town.commit("r0", "feat: more", &[]);
        let graph = Graph::build(declare(&text).unwrap()).unwrap();
        let sites = discover(&graph, &town.work());
        let snapshot = observe(&graph, &sites, Depth::Plan, 7);
        let survey = survey(&graph, &snapshot);
        let request = Request {
            purpose: Purpose::Release,
            asks: vec![Ask {
                repo: "r0".to_owned(),
                package: None,
                what: What::Level(Level::Minor),
            }],
            only: BTreeSet::new(),
            skip: BTreeSet::new(),
            pins_only: false,
            pre: None,
            downgrade: None,
            allow_churn: false,
        };
        let here = plan(&graph, &snapshot, &survey, &request).unwrap();
        let survey = cascade_plan::survey(&graph, &snapshot);
        let alone = cascade_plan::plan(&graph, &snapshot, &survey, &request).unwrap();
        assert_eq!(here.steps.len(), 12);
        assert_eq!(here, alone);
    }
}
