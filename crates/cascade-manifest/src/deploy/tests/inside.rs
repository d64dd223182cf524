//! Examples of YAML within literal blocks of YAML, and of objects that no list of kinds knows.

use super::*;

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
spec:
  sources:
  - repoURL: registry.example/charts
    chart: acme/db
    targetRevision: 1.4.2
    helm:
      values: |   # ours
        # registry.example/acme/no:1.4.2
        image:
          repository: registry.example/acme/db
          tag: 1.9 # a number

        web: {image: 'registry.example/acme/web:v1.4.2'}
          
        held: {repository: registry.example/acme/held, tag: '1.4.2', digest: 'sha256:aa'}
      valuesObject: {job: {image: registry.example/acme/job:1.4}}
  - repoURL: oci://registry.example/acme/app
    path: .
    targetRevision: v1.4.2
  - repoURL: https://git.example/acme/values
    targetRevision: v1.4.2
    ref: values
    helm:
      values: >
        image: {repository: registry.example/acme/folded, tag: 1.4.2}
  - {repoURL: 'oci://registry.example/acme/held', targetRevision: 'sha256:bb', path: .}
";

#[test]
fn values_that_stand_in_a_literal_block_are_read_and_spliced_in_place() {
    let digest = "it is held by a digest, which has to move with it";
    assert_eq!(
        told("apps/db.yaml", APPLICATION),
        format!(
            "7 spec.sources chart db 1.4.2
13 spec.sources.helm.values.image image registry.example/acme/db 1.9
15 spec.sources.helm.values.web image registry.example/acme/web v1.4.2
17 spec.sources.helm.values.held image registry.example/acme/held 1.4.2 ({digest})
18 spec.sources.helm.valuesObject.job image registry.example/acme/job 1.4
21 spec.sources image registry.example/acme/app v1.4.2
23 spec.sources module git.example/acme/values v1.4.2
28 spec.sources image registry.example/acme/held - ({digest})
"
        )
    );
    for text in [
        APPLICATION.to_owned(),
        APPLICATION.replace('\n', "\r\n"),
        format!("\u{feff}{APPLICATION}"),
        APPLICATION.replace("values: |", "values: |-"),
        APPLICATION.replace("values: |", "values: |2+"),
    ] {
        for (name, old, to, new) in [
            (
                "registry.example/acme/db",
                "tag: 1.9 ",
                "1.10",
                "tag: \"1.10\" ",
            ),
            (
                "registry.example/acme/web",
                "web:v1.4.2'",
                "v2.1.0",
                "web:v2.1.0'",
            ),
        ] {
            assert_eq!(
                moved("apps/db.yaml", &text, name, to),
                text.replace(old, new)
            );
        }
    }
    let read = format("apps/db.yaml").read(APPLICATION).unwrap();
    assert_eq!(
        read[0].origin.as_deref(),
        Some("registry.example/charts/acme")
    );
}

#[test]
fn a_block_that_is_no_yaml_or_stands_for_several_is_left_alone() {
    let of = |values: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: {values}\n"
        )
    };
    for values in [
        "|\n        a: b: c\n        image: a/b:1.4.2",
        "|\n        image: {{ .x }}: a/b:1.4.2",
        "\"image: a/b:1.4.2\"",
        ">-\n        image: a/b:1.4.2",
        "|\n        text: |\n          image: a/b:1.4.2",
        "|",
        "|\n",
        "|+\n\n\n",
    ] {
        assert_eq!(told("x.yaml", &of(values)), "", "{values}");
    }
    let text = of("&v |\n        image: a/b:1.4.2") + "---\nlabel: 1\n";
    let read = format("x.yaml").read(&text).unwrap();
    assert_eq!(read[0].stays(), Some(Unmoved::Shared), "{read:?}");
    let text = of("|\n        a: {repository: acme/a, tag: &tag 1.4.2}\n        label: *tag");
    let read = format("x.yaml").read(&text).unwrap();
    assert_eq!(read[0].stays(), Some(Unmoved::Shared), "{read:?}");
    let text = of(
        "|\n        a: {repository: acme/a, tag: &tag 1.4.2}\n        b: {repository: acme/a, tag: *tag}",
    );
    assert_eq!(
        moved("x.yaml", &text, "acme/a", "2.1.0"),
        text.replace("1.4.2", "2.1.0")
    );
}

