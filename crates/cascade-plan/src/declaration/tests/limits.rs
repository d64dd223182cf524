//! What is refused: paths, remotes, templates, names, sizes.

use super::*;

#[test]
fn a_path_stays_inside() {
    for (path, why) in [
        ("/etc", "is absolute"),
        ("..", "leaves its folder"),
        ("a/../../b", "leaves its folder"),
        ("a/..", "leaves its folder"),
        ("~/a", "starts with `~`"),
        ("a\\\\b", "holds a backslash"),
        ("a\\u0000b", "holds a control character"),
        ("C:/a", "is absolute"),
        ("a/.git/b", "goes through `.git`"),
        (".GIT", "goes through `.git`"),
        ("a/nul", "names a device of Windows"),
        ("com1.txt", "names a device of Windows"),
        ("", "the path is empty"),
    ] {
        for rest in [
            format!("[repo.c]\npath = \"{path}\""),
            format!("[repo.c]\npackages = [{{ name = 'x', manifest = \"{path}\" }}]"),
            format!("[[repo.c.site]]\nfile = \"{path}\"\nregex = '(?<version>x)'\nupstream = 'a'"),
        ] {
            let told = refused(&rest);
            assert_eq!(told.len(), 1, "{rest}: {told:?}");
            assert!(told[0].contains(why), "{rest}: {told:?}");
        }
    }
    assert_eq!(one("path = './a//b/.'").path, "a/b");
    assert_eq!(one("path = '.'").path, ".");
    assert_eq!(one("path = '.gitops/command'").path, ".gitops/command");
    assert!(told("[workspace]\nname='w'\nroot='a/..'")[0].contains("leaves"));
    assert!(told("[workspace]\nname='w'\nroot='/'")[0].contains("absolute"));
    assert!(refused("[repo.nul]")[0].contains("device"));
}

#[test]
fn two_repositories_never_share_a_path() {
    insta::assert_snapshot!(refused("[repo.c]\npath = './a/'").join("\n"), @r###"
3: `a` and `c` have one path, `a` [3: here first `a`] [6: and here again `'./a/'`] (give one of them another `path`, or leave it out)
"###);
}

#[test]
fn a_remote_is_one_that_git_may_be_given() {
    for fine in [
        "https://host.example/a.git",
        "https://git@host.example/a.git",
        "ssh://git@host.example:22/a.git",
        "ssh://alice@host.example/a",
        "git@host.example:a/b.git",
        "host.example:a/b.git",
        "file:///srv/a.git",
        "/srv/a.git",
        "../origins/a.git",
        "./a@b:c",
        "http://localhost:8080/a",
        "http://127.0.0.1/a",
        "http://[::1]:80/a",
    ] {
        assert_eq!(
            one(&format!("remote = '{fine}'")).remote.as_deref(),
            Some(fine)
        );
    }
    for (bad, why) in [
        ("--upload-pack=x", "starts with `-`"),
        ("ext::sh -c x", "space"),
        ("ext::sh", "transport helper"),
        ("git://host.example/a", "scheme"),
        ("ftp://host.example/a", "scheme"),
        ("http://host.example/a", "not encrypted"),
        ("http://localhost.evil.example/a", "not encrypted"),
        ("https:///a", "names no host"),
        ("ssh://-oProxyCommand=x/a", "host starts with `-`"),
        ("-host:a", "starts with `-`"),
        ("git@-host:a", "starts with `-`"),
        ("", "empty"),
    ] {
        let told = refused(&format!("[repo.c]\nremote = '{bad}'"));
        assert_eq!(told.len(), 1, "{bad}: {told:?}");
        assert!(told[0].contains(why), "{bad}: {told:?}");
    }
}

#[test]
fn a_secret_in_a_remote_is_refused_and_never_repeated() {
    for bad in [
        "https://alice:s3cret@host.example/a",
        "https://s3cret@host.example/a",
        "ssh://git:s3cret@host.example/a",
        "git:s3cret@host.example:a",
        "https://host.example/a?access_token=s3cret",
        "https://host.example/a?private-key=s3cret&x=1",
    ] {
        let text = file(&format!("[repo.c]\nremote = '{bad}'\nneds = []"));
        let errors = declare(&text).expect_err("refused");
        let held = &errors.errors()[0];
        assert_eq!(held.message, "the remote holds credentials", "{bad}");
        assert!(!held.help.clone().unwrap_or_default().contains("s3cret"));
        let source = errors.source_code().expect("a masked text");
        let span = (0, text.len()).into();
        let shown = source.read_span(&span, 0, 0).expect("all of it");
        let shown = String::from_utf8_lossy(shown.data()).into_owned();
        assert_eq!(shown.len(), text.len(), "carets stay where they are");
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("neds"));
    }
    let clean = declare(&file("x = 1")).expect_err("refused");
    assert!(clean.source_code().is_none());
}

