//! What holds a reference, and what is asked for before it moves.

use super::*;
use crate::Wanted;
use cascade_manifest::deploy::format_at;

const IMAGE: &str = "registry.example/acme/core";
const OLD: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const BARE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const COMMIT: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// `core` 1.2.0 on GitHub, which publishes an image and two charts, one of them nobody knows from where,
/// and `deploy`.
fn town() -> Sample {
    let core = "[repo.core]\nimages = [\"registry.example/acme/core\"]\n\
        charts = [\"oci://registry.example/charts/core\", \"loose\"]\n";
    Sample::new(&[("core", ""), ("deploy", "core")])
        .declare("[repo.core]\n", core)
        .declare(
            "https://forge.example/core.git",
            "https://github.com/acme/core",
        )
        .file("core", "Cargo.toml", &cargo("core", "1.2.0", ""))
        .tag("core", "v1.2.0")
        .commit("core", "feat: more")
}

/// The files that can hold a reference on `core`, each in all the ways that it has.
fn ways() -> Vec<(&'static str, String)> {
    let workflow = |uses: &str| format!("on: push\njobs:\n  a:\n    steps:\n    - uses: {uses}\n");
    let source = |kind: &str, url: &str, by: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: x}}\n\
             spec:\n  url: {url}\n  ref: {{{by}}}\n"
        )
    };
    let argo = |by: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: x}}\nspec:\n  source:\n    \
             repoURL: https://forge.example/x\n    helm:\n      parameters:\n      \
             - {{name: image.repository, value: {IMAGE}}}\n      - {{name: image.tag, value: v1.2.0}}\n      - {by}\n"
        )
    };
    let git = "https://github.com/acme/core";
    vec![
        ("Dockerfile", format!("FROM {IMAGE}:1.2.0@{OLD}\n")),
        ("Dockerfile", format!("FROM {IMAGE}@{OLD} AS alone\n")),
        (
            "compose.yaml",
            format!("services: {{a: {{image: '{IMAGE}:1.2@{OLD}'}}}}\n"),
        ),
        (
            "values.yaml",
            format!("image:\n  repository: {IMAGE}\n  tag: 1.2.0\n  digest: {OLD}\n"),
        ),
        (
            "values.yaml",
            format!("image:\n  repository: {IMAGE}\n  tag: 1.2.0\n  sha: {BARE}\n"),
        ),
        (
            "values.yaml",
            format!("image:\n  repository: {IMAGE}\n  sha: \"{BARE}\" # 1.2.0\n"),
        ),
        (
            "values.yaml",
            format!("image:\n  repository: {IMAGE}\n  tag: 1.2.0@{OLD}\n"),
        ),
        (
            "kustomization.yaml",
            format!("images:\n- name: {IMAGE}\n  newTag: v1.2.0\n  digest: {OLD}\n"),
        ),
        (
            "x.yaml",
            format!(
                "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: {IMAGE}:1.2.0@{OLD}\n"
            ),
        ),
        (
            "argo.yaml",
            argo(&format!("{{name: image.digest, value: '{OLD}'}}")),
        ),
        (
            "argo.yaml",
            argo(&format!("{{name: image.sha, value: {BARE}}}")),
        ),
        (
            "flux.yaml",
            source(
                "OCIRepository",
                &format!("oci://{IMAGE}"),
                &format!("tag: 1.2.0, digest: '{OLD}'"),
            ),
        ),
        (
            "flux.yaml",
            source("GitRepository", git, &format!("commit: {COMMIT}")),
        ),
        (
            ".github/workflows/a.yml",
            workflow(&format!("acme/core@{COMMIT} # v1.2.0")),
        ),
        (
            ".github/workflows/a.yml",
            workflow(&format!("acme/core@{COMMIT} # v1")),
        ),
        (
            ".github/workflows/a.yml",
            workflow(&format!("acme/core@{COMMIT}")),
        ),
        (
            ".pre-commit-config.yaml",
            format!("repos:\n- repo: {git}\n  rev: {COMMIT} # frozen: v1.2.0\n"),
        ),
        (
            "main.tf",
            format!("module \"a\" {{\n  source = \"git::{git}?ref={COMMIT}\"\n}}\n"),
        ),
    ]
}

/// Returns the step of `deploy` with this file when `core` is released.
fn of_deploy(sample: &Sample, to: &str) -> Step {
    let plan = release(sample, &[&format!("core={to}")]);
    step(&plan, "deploy").clone()
}

