use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Workflow {
    Workflow::read(text).expect("a workflow")
}

/// Returns the values of each run of a job with this matrix, as `key=value` words.
fn runs(matrix: &str) -> Vec<String> {
    let text = format!("on: push\njobs:\n  a:\n    strategy:\n      matrix: {matrix}\n");
    let entries = read(&text).jobs[0].entries();
    let words = |it: &Entry| {
        let values = it.values.iter();
        let words =
            values.map(|(key, it)| format!("{}={}", key.trim_start_matches("matrix."), it.value));
        words.collect::<Vec<_>>().join(" ")
    };
    entries.iter().map(words).collect()
}

#[test]
fn a_matrix_runs_every_combination_but_those_taken_out() {
    assert_eq!(
        runs("{os: [linux, mac], py: ['3.12', '3.13'], exclude: [{os: mac, py: '3.12'}]}"),
        ["os=linux py=3.12", "os=linux py=3.13", "os=mac py=3.13"]
    );
    assert_eq!(
        runs("{os: [{name: a, image: b}]}"),
        ["os.image=b os.name=a"]
    );
    assert_eq!(runs("{include: [{py: a}, {py: b}]}"), ["py=a", "py=b"]);
}

/// The example of GitHub's own page on matrices.
#[test]
fn what_is_included_joins_or_stands_alone() {
    assert_eq!(
        runs(
            "{fruit: [apple, pear], animal: [cat, dog], include: [{color: green}, \
             {color: pink, animal: cat}, {fruit: apple, shape: circle}, {fruit: banana}, \
             {fruit: banana, animal: cat}]}"
        ),
        [
            "animal=cat color=pink fruit=apple shape=circle",
            "animal=dog color=green fruit=apple shape=circle",
            "animal=cat color=pink fruit=pear",
            "animal=dog color=green fruit=pear",
            "fruit=banana",
            "animal=cat fruit=banana",
        ]
    );
}

#[test]
fn a_number_without_quotes_loses_its_zeros() {
    for (written, taken) in [
        ("3.10", "3.1"),
        ("'3.10'", "3.10"),
        ("3.0", "3"),
        ("3.13", "3.13"),
        ("3.13t", "3.13t"),
        ("20", "20"),
        ("1.2.30", "1.2.30"),
    ] {
        assert_eq!(runs(&format!("{{v: [{written}]}}")), [format!("v={taken}")]);
    }
}

#[test]
fn what_only_a_run_knows_is_none() {
    let text = "on: push\njobs: {a: {strategy: {matrix: {v: '${{ fromJSON(x) }}', os: [b]}}}}";
    let job = &read(text).jobs[0];
    assert!(job.entries().is_empty() && job.matrix.unknown.is_some());
    let text = "on: push\njobs: {a: {steps: [{run: b}]}}";
    assert_eq!(read(text).jobs[0].entries(), [Entry::default()]);
}

#[test]
fn conditions_are_judged_with_the_values_of_a_run() {
    let text = "on: push\njobs: {a: {strategy: {matrix: {py: ['3.9'], n: [20]}}}}";
    let entry = &read(text).jobs[0].entries()[0];
    let judge = |text: &str| expression::condition(text, entry);
    for yes in [
        "matrix.py == '3.9'",
        "${{ matrix.n >= 18 }}",
        "!matrix.experimental",
        "matrix['py'] != '3.10' && (always() || false)",
        "contains(matrix.py, '9') && startsWith(matrix.py, '3.')",
        "github.ref == 'x' || true || true == true",
    ] {
        let expected = if yes.starts_with("github") {
            Truth::Unknown
        } else {
            Truth::Yes
        };
        assert_eq!(judge(yes), expected, "{yes}");
    }
    for no in [
        "false",
        "${{ false }}",
        "matrix.py != '3.9'",
        "github.event_name == 'push' && false",
        "failure()",
        "''",
        "0",
        "matrix.n == '21'",
    ] {
        assert_eq!(judge(no), Truth::No, "{no}");
    }
    for unknown in [
        "github.event_name == 'push'",
        "needs.a.outputs.b",
        "x ${{ false }}",
        "matrix.py ==",
        "((",
        "hashFiles('a')",
        &"(".repeat(5_000),
        &format!("{}1", "!".repeat(100)),
    ] {
        assert_eq!(judge(unknown), Truth::Unknown, "{unknown}");
    }
    assert_eq!(
        entry.resolve("py${{ matrix.py }}-${{ matrix.n }}").unwrap(),
        "py3.9-20"
    );
    assert_eq!(
        entry.resolve("${{ matrix.n > 1 && 'a' || 'b' }}").unwrap(),
        "a"
    );
    assert_eq!(entry.resolve("${{ github.sha }}"), None);
}

