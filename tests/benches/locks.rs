//! The benchmark of locks: reading, editing and writing beside what others do, in one process.
//!
//! `cargo bench -p cascade --bench locks` prints Markdown tables. Beside the ecosystems' own tools,
//! the differential program measures: `cargo run --release -p cascade --example differential`.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::format_push_string,
    reason = "a benchmark that can not run should stop, and prints its table"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cascade_manifest::{ALL, Ask, Bump, Facts, Fallback, Lock, Move};
use cascade_run::{Overwrite, save, save_all};

/// How often everything is done, by turns.
const ROUNDS: usize = 9;
/// How long a parser may take over the worst that was thought of.
const LONGEST: Duration = Duration::from_secs(1);

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    println!("| what | cascade ms | beside it | ms | ratio |\n|---|---:|---|---:|---:|");
    judged();
    edited();
    written();
    hostile();
}

/// Returns the median times of two works, done by turns.
fn beside(one: &mut dyn FnMut(), other: &mut dyn FnMut()) -> (Duration, Duration) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    let timed = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    for _ in 0..ROUNDS {
        ones.push(timed(one));
        others.push(timed(other));
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times.get(ROUNDS / 2).copied().unwrap_or_default()
    };
    (median(ones), median(others))
}

fn row(what: &str, other: &str, (own, theirs): (Duration, Duration)) {
    let ms = |it: Duration| it.as_secs_f64() * 1000.0;
    let (own, theirs) = (ms(own), ms(theirs));
    println!(
        "| {what} | {own:.3} | {other} | {theirs:.3} | {:.1} |",
        theirs / own
    );
}

fn lock(name: &str) -> &'static dyn Lock {
    let mut locks = ALL.iter().flat_map(|it| it.locks.iter().copied());
    locks
        .find(|it| it.file_name() == name)
        .expect("a lock format")
}

/// What the family holds in a lock of 3,000 packages, found and told.
fn judged() {
    let names: BTreeSet<String> = (0..3000)
        .step_by(600)
        .map(|it| format!("pack-{it:04}"))
        .collect();
    for (name, text) in [
        ("uv.lock", uv_lock(3000)),
        ("Cargo.lock", cargo_lock(3000)),
        ("package-lock.json", package_lock(3000)),
    ] {
        let format = lock(name);
        let mut own = || {
            let facts = format.find(black_box(&text), &names).expect("a lock");
            assert_eq!(facts.entries.len(), names.len());
        };
        let mut json = || {
            let read = serde_json::from_str::<serde_json::Value>(black_box(&text));
            drop(black_box(read));
        };
        let mut toml = || drop(black_box(text.parse::<toml_edit::DocumentMut>()));
        let (other, theirs): (_, &mut dyn FnMut()) = match name {
            "package-lock.json" => ("serde_json parse", &mut json),
            _ => ("toml_edit parse", &mut toml),
        };
        row(
            &format!("5 of 3,000 packages in `{name}`"),
            other,
            beside(&mut own, theirs),
        );
    }
}

/// One package of a `uv.lock` of 100 moves.
fn edited() {
    let text = uv_lock(100);
    let index = Index;
    let moves = [Move {
        name: "pack-0050".to_owned(),
        from: Some("1.0.0".to_owned()),
        to: "1.1.0".to_owned(),
    }];
    let manifest = "[project]\nname = \"app\"\nversion = \"1.0.0\"\nrequires-python = \">=3.9\"\ndependencies = [\"pack-0050==1.1.0\"]\n";
    let files = BTreeMap::from([("pyproject.toml".to_owned(), manifest.to_owned())]);
    let bump = Bump {
        moves: &moves,
        own: &[],
        files: &files,
        facts: &index,
    };
    let format = lock("uv.lock");
    let native = format.rewrite(&text, &bump).expect("a native rewrite");
    assert!(native.contains("pack_0050-1.1.0.tar.gz"));
    let mut tree = || {
        let mut document: toml_edit::DocumentMut = black_box(&text).parse().expect("TOML");
        let packages = document
            .get_mut("package")
            .and_then(|it| it.as_array_of_tables_mut())
            .expect("packages");
        let named = |it: &&mut toml_edit::Table| {
            it.get("name").and_then(toml_edit::Item::as_str) == Some("pack-0050")
        };
        let found = packages.iter_mut().find(named).expect("the package");
        found["version"] = toml_edit::value("1.1.0");
        drop(black_box(document.to_string()));
    };
    let mut whole = || drop(black_box(format.rewrite(black_box(&text), &bump)));
    row(
        "rewrite of one of 100 packages, all guards",
        "toml_edit parse, set, write",
        beside(&mut whole, &mut tree),
    );
    let at = text
        .find("name = \"pack-0050\"\nversion = \"")
        .expect("the package");
    let mut splice = || {
        let head = "name = \"pack-0050\"\nversion = \"";
        let start = memchr::memmem::find(black_box(text.as_bytes()), head.as_bytes()).expect("it")
            + head.len();
        assert!(start > at);
        let one = cascade_manifest::Splice {
            span: start..start + 5,
            to: "1.1.0".to_owned(),
        };
        drop(black_box(cascade_manifest::splice(&text, &[one])));
    };
    row(
        "the splice alone",
        "toml_edit parse, set, write",
        beside(&mut splice, &mut tree),
    );
}

