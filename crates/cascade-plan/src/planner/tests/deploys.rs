//! Pins of files that deploy.

use super::*;
use crate::{Wanted, is_answer};

const IMAGE: &str = "registry.example/acme/core";
const OLD: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// `core` 1.2.0, which publishes an image and a chart, and `deploy`, which has this file.
fn deployment(path: &str, text: &str) -> Sample {
    let core = "[repo.core]\nimages = [\"registry.example/acme/core\"]\n\
        charts = [\"oci://registry.example/charts/core\", \"other\"]\n";
    Sample::new(&[("core", ""), ("deploy", "core")])
        .declare("[repo.core]\n", core)
        .file("core", "Cargo.toml", &cargo("core", "1.2.0", ""))
        .tag("core", "v1.2.0")
        .commit("core", "feat: more")
        .file("deploy", path, text)
}

/// Returns what becomes of the pins of `deploy` when `core` is released as 1.3.0, and its file then.
fn promoted(path: &str, text: &str) -> (Vec<String>, String) {
    let plan = release(&deployment(path, text), &["core=1.3.0"]);
    let Some(step) = plan.steps.iter().find(|it| it.repo.as_str() == "deploy") else {
        return (Vec::new(), text.to_owned());
    };
    let rows = step.pins.iter().map(|it| match &it.fate {
        PinFate::Updated(to) => format!("{}: {} -> {to}", it.line, it.from),
        PinFate::Kept(why) => format!("{}: {} kept: {why}", it.line, it.from),
        PinFate::Refused(why) => format!("{}: {} refused: {why}", it.line, it.from),
    });
    let after = step.actions.iter().find_map(|it| match it {
        Action::Write {
            path: at, after, ..
        } if at == path => Some(after.clone()),
        _ => None,
    });
    (rows.collect(), after.unwrap_or_else(|| text.to_owned()))
}

#[test]
fn what_names_the_family_moves_and_nothing_else() {
    let compose = format!(
        "services:\n  a:\n    image: {IMAGE}:v1.2.0 # ours\n  b:\n    image: other.example/acme/core:v1.2.0\n  \
         c:\n    image: redis:1.2.0\n  d: {{image: '{IMAGE}:1.2'}}\n"
    );
    let (rows, after) = promoted("compose.yaml", &compose);
    assert_eq!(rows, ["3: v1.2.0 -> v1.3.0", "8: 1.2 -> 1.3"]);
    let wanted = compose
        .replacen("v1.2.0", "v1.3.0", 1)
        .replace("core:1.2'", "core:1.3'");
    assert_eq!(after, wanted);
}

#[test]
fn what_can_not_move_says_why() {
    for (tag, told) in [
        (":latest", "latest kept: names no version"),
        (
            ":1.2.0-20240101",
            "1.2.0-20240101 refused: what stands behind its version is the number, day or commit of a build, which no other version has",
        ),
        (
            ":1.2.0-abc1234",
            "1.2.0-abc1234 refused: what stands behind its version is the number, day or commit of a build, which no other version has",
        ),
        (
            ":1.1.0-alpine",
            "1.1.0-alpine refused: `1.1.0` is no version of core that is known here, or `1.1.0-alpine` is one of its own: so it may be a variant or a pre-release",
        ),
        (
            ":1.3.0-alpine",
            "1.3.0-alpine kept: a variant of the version already",
        ),
        (":1.3.0", "1.3.0 kept: says it already"),
        (
            ":1.4.0",
            "1.4.0 refused: names 1.4.0, above 1.3.0: a pin never moves down without a reason; `cascade fetch` may know of 1.4.0",
        ),
    ] {
        let text = format!("FROM {IMAGE}{tag}\n");
        let (rows, after) = promoted("Dockerfile", &text);
        assert_eq!((rows, after), (vec![format!("1: {told}")], text));
    }
}