#[test]
fn templates_that_could_claim_one_tag_are_refused() {
    insta::assert_snapshot!(refused("[repo.c]\ntag = 'v{version}'\npackages = [{ name = 'one', tag = 'v1-{version}' }, { name = 'two' }]").join("\n"), @r###"
6: one tag could be both `v{version}` and `v1-{version}` [6: `v{version}` `'v{version}'`] [7: `v1-{version}` `{ name = 'one', tag = 'v1-{version}' }`] (give both the same template, or prefixes of which none starts the other and a digit)
"###);
    insta::assert_snapshot!(refused("[repo.c]\ntag = 'v'\n[repo.d]\npackages = [{ name = 'x', tag = 'v {version}' }]").join("\n"), @r###"
6: a tag template contains `{version}` exactly once [6: here `'v'`] (write something like `v{version}` or `{name}-v{version}`)
8: ` ` can not stand in a tag [8: here `'v {version}'`] (write something like `v{version}` or `{name}-v{version}`)
"###);
    let fine = one(
        "tag = '{name}-{version}'\npackages = [{ name = 'tower' }, { name = 'tower-layer' }, { name = 'x', tag = 'v{version}' }]",
    );
    assert_eq!(fine.packages.len(), 3);
    let same =
        one("packages = [{ name = 'x', tag = 'v{version}' }, { name = 'y', tag = 'v{version}' }]");
    assert_eq!(same.packages.len(), 2);
}

#[test]
fn packages_are_told_apart() {
    insta::assert_snapshot!(refused("[repo.c]\npackages = [{ name = 'x' }, { name = 'x', ecosystem = 'npm' }, { name = 'y', ecosystem = 'pyhton' }, { name = ' ' }]").join("\n"), @r###"
6: package `x` is declared twice [6: here first `{ name = 'x' }`] [6: and here again `{ name = 'x', ecosystem = 'npm' }`] (leave one out, or tell them apart by `ecosystem` or `manifest`)
6: `pyhton` is no ecosystem that cascade knows [6: here `'pyhton'`] (did you mean `python`?)
6: a package's name is empty or holds a space [6: here `' '`] (-)
"###);
    let two =
        one("packages = [{ name = 'x', ecosystem = 'npm' }, { name = 'x', ecosystem = 'python' }]");
    assert_eq!(two.packages.len(), 2);
}

#[test]
fn an_expression_has_one_version_group_and_a_size() {
    for (regex, why) in [
        ("(", "unclosed group"),
        ("x", "no group named `version`"),
        ("(?P<version>x)(?P<version>y)", "duplicate"),
        ("(?P<version>(\\\\w{900}){900})", "size limit"),
        ("(x)", "no group named `version`"),
    ] {
        let told = refused(&format!(
            "[[repo.c.site]]\nfile = 'f'\nregex = \"{regex}\"\nupstream = 'a'\ncount = 0"
        ));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains(why), "{told:?}");
        assert!(told[1].contains("matches once at least"));
    }
}

#[test]
fn odd_names_and_branches_are_refused() {
    for name in ["-x", ".x", "a b", "a/b", "ä", ""] {
        assert!(refused(&format!("[repo.'{name}']"))[0].contains("can not be a repository's name"));
    }
    for branch in ["-x", "a b", "a..b", "a/", "{a", ""] {
        assert_eq!(
            refused(&format!("[repo.c]\nbranch = ['{branch}']")).len(),
            1,
            "{branch}"
        );
    }
    assert_eq!(one("branch = 'release/*'").branch.0, ["release/*"]);
}

#[test]
fn a_huge_broken_file_is_judged_and_its_first_errors_told() {
    let mut text = "[workspace]\nname = 'w'\n".to_owned();
    for n in 0..5_000 {
        text.push_str("[repo.repository-");
        text.extend([
            n.to_string().as_str(),
            "]\nneeds = ['nobody-",
            &n.to_string(),
            "', 'nobody']\n",
        ]);
    }
    let errors = declare(&text).expect_err("refused");
    assert_eq!(errors.errors().len(), 100);
    assert_eq!(
        errors.to_string(),
        "10000 things are wrong, the first 100 of them"
    );
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    let deep = format!("x = {}{}", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(told(&deep).len(), 1);
}

#[test]
fn nesting_without_measure_is_refused_and_not_a_stack_overflow() {
    let dots = format!("[a{}]\n", ".a".repeat(200_000));
    let keys = format!("a{} = 1\n", ".a".repeat(200_000));
    let arrays = "a = ".to_owned() + &"[".repeat(200_000);
    let tables = "a = ".to_owned() + &"{a=".repeat(200_000);
    for text in [dots, keys, arrays, tables] {
        let errors = declare(&text).unwrap_err();
        assert!(errors.errors().iter().any(|it| !it.labels.is_empty()));
    }
    let large = declare(&"# x\n".repeat(300_000)).unwrap_err().errors()[0].to_string();
    assert!(
        large.contains("more than the 1 MiB that a `workspace.toml` may have"),
        "{large}"
    );
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC{0,60}") {
        let _ = declare(&text).map_err(|it| it.to_string());
    }

    #[test]
    fn no_broken_file_breaks_it(at in 0_usize..400, with in "\\PC{0,4}") {
        let whole = file("[repo.c]\nneeds = ['a', { repo = 'b', level = 'match' }]\nremote = 'https://u:p@h/x'\nbranch = ['x']\npackages = [{ name = 'x', tag = 'v{version}' }]\n[[repo.c.site]]\nfile = 'f'\nregex = '(?<version>x)'\nupstream = 'a'\n");
        let at = at.min(whole.len());
        let (Some(before), Some(after)) = (whole.get(..at), whole.get(at + 1..)) else {
            return Ok(());
        };
        let text = format!("{before}{with}{after}");
        if let Err(errors) = declare(&text) {
            for label in errors.errors().iter().flat_map(|it| &it.labels) {
                prop_assert!(label.offset() + label.len() <= text.len());
            }
        }
    }
}