#[test]
fn a_commit_within_a_block_moves_with_its_comment() {
    let text = format!(
        "resources: []\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: Pod\n    metadata: {{image: a/no:1.4.2}}\n    spec:\n      containers:\n      - image: acme/a@sha256:{0} # v1.4.2\n- patch: |\n    - {{op: replace, path: /spec/containers/0/image, value: 'acme/b:1.4.2'}}\n    - op: add\n      path: /spec/x\n      value: acme/no:1.4.2\n",
        "a".repeat(64)
    );
    let held = "it is held by a digest, which has to move with it";
    assert_eq!(
        told("kustomization.yaml", &text),
        format!(
            "9 patches.spec.containers image acme/a v1.4.2 ({held})\n11 patches image acme/b 1.4.2\n14 patches.value image acme/no 1.4.2\n"
        )
    );
    let read = format("kustomization.yaml").read(&text).unwrap();
    let new = format!("sha256:{}", "b".repeat(64));
    let to = Move::held(&read[0], "v2.1.0", &new).unwrap();
    let edited = format("kustomization.yaml").moved(&text, &[to]).unwrap();
    let old = format!("sha256:{}", "a".repeat(64));
    assert_eq!(edited, text.replace("v1.4.2", "v2.1.0").replace(&old, &new));
}

#[test]
fn objects_of_any_kind_and_files_of_config_maps() {
    let text = "apiVersion: batch/v1
kind: CronJob
spec: {jobTemplate: {spec: {template: {metadata: {labels: {image: 'a/no:1.4.2'}}, spec: {containers: [{image: 'r.example/acme/job:1.4.2'}]}}}}}
---
apiVersion: tekton.dev/v1
kind: Task
spec:
  stepTemplate: {image: 'r.example/acme/base:1.4.2'}
  steps: [{name: a, image: 'r.example/acme/step:v1.4.2'}]
---
apiVersion: tekton.dev/v1
kind: Pipeline
spec:
  tasks:
  - taskRef: {name: a, bundle: 'r.example/acme/tasks:1.4'}
  - taskRef:
      resolver: bundles
      params: [{name: bundle, value: 'r.example/acme/tasks:1.4.2'}, {name: kind, value: task}]
  - taskRef:
      resolver: git
      params: [{name: url, value: 'https://git.example/acme/tasks.git'}, {name: revision, value: v1.4.2}]
---
apiVersion: monitoring.example/v1
kind: Collector
spec:
  image: {repository: r.example/acme/collector, tag: 1.4.2}
  proxy: {image: r.example/acme/proxy, tag: 1.4.2}
---
apiVersion: v1
kind: ConfigMap
data:
  values.yaml: |
    image: {repository: r.example/acme/api, tag: 1.4.2}
  notes: |
    image: r.example/acme/no:1.4.2
";
    assert_eq!(
        told("all.yaml", text),
        "3 spec.jobTemplate.spec.template.spec.containers image r.example/acme/job 1.4.2
8 spec.stepTemplate image r.example/acme/base 1.4.2
9 spec.steps image r.example/acme/step v1.4.2
15 spec.tasks.taskRef image r.example/acme/tasks 1.4
18 spec.tasks.taskRef image r.example/acme/tasks 1.4.2
21 spec.tasks.taskRef module git.example/acme/tasks v1.4.2
26 spec.image image r.example/acme/collector 1.4.2
27 spec.proxy image r.example/acme/proxy 1.4.2
33 data.values.yaml.image image r.example/acme/api 1.4.2
"
    );
    let new = moved("all.yaml", text, "r.example/acme/api", "2.1.0");
    let at = "acme/api, tag: 1.4.2";
    assert_eq!(new, text.replace(at, &at.replace("1.4.2", "2.1.0")));
}

