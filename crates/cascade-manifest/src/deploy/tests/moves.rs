//! Examples of moves: quotes, anchors, what holds a version, and what is refused.

use super::*;
use crate::deploy::How;

#[test]
fn what_yaml_would_read_as_another_type_is_quoted() {
    let text = "images:\n- {name: a, newTag: 1.9} # 1.9\n- {name: b, newTag: v1.9}\n- {name: c, newTag: '1.9'}\n- {name: d, newTag: &x 1.9.0}\n";
    for (name, to, new) in [
        (
            "a",
            "1.10",
            text.replace("newTag: 1.9}", "newTag: \"1.10\"}"),
        ),
        ("a", "2", text.replace("newTag: 1.9}", "newTag: \"2\"}")),
        (
            "a",
            "1.10.0",
            text.replace("newTag: 1.9}", "newTag: 1.10.0}"),
        ),
        (
            "b",
            "v1.10",
            text.replace("newTag: v1.9}", "newTag: v1.10}"),
        ),
        ("c", "1.10", text.replace("'1.9'", "'1.10'")),
        ("d", "1.10", text.replace("&x 1.9.0", "&x \"1.10\"")),
        ("a", "1.9", text.to_owned()),
    ] {
        assert_eq!(moved("kustomization.yaml", text, name, to), new);
    }
}

#[test]
fn what_can_not_stand_in_the_place_is_refused() {
    let text = "images: [{name: a, newTag: v1.4.2}]\n";
    let format = format("kustomization.yaml");
    let read = format.read(text).unwrap();
    for to in [
        "2.1.0",
        "v2.1.0-slim",
        "v2.1.0\nb: c",
        "latest",
        "",
        "v2.1.0 # x",
        "v^1",
    ] {
        let unfit = Err(Unmoved::Unfit(to.to_owned()));
        assert_eq!(Move::of(&read[0], to), unfit, "{to}");
        let span = read[0].span.clone().unwrap();
        let forced = Move {
            span,
            to: to.to_owned(),
            held: None,
            how: How::Version,
            together: false,
        };
        assert!(format.moved(text, &[forced]).is_err(), "{to}");
    }
    let nowhere = Move {
        span: 0..3,
        to: "v2.1.0".to_owned(),
        held: None,
        how: How::Version,
        together: false,
    };
    assert_eq!(
        format.moved(text, &[nowhere]),
        Err(MoveError::NoReference(0))
    );
}

#[test]
fn an_anchor_moves_where_all_that_it_stands_for_is_one_thing() {
    let text = "x-api: &api registry.example/acme/api:1.4.2\nservices:\n  a: {image: *api}\n  b: {image: *api}\n";
    let new = moved("compose.yaml", text, "registry.example/acme/api", "2.1.0");
    assert_eq!(new, text.replace("1.4.2", "2.1.0"));
    for text in [
        "a: {repository: acme/a, tag: &tag 1.4.2}\nb: {repository: acme/b, tag: *tag}\n",
        "a: {repository: acme/a, tag: &tag 1.4.2}\nlabel: *tag\n",
        "tag: &tag 1.4.2\na: {repository: acme/a, tag: *tag}\n",
    ] {
        let read = format("values.yaml").read(text).unwrap();
        let shared = |it: &Reference| it.unmoved() == Some(Unmoved::Shared);
        assert!(read.iter().all(shared) && !read.is_empty(), "{text}");
    }
}

#[test]
fn what_is_not_written_in_one_piece_stays() {
    let text =
        "image:\n  repository: acme/a\n  tag: \"1.4\\x2e2\"\nweb:\n  image: >-\n    acme/b:1.4.2\n";
    let read = format("values.yaml").read(text).unwrap();
    assert_eq!(read.len(), 2);
    for it in read {
        assert_eq!(it.unmoved(), Some(Unmoved::Spread), "{it:?}");
    }
}

const OLD: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const NEW: &str = "sha256:ababababababababababababababababababababababababababababababab00";
const COMMIT: &str = "fedcba9876543210fedcba9876543210fedcba98";

/// A digest without its algorithm.
fn bare(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap()
}

/// A digest or commit without its last digit.
fn shortened(text: &str) -> &str {
    let end = text.char_indices().next_back().unwrap().0;
    text.split_at(end).0
}

