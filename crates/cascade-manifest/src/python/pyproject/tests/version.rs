//! Where the version of a project comes from.

use super::*;

fn version(text: &str) -> VersionField {
    read(text).package.unwrap().version
}

fn dynamic(rest: &str) -> VersionField {
    version(&format!(
        "[project]\nname = \"my-pkg\"\ndynamic = [\"version\"]\n{rest}"
    ))
}

#[test]
fn a_backend_that_asks_git_is_known() {
    let scm = |it: &str| format!("[build-system]\nrequires = [\"setuptools>=61\", \"{it}\"]");
    for (rest, backend) in [
        ("[tool.hatch.version]\nsource = \"vcs\"", "hatch-vcs"),
        (
            "[tool.hatch]\nversion = { source = \"uv-dynamic-versioning\" }",
            "uv-dynamic-versioning",
        ),
        (
            "[tool.hatch.version]\nsource = \"versioningit\"",
            "versioningit",
        ),
        ("[tool.setuptools_scm]", "setuptools-scm"),
        (&scm("setuptools_scm[toml]>=8"), "setuptools-scm"),
        (&scm("hatch-vcs"), "hatch-vcs"),
        ("[tool.versioningit]", "versioningit"),
        ("[tool.pdm.version]\nsource = \"scm\"", "pdm-scm"),
        ("[tool.pdm]\nversion = { use_scm = true }", "pdm-scm"),
        (
            "[tool.poetry]\nversion = \"0\"\n[tool.poetry-dynamic-versioning]\nenable = true",
            "poetry-dynamic-versioning",
        ),
    ] {
        assert_eq!(dynamic(rest), VersionField::Vcs(backend), "{rest}");
    }
    let old =
        "[tool.poetry]\nname = \"a\"\nversion = \"0.0.0\"\n[tool.poetry-dynamic-versioning]\n";
    let enabled = format!("{old}enable = true\n");
    assert_eq!(
        version(&enabled),
        VersionField::Vcs("poetry-dynamic-versioning")
    );
    assert_eq!(version(old), VersionField::Placeholder("0.0.0".to_owned()));
}

/// The version that a file says of which only the pattern is known.
fn found(rest: &str, path: &str, text: &str) -> Option<String> {
    let VersionField::File { paths, attribute } = dynamic(rest) else {
        panic!("not in a file");
    };
    assert_eq!(paths, [path]);
    let span = crate::python::version_in(text, &attribute)?;
    text.get(span).map(str::to_owned)
}

#[test]
fn a_package_json_or_a_meson_build_may_say_the_version() {
    let nodejs = "[tool.hatch.version]\nsource = \"nodejs\"";
    let json = |text| found(nodejs, "package.json", text);
    let said =
        "{\n  \"name\": \"@a/b\",\n  \"version\" : \"5.0.9\",\n  \"x\": {\"version\": \"1\"}\n}";
    assert_eq!(json(said).as_deref(), Some("5.0.9"));
    assert_eq!(
        json("{\"x\": {\"version\": \"1.0.0\"}, \"version\": \"2.0.0\"}"),
        None
    );
    let meson = "[build-system]\nrequires = [\"meson-python\"]\nbuild-backend = \"mesonpy\"";
    let build = |text| found(meson, "meson.build", text);
    let said = "# version: '9'\nproject(\n  'x', 'cpp',\n  meson_version: '>=1.2',\n  version: '1.2.3',\n)\n";
    assert_eq!(build(said).as_deref(), Some("1.2.3"));
    assert_eq!(
        build("project('x', version: run_command('v').stdout())\nf(version: '1')\n"),
        None
    );
}

