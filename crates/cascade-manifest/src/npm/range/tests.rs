use proptest::prelude::*;

use super::*;
use crate::Scheme;

fn v(text: &str) -> Version {
    Version::parse(Scheme::Semver, text).unwrap()
}

fn rewritten(requirement: &str, to: &str, style: Style) -> Rewrite {
    NpmGrammar.rewrite(requirement, &v(to), style)
}

fn updated(text: &str) -> Rewrite {
    Rewrite::Updated(text.to_owned())
}

fn named(requirement: &str) -> Option<String> {
    let named = NpmGrammar.named(requirement).unwrap();
    named.map(|it| it.text().to_owned())
}

#[test]
fn an_excluded_form_moves_in_its_own_shape_and_precision() {
    for (from, to) in [
        ("1.4.2", "2.1.0"),
        ("=1.4.2", "=2.1.0"),
        ("v1.4.2", "v2.1.0"),
        ("= 1.4.2", "= 2.1.0"),
        ("1.4.2-rc.1", "2.1.0"),
        ("1.4.2+b7", "2.1.0"),
        ("^1.4.2", "^2.1.0"),
        ("^v1.4.2", "^v2.1.0"),
        ("^1.4", "^2.1"),
        ("^1", "^2"),
        ("^1.x", "^2.x"),
        ("~1.4.2", "~2.1.0"),
        ("~1.4", "~2.1"),
        ("~> 1.4", "~> 2.1"),
        ("1.x", "2.x"),
        ("1.2.*", "2.1.*"),
        ("1.X.X", "2.X.X"),
        ("1", "2"),
        ("1.4", "2.1"),
        ("^0.4.1", "^2.1.0"),
        ("^1.0.0-beta.2", "^2.1.0"),
        // Whether it may move down is not the grammar's to say.
        (">=3", ">=2"),
        (">=1.4 <2", ">=2.1 <3"),
        (">=1.4.0 <2.0.0", ">=2.1.0 <3.0.0"),
        (">=1.4.0 <2.0.0-0", ">=2.1.0 <3.0.0-0"),
        (">=1.4  <1.5", ">=2.1  <2.2"),
        (">=1.4.2 <1.4.3", ">=2.1.0 <2.1.1"),
        ("<2 >=1.4", "<3 >=2.1"),
        (">= 1.4 < 2.x", ">= 2.1 < 3.x"),
    ] {
        assert_eq!(rewritten(from, "2.1.0", Style::Auto), updated(to), "{from}");
    }
}

#[test]
fn a_range_that_admits_the_version_stays() {
    for (from, to, keep) in [
        ("^1.4", "1.9.0", Keep::Admits),
        ("^1", "1.0.0", Keep::InStep),
        ("^2.1.0", "2.1.0", Keep::InStep),
        ("2.1.0", "2.1.0", Keep::InStep),
        ("v2.1.0", "2.1.0", Keep::InStep),
        ("2.1.0", "2.1.0+b5", Keep::InStep),
        ("1.x", "1.9.0", Keep::Admits),
        (">=6", "7.0.0", Keep::Admits),
        (">=6", "6.0.0", Keep::InStep),
        ("<2", "1.9.0", Keep::Admits),
        ("1.2 - 1.4", "1.4.9", Keep::Admits),
        ("^1 || ^2", "1.9.0", Keep::Admits),
        ("^2.0.0-rc.1", "2.0.0", Keep::Admits),
        ("^2.0.0-rc.1", "2.0.0-rc.2", Keep::Admits),
        ("", "2.1.0", Keep::Unbounded),
        ("*", "2.1.0", Keep::Unbounded),
        ("x", "2.1.0", Keep::Unbounded),
        (">=*", "2.1.0", Keep::Unbounded),
        ("^1 || *", "2.1.0", Keep::Unbounded),
        ("*", "2.1.0-rc.1", Keep::Unbounded),
        ("latest", "2.1.0", Keep::Unbounded),
        ("next-11", "2.1.0", Keep::Unbounded),
    ] {
        let kept = Rewrite::Kept(keep);
        assert_eq!(rewritten(from, to, Style::Auto), kept, "{from} at {to}");
    }
}

