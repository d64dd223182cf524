//! Examples of what is read line by line, and of Packer's JSON.

use super::*;

#[test]
fn dockerfiles() {
    let text = "# escape=`\r\n# FROM no:1.0.0\r\nARG TAG=1.4.2 OTHER\r\nARG BASE=\"registry.example/acme/base:v1.4.2\"\r\nFROM --platform=$X `\r\n  # why\r\n  registry.example/acme/api:v${TAG} AS Build\r\nARG TAG=3.0.0\r\nRUN <<EOF cat\r\nFROM no:1.0.0\r\nEOF\r\nfrom $BASE\r\nFROM registry.example/acme/api:${TAG}-slim\r\nCOPY --from=build /a /a\r\nCOPY --link --from=registry.example/acme/tool:1.4.2 /a /b\r\nCOPY --from=0 /a /b\r\nFROM scratch\r\nFROM registry.example/acme/spl`\r\nit:1.0.0\r\nFROM registry.example/acme/end:1.4@sha256:aa";
    assert_eq!(
        told("Dockerfile", text),
        "3 FROM image registry.example/acme/api 1.4.2
3 FROM image registry.example/acme/api 1.4.2
4 FROM image registry.example/acme/base v1.4.2
15 COPY image registry.example/acme/tool 1.4.2
20 FROM image registry.example/acme/end 1.4 (it is held by a digest, which has to move with it)
"
    );
    let spread = " ARG \\\n\t# one\n   BASE=acme/base:1.4.2\n\nFROM \\\n${BASE} as one\n\nfrom   \\\n  \\\n # two\n one as two\n";
    assert_eq!(told("Dockerfile", spread), "3 FROM image acme/base 1.4.2\n");
    let text = "ARG TAG=1.4.2\nFROM acme/a:$TAG\nFROM acme/b:${TAG}\n";
    let shared = "other things are named by the same text: write it for each of them";
    assert_eq!(
        told("Dockerfile", text),
        format!("1 FROM image acme/a 1.4.2 ({shared})\n1 FROM image acme/b 1.4.2 ({shared})\n")
    );
}

#[test]
fn what_arguments_say_is_put_together() {
    let shape = "it is put together with something else to one name: write that in one piece";
    for (text, told) in [
        (
            "ARG REG=r.example\nFROM ${REG}/acme/a:1.4.2\n",
            "2 FROM image r.example/acme/a 1.4.2\n".to_owned(),
        ),
        (
            "ARG REG=r.example\nARG IMG=\"$REG/acme/a:1.4.2\"\nFROM --platform=x $IMG\n",
            "2 FROM image r.example/acme/a 1.4.2\n".to_owned(),
        ),
        (
            "ARG REG\nFROM ${REG:-r.example}/acme/a:${VER:-1.4.2}\n",
            "2 FROM image r.example/acme/a 1.4.2\n".to_owned(),
        ),
        (
            "ARG VER=v1.4\nFROM acme/a:${VER:-9.9.9}\n",
            "1 FROM image acme/a v1.4\n".to_owned(),
        ),
        (
            "ARG NAME=a VER=1.4.2\nFROM acme/${NAME}:v${VER}\n",
            "1 FROM image acme/a 1.4.2\n".to_owned(),
        ),
        (
            "ARG A=1 B=4\nFROM acme/a:$A.$B\n",
            format!("1 FROM image acme/a 1 ({shape})\n"),
        ),
        (
            "ARG OS=alpine\nFROM acme/a:1.4.2-${OS}\n",
            "2 FROM image acme/a 1.4.2\n".to_owned(),
        ),
        (
            "ARG V=1.4.2\nFROM acme/a:${V}-20240101\nFROM acme/b:${V}-rc.1\n",
            format!("1 FROM image acme/a 1.4.2 ({shape})\n1 FROM image acme/b 1.4.2 ({shape})\n"),
        ),
        (
            "ARG V=1.4\nFROM acme/a:${V}.2-alpine\n",
            format!("1 FROM image acme/a 1.4 ({shape})\n"),
        ),
        (
            "FROM acme/a:${VER:+1.4.2}\n",
            "1 FROM image acme/a ${VER:+1.4.2} (it names no version)\n".to_owned(),
        ),
        (
            "ARG A=$B\nARG B=$A\nFROM acme/$A:1.4.2\n",
            "3 FROM image acme/$B 1.4.2 (it names no version)\n".to_owned(),
        ),
        ("FROM acme/a:${VER:-${X:-1.4.2}}\n", "1 FROM image acme/a ${VER:-${X:-1.4.2}} (it names no version)\n".to_owned()),
        ("FROM ${\nFROM $\nFROM ${}\nFROM $$\n", "1 FROM image ${ - (it names no version)\n2 FROM image $ - (it names no version)\n3 FROM image ${} - (it names no version)\n4 FROM image $$ - (it names no version)\n".to_owned()),
    ] {
        assert_eq!(super::told("Dockerfile", text), told, "{text}");
    }
    let text = "ARG REG=r.example\nFROM ${REG}/acme/a:${VER:-1.4.2} AS x # 1.4.2\n";
    let new = moved("Dockerfile", text, "r.example/acme/a", "2.1.0");
    assert_eq!(new, text.replacen("1.4.2", "2.1.0", 1));
}

