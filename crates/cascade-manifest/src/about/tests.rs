use proptest::prelude::*;

use super::*;

fn read(name: &str, text: &str) -> About {
    About::read(name, text)
        .expect("a format")
        .expect("a manifest")
}

fn topics(about: &About) -> Vec<Topic> {
    about.fields.keys().copied().collect()
}

const PROJECT: &str = "[project]\nname = \"a\"\ndescription = \"b\"\nreadme = {file = \"README.md\", \
    content-type = \"text/markdown\"}\nlicense = \"MIT\"\nlicense-files = [\"LICEN[CS]E*\"]\n\
    requires-python = \">=3.10\"\nauthors = [{name = \"c\"}]\nkeywords = [\"d\"]\nclassifiers = [\n  \
    \"Programming Language :: Python :: 3.10\",\n  \"License :: OSI Approved :: MIT License\", # old\n]\n\
    [project.urls]\n\"Source Code\" = \"https://x.example\"\nChangeLog = \"https://x.example/c\"\n";

#[test]
fn a_python_project_says_what_indexes_show() {
    let about = read("pyproject.toml", PROJECT);
    assert_eq!(
        topics(&about),
        [
            Topic::Name,
            Topic::Description,
            Topic::Readme,
            Topic::License,
            Topic::Requires,
            Topic::Authors,
            Topic::Keywords,
            Topic::Classifiers,
            Topic::Repository,
            Topic::Changelog,
        ]
    );
    assert_eq!(about.fields[&Topic::Requires].line, 7);
    assert_eq!(about.classifiers[1].line, 12);
    assert_eq!(about.license_files[0].value, "LICEN[CS]E*");
    assert!(matches!(&about.license, License::Expression(it) if it.value == "MIT"));
}

#[test]
fn licences_are_said_in_many_ways() {
    let of = |name: &str, text: &str| read(name, text).license;
    let words = |it: License| matches!(it, License::Words(it) if it.value == "MIT");
    let file = |it: License| matches!(it, License::File(it) if it.value == "L");
    assert!(words(of(
        "pyproject.toml",
        "[project]\nlicense = {text = 'MIT'}"
    )));
    assert!(file(of("pyproject.toml", "project.license.file = 'L'")));
    assert!(words(of(
        "pyproject.toml",
        "[tool.poetry]\nlicense = 'MIT'"
    )));
    assert!(file(of("Cargo.toml", "[package]\nlicense-file = 'L'")));
    assert!(file(of(
        "package.json",
        "{\"license\": \"SEE LICENSE IN L\"}"
    )));
    assert!(words(of(
        "package.json",
        "{\"license\": {\"type\": \"MIT\"}}"
    )));
    assert!(words(of(
        "package.json",
        "{\"licenses\": [{\"type\": \"MIT\"}]}"
    )));
    assert_eq!(of("package.json", "{}"), License::Unsaid);
}

#[test]
fn what_is_inherited_or_filled_in_by_the_build_is_said() {
    let member = read(
        "Cargo.toml",
        "[package]\nname = 'a'\nlicense.workspace = true\nkeywords = {workspace = true}\nreadme = false",
    );
    let root = read(
        "Cargo.toml",
        "[workspace.package]\nlicense = 'MIT'\nkeywords = ['k', 'l']",
    );
    assert!(member.says(Topic::Keywords) && !member.says(Topic::Readme));
    let whole = member.within(&root);
    assert_eq!(whole.fields[&Topic::Keywords].value, "k, l");
    assert!(matches!(&whole.license, License::Expression(it) if it.value == "MIT"));
    let dynamic = read(
        "pyproject.toml",
        "[project]\ndynamic = ['version', 'readme']",
    );
    assert!(dynamic.says(Topic::Readme) && !dynamic.says(Topic::Description));
}

#[test]
fn a_package_of_npm_says_it_in_npm_s_words() {
    let about = read(
        "package.json",
        "{\"name\": \"a\", \"author\": {\"name\": \"b\"}, \"keywords\": [\"c\"], \"engines\": \
         {\"node\": \">=20\"}, \"repository\": {\"url\": \"x\"}, \"bugs\": \"y\", \"description\": \"\"}",
    );
    let all = [
        Topic::Name,
        Topic::Requires,
        Topic::Authors,
        Topic::Keywords,
        Topic::Repository,
    ];
    assert_eq!(topics(&about), [&all[..], &[Topic::Issues]].concat());
    assert!(About::read("go.mod", "").is_none());
    assert!(About::read("package.json", "{").unwrap().is_err());
}

#[test]
fn classifiers_of_licences_are_taken_out_alone() {
    let gone = |text: &str| without_license_classifiers(text);
    let line = "  \"License :: OSI Approved :: MIT License\", # old\n";
    assert_eq!(gone(PROJECT).unwrap(), PROJECT.replace(line, ""));
    let crlf = PROJECT.replace('\n', "\r\n");
    assert_eq!(
        gone(&crlf).unwrap(),
        crlf.replace(&line.replace('\n', "\r\n"), "")
    );
    for (before, after) in [
        ("['License :: X', 'A']", "['A']"),
        ("['A', 'License :: X']", "['A']"),
        ("['A', 'License :: X', 'B']", "['A', 'B']"),
        ("['License :: X']", "[]"),
        ("['License :: X', 'License :: Y']", "[]"),
        ("[\n'A',\n'License :: X']", "[\n'A']"),
        ("[\n  'A',\n  'License :: X'\n]", "[\n  'A',\n]"),
    ] {
        let with = |list: &str| format!("[project]\nclassifiers = {list}\n");
        assert_eq!(gone(&with(before)).unwrap(), with(after), "{before}");
    }
    assert_eq!(gone("[project]\nclassifiers = ['A']"), None);
    assert_eq!(gone("[project]\nname = 'a'"), None);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}=\"'a-cproject.urlsnm \n,:]{0,60}") {
        for name in ["pyproject.toml", "Cargo.toml", "package.json"] {
            if let Some(Ok(about)) = About::read(name, &text) {
                let lines = text.split('\n').count();
                prop_assert!(about.fields.values().all(|it| it.line <= lines && it.line > 0));
            }
        }
    }

    #[test]
    fn other_classifiers_stay(
        items in prop::collection::vec("(License :: [A-C]|[A-C] :: [a-c])", 0..6),
        between in prop::sample::select(vec![", ", ",", ",\n    ", ", # why\n  "]),
    ) {
        let quoted: Vec<String> = items.iter().map(|it| format!("\"{it}\"")).collect();
        let text = format!("[project]\nclassifiers = [{}]\nname = 'a'\n", quoted.join(between));
        let others = items.iter().filter(|it| !it.starts_with("License"));
        let others: Vec<String> = others.cloned().collect();
        match without_license_classifiers(&text) {
            None => prop_assert_eq!(others, items),
            Some(edited) => {
                let about = read("pyproject.toml", &edited);
                let left: Vec<String> = about.classifiers.into_iter().map(|it| it.value).collect();
                prop_assert_eq!(left, others);
                prop_assert!(about.fields.contains_key(&Topic::Name));
            }
        }
    }
}
