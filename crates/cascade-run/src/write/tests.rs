use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let at = dir.path().join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        File::create(at)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }
    dir
}

fn edits(pairs: &[(&str, &str)]) -> Edits {
    let pair = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
    pairs.iter().map(pair).collect()
}

fn read(dir: &Path, path: &str) -> String {
    fs::read_to_string(dir.join(path)).unwrap()
}

fn names(dir: &Path) -> Vec<String> {
    let all = fs::read_dir(dir).unwrap();
    let mut names: Vec<_> = all
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn files_are_written_with_their_mode_and_nothing_stays_beside_them() {
    let dir = folder(&[("a", "1"), ("sub/b", "1")]);
    fs::set_permissions(dir.path().join("a"), Permissions::from_mode(0o751)).unwrap();
    let staged = stage(
        dir.path(),
        &edits(&[("a", "2"), ("sub/b", "2"), ("c", "new")]),
    )
    .unwrap();
    let written = staged.write().unwrap();
    assert_eq!(
        fs::metadata(dir.path().join("a")).unwrap().mode() & 0o777,
        0o751
    );
    assert_eq!(
        (read(dir.path(), "a"), read(dir.path(), "sub/b")),
        ("2".into(), "2".into())
    );
    assert_eq!(names(dir.path()), ["a", "c", "sub"]);
    written.restore().unwrap();
    assert_eq!(
        (read(dir.path(), "a"), read(dir.path(), "sub/b")),
        ("1".into(), "1".into())
    );
    assert_eq!(names(dir.path()), ["a", "sub"]);
    assert_eq!(
        fs::metadata(dir.path().join("a")).unwrap().mode() & 0o777,
        0o751
    );
}

#[test]
fn what_is_there_already_is_not_written_and_what_moved_is_drift() {
    let mut none = Edits::new();
    settle(&mut none, Some(b"new".to_vec()), ("a", "old", "new")).unwrap();
    assert!(none.is_empty());
    let drift = settle(&mut none, Some(b"other".to_vec()), ("a", "old", "new"));
    assert!(matches!(drift, Err(WriteError::Drift(path)) if path == "a"));
    settle(&mut none, Some(b"old".to_vec()), ("a", "old", "new")).unwrap();
    settle(&mut none, Some(b"old".to_vec()), ("a", "new", "newer")).unwrap();
    assert_eq!(none, edits(&[("a", "newer")]));
}

#[test]
fn a_symbolic_link_is_never_followed() {
    let outside = folder(&[("secret", "theirs")]);
    let dir = folder(&[("a", "1")]);
    symlink(outside.path(), dir.path().join("link")).unwrap();
    symlink(outside.path().join("secret"), dir.path().join("file")).unwrap();
    for path in ["link/secret", "link/new", "file"] {
        let refused = stage(dir.path(), &edits(&[("a", "2"), (path, "mine")]));
        assert!(matches!(refused, Err(WriteError::Linked(_))), "{path}");
    }
    assert_eq!(read(outside.path(), "secret"), "theirs");
    assert_eq!(names(outside.path()), ["secret"]);
    assert_eq!(read(dir.path(), "a"), "1");
}

#[test]
fn another_repository_inside_and_gits_own_folder_are_refused() {
    let dir = folder(&[
        ("sub/.git", "gitdir: x"),
        ("sub/a", "1"),
        (".git/config", "x"),
    ]);
    let at = |path| stage(dir.path(), &edits(&[(path, "2")]));
    assert!(matches!(at("sub/a"), Err(WriteError::Linked(_))));
    assert!(matches!(at(".git/config"), Err(WriteError::Outside(_))));
    assert!(matches!(at("../x"), Err(WriteError::Outside(_))));
}

#[test]
fn a_read_only_file_refuses_all() {
    let dir = folder(&[("a", "1"), ("b", "1")]);
    fs::set_permissions(dir.path().join("b"), Permissions::from_mode(0o444)).unwrap();
    let refused = stage(dir.path(), &edits(&[("a", "2"), ("b", "2")]));
    assert!(matches!(refused, Err(WriteError::ReadOnly(path)) if path == "b"));
    assert_eq!(read(dir.path(), "a"), "1");
    assert_eq!(names(dir.path()), ["a", "b"]);
}

#[test]
fn when_one_can_not_be_put_there_the_others_go_back() {
    let dir = folder(&[("a", "1"), ("b", "1")]);
    let staged = stage(dir.path(), &edits(&[("a", "2"), ("b", "2")])).unwrap();
    fs::remove_file(dir.path().join("b")).unwrap();
    fs::create_dir_all(dir.path().join("b/in-the-way")).unwrap();
    assert!(matches!(staged.write(), Err(WriteError::Disk { .. })));
    assert_eq!(read(dir.path(), "a"), "1");
    assert_eq!(names(dir.path()), ["a", "b"]);
}

#[test]
fn many_files_are_written_together_or_not_at_all() {
    let names: Vec<_> = (0..200).map(|it| format!("sub{}/f{it}", it % 7)).collect();
    let pairs = |to| names.iter().map(move |it| (it.as_str(), to));
    let dir = folder(&pairs("1").collect::<Vec<_>>());
    save_all(dir.path(), &edits(&pairs("2").collect::<Vec<_>>())).unwrap();
    assert!(names.iter().all(|it| read(dir.path(), it) == "2"));
    let mut more = edits(&pairs("3").collect::<Vec<_>>());
    more.insert("../out".to_owned(), Vec::new());
    save_all(dir.path(), &more).unwrap_err();
    assert!(names.iter().all(|it| read(dir.path(), it) == "2"));
    for sub in 0..7 {
        let left = super::tests::names(&dir.path().join(format!("sub{sub}")));
        assert!(left.iter().all(|it| it.starts_with('f')), "{left:?}");
    }
}

#[test]
fn writers_are_dealt_the_folders_by_turns() {
    let all = ["a/1", "a/2", "a/3", "b/1", "b/2", "c/d/1", "top"];
    let all = edits(&all.map(|it| (it, "x")));
    let dealt: Vec<_> = dealt(&all).into_iter().map(|(path, _)| path).collect();
    assert_eq!(dealt, ["a/1", "b/1", "c/d/1", "top", "a/2", "b/2", "a/3"]);
}

#[test]
fn writers_keep_the_order() {
    for count in [0, 1, 2, 31, 32, 33, 1000] {
        let items: Vec<usize> = (0..count).collect();
        assert_eq!(
            by_writers(items, |it| it + 1),
            (1..=count).collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_file_too_large_to_be_read_whole_is_refused_and_not_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::create(folder.path().join("Cargo.lock")).unwrap();
    file.set_len(LARGEST + 1).unwrap();
    let error = current(folder.path(), "Cargo.lock")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Cargo.lock") && error.contains("64 MiB"),
        "{error}"
    );
    file.set_len(9).unwrap();
    assert_eq!(
        current(folder.path(), "Cargo.lock").unwrap().unwrap().len(),
        9
    );
}

#[test]
fn a_writer_that_panics_is_heard() {
    let silent = || std::panic::resume_unwind(Box::new("three"));
    let run = || by_writers((0..200).collect(), |it| if it == 3 { silent() } else { it });
    let panic = std::panic::catch_unwind(run).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"three"));
}