fn written(step: &Step) -> String {
    let mut writes = step.actions.iter();
    let found = writes.find_map(|it| match it {
        Action::Write { after, .. } => Some(after.clone()),
        _ => None,
    });
    found.unwrap_or_default()
}

/// Returns what is asked for, image and tags.
fn asked(step: &Step) -> Vec<String> {
    let words = |it: &Wanted| match it {
        Wanted::Digest { image, tags } => format!("{image}:{}", tags.join("|")),
        Wanted::Commit { repo, tag, .. } => format!("{repo}@{tag}"),
    };
    step.resolves().map(|it| words(&it.what)).collect()
}

/// Returns the file of `deploy` and what becomes of its pins when `core` is released.
fn promoted(path: &str, text: &str, to: &str) -> (Vec<PinFate>, Step) {
    let step = of_deploy(&town().file("deploy", path, text), to);
    let fates = step.pins.iter().map(|it| it.fate.clone());
    (fates.collect(), step)
}

fn answered(step: &Step, digits: &str) -> Vec<Option<String>> {
    let answer = |it: &Wanted| match it {
        Wanted::Digest { .. } => format!("sha256:{digits}"),
        Wanted::Commit { .. } => digits.chars().take(40).collect(),
    };
    step.resolves().map(|it| Some(answer(&it.what))).collect()
}

fn filled(step: &Step, answers: &[Option<String>]) -> Step {
    let filled = step.filled(answers).unwrap();
    assert_eq!((filled.is_written(), filled.is_told()), (Ok(()), Ok(())));
    filled
}

#[test]
fn whatever_holds_a_reference_is_replaced_by_the_answer() {
    for (path, text) in ways() {
        let (fates, step) = promoted(path, &text, "2.0.0");
        assert!(
            matches!(fates[..], [PinFate::Updated(_)]),
            "{text}: {fates:?}"
        );
        let planned = written(&step);
        for digits in [
            "0a".repeat(32),
            "1".repeat(64),
            format!("12e{}", "4".repeat(61)),
        ] {
            let it = filled(&step, &answered(&step, &digits));
            let now = written(&it);
            assert!(!now.contains("facade"), "{now}");
            let read = format_at(path, &|_| false).unwrap().read(&now).unwrap();
            let holds: Vec<&str> = read
                .iter()
                .filter_map(|it| it.held.as_ref())
                .map(|it| it.text.as_str())
                .collect();
            let [hold] = holds[..] else {
                panic!("one hold: {now}")
            };
            assert!(
                digits.starts_with(hold.trim_start_matches("sha256:")),
                "{now}"
            );
            assert!(step.is_filled(path, &planned, &now), "{now}");
            assert!(!step.is_filled(path, &planned, &planned), "{planned}");
        }
    }
}

#[test]
fn an_answer_that_yaml_takes_for_a_number_stands_in_quotes() {
    let digits = format!("12e{}", "4".repeat(61));
    for (path, text) in ways() {
        let plain = [
            format!("sha: {BARE}"),
            format!("rev: {COMMIT}"),
            format!("value: {BARE}"),
            format!("commit: {COMMIT}"),
        ];
        let is_plain = plain.iter().any(|it| text.contains(it.as_str()));
        let (_, step) = promoted(path, &text, "2.0.0");
        let now = written(&filled(&step, &answered(&step, &digits)));
        assert_eq!(
            now.contains(": \"12e44"),
            is_plain || text.contains(&format!("\"{BARE}")),
            "{now}"
        );
    }
}

#[test]
fn what_is_its_own_is_never_asked_for() {
    let chart = "dependencies:\n- name: core\n  version: ^1.0.0\n  repository: oci://registry.example/charts\n";
    let sample = town()
        .file("core", "chart/Chart.yaml", chart)
        .file(
            "core",
            "chart/values.yaml",
            &format!("image: {IMAGE}:1.2.0\n"),
        )
        .file(
            "core",
            "deploy/kustomization.yaml",
            &format!("images:\n- {{name: {IMAGE}, newTag: 1.2.0, digest: '{OLD}'}}\n"),
        );
    let plan = release(&sample, &["core=2.0.0"]);
    let core = step(&plan, "core");
    assert_eq!(asked(core), Vec::<String>::new());
    let fates: Vec<_> = core
        .pins
        .iter()
        .map(|it| (it.manifest.as_str(), &it.fate))
        .collect();
    let updated = |it: &str| PinFate::Updated(it.to_owned());
    let kept = PinFate::Kept("it comes out with this very commit, so neither digest nor commit of it can be known before".to_owned());
    assert_eq!(
        fates,
        [
            ("chart/Chart.yaml", &updated("^2.0.0")),
            ("chart/values.yaml", &updated("2.0.0")),
            ("deploy/kustomization.yaml", &kept),
        ]
    );
}

