use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::sync::Arc;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::Facts;
use crate::go::go_sum::GoSum;
use crate::{Lock, Unread};

/// What a proxy serves.
#[derive(Default)]
struct Proxy(BTreeMap<Ask, Arc<[u8]>>);

impl Facts for Proxy {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let none = || Fallback(format!("nobody answers {question:?}"));
        self.0.get(question).cloned().ok_or_else(none)
    }
}

impl Proxy {
    fn publish(&mut self, name: &str, version: &str, manifest: &str, files: &[(&str, &str)]) {
        let module = format!("example.test/{name}");
        let version = format!("v{version}");
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, text) in [&[("go.mod", manifest)], files].concat() {
            let name = format!("{module}@{version}/{path}");
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        let zip = zip.finish().unwrap().into_inner();
        let (at, of) = ((module.clone(), version.clone()), (module, version));
        let question = Ask::GoMod {
            module: at.0,
            version: at.1,
        };
        self.0.insert(question, manifest.as_bytes().into());
        let question = Ask::GoZip {
            module: of.0,
            version: of.1,
        };
        self.0.insert(question, zip.into());
    }
}

const MANIFEST: &str = "module example.test/manifest\n\ngo 1.21\n\nrequire (\n\
    \texample.test/third v1.0.0\n)\n";
const CODE: &str = "package manifest\n\nimport _ \"fmt\"\nimport _ \"example.test/third\"\n\n\
    const V = 1\n// ";

/// `manifest` 1.0.0 and 1.1.0, which stand on `third`; `oldrt`, of the time before Go 1.17, on
/// `manifest` 1.0.0.
fn proxy() -> Proxy {
    let mut proxy = Proxy::default();
    for version in ["1.0.0", "1.1.0"] {
        let code = format!("{CODE}{version}");
        let files = [
            ("m.go", code.as_str()),
            ("sub/s.go", "package sub\n\n\nconst V = 1\n"),
            ("LICENSE", version),
        ];
        proxy.publish("manifest", version, MANIFEST, &files);
    }
    let old =
        "module example.test/oldrt\n\ngo 1.16\n\nrequire (\n\texample.test/manifest v1.0.0\n)\n";
    let code = "package oldrt\n\nimport _ \"example.test/manifest\"\n\nconst V = 1\n";
    proxy.publish("oldrt", "1.0.0", old, &[("r.go", code)]);
    let third = "module example.test/third\n\ngo 1.21\n";
    let code = "package third\n\n\nconst V = 1\n// 1.0.0";
    proxy.publish("third", "1.0.0", third, &[("third.go", code)]);
    proxy
}

const APP: &str = "module example.test/app\n\ngo 1.21\n\nrequire (\n\texample.test/manifest v1.1.0\n\
    \texample.test/oldrt v1.0.0\n)\n\nrequire example.test/third v1.0.0 // indirect\n";

// As the go command wrote them, of the very files above.
const OLD: &str = "\
example.test/manifest v1.0.0 h1:fSJ+BXRRI79U7X4Sz+04vILXUP8PDE99uwcKIbDvn1s=
example.test/manifest v1.0.0/go.mod h1:jlne2H7IqjoVgahl3+wDj1qdI5CWZMmoT46sbLmCj48=
example.test/oldrt v1.0.0 h1:V+vUcTtRLgc7bf+Dcs9z87jmOjwERTKrarr50DVksdM=
example.test/oldrt v1.0.0/go.mod h1:bIt2+h4MyR1iZtnk/7704oAAKHywD8jm8p+BF/LJ4Y4=
example.test/third v1.0.0 h1:XdJp3VTqMDqchJhQ9yyoxq6vGgkp5ee3SF+AXIiN2hA=
example.test/third v1.0.0/go.mod h1:HAA3eoVWV/kkeGXHef3gZEMKnW27191AlocL9HnCNv4=
";
const NEW: &str = "\
example.test/manifest v1.0.0/go.mod h1:jlne2H7IqjoVgahl3+wDj1qdI5CWZMmoT46sbLmCj48=
example.test/manifest v1.1.0 h1:j8x/3nQALLYRq8sMuC+XS127jSCekxi5CLU+NnxAQ3A=
example.test/manifest v1.1.0/go.mod h1:jlne2H7IqjoVgahl3+wDj1qdI5CWZMmoT46sbLmCj48=
example.test/oldrt v1.0.0 h1:V+vUcTtRLgc7bf+Dcs9z87jmOjwERTKrarr50DVksdM=
example.test/oldrt v1.0.0/go.mod h1:bIt2+h4MyR1iZtnk/7704oAAKHywD8jm8p+BF/LJ4Y4=
example.test/third v1.0.0 h1:XdJp3VTqMDqchJhQ9yyoxq6vGgkp5ee3SF+AXIiN2hA=
example.test/third v1.0.0/go.mod h1:HAA3eoVWV/kkeGXHef3gZEMKnW27191AlocL9HnCNv4=
";

