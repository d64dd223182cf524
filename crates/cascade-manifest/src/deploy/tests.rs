//! Examples: what each format refers to, and the traps of real files.

use super::*;

mod clusters;
mod inside;
mod lines;
mod moves;
mod pipelines;
mod traps;

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

fn format(path: &str) -> &'static DeployFormat {
    format_at(path, &|_| false).unwrap_or_else(|| panic!("{path}"))
}

/// What a text refers to, a line each: line, section, kind, name, version, what stands in its way.
fn told(path: &str, text: &str) -> String {
    let row = |it: &Reference| {
        let name = if it.name.is_empty() { "?" } else { &it.name };
        let version = if it.version.is_empty() {
            "-"
        } else {
            &it.version
        };
        let at = it.span.clone().and_then(|it| text.get(it));
        assert!(at.is_none_or(|at| at == it.version), "{it:?}");
        let why = match it.unmoved() {
            None => String::new(),
            Some(Unmoved::Shape) => " (its shape is not known)".to_owned(),
            Some(why) => format!(" ({why})"),
        };
        format!(
            "{} {} {} {name} {version}{why}\n",
            it.line, it.section, it.kind
        )
    };
    format(path).read(text).unwrap().iter().map(row).collect()
}

/// The text after its first movable reference of this name moved.
fn moved(path: &str, text: &str, name: &str, to: &str) -> String {
    let read = format(path).read(text).unwrap();
    let reference = read.iter().find(|it| it.name == name).unwrap();
    let moved = Move::of(reference, to).unwrap();
    format(path).moved(text, &[moved]).unwrap()
}

#[test]
fn a_path_says_the_format_and_templates_of_charts_have_none() {
    let files = ["charts/api/Chart.yaml", "Chart.yaml"];
    for (path, name) in [
        (".github/workflows/ci.yml", "workflow"),
        (".github/actions/x/action.yaml", "workflow"),
        ("charts/api/Chart.yaml", "Chart.yaml"),
        ("charts/api/values-prod.yaml", "values.yaml"),
        ("apps/x/kustomization.yml", "kustomization.yaml"),
        ("docker-compose.override.yml", "compose.yaml"),
        ("compose.yaml", "compose.yaml"),
        ("build/api.Dockerfile", "Dockerfile"),
        ("Dockerfile.alpine", "Dockerfile"),
        ("net/main.tf", "Terraform"),
        ("images/base.pkr.hcl", "Packer"),
        ("images/prod.auto.pkrvars.hcl", "Packer"),
        ("images/base.pkr.json", "Packer JSON"),
        ("images/packer.json", "Packer JSON"),
        ("live/prod.auto.tfvars", "Terraform"),
        ("images/prod.pkrvars.json", "Packer JSON"),
        (".gitmodules", ".gitmodules"),
        (".gitlab-ci.yml", ".gitlab-ci.yml"),
        (".gitlab/ci/build.yaml", ".gitlab-ci.yml"),
        ("ci/lint.gitlab-ci.yml", ".gitlab-ci.yml"),
        (".pre-commit-config.yaml", ".pre-commit-config.yaml"),
        ("apps/composer.yaml", "manifest"),
        ("kube/templates/pod.yaml", "manifest"),
    ] {
        let format = format_at(path, &|it| files.contains(&it));
        assert_eq!(format.map(|it| it.name), Some(name), "{path}");
    }
    for path in [
        "charts/api/templates/pod.yaml",
        "charts/api/templates/tests/values.yaml",
        "templates/pod.yaml",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
        "Dockerfile.dockerignore",
        "README.md",
        "main.tf.json",
        "images/variables.json",
        "live/root.hcl",
        "x/.gitmodules",
    ] {
        assert!(
            format_at(path, &|it| files.contains(&it)).is_none(),
            "{path}"
        );
    }
}

