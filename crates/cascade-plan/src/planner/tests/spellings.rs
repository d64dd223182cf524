//! Files that deploy: ranges, tags of any spelling, submodules beside one another.

use super::*;

/// `a` 1.0.0 with this template and what it delivers, and `ops` with a file.
fn deployed(template: &str, (path, text): (&str, &str)) -> Sample {
    let tag = template.replace("{version}", "1.0.0");
    let says = format!(
        "[repo.a]\ntag = \"{template}\"\ncharts = [\"net\"]\nmodules = [\"acme/net/aws\", \"https://github.com/acme/a\"]\n"
    );
    Sample::new(&[("a", ""), ("ops", "a")])
        .declare("[repo.a]\n", &says)
        .file("a", "Cargo.toml", &cargo("a", "1.0.0", ""))
        .tag("a", &tag)
        .file("ops", path, text)
}

/// What becomes of the file, and the fate of its pin, where `a` moves so far.
fn after(sample: &Sample, path: &str, ask: &str) -> (String, String) {
    let plan = bump(sample, &[ask]);
    let fates = step(&plan, "ops").pins.iter();
    let fates: Vec<_> = fates.map(|it| format!("{:?}", it.fate)).collect();
    let mut after = sample.clone();
    after.apply(&plan);
    let again = bump(&after, &[ask]);
    assert!(changed(&again).is_empty(), "twice: {again:#?}");
    (after.text("ops", path).to_owned(), fates.join(" "))
}

/// A chart that depends on `net` in a range.
fn chart(range: &str) -> String {
    format!("name: x\ndependencies:\n- name: net # ours\n  version: {range}\n  repository: ''\n")
}

#[test]
fn a_range_moves_only_where_it_does_not_admit_the_version() {
    for (range, ask, new) in [
        ("^1.0.0", "a=minor", "^1.0.0"),
        ("^1.0.0", "a=major", "^2.0.0"),
        ("~1.0", "a=minor", "~1.1"),
        ("1.x", "a=major", "2.x"),
        ("'>=1.0.0 <2.0.0'", "a=major", "'>=2.0.0 <3.0.0'"),
        ("\">= 1.0, < 2\"", "a=major", "\">= 2.0, < 3\""),
        ("\">= 1.0, < 2\"", "a=minor", "\">= 1.0, < 2\""),
    ] {
        let sample = deployed("v{version}", ("Chart.yaml", &chart(range)));
        let (text, fates) = after(&sample, "Chart.yaml", ask);
        assert_eq!(text, chart(new), "{range} {ask}: {fates}");
    }
    let odd = chart("\">= 1.0, < 1.7.3\"");
    let sample = deployed("v{version}", ("Chart.yaml", &odd));
    let (text, fates) = after(&sample, "Chart.yaml", "a=major");
    assert_eq!(text, odd);
    assert!(fates.contains("its ceiling is not"), "{fates}");
}

#[test]
fn a_module_of_a_registry_has_the_ranges_of_terraform() {
    let module = |it: &str| {
        format!("module \"n\" {{\n  source  = \"acme/net/aws\"\n  version = \"{it}\" # ours\n}}\n")
    };
    for (range, ask, new) in [
        ("~> 1.0", "a=minor", "~> 1.0"),
        ("~> 1.0", "a=major", "~> 2.0"),
        ("~> 1.0.0", "a=minor", "~> 1.1.0"),
        (">= 1.0, < 2.0", "a=major", ">= 2.0, < 3.0"),
    ] {
        let sample = deployed("v{version}", ("main.tf", &module(range)));
        let (text, fates) = after(&sample, "main.tf", ask);
        assert_eq!(text, module(new), "{range} {ask}: {fates}");
    }
}

#[test]
fn a_range_is_behind_where_it_admits_the_latest_and_excluded_where_not() {
    for (range, status) in [
        ("^1.0.0", PinStatus::InStep),
        ("^0.9.0", PinStatus::Excluded),
        (">=0.9.0", PinStatus::Behind),
        ("<3.0.0", PinStatus::Unbounded),
    ] {
        let text = chart(&format!("'{range}'"));
        let survey = deployed("v{version}", ("Chart.yaml", &text)).survey();
        let pins = &survey.repos[&RepoId::new("ops")].pins;
        assert_eq!(pins[0].status, status, "{range}");
    }
}

#[test]
fn a_tag_is_spelled_as_its_repository_spells_its_own() {
    let module = |it: &str| {
        format!(
            "module \"n\" {{\n  source = \"git::https://github.com/acme/a.git//net?depth=1&ref={it}\"\n}}\n"
        )
    };
    let job = |it: &str| format!("jobs:\n  x:\n    steps:\n    - uses: acme/a/setup@{it} # ours\n");
    let job_path = ".github/workflows/ci.yaml";
    for (template, old, new) in [
        ("net-v{version}", "net-v1.0.0", "net-v2.0.0"),
        ("net/v{version}", "net/v1.0.0", "net/v2.0.0"),
        (
            "net/v{version}",
            "refs/tags/net/v1.0.0",
            "refs/tags/net/v2.0.0",
        ),
        ("{version}-net", "1.0.0-net", "2.0.0-net"),
        ("v{version}", "v1.0.0", "v2.0.0"),
    ] {
        let sample = deployed(template, ("main.tf", &module(old)));
        let (text, fates) = after(&sample, "main.tf", "a=major");
        assert_eq!(text, module(new), "{template}: {fates}");
        let sample = deployed(template, (job_path, &job(old)));
        let (text, fates) = after(&sample, job_path, "a=major");
        assert_eq!(text, job(new), "{template}: {fates}");
    }
    for stays in ["main", "net-v1", "other-v1.0.0", "net-v1.0.0-x_y"] {
        let sample = deployed("net-v{version}", ("main.tf", &module(stays)));
        let (text, fates) = after(&sample, "main.tf", "a=major");
        assert_eq!(text, module(stays), "{fates}");
    }
}

#[test]
fn a_tag_behind_a_commit_moves_with_it_where_the_repository_spells_its_own_so() {
    let old = "4".repeat(40);
    let path = ".github/workflows/ci.yaml";
    for (comment, told) in [
        ("net-v1.0.0", "net-v2.0.0"),
        ("other-v1.0.0", "other-v1.0.0"),
    ] {
        let text = format!("jobs:\n  x:\n    steps:\n    - uses: acme/a@{old} # {comment} ours\n");
        let sample = deployed("net-v{version}", (path, &text));
        let sample = sample.commit("a", "feat!: more").tag("a", "net-v2.0.0");
        let (after, fates) = after(&sample, path, "a");
        assert!(
            after.ends_with(&format!(" # {told} ours\n")),
            "{fates}: {after}"
        );
        assert!(!after.contains(&old), "{fates}: {after}");
    }
}

#[test]
fn a_submodule_may_be_told_from_where_its_repository_lies() {
    let modules = |url: &str| format!("[submodule \"a\"]\n\tpath = sub\n\turl = {url}\n");
    for (url, pins) in [
        ("../a.git", 1),
        ("../a", 1),
        ("./../a.git/", 1),
        ("https://forge.example/a.git", 1),
        ("../b.git", 0),
        ("../x/a.git", 0),
        ("../../a.git", 0),
    ] {
        let survey = deployed("v{version}", (".gitmodules", &modules(url))).survey();
        let found = &survey.repos[&RepoId::new("ops")].pins;
        assert_eq!(found.len(), pins, "{url}");
    }
}
