use proptest::prelude::*;

use super::*;

fn version(text: &str) -> Version {
    Version::parse(Scheme::Pep440, text).unwrap()
}

fn auto(requirement: &str, to: &str) -> Rewrite {
    PythonGrammar.rewrite(requirement, &version(to), Style::Auto)
}

fn updated(requirement: &str, to: &str) -> String {
    match auto(requirement, to) {
        Rewrite::Updated(text) => text,
        other => panic!("{requirement} to {to}: {other:?}"),
    }
}

fn named(requirement: &str) -> Option<String> {
    let named = PythonGrammar.named(requirement).unwrap();
    named.map(|it| it.text().to_owned())
}

fn admits(requirement: &str, to: &str) -> bool {
    PythonGrammar.admits(requirement, &version(to)).unwrap()
}

#[test]
fn every_shape_moves_to_the_new_version_and_keeps_its_shape() {
    for (old, new) in [
        ("==1.4.2", "==2.1.0"),
        ("===1.4.2", "===2.1.0"),
        ("==1.4.*", "==2.1.*"),
        ("==1.*", "==2.*"),
        ("==1.4", "==2.1"),
        ("== v1.4.2", "== v2.1.0"),
        ("~=1.4.2", "~=2.1.0"),
        ("~=1.4", "~=2.1"),
        (">=1.4,<2", ">=2.1,<3"),
        (">=1.4.0,<2.0.0", ">=2.1.0,<3.0.0"),
        (">= 1.4 , < 2", ">= 2.1 , < 3"),
        ("<2,>=1.4", "<3,>=2.1"),
        (">=0.18.0,<0.19.0", ">=2.1.0,<2.2.0"),
        (">=1.4.2,<1.4.3", ">=2.1.0,<2.1.1"),
        (">=1.4,!=1.5.0,<2", ">=2.1,!=1.5.0,<3"),
        (">=1.4,<2.dev0", ">=2.1,<3.dev0"),
        (">=1.4,<2.0a0", ">=2.1,<3.0a0"),
        (">=1.4,==1.*", ">=2.1,==2.*"),
        ("^1.4", "^2.1"),
        ("^1", "^2"),
        ("^0.4.1", "^2.1.0"),
        ("~1.4", "~2.1"),
        ("1.4.2", "2.1.0"),
        ("=1.4.2", "=2.1.0"),
        ("1.4.*", "2.1.*"),
        ("1.x", "2.x"),
        (">=1.4 <2", ">=2.1 <3"),
    ] {
        assert_eq!(updated(old, "2.1.0"), new, "{old}");
    }
}

#[test]
fn an_exact_form_says_the_whole_version_where_it_has_too_few_components() {
    assert_eq!(updated("==1.4", "2.1.3"), "==2.1.3");
    assert_eq!(updated("==1.4.2", "2.1.0.post1"), "==2.1.0.post1");
    assert_eq!(updated("==1.4.2", "2.1"), "==2.1.0");
    assert_eq!(updated("===1.4.2", "2.1"), "===2.1");
}

#[test]
fn what_is_compared_as_text_is_written_as_the_index_spells_it() {
    assert!(!admits("===v1.4.2", "1.4.2"));
    assert_eq!(named("===v1.4.2").as_deref(), Some("1.4.2"));
    for (old, to, new) in [
        ("===v1.4.2", "2.1.0", "===2.1.0"),
        ("===v1.4.2", "1.4.2", "===1.4.2"),
        ("===1.4", "1.4.0", "===1.4.0"),
        ("===1.0-rc.1", "1.0rc1", "===1.0rc1"),
        ("==v1.4.2", "2.1.0", "==v2.1.0"),
    ] {
        assert_eq!(updated(old, to), new, "{old}");
    }
}

#[test]
fn what_admits_the_version_keeps_its_text() {
    for range in [
        ">=1.4", ">1.4", "~=2.0", "^2.0", ">=1.4,<3", "==2.*", "<=2.1", "<3,!=1.5",
    ] {
        assert_eq!(auto(range, "2.1.0"), Rewrite::Kept(Keep::Admits), "{range}");
    }
    for range in ["==2.1.0", "==2.1", "===2.1.0", ">=2.1", "^2.1.0", "2.1"] {
        assert_eq!(auto(range, "2.1.0"), Rewrite::Kept(Keep::InStep), "{range}");
    }
    for range in ["", " ", "*", "!=1.5", "!=1.*"] {
        assert_eq!(
            auto(range, "2.1.0"),
            Rewrite::Kept(Keep::Unbounded),
            "{range}"
        );
    }
}

#[test]
fn what_is_not_safe_is_refused_with_its_reason() {
    for (requirement, reason) in [
        (">=1.4,!=2.1.0,<2", Refusal::Excluded),
        (">=1.4,!=2.1.*", Refusal::Excluded),
        ("!=2.1", Refusal::Excluded),
        (">=1.4,<1.9", Refusal::Ceiling),
        (">=1.4,<=1.9", Refusal::Ceiling),
        (">=1,<1.5", Refusal::Ceiling),
        ("<2", Refusal::UpperBoundOnly),
        ("<=1.9", Refusal::UpperBoundOnly),
        ("!=1.5,<2", Refusal::UpperBoundOnly),
        (">1.4,<2", Refusal::NotAdmitted),
        ("^1.4 || ^0.9", Refusal::NotAdmitted),
    ] {
        assert_eq!(
            auto(requirement, "2.1.0"),
            Rewrite::Refused(reason),
            "{requirement}"
        );
    }
}