#[test]
fn a_digest_behind_a_short_tag_moves_though_the_tag_says_it_already() {
    let (fates, step) = promoted("Dockerfile", &format!("FROM {IMAGE}:1.2@{OLD}\n"), "1.2.1");
    assert_eq!(fates, [PinFate::Updated("1.2".to_owned())]);
    assert_eq!(asked(&step), [format!("{IMAGE}:1.2")]);
    let now = written(&filled(&step, &answered(&step, &"0c".repeat(32))));
    assert_eq!(
        now,
        format!("FROM {IMAGE}:1.2@sha256:{}\n", "0c".repeat(32))
    );
    let kept = PinFate::Kept("says it already".to_owned());
    for text in [
        format!("FROM {IMAGE}:1.2.1@{OLD}\n"),
        format!("FROM {IMAGE}:1.2\n"),
    ] {
        let (fates, _) = promoted("Dockerfile", &text, "1.2.1");
        assert_eq!(fates, std::slice::from_ref(&kept), "{text}");
    }
}

const CHART: &str = "dependencies:\n- name: NAME\n  version: \"VERSION\"\n  repository: ORIGIN\n";

fn chart(name: &str, version: &str, origin: &str) -> String {
    let chart = CHART.replace("NAME", name).replace("VERSION", version);
    chart.replace("ORIGIN", origin)
}

const CHARTS: &str = "oci://registry.example/charts";

#[test]
fn a_chart_is_asked_for_where_it_is_declared_and_by_its_version() {
    for (name, version, origin, asks) in [
        ("core", "1.2.0", CHARTS, true),
        ("core", "v1.2.0", "oci://Registry.example/charts/", true),
        ("core", "=1.2.0", CHARTS, true),
        ("core", "1.2", CHARTS, true),
        ("core", "^1.2.0", CHARTS, true),
        ("loose", "1.2.0", "oci://evil.example/x", false),
        ("loose", "^1.2.0", "oci://evil.example/x", false),
        ("loose", "1.2.0", "alias:stable", false),
        ("loose", "1.2.0", "'@stable'", false),
        ("loose", "1.2.0", "https://evil.example/x", false),
    ] {
        let (fates, step) = promoted("Chart.yaml", &chart(name, version, origin), "2.0.0");
        assert!(
            matches!(fates[..], [PinFate::Updated(_)]),
            "{version}: {fates:?}"
        );
        let wanted = ["registry.example/charts/core:2.0.0|v2.0.0"];
        assert_eq!(
            asked(&step),
            &wanted[..usize::from(asks)],
            "{version} {origin}"
        );
    }
}

#[test]
fn a_short_version_of_a_chart_is_a_range_as_helm_reads_it() {
    for (version, to, new) in [
        ("1.2", "1.2.1", None),
        ("1", "1.3.0", None),
        ("v1", "1.3.0", None),
        ("1.2", "1.3.0", Some("1.3")),
        ("1", "2.0.0", Some("2")),
        ("v1.2", "1.3.0", Some("v1.3")),
    ] {
        let text = chart("core", version, CHARTS);
        let (fates, step) = promoted("Chart.yaml", &text, to);
        let wanted = match new {
            Some(new) => PinFate::Updated(new.to_owned()),
            None => PinFate::Kept("the range admits it".to_owned()),
        };
        assert_eq!(fates, [wanted], "{version} -> {to}");
        let after = new.map(|new| text.replace(&format!("\"{version}\""), &format!("\"{new}\"")));
        assert_eq!(written(&step), after.unwrap_or_default());
    }
}