#[test]
fn a_variant_is_kept_and_asked_for_as_it_is_spelled() {
    let text = format!(
        "FROM {IMAGE}:v1.2.0-slim-bookworm@{OLD}\nFROM {IMAGE}:1.2-alpine\nFROM {IMAGE}:1.2.0-rc.1\n"
    );
    let sample = deployment("Dockerfile", &text);
    let plan = release(&sample, &["core=1.3.0"]);
    let asked = step(&plan, "deploy").resolves().map(|it| match &it.what {
        Wanted::Digest { tags, .. } => (tags.join(" "), it.placeholder.is_some()),
        other @ Wanted::Commit { .. } => (format!("{other:?}"), false),
    });
    let asked: Vec<_> = asked.collect();
    assert_eq!(
        asked,
        [
            ("v1.3.0-slim-bookworm".to_owned(), true),
            ("1.3-alpine".to_owned(), false),
            ("1.3.0".to_owned(), false)
        ]
    );
    let (rows, _) = promoted("Dockerfile", &text);
    assert_eq!(rows[1], "2: 1.2-alpine -> 1.3-alpine");
    let survey = sample.survey();
    let pins = survey.repos[&RepoId::new("deploy")].pins.iter();
    let named: Vec<_> = pins
        .map(|it| (it.status, it.named.as_ref().map_or("", |it| it.text())))
        .collect();
    assert_eq!(
        named,
        [
            (PinStatus::InStep, "1.2.0"),
            (PinStatus::InStep, "1.2.0"),
            (PinStatus::Excluded, "1.2.0-rc.1")
        ]
    );
}

#[test]
fn what_is_a_version_of_its_own_is_no_variant() {
    let text = format!("FROM {IMAGE}:1.2.0-alpine\n");
    let sample = deployment("Dockerfile", &text).tag("core", "v1.2.0-alpine");
    let plan = release(&sample, &["core=1.3.0"]);
    let fate = &step(&plan, "deploy").pins[0].fate;
    let own = |why: &str| why.contains("is one of its own");
    assert!(
        matches!(fate, PinFate::Refused(why) if own(why)),
        "{fate:?}"
    );
}

#[test]
fn a_bump_asks_for_a_variant_and_makes_up_none() {
    let text = format!("FROM {IMAGE}:1.2.0-alpine\n");
    let plan = bump(&deployment("Dockerfile", &text), &["core=1.3.0"]);
    let why = "it names a variant, and which there are is not known before `v1.3.0` is out";
    let fate = &step(&plan, "deploy").pins[0].fate;
    assert_eq!(*fate, PinFate::Refused(why.to_owned()));
    let out = deployment("Dockerfile", &text).tag("core", "v1.3.0");
    let plan = bump(&out, &[]);
    let asked: Vec<_> = step(&plan, "deploy").resolves().collect();
    assert_eq!(asked.len(), 1, "{plan:?}");
}

#[test]
fn a_digest_is_asked_for_and_moves_with_its_tag() {
    let text = format!("FROM {IMAGE}:1.2.0@{OLD}\nFROM {IMAGE}@{OLD} AS alone\n");
    let sample = deployment("Dockerfile", &text);
    let plan = release(&sample, &["core=1.3.0"]);
    let step = step(&plan, "deploy");
    let asked: Vec<_> = step.resolves().collect();
    let tags = |it: &Wanted| match it {
        Wanted::Digest { image, tags } if image == IMAGE => tags.clone(),
        other => vec![format!("{other:?}")],
    };
    assert_eq!(tags(&asked[0].what), ["1.3.0"]);
    assert_eq!(tags(&asked[1].what), ["1.3.0", "v1.3.0"]);
    let write = |step: &Step| {
        let mut writes = step.actions.iter();
        writes.find_map(|it| match it {
            Action::Write { after, .. } => Some(after.clone()),
            _ => None,
        })
    };
    let planned = write(step).unwrap();
    assert!(!planned.contains(OLD), "{planned}");
    let new = format!("sha256:{}", "b7".repeat(32));
    let filled = write(
        &step
            .filled(&[Some(new.clone()), Some(new.clone())])
            .unwrap(),
    )
    .unwrap();
    assert_eq!(filled, text.replace("1.2.0", "1.3.0").replace(OLD, &new));
    assert!(step.is_filled("Dockerfile", &planned, &filled));
    // Neither the plan's own text nor the old digest is the work done.
    assert!(!step.is_filled("Dockerfile", &planned, &planned));
    assert!(!step.is_filled("Dockerfile", &planned, &filled.replace("alone", "other")));
    assert!(is_answer(&new, asked[0].placeholder.as_ref().unwrap()));
}

