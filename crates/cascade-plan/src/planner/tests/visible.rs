//! What is waited for until it is really there, before anything below is touched.

use super::*;
use crate::{AwaitVisible, Outlet};

/// The family, with `core` in a registry, and on a shelf before that.
fn market() -> Sample {
    family().declare(
        "[repo.core]\n",
        "[registry.own]\necosystem = \"cargo\"\naddress = \"sparse+https://registry.example/\"\n\n\
         [registry.shelf]\nfolder = \"../shelf\"\n\n\
         [repo.core]\nregistry = \"own\"\nstaging = \"shelf\"\ntimeout = \"1h\"\n\
         packages = [{ name = \"core\", files = [\"*.crate\"] }]\n",
    )
}

fn waits<'a>(plan: &'a Plan, repo: &str) -> Vec<&'a AwaitVisible> {
    let acts = step(plan, repo).actions.iter();
    acts.filter_map(|it| match it {
        Action::AwaitVisible(it) => Some(it),
        _ => None,
    })
    .collect()
}

#[test]
fn what_appears_somewhere_is_waited_for_after_its_tag() {
    let plan = release(&market().commit("core", "feat: frames"), &["core=minor"]);
    let core = step(&plan, "core");
    let Some(Action::AwaitVisible(it)) = core.actions.last() else {
        panic!("{:?}", core.actions)
    };
    let place = Outlet::Address("sparse+https://registry.example/".to_owned());
    assert_eq!(
        (it.awaited.name.as_str(), it.awaited.version.as_str()),
        ("core", "1.3.0")
    );
    assert_eq!((&it.awaited.outlet, it.registry.as_str()), (&place, "own"));
    assert_eq!(it.awaited.expected.files, ["*.crate"]);
    assert_eq!((it.tag.as_str(), it.timeout), ("v1.3.0", 3600));
    assert!(
        waits(&plan, "lib").is_empty(),
        "nothing says where lib appears"
    );
    assert!(waits(&bump_of_all(), "core").is_empty());
}

fn bump_of_all() -> Plan {
    bump(&market().commit("core", "feat: frames"), &["core=minor"])
}

#[test]
fn a_pre_release_is_waited_for_where_those_appear() {
    let sample = market().commit("core", "feat: frames");
    let mut request = request(Purpose::Release, &["core=minor"]);
    request.pre = Some("rc".to_owned());
    let plan = sample.plan(&request).expect("plan");
    let waits = waits(&plan, "core");
    assert_eq!(
        waits[0].awaited.outlet,
        Outlet::Folder("../shelf".to_owned())
    );
    assert_eq!(waits[0].awaited.version, "1.3.0-rc.1");
}

#[test]
fn what_is_out_is_waited_for_where_something_stands_on_it_only() {
    let mut sample = market().commit("core", "feat: frames");
    let plan = release(&sample, &["core=minor"]);
    let mut half = plan.clone();
    half.steps.retain(|it| it.repo == RepoId::new("core"));
    sample.apply(&half);
    let plan = release(&sample, &["core"]);
    let core = step(&plan, "core");
    assert!(!core.changes() && core.releases[0].out);
    assert_eq!(waits(&plan, "core")[0].awaited.version, "1.3.0");
    assert_eq!(step(&plan, "lib").after, [RepoId::new("core")]);
    sample.apply(&plan);
    let plan = release(&sample, &["core"]);
    assert!(plan.steps.iter().all(|it| it.actions.is_empty()));
}

#[test]
fn a_gate_holds_what_stands_behind_it_where_something_before_it_moves() {
    let gate = "[[gate]]\nafter = [\"core\"]\nbefore = [\"lib\", \"side\"]\nrun = [[\"./e2e\"]]\n\n[repo.core]\n";
    let sample = family().declare("[repo.core]\n", gate);
    let sample = sample
        .commit("core", "feat: frames")
        .commit("side", "fix: a leak");
    let gates = |plan: &Plan, repo: &str| {
        let step = plan.steps.iter().find(|it| it.repo == RepoId::new(repo));
        let acts = step.into_iter().flat_map(|it| &it.actions);
        acts.filter(|it| matches!(it, Action::Gate { .. })).count()
    };
    let plan = release(&sample, &["core=minor", "side"]);
    assert!(matches!(step(&plan, "lib").actions[0], Action::Gate { .. }));
    assert_eq!((gates(&plan, "side"), gates(&plan, "core")), (1, 0));
    assert_eq!(step(&plan, "side").after, [RepoId::new("core")]);
    let alone = release(&sample, &["side"]);
    assert_eq!(gates(&alone, "side"), 0, "nothing that it tests moves");
    let other = family()
        .commit("core", "feat: frames")
        .commit("side", "fix: a leak");
    let free = release(&other, &["core=minor", "side"]);
    assert_ne!(free.run, plan.run);
}

/// The family, whose `core` publishes images and charts, with this line more.
fn harbour(more: &str) -> Sample {
    family().declare(
        "[repo.core]\n",
        &format!(
            "[repo.core]\n{more}images = [{{ name = \"ghcr.example/acme/core\", moving = [\"latest\"] }}]\n\
             charts = [\"oci://ghcr.example/charts/core\", \"https://charts.example/core-old\", \"private\"]\n"
        ),
    )
}

#[test]
fn images_and_charts_are_waited_for_where_their_names_say() {
    let plan = release(&harbour("").commit("core", "feat: frames"), &["core=minor"]);
    let all: Vec<_> = waits(&plan, "core")
        .iter()
        .map(|it| {
            (
                it.awaited.ecosystem.as_str(),
                it.awaited.name.as_str(),
                it.registry.as_str(),
            )
        })
        .collect();
    assert_eq!(
        all,
        [
            ("image", "ghcr.example/acme/core", "ghcr.example"),
            ("chart", "core", "ghcr.example"),
            ("chart", "core-old", "charts.example"),
        ]
    );
    let first = waits(&plan, "core")[0];
    let moving = vec!["latest".to_owned()];
    assert_eq!(first.awaited.outlet, Outlet::Image { moving });
    assert_eq!(
        (first.awaited.version.as_str(), first.tag.as_str()),
        ("1.3.0", "v1.3.0")
    );
    let place = &waits(&plan, "core")[2].awaited.outlet;
    assert_eq!(*place, Outlet::Address("https://charts.example".to_owned()));
}

#[test]
fn a_pre_release_takes_no_moving_tag_with_it() {
    let sample = harbour("").commit("core", "feat: frames");
    let mut request = request(Purpose::Release, &["core=minor"]);
    request.pre = Some("rc".to_owned());
    let plan = sample.plan(&request).unwrap();
    let first = waits(&plan, "core")[0];
    assert_eq!(first.awaited.version, "1.3.0-rc.1");
    let moving = Vec::new();
    assert_eq!(first.awaited.outlet, Outlet::Image { moving });
}

#[test]
fn where_nothing_is_waited_for_images_are_not_either() {
    let sample = harbour("registry = \"none\"\n").commit("core", "feat: frames");
    assert!(waits(&release(&sample, &["core=minor"]), "core").is_empty());
}