#[test]
fn a_row_of_a_poetry_group_is_one_of_its_own() {
    let text = "[project]\nname = \"a\"\ndependencies = [\"b (>=1)\", \"c (>=1)\"]\n\
                [tool.poetry.dependencies]\nc = { path = \"../c\" }\n\
                [tool.poetry.group.dev.dependencies]\nb = { path = \"../b\", develop = true }\n";
    assert_eq!(
        table(text),
        "\
3 project.dependencies runtime b `>=1` Range
3 project.dependencies runtime c `>=1` Range Path(\"../c\")
7 tool.poetry.group.dev.dependencies dev b `` Unversioned Path(\"../b\")
"
    );
}

#[test]
fn a_version_in_another_file_has_its_likeliest_paths() {
    let file = |paths: &[&str], attribute: &str| VersionField::File {
        paths: paths.iter().map(|it| (*it).to_owned()).collect(),
        attribute: attribute.to_owned(),
    };
    let module = |root: &str, path: &str| {
        let paths = [
            format!("{root}/{path}/__init__.py"),
            format!("{root}/{path}.py"),
            format!("{path}/__init__.py"),
            format!("{path}.py"),
        ];
        file(&paths.each_ref().map(String::as_str), "__version__")
    };
    for (rest, expected) in [
        (
            "[tool.hatch.version]\npath = \"src/a.py\"",
            file(&["src/a.py"], "__version__"),
        ),
        (
            "[tool.hatch.version]\npath = \"a\"\npattern = 'v(?P<version>.*)'",
            file(&["a"], "v(?P<version>.*)"),
        ),
        (
            "[tool.hatch.version]\npath = \"a.py\"\nsource = \"code\"",
            file(&["a.py"], "__version__"),
        ),
        (
            "[tool.hatch.version]\npath = \"a.py\"\nsource = \"code\"\nexpression = \"get()\"",
            VersionField::Unknown,
        ),
        (
            "[tool.setuptools.packages.find]\nwhere = [\"lib\"]\n\
             [tool.setuptools.dynamic]\nversion = { attr = \"p.__version__\" }",
            module("lib", "p"),
        ),
        (
            "[tool.setuptools.dynamic]\nversion = { file = \"VERSION\" }",
            file(&["VERSION"], ""),
        ),
        (
            "[tool.setuptools.dynamic]\nversion = { file = [\"V\"] }",
            file(&["V"], ""),
        ),
        (
            "[tool.setuptools.dynamic]\nversion = { attr = \"p.m.__version__\" }",
            module("src", "p/m"),
        ),
        (
            "[tool.setuptools]\npackage-dir = { \"\" = \"lib\" }\n\
             dynamic = { version = { attr = \"p.__version__\" } }",
            module("lib", "p"),
        ),
        (
            "[build-system]\nbuild-backend = \"flit_core.buildapi\"",
            module("src", "my_pkg"),
        ),
        (
            "[tool.pdm.version]\nsource = \"file\"\npath = \"a.py\"",
            file(&["a.py"], "__version__"),
        ),
    ] {
        assert_eq!(dynamic(rest), expected, "{rest}");
    }
    for rest in [
        "",
        "[tool.hatch.version]\nsource = \"env\"\nvariable = \"V\"",
    ] {
        assert_eq!(dynamic(rest), VersionField::Unknown, "{rest}");
    }
}

#[test]
fn maturin_takes_the_crate_s_version() {
    let field = dynamic("[build-system]\nrequires = [\"maturin\"]\nbuild-backend = \"maturin\"");
    let VersionField::File { paths, attribute } = field else {
        panic!("{field:?}");
    };
    assert_eq!(paths, ["Cargo.toml"]);
    let found = |text: &str| {
        let range = crate::python::version_in(text, &attribute)?;
        text.get(range).map(ToOwned::to_owned)
    };
    let crate_text = "[package]\nname = \"a\"\nversion = \"1.2.3\"\n[dependencies]\n";
    assert_eq!(found(crate_text).as_deref(), Some("1.2.3"));
    assert_eq!(
        found("[package]\nversion = \"1.2.3\"\n").as_deref(),
        Some("1.2.3")
    );
    let inherited = "[package]\nversion.workspace = true\n[dependencies.b]\nversion = \"1\"\n";
    assert_eq!(found(inherited), None);
}

#[test]
fn all_zeros_are_a_placeholder_and_a_dev_version_is_not() {
    let said = |it: &str| version(&format!("[project]\nname = \"a\"\nversion = \"{it}\"\n"));
    for zeros in ["0.0.0", "0.0.0-dev", "0.0.0.dev0", "0.0.0-development", "0"] {
        assert_eq!(said(zeros), VersionField::Placeholder(zeros.to_owned()));
    }
    let VersionField::Static { text, span } = said("3.2.0.dev") else {
        panic!("static");
    };
    assert_eq!((text.as_str(), span), ("3.2.0.dev", 32..41));
    assert_eq!(said("1.4\\u002e2"), VersionField::Unknown);
    assert_eq!(version("[project]\nname = \"a\"\n"), VersionField::Unknown);
}