#[test]
fn digests_go_along_with_what_is_behind_and_commits_name_whole_versions() {
    let town = |text: &str| deployment("Dockerfile", text).tag("core", "v1.2.1");
    let along = format!("FROM {IMAGE}:1.2@{OLD}\nFROM {IMAGE}@{OLD} AS alone\n");
    let whole = format!("FROM {IMAGE}:1.2.0@{OLD}\n{along}");
    let plan = bump(&town(&whole), &[]);
    let step = step(&plan, "deploy");
    assert_eq!(step.pins.len(), 3, "{plan:?}");
    assert_eq!(step.resolves().count(), 3);
    let subject = |plan: &Plan| {
        let actions = plan.steps.iter().flat_map(|it| &it.actions);
        let said = actions.into_iter().find_map(|it| match it {
            Action::Commit { message } => message.lines().next().map(str::to_owned),
            _ => None,
        });
        said.unwrap_or_default()
    };
    assert_eq!(subject(&plan), "fix(deps): core 1.2.0 -> 1.2.1");
    let unasked = bump(&town(&along), &[]);
    assert!(unasked.steps.is_empty(), "how old they are is not known");
    let named = bump(&town(&along), &["core"]);
    assert_eq!(subject(&named), "fix(deps): core 1.2.1");
}

#[test]
fn a_digest_that_is_not_out_is_not_for_a_bump() {
    let text = format!("FROM {IMAGE}:1.2.0@{OLD}\n");
    let plan = bump(&deployment("Dockerfile", &text), &["core=1.3.0"]);
    let step = step(&plan, "deploy");
    let why = "it is held by a digest, which is not known before `v1.3.0` is out";
    assert_eq!(step.pins[0].fate, PinFate::Refused(why.to_owned()));
    let held = step.held.as_ref().expect("held");
    assert_eq!(
        held.help.as_deref(),
        Some(
            "`cascade release --repo core=1.3.0` moves what is held by a digest or commit, or leave \
             it out with `--skip deploy`"
        )
    );
}

#[test]
fn every_pin_that_can_not_move_is_told_at_once() {
    let text = format!("FROM {IMAGE}:1.2.0.4\nFROM {IMAGE}:1.2.0\nFROM {IMAGE}:1.2.0.7\n");
    let sample = deployment("Dockerfile", &text).file(
        "deploy",
        "compose.yaml",
        &format!("services: {{a: {{image: '{IMAGE}:1.2.0.9'}}}}\n"),
    );
    let plan = release(&sample, &["core=1.3.0"]);
    let held = step(&plan, "deploy").held.as_ref().expect("held");
    let shape = "its shape is not known: a version of three numbers at most, with or without `v`";
    let rows = [
        ("Dockerfile:1", "1.2.0.4"),
        ("Dockerfile:3", "1.2.0.7"),
        ("compose.yaml:1", "1.2.0.9"),
    ];
    let rows = rows.map(|(at, tag)| format!("{at} `{tag}` on `core` to 1.3.0: {shape}"));
    assert_eq!(
        held.why,
        format!("3 pins can not move: {}", rows.join("; "))
    );
    assert_eq!(
        held.help.as_deref(),
        Some(
            "edit `Dockerfile`, `compose.yaml` in `deploy` by hand and commit it, or leave it out \
             with `--skip deploy`"
        )
    );
}

