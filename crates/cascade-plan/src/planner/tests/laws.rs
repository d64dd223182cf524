//! What holds for every plan.

use super::*;

const SHAPES: &[&str] = &["={}", "{}", "^{}", "~{}", ">={}"];

prop_compose! {
    /// A family of up to five crates, each on some of those before it, at any shape of pin.
    fn families()(
        edges in proptest::collection::vec((0usize..5, 0usize..5, 0usize..5), 0..9),
        versions in proptest::collection::vec((0u64..3, 0u64..4, 0u64..4), 5),
        kinds in proptest::collection::vec(0usize..3, 5),
    ) -> Sample {
        let names = ["a", "b", "c", "d", "e"];
        let version = |at: usize| format!("{}.{}.{}", versions[at].0, versions[at].1, versions[at].2 + 1);
        let needs: Vec<String> = (0..5).map(|at| {
            let mut ups: Vec<&str> = edges.iter().filter(|it| it.0 == at && it.1 < at).map(|it| names[it.1]).collect();
            ups.sort_unstable();
            ups.dedup();
            ups.join(" ")
        }).collect();
        let declared: Vec<(&str, &str)> = names.iter().copied().zip(needs.iter().map(String::as_str)).collect();
        let mut sample = Sample::new(&declared);
        for (at, name) in names.iter().enumerate() {
            let mut rows = std::collections::BTreeMap::new();
            for (_, up, shape) in edges.iter().filter(|it| it.0 == at && it.1 < at) {
                rows.insert(names[*up], SHAPES[*shape].replace("{}", &version(*up)));
            }
            let table = ["dependencies", "dev-dependencies", "build-dependencies"][kinds[at]];
            let rows: Vec<String> = rows.iter().map(|(up, it)| format!("{up} = \"{it}\"")).collect();
            let text = format!("[package]\nname = \"{name}\"\nversion = \"{}\"\n\n[{table}]\n{}\n", version(at), rows.join("\n"));
            sample = sample.file(name, "Cargo.toml", &text).tag(name, &format!("v{}", version(at)));
        }
        sample
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_to_do_is_no_plan(sample in families()) {
        prop_assert!(bump(&sample, &[]).steps.is_empty());
        prop_assert!(release(&sample, &[]).steps.is_empty());
    }

    #[test]
    fn typing_bump_twice_changes_nothing(mut sample in families(), at in 0usize..5, level in 0usize..3) {
        let ask = format!("{}={}", ["a", "b", "c", "d", "e"][at], ["patch", "minor", "major"][level]);
        let plan = bump(&sample, &[&ask]);
        prop_assert!(plan.steps.iter().all(|it| it.held.is_none()));
        sample.apply(&plan);
        prop_assert!(changed(&bump(&sample, &[&ask])).is_empty());
    }

    #[test]
    fn a_release_comes_to_an_end(mut sample in families(), at in 0usize..5, level in 0usize..3) {
        let name = ["a", "b", "c", "d", "e"][at];
        sample = sample.commit(name, "feat!: x");
        let ask = format!("{name}={}", ["patch", "minor", "major"][level]);
        let plan = release(&sample, &[&ask]);
        prop_assert_eq!(&plan, &release(&sample, &[&ask]));
        for step in &plan.steps {
            prop_assert!(step.after.iter().all(|it| plan.steps.iter().position(|other| other.repo == *it)
                < plan.steps.iter().position(|other| other.repo == step.repo)));
        }
        sample.apply(&plan);
        prop_assert!(changed(&release(&sample, &[&ask])).is_empty());
        prop_assert!(bump(&sample, &[]).steps.iter().all(|it| !it.changes()));
        for repo in sample.survey().repos.values() {
            prop_assert!(repo.pins.iter().all(|it| it.status != crate::PinStatus::Excluded));
        }
    }

    #[test]
    fn every_pin_on_what_moves_ends_in_exactly_one_fate(sample in families(), at in 0usize..5) {
        let name = ["a", "b", "c", "d", "e"][at];
        let plan = bump(&sample, &[&format!("{name}=major")]);
        for (id, repo) in &sample.survey().repos {
            for pin in repo.pins.iter().filter(|it| it.upstream.name == name) {
                let mut rows = plan.steps.iter().filter(|it| it.repo == *id).flat_map(|it| &it.pins);
                let found = rows.by_ref().filter(|it| it.manifest == pin.manifest && it.line == pin.line);
                prop_assert_eq!(found.count(), 1);
            }
        }
    }
}