fn rewritten(proxy: &Proxy, text: &str, files: &[(&str, &str)]) -> Result<String, String> {
    let files: BTreeMap<_, _> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let moves = [Move {
        name: "example.test/manifest".to_owned(),
        from: Some("1.0.0".to_owned()),
        to: "1.1.0".to_owned(),
    }];
    let bump = Bump {
        moves: &moves,
        own: &[],
        files: &files,
        facts: proxy,
    };
    GoSum.rewrite(text, &bump).map_err(|it| it.0)
}

fn why(proxy: &Proxy, text: &str, app: &str) -> String {
    rewritten(proxy, text, &[("go.mod", app)]).unwrap_err()
}

#[test]
fn the_lines_are_those_that_the_go_command_writes() {
    let new = rewritten(&proxy(), OLD, &[("go.mod", APP)]).unwrap();
    assert_eq!(new, NEW);
}

#[test]
fn the_old_go_mods_line_goes_where_nothing_leads_to_it() {
    let app = APP.replace("\texample.test/oldrt v1.0.0\n", "");
    let of_others = |it: &&str| !it.contains("oldrt");
    let lines = |text: &'static str| text.split_inclusive('\n').filter(of_others);
    let old: String = lines(OLD).collect();
    let new: String = lines(NEW)
        .filter(|it| !it.contains("v1.0.0/go.mod h1:jlne"))
        .collect();
    assert_eq!(rewritten(&proxy(), &old, &[("go.mod", &app)]).unwrap(), new);
}

#[test]
fn line_ends_and_the_last_one_stay_and_twice_is_once() {
    for (from, to) in [("\n", "\r\n"), ("\n", "\n")] {
        for tail in ["", to] {
            for mark in ["", "\u{feff}"] {
                let spelled = |text: &str| {
                    let body = text.trim_end().replace(from, to);
                    format!("{mark}{body}{tail}")
                };
                let new = rewritten(&proxy(), &spelled(OLD), &[("go.mod", APP)]).unwrap();
                assert_eq!(new, spelled(NEW));
            }
        }
    }
    let again = rewritten(&Proxy::default(), NEW, &[("go.mod", APP)]);
    // The line of the old `go.mod` is no second version, so nothing is left to do.
    assert_eq!(again.unwrap(), NEW);
}

#[test]
fn after_the_rewrite_lock_and_manifest_agree() -> Result<(), Unread> {
    let files = BTreeMap::from([("go.mod".to_owned(), APP.to_owned())]);
    assert_eq!(GoSum.discords(NEW, &files)?, []);
    let before: Vec<_> = GoSum
        .discords(OLD, &files)?
        .into_iter()
        .map(|it| it.wanted)
        .collect();
    assert_eq!(before, ["v1.1.0", "v1.1.0/go.mod"]);
    Ok(())
}

#[test]
fn what_needs_more_than_before_is_the_tools() {
    let more = MANIFEST.replace("v1.0.0\n", "v1.0.0\n\texample.test/extra v1.0.0\n");
    let mut proxy = proxy();
    proxy.publish("manifest", "1.1.0", &more, &[("m.go", CODE)]);
    let told = why(&proxy, OLD, APP);
    assert!(
        told.contains("another one at v1.1.0 than at v1.0.0"),
        "{told}"
    );
    let code = format!("import _ \"example.test/extra\"\n{CODE}");
    let code = code.replacen("package manifest\n", "", 1);
    let code = format!("package manifest\n{code}");
    proxy.publish(
        "manifest",
        "1.1.0",
        MANIFEST,
        &[("m.go", &code), ("sub/s.go", "package sub\n")],
    );
    let told = why(&proxy, OLD, APP);
    assert!(told.contains("imports packages of other modules"), "{told}");
}

