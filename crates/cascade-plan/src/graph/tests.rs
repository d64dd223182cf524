use proptest::prelude::*;

use super::*;
use crate::declare;

fn graph(text: &str) -> Graph {
    Graph::build(declare(text).expect("declared")).expect("a graph")
}

fn ids(names: &[&str]) -> Vec<RepoId> {
    names.iter().copied().map(RepoId::new).collect()
}

const DIAMOND: &str = r#"
[workspace]
name = "diamond"
[repo.top]
needs = ["right", "left"]
[repo.left]
needs = ["bottom"]
[repo.right]
needs = ["bottom"]
[repo.bottom]
[repo.alone]
"#;

#[test]
fn upstream_comes_first_and_ties_go_by_name() {
    let graph = graph(DIAMOND);
    assert_eq!(
        graph.order(),
        ids(&["alone", "bottom", "left", "right", "top"])
    );
    let top = RepoId::new("top");
    let bottom = RepoId::new("bottom");
    let ups: Vec<&str> = graph.upstreams(&top).map(RepoId::as_str).collect();
    assert_eq!(ups, ["right", "left"]);
    let downs: Vec<&str> = graph.downstreams(&bottom).map(RepoId::as_str).collect();
    assert_eq!(downs, ["left", "right"]);
    let reached: Vec<RepoId> = graph.reaches(&bottom).into_iter().collect();
    assert_eq!(reached, ids(&["left", "right", "top"]));
    assert!(graph.reaches(&top).is_empty());
    assert_eq!(graph.upstreams(&RepoId::new("nobody")).count(), 0);
}

#[test]
fn a_circle_is_the_shortest_real_one() {
    let nodes: BTreeSet<RepoId> = ids(&["a", "b", "c", "d", "e"]).into_iter().collect();
    let ups = BTreeMap::from([
        (RepoId::new("a"), ids(&["b", "e"])),
        (RepoId::new("b"), ids(&["c"])),
        (RepoId::new("c"), ids(&["a", "b"])),
        (RepoId::new("d"), ids(&["a"])),
    ]);
    assert_eq!(order_of(&nodes, &ups), Err(ids(&["a", "b", "c"])));
    let own = BTreeMap::from([(RepoId::new("a"), ids(&["a"]))]);
    assert_eq!(order_of(&nodes, &own), Err(ids(&["a"])));
}

#[test]
fn ten_thousand_in_a_row_are_no_trouble() {
    let name = |n: usize| RepoId::new(format!("r{n:05}"));
    let nodes: BTreeSet<RepoId> = (0..10_000).map(name).collect();
    let mut ups: BTreeMap<RepoId, Vec<RepoId>> =
        (1..10_000).map(|n| (name(n), vec![name(n - 1)])).collect();
    let (order, waves) = order_of(&nodes, &ups).expect("a chain");
    assert_eq!((order.len(), waves.len()), (10_000, 10_000));
    ups.insert(name(0), vec![name(9_999)]);
    assert_eq!(order_of(&nodes, &ups).expect_err("a ring").len(), 10_000);
}

proptest! {
    #[test]
    fn an_order_keeps_every_edge_or_a_circle_is_one(
        edges in prop::collection::vec((0_usize..8, 0_usize..8), 0..20),
    ) {
        let name = |n: usize| RepoId::new(format!("r{n}"));
        let nodes: BTreeSet<RepoId> = (0..8).map(name).collect();
        let mut ups: BTreeMap<RepoId, Vec<RepoId>> = BTreeMap::new();
        for (down, up) in edges {
            ups.entry(name(down)).or_default().push(name(up));
        }
        match order_of(&nodes, &ups) {
            Ok((order, waves)) => {
                prop_assert_eq!(order.len(), 8);
                let place = |id: &RepoId| order.iter().position(|it| it == id);
                let wave = |id: &RepoId| waves.iter().position(|it| it.contains(id));
                for (down, up) in ups.iter().flat_map(|(d, us)| us.iter().map(move |u| (d, u))) {
                    prop_assert!(place(up) < place(down));
                    prop_assert!(wave(up) < wave(down));
                }
                prop_assert_eq!(waves.iter().flatten().count(), 8);
            }
            Err(path) => {
                prop_assert!(!path.is_empty());
                for (at, next) in path.iter().zip(path.iter().cycle().skip(1)) {
                    prop_assert!(ups.get(at).is_some_and(|it| it.contains(next)));
                }
            }
        }
    }
}
