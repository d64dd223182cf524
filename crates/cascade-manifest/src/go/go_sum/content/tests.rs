use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// Returns a zip as a proxy serves it.
fn zipped(module: &str, version: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        let name = format!("{module}@{version}/{path}");
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn content(files: &[(&str, &str)]) -> Content {
    Content::read(
        &zipped("a.example/m", "v1.0.0", files),
        "a.example/m",
        "v1.0.0",
    )
    .unwrap()
}

fn differ(old: &[(&str, &str)], new: &[(&str, &str)]) -> Option<String> {
    let compared = same_needs("a.example/m", &content(old), &content(new));
    compared.err().map(|it| it.0)
}

#[test]
fn sums_are_those_of_the_go_command() {
    // Made by the go command itself, of these very files.
    let module = "module example.test/third\n\ngo 1.21\n";
    assert_eq!(sum_of_mod(module.as_bytes()), THIRD_MOD);
    let files = [
        ("go.mod", module),
        ("third.go", "package third\n\n\nconst V = 1\n// 1.0.0"),
    ];
    let zip = zipped("example.test/third", "v1.0.0", &files);
    let read = Content::read(&zip, "example.test/third", "v1.0.0").unwrap();
    assert_eq!(read.sum, THIRD);
}

const THIRD: &str = "h1:XdJp3VTqMDqchJhQ9yyoxq6vGgkp5ee3SF+AXIiN2hA=";
const THIRD_MOD: &str = "h1:HAA3eoVWV/kkeGXHef3gZEMKnW27191AlocL9HnCNv4=";

#[test]
fn a_zip_of_another_version_or_of_nothing_is_refused() {
    let zip = zipped("a.example/m", "v1.0.0", &[("a.go", "package a\n")]);
    assert!(Content::read(&zip, "a.example/m", "v1.0.1").is_err());
    assert!(Content::read(b"PK", "a.example/m", "v1.0.0").is_err());
    assert!(Content::read(zip.get(..40).unwrap(), "a.example/m", "v1.0.0").is_err());
}

#[test]
fn packages_that_need_what_they_needed_are_the_same() {
    let old = [
        ("a.go", "package m\nimport (\n\"fmt\"\n\"b.example/x\"\n)"),
        ("a_test.go", "package m\nimport \"b.example/t\""),
        (
            "gen.go",
            "//go:build ignore\n\npackage main\nimport \"c.example/z\"",
        ),
        ("internal/gone/g.go", "package gone"),
    ];
    let new = [
        (
            "a.go",
            "package m\nimport (\n\"os\"\n\"a.example/m/internal/y\"\n)",
        ),
        ("internal/y/y.go", "package y\nimport \"b.example/x\""),
        ("a_test.go", "package m\nimport \"b.example/t\""),
        ("new/n.go", "package n\nimport \"d.example/new\""),
    ];
    assert_eq!(differ(&old, &new), None);
}

#[test]
fn packages_that_need_others_are_not() {
    let old = [
        ("a.go", "package m\nimport \"b.example/x\""),
        ("s/s.go", "package s"),
    ];
    for (new, why) in [
        (
            &[("a.go", "package m"), ("s/s.go", "package s")][..],
            "imports packages",
        ),
        (
            &[("a.go", "package m\nimport \"b.example/x\"")],
            "`a.example/m/s` is gone",
        ),
        (
            &[
                ("a.go", "package m\nimport \"b.example/x\""),
                ("s/s.go", "package s"),
                ("s/s_test.go", "package s\nimport \"b.example/t\""),
            ],
            "`a.example/m/s` imports packages",
        ),
        (
            &[
                ("a.go", "package m\nimport \"b.example/x\""),
                ("s/s.go", "package s\nimport \"a.example/m/nested\""),
            ],
            "imports packages",
        ),
        (
            &[
                ("a.go", "package m\nimport \"b.example/x\""),
                ("s/s.go", "//go:build !ignore\n\npackage s"),
            ],
            "unusual",
        ),
    ] {
        let told = differ(&old, new).unwrap();
        assert!(told.contains(why), "{told}");
    }
}
