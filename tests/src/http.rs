//! Servers on loopback that a test makes up: they answer, lose, delay and repeat.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What a client asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path, with its query.
    pub path: String,
    /// The headers: names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Asked {
    /// Returns a header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|it| it.0 == name)?;
        Some(&found.1)
    }
}

/// What a server does about a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// It answers: a status, headers, a body.
    Answer(u16, Vec<(String, String)>, String),
    /// It closes the connection without a word.
    Lost,
    /// It does so after a while.
    Late(Duration, Box<Reply>),
}

impl Reply {
    /// Returns an answer without headers of its own.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }

    /// Returns the answer with one more header.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        match self {
            Self::Answer(status, mut headers, body) => {
                headers.push((name.to_owned(), value.to_owned()));
                Self::Answer(status, headers, body)
            }
            other => other,
        }
    }
}

/// A server on a free port of loopback, as long as the test runs.
#[derive(Debug)]
pub struct Server {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Returns a server that answers as this says.
    pub fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (answer, memory) = (Arc::new(answer), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, memory) = (Arc::clone(&answer), Arc::clone(&memory));
                thread::spawn(move || {
                    let Some(request) = read(&stream) else { return };
                    locked(&memory).push(request.clone());
                    give(&stream, answer(&request));
                });
            }
        });
        Self { url, asked }
    }

    /// Returns its address, without a `/` at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns everything that it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        locked(&self.asked).clone()
    }
}

pub(crate) fn locked<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let mut asked = Asked {
        method: words.next()?.to_owned(),
        path: words.next()?.to_owned(),
        ..Asked::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let value = value.trim().to_owned();
        asked.headers.push((name.to_ascii_lowercase(), value));
    }
    let size = asked
        .header("content-length")
        .and_then(|it| it.parse().ok());
    let mut body = vec![0; size.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    Some(asked)
}

fn give(mut stream: &TcpStream, reply: Reply) {
    match reply {
        Reply::Lost => {}
        Reply::Late(wait, reply) => {
            thread::sleep(wait);
            give(stream, *reply);
        }
        Reply::Answer(status, headers, body) => {
            let lines = headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}\r\n"));
            let lines: String = lines.collect();
            let size = body.len();
            let text = format!(
                "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {size}\r\n{lines}\r\n{body}"
            );
            // Who went away does not want it.
            let _ = stream.write_all(text.as_bytes());
        }
    }
}
