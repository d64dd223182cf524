//! Examples of what runs in clusters: Flux, sets of applications, and their waves.

use super::*;

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// An object of Flux.
fn flux(group: &str, kind: &str, spec: &str) -> String {
    format!(
        "apiVersion: {group}.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: x}}\nspec:\n{spec}---\n"
    )
}

#[test]
fn releases_of_flux() {
    let release = "  chart:
    spec:
      chart: db
      version: 1.4.2
      sourceRef: {kind: HelmRepository, name: x}
  values:
    image: {repository: registry.example/acme/db, tag: v1.4.2}
    web: {image: 'registry.example/acme/web:1.4'}
  postRenderers:
  - kustomize: {images: [{name: side, newName: registry.example/acme/side, newTag: 1.9}]}
";
    let text = flux("helm", "HelmRelease", release)
        + &flux(
            "source",
            "HelmRepository",
            "  url: https://charts.example\n",
        )
        + &flux(
            "helm",
            "HelmRelease",
            "  chart:\n    spec: {chart: ./charts/x, version: 1.0.0, sourceRef: {kind: GitRepository, name: y}}\n",
        )
        + &flux(
            "helm",
            "HelmRelease",
            "  chartRef: {kind: OCIRepository, name: z}\n  values: {tag: 1.0.0}\n",
        )
        + &flux(
            "helm",
            "HelmRelease",
            "  chart: {spec: {chart: none, version: '>=1.4', sourceRef: {kind: HelmRepository, name: q}}}\n",
        );
    assert_eq!(
        told("apps/db.yaml", &text),
        "8 spec.chart.spec chart db 1.4.2
11 spec.values.image image registry.example/acme/db v1.4.2
12 spec.values.web image registry.example/acme/web 1.4
14 spec.postRenderers.images image registry.example/acme/side 1.9
40 spec.chart.spec chart none >=1.4 (it is a range, and what deploys is moved to one version)
"
    );
    let read = format("apps/db.yaml").read(&text).unwrap();
    let origins: Vec<_> = read.iter().filter_map(|it| it.origin.as_deref()).collect();
    assert_eq!(origins, ["https://charts.example"]);
    let other = flux("source", "HelmRepository", "  url: https://other.example\n");
    let read = format("apps/db.yaml").read(&(text + &other)).unwrap();
    assert!(
        read.iter().all(|it| it.origin.is_none()),
        "one name, two addresses"
    );
}

#[test]
fn sources_of_flux() {
    let oci = "  url: oci://registry.example/acme/app\n  ref:\n    ";
    let git = "  url: ssh://git@git.example/acme/app\n  ref:\n    ";
    let text: String = [
        ("OCIRepository", oci, "tag: v1.4.2"),
        ("OCIRepository", oci, "{tag: 1.4.2, semver: '>=1.0.0'}"),
        ("OCIRepository", oci, &format!("tag: 1.4.2\n    digest: {DIGEST}")),
        ("OCIRepository", "  url: https://x\n  ref:\n    ", "tag: 1.4.2"),
        ("GitRepository", git, "tag: v1.4.2"),
        ("GitRepository", git, "name: refs/tags/v1.4.2"),
        ("GitRepository", git, "branch: main"),
        ("GitRepository", git, "semver: ~1.4"),
        ("GitRepository", git, &format!("branch: main\n    commit: {SHA}")),
        ("GitRepository", git, &format!("tag: v1.4.2\n    commit: {SHA}")),
        ("Kustomization", "  images:\n  - ", &format!("{{name: registry.example/acme/api, newTag: 1.4.2, digest: '{DIGEST}'}}\n  patches: [{{patch: 'image: a/b:1'}}]")),
        ("ImagePolicy", "  policy:\n    ", "semver: {range: 1.4.2}\n    containers: [{image: 'a/b:1'}]"),
    ]
    .iter()
    .map(|it| flux("source", it.0, &format!("{}{}\n", it.1, it.2)))
    .collect();
    let (image, module) = (
        "spec.ref image registry.example/acme/app",
        "spec.ref module git.example/acme/app",
    );
    let commit = "(it is held by a commit, which has to move with it)";
    let digest = "(it is held by a digest, which has to move with it)";
    assert_eq!(
        told("flux/sources.yaml", &text),
        format!(
            "7 {image} v1.4.2
15 {image} >=1.0.0 (it is a range, and what deploys is moved to one version)
23 {image} 1.4.2 {digest}
40 {module} v1.4.2
48 {module} refs/tags/v1.4.2
56 {module} main (it names no version)
64 {module} ~1.4 (it is a range, and what deploys is moved to one version)
70 {module} - {commit}
81 {module} v1.4.2 {commit}
89 spec.images image registry.example/acme/api 1.4.2 {digest}
"
        )
    );
    let read = format("flux/sources.yaml").read(&text).unwrap();
    let new = SHA.replace("0123", "3210");
    let held = |line| read.iter().find(|it| it.line == line).unwrap();
    let moves = [(70, ""), (81, "v2.1.0")].map(|it| Move::held(held(it.0), it.1, &new).unwrap());
    let edited = format("flux/sources.yaml").moved(&text, &moves).unwrap();
    let two = format!("tag: v1.4.2\n    commit: {SHA}");
    let expected = text.replace(&two, &two.replace("v1.4.2", "v2.1.0"));
    let commit = |it: &str| format!("commit: {it}\n");
    assert_eq!(edited, expected.replace(&commit(SHA), &commit(&new)));
}

