//! A fresh environment with exactly one version installed, from exactly one index.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cascade_plan::{Awaited, Outlet};
use url::Url;

use crate::Environment;
use crate::write::{Overwrite, save};

/// Where an environment is made.
pub(crate) struct Place<'a> {
    /// The folder of the workspace's file, where folders of registries begin.
    pub(crate) root: &'a Path,
    /// The folder of the environment, empty.
    pub(crate) at: &'a Path,
    /// The files of the commit that was released, for the settings in them.
    pub(crate) source: &'a Path,
}

/// What makes an environment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// Files that are written first.
    files: Vec<(&'static str, String)>,
    /// Commands that are run after, in order.
    pub(crate) commands: Vec<Vec<String>>,
    /// Variables of every command.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// Folders whose programs come first from then on.
    pub(crate) programs: Vec<PathBuf>,
}

impl Recipe {
    /// Writes the files of the recipe.
    ///
    /// # Errors
    /// When the disk says no.
    pub(crate) fn write(&self, at: &Path) -> io::Result<()> {
        for (path, text) in &self.files {
            let to = at.join(path);
            fs::create_dir_all(to.parent().unwrap_or(at))?;
            save(&to, text, Overwrite::Never).map_err(|it| io::Error::other(it.to_string()))?;
        }
        Ok(())
    }
}

/// Returns how an environment with this version is made.
///
/// # Errors
/// With the reason, where no tool can install it from there.
pub(crate) fn recipe(
    awaited: &Awaited,
    place: &Place<'_>,
    environment: &Environment,
) -> Result<Recipe, String> {
    match awaited.ecosystem.as_str() {
        "python" if environment.program("uv").is_some() => {
            Ok(python(awaited, place, Installer::Uv))
        }
        "python" => Ok(python(awaited, place, Installer::Pip)),
        "npm" => npm(awaited, place),
        "cargo" => cargo(awaited, place),
        "go" => go(awaited, place),
        other => Err(format!(
            "no tool is known that installs packages of `{other}`"
        )),
    }
}

fn words(text: &[&str]) -> Vec<String> {
    text.iter().map(|it| (*it).to_owned()).collect()
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Returns the folder below which packages of an ecosystem lie, where it has one of its own.
fn below(folder: &Path, own: &str) -> PathBuf {
    let inner = folder.join(own);
    if inner.is_dir() {
        inner
    } else {
        folder.to_path_buf()
    }
}

/// What installs distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Installer {
    Uv,
    Pip,
}

/// The version comes alone and from that index; what it needs comes from wherever the settings say
/// as well.
fn python(awaited: &Awaited, place: &Place<'_>, by: Installer) -> Recipe {
    let at = shown(&place.at.join("env"));
    let python = format!("{at}/bin/python");
    let wanted = format!("{}=={}", awaited.name, awaited.version);
    let install = match by {
        Installer::Uv => words(&[
            "uv",
            "pip",
            "install",
            "--quiet",
            "--python",
            &python,
            "--refresh",
        ]),
        Installer::Pip => words(&[&python, "-m", "pip", "install", "--quiet", "--no-cache-dir"]),
    };
    let (only, also): (Vec<String>, Vec<String>) = match &awaited.outlet {
        Outlet::Address(url) => {
            let also = if by == Installer::Uv {
                "--index"
            } else {
                "--extra-index-url"
            };
            (words(&["--index-url", url]), words(&[also, url]))
        }
        Outlet::Folder(folder) => {
            let folder = shown(&below(&place.root.join(folder), "pypi"));
            let links = words(&["--find-links", &folder]);
            let only = [words(&["--no-index"]), links.clone()].concat();
            (only, links)
        }
        Outlet::Configured | Outlet::Image { .. } | Outlet::Tags { .. } => (Vec::new(), Vec::new()),
    };
    let make = match by {
        Installer::Uv => words(&["uv", "venv", "--quiet", "--no-project", &at]),
        Installer::Pip => words(&["python3", "-m", "venv", &at]),
    };
    let wanted = std::slice::from_ref(&wanted);
    let bare = words(&["--no-deps"]);
    let alone = [install.as_slice(), &only, &bare, wanted].concat();
    let whole = [install.as_slice(), &also, wanted].concat();
    Recipe {
        files: settings(place, &["uv.toml", "pip.conf"]),
        commands: vec![make, alone, whole],
        facts: vec![("VIRTUAL_ENV", at.clone())],
        programs: vec![PathBuf::from(at).join("bin")],
    }
}

