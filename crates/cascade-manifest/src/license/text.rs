//! Which licence a text is, by phrases that only this licence has. What has none of them is not
//! guessed.

/// A licence: the phrases that its text has, all of them, and those that it has not.
struct Known {
    name: &'static str,
    has: &'static [&'static str],
    lacks: &'static [&'static str],
}

const fn known(
    name: &'static str,
    has: &'static [&'static str],
    lacks: &'static [&'static str],
) -> Known {
    Known { name, has, lacks }
}

const GRANT: &str = "permission is hereby granted, free of charge, to any person obtaining a copy";
const NOTICE: &str =
    "this permission notice shall be included in all copies or substantial portions";
const REDISTRIBUTION: &str = "redistribution and use in source and binary forms, with or without";
const NEITHER: &str = "may be used to endorse or promote products derived from this software";
const ADVERTISING: &str = "all advertising materials mentioning features or use of this software";
const FOR_ANY_PURPOSE: &str = "for any purpose with or without fee is hereby granted";
const PROVIDED: &str = "provided that the above copyright notice and this permission notice appear";

/// The licences that are known by their text, by the names of SPDX without `-only` and `-or-later`.
const KNOWN: &[Known] = &[
    known(
        "MIT",
        &[GRANT, NOTICE],
        &[
            "shall be used for good, not evil",
            "shall not be used in advertising",
        ],
    ),
    known(
        "MIT-0",
        &[GRANT],
        &["this permission notice shall be included", "boost software"],
    ),
    known(
        "X11",
        &[GRANT, NOTICE, "shall not be used in advertising"],
        &[],
    ),
    known("JSON", &[GRANT, "shall be used for good, not evil"], &[]),
    known("ISC", &[FOR_ANY_PURPOSE, PROVIDED], &[]),
    known("0BSD", &[FOR_ANY_PURPOSE], &[PROVIDED]),
    known(
        "BSD-2-Clause",
        &[REDISTRIBUTION],
        &[NEITHER, ADVERTISING, "apache license"],
    ),
    known("BSD-3-Clause", &[REDISTRIBUTION, NEITHER], &[ADVERTISING]),
    known("BSD-4-Clause", &[REDISTRIBUTION, NEITHER, ADVERTISING], &[]),
    known(
        "Apache-2.0",
        &[
            "apache license version 2.0, january 2004",
            "grant of patent license",
        ],
        &[],
    ),
    known(
        "MPL-2.0",
        &[
            "mozilla public license version 2.0",
            "each individual or legal entity that creates",
        ],
        &[],
    ),
    known(
        "GPL-2.0",
        &["gnu general public license version 2, june 1991"],
        &[],
    ),
    known(
        "GPL-3.0",
        &["gnu general public license version 3, 29 june 2007"],
        &[],
    ),
    known(
        "LGPL-2.1",
        &["gnu lesser general public license version 2.1, february 1999"],
        &[],
    ),
    known(
        "LGPL-3.0",
        &["gnu lesser general public license version 3, 29 june 2007"],
        &[],
    ),
    known(
        "AGPL-3.0",
        &["gnu affero general public license version 3, 19 november 2007"],
        &[],
    ),
    known(
        "Unlicense",
        &["this is free and unencumbered software released into the public"],
        &[],
    ),
    known("CC0-1.0", &["cc0 1.0 universal"], &[]),
    known("BSL-1.0", &["boost software license - version 1.0"], &[]),
    known(
        "Zlib",
        &[
            "without any express or implied warranty",
            "altered source versions must be plainly",
        ],
        &[],
    ),
    known("EUPL-1.2", &["european union public licence v. 1.2"], &[]),
    known("EPL-2.0", &["eclipse public license - v 2.0"], &[]),
];

/// Returns the names of the licences whose text this is, or has in it; none where none is known.
pub fn recognized(text: &str) -> Vec<&'static str> {
    let plain = plain(text);
    let is = |it: &&Known| {
        let has = |phrase: &&str| plain.contains(*phrase);
        it.has.iter().all(has) && !it.lacks.iter().any(has)
    };
    KNOWN.iter().filter(is).map(|it| it.name).collect()
}

/// Returns the words of a text in small letters, one space between, without what draws boxes and
/// comments around them.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let word = word.trim_matches(['*', '#', '/', '=', '_', '`', '>', '|', ';']);
        if word.is_empty() || word == "-" && out.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
    out
}
