//! The folder: names, whole files, times and yanks.

use super::*;

fn folder() -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(&dir.path().join("new")).unwrap();
    (dir, folder)
}

#[test]
fn a_file_is_put_once() {
    let (_dir, folder) = folder();
    let at = ["npm", "@s%2fn", "n-1.tgz"];
    assert_eq!(folder.read(&at), None);
    assert_eq!(folder.put(&at, b"one").unwrap(), Put::Made);
    assert_eq!(folder.put(&at, b"one").unwrap(), Put::Same);
    assert_eq!(folder.put(&at, b"two").unwrap(), Put::Taken);
    assert_eq!(folder.read(&at).unwrap(), b"one");
    folder.replace(&at, b"two").unwrap();
    assert_eq!(folder.read(&at).unwrap(), b"two");
    assert_eq!(
        folder.names(&["npm", "@s%2fn"]),
        ["n-1.tgz"],
        "something is left over"
    );
}

#[test]
fn nothing_is_written_outside() {
    let (dir, folder) = folder();
    std::os::unix::fs::symlink(dir.path(), dir.path().join("new/out")).unwrap();
    for at in [
        &["..", "x"][..],
        &["..x"],
        &["a", ".."],
        &["a/b"],
        &["a\\b"],
        &[""],
        &["out", "x"],
        &["a\nb"],
        &[],
    ] {
        assert!(folder.put(at, b"x").is_err(), "{at:?}");
        assert!(folder.replace(at, b"x").is_err(), "{at:?}");
    }
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn files_beside_say_times_and_yanks() {
    let (_dir, folder) = folder();
    let at = ["pypi", "a-1.tar.gz"];
    folder.put(&at, b"x").unwrap();
    assert!(folder.came(&at).text(3).as_str() > "2020");
    let times = br#"{"pypi/a-1.tar.gz":"2026-01-01T00:00:00.123456Z"}"#;
    folder.replace(&["times.json"], times).unwrap();
    assert_eq!(folder.came(&at).text(6), "2026-01-01T00:00:00.123456Z");

    assert_eq!(folder.yanked(&at), None);
    let list = br#"["pypi/a-1.tar.gz"]"#;
    folder.replace(&["yanked.json"], list).unwrap();
    assert_eq!(folder.yanked(&at).as_deref(), Some("yanked"));
    let reasons = br#"{"pypi/a-1.tar.gz":"it is broken"}"#;
    folder.replace(&["yanked.json"], reasons).unwrap();
    assert_eq!(folder.yanked(&at).as_deref(), Some("it is broken"));
    folder.replace(&["yanked.json"], b"nonsense").unwrap();
    assert_eq!(folder.yanked(&at), None);
}
