use proptest::prelude::*;

use super::*;

fn entry(name: &str, version: &str, requires: &[&str]) -> Entry {
    Entry {
        name: name.to_owned(),
        version: version.to_owned(),
        place: String::new(),
        source: "registry".to_owned(),
        requires: requires.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn named(names: &[&str]) -> Names {
    names.iter().map(|it| (*it).to_owned()).collect()
}

fn told(before: &[Entry], after: &[Entry]) -> Vec<String> {
    let found = churn(before, after, &named(&["core"]));
    found.iter().map(ToString::to_string).collect()
}

fn base() -> Vec<Entry> {
    vec![
        entry("app", "1.0.0", &["core", "third"]),
        entry("core", "1.0.0", &["third"]),
        entry("third", "1.0.0", &[]),
    ]
}

#[test]
fn what_was_named_may_move_and_bring_new_dependencies() {
    let mut after = base();
    after[1] = entry("core", "1.1.0", &["extra", "third"]);
    after.push(entry("deeper", "2.0.0", &[]));
    after.push(entry("extra", "1.0.0", &["deeper"]));
    assert_eq!(told(&base(), &after), [""; 0]);
    // The way back: what nobody requires any more goes, with what it brought.
    assert_eq!(told(&after, &base()), [""; 0]);
}

#[test]
fn a_third_that_moves_along_is_shown() {
    let mut after = base();
    after[1] = entry("core", "1.1.0", &["third"]);
    after[2] = entry("third", "1.1.0", &[]);
    assert_eq!(told(&base(), &after), ["third 1.0.0 -> 1.1.0"]);
}

#[test]
fn what_comes_or_goes_on_its_own_is_shown() {
    let mut after = base();
    after.push(entry("bait", "3.0.0", &[]));
    assert_eq!(told(&base(), &after), ["bait 3.0.0 came"]);
    assert_eq!(told(&after, &base()), ["bait 3.0.0 went"]);
    let mut elsewhere = base();
    elsewhere[2].source = "mirror".to_owned();
    assert_eq!(
        told(&base(), &elsewhere),
        ["third 1.0.0 comes from elsewhere"]
    );
}

#[test]
fn what_is_still_required_may_not_lose_a_version() {
    let mut before = base();
    before.push(entry("third", "2.0.0", &[]));
    assert_eq!(told(&before, &base()), ["third 2.0.0 went"]);
    // `core` let go of it, so one of its copies may go.
    let mut after = base();
    after[1] = entry("core", "1.1.0", &[]);
    assert_eq!(told(&before, &after), [""; 0]);
}

#[test]
fn a_second_copy_that_what_was_named_requires_may_come() {
    let mut after = base();
    after[1] = entry("core", "1.1.0", &["third"]);
    after.push(entry("third", "2.0.0", &[]));
    assert_eq!(told(&base(), &after), [""; 0]);
}

#[test]
fn the_place_in_a_tree_says_nothing() {
    let mut after = base();
    after[2].place = "node_modules/core/node_modules/third".to_owned();
    assert_eq!(told(&base(), &after), [""; 0]);
}

/// A small lock: names `a` to `h`, versions 1 to 3, edges among them.
fn lock() -> impl Strategy<Value = Vec<Entry>> {
    let requires = proptest::collection::btree_set(0_usize..8, 0..4);
    let one = (0_usize..8, 1_u8..4, requires);
    proptest::collection::vec(one, 0..10).prop_map(|all| {
        let mut entries: Vec<Entry> = all
            .into_iter()
            .map(|(name, version, requires)| {
                let requires: Vec<&str> = requires.into_iter().map(|it| NAMES[it]).collect();
                entry(NAMES[name], &format!("{version}.0.0"), &requires)
            })
            .collect();
        entries.sort();
        entries
    })
}

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

fn some_names() -> impl Strategy<Value = Names> {
    proptest::collection::hash_set(0_usize..8, 0..4)
        .prop_map(|it| it.into_iter().map(|at| NAMES[at].to_owned()).collect())
}

fn versions(of: &[Entry], name: &str) -> BTreeSet<String> {
    let found = of.iter().filter(|it| it.name == name);
    found.map(|it| it.version.clone()).collect()
}

proptest! {
    #[test]
    fn a_lock_that_did_not_change_has_no_churn(lock in lock(), named in some_names()) {
        prop_assert_eq!(churn(&lock, &lock, &named), []);
    }

    #[test]
    fn what_was_named_is_never_told(a in lock(), b in lock(), named in some_names()) {
        for it in churn(&a, &b, &named) {
            prop_assert!(!named.contains(&it.name));
        }
    }

    #[test]
    fn whoever_names_more_is_told_no_more_of_others(a in lock(), b in lock(), named in some_names(), more in some_names()) {
        let few = churn(&a, &b, &named);
        let both: Names = named.union(&more).cloned().collect();
        for it in churn(&a, &b, &both) {
            prop_assert!(few.contains(&it), "{}", it);
        }
    }

    #[test]
    fn a_version_that_was_swapped_for_another_is_always_told(a in lock(), b in lock(), named in some_names()) {
        let found = churn(&a, &b, &named);
        for name in NAMES.iter().filter(|it| !named.contains(**it)) {
            let (old, new) = (versions(&a, name), versions(&b, name));
            let swapped = old.difference(&new).next().is_some() && new.difference(&old).next().is_some();
            let told = found.iter().any(|it| it.name == *name);
            prop_assert!(!swapped || told, "{}", name);
            prop_assert!(old != new || !told, "{}", name);
        }
    }

    #[test]
    fn with_nothing_named_every_change_is_told(a in lock(), b in lock()) {
        let found = churn(&a, &b, &Names::new());
        for name in NAMES {
            let told = found.iter().any(|it| it.name == name);
            prop_assert_eq!(versions(&a, name) != versions(&b, name), told);
        }
    }

    #[test]
    fn the_order_of_a_lock_says_nothing(a in lock(), b in lock(), named in some_names()) {
        let turned: Vec<Entry> = b.iter().rev().cloned().collect();
        prop_assert_eq!(churn(&a, &b, &named), churn(&a, &turned, &named));
    }
}
