//! Python indexes: the page of a project and the metadata of a distribution.

use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use cascade_manifest::Fallback;
use url::Url;
use zip::ZipArchive;

use super::http::Unheard;
use super::login::{Login, netrc, same_server, split};
use super::settings::{ini, text, toml, word};
use super::{Lasts, Reach, address, folder_of, page, unheard};

/// What an index may answer with, the best first.
pub(super) const PAGE: &str = "application/vnd.pypi.simple.v1+json, text/html;q=0.5, */*;q=0.1";
/// How large the metadata inside a wheel may be.
const METADATA: u64 = 8 << 20;

/// Returns the page of a project.
pub(super) fn project(
    reach: &Reach<'_>,
    index: Option<&str>,
    name: &str,
) -> Result<Vec<u8>, Fallback> {
    let base = match index {
        Some(text) => place(reach, text)?,
        None => configured(reach, name)?,
    };
    let (base, login) = split(folder_of(base));
    if base.scheme() == "file" {
        return in_folder(&base, name);
    }
    let login = login.or_else(|| login_of(reach, &base));
    let at = base.join(&format!("{name}/"));
    let at = at.map_err(|_| Fallback::because("the index is no address"))?;
    let what = format!("`{name}`");
    let served = reach.get(&at, (PAGE, login.as_ref()), reach.lasts(name));
    let served = served.map_err(|it| unheard(&at, &what, &it))?;
    let at = served.at.as_ref().unwrap_or(&at);
    let read = if served.kind.contains("json") {
        page::of_json(&served.body, at)
    } else {
        let text = std::str::from_utf8(&served.body).ok();
        text.map(|it| page::of_html(it, name, at))
    };
    read.ok_or_else(|| Fallback::because(format!("the page of `{name}` can not be read")))
}

/// Returns the core metadata of a distribution.
pub(super) fn metadata(reach: &Reach<'_>, url: &str) -> Result<Vec<u8>, Fallback> {
    let (at, login) = split(place(reach, url)?);
    let login = login.or_else(|| login_of(reach, &at));
    let file = at.path().rsplit('/').next().unwrap_or_default().to_owned();
    let what = format!("the metadata of `{file}`");
    let mut beside = at.clone();
    beside.set_path(&format!("{}.metadata", at.path()));
    match reach.get(&beside, ("*/*", login.as_ref()), Lasts::TheRun) {
        Ok(served) => return Ok(served.body.clone()),
        Err(Unheard::Absent | Unheard::Denied) => {}
        Err(error) => return Err(unheard(&at, &what, &error)),
    }
    if Path::new(&file).extension().is_none_or(|it| it != "whl") {
        return Err(Fallback::because(format!(
            "{what} is only known by building it"
        )));
    }
    let served = reach.get(&at, ("*/*", login.as_ref()), Lasts::TheRun);
    let served = served.map_err(|it| unheard(&at, &what, &it))?;
    inside(&served.body).ok_or_else(|| Fallback::because(format!("{what} can not be read")))
}

/// Returns the `METADATA` of a wheel.
pub(super) fn inside(wheel: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(wheel)).ok()?;
    let is_it = |it: &String| {
        let parts: Vec<&str> = it.split('/').collect();
        matches!(parts.as_slice(), [folder, "METADATA"] if folder.ends_with(".dist-info"))
    };
    let names = archive.file_names().filter_map(Result::ok);
    let name = names.map(std::borrow::Cow::into_owned).find(is_it)?;
    let mut bytes = Vec::new();
    let file = archive.by_name(&name).ok()?;
    file.take(METADATA + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= METADATA).then_some(bytes)
}

/// Returns an address as a lock writes it: whole, or a path from the lock's folder.
fn place(reach: &Reach<'_>, text: &str) -> Result<Url, Fallback> {
    if text.contains("://") {
        return address(text);
    }
    let path = reach.folder.join(text);
    Url::from_file_path(&path).map_err(|()| Fallback::because("a path of the lock is no path"))
}