/// The text after its first reference moved together with what holds it.
fn held(path: &str, text: &str, to: &str, hold: &str) -> String {
    let read = format(path).read(text).unwrap();
    let reference = read.iter().find(|it| it.held.is_some()).unwrap();
    let moved = Move::held(reference, to, hold).unwrap_or_else(|e| panic!("{e}: {text}"));
    format(path).moved(text, &[moved]).unwrap()
}

#[test]
fn a_digest_moves_with_its_tag_and_alone() {
    for (path, text) in [
        ("compose.yaml", "services: {a: {image: 'a/b:1.4.2@OLD'}}\n"),
        (
            "x.yml",
            "apiVersion: v1\r\nkind: Pod\r\nspec:\r\n  containers:\r\n  - image: a/b:1.4.2@OLD # 1.4\r\n",
        ),
        (
            "values.yaml",
            "image:\n  repository: a/b\n  digest: OLD # the digest of 1.9.9\n  tag: 1.4.2\n",
        ),
        ("values.yaml", "image: {repository: a/b, tag: 1.4.2@OLD}\n"),
        (
            "values.yaml",
            "image: {repository: a/b, tag: 1.4.2}\nimageDigest: OLD\n",
        ),
        ("values.yaml", "image: a/b:1.4.2\nimageDigest: OLD\n"),
        (
            "values.yaml",
            "web: {image: 'a/b:1.4.2', digest: OLD, sha: 0a1b2c3}\n",
        ),
        (
            "x.yml",
            "apiVersion: x/v1\nkind: X\nspec: {image: {repository: a/b, tag: 1.4.2}, imageDigest: OLD}\n",
        ),
        (
            "compose.yaml",
            "services:\n  a:\n    image: ${IMAGE:-a/b:1.4.2@OLD} # ours\n",
        ),
        (
            "compose.yaml",
            "services:\n  a:\n    image: a/b:${TAG:-1.4.2@OLD}\n",
        ),
        (
            "kustomization.yaml",
            "images:\n- {name: a, newTag: '1.4.2', digest: OLD}\n",
        ),
        (
            "kustomization.yaml",
            "images:\n- name: a\n  digest: OLD # 1.4.2\n",
        ),
        (
            "kustomization.yaml",
            "images:\n- name: a\n  digest: OLD # renovate: tag=1.4.2 by hand\n",
        ),
        ("Dockerfile", "ARG TAG=1.4.2\nFROM a/b:${TAG}@OLD\n"),
        ("Dockerfile", "ARG BASE='a/b:1.4.2@OLD'\nFROM $BASE\n"),
        ("Dockerfile", "FROM a/b\nCOPY --from=a/b:1.4.2@OLD /a /b\n"),
        (
            ".github/workflows/x.yml",
            "jobs: {a: {container: 'a/b:1.4.2@OLD'}}\n",
        ),
    ] {
        let text = text.replace("OLD", OLD);
        let new = text.replace("1.4.2", "2.10.0").replace(OLD, NEW);
        assert_eq!(held(path, &text, "2.10.0", NEW), new);
        assert_eq!(held(path, &text, "1.4.2", OLD), text);
    }
    for (path, text) in [
        ("compose.yaml", "services: {a: {image: 'a/b@OLD'}}\n"),
        (
            "values.yaml",
            "image: {repository: a/b, tag: '', digest: \"OLD\"}\n",
        ),
        (
            "kustomization.yaml",
            "images:\n- name: a\n  digest: OLD # see issue 12\n",
        ),
        ("Dockerfile", "FROM a/b@OLD\n"),
    ] {
        let text = text.replace("OLD", OLD);
        assert_eq!(held(path, &text, "", NEW), text.replace(OLD, NEW));
    }
}

#[test]
fn a_digest_without_its_algorithm_stays_without() {
    for key in ["sha", "sha256"] {
        let text = format!(
            "image: {{repository: a/b, tag: 1.4.2, {key}: {}}}\n",
            bare(OLD)
        );
        let new = held("values.yaml", &text, "2.1.0", NEW);
        assert_eq!(
            new,
            text.replace("1.4.2", "2.1.0").replace(bare(OLD), bare(NEW))
        );
        let digits = "9".repeat(64);
        let new = held("values.yaml", &text, "2.1", &format!("sha256:{digits}"));
        assert!(
            new.contains("tag: \"2.1\"") && new.contains(&format!("{key}: \"{digits}\"")),
            "{new}"
        );
    }
}

