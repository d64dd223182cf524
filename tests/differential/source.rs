//! The repositories that packages are released from: what is in them, spelled by each ecosystem.

use std::collections::BTreeMap;

use crate::archive::Files;
use crate::shelf::{
    cargo_range, go_mod, needed_python, package_json, python_range, python_version,
};
use crate::world::{How, Release, Require};

/// Returns the files of a repository that holds these releases: one at its root, several each in a
/// folder of its name.
pub(crate) fn tree(ecosystem: &str, releases: &[&Release]) -> Files {
    if let [one] = releases {
        return package(ecosystem, one);
    }
    let mut files = Files::new();
    for it in releases {
        let own = package(ecosystem, it).into_iter();
        files.extend(own.map(|(path, text)| (format!("{}/{path}", it.name), text)));
    }
    if ecosystem == "cargo" {
        let members: Vec<_> = releases.iter().map(|it| format!("{:?}", it.name)).collect();
        let text = format!("[workspace]\nmembers = [{}]\n", members.join(", "));
        files.push(("Cargo.toml".to_owned(), text));
    }
    files
}

fn package(ecosystem: &str, release: &Release) -> Files {
    match ecosystem {
        "python" => vec![
            ("pyproject.toml".to_owned(), pyproject(release)),
            ("backend.py".to_owned(), BACKEND.to_owned()),
        ],
        "npm" => {
            let text = serde_json::to_string_pretty(&package_json(release)).expect("JSON");
            vec![("package.json".to_owned(), text + "\n")]
        }
        "cargo" => vec![
            ("Cargo.toml".to_owned(), cargo_toml(release)),
            ("src/lib.rs".to_owned(), String::new()),
        ],
        _ => vec![("go.mod".to_owned(), go_mod(release))],
    }
}

/// pip builds what comes from git to hear what it requires; this needs nothing else for that.
const BACKEND: &str = r#"import pathlib, tomllib

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
    lines = ["Metadata-Version: 2.1", "Name: " + project["name"], "Version: " + project["version"]]
    lines.append("Requires-Python: " + project["requires-python"])
    lines += ["Requires-Dist: " + it for it in project["dependencies"]]
    for extra, rows in project.get("optional-dependencies", {}).items():
        lines.append("Provides-Extra: " + extra)
        lines += [f"Requires-Dist: {it} ; extra == '{extra}'" for it in rows]
    name = project["name"].replace("-", "_") + "-" + project["version"] + ".dist-info"
    place = pathlib.Path(folder) / name
    place.mkdir()
    (place / "METADATA").write_text("\n".join(lines) + "\n")
    return name
"#;

fn pyproject(release: &Release) -> String {
    let mut always = String::new();
    let mut extras: BTreeMap<&str, String> = BTreeMap::new();
    for it in &release.requires {
        let marker = match it.how {
            How::Windows => "; sys_platform == 'win32'",
            How::Never => "; python_version < '3'",
            How::Plain | How::Peer | How::Optional | How::Dev => "",
        };
        let row = format!("    \"{}{}{marker}\",\n", it.name, python_range(&it.range));
        match it.how {
            How::Optional => *extras.entry("more").or_default() += &row,
            How::Dev => *extras.entry("test").or_default() += &row,
            _ => always += &row,
        }
    }
    let mut text = format!(
        "[project]\nname = \"{}\"\nversion = \"{}\"\ndescription = \"A package of the test.\"\n\
         requires-python = \"{}\"\ndependencies = [\n{always}]\n",
        release.name,
        python_version(release.version),
        needed_python(release),
    );
    if !extras.is_empty() {
        text += "\n[project.optional-dependencies]\n";
    }
    for (name, rows) in extras {
        text += &format!("{name} = [\n{rows}]\n");
    }
    text + "\n[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n"
}

fn cargo_toml(release: &Release) -> String {
    let mut tables: BTreeMap<&str, String> = BTreeMap::new();
    for it in &release.requires {
        let table = match it.how {
            How::Plain | How::Optional => "dependencies",
            How::Peer => "build-dependencies",
            How::Dev => "dev-dependencies",
            How::Windows => "target.'cfg(windows)'.dependencies",
            How::Never => "target.'cfg(target_os = \"none\")'.dependencies",
        };
        *tables.entry(table).or_default() += &cargo_row(it);
    }
    let mut text = format!(
        "[package]\nname = \"{}\"\nversion = \"{}\"\nedition = \"2021\"\n",
        release.name, release.version
    );
    for (table, rows) in tables {
        text += &format!("\n[{table}]\n{rows}");
    }
    text
}

fn cargo_row(it: &Require) -> String {
    let range = cargo_range(&it.range);
    if it.how == How::Optional {
        return format!(
            "{} = {{ version = \"{range}\", optional = true }}\n",
            it.name
        );
    }
    format!("{} = \"{range}\"\n", it.name)
}
