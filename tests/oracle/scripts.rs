//! Python and npm: their matchers are libraries, which a script asks.

use cascade_manifest::{Scheme, Version};
use serde_json::Value;

use crate::Room;
use crate::exam::{Asked, Deliberate, LOOSELY, Matcher, Question, refuses};

/// Why a version begins with a digit.
pub(crate) const BARE: Deliberate = Deliberate {
    why: "a version is bare: the `v` before it belongs to the tag's template, and no space to anything",
    applies: |question, ours, theirs| match question {
        Question::Version(text) => {
            let bare = text.starts_with(|c: char| c.is_ascii_digit()) && !text.ends_with(' ');
            refuses(ours, theirs) && !bare
        }
        _ => false,
    },
};

/// `packaging`, and Poetry's own reader for carets, tildes and alternatives.
pub(crate) const PYTHON: Matcher = Matcher {
    ecosystem: "python",
    tools: &["packaging", "poetry-core"],
    share: 100,
    versions: &[
        "([0-2]!)?[0-2](\\.(0|1|10|02)){0,3}([-_.]?(a|b|c|rc|alpha|beta|pre|preview|RC)[-_.]?[0-9]{0,2})?(-[0-9]|[-_.]?(post|rev|r)[-_.]?[0-9]{0,1})?([-_.]?dev[-_.]?[0-9]{0,1})?(\\+[a-z0-9]{1,3}([-_.][A-Z0-9]{1,2}){0,2})?",
        "[ vV]{0,2}[0-2](\\.[0-2]){0,2}[ .x*a-c!+_~-]{0,3}",
    ],
    requirements: &[
        "(==|!=|~=|>=|<=|>|<) ?([01]!)?[0-2](\\.(0|1|10)){0,3}(\\.\\*|(a|b|rc)[0-2]|\\.post[01]|\\.dev[01]|rc1\\.dev1|\\+l1)?",
        "(>=|>|~=|==) ?[0-2](\\.[0-2]){0,2}(rc1)? ?, ?(<|<=|!=) ?[0-3](\\.[0-2]){0,2}(\\.\\*|\\.dev0|a0|rc1)?(, ?!= ?[0-2]\\.[0-2])?",
        "(\\^|~|=|>=|<|==|!=)? ?[0-2](\\.[0-2]){0,3}(\\.\\*|rc1)?( ?\\|\\| ?(\\^|~|>=|==)? ?[0-3](\\.[0-2]){0,2})?",
        "(===)? ?v?[0-2](\\.[0-2]){0,2}(-RC1|\\.0a1|\\.POST1|\\+x)?|\\*",
        "[<>=~!^ ]{0,3}[v0-2](\\.[0-2x*]){0,3}[, |]{0,2}[<>=~!^ ]{0,2}([0-2](\\.[0-2]){0,2})?",
    ],
    releases: &[
        "[0-3]\\.(0|1|2|10)(\\.[0-2]){0,1}",
        "[0-3]\\.[0-2]\\.0(rc1|a2|\\.post1|\\.dev1|b1\\.dev2)|1![0-1]\\.0",
    ],
    ask: |room, asked| {
        let python = room.shelf.join("python/bin/python3");
        script(
            room,
            ("matcher.py", include_str!("matcher.py")),
            python.to_str(),
            asked,
        )
    },
    deliberate: &[
        BARE,
        Deliberate {
            why: "there is nothing between its commas",
            applies: |question, ours, theirs| match question {
                Question::Requirement(text) => {
                    let bare = text.replace(' ', "");
                    refuses(ours, theirs) && (bare.contains(",,") || bare.starts_with(','))
                }
                _ => false,
            },
        },
        Deliberate {
            why: "Poetry tells a bare `1.0RC1` from `1.0rc1`, the standard does not",
            applies: |question, ours, theirs| match question {
                Question::Admits(text, _) => {
                    let loud = text.contains("RC") || text.contains("POST");
                    truth(ours) && !truth(theirs) && loud && !text.contains("==")
                }
                _ => false,
            },
        },
        Deliberate {
            why: "PEP 440 forbids it (`~=1`, `>=1.*`), and Poetry, which reads it, has changed its mind \
                about what that means",
            applies: |question, ours, theirs| {
                matches!(question, Question::Requirement(_)) && !truth(ours) && theirs == LOOSELY
            },
        },
        Deliberate {
            why: "Poetry read `1.x` as `1.*` up to its second version",
            applies: |question, ours, theirs| {
                let (Question::Requirement(text) | Question::Admits(text, _)) = question else {
                    return false;
                };
                let read = matches!(question, Question::Admits(..)) || truth(ours);
                read && !truth(theirs) && text.contains(".x")
            },
        },
        Deliberate {
            why: "Poetry's matcher has no rule for pre-releases, its solver has",
            applies: |question, ours, theirs| {
                matches!(question, Question::Admits(..)) && !truth(ours) && theirs == LOOSELY
            },
        },
        Deliberate {
            why: "`>1.0rc1` takes `1.0.post1` since packaging 26 and not before, nor in uv: the stricter \
                reading holds for all",
            applies: |question, ours, theirs| {
                let Question::Admits(text, version) = question else {
                    return false;
                };
                let read = Version::parse(Scheme::Pep440, version);
                let read = read.as_ref().and_then(Version::pep440);
                let post = matches!(read, Some(it) if it.is_post());
                post && text.contains('>') && !truth(ours) && truth(theirs)
            },
        },
    ],
};

