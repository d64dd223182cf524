//! Surveys and plans on every core: repositories are judged side by side, what moves is decided in
//! one walk, the steps are composed side by side.

use std::collections::BTreeMap;

use cascade_plan::drift::tags_to_date;
use cascade_plan::{
    Graph, Index, Part, Plan, PlanError, RepoId, RepoSurvey, Request, Snapshot, Survey, outline,
};

use crate::Site;
use crate::observe::date_tags;
use crate::pool::in_parallel;

/// Returns what [`cascade_plan::survey`] returns.
pub fn survey(graph: &Graph, snapshot: &Snapshot) -> Survey {
    Survey::of(graph, snapshot, judged(graph, snapshot))
}

/// Returns the same, once the snapshot knows when the tags were made that a drift report tells of.
pub fn dated_survey(graph: &Graph, sites: &[Site], snapshot: &mut Snapshot) -> Survey {
    let judged = judged(graph, snapshot);
    date_tags(sites, &tags_to_date(snapshot, &judged), snapshot);
    Survey::of(graph, snapshot, judged)
}

/// Returns every repository, judged by itself.
fn judged(graph: &Graph, snapshot: &Snapshot) -> BTreeMap<RepoId, RepoSurvey> {
    let index = Index::of(snapshot);
    let judge = |id: &RepoId| (id.clone(), index.judge(graph, id));
    let judged = in_parallel(graph.repos().keys().collect(), judge);
    judged.into_iter().collect()
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