/// Returns the settings files at the root of the commit, to be taken over.
fn settings(place: &Place<'_>, names: &[&'static str]) -> Vec<(&'static str, String)> {
    let read = |it: &&'static str| Some((*it, fs::read_to_string(place.source.join(it)).ok()?));
    names.iter().filter_map(read).collect()
}

fn npm(awaited: &Awaited, place: &Place<'_>) -> Result<Recipe, String> {
    let (name, version) = (&awaited.name, &awaited.version);
    let mut install = words(&["npm", "install", "--no-audit", "--no-fund", "--no-progress"]);
    let cache = shown(&place.at.join(".cache"));
    install.extend(words(&["--cache", &cache]));
    match &awaited.outlet {
        Outlet::Address(url) => {
            let option = match name.split_once('/') {
                Some((scope, _)) => format!("--{scope}:registry={url}"),
                None => format!("--registry={url}"),
            };
            install.extend([option, format!("{name}@{version}")]);
        }
        Outlet::Folder(folder) => {
            let folder = place.root.join(folder);
            let file = tarball(&folder, name, version);
            let file = file.ok_or_else(|| "its tarball is not in the folder".to_owned())?;
            install.push(shown(&file));
        }
        Outlet::Configured | Outlet::Image { .. } | Outlet::Tags { .. } => {
            install.push(format!("{name}@{version}"));
        }
    }
    let mut files = settings(place, &[".npmrc"]);
    files.push(("package.json", "{ \"private\": true }\n".to_owned()));
    Ok(Recipe {
        files,
        commands: vec![install],
        facts: Vec::new(),
        programs: vec![place.at.join("node_modules/.bin")],
    })
}

fn tarball(folder: &Path, name: &str, version: &str) -> Option<PathBuf> {
    let plain = name.rsplit('/').next().unwrap_or(name);
    let packed = name.trim_start_matches('@').replace('/', "-");
    let file = format!("{plain}-{version}.tgz");
    let places = [
        folder.join(name).join(&file),
        folder
            .join("npm")
            .join(name.replace('/', "%2f"))
            .join(&file),
        folder.join(name).join("-").join(&file),
        folder.join(format!("{packed}-{version}.tgz")),
        folder.join("npm").join(format!("{packed}-{version}.tgz")),
    ];
    places.into_iter().find(|it| it.is_file())
}

fn cargo(awaited: &Awaited, place: &Place<'_>) -> Result<Recipe, String> {
    let (name, version) = (&awaited.name, &awaited.version);
    let mut files = vec![("src/lib.rs", String::new())];
    let registry = match &awaited.outlet {
        Outlet::Address(url) => {
            let url = url.strip_prefix("sparse+").unwrap_or(url);
            let config = format!("[registries.tried]\nindex = \"sparse+{url}\"\n");
            files.push((".cargo/config.toml", config));
            ", registry = \"tried\""
        }
        Outlet::Configured | Outlet::Image { .. } | Outlet::Tags { .. } => {
            files.extend(settings(place, &[".cargo/config.toml"]));
            ""
        }
        Outlet::Folder(_) => {
            return Err("cargo installs nothing from a folder by itself".to_owned());
        }
    };
    files.push((
        "Cargo.toml",
        format!(
            "[package]\nname = \"smoke\"\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n\
             [workspace]\n\n[dependencies.{name}]\nversion = \"={version}\"{}\n",
            registry.replace(", ", "\n")
        ),
    ));
    Ok(Recipe {
        files,
        commands: vec![words(&["cargo", "fetch", "--quiet"])],
        ..Recipe::default()
    })
}

