//! Promotion: what a release delivers moves where it is deployed, to tag and digest, in one commit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use cascade_tests::{Asked, Reply, Server, Town};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::bump::hooks;
use crate::demo::Played;
use crate::family::{cascade, refs};
use crate::images::Harbour;

/// Files of the repository that deploys; `@HOST@` and `@OLD@` are the registry and the digest that is
/// deployed now, `@BARE@` its digits.
const FILES: &[(&str, &str)] = &[
    (
        "overlays/test/kustomization.yaml",
        "# ours\r\nimages:\r\n- name: @HOST@/acme/core\r\n  newTag: v1.2.0   # core\r\n  digest: @OLD@\r\n\
         - {name: elsewhere.example/acme/core, newTag: v1.2.0}\r\n",
    ),
    (
        "chart/Chart.yaml",
        "apiVersion: v2\nname: app\nversion: 1.2.0\nappVersion: \"1.2.0\"\ndependencies:\n\
         - name: core\n  version: 1.2.0\n  repository: oci://@HOST@/charts\n",
    ),
    (
        "chart/Chart.lock",
        "dependencies:\n- name: core\n  repository: oci://@HOST@/charts\n  version: 1.2.0\ndigest: @SEAL@\n\
         generated: \"2026-01-01T00:00:00Z\"\n",
    ),
    (
        "chart/values.yaml",
        "image: &core\n  repository: @HOST@/acme/core\n  tag: '1.2.0' # as a text\nreplicas: 2\n",
    ),
    (
        "chart/templates/pod.yaml",
        "spec:\n  containers:\n  - image: @HOST@/acme/core:1.2.0\n  {{- if .Values.more }}\n",
    ),
    (
        "argo/apps.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: core}\nspec:\n  source:\n\
         \x20   repoURL: @HOST@/charts\n    chart: core\n    targetRevision: 1.2.0\n---\n\
         apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: \"@HOST@/acme/core@@OLD@\"\n\
         \x20 - image: redis:1.2.0\n",
    ),
    (
        "worker/values.yaml",
        "image:\n  repository: @HOST@/acme/core\n  tag: v1.2.0\n  sha: @BARE@ # without its algorithm\n",
    ),
];

/// What is deployed before.
fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

/// The digest of the chart's lock at a version, as Helm sums it up.
fn seal(host: &str, version: &str) -> String {
    let row = format!(
        "{{\"name\":\"core\",\"version\":\"{version}\",\"repository\":\"oci://{host}/charts\"}}"
    );
    let digest = Sha256::digest(format!("[[{row}],[{row}]]"));
    let digits = digest.iter().flat_map(|it| [it >> 4, it & 15]);
    let hex: String = digits
        .filter_map(|it| char::from_digit(it.into(), 16))
        .collect();
    format!("sha256:{hex}")
}

/// The text of one of the files, as it is before.
fn filled(host: &str, text: &str) -> String {
    let text = text.replace("@HOST@", host).replace("@OLD@", &digest('a'));
    let text = text.replace("@BARE@", &"a".repeat(64));
    text.replace("@SEAL@", &seal(host, "1.2.0"))
}

/// The family with `deploy`, whose files name the image and the chart of `core`.
fn cluster() -> Harbour {
    cluster_of(FILES, "needs = [\"core\"]\n")
}

