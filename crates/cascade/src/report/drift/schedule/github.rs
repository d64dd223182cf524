//! A workflow of GitHub Actions: least rights a job, actions by their commits.

use super::quote::{inert, yaml};
use super::{Issue, Job, PageAt, RESULTS, Yaml, to_webhook};

/// Where the file belongs, from the repository's root.
pub(crate) const PLACE: &str = ".github/workflows/drift.yml";

/// The actions, each by the commit of the version behind it.
const CHECKOUT: &str = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2";
const CACHE: &str = "actions/cache@cdf6c1fa76f9f475f3d7449005a359c84ca0f306 # v5.0.3";
const UPLOAD: &str = "actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f # v6.0.0";
const DOWNLOAD: &str =
    "actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131 # v7.0.0";
const UPLOAD_PAGES: &str =
    "actions/upload-pages-artifact@7b1f4a764d45c48632c6b24a0339c27f5614fb0b # v4.0.0";
const DEPLOY_PAGES: &str = "actions/deploy-pages@d6db90164ac5ed86f2b6aed7e0febac5b3c0c03e # v4.0.5";

/// Where the logins of private registries go, which the tools read from the environment.
const LOGINS: [&str; 5] = [
    "# Private registries are asked with the logins of their own tools, from secrets that are named here:",
    "# env:",
    "#   CARGO_REGISTRIES_ACME_TOKEN: ${{ secrets.CARGO_TOKEN }}",
    "#   UV_DEFAULT_INDEX: ${{ secrets.PYTHON_INDEX }} # an address with its login",
    "#   NPM_TOKEN: ${{ secrets.NPM_TOKEN }} # where an `.npmrc` says ${NPM_TOKEN}",
];

/// Returns the workflow.
pub(crate) fn github(job: &Job<'_>) -> String {
    let mut out = Yaml::default();
    head(&mut out, job);
    report(&mut out, job);
    if job.page == PageAt::Pages {
        pages(&mut out);
    }
    if job.issue == Issue::Kept {
        issue(&mut out, job);
    }
    if let Some(secret) = job.webhook {
        webhook(&mut out, job, secret);
    }
    out.0
}

fn head(out: &mut Yaml, job: &Job<'_>) {
    let name = yaml(job.workspace);
    for line in [
        "# Made by `cascade drift schedule github`: what has drifted, reported by itself.",
        &format!("# Workspace: {name}"),
        "name: drift",
        "",
        "on:",
        "  schedule:",
        &format!("    - cron: \"{}\" # UTC", job.when.cron()),
        "  workflow_dispatch:",
        "",
        "# Each job says what it may.",
        "permissions: {}",
        "",
        "# One run at a time; one that began is not broken off.",
        "concurrency:",
        "  group: cascade-drift",
        "  cancel-in-progress: false",
        "",
        "jobs:",
    ] {
        out.line(0, line);
    }
}

/// Adds the head of a job: what it waits for, how long it may take, and its rights.
fn begin(out: &mut Yaml, (name, needs): (&str, &[&str]), minutes: u32, rights: &[&str]) {
    out.line(2, &format!("{name}:"));
    if !needs.is_empty() {
        out.line(4, &format!("needs: [{}]", needs.join(", ")));
    }
    out.line(4, "runs-on: ubuntu-latest");
    out.line(4, &format!("timeout-minutes: {minutes}"));
    match rights {
        [] => out.line(4, "permissions: {}"),
        rights => {
            out.line(4, "permissions:");
            for right in rights {
                out.line(6, right);
            }
        }
    }
}

fn report(out: &mut Yaml, job: &Job<'_>) {
    let history = "contents: write # the history is kept on a ref of this repository";
    begin(out, ("report", &[]), 60, &[history]);
    working_folder(out, job);
    out.line(4, "steps:");
    checkout(out, job);
    cache(out, job);
    install(out, job);
    if let Some(secret) = job.reader {
        reader(out, secret);
    }
    out.line(6, "- name: Fetch");
    out.line(
        8,
        "continue-on-error: true # the report says which repositories could not be reached",
    );
    run(out, &[job.fetch()]);
    out.line(6, "- name: Report");
    for line in LOGINS {
        out.line(8, line);
    }
    run(out, &job.report(RESULTS));
    upload(out, job);
}