#[test]
fn digests_on_one_line_are_places_of_their_own() {
    let other = OLD.replace("aa", "bb");
    let text = format!(
        "apiVersion: v1\nkind: Pod\nspec: {{containers: [{{image: '{IMAGE}@{OLD}'}}, {{image: '{IMAGE}@{other}'}}]}}\n"
    );
    let plan = release(&deployment("pod.yaml", &text), &["core=1.3.0"]);
    let step = step(&plan, "deploy");
    assert_eq!(step.resolves().count(), 2);
    let new = format!("sha256:{}", "cd".repeat(32));
    let filled = step
        .filled(&[Some(new.clone()), Some(new.clone())])
        .unwrap();
    let after = filled.actions.iter().find_map(|it| match it {
        Action::Write { after, .. } => Some(after.clone()),
        _ => None,
    });
    assert_eq!(
        after.unwrap(),
        text.replace(OLD, &new).replace(&other, &new)
    );
}

#[test]
fn a_place_that_several_uses_share_is_told_once() {
    let text = "ARG V=1.2.0\nFROM registry.example/acme/core:$V\nFROM registry.example/acme/extra:$V\n\
         FROM registry.example/others/tool:$V\n";
    let both = "images = [\"registry.example/acme/extra\", \"registry.example/acme/core\"]";
    let sample =
        deployment("Dockerfile", text).declare("images = [\"registry.example/acme/core\"]", both);
    let plan = release(&sample, &["core=1.3.0"]);
    let step = step(&plan, "deploy");
    assert_eq!(step.pins.len(), 2);
    let held = step.held.as_ref().expect("held");
    let why = "Dockerfile:1 `1.2.0` on `core` to 1.3.0: other things are named by the same text: write \
               it for each of them";
    assert_eq!(held.why.replace("can not move ", ""), why);
}

#[test]
fn a_part_of_a_tag_says_so() {
    let text = format!("ARG V=1.2\nARG OF=0\nFROM {IMAGE}:$V.$OF\n");
    let (rows, after) = promoted("Dockerfile", &text);
    let why = "it is put together with something else to one name: write that in one piece";
    assert_eq!(rows, [format!("1: 1.2 refused: {why}")]);
    assert_eq!(after, text);
}

#[test]
fn what_can_not_be_written_names_its_file_and_the_other_way_out() {
    // Registries take tags of 128 characters at most, and the new one is longer by one.
    let tag = format!("1.2.0-{}", "z".repeat(122));
    let plan = release(
        &deployment("app/Dockerfile", &format!("FROM {IMAGE}:{tag}\n")),
        &["core=1.10.0"],
    );
    let held = step(&plan, "deploy").held.as_ref().expect("held");
    assert!(
        held.why.starts_with("`app/Dockerfile` can not be edited: "),
        "{held:?}"
    );
    assert_eq!(
        held.help.as_deref(),
        Some(
            "edit `app/Dockerfile` in `deploy` by hand and commit it, or leave it out with `--skip deploy`"
        )
    );
}

#[test]
fn a_step_that_may_be_there_already_says_so() {
    for (tag, may) in [
        (format!("1.3@{OLD}"), true),
        (format!("@{OLD}"), true),
        (format!("1.2.0@{OLD}"), false),
        ("1.2.0".to_owned(), false),
    ] {
        let colon = if tag.starts_with('@') { "" } else { ":" };
        let text = format!("FROM {IMAGE}{colon}{tag}\n");
        let plan = release(&deployment("Dockerfile", &text), &["core=1.3.0"]);
        let step = step(&plan, "deploy");
        assert!(step.held.is_none(), "{tag}: {:?}", step.held);
        assert_eq!(step.may_be_there(), may, "{tag}");
    }
    let plan = release(&deployment("x", ""), &["core=1.3.0"]);
    assert!(!step(&plan, "core").may_be_there());
}

