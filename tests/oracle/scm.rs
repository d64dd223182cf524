//! What setuptools-scm and hatch-vcs build at tags, with settings and tags that are drawn.

use cascade_manifest::python::{Built, TagAt, built_version};
use serde_json::{Value, json};

use crate::Room;
use crate::draw::Draw;
use crate::exam::Verdict;

/// Patterns of tags, among them some that are no version to anybody.
const TAGS: &[&str] = &[
    "v[0-9]{1,2}\\.[0-9]\\.[0-9]",
    "[0-9]\\.[0-9](\\.[0-9]){0,2}",
    "v[0-9]\\.[0-9]\\.[0-9]-(rc|alpha|beta|a|dev|post)(\\.?[0-9])?",
    "v?[0-9]\\.[0-9](rc|a|b)[0-9](\\.post[0-9])?(\\.dev[0-9])?",
    "v[0-9]\\.[0-9]\\.[0-9]\\+[a-c]{1,2}(\\.[a-c0-9]{1,2}){0,2}",
    "(core|a-b)-v?[0-9]\\.[0-9]",
    "(core|a)/v[0-9]\\.[0-9]",
    "[0-9]!v?[0-9]\\.[0-9]",
    "v[0-9]\\.[0-9]\\.x",
    "(nightly|stable|pkg@[0-9]\\.[0-9]|v[0-9]|2026-0[1-9]-11)",
    "v[0-9]\\.[0-9]\\.[0-9]-[0-9]",
];

/// Options of setuptools-scm, as rows of TOML; hatch-vcs hands them on.
const OPTIONS: &[&str] = &[
    "",
    "tag_regex = '^(?:core-)?v?(.+)$'",
    "tag_regex = '^v(?P<version>[0-9.]+)(?P<rest>.*)$'",
    "tag_regex = '^(?P<version>v[0-9]+\\.[0-9]+)'",
    "tag_regex = '(?P<major>[0-9]+)\\.([0-9]+)'",
    "tag_regex = 'v[0-9]+'",
    "version_scheme = 'no-guess-dev'",
    "version_scheme = 'semver-pep440-release-branch'",
    "version_scheme = 'calver-by-date'\nlocal_scheme = 'node-and-timestamp'",
    "version_scheme = ['post-release', 'only-version']",
    "local_scheme = 'no-local-version'",
    "local_scheme = ['fail-on-uncommitted-changes', 'dirty-tag']",
    "git_describe_command = 'git describe --dirty --tags --long --match \"core-*\"'",
    "git_describe_command = ['git', 'describe', '--long', '--match', 'v[0-9]*']",
    "git_describe_command = 'git describe --tags --exclude *rc* --exclude core*'",
    "git_describe_command = 'git describe --tags --match=v?.[!5-9]*'",
    "normalize = false",
    "fallback_version = '0.0.0'",
    "root = '..'",
    "search_parent_directories = true",
    "root = '..'\nfallback_version = '9.9.9'",
];

/// One project at one commit.
struct Case {
    text: String,
    backend: &'static str,
    folder: &'static str,
    tags: Vec<(String, Option<i64>)>,
}

impl Case {
    fn drawn(draw: &mut Draw, tags: &[String], count: usize) -> Self {
        let backend = draw.some(&["setuptools", "hatch"], 1)[0];
        let folder = draw.some(&["", "", "", "py"], 1)[0];
        let options = draw.some(OPTIONS, 1)[0];
        let mut names = draw.some(tags, count);
        names.sort();
        names.dedup();
        let made = draw.some(
            &[None, Some(1_700_000_000), Some(1_700_000_060)],
            names.len(),
        );
        let project = "[project]\nname = \"x\"\ndynamic = [\"version\"]\n";
        let text = match backend {
            "hatch" => format!(
                "[build-system]\nrequires = [\"hatch-vcs\"]\n{project}\
                 [tool.hatch.version]\nsource = \"vcs\"\n[tool.hatch.version.raw-options]\n{options}\n"
            ),
            _ => format!(
                "[build-system]\nrequires = [\"setuptools-scm\"]\n{project}\
                 [tool.setuptools_scm]\n{options}\n"
            ),
        };
        let tags = names.into_iter().zip(made).collect();
        Self {
            text,
            backend,
            folder,
            tags,
        }
    }

    fn line(&self) -> String {
        let case = json!([self.backend, self.text, self.folder, self.tags]);
        case.to_string()
    }

    fn ours(&self) -> Built {
        let tags = self
            .tags
            .iter()
            .map(|(name, made)| TagAt { name, made: *made });
        built_version(&self.text, self.folder, &tags.collect::<Vec<_>>())
    }
}

