//! Locks of JavaScript: release-age gates, and the commands of pnpm and Yarn.

use super::*;

const PNPM: &str = "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n  excludeLinksFromLockfile: false\n\nimporters:\n\n  .:\n    dependencies:\n      core:\n        specifier: 1.2.0\n        version: 1.2.0\n\npackages:\n\n  core@1.2.0:\n    resolution: {integrity: sha512-AA==}\n\nsnapshots:\n\n  core@1.2.0: {}\n";

/// `app`, which has a pnpm of today, stands on `core`.
fn gated() -> Sample {
    let app = "{\n  \"name\": \"app\",\n  \"version\": \"1.0.0\",\n  \"packageManager\": \"pnpm@12.21.0\",\n  \"dependencies\": { \"core\": \"1.2.0\" }\n}\n";
    Sample::new(&[("core", ""), ("app", "core")])
        .file(
            "core",
            "package.json",
            "{ \"name\": \"core\", \"version\": \"1.2.0\" }\n",
        )
        .tag("core", "v1.2.0")
        .file("app", "package.json", app)
        .file("app", "pnpm-lock.yaml", PNPM)
        .tag("app", "v1.0.0")
}

#[test]
fn a_release_age_gate_is_shown_and_opened_where_that_is_declared() {
    let plan = bump(&gated(), &["core=minor"]);
    let lock = &step(&plan, "app").locks[0];
    let gate = &lock.gates[0];
    assert_eq!(
        (gate.package.as_str(), gate.version.as_str()),
        ("core", "1.3.0")
    );
    assert_eq!(gate.until, "2026-11-22 00:00 UTC");
    assert!(gate.stops_installs && !gate.exempted, "{gate:?}");
    let file = gate.exemption.clone().expect("a way through");
    let written = |plan: &Plan| {
        let mut acts = step(plan, "app").actions.clone().into_iter();
        acts.find_map(|it| match it {
            Action::Write { path, after, .. } if path == file => Some(after),
            _ => None,
        })
    };
    assert_eq!(written(&plan), None);
    let open = gated().declare("[repo.app]\n", "[repo.app]\nexempt-family = true\n");
    let plan = bump(&open, &["core=minor"]);
    assert!(step(&plan, "app").locks[0].gates[0].exempted);
    let text = written(&plan).expect("an edit");
    assert!(text.contains("core"), "{text}");
}

const YARN: &str = "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n  dependencies:\n    core: \"npm:1.2.0\"\n    other: \"npm:1.0.0\"\n  languageName: unknown\n  linkType: soft\n\n\"core@npm:1.2.0, core@npm:^1.2.0\":\n  version: 1.2.0\n  resolution: \"core@npm:1.2.0\"\n  languageName: node\n  linkType: hard\n";

#[test]
fn the_commands_of_a_lock_are_made_for_its_text_and_the_manifests_after_the_edit() {
    let commands = |app: &str, (file, text): (&str, &str)| -> Vec<String> {
        let mut sample = gated().file("app", "package.json", app);
        sample.at("app").files.remove("pnpm-lock.yaml");
        let sample = sample.file("app", file, text);
        let plan = bump(&sample, &["core=minor"]);
        let commands = &step(&plan, "app").locks[0].commands;
        commands.iter().map(|it| it.join(" ")).collect()
    };
    let asks = |key: &str| {
        format!(
            "{{ \"name\": \"app\", \"version\": \"1.0.0\", \"{key}\": {{ \"core\": \"1.2.0\" }} }}\n"
        )
    };
    let yarn = commands(&asks("dependencies"), ("yarn.lock", YARN));
    assert_eq!(
        yarn,
        [
            "yarn install --mode=update-lockfile",
            "yarn set resolution core@npm:^1.2.0 npm:1.3.0",
            "yarn dedupe --mode=update-lockfile core",
        ]
    );
    let classic = "# yarn lockfile v1\n\n\ncore@1.2.0:\n  version \"1.2.0\"\n";
    let classic = commands(&asks("dependencies"), ("yarn.lock", classic));
    assert_eq!(classic, ["yarn install --ignore-scripts --non-interactive"]);
    let install = "pnpm install --no-frozen-lockfile --lockfile-only --ignore-scripts";
    let pnpm = commands(&asks("dependencies"), ("pnpm-lock.yaml", PNPM));
    assert_eq!(pnpm, [install]);
}