/// A thousand files in fifty folders, down to the disk.
fn written() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch folder");
    let names: Vec<_> = (0..1000)
        .map(|it| format!("repo-{:02}/file-{it:03}", it % 50))
        .collect();
    let all = |text: &str| {
        names
            .iter()
            .map(|it| (it.clone(), text.as_bytes().to_vec()))
            .collect::<BTreeMap<_, _>>()
    };
    for nth in 0..50 {
        std::fs::create_dir(folder.path().join(format!("repo-{nth:02}"))).expect("a folder");
    }
    save_all(folder.path(), &all("first")).expect("it writes");
    let mut turn = 0;
    let mut pool = || {
        turn += 1;
        save_all(folder.path(), &all(&format!("pool {turn}"))).expect("it writes");
    };
    let mut single = || {
        for name in &names {
            save(&folder.path().join(name), "one by one", Overwrite::Replace).expect("it writes");
        }
    };
    row(
        "1,000 durable edits by the pool",
        "one by one",
        beside(&mut pool, &mut single),
    );
}

/// No reader takes over a second on 10 MB of what nobody should write.
fn hostile() {
    const SIZE: usize = 10 << 20;
    let repeated = |unit: &str| unit.repeat(SIZE / unit.len());
    let texts = [
        ("opened arrays", repeated("[")),
        ("opened objects", repeated("{\"a\":")),
        ("dots", "a".to_owned() + &repeated(".a") + " = 1\n"),
        ("one line of spaces", repeated(" ")),
        ("empty lines", repeated("\n")),
        ("quotes", repeated("\"")),
        ("triple quotes", repeated("\"\"\"\n")),
        ("backslashes", repeated("\\")),
        ("comments", repeated("# x\n")),
        (
            "entries without an end",
            repeated("[[package]]\nname = \"a\"\n"),
        ),
        ("requirements", repeated("a==1\n")),
        ("continued lines", repeated("a==1 \\\n")),
        ("keys", repeated("- a: &a *a\n")),
        ("yaml flow", "a: ".to_owned() + &repeated("[{a: ")),
        (
            "yaml indents",
            (0..3000).fold(String::new(), |mut text, it| {
                let _ = writeln!(text, "{}a:", " ".repeat(it));
                text
            }),
        ),
        (
            "go rows",
            "module m\nrequire (\n".to_owned() + &repeated("\tm v1.0.0\n"),
        ),
        (
            "a half lock",
            "{\"lockfileVersion\":3,\"packages\":{".to_owned()
                + &repeated("\"node_modules/a\":{},"),
        ),
        ("separators", repeated(",")),
    ];
    let mut slowest = (Duration::ZERO, String::new());
    let mut told = |start: Instant, what: String| {
        let took = start.elapsed();
        if took > LONGEST {
            println!("\ntoo slow: {what}: {took:?}");
        }
        if took > slowest.0 {
            slowest = (took, what);
        }
    };
    let names = BTreeSet::from(["a".to_owned()]);
    for (what, text) in &texts {
        for ecosystem in ALL {
            for format in ecosystem.formats {
                let start = Instant::now();
                drop(black_box(format.read(text)));
                told(start, format!("`{}` of {what}", format.name()));
            }
            for lock in ecosystem.locks {
                let start = Instant::now();
                drop(black_box(lock.find(text, &names)));
                told(start, format!("`{}` of {what}", lock.file_name()));
                let start = Instant::now();
                drop(black_box(lock.entries(text)));
                told(
                    start,
                    format!("entries of `{}` of {what}", lock.file_name()),
                );
            }
        }
    }
    println!(
        "\nThe slowest reading of 10 MB: {}, {:.3} s.",
        slowest.1,
        slowest.0.as_secs_f64()
    );
}

