use cascade_manifest::{ALL, ecosystem};
use proptest::prelude::*;

use super::*;

fn file(name: &str, kind: &str, digest: Option<&str>) -> ListedFile {
    ListedFile {
        name: name.to_owned(),
        kind: kind.to_owned(),
        line: kind.strip_prefix("cp").map(str::to_owned),
        digest: digest.map(str::to_owned),
        yanked: None,
    }
}

fn listing(files: &[(&str, ListedFile)]) -> Listing {
    let mut listing = Listing::default();
    for (version, file) in files {
        listing.add(version, file.clone());
    }
    listing
}

fn python() -> &'static Ecosystem {
    ecosystem("python").unwrap()
}

fn digests(files: &[(&str, &str)]) -> Digests {
    let all = files.iter();
    all.map(|(name, it)| ((*name).to_owned(), (*it).to_owned()))
        .collect()
}

fn complete(files: &[(&str, &str)]) -> Sight {
    Sight::Complete {
        files: digests(files),
    }
}

fn unreached() -> Sight {
    Sight::Unreached {
        why: "it answers 503".to_owned(),
        wait: Some(Duration::from_secs(7)),
    }
}

#[test]
fn files_of_the_earlier_release_are_waited_for() {
    let both = [
        ("1.0", file("a-1.0.tar.gz", "sdist", Some("sha256:1"))),
        ("1.0", file("a-1.0.whl", "wheel", Some("sha256:2"))),
        ("1.1.0", file("a-1.1.0.whl", "wheel", Some("sha256:3"))),
    ];
    let none = Expected::default();
    let sight = judge(&listing(&both), python(), "1.1", &none);
    let files = digests(&[("a-1.1.0.whl", "sha256:3")]);
    let lacking = vec!["sdist".to_owned()];
    assert_eq!(
        sight,
        Sight::Incomplete {
            files: files.clone(),
            lacking,
            left: false
        }
    );
    let declared = Expected {
        files: vec!["*.whl".to_owned()],
        ..none.clone()
    };
    let sight = judge(&listing(&both), python(), "1.1", &declared);
    assert_eq!(sight, Sight::Complete { files });
    let declared = Expected {
        files: vec!["*.whl".to_owned(), "*.zip".to_owned()],
        ..none.clone()
    };
    let Sight::Incomplete { lacking, .. } = judge(&listing(&both), python(), "1.1", &declared)
    else {
        panic!("complete")
    };
    assert_eq!(lacking, ["*.zip"]);
    let absent = judge(&listing(&both), python(), "2.0", &none);
    let latest = Some("1.1.0".to_owned());
    assert_eq!(absent, Sight::Absent { latest });
}

#[test]
fn wheels_of_a_python_that_was_left_for_another_are_not_waited_for_for_ever() {
    let all = |new: &[&str]| {
        let mut listing = Listing::default();
        for kind in ["cp39", "cp310", "sdist"] {
            listing.add("1.0", file(kind, kind, Some("sha256:1")));
        }
        for kind in new {
            listing.add("1.1", file(kind, kind, Some("sha256:2")));
        }
        judge(&listing, python(), "1.1", &Expected::default())
    };
    let left = |new: &[&str]| match all(new) {
        Sight::Incomplete { left, .. } => left,
        other => panic!("{other:?}"),
    };
    assert!(left(&["cp310", "cp311", "sdist"]));
    assert!(
        !left(&["cp310", "cp311"]),
        "the source distribution is missing"
    );
    assert!(!left(&["cp310", "sdist"]), "no other came for it");
    let (mut watch, mut spent) = (Watch::default(), Duration::ZERO);
    while watch.hear(all(&["cp310", "cp311", "sdist"])) == (Turn::Again { wait: None }) {
        spent += watch.pause(&Pace::default(), 250, None);
    }
    let (minute, most) = (Duration::from_mins(1), Duration::from_secs(90));
    assert!(minute < spent && spent < most, "{spent:?}");
}

#[test]
fn a_final_release_is_held_against_a_final_one() {
    let all = listing(&[
        ("1.0", file("a-1.0.tar.gz", "sdist", Some("sha256:1"))),
        ("1.1rc1", file("a-1.1rc1.whl", "wheel", Some("sha256:2"))),
        ("1.1", file("a-1.1.tar.gz", "sdist", Some("sha256:3"))),
    ]);
    let none = Expected::default();
    let is_complete = |version| {
        matches!(
            judge(&all, python(), version, &none),
            Sight::Complete { .. }
        )
    };
    assert!(is_complete("1.1"));
    assert!(!is_complete("1.1rc1"), "its earlier release had an sdist");
}