#[test]
fn without_a_matrix_nothing_is_known_of_its_values() {
    let entry = Entry::default();
    assert_eq!(
        expression::condition("matrix.a == 'b'", &entry),
        Truth::Unknown
    );
}

#[test]
fn triggers_say_which_names_start_them() {
    let text = "on:\n  push:\n    tags: ['v*.*.*', '!v*-rc*']\n  pull_request:\n    \
        branches-ignore: [wip/**]\n  release: {types: [published]}\n  schedule: [{cron: 0 0 * * *}]\n";
    let it = read(text);
    assert!(it.starts_on_tag("v1.2.3") && !it.starts_on_tag("v1.2.3-rc1"));
    assert!(!it.starts_on_tag("1.2.3") && !it.on("push").unwrap().starts_on_branch("main"));
    let request = it.on("pull_request").unwrap();
    assert!(request.starts_on_branch("main") && !request.starts_on_branch("wip/a/b"));
    assert_eq!(it.on("release").unwrap().types, ["published"]);
    assert_eq!(it.on("schedule").unwrap().crons, ["0 0 * * *"]);
    assert_eq!(
        (it.on("push").unwrap().line, it.on("release").unwrap().line),
        (2, 6)
    );
    let bare = read("on: [push, workflow_dispatch]");
    assert!(bare.starts_on_tag("v1") && bare.on("push").unwrap().starts_on_branch("main"));
    assert!(!read("on: {push: {branches: [main]}}").starts_on_tag("v1"));
}

#[test]
fn filters_read_their_signs_as_github_does() {
    for (pattern, name, fits) in [
        ("v[12].[0-9]+.[0-9]+", "v1.10.1", true),
        ("v[12].[0-9]+.[0-9]+", "v3.10.1", false),
        ("feature/*", "feature/a/b", false),
        ("feature/**", "feature/a/b", true),
        ("v2*", "v2.0", true),
        ("*.jsx?", "page.js", true),
        ("a.c", "abc", false),
        ("\\*", "*", true),
        ("[", "[", false),
    ] {
        let filter = Filter::Only(vec![pattern.to_owned()]);
        assert_eq!(filter.admits(name), fits, "{pattern} {name}");
    }
}

#[test]
fn rights_are_the_job_s_before_the_workflow_s() {
    let text = "on: push\npermissions: {contents: read}\njobs:\n  a: {steps: []}\n  b: \
        {permissions: {id-token: write}}\n  c: {permissions: write-all}\n  d: {permissions: {}}\n";
    let it = read(text);
    let of = |job: usize, scope: &str| it.permissions_of(&it.jobs[job]).of(scope);
    assert_eq!(of(0, "contents"), Some(Access::Read));
    assert_eq!(of(1, "contents"), Some(Access::None));
    assert_eq!(of(1, "id-token"), Some(Access::Write));
    assert_eq!(of(2, "contents"), Some(Access::Write));
    assert_eq!(of(3, "contents"), Some(Access::None));
    assert_eq!(it.jobs[1].permissions.writes(), ["id-token"]);
    assert_eq!(read("on: push").permissions.of("contents"), None);
}

#[test]
fn what_is_used_is_told_apart() {
    let sha = "8e8c483db84b4bee98b60c0593521ed34d9990e8";
    let text = format!(
        "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@{sha} # v6.0.1\n      \
         - uses: Actions/Setup-Python/sub@v6\n      - uses: ./.github/actions/x\n      - uses: \
         docker://alpine:3\n  b:\n    uses: o/r/.github/workflows/x.yml@main\n"
    );
    let it = read(&text);
    let steps = it.jobs[0].steps.iter();
    let used: Vec<&Uses> = steps.filter_map(|it| it.uses.as_ref()).collect();
    let pinned: Vec<bool> = used.iter().map(|it| it.is_pinned()).collect();
    assert_eq!(pinned, [true, false, true, false]);
    assert_eq!(used[0].comment.as_deref(), Some("v6.0.1"));
    assert_eq!((used[0].line, used[0].reference.as_deref()), (5, Some(sha)));
    assert!(used[1].is("actions/setup-python") && !used[1].is("actions/setup"));
    assert_eq!(used[1].owner(), Some("Actions"));
    assert_eq!(
        it.jobs[1].uses.as_ref().unwrap().name,
        "o/r/.github/workflows/x.yml"
    );
}

