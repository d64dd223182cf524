//! What the native way asks of the registry, and a record of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use cascade_manifest::{Ask, Facts, Fallback};

/// Answers from one registry, and remembers what it answered.
pub(crate) struct Recorder<'a> {
    base: &'a str,
    /// The answers, by question.
    pub(crate) answers: RefCell<BTreeMap<String, Arc<[u8]>>>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(base: &'a str) -> Self {
        Self {
            base,
            answers: RefCell::default(),
        }
    }

    fn address(&self, question: &Ask) -> Option<String> {
        let base = self.base;
        Some(match question {
            Ask::PythonProject { index, name } => {
                let index = index
                    .clone()
                    .unwrap_or_else(|| format!("{base}/pypi/simple"));
                format!("{}/{name}/", index.trim_end_matches('/'))
            }
            Ask::PythonMetadata { url } => format!("{url}.metadata"),
            Ask::NpmVersion { name, version, .. } => format!("{base}/npm/{name}/{version}"),
            Ask::Tarball { url } => url.clone(),
            Ask::CargoIndex { name, .. } => {
                let part = |range| name.get(range).unwrap_or_default();
                format!("{base}/cargo/{}/{}/{name}", part(0..2), part(2..4))
            }
            Ask::GoMod { module, version } => format!("{base}/go/{module}/@v/{version}.mod"),
            Ask::GoZip { module, version } => format!("{base}/go/{module}/@v/{version}.zip"),
            _ => return None,
        })
    }
}

impl Facts for Recorder<'_> {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let key = format!("{question:?}");
        if let Some(known) = self.answers.borrow().get(&key) {
            return Ok(Arc::clone(known));
        }
        let address = self.address(question);
        let address = address.ok_or_else(|| Fallback::because("nothing answers that here"))?;
        let answer: Arc<[u8]> = get(&address)
            .ok_or_else(|| Fallback::because(format!("`{address}` has no answer")))?
            .into();
        self.answers.borrow_mut().insert(key, Arc::clone(&answer));
        Ok(answer)
    }
}

/// Returns the body at an address of this machine.
fn get(address: &str) -> Option<Vec<u8>> {
    let rest = address.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/')?;
    let mut stream = TcpStream::connect(host).ok()?;
    let accept = "application/vnd.pypi.simple.v1+json, application/json, */*";
    let request = format!(
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n")?;
    let body = answer.split_off(end + 4);
    answer.starts_with(b"HTTP/1.1 200").then_some(body)
}
