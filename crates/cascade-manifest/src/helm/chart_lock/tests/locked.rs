//! A lock beside its chart, held against what Helm wrote and against a second computation.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::helm::{LockedChart, Seal};
use crate::{Scheme, Version};

/// A public chart: the repository of each dependency, its name, what it requires, its condition or tag,
/// what is locked, and the digest that Helm wrote.
struct Public {
    rows: &'static [[&'static str; 5]],
    digest: &'static str,
    seal: Seal,
}

const COMMUNITY: &str = "https://prometheus-community.github.io/helm-charts";
const OCI: &str = "oci://registry-1.docker.io/bitnamicharts";
const BITNAMI: &str = "https://charts.bitnami.com/bitnami";

const PUBLIC: &[Public] = &[
    Public {
        rows: &[
            [
                COMMUNITY,
                "alertmanager",
                "1.10.*",
                "condition: alertmanager.enabled",
                "1.10.0",
            ],
            [
                COMMUNITY,
                "kube-state-metrics",
                "5.19.*",
                "condition: kube-state-metrics.enabled",
                "5.19.0",
            ],
            [
                COMMUNITY,
                "prometheus-node-exporter",
                "4.33.*",
                "condition: prometheus-node-exporter.enabled",
                "4.33.0",
            ],
            [
                COMMUNITY,
                "prometheus-pushgateway",
                "2.12.*",
                "condition: prometheus-pushgateway.enabled",
                "2.12.0",
            ],
        ],
        digest: "7eb369d369b0a09dce0d56c58dde9119651d1e0b1421249fa8abf5c3b0c81c04",
        seal: Seal::Right,
    },
    Public {
        rows: &[
            [OCI, "redis", "19.x.x", "condition: redis.enabled", "19.3.4"],
            [
                OCI,
                "postgresql",
                "15.x.x",
                "condition: postgresql.enabled",
                "15.3.5",
            ],
            [OCI, "common", "2.x.x", "tags: [bitnami-common]", "2.19.3"],
        ],
        digest: "633b7efcc7d7cfc2a74f8072a0857b604a8acd3a65837e8ac1d791ac8e2b68b4",
        seal: Seal::Right,
    },
    Public {
        rows: &[[
            BITNAMI,
            "redis",
            "17.2.0",
            "condition: redis.enabled",
            "17.2.0",
        ]],
        digest: "989a8e3f05d54b04db15e782bd24ca5a5872a36f5dc02b7882b25491a5a5ddde",
        seal: Seal::Right,
    },
    Public {
        rows: &[
            [
                BITNAMI,
                "postgresql",
                "4.x.x",
                "condition: postgresql.enabled",
                "4.2.2",
            ],
            [
                BITNAMI,
                "redis",
                "7.x.x",
                "condition: redis.enabled",
                "7.1.1",
            ],
        ],
        digest: "df803216464c2e9422e4a97214aad873cc91214543ab8eb399da8005db862a95",
        seal: Seal::OfHelm2,
    },
];

impl Public {
    fn texts(&self) -> (String, String) {
        let list = |row: &dyn Fn(&[&str; 5]) -> String| {
            let rows: Vec<_> = self.rows.iter().map(row).collect();
            format!("dependencies:\n{}", rows.concat())
        };
        let chart = list(&|[repository, name, wanted, more, _]| {
            format!(
                "- name: {name}\n  version: \"{wanted}\"\n  repository: {repository}\n  {more}\n"
            )
        });
        let held = list(&|[repository, name, _, _, held]| {
            format!("- name: {name}\n  repository: {repository}\n  version: {held}\n")
        });
        let lock = format!(
            "{held}digest: sha256:{}\ngenerated: \"2024-05-04T02:32:07.9+03:00\"\n",
            self.digest
        );
        (chart, lock)
    }
}

#[test]
fn the_digests_of_public_charts_are_known_for_what_they_are() {
    for it in PUBLIC {
        let (chart, lock) = it.texts();
        let read = LockedChart::of(&chart, &lock).unwrap();
        assert_eq!(read.seal, it.seal, "{}", it.digest);
        assert!(read.rows.iter().all(|it| it.admitted));
        let held: Vec<_> = read
            .rows
            .iter()
            .filter_map(|it| it.version.as_deref())
            .collect();
        let wanted: Vec<_> = it.rows.iter().map(|it| it[4]).collect();
        assert_eq!(held, wanted);
        let spoilt = LockedChart::of(&chart.replace("enabled", "on"), &lock).unwrap();
        assert_eq!(spoilt.seal, Seal::Wrong);
    }
}

fn version(text: &str) -> Version {
    Version::parse(Scheme::Semver, text).unwrap()
}

