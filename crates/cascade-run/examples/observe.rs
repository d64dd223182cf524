//! Observes a workspace and prints one line a repository, or its counts.
//!
//! `cargo run --release --example observe -- WORKSPACE.toml [count]`
#![expect(clippy::print_stdout, reason = "an example tells what it saw")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use cascade_plan::{Graph, ObservedRepo, declare, read_level};
use cascade_run::{Depth, discover, observe, read_workspace};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let file = PathBuf::from(args.next().ok_or("which workspace.toml?")?);
    let declaration = declare(&read_workspace(&file)?).map_err(|it| format!("{it:?}"))?;
    let graph = Graph::build(declaration).map_err(|it| format!("{it:?}"))?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let sites = discover(&graph, &folder.join(graph.root()));
    let snapshot = observe(&graph, &sites, Depth::Survey, 0);
    match args.next() {
        None => {
            for (name, repo) in &snapshot.repos {
                println!("{}", line(name.as_str(), repo));
            }
        }
        Some(_) => println!("{:?}", counts(snapshot.repos.values())),
    }
    Ok(())
}

fn line(name: &str, repo: &ObservedRepo) -> String {
    let mut words = vec![
        name.to_owned(),
        repo.branch.clone().unwrap_or_else(|| "-".to_owned()),
        format!("{}", repo.dirty),
        format!("{:?} {:?}", repo.ahead, repo.behind),
    ];
    for package in &repo.packages {
        let commits = package.since.iter().filter_map(|it| repo.commits.get(*it));
        let tag = package.reachable.as_ref().map_or("-", |it| it.tag.as_str());
        let level = read_level(commits).0;
        words.push(format!(
            "{} {tag} {} {level}",
            package.name,
            package.since.len()
        ));
    }
    if let Some(trouble) = &repo.trouble {
        words.push(format!("{trouble:?}"));
    }
    words.join("\t")
}

fn counts<'a>(repos: impl Iterator<Item = &'a ObservedRepo>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for repo in repos {
        for (what, count) in [
            ("repos", 1),
            ("troubled", usize::from(repo.trouble.is_some())),
            ("dirty", usize::from(repo.dirty)),
            ("packages", repo.packages.len()),
            ("manifests", repo.manifests.len()),
            ("locks", repo.locks.len()),
            ("tags", repo.tags.len()),
            ("commits", repo.commits.len()),
        ] {
            *counts.entry(what).or_default() += count;
        }
    }
    counts
}
