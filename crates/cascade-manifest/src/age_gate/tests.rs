use proptest::prelude::*;

use super::*;

fn files(rows: &[(&str, &str)]) -> Files {
    let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
    rows.iter().map(own).collect()
}

type Gate = fn(&str, &Files) -> Option<AgeGate>;

fn minutes(gate: Gate, rows: &[(&str, &str)]) -> Option<u64> {
    match gate("core", &files(rows))?.age {
        Age::Minutes(it) => Some(it),
        Age::Before(_) => None,
    }
}

/// Returns the file after the exemption, which lets the package through and no other.
fn exempted(gate: Gate, name: &str, rows: &[(&str, &str)]) -> String {
    let mut files = files(rows);
    let it = gate(name, &files).unwrap().exemption.unwrap();
    files.insert(it.path, it.text.clone());
    assert_eq!(gate(name, &files), None, "{}", it.text);
    assert!(gate("other", &files).is_some());
    it.text
}

#[test]
fn pnpm_is_gated_by_default_from_11_on() {
    let asks = |it: &str| format!("{{\"packageManager\": \"{it}\"}}");
    for (asked, expected) in [
        ("pnpm@12.21.0+sha512.00", Some(1440)),
        ("pnpm@11.0.0", Some(1440)),
        ("pnpm@10.34.9", None),
        ("pnpm@9.15.9", None),
        ("yarn@4.18.1", None),
    ] {
        let manifest = asks(asked);
        let rows = [("package.json", manifest.as_str())];
        assert_eq!(minutes(pnpm, &rows), expected, "{asked}");
    }
    assert_eq!(minutes(pnpm, &[]), Some(1440));
    let engines =
        "{\"devEngines\": {\"packageManager\": {\"name\": \"pnpm\", \"version\": \"^10\"}}}";
    assert_eq!(minutes(pnpm, &[("package.json", engines)]), None);
    let gate = pnpm("core", &Files::new()).unwrap();
    assert_eq!(gate.stops, Stops::Installing);
    assert_eq!(
        gate.origin,
        GateOrigin::Default {
            tool: "pnpm",
            version: None
        }
    );
}

#[test]
fn pnpm_settings_count_where_that_version_reads_them() {
    let set = "minimumReleaseAge: 60 # an hour\n";
    assert_eq!(minutes(pnpm, &[("pnpm-workspace.yaml", set)]), Some(60));
    assert_eq!(
        minutes(pnpm, &[("pnpm-workspace.yaml", "minimumReleaseAge: 0\n")]),
        None
    );
    let npmrc = (".npmrc", "minimum-release-age=30\n");
    assert_eq!(minutes(pnpm, &[npmrc]), Some(1440));
    let old = ("package.json", "{\"packageManager\": \"pnpm@10.34.9\"}");
    assert_eq!(minutes(pnpm, &[npmrc, old]), Some(30));
    for (excluded, expected) in [
        ("core", None),
        ("'*'", None),
        ("core@1.0.0", Some(1440)),
        ("core-x", Some(1440)),
    ] {
        let set = format!("minimumReleaseAgeExclude:\n  - {excluded}\n");
        assert_eq!(
            minutes(pnpm, &[("pnpm-workspace.yaml", &set)]),
            expected,
            "{excluded}"
        );
    }
}

#[test]
fn a_package_is_exempted_by_one_line() {
    assert_eq!(
        exempted(pnpm, "@f/core", &[]),
        "minimumReleaseAgeExclude:\n  - '@f/core'\n"
    );
    for (text, expected) in [
        (
            "packages: [a]\r\n",
            "packages: [a]\r\nminimumReleaseAgeExclude:\r\n  - core\r\n",
        ),
        (
            "\u{feff}a: 1",
            "\u{feff}a: 1\nminimumReleaseAgeExclude:\n  - core\n",
        ),
        (
            "minimumReleaseAgeExclude: # own\n-   x # why\n\n# tail\nz: 1\n",
            "minimumReleaseAgeExclude: # own\n-   x # why\n-   core\n\n# tail\nz: 1\n",
        ),
        (
            "minimumReleaseAgeExclude: [ \"x\" ] # own\n",
            "minimumReleaseAgeExclude: [ \"x\", core ] # own\n",
        ),
    ] {
        assert_eq!(
            exempted(pnpm, "core", &[("pnpm-workspace.yaml", text)]),
            expected
        );
    }
    for text in [
        "{packages: [a]}\n",
        "minimumReleaseAgeExclude: *x\n",
        "minimumReleaseAgeExclude: {}\n",
    ] {
        let gate = pnpm("core", &files(&[("pnpm-workspace.yaml", text)]));
        assert!(gate.is_none_or(|it| it.exemption.is_none()), "{text}");
    }
}