/// Returns the lock after the chart came to say another requirement of `core`, locked at this version.
fn relocked(from: (&str, &str), to: (&str, &str)) -> Result<String, Fallback> {
    let (chart, lock) = family("https://charts.example", from.0, from.1);
    let after = chart.replace(from.0, to.0);
    let at = chart.find(from.0).unwrap();
    LockedChart::relocked(&lock, (&chart, &after), &[(at, version(to.1))].into())
}

/// Returns a chart on `core`, and its lock with the right digest.
fn family(repository: &str, wanted: &str, held: &str) -> (String, String) {
    let row = |name: &str, repository: &str, version: &str| json!({"name": name, "version": version, "repository": repository});
    let address = "https://charts.example";
    let lists = json!([
        [row("core", address, wanted), row("other", address, "^3")],
        [row("core", address, held), row("other", address, "3.1.0")],
    ]);
    let chart = format!(
        "dependencies:\n- name: core\n  version: \"{wanted}\"\n  repository: \"{repository}\"\n- name: other\n  \
         version: ^3\n  repository: {address}\n"
    );
    // Helm puts what YAML would take for a number in quotes.
    let quotes = if held.matches('.').count() == 1 {
        "\""
    } else {
        ""
    };
    let held = format!("{quotes}{held}{quotes}");
    let lock = format!(
        "dependencies:\n- name: core\n  repository: {address}\n  version: {held}\n- name: other\n  repository: {address}\n  \
         version: 3.1.0\ndigest: {}\ngenerated: \"2026-01-01T00:00:00Z\"\n",
        summed(&ordered(&lists))
    );
    (chart, lock)
}

#[test]
fn the_lock_follows_a_range_and_an_exact_pin_alike() {
    for (from, to, held) in [
        (("1.4.2", "1.4.2"), ("1.5.0", "1.5.0"), "1.5.0"),
        (("v1.4.2", "1.4.2"), ("v1.5.0", "1.5.0"), "1.5.0"),
        (("v1.4.2", "v1.4.2"), ("v1.5.0", "1.5.0"), "v1.5.0"),
        (("^1.4.0", "1.4.2"), ("^1.4.0", "1.5.0"), "1.5.0"),
        (("~1.4.0", "1.4.2"), ("~1.5.0", "1.5.0"), "1.5.0"),
        (("1.4", "1.4.2"), ("1.5", "1.5.0"), "1.5.0"),
        // A registry of images is asked for the tag as it is written.
        (("1.4", "1.4"), ("1.5", "1.5.0"), "1.5"),
        // What is locked later is not moved down.
        (("^1.4.0", "1.6.0"), ("^1.4.0", "1.5.0"), "1.6.0"),
    ] {
        let new = relocked(from, to).unwrap();
        let (_, wanted) = family("https://charts.example", to.0, held);
        assert_eq!(new, wanted, "{from:?} {to:?}");
    }
}

#[test]
fn no_lie_is_written() {
    let why = |from, to| relocked(from, to).unwrap_err().0;
    assert_eq!(
        why(("~1.4.0", "1.4.2"), ("~1.4.0", "1.5.0")),
        "`core` is `~1.4.0` now, which excludes 1.5.0"
    );
    let (chart, lock) = family("https://charts.example", "1.4.2", "1.4.2");
    let after = chart.replace("1.4.2", "1.5.0");
    let at = chart.find("1.4.2").unwrap();
    let moves = [(at, version("1.5.0"))].into();
    let other = "its digest is not that of the chart as it was";
    for lock in [
        lock.replace("3.1.0", "3.2.0"),
        lock.replace("sha256:", "sha256:0"),
    ] {
        let told = LockedChart::relocked(&lock, (&chart, &after), &moves);
        assert_eq!(told.unwrap_err().0, other);
    }
    let shorter = after.split_once("- name: other").unwrap().0;
    let told = LockedChart::relocked(&lock, (&chart, shorter), &moves);
    assert_eq!(told.unwrap_err().0, other);
    let nowhere = [(0, version("1.5.0"))].into();
    assert!(LockedChart::relocked(&lock, (&chart, &after), &nowhere).is_err());
    // A move that nobody named is not made up: the chart says a range now, and who knows which version.
    let ranged = chart.replace("1.4.2", "^1.5.0");
    assert!(LockedChart::relocked(&lock, (&chart, &ranged), &BTreeMap::new()).is_ok());
    let (chart, lock) = family("https://charts.example", "^1.4.0", "1.4.2");
    let ranged = chart.replace("^1.4.0", "^2.0.0");
    assert!(LockedChart::relocked(&lock, (&chart, &ranged), &BTreeMap::new()).is_err());
}

#[test]
fn the_name_of_a_repository_stands_for_its_address() {
    for name in ["@acme", "alias:acme"] {
        let (chart, lock) = family(name, "1.4.2", "1.4.2");
        assert_eq!(LockedChart::of(&chart, &lock).unwrap().seal, Seal::Right);
        let after = chart.replace("1.4.2", "1.5.0");
        let moves = [(chart.find("1.4.2").unwrap(), version("1.5.0"))].into();
        let new = LockedChart::relocked(&lock, (&chart, &after), &moves).unwrap();
        assert_eq!(new, family(name, "1.5.0", "1.5.0").1);
    }
}

