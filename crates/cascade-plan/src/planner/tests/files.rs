//! Files beside the manifests: declared sites, the changelog, programs.

use super::*;
use crate::Wanted;

#[test]
fn declared_sites_move_and_keep_their_v() {
    let sample = Sample::new(&[("a", ""), ("ops", "a")])
        .declare("[repo.ops]\n", "[[repo.ops.site]]\nfile = \"app.yaml\"\nregex = 'image: x/a:(?P<version>\\S+)'\nupstream = \"a\"\nkind = \"image\"\n\n[repo.ops]\n")
        .file("a", "Cargo.toml", &cargo("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("ops", "app.yaml", "image: x/a:v1.0.0 # 1.0.0\n");
    let mut after = sample.clone();
    after.apply(&bump(&sample, &["a=minor"]));
    assert_eq!(after.text("ops", "app.yaml"), "image: x/a:v1.1.0 # 1.0.0\n");
}

/// `a` 1.0.0, and `ops`, where this stands under a declared key.
fn keyed(file: &str, key: &str, text: &str) -> Sample {
    let site = format!(
        "[[repo.ops.site]]\nfile = \"{file}\"\nkey = '{key}'\nupstream = \"a\"\n\n[repo.ops]\n"
    );
    Sample::new(&[("a", ""), ("ops", "a")])
        .declare("[repo.ops]\n", &site)
        .file("a", "Cargo.toml", &cargo("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("ops", file, text)
}

#[test]
fn what_stands_under_a_key_moves_in_its_own_spelling() {
    for (file, key, text, moved) in [
        (
            "app.yaml",
            "image.tag",
            "image: {tag: v1.0.0} # v1.0.0\n",
            "image: {tag: v2.0.0} # v1.0.0\n",
        ),
        ("app.yaml", "tag", "tag: '1.0'\n", "tag: '2.0'\n"),
        (
            "app.yaml",
            "tag",
            "tag: 1.0.0\nlog: 1.0.0\n",
            "tag: 2.0.0\nlog: 1.0.0\n",
        ),
        ("app.yaml", "tag", "tag: v1\n", "tag: v2\n"),
        (
            "a.tfvars",
            "tag",
            "tag = \"1.0.0\"\nx = 1\n",
            "tag = \"2.0.0\"\nx = 1\n",
        ),
        (
            "a.json",
            "a[1].v",
            "{\"a\": [0, {\"v\": \"1.0.0\"}]}",
            "{\"a\": [0, {\"v\": \"2.0.0\"}]}",
        ),
    ] {
        let sample = keyed(file, key, text);
        let mut after = sample.clone();
        after.apply(&bump(&sample, &["a=major"]));
        assert_eq!(after.text("ops", file), moved);
        let again = bump(&after, &["a=major"]);
        assert!(changed(&again).is_empty(), "{moved}");
    }
}

#[test]
fn what_can_not_move_under_a_key_says_why() {
    let digest = format!("tag: 1.0.0@sha256:{}\n", "ab".repeat(32));
    for (text, words) in [
        ("tag: 1.0.0-slim\n", "it names a variant"),
        ("tag: 1.0.0.7\n", "its shape is not known"),
        ("tag: latest\n", "names no version"),
        (&*digest, "held by a digest"),
    ] {
        let sample = keyed("app.yaml", "tag", text);
        let plan = bump(&sample, &["a=major"]);
        let told = format!("{:?}", plan.steps);
        assert!(told.contains(words), "{text}: {told}");
        let mut after = sample.clone();
        after.apply(&plan);
        assert_eq!(after.text("ops", "app.yaml"), text);
    }
    for (text, words) in [
        ("other: 1.0.0\n", "nothing stands under `tag`"),
        (
            "tag: 1.0.0\n---\ntag: 1.0.0\n",
            "more than one thing stands under `tag`",
        ),
        ("tag: {a: b}\n", "is no version but a list"),
        ("tag: [\n", "it can not be read"),
    ] {
        let survey = keyed("app.yaml", "tag", text).survey();
        let findings = &survey.repos[&RepoId::new("ops")].findings;
        let missing = findings
            .iter()
            .find(|it| it.code.0 == "site-missing")
            .expect(text);
        assert!(missing.what.contains(words), "{}", missing.what);
        let mend = missing.mend.as_deref().unwrap_or_default();
        assert!(mend.contains("`key`"), "{mend}");
    }
}

#[test]
fn a_number_of_hcl_under_a_key_is_told_by_what_it_lacks() {
    let text = "variable \"tag\" {\n  default = 1.0\n}\n";
    let survey = keyed("app.tf", "tag", text).survey();
    let findings = &survey.repos[&RepoId::new("ops")].findings;
    let told = findings.iter().find(|it| it.code.0 == "site-missing");
    let what = &told.expect("told").what;
    assert!(
        what.ends_with("a version that is a number has to be in quotes"),
        "{what}"
    );
    // A number of YAML moves, and is quoted where the new version would be another type.
    let sample = keyed("app.yaml", "tag", "tag: 1.0\n");
    let mut after = sample.clone();
    after.apply(&bump(&sample, &["a=minor"]));
    assert_eq!(after.text("ops", "app.yaml"), "tag: \"1.1\"\n");
}

#[test]
fn a_range_under_a_key_moves_only_where_it_does_not_admit_the_version() {
    for (text, to, moved) in [
        (
            "version: ^1.0.0 # ours\n",
            "a=major",
            "version: ^2.0.0 # ours\n",
        ),
        ("version: '~1.0'\n", "a=minor", "version: '~1.1'\n"),
        ("version: ^1.0.0\n", "a=minor", "version: ^1.0.0\n"),
    ] {
        let sample =
            keyed("app.yaml", "version", text).declare("upstream", "kind = \"chart\"\nupstream");
        let mut after = sample.clone();
        after.apply(&bump(&sample, &[to]));
        assert_eq!(after.text("ops", "app.yaml"), moved);
    }
}

#[test]
fn a_digest_under_a_key_is_asked_for_of_the_only_image() {
    let old = format!("sha256:{}", "ab".repeat(32));
    for (text, tags) in [
        (format!("tag: v1.0.0@{old}\n"), vec!["v2.0.0"]),
        (format!("tag: {old}\n"), vec!["2.0.0", "v2.0.0"]),
    ] {
        let sample = |images: &str| {
            let images = format!("[repo.a]\nimages = [{images}]\n");
            keyed("app.yaml", "tag", &text)
                .declare("[repo.a]\n", &images)
                .commit("a", "feat: more")
        };
        let plan = release(&sample("'registry.example/a'"), &["a=major"]);
        let ops = step(&plan, "ops");
        let [asked] = &ops.resolves().collect::<Vec<_>>()[..] else {
            unreachable!("one is asked for: {ops:?}");
        };
        let wanted = Wanted::Digest {
            image: "registry.example/a".to_owned(),
            tags: tags.into_iter().map(str::to_owned).collect(),
        };
        assert_eq!((&asked.what, asked.path.as_str()), (&wanted, "app.yaml"));
        let new = format!("sha256:{}", "cd".repeat(32));
        let filled = ops.filled(&[Some(new.clone())]).unwrap();
        let after = filled.actions.iter().find_map(|it| match it {
            Action::Write { after, .. } => Some(after.clone()),
            _ => None,
        });
        let expected = text.replace("v1.0.0", "v2.0.0").replace(&old, &new);
        assert_eq!(after, Some(expected));
        let plan = release(
            &sample("'registry.example/a', 'registry.example/b'"),
            &["a=major"],
        );
        let held = step(&plan, "ops").held.as_ref().expect("held");
        let why = "nothing says where its digest is asked for: `a` does not declare one image, so write \
                   the whole image under the key (`HOST/NAME:1.4.2@sha256:...`)";
        assert!(held.why.ends_with(why), "{held:?}");
    }
}

/// A declared place in a file that is read anyway: one write, and no byte twice.
#[test]
fn a_key_beside_what_is_read_is_one_write() {
    let text = "images:\n- {name: registry.example/a, newTag: 1.0.0}\nother: v1.0\n";
    let file = "kustomization.yaml";
    for key in ["other", "images[0].newTag"] {
        let sample = keyed(file, key, text).declare(
            "[repo.a]\n",
            "[repo.a]\nimages = [\"registry.example/a\"]\n",
        );
        let plan = bump(&sample, &["a=major"]);
        let writes = step(&plan, "ops").actions.iter();
        let writes = writes
            .filter(|it| matches!(it, Action::Write { .. }))
            .count();
        assert_eq!(writes, 1, "{key}");
        let mut after = sample.clone();
        after.apply(&plan);
        let mut expected = text.replace("1.0.0", "2.0.0");
        if key == "other" {
            expected = expected.replace("v1.0", "v2.0");
        }
        assert_eq!(after.text("ops", file), expected);
    }
}

#[test]
fn the_changelog_gets_its_version_once() {
    let log = "# Changelog\n\n## [Unreleased]\n\n- frames\n\n## [1.2.0] - 2020-01-01\n\n- all\n";
    let mut sample = family().file("core", "CHANGELOG.md", log);
    sample.apply(&bump(&sample, &["core=minor"]));
    let text = sample.text("core", "CHANGELOG.md").to_owned();
    assert!(text.contains("## [1.3.0] - 2026-11-21"), "{text}");
    assert!(changed(&bump(&sample, &["core=minor"])).is_empty());
}

#[test]
fn a_program_is_read_and_never_edited() {
    let program = "setup(name='b', version='1.0.0', install_requires=['a==1.0.0'])\n";
    let sample = Sample::new(&[("a", ""), ("b", "a")])
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .tag("a", "v1.0.0")
        .file("b", "setup.py", program)
        .tag("b", "v1.0.0");
    let plan = bump(&sample, &["a=minor"]);
    let step = step(&plan, "b");
    let fates: Vec<_> = step.pins.iter().map(|it| &it.fate).collect();
    let [PinFate::Refused(why)] = fates.as_slice() else {
        panic!("{fates:?}")
    };
    for word in ["is a program", "`pyproject.toml`", "`site`"] {
        assert!(why.contains(word), "{why}");
    }
    let mut after = sample.clone();
    after.apply(&plan);
    assert_eq!(after.text("b", "setup.py"), program);
    let own = bump(&sample, &["b=minor"]);
    after.apply(&own);
    assert_eq!(after.text("b", "setup.py"), program);
    let held = format!("{:?}", own.steps);
    assert!(held.contains("is a program"), "{held}");
}

const COPIES: &str = "\
[[repo.a.site]]
file = \"src/a/__init__.py\"
regex = '^__version__ = \"(?P<version>[^\"]+)\"'
upstream = \"a\"

[[repo.a.site]]
file = \"server.json\"
regex = '\"version\": \"(?P<version>[^\"]+)\"'
upstream = \"a\"
count = 2

";

#[test]
fn static_copies_of_the_own_version_move_with_it() {
    let server = "{\n  \"version\": \"1.0.0\",\n  \"packages\": [{ \"version\": \"1.0.0\" }]\n}\n";
    let mut sample = Sample::new(&[("a", "")])
        .declare("[repo.a]\n", &format!("{COPIES}[repo.a]\n"))
        .file("a", "pyproject.toml", &python("a", "1.0.0", ""))
        .file(
            "a",
            "src/a/__init__.py",
            "__version__ = \"1.0.0\"  # 1.0.0\n",
        )
        .file("a", "server.json", server)
        .tag("a", "v1.0.0")
        .commit("a", "feat: x");
    sample.apply(&release(&sample, &["a"]));
    assert_eq!(sample.text("a", "pyproject.toml"), python("a", "1.1.0", ""));
    assert_eq!(
        sample.text("a", "src/a/__init__.py"),
        "__version__ = \"1.1.0\"  # 1.0.0\n"
    );
    assert_eq!(
        sample.text("a", "server.json"),
        server.replace("1.0.0", "1.1.0")
    );
    sample.apply(&bump(&sample, &["a=2.0.0"]));
    assert!(sample.text("a", "server.json").contains("2.0.0"));
}
