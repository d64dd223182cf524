//! Whom a registry of images opens for: everybody, or whoever has a login, with a token or without.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::super::answer::Answer;
use super::super::request::Request;
use super::{digits, fault};

/// For whom images and charts are served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Opens {
    /// Everybody.
    #[default]
    Freely,
    /// Whoever has a token, which a name and a password get.
    ByToken {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// Whoever has this name and password.
    ByLogin {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
}

/// Returns a refusal where a request may not come in.
pub(in super::super) fn opened(opens: &Opens, request: &Request, parts: &[&str]) -> Option<Answer> {
    let (wanted, challenge) = match opens {
        Opens::Freely => return None,
        Opens::ByToken { user, password } => {
            let name = parts.split(|it| matches!(*it, "manifests" | "blobs" | "tags"));
            let name = name.into_iter().next().unwrap_or_default().join("/");
            let (token, realm) = (granted(user, password), request.base());
            let scope = match name.as_str() {
                "" => String::new(),
                name => format!(",scope=\"repository:{name}:pull,push\""),
            };
            let says = format!("Bearer realm=\"{realm}/token\",service=\"cascade\"{scope}");
            (format!("Bearer {token}"), says)
        }
        Opens::ByLogin { user, password } => {
            (basic(user, password), "Basic realm=\"cascade\"".to_owned())
        }
    };
    if request.header("authorization") == Some(wanted.as_str()) {
        return None;
    }
    Some(fault(401, "UNAUTHORIZED").with("WWW-Authenticate", challenge))
}

/// Returns the answer to a request for a token.
pub(in super::super) fn answer(opens: &Opens, request: &Request) -> Answer {
    let Opens::ByToken { user, password } = opens else {
        return Answer::missing();
    };
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let field = |name: &str| form.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
    let is_known = match request.method.as_str() {
        "GET" => request.header("authorization") == Some(basic(user, password).as_str()),
        "POST" => {
            let refresh = field("refresh_token") == Some(password.as_str());
            let login = field("username") == Some(user.as_str());
            refresh || (login && field("password") == Some(password.as_str()))
        }
        _ => false,
    };
    if !is_known {
        return fault(401, "UNAUTHORIZED");
    }
    let token = granted(user, password);
    Answer::json(
        200,
        &json!({ "token": token, "access_token": token, "expires_in": 300 }),
    )
}

fn granted(user: &str, password: &str) -> String {
    digits(format!("{user}\n{password}").as_bytes())
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
