//! Lines and messages, whatever is in them.

use proptest::prelude::*;

use super::*;
use crate::Oid;

mod commits;
mod verdict;

const ZERO: &str = "0000000000000000000000000000000000000000";

fn id(digit: char) -> String {
    digit.to_string().repeat(40)
}

fn oid(digit: char) -> Oid {
    Oid::parse(&id(digit)).unwrap()
}

fn one(line: &str) -> RefChange {
    pre_push(line.as_bytes()).unwrap().remove(0)
}

#[test]
fn a_line_is_read_from_its_end() {
    let (a, b) = (id('a'), id('b'));
    let made = one(&format!("refs/tags/v1 {a} refs/tags/v1 {ZERO}\n"));
    assert_eq!(made.change(), Change::Create(oid('a')));
    assert_eq!(made.place(), Ref::Tag("v1"));
    let moved = one(&format!("HEAD@{{1 day ago}} {a} refs/heads/x/y {b}\n"));
    let (from, to) = (oid('b'), oid('a'));
    assert_eq!(moved.change(), Change::Move { from, to });
    assert_eq!(moved.place(), Ref::Branch("x/y"));
    let gone = one(&format!("(delete) {ZERO} refs/tags/v1 {b}"));
    assert_eq!(gone.change(), Change::Delete(oid('b')));
    let notes = one(&format!("refs/notes/x {a} refs/notes/x {a}"));
    assert_eq!(
        (notes.change(), notes.place()),
        (Change::Nothing, Ref::Other)
    );
}

#[test]
fn a_server_names_the_ref_last() {
    let line = format!("{ZERO} {} refs/heads/--upload-pack=x\u{1b}[31m\n", id('c'));
    let read = pre_receive(line.as_bytes()).unwrap();
    assert_eq!(read[0].change(), Change::Create(oid('c')));
    assert_eq!(read[0].place(), Ref::Branch("--upload-pack=x\u{1b}[31m"));
}

#[test]
fn what_git_would_not_say_is_told_by_its_line() {
    let good = format!("x {} refs/heads/x {ZERO}", id('a'));
    for bad in [
        "x",
        "a b c d",
        &format!("x {} refs/heads/x {}", id('g'), ZERO),
        "   ",
    ] {
        let input = format!("{good}\n\n{bad}\n");
        assert_eq!(
            pre_push(input.as_bytes()),
            Err(NotALine { number: 3 }),
            "{bad}"
        );
    }
    let spaced = format!("{ZERO} {} refs/heads/a b", id('a'));
    assert_eq!(pre_receive(spaced.as_bytes()), Err(NotALine { number: 1 }));
}

fn an_object() -> impl Strategy<Value = Option<Oid>> {
    proptest::option::of("[1-9a-f]{40}|[1-9a-f]{64}".prop_map(|it| Oid::parse(&it).unwrap()))
}

fn digits(object: Option<&Oid>) -> String {
    object.map_or_else(|| ZERO.to_owned(), ToString::to_string)
}