/// `core` as a package of Python, and a chart on it.
fn snake(version: &str, external: bool) -> Sample {
    let needs = "needs = [{ repo = \"core\", policy = \"external\" }]";
    let sample = Sample::new(&[("core", ""), ("deploy", "core")])
        .declare(
            "[repo.core]\n",
            "[repo.core]\ncharts = [\"oci://registry.example/charts/core\"]\n",
        )
        .file("core", "pyproject.toml", &python("core", "1.2.0", ""))
        .tag("core", "v1.2.0")
        .commit("core", "feat: more")
        .file("deploy", "Chart.yaml", &chart("core", version, CHARTS));
    if external {
        return sample.declare("needs = [\"core\"]", needs);
    }
    sample
}

#[test]
fn a_range_on_what_python_publishes_is_read_and_rewritten() {
    let fate = |version: &str, to: &str| of_deploy(&snake(version, false), to).pins[0].fate.clone();
    let kept = PinFate::Kept("the range admits it".to_owned());
    assert_eq!(fate("^1.2.0", "1.2.1"), kept);
    assert_eq!(fate("^1.0.0", "1.3"), kept);
    assert_eq!(
        fate("^1.2.0", "2.0.0"),
        PinFate::Updated("^2.0.0".to_owned())
    );
    assert_eq!(fate("^1.2.0", "2.0"), PinFate::Updated("^2.0.0".to_owned()));
    assert!(matches!(fate("^1.2.0", "1.2.1.post1"), PinFate::Refused(_)));
}

#[test]
fn a_range_that_another_system_keeps_is_there_where_it_admits_the_version() {
    for (version, there) in [
        ("^1.0.0", true),
        ("1", true),
        ("~1.2.0", false),
        ("1.2.0", false),
    ] {
        let step = of_deploy(&snake(version, true), "1.3.0");
        let wait = step.actions.iter().find_map(|it| match it {
            Action::AwaitPins(it) => Some(it),
            _ => None,
        });
        assert_eq!(wait.is_none(), there, "{version}");
        let survey = snake(version, true).survey();
        let seen = &survey.repos[&RepoId::new("deploy")];
        let missing = wait.map(|it| it.missing(seen).len());
        assert_eq!(
            missing.unwrap_or_default(),
            usize::from(!there),
            "{version}"
        );
    }
}

#[test]
fn a_page_that_has_to_show_a_digest_is_told_it_before() {
    let dispatch = |contains: &str| {
        format!(
            "needs = [\"core\"]\n[repo.deploy.dispatch]\nurl-env = \"PROMOTE_URL\"\n\
            effect = {{ url = \"https://shop.example/version\", contains = '{contains}' }}\n"
        )
    };
    let page = |step: &Step| {
        let mut pages = step.actions.iter();
        let found = pages.find_map(|it| match it {
            Action::AwaitPage(it) => Some(it.contains.clone()),
            _ => None,
        });
        found.unwrap_or_default()
    };
    let digest = format!("sha256:{}", "0d".repeat(32));
    for (contains, shown) in [
        ("at {digest}", format!("at {digest}")),
        ("{version}", "1.3.0".to_owned()),
    ] {
        let sample = town().declare("needs = [\"core\"]", &dispatch(contains));
        let step = of_deploy(&sample, "1.3.0");
        let asks = step.resolves().count();
        assert_eq!(asks, 1);
        let now = filled(&step, &vec![Some(digest.clone()); asks]);
        assert_eq!(page(&now), shown);
    }
    let all = town().declare("needs = [\"core\"]", &dispatch("{packages}"));
    let step = of_deploy(&all, "1.3.0");
    let now = page(&filled(&step, &[Some(digest.clone())]));
    assert!(now.contains(&digest) && !now.contains("facade"), "{now}");
    // Every page shows nothing.
    let nothing = town()
        .declare("images = [\"registry.example/acme/core\"]\n", "")
        .declare("needs = [\"core\"]", &dispatch("{digest}"));
    let held = of_deploy(&nothing, "1.3.0").held.unwrap();
    assert!(held.why.contains("has no image"), "{held:?}");
}

#[test]
fn an_image_is_known_by_its_host_in_any_case() {
    let core = "images = [\"Registry.Example/acme/up\"]\n";
    for host in ["registry.example", "REGISTRY.example"] {
        let text = format!("FROM {host}/acme/up:1.2.0\n");
        let sample = town()
            .declare("images = [\"registry.example/acme/core\"]\n", core)
            .file("deploy", "Dockerfile", &text);
        let step = of_deploy(&sample, "1.3.0");
        assert_eq!(written(&step), text.replace("1.2.0", "1.3.0"));
    }
}
