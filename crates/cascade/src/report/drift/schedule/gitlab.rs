//! A job of GitLab CI/CD, for a pipeline schedule.

use super::quote::yaml;
use super::{Issue, Job, PageAt, RESULTS, Yaml, to_webhook};

/// Where the file belongs, from the repository's root.
pub(crate) const PLACE: &str = ".gitlab/drift.yml";

/// The image that has git and what builds cascade.
const IMAGE: &str = "rust:1.95";

/// Returns the file, to be included by `.gitlab-ci.yml`.
pub(crate) fn gitlab(job: &Job<'_>) -> String {
    let mut out = Yaml::default();
    head(&mut out, job);
    let (name, folder) = match job.page {
        PageAt::Pages => ("pages", "public"),
        PageAt::Artifact => ("drift", RESULTS),
    };
    out.line(0, &format!("{name}:"));
    out.line(2, &format!("image: {IMAGE}"));
    out.line(2, "rules:");
    out.line(4, "- if: $CI_PIPELINE_SOURCE == \"schedule\"");
    out.line(2, "# One run at a time.");
    out.line(2, "resource_group: cascade-drift");
    out.line(2, "interruptible: false");
    out.line(2, "timeout: 1h");
    out.line(2, "variables:");
    out.line(4, "GIT_DEPTH: \"0\"");
    cache(&mut out, job);
    script(&mut out, "before_script", &prepared(job));
    script(&mut out, "script", &commands(job, folder));
    out.line(2, "artifacts:");
    out.line(4, "when: always");
    out.line(4, "expire_in: 12 weeks");
    out.line(4, "paths:");
    out.line(6, &format!("- {folder}"));
    out.0
}

fn head(out: &mut Yaml, job: &Job<'_>) {
    let reader = job.reader.map(|name| {
        format!("#   {name}: what git reads the other repositories with, and writes the history.")
    });
    let webhook = job
        .webhook
        .map(|name| format!("#   {name}: the address of the webhook."));
    let cron = job.when.cron();
    for line in [
        "# Made by `cascade drift schedule gitlab`: what has drifted, reported by itself.",
        &format!("# Workspace: {}", yaml(job.workspace)),
        "#",
        &format!("# Include it from `.gitlab-ci.yml`: `include: [{{ local: {PLACE} }}]`."),
        &format!("# Then make a pipeline schedule (Build > Pipeline schedules): `{cron}`."),
        "# Variables of the project, masked:",
    ] {
        out.line(0, line);
    }
    for line in token(job) {
        out.line(0, &line);
    }
    for line in reader.into_iter().chain(webhook) {
        out.line(0, &line);
    }
    out.line(0, "");
}

/// Returns what the token of the project is asked for, as far as it is used.
fn token(job: &Job<'_>) -> Vec<String> {
    let rights = match (job.issue, job.reader) {
        (Issue::Kept, None) => "the issue (`api`) and the history (`write_repository`)",
        (Issue::Kept, Some(_)) => "the issue (`api`)",
        (Issue::None, None) => "the history (`write_repository`)",
        (Issue::None, Some(_)) => return Vec::new(),
    };
    vec![
        format!("#   GITLAB_TOKEN: a project access token that may write {rights};"),
        "#   without it the token of the job is used.".to_owned(),
    ]
}

fn cache(out: &mut Yaml, job: &Job<'_>) {
    if job.layout.above > 0 {
        out.line(
            2,
            "# The clones lie outside of the repository, where no cache reaches.",
        );
    } else if !job.layout.clones.is_empty() {
        out.line(2, "cache:");
        out.line(4, "key: cascade-drift");
        out.line(4, "paths:");
        for folder in &job.layout.clones {
            out.line(6, &format!("- {}", yaml(folder)));
        }
    }
}

/// Returns what installs cascade, and lets git in: by the project's token, else by the job's.
fn prepared(job: &Job<'_>) -> Vec<String> {
    let mut lines: Vec<String> = job.install.lines().map(str::to_owned).collect();
    let reader = job.reader.unwrap_or("GITLAB_TOKEN");
    let user =
        format!("if [ -n \"${{{reader}:-}}\" ]; then user=oauth2; else user=gitlab-ci-token; fi");
    let login = format!(
        "printf '%s://%s:%s@%s\\n' \"$CI_SERVER_PROTOCOL\" \"$user\" \"${{{reader}:-$CI_JOB_TOKEN}}\" \
         \"${{CI_SERVER_URL#*://}}\" > \"$logins/logins\""
    );
    let more = [
        "logins=$(umask 077; mktemp -d); trap 'rm -rf \"$logins\"' EXIT",
        &user,
        &login,
        "export GIT_CONFIG_GLOBAL=\"$logins/config\"",
        "git config --global credential.helper \"store --file=$logins/logins\"",
        "git remote set-url origin \"$CI_PROJECT_URL.git\"",
    ];
    lines.extend(more.map(str::to_owned));
    lines
}

/// Returns what makes the report and tells of it; what fails is told at the end, and keeps nothing else
/// from being tried.
fn commands(job: &Job<'_>, folder: &str) -> Vec<String> {
    let mut lines = vec![
        "failed=0".to_owned(),
        format!("{} || failed=$?", job.fetch()),
    ];
    lines.extend(job.report(folder));
    let from = format!("{folder}/drift.json");
    let link = match job.page {
        PageAt::Pages => " --link \"$CI_PAGES_URL\"",
        PageAt::Artifact => "",
    };
    if job.issue == Issue::Kept {
        let issue = job.cascade(&["drift", "notify", "gitlab", "--from", &from]);
        lines.push(format!("{issue}{link} || failed=$?"));
    }
    if let Some(name) = job.webhook {
        let words = [&to_webhook(name, &from)[..], &["--record"]].concat();
        lines.push(format!("{}{link} || failed=$?", job.cascade(&words)));
    }
    lines.push("exit $failed".to_owned());
    lines
}

/// Adds commands below a key, as one text: what is set in a line holds in the next.
fn script(out: &mut Yaml, key: &str, lines: &[String]) {
    out.line(2, &format!("{key}:"));
    let mut text = Yaml::default();
    text.script(4, "-", lines);
    // A text in a list has no key.
    out.0.push_str(&text.0.replacen("-: ", "- ", 1));
}
