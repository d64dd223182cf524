use proptest::prelude::*;

use super::*;

const MIT: &str = "MIT License\n\nCopyright (c) 2026 A\n\nPermission is hereby granted, free of \
    charge, to any person obtaining a copy\nof this software and associated documentation files, to \
    deal in the Software without restriction,\nsubject to the following conditions:\n\nThe above \
    copyright notice and this permission notice shall be included in all\ncopies or substantial \
    portions of the Software.\n";

fn name(text: &str) -> LicenseName {
    LicenseName::parse(text).unwrap()
}

fn judge(expression: &str, allowed: &[&str], denied: &[&str]) -> Verdict {
    let names = |it: &[&str]| it.iter().map(|it| name(it)).collect::<Vec<_>>();
    let expression = LicenseExpression::parse(expression).unwrap();
    expression.judge(&names(allowed), &names(denied))
}

#[test]
fn a_text_is_known_by_its_phrases() {
    assert_eq!(recognized(MIT), ["MIT"]);
    let boxed = format!(" * {}", MIT.replace('\n', "\r\n * "));
    assert_eq!(recognized(&boxed), ["MIT"]);
    for (text, names) in [
        (
            "Permission to use, copy, modify, and/or distribute this software for any\npurpose with \
             or without fee is hereby granted, provided that the above\ncopyright notice and this \
             permission notice appear in all copies.",
            &["ISC"][..],
        ),
        (
            "Permission to use, copy, modify, and/or distribute this software for any purpose with \
             or without fee is hereby granted.\n\nTHE SOFTWARE IS PROVIDED \"AS IS\"",
            &["0BSD"],
        ),
        (
            "   GNU AFFERO GENERAL PUBLIC LICENSE\n      Version 3, 19 November 2007",
            &["AGPL-3.0"],
        ),
        (
            "GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991\nuse the GNU Lesser General",
            &["GPL-2.0"],
        ),
        (
            "                                 Apache License\n                           Version \
             2.0, January 2004\n 3. Grant of Patent License.",
            &["Apache-2.0"],
        ),
        (
            "Licensed under the Apache License, Version 2.0 (the \"License\")",
            &[],
        ),
        ("All rights reserved.", &[]),
        ("", &[]),
    ] {
        assert_eq!(recognized(text), names, "{text}");
    }
}

#[test]
fn an_expression_is_met_or_not_and_never_by_its_letters() {
    assert_eq!(judge("MIT", &["MIT"], &[]), Verdict::Allowed);
    assert_eq!(
        judge("MIT OR GPL-3.0-only", &["MIT"], &["GPL-3.0"]),
        Verdict::Allowed
    );
    let denied = judge("MIT AND GPL-3.0-only", &["MIT"], &["GPL-3.0"]);
    assert_eq!(denied, Verdict::Denied("GPL-3.0-only".to_owned()));
    assert_eq!(judge("LGPL-3.0-only", &[], &["GPL-3.0"]), Verdict::Allowed);
    assert_eq!(
        judge("MIT-0", &["MIT"], &[]),
        Verdict::Unlisted("MIT-0".to_owned())
    );
    assert_eq!(
        judge("LicenseRef-ours", &["LicenseRef-ours"], &[]),
        Verdict::Allowed
    );
    assert_eq!(
        judge(
            "Apache-2.0 WITH LLVM-exception",
            &["Apache-2.0 WITH LLVM-exception"],
            &[]
        ),
        Verdict::Allowed
    );
    assert!(LicenseExpression::parse("MIT License").is_err());
    assert!(LicenseExpression::parse("Proprietary").is_err());
}

#[test]
fn names_are_without_what_is_added() {
    let of = |text: &str| LicenseExpression::parse(text).unwrap().names();
    assert_eq!(
        of("(MIT OR Apache-2.0+) AND GPL-2.0-or-later"),
        ["MIT", "Apache-2.0", "GPL-2.0"]
    );
    assert_eq!(of("Apache-2.0 WITH LLVM-exception"), ["Apache-2.0"]);
    assert_eq!(of("LGPL-2.1-only"), ["LGPL-2.1"]);
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,60}") {
        let _ = LicenseName::parse(&text);
        if let Ok(it) = LicenseExpression::parse(&text) {
            prop_assert_eq!(it.judge(&[], &[]), Verdict::Allowed);
            prop_assert!(!it.names().is_empty());
        }
        prop_assert!(recognized(&text).is_empty());
    }

    #[test]
    fn how_a_text_is_laid_out_makes_it_no_other(width in 12_usize..90, mark in "(# |// | \\* |)") {
        let mut out = mark.clone();
        let mut wide = 0;
        for word in MIT.split_whitespace() {
            if wide > width {
                out.push('\n');
                out.push_str(&mark);
                wide = 0;
            }
            out.push_str(word);
            out.push(' ');
            wide += word.len();
        }
        prop_assert_eq!(recognized(&out), ["MIT"]);
    }

    #[test]
    fn denying_what_is_named_denies_it(name in prop::sample::select(vec!["MIT", "ISC", "MPL-2.0", "0BSD"])) {
        prop_assert_eq!(judge(name, &[], &[name]), Verdict::Denied(name.to_owned()));
        prop_assert_eq!(judge(name, &[name], &[]), Verdict::Allowed);
    }
}
