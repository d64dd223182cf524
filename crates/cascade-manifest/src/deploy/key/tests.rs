use super::*;
use crate::deploy::Unmoved;

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn read(path: &str, key: &str, text: &str) -> Result<Reference, KeyError> {
    Key::of(path, key, Kind::Image)?.read(text)
}

/// The text after the version under a key moved.
fn moved(path: &str, key: &str, text: &str, to: &str) -> String {
    let key = Key::of(path, key, Kind::Image).unwrap();
    let to = Move::of(&key.read(text).unwrap(), to).unwrap();
    let edited = key.moved(text, &to).unwrap();
    let again = key.read(&edited).unwrap();
    assert_eq!(
        key.moved(&edited, &Move::of(&again, &to.to).unwrap()),
        Ok(edited.clone())
    );
    edited
}

#[test]
fn a_key_finds_its_scalar_alone() {
    let text = "\u{feff}# tag: 1.4.2\r\nruntime: {image: {tag: 1.9, x: 1.9}} # 1.9\r\nimages:\r\n- {name: web, newTag: v1.0.0}\r\n- name: api\r\n  newTag: 'v1.4.2'\r\nlabels: {app.kubernetes.io/version: \"1.4.2\"}\r\n---\r\nother: 3\r\n";
    for (key, from, to, new) in [
        ("runtime.image.tag", "tag: 1.9,", "1.10", "tag: \"1.10\","),
        ("runtime.image.x", "x: 1.9}", "1.10.0", "x: 1.10.0}"),
        ("images[0].newTag", "v1.0.0", "v2.1.0", "v2.1.0"),
        ("images[name=api].newTag", "'v1.4.2'", "v2.1.0", "'v2.1.0'"),
        (
            "labels.\"app.kubernetes.io/version\"",
            "\"1.4.2\"",
            "2.1.0",
            "\"2.1.0\"",
        ),
        ("other", "other: 3", "4", "other: \"4\""),
    ] {
        let one = read("any.yml", key, text).unwrap();
        assert_eq!((one.name.as_str(), one.section.as_str()), ("", key));
        assert_eq!(
            moved("any.yml", key, text, to),
            text.replace(from, new),
            "{key}"
        );
    }
}

#[test]
fn a_key_of_hcl_and_of_json_is_the_name_of_a_variable() {
    let text = "variable \"api_version\" {\n  default = \"v1.4.2\" # v1.4.2\n}\nlocals { web = \"1.4\" }\nother = \"v1.4.2\"\n";
    let new = text.replace("default = \"v1.4.2\"", "default = \"v2.1.0\"");
    assert_eq!(moved("x.tf", "api_version", text, "v2.1.0"), new);
    assert_eq!(
        moved("x.pkr.hcl", "web", text, "2.1"),
        text.replace("1.4\"", "2.1\"")
    );
    assert_eq!(
        moved("x.tfvars", "other", text, "v3"),
        text.replace("other = \"v1.4.2", "other = \"v3")
    );
    let json = "{\n\t\"variable\": {\"api\": {\"default\": \"1.4.2\"}},\n\t\"n\": 1.9\n}\n";
    for key in ["api", "variable.api.default"] {
        assert_eq!(
            moved("x.pkr.json", key, json, "2.1.0"),
            json.replace("1.4.2", "2.1.0")
        );
    }
    assert_eq!(
        moved("x.json", "n", json, "1.10"),
        json.replace("1.9", "\"1.10\"")
    );
    assert!(matches!(
        read("x.json", "api", json),
        Err(KeyError::Missing(_))
    ));
}

#[test]
fn what_holds_a_version_and_a_whole_image_are_read() {
    let text = format!("a: v1.4.2@{DIGEST}\nb: registry.example/acme/api:v1.4.2\nc: {DIGEST}\n");
    let a = read("x.yaml", "a", &text).unwrap();
    assert_eq!(
        (a.version.as_str(), a.unmoved()),
        ("v1.4.2", Some(Unmoved::Digest))
    );
    let key = Key::of("x.yaml", "a", Kind::Image).unwrap();
    let new = DIGEST.replace("0123", "3210");
    let to = Move::held(&a, "v2.1.0", &new).unwrap();
    let edited = text
        .replacen("v1.4.2", "v2.1.0", 1)
        .replacen(DIGEST, &new, 1);
    assert_eq!(key.moved(&text, &to), Ok(edited));
    let b = read("x.yaml", "b", &text).unwrap();
    assert_eq!(b.name, "registry.example/acme/api");
    assert_eq!(
        moved("x.yaml", "b", &text, "v2.1.0"),
        text.replace("api:v1.4.2", "api:v2.1.0")
    );
    let chart = Key::of("x.yaml", "b", Kind::Chart)
        .unwrap()
        .read(&text)
        .unwrap();
    assert_eq!(
        (chart.name.as_str(), chart.stays()),
        ("", Some(Unmoved::Unversioned))
    );
}

