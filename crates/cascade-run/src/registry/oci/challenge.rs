//! `WWW-Authenticate`: how a registry wants to be opened.

use std::collections::BTreeMap;

/// How long a header may be that is read.
const LONGEST: usize = 8 << 10;
/// How many challenges are looked at.
const MOST: usize = 16;

/// One way to open a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    /// The scheme in small letters: `bearer`.
    pub(super) scheme: String,
    /// What else it says, by name in small letters.
    pub(super) says: BTreeMap<String, String>,
}

/// Returns the challenges in a header, as far as they can be read.
pub(super) fn challenges(header: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    if header.len() > LONGEST {
        return found;
    }
    let mut rest = header;
    while found.len() <= MOST {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let Some((word, behind)) = word(rest) else {
            break;
        };
        rest = behind.trim_start_matches([' ', '\t']);
        match (rest.strip_prefix('='), found.last_mut()) {
            (Some(behind), Some(challenge)) => {
                let Some((value, behind)) = value(behind.trim_start_matches([' ', '\t'])) else {
                    break;
                };
                challenge
                    .says
                    .entry(word.to_ascii_lowercase())
                    .or_insert(value);
                rest = behind;
            }
            (Some(_), None) => break,
            (None, _) => found.push(Challenge {
                scheme: word.to_ascii_lowercase(),
                says: BTreeMap::new(),
            }),
        }
    }
    found
}

/// Returns the word that a text begins with, and what is behind it.
fn word(text: &str) -> Option<(&str, &str)> {
    let fits = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
    let end = text.find(|it| !fits(it)).unwrap_or(text.len());
    text.split_at_checked(end).filter(|it| !it.0.is_empty())
}

/// Returns the value that a text begins with, quoted or not, and what is behind it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        return word(text).map(|(value, behind)| (value.to_owned(), behind));
    };
    let mut value = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some((value, letters.as_str())),
            '\\' => value.push(letters.next()?),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_registries_say_is_read() {
        let header = "Bearer realm=\"https://auth.example/token\",service=\"registry.example\", \
            scope=\"repository:acme/a:pull,push\", error=invalid_token";
        let [bearer] = &challenges(header)[..] else {
            panic!("one challenge")
        };
        assert_eq!(bearer.scheme, "bearer");
        assert_eq!(bearer.says["realm"], "https://auth.example/token");
        assert_eq!(bearer.says["scope"], "repository:acme/a:pull,push");
        assert_eq!(bearer.says["error"], "invalid_token");
    }

    #[test]
    fn several_in_one_header_are_told_apart() {
        let header = "Basic realm=\"a \\\"b\\\"\", BEARER Realm = \"x\" , service=y, Negotiate";
        let found = challenges(header);
        let schemes: Vec<&str> = found.iter().map(|it| it.scheme.as_str()).collect();
        assert_eq!(schemes, ["basic", "bearer", "negotiate"]);
        assert_eq!(found[0].says["realm"], "a \"b\"");
        assert_eq!(found[1].says["service"], "y");
        assert_eq!(challenges("realm=\"x\""), []);
        assert_eq!(challenges("Bearer realm=\"x")[0].says.len(), 0);
        assert_eq!(challenges(&format!("Bearer {}", "a".repeat(9000))), []);
    }

    proptest! {
        #[test]
        fn no_header_breaks_it(text in "\\PC{0,60}|([A-Za-z]{1,4}[ =,\"\\\\]{0,3}){0,20}") {
            let found = challenges(&text);
            prop_assert!(found.iter().all(|it| !it.scheme.is_empty()));
        }

        #[test]
        fn what_is_quoted_reads_back(value in "[ -~]{0,30}") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let found = challenges(&format!("Bearer realm=\"{quoted}\",service=s"));
            prop_assert_eq!(&found[0].says["realm"], &value);
            prop_assert_eq!(&found[0].says["service"], "s");
        }
    }
}
