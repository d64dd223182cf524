use super::*;

#[test]
fn kinds_are_told_by_their_endings() {
    let of = |name: &str| kind(Path::new(name));
    assert_eq!(of("a/x-1.0-py3-none-any.whl"), Some(Kind::Wheel));
    assert_eq!(of("x-1.0.tar.gz"), Some(Kind::Sdist));
    assert_eq!(of("x-1.0.0.tgz"), Some(Kind::Npm));
    assert_eq!(of("x-1.0.0.crate"), Some(Kind::Crate));
    assert_eq!(of("x.zip"), None);
}

#[test]
fn what_is_no_archive_is_known_by_its_name_alone() {
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "x-1.0-py3-none-any.whl",
        "x-1.0.tar.gz",
        "x-2.0.tgz",
        "x-1.0.0.crate",
    ] {
        let at = dir.path().join(name);
        crate::save(&at, "not an archive", crate::Overwrite::Never).unwrap();
        let name = label(&at).map(|it| it.name);
        assert_eq!(name, Ok("x".to_owned()));
        assert!(read(kind(&at).unwrap(), &at).is_err());
    }
    assert!(label(Path::new("odd.tgz")).is_err());
    assert_eq!(artifacts_at(dir.path()).unwrap().len(), 4);
}
