//! What `status` says, held against the truth.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::family::Family;

/// The packages are the truth's, each with its latest tag and version.
pub(crate) fn packages(family: &Family, status: &Value) {
    let said: BTreeSet<[String; 5]> = repos(status)
        .flat_map(|repo| {
            rows(&repo["packages"])
                .map(|it| {
                    { ["ecosystem", "manifest", "latest-tag", "latest"].map(|key| word(&it[key])) }
                        .into_iter()
                        .chain([word(&repo["repo"])])
                        .collect::<Vec<_>>()
                        .try_into()
                        .unwrap()
                })
                .collect::<Vec<[String; 5]>>()
        })
        .collect();
    let truth = family
        .packages()
        .map(|(repo, it)| {
            let [eco, manifest, tag, version] =
                ["eco", "manifest", "latest_tag", "latest_version"].map(|key| word(&it[key]));
            [eco, manifest, tag, version, repo.to_owned()]
        })
        .collect();
    same("packages", &said, &truth);
    for (repo, it) in family.packages() {
        let row = repos(status)
            .filter(|row| row["repo"] == repo)
            .flat_map(|row| rows(&row["packages"]))
            .find(|row| row["manifest"] == it["manifest"])
            .unwrap();
        let since = &it["commits_on_head_since_latest_reachable"];
        if !since.is_null() {
            assert_eq!(&row["commits-since"], since, "{repo} {}", row["name"]);
        }
    }
}

/// Every pin of the truth is there once, with its place, kind and status, and none besides.
pub(crate) fn pins(family: &Family, status: &Value) {
    let said = repos(status)
        .flat_map(|repo| {
            rows(&repo["pins"])
                .map(|pin| {
                    let lock = &pin["lock"];
                    [
                        word(&repo["repo"]),
                        word(&pin["manifest"]),
                        word(&pin["line"]),
                        word(&pin["kind"]),
                        word(&pin["auxiliary"]),
                        word(&pin["status"]),
                        word(&pin["upstream-repo"]),
                        word(&pin["package"]),
                        word(&pin["latest"]),
                        word(&lock["file"]),
                    ]
                })
                .collect::<Vec<_>>()
        })
        .fold(BTreeMap::new(), count);
    let truth = family
        .pins()
        .iter()
        .map(|pin| {
            [
                word(&pin["downstream"]),
                word(&pin["manifest"]),
                line_of(pin),
                word(&pin["kind"]),
                word(&pin["auxiliary_manifest"]),
                status_word(pin["status"].as_str().unwrap()).to_owned(),
                word(&pin["upstream"]),
                word(&pin["downstream_package"]),
                word(&pin["upstream_latest"]),
                word(&pin["lock"]["file"]),
            ]
        })
        .fold(BTreeMap::new(), count);
    same("pins", &said, &truth);
    println!("{} pins agree", family.pins().len());
}

/// The ordering edges are the truth's, and the order keeps all its pairs.
pub(crate) fn order(family: &Family, status: &Value) {
    let edges: BTreeSet<(String, String)> = repos(status)
        .flat_map(|repo| rows(&repo["pins"]).map(move |pin| (repo, pin)))
        .filter(|(repo, pin)| {
            let orders =
                ["runtime", "optional", "build", "peer"].contains(&pin["kind"].as_str().unwrap());
            orders && pin["auxiliary"] == false && pin["upstream-repo"] != repo["repo"]
        })
        .map(|(repo, pin)| (word(&pin["upstream-repo"]), word(&repo["repo"])))
        .collect();
    let graph = &family.truth["repo_graph_build"];
    let truth = rows(&graph["edges"])
        .map(|it| (word(&it["upstream"]), word(&it["downstream"])))
        .collect();
    same("edges", &edges, &truth);
    let order: Vec<String> = rows(&status["order"]).map(word).collect();
    assert_eq!(order.len(), rows(&family.truth["repos"]).count());
    let at = |name: &str| order.iter().position(|it| it == name).unwrap();
    for pair in rows(&graph["an_order_is_valid_iff_each_pair_keeps_this_order"]) {
        let (first, second) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
        assert!(
            at(first) < at(second),
            "{first} before {second} in {order:?}"
        );
    }
}

