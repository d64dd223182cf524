//! How errors are told: where, why, and what is likely meant.

use super::*;

#[test]
fn everything_wrong_is_told_at_once() {
    insta::assert_snapshot!(refused("[repo.c]\nneed = ['a']\nneeds = ['aa', 3]\nremote = 1\nrelease = 'tags'\n[repo.'d e']\n[[repo.a.site]]\nfile = 'x'\n").join("\n"), @r###"
6: unknown key `need` in `[repo.c]` [6: unknown key `need`] (did you mean `needs`?)
7: `aa` is not declared [7: not declared `'aa'`] (did you mean `a`?)
7: `needs` of `[repo.c]`: invalid type: integer `3`, expected a repository's name, or a table with `repo` [7: wrong type `3`] (-)
8: `remote` of `[repo.c]`: invalid type: integer `1`, expected a string [8: wrong type `1`] (-)
9: `tags` is no release mode [9: here `'tags'`] (did you mean `tag`?)
10: `d e` can not be a repository's name [10: this name `'d e'`] (use letters, digits, `.`, `_` and `-`, no `-` or `.` first; `path` may say another folder)
11: an entry in `site` of `[repo.a]` has no `upstream` [11: in this entry `[[repo.a.site]]`] (-)
"###);
}

#[test]
fn an_unknown_key_is_told_with_the_likely_one() {
    insta::assert_snapshot!(refused("[repo.c]\nneds = ['a']\ndepends = ['b']\nzzz = 1\n[repos.d]\n[repo.e]\nneeds = [{ repo = 'a', polcy = 'keep' }]\npackages = [{ nam = 'x' }, { ecosystem = 'npm' }]\n[[repo.e.site]]\nfiel = 'x'").join("\n"), @r###"
6: unknown key `neds` in `[repo.c]` [6: unknown key `neds`] (did you mean `needs`?)
7: unknown key `depends` in `[repo.c]` [7: unknown key `depends`] (did you mean `needs`?)
8: unknown key `zzz` in `[repo.c]` [8: unknown key `zzz`] (the keys are `path`, `remote`, `branch`, `needs`, `release`, `lock`, `exempt-family`, `registry`, `staging`, `timeout`, `tag`, `tag-format`, `packages`, `owners`, `images`, `charts`, `modules`, `checks`, `ready`, `publish-status`, `smoke`, `after`, `dispatch`, `check`, `site`, `policy`, `quality`)
9: unknown key `repos` in the file [9: unknown key `repos`] (did you mean `repo`?)
11: unknown key `polcy` in `needs` of `[repo.e]` [11: unknown key `polcy`] (did you mean `policy`?)
12: unknown key `nam` in `packages` of `[repo.e]` [12: unknown key `nam`] (did you mean `name`?)
12: an entry in `packages` of `[repo.e]` has no `name` [12: in this entry `{ ecosystem = 'npm' }`] (-)
14: unknown key `fiel` in `site` of `[repo.e]` [14: unknown key `fiel`] (did you mean `file`?)
"###);
}

#[test]
fn a_quality_gate_says_what_is_judged_and_how_in_one_way() {
    let gate =
        |lines: &str| format!("[repo.c]\n[[repo.c.quality]]\nname = 'g'\nrun = ['x']\n{lines}");
    let of = |lines: &str| refused(&gate(lines)).join("\n");
    for (lines, words) in [
        ("value = { json = '/a' }", "no bound"),
        ("value = { json = '/a', min = 2, max = 1 }", "no bound"),
        ("value = { json = '/a', min = nan }", "no bound"),
        ("value = { json = 'a', min = 1 }", "no JSON pointer"),
        ("value = { min = 1 }", "in one way"),
        (
            "value = { json = '/a', regex = '(a)', min = 1 }",
            "in one way",
        ),
        ("value = { regex = 'a', min = 1 }", "no group"),
        ("value = { regex = '(', min = 1 }", "regex"),
        ("value = { json = '/a', min = 'x' }", "a number"),
        (
            "value = { json = '/a', min = 1 }\naudit = 'npm'",
            "one value",
        ),
        ("audit = 'yarn'", "no format of an audit"),
        ("file = 'a.json'", "nothing says what is in the answer"),
        ("audit = 'npm'\nfile = '../a.json'", "a.json"),
        (
            "audit = 'npm'\nwaive = [{ advisory = 'x', reason = ' ', until = 2030-01-01 }]",
            "no reason",
        ),
        (
            "audit = 'npm'\nwaive = [{ advisory = 'x', reason = 'y', until = 2030-01-01T00:00:00Z }]",
            "no day",
        ),
        (
            "audit = 'npm'\nwaive = [{ advisory = 'x', reason = 'y' }]",
            "until",
        ),
        ("exit = []", "exit codes"),
        ("exit = [256]", "exit codes"),
        ("timeout = 'x'", "no span of time"),
        (
            "[[repo.c.quality]]\nname = 'g'\nrun = ['y']",
            "two quality gates",
        ),
        ("[[repo.c.quality]]\nname = ' '\nrun = []", "no program"),
    ] {
        assert!(of(lines).contains(words), "{lines}: {}", of(lines));
    }
}

#[test]
fn what_is_published_beyond_packages_is_named_as_its_registries_do() {
    let told = refused(
        "[repo.x]\nimages = ['ghcr.example/acme/a:1', 'https://ghcr.example/a', 'me:pw@ghcr.example/a', 'ghcr.example/A', 'redis', 'docker.io/library/redis']\n\
         [repo.y]\nimages = [{ name = 'a b' }, { name = 'b', moving = ['+', 'x', 'x'] }, { moving = ['x'] }, { name = 'c', mving = ['x'] }]\n\
         [repo.z]\ncharts = ['a/b', 'oci://acme/b', 'oci://ghcr.example', 'oci://ghcr.example/b:1', 'http://charts.example/a', 'https://me:pw@charts.example/a', 'https://charts.example', 'ftp://charts.example/a', 'a', 'a']\n\
         [repo.w]\nmodules = ['a/b', './vpc', 'https://me:pw@git.example/a.git', '-x', 'a/b/c', 'git.example/a/b//vpc']",
    );
    insta::assert_snapshot!(told.join("\n"), @r###"
6: the image's name has a tag or no path [6: here `'ghcr.example/acme/a:1'`] (write `HOST/PATH` without a tag: each version has its own)
6: the image's name begins with a scheme [6: here `'https://ghcr.example/a'`] (leave the scheme out: `ghcr.example/acme/runtime`)
6: the image's name has an `@` in it [6: here `'me:pw@ghcr.example/a'`] (leave the digest out, and any login: that of the docker configuration is used)
6: the image's name has capital letters [6: here `'ghcr.example/A'`] (write it in lower case, as registries do)
6: `docker.io/library/redis` stands here twice [6: here `'docker.io/library/redis'`] (-)
8: the image's name is empty, too long or holds a space [8: here `'a b'`] (write `HOST/PATH`, as `ghcr.example/acme/runtime`)
8: `+` can not be the tag of an image [8: here `'+'`] (write a tag that follows the latest version, as `latest`)
8: `x` stands here twice [8: here `'x'`] (-)
8: an entry in `images` of `[repo.y]` has no `name` [8: in this entry `{ moving = ['x'] }`] (-)
8: unknown key `mving` in `images` of `[repo.y]` [8: unknown key `mving`] (did you mean `moving`?)
10: the chart can not be called so [10: here `'a/b'`] (write `oci://HOST/PATH/NAME`, `https://HOST/PATH/NAME` or the chart's name)
10: the chart names no host that it is at [10: here `'oci://acme/b'`] (write `oci://HOST/PATH/NAME`, `https://HOST/PATH/NAME` or the chart's name)
10: the chart names no host that it is at [10: here `'oci://ghcr.example'`] (write `oci://HOST/PATH/NAME`, `https://HOST/PATH/NAME` or the chart's name)
10: the chart has a tag or no path [10: here `'oci://ghcr.example/b:1'`] (write `oci://HOST/PATH/NAME`, `https://HOST/PATH/NAME` or the chart's name)
10: the address is not encrypted [10: here `'http://charts.example/a'`] (write `https://`; `http://` is for loopback only)
10: the address holds credentials [10: here `'https://me:pw@charts.example/a'`] (write it without them; logins are taken from where the tools have them: `.netrc`, `.npmrc`, cargo's credentials, variables)
10: the chart has no name behind the address [10: here `'https://charts.example'`] (write `oci://HOST/PATH/NAME`, `https://HOST/PATH/NAME` or the chart's name)
10: the chart is at an address of another scheme [10: here `'ftp://charts.example/a'`] (write `oci://HOST/PATH/NAME`, `https://HOST/PATH/NAME` or the chart's name)
10: `a` stands here twice [10: here `'a'`] (-)
12: the module is at no address and in no registry [12: here `'a/b'`] (write the address of its git repository, `//FOLDER` behind it where it is in one, or `NAMESPACE/NAME/PROVIDER`)
12: the module is at no address and in no registry [12: here `'./vpc'`] (write the address of its git repository, `//FOLDER` behind it where it is in one, or `NAMESPACE/NAME/PROVIDER`)
12: the address holds credentials [12: here `'https://me:pw@git.example/a.git'`] (write it without them; git asks its credential helper or the ssh agent)
12: the module is at no address and in no registry [12: here `'-x'`] (write the address of its git repository, `//FOLDER` behind it where it is in one, or `NAMESPACE/NAME/PROVIDER`)
"###);
}

#[test]
fn no_two_repositories_publish_one_thing() {
    let told = refused(
        "[repo.z]\nimages = ['acme/api', 'ghcr.example/acme/own']\n\
         charts = ['oci://ghcr.example/charts/api', 'https://charts.example/stable/api', 'plain']\n\
         modules = ['https://git.example/acme/net.git//vpc', 'acme/net/aws']\n\
         [repo.c]\nimages = [{ name = 'index.docker.io/acme/api' }, 'ghcr.example/charts/api']\n\
         charts = ['https://CHARTS.example/stable/api', 'plain', 'https://charts.example/other/api']\n\
         modules = ['git@git.example:acme/net.git', 'acme/net/aws', 'acme/net/gcp']",
    );
    insta::assert_snapshot!(told.join("\n"), @r"
    6: `z` and `c` publish one image, `index.docker.io/acme/api` [6: here first `'acme/api'`] [10: and here again `{ name = 'index.docker.io/acme/api' }`] (leave it to the repository whose tag makes it)
    7: `z` and `c` publish one image, `ghcr.example/charts/api` [7: here first `'oci://ghcr.example/charts/api'`] [10: and here again `'ghcr.example/charts/api'`] (leave it to the repository whose tag makes it)
    7: `z` and `c` publish one chart, `https://CHARTS.example/stable/api` [7: here first `'https://charts.example/stable/api'`] [11: and here again `'https://CHARTS.example/stable/api'`] (leave it to the repository whose tag makes it)
    7: `z` and `c` publish one chart, `plain` [7: here first `'plain'`] [11: and here again `'plain'`] (leave it to the repository whose tag makes it)
    8: `z` and `c` publish one module, `git@git.example:acme/net.git` [8: here first `'https://git.example/acme/net.git//vpc'`] [12: and here again `'git@git.example:acme/net.git'`] (leave it to the repository whose tag makes it)
    8: `z` and `c` publish one module, `acme/net/aws` [8: here first `'acme/net/aws'`] [12: and here again `'acme/net/aws'`] (leave it to the repository whose tag makes it)
    ");
    let own =
        "[repo.z]\nimages = ['acme/api']\nmodules = ['git.example/a/b//x', 'git.example/a/b//y']";
    assert_eq!(
        refused(&format!("{own}\n[repo.c]\nimages = ['acme/web', '']")).len(),
        1
    );
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
fn a_site_is_found_in_one_way() {
    for (file, lines, words) in [
        (
            "x.yaml",
            "",
            "6: a site does not say where its version stands [6: in this entry",
        ),
        (
            "x.yaml",
            "key = 'a.b'\nregex = '(?<version>x)'",
            "by `regex` or by `key`, not by both [10: here `'(?<version>x)'`] [9: and here `'a.b'`]",
        ),
        ("x.yaml", "key = 'a..b'", "9: the key can not be used: "),
        (
            "x.yaml",
            "key = 'a.b'\ncount = 2",
            "10: a key stands for one place",
        ),
        ("x.sh", "key = 'a.b'", "keys are read in YAML, JSON and HCL"),
        (
            "x.tf",
            "key = 'a.b'",
            "in HCL a key is the name of one variable",
        ),
    ] {
        let site = format!("[repo.c]\n[[repo.c.site]]\nfile = '{file}'\nupstream = 'a'\n{lines}");
        let told = refused(&site);
        assert_eq!(told.len(), 1, "{lines}: {told:?}");
        assert!(told[0].contains(words), "{lines}: {told:?}");
    }
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
9: `images` of `[repo.y]`: invalid type: integer `1`, expected an image's name, or a table with `name` [9: wrong type `1`] (-)
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
fn registries_that_can_not_be_are_told() {
    insta::assert_snapshot!(refused("registry = 'x'\n[registry.own]\naddress = 'https://registry.example/simple'\n[registry.js]\necosystem = 'nmp'\naddress = 'https://me:hunter2@registry.example/npm'\n[registry.both]\naddress = 'https://registry.example'\nfolder = 'x'\n[registry.none]\nfolder = 'x'\n[registry.nowhere]\n[registry.up]\nfolder = 'a/../b'\n[registry.plain]\necosystem = 'go'\naddress = 'http://registry.example'\n[registry.path]\necosystem = 'go'\naddress = '/srv/go'").join("\n"), @r###"
5: no registry is called `x` [5: here `'x'`] (declare `[registry.x]`, or write `configured` or `none`)
6: the registry `own` does not say what it speaks [6: no `ecosystem` below it `own`] (write `ecosystem = "python"`, or another one, below it)
9: `nmp` is no ecosystem that cascade knows [9: here `'nmp'`] (it is one of `cargo`, `git`, `go`, `npm`, `python`)
10: the address holds credentials [10: here `'https://me:hunter2@registry.example/npm'`] (write it without them; logins are taken from where the tools have them: `.netrc`, `.npmrc`, cargo's credentials, variables)
13: the registry `both` is in two places [13: and here `'x'`] (leave `address` or `folder` out)
14: `none` has a meaning of its own where registries are named [14: this name `none`] (give the registry another name)
16: the registry `nowhere` is nowhere [16: no `address` below it `nowhere`] (write its `address`, or the `folder` that packages appear in)
18: the path `a/../b` leaves its folder [18: here `'a/../b'`] (`..` can not stand in a path; `root` in `[workspace]` may start with it)
21: the address is not encrypted [21: here `'http://registry.example'`] (write `https://`; `http://` is for loopback only)
24: the address is none that cascade asks [24: here `'/srv/go'`] (it starts with `https://`; a folder of this machine is a `folder`)
"###);
    insta::assert_snapshot!(refused("[registry.wheels]\nfolder = '../wheels'\n[repo.x]\nregistry = ['wheel', 'zzz', 'wheels', 'configured', 'none']\nstaging = 'configurd'\ntimeout = '30 minutes'\npackages = [{ name = 'x', registry = 'weels', files = ['*.whl', 'a/b', '['] }]").join("\n"), @r###"
8: no registry is called `wheel` [8: here `'wheel'`] (did you mean `wheels`?)
8: no registry is called `zzz` [8: here `'zzz'`] (declare `[registry.zzz]`, or write `configured` or `none`)
9: no registry is called `configurd` [9: here `'configurd'`] (did you mean `configured`?)
10: `30 minutes` is no span of time [10: here `'30 minutes'`] (write something like `30m`, `90s` or `1h30m`)
11: no registry is called `weels` [11: here `'weels'`] (did you mean `wheels`?)
11: a file's name is empty or holds a slash [11: here `'a/b'`] (write the name of a file of a release, as `*.whl`)
11: unclosed character class; missing ']' [11: here `'['`] (-)
"###);
}

#[test]
fn commands_about_packages_that_appear_nowhere_are_told() {
    insta::assert_snapshot!(refused("ready = [[]]\nsmoke = [['python', '-c', 'import b']]\npublish-status = ['x']\nafter = ['x']").join("\n"), @r###"
5: a command of `ready` is a program and its arguments [5: no program `[]`] (write `["cargo", "test"]`; no shell reads it)
6: `smoke` is about packages, and nothing says where they appear [6: never run `['python', '-c', 'import b']`] (write `registry = "configured"`, or the name of a registry)
7: `publish-status` is about packages, and nothing says where they appear [7: never run `['x']`] (write `registry = "configured"`, or the name of a registry)
8: `after` of `[repo.b]`: invalid type: string "x", expected a list [8: wrong type `'x'`] (-)
"###);
}

#[test]
fn gates_that_can_not_be_are_told() {
    insta::assert_snapshot!(refused("needs = ['a']\n[[gate]]\nafter = ['aa']\nbefore = ['b']\nrun = [['x']]\n[[gate]]\nafter = ['a']\nbefor = ['b']\n[[gate]]\nafter = ['b']\nbefore = ['a']\nrun = [['x']]").join("\n"), @r###"
13: the needs run in a circle: a -> b -> a [13: `a` needs `b` `[[gate]]`] [5: `b` needs `a` `'a'`] (drop one of them: `b` from the `needs` of `a` was written last)
7: `aa` is not declared [7: not declared `'aa'`] (did you mean `a`?)
10: a gate has no `before` [10: in this gate `[[gate]]`] (a gate runs commands after some repositories and before others)
12: unknown key `befor` in `[[gate]]` [12: unknown key `befor`] (did you mean `before`?)
"###);
    insta::assert_snapshot!(refused("[gate]\nafter = ['a']").join("\n"), @r###"
5: `gate` is not a list of tables [5: not a list `[gate]`] (write `[[gate]]`)
"###);
}

#[test]
fn decisions_about_findings_that_can_not_be_are_told() {
    insta::assert_snapshot!(refused(
        "[check]\nignore = ['nothing-such', 'pin-*', '[']\nseverity = { cycle = 'bad', x-y = 'warn' }\n\
        [[check.waiver]]\ncode = 'cycle'\nreason = ' '\nuntil = 2027-01-01\n\
        [[check.waiver]]\ncode = 'cycle'\nreason = 'r'\nuntil = 2027-01-01T00:00:00\nrepo = 'zz'\n\
        [repo.c]\n[[repo.c.check.waiver]]\ncode = 'cycle'\nreason = 'r'\nuntil = 2027-01-01\nrepo = 'c'"
    ).join("\n"), @r###"
6: no rule and no group is called `nothing-such` [6: here `'nothing-such'`] (`cascade explain` lists all rules)
6: this is no pattern: unclosed character class; missing ']' [6: here `'['`] (-)
7: `bad` is no severity [7: here `'bad'`] (it is one of `block`, `warn`, `info`)
7: no rule and no group is called `x-y` [7: here `x-y`] (`cascade explain` lists all rules)
10: a waiver without a reason [10: here `' '`] (write down why the finding is accepted)
15: this is no day [15: here `2027-01-01T00:00:00`] (write a date: `until = 2027-03-31`)
16: `zz` is not declared [16: not declared `'zz'`] (declare `[repo.zz]`)
22: a repository's own waiver names a repository [22: here `'c'`] (take `repo` out)
"###);
}

#[test]
fn a_message_that_could_not_be_sent_is_told() {
    let of = |lines: &str| refused(&format!("[repo.c]\n[repo.c.dispatch]\n{lines}")).join("\n");
    for (lines, words) in [
        ("event = 'x'", "one receiver"),
        ("github = 'a/b'\nurl = 'https://x.example'", "one receiver"),
        ("github = 'a/b'", "without a token"),
        ("github = 'a'\ntoken-env = 'T'", "no repository on GitHub"),
        (
            "github = 'a/../b'\ntoken-env = 'T'",
            "no repository on GitHub",
        ),
        ("github = 'a/b'\ntoken-env = 'ghp_abc'", "names no variable"),
        ("github = 'a/b'\ntoken-env = 'T'\nevent = ''", "an event is"),
        (
            "github = 'a/b'\ntoken-env = 'T'\npayload = '[]'",
            "an object",
        ),
        ("url = 'http://x.example'", "not encrypted"),
        ("url = 'file:///x'", "no address of a server"),
        ("url = 'https://x.example/?token=abc'", "holds credentials"),
        (
            "url = 'https://x.example'\napi = 'https://y.example'",
            "for GitHub alone",
        ),
        (
            "url-env = 'U'\npayload = '{\"v\": \"{versoin}\"}'",
            "{versoin}",
        ),
        ("url-env = 'U'\npayload = '{'", "no JSON"),
        ("url-env = 'U'\neffect = 'pins'", "no effect"),
        (
            "url-env = 'U'\neffect = { url = 'x' }",
            "no address of a server",
        ),
        (
            "url-env = 'U'\neffect = { url = 'https://x.example', contains = '{run}' }",
            "not told `{run}`",
        ),
        ("url-env = 'U'\nagain = 'soon'", "no span of time"),
        ("url-env = 'U'\ntoken = 'T'", "unknown key `token`"),
    ] {
        assert!(of(lines).contains(words), "{lines}: {}", of(lines));
    }
}
