//! `cascade.graph/1`: the graph as JSON, in types of its own.

use cascade_plan::ReleaseMode;
use cascade_plan::drift::EdgeState;
use serde::Serialize;

use super::Picture;
use crate::report::status_json::pretty;

/// The whole graph.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct GraphJson<'a> {
    schema: &'static str,
    workspace: &'a str,
    order: Vec<&'a str>,
    waves: Vec<Vec<&'a str>>,
    repos: Vec<Repo<'a>>,
    edges: Vec<EdgeJson<'a>>,
}

/// A repository.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::struct_field_names, reason = "the names are the report's own")]
struct Repo<'a> {
    repo: &'a str,
    latest_tag: Option<&'a str>,
    mode: ReleaseMode,
    wave: usize,
    impact: Option<&'static str>,
}

/// An edge.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct EdgeJson<'a> {
    upstream: &'a str,
    downstream: &'a str,
    origin: &'static str,
    state: EdgeState,
    pins: usize,
}

/// Returns the graph as JSON.
pub(crate) fn json(picture: &Picture) -> String {
    let names = |wave: &Vec<&'_ super::Node>| -> Vec<String> {
        wave.iter().map(|it| it.repo.clone()).collect()
    };
    let waves: Vec<Vec<String>> = picture.waves().iter().map(names).collect();
    let repos = picture.nodes.iter().map(|it| Repo {
        repo: &it.repo,
        latest_tag: it.latest.as_deref(),
        mode: it.mode,
        wave: it.wave,
        impact: it.impact.word(),
    });
    let edges = picture.edges.iter().map(|it| EdgeJson {
        upstream: &it.upstream,
        downstream: &it.downstream,
        origin: it.origin.word(),
        state: it.state,
        pins: it.ordering,
    });
    pretty(&GraphJson {
        schema: "cascade.graph/1",
        workspace: &picture.name,
        order: picture.nodes.iter().map(|it| it.repo.as_str()).collect(),
        waves: waves
            .iter()
            .map(|it| it.iter().map(String::as_str).collect())
            .collect(),
        repos: repos.collect(),
        edges: edges.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::picture;
    use super::*;

    #[test]
    fn carries_its_schema_and_the_order() {
        let json: serde_json::Value =
            serde_json::from_str(&json(&picture(&["a", "b"], &["a>b"]))).unwrap();
        assert_eq!(json["schema"], "cascade.graph/1");
        assert_eq!(json["waves"], serde_json::json!([["a"], ["b"]]));
        assert_eq!(json["edges"][0]["origin"], "declared-and-derived");
        assert_eq!(json["edges"][0]["state"], "in-step");
    }
}