/// At no version tag of any repository a mismatch is claimed: the truth knows of none.
pub(crate) fn no_mismatch_at_any_tag(family: &Family) {
    let work = family.another("tags");
    let mut checked = 0;
    for repo in rows(&family.truth["repos"]) {
        let name = repo["name"].as_str().unwrap();
        let clone = work.join(name);
        for tag in family.git(&clone, &["tag", "--list"]).lines() {
            family.git(
                &clone,
                &["checkout", "-q", "--force", &format!("refs/tags/{tag}")],
            );
            let text = family.cascade(&work, &["status", "--format", "json"]);
            let status: Value = serde_json::from_str(&text).unwrap();
            let claimed: Vec<&Value> = repos(&status)
                .flat_map(|repo| rows(&repo["findings"]))
                .filter(|it| it["code"] == "version-mismatch")
                .collect();
            assert!(claimed.is_empty(), "{name} at {tag}: {claimed:?}");
            checked += 1;
        }
        let branch = repo["branch"].as_str().unwrap();
        family.git(&clone, &["checkout", "-q", "--force", branch]);
    }
    println!("no mismatch at {checked} tags");
}

/// No rule about tags has anything in the way of any tag: the truth knows of no mismatch, in manifests
/// or elsewhere.
pub(crate) fn nothing_in_the_way_of_any_tag(family: &Family) {
    let work = family.another("refs");
    let declared = work.join("workspace.toml");
    let mut checked = 0;
    for repo in rows(&family.truth["repos"]) {
        let name = repo["name"].as_str().unwrap();
        // A clone elsewhere is judged as one of its family: the others are not read for every tag.
        let alone = work.join("alone").join(name);
        let to = alone.to_str().unwrap();
        family.git(&work, &["clone", "-q", name, to]);
        // Every tag's version was judged above; of all rules about tags every fourth one is a sample.
        let tags = family.git(&alone, &["tag", "--list"]);
        for tag in tags.lines().step_by(4) {
            let reference = format!("refs/tags/{tag}");
            let judge = [
                "--workspace",
                declared.to_str().unwrap(),
                "check",
                "--ref",
                &reference,
            ];
            let rules = ["--select", "tags", "--format", "json", "--fail-on", "block"];
            let text = family.cascade(&alone, &[&judge[..], &rules[..]].concat());
            let said: Value = serde_json::from_str(&text).unwrap();
            let mut codes = rows(&said["findings"]).map(|it| word(&it["code"]));
            let odd = codes.find(|it| it.starts_with("dynamic-") || it.starts_with("version-m"));
            assert_eq!(odd, None, "{name} at {tag}: {text}");
            checked += 1;
        }
    }
    println!("nothing in the way of {checked} tags");
}

/// Rows whose line the truth took from the first `"flask` in the file, which is the package's own
/// name: the requirement itself, bare, stands further down.
const CORRECTED: &[(&str, &str, &str)] = &[
    ("flask", "examples/celery/pyproject.toml", "7"),
    ("flask", "examples/tutorial/pyproject.toml", "10"),
];

/// The line of a true row, corrected where the truth is known to be wrong.
fn line_of(pin: &Value) -> String {
    let (repo, manifest) = (word(&pin["downstream"]), word(&pin["manifest"]));
    let corrected = CORRECTED
        .iter()
        .find(|(name, path, _)| *name == repo && *path == manifest && pin["upstream"] == *name);
    corrected.map_or_else(|| word(&pin["line"]), |(_, _, line)| (*line).to_owned())
}

fn status_word(truth: &str) -> &str {
    match truth {
        "in_step" => "in-step",
        "behind_admitted" => "behind",
        "behind_excluded" => "excluded",
        "upstream_untagged" => "untagged",
        other => other,
    }
}

fn repos(status: &Value) -> impl Iterator<Item = &Value> {
    rows(&status["repos"])
}

pub(crate) fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

/// A scalar as a word, so that rows compare and print.
pub(crate) fn word(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn count<T: Ord>(mut all: BTreeMap<T, usize>, it: T) -> BTreeMap<T, usize> {
    *all.entry(it).or_default() += 1;
    all
}

/// Fails with what only one side has.
fn same<C>(what: &str, said: &C, truth: &C)
where
    C: PartialEq + Clone + IntoIterator,
    C::Item: std::fmt::Debug + PartialEq,
{
    let truth_rows: Vec<_> = truth.clone().into_iter().collect();
    let said_rows: Vec<_> = said.clone().into_iter().collect();
    let invented: Vec<_> = said_rows
        .iter()
        .filter(|it| !truth_rows.contains(it))
        .collect();
    let missed: Vec<_> = truth_rows
        .iter()
        .filter(|it| !said_rows.contains(it))
        .collect();
    let apart = format!("said and not true: {invented:#?}\ntrue and not said: {missed:#?}");
    assert!(said == truth, "{what}\n{apart}");
}
