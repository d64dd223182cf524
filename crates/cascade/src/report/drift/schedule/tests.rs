use std::path::Path;

use proptest::prelude::*;

use super::super::golden;
use super::systemd::Machine;
use super::*;

/// A report of every kind of wish.
fn with(job: impl FnOnce(&Job<'_>) -> String) -> String {
    let when = When::parse("Mon 06:17").unwrap();
    let layout = Layout::of(("", "workspace.toml"), "", ["core", "lib"].into_iter());
    job(&Job {
        workspace: "town",
        layout: &layout,
        when: &when,
        install: "cargo install --locked cascade",
        page: PageAt::Pages,
        issue: Issue::Kept,
        webhook: Some("DRIFT_WEBHOOK"),
        reader: Some("READER_TOKEN"),
    })
}

const MACHINE: fn() -> Machine<'static> = || Machine {
    program: Path::new("/usr/local/bin/cascade"),
    folder: Path::new("/srv/our town"),
    file: Path::new("/srv/our town/workspace.toml"),
    clones: Path::new("/srv/our town"),
    user: Some("release"),
    mail: Some("team@example.com"),
};

#[test]
fn a_workflow_of_github() {
    golden("github.yml", &with(github::github));
}

#[test]
fn a_job_of_gitlab() {
    golden("gitlab.yml", &with(gitlab::gitlab));
}

#[test]
fn a_cascade_that_cargo_built_is_kept_by_its_version() {
    let version = env!("CARGO_PKG_VERSION");
    let built =
        format!("cargo install --locked --git https://example.com/x --tag v{version} cascade");
    let text = |install: &str| with(|it| github::github(&Job { install, ..*it }));
    let kept = text(&built);
    let installs = kept.matches("- name: Install cascade").count();
    assert_eq!(installs, 3);
    let key = format!("key: cascade-{version}-${{{{ runner.os }}}}-${{{{ runner.arch }}}}");
    for told in [
        "id: cascade\n",
        &key,
        "if: ${{ steps.cascade.outputs.cache-hit != 'true' }}",
    ] {
        assert_eq!(kept.matches(told).count(), installs, "{told}");
    }
    // Another command may bring another version.
    let other = text("cargo install --locked cascade");
    assert!(!other.contains("id: cascade\n"), "{other}");
    assert!(other.contains("# env:\n"), "{other}");
}