#[test]
fn unknown_shapes_are_never_guessed() {
    for requirement in [
        "latest",
        ">=",
        "==1.4.x",
        ">=1.4.*",
        "~=1",
        "=>1.4",
        "1.4..2",
        ",>=1",
        ">=1,,<2",
        "^1 ||",
        "|| ^1",
        "workspace:^1.4",
        "==1.4.2+",
        "~=1.4+local",
        "==1.0rc1.*",
        "x",
        "^x",
        ">=99999999999999999999999",
        "{version}",
    ] {
        let unknown = Rewrite::Refused(Refusal::UnknownShape);
        assert_eq!(auto(requirement, "2.1.0"), unknown, "{requirement}");
        assert!(PythonGrammar.named(requirement).is_err(), "{requirement}");
    }
}

#[test]
fn a_pin_to_a_pre_release_is_exact() {
    for requirement in [">=1.4", ">=1.4,<2", "^1.4", "==1.4.*", "== 1.4.2"] {
        let text = updated(requirement, "2.0rc1");
        assert_eq!(text.replace(' ', ""), "==2.0rc1", "{requirement}");
    }
    assert_eq!(updated("1.4.2", "2.0rc1"), "2.0rc1");
    assert_eq!(auto("==2.0rc1", "2.0rc1"), Rewrite::Kept(Keep::InStep));
    assert_eq!(updated("==2.0rc1", "2.0.0"), "==2.0");
    assert!(!admits(">=1", "2.0rc1"));
    assert!(admits(">=2.0rc1", "2.0rc2"));
    assert!(!admits(">=1,!=2.0rc1", "2.0rc2"));
}

#[test]
fn epochs_and_local_versions_are_said_in_full() {
    assert_eq!(updated("==1.4.2", "1!2.1.0"), "==1!2.1.0");
    assert_eq!(updated(">=1.4,<2", "1!2.1.0"), ">=1!2.1,<1!3");
    assert_eq!(updated("==1.4.2", "2.1.0+cpu"), "==2.1.0+cpu");
    assert!(admits("==1.4.2", "1.4.2+cpu"));
}

#[test]
fn other_styles() {
    let style = |text, to, style| PythonGrammar.rewrite(text, &version(to), style);
    let is = |text: &str| Rewrite::Updated(text.to_owned());
    assert_eq!(style(">=1.4,<2", "2.1.0", Style::Exact), is("==2.1.0"));
    assert_eq!(style("*", "2.1.0", Style::Exact), is("==2.1.0"));
    assert_eq!(style("1.4.2", "2.1.0", Style::Exact), is("2.1.0"));
    assert_eq!(
        style("==2.1", "2.1.0", Style::Exact),
        Rewrite::Kept(Keep::InStep)
    );
    assert_eq!(style(">=1.4", "2.1.0", Style::Floor), is(">=2.1"));
    assert_eq!(style(">=1.4,<3", "2.1.0", Style::Floor), is(">=2.1,<3"));
    assert_eq!(style("^2.0.1", "2.1.0", Style::Floor), is("^2.1.0"));
    assert_eq!(
        style(">=2", "2.1.0", Style::Floor),
        Rewrite::Kept(Keep::Admits)
    );
    assert_eq!(
        style(">1.4", "2.1.0", Style::Floor),
        Rewrite::Kept(Keep::Admits)
    );
}

#[test]
fn the_named_version_is_the_highest_that_a_clause_names() {
    for (requirement, expected) in [
        ("==1.4.*", Some("1.4")),
        ("===1.4.2", Some("1.4.2")),
        ("~=2.2,>=2.2.5", Some("2.2.5")),
        (">1.4,<2", Some("1.4")),
        ("^1.4 || ^2.0", Some("2.0")),
        ("1.x", Some("1")),
        ("v1.4", Some("1.4")),
        ("!=1.5,<2", None),
        ("*", None),
        ("", None),
    ] {
        assert_eq!(named(requirement).as_deref(), expected, "{requirement}");
    }
}

#[test]
fn matching_is_that_of_the_ecosystem() {
    for (requirement, inside, outside) in [
        ("^1.4", "1.9", "2.0"),
        ("^0.4.1", "0.4.9", "0.5.0"),
        ("^0.0.3", "0.0.3", "0.0.4"),
        ("^0.0", "0.0.9", "0.1"),
        ("^0", "0.9", "1.0"),
        ("~1", "1.9", "2.0"),
        ("~1.4", "1.4.9", "1.5"),
        ("~1.4.2", "1.4.9", "1.5"),
        ("1.4", "1.4.0", "1.4.1"),
        ("==1.4.*", "1.4.9", "1"),
        ("!=1.4.*", "1", "1.4.9"),
        ("~=1.4", "1.9", "2.0"),
        ("<2.0", "1.9", "2.0.dev1"),
        (">1.7", "1.8", "1.7.post1"),
        ("<2.0rc2", "2.0rc1", "2.0rc2"),
        ("===1.4", "1.4", "1.4.0"),
        ("===1.4RC1", "1.4rc1", "1.4rc2"),
        ("^1 || ^3", "3.1", "2.0"),
    ] {
        assert!(admits(requirement, inside), "{requirement} {inside}");
        assert!(!admits(requirement, outside), "{requirement} {outside}");
    }
}