#[test]
fn what_was_taken_back_and_what_is_another_file_are_told() {
    let mut yanked = file("a-1.0.tar.gz", "sdist", Some("sha256:1"));
    yanked.yanked = Some("broken".to_owned());
    let sight = judge(
        &listing(&[("1.0", yanked)]),
        python(),
        "1.0",
        &Expected::default(),
    );
    assert_eq!(
        sight,
        Sight::Yanked {
            why: "broken".to_owned()
        }
    );
    let it = listing(&[("v1.0.0", file("v1.0.0.mod", "module", Some("sha256:AB")))]);
    let go = ecosystem("go").unwrap();
    let expecting = |digest: &str| Expected {
        digests: digests(&[("v1.0.0.mod", digest)]),
        ..Expected::default()
    };
    for (digest, same) in [
        ("sha256:ab", true),
        ("sha512:cd", true),
        ("sha256:cd", false),
    ] {
        let sight = judge(&it, go, "1.0.0", &expecting(digest));
        assert_eq!(matches!(sight, Sight::Complete { .. }), same, "{digest}");
        assert_eq!(matches!(sight, Sight::Differs { .. }), !same, "{digest}");
    }
    let bare = listing(&[("v1.0.0", file("v1.0.0.mod", "module", None))]);
    let Sight::Incomplete { lacking, .. } = judge(&bare, go, "1.0.0", &Expected::default()) else {
        panic!("complete")
    };
    assert_eq!(lacking, ["the digest of v1.0.0.mod"]);
}

#[test]
fn two_readings_have_to_agree_and_silence_says_nothing() {
    let mut watch = Watch::default();
    let again = Turn::Again { wait: None };
    let absent = Sight::Absent { latest: None };
    assert_eq!(watch.hear(complete(&[("a", "x:1")])), again);
    assert_eq!(watch.hear(absent.clone()), again, "it flaps");
    assert!(watch.verdict().starts_with("still propagating"));
    assert_eq!(watch.hear(complete(&[("a", "x:1")])), again);
    let wait = Some(Duration::from_secs(7));
    assert_eq!(watch.hear(unreached()), Turn::Again { wait });
    assert_eq!(watch.standing(), "no answer: it answers 503");
    assert_eq!(watch.hear(complete(&[("a", "x:1"), ("b", "x:2")])), again);
    let files = digests(&[("a", "x:1"), ("b", "x:2")]);
    let both = Sight::Complete {
        files: files.clone(),
    };
    assert_eq!(watch.hear(both), Turn::Visible { files });
}

#[test]
fn what_nobody_knows_where_to_look_for_is_the_end() {
    let why = "no setting says where".to_owned();
    let turn = Watch::default().hear(Sight::Nowhere { why: why.clone() });
    assert_eq!(turn, Turn::Never { why });
}

#[test]
fn a_file_that_changes_is_the_end() {
    let mut watch = Watch::default();
    watch.hear(complete(&[("a", "sha256:1")]));
    watch.hear(Sight::NoProject);
    let Turn::Never { why } = watch.hear(complete(&[("a", "sha256:2")])) else {
        panic!("it goes on")
    };
    assert_eq!(
        why,
        "`a` changed while it was waited for: its digest was sha256:1, and is sha256:2"
    );
}

#[test]
fn a_tag_that_changes_is_read_on_and_that_is_said() {
    let mut watch = Watch::of(&Awaited {
        ecosystem: IMAGE.to_owned(),
        name: "registry.example/acme/a".to_owned(),
        version: "1.0.0".to_owned(),
        outlet: Outlet::Configured,
        expected: Expected::default(),
    });
    let again = Turn::Again { wait: None };
    assert_eq!(watch.hear(complete(&[("1.0.0", "sha256:1")])), again);
    assert_eq!(watch.standing(), "listed; read once more");
    for digest in ["sha256:2", "sha256:1"] {
        assert_eq!(watch.hear(complete(&[("1.0.0", digest)])), again);
        let said = watch.verdict();
        assert!(
            said.contains("`1.0.0` has another digest than in the reading before"),
            "{said}"
        );
    }
    let turn = watch.hear(complete(&[("1.0.0", "sha256:1")]));
    assert!(matches!(turn, Turn::Visible { .. }));
}

#[test]
fn what_is_on_its_way_is_told_apart_from_what_was_never_published() {
    let verdict = |sights: &[Sight]| {
        let mut watch = Watch::default();
        for it in sights {
            watch.hear(it.clone());
        }
        watch.verdict()
    };
    let absent = || Sight::Absent {
        latest: Some("1.0".to_owned()),
    };
    let lacks = Sight::Incomplete {
        files: Digests::new(),
        left: false,
        lacking: ["b", "c", "d", "e", "f"].map(str::to_owned).to_vec(),
    };
    assert_eq!(
        verdict(&[absent(), absent()]),
        "never published, as far as the index shows: not listed yet, 1.0 is"
    );
    assert_eq!(
        verdict(&[Sight::NoProject]),
        "never published, as far as the index shows: the project is not known yet"
    );
    assert!(verdict(&[Sight::NoProject, absent()]).starts_with("still propagating"));
    assert_eq!(
        verdict(&[lacks]),
        "still propagating: listed without b, c, d, e and 1 more"
    );
    assert_eq!(
        verdict(&[unreached()]),
        "nothing is known of it: no answer: it answers 503"
    );
    let mut watch = Watch::default();
    watch.hear(absent());
    watch.accepted();
    assert!(
        watch
            .verdict()
            .starts_with("still propagating: its publisher says")
    );
}

