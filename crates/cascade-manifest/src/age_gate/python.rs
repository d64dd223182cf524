//! The gates of uv and Poetry.

use super::addition::{to_toml_array, to_toml_table};
use super::{Age, AgeGate, Exemption, Files, GateOrigin, MINUTES_OF_A_DAY, Stops};
use crate::python::PYTHON;
use crate::toml::{Node, Toml};

/// Returns uv's gate for a package. Where there is a `uv.toml`, uv does not look at
/// `pyproject.toml`.
pub(crate) fn uv(name: &str, files: &Files) -> Option<AgeGate> {
    let (path, text, table): (_, _, &[&str]) = match files.get("uv.toml") {
        Some(text) => ("uv.toml", text, &[]),
        None => (
            "pyproject.toml",
            files.get("pyproject.toml")?,
            &["tool", "uv"],
        ),
    };
    // Hardly any file says it, and each would be parsed again for every package that moves.
    if !text.contains("exclude-newer") {
        return None;
    }
    let toml = Toml::parse(text).ok()?;
    let settings = toml.root().find(table)?;
    let packages = settings.get("exclude-newer-package").map(Node::entries);
    let mut packages = packages.into_iter().flatten();
    let own = packages.find(|(key, _)| (PYTHON.canonical)(key.name) == name);
    if let Some((_, value)) = own {
        let said = value.string()?.value;
        return Some(gate(said, origin(path, "exclude-newer-package"), None));
    }
    let said = settings.string_at("exclude-newer")?.value;
    let path_of = |key| table.iter().copied().chain([key]).collect::<Vec<_>>();
    let entry = format!("{name} = false");
    let new = to_toml_table(
        text,
        &path_of("exclude-newer-package"),
        &entry,
        "exclude-newer",
    );
    let exemption = new.map(|text| Exemption {
        path: path.to_owned(),
        text,
    });
    Some(gate(said, origin(path, "exclude-newer"), exemption))
}

fn gate(said: &str, origin: GateOrigin, exemption: Option<Exemption>) -> AgeGate {
    let minutes = Age::of_span(said).filter(|_| !said.contains('-'));
    AgeGate {
        age: minutes.map_or_else(|| Age::Before(said.to_owned()), Age::Minutes),
        origin,
        stops: Stops::Locking,
        // uv writes what its command line or environment says into the lock.
        lifted_by: &[],
        exemption,
    }
}

/// Returns Poetry's gate for a package.
pub(crate) fn poetry(name: &str, files: &Files) -> Option<AgeGate> {
    const FILE: &str = "poetry.toml";
    let text = files.get(FILE)?;
    let toml = Toml::parse(text).ok()?;
    let solver = toml.root().get("solver")?;
    let days = text.get(solver.get("min-release-age")?.span()?)?;
    let days: u64 = days.trim_matches(['"', '\'']).parse().ok()?;
    let exempt = solver.get("min-release-age-exclude");
    let listed = exempt.into_iter().flat_map(Node::items);
    let mut listed: Vec<&str> = listed.filter_map(|it| Some(it.string()?.value)).collect();
    if let Some(it) = exempt.and_then(Node::string) {
        listed.extend(it.value.split(',').map(str::trim));
    }
    if listed.into_iter().any(|it| (PYTHON.canonical)(it) == name) {
        return None;
    }
    let path = ["solver", "min-release-age-exclude"];
    Some(AgeGate {
        age: Age::of(days.saturating_mul(MINUTES_OF_A_DAY))?,
        origin: origin(FILE, "solver.min-release-age"),
        stops: Stops::Locking,
        lifted_by: &[("POETRY_SOLVER_MIN_RELEASE_AGE", "0")],
        exemption: to_toml_array(text, &path, name, "min-release-age").map(|text| Exemption {
            path: FILE.to_owned(),
            text,
        }),
    })
}

fn origin(path: &str, key: &'static str) -> GateOrigin {
    GateOrigin::Setting {
        path: path.to_owned(),
        key,
    }
}
