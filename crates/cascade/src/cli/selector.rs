//! One way to say what: `REPO[/PACKAGE][=LEVEL|VERSION]`, and a level or version that stands first.

use cascade_manifest::Level;
use cascade_plan::{Ask, What};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::shown::Shown;

/// The levels that a person may ask for.
const LEVELS: [Level; 3] = [Level::Patch, Level::Minor, Level::Major];

/// Returns what one `--repo` asks for.
pub(crate) fn ask(text: &str) -> Result<Ask, String> {
    let (who, what) = match text.split_once('=') {
        Some((who, what)) => (who, self::what(what)?),
        None => (text, What::Unsaid),
    };
    let (repo, package) = match who.split_once('/') {
        Some((repo, package)) => (repo, Some(package)),
        None => (who, None),
    };
    if repo.is_empty() || package.is_some_and(str::is_empty) {
        return Err("it is `REPO`, `REPO/PACKAGE`, `REPO=LEVEL` or `REPO=VERSION`".to_owned());
    }
    Ok(Ask {
        repo: repo.to_owned(),
        package: package.map(str::to_owned),
        what,
    })
}

/// Returns what a word asks for: a level, or a version with or without its `v`.
pub(crate) fn what(word: &str) -> Result<What, String> {
    if let Some(level) = LEVELS.into_iter().find(|it| it.word() == word) {
        return Ok(What::Level(level));
    }
    let version = word.strip_prefix(['v', 'V']).unwrap_or(word);
    if is_version(version) {
        return Ok(What::Version(version.to_owned()));
    }
    Err(not_understood(word))
}

/// Returns what is wrong with a word that is no level and no version.
fn not_understood(word: &str) -> String {
    let near = LEVELS
        .into_iter()
        .map(|it| {
            (
                strsim::damerau_levenshtein(&word.to_lowercase(), it.word()),
                it,
            )
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 2);
    match near {
        Some((_, level)) => format!("it is no level and no version; did you mean `{level}`?"),
        None => "a level is `patch`, `minor` or `major`; a version is like `1.2.3`".to_owned(),
    }
}

/// Returns whether a text could be a version: it starts with a digit and has nothing but what
/// versions and tags are made of. The ecosystem's own grammar judges it later.
fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '!' | '_'))
}

/// Returns the asks, with what stands first given to those that say nothing themselves.
pub(crate) fn with_first(asks: &[Ask], first: Option<&What>) -> Result<Vec<Ask>, Failure> {
    let Some(first) = first else {
        return Ok(asks.to_vec());
    };
    if asks.is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "`{}` says how far, and nothing says which repository",
                word(first)
            ),
            format!("add `--repo NAME`: `{} --repo NAME`", word(first)),
        ));
    }
    let give = |ask: &Ask| match ask.what {
        What::Unsaid => Ask {
            what: first.clone(),
            ..ask.clone()
        },
        _ => ask.clone(),
    };
    Ok(asks.iter().map(give).collect())
}

/// Returns an ask as a person would type it.
pub(crate) fn typed(ask: &Ask) -> String {
    Shown(&ask.to_string()).to_string()
}

/// Returns the word for how far.
fn word(what: &What) -> String {
    match what {
        What::Unsaid => String::new(),
        What::Level(level) => level.to_string(),
        What::Version(version) => version.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> (String, Option<String>, What) {
        let it = ask(text).unwrap();
        (it.repo, it.package, it.what)
    }

    #[test]
    fn names_packages_levels_and_versions() {
        let own = str::to_owned;
        assert_eq!(parsed("urn"), (own("urn"), None, What::Unsaid));
        assert_eq!(
            parsed("types.ts/@octokit/types=minor"),
            (
                own("types.ts"),
                Some(own("@octokit/types")),
                What::Level(Level::Minor)
            )
        );
        assert_eq!(
            parsed("a-*=v1.2.3"),
            (own("a-*"), None, What::Version(own("1.2.3")))
        );
        assert_eq!(parsed("urn=1.2.3"), parsed("urn=v1.2.3"));
        assert_eq!(parsed("urn=2.0rc1").2, What::Version(own("2.0rc1")));
    }

    #[test]
    fn a_mistyped_level_is_met_with_the_right_one() {
        for (typed, meant) in [("mnior", "minor"), ("Major", "major"), ("pacth", "patch")] {
            let said = ask(&format!("urn={typed}")).unwrap_err();
            assert!(
                said.ends_with(&format!("did you mean `{meant}`?")),
                "{said}"
            );
        }
        assert!(
            ask("urn=banana")
                .unwrap_err()
                .contains("`patch`, `minor` or `major`")
        );
        for text in ["", "=minor", "/pkg", "urn/", "urn=", "urn=v", "urn=../x"] {
            assert!(ask(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_stands_first_fills_in_what_is_not_said() {
        let asks = [ask("a").unwrap(), ask("b=major").unwrap()];
        let told = with_first(&asks, Some(&What::Level(Level::Minor))).unwrap();
        let told: Vec<String> = told.iter().map(typed).collect();
        assert_eq!(told, ["a=minor", "b=major"]);
        let alone = with_first(&[], Some(&What::Level(Level::Minor))).unwrap_err();
        assert_eq!(alone.exit, Exit::Usage);
    }

    proptest! {
        #[test]
        fn what_is_typed_reads_back(
            repo in "[a-z*][a-z0-9.*_-]{0,8}",
            package in proptest::option::of("@?[a-z][a-z0-9/_-]{0,8}"),
            what in "(|=patch|=minor|=major|=v?[0-9]{1,3}(\\.[0-9]{1,3}){0,2}(rc1|-rc\\.1)?)",
        ) {
            let package = package.map(|it| format!("/{it}")).unwrap_or_default();
            let text = format!("{repo}{package}{what}");
            let once = ask(&text).unwrap();
            prop_assert_eq!(ask(&typed(&once)).unwrap(), once);
        }

        #[test]
        fn nothing_typed_breaks_it(text in any::<String>()) {
            let _ = ask(&text).map(|it| typed(&it));
        }
    }
}