#[test]
fn a_chart_is_known_by_its_repository() {
    let chart = |repository: &str| {
        format!("dependencies:\n- name: core\n  version: 1.2.0\n  repository: {repository}\n")
    };
    for (repository, moves) in [
        ("oci://registry.example/charts", true),
        ("oci://registry.example/other", false),
        ("\"@acme\"", false),
        ("file://./core", false),
    ] {
        let text = chart(repository);
        let (rows, after) = promoted("chart/Chart.yaml", &text);
        assert_eq!(rows.len(), usize::from(moves), "{repository}");
        assert_eq!(after != text, moves, "{repository}");
    }
}

#[test]
fn nothing_is_asked_of_registries_where_nothing_is_waited_for() {
    let text = "dependencies:\n- name: core\n  version: RANGE\n  repository: oci://registry.example/charts\n";
    for range in ["~1.2.0", "1.2.0"] {
        let sample = deployment("chart/Chart.yaml", &text.replace("RANGE", range));
        let asks = |sample: &Sample| {
            let plan = release(sample, &["core=1.3.0"]);
            step(&plan, "deploy").resolves().count()
        };
        assert_eq!(asks(&sample), 1, "{range}");
        let unawaited = sample.declare("[repo.core]\n", "[repo.core]\nregistry = \"none\"\n");
        assert_eq!(asks(&unawaited), 0, "{range}");
    }
}

#[test]
fn what_is_its_own_moves_with_its_own_release_but_for_digests() {
    let values = format!("image:\n  repository: {IMAGE}\n  tag: 1.2.0\n");
    let sample = deployment("x", "")
        .file(
            "core",
            "chart/Chart.yaml",
            "name: core\nappVersion: 1.2.0\n",
        )
        .file("core", "chart/values.yaml", &values)
        .file("core", "Dockerfile.next", &format!("FROM {IMAGE}@{OLD}\n"))
        .file(
            "core",
            "examples/compose.yaml",
            &format!("services: {{a: {{image: '{IMAGE}:1.2.0'}}}}\n"),
        );
    let plan = release(&sample, &["core=1.3.0"]);
    let core = step(&plan, "core");
    let writes = core.actions.iter().filter_map(|it| match it {
        Action::Write { path, .. } => Some(path.as_str()),
        _ => None,
    });
    let writes: Vec<&str> = writes.collect();
    assert_eq!(
        writes,
        ["Cargo.toml", "chart/Chart.yaml", "chart/values.yaml"]
    );
}

#[test]
fn a_moving_tag_of_git_moves_only_to_one_that_is_there() {
    let family = |tags: &[&str]| {
        let actions = "[repo.actions]\npackages = [{ name = \"actions\", ecosystem = \"git\" }]\n";
        let mut sample = Sample::new(&[("actions", ""), ("app", "actions")])
            .declare("[repo.actions]\n", actions)
            .declare(
                "https://forge.example/actions.git",
                "https://github.com/acme/actions",
            )
            .commit("actions", "feat: one")
            .tag("actions", "v1.2.0");
        for tag in tags {
            sample = sample.tag("actions", tag);
        }
        let steps = "- uses: acme/actions@v1\n    - uses: acme/actions/set-up@v1.2.0 # all\n    - uses: acme/other@v1";
        let text = format!("on: push\njobs:\n  a:\n    steps:\n    {steps}\n");
        sample.file("app", ".github/workflows/ci.yml", &text)
    };
    let rows = |tags: &[&str]| {
        let plan = release(&family(tags), &["actions=2.0.0"]);
        let pins = step(&plan, "app").pins.clone();
        pins.into_iter().map(|it| it.fate).collect::<Vec<_>>()
    };
    let updated = |to: &str| PinFate::Updated(to.to_owned());
    assert_eq!(rows(&["v1", "v2"]), [updated("v2"), updated("v2.0.0")]);
    let refused = rows(&["v1"]);
    let why = "`v2` is no tag of actions yet: the release is `v2.0.0`";
    assert_eq!(refused[0], PinFate::Refused(why.to_owned()));
}