#[test]
fn what_two_digests_hold_stays() {
    for text in [
        "image: {repository: a/b, tag: 1.4.2@OLD, digest: OLD}\n",
        "image: {repository: a/b, tag: 1.4.2, digest: OLD, sha256: OLD}\n",
        "image: {repository: a/b, tag: 1.4.2, digest: OLD}\nimageDigest: OLD\n",
        "image: a/b:1.4.2@OLD\nimageDigest: OLD\n",
    ] {
        let read = format("values.yaml").read(&text.replace("OLD", OLD));
        let read = read.unwrap();
        let stay: Vec<_> = read.iter().map(Reference::stays).collect();
        assert_eq!(stay, [Some(Unmoved::Twice)], "{text}");
        let forced = Move::held(&read[0], "2.1.0", NEW);
        assert_eq!(forced, Err(Unmoved::Twice), "{text}");
    }
}

#[test]
fn a_commit_moves_with_the_version_behind_it_and_alone() {
    let steps = "jobs:\n  a:\n    steps:\n";
    for (path, text) in [
        (
            "x.yml",
            "    - uses: a/b@OLD # v1.4.2\n    - uses: a/c@SHA # v1.9.2\n",
        ),
        (
            "x.yml",
            "    - {uses: \"a/b@OLD\"}   # tag=v1.4.2, by hand\r\n",
        ),
        ("x.yml", "    - {uses: 'a/b@OLD' } # ratchet:a/b@v1.4.2\r\n"),
        (
            "x.yml",
            "    - uses: a/b/.github/workflows/c.yml@OLD #v1.4.2",
        ),
        (
            ".pre-commit-config.yaml",
            "repos:\n- repo: https://git.example/a/b\n  rev: OLD  # frozen: v1.4.2\n",
        ),
        (
            "main.tf",
            "module \"a\" {\n  source = \"git::https://git.example/a?ref=OLD\" # v1.4.2\n}\n",
        ),
        (
            "main.tf",
            "module \"a\" {\n  source = \"git::https://git.example/a?ref=OLD\" // v1.4.2\n}\n",
        ),
    ] {
        let is_step = path == "x.yml";
        let path = if is_step {
            ".github/workflows/x.yml"
        } else {
            path
        };
        let text = if is_step {
            format!("{steps}{text}")
        } else {
            text.to_owned()
        };
        let (old, new) = (text.replace("OLD", SHA), text.replace("OLD", COMMIT));
        let new = new.replace("v1.4.2", "v2.1.0");
        assert_eq!(held(path, &old, "v2.1.0", COMMIT), new);
    }
    let alone = format!("jobs: {{a: {{uses: a/b/x.yml@{SHA}}}}}\n");
    let new = held(".github/workflows/x.yml", &alone, "", COMMIT);
    assert_eq!(new, alone.replace(SHA, COMMIT));
}

#[test]
fn a_tag_behind_a_commit_moves_where_its_spelling_is_known() {
    let job = |commit: &str, tag: &str| {
        format!("jobs:\n  x:\n    steps:\n    - uses: a/b/net@{commit} # {tag} ours\n")
    };
    let path = ".github/workflows/x.yml";
    for (old, new) in [("net-v1.4.2", "net-v2.1.0"), ("net/1.4.2", "net/2.1.0")] {
        let text = job(SHA, old);
        let read = format(path).read(&text).unwrap();
        assert!(
            read[0].is_told_by_tag() && read[0].version == old,
            "{read:?}"
        );
        assert_eq!(held(path, &text, new, COMMIT), job(COMMIT, new));
        assert_eq!(held(path, &text, "", COMMIT), job(COMMIT, old));
        assert!(Move::held(&read[0], "a b", COMMIT).is_err());
    }
    for other in ["net", "issue-12", "net-v1", "main"] {
        let text = job(SHA, other);
        let read = format(path).read(&text).unwrap();
        assert_eq!(read[0].version, "", "{other}");
        assert_eq!(held(path, &text, "", COMMIT), job(COMMIT, other));
    }
}

#[test]
fn a_comment_that_may_be_none_is_not_edited_and_no_lie_is_left_behind() {
    for steps in [
        "[{uses: a/b@SHA, name: c}] # v1.4.2",
        "[{uses: a/b@SHA, name: '# v1.4.2 '}]",
        "[{uses: a/b@SHA}, {uses: a/c@SHA}] # v1.4.2",
    ] {
        let text = format!("jobs: {{a: {{steps: {steps}\n}}}}\n").replace("SHA", SHA);
        let read = format(".github/workflows/x.yml").read(&text).unwrap();
        assert_eq!(read[0].stays(), Some(Unmoved::Spread), "{read:?}");
    }
}

