//! Several packages, several versions, the own ones.

use super::*;

/// `serde` and `serde_core` pin each other.
fn siblings() -> Case {
    Case {
        lock: lock(
            4,
            &[
                record("app", "=0.1.0", &["serde"]),
                record("serde", "1.0.228", &["serde_core"]),
                record("serde_core", "1.0.228", &[]),
            ],
        ),
        moves: vec![
            moved("serde", "1.0.228", "1.0.229"),
            moved("serde-core", "1.0.228", "1.0.229"),
        ],
        own: vec![moved("app", "0.1.0", "0.1.1")],
        files: files(&[(
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.1\"\n[dependencies]\nserde = \"1\"\n",
        )]),
        facts: Recorded::default()
            .index(
                "serde",
                &[
                    line("serde", "1.0.228", &["serde_core =1.0.228"], ""),
                    line("serde", "1.0.229", &["serde_core =1.0.229"], ""),
                ],
            )
            .index(
                "serde_core",
                &[
                    line("serde_core", "1.0.228", &[], ""),
                    line("serde_core", "1.0.229", &[], ""),
                ],
            ),
    }
}

#[test]
fn siblings_that_pin_each_other_move_as_a_set_and_never_alone() {
    let case = siblings();
    let expected = case
        .lock
        .replace("1.0.228", "1.0.229")
        .replace("version = \"0.1.0\"", "version = \"0.1.1\"");
    assert_eq!(case.moved(), expected);
    for alone in 0..2 {
        let mut case = siblings();
        case.moves.swap_remove(alone);
        assert!(case.reason().contains("serde_core"), "{}", case.reason());
    }
}

/// Two versions of one name are locked, and one moves past the other.
fn several() -> Case {
    Case {
        lock: lock(
            4,
            &[
                record("app", "=0.1.0", &["up 0.9.0", "up 9.0.0", "user"]),
                record("up", "0.9.0", &[]),
                record("up", "9.0.0", &[]),
                record("user", "1.0.0", &["up 9.0.0"]),
            ],
        ),
        moves: vec![moved("up", "0.9.0", "10.0.0")],
        own: Vec::new(),
        files: files(&[(
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nup = \"9\"\n\
             new = { package = \"up\", version = \"10\" }\nuser = \"1\"\n",
        )]),
        facts: Recorded::default()
            .index(
                "up",
                &[
                    line("up", "0.9.0", &[], ""),
                    line("up", "9.0.0", &[], ""),
                    line("up", "9.1.0", &[], ""),
                    line("up", "10.0.0", &[], ""),
                ],
            )
            .index("user", &[line("user", "1.0.0", &["up >=0.8"], "")]),
    }
}

#[test]
fn of_several_versions_the_one_moves_and_all_is_sorted_again() {
    // Records are in the order of versions, references in that of their text.
    let expected = lock(
        4,
        &[
            record("app", "=0.1.0", &["up 10.0.0", "up 9.0.0", "user"]),
            record("up", "9.0.0", &[]),
            record("up", "10.0.0", &[]),
            record("user", "1.0.0", &["up 9.0.0"]),
        ],
    );
    assert_eq!(several().moved(), expected);
    let mut unnamed = several();
    unnamed.moves[0].from = None;
    assert_eq!(
        unnamed.reason(),
        "several versions of `up` are locked: 0.9.0, 9.0.0"
    );
    // Cargo takes the other version for whoever admits both.
    let mut chosen = several();
    chosen.moves = vec![moved("up", "9.0.0", "9.1.0")];
    let manifest = chosen.files.get_mut("Cargo.toml").unwrap();
    *manifest = manifest.replace("\"10\"", "\"0.9\"");
    assert_eq!(chosen.reason(), "`user` could take `up` 0.9.0 as well");
}

#[test]
fn own_versions_move_with_their_manifests() {
    let mut case = plain();
    case.moves.clear();
    case.own = vec![
        moved("app", "0.0.9", "0.2.0"),
        moved("elsewhere", "1.0.0", "1.1.0"),
    ];
    let app = APP.replace("0.1.0", "0.2.0").replace("=1.1.0", "1");
    case.files = files(&[("Cargo.toml", &app)]);
    let expected = case
        .lock
        .replace("version = \"0.1.0\"", "version = \"0.2.0\"");
    assert_eq!(case.moved(), expected);
}
