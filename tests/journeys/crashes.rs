//! `kill -9` at a release, before and after each kind of line that its journal has.
//!
//! The bench target `crashes` does so at every line. Without strace nothing is tried, and that is
//! said.

mod scene;

use std::sync::Mutex;
use std::thread;

use scene::{Kill, Line, Moment, Scene};

/// The kinds of lines but `began`, the first, and at how many of the repositories each is written.
const KINDS: [(&str, usize); 11] = [
    ("event: started", 3),
    ("progress: relocking", 1),
    ("event: relocked", 1),
    ("progress: committed", 3),
    ("pushes", 3),
    ("progress: pushing", 3),
    ("event: out", 3),
    ("progress: waiting", 3),
    ("progress: visible", 3),
    ("event: ended", 3),
    ("ended", 1),
];

/// How many releases are killed at once: each waits most of the time.
const AT_ONCE: usize = 3;

/// Returns a kill at the line of each kind that has this number among them, or the last that has one.
fn kills(moment: Moment, number: usize) -> Vec<Kill> {
    let of = |(kind, times): (&str, usize)| Line::Kind(kind.to_owned(), times.min(number));
    let lines = std::iter::once(Line::Number(1)).chain(KINDS.into_iter().map(of));
    lines.map(|line| (moment, line)).collect()
}

/// Kills releases until none is left to kill; returns what was not as it should be.
fn work(left: &Mutex<Vec<Kill>>) -> Vec<String> {
    let mut bad = Vec::new();
    let scene = match Scene::found("0.3") {
        Ok(scene) => scene,
        Err(why) => {
            #[expect(clippy::print_stderr, reason = "what was not tried is said")]
            {
                eprintln!("skipped: {why}");
            }
            return bad;
        }
    };
    loop {
        let Some(kill) = left.lock().unwrap().pop() else {
            return bad;
        };
        let round = scene.round(std::slice::from_ref(&kill));
        if round.kinds.len() != 1 || !round.bad.is_empty() {
            bad.push(format!("{kill:?}: {round:#?}"));
        }
    }
}

#[track_caller]
fn ends_as_if_nobody_had_killed_it(kills: Vec<Kill>) {
    let left = Mutex::new(kills);
    let bad: Vec<String> = thread::scope(|scope| {
        let all: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| work(&left))).collect();
        all.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn killed_before_the_first_line_of_each_kind_it_ends_as_if_nobody_had_killed_it() {
    ends_as_if_nobody_had_killed_it(kills(Moment::Before, 1));
}

#[test]
fn killed_after_the_second_line_of_each_kind_it_ends_as_if_nobody_had_killed_it() {
    ends_as_if_nobody_had_killed_it(kills(Moment::After, 2));
}
