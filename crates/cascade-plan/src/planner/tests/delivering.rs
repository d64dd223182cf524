//! Several packages of one repository, each with an image and a chart of its own.

use super::*;
use crate::{AwaitVisible, Wanted};

/// `mono` with `api` 1.4.2 and `web` 0.3.0, an image and a chart each, and `deploy`, which stands on it
/// with these lines of its declaration.
fn mono(deploy: &str) -> Sample {
    let delivers = "[repo.mono]\nimages = [\"registry.example/town/api\", \"registry.example/town/web\"]\n\
        charts = [\"oci://registry.example/charts/api\", \"oci://registry.example/charts/web\"]\n";
    let pins = "images:\n- name: registry.example/town/api\n  newTag: 1.4.2\n\
        - name: registry.example/town/web\n  newTag: v0.3.0\n";
    let chart = "apiVersion: v2\nname: x\nversion: 0.1.0\ndependencies:\n\
        - {name: web, version: 0.3.0, repository: \"oci://registry.example/charts\"}\n";
    Sample::new(&[("mono", ""), ("deploy", "mono")])
        .declare("[repo.mono]\n", delivers)
        .declare(
            "needs = [\"mono\"]",
            &format!("needs = [\"mono\"]\n{deploy}"),
        )
        .file("mono", "api/pyproject.toml", &python("api", "1.4.2", ""))
        .file("mono", "web/pyproject.toml", &python("web", "0.3.0", ""))
        .tag("mono", "api-v1.4.2")
        .tag("mono", "web-v0.3.0")
        .commit("mono", "feat: more")
        .file("deploy", "kustomization.yaml", pins)
        .file("deploy", "chart/Chart.yaml", chart)
}

fn fates(plan: &Plan) -> Vec<String> {
    let Some(deploy) = plan.steps.iter().find(|it| it.repo.as_str() == "deploy") else {
        return Vec::new();
    };
    let told = deploy.pins.iter().map(|it| match &it.fate {
        PinFate::Updated(to) => format!("{} {} -> {to}", it.upstream.name, it.from),
        other => format!("{} {other:?}", it.upstream.name),
    });
    told.collect()
}

fn waits(plan: &Plan) -> Vec<(&str, &str)> {
    let acts = step(plan, "mono").actions.iter();
    let waits = acts.filter_map(|it| match it {
        Action::AwaitVisible(AwaitVisible { awaited, .. }) => {
            Some((awaited.name.as_str(), awaited.version.as_str()))
        }
        _ => None,
    });
    waits.collect()
}

#[test]
fn each_package_has_its_own_image_and_chart() {
    let sample = mono("");
    let survey = sample.survey();
    let pins = &survey.repos[&RepoId::new("deploy")].pins;
    let told: Vec<_> = pins
        .iter()
        .map(|it| (it.upstream.name.as_str(), it.status))
        .collect();
    let step = PinStatus::InStep;
    assert_eq!(told, [("web", step), ("api", step), ("web", step)]);
    let both = release(&sample, &["mono/api=minor", "mono/web=minor"]);
    assert_eq!(
        fates(&both),
        [
            "web 0.3.0 -> 0.4.0",
            "api 1.4.2 -> 1.5.0",
            "web v0.3.0 -> v0.4.0"
        ]
    );
    assert_eq!(
        waits(&both),
        [
            ("registry.example/town/api", "1.5.0"),
            ("registry.example/town/web", "0.4.0"),
            ("api", "1.5.0"),
            ("web", "0.4.0")
        ]
    );
}

#[test]
fn who_releases_one_package_waits_for_nothing_of_the_others() {
    let plan = release(&mono(""), &["mono/web=minor"]);
    assert_eq!(
        waits(&plan),
        [("registry.example/town/web", "0.4.0"), ("web", "0.4.0")]
    );
    assert_eq!(fates(&plan), ["web 0.3.0 -> 0.4.0", "web v0.3.0 -> v0.4.0"]);
}

#[test]
fn what_is_called_as_no_package_has_the_one_version_of_all() {
    let shared = |more: &str| {
        let images = "images = [\"registry.example/town/suite\"]\n";
        Sample::new(&[("mono", "")])
            .declare("[repo.mono]\n", &format!("[repo.mono]\n{images}{more}"))
            .file("mono", "api/pyproject.toml", &python("api", "1.4.2", ""))
            .file("mono", "web/pyproject.toml", &python("web", "1.4.2", ""))
    };
    let one = shared("tag = \"v{version}\"\n")
        .tag("mono", "v1.4.2")
        .commit("mono", "feat: more");
    let plan = release(&one, &["mono=minor"]);
    assert_eq!(waits(&plan), [("registry.example/town/suite", "1.5.0")]);
    let several = shared("")
        .tag("mono", "api-v1.4.2")
        .tag("mono", "web-v1.4.2")
        .commit("mono", "feat: more");
    let plan = release(&several, &["mono/api=minor", "mono/web=patch"]);
    assert_eq!(waits(&plan), []);
    let plan = release(&several, &["mono/web=patch"]);
    assert_eq!(waits(&plan), [], "nothing says that it is of `web`");
}