#[test]
fn what_can_not_move_safely_is_refused() {
    for (from, refusal) in [
        ("<2", Refusal::UpperBoundOnly),
        ("<=1.9", Refusal::UpperBoundOnly),
        ("<2 <=1.9", Refusal::UpperBoundOnly),
        (">=1.4 <1.9", Refusal::Ceiling),
        (">=1.4 <2.0.0-rc.1", Refusal::Ceiling),
        (">=1.4 <=1.9", Refusal::Ceiling),
        ("1.2 - 1.4", Refusal::Ceiling),
        // The next minor of the floor that can be written is not above the version.
        (">=1 <1.1", Refusal::NotAdmitted),
        (">1.4 <2", Refusal::NotAdmitted),
        ("^1 || ^3", Refusal::NotAdmitted),
        ("^1 <1.8", Refusal::UnknownShape),
        (">=1.2.3, <2", Refusal::UnknownShape),
        ("x.1", Refusal::UnknownShape),
        (">01.02.03", Refusal::UnknownShape),
        ("1.2.3.4", Refusal::UnknownShape),
        ("v1.2.3.4", Refusal::UnknownShape),
        ("1.2.3alpha", Refusal::UnknownShape),
        ("1.2.3-", Refusal::UnknownShape),
        ("1.x.3", Refusal::UnknownShape),
        (">=1.2.3<2", Refusal::UnknownShape),
        ("^^1", Refusal::UnknownShape),
        (">*", Refusal::UnknownShape),
        ("1 - 2 - 3", Refusal::UnknownShape),
        ("1 - 2 <3", Refusal::UnknownShape),
        ("1 - *", Refusal::UnknownShape),
        ("^1 | ^2", Refusal::UnknownShape),
        ("workspace:^1", Refusal::UnknownShape),
        ("99999999999999999999.0.0", Refusal::UnknownShape),
        ("\u{ff11}.0.0", Refusal::UnknownShape),
    ] {
        let refused = Rewrite::Refused(refusal);
        assert_eq!(rewritten(from, "2.1.0", Style::Auto), refused, "{from}");
    }
}

#[test]
fn peers_widen() {
    for (from, to) in [
        ("^1", "^1 || ^2"),
        ("^1.4.2", "^1.4.2 || ^2.1.0"),
        ("^0 || ^1", "^0 || ^1 || ^2"),
        ("^0||^1", "^0||^1||^2"),
        ("^1 || ^0", "^1 || ^0 || ^2"),
        ("1.x", "1.x || 2.x"),
        (">=1.4 <2", ">=1.4 <2 || >=2.1 <3"),
        ("~1.4 || 1.9.0", "~1.4 || 1.9.0 || 2.1.0"),
        // Exact forms always move.
        ("1.4.2", "2.1.0"),
        (">=3", ">=2"),
    ] {
        let widened = rewritten(from, "2.1.0", Style::Widen);
        assert_eq!(widened, updated(to), "{from}");
    }
    for from in [">=1", "^2", "^1 || ^2"] {
        let kept = rewritten(from, "2.1.0", Style::Widen);
        assert_eq!(kept, Rewrite::Kept(Keep::Admits), "{from}");
    }
    let refused = rewritten("^0 || 1.2 - 1.4", "2.1.0", Style::Widen);
    assert_eq!(refused, Rewrite::Refused(Refusal::Ceiling));
    let next = rewritten("^1 || ^2", "3.0.0", Style::Widen);
    assert_eq!(next, updated("^1 || ^2 || ^3"));
}

#[test]
fn a_floor_rises_only_by_policy() {
    for (from, to) in [
        ("^1.4", "^1.9"),
        ("^1.4.2", "^1.9.3"),
        ("~1.9.0", "~1.9.3"),
        (">=1.4", ">=1.9"),
        (">=1.4 <2", ">=1.9 <2"),
        (">=1.4 <1.9.9", ">=1.9 <1.9.9"),
        // Out of range: as ever.
        ("^0.4", "^1.9"),
        ("1.4.2", "1.9.3"),
    ] {
        assert_eq!(
            rewritten(from, "1.9.3", Style::Floor),
            updated(to),
            "{from}"
        );
    }
    for from in [
        "^1",
        "1.x",
        ">1.4",
        "<2",
        "^1.4 || ^2",
        "^1.9",
        ">=1.4 >=1.5",
    ] {
        let kept = rewritten(from, "1.9.3", Style::Floor);
        assert_eq!(kept, Rewrite::Kept(Keep::Admits), "{from}");
    }
}

#[test]
fn exact_is_the_bare_version() {
    for from in [
        "^1.4", "1.x", "*", "", ">=1 <2", "^1 || ^2", "<9", "^2.1.0", "1.4.2",
    ] {
        assert_eq!(
            rewritten(from, "2.1.0", Style::Exact),
            updated("2.1.0"),
            "{from}"
        );
    }
    for from in ["2.1.0", "=2.1.0"] {
        let kept = rewritten(from, "2.1.0", Style::Exact);
        assert_eq!(kept, Rewrite::Kept(Keep::InStep), "{from}");
    }
    let tag = rewritten("latest", "2.1.0", Style::Exact);
    assert_eq!(tag, Rewrite::Kept(Keep::Unbounded));
}

