//! What Python artefacts say of themselves.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cascade_plan::Contents;

use super::archive::{Listing, tar_gz, zip};

/// How many disagreements are told.
const FEW: usize = 20;

/// What a wheel installs.
#[derive(Debug, Default)]
pub(super) struct Installed {
    /// The modules at its top.
    pub(super) modules: Vec<String>,
    /// Data files, each with the package that it is in and its path below that.
    pub(super) data: Vec<(String, String)>,
    /// The commands.
    pub(super) commands: Vec<String>,
}

/// Returns what is in a wheel, and what it installs.
///
/// # Errors
/// Where it can not be read.
pub(super) fn wheel(path: &Path) -> Result<(Contents, Installed), String> {
    let listing = zip(path, |it| {
        it.split_once('/')
            .is_some_and(|it| it.0.ends_with(".dist-info"))
    })?;
    let info = folder(&listing)?;
    let text = |name: &str| listing.texts.get(&format!("{info}/{name}"));
    let metadata = text("METADATA").ok_or("it has no METADATA")?;
    let record = text("RECORD").ok_or("it has no RECORD")?;
    let mut contents = contents(&listing, metadata);
    contents.amiss = disagreements(&listing, record);
    contents.missing = licences(metadata)
        .filter(|it| {
            let at = [format!("{info}/licenses/{it}"), format!("{info}/{it}")];
            !at.iter().any(|it| listing.files.contains_key(it))
        })
        .map(|it| format!("the licence `{it}` that its METADATA names"))
        .collect();
    let commands = text("entry_points.txt").map(|it| commands(it));
    let installed = Installed {
        modules: modules(&listing),
        data: data(&listing),
        commands: commands.unwrap_or_default(),
    };
    Ok((contents, installed))
}

/// Returns what is in a source distribution.
///
/// # Errors
/// Where it can not be read.
pub(super) fn sdist(path: &Path) -> Result<Contents, String> {
    let listing = tar_gz(path, |it| {
        it.split('/').count() == 2 && it.ends_with("/PKG-INFO")
    })?;
    let metadata = listing.texts.values().next();
    Ok(contents(&listing, metadata.ok_or("it has no PKG-INFO")?))
}

fn contents(listing: &Listing, metadata: &str) -> Contents {
    let field = |name: &str| fields(metadata, name).next().unwrap_or_default().to_owned();
    Contents {
        name: field("Name"),
        version: field("Version"),
        paths: listing.files.keys().cloned().collect(),
        escapes: listing.escapes.clone(),
        amiss: Vec::new(),
        missing: Vec::new(),
    }
}

fn fields<'a>(metadata: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let head = metadata.lines().take_while(|it| !it.trim().is_empty());
    head.filter_map(move |line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn licences(metadata: &str) -> impl Iterator<Item = &str> {
    fields(metadata, "License-File")
}

fn folder(listing: &Listing) -> Result<String, String> {
    let roots = listing
        .files
        .keys()
        .filter_map(|it| Some(it.split_once('/')?.0));
    let infos: BTreeSet<&str> = roots.filter(|it| it.ends_with(".dist-info")).collect();
    match infos.into_iter().collect::<Vec<_>>().as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err("it has no .dist-info".to_owned()),
        _ => Err("it has several .dist-info".to_owned()),
    }
}

/// Returns where RECORD and the bytes differ: a hash, a file that it does not name, one that is not there.
fn disagreements(listing: &Listing, record: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut named = BTreeSet::new();
    for line in record.lines().filter(|it| !it.trim().is_empty()) {
        let Some((path, hash)) = row(line) else {
            found.push("RECORD has a line that is none of it".to_owned());
            continue;
        };
        let Some((_, bytes)) = listing.files.get(&path) else {
            found.push(format!("RECORD names `{path}`, which is not there"));
            continue;
        };
        let hash = hash.strip_prefix("sha256=");
        if hash.is_some_and(|it| it.trim_end_matches('=') != BASE64_URL_SAFE_NO_PAD.encode(bytes)) {
            found.push(format!("`{path}` is not what RECORD says"));
        }
        named.insert(path);
    }
    let signed = |it: &str| it.ends_with("/RECORD.jws") || it.ends_with("/RECORD.p7s");
    let unnamed = listing
        .files
        .keys()
        .filter(|it| !named.contains(*it) && !signed(it));
    found.extend(unnamed.map(|it| format!("RECORD does not name `{it}`")));
    found.truncate(FEW);
    found
}

