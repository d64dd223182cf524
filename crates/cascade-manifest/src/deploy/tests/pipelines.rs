//! Examples of pipelines of GitLab and of what Compose files say beside images of services.

use super::*;

#[test]
fn images_and_includes_of_gitlab() {
    let text = format!(
        "image: r.example/acme/ci:1.4.2
variables: {{TAG: '1.9', IMAGE: 'r.example/acme/tool:1.4.2', REG: {{value: r.example, description: x}}}}
include:
- local: ci/x.yml
- project: acme/infra/ci
  ref: v1.4.2 # ours
  file: /lint.yml
- project: /acme/held
  ref: {SHA} # v1.4.2
- component: $CI_SERVER_FQDN/acme/ci/lint@1.2.0
- component: gitlab.example/acme/ci/sub/test@v1
- component: gitlab.example/acme/ci/test@~latest
- remote: https://gitlab.example/acme/ci/-/raw/v1.4.2/x.yml
- {{template: Jobs/Build.gitlab-ci.yml}}
default:
  image: {{name: 'r.example/acme/base:v1.4.2', entrypoint: ['']}}
test:
  image: ${{REG}}/acme/web:$TAG
  services: [postgres:16, {{name: 'r.example/acme/db:1.4.2', alias: db}}]
  script: ['docker pull r.example/acme/no:1.4.2']
build:
  variables: {{TAG: v1.4.2}}
  image: $REG/acme/api:$TAG
other: {{image: $IMAGE}}
none: {{image: $UNKNOWN/acme/none:1.4.2}}
down:
  trigger: {{include: {{project: acme/down, ref: main}}}}
"
    );
    let held = "it is held by a commit, which has to move with it";
    assert_eq!(
        told(".gitlab-ci.yml", &text),
        format!(
            "1 default image r.example/acme/ci 1.4.2
2 test image r.example/acme/web 1.9
2 variables image r.example/acme/tool 1.4.2
6 include action acme/infra/ci v1.4.2
9 include action acme/held v1.4.2 ({held})
10 include action acme/ci 1.2.0
11 include action gitlab.example/acme/ci/sub v1
12 include action gitlab.example/acme/ci ~latest (it names no version)
13 include module gitlab.example/acme/ci v1.4.2
16 default image r.example/acme/base v1.4.2
19 test image postgres 16
19 test image r.example/acme/db 1.4.2
22 build image r.example/acme/api v1.4.2
25 none image $UNKNOWN/acme/none 1.4.2 (it names no version)
27 down.trigger action acme/down main (it names no version)
"
        )
    );
    let new = moved(".gitlab-ci.yml", &text, "acme/ci", "2.0.1");
    assert_eq!(new, text.replace("@1.2.0", "@2.0.1"));
    let single = "include: 'https://gitlab.example/acme/ci/-/raw/v1.4.2/x.yml'\n";
    assert_eq!(
        told(".gitlab-ci.yml", single),
        "1 include module gitlab.example/acme/ci v1.4.2\n"
    );
}

#[test]
fn defaults_builds_and_fragments_of_compose() {
    let text = "x-common:
  api: &api
    image: r.example/acme/api:${TAG:-1.4.2} # ours
  list: [{image: 'r.example/acme/x:1.4.2'}]
services:
  a: {<<: *api, ports: ['1']}
  b:
    image: ${REG:-r.example}/acme/b:v1.4.2
    build:
      args: {BASE: 'r.example/acme/base:1.4.2', VERSION: 1.4.2}
      additional_contexts: [tool=docker-image://r.example/acme/tool:1.4]
  c: {build: {args: ['BASE=r.example/acme/base:v1.4.2', X]}}
  d: {build: .}
  e: {image: \"r.example/acme/e:${TAG-1.9}\"}
";
    assert_eq!(
        told("compose.yaml", text),
        "3 x-common image r.example/acme/api 1.4.2
4 x-common image r.example/acme/x 1.4.2
8 services.b image r.example/acme/b v1.4.2
10 services.b.build image r.example/acme/base 1.4.2
11 services.b.build image r.example/acme/tool 1.4
12 services.c.build image r.example/acme/base v1.4.2
14 services.e image r.example/acme/e 1.9
"
    );
    for (name, old, to) in [
        ("r.example/acme/api", "1.4.2} # ours", "2.1.0"),
        ("r.example/acme/b", "acme/b:v1.4.2", "v2.1.0"),
        ("r.example/acme/tool", "tool:1.4]", "2.1"),
        ("r.example/acme/e", "1.9}", "2.1"),
    ] {
        let now = ["v1.4.2", "1.4.2", "1.9", "1.4"];
        let now = now.iter().find(|it| old.contains(**it)).unwrap();
        let new = moved("compose.yaml", text, name, to);
        assert_eq!(new, text.replace(old, &old.replace(now, to)), "{name}");
    }
}