#[test]
fn servers_that_know_no_capital_letters_name_one_repository() {
    let moved = |remote: &str, home: &str, path: &str, text: &str| {
        let actions = "[repo.actions]\npackages = [{ name = \"actions\", ecosystem = \"git\" }]\n";
        let sample = Sample::new(&[("actions", ""), ("app", "actions")])
            .declare("[repo.actions]\n", actions)
            .declare("https://forge.example/actions.git", remote)
            .declare("https://forge.example/app.git", home)
            .commit("actions", "feat: one")
            .tag("actions", "v1.2.0")
            .file("app", path, text);
        let plan = release(&sample, &["actions=1.3.0"]);
        let app = plan.steps.iter().find(|it| it.repo.as_str() == "app");
        app.map_or(0, |it| it.pins.len())
    };
    let (hub, lab) = ("https://github.com/", "https://gitlab.example/");
    let uses = |it: &str| format!("jobs: {{a: {{steps: [{{uses: '{it}@v1.2.0'}}]}}}}\n");
    let include = |it: &str| format!("include: [{{project: '{it}', ref: v1.2.0}}]\n");
    let component = |it: &str| format!("include: [{{component: '{it}/lint@1.2.0'}}]\n");
    let (workflow, pipeline) = (".github/workflows/ci.yml", ".gitlab-ci.yml");
    let module =
        |it: &str| format!("module \"a\" {{\n  source = \"git::https://{it}?ref=v1.2.0\"\n}}\n");
    for (remote, home, path, text, count) in [
        ("acme/actions", hub, workflow, uses("ACME/Actions"), 1),
        ("Acme/Actions", hub, workflow, uses("acme/actions/sub"), 1),
        ("acme/actions", hub, workflow, uses("acme/other"), 0),
        (
            "acme/actions",
            hub,
            ".gitmodules",
            "[submodule \"a\"]\n\turl = https://github.com/ACME/Actions\n\tpath = a\n".to_owned(),
            1,
        ),
        (
            "acme/ci/actions",
            lab,
            pipeline,
            include("Acme/CI/actions"),
            1,
        ),
        (
            "acme/ci/actions",
            lab,
            pipeline,
            component("$CI_SERVER_FQDN/acme/ci/actions"),
            1,
        ),
        (
            "acme/ci/actions",
            lab,
            pipeline,
            component("gitlab.example/acme/ci/actions"),
            1,
        ),
        (
            "acme/ci/actions",
            lab,
            pipeline,
            component("other.example/acme/ci/actions"),
            0,
        ),
        ("acme/ci/actions", lab, pipeline, include("actions"), 0),
    ] {
        let (remote, home) = (format!("{home}{remote}"), format!("{home}acme/app"));
        assert_eq!(moved(&remote, &home, path, &text), count, "{remote} {text}");
    }
    // Of other servers nobody knows it.
    let modules = "[repo.actions]\nmodules = [\"x/y/z\"]\npackages = [{ name = \"actions\", ecosystem = \"git\" }]\n";
    let of = |remote: &str, named: &str| {
        let sample = Sample::new(&[("actions", ""), ("app", "actions")])
            .declare("[repo.actions]\n", modules)
            .declare("https://forge.example/actions.git", remote)
            .commit("actions", "feat: one")
            .tag("actions", "v1.2.0")
            .file("app", "main.tf", &module(named));
        let plan = release(&sample, &["actions=1.3.0"]);
        plan.steps.iter().any(|it| it.repo.as_str() == "app")
    };
    assert!(of(
        "https://github.com/acme/actions",
        "github.com/ACME/Actions.git"
    ));
    assert!(of(
        "https://git.example/acme/actions",
        "git.example/acme/actions"
    ));
    assert!(!of(
        "https://git.example/acme/actions",
        "git.example/ACME/actions"
    ));
}