#[test]
fn each_row_is_found_by_its_version() {
    let read = LockedChart::of(CHART, LOCK).unwrap();
    for (text, held, admitted) in [
        ("1.1.0", "1.0.0", false),
        (">=1.0.0 <2", "1.4.2", true),
        ("v0.1.0", "0.1.0", true),
    ] {
        let row = read.row(CHART.find(text).unwrap()).unwrap();
        assert_eq!(
            (row.version.as_deref(), row.admitted),
            (Some(held), admitted),
            "{text}"
        );
    }
    assert_eq!(read.row(0), None);
    assert_eq!(read.row(CHART.find("condition").unwrap()), None);
    assert_eq!(read.row(CHART.len()), None);
}

/// The fields of a dependency in the order in which Helm writes them.
const ORDER: [&str; 8] = [
    "name",
    "version",
    "repository",
    "condition",
    "tags",
    "enabled",
    "import-values",
    "alias",
];

/// Returns two lists as Go's encoder writes them, in the straightest way.
fn ordered(lists: &Value) -> String {
    let row = |row: &Value| {
        let fields = ORDER
            .iter()
            .filter_map(|key| Some(format!("\"{key}\":{}", row.get(key)?)));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    };
    let list = |list: &Value| {
        let rows: Vec<_> = list.as_array().unwrap().iter().map(row).collect();
        format!("[{}]", rows.join(","))
    };
    let text = format!("[{},{}]", list(&lists[0]), list(&lists[1]));
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

fn summed(text: &str) -> String {
    let digest = Sha256::digest(text);
    let digits = digest.iter().flat_map(|it| [it >> 4, it & 15]);
    let hex: String = digits
        .filter_map(|it| char::from_digit(it.into(), 16))
        .collect();
    format!("sha256:{hex}")
}

fn dependency() -> impl Strategy<Value = Map<String, Value>> {
    let text = || "[a-z<>&é\"'\\\\ ]{0,6}";
    let fields = (
        text(),
        text(),
        text(),
        prop::collection::vec(text(), 0..3),
        any::<bool>(),
        text(),
    );
    fields.prop_map(|(name, version, repository, tags, enabled, alias)| {
        let all = json!({
            "name": name, "version": version, "repository": repository, "condition": version,
            "tags": tags, "enabled": enabled, "import-values": [{"parent": name, "child": alias}, alias],
            "alias": alias,
        });
        let Value::Object(mut all) = all else { return Map::new() };
        // An empty text, an empty list and `false` are left out, but for two fields.
        all.retain(|key, it| {
            let is_empty = *it == json!("") || *it == json!([]) || *it == json!(false);
            !is_empty || key == "name" || key == "repository"
        });
        all
    })
}

proptest! {
    #[test]
    fn a_second_computation_comes_to_the_same_digest(
        rows in prop::collection::vec((dependency(), "[0-9.]{1,5}"), 0..5)
    ) {
        let wanted: Vec<_> = rows.iter().map(|it| Value::Object(it.0.clone())).collect();
        let held: Vec<_> = rows.iter().map(|(it, version)| {
            json!({"name": it["name"], "version": version, "repository": it["repository"]})
        }).collect();
        // JSON is YAML.
        let chart = json!({"dependencies": wanted}).to_string();
        let lock = json!({"dependencies": held, "digest": summed(&ordered(&json!([wanted, held])))});
        let read = LockedChart::of(&chart, &lock.to_string()).unwrap();
        prop_assert_eq!(read.seal, Seal::Right);
    }

    #[test]
    fn a_spoilt_pair_never_panics_and_keeps_its_other_lines(
        cut in 0..400_usize, length in 0_usize..9, put in "[{}:\"\n ,=a1.^-]{0,6}", of_lock in any::<bool>()
    ) {
        let (mut chart, mut lock) = family("https://charts.example", "^1.4.0", "1.4.2");
        let spoilt = if of_lock { &mut lock } else { &mut chart };
        let cut = cut.min(spoilt.len());
        spoilt.replace_range(cut..(cut + length).min(spoilt.len()), &put);
        let _: Option<_> = LockedChart::of(&chart, &lock).ok();
        let moves = chart.find("^1.4.0").map(|at| (at, version("1.5.0"))).into_iter().collect();
        if let Ok(new) = LockedChart::relocked(&lock, (&chart, &chart), &moves) {
            prop_assert_eq!(lock.lines().count(), new.lines().count());
            let changed = lock.lines().zip(new.lines()).filter(|(a, b)| a != b).count();
            prop_assert!(changed <= 2, "{lock}\n{new}");
            prop_assert_eq!(LockedChart::of(&chart, &new).unwrap().seal, Seal::Right);
        }
    }
}