/// Returns the page that a folder on this disk makes: a project's own page, or flat files.
pub(super) fn in_folder(base: &Url, name: &str) -> Result<Vec<u8>, Fallback> {
    let none = || Fallback::because(format!("the folder of the index has no `{name}`"));
    let folder = base.to_file_path().map_err(|()| none())?;
    let own = folder.join(name);
    if let Some(html) = text(&own.join("index.html")) {
        let at = Url::from_directory_path(&own).map_err(|()| none())?;
        return Ok(page::of_html(&html, name, &at));
    }
    let (names, at) = match distributions(&own, name) {
        found if !found.is_empty() => (found, Url::from_directory_path(&own)),
        _ => (
            distributions(&folder, name),
            Url::from_directory_path(&folder),
        ),
    };
    let at = at.map_err(|()| none())?;
    if names.is_empty() {
        return Err(none());
    }
    Ok(page::of_names(&names, name, &at))
}

/// Returns the names of a project's distributions in a folder, sorted.
pub(super) fn distributions(folder: &Path, name: &str) -> Vec<String> {
    let canonical = |it: &str| it.to_lowercase().replace(['_', '.'], "-");
    let ours = |it: &String| {
        let stem = it.strip_suffix(".whl").and_then(|it| it.split('-').next());
        let stem = stem.or_else(|| it.strip_suffix(".tar.gz")?.rsplit_once('-').map(|it| it.0));
        stem.is_some_and(|it| canonical(it) == name)
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|it| it.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(ours).collect();
    names.sort();
    names
}

/// Returns the index that is configured, in the order in which the tools look.
pub(super) fn configured(reach: &Reach<'_>, name: &str) -> Result<Url, Fallback> {
    let found = ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"]
        .iter()
        .find_map(|it| reach.var(it).map(|it| unnamed(it).to_owned()))
        .or_else(|| uv_files(reach).find_map(|it| default_index(&it)))
        .or_else(|| {
            pip_files(reach)
                .find_map(|it| Some(ini(&text(&it)?, "global", "index-url")?.to_owned()))
        })
        .or_else(|| reach.tool_says(&["pip", "config", "get", "global.index-url"]))
        .or_else(|| built_in(&reach.tool_says(&["uv", "lock", "--help"])?));
    let found = found.ok_or_else(|| {
        Fallback::because(format!(
            "neither the lock nor any setting says which index has `{name}`"
        ))
    })?;
    address(&found)
}

/// Returns an index without the name before it (`private=https://...`).
fn unnamed(index: &str) -> &str {
    match index.split_once('=') {
        Some((name, url)) if !name.contains([':', '/']) => url,
        _ => index,
    }
}

/// Returns the address that uv's own help names as its default.
pub(super) fn built_in(help: &str) -> Option<String> {
    let flat: Vec<&str> = help.split_whitespace().collect();
    let flat = flat.join(" ");
    let (_, rest) = flat.split_once("--default-index")?;
    let (_, rest) = rest.split_once("by default: ")?;
    let end = rest.find([')', '>', ' '].as_slice()).unwrap_or(rest.len());
    let url = rest.get(..end)?.trim_start_matches('<');
    url.contains("://").then(|| url.to_owned())
}

/// Returns uv's settings: of the project, then of the person, then of the machine.
fn uv_files<'a>(reach: &'a Reach<'_>) -> impl Iterator<Item = toml::Table> + 'a {
    let project = reach.folders().filter_map(|it| {
        let own = toml(&it.join("uv.toml"));
        let inside = || {
            let table = toml(&it.join("pyproject.toml"))?;
            table.get("tool")?.get("uv")?.as_table().cloned()
        };
        own.or_else(inside)
    });
    let person = reach.config_home().map(|it| it.join("uv/uv.toml"));
    let machine = Some(PathBuf::from("/etc/uv/uv.toml"));
    let outside = [person, machine].into_iter().flatten();
    project.chain(outside.filter_map(|it| toml(&it)))
}

/// Returns the indexes that uv's settings list.
fn indexes(settings: &toml::Table) -> impl Iterator<Item = &toml::Table> {
    let list = settings.get("index").and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(toml::Value::as_table)
}

pub(super) fn default_index(settings: &toml::Table) -> Option<String> {
    let is_default =
        |it: &&toml::Table| it.get("default").and_then(toml::Value::as_bool) == Some(true);
    let listed = indexes(settings).find(is_default);
    let url = listed.and_then(|it| word(it, &["url"]));
    url.or_else(|| word(settings, &["index-url"]))
        .or_else(|| word(settings, &["pip", "index-url"]))
        .map(str::to_owned)
}

fn pip_files(reach: &Reach<'_>) -> impl Iterator<Item = PathBuf> {
    let said = reach.var("PIP_CONFIG_FILE").map(PathBuf::from);
    let own = reach.config_home().map(|it| it.join("pip/pip.conf"));
    let old = reach.home().map(|it| it.join(".pip/pip.conf"));
    [said, own, old, Some("/etc/pip.conf".into())]
        .into_iter()
        .flatten()
}

/// Returns the login for an address: of its index by name, of a variable's address, of `.netrc`.
pub(super) fn login_of(reach: &Reach<'_>, url: &Url) -> Option<Login> {
    by_name(reach, url)
        .or_else(|| by_address(reach, url))
        .or_else(|| netrc(reach, url))
}

fn by_address(reach: &Reach<'_>, url: &Url) -> Option<Login> {
    let names = [
        "UV_DEFAULT_INDEX",
        "UV_INDEX_URL",
        "PIP_INDEX_URL",
        "UV_INDEX",
        "UV_EXTRA_INDEX_URL",
        "PIP_EXTRA_INDEX_URL",
    ];
    let words = names.iter().filter_map(|it| reach.var(it));
    let files: Vec<String> = pip_files(reach)
        .filter_map(|it| Some(ini(&text(&it)?, "global", "index-url")?.to_owned()))
        .collect();
    let all = words.flat_map(str::split_whitespace).map(unnamed);
    let mut found = all
        .chain(files.iter().map(String::as_str))
        .filter_map(|it| Url::parse(it).ok())
        .filter(|it| same_server(it, url))
        .filter_map(|it| split(it).1);
    found.next()
}

/// Returns the login that variables have for the name of an index: uv's and Poetry's.
fn by_name(reach: &Reach<'_>, url: &Url) -> Option<Login> {
    let here = |text: &str| Url::parse(text).is_ok_and(|it| same_server(&it, url));
    let uv: Vec<toml::Table> = uv_files(reach).collect();
    let of_uv = uv.iter().flat_map(indexes).find_map(|it| {
        let name = word(it, &["name"]).filter(|_| word(it, &["url"]).is_some_and(here))?;
        let name = shouted(name);
        let (user, password) = (
            format!("UV_INDEX_{name}_USERNAME"),
            format!("UV_INDEX_{name}_PASSWORD"),
        );
        login_by(reach, &user, &password)
    });
    of_uv.or_else(|| {
        let project = reach
            .folders()
            .find_map(|it| toml(&it.join("pyproject.toml")))?;
        let sources = project
            .get("tool")?
            .get("poetry")?
            .get("source")?
            .as_array()?;
        let mut tables = sources.iter().filter_map(toml::Value::as_table);
        tables.find_map(|it| {
            let name = word(it, &["name"]).filter(|_| word(it, &["url"]).is_some_and(here))?;
            let name = shouted(name);
            let (user, password) = (
                format!("POETRY_HTTP_BASIC_{name}_USERNAME"),
                format!("POETRY_HTTP_BASIC_{name}_PASSWORD"),
            );
            login_by(reach, &user, &password)
        })
    })
}

fn login_by(reach: &Reach<'_>, user: &str, password: &str) -> Option<Login> {
    let (user, password) = (reach.var(user), reach.var(password));
    (user.is_some() || password.is_some())
        .then(|| Login::basic(user.unwrap_or_default(), password.unwrap_or_default()))
}

/// Returns a name as it stands in variables: `my-index` is `MY_INDEX`.
fn shouted(name: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    name.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_of_uv_is_read_off_its_help() {
        let help = "  --default-index <DEFAULT_INDEX>\n      The URL of the default package index\n      (by default: <https://registry.example/simple>) [env: X]";
        assert_eq!(
            built_in(help).as_deref(),
            Some("https://registry.example/simple")
        );
        assert_eq!(built_in("--default-index <X>"), None);
    }

    #[test]
    fn an_index_may_have_a_name_before_it() {
        assert_eq!(
            unnamed("private=https://registry.example/a=b"),
            "https://registry.example/a=b"
        );
        assert_eq!(
            unnamed("https://registry.example/a=b"),
            "https://registry.example/a=b"
        );
        assert_eq!(shouted("my-index.2"), "MY_INDEX_2");
    }
}