#[test]
fn what_stands_for_more_than_the_key_stays() {
    for (key, text) in [
        ("a", "a: &a 1.4.2\nb: *a\n"),
        ("b", "a: &a 1.4.2\nb: *a\n"),
        ("a.tag", "a: &a {tag: 1.4.2}\nb: *a\n"),
        ("b.tag", "a: &a {tag: 1.4.2}\nb: *a\n"),
        ("a.tag", "a: &a {tag: 1.4.2}\nb: {<<: *a, x: 1}\n"),
        ("a.x.tag", "a: &a {x: {tag: 1.4.2}}\nb: [*a]\n"),
        ("a[0]", "a: &a [1.4.2]\nb: *a\n"),
    ] {
        let one = read("x.yaml", key, text).unwrap();
        assert_eq!(one.unmoved(), Some(Unmoved::Shared), "{key} {text}");
    }
    assert_eq!(
        moved("x.yaml", "a", "a: &a 1.4.2\n", "2.1.0"),
        "a: &a 2.1.0\n"
    );
    assert!(matches!(
        read("x.yaml", "b.tag", "a: &a {tag: 1}\nb: {<<: *a}\n"),
        Err(KeyError::Missing(_))
    ));
}

#[test]
fn what_is_not_one_scalar_is_an_error_that_says_so() {
    let text = "a: {b: 1}\nl: [{n: x, v: 1}, {n: x, v: 2}]\nempty:\n---\na: {c: 2, b: 3}\n";
    for (path, key, why) in [
        ("x.yaml", "z", "nothing stands under `z`"),
        ("x.yaml", "l[2]", "nothing stands under `l[2]`"),
        ("x.yaml", "l.n", "nothing stands under `l.n`"),
        ("x.yaml", "a.b", "more than one thing stands under `a.b`"),
        (
            "x.yaml",
            "l[n=x].v",
            "more than one thing stands under `l[n=x].v`",
        ),
        (
            "x.yaml",
            "l",
            "what stands under `l` is no version but a list, or has fields of its own",
        ),
        (
            "x.tf",
            "a.b",
            "in HCL a key is the name of one variable or local value",
        ),
        (
            "x.tf",
            "a",
            "no text in quotes stands under `a`: a version that is a number has to be in quotes",
        ),
        (
            "x.toml",
            "a",
            "keys are read in YAML, JSON and HCL (`.yaml`, `.yml`, `.json`, `.tf`, `.tofu`, `.tfvars`, `.hcl`)",
        ),
    ] {
        assert_eq!(read(path, key, text).unwrap_err().to_string(), why);
    }
    assert!(matches!(
        read("x.yaml", "a", "a: ["),
        Err(KeyError::Unreadable(_))
    ));
    let empty = read("x.yaml", "empty", text).unwrap();
    assert_eq!(empty.unmoved(), Some(Unmoved::Unversioned));
    let twice = "variable \"a\" { default = \"1\" }\nlocals { a = \"1\" }\n";
    assert!(matches!(read("x.tf", "a", twice), Err(KeyError::Twice(_))));
}

#[test]
fn what_is_no_key_is_told_with_its_place() {
    for (key, at) in [
        ("", 0),
        (".", 0),
        ("a.", 0),
        ("a..b", 2),
        ("a.[0]", 0),
        ("a[", 1),
        ("a[x]", 1),
        ("a[+1]", 1),
        ("a[=b]", 1),
        ("a[b=]", 1),
        ("a[0]b", 1),
        ("\"a", 0),
        ("\"a\"b", 0),
        ("a]b", 0),
        ("a\nb", 0),
        (&"a".repeat(600), 512),
    ] {
        let error = Key::of("x.yaml", key, Kind::Image).unwrap_err();
        assert!(
            matches!(error, KeyError::Syntax { at: place, .. } if place == at),
            "{key} {error:?}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn any_key_of_any_text_is_read_or_refused(
        key in "([ab]|\\[[01]\\]|\\[a=1\\]|\"a\"|\\.){1,6}|\\PC{0,8}",
        text in "([ab]: ?(1\\.[0-9]|&x [0-9]|\\*x|\\{[ab]: [0-9]\\}|\\[1, \\{a: 1, b: v2\\}\\]|'v3')( # c)?\r?\n(---\n)?){0,4}",
    ) {
        for path in ["x.yaml", "x.tf.json", "x.tf"] {
            let Ok(key) = Key::of(path, &key, Kind::Image) else { continue };
            let Ok(one) = key.read(&text) else { continue };
            if let Some(span) = one.span.clone() {
                assert_eq!(text.get(span), Some(one.version.as_str()));
            }
            let to = if one.version.starts_with('v') { "v9" } else { "9" };
            if let Ok(to) = Move::of(&one, to) {
                let edited = key.moved(&text, &to).unwrap();
                assert_eq!(key.read(&edited).unwrap().version, to.to);
            }
        }
    }
}
