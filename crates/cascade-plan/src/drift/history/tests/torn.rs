//! Lines that are torn, broken, newer, or of no ground are passed over.

use super::*;

#[test]
fn lines_that_are_torn_broken_newer_or_of_the_future_are_said_and_passed_over() {
    let lines = written(&[run(0, &[1], 1, 1), run(7, &[1], 1, 1)]);
    let unknown =
        "{\"kind\":\"weather\",\"sun\":true}\n{\"kind\":\"observation\",\"v\":9,\"id\":7}";
    let more = lines[1].replacen("{\"kind\"", "{\"wind\":[1,{}],\"kind\"", 1);
    let text = format!(
        "{}\n{unknown}\n<<<<<<<\n\u{feff}\n{more}\n{}",
        lines[0],
        lines[1].get(..40).unwrap()
    );
    let history = History::read(text.as_bytes());
    assert_eq!(history.observations(), 2, "{history:?}");
    let said = history.remarks(3 * DAY).join("; ");
    for words in [
        "the last line is torn",
        "line 4 can not be read",
        "line 5",
        "one observation is of the future",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!history.remarks(30 * DAY).join("").contains("future"));
    let now = remembered(&history, &run(3, &[1], 1, 1));
    assert_eq!(now.change.unwrap().against, 0);
}

#[test]
fn a_line_whose_ground_is_gone_costs_itself_alone() {
    let runs: Vec<Run> = (0..4).map(|it| run(it, &[1, 2, 3], 1, 1)).collect();
    let mut lines = written(&runs);
    assert!(lines[1].contains("\"on\":"), "{}", lines[1]);
    lines.remove(1);
    let drift = remembered(&read(&lines), &run(9, &[1], 1, 1));
    assert_eq!(
        drift.change.unwrap().against,
        0,
        "two stand on what is gone"
    );
}

#[test]
fn lines_that_stand_on_one_another_in_a_circle_are_passed_over() {
    let mark = serde_json::to_string(&drift(&run(0, &[], 1, 1)).mark()).unwrap();
    let line = |id: &str, on: &str| {
        format!(
            "{{\"kind\":\"observation\",\"id\":\"{id}\",\"taken\":5,\"on\":\"{on}\",\"mark\":{mark}}}\n"
        )
    };
    let history = History::read(format!("{}{}", line("a", "b"), line("b", "a")).as_bytes());
    let drift = remembered(&history, &run(9, &[1], 1, 1));
    assert_eq!(drift.change, None);
}

#[test]
fn what_was_told_last_is_known_by_address() {
    let told = |target: &str, state: &str, taken| Notification {
        target: target.to_owned(),
        state: state.to_owned(),
        taken,
    };
    let all = [told("a", "x", 3), told("a", "y", 9), told("b", "z", 11)];
    let lines: Vec<String> = all.iter().rev().map(Notification::line).collect();
    let text = lines.join("\n");
    let history = History::read(text.as_bytes());
    assert_eq!(history.told("a"), Some(all[1].clone()));
    assert_eq!(history.told("c"), None);
    assert!(history.has_told(&all[0]) && !history.has_told(&told("a", "x", 4)));
}