#[test]
fn a_pre_release_is_pinned_exactly() {
    for (from, to) in [
        ("^1.4", "2.1.0-rc.1"),
        (">=1.4 <2", "2.1.0-rc.1"),
        (">=1", "2.1.0-rc.1"),
        ("1.2 - 1.4", "2.1.0-rc.1"),
        ("1.4.2", "2.1.0-rc.1"),
    ] {
        assert_eq!(
            rewritten(from, "2.1.0-rc.1", Style::Auto),
            updated(to),
            "{from}"
        );
    }
    let peer = rewritten("^1", "2.1.0-rc.1", Style::Widen);
    assert_eq!(peer, updated("^1 || 2.1.0-rc.1"));
    let upper = rewritten("<2", "2.1.0-rc.1", Style::Auto);
    assert_eq!(upper, Rewrite::Refused(Refusal::UpperBoundOnly));
}

#[test]
fn the_version_named_is_the_highest_lower_bound() {
    for (requirement, version) in [
        ("^1", Some("1.0.0")),
        ("1.4", Some("1.4.0")),
        ("1.x", Some("1.0.0")),
        ("^10.0.13", Some("10.0.13")),
        (">1.4", Some("1.4.0")),
        (">=1.4 <2", Some("1.4.0")),
        ("1.2 - 1.4", Some("1.2.0")),
        ("^2 || ^1", Some("2.0.0")),
        ("^16 || ^17", Some("17.0.0")),
        ("=1.4.2-rc.1+b7", Some("1.4.2-rc.1")),
        ("<2", None),
        ("<=1.9", None),
        ("*", None),
        ("", None),
        ("^1 || *", None),
        ("latest", None),
    ] {
        assert_eq!(named(requirement).as_deref(), version, "{requirement}");
    }
}

#[test]
fn npm_admits_a_pre_release_only_of_the_version_named() {
    for (requirement, version, admits) in [
        ("^1.2.3-rc.1", "1.2.3-rc.2", true),
        ("^1.2.3-rc.1", "1.2.4-rc.1", false),
        (">=1.0.0-a <2 >=1.2.0", "1.0.0-b", false),
        (">=1.2.0-a >=1.0.0", "1.2.0-b", true),
        ("*", "1.0.0-rc.1", false),
        (">=1.0.0-rc.1 || *", "1.0.0-rc.1", false),
        (">=0 || 1.0.0-rc.1", "1.0.0-rc.1", false),
        (">=0 <0.0.0-rc.1", "0.0.0-0", true),
        ("1.0.0-rc.1 || >=0.0", "2.0.0", true),
        ("", "1.0.0-rc.1", false),
        ("<2", "2.0.0-rc.1", false),
        ("<2 >=2.0.0-a", "2.0.0-rc.1", false),
        ("1.2.3", "1.2.3+b7", true),
        // Disjoint clauses are no alternatives.
        ("1 2", "1.5.0", false),
        (">=2 <1", "2.5.0", false),
        ("1 - 2", "2.9.9", true),
    ] {
        let found = NpmGrammar.admits(requirement, &v(version)).unwrap();
        assert_eq!(found, admits, "{requirement} at {version}");
    }
}

#[test]
fn another_spelling_says_the_same() {
    for (a, b) in [
        ("=1.4.2", "1.4.2"),
        ("v1.4.2", "1.4.2"),
        ("1.x", "1"),
        ("~> 1.4", "~1.4"),
        (">= 1 < 2", "<2 >=1"),
        ("^2||^1", "^1 || ^2"),
        ("", "*"),
        ("next", " next"),
    ] {
        assert!(NpmGrammar.same(a, b), "{a} {b}");
    }
    for (a, b) in [
        ("^1", "~1"),
        ("1.4", "1.4.0"),
        ("next", "latest"),
        ("?", "??"),
    ] {
        assert!(!NpmGrammar.same(a, b), "{a} {b}");
    }
}

fn a_version() -> impl Strategy<Value = String> {
    let pre = prop_oneof![4 => Just(""), 1 => Just("-rc.1"), 1 => Just("-0"), 1 => Just("-a.b")];
    (0..4u64, 0..4u64, 0..4u64, pre).prop_map(|(a, b, c, pre)| format!("{a}.{b}.{c}{pre}"))
}