#[test]
fn a_submodule_moves_to_the_commit_of_the_tag() {
    let sample = Sample::new(&[("lib", ""), ("app", "lib")])
        .file("lib", "Cargo.toml", &cargo("lib", "1.2.0", ""))
        .tag("lib", "v1.2.0")
        .commit("lib", "feat: more")
        .file(
            "app",
            ".gitmodules",
            "[submodule \"s\"]\n\tpath = sub\n\turl = https://forge.example/lib\n",
        );
    let plan = release(&sample, &["lib=1.3.0"]);
    let app = step(&plan, "app");
    let moved = app.actions.iter().find_map(|it| match it {
        Action::Submodule { path, after, .. } => Some((path.as_str(), after.clone())),
        _ => None,
    });
    let (path, after) = moved.unwrap();
    assert_eq!(path, "sub");
    let [asked] = &app.resolves().collect::<Vec<_>>()[..] else {
        unreachable!("one is asked for");
    };
    assert_eq!(asked.placeholder.as_deref(), Some(after.as_str()));
    let commit = "5".repeat(40);
    let filled = app.filled(&[Some(commit.clone())]).unwrap();
    let is_at =
        |it: &Action| matches!(it, Action::Submodule { after, .. } if after.as_str() == commit);
    assert!(filled.actions.iter().any(is_at));
}

/// What a plan asks for in `deploy`: images with their tags, and whether the answer is written.
fn asked(sample: &Sample) -> Vec<String> {
    let plan = release(sample, &["core=1.3.0"]);
    let all = step(&plan, "deploy").resolves().map(|it| match &it.what {
        Wanted::Digest { image, tags } => format!("{image}:{}", tags.join(" ")),
        other @ Wanted::Commit { .. } => format!("{other:?}"),
    });
    all.collect()
}

#[test]
fn the_words_around_an_argument_are_asked_for_with_it() {
    for (path, text, tags) in [
        (
            "Dockerfile",
            format!("ARG V=1.2.0\nFROM {IMAGE}:${{V}}-alpine\n"),
            &["1.3.0-alpine"][..],
        ),
        (
            "Dockerfile",
            format!("ARG V=1.2.0\nFROM {IMAGE}:v${{V}}\n"),
            &["v1.3.0"],
        ),
        (
            "Dockerfile",
            format!("ARG V=1.2\nFROM {IMAGE}:$V-alpine\nFROM {IMAGE}:$V\nFROM {IMAGE}:$V-slim\n"),
            &["1.3-alpine", "1.3", "1.3-slim"],
        ),
        (
            "compose.yaml",
            format!("services: {{a: {{image: '{IMAGE}:${{V:-1.2.0}}-alpine'}}}}\n"),
            &["1.3.0-alpine"],
        ),
        (
            "main.tf",
            format!(
                "locals {{ v = \"1.2.0\" }}\nresource \"x\" \"y\" {{ image = \"{IMAGE}:${{local.v}}-alpine\" }}\n"
            ),
            &["1.3.0-alpine"],
        ),
    ] {
        let sample = deployment(path, &text);
        let tags: Vec<_> = tags.iter().map(|it| format!("{IMAGE}:{it}")).collect();
        assert_eq!(asked(&sample), tags, "{text}");
        let (rows, after) = promoted(path, &text);
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(after, text.replace("1.2", "1.3"));
        let survey = sample.survey();
        let pins = &survey.repos[&RepoId::new("deploy")].pins;
        let stands: Vec<_> = pins.iter().map(|it| it.status).collect();
        assert_eq!(stands, [PinStatus::InStep], "{text}");
    }
}

