//! What moves, and how its record is written.

use super::*;

#[test]
fn siblings_move_as_one_set_with_the_own_version() {
    let after = Said {
        manifest: "1.1.0",
        twin: "1.1.0",
        wanted: "==1.1.0",
        own: "0.2.0.dev0",
        ..BEFORE
    };
    let manifest = project("0.2.0.dev", "==1.1.0", "lib/v1.0.0");
    for line_end in ["\n", "\r\n"] {
        for mark in ["", "\u{feff}"] {
            let said = |it: &Said<'_>| format!("{mark}{}", lock(it).replace('\n', line_end));
            let moves = ["manifest=1.1.0", "twin=1.1.0"];
            let new = rewritten(&said(&BEFORE), &manifest, &moves, &["App=0.2.0.dev"]).unwrap();
            assert_eq!(new, said(&after));
        }
    }
}

#[test]
fn a_tag_moves_in_the_row_and_in_the_record() {
    let after = Said {
        tag: "lib%2Fv1.1.0",
        commit: NEW_COMMIT,
        ..BEFORE
    };
    let manifest = project("0.1.0", "==1.0.0", "lib/v1.1.0");
    let new = rewritten(&lock(&BEFORE), &manifest, &["lib=1.1.0"], &[]).unwrap();
    assert_eq!(new, lock(&after));
    let wrong = rewritten(&lock(&BEFORE), &manifest, &["lib=1.2.0"], &[]).unwrap_err();
    assert!(wrong.contains("is 1.1.0, not 1.2.0"), "{wrong}");
}

#[test]
fn what_a_row_does_not_say_stays_unsaid() {
    let plain = |text: String| {
        let rows = text.lines().map(|line| match line.split_once(", size = ") {
            Some((before, behind)) => {
                let end = behind.rsplit_once('}').map_or("", |(_, end)| end);
                format!("{before} }}{end}")
            }
            None => line.to_owned(),
        });
        rows.map(|it| it + "\n").collect::<String>()
    };
    let after = Said {
        manifest: "1.1.0",
        twin: "1.1.0",
        wanted: "==1.1.0",
        ..BEFORE
    };
    let manifest = project("0.1.0", "==1.1.0", "lib/v1.0.0");
    let moves = ["manifest=1.1.0", "twin=1.1.0"];
    let new = rewritten(&plain(lock(&BEFORE)), &manifest, &moves, &[]).unwrap();
    assert!(!new.contains("upload-time"));
    assert_eq!(new, plain(lock(&after)));
}
