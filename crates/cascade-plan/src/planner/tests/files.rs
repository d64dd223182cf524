//! Files beside the manifests: declared sites, the changelog, programs.

use super::*;

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
