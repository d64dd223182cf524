//! The licences that `package-lock.json` repeats from the packages it holds.

use std::collections::BTreeMap;

use crate::json::{Json, Node};
use crate::{Limit, ReadError};

/// Returns what a `package-lock.json` says of licences, by name and version; of packages without, and
/// in locks of version 1, nothing.
///
/// # Errors
/// When the text is no JSON, or larger than any lock.
pub fn locked_licenses(text: &str) -> Result<BTreeMap<(String, String), String>, ReadError> {
    Limit::LOCK.check(text)?;
    let json = Json::parse(text)?;
    let packages = json.root().get("packages");
    let packages = packages.into_iter().flat_map(Node::fields);
    let said = packages.filter_map(|(place, it)| {
        let (_, name) = place.rsplit_once("node_modules/")?;
        let name = it.get("name").and_then(Node::str).unwrap_or(name);
        let version = it.get("version")?.str()?;
        let license = it.get("license")?;
        let license = license.str().or_else(|| license.get("type")?.str())?;
        Some(((name.to_owned(), version.to_owned()), license.to_owned()))
    });
    Ok(said.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_those_of_the_packages_held() {
        let text = r#"{"lockfileVersion": 3, "packages": {"": {"license": "MIT"},
            "node_modules/a": {"version": "1.0.0", "license": "ISC"},
            "node_modules/a/node_modules/@s/b": {"version": "2.0.0", "license": {"type": "0BSD"}},
            "node_modules/c": {"version": "3.0.0"}, "node_modules/d": {"license": "MIT"}}}"#;
        let said = locked_licenses(text).unwrap();
        let said: Vec<_> = said
            .iter()
            .map(|((a, b), c)| format!("{a} {b} {c}"))
            .collect();
        assert_eq!(said, ["@s/b 2.0.0 0BSD", "a 1.0.0 ISC"]);
        assert!(
            locked_licenses(r#"{"dependencies": {}}"#)
                .unwrap()
                .is_empty()
        );
        assert!(locked_licenses("{").is_err());
    }
}
