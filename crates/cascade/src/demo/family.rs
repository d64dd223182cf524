//! Who is in the family: files, past and declaration of nine repositories.

use std::fmt::Write as _;

/// A repository of the demo.
pub(super) struct Member {
    /// Its name, and its folder's.
    pub(super) name: &'static str,
    /// What stands in `workspace.toml` below its header, without the remote.
    pub(super) declared: &'static str,
    /// What happened so far, the oldest first.
    pub(super) past: &'static [Chapter],
    /// A script that its remote runs after every push; `@...@` in it is filled in, as in files.
    pub(super) hook: Option<&'static str>,
}

/// Something that happened.
pub(super) enum Chapter {
    /// A commit that writes files.
    Commit(&'static str, &'static [(&'static str, &'static str)]),
    /// An annotated tag on the commit before.
    Tag(&'static str),
}

use Chapter::{Commit, Tag};

impl Member {
    /// Returns whether its tags are published, with which the files of others are filled in.
    pub(super) fn publishes(&self) -> bool {
        self.hook.is_some_and(|it| it.contains("@FOLDER@"))
    }
}

/// Returns the text of `workspace.toml`, with the remote of each repository; `fill` fills in what is
/// declared.
pub(super) fn declaration(
    remote: impl Fn(&str) -> String,
    fill: impl Fn(&str) -> String,
) -> String {
    let mut text = String::from(HEAD);
    for member in FAMILY {
        let remote = remote(member.name)
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
        let _ = write!(
            text,
            "\n[repo.{}]\nremote = \"{remote}\"\n{}",
            member.name,
            fill(member.declared)
        );
    }
    text
}

const HEAD: &str = "\
# The family of `cascade demo`: everything in it is local and may be broken freely.
[workspace]
name = \"seed\"
tag = \"v{version}\"
";

/// Where the registry's folder has the rows of the crate that the root publishes.
pub(super) const INDEX: &str = "cargo/index/se/ed/seed-contract";

/// Where the registry's folder says which manifest the image that is deployed first has.
pub(super) const IMAGE: &str = "oci/seed/runtime/_tags/v3.0.2";

/// The lock that moves when the root is released.
pub(crate) const LOCK: &[&str] = &["meta-engineering/Cargo.lock"];

/// The files that say what is deployed.
pub(crate) const DEPLOYED: &[&str] = &[
    "gitops/argo/runtime.yaml",
    "gitops/chart/Chart.yaml",
    "gitops/chart/values.yaml",
    "gitops/deploy/kustomization.yaml",
];

/// The family, upstream first.
pub(super) const FAMILY: &[Member] = &[
    MANIFEST,
    URN_AUTHORITY,
    ECOSYSTEM,
    RUNTIME,
    META_ENGINEERING,
    SENSORY_CORE,
    SENSORY_APP,
    DOCUMENTATION,
    GITOPS,
];

/// The root: one tag releases a Python, an npm and a Cargo package; it has features to release.
const MANIFEST: Member = Member {
    name: "manifest",
    declared: "# One tag releases seed-manifest (Python), @seed/manifest (npm) and seed-contract (Cargo).\n",
    past: &[
        Commit(
            "feat: the first contract",
            &[
                (
                    "pyproject.toml",
                    "[build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\nbuild-backend = \"hatchling.build\"\n\n[project]\nname = \"seed-manifest\"\ndescription = \"What everything else agrees on\"\ndynamic = [\"version\"]\nrequires-python = \">=3.11\"\ndependencies = []\n\n[tool.hatch.version]\nsource = \"vcs\"\n",
                ),
                (
                    "package.json",
                    "{\n  \"name\": \"@seed/manifest\",\n  \"version\": \"0.0.0-development\",\n  \"description\": \"What everything else agrees on\",\n  \"type\": \"module\"\n}\n",
                ),
                (
                    "Cargo.toml",
                    "[package]\nname = \"seed-contract\"\nversion = \"0.0.0\"\nedition = \"2021\"\ndescription = \"What everything else agrees on\"\n",
                ),
                (
                    "src/lib.rs",
                    "//! What everything else agrees on.\n\npub const KINDS: &[&str] = &[\"seed\"];\n",
                ),
                ("contract.json", "{ \"kinds\": [\"seed\"] }\n"),
                (
                    "README.md",
                    "# manifest\n\nWhat everything else agrees on.\n",
                ),
            ],
        ),
        Tag("v1.3.0"),
        Commit(
            "feat: kinds may have units",
            &[(
                "contract.json",
                "{ \"kinds\": [\"seed\"], \"units\": true }\n",
            )],
        ),
        Tag("v1.4.0"),
        Commit(
            "feat: kinds may have a season",
            &[(
                "contract.json",
                "{ \"kinds\": [\"seed\"], \"units\": true, \"seasons\": true }\n",
            )],
        ),
        Commit(
            "fix: units are spelled the same everywhere",
            &[(
                "contract.json",
                "{ \"kinds\": [\"seed\"], \"units\": \"si\", \"seasons\": true }\n",
            )],
        ),
        Commit(
            "docs: say what a kind is",
            &[(
                "README.md",
                "# manifest\n\nWhat everything else agrees on: the kinds of things.\n",
            )],
        ),
    ],
    hook: Some(PUBLISH),
};

/// Pins the manifest exactly: it moves with every release of it.
const URN_AUTHORITY: Member = Member {
    name: "urn-authority",
    declared: "needs = [\"manifest\"]\n",
    past: &[
        Commit(
            "feat: names for everything",
            &[
                (
                    "pyproject.toml",
                    "[build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\nbuild-backend = \"hatchling.build\"\n\n[project]\nname = \"seed-urn-authority\"\ndynamic = [\"version\"]\ndependencies = [\n    \"seed-manifest==1.4.0\",  # the contract, exactly\n]\n\n[tool.hatch.version]\nsource = \"vcs\"\n",
                ),
                ("README.md", "# urn-authority\n\nHands out names.\n"),
            ],
        ),
        Tag("v0.9.1"),
    ],
    hook: None,
};

/// Stands on both; its range on the manifest admits what comes.
const ECOSYSTEM: Member = Member {
    name: "ecosystem",
    declared: "needs = [\"manifest\", \"urn-authority\"]\n",
    past: &[
        Commit(
            "feat: plug things together",
            &[
                (
                    "pyproject.toml",
                    "[build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\nbuild-backend = \"hatchling.build\"\n\n[project]\nname = \"seed-ecosystem\"\ndynamic = [\"version\"]\ndependencies = [\n    \"seed-manifest>=1.3,<2\",\n    \"seed-urn-authority==0.9.1\",\n]\n\n[tool.hatch.version]\nsource = \"vcs\"\n",
                ),
                ("README.md", "# ecosystem\n\nPlugs things together.\n"),
            ],
        ),
        Tag("v2.3.0"),
    ],
    hook: None,
};

/// Fell behind: its pin excludes the manifest's latest version. It publishes an image and a chart.
const RUNTIME: Member = Member {
    name: "runtime",
    declared: "needs = [\"manifest\", \"ecosystem\"]\nimages = [{ name = \"@HOST@/seed/runtime\", moving = [\"latest\"] }]\ncharts = [\"oci://@HOST@/seed/charts/runtime\"]\n",
    past: &[
        Commit(
            "feat: run what was plugged together",
            &[
                (
                    "pyproject.toml",
                    "[build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\nbuild-backend = \"hatchling.build\"\n\n[project]\nname = \"seed-runtime\"\ndynamic = [\"version\"]\ndependencies = [\n    \"seed-manifest~=1.3.0\",\n    \"seed-ecosystem==2.3.0\",\n]\n\n[tool.hatch.version]\nsource = \"vcs\"\n",
                ),
                ("Dockerfile", "FROM scratch\nCOPY . /runtime\n"),
            ],
        ),
        Tag("v3.0.2"),
    ],
    hook: Some(PUBLISH_IMAGE),
};

/// A static Cargo crate with a lock; it also pins in its source, which a declared site names.
const META_ENGINEERING: Member = Member {
    name: "meta-engineering",
    declared: "needs = [\"manifest\"]\n\n[[repo.meta-engineering.site]]\nfile = \"src/contract.rs\"\nregex = 'CONTRACT: &str = \"(?P<version>[^\"]+)\"'\nupstream = \"manifest/seed-manifest\"\nkind = \"build\"\n",
    past: &[
        Commit(
            "feat: build what builds",
            &[
                (
                    "Cargo.toml",
                    "[package]\nname = \"seed-meta-engineering\"\nversion = \"0.3.2\"\nedition = \"2021\"\n\n[dependencies]\nseed-contract = { version = \"=1.4.0\", registry = \"seed\" }\n",
                ),
                (
                    ".cargo/config.toml",
                    "# The family's own registry: `cascade registry` serves it.\n[registries.seed]\nindex = \"sparse+@URL@/cargo/\"\n",
                ),
                (
                    "Cargo.lock",
                    "# This file is automatically @generated by Cargo.\n# It is not intended for manual editing.\nversion = 4\n\n[[package]]\nname = \"seed-contract\"\nversion = \"1.4.0\"\nsource = \"sparse+@URL@/cargo/\"\nchecksum = \"@SUM@\"\n\n[[package]]\nname = \"seed-meta-engineering\"\nversion = \"0.3.2\"\ndependencies = [\n \"seed-contract\",\n]\n",
                ),
                (
                    "src/contract.rs",
                    "/// The contract that this was built against.\npub const CONTRACT: &str = \"1.4.0\";\n",
                ),
                ("src/lib.rs", "pub mod contract;\n"),
                (
                    "CHANGELOG.md",
                    "# Changelog\n\n## [Unreleased]\n\n- Builds faster.\n\n## [0.3.2]\n\n- Builds.\n",
                ),
            ],
        ),
        Tag("v0.3.2"),
    ],
    hook: None,
};

/// npm, its version put in by the publisher.
const SENSORY_CORE: Member = Member {
    name: "sensory-core",
    declared: "needs = [\"manifest\"]\n",
    past: &[
        Commit(
            "feat: see",
            &[
                (
                    "package.json",
                    "{\n  \"name\": \"@seed/sensory-core\",\n  \"version\": \"0.0.0-development\",\n  \"dependencies\": {\n    \"@seed/manifest\": \"~1.4.0\"\n  }\n}\n",
                ),
                ("index.js", "export const see = () => 'light'\n"),
            ],
        ),
        Tag("v5.1.0"),
    ],
    hook: None,
};

/// npm; its range on the manifest is behind and admits it all the same.
const SENSORY_APP: Member = Member {
    name: "sensory-app",
    declared: "needs = [\"manifest\", \"sensory-core\"]\n",
    past: &[
        Commit(
            "feat: show",
            &[
                (
                    "package.json",
                    "{\n  \"name\": \"@seed/sensory-app\",\n  \"version\": \"0.0.0-development\",\n  \"dependencies\": {\n    \"@seed/manifest\": \"^1.3.0\",\n    \"@seed/sensory-core\": \"5.1.0\"\n  }\n}\n",
                ),
                (
                    "index.js",
                    "import { see } from '@seed/sensory-core'\n\nexport const show = () => see()\n",
                ),
            ],
        ),
        Tag("v0.7.4"),
        Commit(
            "chore: tidy up",
            &[(
                "index.js",
                "import { see } from '@seed/sensory-core'\n\nexport const show = see\n",
            )],
        ),
    ],
    hook: None,
};

/// Documents what the others are, at the versions that it pins.
const DOCUMENTATION: Member = Member {
    name: "documentation",
    declared: "needs = [\"manifest\", \"ecosystem\", \"runtime\"]\n",
    past: &[
        Commit(
            "feat: write it down",
            &[
                (
                    "pyproject.toml",
                    "[build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\nbuild-backend = \"hatchling.build\"\n\n[project]\nname = \"seed-documentation\"\ndynamic = [\"version\"]\ndependencies = [\n    \"seed-manifest==1.4.0\",\n    \"seed-ecosystem==2.3.0\",\n    \"seed-runtime==3.0.2\",\n]\n\n[tool.hatch.version]\nsource = \"vcs\"\n",
                ),
                (
                    "index.md",
                    "# The family\n\nSeven things that work together.\n",
                ),
            ],
        ),
        Tag("v1.0.5"),
    ],
    hook: None,
};

/// Deploys, by Kustomize, Helm and Argo CD; release-please tags it, whose part its remote's hook plays.
const GITOPS: Member = Member {
    name: "gitops",
    declared: "needs = [\"runtime\", \"urn-authority\"]\nrelease = \"release-please\"\n\n[[repo.gitops.site]]\nfile = \"deploy/urn-authority.yaml\"\nregex = 'image: registry\\.example/seed/urn-authority:v(?P<version>\\S+)'\nupstream = \"urn-authority\"\nkind = \"image\"\n",
    past: &[
        Commit(
            "feat: deploy everything",
            &[
                (
                    "deploy/kustomization.yaml",
                    "# The runtime, in production.\nresources:\n  - runtime.yaml\n  - urn-authority.yaml\nimages:\n  - name: runtime\n    newName: @HOST@/seed/runtime\n    newTag: v3.0.2  # what runs\n    digest: @DIGEST@\n",
                ),
                (
                    "deploy/runtime.yaml",
                    "spec:\n  containers:\n    - name: runtime\n      image: runtime\n",
                ),
                (
                    "deploy/urn-authority.yaml",
                    "spec:\n  containers:\n    - name: urn-authority\n      image: registry.example/seed/urn-authority:v0.9.1  # names\n",
                ),
                (
                    "chart/Chart.yaml",
                    "apiVersion: v2\nname: everything\nversion: 12.0.0\ndependencies:\n  - name: runtime\n    version: 3.0.2\n    repository: oci://@HOST@/seed/charts\n",
                ),
                (
                    "chart/values.yaml",
                    "replicas: 2\nruntime:\n  image:\n    repository: @HOST@/seed/runtime\n    tag: \"v3.0.2\"\n    digest: @DIGEST@\n",
                ),
                (
                    "argo/runtime.yaml",
                    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: runtime\nspec:\n  source:\n    repoURL: @HOST@/seed/charts\n    chart: runtime\n    targetRevision: 3.0.2\n",
                ),
                (
                    "release-please-config.json",
                    "{\n  \"packages\": { \".\": { \"release-type\": \"simple\" } }\n}\n",
                ),
                (".release-please-manifest.json", "{ \".\": \"12.0.0\" }\n"),
            ],
        ),
        Tag("v12.0.0"),
    ],
    hook: Some(RELEASE_PLEASE),
};

/// Plays release-please: a `fix` or `feat` that reaches main gets the next annotated tag.
const RELEASE_PLEASE: &str = include_str!("release-please.sh");

/// Plays a workflow: a tag is published, as a crate, to the demo's registry.
const PUBLISH: &str = include_str!("publish.sh");

/// Plays a workflow: a tag is published, as an image and a chart, to the demo's registry.
const PUBLISH_IMAGE: &str = include_str!("publish-image.sh");

#[cfg(test)]
mod tests {
    use cascade_plan::{Graph, RepoId, declare};

    use super::*;

    #[test]
    fn the_declaration_is_whole_and_every_member_is_in_it() {
        let text = declaration(
            |repo| format!("/tmp/origins/{repo}.git"),
            |text| text.replace("@HOST@", "127.0.0.1:4873"),
        );
        let graph = Graph::build(declare(&text).unwrap()).unwrap();
        let order: Vec<&str> = graph.order().iter().map(RepoId::as_str).collect();
        assert_eq!(order.len(), FAMILY.len());
        assert_eq!(order.first(), Some(&"manifest"));
    }

    #[test]
    fn pins_are_declared_edges() {
        for member in FAMILY {
            assert!(
                matches!(member.past, [Commit(..), Tag(_), ..]),
                "{}",
                member.name
            );
        }
    }
}
