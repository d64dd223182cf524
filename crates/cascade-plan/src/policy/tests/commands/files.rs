//! What a command line changes in files, and uploads that stand in them.

use super::*;

#[test]
fn files_that_a_command_changes_are_named_from_the_root() {
    let edits = |line: &str, here: &str| -> Vec<String> {
        let done = deeds_of_script(line, here).done.into_iter();
        let paths = done.filter_map(|it| match it.deed {
            Deed::Edit(path) => Some(path),
            _ => None,
        });
        paths.collect()
    };
    let ci = ".github/workflows/ci.yml";
    for line in [
        "sed -i s/a/b/ .github/workflows/ci.yml",
        "sed -i.bak s/a/b/ ./.github/workflows/ci.yml",
        "echo x > .github/workflows/ci.yml",
        "echo x >> .github/workflows/ci.yml",
        "echo x | tee -a .github/workflows/ci.yml",
        "rm .github/workflows/ci.yml",
        "cp x .github/workflows/ci.yml",
        "git checkout main -- .github/workflows/ci.yml",
        "git rm .github/workflows/ci.yml",
        "cd .github && sed -i s/a/b/ workflows/ci.yml",
        "cd .github/workflows; rm ../../.github/workflows/ci.yml",
        "perl -pi -e s/a/b/ .github/workflows/ci.yml",
        "cat > .github/workflows/ci.yml <<EOF\nx\nEOF",
    ] {
        assert!(
            edits(line, "").iter().any(|it| it == ci),
            "{line}: {:?}",
            edits(line, "")
        );
    }
    assert_eq!(edits("rm ci.yml", ".github/workflows"), [ci]);
    for line in [
        "cat .github/workflows/ci.yml",
        "sed s/a/b/ .github/workflows/ci.yml",
        "ls 2>&1",
    ] {
        assert_eq!(edits(line, ""), [""; 0], "{line}");
    }
}