#[test]
fn images_of_objects_of_any_kind_and_of_nothing_else() {
    let text = "\u{feff}# image: registry.example/no:1.0.0\r
apiVersion: apps/v1\r
kind: Deployment\r
spec:\r
  template:\r
    spec:\r
      initContainers: [{name: a, image: 'registry.example:5000/acme/init:1.4.2'}, {name: b, image: busybox}]\r
      containers:\r
      - {name: api, image: \"registry.example/acme/api:v1.4.2@sha256:aa\"} # 1.4.2\r
      - name: web\r
        image: registry.example/acme/web:1.4.2-alpine\r
      - name: tmpl\r
        image: registry.example/acme/web:latest\r
---\r
apiVersion: example.org/v1\r
kind: Gallery\r
metadata: {annotations: {image: 'registry.example/no:1.0.0'}, labels: {tag: 1.0.0, repository: a/no}}\r
spec: {image: 'registry.example/acme/picture:1.0.0', template: {container: {image: 'registry.example/acme/job:2'}}}\r
---\r
image: registry.example/none:1.0.0\r
";
    let containers = "spec.template.spec.containers image registry.example/acme";
    assert_eq!(
        told("deploy/api.yaml", text),
        format!(
            "7 spec.template.spec.initContainers image registry.example:5000/acme/init 1.4.2
7 spec.template.spec.initContainers image busybox - (it names no version)
9 {containers}/api v1.4.2 (it is held by a digest, which has to move with it)
11 {containers}/web 1.4.2-alpine
13 {containers}/web latest (it names no version)
18 spec image registry.example/acme/picture 1.0.0
18 spec.template.container image registry.example/acme/job 2
"
        )
    );
    let name = "registry.example:5000/acme/init";
    let new = moved("deploy/api.yaml", text, name, "2.10.0");
    assert_eq!(new, text.replace("init:1.4.2", "init:2.10.0"));
}

#[test]
fn what_is_no_yaml_for_its_expressions_is_a_template_and_no_error() {
    for text in [
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'a/{{ .x }}:1.0.0'}]}\n",
        "{{- if .Values.on }}\napiVersion: v1\nkind: Pod\n{{- end }}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  {{- toYaml . }}\n",
    ] {
        assert_eq!(told("x/pod.yaml", text), "", "{text}");
    }
    let rules = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec: {summary: 'on {{ $labels.x }}'}\n---\n";
    for (more, image) in [(rules, "a/b:1.0.0"), (rules, "\"a/b:1.0.0\" # {{ x }}")] {
        let text =
            format!("{more}apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: {image}\n");
        let told = told("x/pod.yaml", &text);
        assert_eq!(told, "9 spec.containers image a/b 1.0.0\n", "{text}");
    }
    assert!(format("values.yaml").read("a: {{ b }} c\n").is_err());
}

#[test]
fn charts_values_and_kustomizations() {
    assert_eq!(
        told(
            "Chart.yaml",
            "name: api\nversion: 9.9.9\nappVersion: \"1.4.2\"\ndependencies:\n- {name: db, version: 1.4.2, repository: 'oci://registry.example/charts'}\n- name: web\n  version: ^1.4.0\n- name: none\n"
        ),
        "3 appVersion image ? 1.4.2
5 dependencies chart db 1.4.2
7 dependencies chart web ^1.4.0 (it is a range, and what deploys is moved to one version)
8 dependencies chart none - (it names no version)
"
    );
    assert_eq!(
        told(
            "values.yaml",
            "# image: a:1\nimage: {registry: registry.example, repository: acme/api, tag: v1.4.2}\nweb:\n  image:\n    repository: registry.example/acme/web\n    tag: \"\"\n  sidecar:\n    image: registry.example/acme/side:1.4\nold: {image: acme/old, tag: 1.4.2}\nheld: {repository: acme/held, tag: '1.4.2', digest: 'sha256:aa'}\nboth: {repository: acme/both, tag: '1.4.2@sha256:aa'}\nchart: {repository: 'https://charts.example'}\nsha: {repository: acme/sha, tag: 1.4.2, sha: aa}\nnone: {repository: acme/none, tag: 1.4.2, sha: '', digest: ''}\nname: {name: acme/name, tag: 1.4.2}\njob: {name: nightly, tag: 1.4.2}\n"
        ),
        "2 image image registry.example/acme/api v1.4.2
6 web.image image registry.example/acme/web - (it names no version)
8 web.sidecar image registry.example/acme/side 1.4
9 old image acme/old 1.4.2
10 held image acme/held 1.4.2 (it is held by a digest, which has to move with it)
11 both image acme/both 1.4.2 (it is held by a digest, which has to move with it)
13 sha image acme/sha 1.4.2 (it is held by a digest, which has to move with it)
14 none image acme/none 1.4.2
15 name image acme/name 1.4.2
"
    );
    assert_eq!(
        told(
            "kustomization.yaml",
            "resources:\n- base\n- https://git.example/acme/net//base?timeout=9&ref=v1.4.2\n- github.com/acme/net/base?ref=main\n- https://host.example/x.yaml\nimages:\n- name: api\n  newName: registry.example/acme/api\n  newTag: 1.4\n- {name: web, digest: 'sha256:aa'}\nhelmCharts: [{name: db, repo: 'https://charts.example', version: 1.4.2}]\n"
        ),
        "3 resources module git.example/acme/net v1.4.2
4 resources module github.com/acme/net main (it names no version)
9 images image registry.example/acme/api 1.4
10 images image web - (it is held by a digest, which has to move with it)
11 helmCharts chart db 1.4.2
"
    );
}

