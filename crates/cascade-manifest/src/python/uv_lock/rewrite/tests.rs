use super::super::UvLock;
use crate::{Ask, Bump, Facts, Fallback, Lock, Move};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

mod guards;
mod reading;
mod records;

/// Answers from a map.
#[derive(Default)]
struct Recorded(BTreeMap<Ask, String>);

impl Facts for Recorded {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let unknown = || Fallback::because(format!("nobody knows {question:?}"));
        Ok(self.0.get(question).ok_or_else(unknown)?.as_bytes().into())
    }
}

const INDEX: &str = "https://registry.example/simple";

const GIT: &str = "https://git.example/lib";

const OLD_COMMIT: &str = "1111111111111111111111111111111111111111";

const NEW_COMMIT: &str = "2222222222222222222222222222222222222222";

/// One version: name, version, metadata, tag of its wheel.
type Published = (&'static str, &'static str, &'static str, &'static str);

const WORLD: &[Published] = &[
    (
        "manifest",
        "1.0.0",
        "Requires-Dist: third<2,>=1\n",
        "py3-none-any",
    ),
    (
        "manifest",
        "1.1.0",
        "Requires-Dist: third>=0.9,<2\nRequires-Dist: more ; extra == 'x'\n",
        "py3-none-any",
    ),
    (
        "manifest",
        "1.2.0",
        "Requires-Dist: third>=1,<2\nRequires-Dist: more\n",
        "py3-none-any",
    ),
    (
        "manifest",
        "1.3.0",
        "Requires-Python: >=3.12\nRequires-Dist: third>=1,<2\n",
        "py3-none-any",
    ),
    (
        "manifest",
        "1.4.0",
        "Requires-Dist: third>=1,<2\n",
        "cp312-cp312-win_amd64",
    ),
    (
        "manifest",
        "1.5.0",
        "Requires-Dist: third>=1.5,<2\n",
        "py3-none-any",
    ),
    (
        "manifest",
        "2.0.0",
        "Requires-Dist: third>=1,<2\n",
        "py3-none-any",
    ),
    (
        "manifest",
        "1.6.0rc1",
        "Requires-Dist: third>=1,<2\n",
        "py3-none-any",
    ),
    (
        "twin",
        "1.0.0",
        "Requires-Dist: manifest==1.0.0\n",
        "py3-none-any",
    ),
    (
        "twin",
        "1.1.0",
        "Requires-Dist: manifest==1.1.0\n",
        "py3-none-any",
    ),
    (
        "runtime",
        "1.0.0",
        "Requires-Dist: manifest<2,>=1\n",
        "py3-none-any",
    ),
    ("third", "1.0.0", "", "py3-none-any"),
];

fn world() -> Recorded {
    let mut facts = Recorded::default();
    let mut pages: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, version, metadata, tag) in WORLD {
        for file in [
            format!("{name}-{version}-{tag}.whl"),
            format!("{name}-{version}.tar.gz"),
        ] {
            let (url, size) = (address(&file), size(&file));
            pages.entry(name).or_default().push(format!(
                "{{\"filename\": \"{file}\", \"url\": \"../../files/{file}\", \"size\": {size}, \
                 \"upload-time\": \"2026-01-01T00:00:00.{size}00Z\", \"yanked\": {}, \
                 \"hashes\": {{\"sha256\": \"{}\"}}}}",
                *version == "1.6.0rc1" && file.ends_with("gz"),
                digest(&file)
            ));
            let text = format!("Metadata-Version: 2.1\nName: {name}\n{metadata}\n");
            facts.0.insert(Ask::PythonMetadata { url }, text);
        }
    }
    for (name, files) in pages {
        let question = Ask::PythonProject {
            index: Some(INDEX.to_owned()),
            name: name.to_owned(),
        };
        facts
            .0
            .insert(question, format!("{{\"files\": [{}]}}", files.join(", ")));
    }
    for (version, commit) in [("1.0.0", OLD_COMMIT), ("1.1.0", NEW_COMMIT)] {
        let (url, tag) = (GIT.to_owned(), format!("lib/v{version}"));
        facts.0.insert(
            Ask::GitTag {
                url: url.clone(),
                tag: tag.clone(),
            },
            format!("{commit}\n"),
        );
        let path = "py/pyproject.toml".to_owned();
        let text = format!(
            "[project]\nname = \"lib\"\nversion = \"{version}\"\ndependencies = [\"third>=1\"]\n"
        );
        facts.0.insert(Ask::GitFile { url, tag, path }, text);
    }
    facts
}

fn digest(file: &str) -> String {
    let byte = file
        .bytes()
        .fold(7_u8, |sum, it| sum.wrapping_mul(31).wrapping_add(it));
    format!("{byte:02x}").repeat(32)
}

fn size(file: &str) -> usize {
    100 + file
        .bytes()
        .fold(0_usize, |sum, it| (sum * 7 + usize::from(it)) % 899)
}

fn address(file: &str) -> String {
    format!("https://registry.example/files/{file}")
}

