//! The gates of npm, pnpm and Yarn.

use super::addition::{to_npmrc, to_yaml};
use super::{Age, AgeGate, Exemption, Files, GateOrigin, MINUTES_OF_A_DAY, Stops, matches};
use crate::json::{Json, Node};
use crate::yaml::{self, Yaml};
use crate::{Scheme, Version};

const WORKSPACE: &str = "pnpm-workspace.yaml";
const NPMRC: &str = ".npmrc";
const YARN: &str = ".yarnrc.yml";

/// The first versions whose gate is on without a setting.
const PNPM_GATED: [u64; 3] = [11, 0, 0];
const YARN_GATED: [u64; 3] = [4, 15, 0];

/// Returns pnpm's gate for a package.
pub(crate) fn pnpm(name: &str, files: &Files) -> Option<AgeGate> {
    let asked = Asked::of(files);
    if asked.tool.as_deref().is_some_and(|it| it != "pnpm") {
        return None;
    }
    let old = asked.is_below(PNPM_GATED);
    let workspace = files.get(WORKSPACE).map_or("", String::as_str);
    let npmrc = files.get(NPMRC).filter(|_| old).map_or("", String::as_str);
    let (minutes, origin) = pnpm_setting(workspace, npmrc).or_else(|| {
        let default = (MINUTES_OF_A_DAY.to_string(), asked.set_by("pnpm"));
        (!old).then_some(default)
    })?;
    let mut exempt = list(workspace, "minimumReleaseAgeExclude");
    let listed = said(npmrc, "minimum-release-age-exclude");
    exempt.extend(listed.into_iter().map(str::to_owned));
    if exempt.iter().any(|it| matches(it, name)) {
        return None;
    }
    let stops = if old {
        Stops::Locking
    } else {
        Stops::Installing
    };
    let text = to_yaml(workspace, "minimumReleaseAgeExclude", name);
    Some(AgeGate {
        age: Age::of(minutes.parse().ok()?)?,
        origin,
        stops,
        lifted_by: &[
            ("PNPM_CONFIG_MINIMUM_RELEASE_AGE", "0"),
            ("npm_config_minimum_release_age", "0"),
        ],
        exemption: exemption(WORKSPACE, text),
    })
}

/// Returns the minutes that the settings say, and where.
fn pnpm_setting(workspace: &str, npmrc: &str) -> Option<(String, GateOrigin)> {
    let set = scalar(workspace, "minimumReleaseAge");
    let set = set.map(|it| (it, setting(WORKSPACE, "minimumReleaseAge")));
    set.or_else(|| {
        let last = said(npmrc, "minimum-release-age").pop()?.to_owned();
        Some((last, setting(NPMRC, "minimum-release-age")))
    })
}

/// Returns Yarn's gate for a package. Without a word of Yarn's newer versions in the folder it is
/// taken for the classic one, which has no gate.
pub(crate) fn yarn(name: &str, files: &Files) -> Option<AgeGate> {
    let mut asked = Asked::of(files);
    let settings = files.get(YARN);
    let text = settings.map_or("", String::as_str);
    if asked.tool.is_none() {
        let release = scalar(text, "yarnPath");
        asked.version = release.as_deref().and_then(release_of).map(str::to_owned);
    }
    let known = settings.is_some() || asked.tool.as_deref() == Some("yarn");
    if !known || asked.tool.as_deref().is_some_and(|it| it != "yarn") {
        return None;
    }
    let set = scope_gate(text, name).or_else(|| scalar(text, "npmMinimalAgeGate"));
    let (minutes, origin) = match set {
        Some(it) => (Age::of_span(&it)?, setting(YARN, "npmMinimalAgeGate")),
        None if asked.is_below(YARN_GATED) => return None,
        None => (MINUTES_OF_A_DAY, asked.set_by("Yarn")),
    };
    let approved = list(text, "npmPreapprovedPackages");
    if approved.iter().any(|it| matches(it, name)) {
        return None;
    }
    Some(AgeGate {
        age: Age::of(minutes)?,
        origin,
        stops: Stops::Locking,
        lifted_by: &[("YARN_NPM_MINIMAL_AGE_GATE", "0")],
        exemption: exemption(YARN, to_yaml(text, "npmPreapprovedPackages", name)),
    })
}