#[test]
fn order_spaces_and_spelling_do_not_make_a_difference() {
    for (a, b) in [
        (">=1.4,<2", "< 2.0, >= 1.4.0"),
        ("==1.4.0", "==1.4"),
        ("1.4", "==1.4"),
        ("", "*"),
        (">=3.2.0.dev", ">=3.2.dev0"),
    ] {
        assert!(PythonGrammar.same(a, b), "{a} {b}");
    }
    for (a, b) in [
        ("==1.4.*", "==1.4.0.*"),
        ("~=1.4", "~=1.4.0"),
        ("^0.0", "^0.0.0"),
        (">=1.4", ">1.4"),
        (">=1.4", ""),
        ("===1.4", "==1.4"),
        ("===1.4", "===1.4.0"),
    ] {
        assert!(!PythonGrammar.same(a, b), "{a} {b}");
    }
}

fn release() -> impl Strategy<Value = String> {
    proptest::collection::vec(0_u64..12, 1..5).prop_map(|it| {
        let numbers: Vec<String> = it.iter().map(ToString::to_string).collect();
        numbers.join(".")
    })
}

fn any_version() -> impl Strategy<Value = String> {
    let suffix =
        prop_oneof![8 => Just(""), 1 => Just("rc1"), 1 => Just(".post2"), 1 => Just(".dev3")];
    (
        prop_oneof![9 => Just(""), 1 => Just("1!")],
        release(),
        suffix,
    )
        .prop_map(|(epoch, release, suffix)| format!("{epoch}{release}{suffix}"))
}

fn any_clause() -> impl Strategy<Value = String> {
    let op = prop::sample::select(vec![
        "==", "===", "~=", "!=", ">=", ">", "<", "<=", "^", "~", "", "=",
    ]);
    let starred = prop_oneof![4 => Just(""), 1 => Just(".*")];
    (op, "[ ]?", any_version(), starred)
        .prop_map(|(op, blank, version, star)| format!("{op}{blank}{version}{star}"))
}

fn any_requirement() -> impl Strategy<Value = String> {
    let separator = prop::sample::select(vec![",", " , ", ", "]);
    (proptest::collection::vec(any_clause(), 1..4), separator)
        .prop_map(|(clauses, separator)| clauses.join(separator))
}

/// The text without its numbers: operators, blanks, wildcards, and how many components each has.
fn shape(requirement: &str) -> String {
    let mut shape = String::new();
    for c in requirement.chars() {
        match c {
            '0'..='9' if shape.ends_with('9') => {}
            '0'..='9' => shape.push('9'),
            _ => shape.push(c),
        }
    }
    shape
}

proptest! {
    #[test]
    fn an_updated_text_admits_the_version_and_twice_is_once(
        requirement in any_requirement(), to in any_version(),
        style in prop::sample::select(vec![Style::Auto, Style::Exact, Style::Floor, Style::Widen]),
    ) {
        let to = version(&to);
        let Rewrite::Updated(text) = PythonGrammar.rewrite(&requirement, &to, style) else {
            return Ok(());
        };
        prop_assert_ne!(&text, &requirement);
        prop_assert!(PythonGrammar.admits(&text, &to).unwrap(), "{} {}", text, to);
        let again = PythonGrammar.rewrite(&text, &to, style);
        prop_assert!(matches!(again, Rewrite::Kept(_)), "{} {} {:?}", text, to, again);
    }

    #[test]
    fn a_range_keeps_its_shape_and_precision(
        floor in release(), op in prop::sample::select(vec![">=", "~=", "^", "~"]), to in release(),
    ) {
        let requirement = format!("{op}{floor}");
        if let Rewrite::Updated(text) =
            PythonGrammar.rewrite(&requirement, &version(&to), Style::Auto)
        {
            prop_assert_eq!(shape(&text), shape(&requirement));
        }
    }

    #[test]
    fn a_range_with_the_next_major_as_its_ceiling_always_moves(
        (major, minor) in (0_u64..9, 0_u64..9), to in (10_u64..20, 0_u64..9, 0_u64..9),
    ) {
        let to = format!("{}.{}.{}", to.0, to.1, to.2);
        let requirement = format!(">={major}.{minor},<{}", major + 1);
        prop_assert_eq!(shape(&updated(&requirement, &to)), shape(&requirement));
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "[0-9a-z.*=<>!~^|, +-]{0,24}") {
        let _ = auto(&text, "2.1.0");
        let same = PythonGrammar.same(&text, &text);
        prop_assert!(same);
    }
}