#[test]
fn a_wait_of_half_an_hour_asks_less_and_less_often() {
    let pace = Pace::default();
    let asked = |pause: &dyn Fn(u32) -> Duration| {
        let spent = (0..).scan(Duration::ZERO, |spent, same| {
            *spent += pause(same);
            Some(*spent)
        });
        spent.take_while(|it| *it < pace.timeout).count()
    };
    assert_eq!(asked(&|same| pace.pause(same, 250, None)), 254);
    assert_eq!(asked(&|same| pace.pause_in_silence(same, 250, None)), 34);
}

#[test]
fn what_appears_is_seen_within_an_eightieth_of_the_wait() {
    let pace = Pace::default();
    let mut spent = Duration::ZERO;
    for same in 0..250 {
        let pause = pace.pause(same, 250, None);
        assert!(
            pause <= pace.first + spent / 80 + Duration::from_millis(1),
            "{same}: {pause:?} after {spent:?}"
        );
        spent += pause;
    }
}

fn sights() -> impl Strategy<Value = Sight> {
    let files = || prop::collection::btree_map("[ab]", "sha256:[12]", 1..3);
    prop_oneof![
        files().prop_map(|files| Sight::Complete { files }),
        files().prop_map(|files| Sight::Incomplete {
            files,
            lacking: vec!["x".to_owned()],
            left: false
        }),
        Just(Sight::Absent { latest: None }),
        Just(Sight::NoProject),
        Just(Sight::Yanked { why: String::new() }),
        Just(unreached()),
    ]
}

proptest! {
    /// Visible is said only when the latest two readings that answered are complete and the same,
    /// and no file ever had another digest.
    #[test]
    fn visible_is_two_complete_readings_in_a_row(all in prop::collection::vec(sights(), 1..12)) {
        let mut watch = Watch::default();
        let mut answers: Vec<Sight> = Vec::new();
        for sight in all {
            let silent = matches!(sight, Sight::Unreached { .. });
            if !silent {
                answers.push(sight.clone());
            }
            let turn = watch.hear(sight);
            let over = !matches!(turn, Turn::Again { .. });
            let last: Vec<&Sight> = answers.iter().rev().take(2).collect();
            let agree = last.len() == 2 && last[0] == last[1];
            let steady = |it: &Sight, with: &Digests| match it {
                Sight::Complete { files } | Sight::Incomplete { files, .. } => files
                    .iter()
                    .all(|(name, digest)| with.get(name).is_none_or(|it| it == digest)),
                _ => true,
            };
            match turn {
                Turn::Visible { files } => {
                    prop_assert!(!silent && agree);
                    prop_assert_eq!(last[0], &Sight::Complete { files: files.clone() });
                    prop_assert!(answers.iter().all(|it| steady(it, &files)));
                }
                Turn::Again { wait } => {
                    prop_assert_eq!(wait.is_some(), silent);
                    let settled = agree && matches!(last[0], Sight::Complete { .. } | Sight::Yanked { .. });
                    prop_assert!(silent || !settled);
                }
                Turn::Never { .. } => prop_assert!(!silent),
            }
            if over {
                break;
            }
        }
    }

    /// A pause is never shorter than the first or than what was asked, and never longer than the
    /// longest unless that was asked.
    #[test]
    fn a_pause_is_bounded(same in any::<u32>(), chance in any::<u64>(), asked in prop::option::of(0..600_u64)) {
        let pace = Pace::default();
        let asked = asked.map(Duration::from_secs);
        let silent = pace.pause_in_silence(same, chance, asked);
        for pause in [silent, pace.pause(same, chance, asked)] {
            prop_assert!(pause >= pace.first.max(asked.unwrap_or_default()));
            prop_assert!(pause <= pace.longest.max(asked.unwrap_or_default()));
        }
        if same > 8 {
            prop_assert!(silent * 4 >= pace.longest * 3);
        }
    }

    /// What is listed once more, of any ecosystem, is as complete as before; what a listing lacks
    /// of the earlier release is named.
    #[test]
    fn a_release_like_the_one_before_is_complete(kinds in prop::collection::btree_set("[a-d]", 1..4), missing in any::<bool>()) {
        for ecosystem in ALL {
            let mut listing = Listing::default();
            for kind in &kinds {
                listing.add("1.0.0", file(&format!("{kind}-1.0.0"), kind, Some("sha256:1")));
            }
            let drop = kinds.first().filter(|_| missing && kinds.len() > 1);
            for kind in kinds.iter().filter(|it| Some(*it) != drop) {
                listing.add("1.1.0", file(&format!("{kind}-1.1.0"), kind, Some("sha256:2")));
            }
            let sight = judge(&listing, ecosystem, "1.1.0", &Expected::default());
            match (sight, drop) {
                (Sight::Complete { files }, None) => prop_assert_eq!(files.len(), kinds.len()),
                (Sight::Incomplete { lacking, .. }, Some(it)) => prop_assert_eq!(lacking, vec![it.clone()]),
                (other, _) => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
