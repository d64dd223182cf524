use miette::Diagnostic as _;
use proptest::prelude::*;

use super::*;

/// What a text is refused for: `line: message [label `text under the caret`] (help)`.
fn told(text: &str) -> Vec<String> {
    let errors = declare(text).expect_err("it is refused");
    errors.errors().iter().map(|it| shown(text, it)).collect()
}

fn shown(text: &str, error: &DeclareError) -> String {
    let mut out = String::new();
    let mut line = 0;
    for label in &error.labels {
        let under = part(text, &(label.offset()..label.offset() + label.len()));
        let at = cascade_manifest::line_of(text, label.offset());
        line = if line == 0 { at } else { line };
        let what = label.label().unwrap_or_default();
        out.push_str(" [");
        out.extend([at.to_string().as_str(), ": ", what, " `", under, "`]"]);
    }
    let help = error.help.as_deref().unwrap_or("-");
    format!("{line}: {}{out} ({help})", error.message)
}

fn part<'a>(text: &'a str, at: &Range<usize>) -> &'a str {
    text.get(at.clone()).expect("a part of the text")
}

/// A file with this below `[workspace]` and `[repo.a]`, `[repo.b]` above it.
fn file(rest: &str) -> String {
    format!("[workspace]\nname = \"w\"\n[repo.a]\n[repo.b]\n{rest}")
}

fn refused(rest: &str) -> Vec<String> {
    told(&file(rest))
}

fn one(rest: &str) -> RepoDeclaration {
    let text = file(&format!("[repo.x]\n{rest}"));
    let mut declared = declare(&text).unwrap_or_else(|it| panic!("{rest}: {:?}", it.errors()));
    declared.repos.remove(&RepoId::new("x")).expect("declared")
}

#[test]
fn a_whole_file_is_read() {
    let text = r#"
[workspace]
name = "family"
root = ".."
tag = "{version}"
branch = "main"
release = "manual"

[repo."core.js"]
path = "./clones/core.js/"
remote = "git@host.example:family/core.js.git"
branch = ["main", "hotfix/*"]
release = "pull-request"
tag-format = "pep440"
images = ["registry.example/core"]
charts = ["core"]
modules = ["family/core"]
checks = [["cargo", "test"], ["true"]]
packages = [
  { name = "@family/core", ecosystem = "npm", manifest = "js/package.json", tag = "js-v{version}" },
  { name = "core", version-source = "vcs", publish = false, tag-format = "semver" },
]

[repo.app]
needs = ["core.js", { repo = "base", order-only = true, policy = "exact", level = "match", commit-type = "build" }]

[[repo.app.site]]
file = "deploy.yaml"
regex = 'image: core:(?P<version>\S+)'
upstream = "core.js/@family/core"
count = 2

[repo.base]
"#;
    let declared = declare(text).expect("declared");
    assert_eq!(
        (declared.name.as_str(), declared.root.as_str()),
        ("family", "..")
    );
    let core = &declared.repos[&RepoId::new("core.js")];
    assert_eq!(core.path, "clones/core.js");
    assert_eq!(core.branch.0, ["main", "hotfix/*"]);
    assert_eq!(core.mode, ReleaseMode::PullRequest);
    assert_eq!(core.tag.as_ref().map(TagTemplate::text), Some("{version}"));
    assert_eq!(core.tag_format, TagFormat::Pep440);
    assert_eq!(core.checks, [vec!["cargo", "test"], vec!["true"]]);
    assert_eq!(part(text, &core.at), "\"core.js\"");
    let [npm, other] = core.packages.as_slice() else {
        panic!("two packages")
    };
    assert_eq!(npm.ecosystem.as_deref(), Some("npm"));
    assert_eq!(npm.manifest.as_deref(), Some("js/package.json"));
    assert_eq!(
        npm.tag.as_ref().map(TagTemplate::text),
        Some("js-v{version}")
    );
    assert_eq!(other.version_source, Some(VersionSource::Vcs));
    assert_eq!(other.publish, Some(false));
    assert_eq!(other.tag_format, Some(TagFormat::Semver));
    assert!(part(text, &npm.at).starts_with("{ name = \"@family/core\""));
    let app = &declared.repos[&RepoId::new("app")];
    assert_eq!((app.path.as_str(), app.mode), ("app", ReleaseMode::Manual));
    assert_eq!(app.branch, Branches(vec!["main".to_owned()]));
    let [plain, full] = app.needs.as_slice() else {
        panic!("two needs")
    };
    assert_eq!(part(text, &plain.at), "\"core.js\"");
    assert_eq!(
        (plain.policy, plain.level),
        (EdgePolicy::Auto, EdgeLevel::Patch)
    );
    assert_eq!(
        (plain.commit_type.as_str(), plain.order_only),
        ("fix", false)
    );
    assert_eq!(
        (full.policy, full.level),
        (EdgePolicy::Exact, EdgeLevel::Match)
    );
    assert_eq!(
        (full.commit_type.as_str(), full.order_only),
        ("build", true)
    );
    let [site] = app.sites.as_slice() else {
        panic!("one site")
    };
    let upstream = (RepoId::new("core.js"), Some("@family/core".to_owned()));
    assert_eq!((&site.upstream, site.count), (&upstream, 2));
    assert_eq!(site.kind, Kind::Image);
}