/// Returns how cascade's answers compare with what is built.
pub(crate) fn examined(room: &Room<'_>, draw: &mut Draw, count: usize) -> Result<Verdict, String> {
    let tags = draw.texts(TAGS, count);
    let sizes = draw.some(&[1, 1, 1, 2, 3], count);
    let cases: Vec<_> = sizes
        .iter()
        .map(|size| Case::drawn(draw, &tags, *size))
        .collect();
    room.put("build.py", PYTHON);
    let lines: Vec<_> = cases.iter().map(Case::line).collect();
    room.put("cases", &(lines.join("\n") + "\n"));
    let said = room.tools.run(room.folder, &["python3", "build.py"], &[]);
    if !said.done {
        return Err(said.text);
    }
    let answers = room.get("answers");
    let theirs: Vec<Value> = answers
        .lines()
        .map(|it| serde_json::from_str(it).map_err(|it| it.to_string()))
        .collect::<Result<_, _>>()?;
    assert_eq!(cases.len(), theirs.len(), "an answer to each case");
    let mut verdict = Verdict::default();
    for (case, theirs) in cases.iter().zip(&theirs) {
        compare(&mut verdict, case, theirs);
    }
    Ok(verdict)
}

fn compare(verdict: &mut Verdict, case: &Case, theirs: &Value) {
    let ours = case.ours();
    let (kind, agrees) = match &ours {
        Built::Version(version) => ("versions", *theirs == json!(version)),
        Built::Otherwise(_) => ("refusals", is_no_tags(theirs)),
        Built::Unjudged(_) => ("unjudged", true),
    };
    if agrees {
        *verdict.alike.entry(kind).or_default() += 1;
    } else {
        let told = format!(
            "{:?} of {}: cascade {ours:?}, it {theirs}",
            case.tags, case.text
        );
        verdict.different.push(told);
    }
}

/// Returns whether nothing is built, or something that stands for no tag of the commit: a development
/// version, or what is built without git.
fn is_no_tags(theirs: &Value) -> bool {
    let Some(version) = theirs.as_str() else {
        return true;
    };
    [
        "0.1.dev",
        "0.0.1.dev",
        "0.0.post",
        "0.1.0.dev",
        "0.0.0",
        "9.9.9",
    ]
    .iter()
    .any(|it| version.starts_with(it))
        || version.contains(".dev")
}

/// Builds nothing: it asks each backend for the version, as a build would.
const PYTHON: &str = r#"
import json, os, pathlib, subprocess, sys, warnings
warnings.simplefilter("ignore")
top = pathlib.Path("repo").absolute()
(top / "py").mkdir(parents=True)
env = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
for who in "AUTHOR", "COMMITTER":
    env[f"GIT_{who}_NAME"], env[f"GIT_{who}_EMAIL"] = "a", "a@example.invalid"
    env[f"GIT_{who}_DATE"] = "1700000000 +0000"
os.environ.update(env)
def git(*args, date=1700000000):
    at = dict(env, GIT_COMMITTER_DATE=f"{date} +0000")
    return subprocess.run(["git", *args], cwd=top, env=at, check=True, capture_output=True, text=True).stdout
git("init", "-q", "-b", "main")
for at in range(2):
    git("commit", "-q", "--allow-empty", "-m", "x")
def version(backend, folder):
    os.chdir(folder)
    if backend == "hatch":
        from hatch_vcs.version_source import VCSVersionSource
        import tomlkit
        config = tomlkit.parse((folder / "pyproject.toml").read_text()).unwrap()
        return VCSVersionSource(str(folder), config["tool"]["hatch"]["version"]).get_version_data()["version"]
    from setuptools_scm import Configuration
    from setuptools_scm._get_version import _get_version
    from setuptools_scm._integration.pyproject_reading import read_pyproject
    path = folder / "pyproject.toml"
    config = Configuration.from_file(str(path), pyproject_data=read_pyproject(path))
    return _get_version(config, force_write_version_files=False)
cases = [json.loads(line) for line in open("cases")]
here = pathlib.Path().absolute()
with open("answers", "w") as out:
    for backend, text, folder, tags in cases:
        for name in git("tag").split():
            git("tag", "-d", name)
        for name, made in tags:
            git("tag", *([] if made is None else ["-a", "-m", "x"]), name, date=made or 1700000000)
        folder = top / folder
        for old in top.glob("**/pyproject.toml"):
            old.unlink()
        (folder / "pyproject.toml").write_text(text)
        try:
            answer = version(backend, folder)
        except Exception as error:
            answer = None
            print(type(error).__name__, error, file=sys.stderr)
        os.chdir(here)
        print(json.dumps(answer), file=out)
"#;