#[test]
fn applications_of_argo() {
    let text = "apiVersion: argoproj.io/v1alpha1
kind: Application
spec:
  source:
    repoURL: https://charts.example
    chart: db
    targetRevision: 1.4.2
    helm:
      parameters:
      - {name: image.repository, value: registry.example/acme/db}
      - {name: image.tag, value: v1.4.2}
      - {name: web.image.tag, value: '1.4.2'}
      - {name: stage, value: 1.0.0}
      valuesObject: {image: {repository: registry.example/acme/side, tag: 1.4.2}}
    kustomize: {images: ['old=registry.example/acme/new:1.4.2', registry.example/acme/api:v1.4.2]}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
spec:
  template:
    spec:
      sources:
      - {repoURL: 'git@git.example:acme/deploy.git', targetRevision: v1.4.2}
      - {repoURL: 'https://git.example/acme/deploy', targetRevision: '{{revision}}'}
      - {repoURL: 'https://git.example/acme/deploy', targetRevision: HEAD}
";
    assert_eq!(
        told("apps/db.yaml", text),
        "7 spec.source chart db 1.4.2
11 spec.source.helm.parameters image registry.example/acme/db v1.4.2
12 spec.source.helm.parameters image ? 1.4.2
14 spec.source.helm.valuesObject.image image registry.example/acme/side 1.4.2
15 spec.source.kustomize.images image registry.example/acme/new 1.4.2
15 spec.source.kustomize.images image registry.example/acme/api v1.4.2
23 spec.template.spec.sources module git.example/acme/deploy v1.4.2
24 spec.template.spec.sources module git.example/acme/deploy {{revision}} (it names no version)
25 spec.template.spec.sources module git.example/acme/deploy HEAD (it names no version)
"
    );
    let new = moved("apps/db.yaml", text, "registry.example/acme/new", "2.1.0");
    assert_eq!(new, text.replace("new:1.4.2", "new:2.1.0"));
}

#[test]
fn workflows_hooks_and_compose_files() {
    let commit = format!(
        "jobs:\n  a:\n    container: registry.example/acme/ci:1.4.2\n    services: {{db: {{image: 'postgres:16'}}}}\n    steps:\n    - uses: acme/setup/sub@v1\n    - uses: acme/pinned@{SHA} # v1.4.2\n    - uses: acme/pinned@{SHA}\n    - uses: ./local\n    - uses: acme/branch@main\n    - uses: docker://registry.example/acme/tool:1.4.2\n  b:\n    uses: acme/flows/.github/workflows/x.yml@v1.4.2\n"
    );
    let held = "it is held by a commit, which has to move with it";
    assert_eq!(
        told(".github/workflows/ci.yml", &commit),
        format!(
            "3 jobs.a.container image registry.example/acme/ci 1.4.2
4 jobs.a.services image postgres 16
6 jobs.a.steps action acme/setup v1
7 jobs.a.steps action acme/pinned v1.4.2 ({held})
8 jobs.a.steps action acme/pinned - ({held})
10 jobs.a.steps action acme/branch main (it names no version)
11 jobs.a.steps image registry.example/acme/tool 1.4.2
13 jobs.b action acme/flows v1.4.2
"
        )
    );
    assert_eq!(
        told(
            ".pre-commit-config.yaml",
            &format!(
                "repos:\n- repo: https://git.example/acme/hooks.git\n  rev: v1.4.2\n- {{repo: 'https://git.example/acme/lint', rev: {SHA}}} # frozen: v1.4.2\n- repo: local\n"
            )
        ),
        format!(
            "3 repos tool git.example/acme/hooks v1.4.2\n4 repos tool git.example/acme/lint v1.4.2 ({held})\n"
        )
    );
    assert_eq!(
        told(
            "compose.yaml",
            "services:\n  api: {image: 'registry.example/acme/api:1.4.2'}\n  web:\n    image: registry.example/acme/web:${TAG:-1.4.2}\n  all: {image: '${IMAGE}'}\n  built: {build: .}\n"
        ),
        "2 services.api image registry.example/acme/api 1.4.2
4 services.web image registry.example/acme/web 1.4.2
5 services.all image ${IMAGE} - (it names no version)
"
    );
}

#[test]
fn names_of_images_are_those_of_registries() {
    for (name, full) in [
        ("redis", "docker.io/library/redis"),
        ("index.docker.io/acme/api", "docker.io/acme/api"),
        ("docker.io/redis", "docker.io/library/redis"),
        ("registry.example/acme/api", "registry.example/acme/api"),
        ("localhost/api", "localhost/api"),
    ] {
        assert_eq!(image_name(name), full);
    }
}