/// A report that nobody is told of.
fn quiet(job: impl FnOnce(&Job<'_>) -> String) -> String {
    with(|it| {
        job(&Job {
            page: PageAt::Artifact,
            issue: Issue::None,
            webhook: None,
            reader: None,
            ..*it
        })
    })
}

#[test]
fn only_what_is_used_is_asked_for() {
    let service = |job: &Job<'_>| systemd::service(job, &MACHINE());
    let script = |job: &Job<'_>| cron::script(job, &MACHINE());
    for text in [with(service), with(script), quiet(service), quiet(script)] {
        assert!(!text.contains("GITHUB_TOKEN"), "{text}");
    }
    assert!(with(service).contains("DRIFT_WEBHOOK=https://"));
    assert!(with(script).contains("DRIFT_WEBHOOK=https://"));
    let (all, least) = (with(gitlab::gitlab), quiet(gitlab::gitlab));
    assert!(all.contains("the issue (`api`)") && !least.contains("`api`"));
    assert!(least.contains("`write_repository`"), "{least}");
}

#[test]
fn remotes_and_registries_are_asked_by_every_schedule() {
    let service = |job: &Job<'_>| systemd::service(job, &MACHINE());
    let script = |job: &Job<'_>| cron::script(job, &MACHINE());
    for text in [
        quiet(github::github),
        quiet(gitlab::gitlab),
        quiet(service),
        quiet(script),
    ] {
        let line = text.lines().position(|it| it.contains("drift --fetch"));
        let clones = text
            .lines()
            .position(|it| it.contains("fetch --mode report"));
        assert!(clones.is_some() && clones < line, "{text}");
    }
}

#[test]
fn who_is_told_gets_the_address_of_the_page() {
    for (text, link) in [
        (with(github::github), "--link \"$PAGE\""),
        (with(gitlab::gitlab), "--link \"$CI_PAGES_URL\""),
    ] {
        let told = text.lines().filter(|it| it.contains("drift notify"));
        let (linked, all): (Vec<bool>, Vec<&str>) = told.map(|it| (it.contains(link), it)).unzip();
        assert_eq!(linked, [true, true], "{all:?}");
    }
    assert!(!quiet(github::github).contains("--link"));
}

#[test]
fn the_account_that_runs_it_is_said() {
    let machine = Machine {
        user: None,
        ..MACHINE()
    };
    let text = quiet(|job| systemd::service(job, &machine));
    assert!(
        text.contains("# It runs as root") && !text.contains("User="),
        "{text}"
    );
    let named = quiet(|job| systemd::service(job, &MACHINE()));
    assert!(named.contains("\nUser=release\n"), "{named}");
}

#[test]
fn a_service_and_a_timer() {
    golden(
        "cascade-drift.service",
        &with(|job| systemd::service(job, &MACHINE())),
    );
    golden("cascade-drift.timer", &with(systemd::timer));
}

#[test]
fn a_script_and_its_line() {
    golden(
        "cascade-drift.sh",
        &with(|job| cron::script(job, &MACHINE())),
    );
    let at = Path::new("/srv/our town/cascade-drift.sh");
    golden(
        "cascade-drift.cron",
        &with(|job| cron::table(job, &MACHINE(), at)),
    );
}

#[test]
fn a_layout_is_seen_from_the_top_that_holds_all_clones() {
    let of = |folder, root, paths: &[&str]| {
        let layout = Layout::of((folder, "workspace.toml"), root, paths.iter().copied());
        (layout.file.clone(), layout.own(), layout.clones.join(" "))
    };
    let is =
        |file: &str, own: &str, clones: &str| (file.to_owned(), own.to_owned(), clones.to_owned());
    assert_eq!(
        of("", "", &["core", "./lib/"]),
        is("workspace.toml", "", "core lib")
    );
    assert_eq!(of("", ".", &["."]), is("workspace.toml", "", ""));
    assert_eq!(
        of("a/b", "repos", &["core", "x/y"]),
        is("a/b/workspace.toml", "", "a/b/repos")
    );
    assert_eq!(
        of("a", "..", &["core", "a"]),
        is("a/workspace.toml", "", "a core")
    );
    assert_eq!(
        of("", "..", &["core", "town"]),
        is("workspace.toml", "workspace", "core town")
    );
    assert_eq!(
        of("", "../..", &["x/core", "../y"]),
        is(
            "workspace.toml",
            "workspace/workspace/workspace",
            "workspace/x/core y"
        )
    );
    assert_eq!(of("", "", &["a\nb", "c"]), is("workspace.toml", "", "c"));
}

proptest! {
    #[test]
    fn no_text_adds_a_line_to_any_file(
        name in "\\PC{0,12}|[a\n\r\u{2028}\u{85}$\\{\\}\"'#:%`-]{0,20}",
        file in "[a-z\n${}'\"%]{1,9}",
    ) {
        let when = When::parse("Mon 06:17").unwrap();
        let plain = Layout::of(("", "w.toml"), "", ["core"].into_iter());
        let odd = Layout { file, ..plain.clone() };
        let texts = |workspace: &str, layout: &Layout| {
            let job = Job {
                workspace,
                layout,
                when: &when,
                install: "true",
                page: PageAt::Pages,
                issue: Issue::Kept,
                webhook: Some("HOOK"),
                reader: None,
            };
            [github::github(&job), gitlab::gitlab(&job), systemd::service(&job, &MACHINE()), systemd::timer(&job)]
        };
        let count = |all: [String; 4]| all.map(|it| it.lines().count());
        prop_assert_eq!(count(texts(&name, &plain)), count(texts("town", &plain)));
        let hidden = odd.file.chars().any(is_hidden);
        // What holds an end of line stands between quotes, on one line.
        let (odd, usual) = (count(texts("town", &odd)), count(texts("town", &plain)));
        let fits = if hidden { odd[0] < usual[0] } else { odd == usual };
        prop_assert!(fits, "{:?} {:?}", odd, usual);
        for text in texts(&name, &plain) {
            prop_assert!(!text.chars().any(|it| is_hidden(it) && it != '\n'));
        }
    }
}
