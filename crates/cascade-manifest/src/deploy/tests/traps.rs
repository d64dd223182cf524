//! Traps of real files: what looks like a version, what YAML makes of one, and what surrounds it.

use super::*;

/// The text in which the image `a` of a kustomization has this tag.
fn tagged(tag: &str) -> String {
    format!("images:\n- name: a\n  newTag: {tag}\n")
}

/// What stands in the way of that tag.
fn stays(tag: &str) -> Option<Unmoved> {
    let read = format("kustomization.yaml").read(&tagged(tag)).unwrap();
    read[0].stays()
}

#[test]
fn tags_that_look_like_versions_and_are_none_stay() {
    for (tags, why) in [
        (
            "2.1.x 0.14.x 8.0.X 1.4.* ^1.4 ~1.4 '>=1,<2'",
            Unmoved::Range,
        ),
        (
            "fix-schema-options node-v0.2 tower-0.4.12-104 tower-buffer-0.3.0-alpha.1b release-1.4 \
             latest main nightly 20261122 0a1b2c3 1e3 0x1f ~ on null '' '${TAG}' \"{{.tag}}\"",
            Unmoved::Unversioned,
        ),
        (
            "1.4.2.7 2026.01.1 010 2.0rc1 1.4.2+k3s1 1.4.2-SNAPSHOT 1.4.2-rc1-alpine",
            Unmoved::Shape,
        ),
        (
            "2026-11-22 1_000 0.0.0-development 1.4.2-1 v1.0.0-rc.2.g1234 1.4.2-20240101 1.4.2-abc1234 \
             1.4.2-debian-12-r3",
            Unmoved::Build,
        ),
    ] {
        for tag in tags.split_ascii_whitespace() {
            assert_eq!(stays(tag), Some(why.clone()), "{tag}");
        }
    }
    for tag in [
        "v1.0.0-rc1",
        "v1.0.0-rc.2",
        "3.0.0a1",
        "8.0.0rc1",
        "3.2.0.dev0",
        "0.0.0-dev",
        "1.4.2-alpine",
    ] {
        assert_eq!(stays(tag), None, "{tag}");
    }
}

#[test]
fn what_yaml_takes_for_something_else_is_quoted_and_the_rest_stays() {
    for (from, to, new) in [
        ("1.9", "1.10", "\"1.10\""),
        ("1.9 # 1.9", "1.10", "\"1.10\" # 1.9"),
        ("'1.9'", "1.10", "'1.10'"),
        ("\"1.9\"", "1.10", "\"1.10\""),
        ("1", "2", "\"2\""),
        ("v1", "v2", "v2"),
        ("!!str 1.9", "1.10", "!!str \"1.10\""),
        ("&tag 1.9.0", "1.10.0", "&tag 1.10.0"),
        ("1.9.0\t# tab", "1.10.0", "1.10.0\t# tab"),
        ("1.9.0   ", "1.10.0", "1.10.0   "),
        ("\n    1.9.0", "1.10.0", "\n    1.10.0"),
        (
            "1.9.0\n...\n---\n# 1.9.0",
            "1.10.0",
            "1.10.0\n...\n---\n# 1.9.0",
        ),
    ] {
        let text = tagged(from);
        for (before, behind) in [
            ("", ""),
            ("\u{feff}", ""),
            ("%YAML 1.2\n---\n", ""),
            ("# 1.9 1.9.0 ü\n", "x: 1.9\n"),
        ] {
            if !behind.is_empty() && from.contains("---") {
                continue;
            }
            let whole = |it: &str| format!("{before}{it}{behind}");
            for line_end in ["\n", "\r\n"] {
                let of = |it: &str| whole(it).replace('\n', line_end);
                let edited = moved("kustomization.yaml", &of(&text), "a", to);
                assert_eq!(edited, of(&tagged(new)), "{from}");
            }
        }
    }
}

#[test]
fn the_same_number_elsewhere_is_no_version() {
    let text = "# registry.example/acme/api:1.4.2
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {version: 1.4.2, image: 'registry.example/acme/api:1.4.2'}, annotations: {note: 'registry.example/acme/api:1.4.2'}}
spec:
  template:
    spec:
      containers:
      - {env: [{name: TAG, value: 1.4.2}, {name: URL, value: 'https://registry.example/acme/api:1.4.2'}, {name: SAID, value: 'see registry.example/acme/api:1.4.2'}], image: registry.example/acme/api:1.4.2} # 1.4.2
      - image: registry.example/acme/api-worker:1.4.2
      - image: registry.example/acme/api
        args: ['--version=1.4.2']
";
    let new = moved("x.yaml", text, "registry.example/acme/api", "2.1.0");
    let at = "image: registry.example/acme/api:1.4.2}";
    assert_eq!(new, text.replace(at, &at.replace("1.4.2", "2.1.0")));
}