proptest! {
    #[test]
    fn every_line_that_git_says_is_read_back(
        refs in proptest::collection::vec(("[^\n]{0,20}", an_object(), "[^\\s]{1,30}", an_object()), 0..40)
    ) {
        let push = refs.iter().map(|(typed, new, name, old)| {
            format!("{typed} {} refs/{name} {}\n", digits(new.as_ref()), digits(old.as_ref()))
        }).collect::<Vec<_>>().concat();
        let receive = refs.iter().map(|(_, new, name, old)| {
            format!("{} {} refs/{name}\n", digits(old.as_ref()), digits(new.as_ref()))
        }).collect::<Vec<_>>().concat();
        let wanted: Vec<RefChange> = refs.into_iter().map(|(_, new, name, old)| {
            RefChange { name: format!("refs/{name}"), old, new }
        }).collect();
        prop_assert_eq!(pre_push(push.as_bytes()).unwrap(), wanted.clone());
        prop_assert_eq!(pre_receive(receive.as_bytes()).unwrap(), wanted);
    }

    #[test]
    fn no_bytes_break_it(input in proptest::collection::vec(any::<u8>(), 0..300)) {
        for read in [pre_push(&input), pre_receive(&input)] {
            let lines = input.split(|it| *it == b'\n').filter(|it| !it.is_empty()).count();
            match read {
                Ok(refs) => prop_assert_eq!(refs.len(), lines),
                Err(NotALine { number }) => prop_assert!(number >= 1 && number <= input.len() + 1),
            }
        }
    }

    #[test]
    fn what_is_proposed_is_taken(subject in "\\PC{1,60}") {
        if let Err(told) = conventional(&subject) {
            prop_assert!(conventional(&told.example).is_ok(), "{} -> {}", subject, told.example);
        }
    }

    #[test]
    fn no_message_breaks_it(file in "(?s).{0,200}", mark in "[#;/é]{1,2}") {
        for mark in [CommentMark::Auto, CommentMark::Text(mark.clone())] {
            for cleanup in [Cleanup::Strip, Cleanup::Keep] {
                let text = written(&file, &mark, cleanup);
                prop_assert!(text.len() <= file.len());
                let _ = conventional(&text);
            }
        }
    }

    #[test]
    fn a_comment_is_no_part_of_a_message(
        message in "(feat|fix): [a-z ]{1,20}[a-z](\n\n[a-z]{1,30})?",
        comments in proptest::collection::vec("[a-zA-Z: ]{0,20}", 1..5),
        mark in prop_oneof![Just("#"), Just(";"), Just("//")],
    ) {
        let block = comments.iter().map(|it| format!("{mark} {it}\n")).collect::<Vec<_>>().concat();
        let file = format!("{message}\n\n{block}");
        let text = CommentMark::Text(mark.to_owned());
        prop_assert_eq!(&written(&file, &text, Cleanup::Strip), message.trim());
        let cut = format!("{message}\n{mark} {} >8 {}\ndiff --git a b\n", "-".repeat(24), "-".repeat(24));
        prop_assert_eq!(&written(&cut, &text, Cleanup::Keep), message.trim());
        if mark != "//" {
            prop_assert_eq!(&written(&file, &CommentMark::Auto, Cleanup::Strip), message.trim());
        }
    }
}

#[test]
fn the_form_is_kept_or_the_reason_said() {
    for fine in [
        "feat: a",
        "fix(core): a: b",
        "feat(a/b)!: a",
        "Feat: a",
        "fix: a\n\nbody\n\nBREAKING CHANGE: gone",
        "Merge branch 'x' into main",
        "Merge pull request #4 from a/b",
        "Revert \"feat: a\"",
        "Reapply \"feat: a\"",
        "fixup! add a thing",
        "squash! feat: a",
        "amend! x",
        "",
    ] {
        assert_eq!(
            conventional(fine).map(|it| it.notices),
            Ok(Vec::new()),
            "{fine}"
        );
    }
    for (subject, why, example) in [
        ("Add retries.", "no type", "feat: add retries"),
        ("feat:retries", "a space is missing", "feat: retries"),
        ("feat : retries", "`feat ` is no type", "feat: retries"),
        ("feat(): a", "scope is empty", "feat: a"),
        ("feat(a: b", "not closed", "feat: b"),
        ("fix:", "nothing stands behind", "fix: say what changes"),
        (": a", "nothing stands before", "fix: : a"),
        ("HTTP retries", "no type", "fix: HTTP retries"),
        (
            "Merge the two readers",
            "no type",
            "fix: merge the two readers",
        ),
        ("fix: a\nb", "second line", "fix: a"),
        ("updated docs", "no type", "chore: updated docs"),
    ] {
        let told = conventional(subject).unwrap_err();
        assert!(told.why.contains(why), "{subject}: {}", told.why);
        assert_eq!(told.example, example);
    }
}

#[test]
fn what_does_not_count_is_told() {
    for (message, notice) in [
        ("faet: a", "did you mean `feat`?"),
        ("feature: a", "did you mean `feat`?"),
        ("deps: a", "counts as a patch"),
        (
            "fix: a\n\nBREAKING CHANGE: x\n\nmore prose",
            "does not count",
        ),
        ("fix: a\n\nBreaking change: x", "does not count"),
    ] {
        let told = conventional(message).unwrap().notices;
        assert!(
            told.len() == 1 && told[0].contains(notice),
            "{message}: {told:?}"
        );
    }
}

#[test]
fn a_line_of_a_message_may_begin_with_a_hash_where_git_chose_another_mark() {
    let file = "fix: a\n\n#12 is gone\n; Please enter\n;\n;\ton branch main\n";
    assert_eq!(
        written(file, &CommentMark::Auto, Cleanup::Strip),
        "fix: a\n\n#12 is gone"
    );
    let plain = "#12: a\n";
    let hash = CommentMark::Text("#".to_owned());
    assert_eq!(written(plain, &hash, Cleanup::Keep), "#12: a");
    assert_eq!(written(plain, &hash, Cleanup::Strip), "");
}
