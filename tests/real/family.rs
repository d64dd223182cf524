//! One real family, laid out with its remotes, and its truth.

use std::fs;
use std::path::{Path, PathBuf};

use cascade_tests::Town;
use serde_json::Value;

/// A family in a scratch folder of its own, with a `workspace.toml` that `cascade init` wrote.
pub(crate) struct Family {
    pub(crate) truth: Value,
    town: Town,
    maker: PathBuf,
    name: String,
}

impl Family {
    /// Lays the family out; `None` where no families are given.
    pub(crate) fn lay_out(name: &str) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "where the families are")]
        let real = PathBuf::from(std::env::var("CASCADE_REAL_FAMILIES").ok()?);
        let truth = fs::read_to_string(real.join(format!("truth/{name}.json"))).unwrap();
        let family = Self {
            truth: serde_json::from_str(&truth).unwrap(),
            town: Town::new(),
            maker: real.join("make_workspace.sh"),
            name: name.to_owned(),
        };
        family.make(&family.root());
        Some(family)
    }

    /// Lays a second, fresh copy out and returns its folder of clones.
    pub(crate) fn another(&self, label: &str) -> PathBuf {
        let root = self.town.path().join(label);
        self.make(&root);
        root.join("work")
    }

    fn make(&self, root: &Path) {
        let maker = self.maker.to_str().unwrap();
        let out = self
            .town
            .call("bash", &[maker, &self.name, root.to_str().unwrap()]);
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        self.cascade(&root.join("work"), &["init"]);
    }

    fn root(&self) -> PathBuf {
        self.town.path().join(&self.name)
    }

    /// The folder that holds the clones.
    pub(crate) fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    /// Runs cascade in a folder; returns what it printed.
    pub(crate) fn cascade(&self, folder: &Path, args: &[&str]) -> String {
        let out = self
            .town
            .command(env!("CARGO_BIN_EXE_cascade"))
            .args(args)
            .current_dir(folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(
            out.status.success(),
            "cascade {args:?}: {:?}\n{said}",
            out.status.code()
        );
        String::from_utf8(out.stdout).unwrap()
    }

    /// Runs git in a folder; returns what it printed.
    pub(crate) fn git(&self, folder: &Path, args: &[&str]) -> String {
        self.town.run(folder, args)
    }

    /// What `cascade status --format json` says.
    pub(crate) fn status(&self) -> Value {
        let text = self.cascade(&self.work(), &["status", "--format", "json"]);
        serde_json::from_str(&text).unwrap()
    }

    /// The same, of bare clones that were fetched with nothing but `workspace.toml` at hand.
    pub(crate) fn status_of_report_clones(&self) -> Value {
        let origins = fs::read_dir(self.root().join("origins")).unwrap();
        for origin in origins.flatten() {
            self.git(
                &origin.path(),
                &["config", "uploadpack.allowFilter", "true"],
            );
        }
        let runner = self.town.path().join("runner");
        fs::create_dir(&runner).unwrap();
        let file = "workspace.toml";
        fs::copy(self.work().join(file), runner.join(file)).unwrap();
        self.cascade(&runner, &["fetch", "--mode", "report"]);
        let text = self.cascade(&runner, &["status", "--format", "json"]);
        serde_json::from_str(&text).unwrap()
    }

    /// The truth's packages: repository, then its facts.
    pub(crate) fn packages(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.truth["repos"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|repo| {
                let name = repo["name"].as_str().unwrap();
                repo["packages"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(move |it| (name, it))
            })
    }

    /// The truth's pins.
    pub(crate) fn pins(&self) -> &Vec<Value> {
        self.truth["pins"].as_array().unwrap()
    }
}