/// Returns a row of a file, as uv writes it.
fn row(file: &str) -> String {
    let (size, url, digest) = (size(file), address(file), digest(file));
    let time = format!(".{size}");
    let time = time.trim_end_matches('0').trim_end_matches('.');
    format!(
        "{{ url = \"{url}\", hash = \"sha256:{digest}\", size = {size}, \
         upload-time = \"2026-01-01T00:00:00{time}Z\" }}"
    )
}

fn block(name: &str, version: &str, dependencies: &str) -> String {
    let sdist = row(&format!("{name}-{version}.tar.gz"));
    let wheel = row(&format!("{name}-{version}-py3-none-any.whl"));
    let edges = match dependencies {
        "" => String::new(),
        rows => format!("dependencies = [\n{rows}]\n"),
    };
    format!(
        "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\
         source = {{ registry = \"{INDEX}\" }}\n{edges}sdist = {sdist}\nwheels = [\n    {wheel},\n]\n\n"
    )
}

/// What the lock says of what moves.
struct Said<'s> {
    manifest: &'s str,
    twin: &'s str,
    /// The requirement on `manifest`.
    wanted: &'s str,
    own: &'s str,
    tag: &'s str,
    commit: &'s str,
}

const BEFORE: Said<'_> = Said {
    manifest: "1.0.0",
    twin: "1.0.0",
    wanted: "==1.0.0",
    own: "0.1.0",
    tag: "lib%2Fv1.0.0",
    commit: OLD_COMMIT,
};

fn lock(said: &Said<'_>) -> String {
    let Said {
        manifest,
        twin,
        wanted,
        own,
        tag,
        commit,
    } = said;
    let app = format!(
        "[[package]]\nname = \"app\"\nversion = \"{own}\"\nsource = {{ editable = \".\" }}\n\
         dependencies = [\n    {{ name = \"lib\" }},\n    {{ name = \"manifest\" }},\n    \
         {{ name = \"runtime\" }},\n]\n\n\
         [package.metadata]\nrequires-dist = [\n    {{ name = \"lib\", git = \
         \"{GIT}?subdirectory=py&tag={tag}\" }},\n    {{ name = \"manifest\", specifier = \
         \"{wanted}\" }},\n    {{ name = \"runtime\" }},\n    {{ name = \"twin\", extras = [\"z\"], \
         marker = \"extra == 'more'\" }},\n]\nprovides-extras = [\"more\"]\n\n\
         [package.metadata.requires-dev]\ndev = [{{ name = \"manifest\", specifier = \">=1\" }}]\n\n"
    );
    let lib = format!(
        "[[package]]\nname = \"lib\"\nversion = \"1.{}.0\"\nsource = {{ git = \
         \"{GIT}?subdirectory=py&tag={tag}#{commit}\" }}\ndependencies = [\n    \
         {{ name = \"third\" }},\n]\n\n",
        u8::from(*commit == NEW_COMMIT)
    );
    [
        "version = 1\nrevision = 3\nrequires-python = \">=3.9\"\nresolution-markers = [\n    \
         \"python_full_version >= '3.12'\",\n    \"python_full_version < '3.12'\",\n]\n\n"
            .to_owned(),
        app,
        lib,
        block("manifest", manifest, "    { name = \"third\" },\n"),
        block("runtime", "1.0.0", "    { name = \"manifest\" },\n"),
        block("third", "1.0.0", ""),
        block("twin", twin, "    { name = \"manifest\" },\n"),
    ]
    .concat()
    .trim_end()
    .to_owned()
        + "\n"
}

/// Returns the manifest that belongs to such a lock.
fn project(own: &str, wanted: &str, tag: &str) -> String {
    format!(
        "[project]\nname = \"App\"\nversion = \"{own}\"\nrequires-python = \">= 3.9\"\n\
         dependencies = [\"manifest{wanted}\", \"runtime\", \"lib\"]\n\
         [project.optional-dependencies]\nmore = [\"twin[z]\"]\n\
         [dependency-groups]\ndev = [\"manifest >=1\"]\n\
         [tool.uv.sources]\nlib = {{ git = \"{GIT}\", subdirectory = \"py\", tag = \"{tag}\" }}\n"
    )
}

fn moved(it: &str) -> Move {
    let (name, to) = it.split_once('=').unwrap();
    Move {
        name: name.to_owned(),
        from: None,
        to: to.to_owned(),
    }
}

fn rewritten(text: &str, manifest: &str, moves: &[&str], own: &[&str]) -> Result<String, String> {
    let moves: Vec<_> = moves.iter().map(|it| moved(it)).collect();
    let own: Vec<_> = own.iter().map(|it| moved(it)).collect();
    let files = BTreeMap::from([("pyproject.toml".to_owned(), manifest.to_owned())]);
    let bump = Bump {
        moves: &moves,
        own: &own,
        files: &files,
        facts: &world(),
    };
    let new = UvLock.rewrite(text, &bump).map_err(|it| it.0)?;
    assert_eq!(UvLock.discords(&new, &files), Ok(Vec::new()), "{new}");
    assert_eq!(
        UvLock.rewrite(&new, &bump),
        Ok(new.clone()),
        "twice is once"
    );
    Ok(new)
}