#[test]
fn charts_of_a_kustomization_say_values_inline() {
    let text = "components: ['https://git.example/acme/net//parts?ref=v1.4.2']\nhelmCharts:\n- name: db\n  version: 1.4.2\n  repo: https://charts.example\n  valuesInline: {image: {repository: r.example/acme/db, tag: 1.4.2}}\n";
    assert_eq!(
        told("Kustomization", text),
        "1 components module git.example/acme/net v1.4.2
4 helmCharts chart db 1.4.2
6 helmCharts.valuesInline.image image r.example/acme/db 1.4.2
"
    );
}

#[test]
fn whole_images_stand_under_any_key_and_behind_an_equals_sign() {
    let image = "r.example/acme/api:1.4.2";
    let object =
        "apiVersion: x/v1\nkind: X\nmetadata: {annotations: {a: r.example/acme/api:1.4.2}}\n";
    for (path, text, sections) in [
        (
            "values.yaml",
            format!("workerImage: {image}\nimages: [{image}, '{image}@sha256:aa']\n"),
            "workerImage images images",
        ),
        (
            "values.yaml",
            format!("a: {{env: [{{name: X, value: {image}}}]}}\n"),
            "a.env.value",
        ),
        (
            "x.yaml",
            format!("{object}spec: {{baseImage: {image}, list: [{image}]}}\n"),
            "spec.baseImage spec.list",
        ),
        (
            "x.yaml",
            format!("{object}data: {{image: {image}, worker: {image}}}\n"),
            "data data.worker",
        ),
        (
            "x.yaml",
            format!(
                "{object}spec: {{env: [{{name: RELATED_IMAGE_X, value: {image}}}], args: ['--image={image}']}}\n"
            ),
            "spec.env.value spec.args",
        ),
        (
            "x.yaml",
            format!(
                "{object}spec: {{arguments: {{parameters: [{{name: image, value: {image}}}]}}}}\n"
            ),
            "spec.arguments.parameters.value",
        ),
        (
            "x.yaml",
            format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators: [{{list: {{elements: [{{image: {image}}}]}}}}]\n"
            ),
            "image",
        ),
    ] {
        let read = format(path).read(&text).unwrap();
        assert!(
            read.iter().all(
                |it| (it.name.as_str(), it.version.as_str()) == ("r.example/acme/api", "1.4.2")
            ),
            "{read:?}"
        );
        let found: Vec<_> = read.iter().map(|it| it.section.as_str()).collect();
        assert_eq!(found.join(" "), sections, "{text}");
    }
    for odd in [
        "https://r.example/acme/api:1.4.2",
        "see r.example/acme/api:1.4.2",
        "r.example/acme/api",
        "--image r.example/acme/api:1.4.2",
        "a/b=r.example/acme/api:1.4.2",
        "r.example/acme/api:1.4.2 # x",
    ] {
        let text = format!("a: '{odd}'\nb: ['{odd}']\n");
        assert_eq!(told("values.yaml", &text), "", "{odd}");
    }
    let shared = format!("a: &i {image}\nb: *i\nc: {{image: *i}}\n");
    let new = moved("values.yaml", &shared, "r.example/acme/api", "2.1.0");
    assert_eq!(new, shared.replace("1.4.2", "2.1.0"));
}

#[test]
fn keys_of_an_image_in_one_word_and_a_version_that_is_left_to_the_chart() {
    for (text, row) in [
        (
            "imageRepository: a/b\nimageTag: 1.4.2\n",
            "2  image a/b 1.4.2\n",
        ),
        ("image: a/b\nimageTag: v1.4.2\n", "2  image a/b v1.4.2\n"),
        (
            "image: {registry: r.example, repository: a/b, tag: 1.4.2}\n",
            "1 image image r.example/a/b 1.4.2\n",
        ),
        (
            "image: {repository: a/b, pullPolicy: Always}\n",
            "1 image image a/b - (it names no version)\n",
        ),
        (
            "image: {repository: 'https://x/a', pullPolicy: Always}\nchart: {repository: a}\n",
            "",
        ),
    ] {
        assert_eq!(told("values.yaml", text), row, "{text}");
    }
}