#[test]
fn lines_of_commands_are_those_of_their_content() {
    let text = "on: push\njobs:\n  a:\n    steps:\n      - run: |\n          one\n          two ${{ \
        secrets.A }} ${{secrets['B-C'] }}\n      - run: one\n";
    let steps = &read(text).jobs[0].steps;
    let run = steps[0].run.as_ref().unwrap();
    assert_eq!((run.line, steps[1].run.as_ref().unwrap().line), (6, 8));
    assert_eq!(run.secrets().collect::<Vec<_>>(), ["A", "B-C"]);
}

#[test]
fn what_is_no_workflow_is_an_error() {
    for text in ["", "a", "[a]", "a: [", "a: 1\na: 2"] {
        assert!(Workflow::read(text).is_err(), "{text}");
    }
    assert!(Workflow::is_at(".github/workflows/ci.yaml"));
    for path in [
        ".github/workflows/a/b.yml",
        "ci.yml",
        ".github/workflows/a.json",
    ] {
        assert!(!Workflow::is_at(path), "{path}");
    }
}

fn any_workflow() -> impl Strategy<Value = String> {
    let word = "[a-z0-9.*'\"{}\\[\\]$: ]{0,12}";
    let value = prop_oneof![
        word.prop_map(String::from),
        prop::collection::vec(word, 0..4).prop_map(|it| format!("[{}]", it.join(", "))),
        (word, word).prop_map(|(a, b)| format!("{{a: {a}, b: {b}}}")),
        word.prop_map(|it| format!("\"${{{{ {} }}}}\"", it.replace('"', "'"))),
    ];
    prop::collection::vec((0_usize..KEYS.len(), value), 0..14).prop_map(|lines| {
        let lines = lines
            .into_iter()
            .filter_map(|(key, value)| Some(KEYS.get(key)?.replace('@', &value)));
        lines.collect::<Vec<_>>().join("\n")
    })
}

const KEYS: &[&str] = &[
    "on: @",
    "permissions: @",
    "env: @",
    "jobs:\n  a:\n    if: @\n    runs-on: x",
    "  a: @",
    "    needs: @",
    "    strategy:\n      matrix:\n        a: @",
    "        b: @",
    "        include: [@]",
    "        exclude: [@]",
    "    steps:\n    - run: @",
    "    - uses: @",
    "      with: @",
    "      if: @",
];

proptest! {
    #[test]
    fn any_text_is_a_workflow_or_an_error(text in any_workflow()) {
        let Ok(workflow) = Workflow::read(&text) else { return Ok(()) };
        for job in &workflow.jobs {
            for entry in job.entries() {
                for step in &job.steps {
                    let _ = (job.runs(&entry), step.runs(&entry));
                    for it in step.run.iter().chain(step.with.values()) {
                        prop_assert!(text.get(it.span.clone()).is_some());
                        prop_assert!(it.line <= text.lines().count());
                        let plain = !it.value.contains("${{");
                        let resolved = entry.resolve(&it.value);
                        prop_assert!(!plain || resolved.as_ref() == Some(&it.value));
                    }
                }
            }
        }
    }

    #[test]
    fn any_condition_comes_to_something(text in "[a-c().!=&|<>' ,0-9\\[\\]-]{0,40}") {
        let entry = Entry::default();
        let truth = expression::condition(&text, &entry);
        let negated = expression::condition(&format!("!({text})"), &entry);
        let opposite = match truth {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        };
        let closes_early = text.contains(')');
        prop_assert!(closes_early || negated == opposite, "{truth:?} {negated:?}");
    }

    #[test]
    fn a_filter_without_signs_admits_its_own_name_alone(name in "[a-z/.-]{1,9}", other in "[a-z/.-]{1,9}") {
        let filter = Filter::Only(vec![name.clone()]);
        prop_assert_eq!(filter.admits(&other), name == other);
        prop_assert_eq!(Filter::But(vec![name]).admits(&other), !filter.admits(&other));
    }

    #[test]
    fn a_number_is_shortened_to_the_same_number(whole in 0_u32..99, fraction in "[0-9]{1,4}") {
        let runs = runs(&format!("{{v: [{whole}.{fraction}]}}"));
        let taken = runs[0].strip_prefix("v=").unwrap();
        let as_number = |it: &str| it.parse::<f64>().unwrap();
        let written = as_number(&format!("{whole}.{fraction}"));
        prop_assert!((as_number(taken) - written).abs() < 1e-9);
        prop_assert!(!taken.contains('.') || !taken.ends_with('0'));
    }
}