#[test]
fn a_message_names_each_package_with_its_own_image() {
    let sample = mono("[repo.deploy.dispatch]\nurl-env = \"PROMOTE_URL\"\n");
    let plan = release(&sample, &["mono/api=minor", "mono/web=minor"]);
    let deploy = step(&plan, "deploy");
    let message = deploy.message().expect("message");
    let told: Vec<_> = message
        .packages
        .iter()
        .map(|it| {
            let images: Vec<&str> = it.images.iter().map(|it| it.name.as_str()).collect();
            (it.name.as_str(), it.version.as_str(), images.join(" "))
        })
        .collect();
    let image = |it: &str| format!("registry.example/town/{it}");
    assert_eq!(
        told,
        [
            ("api", "1.5.0", image("api")),
            ("web", "0.4.0", image("web"))
        ]
    );
    let asked: Vec<_> = deploy
        .resolves()
        .map(|it| match &it.what {
            Wanted::Digest { image, tags } => (image.as_str(), tags[0].as_str()),
            other @ Wanted::Commit { .. } => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        asked,
        [
            ("registry.example/town/api", "1.5.0"),
            ("registry.example/town/web", "0.4.0")
        ]
    );
    let pins = deploy.actions.iter().find_map(|it| match it {
        Action::AwaitPins(it) => Some(it.pins.iter()),
        _ => None,
    });
    let pins: Vec<_> = pins
        .expect("pins")
        .map(|it| (it.upstream.name.as_str(), it.to.as_str()))
        .collect();
    assert_eq!(pins, [("web", "0.4.0"), ("api", "1.5.0"), ("web", "0.4.0")]);
}

#[test]
fn a_page_shows_the_digest_of_the_package_that_has_an_image() {
    let page = "[repo.deploy.dispatch]\nurl-env = \"PROMOTE_URL\"\n\
        effect = { url = \"https://shop.example/version\", contains = '{digest}' }\n";
    let sample = mono(page).declare("\"registry.example/town/api\", ", "");
    let plan = release(&sample, &["mono/api=minor", "mono/web=minor"]);
    let deploy = step(&plan, "deploy");
    assert!(deploy.held.is_none(), "{:?}", deploy.held);
    let packages = &deploy.message().expect("message").packages;
    let told: Vec<_> = packages
        .iter()
        .map(|it| (it.name.as_str(), it.digest.is_some()))
        .collect();
    assert_eq!(told, [("web", true), ("api", false)]);
}

#[test]
fn a_tag_of_git_says_more_than_the_name_of_its_repository() {
    let workflow = "on: push\njobs:\n  a:\n    steps:\n    - uses: acme/core@core-sys-v0.3.0\n";
    let sample = Sample::new(&[("core", ""), ("deploy", "core")])
        .declare(
            "https://forge.example/core.git",
            "https://github.com/acme/core",
        )
        .file("core", "core/Cargo.toml", &cargo("core", "1.2.0", ""))
        .file("core", "sys/Cargo.toml", &cargo("core-sys", "0.3.0", ""))
        .tag("core", "core-v1.2.0")
        .tag("core", "core-sys-v0.3.0")
        .file("deploy", ".github/workflows/ci.yml", workflow);
    let survey = sample.survey();
    let pin = &survey.repos[&RepoId::new("deploy")].pins[0];
    assert_eq!(
        (pin.upstream.name.as_str(), pin.status),
        ("core-sys", PinStatus::InStep)
    );
}

proptest! {
    /// Whatever a repository's packages are called, an image that is called as one of them is that one's,
    /// in each ecosystem and in whatever order they stand.
    #[test]
    fn an_image_is_of_the_package_that_is_called_as_it_is(
        names in proptest::collection::btree_set("[a-z]{1,5}(-[a-z]{1,3})?", 1..5),
        minor in 0_u32..9,
        is_rust in any::<bool>(),
    ) {
        let names: Vec<String> = names.into_iter().filter(|it| it != "deploy").collect();
        let images: Vec<String> = names.iter().map(|it| format!("\"r.example/x/{it}\"")).collect();
        let declared = format!("[repo.up]\nimages = [{}]\n", images.join(", "));
        let mut sample = Sample::new(&[("up", ""), ("deploy", "up")]).declare("[repo.up]\n", &declared);
        let mut pins = vec!["images:\n".to_owned()];
        for (at, name) in names.iter().enumerate() {
            let version = format!("{at}.{minor}.1");
            let (file, text) = if is_rust {
                ("Cargo.toml", cargo(name, &version, ""))
            } else {
                ("pyproject.toml", python(&name.replace('-', "_"), &version, ""))
            };
            let tag = match names.len() {
                1 => format!("v{version}"),
                _ => format!("{name}-v{version}"),
            };
            let folder = names.len() - at;
            sample = sample.file("up", &format!("p{folder}/{file}"), &text).tag("up", &tag);
            pins.push(format!("- name: r.example/x/{name}\n  newTag: {version}\n"));
        }
        let sample = sample.file("deploy", "kustomization.yaml", &pins.concat());
        let survey = sample.survey();
        let found = &survey.repos[&RepoId::new("deploy")].pins;
        let found: Vec<_> = found.iter().map(|it| (it.upstream.name.clone(), it.status)).collect();
        let wanted: Vec<_> = names.iter().map(|it| (it.clone(), PinStatus::InStep)).collect();
        prop_assert_eq!(found, wanted);
    }
}