#[test]
fn yarn_is_gated_by_default_from_4_15_on() {
    let rc = |text: &'static str| [(".yarnrc.yml", text)];
    assert_eq!(minutes(yarn, &rc("nodeLinker: pnp\n")), Some(1440));
    assert_eq!(
        minutes(yarn, &rc("yarnPath: .yarn/releases/yarn-4.14.0.cjs\n")),
        None
    );
    assert_eq!(
        minutes(yarn, &rc("npmMinimalAgeGate: 3d\n")),
        Some(3 * 1440)
    );
    assert_eq!(minutes(yarn, &rc("npmMinimalAgeGate: 90\n")), Some(90));
    assert_eq!(minutes(yarn, &rc("npmMinimalAgeGate: 0\n")), None);
    assert_eq!(minutes(yarn, &rc("npmPreapprovedPackages: [core]\n")), None);
    assert_eq!(minutes(yarn, &[]), None);
    assert_eq!(
        minutes(
            yarn,
            &[("package.json", "{\"packageManager\": \"yarn@1.22.22\"}")]
        ),
        None
    );
    let scoped = files(&rc("npmScopes:\n  f:\n    npmMinimalAgeGate: 1h\n"));
    assert_eq!(yarn("@f/core", &scoped).unwrap().age, Age::Minutes(60));
    let text = exempted(yarn, "@f/core", &rc("nodeLinker: pnp\n"));
    assert_eq!(
        text,
        "nodeLinker: pnp\nnpmPreapprovedPackages:\n  - '@f/core'\n"
    );
}

#[test]
fn npm_is_gated_by_its_settings_only() {
    assert_eq!(npm("core", &Files::new()), None);
    let rows = [(".npmrc", "registry=x\r\nmin-release-age=7\r\ny=1")];
    assert_eq!(minutes(npm, &rows), Some(7 * 1440));
    let text = exempted(npm, "core", &rows);
    assert_eq!(
        text,
        "registry=x\r\nmin-release-age=7\r\nmin-release-age-exclude[]=core\r\ny=1"
    );
    let dated = npm("core", &files(&[(".npmrc", "before=2026-01-01")])).unwrap();
    assert_eq!(dated.age, Age::Before("2026-01-01".to_owned()));
}

#[test]
fn uv_and_poetry_are_gated_by_their_settings_only() {
    assert_eq!(uv("core", &Files::new()), None);
    for (text, expected) in [
        (
            "[tool.uv]\nexclude-newer = \"1 day\" # why\n[x]\n",
            "[tool.uv]\nexclude-newer = \"1 day\" # why\nexclude-newer-package = { core = false }\n[x]\n",
        ),
        (
            "[tool.uv]\nexclude-newer = \"P1D\"\nexclude-newer-package = { A = false }\n",
            "[tool.uv]\nexclude-newer = \"P1D\"\nexclude-newer-package = { A = false, core = false }\n",
        ),
        (
            "[tool.uv]\r\nexclude-newer = \"24 hours\"\r\n[tool.uv.exclude-newer-package]\r\nA = false # x",
            "[tool.uv]\r\nexclude-newer = \"24 hours\"\r\n[tool.uv.exclude-newer-package]\r\nA = false # x\r\ncore = false\r\n",
        ),
    ] {
        let rows = [("pyproject.toml", text)];
        assert_eq!(minutes(uv, &rows), Some(1440), "{text}");
        assert_eq!(exempted(uv, "core", &rows), expected);
    }
    let dated = files(&[
        ("uv.toml", "exclude-newer = \"2026-01-01\"\n"),
        ("pyproject.toml", ""),
    ]);
    assert_eq!(
        uv("core", &dated).unwrap().age,
        Age::Before("2026-01-01".to_owned())
    );
    let rows = [("poetry.toml", "[solver]\nmin-release-age = 7\n")];
    assert_eq!(minutes(poetry, &rows), Some(7 * 1440));
    assert_eq!(
        exempted(poetry, "core", &rows),
        "[solver]\nmin-release-age = 7\nmin-release-age-exclude = [\"core\"]\n"
    );
    let rows = [(
        "poetry.toml",
        "[solver]\nmin-release-age = 7\nmin-release-age-exclude = \"Core, b\"\n",
    )];
    assert_eq!(minutes(poetry, &rows), None);
}

proptest! {
    #[test]
    fn any_settings_are_read_and_an_exemption_exempts(
        text in "(\\PC{0,20}|(minimumReleaseAge(Exclude)?|exclude-newer|npmPreapprovedPackages|min-release-age|a)(: ?| ?= ?)([0-9]{1,3}|\"1 d\"|\\[a, b\\]|\r?\n ?- x)( # c)?\r?\n){0,4}"
    ) {
        for (gate, path) in [
            (pnpm as Gate, "pnpm-workspace.yaml"),
            (yarn, ".yarnrc.yml"),
            (npm, ".npmrc"),
            (uv, "uv.toml"),
            (poetry, "poetry.toml"),
        ] {
            let mut files = files(&[(path, &text)]);
            let Some(it) = gate("core", &files).and_then(|it| it.exemption) else { continue };
            prop_assert!(it.text.len() > text.len());
            files.insert(it.path, it.text);
            prop_assert_eq!(gate("core", &files), None);
        }
    }
}