/// The family with `deploy`, which holds these files and declares this.
fn cluster_of(files: &[(&'static str, &str)], declared: &str) -> Harbour {
    let harbour = Harbour::new("timeout = \"20s\"\n");
    let host = harbour.host();
    let files: Vec<(&str, String)> = files.iter().map(|it| (it.0, filled(&host, it.1))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|it| (it.0, it.1.as_str())).collect();
    let town = &harbour.town;
    town.repo("deploy", "", &files);
    let text = town.read(".", "workspace.toml");
    let chart = format!("[repo.core]\ncharts = [\"oci://{host}/charts/core\"]\n");
    let text = text.replacen("[repo.core]\n", &chart, 1);
    let remote = town.origin("deploy").display().to_string();
    let deploy = format!("\n[repo.deploy]\nremote = \"{remote}\"\n{declared}");
    town.workspace(&format!("{text}{deploy}"));
    town.commit("core", "feat: more", &[("more", "1")]);
    town.git("core", &["push", "-q"]);
    harbour
}

/// The file of the tip of `deploy` on its remote.
fn deployed(town: &Town, path: &str) -> String {
    town.git_origin("deploy", &["show", &format!("main:{path}")])
}

fn commits(town: &Town) -> usize {
    let said = town.git_origin("deploy", &["rev-list", "--count", "main"]);
    said.trim().parse().unwrap()
}

#[test]
fn a_release_moves_what_is_deployed_to_tag_and_digest_in_one_commit() {
    let harbour = cluster();
    let town = &harbour.town;
    let image = ["v1.3.0", "1.3.0", "latest"].map(|it| harbour.push_to("acme/core", it, "new"));
    harbour.push_to("charts/core", "1.3.0", "chart");
    let count = commits(town);
    let plan = cascade(town, &["plan", "--repo", "core"]).exits(0);
    plan.says(&[
        "ask    the digest of",
        "acme/core:v1.3.0, once it is out, for overlays/test/kustomization.yaml:4",
        "+  version: 1.3.0",
    ]);
    cascade(town, &["release", "--repo", "core", "--yes"]).exits(0);
    assert_eq!(commits(town), count + 1);
    let (host, [new, ..]) = (harbour.host(), image);
    for (path, text) in FILES {
        let old = filled(&host, text);
        let want = match *path {
            "overlays/test/kustomization.yaml" => old
                .replacen("v1.2.0", "v1.3.0", 1)
                .replace(&digest('a'), &new),
            "chart/Chart.yaml" => old
                .replace("appVersion: \"1.2.0\"", "appVersion: \"1.3.0\"")
                .replace("  version: 1.2.0", "  version: 1.3.0"),
            "chart/Chart.lock" => old
                .replace("version: 1.2.0", "version: 1.3.0")
                .replace(&seal(&host, "1.2.0"), &seal(&host, "1.3.0")),
            "chart/values.yaml" => old.replace("1.2.0", "1.3.0"),
            "argo/apps.yaml" => old
                .replace("targetRevision: 1.2.0", "targetRevision: 1.3.0")
                .replace(&digest('a'), &new),
            "worker/values.yaml" => old
                .replace("v1.2.0", "v1.3.0")
                .replace(&"a".repeat(64), new.trim_start_matches("sha256:")),
            _ => old,
        };
        assert_eq!(deployed(town, path).trim_end(), want.trim_end(), "{path}");
    }
    let subject = town.git_origin("deploy", &["log", "-1", "--format=%s", "main"]);
    assert_eq!(subject.trim(), "fix(deps): core 1.2.0 -> 1.3.0");
    let again = cascade(town, &["release", "--repo", "core", "--yes"]).exits(0);
    again.says(&["nothing to do"]);
    assert_eq!(commits(town), count + 1);
}

#[test]
fn a_pin_of_another_system_that_runs_the_old_image_is_not_there() {
    let text = |tag: &str, digest: &str| {
        format!("images:\n- name: @HOST@/acme/core\n  newTag: {tag}\n  digest: {digest}\n")
    };
    let old = text("v1.2.0", &digest('a'));
    let external = "needs = [{ repo = \"core\", policy = \"external\" }]\n";
    let harbour = cluster_of(&[("kustomization.yaml", &old)], external);
    let town = &harbour.town;
    let platforms = ["amd64", "arm64"].map(|it| harbour.push_to("acme/core", it, it));
    let platforms = platforms.each_ref().map(String::as_str);
    for tag in ["v1.3.0", "latest"] {
        harbour.push_index("acme/core", tag, &platforms);
    }
    harbour.push_to("charts/core", "1.3.0", "chart");
    let promote = |digest: &str| {
        let text = text("v1.3.0", digest).replace("@HOST@", &harbour.host());
        town.commit("deploy", "chore: on", &[("kustomization.yaml", &text)]);
        town.git("deploy", &["push", "-q"]);
    };
    let words = ["release", "--repo", "core", "--yes", "--wait", "1s"];
    cascade(town, &words).exits(7).says(&["not 1.3.0"]);
    promote(&digest('a'));
    let half = cascade(town, &["resume", "--wait", "1s"]).exits(7);
    half.says(&["kustomization.yaml:3 is held by sha256:aaaa", "v1.3.0` is"]);
    promote(platforms[1]);
    cascade(town, &["resume", "--wait", "30s"]).exits(0);
}

#[test]
fn a_tag_that_is_not_spelled_as_it_is_pushed_is_told_before_anything_is_written() {
    let harbour = cluster();
    let town = &harbour.town;
    for tag in ["1.3.0", "latest"] {
        harbour.push_to("acme/core", tag, "new");
    }
    harbour.push_to("charts/core", "1.3.0", "chart");
    let before = commits(town);
    let said = cascade(town, &["release", "--repo", "core", "--yes"]).exits(5);
    said.says(&["there is `1.3.0`", "and not `v1.3.0`", "cascade resume"]);
    assert_eq!(commits(town), before);
    harbour.push_to("acme/core", "v1.3.0", "new");
    cascade(town, &["resume", "--yes"]).exits(0);
    assert_eq!(commits(town), before + 1);
}

#[test]
fn a_tag_that_is_spelled_as_nobody_pushes_is_told_before_anything_is_tagged() {
    let harbour = cluster();
    let town = &harbour.town;
    let release = ["release", "--repo", "core", "--yes"];
    harbour.push_to("acme/core", "1.2.0", "old");
    let before = refs(town, "core");
    let said = cascade(town, &release).exits(4);
    let said = said.says(&[
        "overlays/test/kustomization.yaml:4 names",
        "acme/core:v1.2.0: there is",
        "--skip deploy",
        "argo/apps.yaml",
    ]);
    assert!(
        !said.err.contains("chart/values.yaml:3 names"),
        "{}",
        said.err
    );
    assert_eq!(refs(town, "core"), before);
    for tag in ["v1.2.0", "1.3.0", "v1.3.0", "latest"] {
        harbour.push_to(
            "acme/core",
            tag,
            if tag == "v1.2.0" { "old" } else { "new" },
        );
    }
    harbour.push_to("charts/core", "1.3.0", "chart");
    cascade(town, &release).exits(0);
}

#[test]
fn status_and_drift_tell_what_is_deployed_behind() {
    let harbour = cluster();
    let town = &harbour.town;
    town.git("core", &["tag", "-a", "v1.3.0", "-m", "core 1.3.0"]);
    town.git("core", &["push", "-q", "origin", "v1.3.0"]);
    let said = cascade(town, &["status", "--repo", "deploy", "--format", "json"]).exits(0);
    let pins = said.json()["repos"][0]["pins"].clone();
    let rows = pins.as_array().unwrap().iter().map(|it| {
        let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
        format!(
            "{}:{} {} {}",
            text("manifest"),
            it["line"],
            text("kind"),
            text("status")
        )
    });
    let rows: Vec<String> = rows.collect();
    assert_eq!(
        rows,
        [
            "argo/apps.yaml:8 chart excluded",
            "argo/apps.yaml:14 image unbounded",
            "chart/Chart.yaml:4 image excluded",
            "chart/Chart.yaml:7 chart excluded",
            "chart/values.yaml:3 image excluded",
            "overlays/test/kustomization.yaml:4 image excluded",
            "worker/values.yaml:3 image excluded",
        ]
    );
    let drift = cascade(town, &["drift", "--fail-on", "never"]).exits(0);
    drift.says(&["overlays/test/kustomization.yaml:4"]);
    let people = cascade(town, &["status", "--repo", "deploy"]).exits(0);
    people.says(&[
        "6 excluded, 1 unbounded",
        "by a digest alone, `sha256:aaaaaaaaaaaa...`",
    ]);
}

#[test]
fn a_variant_moves_once_the_registry_has_it_as_it_is_spelled() {
    let harbour = cluster();
    let town = &harbour.town;
    let text = |version: &str| {
        format!(
            "services:\n  a:\n    image: {}/acme/core:{version}-alpine\n",
            harbour.host()
        )
    };
    town.commit("deploy", "chore: more", &[("compose.yaml", &text("1.2.0"))]);
    town.git("deploy", &["push", "-q"]);
    for tag in ["v1.3.0", "1.3.0", "latest", "v1.3.0-alpine"] {
        harbour.push_to("acme/core", tag, "new");
    }
    harbour.push_to("charts/core", "1.3.0", "chart");
    let before = commits(town);
    let said = cascade(town, &["release", "--repo", "core", "--yes"]).exits(5);
    said.says(&["there is `v1.3.0-alpine`", "and not `1.3.0-alpine`"]);
    assert_eq!(commits(town), before);
    harbour.push_to("acme/core", "1.3.0-alpine", "new");
    cascade(town, &["resume", "--yes"]).exits(0);
    assert_eq!(
        deployed(town, "compose.yaml").trim_end(),
        text("1.3.0").trim_end()
    );
    assert_eq!(commits(town), before + 1);
}

/// What is deployed in the family of the demo.
struct Deployed {
    commits: usize,
    files: Vec<(String, String)>,
}

impl Deployed {
    fn of(played: &Played) -> Self {
        let at = |words: &[&str]| played.at("gitops", words);
        let files = at(&["ls-tree", "-r", "--name-only", "main"]);
        let text = |path: &str| at(&["cat-file", "blob", &format!("main:{path}")]);
        Self {
            commits: at(&["rev-list", "--count", "main"]).trim().parse().unwrap(),
            files: files.lines().map(|it| (it.to_owned(), text(it))).collect(),
        }
    }

    /// Requires that one commit came, which moved the runtime and nothing else.
    #[track_caller]
    fn is_promoted(&self, played: &Played, (old, new): (&str, &str)) {
        let now = Self::of(played);
        assert_eq!(now.commits, self.commits + 1, "one commit promotes");
        let digests = [old, new].map(|it| played.digest(&format!("v{it}")));
        assert_ne!(digests[0], digests[1]);
        let moved = |text: &str| text.replace(old, new).replace(&digests[0], &digests[1]);
        let want = self
            .files
            .iter()
            .map(|(path, text)| (path.clone(), moved(text)));
        assert_eq!(now.files, want.collect::<Vec<_>>());
        let lines = played.at("gitops", &["diff", "--numstat", "main~1", "main"]);
        assert_eq!(
            lines.lines().collect::<Vec<_>>(),
            [
                "1\t1\targo/runtime.yaml",
                "1\t1\tchart/Chart.yaml",
                "2\t2\tchart/values.yaml",
                "2\t2\tdeploy/kustomization.yaml",
            ]
        );
    }
}

const OF_RUNTIME: &[&str] = &["release", "--repo", "runtime", "--yes"];

#[test]
fn the_demos_runtime_is_promoted_by_kustomize_helm_and_argo_in_one_commit() {
    let played = Played::new();
    played.pushes("runtime", "feat: run two at once");
    let before = Deployed::of(&played);
    played.cascade(OF_RUNTIME).exits(0);
    before.is_promoted(&played, ("3.0.3", "3.1.0"));
    assert!(
        played
            .at("gitops", &["tag", "--contains", "main"])
            .contains("v12.0.2")
    );
    let refs = played.refs();
    played.cascade(OF_RUNTIME).exits(0).says(&["nothing to do"]);
    assert_eq!(refs, played.refs());
}

/// Writes versions and digests as another system would: in a clone of its own, pushed.
const PROMOTE: &str = r#"#!/bin/sh
set -e
dir=$(mktemp -d)
git clone -q "$1" "$dir"
cd "$dir"
sed -i "s|$2|$3|; s|sha256:[0-9a-f]*|$4|" argo/*.yaml chart/*.yaml deploy/kustomization.yaml
git commit -q -a -m "fix: promote" || exit 0
git push -q origin HEAD:main
"#;

/// A receiver that loses the first message, and acts a while after it answered each later one, twice.
fn receiver(played: &Played) -> Server {
    let script = played.town.path().join("promote.sh");
    hooks::write(&script, PROMOTE);
    let command = || {
        let mut command = played.town.command("sh");
        command
            .arg(&script)
            .arg(played.origin("gitops"))
            .arg("3.0.3");
        command
    };
    let commands: Vec<_> = (0..64).map(|_| command()).collect();
    let (commands, count) = (Arc::new(Mutex::new(commands)), AtomicUsize::new(0));
    Server::start(move |asked: &Asked| {
        let told: Value = serde_json::from_str(&asked.body).unwrap();
        let package = &told["packages"][0];
        let texts = ["version", "digest"].map(|it| package[it].as_str().unwrap().to_owned());
        if count.fetch_add(1, Ordering::SeqCst) > 0 {
            let commands = Arc::clone(&commands);
            thread::spawn(move || {
                thread::sleep(Duration::from_secs(2));
                let mut commands = commands.lock().unwrap();
                for mut it in commands.drain(..2) {
                    it.args(&texts).status().unwrap();
                }
            });
        }
        Reply::new(202, "")
    })
}

#[test]
fn a_message_promotes_the_demos_runtime_where_it_is_lost_delayed_and_doubled() {
    let played = Played::new();
    let server = receiver(&played);
    let file = played.work().join("workspace.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let sends = format!(
        "{text}\n[repo.gitops.dispatch]\nurl = \"{}/hook\"\nagain = \"1s\"\n",
        server.url()
    );
    hooks::write(&file, &sends);
    played.pushes("runtime", "feat: run two at once");
    let before = Deployed::of(&played);
    played
        .cascade(&["plan", "--repo", "runtime"])
        .exits(0)
        .says(&["once it is out, for the message"]);
    assert!(server.asked().is_empty());
    played.cascade(OF_RUNTIME).exits(0);
    before.is_promoted(&played, ("3.0.3", "3.1.0"));
    let sent = server.asked();
    assert!(sent.len() >= 2, "lost, and sent once more");
    let key = |it: &Asked| it.header("idempotency-key").map(str::to_owned);
    assert!(key(&sent[0]).is_some_and(|it| it.ends_with("/gitops")));
    assert!(sent.iter().all(|it| key(it) == key(&sent[0])));
    let told: Value = serde_json::from_str(&sent[0].body).unwrap();
    let digest = &told["packages"][0]["images"][0]["digest"];
    assert_eq!(digest, played.digest("v3.1.0").as_str());
    let refs = played.refs();
    played.cascade(OF_RUNTIME).exits(0);
    assert_eq!((refs, sent.len()), (played.refs(), server.asked().len()));
}

/// A clone of GitHub's, as `init` sees it: with this file, and this tag.
fn clone(town: &Town, name: &str, tag: &str, file: (&str, &str)) {
    town.repo(name, tag, &[file]);
    let url = format!("https://github.com/acme/{name}");
    town.git(name, &["remote", "set-url", "origin", &url]);
}

#[test]
fn init_declares_what_others_refer_to_by_its_tags_alone() {
    let town = Town::new();
    clone(
        &town,
        "actions",
        "v1.2.0",
        ("set-up/action.yml", "name: x\n"),
    );
    clone(&town, "hooks", "hooks-1.0.0", ("a.sh", ""));
    clone(&town, "net", "v2.0.0", ("main.tf", ""));
    clone(&town, "notes", "v1.0.0", ("notes.md", ""));
    let steps = "jobs: {a: {steps: [{uses: acme/actions/set-up@v1.2.0}]}}\n";
    clone(&town, "app", "v0.1.0", (".github/workflows/ci.yml", steps));
    town.commit(
        "app",
        "feat: more",
        &[(
            ".pre-commit-config.yaml",
            "repos:\n- {repo: https://github.com/acme/hooks, rev: hooks-1.0.0}\n",
        )],
    );
    town.commit(
        "app",
        "feat: a net",
        &[(
            "main.tf",
            "module \"net\" {\n  source = \"git::https://github.com/acme/net.git?ref=v1.0.0\"\n}\n",
        )],
    );
    cascade(&town, &["init"]).exits(0);
    let text = town.read(".", "workspace.toml");
    for lines in [
        "tag = \"hooks-{version}\"\npackages = [{ name = \"hooks\", ecosystem = \"git\" }]\n",
        "packages = [{ name = \"actions\", ecosystem = \"git\" }]\n",
        "packages = [{ name = \"net\", ecosystem = \"git\" }]\n",
        "needs = [\"actions\", \"net\"]\n",
    ] {
        assert!(text.contains(lines), "{lines} in {text}");
    }
    assert_eq!(text.matches("ecosystem").count(), 3, "{text}");
    cascade(&town, &["init", "--check"]).exits(0);
    let status = cascade(&town, &["status", "--repo", "app", "--format", "json"]).exits(0);
    let pins = status.json()["repos"][0]["pins"].as_array().map(Vec::len);
    assert_eq!(pins, Some(3));
}

#[test]
fn a_page_that_has_to_show_the_digest_is_looked_at_once_that_is_known() {
    let harbour = cluster();
    let town = &harbour.town;
    let [new, ..] = ["v1.3.0", "1.3.0", "latest"].map(|it| harbour.push_to("acme/core", it, "new"));
    harbour.push_to("charts/core", "1.3.0", "chart");
    let live = AtomicUsize::new(0);
    let server = Server::start(move |asked: &Asked| {
        if asked.method == "POST" {
            live.fetch_add(1, Ordering::SeqCst);
            return Reply::new(202, "");
        }
        match live.load(Ordering::SeqCst) {
            0 => Reply::new(200, format!("running {}", digest('a'))),
            _ => Reply::new(200, format!("running {new}")),
        }
    });
    let text = town.read(".", "workspace.toml");
    let url = server.url();
    town.workspace(&format!(
        "{text}[repo.deploy.dispatch]\nurl = \"{url}/hook\"\n\
         effect = {{ url = \"{url}/version\", contains = \"running {{digest}}\" }}\n"
    ));
    cascade(town, &["release", "--repo", "core", "--yes"]).exits(0);
    let posts = server.asked();
    let posts = posts.iter().filter(|it| it.method == "POST").count();
    assert_eq!(posts, 1, "the old digest is no effect");
}