/// Lets every command of a job run in the repository, where that does not lie at the top.
fn working_folder(out: &mut Yaml, job: &Job<'_>) {
    if job.layout.above > 0 {
        out.line(4, "defaults:");
        out.line(6, "run:");
        out.line(8, &format!("working-directory: {}", job.layout.own()));
    }
}

fn checkout(out: &mut Yaml, job: &Job<'_>) {
    out.line(6, &format!("- uses: {CHECKOUT}"));
    out.line(8, "with:");
    if job.layout.above > 0 {
        out.line(
            10,
            &format!("path: {} # clones lie beside it", job.layout.own()),
        );
    }
    out.line(10, "fetch-depth: 0");
    out.line(
        10,
        "persist-credentials: true # the history is pushed with them",
    );
}

fn cache(out: &mut Yaml, job: &Job<'_>) {
    if job.layout.clones.is_empty() {
        return;
    }
    let folders: Vec<String> = job
        .layout
        .clones
        .iter()
        .map(|it| inert(&pattern(it)))
        .collect();
    out.line(6, &format!("- uses: {CACHE}"));
    out.line(8, "with:");
    out.script(10, "path", &folders);
    out.line(10, "key: cascade-drift-${{ github.run_id }}");
    out.line(10, "restore-keys: cascade-drift-");
}

/// Returns a folder as a pattern that means it and nothing else.
fn pattern(folder: &str) -> String {
    let mut out = String::new();
    if folder.starts_with(['!', '#', '~', ' ']) {
        out.push_str("./");
    }
    for c in folder.chars() {
        match c {
            '*' | '?' | '[' => {
                out.push('[');
                out.push(c);
                out.push(']');
            }
            c => out.push(c),
        }
    }
    out
}

/// Adds what installs cascade. One that cargo builds is kept, by its version, for the runs to come.
fn install(out: &mut Yaml, job: &Job<'_>) {
    let version = env!("CARGO_PKG_VERSION");
    let is_built = job.install.starts_with("cargo install ")
        && job.install.contains(&format!(" --tag v{version} "));
    if is_built {
        out.line(6, &format!("- uses: {CACHE}"));
        out.line(8, "id: cascade");
        out.line(8, "with:");
        out.line(10, "path: ~/.cargo/bin/cascade");
        let system = "${{ runner.os }}-${{ runner.arch }}";
        out.line(10, &format!("key: cascade-{version}-{system}"));
    }
    out.line(6, "- name: Install cascade");
    if is_built {
        out.line(8, "if: ${{ steps.cascade.outputs.cache-hit != 'true' }}");
    }
    let lines: Vec<String> = job.install.lines().map(str::to_owned).collect();
    run(out, &lines);
}

/// Adds a step's commands, in which GitHub replaces nothing.
fn run(out: &mut Yaml, lines: &[String]) {
    let lines: Vec<String> = lines.iter().map(|it| inert(it)).collect();
    out.script(8, "run", &lines);
}

/// Lets git read the other repositories with a token of its own; this repository's keeps its own.
fn reader(out: &mut Yaml, secret: &str) {
    out.line(6, "- name: Let git read the other repositories");
    out.line(8, "env:");
    out.line(10, &format!("READER: ${{{{ secrets.{secret} }}}}"));
    let lines = [
        "umask 077",
        "server=${GITHUB_SERVER_URL#https://}",
        "printf 'https://x-access-token:%s@%s\\n' \"$READER\" \"$server\" > \"$RUNNER_TEMP/readers\"",
        "git config --global credential.helper \"store --file=$RUNNER_TEMP/readers\"",
    ];
    run(out, &lines.map(str::to_owned));
}

