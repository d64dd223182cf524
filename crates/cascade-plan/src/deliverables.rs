//! What the family delivers beside packages, by the names that files which deploy give it.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use cascade_manifest::Kind;
use cascade_manifest::deploy::{
    DeployFormat, Reference, address, address_from, format_at, image_name,
};

use crate::{ChartDeclaration, RepoDeclaration, RepoId};

/// Images, charts, modules and repositories of the family: who delivers each.
#[derive(Debug, Clone, Default)]
pub struct Deliverables {
    /// By the name that registries know an image by.
    images: BTreeMap<String, RepoId>,
    /// By the name of a chart, each with the repository that it is taken from; any without one.
    charts: BTreeMap<String, Vec<(Option<String>, RepoId)>>,
    /// By the address of a repository, or the name in a registry of modules.
    addresses: BTreeMap<String, RepoId>,
    /// The same in small letters, for servers that know no others.
    folded: BTreeMap<String, RepoId>,
    /// Whether only files of well-known places can name any of it.
    reach: Reach,
    /// Finds a word of some name in a text.
    words: Option<AhoCorasick>,
}

/// Which files can name something of the family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Reach {
    /// None.
    #[default]
    Nowhere,
    /// Those that name repositories: workflows, submodules, modules.
    Repositories,
    /// All that deploy.
    Everywhere,
}

/// The formats of files that name repositories by their own addresses, and of which a repository has few.
const OF_REPOSITORIES: &[&str] = &[
    "workflow",
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    ".gitmodules",
    "Terraform",
    "kustomization.yaml",
];

/// How the address of a repository on GitHub begins.
const GITHUB: &str = "github.com/";

impl Deliverables {
    /// Returns what these repositories deliver.
    pub(crate) fn of(repos: &BTreeMap<RepoId, RepoDeclaration>) -> Self {
        let mut all = Self::default();
        for (id, repo) in repos {
            for image in &repo.images {
                all.add_image(&image.name, id);
            }
            for chart in &repo.charts {
                all.add_chart(chart, id);
            }
            let modules = repo.modules.iter().map(|it| address_of(&it.name));
            let remote = repo.remote.iter().map(|it| address(it));
            for name in modules.chain(remote).filter(|it| !it.is_empty()) {
                let folded = all.folded.entry(name.to_ascii_lowercase());
                folded.or_insert_with(|| id.clone());
                all.addresses.entry(name).or_insert_with(|| id.clone());
            }
        }
        let delivers = |it: &RepoDeclaration| {
            !(it.images.is_empty() && it.charts.is_empty() && it.modules.is_empty())
        };
        all.reach = match all.words() {
            words if words.is_empty() => Reach::Nowhere,
            _ if repos.values().any(delivers) => Reach::Everywhere,
            _ => Reach::Repositories,
        };
        let words = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(all.words());
        all.words = words.ok();
        all
    }

    fn add_image(&mut self, name: &str, id: &RepoId) {
        let images = self.images.entry(image_name(name));
        images.or_insert_with(|| id.clone());
    }

    fn add_chart(&mut self, chart: &ChartDeclaration, id: &RepoId) {
        // Flux names a chart of a registry as an image.
        let registry = chart
            .origin
            .as_deref()
            .and_then(|it| it.strip_prefix("oci://"));
        if let Some(registry) = registry {
            self.add_image(&format!("{registry}/{}", chart.name), id);
        }
        let charts = self.charts.entry(chart.name.clone()).or_default();
        charts.push((chart.origin.as_deref().map(origin_of), id.clone()));
    }

    /// Returns the last words of all names: a text that holds none of them names nothing.
    fn words(&self) -> Vec<&str> {
        let named = self.images.keys().chain(self.addresses.keys());
        let last = named.map(|it| it.rsplit('/').next().unwrap_or(it));
        let mut words: Vec<&str> = last
            .chain(self.charts.keys().map(String::as_str))
            .filter(|it| !it.is_empty())
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// Returns whether no file can name anything of the family.
    pub fn is_empty(&self) -> bool {
        self.reach == Reach::Nowhere
    }

    /// Returns the format of a file that may name something of the family; `None` for all others.
    /// `is_file` tells whether a path of the repository is a file.
    pub fn format_at(
        &self,
        path: &str,
        is_file: &dyn Fn(&str) -> bool,
    ) -> Option<&'static DeployFormat> {
        if self.reach == Reach::Nowhere {
            return None;
        }
        let format = format_at(path, is_file)?;
        let known = self.reach == Reach::Everywhere || OF_REPOSITORIES.contains(&format.name);
        known.then_some(format)
    }

