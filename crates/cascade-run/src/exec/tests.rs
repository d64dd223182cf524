use std::time::{Duration, Instant};

use super::*;

fn sh(script: &str) -> Call {
    Call {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        folder: "/".into(),
        vars: [("PATH".into(), "/usr/bin:/bin".into())].into(),
        input: None,
        limit: Duration::from_secs(20),
        cancel: None,
        leftovers: Leftovers::Swept,
    }
}

#[test]
fn a_child_answers() {
    let heard = sh("echo out; echo err >&2; exit 3").run().unwrap();
    assert_eq!(heard.end, End::Exit(3));
    assert_eq!(
        (heard.answer.as_slice(), heard.saying.as_str()),
        (&b"out\n"[..], "err\n")
    );
    assert!(heard.whole);
}

#[test]
fn a_child_reads_what_it_is_given_and_else_nothing() {
    let mut call = sh("cat");
    assert!(call.clone().run().unwrap().answer.is_empty());
    call.input = Some(b"message".to_vec());
    assert_eq!(call.run().unwrap().answer, b"message");
}

#[test]
fn a_hanging_child_and_its_grandchild_are_ended() {
    let mut call = sh("sleep 61.25 & sleep 61.25");
    call.limit = Duration::from_millis(200);
    let begin = Instant::now();
    let heard = call.run().unwrap();
    assert_eq!(heard.end, End::Late(Duration::from_millis(200)));
    assert!(begin.elapsed() < Duration::from_secs(4));
    thread::sleep(Duration::from_millis(50));
    assert_eq!(survivors("61.25"), 0);
}

#[test]
fn a_child_that_ignores_the_question_is_killed() {
    let mut call = sh("trap '' TERM; while :; do sleep 0.05; done");
    call.limit = Duration::from_millis(100);
    let begin = Instant::now();
    call.run().unwrap();
    assert!(begin.elapsed() >= GRACE && begin.elapsed() < GRACE + Duration::from_secs(4));
}

#[test]
fn a_grandchild_that_holds_the_pipe_does_not_hold_the_run() {
    let begin = Instant::now();
    let heard = sh("sleep 62.5 & echo done").run().unwrap();
    assert_eq!(heard.answer, b"done\n");
    assert!(begin.elapsed() < Duration::from_secs(4));
    thread::sleep(Duration::from_millis(50));
    assert_eq!(survivors("62.5"), 0);
}

#[test]
fn what_git_leaves_behind_goes_on_and_still_does_not_hold_the_run() {
    let mut call = sh("sleep 2.25 & echo done");
    call.leftovers = Leftovers::Stay;
    let begin = Instant::now();
    assert_eq!(call.run().unwrap().answer, b"done\n");
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert_eq!(survivors("2.25"), 1);
}

#[test]
fn much_output_is_drained_and_bounded() {
    let heard = sh("yes aaaaaaaaaaaaaaa | head -c 5000000 >&2; echo end >&2")
        .run()
        .unwrap();
    assert!(heard.saying.len() <= SAYING && heard.saying.ends_with("end\n"));
}

#[test]
fn an_interrupt_ends_a_child() {
    let mut call = sh("sleep 63.75");
    let flag = Arc::new(AtomicBool::new(false));
    call.cancel = Some(Arc::clone(&flag));
    let begin = Instant::now();
    thread::scope(|scope| {
        let run = scope.spawn(|| call.run().unwrap().end);
        thread::sleep(Duration::from_millis(100));
        flag.store(true, Ordering::Relaxed);
        assert_eq!(run.join().unwrap(), End::Interrupted);
    });
    assert!(begin.elapsed() < Duration::from_secs(4));
}

fn survivors(word: &str) -> usize {
    let folders = std::fs::read_dir("/proc").unwrap();
    folders
        .filter_map(|it| std::fs::read(it.ok()?.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line) == format!("sleep\0{word}\0"))
        .count()
}