#[test]
fn the_words_around_an_argument_stay_and_are_part_of_the_tag() {
    for (path, text, tags) in [
        (
            "Dockerfile",
            "ARG V=1.4.2\nFROM a/b:${V}-alpine\n",
            "2.1.0-alpine",
        ),
        (
            "Dockerfile",
            "ARG V=1.4.2 OS=alpine\nFROM a/b:${V}-$OS\n",
            "2.1.0-alpine",
        ),
        ("Dockerfile", "ARG V=1.4.2\nFROM a/b:v${V}\n", "v2.1.0"),
        (
            "Dockerfile",
            "ARG V=1.4.2\nFROM a/b:v$V-slim-bookworm\n",
            "v2.1.0-slim-bookworm",
        ),
        (
            "Dockerfile",
            "ARG V=1.4.2\nFROM a/b:${V}-alpine\nFROM a/b:${V}\nFROM a/b:${V}-alpine AS x\n",
            "2.1.0-alpine 2.1.0",
        ),
        (
            "compose.yaml",
            "services: {a: {image: 'a/b:${V:-1.4.2}-alpine'}}\n",
            "2.1.0-alpine",
        ),
        (
            "main.tf",
            "locals { v = \"1.4.2\" }\nresource \"x\" \"y\" { image = \"a/b:${local.v}-alpine\" }\n",
            "2.1.0-alpine",
        ),
    ] {
        let read = format(path).read(text).unwrap();
        let said: Vec<_> = read.iter().map(|it| it.tagged("2.1.0")).collect();
        assert_eq!(said.join(" "), tags, "{text}");
        assert_eq!(read[0].varies(), tags.contains('-'), "{text}");
        assert_eq!(
            moved(path, text, "a/b", "2.1.0"),
            text.replace("1.4.2", "2.1.0")
        );
    }
}

#[test]
fn what_several_share_moves_only_together() {
    let held = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let chart = "values.yaml";
    for (path, text, moves) in [
        ("Dockerfile", "ARG V=1.4.2\nFROM a/b:$V\nFROM a/c:${V}-alpine\n".to_owned(), true),
        ("Dockerfile", format!("ARG V=1.4.2\nFROM a/b:$V{held}\nFROM a/c:${{V}}{held}\n"), false),
        (chart, "a: {repository: a/b, tag: &t 1.4.2}\nb: {repository: a/c, tag: *t}\n".to_owned(), true),
        (
            chart,
            "a: {repository: a/b, tag: &t 1.4.2}\nb: {repository: a/c, tag: *t}\nc: {version: *t}\n".to_owned(),
            false,
        ),
        ("compose.yaml", "x-v: &v a/b:1.4.2\nservices: {a: {image: *v, command: *v}}\n".to_owned(), false),
    ] {
        let read = format(path).read(&text).unwrap();
        assert!(read.iter().all(|it| it.stays() == Some(Unmoved::Shared)), "{text}");
        for it in read {
            let to = Move::of(&it.together(), "2.1.0");
            let edited = to.ok().map(|to| format(path).moved(&text, &[to]).unwrap());
            let wanted = moves.then(|| text.replace("1.4.2", "2.1.0"));
            assert_eq!(edited, wanted, "{text}");
        }
    }
}