    /// Returns whether a text may name something of the family; nothing is parsed for it.
    pub fn may_be_in(&self, text: &str) -> bool {
        self.words.as_ref().is_some_and(|it| it.is_match(text))
    }

    /// Returns who delivers what a file of a repository refers to; `None` where nobody of the family
    /// does. `home` is the remote of that repository.
    pub fn owner(&self, reference: &Reference, home: Option<&str>) -> Option<&RepoId> {
        let name = reference.name.as_str();
        match reference.kind {
            Kind::Image => self.images.get(&image_name(name)),
            Kind::Chart => self.chart(name, reference.origin.as_deref()),
            Kind::Action => self.action(name, home),
            _ => self.at(name, home),
        }
    }

    /// Returns the repository at an address, which git takes from that of the repository it stands in
    /// where it begins with `./` or `../`.
    fn at(&self, name: &str, home: Option<&str>) -> Option<&RepoId> {
        if !name.starts_with("./") && !name.starts_with("../") {
            return self.repository(name);
        }
        self.repository(&address_from(home?, name))
    }

    /// Returns the repository at an address, as its server reads it: GitHub's knows no capital letters.
    fn repository(&self, address: &str) -> Option<&RepoId> {
        let folded = || {
            let is_folded = address.starts_with(GITHUB);
            is_folded.then(|| self.folded.get(&address.to_ascii_lowercase()))?
        };
        self.addresses.get(address).or_else(folded)
    }

    fn chart(&self, name: &str, origin: Option<&str>) -> Option<&RepoId> {
        let charts = self.charts.get(name)?;
        let is_beside = |it: &str| it.starts_with("file:") || it.starts_with('.');
        if origin.is_some_and(is_beside) {
            return None;
        }
        // `@name` and `alias:name` are names of the user's own configuration: what they stand for is
        // said by a declaration that names no repository either.
        let is_alias = |it: &&str| it.starts_with('@') || it.starts_with("alias:");
        let origin = origin.filter(|it| !is_alias(it) && !it.is_empty());
        let origin = origin.map(origin_of);
        let fits = |it: &&(Option<String>, RepoId)| match (&it.0, &origin) {
            (Some(declared), Some(written)) => declared == written,
            (None, _) => true,
            (Some(_), None) => false,
        };
        let found = charts.iter().filter(fits);
        // Whoever says where it is knows better than who does not.
        found.max_by_key(|it| it.0.is_some()).map(|it| &it.1)
    }

    /// Returns the repository that an action is of, or what a pipeline includes: one of the server that
    /// the repository which uses it lies on, one of GitHub, or one of the server that is named. No such
    /// server knows capital letters.
    fn action(&self, name: &str, home: Option<&str>) -> Option<&RepoId> {
        let home = home.map(address);
        let own = home.as_deref().and_then(|it| it.split('/').next());
        let hosts = own.into_iter().map(|it| format!("{it}/"));
        let is_named = name.split('/').next().is_some_and(|it| it.contains('.'));
        let named = is_named.then(String::new);
        let hosts = hosts.chain([GITHUB.to_owned()]).chain(named);
        let mut found = hosts.filter_map(|it| {
            let address = format!("{it}{name}");
            let folded = || self.folded.get(&address.to_ascii_lowercase());
            self.addresses.get(&address).or_else(folded)
        });
        found.next()
    }
}

impl RepoDeclaration {
    /// Returns the image that a registry keeps the chart as that a reference names; `None` where the
    /// workspace does not say that this chart lies in one: what a repository alone says of a host is
    /// nobody to ask.
    pub(crate) fn chart_of(&self, reference: &Reference) -> Option<String> {
        let written = origin_of(reference.origin.as_deref()?);
        let mut charts = self.charts.iter();
        charts.find_map(|it| {
            let declared = it.origin.as_deref().filter(|_| it.name == reference.name)?;
            let registry = declared.strip_prefix("oci://")?.trim_end_matches('/');
            (origin_of(declared) == written).then(|| format!("{registry}/{}", it.name))
        })
    }
}

/// Returns the name of a module as references give it: the address of its repository, or its name in
/// a registry.
pub(crate) fn address_of(module: &str) -> String {
    let is_address = module.contains(':') || module.starts_with("git@");
    let parts = module.split('/').count();
    if is_address || parts != 3 {
        address(module)
    } else {
        module.to_owned()
    }
}

/// Returns the repository of a chart without what differs between its spellings: Argo CD leaves the
/// scheme of a registry out, Helm writes it.
pub(crate) fn origin_of(text: &str) -> String {
    let bare = text.split_once("://").map_or(text, |it| it.1);
    bare.trim_end_matches('/').to_ascii_lowercase()
}
