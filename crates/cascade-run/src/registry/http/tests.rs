//! A server with a certificate of its own behind a proxy, both on loopback.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, Stream};

use super::*;

const HOST: &str = "registry.example";
const SECRET: &str = "hunter2";

/// What stands behind the proxy, and what the proxy was asked.
struct Behind {
    dir: tempfile::TempDir,
    proxy: u16,
    heads: std::sync::mpsc::Receiver<Vec<String>>,
}

impl Behind {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
        let mut file = fs::File::create(dir.path().join("ca.pem")).unwrap();
        file.write_all(cert.pem().as_bytes()).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let server = listens(move |stream| answer(stream, Arc::new(config.clone())));
        let (tell, heads) = std::sync::mpsc::channel();
        let proxy = listens(move |stream| {
            let _ = tell.send(tunnel(stream, server));
        });
        Self { dir, proxy, heads }
    }

    /// Reads a page of the server in an environment of these variables.
    fn read(&self, vars: &[(&str, &str)]) -> Result<String, Missed> {
        let proxy = format!("http://somebody:{SECRET}@127.0.0.1:{}", self.proxy);
        let ca = self.dir.path().join("ca.pem").display().to_string();
        let filled = vars.iter().map(|(name, value)| {
            let value = value.replace("PROXY", &proxy).replace("CA", &ca);
            (name.into(), value.into())
        });
        let http = Http::new(&Environment::new(filled));
        let url = Url::parse(&format!("https://{HOST}/simple/")).unwrap();
        let served = http.look(&url, "text/html", None)?;
        Ok(String::from_utf8(served.body).unwrap())
    }
}

/// Serves every connection to a free port in a thread of its own.
fn listens(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (serve, stream) = (Arc::clone(&serve), stream.unwrap());
            thread::spawn(move || serve(stream));
        }
    });
    port
}

/// Answers one request over TLS.
fn answer(mut socket: TcpStream, config: Arc<ServerConfig>) {
    let mut tls = ServerConnection::new(config).unwrap();
    let mut stream = Stream::new(&mut tls, &mut socket);
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => request.extend(byte),
            // The client does not trust it.
            _ => return,
        }
    }
    let page = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
    let _ = stream.write_all(page.as_bytes());
}

/// Takes a client to the server, wherever it asks to go; returns how it asked.
fn tunnel(client: TcpStream, server: u16) -> Vec<String> {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
    let (mut to, mut from) = (server.try_clone().unwrap(), server);
    let mut back = client;
    back.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .unwrap();
    thread::spawn(move || std::io::copy(&mut reader, &mut to));
    thread::spawn(move || std::io::copy(&mut from, &mut back));
    head
}

#[test]
fn a_server_behind_a_proxy_is_reached_by_the_certificates_that_the_environment_names() {
    for name in CERTIFICATES {
        let behind = Behind::new();
        let said = behind.read(&[("HTTPS_PROXY", "PROXY"), (name, "CA")]);
        assert_eq!(said, Ok("hello".to_owned()), "{name}");
        let head = behind.heads.recv().unwrap();
        assert_eq!(
            head.first().unwrap(),
            "CONNECT registry.example:443 HTTP/1.1"
        );
        let login = head
            .iter()
            .find(|it| it.to_lowercase().starts_with("proxy-authorization"));
        assert!(login.is_some(), "{head:?}");
    }
}

#[test]
fn a_server_that_nobody_vouches_for_says_nothing_and_no_login_is_told() {
    let behind = Behind::new();
    for vars in [
        &[("https_proxy", "PROXY")][..],
        &[
            ("ALL_PROXY", "PROXY"),
            ("NO_PROXY", HOST),
            ("SSL_CERT_FILE", "CA"),
        ],
    ] {
        let Err(Missed::Unreached { why, .. }) = behind.read(vars) else {
            panic!("{vars:?}")
        };
        assert!(!why.contains(SECRET) && !why.is_empty(), "{why}");
    }
    // The first went by the proxy, the second past it.
    assert_eq!(behind.heads.try_iter().count(), 1);
}
