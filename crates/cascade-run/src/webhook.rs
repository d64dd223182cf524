//! A webhook: told once, again where nobody knows whether it heard, under a name by which it can drop
//! what it has.
//!
//! Invariant: the address may be a secret, so that nothing but its host is ever told.

use url::Url;

use crate::Environment;
use crate::registry::{Http, Message, Method, Repeat, is_loopback, place};

#[cfg(test)]
mod tests;

/// Somebody who is told by HTTP.
pub struct Webhook {
    url: Url,
    http: Http,
}

/// Why a webhook was not told, or nobody knows whether it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The address is none.
    #[error("the address of the webhook can not be used: {0}")]
    Address(String),
    /// It does not take it.
    #[error("the webhook on `{host}` does not take it: it answers {status}")]
    Refused {
        /// Its host.
        host: String,
        /// The status that it answers with.
        status: u16,
    },
    /// It did not answer.
    #[error("the webhook on `{host}` was not heard: {why}")]
    Unheard {
        /// Its host.
        host: String,
        /// Why.
        why: String,
    },
}

impl Webhook {
    /// Returns the way to a webhook.
    ///
    /// # Errors
    /// When the address can not be used.
    pub fn new(environment: &Environment, address: &str) -> Result<Self, WebhookError> {
        let url = spoken_to(address).map_err(WebhookError::Address)?;
        Ok(Self {
            url,
            http: Http::new(environment),
        })
    }

    /// Returns its address in one form, for the name that it is remembered by.
    pub fn address(&self) -> &str {
        self.url.as_str()
    }

    /// Returns its host, which may be told.
    pub fn host(&self) -> String {
        place(&self.url)
    }

    /// Tells it this JSON. The same change has the same key, so that who heard it already can tell.
    ///
    /// # Errors
    /// When it does not take it, or is not heard.
    pub fn tell(&self, json: &str, key: &str) -> Result<(), WebhookError> {
        let message = Message {
            method: Method::Post,
            url: self.url.clone(),
            headers: &[("Accept", "*/*"), ("Idempotency-Key", key)],
            login: None,
            body: Some(json.as_bytes()),
        };
        let unheard = |why: String| WebhookError::Unheard {
            host: self.host(),
            why,
        };
        match self.http.send(&message, Repeat::Safe) {
            Ok(answer) if answer.is_done() => Ok(()),
            Ok(answer) if answer.status >= 500 || matches!(answer.status, 408 | 425 | 429) => {
                Err(unheard(format!("it answers {}", answer.status)))
            }
            Ok(answer) => Err(WebhookError::Refused {
                host: self.host(),
                status: answer.status,
            }),
            Err(error) => Err(unheard(error.why().to_owned())),
        }
    }
}

/// Returns the address of a server that may be spoken to.
///
/// # Errors
/// When it is none, or nobody signs for it, in words.
pub(crate) fn spoken_to(address: &str) -> Result<Url, String> {
    let url = Url::parse(address.trim()).map_err(|_| "it is no address".to_owned())?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err("it is spoken to in plain text: say `https://`".to_owned()),
        _ => Err("it is neither `https://` nor `http://`".to_owned()),
    }
}