fn uv_lock(count: usize) -> String {
    let mut text = String::from(
        "version = 1\nrevision = 3\nrequires-python = \">=3.9\"\n\n[[package]]\nname = \"app\"\nversion = \"1.0.0\"\nsource = { virtual = \".\" }\ndependencies = [\n    { name = \"pack-0050\" },\n]\n\n[package.metadata]\nrequires-dist = [{ name = \"pack-0050\", specifier = \"==1.0.0\" }]\n",
    );
    for nth in 0..count {
        let (name, file) = (format!("pack-{nth:04}"), format!("pack_{nth:04}-1.0.0"));
        text += &format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = {{ registry = \"https://registry.example/simple\" }}\n"
        );
        text += &format!(
            "sdist = {{ url = \"https://registry.example/files/{file}.tar.gz\", hash = \"sha256:{HASH}\", size = 1000, upload-time = \"2026-01-01T00:00:00Z\" }}\n"
        );
        text += &format!(
            "wheels = [\n    {{ url = \"https://registry.example/files/{file}-py3-none-any.whl\", hash = \"sha256:{HASH}\", size = 1000, upload-time = \"2026-01-01T00:00:00Z\" }},\n]\n"
        );
    }
    text
}

const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn cargo_lock(count: usize) -> String {
    let mut text = String::from("version = 4\n");
    for nth in 0..count {
        text += &format!(
            "\n[[package]]\nname = \"pack-{nth:04}\"\nversion = \"1.0.0\"\nsource = \"registry+https://registry.example/index\"\nchecksum = \"{HASH}\"\ndependencies = [\n \"pack-0000\",\n]\n"
        );
    }
    text
}

fn package_lock(count: usize) -> String {
    let mut text = String::from(
        "{\n  \"name\": \"app\",\n  \"version\": \"1.0.0\",\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \"packages\": {\n    \"\": {\n      \"name\": \"app\",\n      \"version\": \"1.0.0\"\n    }",
    );
    for nth in 0..count {
        text += &format!(
            ",\n    \"node_modules/pack-{nth:04}\": {{\n      \"version\": \"1.0.0\",\n      \"resolved\": \"https://registry.example/pack-{nth:04}/-/pack-{nth:04}-1.0.0.tgz\",\n      \"integrity\": \"sha512-{HASH}\",\n      \"license\": \"MIT\"\n    }}"
        );
    }
    text + "\n  }\n}\n"
}

/// An index in memory, of one package in two versions.
struct Index;

impl Facts for Index {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let text = match question {
            Ask::PythonProject { name, .. } => {
                let file = |version: &str, end: &str| {
                    let file = format!("{}-{version}{end}", name.replace('-', "_"));
                    serde_json::json!({"filename": file, "url": format!("https://registry.example/files/{file}"),
                        "hashes": {"sha256": HASH}, "size": 1000, "upload-time": "2026-01-01T00:00:00Z",
                        "core-metadata": true, "yanked": false})
                };
                let ends = [".tar.gz", "-py3-none-any.whl"];
                let files: Vec<_> = ["1.0.0", "1.1.0"]
                    .iter()
                    .flat_map(|v| ends.map(|end| file(v, end)))
                    .collect();
                serde_json::json!({"meta": {"api-version": "1.1"}, "name": name, "files": files})
                    .to_string()
            }
            Ask::PythonMetadata { url } => {
                let version = if url.contains("1.1.0") {
                    "1.1.0"
                } else {
                    "1.0.0"
                };
                format!("Metadata-Version: 2.2\nName: pack-0050\nVersion: {version}\n")
            }
            _ => return Err(Fallback::because("nothing answers that here")),
        };
        Ok(text.into_bytes().into())
    }
}