#[test]
fn what_is_not_said_has_its_default() {
    let declared = declare("[workspace]\nname = 'w'\n[repo.a]").expect("declared");
    let repo = &declared.repos[&RepoId::new("a")];
    assert_eq!((declared.root.as_str(), repo.path.as_str()), (".", "a"));
    assert_eq!(
        (repo.mode, repo.tag_format),
        (ReleaseMode::Tag, TagFormat::Semver)
    );
    assert_eq!((&repo.tag, &repo.branch), (&None, &Branches(Vec::new())));
}

#[test]
fn everything_wrong_is_told_at_once() {
    insta::assert_snapshot!(refused("[repo.c]\nneed = ['a']\nneeds = ['aa', 3]\nremote = 1\nrelease = 'tags'\n[repo.'d e']\n[[repo.a.site]]\nfile = 'x'\n").join("\n"), @r###"
6: unknown key `need` in `[repo.c]` [6: unknown key `need`] (did you mean `needs`?)
7: `aa` is not declared [7: not declared `'aa'`] (did you mean `a`?)
7: `needs` of `[repo.c]`: invalid type: integer `3`, expected a repository's name, or a table with `repo` [7: wrong type `3`] (-)
8: `remote` of `[repo.c]`: invalid type: integer `1`, expected a string [8: wrong type `1`] (-)
9: `tags` is no release mode [9: here `'tags'`] (did you mean `tag`?)
10: `d e` can not be a repository's name [10: this name `'d e'`] (use letters, digits, `.`, `_` and `-`, no `-` or `.` first; `path` may say another folder)
11: an entry in `site` of `[repo.a]` has no `regex` [11: in this entry `[[repo.a.site]]`] (-)
"###);
}

#[test]
fn a_broken_table_is_still_declared() {
    let told = refused(
        "[repo.c]\nneds = ['a']\n[repo.d]\nneeds = ['c', 'e', 'f g']\n[repo]\ne = 3\n'f g' = {}",
    );
    insta::assert_snapshot!(told.join("\n"), @r###"
6: unknown key `neds` in `[repo.c]` [6: unknown key `neds`] (did you mean `needs`?)
10: `[repo.e]` is not a table [10: not a table `3`] (write the name in brackets on a line of its own)
11: `f g` can not be a repository's name [11: this name `'f g'`] (use letters, digits, `.`, `_` and `-`, no `-` or `.` first; `path` may say another folder)
"###);
}

#[test]
fn an_unknown_key_is_told_with_the_likely_one() {
    insta::assert_snapshot!(refused("[repo.c]\nneds = ['a']\ndepends = ['b']\nzzz = 1\n[repos.d]\n[repo.e]\nneeds = [{ repo = 'a', polcy = 'keep' }]\npackages = [{ nam = 'x' }, { ecosystem = 'npm' }]\n[[repo.e.site]]\nfiel = 'x'").join("\n"), @r###"
6: unknown key `neds` in `[repo.c]` [6: unknown key `neds`] (did you mean `needs`?)
7: unknown key `depends` in `[repo.c]` [7: unknown key `depends`] (did you mean `needs`?)
8: unknown key `zzz` in `[repo.c]` [8: unknown key `zzz`] (the keys are `path`, `remote`, `branch`, `needs`, `release`, `lock`, `exempt-family`, `tag`, `tag-format`, `packages`, `images`, `charts`, `modules`, `checks`, `site`)
9: unknown key `repos` in the file [9: unknown key `repos`] (did you mean `repo`?)
11: unknown key `polcy` in `needs` of `[repo.e]` [11: unknown key `polcy`] (did you mean `policy`?)
12: unknown key `nam` in `packages` of `[repo.e]` [12: unknown key `nam`] (did you mean `name`?)
12: an entry in `packages` of `[repo.e]` has no `name` [12: in this entry `{ ecosystem = 'npm' }`] (-)
14: unknown key `fiel` in `site` of `[repo.e]` [14: unknown key `fiel`] (did you mean `file`?)
"###);
}

#[test]
fn names_that_nobody_declared_are_told() {
    insta::assert_snapshot!(refused("[repo.jinja]\n[repo.c]\nneeds = ['jinj', { repo = 'nothing-like-it' }, 'c', 'a', 'a']\n[[repo.c.site]]\nfile = 'f'\nregex = '(?<version>.)'\nupstream = 'jinjaa/x'").join("\n"), @r###"
7: `jinj` is not declared [7: not declared `'jinj'`] (did you mean `jinja`?)
7: `nothing-like-it` is not declared [7: not declared `'nothing-like-it'`] (declare `[repo.nothing-like-it]`)
7: `c` needs itself [7: itself `'c'`] (leave it out)
7: `c` needs `a` twice [7: here first `'a'`] [7: and here again `'a'`] (leave one of them out)
11: `jinjaa` is not declared [11: not declared `'jinjaa/x'`] (did you mean `jinja`?)
"###);
}

#[test]
fn a_circle_is_told_edge_by_edge() {
    insta::assert_snapshot!(told("[workspace]\nname = 'w'\n[repo.a]\nneeds = ['b']\n[repo.b]\nneeds = ['c']\n[repo.c]\nneeds = ['a', 'd']\n[repo.d]\nneeds = ['e']\n[repo.e]\nneeds = [{ repo = 'd' }]").join("\n"), @r###"
4: the needs run in a circle: a -> b -> c -> a [4: `a` needs `b` `'b'`] [6: `b` needs `c` `'c'`] [8: `c` needs `a` `'a'`] (drop one of them: `a` from the `needs` of `c` was written last)
10: the needs run in a circle: d -> e -> d [10: `d` needs `e` `'e'`] [12: `e` needs `d` `{ repo = 'd' }`] (drop one of them: `d` from the `needs` of `e` was written last)
"###);
}

#[test]
fn a_wrong_type_is_told_where_it_stands() {
    insta::assert_snapshot!(told("repo = 3").join("\n"), @r###"
0: the workspace has no name (write `[workspace]` and `name = "..."` below it)
1: `repo` is not a table [1: not a table `3`] (write `[repo.NAME]`)
"###);
    insta::assert_snapshot!(told("[workspace]\nname = 1\n[repo]\npath = 'x'\n[repo.y]\nneeds = 'a'\nbranch = 3\nchecks = ['cargo test', ['ok']]\nimages = [1]\npackages = ['x']\n[[repo.y.site]]\ncount = -1").join("\n"), @r###"
2: `name` of `[workspace]`: invalid type: integer `1`, expected a string [2: wrong type `1`] (-)
4: `[repo.path]` is not a table [4: not a table `'x'`] (write the name in brackets on a line of its own)
6: `needs` of `[repo.y]`: invalid type: string "a", expected a list [6: wrong type `'a'`] (-)
7: `branch` of `[repo.y]`: invalid type: integer `3`, expected a string or a list of strings [7: wrong type `3`] (-)
8: `checks` of `[repo.y]`: invalid type: string "cargo test", expected a list [8: wrong type `'cargo test'`] (-)
9: `images` of `[repo.y]`: invalid type: integer `1`, expected a string [9: wrong type `1`] (-)
10: `packages` of `[repo.y]`: invalid type: string "x", expected a table [10: wrong type `'x'`] (-)
12: `site` of `[repo.y]`: invalid value: integer `-1`, expected a number from 0 [12: wrong type `-1`] (-)
"###);
}

#[test]
fn no_toml_and_no_content_are_told() {
    insta::assert_snapshot!(told("[workspace\nname = 'w'").join("\n"), @r###"
1: unclosed table, expected `]` [1: here ``] (-)
"###);
    insta::assert_snapshot!(told("[workspace]\nname = 'w'\nname = 'v'\n").join("\n"), @r###"
3: duplicate key [3: here `name`] (-)
"###);
    insta::assert_snapshot!(told("").join("\n"), @r###"
0: the file is empty (`cascade init` writes one)
"###);
    insta::assert_snapshot!(told("# nothing yet\n").join("\n"), @r###"
0: the file is empty (`cascade init` writes one)
"###);
    insta::assert_snapshot!(told("[repo.a]\n").join("\n"), @r###"
0: the workspace has no name (write `[workspace]` and `name = "..."` below it)
"###);
}

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
fn words_have_suggestions() {
    insta::assert_snapshot!(refused("[repo.c]\nrelease = 'release-plase'\ntag-format = 'pep-440'\nneeds = [{ repo = 'a', policy = 'exakt', level = 'major', commit-type = 'Fix!' }]\npackages = [{ name = 'x', version-source = 'git' }]\n[[repo.c.site]]\nfile='f'\nregex='(?<version>x)'\nupstream='a'\nkind='imag'").join("\n"), @r###"
6: `release-plase` is no release mode [6: here `'release-plase'`] (did you mean `release-please`?)
7: `pep-440` is no tag format [7: here `'pep-440'`] (did you mean `pep440`?)
8: `exakt` is no policy [8: here `'exakt'`] (did you mean `exact`?)
8: `major` is no level [8: here `'major'`] (it is one of `none`, `patch`, `match`, `inferred`)
8: `Fix!` can not be a commit's type [8: here `'Fix!'`] (a type is a word like `fix`, `feat` or `build`)
9: `git` is no version source [9: here `'git'`] (it is one of `static`, `vcs`, `placeholder`)
14: `imag` is no kind of pin [14: here `'imag'`] (did you mean `image`?)
"###);
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
fn one_error_shows_as_itself_and_several_as_related() {
    let single = declare("").expect_err("refused");
    assert_eq!(single.to_string(), "the file is empty");
    assert_eq!(
        single.help().expect("help").to_string(),
        "`cascade init` writes one"
    );
    assert!(single.related().is_none());
    let several = declare(&file("x = 1\ny = 2")).expect_err("refused");
    assert_eq!(several.to_string(), "2 things are wrong");
    assert_eq!(several.related().expect("related").count(), 2);
    assert!(several.help().is_none());
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
fn a_bom_and_crlf_are_no_trouble() {
    let text = "\u{feff}[workspace]\r\nname = 'w'\r\n[repo.a]\r\nneds = []\r\n";
    assert!(
        told(text)[0].contains("[4: unknown key `neds`]"),
        "{:?}",
        told(text)
    );
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    let deep = format!("x = {}{}", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(told(&deep).len(), 1);
}

#[test]
fn every_word_is_the_one_that_serde_writes() {
    fn same<T: file::Word>() {
        for (word, value) in T::ALL {
            assert_eq!(serde_json::to_value(value).expect("a word"), *word);
        }
    }
    same::<EdgePolicy>();
    same::<EdgeLevel>();
    same::<ReleaseMode>();
    same::<TagFormat>();
    same::<VersionSource>();
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