#[test]
fn what_can_not_be_proven_is_the_tools() {
    for (from, to, expected) in [
        (
            "manifest v1.1.0",
            "manifest v1.0.0",
            "does not require `example.test/manifest v1.1.0`",
        ),
        (
            "\texample.test/manifest v1.1.0\n",
            "",
            "does not require `example.test/manifest`",
        ),
        ("go 1.21", "go 1.17", "Go 1.17"),
        (
            "go 1.21",
            "exclude example.test/manifest v1.1.0",
            "excludes",
        ),
        (
            "go 1.21",
            "replace example.test/manifest => example.test/fork v1.1.0",
            "replaced by another module",
        ),
        (
            "go 1.21",
            "require example.test/new v1.0.0",
            "no line for the `go.mod`",
        ),
        (
            "go 1.21",
            "replace example.test/third => ../third",
            "is not seen",
        ),
    ] {
        let app = APP.replace(from, to);
        let told = why(&proxy(), OLD, &app);
        assert!(told.contains(expected), "{to}: {told}");
    }
    let vendored = [("go.mod", APP), ("vendor/modules.txt", "# m\n")];
    let told = rewritten(&proxy(), OLD, &vendored).unwrap_err();
    assert!(told.contains("go mod vendor"), "{told}");
    assert!(rewritten(&proxy(), OLD, &[]).is_err());
}

#[test]
fn a_lock_that_the_go_command_would_write_anew_is_its_own() {
    let mut lines: Vec<_> = OLD.lines().collect();
    lines.swap(0, 2);
    let unsorted = format!("{}\n", lines.join("\n"));
    for text in [unsorted, OLD.replacen(' ', "  ", 1), format!("{OLD}\n")] {
        let told = why(&proxy(), &text, APP);
        assert!(told.contains("writes and sorts"), "{told}");
    }
    let twice = format!("example.test/manifest v0.9.0 h1:00=\n{OLD}");
    assert!(why(&proxy(), &twice, APP).contains("several versions"));
    let moved = OLD.replace("fSJ+", "AAAA");
    assert!(
        why(&proxy(), &moved, APP).contains("another one now"),
        "a tag that was moved"
    );
    let moved = OLD.replace("HAA3", "AAAA");
    assert!(
        why(&proxy(), &moved, APP).contains("another one now"),
        "of what is only read"
    );
}

#[test]
fn a_folder_that_stands_for_the_module_needs_no_sums() {
    let app = APP.replace("go 1.21", "replace example.test/manifest => ../manifest");
    let new = rewritten(&Proxy::default(), OLD, &[("go.mod", &app)]);
    assert_eq!(new.unwrap(), OLD);
}

#[test]
fn siblings_that_name_each_other_move_together() {
    let kit = |version: &str| {
        format!("module example.test/kit\n\ngo 1.21\n\nrequire example.test/kit/json v{version}\n")
    };
    let json = "module example.test/kit/json\n\ngo 1.21\n";
    let mut proxy = Proxy::default();
    for version in ["0.1.0", "0.2.0"] {
        let code = "package kit\n\nimport _ \"example.test/kit/json\"\n";
        proxy.publish("kit", version, &kit(version), &[("k.go", code)]);
        proxy.publish(
            "kit/json",
            version,
            json,
            &[("j.go", "package json\n"), ("V", version)],
        );
    }
    let sums = |version: &str| {
        let of = |name: &str| {
            let module = format!("example.test/{name}");
            let zip = Ask::GoZip {
                module: module.clone(),
                version: format!("v{version}"),
            };
            let zip = proxy.ask(&zip).unwrap();
            let content = Content::read(&zip, &module, &format!("v{version}")).unwrap();
            let text = if name == "kit" {
                kit(version)
            } else {
                json.to_owned()
            };
            let sum = sum_of_mod(text.as_bytes());
            format!(
                "{module} v{version} {}\n{module} v{version}/go.mod {sum}\n",
                content.sum
            )
        };
        format!("{}{}", of("kit"), of("kit/json"))
    };
    let app = "module m\n\ngo 1.21\n\nrequire (\n\texample.test/kit v0.2.0\n\texample.test/kit/json v0.2.0\n)\n";
    let files = BTreeMap::from([("go.mod".to_owned(), app.to_owned())]);
    let to = |name: &str| Move {
        name: name.to_owned(),
        from: None,
        to: "0.2.0".to_owned(),
    };
    let moves = [to("example.test/kit"), to("example.test/kit/json")];
    let rewritten = |moves: &[Move]| {
        let bump = Bump {
            moves,
            own: &[],
            files: &files,
            facts: &proxy,
        };
        GoSum.rewrite(&sums("0.1.0"), &bump)
    };
    assert_eq!(rewritten(&moves).unwrap(), sums("0.2.0"));
    let alone = rewritten(moves.get(..1).unwrap()).unwrap_err();
    assert!(alone.0.contains("another one at v0.2.0"), "{alone}");
}