#[test]
fn what_waits_is_closed_so_that_there_may_be_more_than_a_process_holds_open() {
    let names: Vec<_> = (0..300).map(|it| format!("f{it}")).collect();
    let dir = folder(&[]);
    let pairs: Vec<_> = names.iter().map(|it| (it.as_str(), "1")).collect();
    let staged = stage(dir.path(), &edits(&pairs)).unwrap();
    let open = fs::read_dir("/proc/self/fd").map(|all| {
        let targets = all.filter_map(|it| fs::read_link(it.ok()?.path()).ok());
        targets.filter(|it| it.starts_with(dir.path())).count()
    });
    assert_eq!(open.unwrap_or(0), 0);
    assert_eq!(staged.write().unwrap().paths().count(), 300);
}

#[test]
fn when_one_of_many_can_not_be_put_there_all_others_go_back() {
    let names: Vec<_> = (0..300).map(|it| format!("f{it}")).collect();
    let pairs = |to| names.iter().map(move |it| (it.as_str(), to));
    let dir = folder(&pairs("1").collect::<Vec<_>>());
    let staged = stage(dir.path(), &edits(&pairs("2").collect::<Vec<_>>())).unwrap();
    fs::remove_file(dir.path().join("f150")).unwrap();
    fs::create_dir_all(dir.path().join("f150/in-the-way")).unwrap();
    let error = staged.write().unwrap_err();
    assert!(matches!(error, WriteError::Disk { path, .. } if path == "f150"));
    let mut others = names.iter().filter(|it| *it != "f150");
    assert!(others.all(|it| read(dir.path(), it) == "1"));
    assert_eq!(super::tests::names(dir.path()).len(), 300);
}