#[test]
fn a_commit_of_flux_that_is_none_stays() {
    let spec = "  url: https://git.example/a/b\n  ref: {tag: v1.4.2, commit: 0a1b2c3}\n";
    let text = flux("source", "GitRepository", spec);
    let read = format("x.yaml").read(&text).unwrap();
    assert_eq!(read[0].stays(), Some(Unmoved::OddCommit));
}

const SET: &str = "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: apps, annotations: {argocd.argoproj.io/sync-wave: \"\\\"3\\\"\"}}
spec:
  goTemplate: true
  generators:
  - list:
      elements:
      - {cluster: one, targetRevision: v1.4.2, image_tag: '1.9', helm: {chart-version: 1.4.2}}
      - {cluster: two, targetRevision: main, imageTag: latest, stage: 1.0.0}
      elementsYaml: 'targetRevision: v9.9.9'
  - matrix:
      generators:
      - git: {repoURL: 'https://git.example/acme/deploy.git', revision: v1.4.2, directories: [{path: apps/*}], values: {version: v1.4.2}}
      - clusters: {selector: {matchLabels: {version: 9.9.9}}, values: {revision: HEAD}}
  templatePatch: |
    spec:
      source: {repoURL: 'https://git.example/acme/no', targetRevision: v9.9.9, tag: {{ .x }}}
  template:
    metadata: {name: '{{.cluster}}-app', annotations: {argocd.argoproj.io/sync-wave: '7'}}
    spec:
      source: {repoURL: 'https://git.example/acme/deploy', targetRevision: '{{.targetRevision}}', path: apps}
";

#[test]
fn what_is_put_into_a_set_has_no_name_and_a_patch_is_a_text() {
    assert_eq!(
        told("apps/set.yaml", SET),
        "9 targetRevision module ? v1.4.2
9 image_tag image ? 1.9
9 helm.chart-version chart ? 1.4.2
14 spec.generators.git module git.example/acme/deploy v1.4.2
14 version image ? v1.4.2
22 spec.template.spec.source module git.example/acme/deploy {{.targetRevision}} (it names no version)
"
    );
}

#[test]
fn applications_tell_their_waves() {
    let one = |name: &str, wave: &str| {
        format!(
            "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n  annotations: {{{wave}}}\nspec:\n  source: {{repoURL: 'https://git.example/acme/{name}', targetRevision: v1.4.2}}\n"
        )
    };
    let wave = |it: &str| format!("argocd.argoproj.io/sync-wave: {it}");
    let list = "---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: in}}\n---\nkind: Pod\napiVersion: v1\n";
    let text = format!(
        "{}{}{}{}{}{list}{}",
        one("a", &wave("\"-5\"")),
        one("b", &wave("2")),
        one("c", ""),
        one("d", &wave("soon")),
        one("e", "helm.sh/hook-weight: '4'"),
        format_args!("---\n{SET}"),
    );
    let all = applications(&text).unwrap();
    let told: Vec<_> = all
        .iter()
        .map(|it| (it.name.as_str(), it.wave, it.line, it.references.len()))
        .collect();
    assert_eq!(
        told,
        [
            ("a", Some(-5), 2, 1),
            ("b", Some(2), 10, 1),
            ("c", None, 18, 1),
            ("d", None, 26, 1),
            ("e", Some(4), 34, 1),
            ("in", None, 45, 0),
            ("apps", Some(3), 50, 6)
        ]
    );
    assert_eq!(all[1].references[0].name, "git.example/acme/b");
    assert_eq!(all[1].references[0].line, 16);
    let of_template = SET.replace(
        ", annotations: {argocd.argoproj.io/sync-wave: \"\\\"3\\\"\"}",
        "",
    );
    assert_eq!(applications(&of_template).unwrap()[0].wave, Some(7));
    assert_eq!(applications("{{ if }}\na: b: c\n"), Ok(Vec::new()));
    assert!(applications("a: b: c\n").is_err());
    let crlf = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(applications(&crlf).unwrap().len(), all.len());
}

#[test]
fn a_generator_that_holds_itself_comes_to_an_end() {
    let text = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators:\n  - &a\n    matrix:\n      generators:\n      - *a\n      - list: {elements: [{chartVersion: 1.4.2}]}\n";
    let read = format("apps.yaml").read(text).unwrap();
    assert_eq!(read.len(), 1, "{read:?}");
}
