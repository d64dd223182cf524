use super::*;
use crate::lock::commands;

const SUM: &str = "\
example.org/a v1.0.0 h1:a0=
example.org/a v1.0.0/go.mod h1:am=
example.org/a v1.1.0/go.mod h1:bm=
example.org/b v0.2.0 h1:b0=
example.org/b v0.2.0/go.mod h1:bb=
";

fn names(all: &[&str]) -> Names {
    all.iter().map(|it| (*it).to_owned()).collect()
}

fn told(text: &str, manifest: &str) -> Vec<String> {
    let files = BTreeMap::from([("go.mod".to_owned(), manifest.to_owned())]);
    let found = GoSum.discords(text, &files).unwrap();
    let told = |it: &Discord| format!("{} {} {:?}", it.subject, it.wanted, it.held);
    found.iter().map(told).collect()
}

#[test]
fn what_is_built_with_has_a_sum_of_its_files() {
    let facts = GoSum
        .find(SUM, &names(&["example.org/a", "example.org/c"]))
        .unwrap();
    let [entry] = &facts.entries[..] else {
        panic!("{facts:?}");
    };
    assert_eq!(entry.version.as_deref(), Some("1.0.0"));
    let entries = GoSum.entries(&SUM.replace('\n', "\r\n")).unwrap();
    let rows: Vec<_> = entries
        .iter()
        .map(|it| (it.name.as_str(), it.version.as_str()))
        .collect();
    assert_eq!(
        rows,
        [("example.org/a", "1.0.0"), ("example.org/b", "0.2.0")]
    );
}

#[test]
fn a_merge_that_was_left_half_is_no_lock() {
    for text in [
        "<<<<<<< ours\n",
        "=======\n",
        "a v1.0.0\n",
        "a v1.0.0 h1:0= more\n",
    ] {
        assert!(GoSum.find(text, &names(&[])).is_err(), "{text}");
    }
    assert!(GoSum.find("", &names(&[])).is_ok());
}

#[test]
fn the_command_asks_for_all_at_once() {
    let it = |name: &str, to: &str| Move {
        name: name.to_owned(),
        from: None,
        to: to.to_owned(),
    };
    let of = |moves: &[Move]| commands(&GoSum, ("go.sum", SUM), &BTreeMap::new(), moves);
    assert_eq!(
        of(&[
            it("example.org/a", "1.1.0"),
            it("example.org/b/v2", "v2.0.1"),
        ]),
        [
            "go get example.org/a@v1.1.0 example.org/b/v2@v2.0.1",
            "go mod tidy"
        ]
    );
    assert_eq!(of(&[]), ["go mod tidy"]);
}

#[test]
fn a_vendor_folder_has_to_be_made_anew() {
    let vendored = |there: &str| {
        let commands = [vec!["go".to_owned(), "get".to_owned()]];
        let found = GoSum.vendored(&BTreeMap::new(), &|path| path == there, &commands)?;
        let lines: Vec<String> = found.commands.iter().map(|it| it.join(" ")).collect();
        Some((found.path, lines))
    };
    let lines = ["go get", "go mod vendor"].map(str::to_owned).to_vec();
    assert_eq!(
        vendored("vendor/modules.txt"),
        Some(("vendor".to_owned(), lines))
    );
    assert_eq!(vendored("vendor/other"), None);
}

#[test]
fn both_lines_of_every_requirement_are_there() {
    let ok = "module m\nrequire (\n\texample.org/a v1.0.0\n\texample.org/b v0.2.0 // indirect\n)\n";
    assert_eq!(told(SUM, ok), [""; 0]);
    assert_eq!(
        told(SUM, "require example.org/a v1.1.0\n"),
        ["example.org/a v1.1.0 Some(\"v1.0.0\")"]
    );
    assert_eq!(
        told(SUM, "require example.org/c v1.0.0\n"),
        [
            "example.org/c v1.0.0 None",
            "example.org/c v1.0.0/go.mod None"
        ]
    );
}

#[test]
fn what_replaces_has_the_sums() {
    for (replace, expected) in [
        ("replace example.org/c => ../c", 0),
        ("replace example.org/c => example.org/b v0.2.0", 0),
        ("replace example.org/c v1.0.0 => example.org/b v0.2.0", 0),
        ("replace example.org/c v1.0.1 => example.org/b v0.2.0", 2),
        ("replace example.org/c => example.org/b v0.3.0", 2),
    ] {
        let manifest = format!("require example.org/c v1.0.0\n{replace}\n");
        assert_eq!(told(SUM, &manifest).len(), expected, "{replace}");
    }
    assert_eq!(told(SUM, "require example.org/c v0.0.0\n"), [""; 0]);
}