/// npm's `semver`, loose about ranges as npm is.
pub(crate) const NPM: Matcher = Matcher {
    ecosystem: "npm",
    tools: &["semver"],
    share: 100,
    versions: &[
        "[0-2]\\.(0|1|10)\\.[0-2](-(0|1|rc|alpha|rc1|a-b|-)(\\.(0|1|10|x|1a)){0,2})?(\\+[a-z0-9]{1,2}(\\.0?[0-9])?)?",
        "[ v=]{0,2}[0-2](\\.(0|1|01|x)){0,3}[-+a-c.0]{0,3}",
        "(9007199254740991|9007199254740992|18446744073709551615|18446744073709551616)\\.0\\.0",
    ],
    requirements: &[
        "(\\^|~|=|>=|<=|>|<|~>|)? ?v?[0-2](\\.(0|1|2|10|x|X|\\*)){0,2}(\\.[0-2](-(rc|alpha|0)(\\.[0-2])?)?(\\+b1)?)?",
        "(>=|>) ?[0-2](\\.[0-2]){0,2}(-rc\\.1|-0)? {1,2}(<|<=) ?[0-3](\\.[0-2]){0,2}(-0|-rc\\.1)?",
        "[0-2](\\.([0-2]|x)){0,2}(-rc\\.1)? - v?[0-3](\\.([0-2]|x)){0,2}(-0)?",
        "(\\^|~|>=|)[0-2](\\.[0-2]){0,2}(-rc\\.1)?( ?\\|\\| ?(\\^|~|<|)[0-3](\\.[0-2]){0,2}(-alpha)?){1,2}",
        "(\\*|x|X|latest|v1|>=\\*|<\\*|\\^x| \\* |\\|\\||\\^0\\.0\\.[0-2]|~0|\\^0|\\^0\\.x|>0\\.0|<=0|>=0\\.0\\.0-0)?",
        "[<>=~^v ]{0,3}[0-2x](\\.[0-2x*]){0,3}[-+a |,]{0,3}[<>=~^v ]{0,2}([0-2](\\.[0-2]){0,2})?",
    ],
    releases: &[
        "[0-3]\\.(0|1|2|10)\\.[0-2]",
        "[0-3]\\.[0-2]\\.0(-rc\\.1|-alpha|-0|\\+b1|-rc\\.2\\+b)",
    ],
    ask: |room, asked| {
        script(
            room,
            ("matcher.js", include_str!("matcher.js")),
            Some("node"),
            asked,
        )
    },
    deliberate: &[
        BARE,
        Deliberate {
            why: "npm guesses at it in its loose mode only",
            applies: |question, ours, theirs| {
                matches!(question, Question::Requirement(_)) && !truth(ours) && theirs == LOOSELY
            },
        },
        Deliberate {
            why: "npm leaves out what stands behind a wild or missing part (`1.x.3`, `1.2+b`): whoever \
                wrote it meant more",
            applies: |question, ours, theirs| match question {
                Question::Requirement(text) => refuses(ours, theirs) && leaves_out(text),
                _ => false,
            },
        },
        Deliberate {
            why: "it admits nothing, or has two operators",
            applies: |question, ours, theirs| match question {
                Question::Requirement(text) => {
                    let bare = text.replace([' ', 'v'], "").to_lowercase();
                    let odd = ["<*", "<x", ">*", ">x", "^=", "~="];
                    let signs = ["vv", "v=", "=="].iter().any(|it| text.contains(it));
                    let twice = signs || odd.iter().any(|it| bare.contains(it));
                    refuses(ours, theirs) && twice
                }
                _ => false,
            },
        },
        Deliberate {
            why: "a word is a name that the registry gives to a version (`latest`), which any version may have",
            applies: |question, ours, theirs| match question {
                Question::Requirement(text) | Question::Admits(text, _) => {
                    truth(ours)
                        && !truth(theirs)
                        && text.trim().starts_with(|c: char| c.is_ascii_alphabetic())
                }
                _ => false,
            },
        },
        Deliberate {
            why: "what stands behind a `+` has no order in the standard",
            applies: |question, _, theirs| match question {
                Question::Order(a, b) => {
                    !theirs.is_null() && a.split('+').next() == b.split('+').next()
                }
                _ => false,
            },
        },
        Deliberate {
            why: "npm's numbers end at 2^53; Cargo's do not, and both are SemVer",
            applies: |question, ours, theirs| {
                let texts = match question {
                    Question::Version(text) => text.clone(),
                    Question::Order(a, b) => format!("{a}.{b}"),
                    _ => return false,
                };
                let numbers = texts.split(['.', '-', '+']);
                let highest = numbers.filter_map(|it| it.parse::<u64>().ok()).max();
                !ours.is_null() && theirs.is_null() && highest >= Some(1 << 53)
            },
        },
    ],
};

