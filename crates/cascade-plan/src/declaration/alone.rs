//! `.cascade.toml`: what a clone says of itself, for who has nothing but that clone.

use toml::de::DeTable;

use super::check::place;
use super::fault::{DeclareError, DeclareErrors};
use super::file::{Text, WorkspaceTable};
use super::read::alone;
use super::resolve::resolve;
use crate::{Graph, ReleaseMode};

/// Keys of a repository that only `workspace.toml` may say, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("path", "the clone is where it is"),
    ("remote", "git knows it"),
    ("needs", "the family says who stands on whom"),
    ("site", "the family says who pins whom"),
    ("checks", COMMANDS),
    ("ready", COMMANDS),
    ("publish-status", COMMANDS),
    ("smoke", COMMANDS),
    ("after", COMMANDS),
    ("dispatch", "a clone never makes cascade send a message"),
    ("quality", COMMANDS),
    ("registry", REGISTRIES),
    ("staging", REGISTRIES),
    ("timeout", REGISTRIES),
];
const COMMANDS: &str = "a clone never makes cascade run a program";
const REGISTRIES: &str = "the family says where packages appear";

/// A clone by itself.
#[derive(Debug, Clone)]
pub struct Alone {
    /// A workspace of this one repository, whose folder is the root.
    pub graph: Graph,
    /// Where the family is declared: a path from the clone's root, or an address that git knows.
    pub workspace: Option<String>,
}

/// Returns what a clone of this name says of itself; `usual` is how it is released where it does not
/// say so. An empty text says nothing.
///
/// # Errors
/// With everything that is wrong, each at its place in the text.
pub fn declare_alone(name: &str, usual: ReleaseMode, text: &str) -> Result<Alone, DeclareErrors> {
    let mut errors = Vec::new();
    let name = repo_name(name);
    let read = alone(&name, text, refuse, &mut errors);
    let built = read.and_then(|(mut tables, workspace)| {
        tables.workspace = WorkspaceTable {
            name: Some(Text::new(0..0, name)),
            release: Some(Text::new(0..0, usual.word().to_owned())),
            ..WorkspaceTable::default()
        };
        let mut declared = resolve(tables, text, &mut errors);
        for repo in declared.repos.values_mut() {
            ".".clone_into(&mut repo.path);
        }
        place(&mut declared, ".cascade.toml", text);
        let graph = Graph::build(declared).map_err(|it| errors.push(it.into()));
        let workspace = workspace.map(Text::into_inner);
        graph.ok().map(|graph| Alone { graph, workspace })
    });
    match built {
        Some(alone) if errors.is_empty() => Ok(alone),
        _ => Err(DeclareErrors::new(text, errors)),
    }
}

/// Takes the keys out that only `workspace.toml` may say, and tells of each.
fn refuse(table: &mut DeTable<'_>, errors: &mut Vec<DeclareError>) {
    for (name, why) in ELSEWHERE {
        if let Some((key, _)) = table.remove_entry(*name) {
            let what = format!("`{name}` is said in `workspace.toml` alone: {why}");
            let error = DeclareError::new(what).at(&key.span(), "not here");
            errors.push(error.help("take it out, and write it below `[repo.NAME]` there"));
        }
    }
}

/// Returns whether only `workspace.toml` may say a key.
pub(super) fn is_elsewhere(key: &str) -> bool {
    ELSEWHERE.iter().any(|(name, _)| *name == key)
}

/// Returns the name of a clone's folder, as a repository may be called.
fn repo_name(folder: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let letters = folder.chars().map(|c| if fits(c) { c } else { '-' });
    let name: String = letters.collect();
    match name.trim_start_matches(['-', '.']) {
        "" => "repository".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::RepoId;

    fn said(text: &str) -> Result<Alone, DeclareErrors> {
        declare_alone("my clone", ReleaseMode::Tag, text)
    }

    #[test]
    fn a_clone_that_says_nothing_is_a_family_of_one() {
        let alone = declare_alone("core", ReleaseMode::ReleasePlease, "").unwrap();
        let repo = alone.graph.repo(&RepoId::new("core")).unwrap();
        assert_eq!(repo.mode, ReleaseMode::ReleasePlease);
        assert_eq!(repo.path, ".");
        assert_eq!(alone.workspace, None);
    }

    #[test]
    fn what_it_says_holds() {
        let text = "workspace = \"../family\"\nrelease = \"manual\"\nbranch = [\"main\", \"hotfix/*\"]\n\
            tag = \"{name}-v{version}\"\n[[packages]]\nname = \"a\"\nversion-source = \"vcs\"\n";
        let alone = said(text).unwrap();
        let repo = alone.graph.repo(&RepoId::new("my-clone")).unwrap();
        assert_eq!(repo.mode, ReleaseMode::Manual);
        assert_eq!(repo.branch.0, ["main", "hotfix/*"]);
        assert_eq!(repo.packages.len(), 1);
        assert_eq!(alone.workspace.as_deref(), Some("../family"));
    }

    #[test]
    fn an_unknown_key_is_told_with_those_that_may_stand_there() {
        let error = said("colour = 1\n").unwrap_err();
        let help = format!("{:?}", error.errors());
        for key in ["release", "workspace", "policy", "packages"] {
            assert!(help.contains(&format!("`{key}`")), "{help}");
        }
        for (key, _) in ELSEWHERE {
            assert!(!help.contains(&format!("`{key}`")), "{help}");
        }
        let near = said("nead = [\"core\"]\n").unwrap_err();
        assert!(!format!("{:?}", near.errors()).contains("`needs`"));
        let near = said("workspce = \"..\"\n").unwrap_err();
        assert!(format!("{:?}", near.errors()).contains("did you mean `workspace`"));
    }

    #[test]
    fn it_may_say_what_is_allowed_in_it() {
        let alone = said("[policy]\nuploads = \"forbid\"\n").unwrap();
        let repo = alone.graph.repo(&RepoId::new("my-clone")).unwrap();
        let uploads = crate::policy::Said::new(
            crate::policy::Permission::Forbid,
            crate::policy::Origin::Repository(2),
        );
        assert_eq!(repo.policy.uploads, uploads);
        let error = format!("{:?}", said("[policy]\nupload = 1\n").unwrap_err());
        assert!(
            error.contains("unknown key `upload` in `[policy]`"),
            "{error}"
        );
    }

    #[test]
    fn what_only_the_family_may_say_is_refused_where_it_stands() {
        let error = said("tag = \"v{version}\"\nchecks = [[\"rm\", \"-rf\"]]\n").unwrap_err();
        let words = format!("{error:?}");
        assert!(
            words.contains("never makes cascade run a program"),
            "{words}"
        );
        let error = format!("{:?}", said("branc = \"main\"\n").unwrap_err());
        assert!(error.contains("branc"), "{error}");
        assert!(said("tag = \"no version\"\n").is_err());
        assert!(said("workspace = 3\n").is_err());
    }

    proptest! {
        #[test]
        fn any_folder_and_any_text_is_read_or_refused(name in ".{0,12}", text in ".{0,80}") {
            let _ = declare_alone(&name, ReleaseMode::Tag, &text);
            prop_assert!(declare_alone(&name, ReleaseMode::Tag, "").is_ok());
        }
    }
}