#[test]
fn a_tag_that_a_merge_gives_to_another_image_stays() {
    for (text, shared) in [
        (
            "base: &base {repository: acme/a, tag: 1.4.2}\nweb: {<<: *base, repository: acme/b}\n",
            2,
        ),
        (
            "base: &base\n  registry: r.example\n  tag: 1.4.2\nweb: {<<: [*base], repository: a}\napi: {<<: *base, repository: b}\n",
            2,
        ),
        (
            "base: &base {repository: acme/a, tag: 1.4.2}\nweb: {<<: *base, tag: 1.9.0}\n",
            0,
        ),
        (
            "base: &base {repository: acme/a, tag: 1.4.2}\nweb: {<<: *base, pullPolicy: Always}\n",
            0,
        ),
    ] {
        let read = format("values.yaml").read(text).unwrap();
        let is_shared = |it: &&Reference| it.stays() == Some(Unmoved::Shared);
        assert_eq!(read.iter().filter(is_shared).count(), shared, "{read:?}");
        assert!(!read.is_empty(), "{read:?}");
    }
    let read = format("values.yaml").read("a: &a {<<: *a, repository: acme/a, tag: 1.4.2}\n");
    assert!(read.is_ok_and(|it| it.len() == 1), "a merge of itself ends");
    let text = "x-api: &api {image: 'acme/api:1.4.2'}\nservices:\n  a: {<<: *api, ports: ['1']}\n  b: {<<: *api, image: 'acme/b:1.4.2'}\n";
    let new = moved("compose.yaml", text, "acme/api", "2.1.0");
    assert_eq!(new, text.replace("api:1.4.2", "api:2.1.0"));
}

#[test]
fn what_several_places_take_from_one_is_told_once_where_it_stands() {
    for (path, text, told) in [
        (
            "values.yaml",
            "base: &base {repository: acme/a, tag: 1.4.2}\nweb: {<<: *base, pullPolicy: Always}\njob: *base\n",
            "1 base image acme/a 1.4.2\n",
        ),
        (
            "compose.yaml",
            "x-api: &api acme/a:1.4.2\nservices: {a: {image: *api}, b: {image: *api}}\n",
            "1 x-api image acme/a 1.4.2\n",
        ),
        (
            "values.yaml",
            "a: {repository: acme/a, tag: &tag 1.4.2}\nb: {repository: acme/a, tag: *tag}\n",
            "1 a image acme/a 1.4.2\n",
        ),
        (
            "Dockerfile",
            "ARG BASE=acme/a:1.4.2\nFROM $BASE\nFROM ${BASE} AS x\n",
            "1 FROM image acme/a 1.4.2\n",
        ),
    ] {
        assert_eq!(super::told(path, text), told, "{text}");
        let new = moved(path, text, "acme/a", "2.1.0");
        assert_eq!(new, text.replace("1.4.2", "2.1.0"));
    }
}

#[test]
fn a_key_that_stands_twice_and_a_merge_of_git_are_errors() {
    let text = "image: {repository: a/b, tag: 1.4.2, tag: 1.9.0}\n";
    assert!(format("values.yaml").read(text).is_err());
    let text = "<<<<<<< HEAD\nFROM a/b:1.4.2\n=======\nFROM a/b:1.9.0\n>>>>>>> x\n";
    assert!(format("Dockerfile").read(text).is_err());
}

#[test]
fn names_are_taken_apart_as_registries_do() {
    for (image, name, version) in [
        (
            "localhost:5000/acme/api:1.4.2",
            "localhost:5000/acme/api",
            "1.4.2",
        ),
        (
            "registry.example:5000/acme/api",
            "registry.example:5000/acme/api",
            "",
        ),
        (
            "[fd00::1]:5000/acme/api:1.4.2",
            "[fd00::1]:5000/acme/api",
            "1.4.2",
        ),
        ("acme/api:${TAG:-1.4.2}", "acme/api", "1.4.2"),
        ("acme/api:${TAG:?which}", "acme/api", "${TAG:?which}"),
        (
            "${REGISTRY:-r.example}/acme/api:1.4.2",
            "r.example/acme/api",
            "1.4.2",
        ),
        (
            "${REGISTRY}/acme/api:1.4.2",
            "${REGISTRY}/acme/api",
            "1.4.2",
        ),
    ] {
        let text = format!("services: {{a: {{image: '{image}'}}}}\n");
        let read = format("compose.yaml").read(&text).unwrap();
        assert_eq!(
            (read[0].name.as_str(), read[0].version.as_str()),
            (name, version)
        );
        let moves = read[0].stays().is_none();
        assert_eq!(moves, version == "1.4.2" && !name.contains('$'), "{image}");
    }
}
