//! What the lock holds, and where it disagrees with the manifests.

use super::*;

#[test]
fn discords_are_told_in_text_and_in_meaning() {
    let files = |manifest: String| BTreeMap::from([("pyproject.toml".to_owned(), manifest)]);
    let text = lock(&BEFORE);
    let told = |manifest: String| {
        let found = UvLock.discords(&text, &files(manifest)).unwrap();
        let told = found.into_iter().map(|it| {
            format!(
                "{} {} {}",
                it.subject,
                it.wanted,
                it.held.unwrap_or_else(|| "-".to_owned())
            )
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(
        told(project("0.1.0", "==1.0", "lib/v1.0.0")),
        ["manifest ==1.0 ==1.0.0"]
    );
    assert_eq!(
        told(project("0.2.0", "==1.1.0", "lib/v1.1.0")),
        [
            "app 0.2.0 0.1.0",
            "lib ?tag=lib%2Fv1.1.0 ?tag=lib%2Fv1.0.0",
            "manifest ==1.1.0 1.0.0",
            "manifest ==1.1.0 ==1.0.0",
        ]
    );
    let python = project("0.1.0", "==1.0.0", "lib/v1.0.0").replace(">= 3.9", ">=3.10");
    assert_eq!(told(python), ["requires-python >=3.10 >=3.9"]);
    let more = project("0.1.0", "==1.0.0", "lib/v1.0.0").replace("\"runtime\"", "\"newer\"");
    assert_eq!(told(more), ["newer  -", "runtime  "]);
}

#[test]
fn entries_list_everything_and_any_spelling() {
    let text = lock(&BEFORE);
    let entries = UvLock.entries(&text).unwrap();
    let rows: Vec<_> = entries
        .iter()
        .map(|it| format!("{} {} {}", it.name, it.version, it.requires.join(" ")))
        .collect();
    assert_eq!(
        rows,
        [
            "app 0.1.0 lib manifest runtime",
            "lib 1.0.0 third",
            "manifest 1.0.0 third",
            "runtime 1.0.0 manifest",
            "third 1.0.0 ",
            "twin 1.0.0 manifest",
        ]
    );
    let respelled = text.replace(
        "name = \"third\"\nversion = \"1.0.0\"",
        "name='third'\nversion='1.0.0'",
    );
    assert_eq!(UvLock.entries(&respelled), Ok(entries));
}

proptest! {
    #[test]
    fn no_text_breaks_a_rewrite(from in 0_usize..2_000, length in 0_usize..40, put in "[\\[\\]{}\"=, a-z\n]{0,8}") {
        let text = lock(&BEFORE);
        let start = from.min(text.len());
        let end = (start + length).min(text.len());
        let spoilt = format!("{}{put}{}", text.get(..start).unwrap(), text.get(end..).unwrap());
        let manifest = project("0.1.0", "==1.1.0", "lib/v1.0.0");
        let files = BTreeMap::from([("pyproject.toml".to_owned(), manifest)]);
        let moves = [moved("manifest=1.1.0"), moved("twin=1.1.0")];
        let bump = Bump { moves: &moves, own: &[], files: &files, facts: &world() };
        if let Ok(new) = UvLock.rewrite(&spoilt, &bump) {
            prop_assert_eq!(UvLock.rewrite(&new, &bump), Ok(new.clone()));
            prop_assert!(new.contains("==1.1.0"));
        }
        let _ = UvLock.entries(&spoilt).is_ok() || UvLock.discords(&spoilt, &files).is_ok();
    }
}
