//! What `.npmrc` files and npm's variables say: registries by scope, logins by address.

use std::collections::BTreeMap;
use std::path::PathBuf;

use url::Url;

use super::login::Login;
use super::{Reach, settings};

/// npm's settings, the nearest first.
pub(super) struct Npmrc(pub(super) Vec<BTreeMap<String, String>>);

impl Npmrc {
    /// Returns the settings of variables, of the project, and of the person.
    pub(super) fn of(reach: &Reach<'_>) -> Self {
        let mut all = vec![variables(reach)];
        let project = reach.folders().map(|it| it.join(".npmrc"));
        let said = reach
            .var("npm_config_userconfig")
            .or_else(|| reach.var("NPM_CONFIG_USERCONFIG"));
        let person = said.map(PathBuf::from);
        let person = person.or_else(|| Some(reach.home()?.join(".npmrc")));
        for at in project.chain(person) {
            if let Some(text) = settings::text(&at) {
                all.push(read(&text, &|name| reach.var(name).map(str::to_owned)));
            }
        }
        Self(all)
    }

    /// Returns a setting.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find_map(|it| it.get(key)).map(String::as_str)
    }

    /// Returns the registry that is set for a package.
    pub(super) fn registry(&self, name: &str) -> Option<&str> {
        let scope = name
            .split_once('/')
            .map(|it| it.0)
            .filter(|it| it.starts_with('@'));
        let scoped = scope.and_then(|it| self.get(&format!("{it}:registry")));
        scoped.or_else(|| self.get("registry"))
    }

    /// Returns the login for an address: that of the longest path above it.
    pub(super) fn login(&self, url: &Url) -> Option<Login> {
        let host = match (url.host_str()?, url.port()) {
            (host, Some(port)) => format!("//{host}:{port}"),
            (host, None) => format!("//{host}"),
        };
        let mut path = url.path();
        loop {
            for end in ["/", ""] {
                let at = format!("{host}{}{end}", path.trim_end_matches('/'));
                if let Some(login) = self.login_at(&at) {
                    return Some(login);
                }
            }
            path = path.trim_end_matches('/');
            path = path.rsplit_once('/')?.0;
        }
    }

    fn login_at(&self, at: &str) -> Option<Login> {
        let of = |key: &str| self.get(&format!("{at}:{key}"));
        if let Some(token) = of("_authToken") {
            return Some(Login::bearer(token));
        }
        if let Some(both) = of("_auth") {
            return Some(Login::encoded(both));
        }
        let password = of("_password")?;
        let bytes =
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, password).ok()?;
        let password = String::from_utf8(bytes).ok()?;
        Some(Login::basic(of("username")?, &password))
    }
}

fn variables(reach: &Reach<'_>) -> BTreeMap<String, String> {
    let known = reach.vars().filter_map(|(name, value)| {
        let key = ["npm_config_", "NPM_CONFIG_", "PNPM_CONFIG_", "pnpm_config_"]
            .iter()
            .find_map(|it| name.strip_prefix(it))?;
        let plain = key.starts_with("//") || key.starts_with('@');
        let key = if plain {
            key.to_owned()
        } else {
            key.to_lowercase().replace('_', "-")
        };
        (!value.is_empty()).then(|| (key, value.to_owned()))
    });
    known.collect()
}

/// Reads a `.npmrc`. A value with a variable that is not set says nothing.
pub(super) fn read(text: &str, var: &dyn Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with(['#', ';', '[']) {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']);
        if let (Some(key), Some(value)) = (filled(key.trim(), var), filled(value, var)) {
            all.insert(key, value);
        }
    }
    all
}

/// Returns a text with its variables filled in; `None` where one is not set.
fn filled(text: &str, var: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut all = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        all.push_str(before);
        match name.strip_suffix('?') {
            Some(name) => all.push_str(&var(name).unwrap_or_default()),
            None => all.push_str(&var(name)?),
        }
        rest = after;
    }
    all.push_str(rest);
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npmrc(text: &str) -> Npmrc {
        let var = |name: &str| (name == "TOKEN").then(|| "secret".to_owned());
        Npmrc(vec![read(text, &var)])
    }

    #[test]
    fn a_scope_has_a_registry_of_its_own() {
        let it = npmrc(
            "registry = \"https://registry.example/npm/\"\n@own:registry=https://own.example\n; x=y\n",
        );
        assert_eq!(it.registry("@own/core"), Some("https://own.example"));
        assert_eq!(
            it.registry("@other/core"),
            Some("https://registry.example/npm/")
        );
        assert_eq!(it.registry("core"), Some("https://registry.example/npm/"));
    }

    #[test]
    fn a_login_belongs_to_a_path_of_a_server() {
        let it = npmrc(
            "//registry.example/npm/:_authToken=${TOKEN}\n//old.example:8080/:_auth=YTpi\n//x.example/:_authToken=${NONE}\n",
        );
        let login = |url: &str| it.login(&Url::parse(url).unwrap());
        let found = login("https://registry.example/npm/core/-/core-1.0.0.tgz");
        assert_eq!(found, Some(Login::bearer("secret")));
        assert_eq!(login("https://registry.example/other/core"), None);
        assert_eq!(login("https://registry.example.evil/npm/core"), None);
        assert_eq!(
            login("http://old.example:8080/core"),
            Some(Login::basic("a", "b"))
        );
        assert_eq!(login("https://x.example/core"), None);
    }
}