fn a_partial() -> impl Strategy<Value = String> {
    prop_oneof![
        a_version(),
        (0..4u64).prop_map(|a| a.to_string()),
        (0..4u64, 0..4u64).prop_map(|(a, b)| format!("{a}.{b}")),
        (0..4u64).prop_map(|a| format!("{a}.x")),
        (0..4u64, 0..4u64).prop_map(|(a, b)| format!("{a}.{b}.*")),
        Just("*".to_owned()),
    ]
}

fn a_range() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec!["", "^", "~", ">=", ">", "<", "<=", "=", "~> "]);
    let clause = (sign, a_partial()).prop_map(|(sign, it)| format!("{sign}{it}"));
    let hyphen = (a_partial(), a_partial()).prop_map(|(a, b)| format!("{a} - {b}"));
    let clauses = prop::collection::vec(clause, 1..3).prop_map(|it| it.join(" "));
    let alternative = prop_oneof![8 => clauses, 1 => hyphen];
    prop::collection::vec(alternative, 1..3).prop_map(|it| it.join(" || "))
}

fn a_style() -> impl Strategy<Value = Style> {
    prop::sample::select(vec![Style::Auto, Style::Exact, Style::Floor, Style::Widen])
}

/// The text with every number as `n`.
fn skeleton(requirement: &str) -> String {
    let parts = requirement.split(|c: char| c.is_ascii_digit());
    parts.filter(|it| !it.is_empty()).collect()
}

proptest! {
    #[test]
    fn an_updated_text_admits_the_version_and_settles(
        range in a_range(), to in a_version(), style in a_style()
    ) {
        let to = v(&to);
        if let Rewrite::Updated(text) = NpmGrammar.rewrite(&range, &to, style) {
            let oracle = node::Range::parse(&text).unwrap();
            prop_assert!(oracle.satisfies(&node::Version::parse(to.text()).unwrap()), "{text}");
            prop_assert_ne!(&text, &range);
            let again = NpmGrammar.rewrite(&text, &to, style);
            prop_assert!(matches!(again, Rewrite::Kept(_)), "{text}: {again:?}");
        }
    }

    #[test]
    fn auto_keeps_what_admits_and_the_shape_of_what_does_not(
        range in a_range(), to in a_version()
    ) {
        let to = v(&to);
        let admits = NpmGrammar.admits(&range, &to);
        match NpmGrammar.rewrite(&range, &to, Style::Auto) {
            Rewrite::Kept(Keep::InStep | Keep::Admits) => prop_assert_eq!(admits, Ok(true)),
            Rewrite::Updated(text) => {
                prop_assert_eq!(admits, Ok(false));
                if to.is_final() && !range.contains('-') {
                    prop_assert_eq!(skeleton(&text), skeleton(&range));
                }
            }
            Rewrite::Kept(Keep::Unbounded) | Rewrite::Refused(_) => {}
        }
    }

    #[test]
    fn a_wider_range_still_admits_what_it_admitted(
        range in a_range(), to in a_version(), old in a_version()
    ) {
        let exact = Version::parse(Scheme::Semver, range.trim_start_matches(['=', ' '])).is_some();
        let (to, old) = (v(&to), v(&old));
        if let Rewrite::Updated(text) = NpmGrammar.rewrite(&range, &to, Style::Widen) {
            let admitted = NpmGrammar.admits(&range, &old) == Ok(true);
            let admits = NpmGrammar.admits(&text, &old) == Ok(true);
            prop_assert!(exact || admits || !admitted || !to.is_final() || !old.is_final());
        }
    }

    #[test]
    fn one_clause_admits_as_the_matcher_says(range in a_partial(), version in a_version()) {
        for sign in ["", "^", "~", ">=", "<=", "="] {
            let range = format!("{sign}{range}");
            let Ok(admits) = NpmGrammar.admits(&range, &v(&version)) else { continue };
            // The matcher can not read `^*`, npm can.
            let range = if range == format!("{sign}*") { "*" } else { &range };
            let oracle = node::Range::parse(range).unwrap();
            let version = node::Version::parse(&version).unwrap();
            prop_assert_eq!(admits, oracle.satisfies(&version), "{}", range);
        }
    }

    #[test]
    fn any_text_is_judged(text in "\\PC{0,20}|[0-9.x*^~<>=| v-]{0,20}", to in a_version()) {
        let to = v(&to);
        for style in [Style::Auto, Style::Exact, Style::Floor, Style::Widen] {
            let known = NpmGrammar.named(&text).is_ok();
            let moved = NpmGrammar.rewrite(&text, &to, style);
            let refused = moved == Rewrite::Refused(Refusal::UnknownShape);
            prop_assert!(known || refused, "{text}: {moved:?}");
        }
    }
}