#[test]
fn a_digest_moves_where_all_that_it_stands_for_is_one_thing() {
    let text =
        format!("x-a: &a a/b:1.4.2@{OLD}\nservices:\n  a: {{image: *a}}\n  b: {{image: *a}}\n");
    let new = held("compose.yaml", &text, "2.1.0", NEW);
    assert_eq!(new, text.replace("1.4.2", "2.1.0").replace(OLD, NEW));
    for text in [
        "a: {repository: acme/a, tag: 1.4.2, digest: &d OLD}\nb: {repository: acme/b, tag: 1.4.2, digest: *d}\n",
        "a: {repository: acme/a, tag: 1.4.2, digest: &d OLD}\nlabel: *d\n",
        "a: {repository: acme/a, digest: &d OLD}\nb: {repository: acme/a, tag: 1.4.2, digest: *d}\n",
        "a: {repository: acme/a, tag: &t 1.4.2, digest: OLD}\nb: {repository: acme/a, tag: *t, digest: NEW}\n",
        "a: {repository: acme/a, tag: &t 1.4.2, digest: OLD}\nb: {repository: acme/a, tag: *t}\n",
    ] {
        let text = text.replace("OLD", OLD).replace("NEW", NEW);
        let read = format("values.yaml").read(&text).unwrap();
        let shared = |it: &Reference| it.stays() == Some(Unmoved::Shared);
        assert!(read.iter().all(shared) && !read.is_empty(), "{text}");
    }
}

#[test]
fn a_hold_that_is_not_known_stays() {
    for (text, why) in [
        (
            "a: {repository: acme/a, tag: 1.4.2, sha: 0a1b2c3}\n",
            Unmoved::OddDigest,
        ),
        (
            "a: {repository: acme/a, tag: 1.4.2, digest: 'md5:aa'}\n",
            Unmoved::OddDigest,
        ),
        (
            "a: {repository: acme/a, tag: 1.4.2, digest: 'sha256:'}\n",
            Unmoved::OddDigest,
        ),
        (
            "a: {repository: acme/a, tag: 1.4.2, digest: latest}\n",
            Unmoved::OddDigest,
        ),
        (
            "a: {repository: acme/a, digest: '${DIGEST}'}\n",
            Unmoved::OddDigest,
        ),
        (
            "a: {repository: '${NAME}', digest: 'sha256:aa'}\n",
            Unmoved::Unversioned,
        ),
        (
            "a: {repository: acme/a, tag: main, digest: 'sha256:aa'}\n",
            Unmoved::Unversioned,
        ),
        (
            "a: {repository: acme/a, tag: 1.4.2.7, digest: 'sha256:aa'}\n",
            Unmoved::Shape,
        ),
        (
            "a: {repository: acme/a, tag: 1.4.2, digest: \"sha256:\\x61a\"}\n",
            Unmoved::Spread,
        ),
        (
            "a: {repository: acme/a, tag: \"1.4\\x2e2\", digest: 'sha256:aa'}\n",
            Unmoved::Spread,
        ),
        (
            "a:\n  repository: acme/a\n  digest: >-\n    sha256:aa\n",
            Unmoved::Spread,
        ),
    ] {
        let read = format("values.yaml").read(text).unwrap();
        assert_eq!(read[0].stays(), Some(why.clone()), "{text}");
        assert_eq!(Move::held(&read[0], "2.1.0", NEW), Err(why), "{text}");
    }
}

#[test]
fn a_hold_of_another_kind_can_not_stand_there() {
    let text = format!("image: {{repository: a/b, tag: 1.4.2, digest: '{OLD}'}}\n");
    let read = format("values.yaml").read(&text).unwrap();
    for odd in [
        SHA,
        bare(OLD),
        shortened(OLD),
        "sha256:",
        "",
        "sha512:ab",
        "sha256:'",
    ] {
        assert_eq!(
            Move::held(&read[0], "2.1.0", odd),
            Err(Unmoved::Unfit(odd.to_owned()))
        );
    }
    let workflow = format!("jobs: {{a: {{uses: a/b/x.yml@{SHA}}}}}\n");
    let read = format(".github/workflows/x.yml").read(&workflow).unwrap();
    for odd in [OLD, "v1.4.2", shortened(SHA), ""] {
        assert!(Move::held(&read[0], "", odd).is_err(), "{odd}");
    }
}
