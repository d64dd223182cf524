//! How the entry of what moves is made.

use super::*;

#[test]
fn only_the_entry_and_the_requirement_change() {
    assert_eq!(plain(&same()).moved(), plainly_moved());
}

#[test]
fn the_entry_is_made_as_npm_makes_it() {
    let new = json!({
        "license": {"type": "ISC", "url": "x"}, "funding": "https://fund.example",
        "bin": {"b": "lib\\b.js", "A": "a.js", "a_b": "q.js", "none": "", "x/a-b": "z.js"},
        "engines": {"npm": ">=5", "node": ">=10"}, "cpu": [], "deprecated": "no \"more\" \u{e9}",
        "scripts": {"postinstall": "x"}, "dependencies": {"third": ">=1.0.0 <3"},
        "optionalDependencies": {}, "bundledDependencies": [], "os": null,
    });
    let expected = plainly_moved().replace(
        r#"      "license": "MIT",
      "dependencies": {
        "third": "^1.0.0"
      },
      "bin": {
        "up": "cli.js"
      }
"#,
        r#"      "deprecated": "no \"more\" é",
      "hasInstallScript": true,
      "license": "ISC",
      "dependencies": {
        "third": ">=1.0.0 <3"
      },
      "bin": {
        "A": "a.js",
        "a_b": "q.js",
        "a-b": "z.js",
        "b": "lib/b.js"
      },
      "engines": {
        "node": ">=10",
        "npm": ">=5"
      },
      "funding": {
        "url": "https://fund.example"
      }
"#,
    );
    assert_eq!(plain(&new).moved(), expected);
}

#[test]
fn flags_stay_and_what_was_left_out_stays_out() {
    let mut case = plain(&same());
    let address = "      \"resolved\": \"https://registry.example/@sc/up/-/@sc/up-1.0.0.tgz\",\n";
    let flagged = |it: String| {
        it.replace(address, "")
            .replace(&address.replace("1.0.0", "1.1.0"), "")
            .replace(
                "      \"license\": \"MIT\",\n",
                "      \"dev\": true,\n      \"license\": \"MIT\",\n",
            )
    };
    case.lock = flagged(case.lock);
    assert_eq!(case.moved(), flagged(plainly_moved()));
}