fn upload(out: &mut Yaml, job: &Job<'_>) {
    let own = job.layout.own();
    let folder = if own.is_empty() {
        RESULTS.to_owned()
    } else {
        format!("{own}/{RESULTS}")
    };
    out.line(6, &format!("- uses: {UPLOAD}"));
    out.line(8, "with:");
    out.line(10, "name: drift");
    out.line(10, &format!("path: {folder}"));
    out.line(10, "if-no-files-found: error");
    if job.page == PageAt::Pages {
        out.line(6, &format!("- uses: {UPLOAD_PAGES}"));
        out.line(8, "with:");
        out.line(10, &format!("path: {folder}"));
    }
}

fn pages(out: &mut Yaml) {
    out.line(0, "");
    begin(
        out,
        ("pages", &["report"]),
        10,
        &["pages: write", "id-token: write # the page is vouched for"],
    );
    for (depth, line) in [
        (4, "environment:"),
        (6, "name: github-pages"),
        (6, "url: ${{ steps.page.outputs.page_url }}"),
        (4, "outputs:"),
        (6, "url: ${{ steps.page.outputs.page_url }}"),
        (4, "steps:"),
    ] {
        out.line(depth, line);
    }
    out.line(6, &format!("- uses: {DEPLOY_PAGES}"));
    out.line(8, "id: page");
}

/// Adds what brings the data of the report into a job.
fn download(out: &mut Yaml, folder: Option<&str>) {
    out.line(6, &format!("- uses: {DOWNLOAD}"));
    out.line(8, "with:");
    out.line(10, "name: drift");
    if let Some(folder) = folder {
        out.line(10, &format!("path: {folder}"));
    }
}

fn issue(out: &mut Yaml, job: &Job<'_>) {
    begin_telling(out, job, "issue", "issues: write");
    out.line(4, "steps:");
    download(out, None);
    install(out, job);
    out.line(6, "- name: Keep one issue");
    out.line(8, "env:");
    out.line(10, "GITHUB_TOKEN: ${{ github.token }}");
    let command = "cascade drift notify github --from drift.json";
    tell(out, job, command);
}

/// Adds the head of a job that tells others: it waits for the page, whose address it tells.
fn begin_telling(out: &mut Yaml, job: &Job<'_>, name: &str, right: &str) {
    out.line(0, "");
    if job.page != PageAt::Pages {
        return begin(out, (name, &["report"]), 20, &[right]);
    }
    begin(out, (name, &["report", "pages"]), 20, &[right]);
    // A page that could not be published keeps nobody from hearing.
    out.line(
        4,
        "if: ${{ !cancelled() && needs.report.result == 'success' }}",
    );
}

/// Adds the command that tells others, with the address of the page where there is one.
fn tell(out: &mut Yaml, job: &Job<'_>, command: &str) {
    if job.page != PageAt::Pages {
        return run(out, &[command.to_owned()]);
    }
    out.line(10, "PAGE: ${{ needs.pages.outputs.url }}");
    run(out, &[format!("{command} --link \"$PAGE\"")]);
}

fn webhook(out: &mut Yaml, job: &Job<'_>, secret: &str) {
    let memory = "contents: write # what was told is kept on a ref of this repository";
    begin_telling(out, job, "webhook", memory);
    working_folder(out, job);
    out.line(4, "steps:");
    checkout(out, job);
    let own = job.layout.own();
    let folder = if own.is_empty() {
        RESULTS.to_owned()
    } else {
        format!("{own}/{RESULTS}")
    };
    download(out, Some(&folder));
    install(out, job);
    out.line(6, "- name: Tell what changed");
    out.line(8, "env:");
    out.line(10, &format!("WEBHOOK: ${{{{ secrets.{secret} }}}}"));
    let from = format!("{RESULTS}/drift.json");
    let words = [&to_webhook("WEBHOOK", &from)[..], &["--record"]].concat();
    tell(out, job, &job.cascade(&words));
}