#[test]
fn one_text_for_several_images_of_one_package_is_one_pin() {
    let other = "registry.example/acme/core-worker";
    let images = "[repo.core]\nimages = [\"registry.example/acme/core\", \"registry.example/acme/core-worker\"]\n";
    let sample = |path: &str, text: &str| {
        deployment(path, text).declare(
            "[repo.core]\nimages = [\"registry.example/acme/core\"]\n",
            images,
        )
    };
    for (path, text) in [
        (
            "Dockerfile",
            format!("ARG V=1.2.0\nFROM {IMAGE}:$V\nFROM {other}:$V\n"),
        ),
        (
            "values.yaml",
            format!(
                "a: {{repository: {IMAGE}, tag: &t 1.2.0}}\nb: {{repository: {other}, tag: *t}}\n"
            ),
        ),
        (
            "main.tf",
            format!(
                "locals {{ v = \"1.2.0\" }}\nresource \"x\" \"y\" {{\n  a = \"{IMAGE}:${{local.v}}\"\n  b = \"{other}:${{local.v}}\"\n}}\n"
            ),
        ),
    ] {
        let sample = sample(path, &text);
        assert_eq!(
            asked(&sample),
            [format!("{IMAGE}:1.3.0"), format!("{other}:1.3.0")],
            "{text}"
        );
        let plan = release(&sample, &["core=1.3.0"]);
        let pins = &step(&plan, "deploy").pins;
        assert_eq!(pins.len(), 1, "{pins:?}");
        let writes = step(&plan, "deploy").actions.iter();
        let after = writes.filter_map(|it| match it {
            Action::Write { after, .. } => Some(after.as_str()),
            _ => None,
        });
        assert_eq!(after.collect::<Vec<_>>(), [text.replace("1.2.0", "1.3.0")]);
    }
    for other in [
        "other.example/acme/other:$V",
        "registry.example/acme/core-worker:$V-20240101",
    ] {
        let text = format!("ARG V=1.2.0\nFROM {IMAGE}:$V\nFROM {other}\n");
        let plan = release(&sample("Dockerfile", &text), &["core=1.3.0"]);
        let step = step(&plan, "deploy");
        let is_refused = |it: &PinFate| matches!(it, PinFate::Refused(_));
        assert!(
            step.pins.iter().all(|it| is_refused(&it.fate)),
            "{:?}",
            step.pins
        );
        assert!(
            !step
                .actions
                .iter()
                .any(|it| matches!(it, Action::Write { .. }))
        );
    }
}

#[test]
fn a_range_that_admits_the_version_stays_though_it_names_a_later_one() {
    for (wanted, told) in [
        ("^1.2 || ^2", "6: ^1.2 || ^2 kept: "),
        ("^2", "6: ^2 refused: names 2.0.0, above 1.3.0"),
        ("~1.2.0-0", "6: ~1.2.0-0 -> ~1.3.0-0"),
    ] {
        let text = format!(
            "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- name: core\n  version: {wanted}\n  repository: oci://registry.example/charts\n"
        );
        let (rows, _) = promoted("app/Chart.yaml", &text);
        assert!(
            matches!(&rows[..], [row] if row.starts_with(told)),
            "{rows:?}"
        );
    }
}

#[test]
fn argo_cd_takes_the_first_numbers_of_a_chart_for_one_version() {
    for (revision, tags) in [("1.2", "1.3"), ("1.2.0", "1.3.0 v1.3.0")] {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source: {{repoURL: registry.example/charts, chart: core, targetRevision: '{revision}'}}\n"
        );
        let sample = deployment("app.yaml", &text);
        assert_eq!(
            asked(&sample),
            [format!("registry.example/charts/core:{tags}")]
        );
    }
}

#[test]
fn the_version_of_a_chart_follows_where_the_values_name_no_tag() {
    let values = format!("image: {{repository: {IMAGE}, pullPolicy: Always}}\n");
    let chart = "apiVersion: v2\nname: app\nversion: 0.1.0\nappVersion: 1.2.0\n";
    let sample = deployment("app/Chart.yaml", chart).file("deploy", "app/values.yaml", &values);
    let plan = release(&sample, &["core=1.3.0"]);
    let fates = step(&plan, "deploy").pins.iter();
    let moved = fates.filter(|it| it.fate == PinFate::Updated("1.3.0".to_owned()));
    assert_eq!(moved.map(|it| it.line).collect::<Vec<_>>(), [4]);
}

#[test]
fn what_can_not_be_compared_never_moves_down() {
    let text = format!("FROM {IMAGE}:3.0.0a1\n");
    let plan = release(&deployment("Dockerfile", &text), &["core=1.3.0"]);
    let held = step(&plan, "deploy").held.as_ref().expect("held");
    assert!(held.why.contains("`3.0.0a1` on `core`"), "{}", held.why);
}