#[test]
fn a_command_mounts_images_and_here_documents_hold_no_instructions() {
    let text = "FROM acme/a:1.4.2 AS base\nRUN --network=none --mount=type=bind,from=acme/b:1.4.2,target=/b \\\n  --mount=from=base,target=/a --mount=type=cache,target=/c cat --mount=from=acme/no:1.4.2\nRUN echo \"a <<EOF b\"\nRUN <<-'END' sh\n\tFROM acme/no:1.4.2\n\tEND\nCOPY <<A <<B /x/\nFROM acme/no:1.4.2\nA\nRUN --mount=from=acme/no:1.4.2 x\nB\nFROM acme/c:1.4.2\n";
    assert_eq!(
        told("Dockerfile", text),
        "1 FROM image acme/a 1.4.2\n2 RUN image acme/b 1.4.2\n13 FROM image acme/c 1.4.2\n"
    );
    let text = "# syntax=x\n# why\n# escape=`\nFROM \\\n acme/a:1.4.2\n";
    assert_eq!(told("Dockerfile", text), "5 FROM image acme/a 1.4.2\n");
}

#[test]
fn modules_and_submodules() {
    let text = "# module \"no\" { source = \"a/b/c\" }
module \"net\" {
  source  = \"git::https://git.example/acme/net.git//vpc?ref=v1.4.2\" # 1.4.2
  version = \"9.9.9\"
  nested  = { source = \"a/b/c\", x = \"${lookup(a, \"}\")}\" }
}
resource \"x\" \"module\" {
  source = \"a/b/c\"
  text = <<-EOT
    module \"no\" { source = \"a/b/c\" }
  EOT
}
/* module \"no\" { */
module \"vpc\" {
  source  = \"acme/vpc/aws\"
  version = \"~> 3.0\"
}
module \"exact\" { 
  version = \"1.4.2\"
  source = \"registry.example/acme/exact/aws//sub\"
}
module \"near\" { source = \"./near\" }
module \"open\" { source = \"github.com/acme/open\" }
module \"odd\" { source = \"${var.x}/a/b\" }
";
    assert_eq!(
        told("main.tf", text),
        "3 module module git.example/acme/net v1.4.2
16 module module acme/vpc/aws ~> 3.0 (it is a range, and what deploys is moved to one version)
19 module module registry.example/acme/exact/aws 1.4.2
23 module module github.com/acme/open - (it names no version)
"
    );
    assert_eq!(
        told(
            "live/terragrunt.hcl",
            &format!(
                "terraform {{\n  extra \"x\" {{ source = \"a/b/c\" }}\n  source = \"github.com:acme/net.git//app?ref=v1.4.2\"\n}}\nterraform {{ source = \"git::https://git.example/acme/net?ref={SHA}\" }}\n"
            )
        ),
        "3 module module github.com/acme/net v1.4.2\n5 module module git.example/acme/net - (it is held by a commit, which has to move with it)\n"
    );
    assert_eq!(
        told(
            ".gitmodules",
            "[submodule \"libs/a b\"]\r\n\tpath = libs/a\r\n\turl = git@git.example:acme/a.git\r\n[core]\r\n\turl = x\r\n"
        ),
        "3 libs/a b submodule git.example/acme/a - (it names no version)\n"
    );
}