#[test]
fn addresses_of_one_repository_are_one() {
    for url in [
        "https://git.example/acme/net",
        "https://user@GIT.example/acme/net.git",
        "git::ssh://git@git.example/acme/net.git//vpc?ref=v1",
        "git@git.example:acme/net.git",
        "ssh://git.example/acme/net/",
        "git.example/acme/net",
    ] {
        assert_eq!(address(url), "git.example/acme/net", "{url}");
    }
    assert_eq!(address("github.com/acme/net/base"), "github.com/acme/net");
}

#[test]
fn long_texts_of_one_kind_take_no_time() {
    let n = 60_000;
    for (path, text) in [
        ("main.tf", "<".repeat(n)),
        ("main.tf", "a = [ ".repeat(n / 6)),
        ("main.tf", "\"${".repeat(n / 3)),
        ("Dockerfile", "FROM a\\\n".repeat(n / 8)),
        ("Dockerfile", "FROM a:1 AS b\n".repeat(n / 14)),
        (
            "Dockerfile",
            format!(
                "ARG A={}\n{}",
                "a".repeat(n / 2),
                "FROM $A\n".repeat(n / 16)
            ),
        ),
        (
            "values.yaml",
            format!("a: &a b:1\nx: [{}]\n", "{image: *a},".repeat(n / 12)),
        ),
        (
            "values.yaml",
            format!(
                "a: &a {}:1\nx: [{}]\n",
                "b".repeat(n / 2),
                "{image: *a},".repeat(n / 24)
            ),
        ),
        (
            ".gitmodules",
            format!(
                "[submodule \"{}\"]\n{}",
                "a".repeat(n / 2),
                "url = x\n".repeat(n / 16)
            ),
        ),
        (
            "values.yaml",
            format!(
                "a: &a {{tag: 1.4.2}}\nx: [{}]\n",
                "{<<: [*a, *a, *a], repository: b},".repeat(n / 34)
            ),
        ),
        ("x.pkr.hcl", "a = \"1\"\n".repeat(n / 8)),
        ("x.pkr.hcl", "source \"docker\" {".repeat(n / 17)),
        ("x.tf", "a { b { image = \"a/b:1.4.2\" } }\n".repeat(n / 34)),
        ("x.tf", "resource \"helm_release\" \"a\" { set { name = \"image.tag\" } }\n".repeat(n / 55)),
        ("x.tf", "resource \"helm_release\" \"a\" {\n".to_owned() + &"set { name = \"image.tag\" }\n".repeat(n / 28)),
        ("x.tf", format!("image = \"a/{}:1\"\n", "${".repeat(n / 2))),
        (
            "x.tf",
            format!(
                "locals {{\na = \"{}\"\n{}\n}}\n{}",
                "${local.b}".repeat(99),
                "b = \"${local.c}${local.c}\"\nc = \"${local.d}${local.d}\"\nd = \"${local.a}\"",
                "x = \"${local.a}/x:1\"\n".repeat(n / 22)
            ),
        ),
        ("Dockerfile", format!("ARG A=a\n{}FROM $A\n", "ARG A=$A$A\n".repeat(n / 11))),
        ("Dockerfile", format!("FROM {}\n", "${a:-".repeat(n / 5))),
        (
            "x.yaml",
            "apiVersion: argoproj.io/v1\nkind: Application\nspec: {source: {repoURL: a, targetRevision: v1}}\n---\n"
                .repeat(n / 90),
        ),
        (
            "x.yaml",
            format!(
                "apiVersion: a\nkind: b\nv: &v\n  values: &w |\n    a: {}\nx: [{}]\n",
                "b".repeat(n / 2),
                "{values: *w},".repeat(n / 26)
            ),
        ),
        (
            "x.yaml",
            "apiVersion: a\nkind: b\n".to_owned() + &"---\nvalues: |\n  image: a/b:1.4.2\n".repeat(n / 33),
        ),
        (
            ".gitlab-ci.yml",
            "variables: {A: a}\n".to_owned()
                + &"a: {variables: {B: $A$A}, image: '$A$A$B$C/x:1.4.2'}\n---\n".repeat(n / 58),
        ),
        (
            "x.yaml",
            format!(
                "apiVersion: a\nkind: b\n{}",
                "---\napiVersion: a\nkind: b\n".repeat(n / 24)
            ),
        ),
    ] {
        let begun = std::time::Instant::now();
        let _ = (format(path).read(&text), applications(&text));
        assert!(begun.elapsed().as_secs() < 9, "{path}");
    }
}