fn truth(value: &Value) -> bool {
    *value == Value::Bool(true)
}

/// Returns whether a word of an npm range has something behind a wild or missing part.
fn leaves_out(text: &str) -> bool {
    text.split([' ', '|']).any(|word| {
        let word = word.trim_start_matches(['<', '>', '=', '~', '^', 'v']);
        let numbers = word.split(['-', '+']).next().unwrap_or_default();
        let tail = numbers.len() < word.len() && !numbers.is_empty();
        let parts: Vec<_> = numbers.split('.').collect();
        let wild = parts.iter().position(|it| it.starts_with(['x', 'X', '*']));
        let behind = |at: usize| {
            parts
                .iter()
                .skip(at)
                .any(|it| it.contains(|c: char| c.is_ascii_digit()))
        };
        wild.is_some_and(behind) || (tail && (wild.is_some() || parts.len() < 3))
    })
}

/// Asks all questions of one child.
fn script(
    room: &Room<'_>,
    (name, text): (&str, &str),
    program: Option<&str>,
    asked: &[Asked],
) -> Result<Vec<Value>, String> {
    room.put(name, text);
    let lines: Vec<_> = asked.iter().map(|it| it.question.line()).collect();
    room.put("questions", &(lines.join("\n") + "\n"));
    let home = room.shelf.join("npm");
    let home = home
        .to_str()
        .ok_or("the folder of the tools is not UTF-8")?;
    let program = program.ok_or("the folder of the tools is not UTF-8")?;
    let argv = [program, name, "questions", "answers", home];
    let said = room.tools.run(room.folder, &argv, &[]);
    if !said.done {
        return Err(said.text);
    }
    let answers = room.get("answers");
    let read = answers.lines().map(serde_json::from_str);
    read.collect::<Result<_, _>>().map_err(|it| it.to_string())
}