#[test]
fn images_and_variables_of_packer() {
    let text = "variable \"api_version\" {\n  type = string\n  default = \"v1.4.2\" # why\n}\nvariable \"region\" { default = \"eu-1\" }\nlocals {\n  tool = \"1.4\"\n  cut = \"1.4.2\" == var.x ? 1 : 2\n  map = { web = \"1.4.2\" }\n}\nsource \"docker\" \"base\" {\n  image = \"registry.example/acme/base:1.4.2\"\n  tmpl = \"${var.x}:1.4.2\"\n}\nsource \"lxd\" \"base\" {\n  image = \"ubuntu:22.04\"\n}\nbuild {\n  source \"docker.base\" { image = \"a/b:1.4.2\" }\n}";
    assert_eq!(
        told("base.pkr.hcl", text),
        "3 api_version image ? v1.4.2
7 tool image ? 1.4
12 source image registry.example/acme/base 1.4.2
19 build image a/b 1.4.2
"
    );
    let values =
        "api_version = \"1.4.2\"\nmap = {\n  web = \"1.4.2\"\n}\nlist = [\"1.4.2\"]\nlast = \"v9\"";
    let rows = "1 api_version image ? 1.4.2\n6 last image ? v9\n";
    assert_eq!(told("prod.pkrvars.hcl", values), rows);
    let json = "{\n\t\"variable\": {\"api\": {\"default\": \"v1.4.2\"}, \"no\": {}},\n\t\"source\": {\"docker\": {\"base\": {\"image\": \"acme\\/base:1.4.2\"}}}\n}\n";
    assert_eq!(
        told("base.pkr.json", json),
        "2 api image ? v1.4.2\n3 source image acme/base 1.4.2 (it is not written in one piece)\n"
    );
    let json = "{\n\t\"api\": \"1.4.2\",\n\t\"n\": 3, \"map\": {\"x\": \"1.4.2\"}}\n";
    assert_eq!(
        told("x.pkrvars.json", json),
        "2 api image ? 1.4.2\n3 n image ? 3\n"
    );
    let new = moved("x.pkrvars.json", json, "", "2.10.0");
    assert_eq!(new, json.replacen("1.4.2", "2.10.0", 1));
}

#[test]
fn images_that_packer_puts_together_of_variables() {
    let text = "variable \"repo\" { default = \"registry.example/acme/base\" }
variable \"tag\" {
  default = \"v1.4.2\" # why
}
variable \"whole\" { default = \"registry.example/acme/whole:1.4.2\" }
locals {
  joined = \"${var.repo}:${ var.tag }\"
  a = \"${local.b}\"
  b = \"${local.a}\"
}
source \"docker\" \"a\" { image = local.joined }
source \"docker\" \"b\" { image = \"${var.repo}:1.9\" }
source \"docker\" \"c\" { image = var.whole }
source \"docker\" \"d\" { image = \"${var.none}/x:1.4.2\" }
source \"docker\" \"e\" { image = \"$${var.repo}:1.4.2\" }
source \"docker\" \"f\" { image = \"acme/${local.a}:1.4.2\" }
";
    assert_eq!(
        told("base.pkr.hcl", text),
        "3 joined image registry.example/acme/base v1.4.2
5 whole image registry.example/acme/whole 1.4.2
12 source image registry.example/acme/base 1.9
14 source image ${var.none}/x 1.4.2 (it names no version)
15 source image $${var.repo} 1.4.2 (it names no version)
16 source image acme/${local.a} 1.4.2 (it names no version)
"
    );
    let new = moved("base.pkr.hcl", text, "registry.example/acme/base", "v2.1.0");
    assert_eq!(new, text.replace("v1.4.2", "v2.1.0"));
    let json = "{\n\"min_packer_version\": \"1.4.2\",\n\"variables\": {\"repo\": \"r.example/acme/base\",\n\"tag\": \"1.4\", \"image\": \"r.example/acme/whole:1.4.2\"},\n\"builders\": [{\"type\": \"docker\", \"image\": \"{{ user `repo` }}:{{user `tag`}}\"},\n{\"type\": \"docker\", \"image\": \"{{user `image`}}\"}, {\"type\": \"lxd\", \"image\": \"a/no:1.4.2\"}]}\n";
    assert_eq!(
        told("images/packer.json", json),
        "4 source image r.example/acme/base 1.4\n4 image image r.example/acme/whole 1.4.2\n"
    );
    let new = moved("images/packer.json", json, "r.example/acme/base", "2.1");
    assert_eq!(new, json.replace("\"1.4\"", "\"2.1\""));
    let values = "base_image = \"r.example/acme/base:1.4.2\"\n";
    assert_eq!(
        told("x.auto.pkrvars.hcl", values),
        "1 base_image image r.example/acme/base 1.4.2\n"
    );
}