/// Returns the path and the hash of a line of RECORD, which is CSV.
fn row(line: &str) -> Option<(String, String)> {
    let (path, rest) = if let Some(quoted) = line.strip_prefix('"') {
        let (path, rest) = quoted.split_once("\",")?;
        (path.replace("\"\"", "\""), rest)
    } else {
        let (path, rest) = line.split_once(',')?;
        (path.to_owned(), rest)
    };
    let (hash, _) = rest.split_once(',')?;
    Some((path, hash.to_owned()))
}

/// Returns what can be imported at the top.
fn modules(listing: &Listing) -> Vec<String> {
    let mut found = BTreeSet::new();
    for path in listing.files.keys() {
        let name = match path.split_once('/') {
            Some((folder, "__init__.py")) => Some(folder),
            Some(_) => None,
            None => module_file(path),
        };
        found.extend(name.filter(|it| is_word(it)).map(str::to_owned));
    }
    found.into_iter().collect()
}

/// Returns the module that a file is: `six.py`, `_speedups.cpython-311-x86_64-linux-gnu.so`.
fn module_file(path: &str) -> Option<&str> {
    let (stem, rest) = path.split_once('.')?;
    let binary = rest.ends_with("so") || rest.ends_with("pyd");
    (rest == "py" || binary).then_some(stem)
}

fn data(listing: &Listing) -> Vec<(String, String)> {
    let packages = modules(listing);
    let code = ["py", "pyc", "pyi", "so", "pyd", "dylib"];
    let files = listing.files.keys().filter_map(|it| it.split_once('/'));
    let data = files.filter(|(folder, path)| {
        let ending = path.rsplit_once('.').map_or("", |it| it.1);
        packages.iter().any(|it| it == folder) && !code.contains(&ending)
    });
    data.map(|(folder, path)| (folder.to_owned(), path.to_owned()))
        .collect()
}

fn commands(entry_points: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in entry_points.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            inside = section.trim_end_matches(']').trim() == "console_scripts";
        } else if let (true, Some((name, _))) = (inside, line.split_once('=')) {
            let name = name.trim();
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if !name.is_empty() && !name.starts_with(['-', '.']) && name.chars().all(plain) {
                found.push(name.to_owned());
            }
        }
    }
    found
}

fn is_word(name: &str) -> bool {
    let first = |c: char| c.is_alphabetic() || c == '_';
    name.starts_with(first) && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheels_modules_data_and_commands_are_read() {
        let mut listing = Listing::default();
        for path in [
            "six.py",
            "_fast.cpython-311-x86_64-linux-gnu.so",
            "pkg/__init__.py",
            "pkg/a/b.json",
            "pkg/py.typed",
            "loose/x.txt",
            "pkg-1.0.dist-info/METADATA",
            "1x/__init__.py",
        ] {
            listing.files.insert(path.to_owned(), (0, [0; 32]));
        }
        assert_eq!(modules(&listing), ["_fast", "pkg", "six"]);
        let pair = |it: &str| ("pkg".to_owned(), it.to_owned());
        assert_eq!(data(&listing), [pair("a/b.json"), pair("py.typed")]);
        let points = "[console_scripts]\nmine = pkg:main\n-x = a\n../y = b\n[gui]\nother = z\n";
        assert_eq!(commands(points), ["mine"]);
    }

    #[test]
    fn record_is_held_against_the_bytes() {
        let mut listing = Listing::default();
        listing.files.insert("a,b".to_owned(), (0, [0; 32]));
        listing.files.insert("new".to_owned(), (0, [0; 32]));
        let good = BASE64_URL_SAFE_NO_PAD.encode([0; 32]);
        let record = format!("\"a,b\",sha256={good},0\ngone,,\n");
        let want = [
            "RECORD names `gone`, which is not there",
            "RECORD does not name `new`",
        ];
        assert_eq!(disagreements(&listing, &record), want);
        let bad = disagreements(&listing, "\"a,b\",sha256=xx,0\nnew,,\n");
        assert_eq!(bad, ["`a,b` is not what RECORD says"]);
    }
}