fn go(awaited: &Awaited, place: &Place<'_>) -> Result<Recipe, String> {
    let mut facts = vec![
        ("GOFLAGS", "-mod=mod -modcacherw".to_owned()),
        ("GOWORK", "off".to_owned()),
        ("GOMODCACHE", shown(&place.at.join(".cache"))),
    ];
    match &awaited.outlet {
        Outlet::Address(url) => facts.push(("GOPROXY", url.clone())),
        Outlet::Folder(folder) => {
            let folder = below(&place.root.join(folder), "go");
            let url = Url::from_directory_path(&folder);
            let url = url.map_err(|()| "the folder is no path".to_owned())?;
            facts.push(("GOPROXY", url.to_string()));
        }
        Outlet::Configured | Outlet::Image { .. } | Outlet::Tags { .. } => {}
    }
    let wanted = format!("{}@v{}", awaited.name, awaited.version);
    Ok(Recipe {
        files: vec![("go.mod", "module smoke\n".to_owned())],
        commands: vec![words(&["go", "get", &wanted])],
        facts,
        programs: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use cascade_plan::Expected;

    use super::*;

    fn of(ecosystem: &str, name: &str, outlet: Outlet) -> Awaited {
        Awaited {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
            version: "1.1.0".to_owned(),
            outlet,
            expected: Expected::default(),
        }
    }

    fn place() -> Place<'static> {
        Place {
            root: Path::new("/town"),
            at: Path::new("/tmp/x"),
            source: Path::new("/nowhere"),
        }
    }

    fn lines(recipe: &Recipe) -> Vec<String> {
        recipe.commands.iter().map(|it| it.join(" ")).collect()
    }

    #[test]
    fn a_version_comes_alone_and_from_its_index() {
        let own = || Outlet::Address("https://registry.example/simple".to_owned());
        let uv = python(&of("python", "core", own()), &place(), Installer::Uv);
        assert_eq!(
            lines(&uv),
            [
                "uv venv --quiet --no-project /tmp/x/env",
                "uv pip install --quiet --python /tmp/x/env/bin/python --refresh --index-url https://registry.example/simple --no-deps core==1.1.0",
                "uv pip install --quiet --python /tmp/x/env/bin/python --refresh --index https://registry.example/simple core==1.1.0",
            ]
        );
        let folder = Outlet::Folder("wheels".to_owned());
        let pip = python(&of("python", "core", folder), &place(), Installer::Pip);
        assert_eq!(
            lines(&pip)[1],
            "/tmp/x/env/bin/python -m pip install --quiet --no-cache-dir --no-index --find-links /town/wheels --no-deps core==1.1.0"
        );
    }

    #[test]
    fn every_ecosystem_has_a_recipe() {
        let own = || Outlet::Address("https://registry.example/".to_owned());
        let scoped = npm(&of("npm", "@own/core", own()), &place()).unwrap();
        assert!(
            lines(&scoped)[0]
                .ends_with("--@own:registry=https://registry.example/ @own/core@1.1.0")
        );
        let crates = cargo(&of("cargo", "core", own()), &place()).unwrap();
        let manifest = &crates
            .files
            .iter()
            .find(|it| it.0 == "Cargo.toml")
            .unwrap()
            .1;
        assert!(
            manifest.ends_with("[dependencies.core]\nversion = \"=1.1.0\"\nregistry = \"tried\"\n")
        );
        let module = go(&of("go", "x.example/a", own()), &place()).unwrap();
        assert_eq!(lines(&module), ["go get x.example/a@v1.1.0"]);
        assert!(
            module
                .facts
                .contains(&("GOPROXY", "https://registry.example/".to_owned()))
        );
        let environment = Environment::new([]);
        let installed = cascade_manifest::ALL
            .iter()
            .filter(|it| !it.formats.is_empty());
        for kind in installed {
            let made = recipe(&of(kind.name, "core", own()), &place(), &environment);
            assert!(
                made.is_ok_and(|it| !it.commands.is_empty()),
                "{}",
                kind.name
            );
        }
    }
}