#[test]
fn charts_and_images_of_terraform() {
    let text = "resource \"helm_release\" \"a\" {
  repository = \"oci://registry.example/charts\"
  chart      = \"db\"
  version    = \"1.4.2\" # why
  set {
    name  = \"image.tag\"
    value = \"1.4.2\"
  }
  set {
    name  = \"image.repository\"
    value = \"registry.example/acme/db\"
  }
  set_list {
    name  = \"web.image.tag\"
    value = \"9.9.9\"
  }
}
resource \"helm_release\" \"b\" {
  chart   = \"oci://registry.example/charts/web\"
  version = var.unknown
  set     = [{ name = \"image\", value = \"registry.example/acme/web:1.4.2\" }]
  values  = [yamlencode({ side = { repository = \"registry.example/acme/side\", tag = \"1.4\" } })]
}
resource \"kubernetes_deployment\" \"c\" {
  spec { template { spec { container {
    image = \"registry.example/acme/c:1.4.2@sha256:aa\"
    args  = [\"--version=1.4.2\", \"10.0.0.0/16\", \"https://x.example/a/b:1.4.2\"]
  } } } }
}
resource \"aws_ecs_task_definition\" \"d\" {
  container_definitions = jsonencode([{ image = \"${local.registry}/acme/d:${var.d}\" }])
}
variable \"d\" { default = \"1.4.2\" }
locals { registry = \"registry.example\" }
variable \"e\" { default = \"registry.example/acme/e:1.4.2\" }
resource \"helm_release\" \"near\" { chart = \"charts/db\" }
resource \"docker_image\" \"f\" { name = \"registry.example/acme/f:1.4.2-slim\" }
";
    assert_eq!(
        told("main.tf", text),
        "4 helm_release chart db 1.4.2
7 helm_release.set image registry.example/acme/db 1.4.2
19 helm_release chart web - (it names no version)
21 helm_release.set image registry.example/acme/web 1.4.2
22 resource image registry.example/acme/side 1.4
26 resource image registry.example/acme/c 1.4.2 (it is held by a digest, which has to move with it)
33 resource image registry.example/acme/d 1.4.2
35 e image registry.example/acme/e 1.4.2
37 resource image registry.example/acme/f 1.4.2-slim
"
    );
    let read = format("main.tf").read(text).unwrap();
    let origins: Vec<_> = read.iter().filter_map(|it| it.origin.as_deref()).collect();
    assert_eq!(origins, ["oci://registry.example/charts"; 2]);
    let new = moved("main.tf", text, "db", "2.1.0");
    let version = "version    = \"1.4.2\"";
    assert_eq!(
        new,
        text.replace(version, &version.replace("1.4.2", "2.1.0"))
    );
    let values = "image = \"registry.example/acme/e:v1.4.2\"\nmore = { a = [\"registry.example/acme/f:1.4\"] }\ntag = \"1.4.2\"\n";
    assert_eq!(
        told("live/prod.auto.tfvars", values),
        "1 image image registry.example/acme/e v1.4.2\n2 more image registry.example/acme/f 1.4\n"
    );
}

#[test]
fn a_submodule_says_its_folder() {
    let text = "[submodule \"a\"]\n\tpath = libs/a\n\turl = ../a.git ; why\n\tbranch = main\n\
[Submodule \"no\"]\n\turl = x\n\
[submodule \"b c\"]\r\n\tURL = https://git.example/acme/old\r\n\tUrl = \"https://git.example/acme/b#x\" # c\r\n\tpath = \"libs/b c/\"\r\n\
[submodule \"out\"]\n\turl = x/y\n\tpath = ../out\n\
[submodule \"git\"]\n\tpath = a/.git/hooks\n\turl = x/y\n\
[submodule \"none\"]\n\tpath = libs/none\n";
    let read = format(".gitmodules").read(text).unwrap();
    let told = |it: &Reference| (it.section.clone(), it.name.clone(), it.folder.clone());
    let row = |section: &str, name: &str, folder: Option<&str>| {
        (
            section.to_owned(),
            name.to_owned(),
            folder.map(str::to_owned),
        )
    };
    assert_eq!(
        read.iter().map(told).collect::<Vec<_>>(),
        [
            row("a", "../a", Some("libs/a")),
            row("b c", "git.example/acme/b", Some("libs/b c")),
            row("out", "x/y", None),
            row("git", "x/y", None),
        ]
    );
    assert!(
        read.iter()
            .all(|it| it.stays() == Some(Unmoved::Unversioned))
    );
    assert_eq!(
        address_from("ssh://git@git.example/acme/app", "./../../b/lib"),
        "git.example/b/lib"
    );
    assert_eq!(address_from("git.example/app", "../../../x"), "");
}