/// Returns npm's gate for a package.
pub(crate) fn npm(name: &str, files: &Files) -> Option<AgeGate> {
    let text = files.get(NPMRC)?;
    let before = said(text, "before").last().copied();
    let days = said(text, "min-release-age").last().copied();
    let (age, key) = match (before, days) {
        (Some(date), _) => (Age::Before(date.to_owned()), "before"),
        (None, Some(days)) => {
            let days: u64 = days.parse().ok()?;
            (
                Age::of(days.saturating_mul(MINUTES_OF_A_DAY))?,
                "min-release-age",
            )
        }
        (None, None) => return None,
    };
    let exempt = said(text, "min-release-age-exclude");
    if exempt.iter().any(|it| matches(it, name)) {
        return None;
    }
    let line = format!("min-release-age-exclude[]={name}");
    Some(AgeGate {
        age,
        origin: setting(NPMRC, key),
        stops: Stops::Locking,
        lifted_by: if key == "before" {
            &[]
        } else {
            &[("npm_config_min_release_age", "0")]
        },
        exemption: exemption(
            NPMRC,
            Some(to_npmrc(text, &line, |it| {
                it.starts_with("min-release-age")
            })),
        ),
    })
}

fn setting(path: &str, key: &'static str) -> GateOrigin {
    GateOrigin::Setting {
        path: path.to_owned(),
        key,
    }
}

fn exemption(path: &str, text: Option<String>) -> Option<Exemption> {
    let path = path.to_owned();
    text.map(|text| Exemption { path, text })
}

/// The package manager that a manifest asks for.
#[derive(Debug, Default)]
struct Asked {
    tool: Option<String>,
    version: Option<String>,
}

impl Asked {
    /// Returns what the root manifest asks for: `packageManager`, else `devEngines`.
    fn of(files: &Files) -> Self {
        let json = files
            .get("package.json")
            .and_then(|it| Json::parse(it).ok());
        let Some(json) = json else {
            return Self::default();
        };
        let root = json.root();
        let named = root.get("packageManager").and_then(Node::str);
        if let Some((tool, version)) = named.and_then(|it| it.split_once('@')) {
            return Self {
                tool: Some(tool.to_owned()),
                version: version.split('+').next().map(str::to_owned),
            };
        }
        let engines = root
            .get("devEngines")
            .and_then(|it| it.get("packageManager"));
        let first = engines.and_then(|it| it.items().next().or(Some(it)));
        let field = |key: &str| Some(first?.get(key)?.str()?.to_owned());
        Self {
            tool: field("name"),
            version: field("version"),
        }
    }

    /// Returns whether what is asked for is certainly older than a version. Of a range its first
    /// version counts.
    fn is_below(&self, bound: [u64; 3]) -> bool {
        let text = self.version.as_deref().unwrap_or_default();
        let bare = text.trim_start_matches(['^', '~', '=', 'v', ' ']);
        let numbers: Option<Vec<u64>> = bare.split('.').map(|it| it.parse().ok()).collect();
        match (Version::parse(Scheme::Semver, bare), numbers.as_deref()) {
            (Some(version), _) => version.numbers() < bound,
            (None, Some([major, minor])) => [*major, *minor, u64::MAX] < bound,
            (None, Some([major])) => [*major, u64::MAX, u64::MAX] < bound,
            _ => false,
        }
    }

    fn set_by(&self, tool: &'static str) -> GateOrigin {
        GateOrigin::Default {
            tool,
            version: self.version.clone(),
        }
    }
}

/// Returns the version in the path of a release that is kept in the repository:
/// `.yarn/releases/yarn-4.18.1.cjs`.
fn release_of(path: &str) -> Option<&str> {
    let file = path.rsplit('/').next()?;
    file.strip_prefix("yarn-")?.strip_suffix(".cjs")
}

/// Returns the gate of the package's scope.
fn scope_gate(text: &str, name: &str) -> Option<String> {
    let (scope, _) = name.strip_prefix('@')?.split_once('/')?;
    let yaml = Yaml::parse(text).ok()?;
    let gate = yaml
        .root()?
        .find(&["npmScopes", scope, "npmMinimalAgeGate"])?;
    gate.followed().str().map(str::to_owned)
}

fn scalar(text: &str, key: &str) -> Option<String> {
    let yaml = Yaml::parse(text).ok()?;
    let said = yaml.root()?.get(key)?.followed().str()?;
    (!said.is_empty()).then(|| said.to_owned())
}

fn list(text: &str, key: &str) -> Vec<String> {
    let yaml = Yaml::parse(text).ok();
    let root = yaml.as_ref().and_then(Yaml::root);
    let list = root.and_then(|it| it.get(key)).map(yaml::Node::followed);
    let elements = list.into_iter().flat_map(yaml::Node::elements);
    elements
        .filter_map(|it| Some(it.followed().str()?.to_owned()))
        .collect()
}

/// Returns what an `.npmrc` says for a key, `key=` and `key[]=` alike.
fn said<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().filter_map(|it| it.split_once('='));
    lines
        .filter(|(name, _)| {
            let name = name.trim();
            name.strip_suffix("[]").unwrap_or(name) == key
        })
        .map(|(_, value)| value.trim().trim_matches(['"', '\'']))
        .collect()
}
