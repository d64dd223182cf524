//! `cascade registry`: a folder, served as a registry to real clients.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use cascade_run::RegistryServer;
use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Call;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{DIM, Page, STRONG, paint};
use crate::shown::Shown;

/// Serves a folder as a registry, for tests and rehearsals
#[derive(Debug, Args)]
#[command(
    long_about = "Serves a folder as a package registry until Ctrl-C: a Python index, an npm \
        registry, a Cargo registry, a Go proxy and a registry of images and charts at once, to the \
        real clients, which publish to it and resolve from it. It is for tests and rehearsals, never for production: whoever is on \
        this machine may publish, and nobody else reaches it.\n\n\
        What is published are plain files: `pypi/*.whl`, `pypi/*.tar.gz`, `npm/NAME/*.tgz`, \
        `cargo/index/...`, `cargo/crates/*.crate`, `go/MODULE/@v/...`, `oci/IMAGE/...`, \
        `charts/.../index.yaml`. A file that is put there is \
        published, one that is taken away was never there. `times.json` says when files came, and \
        `yanked.json` which are yanked.",
    after_help = "Examples:\n  \
        cascade registry /tmp/registry              any free port; prints what clients need\n  \
        cascade registry /tmp/registry --port 4873  the same address each time\n  \
        cascade registry /tmp/registry --fresh 600  let clients keep what they saw, as public ones do"
)]
pub(crate) struct Registry {
    /// The folder; it is made where it is missing
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The port of this machine's loopback [default: any that is free]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// How long clients may keep what they are told; 0 lets them ask each time
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    fresh: u64,
}

impl Registry {
    /// Serves the folder until a person interrupts.
    pub(crate) fn run(&self, call: &Call) -> Result<Exit, Failure> {
        let folder = call.environment.here.join(&self.folder);
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(|it| self.unserved(&it))?;
        let server = RegistryServer::start(&folder, self.port).map_err(|it| self.unserved(&it))?;
        server.fresh_for(Duration::from_secs(self.fresh));
        call.printer.report(&self.welcome(&server.url()))?;
        signals.forever().next();
        drop(server);
        call.printer
            .talk("the registry is closed; its folder stays");
        Ok(Exit::Done)
    }

    /// Returns what a person has to know: the address, and how each client is sent there.
    fn welcome(&self, url: &str) -> String {
        let mut page = Page::default();
        let folder = Shown(&self.folder.to_string_lossy()).to_string();
        page.line(format!("{} serves {folder}", paint(STRONG, url)));
        page.line(paint(DIM, "for tests and rehearsals only; Ctrl-C ends it"));
        for (client, lines) in clients(url) {
            page.gap();
            page.line(paint(STRONG, client));
            for line in lines {
                page.line(format!("  {line}"));
            }
        }
        page.finish()
    }

    /// Returns the failure to serve.
    fn unserved(&self, error: &io::Error) -> Failure {
        let folder = self.folder.display();
        let (what, help) = match error.kind() {
            io::ErrorKind::AddrInUse => (
                format!("port {} is taken", self.port),
                "choose another one, or leave `--port` out to take any that is free",
            ),
            _ => (
                format!("`{folder}` can not be served: {error}"),
                "name a folder that you may write in: `cascade registry FOLDER`",
            ),
        };
        Failure::new(Exit::Failed, what, help)
    }
}

/// Returns what sends each client to a registry.
fn clients(url: &str) -> [(&'static str, Vec<String>); 5] {
    let host = url.trim_start_matches("http://");
    [
        (
            "uv, pip",
            vec![
                format!("export UV_DEFAULT_INDEX={url}/pypi/simple/   # an older uv: UV_INDEX_URL"),
                format!("export PIP_INDEX_URL={url}/pypi/simple/"),
                format!("uv publish --publish-url {url}/pypi/legacy/ -u x -p x"),
            ],
        ),
        (
            "npm, pnpm, yarn",
            vec![
                format!("npm install --registry {url}/npm/   # pnpm install too"),
                format!(
                    "npm publish --registry {url}/npm/ --{}/npm/:_authToken=x",
                    url.trim_start_matches("http:")
                ),
                format!(
                    "YARN_NPM_REGISTRY_SERVER={url}/npm YARN_UNSAFE_HTTP_WHITELIST=127.0.0.1 yarn install"
                ),
            ],
        ),
        (
            "cargo, in .cargo/config.toml",
            vec![
                "[source.crates-io]".to_owned(),
                "replace-with = \"rehearsal\"".to_owned(),
                "[source.rehearsal]".to_owned(),
                format!("registry = \"sparse+{url}/cargo/\""),
                format!("[registries.rehearsal]   # cargo publish --registry rehearsal --token x"),
                format!("index = \"sparse+{url}/cargo/\""),
            ],
        ),
        ("go", vec![format!("export GOPROXY={url}/go GOSUMDB=off")]),
        (
            "docker, podman, skopeo, helm: images and charts",
            vec![
                format!("docker push {host}/acme/app:1.0.0"),
                format!("podman push --tls-verify=false {host}/acme/app:1.0.0"),
                format!(
                    "skopeo copy --dest-tls-verify=false oci:FOLDER docker://{host}/acme/app:1.0.0"
                ),
                format!("helm push app-1.0.0.tgz oci://{host}/charts --plain-http"),
            ],
        ),
    ]
}
