use std::sync::atomic::Ordering;

use cascade_plan::{CommandEnd, Graph, declare};
use cascade_tests::Town;

use super::*;
use crate::apply::tests::environment_of;
use crate::{Depth, Shelf, discover, observe};

/// Runs the gates that these lines declare, in a repository with these files.
fn run(files: &[(&str, &str)], lines: &str, interrupted: bool) -> Measured {
    let town = Town::new();
    let folder = town.repo("r", "v1.0.0", files);
    let text = format!("[workspace]\nname = \"t\"\n[repo.r]\n{lines}");
    let graph = Graph::build(declare(&text).unwrap()).unwrap();
    let sites = discover(&graph, &town.work());
    let snapshot = observe(&graph, &sites, Depth::Survey, 0);
    let environment = environment_of(&town);
    environment.interrupt.store(interrupted, Ordering::Relaxed);
    let git = Git::find(environment).unwrap();
    let (repo, seen) = snapshot.repos.first_key_value().unwrap();
    let exhibit = Exhibit {
        repo,
        declared: graph.repo(repo).unwrap(),
        seen,
        commit: seen.head.as_ref().unwrap(),
        shelf: Shelf::Checkout(&folder),
    };
    measure(&[exhibit], &git, &mut |_| ())
}

fn gate(name: &str, script: &str, more: &str) -> String {
    format!(
        "[[repo.r.quality]]\nname = \"{name}\"\nrun = [\"sh\", \"-c\", '''{script}''']\n{more}\n"
    )
}

const NUMBER: &str = "value = { json = \"/a\", min = 1 }";

#[test]
fn gates_run_in_order_in_one_export_with_nothing_of_the_checkout() {
    let lines = [
        gate(
            "first",
            "test ! -e .git && test -f a && echo '{\"a\": 2}' > out.json",
            "",
        ),
        gate("second", "cat out.json", NUMBER),
        gate("third", "env", "value = { regex = '(\\d+)', min = 0 }"),
    ];
    let found = run(&[("a", "x")], &lines.concat(), false).unwrap();
    let found = found.into_values().next().unwrap();
    assert_eq!(found[0].end, CommandEnd::Exit(0), "{:?}", found[0]);
    assert_eq!(found[1].answer.as_deref().unwrap().trim(), "{\"a\": 2}");
    let env = found[2].answer.as_deref().unwrap();
    assert!(
        env.contains("CASCADE_REPO=r") && !env.contains("GIT_AUTHOR_NAME"),
        "{env}"
    );
}

#[test]
fn an_answer_that_lay_there_before_is_none() {
    let stale = [("out.json", "{\"a\": 99}")];
    let lines = gate("g", "true", &format!("file = \"out.json\"\n{NUMBER}"));
    let found = run(&stale, &lines, false)
        .unwrap()
        .into_values()
        .next()
        .unwrap();
    assert_eq!(
        found[0].answer.as_deref(),
        Err(&"it wrote no `out.json`".to_owned())
    );
    let lines = gate(
        "g",
        "ln -s /etc/hostname out.json",
        &format!("file = \"out.json\"\n{NUMBER}"),
    );
    let found = run(&stale, &lines, false)
        .unwrap()
        .into_values()
        .next()
        .unwrap();
    assert!(found[0].answer.is_err(), "a link is not followed");
}

#[test]
fn a_command_that_hangs_or_is_not_there_is_unable() {
    let lines = gate("g", "sleep 60", "timeout = \"1s\"");
    let found = run(&[], &lines, false)
        .unwrap()
        .into_values()
        .next()
        .unwrap();
    let late = CommandEnd::Unable("it took longer than 1s and was ended".to_owned());
    assert_eq!(found[0].end, late);
    let lines = "[[repo.r.quality]]\nname = \"g\"\nrun = [\"no-such-tool\"]\n";
    let found = run(&[], lines, false)
        .unwrap()
        .into_values()
        .next()
        .unwrap();
    let absent = CommandEnd::Unable("`no-such-tool` is not installed".to_owned());
    assert_eq!(found[0].end, absent);
}

#[test]
fn who_interrupts_gets_no_measure() {
    assert!(run(&[], &gate("g", "true", ""), true).is_none());
}
